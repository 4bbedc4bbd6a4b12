// A case: one referral while its pathway is planned, and the days to plan with.
// Parts of the pathway plan share it; nobody else needs it.
#pragma once

#include <algorithm>
#include <utility>

#include "demo/days.h"
#include "demo/pathway_plan.h"
#include "demo/random.h"

namespace seawall::demo {

// Open when the year begins.
inline bool IsCarried(const Pathway& pathway) {
  return !pathway.of_year &&
         (!pathway.closed || *pathway.closed >= YearStart());
}

struct Case {
  Pathway pathway;
  // Set by Assess.
  std::optional<Date> assessment_start = {};
  std::optional<Date> authorised = {};
  bool no_further_action = false;
  // Set by Protect. Enquiries are planned from the last to the first: the next
  // one ends on this day at the latest.
  Date enquiries_until = {};
  bool enquired = false;
  // It has an enquiry that ended, or will end, at a conference.
  bool to_conference = false;
  std::optional<Date> protection_start = {};
  std::optional<Date> protection_end = {};
  // A conference decided a child in need plan on that day.
  std::optional<Date> needs_plan = {};

  Date referred() const { return pathway.referred; }
  // The day it closes, or the last of the year.
  Date until() const { return pathway.closed.value_or(YearEnd()); }
  bool open() const { return !pathway.closed; }
  // The first day of the year on which something of it may happen.
  Date from() const { return std::max(referred(), YearStart()); }

  void Add(Date date, Act act, std::string code = {}) {
    pathway.steps.push_back({date, act, std::move(code)});
  }
};

class Days {
 public:
  Days(const Calendar& calendar, Random& random)
      : calendar_(calendar), random_(random) {}

  // The n-th working day after; the day itself if n is 0.
  Date After(Date day, int n) const {
    return n == 0 ? day : calendar_.AddWorkingDays(day, n);
  }
  // The highest n, up to `most`, whose day is not past `limit`.
  int Within(Date day, Date limit, int most) const {
    int n = 0;
    while (n < most && After(day, n + 1) <= limit) ++n;
    return n;
  }
  Date WorkingDayFrom(Date day) const {
    while (!calendar_.IsWorkingDay(day)) day += std::chrono::days(1);
    return day;
  }
  Date WorkingDayTo(Date day) const {
    while (!calendar_.IsWorkingDay(day)) day -= std::chrono::days(1);
    return day;
  }
  // A working day between the two, both included; none if there is none.
  std::optional<Date> Pick(Date first, Date last) {
    if (first > last) return std::nullopt;
    const int span = static_cast<int>((last - first).count());
    const Date day =
        WorkingDayFrom(first + std::chrono::days(random_.Below(span + 1)));
    if (day > last) return std::nullopt;
    return day;
  }

 private:
  const Calendar& calendar_;
  Random& random_;
};

inline Error PathwaysImpossible(const std::string& what) {
  return Error{Code::kInternal, "PLAN_IMPOSSIBLE",
               "the invented pathways cannot be made: " + what};
}

}  // namespace seawall::demo
