// Counting what is overdue on a day from a stock kept by due day. Used by the
// figures.
//
// Nothing says how far back the oldest item lies. So it reads the days around
// the census in growing windows, each with the stock's total in the same call,
// until the days add up to the total.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/counters/measures.h"

namespace seawall::counters {

// `family` restricted to each of `suffixes` (`source=6`, empty for all), of
// which the first holds all the others.
struct Overdue {
  std::string family;
  std::vector<std::string> suffixes;
  Date census;
};

// A number for each suffix of each; absent if the days never add up to the
// total. One call for the days around the census, and more only for those with
// something due further off.
Result<std::vector<std::vector<std::optional<std::int64_t>>>> CountOverdue(
    const std::vector<Overdue>& all, const ValueSource& source);

}  // namespace seawall::counters
