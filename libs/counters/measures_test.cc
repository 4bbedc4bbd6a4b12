#include "libs/counters/measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seawall::counters {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

Date Day(const char* text) { return *ParseDate(text); }

Definitions FrontDoor() {
  Definitions definitions;
  definitions.groups = {{"source", {"1A", "6", "unknown"}},
                        {"priority", {"urgent", "routine"}}};
  definitions.measures = {
      {.id = "contacts", .numerator = "contacts", .groups = {"source"}},
      {.id = "conversion",
       .version = 2,
       .unit = "percent",
       .decimal_places = 1,
       .numerator = "referrals",
       .denominator = "contacts",
       .groups = {"source"}},
      {.id = "repeats",
       .unit = "percent",
       .numerator = "opened",
       .numerator_group = "repeat=yes",
       .denominator = "opened"},
      {.id = "referral_rate",
       .unit = "per_10000",
       .numerator = "referrals",
       .denominator = "population"},
      {.id = "open",
       .kind = Kind::kStock,
       .numerator = "open",
       .groups = {"priority"}},
      {.id = "overdue",
       .kind = Kind::kOverdue,
       .numerator = "open",
       .groups = {"priority"}},
      {.id = "overdue_share",
       .kind = Kind::kOverdue,
       .unit = "percent",
       .numerator = "open",
       .denominator = "open",
       .groups = {"priority"}}};
  return definitions;
}

// Counters as they would stand after counting; remembers what was asked.
class MeasuresTest : public testing::Test {
 protected:
  MeasuresTest() { populations_.Set("blackpool", "2017-18", {28605, "test"}); }

  void Contact(const char* day, const char* source, std::int64_t by) {
    AddFlow(values_, "contacts", day, by);
    AddFlow(values_, "contacts", day, "source", source, by);
  }
  void Referral(const char* day, const char* source, std::int64_t by) {
    AddFlow(values_, "referrals", day, by);
    AddFlow(values_, "referrals", day, "source", source, by);
  }
  void Open(const char* due, const char* priority, std::int64_t by) {
    AddStock(values_, "open", due, "", "", by);
    AddStock(values_, "open", due, "priority", priority, by);
  }

  ValueSource Source() {
    return [this](const Asked& asked) -> Result<std::vector<std::int64_t>> {
      asked_.push_back(asked);
      std::vector<std::int64_t> values;
      for (const std::string& name : asked.names) {
        const auto found = values_.find(name);
        values.push_back(found == values_.end() ? 0 : found->second);
      }
      return values;
    };
  }

  FiguresQuery Query(std::vector<std::string> measures,
                     std::string group_by = "") {
    return {.area = "blackpool",
            .measures = std::move(measures),
            .start = Day("2017-04-01"),
            .end = Day("2018-03-31"),
            .group_by = std::move(group_by),
            .census = Day("2018-03-31")};
  }

  std::vector<Figure> Compute(const FiguresQuery& query) {
    auto figures = ComputeFigures(definitions_, populations_, query, Source());
    EXPECT_TRUE(figures) << figures.error().message;
    return figures.value_or(std::vector<Figure>{});
  }

  // As known at the end of each month, and always the same.
  std::vector<Figure> Publish(const FiguresQuery& query,
                              const char* known = "2018-03-31") {
    std::vector<Release> releases;
    for (const Date day : ReleasesOf(query, Day(known)).value())
      releases.push_back({day, Source()});
    return ComputePublished(definitions_, populations_, query, releases)
        .value();
  }

  // "value" or "symbol" of each figure, with its group value.
  std::vector<std::string> Shown(const FiguresQuery& query) {
    return Texts(Compute(query));
  }
  static std::vector<std::string> Texts(const std::vector<Figure>& figures) {
    std::vector<std::string> shown;
    for (const Figure& figure : figures) {
      shown.push_back((figure.group.empty() ? "all" : figure.group_value) +
                      ": " + figure.value + figure.symbol);
    }
    return shown;
  }

  std::string Refused(const FiguresQuery& query) {
    const auto figures =
        ComputeFigures(definitions_, populations_, query, Source());
    return figures ? "" : figures.error().reason;
  }

  Definitions definitions_ = FrontDoor();
  Populations populations_;
  Increments values_;
  std::vector<Asked> asked_;
};

TEST_F(MeasuresTest, PublishedYearComesOutAsPublished) {
  Contact("2017-06-12", "6", 9000);
  Contact("2018-03-31", "1A", 798);
  Referral("2017-04-01", "6", 2726);
  EXPECT_THAT(Shown(Query({"contacts", "conversion", "referral_rate"})),
              ElementsAre("all: 9798", "all: 27.8", "all: 953"));
}

TEST_F(MeasuresTest, FigureCarriesWhatItIsMadeOf) {
  Contact("2017-06-12", "6", 9798);
  Referral("2017-06-12", "6", 2726);
  const auto figures = Compute(Query({"conversion"}));
  ASSERT_THAT(figures, SizeIs(1));
  EXPECT_EQ(figures[0].measure, "conversion");
  EXPECT_EQ(figures[0].version, 2);
  EXPECT_EQ(figures[0].unit, "percent");
  EXPECT_EQ(figures[0].decimal_places, 1);
  EXPECT_EQ(figures[0].numerator, 2726);
  EXPECT_EQ(figures[0].denominator, 9798);
  EXPECT_EQ(figures[0].start, Day("2017-04-01"));
  EXPECT_EQ(figures[0].end, Day("2018-03-31"));
}

TEST_F(MeasuresTest, CountHasNoDenominator) {
  Contact("2017-06-12", "6", 7);
  EXPECT_EQ(Compute(Query({"contacts"}))[0].denominator, std::nullopt);
}

TEST_F(MeasuresTest, OnlyDaysOfThePeriodCount) {
  Contact("2017-03-31", "6", 1);
  Contact("2017-04-01", "6", 10);
  Contact("2017-05-15", "6", 100);
  Contact("2017-06-02", "6", 1000);
  Contact("2017-06-03", "6", 10000);
  FiguresQuery query = Query({"contacts"});
  query.end = Day("2017-06-02");
  EXPECT_THAT(Shown(query), ElementsAre("all: 1110"));
}

TEST_F(MeasuresTest, GroupComesAfterItsTotalWithUnknownLast) {
  Contact("2017-06-12", "1A", 30);
  Contact("2017-06-12", "6", 60);
  Contact("2017-06-12", "unknown", 10);
  Referral("2017-06-12", "6", 15);
  EXPECT_THAT(Shown(Query({"conversion"}, "source")),
              ElementsAre("all: 15.0", "1A: 0.0", "6: 25.0", "unknown: 0.0"));
}

TEST_F(MeasuresTest, QuartersAreOfTheReportingYear) {
  Contact("2017-04-01", "6", 1);
  Contact("2017-09-30", "6", 2);
  Contact("2018-01-01", "6", 4);
  EXPECT_THAT(Shown(Query({"contacts"}, "quarter")),
              ElementsAre("all: 7", "2017-18 Q1: 1", "2017-18 Q2: 2",
                          "2017-18 Q3: 0", "2017-18 Q4: 4"));
}

TEST_F(MeasuresTest, MonthsCarryTheirOwnPeriod) {
  Contact("2017-04-30", "6", 1);
  const auto figures = Compute(Query({"contacts"}, "month"));
  ASSERT_THAT(figures, SizeIs(13));
  EXPECT_EQ(figures[1].group, "month");
  EXPECT_EQ(figures[1].group_value, "2017-04");
  EXPECT_EQ(figures[1].numerator, 1);
  EXPECT_EQ(figures[1].end, Day("2017-04-30"));
}

TEST_F(MeasuresTest, MeasureRestrictedToOneGroupValueCountsOnlyThat) {
  AddFlow(values_, "opened", "2017-06-12", 100);
  AddFlow(values_, "opened", "2017-06-12", "repeat", "yes", 24);
  EXPECT_THAT(Shown(Query({"repeats"})), ElementsAre("all: 24"));
}

TEST_F(MeasuresTest, NothingOverNothingIsNotApplicable) {
  const auto figures = Compute(Query({"conversion"}));
  EXPECT_EQ(figures[0].symbol, "z");
  EXPECT_EQ(figures[0].value, "");
  EXPECT_EQ(figures[0].numerator, 0);
  EXPECT_EQ(figures[0].denominator, 0);
}

TEST_F(MeasuresTest, RateWithoutAPopulationIsNotAvailable) {
  Referral("2017-06-12", "6", 10);
  FiguresQuery elsewhere = Query({"referral_rate"});
  elsewhere.area = "testshire";
  EXPECT_THAT(Shown(elsewhere), ElementsAre("all: x"));
  FiguresQuery two_years = Query({"referral_rate"});
  two_years.end = Day("2018-04-01");
  EXPECT_THAT(Shown(two_years), ElementsAre("all: x"));
}

TEST_F(MeasuresTest, AReportingYearIsOneCounterAFamily) {
  Compute(Query({"contacts", "conversion", "referral_rate"}, ""));
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_THAT(asked_[0].names,
              UnorderedElementsAre("contacts|2017/18|", "referrals|2017/18|"));
  EXPECT_EQ(asked_[0].first, Day("2017-04-01"));
  EXPECT_EQ(asked_[0].last, Day("2018-03-31"));
}

TEST_F(MeasuresTest, AnyPeriodIsSummedFromYearsMonthsAndDays) {
  for (const char* day :
       {"2016-03-30", "2016-03-31", "2016-04-01", "2017-03-31", "2017-04-01",
        "2017-04-30", "2017-05-01", "2017-05-02"}) {
    Contact(day, "1A", 1);
  }
  FiguresQuery query = Query({"contacts"});
  query.start = Day("2016-03-31");
  query.end = Day("2017-05-01");
  EXPECT_THAT(Shown(query), ElementsAre("all: 6"));
  query.start = Day("2016-04-01");
  query.end = Day("2017-03-31");
  EXPECT_THAT(Shown(query), ElementsAre("all: 2"));
}

// ---- stocks ----

TEST_F(MeasuresTest, OverdueIsWhatWasDueBeforeTheCensusDay) {
  Open("2018-03-29", "routine", 1);
  Open("2018-03-30", "urgent", 10);
  Open("2018-03-31", "routine", 100);  // due at the end of that day
  Open("2018-04-03", "routine", 1000);
  EXPECT_THAT(Shown(Query({"open", "overdue", "overdue_share"})),
              ElementsAre("all: 1111", "all: 11", "all: 1"));
  EXPECT_THAT(Shown(Query({"overdue"}, "priority")),
              ElementsAre("all: 11", "urgent: 10", "routine: 1", "unknown: 0"));
}

TEST_F(MeasuresTest, OverdueIsReadInOneCallHoweverLongAgoItWasDue) {
  Open("1899-12-31", "routine", 1);
  Open("2018-03-30", "urgent", 2);
  Open("2018-03-31", "urgent", 4);
  Open("2018-09-30", "urgent", 8);
  Open("2031-01-01", "urgent", 16);
  EXPECT_THAT(Shown(Query({"overdue"}, "priority")),
              ElementsAre("all: 3", "urgent: 2", "routine: 1", "unknown: 0"));
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(MeasuresTest, WhatStandsIsWhatBeganLessWhatEndedByTheCensus) {
  definitions_.measures.push_back({.id = "plans",
                                   .kind = Kind::kStanding,
                                   .numerator = "started",
                                   .less = "ended"});
  AddFlow(values_, "started", "2001-06-12", 1);
  AddFlow(values_, "started", "2018-03-31", 10);
  AddFlow(values_, "started", "2018-04-01", 100);
  AddFlow(values_, "ended", "2017-04-02", 2);
  AddFlow(values_, "ended", "2018-04-01", 20);
  EXPECT_THAT(Shown(Query({"plans", "contacts"})),
              ElementsAre("all: 9", "all: 0"));
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(MeasuresTest, NothingOpenIsNothingOverdue) {
  EXPECT_THAT(Shown(Query({"overdue", "overdue_share"})),
              ElementsAre("all: 0", "all: z"));
}

// ---- suppression ----

TEST_F(MeasuresTest, SmallNumbersAreHiddenWithTheirShare) {
  Contact("2017-06-12", "1A", 100);
  Contact("2017-06-12", "6", 100);
  Referral("2017-06-12", "1A", 3);
  Referral("2017-06-12", "6", 40);
  const auto figures = Publish(Query({"conversion"}, "source"));
  EXPECT_THAT(Texts(figures),
              ElementsAre("all: 21.5", "1A: c", "6: c", "unknown: z"));
  EXPECT_EQ(figures[1].numerator, std::nullopt);
  EXPECT_EQ(figures[1].denominator, 100);
}

// Were it hidden by measure, `contacts` would hide what `conversion` then shows
// as its denominator.
TEST_F(MeasuresTest, NumberHiddenInOneMeasureIsHiddenInAll) {
  Contact("2017-06-12", "1A", 4);
  Contact("2017-06-12", "6", 90);
  Contact("2017-06-12", "unknown", 50);
  Referral("2017-06-12", "unknown", 30);
  const auto figures = Publish(Query({"contacts", "conversion"}, "source"));
  ASSERT_THAT(figures, SizeIs(8));
  EXPECT_EQ(figures[3].symbol, "c") << "hidden with 1A's";
  EXPECT_EQ(figures[7].group_value, "unknown");
  EXPECT_EQ(figures[7].denominator, std::nullopt);
  EXPECT_EQ(figures[7].value, "");
  EXPECT_EQ(figures[7].symbol, "c");
  EXPECT_EQ(figures[6].denominator, 90);
}

// A group of one value is a way of splitting, too: the others are the rest.
TEST_F(MeasuresTest, WhatIsCountedOfOneGroupValueIsHiddenWithTheRest) {
  AddFlow(values_, "opened", "2017-06-12", 40);
  AddFlow(values_, "opened", "2017-06-12", "repeat", "yes", 37);
  auto figures = Publish(Query({"repeats"}));
  EXPECT_EQ(figures[0].symbol, "c") << "40 - 37 = 3";
  EXPECT_EQ(figures[0].numerator, std::nullopt);
  AddFlow(values_, "opened", "2017-06-12", 10);
  EXPECT_EQ(Publish(Query({"repeats"}))[0].numerator, 37);
}

// Whatever is asked together: the total of a month without a group knows what
// its sources hide.
TEST_F(MeasuresTest, ANumberIsHiddenAlikeInEveryTable) {
  Contact("2017-04-12", "1A", 1);
  Contact("2017-04-12", "6", 5);
  for (int i = 0; i < 2; ++i)
    Contact(i == 0 ? "2017-05-12" : "2017-06-12", "6", 30);
  FiguresQuery quarter = Query({"contacts"}, "month");
  quarter.end = Day("2017-06-30");
  EXPECT_THAT(
      Texts(Publish(quarter)),
      ElementsAre("all: 66", "2017-04: 6", "2017-05: 30", "2017-06: 30"));
  quarter.group_by = "source";
  EXPECT_THAT(Texts(Publish(quarter)),
              ElementsAre("all: 66", "1A: c", "6: c", "unknown: 0"));
  FiguresQuery month = Query({"contacts"}, "source");
  month.end = Day("2017-04-30");
  EXPECT_THAT(Texts(Publish(month)),
              ElementsAre("all: 6", "1A: c", "6: c", "unknown: 0"));
  EXPECT_THAT(Texts(Publish(Query({"contacts"}, "quarter"))),
              ElementsAre("all: 66", "2017-18 Q1: 66", "2017-18 Q2: 0",
                          "2017-18 Q3: 0", "2017-18 Q4: 0"));
}

TEST_F(MeasuresTest, WhatStandsIsHiddenByItself) {
  Open("2018-03-29", "routine", 3);
  Open("2018-05-30", "urgent", 10);
  EXPECT_THAT(Texts(Publish(Query({"open", "overdue"}, "priority"))),
              ElementsAre("all: 13", "urgent: c", "routine: c", "unknown: 0",
                          "all: c", "urgent: 0", "routine: c", "unknown: 0"));
}

TEST_F(MeasuresTest, OnlyOneWholeMonthQuarterOrYearIsPublished) {
  const auto reason = [&](const char* start, const char* end,
                          const char* known = "2018-03-31",
                          const char* census = "2018-03-31") {
    FiguresQuery query = Query({"contacts"});
    query.start = Day(start);
    query.end = Day(end);
    query.census = Day(census);
    const auto releases = ReleasesOf(query, Day(known));
    return releases ? std::to_string(releases->size())
                    : releases.error().reason + " " +
                          releases.error().fields.at(0).path;
  };
  EXPECT_EQ(reason("2017-04-01", "2018-03-31"), "12");
  EXPECT_EQ(reason("2017-07-01", "2017-09-30"), "9");
  EXPECT_EQ(reason("2018-02-01", "2018-02-28"), "2");
  EXPECT_EQ(reason("2017-07-01", "2017-09-30", "2017-09-30", "2017-09-30"),
            "3");
  const std::string whole = "PERIOD_NOT_WHOLE end_date";
  for (const auto& [start, end] : {std::pair("2017-06-12", "2017-06-12"),
                                   {"2017-06-01", "2017-06-29"},
                                   {"2017-06-02", "2017-06-30"},
                                   {"2017-04-01", "2017-05-31"},
                                   {"2017-05-01", "2017-07-31"},
                                   {"2017-04-01", "2017-09-30"},
                                   {"2017-01-01", "2017-12-31"},
                                   {"2016-04-01", "2018-03-31"}})
    EXPECT_EQ(reason(start, end), whole) << start << " " << end;
  EXPECT_EQ(reason("2017-04-01", "2018-03-31", "2018-02-28"), whole)
      << "it was not over";
  EXPECT_EQ(reason("2017-06-01", "2017-06-30", "2018-03-30"),
            "PERIOD_NOT_WHOLE as_known_time");
  EXPECT_EQ(reason("2017-06-01", "2017-06-30", "2018-03-31", "2018-03-30"),
            "PERIOD_NOT_WHOLE census_date");
}

TEST_F(MeasuresTest, WithoutSuppressionSmallNumbersAreShown) {
  Contact("2017-06-12", "6", 3);
  EXPECT_THAT(Shown(Query({"contacts"})), ElementsAre("all: 3"));
}

// ---- what cannot be asked ----

TEST_F(MeasuresTest, UnknownMeasureIsNamedByItsPath) {
  const auto figures = ComputeFigures(
      definitions_, populations_, Query({"contacts", "nonsense"}), Source());
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error().reason, "UNKNOWN_MEASURE");
  EXPECT_EQ(figures.error().fields.at(0).path, "measures[1]");
}

TEST_F(MeasuresTest, GroupsThatDoNotFitAreRefused) {
  EXPECT_EQ(Refused(Query({"contacts"}, "shoe_size")), "UNKNOWN_GROUP");
  EXPECT_EQ(Refused(Query({"contacts"}, "priority")), "UNKNOWN_GROUP");
  EXPECT_EQ(Refused(Query({"open"}, "month")), "UNKNOWN_GROUP");
  EXPECT_EQ(Refused(Query({"repeats"}, "source")), "UNKNOWN_GROUP");
}

TEST_F(MeasuresTest, AllMeasuresAreThoseThatCanBeGrouped) {
  std::set<std::string> ids;
  for (const Figure& figure : Compute(Query({}, "source"))) {
    ids.insert(figure.measure);
  }
  EXPECT_THAT(ids, ElementsAre("contacts", "conversion"));
}

TEST_F(MeasuresTest, PeriodThatEndsBeforeItBeginsIsRefused) {
  FiguresQuery query = Query({"contacts"});
  query.end = Day("2017-03-31");
  EXPECT_EQ(Refused(query), "BAD_PERIOD");
  query.end = Day("2117-03-31");
  EXPECT_EQ(Refused(query), "BAD_PERIOD");
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(MeasuresTest, ErrorOfTheSourceIsTheAnswer) {
  const auto figures = ComputeFigures(
      definitions_, populations_, Query({"contacts"}),
      [](const Asked&) -> Result<std::vector<std::int64_t>> {
        return Error{Code::kUnavailable, "COUNTERS_UNAVAILABLE", "test"};
      });
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error().reason, "COUNTERS_UNAVAILABLE");
}

}  // namespace
}  // namespace seawall::counters
