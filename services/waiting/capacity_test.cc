#include "services/waiting/capacity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <type_traits>

#include "services/waiting/simulate.h"

namespace seawall::waiting {
namespace {

using std::chrono::days;

Date Day(const char* text) { return ParseDate(text).value(); }
const Date kCensus = Day("2023-12-31");

template <class A, class B>
concept Adds = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Multiplies = requires(A a, B b) {
  a* b;
};

TEST(Units, MixingThemDoesNotCompile) {
  static_assert(Adds<PerWeek, PerWeek>);
  static_assert(!Adds<PerWeek, Weeks>);
  static_assert(!Multiplies<PerWeek, Days>);
  static_assert(!std::is_convertible_v<Days, Weeks>);
  EXPECT_DOUBLE_EQ(Weeks(Days{14}).value, 2);
}

TEST(Factor, IsThatOfExponentialWaits) {
  EXPECT_NEAR(*FactorFor(0.92), 2.5257, 5e-5);
  EXPECT_NEAR(*FactorFor(0.95), 2.9957, 5e-5);
  EXPECT_NEAR(*FactorFor(0.99), 4.6052, 5e-5);
  EXPECT_NEAR(std::exp(-kUsualFactor), 0.0183, 5e-5);
  EXPECT_FALSE(FactorFor(1));
  EXPECT_FALSE(FactorFor(0));
}

TEST(Queue, TargetAndReliefFollowFromDemand) {
  const PerWeek demand{30};
  EXPECT_DOUBLE_EQ(TargetMeanWait(Weeks(52), 4).value, 13);
  EXPECT_DOUBLE_EQ(TargetQueue(demand, Weeks(52), 4), 390);
  EXPECT_FALSE(ReliefCapacity(demand, 780, 390)) << "not more than twice";
  EXPECT_NEAR(ReliefCapacity(demand, 1170, 390)->value, 60, 1e-9);
}

TEST(Pressure, IsTwiceTheMeanWaitOverTheTarget) {
  EXPECT_DOUBLE_EQ(*Pressure(Weeks(26), Weeks(18)), 2 * 26.0 / 18);
  EXPECT_FALSE(Pressure(Known<Weeks>::Not("nobody waits"), Weeks(18)));
}

TEST(Flow, CountsTheWindowItsFirstDayIncluded) {
  const Flow flow = MeasureFlow({{kCensus - days(13), std::nullopt, 2},
                                 {kCensus - days(14), kCensus, 3},
                                 {kCensus + days(1), std::nullopt, 9}},
                                kCensus, 2);
  EXPECT_EQ(flow.arrivals, 2);
  EXPECT_EQ(flow.removals, 3);
  EXPECT_EQ(flow.queue, 2);
  EXPECT_DOUBLE_EQ((*Demand(flow)).value, 1);
}

TEST(Flow, CapacityCountsOnlyDaysOnWhichSomebodyWaited) {
  const Flow flow =
      MeasureFlow({{kCensus - days(13), kCensus - days(7), 4}}, kCensus, 2);
  EXPECT_EQ(flow.days_with_queue, 7);
  EXPECT_DOUBLE_EQ((*CapacityOf(flow)).value, 4);
  EXPECT_DOUBLE_EQ(*Load(*Demand(flow), CapacityOf(flow)), 0.5);
}

TEST(Flow, RemovalsVaryOnlyOverDaysOnWhichSomebodyWaited) {
  // One is seen every second day while there is a queue; then nobody waits for
  // a month, and it begins again.
  std::vector<FlowRow> rows;
  for (const int day : {100, 98, 96, 60, 58, 56}) {
    const int came = day > 90 ? 101 : 61;
    rows.push_back({kCensus - days(came), kCensus - days(day), 1});
  }
  EXPECT_DOUBLE_EQ(*MeasureFlow(rows, kCensus, 26).removal_variation, 0);
  // With somebody waiting all the time the month counts.
  rows.push_back({kCensus - days(101), std::nullopt, 1});
  EXPECT_GT(*MeasureFlow(rows, kCensus, 26).removal_variation, 1);
}

TEST(Flow, RowsMayComeInAnyOrder) {
  std::vector<FlowRow> rows;
  for (const int day : {3, 11, 7, 1, 9}) {
    // Came and was seen on the same day.
    rows.push_back({kCensus - days(day), kCensus - days(day), 1});
  }
  EXPECT_EQ(MeasureFlow(rows, kCensus, 2).days_with_queue, 5);
  std::reverse(rows.begin(), rows.end());
  EXPECT_EQ(MeasureFlow(rows, kCensus, 2).days_with_queue, 5);
}

TEST(Flow, WhatCannotBeIsRefusedAndCounted) {
  const Flow flow = MeasureFlow({{kCensus, kCensus - days(3), 2}}, kCensus, 26);
  EXPECT_EQ(flow.refused, 2);
  EXPECT_EQ(flow.queue, 0);
}

TEST(Unknown, IsSaidWithItsReason) {
  const Flow empty = MeasureFlow({}, kCensus, 26);
  EXPECT_FALSE(CapacityOf(empty));
  EXPECT_FALSE(CapacityOf(empty).unknown.empty());
  EXPECT_FALSE(Load(*Demand(empty), CapacityOf(empty)));
  EXPECT_FALSE(MeanWait(empty));
  EXPECT_FALSE(Variation({kCensus, kCensus}));
  EXPECT_FALSE(Variation({kCensus, kCensus, kCensus}));
  EXPECT_FALSE(TargetCapacity({1}, empty.arrival_variation,
                              empty.removal_variation, Weeks(18), 4));
}

TEST(Variation, LooksAtGapsInOrder) {
  const auto at = [](int day) { return kCensus + days(day); };
  EXPECT_DOUBLE_EQ(*Variation({at(4), at(0), at(2)}), 0);
  EXPECT_DOUBLE_EQ(*Variation({at(0), at(1), at(4)}), std::sqrt(2.0) / 2);
}

TEST(TargetCapacity, AddsRoomForVariation) {
  EXPECT_DOUBLE_EQ((*TargetCapacity({30}, 1.0, 1.0, Weeks(52), 4)).value,
                   30 + 4.0 / 52);
}

TEST(Freed, StatesItsBase) {
  // 5,097 attended in nine months.
  EXPECT_EQ(FreedAppointments(5097, 79, 13, 10), 194) << "of all booked";
  EXPECT_EQ(FreedAppointments(5097, 87, 13, 10), 176)
      << "cancellations left out";
  EXPECT_EQ(FreedAppointments(5097, 79, 10, 10), 0);
}

// ---- forecasts ----

Scenario List(int children, double demand, double appointments) {
  Scenario scenario;
  for (int i = 0; i < children; ++i) scenario.queue.push_back({i % 400, i % 3});
  scenario.demand = {demand};
  scenario.appointments = {appointments};
  scenario.threshold_weeks = {18, 52};
  scenario.runs = 400;
  scenario.seed = 7;
  return scenario;
}

TEST(Simulate, TheSameSeedGivesTheSame) {
  const Simulated a = Simulate(List(300, 8, 9)), b = Simulate(List(300, 8, 9));
  EXPECT_EQ(a.over, b.over);
  Scenario other = List(300, 8, 9);
  other.seed = 8;
  EXPECT_NE(a.over, Simulate(other).over);
}

TEST(Simulate, ARunLeavesTheQueueToTheNextAsItWas) {
  Scenario one = List(300, 8, 9);
  one.runs = 1;
  one.demand = one.appointments = {0};
  Scenario two = one;
  two.runs = 2;
  EXPECT_EQ(Simulate(one).weeks.back().waiting.middle, 300);
  EXPECT_EQ(Simulate(two).weeks.back().waiting.high, 300);
  // Everybody is seen in the first run, and waits again in the second.
  two.appointments = {1'000};
  EXPECT_EQ(Simulate(two).over[0][0].size(), 2u);
  EXPECT_EQ(Simulate(two).weeks[0].waiting.high, 0);
}

TEST(Simulate, RunsAreAsManyAsTheDrawsAllow) {
  Scenario scenario = List(0, 400, 800);
  scenario.weeks = 10;
  scenario.runs = 10'000;
  scenario.missed_share = 0.25;
  EXPECT_EQ(DrawsOfRun(scenario), 10 * (400 + 600));
  EXPECT_EQ(RunsWithin(scenario, 1e6), 100);
  EXPECT_EQ(RunsWithin(scenario, 1e12), 10'000);
  EXPECT_EQ(RunsWithin(scenario, 1), 1) << "one at least";
  scenario.demand = scenario.appointments = {0};
  EXPECT_EQ(DrawsOfRun(scenario), 10 * 500) << "a week takes its time";
}

// `--gtest_also_run_disabled_tests`.
TEST(Simulate, DISABLED_TheLargestForecastTakesSeconds) {
  Scenario scenario = List(100'000, 2'500, 2'500);
  scenario.threshold_weeks = {18, 52, 104};
  scenario.weeks = 104;
  for (const double a_week : {2'500.0, 1.0}) {
    scenario.demand = scenario.appointments = {a_week};
    scenario.runs = 100'000;
    scenario.runs = RunsWithin(scenario, 1e9);
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(Simulate(scenario).weeks.size(), 104u);
    std::cout << scenario.runs << " runs: "
              << std::chrono::duration<double>(
                     std::chrono::steady_clock::now() - started)
                     .count()
              << " s\n";
  }
}

TEST(Simulate, NoAppointmentsAndNoReferralsOnlyAge) {
  Scenario scenario = List(0, 0, 0);
  scenario.queue = {{119, 0}, {120, 0}};
  const Simulated simulated = Simulate(scenario);
  // A week ahead one has waited 126 days, the other 127.
  EXPECT_EQ(simulated.weeks[0].over[0].middle, 1);
  EXPECT_EQ(simulated.weeks[1].over[0].middle, 2);
  EXPECT_EQ(simulated.weeks[0].waiting.high, 2);
  EXPECT_EQ(simulated.weeks[0].longest_days.low, 127);
}

TEST(Simulate, TheMostUrgentIsSeenFirst) {
  Scenario scenario = List(0, 0, 1000);
  scenario.queue = {{10, 0}, {500, 1}};
  scenario.appointments = {1e-9};
  EXPECT_EQ(Simulate(scenario).weeks[0].waiting.middle, 2);
  scenario.appointments = {1000};
  EXPECT_EQ(Simulate(scenario).weeks[0].waiting.middle, 0);
}

TEST(Simulate, MoreAppointmentsMeanFewerWaiting) {
  const Simulated few = Simulate(List(300, 8, 8)),
                  many = Simulate(List(300, 8, 12));
  EXPECT_LT(many.weeks.back().waiting.middle, few.weeks.back().waiting.middle);
  EXPECT_LE(few.weeks.back().waiting.low, few.weeks.back().waiting.middle);
  EXPECT_GE(few.weeks.back().waiting.high, few.weeks.back().waiting.middle);
}

TEST(Simulate, FewerMissedAppointmentsDoTheSame) {
  Scenario missed = List(300, 8, 10), fewer = missed;
  missed.missed_share = 0.13;
  fewer.missed_share = 0.10;
  EXPECT_LT(Simulate(fewer).weeks.back().waiting.middle,
            Simulate(missed).weeks.back().waiting.middle);
}

TEST(Simulate, EmptyListAndCancelledRunAreNoCrash) {
  EXPECT_EQ(Simulate(List(0, 0, 5)).weeks.back().waiting.high, 0);
  EXPECT_TRUE(Simulate(List(3, 1, 1), [](int) { return false; }).weeks.empty());
}

TEST(Simulate, ChanceIsTheShareOfRuns) {
  const Simulated simulated = Simulate(List(0, 0, 5));
  EXPECT_EQ(simulated.ChancePercent(0, 0, 0), 100);
  Scenario stuck = List(0, 0, 0);
  stuck.queue = {{400, 0}};
  EXPECT_EQ(Simulate(stuck).ChancePercent(0, 5, 0), 0);
}

TEST(Simulate, TenThousandRunsOfThreeHundredChildrenInTwoSeconds) {
  Scenario scenario = List(300, 8, 9);
  scenario.runs = 10'000;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Simulate(scenario).over[0][0].size(), 10'000u);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  // The bench states how fast; here it must only not be out of all proportion.
  EXPECT_LT(took.count(), 30);
}

}  // namespace
}  // namespace seawall::waiting
