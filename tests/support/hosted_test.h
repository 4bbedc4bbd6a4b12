// HostedTest: a service over a real ledger, a real store (SQLite, PostgreSQL)
// and counters, without grpc: handlers are called through the methods they
// bind, as the Gate would, and batches are run by hand. What the tests of every
// service stand on; a service adds its own parts (services/*/test_service.h).
#pragma once

#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "libs/counters/memory.h"
#include "libs/counters/projector.h"
#include "libs/ledger/ledger.h"
#include "libs/rpc/methods.h"
#include "libs/seal/seal.h"
#include "tests/support/eventually.h"
#include "tests/support/postgres.h"
#include "tests/support/tempdir.h"

namespace seawall::support {

class HostedTest : public testing::TestWithParam<store::Engine> {
 protected:
  explicit HostedTest(const char* now) : clock_(ParseInstant(now).value()) {}

  // First of all: records with the ledger's tables and those of `migrations`.
  void Open(const std::string& name, std::vector<store::Migration> migrations) {
    name_ = name;
    std::string address = "sqlite:" + folder_.File(name + ".db");
    if (GetParam() == store::Engine::kPostgres) {
      address = Postgres::Shared().NewDatabase().value();
    }
    database_ =
        store::Database::Open({.address = address, .patience = kStorePatience})
            .value();
    auto all = ledger::Ledger::Migrations();
    all.insert(all.end(), migrations.begin(), migrations.end());
    if (const auto migrated = database_->Migrate(all); !migrated) {
      throw std::runtime_error(migrated.error().message);
    }
    ledger_ = std::make_unique<ledger::Ledger>(
        ledger::Parts{*database_, sealer_, clock_, metrics_, name},
        // Tests set the clock to go to another day.
        ledger::LedgerSettings{.clock_gain = std::chrono::hours(24 * 36'500)});
  }
  // Last of all: the service's figures.
  void CountBy(counters::Definitions definitions) {
    definitions_ = std::move(definitions);
    projector_ =
        std::make_unique<counters::Projector>(counters::Projector::Parts{
            *database_, counters_, definitions_, metrics_, name_});
  }

  // ---- calling ----

  // `method` is the last part of a name that was bound.
  rpc::Call CallOf(const std::string& method, const rpc::Caller& caller) const {
    rpc::Call call;
    call.caller = caller;
    call.area = area_;
    for (const auto& [name, bound] : methods_.all()) {
      if (name.ends_with("/" + method)) call.method = name;
    }
    return call;
  }

  // Runs a write method as the Gate and the ledger would.
  template <class Response, class Request>
  Result<Response> Write(const rpc::Caller& caller, const std::string& method,
                         Request request) {
    request.set_area(area_);
    if (request.request_id().empty()) {
      request.set_request_id("r-" + std::to_string(++requests_));
    }
    const rpc::Call call = CallOf(method, caller);
    TRY(ledger::Work work,
        methods_.all().at(call.method).prepare(call, request));
    Result<std::string> bytes = std::string();
    ledger::Write write;
    write.area = area_;
    write.access = {caller.actor(), call.method};
    write.request_id = request.request_id();
    write.request_hash = "h";
    write.work = std::move(work);
    write.done = [&](Result<std::string> answer, bool) {
      bytes = std::move(answer);
    };
    ledger_->Submit(std::move(write));
    while (ledger_->RunBatch() > 0) {
    }
    if (!bytes) {
      // Our own rows never collide, and our SQL is right.
      if (!store_may_refuse_) {
        EXPECT_NE(bytes.error().reason, "STORE_REFUSED")
            << method << ": " << bytes.error().message;
      }
      EXPECT_NE(bytes.error().reason, "STORE_MISUSED")
          << method << ": " << bytes.error().message;
      return bytes.error();
    }
    Response response;
    response.ParseFromString(*bytes);
    return response;
  }

  template <class Response, class Request>
  Result<Response> Ask(const rpc::Caller& caller, const std::string& method,
                       Request request) {
    request.set_area(area_);
    const rpc::Call call = CallOf(method, caller);
    TRY(const std::string bytes,
        methods_.all().at(call.method).ask(call, request));
    Response response;
    response.ParseFromString(bytes);
    return response;
  }

  // A read of a person, as the Gate would after purpose and lawful basis.
  template <class Response, class Request>
  Result<Response> Read(const rpc::Caller& caller, const std::string& method,
                        Request request) {
    request.set_area(area_);
    const rpc::Call call = CallOf(method, caller);
    TRY(store::Reader reader, database_->Read());
    const rpc::Grant grant("PURPOSE_SAFEGUARDING", "PUBLIC_TASK");
    rpc::Reading reading(call, reader, &grant);
    TRY(const std::string bytes,
        methods_.all().at(call.method).read(reading, request));
    Response response;
    response.ParseFromString(bytes);
    return response;
  }

  // ---- what is there then ----

  long long Count(const std::string& table) {
    store::Reader reader = database_->Read().value();
    long long count = -1;
    reader.sql() << "select count(*) from " + table, soci::into(count);
    return count;
  }
  void Project() {
    while (projector_->Step(area_).value()) {
    }
  }
  std::int64_t Counter(const std::string& name) {
    Project();
    return projector_->Read(area_, {name}).value().values[0];
  }
  counters::Drift Drift() {
    Project();
    return projector_->Verify(area_, std::chrono::seconds(30)).value();
  }

  // Counting the journal up to a position gives what the records say of it.
  void CheckAsKnownThen() {
    store::Reader reader = database_->Read(true).value();
    const auto journal = ledger::ReadJournal(reader, area_, 0, 100'000).value();
    counters::Increments counted;
    for (const ledger::Recorded& event : journal) {
      definitions_.count(event, counted);
      if (event.position % 97 != 0) continue;
      const auto recorded =
          definitions_.records(reader, {area_, event.position}).value();
      for (const auto& [name, value] : counted) {
        const auto found = recorded.find(name);
        ASSERT_EQ(found == recorded.end() ? 0 : found->second, value)
            << name << " at " << event.position;
      }
    }
  }

  TemporaryFolder folder_;
  std::string area_ = "blackpool";
  FakeClock clock_;
  seal::Sealer sealer_ = seal::Sealer::FromSecret(std::string(32, 'k'));
  RandomIds ids_{clock_};
  metrics::Registry metrics_;
  counters::Definitions definitions_;
  counters::MemoryCounters counters_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  rpc::Methods methods_;
  std::unique_ptr<counters::Projector> projector_;
  int requests_ = 0;
  bool store_may_refuse_ = false;

 private:
  std::string name_;
};

inline std::string EngineName(
    const testing::TestParamInfo<store::Engine>& info) {
  return info.param == store::Engine::kSqlite ? "Sqlite" : "Postgres";
}

// For INSTANTIATE_TEST_SUITE_P.
inline auto BothEngines() {
  return testing::Values(store::Engine::kSqlite, store::Engine::kPostgres);
}

}  // namespace seawall::support
