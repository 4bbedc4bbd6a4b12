// Supporting: child in need plans and early help, what an assessment came to,
// and why an episode closed. A part of the pathway plan.
#pragma once

#include "demo/pathway_case.h"

namespace seawall::demo {

// After Protect: adds the steps that remain, and puts all in order.
void Support(Random& random, Days& days, std::vector<Case>& cases);

}  // namespace seawall::demo
