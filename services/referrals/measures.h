// The figures of the front door and of the journey: which there are, what each
// is a count or a share of, by what it can be split, and the source of its
// definition. docs/measures.md says the same with what each is not.
#pragma once

#include <string>
#include <vector>

#include "libs/base/codes.h"
#include "libs/counters/definitions.h"
#include "services/referrals/clocks.h"
#include "services/referrals/rules.h"

namespace seawall::referrals {

// Families, groups and measures. `agencies` and their groups are those of the
// register when the service started. Clocks and calendar must outlive it.
counters::Definitions MakeDefinitions(
    const rules::Rubric& rubric, const CodeSets& codes,
    const std::vector<std::string>& agencies,
    const std::vector<std::string>& agency_groups, const ClockRules& clocks,
    const Calendar& calendar);

}  // namespace seawall::referrals
