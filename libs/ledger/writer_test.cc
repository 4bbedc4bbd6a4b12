// The ledger with its thread: many submit and read while it writes, and while
// it stops. What matters here most is that ThreadSanitizer runs it.
#include <gtest/gtest.h>

#include <thread>

#include "libs/base/clock.h"
#include "libs/ledger/ledger.h"
#include "tests/support/eventually.h"
#include "tests/support/postgres.h"
#include "tests/support/tempdir.h"

namespace seawall::ledger {
namespace {

constexpr int kSubmitters = 4;
constexpr int kWritesEach = 300;

// What became of one write.
struct Answered {
  std::atomic<int> times = 0;
  std::string reason;  // written before `times`
};

class LedgerWriterTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    store::DatabaseSettings settings;
    settings.address = "sqlite:" + folder_.File("ledger.db");
    if (GetParam() == store::Engine::kPostgres) {
      settings.address = support::Postgres::Shared().NewDatabase().value();
    }
    settings.patience = support::kStorePatience;
    database_ = store::Database::Open(settings).value();
    ASSERT_TRUE(database_->Migrate(Ledger::Migrations()));
    LedgerSettings small;
    small.queue_limit = 32;
    small.batch_limit = 8;
    small.batch_rows = 10;
    ledger_ = std::make_unique<Ledger>(
        Parts{*database_, sealer_, clock_, metrics_, "test"}, small);
  }

  void Submit(int i) {
    Write write;
    write.area = i % 2 ? "blackpool" : "lancashire";
    write.access = {{"police", "push", "referrer", ""}, "test/Record"};
    write.request_id = "r-" + std::to_string(i);
    write.request_hash = "h";
    write.priority = i % 7 == 0;
    write.work = [](Unit& unit) -> Result<std::string> {
      unit.Record(Event{"test.Recorded", "body", unit.now()});
      return std::string("done");
    };
    write.done = [this, i](Result<std::string> answer, bool) {
      answered_[i].reason = answer ? "OK" : answer.error().reason;
      if (answer) stored_++;
      answered_[i].times++;
    };
    ledger_->Submit(std::move(write));
  }

  std::vector<std::thread> StartSubmitters() {
    std::vector<std::thread> threads;
    for (int n = 0; n < kSubmitters; n++) {
      threads.emplace_back([this, n] {
        for (int i = 0; i < kWritesEach; i++) Submit(n * kWritesEach + i);
      });
    }
    return threads;
  }

  std::int64_t Recorded(const std::string& area) {
    store::Reader reader = database_->Read().value();
    return ReadHead(reader, area).value().position;
  }

  support::TemporaryFolder folder_;
  seal::Sealer sealer_ = seal::Sealer::FromSecret(std::string(32, 'k'));
  SystemClock clock_;
  metrics::Registry metrics_;
  std::unique_ptr<store::Database> database_;
  std::vector<Answered> answered_{kSubmitters * kWritesEach};
  std::atomic<int> stored_ = 0;
  // Last, because stopping it answers what is still queued.
  std::unique_ptr<Ledger> ledger_;
};

TEST_P(LedgerWriterTest, StoppingInTheMidstAnswersEachWriteOnceAndTruly) {
  std::atomic<int> told = 0;
  ledger_->OnCommit([&](const std::vector<std::string>& areas) {
    told += static_cast<int>(areas.size());
  });
  ledger_->Start();
  std::vector<std::thread> submitters = StartSubmitters();
  ASSERT_TRUE(support::Eventually([&] { return stored_ >= 20; }));
  EXPECT_GE(Recorded("blackpool") + Recorded("lancashire"), 1);
  ledger_->Stop();
  for (std::thread& thread : submitters) thread.join();

  int stored = 0;
  for (const Answered& answered : answered_) {
    EXPECT_EQ(answered.times, 1);
    if (answered.reason == "OK") stored++;
    EXPECT_TRUE(answered.reason == "OK" || answered.reason == "QUEUE_FULL" ||
                answered.reason == "STOPPING")
        << answered.reason;
  }
  EXPECT_EQ(Recorded("blackpool") + Recorded("lancashire"), stored);
  EXPECT_GE(told, 1);
  EXPECT_EQ(ledger_->queued(), 0u);
}

TEST_P(LedgerWriterTest, ReadersSeeTheJournalGrowWithoutGaps) {
  ledger_->Start();
  std::vector<std::thread> submitters = StartSubmitters();
  std::atomic<bool> written = false;
  std::thread reader([&] {
    std::int64_t seen = 0;
    bool last = false;
    while (!last) {
      last = written;
      store::Reader reader = database_->Read().value();
      const auto events =
          ReadJournal(reader, "blackpool", seen, 10'000).value();
      for (const auto& event : events) EXPECT_EQ(event.position, ++seen);
    }
    EXPECT_GE(seen, 1);
  });
  for (std::thread& thread : submitters) thread.join();
  ledger_->Stop();
  written = true;
  reader.join();
}

INSTANTIATE_TEST_SUITE_P(Engines, LedgerWriterTest,
                         testing::Values(store::Engine::kSqlite,
                                         store::Engine::kPostgres),
                         [](const auto& info) {
                           return info.param == store::Engine::kSqlite
                                      ? "Sqlite"
                                      : "Postgres";
                         });

}  // namespace
}  // namespace seawall::ledger
