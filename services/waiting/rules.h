// What may be recorded of a referral, given everything recorded before. Pure:
// facts in, decision out.
#pragma once

#include <vector>

#include "libs/base/error.h"
#include "services/waiting/catalogue.h"
#include "services/waiting/wait.h"

namespace seawall::waiting::rules {

// What is said beside a removal.
struct RiskReview {
  std::string clinician;
  bool reviewed = false;
  bool gp_told = false;
  bool referrer_told = false;
};

// `history`: what is there. Reasons: BEFORE_REFERRAL,
// NOT_WAITING, ATTENDANCE_REQUIRED, CLOCK_UNKNOWN, DATE_IMPOSSIBLE,
// RISK_UNKNOWN, CODE_UNKNOWN, OUTCOME_REQUIRED, AGE_REMOVES_NOBODY,
// RISK_REVIEW_REQUIRED, EVENT_NOT_FOUND, EVENT_VOID, EVENT_NEEDED.
Result<void> MayRecord(const Event& event, const History& history,
                       const Service& service, const Catalogue& catalogue,
                       const RiskReview& review);

// A child who was not brought is removed only after a named clinician looked at
// the risk and GP and referrer were told. Nobody else needs it.
bool NeedsRiskReview(const Event& removal, const History& history);

}  // namespace seawall::waiting::rules
