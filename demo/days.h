// Days and hours, as the parts of the plan need them. Pure.
#pragma once

#include "demo/plan.h"

namespace seawall::demo {

// 0 is April.
inline int MonthOf(Date date) {
  const std::chrono::year_month_day day(date);
  return (static_cast<int>(static_cast<unsigned>(day.month())) + 8) % 12;
}

inline bool InYear(Date date) {
  return date >= YearStart() && date <= YearEnd();
}

inline Instant At(Date date, int minute_of_day, int second) {
  return StartOfDay(date) + std::chrono::minutes(minute_of_day) +
         std::chrono::seconds(second);
}

inline int MinuteOf(Instant instant) {
  return static_cast<int>(std::chrono::floor<std::chrono::minutes>(
                              instant - StartOfDay(CivilDate(instant)))
                              .count());
}

// Undecided at the end of the year, it is overdue.
inline bool DueWithinYear(const PlannedForm& form, const Calendar& calendar) {
  return calendar.AddWorkingDays(CivilDate(form.received), 1) < YearEnd();
}

}  // namespace seawall::demo
