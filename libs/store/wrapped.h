// SOCI's backends with a statement of our own around each of theirs, so that
// what was prepared once can be used again. Their classes cannot be derived
// from (Debian hides their symbols), but whatever is virtual can be passed on.
// For libs/store alone.
#pragma once

#include <soci/soci.h>

#include <functional>
#include <memory>
#include <string>

namespace seawall::store {

// Kept prepared on a connection; more than these are prepared each time.
inline constexpr std::size_t kMostKept = 200;

// Passes everything on; an engine replaces `prepare`.
class WrappedStatement : public soci::details::statement_backend {
 public:
  explicit WrappedStatement(soci::details::statement_backend* inner)
      : inner_(inner) {}

  void alloc() override { inner_->alloc(); }
  void clean_up() override { inner_->clean_up(); }
  exec_fetch_result execute(int number) override {
    return inner_->execute(number);
  }
  exec_fetch_result fetch(int number) override { return inner_->fetch(number); }
  long long get_affected_rows() override { return inner_->get_affected_rows(); }
  int get_number_of_rows() override { return inner_->get_number_of_rows(); }
  std::string get_parameter_name(int index) const override {
    return inner_->get_parameter_name(index);
  }
  std::string rewrite_for_procedure_call(const std::string& query) override {
    return inner_->rewrite_for_procedure_call(query);
  }
  int prepare_for_describe() override { return inner_->prepare_for_describe(); }
  void describe_column(int column, soci::data_type& type,
                       std::string& name) override {
    inner_->describe_column(column, type, name);
  }
  soci::details::standard_into_type_backend* make_into_type_backend() override {
    return inner_->make_into_type_backend();
  }
  soci::details::standard_use_type_backend* make_use_type_backend() override {
    return inner_->make_use_type_backend();
  }
  soci::details::vector_into_type_backend* make_vector_into_type_backend()
      override {
    return inner_->make_vector_into_type_backend();
  }
  soci::details::vector_use_type_backend* make_vector_use_type_backend()
      override {
    return inner_->make_vector_use_type_backend();
  }

 protected:
  const std::unique_ptr<soci::details::statement_backend> inner_;
};

// `Statement` is made of SOCI's statement and what the connection keeps; `Kept`
// is made of SOCI's session.
template <class Kept, class Statement>
class WrappedSession : public soci::details::session_backend {
 public:
  explicit WrappedSession(soci::details::session_backend* inner)
      : inner_(inner), kept_(*inner) {}

  bool is_connected() override { return inner_->is_connected(); }
  void begin() override { inner_->begin(); }
  void commit() override { inner_->commit(); }
  void rollback() override { inner_->rollback(); }
  std::string get_dummy_from_table() const override {
    return inner_->get_dummy_from_table();
  }
  std::string get_backend_name() const override {
    return inner_->get_backend_name();
  }
  Statement* make_statement_backend() override {
    return new Statement(inner_->make_statement_backend(), kept_);
  }
  soci::details::rowid_backend* make_rowid_backend() override {
    return inner_->make_rowid_backend();
  }
  soci::details::blob_backend* make_blob_backend() override {
    return inner_->make_blob_backend();
  }

  Kept& kept() { return kept_; }

  // What a soci::session is opened with.
  class Factory : public soci::backend_factory {
   public:
    explicit Factory(const soci::backend_factory& inner) : inner_(inner) {}
    WrappedSession* make_session(
        const soci::connection_parameters& parameters) const override {
      return new WrappedSession(inner_.make_session(parameters));
    }

   private:
    const soci::backend_factory& inner_;
  };

 private:
  const std::unique_ptr<soci::details::session_backend> inner_;
  Kept kept_;  // goes before the connection
};

}  // namespace seawall::store
