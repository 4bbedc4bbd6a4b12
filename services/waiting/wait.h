// Waits: what the events of one referral to one service add up to. Pure rules.
//
// A referral waits for its first contact; an attended appointment ends that
// wait and may open the next named one (assessment, panel, treatment). Letters,
// updates, risk calls and offers stop nothing, and neither does an appointment
// that was missed or cancelled.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/waiting/event.h"

namespace seawall::waiting {

struct Wait {
  // What is waited for: `first_contact`, `assessment`, `panel`, `treatment`.
  std::string clock;
  // The day it joined this list; its clock may have started before, elsewhere.
  Date joined;
  Date start;
  std::optional<Date> left;
  Outcome outcome = Outcome::kNone;

  // On the list at the end of that day. Who is seen on the day is not.
  bool WaitingOn(Date day) const {
    return joined <= day && (!left || *left > day);
  }
  auto operator<=>(const Wait&) const = default;
};

// Whole civil days from the start of a clock.
inline int DaysBetween(Date start, Date end) {
  return static_cast<int>((end - start).count());
}

// In order. A transfer keeps the start it came with. A referral that opens
// within 5 days of the last closing goes on with its clock: one spell. Source:
// the NHS mental health services data set's referral spells. Nobody waits
// before birth: what was recorded of a day before it counts from the birth on.
// Nobody waits under a referral that goes on as another one, nor under one that
// asks for a transfer: given, its wait joins that day, with the older start,
// and is over if the child was seen meanwhile; refused, it is one like any
// other.
inline constexpr int kSpellDays = 5;
std::vector<Wait> WaitsOf(const History& history);
// The birth, where a clock would run before it; else no day at all.
std::optional<Date> BirthThatHolds(const History& history);

// The wait that is open after all events; null if none is.
const Wait* OpenWait(const std::vector<Wait>& waits);

// How a wait may be adjusted, by name: empty = never.
inline constexpr char kScotlandCamhs[] = "scotland-camhs";

struct Adjusted {
  Date start;      // of the clock as reset
  Date guarantee;  // the day it should be over
  int days = 0;    // waited since, less what the child was unavailable
  int resets = 0;
  int unavailable_days = 0;
};

// The wait at the end of `day`, or at its own end if that came first. An event
// that could reset the clock does so while fewer than 126 days, less
// unavailability, have passed since the clock's last start; from the first one
// at 126 or more on, none does. Unavailability that starts by the guarantee
// pauses the clock from its last reset on, first and last day included,
// overlaps once; unavailable from 1 to 14 March and not brought on 6 March,
// that is the 9 days from 6 March on. One without an end is ignored. Source:
// Public Health Scotland, CAPTND rules for waiting times.
inline constexpr int kGuaranteeDays = 126;
Adjusted AdjustScotlandCamhs(const Wait& wait, const History& history,
                             Date day);

// Missed or rearranged appointments, for safeguarding.
struct Missed {
  int was_not_brought = 0;
  int could_not_attend = 0;
  int cancelled_by_service = 0;
  // Twice not brought; three times cancelled or rearranged by the family. Each
  // is a concern of its own.
  bool IsPattern() const { return was_not_brought >= 2; }
  bool IsCancelledOften() const { return could_not_attend >= 3; }
};
Missed MissedOf(const History& history);

}  // namespace seawall::waiting
