// Clocks: one mechanism for every time limit. A clock is data
// (data/clocks.json): what starts it, what stops it, its length and unit. Which
// clocks run for a subject follows from its steps alone; nothing is set or
// reset. Pure.
//
// The start day is day 0. A clock of n working days, or of calendar months, is
// due at the end of that day in London; one of hours at that very instant.
// Working hours are 9 to 17 on working days.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/base/civil.h"
#include "libs/base/error.h"
#include "services/referrals/journey.h"

namespace seawall::referrals {

enum class ClockUnit { kHours, kWorkingHours, kWorkingDays, kMonths };

struct ClockRule {
  std::string clock;
  // Names of moments: those of MomentsOf.
  std::string starts;
  std::vector<std::string> stops;
  // Ends it without counting for or against: there was nothing left to do.
  std::vector<std::string> ends;
  int length = 0;
  ClockUnit unit = ClockUnit::kWorkingDays;
  // Where the limit comes from.
  std::string source;
};

class ClockRules {
 public:
  ClockRules() = default;
  explicit ClockRules(std::vector<ClockRule> rules)
      : rules_(std::move(rules)) {}
  // data/clocks.json. CLOCKS_UNREADABLE, also for a moment that nothing makes,
  // and where `decision` or `confirmation` is missing.
  static Result<ClockRules> Load(const std::string& path);

  const std::vector<ClockRule>& all() const { return rules_; }
  // Those that steps start and stop, each once, in the order of the file: all
  // but `decision` and `confirmation`, which are the contact's own.
  std::vector<std::string> JourneyNames() const;
  // The first rule of that name; null when there is none.
  const ClockRule* Find(std::string_view clock) const;
  // The highest n with a clock `escalation_stage_<n>`.
  int LastStage() const;

 private:
  std::vector<ClockRule> rules_;
};

// When the clock is due that starts then.
Instant Due(const ClockRule& rule, Instant start, const Calendar& calendar);

// The civil day on which it is due; a day that is due is so until it ends.
Date DueDate(Instant due);

// Something that may start or stop a clock, about one thing; "*" is every thing
// of the subject.
struct Moment {
  std::string what;
  std::string thing;
  Instant at;
};

// What a contact brings to its clocks, beside its steps.
struct Arrival {
  Priority priority = Priority::kUnspecified;
  Instant received;
};

std::vector<Moment> MomentsOf(const Journey& journey, const Arrival& arrival);
// Every name that MomentsOf can give.
const std::vector<std::string>& MomentNames();

struct ClockState {
  std::string clock;
  std::string thing;
  Instant started;
  Instant due;
  std::optional<Instant> stopped;

  // Before it was due: a day that is due ends when the next begins.
  bool in_time() const { return stopped && *stopped < due; }
  Date due_date() const { return DueDate(due); }
  auto operator<=>(const ClockState&) const = default;
};

// All clocks that run or were stopped, in the order of the rules.
std::vector<ClockState> ClocksOf(const Journey& journey, const Arrival& arrival,
                                 const ClockRules& rules,
                                 const Calendar& calendar);

}  // namespace seawall::referrals
