// Figures: measures computed from counters or from records by the same code, so
// that the two can only differ if the numbers do. Shared by all services.
//
// Pure over a source of values. It lists the counters it needs (whole reporting
// years, whole months, and the days left over), asks for them in one call, then
// computes. Nothing is rounded twice: numerators and denominators are exact,
// `value` is rounded half up from them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/civil.h"
#include "libs/base/error.h"
#include "libs/counters/definitions.h"
#include "libs/counters/populations.h"
#include "libs/counters/projector.h"
#include "libs/store/database.h"

namespace seawall::counters {

struct FiguresQuery {
  std::string area;
  // Ids; empty = all that can be grouped as asked.
  std::vector<std::string> measures = {};
  // The period, both days included.
  Date start;
  Date end;
  // Empty, `month`, `quarter` (of the reporting year from 1 April), or the name
  // of a group.
  std::string group_by = {};
  // Open items that were due before this day are overdue.
  Date census;
};

struct Figure {
  std::string measure;
  int version = 1;
  std::string unit;
  int decimal_places = 0;
  // What it was grouped by, and for which value: `source` = `6`, `quarter` =
  // `2017-18 Q1`. Both empty for the total, which comes first.
  std::string group = {};
  std::string group_value = {};
  // The period it speaks of: with `month` and `quarter` a part of the query's.
  Date start;
  Date end;
  // Absent where hidden or not available; the denominator also for a count.
  std::optional<std::int64_t> numerator = {};
  std::optional<std::int64_t> denominator = {};
  // Empty if there is a symbol: `z` denominator 0, `c` hidden, `x` not
  // available.
  std::string value = {};
  std::string symbol = {};
};

// The counters wanted. All days and months among them lie in first … last.
struct Asked {
  std::vector<std::string> names;
  Date first;
  Date last;
};

// Gives the values of asked.names, in their order, as of one moment.
using ValueSource =
    std::function<Result<std::vector<std::int64_t>>(const Asked& asked)>;

// From the live counters; `behind` becomes the largest number of events by
// which any answer was behind the journal. All referred to must outlive it.
ValueSource FromCounters(Projector& projector, const std::string& area,
                         std::int64_t& behind);

// From the records, as known at a journal position.
ValueSource FromRecords(const Definitions& definitions, store::Reader& reader,
                        const std::string& area, std::int64_t position);

// UNKNOWN_MEASURE, UNKNOWN_GROUP, BAD_PERIOD (kInvalidArgument, with the field
// of the request), or the source's error.
Result<std::vector<Figure>> ComputeFigures(const Definitions& definitions,
                                           const Populations& populations,
                                           const FiguresQuery& query,
                                           const ValueSource& source);

// ---- what is published, with small numbers hidden ----

bool IsMonthEnd(Date day);
// Whether the period is made of whole months.
bool IsOfMonths(Date start, Date end);

// What was known at the end of a month. The source is asked once at most.
struct Release {
  Date known;
  ValueSource source;
};

// The months' ends of the releases that decide what is hidden as known at the
// end of `known`, oldest first: what was hidden once stays hidden.
// PERIOD_NOT_WHOLE (kInvalidArgument, with the field of the request) where the
// period is no whole month, quarter or reporting year, was not over by then, or
// the census or `known` is not the last day of a month.
Result<std::vector<Date>> ReleasesOf(const FiguresQuery& query, Date known);

// As ComputeFigures, as known at the last release, with numbers of 1 to 5
// hidden and whatever would give one of them away (counters/suppression.h),
// together for all periods and groups that can be asked: the same number is
// hidden or shown in all of them.
Result<std::vector<Figure>> ComputePublished(
    const Definitions& definitions, const Populations& populations,
    const FiguresQuery& query, const std::vector<Release>& releases);

}  // namespace seawall::counters
