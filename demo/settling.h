// Settling: what becomes of contacts that are no referrals, and what else the
// service asks for before it takes a decision. A part of the plan.
#pragma once

#include "demo/plan.h"
#include "demo/random.h"

namespace seawall::demo {

// After ReferContacts: gives every decided contact its outcome, and marks where
// a triage or a threshold decision is needed.
void SettleOthers(Random& random, Plan& plan);

}  // namespace seawall::demo
