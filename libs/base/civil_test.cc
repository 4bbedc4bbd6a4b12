#include "libs/base/civil.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace seawall {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;

std::string DataFile(const std::string& name) {
  const char* root = std::getenv("SEAWALL_ROOT");
  return (root != nullptr ? std::string(root) : ".") + "/data/" + name;
}

Date Day(std::string_view text) { return ParseDate(text).value(); }
Instant At(std::string_view text) { return ParseInstant(text).value(); }

Calendar England() {
  auto calendar = Calendar::Load(DataFile("bank_holidays.json"));
  EXPECT_TRUE(calendar.has_value());
  return calendar.value_or(Calendar());
}

std::string After(const Calendar& calendar, std::string_view start, int n) {
  return FormatDate(calendar.AddWorkingDays(Day(start), n));
}

std::string WriteTemporary(const std::string& content) {
  const auto path = std::filesystem::path(testing::TempDir()) /
                    "seawall_civil_test_holidays.json";
  std::ofstream(path) << content;
  return path.string();
}

TEST(ParseDate, RoundTripsDaysThatExist) {
  for (const char* text : {"2018-03-29", "2000-02-29", "2016-02-29",
                           "1900-01-01", "9999-12-31", "0001-01-01"}) {
    EXPECT_EQ(FormatDate(Day(text)), text);
  }
}

TEST(Ages, BornOn29FebruaryIsAYearOlderOn1MarchWhereThereIsNo29th) {
  const Date born = Day("2024-02-29");
  EXPECT_EQ(AgeOn(born, Day("2024-02-28")), -1);
  EXPECT_EQ(AgeOn(born, born), 0);
  EXPECT_EQ(AgeOn(born, Day("2025-02-28")), 0);
  EXPECT_EQ(AgeOn(born, Day("2025-03-01")), 1);
  EXPECT_EQ(AgeOn(born, Day("2028-02-28")), 3);
  EXPECT_EQ(AgeOn(born, Day("2028-02-29")), 4);
  EXPECT_EQ(AgeOn(born, Day("2042-02-28")), 17);
  EXPECT_EQ(AgeOn(born, Day("2042-03-01")), 18);
}

TEST(Ages, AnAgeIsReachedOnTheDayYearsOn) {
  for (Date born = Day("2019-12-30"); born < Day("2021-01-03");
       born += days(1)) {
    for (const int years : {0, 1, 4, 16, 18, 25, 80}) {
      const Date day = YearsOn(born, years);
      ASSERT_EQ(AgeOn(born, day), years) << FormatDate(born);
      ASSERT_EQ(AgeOn(born, day - days(1)), years - 1) << FormatDate(born);
    }
  }
  EXPECT_EQ(FormatDate(YearsOn(Day("2024-02-29"), -1)), "2023-03-01");
  EXPECT_EQ(FormatDate(YearsOn(Day("2024-02-29"), 4)), "2028-02-29");
}

TEST(Months, EndWithTheLastDayBeforeTheNext) {
  const auto before = [](const char* day) {
    return FormatDate(MonthEndBefore(*ParseDate(day)));
  };
  EXPECT_EQ(before("2023-12-31"), "2023-11-30");
  EXPECT_EQ(before("2023-12-01"), "2023-11-30");
  EXPECT_EQ(before("2024-03-31"), "2024-02-29");
  EXPECT_EQ(before("2024-01-15"), "2023-12-31");
}

TEST(ParseDate, RefusesDaysThatDoNotExist) {
  for (const char* text : {"2018-02-29", "1900-02-29", "2018-04-31",
                           "2018-13-01", "2018-00-10", "2018-01-00"}) {
    EXPECT_FALSE(ParseDate(text)) << text;
  }
}

TEST(ParseDate, RefusesOtherForms) {
  for (const char* text :
       {"", "2018", "2018-3-29", "18-03-29", "29/03/2018", "2018-03-29 ",
        " 2018-03-29", "2018-03-29T00:00:00Z", "2018_03_29", "-018-03-29",
        "2018-03-2x", "+018-03-29"}) {
    EXPECT_FALSE(ParseDate(text)) << text;
  }
}

TEST(ParseInstant, ReadsZuluAndOffsets) {
  const Instant expected = Day("2018-03-29") + hours(9) + minutes(30);
  EXPECT_EQ(At("2018-03-29T09:30:00Z"), expected);
  EXPECT_EQ(At("2018-03-29t09:30:00z"), expected);
  EXPECT_EQ(At("2018-03-29T10:30:00+01:00"), expected);
  EXPECT_EQ(At("2018-03-29T04:00:00-05:30"), expected);
  EXPECT_EQ(At("2018-03-30T08:30:00+23:00"), expected);
}

TEST(ParseInstant, KeepsMicrosecondsAndDropsWhatIsFiner) {
  EXPECT_EQ(At("1970-01-01T00:00:00.5Z").time_since_epoch().count(), 500'000);
  EXPECT_EQ(At("1970-01-01T00:00:00.000001Z").time_since_epoch().count(), 1);
  EXPECT_EQ(At("1970-01-01T00:00:00.0000019Z").time_since_epoch().count(), 1);
}

TEST(ParseInstant, RefusesOtherForms) {
  for (const char* text :
       {"", "2018-03-29", "2018-03-29T09:30:00", "2018-03-29 09:30:00Z",
        "2018-03-29T24:00:00Z", "2018-03-29T09:60:00Z", "2018-03-29T09:30:60Z",
        "2018-03-29T09:30:00.Z", "2018-03-29T09:30:00+0100",
        "2018-03-29T09:30:00+24:00", "2018-03-29T09:30:00Zx",
        "2018-02-30T09:30:00Z", "2018-03-29T9:30:00Z", "2018-03-29T09:30Z"}) {
    EXPECT_FALSE(ParseInstant(text)) << text;
  }
}

TEST(FormatInstant, ShowsSixPlacesAndZulu) {
  EXPECT_EQ(FormatInstant(At("2018-03-29T10:30:00.25+01:00")),
            "2018-03-29T09:30:00.250000Z");
  // Before 1970 the count is negative; the day still has to be the one before.
  EXPECT_EQ(FormatInstant(FromMicros(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(CivilDate, IsAnHourAheadInSummer) {
  EXPECT_EQ(FormatDate(CivilDate(At("2017-06-12T22:59:59.999999Z"))),
            "2017-06-12");
  EXPECT_EQ(FormatDate(CivilDate(At("2017-06-12T23:00:00Z"))), "2017-06-13");
  EXPECT_EQ(FormatDate(CivilDate(At("2017-12-12T23:30:00Z"))), "2017-12-12");
}

TEST(CivilDate, DayOfTheSpringChangeHasTwentyThreeHours) {
  const Date day = Day("2018-03-25");
  EXPECT_EQ(FormatInstant(StartOfDay(day)), "2018-03-25T00:00:00.000000Z");
  EXPECT_EQ(FormatInstant(EndOfDay(day)), "2018-03-25T23:00:00.000000Z");
  EXPECT_EQ(EndOfDay(day) - StartOfDay(day), hours(23));
}

TEST(CivilDate, DayOfTheAutumnChangeHasTwentyFiveHours) {
  const Date day = Day("2017-10-29");
  EXPECT_EQ(FormatInstant(StartOfDay(day)), "2017-10-28T23:00:00.000000Z");
  EXPECT_EQ(FormatInstant(EndOfDay(day)), "2017-10-30T00:00:00.000000Z");
  EXPECT_EQ(EndOfDay(day) - StartOfDay(day), hours(25));
}

TEST(CivilDate, ChangesFollowTheLastSundayAlsoWhenItIsThe31st) {
  // 2019: 31 March and 27 October; 2024: 31 March and 27 October; 2021: 28
  // March and 31 October.
  for (const char* text : {"2019-03-31", "2024-03-31", "2021-03-28"}) {
    EXPECT_EQ(EndOfDay(Day(text)) - StartOfDay(Day(text)), hours(23)) << text;
  }
  for (const char* text : {"2019-10-27", "2024-10-27", "2021-10-31"}) {
    EXPECT_EQ(EndOfDay(Day(text)) - StartOfDay(Day(text)), hours(25)) << text;
  }
}

TEST(CivilDate, EveryDayHoldsExactlyItsOwnInstants) {
  for (Date day = Day("1996-01-01"); day < Day("2031-01-01"); day += days(1)) {
    const Instant start = StartOfDay(day);
    ASSERT_EQ(CivilDate(start), day) << FormatDate(day);
    ASSERT_EQ(CivilDate(start - microseconds(1)), day - days(1))
        << FormatDate(day);
    ASSERT_EQ(CivilDate(EndOfDay(day) - microseconds(1)), day)
        << FormatDate(day);
    ASSERT_EQ(EndOfDay(day), StartOfDay(day + days(1))) << FormatDate(day);
  }
}

TEST(AddMonths, EndsAtTheLastDayOfAShorterMonth) {
  const auto add = [](std::string_view from, int months) {
    return FormatDate(AddMonths(Day(from), months));
  };
  EXPECT_EQ(add("2018-01-31", 1), "2018-02-28");
  EXPECT_EQ(add("2016-01-31", 1), "2016-02-29");
  EXPECT_EQ(add("2018-03-31", 1), "2018-04-30");
  EXPECT_EQ(add("2018-03-31", -1), "2018-02-28");
  EXPECT_EQ(add("2018-01-15", 12), "2019-01-15");
  EXPECT_EQ(add("2016-02-29", 12), "2017-02-28");
  EXPECT_EQ(add("2016-02-29", -12), "2015-02-28");
  EXPECT_EQ(add("2016-02-29", 48), "2020-02-29");
  EXPECT_EQ(add("2017-12-31", 2), "2018-02-28");
  EXPECT_EQ(add("2018-01-31", -2), "2017-11-30");
  EXPECT_EQ(add("2018-05-05", 0), "2018-05-05");
}

TEST(WorkingDays, MaundyThursdayIsDueAfterTheEasterHolidays) {
  EXPECT_EQ(After(England(), "2018-03-29", 1), "2018-04-03");
}

TEST(WorkingDays, FridayIsDueMonday) {
  EXPECT_EQ(After(England(), "2018-06-08", 1), "2018-06-11");
}

TEST(WorkingDays, WeekendAndHolidayStartsCountFromTheNextWorkingDay) {
  const Calendar calendar = England();
  EXPECT_EQ(After(calendar, "2018-06-09", 1), "2018-06-11");
  EXPECT_EQ(After(calendar, "2018-06-10", 1), "2018-06-11");
  EXPECT_EQ(After(calendar, "2018-03-30", 1), "2018-04-03");
  EXPECT_EQ(After(calendar, "2018-04-02", 1), "2018-04-03");
}

TEST(WorkingDays, BothSidesOfAMondayHoliday) {
  const Calendar calendar = England();
  // 7 May 2018 is the early May bank holiday.
  EXPECT_FALSE(calendar.IsWorkingDay(Day("2018-05-07")));
  EXPECT_EQ(After(calendar, "2018-05-03", 1), "2018-05-04");
  EXPECT_EQ(After(calendar, "2018-05-04", 1), "2018-05-08");
  EXPECT_EQ(After(calendar, "2018-05-04", 2), "2018-05-09");
  EXPECT_EQ(After(calendar, "2018-05-07", 1), "2018-05-08");
  EXPECT_EQ(After(calendar, "2018-05-08", 1), "2018-05-09");
}

TEST(WorkingDays, FifteenOverChristmasSkipsThreeHolidays) {
  // 18 December 2017 + 15: three weeks and three days for 25 and 26 December
  // and 1 January.
  EXPECT_EQ(After(England(), "2017-12-18", 15), "2018-01-11");
}

TEST(WorkingDays, WithoutDataOnlyWeekendsAreSkipped) {
  EXPECT_EQ(After(Calendar(), "2018-03-29", 1), "2018-03-30");
  EXPECT_EQ(Calendar().first_year(), 0);
  EXPECT_EQ(Calendar().last_year(), 0);
}

TEST(Calendar, TellsTheYearsItHasDataFor) {
  EXPECT_EQ(England().first_year(), 2012);
  EXPECT_GE(England().last_year(), 2028);
}

TEST(Calendar, EveryYearWithDataHasAtLeastEightHolidays) {
  const Calendar calendar = England();
  for (int y = calendar.first_year(); y <= calendar.last_year(); ++y) {
    int holidays = 0;
    Date day = std::chrono::sys_days(std::chrono::year(y) / 1 / 1);
    const Date next = std::chrono::sys_days(std::chrono::year(y + 1) / 1 / 1);
    for (; day < next; day += days(1)) {
      const unsigned weekday =
          std::chrono::weekday(day).iso_encoding();  // Monday is 1
      if (weekday <= 5 && !calendar.IsWorkingDay(day)) ++holidays;
    }
    EXPECT_GE(holidays, 8) << y;
    EXPECT_LE(holidays, 10) << y;
  }
}

TEST(Calendar, RefusesAFileThatIsNoCalendar) {
  for (const char* content :
       {"", "[]", "{}", "{\"dates\":[]}", "{\"dates\":[\"2018-02-30\"]}",
        "{\"dates\":[20180330]}", "{\"dates\":[\"2018-03-30\"",
        "{\"dates\":[\"2018-03-30\",\"2018-03-30\"]}"}) {
    const auto calendar = Calendar::Load(WriteTemporary(content));
    ASSERT_FALSE(calendar.has_value()) << content;
    EXPECT_EQ(calendar.error().reason, "CALENDAR_UNREADABLE") << content;
  }
}

TEST(Calendar, RefusesAFileThatIsNotThere) {
  const auto calendar = Calendar::Load("/nowhere/holidays.json");
  ASSERT_FALSE(calendar.has_value());
  EXPECT_EQ(calendar.error().reason, "CALENDAR_UNREADABLE");
}

}  // namespace
}  // namespace seawall
