// Which counters a period is summed from, and how periods are split. Pure; used
// by the figures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/civil.h"

namespace seawall::counters {

// `contacts|2017-06|source=6`; no `suffix` for the total.
std::string CounterName(std::string_view family, std::string_view bucket,
                        std::string_view suffix);

// The buckets that make up the period: `2017/18` for each reporting year (from
// 1 April) that lies in it whole, `2017-06` for each month left over,
// `2017-07-01` for each day left over.
std::vector<std::string> Buckets(Date start, Date end);

// `2017-06` and `2017/18`: the month and the reporting year of a civil day
// `2017-06-12`.
std::string_view MonthBucket(std::string_view day);
std::string YearBucket(std::string_view day);

struct Period {
  std::string label;
  Date start;
  Date end;
};

// The period cut into months (`2017-06`), or quarters (`2017-18 Q1`); the first
// and the last may be partial.
std::vector<Period> Months(Date start, Date end);
std::vector<Period> Quarters(Date start, Date end);

}  // namespace seawall::counters
