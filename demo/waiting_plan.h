// The plan of the waiting lists: who waits on 31 December 2023, and who left in
// December, so that both ends of month are as the board's dashboard says.
//
// The dashboard gives December's numbers and whether each went up or down since
// November. One joint list fits both: days waited on 30 November are those on
// 31 December less 31; who has waited 30 days or less came in December; who was
// on November's list only left in December. November's numbers are invented.
// Pure; the same seed makes the same list.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "demo/random.h"
#include "libs/base/civil.h"
#include "libs/base/error.h"

namespace seawall::demo {

inline constexpr std::array kThresholdWeeks = {18, 52, 78};
inline constexpr int kDecemberDays = 31;
Date WaitingCensus();  // 31 December 2023

// A row of the dashboard as published.
struct BoardRow {
  std::string service;  // id of data/waiting_services.json
  std::string name;
  int average_weeks = 0;
  int longest_weeks = 0;
  std::array<int, 3> over{};  // the thresholds above
  int waiting = 0;
  // `up`, `down`, `same`, or empty: zero in both months.
  std::string average_trend, longest_trend;
  std::array<std::string, 3> over_trend;
  std::string change;  // of those waiting: `+35`

  int waiting_before() const;
};
// FACTS_UNREADABLE names what is missing.
Result<std::vector<BoardRow>> ReadBoard(const std::string& path);

// Days waited on 31 December by those who wait then, and on 30 November by
// those who left in December. NOT_POSSIBLE if no list can be as the row says.
struct RowPlan {
  std::vector<int> waiting;
  std::vector<int> left;
};
Result<RowPlan> PlanRow(const BoardRow& row);

// A referral of the list. Children are numbered from 0; some wait for several
// services.
struct PlannedWait {
  std::string service;
  std::string reference;
  int child = 0;
  Date referred;
  std::optional<Date> left;  // in December
};
Result<std::vector<PlannedWait>> PlanWaits(const std::vector<BoardRow>& board,
                                           std::uint64_t seed);

}  // namespace seawall::demo
