#include "libs/store/derived.h"

#include <chrono>
#include <thread>

namespace seawall::store {
namespace {

Result<bool> IsMade(Session& writer, const Derivation& derivation) {
  return Try([&] {
    int made = 0;
    writer.sql() << "select count(*) from derived where name = :name and rules "
                    "= :rules",
        soci::use(derivation.name), soci::use(derivation.rules),
        soci::into(made);
    return made != 0;
  });
}

Result<void> Note(Session& writer, const Derivation& derivation) {
  TRY_VOID(writer.Begin());
  const auto noted = Try([&] {
    writer.sql() << "delete from derived where name = :name",
        soci::use(derivation.name);
    writer.sql() << "insert into derived (name, rules) values (:name, :rules)",
        soci::use(derivation.name), soci::use(derivation.rules);
  });
  if (!noted) {
    writer.Rollback();
    return noted;
  }
  return writer.Commit();
}

// One process at a time: a second one finds what the first has made. SQLite has
// one process alone. The lock ends with the connection.
class MakingAlone {
 public:
  explicit MakingAlone(Session& writer) : writer_(writer) {}
  MakingAlone(const MakingAlone&) = delete;
  MakingAlone& operator=(const MakingAlone&) = delete;
  ~MakingAlone() {
    if (locked_) static_cast<void>(Call("pg_advisory_unlock"));
  }
  Result<void> Lock() {
    if (writer_.engine() != Engine::kPostgres) return {};
    while (!locked_) {
      TRY(locked_, Call("pg_try_advisory_lock"));
      if (!locked_) std::this_thread::sleep_for(kPoll);
    }
    return {};
  }

 private:
  static constexpr std::chrono::milliseconds kPoll{100};

  Result<bool> Call(const std::string& function) {
    return Try([&] {
      int done = 0;
      writer_.sql() << "select case when " + function +
                           "(hashtext('seawall derived')) then 1 else 0 end",
          soci::into(done);
      return done == 1;
    });
  }

  Session& writer_;
  bool locked_ = false;
};

}  // namespace

const char kCreateDerived[] = R"sql(
create table derived (
  name text not null primary key,
  rules text not null
))sql";

Result<void> Derive(Session& writer, const std::vector<Derivation>& all) {
  MakingAlone alone(writer);
  TRY_VOID(alone.Lock());
  for (const Derivation& one : all) {
    TRY(const bool made, IsMade(writer, one));
    if (made) continue;
    TRY_VOID(one.make(writer));
    TRY_VOID(Note(writer, one));
  }
  return {};
}

}  // namespace seawall::store
