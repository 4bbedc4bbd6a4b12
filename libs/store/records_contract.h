// What Records promise on every Database. Included by database_test.cc.
#pragma once

#include "libs/store/contract.h"
#include "libs/store/records.h"

namespace seawall::store {

enum class Colour { kNone, kRed, kBlue };
inline std::string_view Name(Colour colour) {
  return colour == Colour::kRed ? "RED" : colour == Colour::kBlue ? "BLUE" : "";
}
inline void FromName(std::string_view name, Colour& colour) {
  colour = name == "RED"    ? Colour::kRed
           : name == "BLUE" ? Colour::kBlue
                            : Colour::kNone;
}

struct BoatRow {
  std::string boat_id;
  long long number = 0;
  Colour colour = Colour::kNone;
  bool afloat = false;
  Instant built;
  Date launched;
  std::vector<std::string> flags;
  std::string name;

  bool operator==(const BoatRow&) const = default;
};
inline const auto kBoats =
    Listed<&BoatRow::boat_id, &BoatRow::number, &BoatRow::colour,
           &BoatRow::afloat, &BoatRow::built, &BoatRow::launched,
           &BoatRow::flags, &BoatRow::name>("boats");

// One that has a member which is no column.
struct Berth {
  std::string berth;
  int depth = 0;
};
struct BerthRow : Berth {
  std::string boat_id;
  bool is_deep = false;
};
inline const auto kBerths =
    TableFor<BerthRow, &BerthRow::boat_id, &Berth::berth, &Berth::depth>(
        "berths", 2);

inline const Migration kCreateBoats{
    2, "boats",
    "create table boats(area text not null, boat_id text not null,\n"
    "  number bigint not null, colour text not null, afloat bigint not null,\n"
    "  built_time bigint not null, launched_date text not null,\n"
    "  flags text not null, name text not null, primary key(area, boat_id));\n"
    "create table berths(area text not null, boat_id text not null,\n"
    "  berth text not null, depth bigint not null,\n"
    "  primary key(area, boat_id, berth));\n"};

class RecordsContract : public DatabaseContract {
 protected:
  void SetUp() override {
    DatabaseContract::SetUp();
    const auto migrated = database_->Migrate({kCreateNotes, kCreateBoats});
    ASSERT_TRUE(migrated) << migrated.error().message;
    ASSERT_TRUE(writer().Begin());
  }
  void TearDown() override { writer().Rollback(); }

  SessionRecords Of(const std::string& area) { return {writer(), area}; }

  static BoatRow Boat(const std::string& id, int number) {
    BoatRow boat;
    boat.boat_id = id;
    boat.number = number;
    boat.colour = number % 2 == 0 ? Colour::kRed : Colour::kBlue;
    boat.afloat = true;
    boat.built = FromMicros(1'700'000'000'000'000 + number);
    boat.launched = *ParseDate("2026-11-26");
    boat.flags = {"FAST", "SMALL"};
    boat.name = "Test-'Boat' ? :v1 " + id;
    return boat;
  }
  static std::vector<std::string> Ids(const std::vector<BoatRow>& boats) {
    std::vector<std::string> ids;
    for (const BoatRow& boat : boats) ids.push_back(boat.boat_id);
    return ids;
  }

  // Changes the schema as somebody else might.
  Result<void> CheckAfter(const std::string& statement) {
    EXPECT_TRUE(writer().Run(statement));
    return CheckSchema(writer(), {&kBoats.table, &kBerths.table});
  }
};

TEST_P(RecordsContract, RowComesBackAsItWas) {
  SessionRecords records = Of("test-area");
  const BoatRow boat = Boat("B-1", 7);
  records.Insert(kBoats, boat);
  EXPECT_EQ(records.Get(kBoats, "B-1").value(), boat);
  EXPECT_EQ(records.Get(kBoats, "B-2").value(), std::nullopt);
  EXPECT_EQ(Of("other-area").Get(kBoats, "B-1").value(), std::nullopt);
}

TEST_P(RecordsContract, ConditionsAndOrderSayWhichRows) {
  SessionRecords records = Of("test-area");
  for (int i = 1; i <= 9; ++i) {
    records.Insert(kBoats, Boat("B-" + std::to_string(i), i % 4));
  }
  SessionRecords there = Of("other-area");
  there.Insert(kBoats, Boat("B-1", 1));
  ASSERT_TRUE(there.Flush());
  const auto ids = [&](const Where<BoatRow>& where,
                       const Order<BoatRow>& order) {
    return Ids(records.All(kBoats, where, order).value());
  };
  using testing::ElementsAre;
  EXPECT_THAT(ids(Is<&BoatRow::number>(3), By<&BoatRow::boat_id>()),
              ElementsAre("B-3", "B-7"));
  EXPECT_THAT(
      ids(Is<&BoatRow::colour>(Colour::kRed) && IsNot<&BoatRow::boat_id>("B-4"),
          Newest<&BoatRow::boat_id>()),
      ElementsAre("B-8", "B-6", "B-2"));
  EXPECT_THAT(ids(After<&BoatRow::number, &BoatRow::boat_id>(2, "B-2"),
                  By<&BoatRow::number, &BoatRow::boat_id>(2)),
              ElementsAre("B-6", "B-3"));
  EXPECT_THAT(ids(OneOf<&BoatRow::boat_id>({"B-9", "B-1", "B-77"}),
                  By<&BoatRow::boat_id>()),
              ElementsAre("B-1", "B-9"));
  EXPECT_THAT(ids(OneOf<&BoatRow::boat_id>({}), {}), ElementsAre());
  EXPECT_THAT(
      ids(!Is<&BoatRow::colour>(Colour::kRed) &&
              (Below<&BoatRow::number>(2) || Where<BoatRow>{"number > 7"}),
          By<&BoatRow::boat_id>()),
      ElementsAre("B-1", "B-5", "B-9"));
  EXPECT_EQ(records.Count(kBoats, AtLeast<&BoatRow::number>(2)).value(), 4);
  EXPECT_EQ(records.Count(kBoats, AtMost<&BoatRow::number>(0)).value(), 2);
}

TEST_P(RecordsContract, UpdateChangesTheNamedColumnsOfOneRow) {
  SessionRecords records = Of("test-area");
  records.Insert(kBoats, Boat("B-1", 1));
  records.Insert(kBoats, Boat("B-2", 2));
  SessionRecords there = Of("other-area");
  there.Insert(kBoats, Boat("B-1", 1));
  ASSERT_TRUE(there.Flush());
  BoatRow changed = Boat("B-1", 5);
  changed.afloat = false;
  const auto updated =
      records.Update<&BoatRow::afloat, &BoatRow::colour>(kBoats, changed);
  ASSERT_TRUE(updated) << updated.error().message;
  BoatRow expected = Boat("B-1", 1);
  expected.afloat = false;
  EXPECT_EQ(records.Get(kBoats, "B-1").value(), expected);
  EXPECT_EQ(records.Get(kBoats, "B-2").value(), Boat("B-2", 2));
  EXPECT_EQ(there.Get(kBoats, "B-1").value(), Boat("B-1", 1));
}

TEST_P(RecordsContract, ChangesStayInTheirArea) {
  SessionRecords here = Of("test-area"), there = Of("other-area");
  here.Insert(kBoats, Boat("B-1", 1));
  there.Insert(kBoats, Boat("B-1", 1));
  ASSERT_TRUE(there.Flush());
  ASSERT_TRUE(here.DeleteAll(kBoats, Is<&BoatRow::number>(1)));
  EXPECT_EQ(here.Get(kBoats, "B-1").value(), std::nullopt);
  EXPECT_EQ(there.Get(kBoats, "B-1").value(), Boat("B-1", 1));
}

TEST_P(RecordsContract, AllRowsOfAConditionAreSet) {
  SessionRecords here = Of("test-area"), there = Of("other-area");
  for (const int number : {1, 2, 3}) {
    here.Insert(kBoats, Boat("B-" + std::to_string(number), number));
  }
  there.Insert(kBoats, Boat("B-1", 1));
  ASSERT_TRUE(there.Flush());
  BoatRow set;
  set.number = 7;
  ASSERT_TRUE(here.UpdateAll<&BoatRow::number>(kBoats, set,
                                               AtLeast<&BoatRow::number>(2)));
  EXPECT_EQ(here.Get(kBoats, "B-1").value(), Boat("B-1", 1));
  EXPECT_EQ(here.Count(kBoats, Is<&BoatRow::number>(7)).value(), 2);
  EXPECT_EQ(there.Get(kBoats, "B-1").value(), Boat("B-1", 1));
}

TEST_P(RecordsContract, RowsGetAnotherKeyAndKeepTheRest) {
  SessionRecords here = Of("test-area"), there = Of("other-area");
  for (SessionRecords* records : {&here, &there}) {
    for (const char* boat : {"B-3", "B-1", "B-2"}) {
      records->Insert(kBerths, {{"Test-Quay", boat[2] - '0'}, boat});
    }
    records->Insert(kBerths, {{"Test-Pier", 2}, "B-9"});
    ASSERT_TRUE(records->Flush());
  }
  BerthRow set;
  set.berth = "Test-Pier";
  // Two that are at the pier then, one that is there already, one that is not.
  const auto moved =
      here.UpdateAll<&Berth::berth>(kBerths, set, AtLeast<&Berth::depth>(2));
  ASSERT_TRUE(moved) << moved.error().message;
  const auto at = [](const Records& records, const std::string& berth) {
    std::string boats;
    const auto each = [&](const BerthRow& row) {
      boats += row.boat_id + "," + std::to_string(row.depth) + " ";
    };
    EXPECT_TRUE(records.Scan(kBerths, Is<&Berth::berth>(berth),
                             By<&Berth::depth, &Berth::berth>(), each));
    return boats;
  };
  EXPECT_EQ(at(here, "Test-Pier"), "B-2,2 B-9,2 B-3,3 ");
  EXPECT_EQ(at(here, "Test-Quay"), "B-1,1 ");
  EXPECT_EQ(at(there, "Test-Quay"), "B-1,1 B-2,2 B-3,3 ");
  set.boat_id = "B-9";
  EXPECT_FALSE(
      here.UpdateAll<&BerthRow::boat_id>(kBerths, set, Is<&Berth::depth>(3)))
      << "there is one of that key";
}

TEST_P(RecordsContract, WhateverAConditionSaysItIsOfTheArea) {
  SessionRecords here = Of("test-area"), there = Of("other-area");
  here.Insert(kBoats, Boat("B-1", 1));
  there.Insert(kBoats, Boat("B-2", 2));
  ASSERT_TRUE(there.Flush());
  const Where<BoatRow> any{"number = 9 or number > 0"};
  EXPECT_EQ(here.All(kBoats, any).value(),
            std::vector<BoatRow>({Boat("B-1", 1)}));
  EXPECT_EQ(here.Count(kBoats, any).value(), 1);
  EXPECT_EQ(here.Count(kBoats, Where<BoatRow>()).value(), 1);
  BoatRow set;
  set.name = "Test-Petrel";
  ASSERT_TRUE(here.UpdateAll<&BoatRow::name>(kBoats, set, any));
  ASSERT_TRUE(here.DeleteAll(kBoats, any));
  EXPECT_EQ(there.All(kBoats, any).value(),
            std::vector<BoatRow>({Boat("B-2", 2)}));
}

TEST_P(RecordsContract, OneOfSeveralKeyColumnsIsNoKey) {
  const auto got = Of("test-area").Get(kBerths, "B-1");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().reason, "STORE_MISUSED");
}

TEST_P(RecordsContract, ColumnsOfANewerReleaseGoAlong) {
  writer().sql()
      << "alter table berths add column newer text not null default 'no'";
  SessionRecords records = Of("test-area");
  records.Insert(kBerths, {{"Test-Quay", 2}, "B-1"});
  ASSERT_TRUE(records.Flush());
  writer().sql() << "update berths set newer = 'yes'";
  BerthRow set;
  set.berth = "Test-Pier";
  ASSERT_TRUE(
      records.UpdateAll<&Berth::berth>(kBerths, set, Is<&Berth::depth>(2)));
  int found = 0;
  writer().sql() << "select count(*) from berths where berth = 'Test-Pier' and "
                    "newer = 'yes'",
      soci::into(found);
  EXPECT_EQ(found, 1);
}

TEST_P(RecordsContract, DeleteTakesTheRowWithThatKeyAlone) {
  SessionRecords records = Of("test-area");
  for (const char* berth : {"Test-Quay", "Test-Pier"}) {
    records.Insert(kBerths, {{berth, 10}, "B-1"});
  }
  ASSERT_TRUE(records.Delete(kBerths, BerthRow{{"Test-Quay"}, "B-1"}));
  const auto left = records.All(kBerths, Is<&BerthRow::boat_id>("B-1")).value();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].berth, "Test-Pier");
}

TEST_P(RecordsContract, ChangesFindWhatWasInsertedBeforeThem) {
  SessionRecords records = Of("test-area");
  for (int round = 1; round <= 2; ++round) {
    records.Insert(kBoats, Boat("B-1", round));
    BoatRow changed = Boat("B-1", round);
    changed.afloat = false;
    ASSERT_TRUE(records.Update<&BoatRow::afloat>(kBoats, changed));
    EXPECT_EQ(records.Get(kBoats, "B-1").value(), changed);
    records.Insert(kBoats, Boat("B-2", round));
    for (const char* id : {"B-1", "B-2"}) {
      ASSERT_TRUE(records.Delete(kBoats, BoatRow{id}));
      EXPECT_EQ(records.Get(kBoats, id).value(), std::nullopt);
    }
  }
}

TEST_P(RecordsContract, JoinGivesARowOfEach) {
  SessionRecords records = Of("test-area");
  for (int i = 1; i <= 3; ++i) {
    const std::string id = "B-" + std::to_string(i);
    records.Insert(kBoats, Boat(id, i));
    BerthRow berth;
    berth.boat_id = id;
    berth.berth = "Test-Quay";
    berth.depth = 10 * i;
    records.Insert(kBerths, berth);
  }
  std::vector<std::string> found;
  const auto read = records.Read(
      {"from each ? as wanted(id) join each ? as deep(depth) on 1 = 1 join "
       "boats b on b.area = ? and b.boat_id = wanted.id join berths p on "
       "p.area = b.area and p.boat_id = b.boat_id and p.depth = deep.depth "
       "where p.berth in ? order by b.boat_id",
       {std::vector<std::string>{"B-1", "B-3"},
        std::vector<long long>{10, 20, 30}, records.area(),
        std::vector<std::string>{"Test-Quay"}}},
      [&](const BoatRow& boat, const BerthRow& berth) {
        found.push_back(boat.boat_id + " " + std::to_string(berth.depth));
      },
      Only<&BoatRow::boat_id, &BoatRow::name>("b"), kBerths.As("p"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(found, testing::ElementsAre("B-1 10", "B-3 30"));
}

TEST_P(RecordsContract, ManyRowsComeOneByOne) {
  SessionRecords records = Of("test-area");
  for (int i = 0; i < 2500; ++i) {
    records.Insert(kBoats, Boat("B-" + std::to_string(10'000 + i), i));
  }
  for (const std::size_t expected : {kAll, kMany, kFew}) {
    long long next = 0;
    const auto read = records.Read(
        {"from boats b where b.area = ? order by b.boat_id",
         {records.area()},
         expected},
        [&](const BoatRow& boat) {
          EXPECT_EQ(boat, Boat("B-" + std::to_string(10'000 + next), next));
          next++;
        },
        kBoats.As("b"));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(next, 2500);
  }
}

TEST_P(RecordsContract, SchemaThatFitsIsTaken) {
  EXPECT_TRUE(CheckSchema(writer(), {&kBoats.table, &kBerths.table}));
}

TEST_P(RecordsContract, MissingColumnIsRefused) {
  const auto checked = CheckAfter("alter table boats drop column name");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, "STORE_SCHEMA");
  EXPECT_THAT(checked.error().message,
              testing::HasSubstr("column name of table boats is missing"));
}

TEST_P(RecordsContract, MissingTableIsRefused) {
  const auto checked = CheckAfter("drop table berths");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, "STORE_SCHEMA");
}

TEST_P(RecordsContract, ColumnOfAnotherTypeIsRefused) {
  const auto checked = CheckAfter(
      "alter table berths drop column depth; "
      "alter table berths add column depth text");
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message,
              testing::HasSubstr("depth of table berths is text, not bigint"));
}

TEST_P(RecordsContract, ExtraColumnThatMustBeGivenIsRefused) {
  const auto checked = CheckAfter(
      "drop table berths; create table berths(area text not null, boat_id text "
      "not null, berth text not null, depth bigint not null, owner text not "
      "null)");
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message,
              testing::HasSubstr("owner of table berths is not known here"));
}

TEST_P(RecordsContract, OtherExtraColumnsAreOfANewerRelease) {
  EXPECT_TRUE(CheckAfter("alter table boats add column owner text"));
  EXPECT_TRUE(CheckAfter(
      "alter table boats add column sails bigint not null default 1"));
}

}  // namespace seawall::store
