#include "libs/counters/buckets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(FlowBuckets, YearIsTwelveMonths) {
  const auto buckets = FlowBuckets(Day("2017-04-01"), Day("2018-03-31"));
  EXPECT_THAT(buckets, SizeIs(12));
  EXPECT_EQ(buckets.front(), "2017-04");
  EXPECT_EQ(buckets.back(), "2018-03");
}

TEST(FlowBuckets, DaysLeftOverStandAlone) {
  EXPECT_THAT(FlowBuckets(Day("2018-01-30"), Day("2018-03-02")),
              ElementsAre("2018-01-30", "2018-01-31", "2018-02", "2018-03-01",
                          "2018-03-02"));
}

TEST(FlowBuckets, LeapFebruaryEndsOnThe29th) {
  EXPECT_THAT(FlowBuckets(Day("2016-02-01"), Day("2016-02-29")),
              ElementsAre("2016-02"));
  EXPECT_THAT(FlowBuckets(Day("2016-02-01"), Day("2016-02-28")), SizeIs(28));
}

TEST(FlowBuckets, OneDayIsOneBucket) {
  EXPECT_THAT(FlowBuckets(Day("2017-06-12"), Day("2017-06-12")),
              ElementsAre("2017-06-12"));
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
