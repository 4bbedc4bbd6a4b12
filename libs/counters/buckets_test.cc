#include "libs/counters/buckets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace seawall::counters {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Date Day(const char* text) { return *ParseDate(text); }

std::vector<std::string> Labels(const std::vector<Period>& periods) {
  std::vector<std::string> labels;
  for (const Period& period : periods) {
    labels.push_back(period.label + " " + FormatDate(period.start) + " " +
                     FormatDate(period.end));
  }
  return labels;
}

TEST(Buckets, AReportingYearIsOne) {
  EXPECT_THAT(Buckets(Day("2017-04-01"), Day("2018-03-31")),
              ElementsAre("2017/18"));
  EXPECT_THAT(Buckets(Day("1999-04-01"), Day("2001-03-31")),
              ElementsAre("1999/00", "2000/01"));
}

TEST(Buckets, ACivilYearIsMonthsOfTwoReportingYears) {
  const auto buckets = Buckets(Day("2017-01-01"), Day("2017-12-31"));
  EXPECT_THAT(buckets, SizeIs(12));
  EXPECT_EQ(buckets.front(), "2017-01");
  EXPECT_EQ(buckets.back(), "2017-12");
}

TEST(Buckets, WhatIsLeftOverOfAYearStandsInMonthsAndDays) {
  EXPECT_THAT(Buckets(Day("2018-03-31"), Day("2019-05-02")),
              ElementsAre("2018-03-31", "2018/19", "2019-04", "2019-05-01",
                          "2019-05-02"));
  EXPECT_THAT(Buckets(Day("2018-04-01"), Day("2019-03-30")), SizeIs(11 + 30));
}

TEST(Buckets, DaysLeftOverStandAlone) {
  EXPECT_THAT(Buckets(Day("2018-01-30"), Day("2018-03-02")),
              ElementsAre("2018-01-30", "2018-01-31", "2018-02", "2018-03-01",
                          "2018-03-02"));
}

TEST(Buckets, LeapFebruaryEndsOnThe29th) {
  EXPECT_THAT(Buckets(Day("2016-02-01"), Day("2016-02-29")),
              ElementsAre("2016-02"));
  EXPECT_THAT(Buckets(Day("2016-02-01"), Day("2016-02-28")), SizeIs(28));
}

TEST(Buckets, OneDayIsOneBucket) {
  EXPECT_THAT(Buckets(Day("2017-06-12"), Day("2017-06-12")),
              ElementsAre("2017-06-12"));
}

TEST(YearBucket, AYearBeginsInApril) {
  EXPECT_EQ(YearBucket("2018-03-31"), "2017/18");
  EXPECT_EQ(YearBucket("2018-04-01"), "2018/19");
  EXPECT_EQ(YearBucket("1999-12-31"), "1999/00");
  EXPECT_EQ(YearBucket("2000-01-01"), "1999/00");
}

// A day is counted under the names that a period is read by.
TEST(Buckets, EveryDayLiesInOneBucketOfAPeriodAround) {
  const auto buckets = Buckets(Day("2015-12-30"), Day("2019-05-02"));
  for (Date day = Day("2015-12-30"); day <= Day("2019-05-02");
       day += std::chrono::days(1)) {
    const std::string text = FormatDate(day);
    std::ptrdiff_t found = 0;
    for (const std::string& bucket :
         {text, std::string(MonthBucket(text)), YearBucket(text)}) {
      found += std::count(buckets.begin(), buckets.end(), bucket);
    }
    EXPECT_EQ(found, 1) << text;
  }
}

TEST(Months, FirstAndLastMayBePartial) {
  EXPECT_THAT(Labels(Months(Day("2017-12-15"), Day("2018-02-03"))),
              ElementsAre("2017-12 2017-12-15 2017-12-31",
                          "2018-01 2018-01-01 2018-01-31",
                          "2018-02 2018-02-01 2018-02-03"));
}

TEST(Quarters, ReportingYearBeginsInApril) {
  EXPECT_THAT(Labels(Quarters(Day("2017-04-01"), Day("2018-03-31"))),
              ElementsAre("2017-18 Q1 2017-04-01 2017-06-30",
                          "2017-18 Q2 2017-07-01 2017-09-30",
                          "2017-18 Q3 2017-10-01 2017-12-31",
                          "2017-18 Q4 2018-01-01 2018-03-31"));
}

TEST(Quarters, PeriodAcrossTwoReportingYearsNamesBoth) {
  EXPECT_THAT(Labels(Quarters(Day("2018-03-31"), Day("2018-05-31"))),
              ElementsAre("2017-18 Q4 2018-03-31 2018-03-31",
                          "2018-19 Q1 2018-04-01 2018-05-31"));
}

}  // namespace
}  // namespace seawall::counters
