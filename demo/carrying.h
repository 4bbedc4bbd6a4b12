// Carrying: the cases that are open when the year begins, and which of them end
// in it, so that the published numbers of children in need come out on both
// days. A part of the plan.
#pragma once

#include "demo/arrivals.h"
#include "demo/plan.h"

namespace seawall::demo {

// After ReferContacts: adds the carried-over referrals to the history. None of
// their children is referred again. PLAN_IMPOSSIBLE.
Result<void> CarryOver(const Targets& targets, const Calendar& calendar,
                       Random& random, Arrivals& arrivals, Plan& plan);

}  // namespace seawall::demo
