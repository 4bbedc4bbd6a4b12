// What a batch keeps of the rows that its units read: random units, beside a
// map that says what each must see.
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "libs/base/clock.h"
#include "libs/ledger/ledger.h"
#include "tests/support/eventually.h"
#include "tests/support/postgres.h"
#include "tests/support/tempdir.h"

namespace seawall::ledger {
namespace {

struct Counted {
  std::string name;
  int number = 0;
  std::string note;

  bool operator==(const Counted&) const = default;
};
const auto kCounted =
    store::Listed<&Counted::name, &Counted::number, &Counted::note>("counted");

const store::Migration kSchema = {
    101, "counted",
    "create table counted (area text not null, name text not null, "
    "number bigint not null, note text not null, primary key (area, name));"};

using World = std::map<std::string, Counted>;

template <class Condition>
std::size_t CountIf(const World& world, Condition condition) {
  return static_cast<std::size_t>(
      std::count_if(world.begin(), world.end(),
                    [&](const auto& row) { return condition(row.second); }));
}

struct Act {
  enum What {
    kInsert,
    kNumber,
    kNote,
    kDelete,
    kAll,
    kGet,
    kCount,
    kWith,
    kMake,  // a row of a name that was just made
    kLink,  // a row gets a note that was just made
    kKinds
  };
  int what;
  std::string name;
  int number;
  std::string made;
  World before = {};  // what it must see
};

void Do(const Act& act, World& world) {
  const bool there = world.count(act.name) != 0;
  if (act.what == Act::kInsert && !there) {
    world[act.name] = {act.name, act.number, "new"};
  } else if (act.what == Act::kNumber && there) {
    world[act.name].number = act.number;
  } else if (act.what == Act::kNote && there) {
    world[act.name].note = std::to_string(act.number);
  } else if (act.what == Act::kDelete) {
    world.erase(act.name);
  } else if (act.what == Act::kAll) {
    for (auto& [name, row] : world) {
      if (row.number < 50) row.note = "new";
    }
  } else if (act.what == Act::kMake) {
    world[act.made] = {act.made, act.number, "made"};
  } else if (act.what == Act::kLink && there) {
    world[act.name].note = act.made;
  }
}

// Says in `wrong` what it saw otherwise.
Result<void> Do(const Act& act, store::Records& records, std::string& wrong) {
  const bool there = act.before.count(act.name) != 0;
  const Counted row{act.name, act.number, std::to_string(act.number)};
  if (act.what == Act::kInsert && !there) {
    records.Insert(kCounted, {act.name, act.number, "new"});
  } else if (act.what == Act::kNumber && there) {
    return records.Update<&Counted::number>(kCounted, row);
  } else if (act.what == Act::kNote && there) {
    return records.Update<&Counted::note>(kCounted, row);
  } else if (act.what == Act::kDelete) {
    return records.Delete(kCounted, row);
  } else if (act.what == Act::kAll) {
    return records.UpdateAll<&Counted::note>(
        kCounted, {"", 0, "new"}, store::Below<&Counted::number>(50));
  } else if (act.what == Act::kGet) {
    TRY(const auto found, records.Get(kCounted, act.name));
    const bool right =
        found ? there && *found == act.before.at(act.name) : !there;
    if (!right) wrong += "one ";
  } else if (act.what == Act::kCount) {
    TRY(const std::int64_t count,
        records.Count(kCounted, store::AtLeast<&Counted::number>(50)));
    const std::size_t right = CountIf(
        act.before, [](const Counted& one) { return one.number >= 50; });
    if (std::size_t(count) != right) wrong += "count ";
  } else if (act.what == Act::kWith) {
    TRY(const auto found,
        records.All(kCounted, store::Is<&Counted::note>("new") &&
                                  store::Above<&Counted::number>(20)));
    const std::size_t right = CountIf(act.before, [](const Counted& one) {
      return one.note == "new" && one.number > 20;
    });
    if (found.size() != right) wrong += "with ";
  } else if (act.what == Act::kMake) {
    records.Fresh(act.made);
    TRY(const auto before, records.Get(kCounted, act.made));
    records.Insert(kCounted, {act.made, act.number, "made"});
    TRY(const auto after, records.Get(kCounted, act.made));
    if (before || !after) wrong += "made ";
  } else if (act.what == Act::kLink && there) {
    records.Fresh(act.made);
    TRY_VOID(records.Update<&Counted::note>(kCounted, {act.name, 0, act.made}));
    TRY(const auto found,
        records.All(kCounted, store::Is<&Counted::note>(act.made)));
    if (found.size() != 1) wrong += "linked ";
  }
  return {};
}

// A process: its own connections and its own ledger.
struct Process {
  Process(const std::string& address, const seal::Sealer& sealer,
          const Clock& clock)
      : database(store::Database::Open(
                     {.address = address, .patience = support::kStorePatience})
                     .value()),
        ledger({*database, sealer, clock, metrics, "test"}, {}) {}

  metrics::Registry metrics;
  std::unique_ptr<store::Database> database;
  Ledger ledger;
};

class KeptTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    address_ = "sqlite:" + folder_.File("kept.db");
    if (GetParam() == store::Engine::kPostgres) {
      address_ = support::Postgres::Shared().NewDatabase().value();
    }
    Begin();
    auto migrations = Ledger::Migrations();
    migrations.push_back(kSchema);
    ASSERT_TRUE(processes_[0]->database->Migrate(migrations));
  }
  void Begin() {
    processes_.push_back(std::make_unique<Process>(address_, sealer_, clock_));
  }

  int Pick(unsigned n) { return static_cast<int>(random_() % n); }

  Write MakeUnit(Work work) {
    Write write;
    write.area = "blackpool";
    write.access = {{"police", "push", "referrer", ""}, "test/Do"};
    write.work = std::move(work);
    write.done = [](const Result<std::string>&, bool) {};
    return write;
  }

  // Adds a unit of some acts, a quarter of which fail in the end.
  void Submit(Ledger& ledger) {
    std::vector<Act> acts;
    const World before = world_;
    for (int i = 1 + Pick(7); i > 0; --i) {
      // Mostly changes by key, which are staged.
      const int what = Pick(3) == 0 ? Pick(Act::kKinds) : Pick(Act::kAll);
      acts.push_back({what, "n-" + std::to_string(Pick(4)), Pick(100),
                      "made-" + std::to_string(made_++)});
      acts.back().before = world_;
      Do(acts.back(), world_);
    }
    const bool fails = Pick(4) == 0;
    if (fails) world_ = before;
    // As it ran last: before, it was rehearsed.
    std::string& wrong = wrong_.emplace_back();
    ledger.Submit(
        MakeUnit([acts, fails, &wrong](Unit& of) -> Result<std::string> {
          wrong.clear();
          for (const Act& act : acts) TRY_VOID(Do(act, of.Records(), wrong));
          if (fails) return Error{Code::kAborted, "GAVE_UP", "no"};
          return std::string("done");
        }));
  }

  // What was stored is what the map says, and every unit saw what it must.
  void Check(unsigned seed) {
    store::Reader reader = processes_[0]->database->Read().value();
    World stored;
    ASSERT_TRUE(store::RecordsOf(reader, "blackpool")
                    ->Scan(kCounted, store::IsNot<&Counted::name>(""), {},
                           [&](Counted& row) { stored[row.name] = row; }));
    ASSERT_EQ(stored, world_) << "seed " << seed;
    for (const std::string& wrong : wrong_) {
      ASSERT_EQ(wrong, "") << "seed " << seed;
    }
  }

  support::TemporaryFolder folder_;
  std::string address_;
  seal::Sealer sealer_ = seal::Sealer::FromSecret(std::string(32, 'k'));
  FakeClock clock_{Instant(std::chrono::hours(24 * 17000 + 12))};
  std::vector<std::unique_ptr<Process>> processes_;
  std::mt19937 random_{1};
  int made_ = 0;
  World world_;
  std::deque<std::string> wrong_;
};

class KeptBesideAnotherTest : public KeptTest {};

TEST_P(KeptTest, AUnitSeesWhatThoseBeforeItDid) {
  Ledger& ledger = processes_[0]->ledger;
  for (unsigned seed = 1; seed <= 120; ++seed) {
    random_.seed(seed);
    for (int unit = 0; unit < 12; ++unit) Submit(ledger);
    EXPECT_EQ(ledger.RunBatch(), 12u);
    ASSERT_NO_FATAL_FAILURE(Check(seed));
  }
}

TEST_P(KeptBesideAnotherTest, InTurnTheyAreAsOneProcess) {
  Begin();
  for (unsigned seed = 1; seed <= 50; ++seed) {
    random_.seed(seed);
    for (int batch = 0; batch < 4; ++batch) {
      Ledger& ledger = processes_[Pick(2)]->ledger;
      const int units = 1 + Pick(5);
      for (int unit = 0; unit < units; ++unit) Submit(ledger);
      EXPECT_EQ(ledger.RunBatch(), std::size_t(units));
    }
    ASSERT_NO_FATAL_FAILURE(Check(seed));
  }
}

// Each reads a number and writes the next.
TEST_P(KeptBesideAnotherTest, AtOnceTheyLoseNothing) {
  Begin();
  const auto add = [](Unit& of) -> Result<std::string> {
    TRY(auto row, of.Records().Get(kCounted, "n"));
    if (!row) {
      of.Records().Insert(kCounted, {"n", 1, ""});
      return std::string();
    }
    row->number++;
    TRY_VOID(of.Records().Update<&Counted::number>(kCounted, *row));
    return std::string();
  };
  constexpr int kUnits = 300;
  std::vector<std::thread> threads;
  for (const auto& process : processes_) {
    threads.emplace_back([&, &ledger = process->ledger] {
      for (int unit = 0; unit < kUnits; ++unit) {
        ledger.Submit(MakeUnit(add));
        if (unit % 3 == 0) ledger.RunBatch();
      }
      ledger.RunBatch();
    });
  }
  for (std::thread& thread : threads) thread.join();
  world_["n"] = {"n", 2 * kUnits, ""};
  Check(0);
}

// A join gives the rows of a value as often as the value is asked for.
TEST_P(KeptTest, AValueAskedForTwiceFindsItsRowsOnce) {
  Ledger& ledger = processes_[0]->ledger;
  ledger.Submit(MakeUnit([](Unit& of) -> Result<std::string> {
    of.Records().Insert(kCounted, {"one", 1, "alike"});
    of.Records().Insert(kCounted, {"two", 2, "alike"});
    return std::string();
  }));
  ASSERT_EQ(ledger.RunBatch(), 1u);
  const auto find = [](const std::string& area,
                       const std::vector<store::Value>& notes) {
    return store::From{
        "from each ? as h(asked) cross join nested [k.name, k.number, k.note "
        "from counted k where k.area = ? and k.note = h.asked] k",
        {store::ListOf(notes), area},
        store::kFew,
        {&kCounted.table}};
  };
  std::vector<int> found;
  const auto look = MakeUnit([&](Unit& of) -> Result<std::string> {
    int rows = 0;
    TRY_VOID(of.Records().Look<&Counted::note>(
        kCounted, {"alike", "alike"}, find, [&](Counted&) { rows++; }));
    found.push_back(rows);
    return std::string();
  });
  ledger.Submit(look);
  ledger.Submit(look);
  ASSERT_EQ(ledger.RunBatch(), 2u);
  EXPECT_EQ(found, std::vector<int>({2, 2}));
}

// Rows beside each other are brought together, so that many units ask little.
TEST_P(KeptTest, WhatManyUnitsAskForIsAskedOnce) {
  Ledger& ledger = processes_[0]->ledger;
  int rehearsed = 0;
  const auto look = [&](int name) {
    return MakeUnit([&rehearsed, name](Unit& of) -> Result<std::string> {
      rehearsed++;
      TRY_VOID(of.Records().Get(kCounted, "n-" + std::to_string(name)));
      of.Record({"test.Looked", "", of.now()});
      return std::string();
    });
  };
  ledger.Submit(look(0));
  EXPECT_EQ(ledger.RunBatch(), 1u);
  EXPECT_EQ(rehearsed, 1) << "nobody knew that it asks, and it is alone";
  for (int i = 0; i < 10; ++i) ledger.Submit(look(i));
  EXPECT_EQ(ledger.RunBatch(), 10u);
  EXPECT_EQ(rehearsed, 1 + 3 * 10)
      << "once for what they want, once more for what follows, and for good";
  for (int i = 0; i < 10; ++i) ledger.Submit(look(7));
  EXPECT_EQ(ledger.RunBatch(), 10u);
  rehearsed = 0;
  for (int i = 0; i < 100; ++i) ledger.Submit(look(i));
  EXPECT_EQ(ledger.RunBatch(), 100u);
  EXPECT_EQ(rehearsed, 2 * 64 + 100) << "what is kept has a bound";
}

INSTANTIATE_TEST_SUITE_P(Engines, KeptTest,
                         testing::Values(store::Engine::kSqlite,
                                         store::Engine::kPostgres),
                         [](const auto& info) {
                           return info.param == store::Engine::kSqlite
                                      ? "Sqlite"
                                      : "Postgres";
                         });
INSTANTIATE_TEST_SUITE_P(Engines, KeptBesideAnotherTest,
                         testing::Values(store::Engine::kPostgres),
                         [](const auto&) { return "Postgres"; });

}  // namespace
}  // namespace seawall::ledger
