// The rules of the statutory pathway: whether a step may be recorded now. Pure.
//
// The invariants are those of the children in need census (libs/census), asked
// of the child's episodes as they would be with the step: what was not broken
// before must not be broken after. Our own rules are few and named: `order`,
// `open_plan`, `quorum`, `invited`.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/base/codes.h"
#include "libs/base/error.h"
#include "libs/census/rules.h"
#include "services/referrals/journey.h"

namespace seawall::referrals {

// What a child's episodes are judged by.
struct Ground {
  const CodeSets& codes;
  const Calendar& calendar;
  Date today;
  std::optional<Date> birth_date = {};
  std::optional<Date> expected_birth_date = {};
  std::optional<Date> death_date = {};
};

// A rule that is broken, or that a census check will ask about.
struct Broken {
  std::string rule;
  std::string words;
};

// The year of the census in which the day lies, named by its end.
int CensusYear(Date day);

// The episodes of one child as rows of the census.
census::ChildRecord RowsOf(const std::vector<Journey>& child,
                           const Ground& ground);

// TIME_AHEAD, CODE_UNKNOWN: what no step may be.
Result<void> CheckDayAndTeam(const Ground& ground, const Step& step);

// What the step may not be because of the things there are: TIME_AHEAD,
// NOT_OPEN, CODE_UNKNOWN, RULE_BROKEN. Fills in the thing that an empty
// thing_id means, and the enquiry of a conference.
Result<void> Complete(Journey& journey, const Ground& ground, Step& step);

// GUARD_INCOMPLETE with one field for each thing that closing or stepping down
// lacks. `involved`: agencies, or kinds of them, whose view is needed;
// `spoken`: those that gave one. A child who died needs nothing.
struct StepDownSaid {
  bool evidence = false;
  bool contingency = false;
  bool voice_reason = false;  // where the voice was not obtained
};
Result<void> CheckStepDown(const std::vector<std::string>& involved,
                           const std::set<std::string>& spoken,
                           const Step& step, const StepDownSaid& said);
bool NeedsStepDown(const Step& step);

// The rules that the child's episodes break after what happened on that day and
// did not break before.
std::vector<Broken> NewlyBroken(const std::vector<Journey>& before,
                                const std::vector<Journey>& after,
                                const Ground& ground, Date on);

// The same of everything that a census return tells, by its year.
std::vector<Broken> NewlyBroken(const std::vector<Journey>& before,
                                const std::vector<Journey>& after,
                                const Ground& ground,
                                const census::Period& period);

// … and what a census check of that day's year will newly ask about: findings,
// never refusals.
std::vector<Broken> NewlyAsked(const std::vector<Journey>& before,
                               const std::vector<Journey>& after,
                               const Ground& ground, Date on);

// RULE_BROKEN with the first of them.
Error Refusal(const std::vector<Broken>& broken);

// Whether a broken rule refuses the step, or is a finding only.
bool MayRefuse(StepKind kind);

}  // namespace seawall::referrals
