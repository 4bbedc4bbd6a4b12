// The dashboard's arithmetic: from how many wait since when to the numbers that
// a board reads. Pure; exact: whole numbers until a value is rounded once.
//
// Whole civil days, never instants: d = census date - clock start. "Waiting
// over N weeks" is d > 7N: 127 days are over 18 weeks, 126 are not.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/civil.h"
#include "services/waiting/catalogue.h"
#include "services/waiting/wait.h"

namespace seawall::waiting {

// How many wait, by the day their clock started.
using Histogram = std::map<Date, std::int64_t>;

// A list at the end of a day.
struct Stock {
  std::int64_t waiting = 0;
  std::int64_t total_days = 0;
  std::optional<int> longest_days;
  // Over each threshold, in the order asked.
  std::vector<std::int64_t> over;

  // Mean of the days / 7, rounded half up; empty for an empty list.
  std::string AverageWeeks() const;
  // Whole weeks; nothing for an empty list.
  std::optional<int> LongestWeeks() const;
};
Stock StockOf(const Histogram& histogram, Date census,
              const std::vector<int>& threshold_weeks);

// A share such as 92 of 100.
struct Share {
  int of = 1;
  int in = 2;
};
// In days, with one decimal place: the mean of the two in the middle for one
// half, else the nearest rank, s[ceil(q n) - 1]. Empty for an empty list.
std::string ExactPercentile(const Histogram& histogram, Date census,
                            Share share);
// In weeks, with one decimal place, from bins of a week as the national
// statistics have it: in the first bin whose running count reaches q n, the
// lower bound and the part of the bin that is needed. ">104" in the open top
// bin; empty for an empty list.
inline constexpr int kTopWeek = 104;
std::string BinnedPercentile(const Histogram& histogram, Date census,
                             Share share);
// Week k holds 7k < d <= 7(k + 1), and the first also d = 0.
int WeekBin(int days);

struct Band {
  int least = 0;
  std::optional<int> most;  // absent: open
  std::int64_t waiting = 0;
};
std::vector<Band> BandsOf(const Histogram& histogram, Date census,
                          const BandScheme& scheme);

// Since the month before, on the values as shown.
enum class Trend { kNone, kUp, kDown, kSame };
// No arrow where both are zero or one is unknown.
Trend TrendOf(std::optional<std::int64_t> now,
              std::optional<std::int64_t> before);

// One wait of a service as the records know it.
struct Movement {
  Date joined;
  Date start;
  std::optional<Date> left;
  Outcome outcome = Outcome::kNone;
};

// A list from the end of one day to the end of another.
struct Balance {
  std::int64_t opening = 0, received = 0, closing = 0;
  std::map<Outcome, std::int64_t> left;
  // Opening and received, less those who left, less closing: 0, or the list
  // does not add up.
  std::int64_t residual() const;
};
// Adds what one wait was in the days (from, to].
void AddTo(Balance& balance, const Movement& movement, Date from, Date to);

}  // namespace seawall::waiting
