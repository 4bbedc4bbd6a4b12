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
  // Of a registration: its id and what is sealed, should it be a new one.
  const Service* service = nullptr;
  std::string new_id;
  std::string sealed;
  pb::SealedReferral referral;
  std::vector<std::string> child_keys;
  std::string flags;
  std::string transferred_from;
  bool nhs_number_wrong = false;
};

// Checks what can be checked alone, and does what need not be done on the
// writer's thread. Reasons: EVENT_REQUIRED, PERSON_REQUIRED, TIME_AHEAD,
// DATE_IMPOSSIBLE, RATIONALE_REQUIRED; of a referral SERVICE_UNKNOWN,
// NOT_THE_PROVIDER, CODE_UNKNOWN, CHILD_REQUIRED.
Result<Incoming> Translate(const Parts& parts, const rpc::Call& call,
                           const pb::Event& event);

}  // namespace seawall::waiting
