// Civil days of Europe/London, working days, and the clocks that are counted in
// them.
//
// A Date is a civil day; an Instant is UTC. They are turned into each other
// here only (summer time since 1996: from 01:00 UTC on the last Sunday of March
// to 01:00 UTC on the last Sunday of October; instants before 1996 are turned
// by the same rule, which can be an hour off near the changes of those years).
// The start day of a clock is day 0; a clock of n working days ends at the end
// of the n-th working day after it.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "libs/base/clock.h"
#include "libs/base/error.h"

namespace seawall {

using Date = std::chrono::sys_days;

// "2018-03-29"; nothing for any other form and for days that do not exist.
std::optional<Date> ParseDate(std::string_view text);
std::string FormatDate(Date date);
// "2018-03-29T09:30:00.000000Z".
std::string FormatInstant(Instant instant);
// RFC 3339 with Z or an offset, digits beyond the microsecond dropped; nothing
// for any other form and for leap seconds.
std::optional<Instant> ParseInstant(std::string_view text);

// The civil day in London at that instant.
Date CivilDate(Instant instant);
// First instant of the day in London, and of the day after: the end, exclusive.
Instant StartOfDay(Date date);
Instant EndOfDay(Date date);

// The same day n months on, or the last of that month: 31 January + 1 month is
// 28 or 29 February. For months that are counted, such as those to a review.
Date AddMonths(Date date, int months);

// The last day of the month before: of 31 December, 30 November.
Date MonthEndBefore(Date date);

// The same day n years on: of 29 February, in a year without one, 1 March. The
// day on which a person reaches an age in England, and on which a period of
// years from that day is over. Source: common law, as in section 9 of the
// Family Law Reform Act 1969.
Date YearsOn(Date date, int years);
// Whole years from a birth to that day; below 0 before the birth.
int AgeOn(Date birth, Date on);

// England's bank holidays as dated data.
class Calendar {
 public:
  Calendar() = default;
  explicit Calendar(std::set<Date> holidays) : holidays_(std::move(holidays)) {}
  // data/bank_holidays.json. CALENDAR_UNREADABLE.
  static Result<Calendar> Load(const std::string& path);

  // Monday to Friday and no bank holiday.
  bool IsWorkingDay(Date date) const;
  // The n-th working day after `start`; n >= 1. A contact of Thursday 29 March
  // 2018, n = 1: Tuesday 3 April 2018.
  Date AddWorkingDays(Date start, int n) const;
  // First and last year with data; clocks outside are counted without bank
  // holidays. 0 when there is no data.
  int first_year() const;
  int last_year() const;

 private:
  std::set<Date> holidays_;
};

}  // namespace seawall
