// What a service counts, said once, so that the live counters and the figures
// from records are the same numbers.
//
// A counter's name is `<family>|<bucket>|<group>=<value>`, `<family>|<bucket>|`
// for the total.
//  - Flows (contacts, referrals): the bucket is the civil day `2017-06-12`
//    and its month `2017-06` and its reporting year `2017/18`; a period is
//    summed from whole years, whole months and the days that are left over.
//  - Stocks that time changes (open contacts): the buckets are those of the
//    civil day something is due, `due=2018-04-03`, `due=2018-04`,
//    `due=2018/19`, +1 on opening, -1 on closing, and `total` for all of them.
//    "Overdue on day D" is the total less what is due on D or later, asked
//    whenever it is wanted.
// A measure is one family, or one family over another (or over a population).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/civil.h"
#include "libs/counters/counters.h"
#include "libs/ledger/ledger.h"

namespace seawall::counters {

// Adds `by` to a flow's day, month and reporting year, in total.
void AddFlow(Increments& increments, std::string_view family,
             std::string_view day, std::int64_t by);
// … and for one group value.
void AddFlow(Increments& increments, std::string_view family,
             std::string_view day, std::string_view group,
             std::string_view value, std::int64_t by);
// Adds `by` to a stock's due day, month and reporting year and to its total;
// group may be empty.
void AddStock(Increments& increments, std::string_view family,
              std::string_view due_day, std::string_view group,
              std::string_view value, std::int64_t by);

// A way a family can be split: `source` and all values it can take, in the
// order of display. Values that are none of these are counted as `unknown`,
// which is always the last.
struct Group {
  std::string name;
  std::vector<std::string> values;
};

// kStanding: what began less what ended (`less`), both flows, up to and
// including the census date.
enum class Kind { kFlow, kStock, kOverdue, kStanding };

struct Measure {
  std::string id;
  int version = 1;
  Kind kind = Kind::kFlow;
  // `count`, `percent`, `per_10000`.
  std::string unit = "count";
  int decimal_places = 0;
  // Family counted, and restricted to one group value if given: `decisions`
  // with `decision=REFERRAL`.
  std::string numerator;
  std::string numerator_group = {};
  // kStanding alone: the family of what ended.
  std::string less = {};
  // kOverdue alone: so many days more than due. A wait is due on the day its
  // clock started, so 126 counts those of more than 18 weeks.
  int older_than_days = 0;
  // Empty for a count. `population` divides by the area's population of the
  // period's reporting year.
  std::string denominator = {};
  std::string denominator_group = {};
  std::vector<std::string> groups = {};
  std::string definition;
  std::string source;
};

// The part of the records to count.
struct Slice {
  std::string area;
  // Only what was recorded at or before this journal position.
  std::int64_t position = 0;
  // Only the buckets of these civil days (both included); absent = everything
  // (verifying).
  // A stock's total is never cut by them: it counts everything open.
  std::optional<Date> start = {};
  std::optional<Date> end = {};
};

struct Definitions {
  // Goes up whenever `count` changes its names or meaning: a new release then
  // builds its own hash beside the old.
  int version = 1;
  std::vector<Group> groups;
  std::vector<Measure> measures;
  // Pure: what one event adds. Unknown kinds add nothing.
  std::function<void(const ledger::Recorded&, Increments&)> count;
  // The same counters from records; zero values may be left out. This is the
  // other half of the drift check, so it must not look at the journal.
  std::function<Result<Increments>(store::Reader&, const Slice&)> records;
};

}  // namespace seawall::counters
