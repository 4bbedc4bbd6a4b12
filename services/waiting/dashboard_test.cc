#include "services/waiting/dashboard.h"

#include <gtest/gtest.h>

namespace seawall::waiting {
namespace {

using std::chrono::days;

Date Day(const char* text) { return ParseDate(text).value(); }
const Date kCensus = Day("2023-12-31");

Histogram Waited(const std::vector<int>& all) {
  Histogram histogram;
  for (const int one : all) ++histogram[kCensus - days(one)];
  return histogram;
}
Stock Of(const std::vector<int>& all) {
  return StockOf(Waited(all), kCensus, {18, 52, 65, 78});
}

TEST(Threshold, OneDayMoreThanWholeWeeksIsOver) {
  EXPECT_EQ(Of({126, 127}).over[0], 1);
  EXPECT_EQ(Of({364, 365}).over[1], 1);
  EXPECT_EQ(Of({455, 456}).over[2], 1);
  EXPECT_EQ(Of({546, 547}).over[3], 1);
}

TEST(Longest, IsShownInCompletedWeeks) {
  EXPECT_EQ(Of({0, 486}).LongestWeeks(), 69);
  EXPECT_EQ(Of({489}).LongestWeeks(), 69);
  EXPECT_EQ(Of({490}).LongestWeeks(), 70);
  EXPECT_EQ(Of({0}).LongestWeeks(), 0);
  EXPECT_FALSE(Of({}).LongestWeeks());
}

TEST(Average, HalfAWeekGoesUp) {
  EXPECT_EQ(Of({7 * 26}).AverageWeeks(), "26");
  // 25 1/2 weeks, exactly.
  EXPECT_EQ(Of({7 * 25, 7 * 26}).AverageWeeks(), "26");
  EXPECT_EQ(Of({7 * 25 - 1, 7 * 26}).AverageWeeks(), "25");
  EXPECT_EQ(Of({}).AverageWeeks(), "") << "unknown, not 0";
}

TEST(Stock, WhoIsReferredAfterTheCensusDoesNotWait) {
  Histogram histogram = Waited({10});
  ++histogram[kCensus + days(1)];
  EXPECT_EQ(StockOf(histogram, kCensus, {18}).waiting, 1);
  EXPECT_EQ(StockOf(histogram, kCensus + days(1), {18}).waiting, 2);
}

TEST(Stock, LeapDayIsADay) {
  const Histogram histogram = {{Day("2023-03-01"), 1}};
  const auto over = [&](const char* day) {
    return StockOf(histogram, Day(day), {52}).over[0];
  };
  EXPECT_EQ(over("2024-02-28"), 0);
  EXPECT_EQ(over("2024-02-29"), 1);
}

TEST(Percentile, MedianIsTheMeanOfTheTwoInTheMiddle) {
  EXPECT_EQ(ExactPercentile(Waited({1, 2, 3}), kCensus, {1, 2}), "2.0");
  EXPECT_EQ(ExactPercentile(Waited({1, 2, 5, 9}), kCensus, {1, 2}), "3.5");
  EXPECT_EQ(ExactPercentile(Waited({}), kCensus, {1, 2}), "");
}

TEST(Percentile, OthersAreTheNearestRank) {
  std::vector<int> ten;
  for (int i = 1; i <= 10; ++i) ten.push_back(10 * i);
  EXPECT_EQ(ExactPercentile(Waited(ten), kCensus, {92, 100}), "100.0");
  EXPECT_EQ(ExactPercentile(Waited(ten), kCensus, {90, 100}), "90.0");
  EXPECT_EQ(ExactPercentile(Waited(ten), kCensus, {91, 100}), "100.0");
  EXPECT_EQ(ExactPercentile(Waited(ten), kCensus, {1, 100}), "10.0");
}

TEST(WeekBin, HoldsItsLastDayAndNotItsFirst) {
  EXPECT_EQ(WeekBin(0), 0);
  EXPECT_EQ(WeekBin(7), 0);
  EXPECT_EQ(WeekBin(8), 1);
  EXPECT_EQ(WeekBin(14), 1);
}

TEST(BinnedPercentile, TakesThePartOfTheBinThatIsNeeded) {
  // Two in week 0, two in week 1; half of four is reached at the end of week 0.
  EXPECT_EQ(BinnedPercentile(Waited({1, 2, 8, 9}), kCensus, {1, 2}), "1.0");
  EXPECT_EQ(BinnedPercentile(Waited({1, 8, 9, 10}), kCensus, {1, 2}), "1.3");
  EXPECT_EQ(BinnedPercentile(Waited({}), kCensus, {1, 2}), "");
}

TEST(BinnedPercentile, AnOpenTopBinIsNoNumber) {
  EXPECT_EQ(BinnedPercentile(Waited({104 * 7 + 1}), kCensus, {1, 2}), ">104");
  EXPECT_EQ(BinnedPercentile(Waited({104 * 7}), kCensus, {1, 2}), "103.5");
}

std::vector<std::int64_t> Counts(const char* scheme,
                                 const std::vector<int>& d) {
  static const Catalogue kCatalogue =
      Catalogue::Load("data/waiting_services.json").value();
  std::vector<std::int64_t> counts;
  for (const Band& band :
       BandsOf(Waited(d), kCensus, *kCatalogue.Scheme(scheme))) {
    counts.push_back(band.waiting);
  }
  return counts;
}

TEST(Bands, BoundaryDaysStandInDifferentBandsByScheme) {
  using C = std::vector<std::int64_t>;
  EXPECT_EQ(Counts("chs-sitrep", {7, 14, 28}), (C{1, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Counts("cyp-mh", {7, 14, 28}), (C{0, 1, 1, 1, 0}));
}

TEST(Bands, EveryBoundaryOfTheNationalReturn) {
  using C = std::vector<std::int64_t>;
  EXPECT_EQ(Counts("chs-sitrep", {0, 7, 8, 14, 15, 28, 29, 84, 85, 126, 127,
                                  364, 365, 728, 729, 2000}),
            (C{2, 2, 2, 2, 2, 2, 2, 2}));
  EXPECT_EQ(Counts("cyp-mh", {0, 6, 7, 13, 14, 27, 28, 84, 85, 900}),
            (C{2, 2, 2, 2, 2}));
}

TEST(Bands, WeeksAgreeWithTheirBins) {
  std::vector<int> all;
  for (int d = 0; d <= 800; ++d) all.push_back(d);
  const auto counts = Counts("rtt-weekly", all);
  ASSERT_EQ(counts.size(), 105u);
  EXPECT_EQ(counts[0], 8);
  for (std::size_t week = 1; week < 104; ++week) EXPECT_EQ(counts[week], 7);
  EXPECT_EQ(counts[104], 800 - 728);
}

TEST(Trend, ComparesWhatIsShown) {
  EXPECT_EQ(TrendOf(26, 27), Trend::kDown);
  EXPECT_EQ(TrendOf(27, 26), Trend::kUp);
  EXPECT_EQ(TrendOf(3, 3), Trend::kSame);
  EXPECT_EQ(TrendOf(0, 0), Trend::kNone) << "no arrow where both are zero";
  EXPECT_EQ(TrendOf(0, 1), Trend::kDown);
  EXPECT_EQ(TrendOf(std::nullopt, 1), Trend::kNone);
}

TEST(Balance, AddsUpForEveryWayAMonthCanGo) {
  const Date from = Day("2023-11-30"), to = kCensus;
  Balance balance;
  const std::optional<Date> ends[] = {std::nullopt, from, from + days(1), to,
                                      to + days(1)};
  for (const Date joined :
       {from - days(9), from, from + days(1), to, to + days(1)}) {
    for (const auto& left : ends) {
      if (left && *left < joined) continue;
      AddTo(balance, {joined, joined, left, Outcome::kSeen}, from, to);
    }
  }
  EXPECT_EQ(balance.residual(), 0);
  EXPECT_GT(balance.received, 0);
  EXPECT_GT(balance.left[Outcome::kSeen], 0);
}

}  // namespace
}  // namespace seawall::waiting
