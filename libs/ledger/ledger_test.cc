// The ledger's promises, on SQLite and on PostgreSQL alike. Batches are run by
// hand, so that nothing depends on threads.
#include "libs/ledger/ledger.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "libs/base/clock.h"
#include "tests/support/eventually.h"
#include "tests/support/postgres.h"
#include "tests/support/tempdir.h"

namespace seawall::ledger {

// Statements that Records cannot say: those that fail.
class Connection {
 public:
  static Result<store::Session*> Of(Unit& unit) { return unit.Direct(); }
};

namespace {

struct Thing {
  std::string name;
};
const auto kThings = store::Listed<&Thing::name>("things");
const auto kNoTable = store::Listed<&Thing::name>("no_table");

const store::Migration kThingsSchema = {
    100, "things",
    "create table things (area text not null, name text not null, "
    "primary key (area, name));"};

constexpr Instant kNoon{std::chrono::hours(24 * 17000 + 12)};

class LedgerTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    address_ = "sqlite:" + folder_.File("ledger.db");
    if (GetParam() == store::Engine::kPostgres) {
      address_ = support::Postgres::Shared().NewDatabase().value();
    }
    database_ = store::Database::Open(
                    {.address = address_, .patience = support::kStorePatience})
                    .value();
    auto migrations = Ledger::Migrations();
    migrations.push_back(kThingsSchema);
    ASSERT_TRUE(database_->Migrate(migrations));
    Open({});
  }

  void Open(LedgerSettings settings) {
    ledger_ = std::make_unique<Ledger>(
        Parts{*database_, sealer_, clock_, metrics_, "test"}, settings);
  }

  // A unit that inserts `name`, records an event and answers `name`.
  Write Insert(const std::string& name, const std::string& request_id,
               const std::string& hash = "h") {
    Write write;
    write.area = "blackpool";
    write.access = {{"police", "push", "referrer", ""}, "test/Insert"};
    write.request_id = request_id;
    write.request_hash = hash;
    write.work = [name](Unit& unit) -> Result<std::string> {
      unit.Records().Insert(kThings, {name});
      unit.Record(Event{"test.Inserted", name, unit.now()});
      unit.Touched(name);
      return name;
    };
    return write;
  }

  // Queues a write; its answer appears in answers_ in the order of queueing.
  void Submit(Write write) {
    const std::size_t i = answers_.size();
    answers_.emplace_back(Error{Code::kInternal, "UNANSWERED", ""});
    replayed_.push_back(false);
    write.done = [this, i](Result<std::string> answer, bool replayed) {
      answers_[i] = std::move(answer);
      replayed_[i] = replayed;
    };
    ledger_->Submit(std::move(write));
  }
  void Run() {
    while (ledger_->RunBatch() > 0) {
    }
  }

  long long Count(const std::string& table) {
    store::Reader reader = database_->Read().value();
    long long count = -1;
    reader.sql() << "select count(*) from " + table, soci::into(count);
    return count;
  }
  std::vector<Recorded> Journal(const std::string& area = "blackpool") {
    store::Reader reader = database_->Read().value();
    return ReadJournal(reader, area, 0, 1000).value();
  }

  support::TemporaryFolder folder_;
  std::string address_;
  seal::Sealer sealer_ = seal::Sealer::FromSecret(std::string(32, 'k'));
  FakeClock clock_{kNoon};
  metrics::Registry metrics_;
  std::unique_ptr<store::Database> database_;
  std::vector<Result<std::string>> answers_;
  std::vector<bool> replayed_;
  // Last, because stopping it answers what is still queued.
  std::unique_ptr<Ledger> ledger_;
};

// Two processes may write into one PostgreSQL.
class SharedLedgerTest : public LedgerTest {};

TEST_P(LedgerTest, ManyUnitsShareOneCommitWithDensePositions) {
  for (int i = 0; i < 20; i++) {
    Submit(Insert("thing-" + std::to_string(i), "r-" + std::to_string(i)));
  }
  EXPECT_EQ(ledger_->RunBatch(), 20u);
  for (const auto& answer : answers_) EXPECT_TRUE(answer.has_value());
  const auto journal = Journal();
  ASSERT_EQ(journal.size(), 20u);
  for (int i = 0; i < 20; i++) {
    EXPECT_EQ(journal[i].position, i + 1);
    EXPECT_EQ(journal[i].body, "thing-" + std::to_string(i));
  }
  EXPECT_EQ(Count("things"), 20);
}

TEST_P(LedgerTest, ARepeatGetsTheFirstAnswerAndChangesNothing) {
  Submit(Insert("one", "r-1"));
  Run();
  Submit(Insert("two", "r-1"));
  Run();
  EXPECT_EQ(answers_[1].value(), "one");
  EXPECT_TRUE(replayed_[1]);
  EXPECT_EQ(Count("things"), 1);
  EXPECT_EQ(Journal().size(), 1u);
}

TEST_P(LedgerTest, ARepeatWithinOneBatchGetsTheFirstAnswer) {
  for (int i = 0; i < 64; i++) Submit(Insert("one", "r-1"));
  EXPECT_EQ(ledger_->RunBatch(), 64u);
  for (const auto& answer : answers_) EXPECT_EQ(answer.value(), "one");
  EXPECT_EQ(std::count(replayed_.begin(), replayed_.end(), false), 1);
  EXPECT_EQ(Count("things"), 1);
}

TEST_P(LedgerTest, ARepeatWithOtherContentIsRefused) {
  Submit(Insert("one", "r-1", "hash-a"));
  Submit(Insert("two", "r-1", "hash-b"));
  Run();
  EXPECT_TRUE(answers_[0]);
  ASSERT_FALSE(answers_[1]);
  EXPECT_EQ(answers_[1].error().reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("things"), 1);
}

// Keys were changed between the first request and its repeat.
TEST_P(LedgerTest, ARepeatIsKnownByItsHashUnderAnOlderKey) {
  Submit(Insert("one", "r-1", "old-key"));
  Run();
  Write repeat = Insert("one", "r-1", "new-key");
  repeat.older_hashes = {"middle-key", "old-key"};
  Submit(std::move(repeat));
  Write other = Insert("two", "r-1", "new-key-of-two");
  other.older_hashes = {"old-key-of-two"};
  Submit(std::move(other));
  Run();
  EXPECT_EQ(answers_[1].value(), "one");
  EXPECT_TRUE(replayed_[1]);
  ASSERT_FALSE(answers_[2]);
  EXPECT_EQ(answers_[2].error().reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("things"), 1);
}

TEST_P(LedgerTest, TheSameRequestIdOfAnotherAgencyIsAnotherRequest) {
  Submit(Insert("one", "r-1"));
  Write other = Insert("two", "r-1");
  other.access.actor.agency = "hospital";
  Submit(std::move(other));
  Run();
  EXPECT_EQ(answers_[1].value(), "two");
  EXPECT_EQ(Count("things"), 2);
}

TEST_P(LedgerTest, AUnitThatFailsLeavesNothingButItsAccessEntry) {
  Submit(Insert("one", "r-1"));
  Write failing = Insert("two", "r-2");
  failing.work = [](Unit& unit) -> Result<std::string> {
    unit.Records().Insert(kThings, {"two"});
    unit.Record(Event{"test.Inserted", "two", unit.now()});
    return Error{Code::kNotFound, "NOT_THERE", "no"};
  };
  Submit(std::move(failing));
  Submit(Insert("three", "r-3"));
  EXPECT_EQ(ledger_->RunBatch(), 3u);
  EXPECT_EQ(answers_[1].error().reason, "NOT_THERE");
  EXPECT_EQ(Count("things"), 2);
  const auto journal = Journal();
  ASSERT_EQ(journal.size(), 2u);
  EXPECT_EQ(journal[1].position, 2);
  EXPECT_EQ(journal[1].body, "three");
  store::Reader reader = database_->Read().value();
  const auto access =
      ReadAccess(reader, sealer_, {"blackpool", 0, 10, ""}).value();
  ASSERT_EQ(access.size(), 3u);
  EXPECT_EQ(access[1].access.outcome, "NOT_THERE");
}

// The failed request stored no answer: sent again, it is done.
TEST_P(LedgerTest, AFailureIsNotRemembered) {
  Write failing = Insert("one", "r-1");
  failing.work = [](Unit&) -> Result<std::string> {
    return Error{Code::kFailedPrecondition, "NOT_YET", "no"};
  };
  Submit(std::move(failing));
  Run();
  Submit(Insert("one", "r-1"));
  Run();
  EXPECT_EQ(answers_[1].value(), "one");
  EXPECT_FALSE(replayed_[1]);
}

TEST_P(LedgerTest, AUnitUsingTheConnectionIsUndoneAlone) {
  Submit(Insert("one", "r-1"));
  Write failing = Insert("two", "r-2");
  failing.work = [](Unit& unit) -> Result<std::string> {
    unit.Records().Insert(kThings, {"two"});
    auto session = Connection::Of(unit).value();
    session->sql() << "insert into things (area, name) values ('x', 'direct')";
    unit.Records().Insert(kThings, {"staged later"});
    long long seen = 0;
    Connection::Of(unit).value()->sql() << "select count(*) from things",
        soci::into(seen);
    EXPECT_EQ(seen, 4);
    return Error{Code::kAborted, "GAVE_UP", "no"};
  };
  Submit(std::move(failing));
  Submit(Insert("three", "r-3"));
  EXPECT_EQ(ledger_->RunBatch(), 3u);
  EXPECT_TRUE(answers_[0]);
  EXPECT_FALSE(answers_[1]);
  EXPECT_TRUE(answers_[2]);
  EXPECT_EQ(Count("things"), 2);
}

TEST_P(LedgerTest, AUnitSeesWhatItAndEarlierOnesDidAndIsUndoneAlone) {
  const auto looks = [](std::int64_t expected, bool fails) {
    return [=](Unit& unit) -> Result<std::string> {
      store::Records& records = unit.Records();
      const auto all = store::IsNot<&Thing::name>("");
      TRY(const std::int64_t before, records.Count(kThings, all));
      EXPECT_EQ(before, expected);
      records.Insert(kThings, {"own"});
      TRY(const auto own, records.Get(kThings, "own"));
      EXPECT_TRUE(own);
      records.Insert(kThings, {"own later"});
      TRY(const std::int64_t after, records.Count(kThings, all));
      EXPECT_EQ(after, expected + 2);
      if (fails) return Error{Code::kAborted, "GAVE_UP", "no"};
      return std::string("looked");
    };
  };
  Submit(Insert("one", "r-1"));
  Write failing = Insert("two", "r-2");
  failing.work = looks(1, true);
  Submit(std::move(failing));
  Submit(Insert("three", "r-3"));
  Write looking = Insert("four", "r-4");
  looking.work = looks(2, false);
  Submit(std::move(looking));
  EXPECT_EQ(ledger_->RunBatch(), 4u);
  EXPECT_EQ(answers_[1].error().reason, "GAVE_UP");
  ASSERT_TRUE(answers_[3]) << answers_[3].error().reason;
  EXPECT_EQ(Count("things"), 4) << "one, three, and the two of the last";
}

TEST_P(LedgerTest, AUnitMayLookAndThenChangeWhatOthersStaged) {
  Submit(Insert("one", "r-1"));
  for (const bool fails : {true, false}) {
    Write write = Insert("two", fails ? "r-2" : "r-3");
    write.work = [fails](Unit& unit) -> Result<std::string> {
      store::Records& records = unit.Records();
      TRY_VOID(records.Get(kThings, "one"));
      records.Insert(kThings, {fails ? "staged" : "kept"});
      TRY_VOID(records.UpdateAll<&Thing::name>(kThings, {"one!"},
                                               store::Is<&Thing::name>("one")));
      if (fails) return Error{Code::kAborted, "GAVE_UP", "no"};
      return std::string("wrote");
    };
    Submit(std::move(write));
  }
  EXPECT_EQ(ledger_->RunBatch(), 3u);
  EXPECT_EQ(Count("things where name in ('one!', 'kept')"), 2);
  EXPECT_EQ(Count("things"), 2);
}

TEST_P(LedgerTest, AUnitThatThrowsIsUndoneAlone) {
  Submit(Insert("one", "r-1"));
  Write throwing = Insert("two", "r-2");
  throwing.work = [](Unit& unit) -> Result<std::string> {
    unit.Records().Insert(kThings, {"two"});
    throw std::runtime_error("Test-Secret");
  };
  Submit(std::move(throwing));
  // A library's exception in the middle of statements, too.
  Write direct = Insert("three", "r-3");
  direct.work = [](Unit& unit) -> Result<std::string> {
    TRY(store::Session * session, Connection::Of(unit));
    session->sql() << "insert into things (area, name) values ('x', 'three')";
    session->sql() << "select nothing from nowhere";
    return std::string("not reached");
  };
  Submit(std::move(direct));
  Submit(Insert("four", "r-4"));
  EXPECT_EQ(ledger_->RunBatch(), 4u);
  EXPECT_TRUE(answers_[0]);
  for (int i : {1, 2}) {
    ASSERT_FALSE(answers_[i]);
    EXPECT_EQ(answers_[i].error().code, Code::kInternal);
    EXPECT_EQ(answers_[i].error().reason, "INTERNAL");
    EXPECT_EQ(answers_[i].error().message.find("Test-Secret"),
              std::string::npos);
  }
  EXPECT_TRUE(answers_[3]);
  EXPECT_EQ(Count("things"), 2);
  EXPECT_EQ(Journal().size(), 2u);
}

// Rows for a table that is not there are seen only when they are sent.
TEST_P(LedgerTest, AUnitWithAMistakeDoesNotFailItsNeighbours) {
  Submit(Insert("one", "r-1"));
  Write mistaken = Insert("two", "r-2");
  mistaken.work = [](Unit& unit) -> Result<std::string> {
    unit.Records().Insert(kNoTable, {"x"});
    return std::string("two");
  };
  Submit(std::move(mistaken));
  Submit(Insert("three", "r-3"));
  Run();
  EXPECT_TRUE(answers_[0]);
  ASSERT_FALSE(answers_[1]);
  EXPECT_EQ(answers_[1].error().reason, "STORE_MISUSED");
  EXPECT_TRUE(answers_[2]);
  EXPECT_EQ(Count("things"), 2);
}

// Staged rows collide only when they are sent: the store refuses the whole
// batch, and every unit is run again by itself.
TEST_P(LedgerTest, ABatchTheStoreRefusesIsRunOneByOne) {
  Submit(Insert("one", "r-1"));
  Submit(Insert("one", "r-2"));
  Submit(Insert("two", "r-3"));
  Run();
  EXPECT_TRUE(answers_[0]);
  ASSERT_FALSE(answers_[1]);
  EXPECT_EQ(answers_[1].error().reason, "STORE_REFUSED");
  EXPECT_TRUE(answers_[2]);
  EXPECT_EQ(Count("things"), 2);
  const auto journal = Journal();
  ASSERT_EQ(journal.size(), 2u);
  EXPECT_EQ(journal.back().position, 2);
}

// The rows that collide are sent when a later unit asks for the connection.
TEST_P(LedgerTest, ALaterUnitIsNotBlamedForWhatEarlierOnesStaged) {
  Submit(Insert("one", "r-1"));
  Submit(Insert("one", "r-2"));
  Write direct = Insert("two", "r-3");
  direct.work = [](Unit& unit) -> Result<std::string> {
    TRY(store::Session * session, Connection::Of(unit));
    session->sql() << "insert into things (area, name) values ('x', 'y')";
    return std::string("direct");
  };
  Submit(std::move(direct));
  Run();
  EXPECT_TRUE(answers_[0]);
  EXPECT_EQ(answers_[1].error().reason, "STORE_REFUSED");
  ASSERT_TRUE(answers_[2]) << answers_[2].error().reason;
  EXPECT_EQ(Count("things"), 2);
}

// Random, so that PostgreSQL cannot press it below what an index takes.
std::string TooLongForAnIndex() {
  std::mt19937 random(7);
  std::string text;
  for (int i = 0; i < 9000; i++) text += static_cast<char>('!' + random() % 90);
  return text;
}

TEST_P(LedgerTest, AUnitThatTheStoreCannotHoldCostsItselfAlone) {
  Submit(Insert("one", "r-1"));
  Submit(Insert(TooLongForAnIndex(), "r-2"));
  Submit(Insert("three", "r-3"));
  Run();
  EXPECT_TRUE(answers_[0]);
  EXPECT_TRUE(answers_[2]);
  if (GetParam() == store::Engine::kSqlite) return;  // it holds that
  ASSERT_FALSE(answers_[1]);
  EXPECT_EQ(answers_[1].error().reason, "STORE_LIMIT");
  EXPECT_EQ(answers_[1].error().code, Code::kInvalidArgument)
      << "never to be sent again";
  EXPECT_EQ(Journal().size(), 2u);
}

TEST_P(SharedLedgerTest, AUnitThatLosesTheConnectionCostsItselfAlone) {
  Submit(Insert("one", "r-1"));
  Write cut = Insert("two", "r-2");
  cut.work = [](Unit& unit) -> Result<std::string> {
    TRY(store::Session * session, Connection::Of(unit));
    TRY_VOID(store::Try([&] {
      session->sql() << "select pg_terminate_backend(pg_backend_pid())";
    }));
    return std::string("two");
  };
  Submit(std::move(cut));
  Submit(Insert("three", "r-3"));
  Run();
  EXPECT_TRUE(answers_[0]);
  EXPECT_EQ(answers_[1].error().reason, "STORE_UNAVAILABLE");
  EXPECT_TRUE(answers_[2]);
  EXPECT_EQ(Count("things"), 2);
}

TEST_P(SharedLedgerTest, WhatALivingServerCannotDoIsNoLostStore) {
  Submit(Insert("one", "r-1"));
  for (const std::string state : {"XX000", "53200", "58030"}) {
    Write failing = Insert("two", "r-" + state);
    failing.work = [state](Unit& unit) -> Result<std::string> {
      TRY(store::Session * session, Connection::Of(unit));
      TRY_VOID(session->Run("do $$ begin raise exception using errcode = '" +
                            state + "'; end $$"));
      return std::string("two");
    };
    Submit(std::move(failing));
  }
  Submit(Insert("three", "r-3"));
  Run();
  EXPECT_TRUE(answers_[0]);
  for (int i = 1; i < 4; i++) {
    EXPECT_EQ(answers_[i].error().reason, "STORE_FAILED");
  }
  EXPECT_TRUE(answers_[4]);
}

TEST_P(LedgerTest, AClockThatRanAheadRecordsNothingUntilItIsRight) {
  Submit(Insert("one", "r-1"));
  Run();
  clock_.Advance(std::chrono::hours(24));
  EXPECT_TRUE(ledger_->CheckClock()) << "time that passed";
  const Instant right = clock_.Now();
  clock_.Set(right + std::chrono::minutes(6));
  EXPECT_EQ(ledger_->CheckClock().error().reason, "CLOCK_AHEAD");
  Submit(Insert("two", "r-2"));
  Run();
  EXPECT_EQ(answers_[1].error().reason, "CLOCK_AHEAD");
  EXPECT_EQ(answers_[1].error().code, Code::kUnavailable) << "send it again";
  EXPECT_FALSE(ledger_->Purge());
  clock_.Set(right + std::chrono::minutes(4));
  Submit(Insert("two", "r-2"));
  Run();
  EXPECT_TRUE(answers_[2]);
  EXPECT_EQ(Count("things"), 2);
}

TEST_P(LedgerTest, AClockFarAheadOfTheRecordsWaitsForAnOperator) {
  constexpr std::chrono::hours kMost{24 * 60};
  EXPECT_TRUE(CheckClockAtStart(*database_, clock_, kMost)) << "none yet";
  Submit(Insert("one", "r-1"));
  Run();
  EXPECT_TRUE(CheckClockAtStart(*database_, clock_, kMost));
  clock_.Set(kNoon + std::chrono::hours(24 * 61));
  EXPECT_EQ(CheckClockAtStart(*database_, clock_, kMost).error().reason,
            "CLOCK_AHEAD");
  const bool postgres = GetParam() == store::Engine::kPostgres;
  SystemClock today;
  clock_.Set(today.Now() + std::chrono::minutes(4));
  EXPECT_TRUE(CheckClockAtStart(*database_, clock_, kMost * 1000));
  clock_.Set(today.Now() + std::chrono::minutes(7));
  EXPECT_EQ(bool(CheckClockAtStart(*database_, clock_, kMost * 1000)),
            !postgres);
}

TEST_P(LedgerTest, PeopleAreDatedByTheClockWhereRecordedTimesAreAhead) {
  Submit(Insert("one", "r-1"));
  Run();
  clock_.Set(kNoon - std::chrono::hours(24 * 100));
  Write write = Insert("two", "r-2");
  Instant recorded, dated;
  write.work = [&](Unit& unit) -> Result<std::string> {
    recorded = unit.now();
    dated = unit.clock();
    return std::string();
  };
  Submit(std::move(write));
  Run();
  EXPECT_EQ(recorded, kNoon);
  EXPECT_EQ(dated, kNoon - std::chrono::hours(24 * 100));
}

TEST_P(LedgerTest, RecordedTimesNeverGoBack) {
  Submit(Insert("one", "r-1"));
  Run();
  clock_.Set(kNoon - std::chrono::hours(3));
  Submit(Insert("two", "r-2"));
  Run();
  const auto journal = Journal();
  EXPECT_EQ(journal[1].recorded, journal[0].recorded);
}

TEST_P(LedgerTest, AClockBehindRecordedTimesIsShown) {
  const auto shown = [&](const std::string& seconds) {
    return metrics_.Text().find("\nseawall_ledger_clock_behind_seconds " +
                                seconds + "\n") != std::string::npos;
  };
  Submit(Insert("one", "r-1"));
  Run();
  EXPECT_TRUE(shown("0"));
  clock_.Set(kNoon - std::chrono::hours(1));
  Submit(Insert("two", "r-2"));
  Run();
  EXPECT_TRUE(shown("3600"));
  // Another area hides nothing.
  Write other = Insert("one", "r-3");
  other.area = "lancashire";
  Submit(std::move(other));
  Run();
  EXPECT_TRUE(shown("3600"));
  clock_.Set(kNoon + std::chrono::seconds(1));
  Submit(Insert("three", "r-4"));
  Run();
  EXPECT_TRUE(shown("0"));
}

TEST_P(LedgerTest, AreasHavePositionsOfTheirOwn) {
  Submit(Insert("one", "r-1"));
  Write other = Insert("one", "r-1");
  other.area = "lancashire";
  Submit(std::move(other));
  Submit(Insert("two", "r-2"));
  EXPECT_EQ(ledger_->RunBatch(), 3u);
  EXPECT_EQ(Journal("blackpool").size(), 2u);
  ASSERT_EQ(Journal("lancashire").size(), 1u);
  EXPECT_EQ(Journal("lancashire")[0].position, 1);
}

TEST_P(LedgerTest, UrgentEntriesGoBeforeTheQueue) {
  Open({.batch_limit = 1});
  Submit(Insert("bulk", "r-1"));
  Write look;
  look.area = "blackpool";
  look.access = {{"frontdoor", "desk", "hub", "p-1"}, "test/Look", {"C-1"}};
  look.priority = true;
  Submit(std::move(look));
  EXPECT_EQ(ledger_->RunBatch(), 1u);
  EXPECT_TRUE(answers_[1]) << "the access entry waited behind a bulk push";
  EXPECT_FALSE(answers_[0]);
}

TEST_P(LedgerTest, ABatchEndsWithTheUnitThatFillsItAndTheOthersKeepTheirTurn) {
  Open({.batch_rows = 1});
  const auto record = [this](const char* kind) {
    Write write = Insert(kind, kind);
    write.work = [kind](Unit& unit) -> Result<std::string> {
      unit.Record(Event{kind, "", unit.now()});
      return std::string("done");
    };
    return write;
  };
  for (const char* id : {"r-1", "r-2", "r-3"}) Submit(record(id));
  EXPECT_EQ(ledger_->RunBatch(), 1u);
  EXPECT_TRUE(answers_[0]);
  ASSERT_FALSE(answers_[1]);
  EXPECT_EQ(answers_[1].error().reason, "UNANSWERED");
  Submit(record("r-4"));
  Write look = record("urgent");
  look.priority = true;
  Submit(std::move(look));
  EXPECT_EQ(ledger_->RunBatch(), 1u);
  EXPECT_TRUE(answers_[4]) << "what was given back went before a look";
  Run();
  std::vector<std::string> order;
  for (const Recorded& event : Journal()) order.push_back(event.kind);
  EXPECT_EQ(order,
            (std::vector<std::string>{"r-1", "urgent", "r-2", "r-3", "r-4"}));
}

TEST_P(LedgerTest, WhatABatchThatFailedDidNotBeginHasNoPartInIt) {
  Open({.batch_rows = 8});  // an insert is five rows
  Submit(Insert("same", "r-1"));
  Submit(Insert("same", "r-2"));  // the store refuses a second of this name
  Submit(Insert("other", "r-3"));
  EXPECT_EQ(ledger_->RunBatch(), 2u);
  EXPECT_TRUE(answers_[0]);
  ASSERT_FALSE(answers_[1]);
  EXPECT_EQ(answers_[1].error().reason, "STORE_REFUSED");
  ASSERT_FALSE(answers_[2]);
  EXPECT_EQ(answers_[2].error().reason, "UNANSWERED");
  Run();
  EXPECT_TRUE(answers_[2]);
}

TEST_P(LedgerTest, AfterAStatementThatFailedTheNextUnitsAreAsGoodAsAny) {
  const auto direct = [this](const char* id, bool fails) {
    Write write = Insert(id, id);
    write.work = [id, fails](Unit& unit) -> Result<std::string> {
      unit.Records().Insert(kThings, {id});
      TRY(store::Session * session, Connection::Of(unit));
      TRY_VOID(store::Try([&] {
        session->sql() << (fails ? "select no_such_column from things"
                                 : "update things set name = name || '!'");
      }));
      return std::string("done");
    };
    return write;
  };
  Submit(direct("one", false));
  Submit(direct("two", true));
  Submit(direct("three", false));
  Submit(Insert("four", "r-4"));
  EXPECT_EQ(ledger_->RunBatch(), 4u);
  EXPECT_TRUE(answers_[0]);
  EXPECT_FALSE(answers_[1]);
  EXPECT_TRUE(answers_[2]);
  EXPECT_TRUE(answers_[3]);
  EXPECT_EQ(Count("things"), 3);
}

TEST_P(LedgerTest, ABatchEndsWithTheUnitByWhichItHasLastedLongEnough) {
  Open({.batch_time = std::chrono::milliseconds(500)});
  for (const char* id : {"r-1", "r-2", "r-3"}) {
    Write write = Insert(id, id);
    write.work = [this](Unit&) -> Result<std::string> {
      clock_.Advance(std::chrono::milliseconds(250));
      return std::string("done");
    };
    Submit(std::move(write));
  }
  EXPECT_EQ(ledger_->RunBatch(), 2u);
  EXPECT_EQ(ledger_->RunBatch(), 1u);
  EXPECT_EQ(ledger_->RunBatch(), 0u);
}

TEST_P(LedgerTest, SettingTheTimeOfDayEndsNoBatch) {
  for (const char* id : {"r-1", "r-2"}) {
    Write write = Insert(id, id);
    write.work = [this](Unit&) -> Result<std::string> {
      clock_.Set(clock_.Now() - std::chrono::hours(1));
      return std::string("done");
    };
    Submit(std::move(write));
  }
  EXPECT_EQ(ledger_->RunBatch(), 2u);
}

TEST_P(SharedLedgerTest, WaitingForAnotherProcessIsNoPartOfABatchsTime) {
  Submit(Insert("one", "r-1"));  // makes the area's head
  Run();
  const auto other =
      store::Database::Open(
          {.address = address_, .patience = support::kStorePatience})
          .value();
  ASSERT_TRUE(other->writer().Begin());
  other->writer().sql() << "select area from heads for update";
  for (const char* id : {"r-2", "r-3"}) Submit(Insert(id, id));
  std::size_t ran = 0;
  std::thread writer([&] { ran = ledger_->RunBatch(); });
  EXPECT_TRUE(support::Eventually([] {
    return support::Postgres::Shared()
               .Run("select count(*) from pg_locks where not granted")
               .value_or("0\n") != "0\n";
  }));
  clock_.Advance(std::chrono::hours(1));
  other->writer().Rollback();
  writer.join();
  EXPECT_EQ(ran, 2u);
}

TEST_P(LedgerTest, AgenciesHaveTheirTurnsInABatch) {
  Open({.batch_limit = 3});
  for (int i = 0; i < 10; i++) {
    Submit(Insert("p" + std::to_string(i), "p-" + std::to_string(i)));
  }
  Write other = Insert("school", "s-1");
  other.access.actor.agency = "school";
  Submit(std::move(other));
  EXPECT_EQ(ledger_->RunBatch(), 3u);
  EXPECT_TRUE(answers_[10]) << "behind nobody's push";
}

TEST_P(LedgerTest, AFullLineOfOneAgencyRefusesNobodyElse) {
  Open({.queue_limit = 2});
  for (int i = 0; i < 3; i++) Submit(Insert("x", "r-" + std::to_string(i)));
  Write other = Insert("school", "s-1");
  other.access.actor.agency = "school";
  Submit(std::move(other));
  Run();
  EXPECT_EQ(answers_[2].error().reason, "QUEUE_FULL");
  EXPECT_TRUE(answers_[3]);
}

TEST_P(LedgerTest, AFullQueueIsSaidAtOnceWithADelay) {
  Open({.queue_limit = 2});
  for (int i = 0; i < 3; i++) Submit(Insert("x", "r-" + std::to_string(i)));
  ASSERT_FALSE(answers_[2]);
  EXPECT_EQ(answers_[2].error().reason, "QUEUE_FULL");
  EXPECT_GT(answers_[2].error().retry_after.count(), 0);
}

TEST_P(LedgerTest, AUnitPastItsDeadlineIsNotBegun) {
  Write late = Insert("late", "r-1");
  late.deadline = clock_.Steady() + std::chrono::seconds(1);
  Submit(std::move(late));
  clock_.Advance(std::chrono::seconds(2));
  Run();
  EXPECT_EQ(answers_[0].error().reason, "DEADLINE_TOO_SHORT");
  EXPECT_EQ(Count("things"), 0);
}

TEST_P(LedgerTest, AnswersOlderThanTheirTimeGoAndTheRecordStays) {
  Submit(Insert("one", "r-1"));
  Run();
  const auto write = [&](const std::string& id) {
    Submit(Insert(id, id));
    Run();
  };
  clock_.Advance(std::chrono::hours(24 * 89));
  write("young");
  ledger_->Purge();
  EXPECT_EQ(Count("answers"), 2);
  clock_.Advance(std::chrono::hours(24 * 2));
  ledger_->Purge();
  EXPECT_EQ(Count("answers"), 2) << "nothing was recorded that late";
  write("younger");
  clock_.Advance(std::chrono::minutes(1));
  ledger_->Purge();
  EXPECT_EQ(Count("answers"), 2);
  EXPECT_EQ(Count("things"), 3);
}

TEST_P(LedgerTest, AnswersGoAtMostAnHoursWorthAMinute) {
  for (int hour = 0; hour < 5; hour++) {
    Submit(Insert("h" + std::to_string(hour), "h" + std::to_string(hour)));
    Run();
    clock_.Advance(std::chrono::minutes(61));
  }
  clock_.Advance(std::chrono::hours(24 * 200));
  Submit(Insert("young", "young"));
  Run();
  for (int left = 5; left >= 1; left--) {
    while (ledger_->Purge()) {
    }
    ledger_->Purge();
    EXPECT_EQ(Count("answers"), left);
    clock_.Advance(std::chrono::minutes(1));
  }
}

TEST_P(LedgerTest, OldAnswersGoAThousandAtATime) {
  for (int i = 0; i < 1500; i++) {
    Submit(Insert("t" + std::to_string(i), "r" + std::to_string(i)));
    if (i % 256 == 0) Run();
  }
  Run();
  ASSERT_EQ(Count("answers"), 1500);
  clock_.Advance(std::chrono::hours(24 * 91));
  Submit(Insert("young", "r-young"));
  Run();
  EXPECT_TRUE(ledger_->Purge());
  EXPECT_EQ(Count("answers"), 501);
  EXPECT_FALSE(ledger_->Purge());
  EXPECT_EQ(Count("answers"), 1);
  EXPECT_FALSE(ledger_->Purge());
  EXPECT_EQ(Count("answers"), 1);
}

// ---- the chain ----

TEST_P(LedgerTest, AnUntouchedChainVerifies) {
  for (int i = 0; i < 30; i++) {
    Submit(Insert("t" + std::to_string(i), "r" + std::to_string(i)));
    if (i % 7 == 0) Run();
  }
  Run();
  const Verdict verdict =
      VerifyAccess(*database_, sealer_, "blackpool").value();
  EXPECT_EQ(verdict.first_broken, 0) << verdict.finding;
  EXPECT_EQ(verdict.entries, 30);
}

TEST_P(LedgerTest, AnyChangedFieldOfAnEntryIsNamed) {
  for (const char* column :
       {"agency = 'other'", "person = 'p-9'", "action = 'x'", "purpose = 'y'",
        "outcome = 'z'", "subjects = 'C-9'",
        "recorded_time = recorded_time + 1"}) {
    const std::string name = column;
    Submit(Insert("a" + name, "ra" + name));
    Submit(Insert("b" + name, "rb" + name));
    Run();
    const long long entry = Count("access_log");
    store::Session& session = database_->writer();
    ASSERT_TRUE(session.Begin());
    session.sql() << "update access_log set " + name +
                         " where entry = " + std::to_string(entry - 1);
    ASSERT_TRUE(session.Commit());
    const Verdict verdict =
        VerifyAccess(*database_, sealer_, "blackpool").value();
    EXPECT_EQ(verdict.first_broken, entry - 1) << column;
    ASSERT_TRUE(session.Begin());
    session.sql() << "delete from access_log";
    session.sql() << "delete from heads";
    session.sql() << "delete from journal";
    session.sql() << "delete from access_subjects";
    ASSERT_TRUE(session.Commit());
  }
}

TEST_P(LedgerTest, AnEntryThatCannotBeFoundByItsSubjectsIsNamed) {
  for (int i = 1; i <= 5; i++) {
    Submit(Insert("C-" + std::to_string(i), "r" + std::to_string(i)));
  }
  Run();
  const auto first_broken_after = [&](const std::string& change,
                                      const std::string& back) {
    store::Session& session = database_->writer();
    EXPECT_TRUE(session.Begin());
    session.sql() << change;
    EXPECT_TRUE(session.Commit());
    const Verdict verdict =
        VerifyAccess(*database_, sealer_, "blackpool").value();
    EXPECT_TRUE(session.Begin());
    session.sql() << back;
    EXPECT_TRUE(session.Commit());
    return verdict.first_broken;
  };
  const std::string insert =
      "insert into access_subjects (area, subject, entry) values "
      "('blackpool', ";
  EXPECT_EQ(first_broken_after("delete from access_subjects where entry = 4",
                               insert + "'C-4', 4)"),
            4);
  EXPECT_EQ(
      first_broken_after(insert + "'C-9', 2)",
                         "delete from access_subjects where subject = 'C-9'"),
      2);
  EXPECT_EQ(first_broken_after(
                "update access_subjects set subject = 'C-9' where entry = 5",
                "update access_subjects set subject = 'C-5' where entry = 5"),
            5);
  EXPECT_EQ(VerifyAccess(*database_, sealer_, "blackpool").value().first_broken,
            0);
}

TEST_P(LedgerTest, OnlyIdsBecomeSubjects) {
  Write write = Insert("C-1", "r-1");
  write.access.subjects = {"journal:1-500", "Test Name", "", "C-2;",
                           std::string(65, 'C')};
  Submit(std::move(write));
  Run();
  store::Reader reader = database_->Read().value();
  const auto rows =
      ReadAccess(reader, sealer_, {"blackpool", 0, 10, ""}).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].access.subjects,
            (std::vector<std::string>{"journal:1-500", "C-1"}));
  EXPECT_EQ(VerifyAccess(*database_, sealer_, "blackpool").value().first_broken,
            0);
}

TEST_P(LedgerTest, AMissingEntryIsNamed) {
  for (int i = 0; i < 5; i++) {
    Submit(Insert("t" + std::to_string(i), "r" + std::to_string(i)));
  }
  Run();
  store::Session& session = database_->writer();
  ASSERT_TRUE(session.Begin());
  session.sql() << "delete from access_log where entry = 3";
  ASSERT_TRUE(session.Commit());
  EXPECT_EQ(VerifyAccess(*database_, sealer_, "blackpool").value().first_broken,
            3);
}

TEST_P(LedgerTest, ACutTailIsSeenThroughTheHead) {
  for (int i = 0; i < 5; i++) {
    Submit(Insert("t" + std::to_string(i), "r" + std::to_string(i)));
  }
  Run();
  store::Session& session = database_->writer();
  ASSERT_TRUE(session.Begin());
  session.sql() << "delete from access_log where entry = 5";
  ASSERT_TRUE(session.Commit());
  EXPECT_EQ(VerifyAccess(*database_, sealer_, "blackpool").value().first_broken,
            5);
}

// ---- upkeep ----

TEST_P(LedgerTest, UpkeepIsDoneWhenNothingIsQueuedUntilThereIsNoMore) {
  Submit(Insert("one", "r-1"));
  Run();
  std::atomic<int> slices = 0;
  ledger_->OnIdle([&](store::Records& records,
                      std::int64_t position) -> Result<bool> {
    EXPECT_EQ(records.area(), "blackpool");
    EXPECT_EQ(position, 1);
    records.Insert(kThings, {"slice-" + std::to_string(slices)});
    // One that fails leaves nothing, and is tried again.
    if (++slices == 2) {
      return Error{Code::kAborted, "STORE_REFUSED", "Test: it was not right"};
    }
    return slices < 4;
  });
  ledger_->Start();
  EXPECT_TRUE(support::Eventually([&] { return slices >= 4; }));
  ledger_->Stop();
  EXPECT_EQ(Count("things"), slices);  // and `one`, less the one that failed
}

TEST_P(LedgerTest, UpkeepThatFailsInOneAreaIsDoneInTheOthers) {
  Submit(Insert("one", "r-1"));
  Write other = Insert("two", "r-2");
  other.area = "test-area";
  Submit(std::move(other));
  Run();
  std::string done;
  ledger_->OnIdle([&](store::Records& records, std::int64_t) -> Result<bool> {
    if (records.area() == "blackpool") {
      return Error{Code::kAborted, "STORE_REFUSED", "Test: it fails"};
    }
    done += records.area();
    return false;
  });
  EXPECT_FALSE(ledger_->RunUpkeep());
  EXPECT_EQ(done, "test-area");
}

// However much a batch adds to what is to be merged.
TEST_P(LedgerTest, UpkeepHasItsShareOfTheTimeWhereSomethingIsAlwaysQueued) {
  constexpr int kUnits = 400, kInABatch = 8;
  Open({.batch_limit = kInABatch});
  std::atomic<int> slices = 0, stored = 0;
  ledger_->OnIdle([&](store::Records&, std::int64_t) -> Result<bool> {
    if (ledger_->queued() > 0) slices++;
    clock_.Advance(std::chrono::milliseconds(1));
    return true;
  });
  for (int i = 0; i < kUnits; i++) {
    Write write = Insert("thing-" + std::to_string(i), "r" + std::to_string(i));
    write.work = [&, work = std::move(write.work)](Unit& unit) {
      clock_.Advance(std::chrono::milliseconds(5));
      return work(unit);
    };
    write.done = [&](const Result<std::string>&, bool) { stored++; };
    ledger_->Submit(std::move(write));
  }
  ledger_->Start();
  EXPECT_TRUE(support::Eventually([&] { return stored == kUnits; }));
  ledger_->Stop();
  EXPECT_GT(slices, kUnits / kInABatch) << "two a batch of 40 ms";
  EXPECT_LT(slices, 4 * kUnits / kInABatch);
}

// What somebody kept of the log while it was whole.
TEST_P(LedgerTest, ALogThatWasCutIsFoundByWhatIsRemembered) {
  for (int i = 0; i < 9; i++) {
    Submit(Insert("C-" + std::to_string(i), "r" + std::to_string(i)));
  }
  Run();
  const Verdict whole = VerifyAccess(*database_, sealer_, "blackpool").value();
  const auto hash_of = [&](std::int64_t entry) {
    store::Reader reader = database_->Read().value();
    return AccessHash(reader, "blackpool", entry).value();
  };
  const Remembered third{3, hash_of(3)};
  const auto verify = [&] {
    return VerifyAccess(*database_, sealer_, "blackpool", {third, whole.head})
        .value();
  };
  EXPECT_EQ(verify().first_broken, 0) << verify().finding;
  // With its head: the chain is whole in itself.
  store::Session& session = database_->writer();
  const std::string sixth = hash_of(6);
  ASSERT_TRUE(session.Begin());
  session.sql() << "delete from access_log where entry > 6";
  session.sql() << "delete from access_subjects where entry > 6";
  session.sql() << "update heads set access_entries = 6, access_hash = :hash",
      soci::use(sixth);
  ASSERT_TRUE(session.Commit());
  EXPECT_EQ(VerifyAccess(*database_, sealer_, "blackpool").value().first_broken,
            0);
  EXPECT_EQ(verify().first_broken, 7);
  EXPECT_NE(verify().finding.find("cut"), std::string::npos);
  // All of it, and every link anew.
  const std::string none(64, '0');
  ASSERT_TRUE(session.Begin());
  session.sql() << "delete from access_log";
  session.sql() << "delete from access_subjects";
  session.sql() << "update heads set access_entries = 0, access_hash = :hash",
      soci::use(none);
  ASSERT_TRUE(session.Commit());
  EXPECT_EQ(verify().first_broken, 1);
  for (int i = 0; i < 20; i++) {
    Submit(Insert("D-" + std::to_string(i), "s" + std::to_string(i)));
  }
  Run();
  EXPECT_EQ(VerifyAccess(*database_, sealer_, "blackpool").value().first_broken,
            0);
  EXPECT_EQ(verify().first_broken, 3);
}

TEST_P(LedgerTest, AnAreaWithoutAHeadIsIntactUnlessOneIsRemembered) {
  EXPECT_EQ(VerifyAccess(*database_, sealer_, "blackpool").value().first_broken,
            0);
  EXPECT_EQ(VerifyAccess(*database_, sealer_, "blackpool",
                         {{1, std::string(64, 'a')}})
                .value()
                .first_broken,
            1);
}

TEST_P(LedgerTest, OneGarbledPersonHidesNoOtherEntry) {
  for (int i = 0; i < 3; i++) {
    Write write = Insert("C-" + std::to_string(i), "r" + std::to_string(i));
    write.access.actor.person = "p-1/nurse";
    Submit(std::move(write));
  }
  Run();
  store::Session& session = database_->writer();
  ASSERT_TRUE(session.Begin());
  session.sql() << "update access_log set person = '=00000000.AAAA' "
                   "where entry = 2";
  ASSERT_TRUE(session.Commit());
  store::Reader reader = database_->Read().value();
  const auto rows = ReadAccess(reader, sealer_, {"blackpool", 0, 10}).value();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].access.actor.person, "(SEAL_BROKEN)");
  EXPECT_EQ(rows[0].access.actor.person, "p-1/nurse");
}

TEST_P(LedgerTest, ARepeatAndAReusedIdLeaveEntries) {
  Submit(Insert("one", "r-1"));
  Submit(Insert("one", "r-1"));
  Run();
  Submit(Insert("one", "r-1"));
  Submit(Insert("two", "r-1", "other content"));
  Run();
  store::Reader reader = database_->Read().value();
  std::vector<std::string> outcomes;
  const auto rows = ReadAccess(reader, sealer_, {"blackpool", 0, 10}).value();
  for (const AccessRow& row : rows) outcomes.push_back(row.access.outcome);
  EXPECT_EQ(rows[1].access.subjects, std::vector<std::string>{"one"});
  EXPECT_EQ(rows[2].access.subjects, std::vector<std::string>{"one"});
  EXPECT_EQ(outcomes, (std::vector<std::string>{"REQUEST_ID_REUSED", "REPLAYED",
                                                "REPLAYED", "OK"}));
  EXPECT_EQ(VerifyAccess(*database_, sealer_, "blackpool").value().first_broken,
            0);
}

TEST_P(LedgerTest, IdsThatSendersChooseAreNotStoredOpen) {
  Write write = Insert("one", "Test-943-476-5919");
  write.access.actor.person = "Test-943-476-5920/nurse";
  std::string by;
  write.work = [&by, work = write.work](Unit& unit) {
    by = unit.By();
    return work(unit);
  };
  Submit(std::move(write));
  // Another system of the agency may number alike.
  Write other = Insert("two", "Test-943-476-5919", "other content");
  other.access.actor.system = "import";
  Submit(std::move(other));
  Run();
  EXPECT_EQ(answers_[0].value(), "one");
  EXPECT_EQ(answers_[1].value(), "two");
  Submit(Insert("one", "Test-943-476-5919"));
  Run();
  EXPECT_TRUE(replayed_[2]);
  store::Reader reader = database_->Read().value();
  long long open = -1;
  reader.sql() << "select (select count(*) from answers where request like "
                  "'%943%' or answer like '%943-%') + (select count(*) from "
                  "access_log where person like '%943-%')",
      soci::into(open);
  EXPECT_EQ(open, 0);
  EXPECT_EQ(by.find("943-"), std::string::npos);
  EXPECT_EQ(OpenBy(sealer_, by).value(), "police/Test-943-476-5920/nurse");
  const auto rows = ReadAccess(reader, sealer_, {"blackpool", 0, 10}).value();
  EXPECT_EQ(rows.back().access.actor.person, "Test-943-476-5920/nurse");
}

TEST_P(LedgerTest, AccessEntriesAreFoundByWhatTheyAreAbout) {
  Submit(Insert("C-1", "r-1"));
  Submit(Insert("C-2", "r-2"));
  Run();
  store::Reader reader = database_->Read().value();
  const auto rows =
      ReadAccess(reader, sealer_, {"blackpool", 0, 10, "C-1"}).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].access.subjects, std::vector<std::string>{"C-1"});
  EXPECT_EQ(rows[0].access.actor.agency, "police");
}

TEST_P(LedgerTest, ARecordTouchedTwiceIsNamedOnce) {
  Write write = Insert("C-1", "r-1");
  write.work = [](Unit& unit) -> Result<std::string> {
    for (int i = 0; i < 3; i++) unit.Touched("C-1");
    return std::string("done");
  };
  Submit(std::move(write));
  Run();
  EXPECT_TRUE(answers_[0]);
  EXPECT_EQ(Count("access_subjects"), 1);
}

TEST_P(LedgerTest, AnswersLieSealed) {
  Submit(Insert("Test-Canary", "r-1"));
  Run();
  store::Reader reader = database_->Read().value();
  std::string answer;
  reader.sql() << "select answer from answers", soci::into(answer);
  EXPECT_EQ(answer.find("Test-Canary"), std::string::npos);
}

// With its own thread: everything queued is answered before Stop returns.
TEST_P(LedgerTest, StoppingAnswersEverythingThatWasQueued) {
  std::atomic<int> answered = 0;
  ledger_->Start();
  for (int i = 0; i < 300; i++) {
    Write write = Insert("t" + std::to_string(i), "r" + std::to_string(i));
    write.done = [&](Result<std::string> answer, bool) {
      answered += answer.has_value();
    };
    ledger_->Submit(std::move(write));
  }
  ledger_->Stop();
  EXPECT_EQ(answered, 300);
  EXPECT_EQ(Count("things"), 300);
}

INSTANTIATE_TEST_SUITE_P(Engines, LedgerTest,
                         testing::Values(store::Engine::kSqlite,
                                         store::Engine::kPostgres),
                         [](const auto& info) {
                           return info.param == store::Engine::kSqlite
                                      ? "Sqlite"
                                      : "Postgres";
                         });

INSTANTIATE_TEST_SUITE_P(Postgres, SharedLedgerTest,
                         testing::Values(store::Engine::kPostgres));

}  // namespace
}  // namespace seawall::ledger
