// What the front door counts: from its events as they are committed, and the
// same numbers from its records. docs/measures.md defines every measure.
#pragma once

#include <string>
#include <vector>

#include "libs/base/codes.h"
#include "libs/counters/definitions.h"
#include "seawall/referrals/v1/events.pb.h"
#include "services/referrals/clocks.h"
#include "services/referrals/rules.h"
#include "services/referrals/store.h"
#include "services/referrals/tally.h"

namespace seawall::referrals {

// What is counted where a code, an agency or a group is not a known one.
inline constexpr char kUnknown[] = "unknown";

// The dimensions of a contact, for its events.
pb::Dimensions DimensionsOf(const ContactRow& row);

// Families, groups and measures. `agencies` and their groups are those of the
// register when the service started. Clocks and calendar must outlive it.
counters::Definitions MakeDefinitions(
    const rules::Rubric& rubric, const CodeSets& codes,
    const std::vector<std::string>& agencies,
    const std::vector<std::string>& agency_groups, const ClockRules& clocks,
    const Calendar& calendar);

}  // namespace seawall::referrals
