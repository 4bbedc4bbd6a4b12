// Assessing: which referrals are assessed, when the assessment starts and is
// authorised, and which end without further action. A part of the pathway plan.
#pragma once

#include "demo/pathway_case.h"

namespace seawall::demo {

// Sets what a case says of its assessment, and adds its steps; the outcome of
// the others follows from what comes later. PLAN_IMPOSSIBLE.
Result<void> Assess(const PathwayTargets& targets, Random& random, Days& days,
                    std::vector<Case>& cases);

}  // namespace seawall::demo
