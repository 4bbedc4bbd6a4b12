#include "demo/waiting_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace seawall::demo {
namespace {

std::vector<BoardRow> Board() {
  return ReadBoard("data/facts/waiting_dashboard_2023-12.csv").value();
}

int Over(const std::vector<int>& waited, int weeks) {
  return static_cast<int>(std::count_if(
      waited.begin(), waited.end(), [&](int one) { return one > 7 * weeks; }));
}
std::int64_t HalfUpWeeks(const std::vector<int>& waited) {
  std::int64_t sum = 0;
  for (const int one : waited) sum += one;
  const auto n = static_cast<std::int64_t>(waited.size()) * 7;
  return (2 * sum + n) / (2 * n);
}
int LongestWeeks(const std::vector<int>& waited) {
  return *std::max_element(waited.begin(), waited.end()) / 7;
}
std::string TrendOf(std::int64_t now, std::int64_t before) {
  if (now == before) return now == 0 ? "" : "same";
  return now > before ? "up" : "down";
}

TEST(WaitingPlan, BoardHasEightServicesAnd1081Referrals) {
  int waiting = 0;
  for (const BoardRow& row : Board()) waiting += row.waiting;
  EXPECT_EQ(Board().size(), 8u);
  EXPECT_EQ(waiting, 1081);
}

TEST(WaitingPlan, BothEndsOfMonthAreAsTheBoardSays) {
  for (const BoardRow& row : Board()) {
    const auto planned = PlanRow(row);
    ASSERT_TRUE(planned) << planned.error().message;
    const std::vector<int>& now = planned->waiting;
    std::vector<int> before = planned->left;
    for (const int waited : now) {
      if (waited >= kDecemberDays) before.push_back(waited - kDecemberDays);
    }
    EXPECT_EQ(static_cast<int>(now.size()), row.waiting) << row.name;
    EXPECT_EQ(HalfUpWeeks(now), row.average_weeks) << row.name;
    EXPECT_EQ(LongestWeeks(now), row.longest_weeks) << row.name;
    EXPECT_EQ(TrendOf(HalfUpWeeks(now), HalfUpWeeks(before)), row.average_trend)
        << row.name;
    EXPECT_EQ(TrendOf(LongestWeeks(now), LongestWeeks(before)),
              row.longest_trend)
        << row.name;
    for (std::size_t i = 0; i < 3; ++i) {
      const int weeks = kThresholdWeeks[i];
      EXPECT_EQ(Over(now, weeks), row.over[i]) << row.name;
      EXPECT_EQ(TrendOf(Over(now, weeks), Over(before, weeks)),
                row.over_trend[i])
          << row.name << weeks;
    }
    EXPECT_EQ(static_cast<int>(before.size()), row.waiting_before())
        << row.name;
    EXPECT_GE(*std::min_element(before.begin(), before.end()), 0);
  }
}

TEST(WaitingPlan, FewerChildrenThanReferralsAndNoneTwiceOnAList) {
  const auto waits = PlanWaits(Board(), 2023).value();
  std::set<int> children;
  std::set<std::pair<std::string, int>> on_list;
  for (const PlannedWait& wait : waits) {
    children.insert(wait.child);
    EXPECT_TRUE(on_list.emplace(wait.service, wait.child).second);
    if (wait.left) {
      EXPECT_GT(*wait.left, WaitingCensus() - std::chrono::days(31));
      EXPECT_LE(*wait.left, WaitingCensus());
    }
  }
  EXPECT_LT(children.size(), waits.size());
}

TEST(WaitingPlan, TheSameSeedMakesTheSameList) {
  const auto a = PlanWaits(Board(), 7).value(),
             b = PlanWaits(Board(), 7).value();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].reference, b[i].reference);
    EXPECT_EQ(a[i].child, b[i].child);
    EXPECT_EQ(a[i].referred, b[i].referred);
  }
}

TEST(WaitingPlan, FactsThatAreNotThereAreNamed) {
  EXPECT_EQ(ReadBoard("nowhere.csv").error().reason, "FACTS_UNREADABLE");
}

}  // namespace
}  // namespace seawall::demo
