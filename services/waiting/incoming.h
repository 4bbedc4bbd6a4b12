// What a request says happened, before it is known what is there.
#pragma once

#include "libs/child/child.h"
#include "services/waiting/handler.h"

namespace seawall::waiting {

struct Incoming {
  std::string provider;
  pb::About about;
  Event event;
  rules::RiskReview review;
  // The whole of it, of `about` the time alone.
  pb::Event said;
  // Details that are kept as given, and why.
  std::vector<pb::Warning> warnings;
  // Of a registration: its id and what is sealed, should it be a new one.
  const Service* service = nullptr;
  std::string new_id;
  pb::Referral details;
  std::string sealed;
  child::Description described;
  std::string transferred_from;
  // The other referral that a person speaks of.
  std::string other_referral;
  // The hub speaks of every provider's children.
  bool is_hub = false;
};

// The path of when it happened, as its sender stated it.
const char* WhenField(const pb::About& about);

// As ids of referrals are made. What is none names no referral.
bool IsReferralId(const std::string& text);

// What identifies a child, but for what cannot be.
child::Description Describe(const Parts& parts, const pb::Child& child);

// Checks what can be checked alone, and does what need not be done on the
// writer's thread. Reasons: TEXT_TOO_LONG, MALFORMED (rpc/keys.h),
// EVENT_REQUIRED, PERSON_REQUIRED, TIME_AHEAD, DATE_IMPOSSIBLE,
// RATIONALE_REQUIRED; of a referral SERVICE_UNKNOWN,
// NOT_THE_PROVIDER, CODE_UNKNOWN, CHILD_REQUIRED. A date that an event may lack
// refuses nothing: one that cannot be is kept as given, and warned of.
Result<Incoming> Translate(const Parts& parts, const rpc::Call& call,
                           const pb::Event& event);

}  // namespace seawall::waiting
