// Protecting: section 47 enquiries, conferences and protection plans with their
// reviews. A part of the pathway plan.
#pragma once

#include "demo/pathway_case.h"

namespace seawall::demo {

// After Assess: chooses the cases and adds their steps. PLAN_IMPOSSIBLE.
Result<void> Protect(const PathwayTargets& targets, Random& random, Days& days,
                     std::vector<Case>& cases);

}  // namespace seawall::demo
