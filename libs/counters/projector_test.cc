#include "libs/counters/projector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "libs/counters/measures.h"
#include "libs/counters/memory.h"
#include "libs/counters/redis.h"
#include "tests/support/eventually.h"
#include "tests/support/redis.h"
#include "tests/support/tempdir.h"

namespace seawall::counters {
namespace {

using std::chrono::milliseconds;

constexpr char kArea[] = "testshire";
constexpr char kReceived[] = "test.v1.Received";
constexpr milliseconds kPatience{5000};

// ---- a service that counts contacts by day and source ----

struct ThingRow {
  long long position = 0;
  std::string day;
  std::string source;
};
const auto kThings =
    store::Listed<&ThingRow::position, &ThingRow::day, &ThingRow::source>(
        "things");

void CountThing(const std::string& day, const std::string& source,
                std::int64_t by, Increments& increments) {
  AddFlow(increments, "contacts", day, by);
  AddFlow(increments, "contacts", day, "source", source, by);
  AddStock(increments, "open", day, "", "", by);
}

// The event's body is "2017-06-12 6".
void CountEvent(const ledger::Recorded& event, Increments& increments) {
  if (event.kind != kReceived) return;
  CountThing(event.body.substr(0, 10), event.body.substr(11), 1, increments);
}

Result<Increments> CountRecords(store::Reader& reader, const Slice& slice) {
  return store::Try([&] {
    Increments increments;
    const long long position = slice.position;
    const std::string from = slice.start ? FormatDate(*slice.start) : "0000";
    const std::string to = slice.end ? FormatDate(*slice.end) : "9999";
    soci::rowset<soci::row> rows =
        (reader.sql().prepare
             << "select day, source from things where area = :area and "
                "position <= :position and day between :from and :to",
         soci::use(slice.area), soci::use(position), soci::use(from),
         soci::use(to));
    for (const soci::row& row : rows) {
      CountThing(row.get<std::string>(0), row.get<std::string>(1), 1,
                 increments);
    }
    return increments;
  });
}

Definitions Contacts() {
  Definitions definitions;
  definitions.groups = {{"source", {"0", "1", "2"}}};
  definitions.measures = {
      {.id = "contacts", .numerator = "contacts", .groups = {"source"}}};
  definitions.count = CountEvent;
  definitions.records = CountRecords;
  return definitions;
}

// ---- the ledger it writes through ----

class Service {
 public:
  explicit Service(const std::string& file) {
    database_ = store::Database::Open({.address = "sqlite:" + file,
                                       .patience = support::kStorePatience})
                    .value();
    auto migrations = ledger::Ledger::Migrations();
    migrations.push_back({100, "things",
                          "create table things (area text not null, position "
                          "bigint not null, day text not null, source text "
                          "not null, primary key (area, position));"});
    EXPECT_TRUE(database_->Migrate(migrations));
    ledger_ = std::make_unique<ledger::Ledger>(
        ledger::Parts{*database_, sealer_, clock_, registry_, "test"},
        ledger::LedgerSettings{});
  }

  // Journals `count` contacts; the day and the source depend on the position.
  void Receive(int count, const std::string& area = kArea) {
    for (int done = 0; done < count;) {
      const int batch = std::min(count - done, 200);
      for (int i = 0; i < batch; ++i) Submit(area);
      ledger_->RunBatch();
      done += batch;
    }
  }

  // What follows is another history than what was recorded without this.
  void GoAnotherWay() { ++shift_; }

  store::Database& database() { return *database_; }
  metrics::Registry& registry() { return registry_; }

  ledger::Head Head(const std::string& area = kArea) {
    auto reader = database_->Read();
    EXPECT_TRUE(reader);
    return ledger::ReadHead(*reader, area).value();
  }

 private:
  void Submit(const std::string& area) {
    ledger::Write write;
    write.area = area;
    write.work = [this](ledger::Unit& unit) -> Result<std::string> {
      const std::int64_t position = unit.next_position();
      const std::string day =
          FormatDate(*ParseDate("2017-04-01") +
                     std::chrono::days(position / spread_ % 365));
      const std::string source = std::to_string((position + shift_) % 4);
      unit.Records().Insert(kThings, {position, day, source});
      unit.Record(ledger::Event{kReceived, day + " " + source, unit.now()});
      return std::string();
    };
    write.done = [](const Result<std::string>& answer, bool) {
      EXPECT_TRUE(answer) << answer.error().message;
    };
    ledger_->Submit(std::move(write));
  }

  static constexpr std::int64_t spread_ = 3;  // contacts a day
  std::int64_t shift_ = 0;
  const seal::Sealer sealer_ = seal::Sealer::FromSecret(std::string(32, 't'));
  FakeClock clock_{FromMicros(1'500'000'000'000'000)};
  metrics::Registry registry_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
};

class ProjectorTest : public testing::Test {
 protected:
  // The database as it is now, in a file of its own.
  std::string Backup() {
    service_->database().Checkpoint();
    std::filesystem::copy_file(file_, folder_.File("backup.db"));
    return folder_.File("backup.db");
  }
  // Changes a counter behind the projector's back.
  void Stray(const Projector& projector, const std::string& name,
             std::int64_t by) {
    const Key key = projector.KeyOf(kArea, service_->Head().journal_id);
    const Point at = *counters_.Fence(key);
    ASSERT_TRUE(counters_.Apply(key, at, at, {{name, by}}));
  }

  Projector MakeProjector(Counters& counters) {
    return Projector({service_->database(), counters, definitions_,
                      service_->registry(), "test"});
  }

  void StepUntilLevel(Projector& projector) {
    while (true) {
      const auto moved = projector.Step(kArea);
      ASSERT_TRUE(moved) << moved.error().message;
      if (!*moved &&
          projector.level(kArea).fence == projector.level(kArea).journal) {
        return;
      }
    }
  }

  void ExpectExact(Projector& projector) {
    const auto drift = projector.Verify(kArea, kPatience);
    ASSERT_TRUE(drift) << drift.error().message;
    EXPECT_EQ(drift->drift, 0) << drift->differences.front().counter;
    EXPECT_EQ(drift->position, service_->Head().position);
    EXPECT_GT(drift->compared, 0);
  }

  std::int64_t Total(Projector& projector) {
    const auto view = projector.Read(kArea, {"open|total|"});
    EXPECT_TRUE(view) << view.error().message;
    return view ? view->values[0] : -1;
  }

  bool Shows(const std::string& line) {
    return service_->registry().Text().find(line) != std::string::npos;
  }

  support::TemporaryFolder folder_;
  std::string file_ = folder_.File("records.db");
  std::unique_ptr<Service> service_ = std::make_unique<Service>(file_);
  Definitions definitions_ = Contacts();
  MemoryCounters counters_;
};

// ---- counting ----

TEST_F(ProjectorTest, StepBringsCountersToTheJournal) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  EXPECT_TRUE(*projector.Step(kArea));
  EXPECT_FALSE(*projector.Step(kArea));
  EXPECT_EQ(Total(projector), 10);
  EXPECT_EQ(projector.level(kArea).fence, 10);
  EXPECT_EQ(projector.level(kArea).journal, 10);
  EXPECT_TRUE(projector.level(kArea).reachable);
  ExpectExact(projector);
}

TEST_F(ProjectorTest, AreaWithoutEventsIsLevel) {
  Projector projector = MakeProjector(counters_);
  EXPECT_FALSE(*projector.Step("nowhere"));
  const auto view = projector.Read("nowhere", {"open|total|"});
  ASSERT_TRUE(view);
  EXPECT_EQ(view->values, std::vector<std::int64_t>{0});
  EXPECT_EQ(view->behind, 0);
  EXPECT_EQ(projector.Verify("nowhere", kPatience)->drift, 0);
  EXPECT_EQ(*projector.Rebuild("nowhere"), 0);
}

TEST_F(ProjectorTest, ReadSaysHowManyEventsItIsBehind) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  service_->Receive(7);
  const auto view = projector.Read(kArea, {"open|total|"});
  ASSERT_TRUE(view);
  EXPECT_EQ(view->values[0], 10);
  EXPECT_EQ(view->behind, 7);
}

TEST_F(ProjectorTest, LongJournalIsCountedInPages) {
  service_->Receive(9000);
  Projector projector = MakeProjector(counters_);
  int pages = 0;
  while (*projector.Step(kArea)) ++pages;
  EXPECT_GT(pages, 1);
  EXPECT_EQ(Total(projector), 9000);
  ExpectExact(projector);
}

TEST_F(ProjectorTest, AreasAreCountedApart) {
  service_->Receive(5);
  service_->Receive(8, "otherland");
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  EXPECT_TRUE(*projector.Step("otherland"));
  EXPECT_EQ(Total(projector), 5);
  EXPECT_EQ(projector.Read("otherland", {"open|total|"})->values[0], 8);
}

TEST_F(ProjectorTest, TwoProjectorsCountEachEventOnce) {
  service_->Receive(20);
  Projector one = MakeProjector(counters_);
  Projector two = MakeProjector(counters_);
  EXPECT_TRUE(*one.Step(kArea));
  service_->Receive(20);
  EXPECT_TRUE(*two.Step(kArea));
  service_->Receive(20);
  StepUntilLevel(one);  // its fence is behind the real one
  StepUntilLevel(two);
  EXPECT_EQ(Total(one), 60);
  ExpectExact(two);
}

TEST_F(ProjectorTest, NewDefinitionsBuildTheirOwnHashBesideTheOld) {
  service_->Receive(5);
  Projector old_release = MakeProjector(counters_);
  StepUntilLevel(old_release);
  definitions_.version = 2;
  Definitions before = Contacts();
  Projector old_again(
      {service_->database(), counters_, before, service_->registry(), "test"});
  EXPECT_EQ(Total(old_again), 5);
  Projector new_release = MakeProjector(counters_);
  EXPECT_EQ(Total(new_release), 0);
  StepUntilLevel(new_release);
  EXPECT_EQ(Total(new_release), 5);
}

// ---- the store of counters misbehaves ----

TEST_F(ProjectorTest, UnreachableCountersAreCaughtUpWhenTheyComeBack) {
  service_->Receive(5);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  counters_.SetReachable(false);
  service_->Receive(30);
  const auto step = projector.Step(kArea);
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().reason, "COUNTERS_UNAVAILABLE");
  EXPECT_FALSE(projector.Step(kArea));
  EXPECT_FALSE(projector.level(kArea).reachable);
  EXPECT_EQ(projector.level(kArea).journal, 35) << "the lag must show";
  EXPECT_TRUE(Shows("seawall_counters_lag_events{service=\"test\"} 30"));
  EXPECT_TRUE(Shows("seawall_counters_reachable{service=\"test\"} 0"));
  EXPECT_FALSE(projector.Read(kArea, {"open|total|"}));
  counters_.SetReachable(true);
  StepUntilLevel(projector);
  EXPECT_EQ(Total(projector), 35);
  EXPECT_TRUE(Shows("seawall_counters_lag_events{service=\"test\"} 0"));
  EXPECT_TRUE(Shows("seawall_counters_reachable{service=\"test\"} 1"));
}

TEST_F(ProjectorTest, OlderCopyIsCaughtUpFromItsOwnFence) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  const auto copy = counters_.Save();
  service_->Receive(10);
  StepUntilLevel(projector);
  counters_.Restore(copy);
  service_->Receive(1);
  StepUntilLevel(projector);
  EXPECT_EQ(Total(projector), 21);
  ExpectExact(projector);
}

TEST_F(ProjectorTest, FlushedCountersAreCountedAnew) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  counters_.Restore({});
  EXPECT_EQ(projector.Read(kArea, {"open|total|"})->behind, 10);
  service_->Receive(1);
  StepUntilLevel(projector);
  EXPECT_EQ(Total(projector), 11);
}

TEST_F(ProjectorTest, DatabaseFromAnOlderBackupDoesNotInheritItsFuture) {
  service_->Receive(10);
  const std::string backup = Backup();
  service_->Receive(20);
  {
    Projector projector = MakeProjector(counters_);
    StepUntilLevel(projector);
    EXPECT_EQ(Total(projector), 30);
  }
  service_ = std::make_unique<Service>(backup);
  ASSERT_EQ(service_->Head().position, 10);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  EXPECT_EQ(Total(projector), 10);
  service_->Receive(3);
  StepUntilLevel(projector);
  ExpectExact(projector);
}

TEST_F(ProjectorTest, AnotherHistoryOfTheSameLengthIsNotGoneOnWith) {
  service_->Receive(10);
  const std::string backup = Backup();
  service_->Receive(20);
  {
    Projector projector = MakeProjector(counters_);
    StepUntilLevel(projector);
  }
  service_ = std::make_unique<Service>(backup);
  service_->GoAnotherWay();
  service_->Receive(20);
  Projector projector = MakeProjector(counters_);
  const auto read = projector.Read(kArea, {"open|total|"});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "COUNTERS_OTHER_HISTORY");
  service_->Receive(5);
  EXPECT_FALSE(projector.Read(kArea, {"open|total|"}))
      << "nor when it is longer";
  StepUntilLevel(projector);
  ExpectExact(projector);
  EXPECT_TRUE(Shows(
      "seawall_counters_anew_total{reason=\"history\",service=\"test\"} 1"));
}

TEST_F(ProjectorTest, ANewJournalIdBeginsCountingAnew) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  const std::string before = service_->Head().journal_id;
  ASSERT_EQ(ledger::RenewJournals(service_->database().writer()), 1);
  EXPECT_NE(service_->Head().journal_id, before);
  StepUntilLevel(projector);
  ExpectExact(projector);
}

// ---- comparing in the background ----

TEST_F(ProjectorTest, ADifferenceIsFoundAndCountedAnew) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  Stray(projector, "stray", 5);
  projector.CompareDue(kPatience);
  EXPECT_FALSE(projector.Trusts(kArea)) << "until it was compared again";
  projector.CompareDue(kPatience);
  EXPECT_TRUE(projector.Trusts(kArea));
  ExpectExact(projector);
  EXPECT_TRUE(Shows(
      "seawall_counters_anew_total{reason=\"drift\",service=\"test\"} 1"));
}

TEST_F(ProjectorTest, AfterAFailureTheyAreComparedBeforeTheyAreTrusted) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  projector.CompareDue(kPatience);
  ASSERT_TRUE(projector.Trusts(kArea));
  counters_.SetReachable(false);
  service_->Receive(1);
  EXPECT_FALSE(projector.Step(kArea));
  EXPECT_FALSE(projector.Trusts(kArea));
  counters_.SetReachable(true);
  StepUntilLevel(projector);
  EXPECT_FALSE(projector.Trusts(kArea));
  projector.CompareDue(kPatience);
  EXPECT_TRUE(projector.Trusts(kArea));
}

TEST_F(ProjectorTest, TheThreadComparesAfterAStart) {
  service_->Receive(10);
  {
    Projector before = MakeProjector(counters_);
    StepUntilLevel(before);
    Stray(before, "stray", 5);
  }
  Projector projector = MakeProjector(counters_);
  projector.Start();
  EXPECT_FALSE(projector.Trusts(kArea));
  ASSERT_TRUE(support::Eventually([&] { return projector.Trusts(kArea); }));
  projector.Stop();
  ExpectExact(projector);
}

// ---- verifying and rebuilding ----

TEST_F(ProjectorTest, VerifyFindsACounterThatIsWrong) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  Stray(projector, "open|total|", 2);
  const auto drift = projector.Verify(kArea, kPatience);
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->drift, 2);
  ASSERT_EQ(drift->differences.size(), 1u);
  EXPECT_EQ(drift->differences[0].counter, "open|total|");
  EXPECT_EQ(drift->differences[0].counted, 12);
  EXPECT_EQ(drift->differences[0].recorded, 10);
  EXPECT_TRUE(Shows("seawall_counters_drift_events{service=\"test\"} 2"));
}

TEST_F(ProjectorTest, VerifyTakesOffWhatWasCountedSinceItsSnapshot) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  // While the records are read, more is committed and counted.
  definitions_.records = [&](store::Reader& reader, const Slice& slice) {
    auto recorded = CountRecords(reader, slice);
    service_->Receive(15);
    while (*projector.Step(kArea)) {
    }
    return recorded;
  };
  const auto drift = projector.Verify(kArea, kPatience);
  ASSERT_TRUE(drift) << drift.error().message;
  EXPECT_EQ(drift->position, 10);
  EXPECT_EQ(drift->drift, 0);
  EXPECT_EQ(Total(projector), 25);
}

TEST_F(ProjectorTest, VerifyGivesUpWhenCountersStayAway) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  counters_.SetReachable(false);
  const auto drift = projector.Verify(kArea, milliseconds(30));
  ASSERT_FALSE(drift);
  EXPECT_EQ(drift.error().reason, "COUNTERS_BEHIND");
}

TEST_F(ProjectorTest, RebuildMendsWhatWasWrong) {
  service_->Receive(300);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  Stray(projector, "stray", 5);
  EXPECT_EQ(projector.Verify(kArea, kPatience)->drift, 5);
  EXPECT_EQ(*projector.Rebuild(kArea), 300);
  ExpectExact(projector);
  EXPECT_TRUE(Shows("seawall_counters_drift_events{service=\"test\"} 0"));
}

// ---- figures ----

TEST_F(ProjectorTest, FiguresFromCountersAndRecordsAreTheSame) {
  service_->Receive(700);
  Projector projector = MakeProjector(counters_);
  StepUntilLevel(projector);
  const FiguresQuery query{.area = kArea,
                           .start = *ParseDate("2017-04-20"),
                           .end = *ParseDate("2017-09-03"),
                           .group_by = "source",
                           .census = *ParseDate("2018-03-31")};
  std::int64_t behind = 0;
  const auto counted = ComputeFigures(definitions_, {}, query,
                                      FromCounters(projector, kArea, behind));
  ASSERT_TRUE(counted);
  auto reader = service_->database().Read();
  ASSERT_TRUE(reader);
  const auto recorded = ComputeFigures(
      definitions_, {}, query, FromRecords(definitions_, *reader, kArea, 700));
  ASSERT_TRUE(recorded);
  EXPECT_EQ(behind, 0);
  ASSERT_EQ(counted->size(), 5u);  // total, three sources, unknown
  ASSERT_EQ(recorded->size(), 5u);
  EXPECT_EQ((*counted)[0].numerator, 137 * 3);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ((*counted)[i].numerator, (*recorded)[i].numerator);
    EXPECT_EQ((*counted)[i].value, (*recorded)[i].value);
  }
  const auto then = ComputeFigures(
      definitions_, {}, query, FromRecords(definitions_, *reader, kArea, 100));
  EXPECT_LT((*then)[0].numerator, (*recorded)[0].numerator);
}

// ---- the thread ----

TEST_F(ProjectorTest, ThreadCountsWhatIsCommittedAndFindsNewAreas) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  projector.Start();
  ASSERT_TRUE(
      support::Eventually([&] { return projector.level(kArea).fence == 10; }));
  service_->Receive(10);
  projector.Notify({kArea});
  ASSERT_TRUE(
      support::Eventually([&] { return projector.level(kArea).fence == 20; }));
  service_->Receive(4, "otherland");  // nobody says so
  ASSERT_TRUE(support::Eventually(
      [&] { return projector.level("otherland").fence == 4; }));
  projector.Stop();
}

TEST_F(ProjectorTest, ThreadNoticesAFlushThoughNothingIsCommitted) {
  service_->Receive(10);
  Projector projector = MakeProjector(counters_);
  projector.Start();
  ASSERT_TRUE(support::Eventually([&] { return Total(projector) == 10; }));
  counters_.Restore({});
  ASSERT_TRUE(support::Eventually([&] { return Total(projector) == 10; }));
  projector.Stop();
}

TEST_F(ProjectorTest, ThreadStopsWhileCountersAreAway) {
  service_->Receive(10);
  counters_.SetReachable(false);
  Projector projector = MakeProjector(counters_);
  projector.Start();
  ASSERT_TRUE(support::Eventually(
      [&] { return projector.level(kArea).journal == 10; }));
  projector.Stop();
  projector.Start();
  counters_.SetReachable(true);
  ASSERT_TRUE(
      support::Eventually([&] { return projector.level(kArea).fence == 10; }));
}

// ---- with a real Redis that is killed, flushed and restarted ----

TEST_F(ProjectorTest, RedisThatIsKilledTornAndFlushedEndsExact) {
  auto redis = support::Redis::Start().value();
  const auto counters = RedisCounters::Make(
      {.address = "127.0.0.1:" + std::to_string(redis->port())});
  ASSERT_TRUE(counters);
  Projector projector = MakeProjector(**counters);
  Projector replica = MakeProjector(**counters);
  projector.Start();
  replica.Start();
  const auto receive = [&](int count) {
    for (int i = 0; i < count; i += 100) {
      service_->Receive(100);
      projector.Notify({kArea});
      replica.Notify({kArea});
    }
  };
  receive(1000);
  ASSERT_TRUE(
      support::Eventually([&] { return projector.level(kArea).fence > 0; }));
  for (const std::uintmax_t tear : {1, 30, 200}) {
    redis->Kill();
    const std::string file = redis->append_only_file();
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - tear);
    receive(500);  // intake goes on
    ASSERT_TRUE(redis->Restart());
    receive(500);
    ASSERT_TRUE(support::Eventually([&] {
      return projector.level(kArea).fence == service_->Head().position;
    }));
    ExpectExact(projector);
  }
  ASSERT_TRUE(redis->Flush());
  receive(100);
  ASSERT_TRUE(support::Eventually([&] {
    const auto view = projector.Read(kArea, {"open|total|"});
    return view && view->values[0] == service_->Head().position;
  }));
  ExpectExact(projector);
}

TEST_F(ProjectorTest, WhatAnotherWroteIntoRedisIsFoundAndCountedAnew) {
  auto redis = support::Redis::Start().value();
  const auto counters = RedisCounters::Make(
      {.address = "127.0.0.1:" + std::to_string(redis->port())});
  ASSERT_TRUE(counters);
  service_->Receive(10);
  for (const auto& [field, value] :
       {std::pair("open|total|", "many"), std::pair("_fence", "far"),
        std::pair("_fence", "10"), std::pair("open|total|", "11")}) {
    Projector projector = MakeProjector(**counters);
    StepUntilLevel(projector);
    const std::string key =
        projector.KeyOf(kArea, service_->Head().journal_id).ToString();
    ASSERT_TRUE(redis->Run({"HSET", key, field, value}));
    projector.CompareDue(kPatience);
    projector.CompareDue(kPatience);
    EXPECT_TRUE(projector.Trusts(kArea)) << field << " " << value;
    EXPECT_EQ(Total(projector), 10) << field << " " << value;
  }
}

TEST_F(ProjectorTest, CountersThatCannotBeWrittenAreNotTrusted) {
  auto redis = support::Redis::Start().value();
  const auto counters = RedisCounters::Make(
      {.address = "127.0.0.1:" + std::to_string(redis->port())});
  ASSERT_TRUE(counters);
  Projector projector = MakeProjector(**counters);
  service_->Receive(10);
  StepUntilLevel(projector);
  projector.CompareDue(kPatience);
  ASSERT_TRUE(projector.Trusts(kArea));
  ASSERT_TRUE(redis->Run({"CONFIG", "SET", "min-replicas-to-write", "1"}));
  service_->Receive(1);
  EXPECT_FALSE(projector.Step(kArea));
  EXPECT_FALSE(projector.Trusts(kArea)) << "whatever the lag";
}

}  // namespace
}  // namespace seawall::counters
