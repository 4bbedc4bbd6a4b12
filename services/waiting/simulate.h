// Forecasts by simulation, from the true ages and priorities of those waiting.
// Pure; deterministic for a seed.
//
// Each run goes week by week: referrals come and appointments are kept as
// Poisson numbers; who is seen next is the most urgent, of those the one who
// waited longest. Months are never averaged: the answer is what share of the
// runs came to.
#pragma once

#include <functional>
#include <vector>

#include "services/waiting/capacity.h"

namespace seawall::waiting {

struct Waiter {
  int days = 0;   // waited already
  int order = 0;  // 0 = first
};

struct Scenario {
  std::vector<Waiter> queue;
  PerWeek demand;
  PerWeek appointments;
  // Of appointments: booked, and nobody came.
  double missed_share = 0;
  std::vector<int> threshold_weeks;
  int weeks = 26;
  int runs = 10'000;
  std::uint64_t seed = 0;
};

// What a run costs: the referrals that come and the appointments that are kept,
// each a draw; but a week as much as 500 at least, which is what it takes
// beside them.
double DrawsOfRun(const Scenario& scenario);
// The scenario's runs, or as many as `draws` allow; one at least.
int RunsWithin(const Scenario& scenario, double draws);

// In nine of ten runs between low and high; half above and below middle.
struct Range {
  int low = 0, middle = 0, high = 0;
};

struct WeekAhead {
  Range waiting;
  Range longest_days;
  std::vector<Range> over;
};

struct Simulated {
  std::vector<WeekAhead> weeks;  // the first is one week ahead
  // Of the runs, in percent, that have at most so many over a threshold then.
  int ChancePercent(std::size_t threshold, std::size_t week, int at_most) const;

  // Over each threshold, by threshold and week, of every run, sorted.
  std::vector<std::vector<std::vector<int>>> over;
};

// `progress` is told runs done, now and then; returning false ends it early and
// the result is empty.
Simulated Simulate(const Scenario& scenario,
                   const std::function<bool(int runs)>& progress = {});

}  // namespace seawall::waiting
