// What a request says happened, before it is known what is there.
#pragma once

#include "services/waiting/handler.h"

namespace seawall::waiting {

struct Incoming {
  std::string provider;
  pb::About about;
  Event event;
  rules::RiskReview review;
  pb::SealedEvent said;
  // Of a registration.
  const Service* service = nullptr;
  pb::SealedReferral referral;
  std::vector<std::string> child_keys;
  std::string flags;
  std::string transferred_from;
  bool nhs_number_wrong = false;
};

// Checks what can be checked alone. Reasons: EVENT_REQUIRED, TIME_AHEAD,
// DATE_IMPOSSIBLE, RATIONALE_REQUIRED; of a referral SERVICE_UNKNOWN,
// NOT_THE_PROVIDER, CODE_UNKNOWN, CHILD_REQUIRED.
Result<Incoming> Translate(const Parts& parts, const std::string& provider,
                           const pb::PushEventRequest& request);

}  // namespace seawall::waiting
