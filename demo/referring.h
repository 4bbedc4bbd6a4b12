// Referring: which contacts become referrals, when, and which of them are
// repeats, so that the published totals come out. A part of the plan.
#pragma once

#include "demo/arrivals.h"
#include "demo/plan.h"

namespace seawall::demo {

// Says when each contact of the year is decided, which is a referral and when
// its episode ends; adds the history that makes repeats of them. What remains
// is settled by settling.h. PLAN_IMPOSSIBLE.
Result<void> ReferContacts(const Targets& targets, const Calendar& calendar,
                           Random& random, Arrivals& arrivals, Plan& plan);

}  // namespace seawall::demo
