// What every Database promises: one suite that SQLite and PostgreSQL both pass.
// Included by database_test.cc, which says where the databases come from.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "libs/store/scan.h"

namespace seawall::store {

// An empty database, for one test.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::string address() const = 0;
};

struct EngineUnderTest {
  const char* name;
  std::function<std::unique_ptr<Place>()> make;
};
inline void PrintTo(const EngineUnderTest& engine, std::ostream* out) {
  *out << engine.name;
}

// Tables are compared by address, so they are constants here too.
inline const Table kNotes{"notes",
                          {{"area", Type::kText},
                           {"id", Type::kInteger},
                           {"body", Type::kText},
                           {"weight", Type::kInteger}}};

inline const Migration kCreateNotes{
    1, "notes",
    "create table notes(\n"
    "  area text not null,\n"
    "  id bigint not null,\n"
    "  body text,  -- may hold a ; or a 'quote'\n"
    "  weight bigint,\n"
    "  primary key(area, id)\n"
    ");\n"
    "create index notes_weight on notes(weight);\n"};

// Endless, and the same on both engines.
inline constexpr const char* kEndlessQuery =
    "with recursive n(x) as (select 1 union all select x + 1 from n) "
    "select count(*) from n where x < 0";

class DatabaseContract : public testing::TestWithParam<EngineUnderTest> {
 protected:
  void SetUp() override {
    place_ = GetParam().make();
    Open();
  }

  void Open(int readers = 2) {
    database_.reset();
    auto opened =
        Database::Open({.address = place_->address(), .readers = readers});
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
    const auto migrated = database_->Migrate({kCreateNotes});
    ASSERT_TRUE(migrated) << migrated.error().message;
  }

  Session& writer() { return database_->writer(); }

  // Begins, inserts, commits.
  Result<void> Store(const Rows& rows) {
    TRY_VOID(writer().Begin());
    if (auto inserted = writer().Send(rows); !inserted) {
      writer().Rollback();
      return inserted;
    }
    return writer().Commit();
  }

  static Rows Note(std::int64_t id, std::string body) {
    Rows rows(kNotes);
    rows.Add("test-area", id, std::move(body), std::int64_t{1});
    return rows;
  }

  static long long Count(soci::session& sql) {
    long long count = -1;
    sql << "select count(*) from notes", soci::into(count);
    return count;
  }

  long long Stored() {
    Reader reader = database_->Read().value();
    return Count(reader.sql());
  }

  std::unique_ptr<Place> place_;
  std::unique_ptr<Database> database_;
};

inline std::vector<std::string> OddTexts() {
  return {std::string(),
          std::string("NULL"),
          std::string("it's \"quoted\""),
          std::string("\\"),
          std::string("\\N\\\"\\\\"),
          std::string("a\nb\r\n\tc"),
          std::string("{a,b}"),
          std::string("{\"a\",NULL}"),
          std::string(","),
          std::string("  spaces  "),
          std::string(":name $1 ? %s"),
          std::string("Zoë Ångström 李 👧🏽"),
          std::string("\x01\x7f"),
          std::string("'; drop table notes; --")};
}

TEST_P(DatabaseContract, OddTextsComeBackUnchanged) {
  const std::vector<std::string> texts = OddTexts();
  Rows rows(kNotes);
  std::int64_t id = 0;
  for (const std::string& text : texts) {
    rows.Add("test-area", ++id, text, std::int64_t{0});
  }
  rows.Add("test-area", ++id, std::monostate(), std::int64_t{0});
  ASSERT_TRUE(Store(rows));
  Reader reader = database_->Read().value();
  for (std::size_t i = 0; i <= texts.size(); ++i) {
    std::string body;
    soci::indicator indicator = soci::i_ok;
    const long long wanted = static_cast<long long>(i) + 1;
    reader.sql() << "select body from notes where id = :id", soci::use(wanted),
        soci::into(body, indicator);
    EXPECT_EQ(indicator == soci::i_null, i == texts.size());
    if (i < texts.size()) EXPECT_EQ(body, texts[i]);
  }
}

TEST_P(DatabaseContract, IntegersComeBackUnchanged) {
  const std::vector<std::int64_t> numbers = {
      0, 1, -1, 4294967296, INT64_MAX, INT64_MIN, 1'700'000'000'000'000};
  Rows rows(kNotes);
  for (const std::int64_t number : numbers) {
    rows.Add("test-area", number, std::monostate(), number);
  }
  rows.Add("other-area", std::int64_t{7}, "x", std::monostate());
  ASSERT_TRUE(Store(rows));
  Reader reader = database_->Read().value();
  for (const std::int64_t number : numbers) {
    long long weight = 99;
    const long long id = number;
    reader.sql() << "select weight from notes where area = 'test-area' and "
                    "id = :id",
        soci::use(id), soci::into(weight);
    EXPECT_EQ(weight, number);
  }
  long long nothing = -1;
  reader.sql() << "select count(*) from notes where weight is null",
      soci::into(nothing);
  EXPECT_EQ(nothing, 1);
}

TEST_P(DatabaseContract, LargeTextsAndManyRowsGoInTogether) {
  Rows rows = Note(0, std::string(5'000'000, 'x'));
  for (std::int64_t id = 1; id <= 5000; ++id) {
    rows.Append(Note(id, "a note"));
  }
  EXPECT_EQ(rows.size(), 5001);
  ASSERT_TRUE(Store(rows));
  EXPECT_EQ(Stored(), 5001);
  Reader reader = database_->Read().value();
  long long length = 0;
  reader.sql() << "select length(body) from notes where id = 0",
      soci::into(length);
  EXPECT_EQ(length, 5'000'000);
}

TEST_P(DatabaseContract, NoRowsAreNoWork) {
  ASSERT_TRUE(Store(Rows(kNotes)));
  EXPECT_EQ(Stored(), 0);
}

TEST_P(DatabaseContract, RolledBackRowsAreNotThere) {
  ASSERT_TRUE(Store(Note(1, "kept")));
  ASSERT_TRUE(writer().Begin());
  ASSERT_TRUE(writer().Send(Note(2, "given up")));
  EXPECT_EQ(Count(writer().sql()), 2);
  writer().Rollback();
  EXPECT_EQ(Stored(), 1);
  ASSERT_TRUE(Store(Note(2, "again")));
  EXPECT_EQ(Stored(), 2);
}

TEST_P(DatabaseContract, ReaderStaysInTheSnapshotThatItBegan) {
  ASSERT_TRUE(Store(Note(1, "before")));
  Reader early = database_->Read().value();
  ASSERT_TRUE(Store(Note(2, "after")));
  EXPECT_EQ(Count(early.sql()), 1);
  EXPECT_EQ(Stored(), 2);
  EXPECT_EQ(Count(early.sql()), 1);
}

TEST_P(DatabaseContract, ReadersDoNotSeeWhatIsNotCommitted) {
  ASSERT_TRUE(writer().Begin());
  ASSERT_TRUE(writer().Send(Note(1, "not yet")));
  EXPECT_EQ(Stored(), 0);
  ASSERT_TRUE(writer().Commit());
  EXPECT_EQ(Stored(), 1);
}

TEST_P(DatabaseContract, ReadersCannotWrite) {
  {
    Reader reader = database_->Read().value();
    const auto written = Try([&] {
      reader.sql() << "insert into notes(area, id) values('test-area', 1)";
    });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().reason, "STORE_MISUSED");
  }
  EXPECT_EQ(Stored(), 0);
}

TEST_P(DatabaseContract, ConstraintRefusesAllRowsOfTheTransaction) {
  ASSERT_TRUE(Store(Note(1, "first")));
  Rows rows = Note(2, "good");
  rows.Append(Note(1, "Test-Canary"));
  const auto stored = Store(rows);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Code::kAborted);
  EXPECT_EQ(stored.error().reason, "STORE_REFUSED");
  EXPECT_EQ(Stored(), 1);
  ASSERT_TRUE(Store(Note(2, "good")));
}

TEST_P(DatabaseContract, MissingValueOfANotNullColumnIsRefused) {
  Rows rows(kNotes);
  rows.Add(std::monostate(), std::int64_t{1}, "x", std::monostate());
  const auto stored = Store(rows);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().reason, "STORE_REFUSED");
}

TEST_P(DatabaseContract, CommitAfterTheTransactionIsGoneIsRefused) {
  ASSERT_TRUE(writer().Begin());
  writer().sql() << "rollback";
  const auto committed = writer().Commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().reason, "STORE_REFUSED");
}

TEST_P(DatabaseContract, ErrorsHoldNoValuesThatWereBound) {
  ASSERT_TRUE(Store(Note(1, "Test-Canary")));
  const std::string canary = "Test-Canary";
  const std::vector<std::string> statements = {
      "insert into notes(area, id, body) values('test-area', 1, :body)",
      "insert into nowhere(body) values(:body)",
      "select id from notes where body = :body and"};
  for (const std::string& statement : statements) {
    ASSERT_TRUE(writer().Begin());
    const auto done =
        Try([&] { writer().sql() << statement, soci::use(canary); });
    writer().Rollback();
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, testing::Not(testing::HasSubstr(canary)));
  }
}

// What was prepared is used again, also while it is in use, also on a
// connection that was opened again, and after more texts than are kept.
TEST_P(DatabaseContract, OneStatementRunManyTimesGivesEachItsOwnRow) {
  for (long long id = 1; id <= 3; ++id) {
    ASSERT_TRUE(Store(Note(id, "note " + std::to_string(id))));
  }
  const auto body_of = [&](long long id) {
    std::string body;
    writer().sql() << "select body from notes where id = :id", soci::use(id),
        soci::into(body);
    return body;
  };
  soci::rowset<long long> ids =
      (writer().sql().prepare << "select id from notes order by id");
  std::vector<std::string> bodies;
  for (const long long id : ids) bodies.push_back(body_of(id));
  EXPECT_EQ(bodies, (std::vector<std::string>{"note 1", "note 2", "note 3"}));
  for (int i = 0; i < 300; ++i) {
    long long number = -1;
    writer().sql() << "select " + std::to_string(i) +
                          " from notes where id = 1",
        soci::into(number);
    ASSERT_EQ(number, i);
  }
  ASSERT_TRUE(writer().Reopen());
  EXPECT_EQ(body_of(2), "note 2");
}

// More rows than are fetched at once; other columns under the same name; one
// scan inside another; a scan that ends early.
TEST_P(DatabaseContract, ScanOfAllGivesEveryRowOnceInOrder) {
  Rows notes(kNotes);
  for (std::int64_t id = 1; id <= 2500; ++id) {
    notes.Add("test-area", id, "note " + std::to_string(id), std::int64_t{1});
  }
  ASSERT_TRUE(Store(notes));
  Reader reader = database_->Read(true).value();
  std::vector<long long> ids;
  ASSERT_TRUE(Try([&] {
    Scan<long long>(
        reader.sql(), "select id from notes where id > :after order by id",
        {5LL}, [&](long long id) { ids.push_back(id); }, kAll);
  }));
  ASSERT_EQ(ids.size(), 2495u);
  EXPECT_EQ(ids.front(), 6);
  EXPECT_EQ(ids.back(), 2500);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  int inner = 0;
  std::string last;
  ASSERT_TRUE(Try([&] {
    Scan<std::string, long long>(
        reader.sql(), "select body, id from notes where id <= 1001 order by id",
        {},
        [&](const std::string& body, long long id) {
          last = body;
          if (id % 500 != 0) return;
          Scan<long long>(
              reader.sql(), "select id from notes", {},
              [&](long long) { inner++; }, kAll);
        },
        kAll);
  }));
  EXPECT_EQ(last, "note 1001");
  EXPECT_EQ(inner, 2 * 2500);
}

TEST_P(DatabaseContract, StatementThatFailedRunsAgainInTheNextTransaction) {
  const auto insert = [&](long long id) {
    return Try([&] {
      writer().sql() << "insert into notes(area, id) values('test-area', :id)",
          soci::use(id);
    });
  };
  ASSERT_TRUE(writer().Begin());
  ASSERT_TRUE(insert(1));
  EXPECT_FALSE(insert(1));
  writer().Rollback();
  ASSERT_TRUE(writer().Begin());
  ASSERT_TRUE(insert(1));
  ASSERT_TRUE(writer().Commit());
  EXPECT_EQ(Stored(), 1);
}

TEST_P(DatabaseContract, MistakeInAStatementIsOursAndSaysWhichTable) {
  Reader reader = database_->Read().value();
  const auto done = Try([&] { reader.sql() << "select x from nowhere"; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kInternal);
  EXPECT_EQ(done.error().reason, "STORE_MISUSED");
  EXPECT_THAT(done.error().message, testing::HasSubstr("nowhere"));
}

TEST_P(DatabaseContract, RowsThatDoNotFitTheirColumnsAreOurMistake) {
  Rows narrow(kNotes);
  narrow.Add("test-area", std::int64_t{1});
  Rows swapped(kNotes);
  swapped.Add(std::int64_t{1}, "test-area", "x", std::int64_t{1});
  for (const Rows& rows : {narrow, swapped}) {
    const auto stored = Store(rows);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().reason, "STORE_MISUSED");
  }
}

TEST_P(DatabaseContract, SlowReadIsInterruptedAndTheReaderGoesOn) {
  Open(1);
  const auto begun = std::chrono::steady_clock::now();
  {
    Reader reader = database_->Read().value();
    const auto read = Try([&] {
      long long count = 0;
      reader.sql() << kEndlessQuery, soci::into(count);
    });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::kDeadlineExceeded);
    EXPECT_EQ(read.error().reason, "STORE_SLOW");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
  EXPECT_EQ(Stored(), 0);
}

TEST_P(DatabaseContract, UnboundedReadMayTakeLonger) {
  Reader reader = database_->Read(true).value();
  const auto enough =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(3300);
  const auto read = Try([&] {
    while (std::chrono::steady_clock::now() < enough) {
      long long count = 0;
      reader.sql() << "with recursive n(x) as (select 1 union all select x + 1 "
                      "from n where x < 200000) select count(*) from n",
          soci::into(count);
    }
  });
  EXPECT_TRUE(read) << read.error().message;
}

TEST_P(DatabaseContract, ReadersAllInUseAreBusyAfterASecondButTheStoreLives) {
  Open(1);
  Reader first = database_->Read().value();
  const auto begun = std::chrono::steady_clock::now();
  const auto second = database_->Read();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "STORE_BUSY");
  EXPECT_GE(std::chrono::steady_clock::now() - begun,
            std::chrono::milliseconds(900));
  EXPECT_TRUE(database_->Ping());
}

TEST_P(DatabaseContract, ReaderThatIsGivenBackWakesTheOneThatWaits) {
  Open(1);
  auto first = std::make_unique<Reader>(database_->Read().value());
  std::atomic<bool> got = false;
  std::thread waiting([&] { got = database_->Read().has_value(); });
  first.reset();
  waiting.join();
  EXPECT_TRUE(got);
}

TEST_P(DatabaseContract, ManyReadersSeeOnlyWholeCommits) {
  Open(4);
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        auto reader = database_->Read();
        if (reader && Count(reader->sql()) % 3 != 0) ++torn;
      }
    });
  }
  for (std::int64_t id = 0; id < 300; id += 3) {
    Rows rows = Note(id, "one");
    rows.Append(Note(id + 1, "two"));
    rows.Append(Note(id + 2, "three"));
    EXPECT_TRUE(Store(rows));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(Stored(), 300);
}

TEST_P(DatabaseContract, RowsAreThereAfterReopening) {
  ASSERT_TRUE(Store(Note(1, "kept")));
  ASSERT_TRUE(writer().Reopen());
  ASSERT_TRUE(Store(Note(2, "kept too")));
  Open();
  EXPECT_EQ(Stored(), 2);
}

TEST_P(DatabaseContract, ReopeningGivesUpWhatWasNotCommitted) {
  ASSERT_TRUE(writer().Begin());
  ASSERT_TRUE(writer().Send(Note(1, "given up")));
  ASSERT_TRUE(writer().Reopen());
  ASSERT_TRUE(Store(Note(2, "kept")));
  EXPECT_EQ(Stored(), 1);
}

TEST_P(DatabaseContract, MigrationsRunOnceInOrderOfVersion) {
  // Given backwards: 3 needs what 2 adds.
  const std::vector<Migration> migrations = {
      {3, "fill", "update notes set colour = 'red'"},
      {2, "colour", "alter table notes add column colour text"},
      kCreateNotes};
  ASSERT_TRUE(Store(Note(1, "x")));
  ASSERT_TRUE(database_->Migrate(migrations));
  ASSERT_TRUE(database_->Migrate(migrations));
  Reader reader = database_->Read().value();
  long long applied = 0;
  std::string colour;
  reader.sql() << "select count(*) from schema_migrations where "
                  "applied_micros > 1500000000000000",
      soci::into(applied);
  reader.sql() << "select colour from notes", soci::into(colour);
  EXPECT_EQ(applied, 3);
  EXPECT_EQ(colour, "red");
}

TEST_P(DatabaseContract, FailedMigrationLeavesNothingAndSaysWhich) {
  const auto migrated = database_->Migrate(
      {{2, "broken",
        "create table extra(a text);\ninsert into nowhere values(1);\n"}});
  ASSERT_FALSE(migrated);
  EXPECT_THAT(migrated.error().message, testing::HasSubstr("2 broken"));
  Reader reader = database_->Read().value();
  EXPECT_FALSE(Try([&] { reader.sql() << "select * from extra"; }));
}

TEST_P(DatabaseContract, MigrationUnderAnotherNameIsRefused) {
  const auto migrated = database_->Migrate({{1, "renamed", "select 1"}});
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().reason, "MIGRATION_CHANGED");
}

TEST_P(DatabaseContract, MigrationThatSaysSomethingElseIsRefused) {
  Migration changed = kCreateNotes;
  changed.sql = "-- A remark changes nothing.\n" + changed.sql;
  EXPECT_TRUE(database_->Migrate({changed}));
  changed.sql += ";\nselect 1";
  const auto migrated = database_->Migrate({changed});
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().reason, "MIGRATION_CHANGED");
}

TEST_P(DatabaseContract, VersionsThatWeDoNotKnowAreLeftAlone) {
  ASSERT_TRUE(database_->Migrate({{9, "of a newer release", "select 1"}}));
  Open();
  ASSERT_TRUE(Store(Note(1, "old code on a new schema")));
}

TEST_P(DatabaseContract, PingAnswersWhileAllIsWell) {
  EXPECT_TRUE(database_->Ping());
}

}  // namespace seawall::store
