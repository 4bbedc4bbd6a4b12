// What decide.cc and withdraw.cc share; theirs alone.
#pragma once

#include "services/referrals/handler.h"

namespace seawall::referrals {

// What a unit finds out before it decides, or takes back what was decided.
struct Referrals::Deciding {
  const Call& call;
  const pb::DecideContactRequest& request;
  ContactRow contact;
  // All contacts of the child, this one first.
  std::vector<Member> child;
  std::vector<EpisodeRow> episodes;
  std::vector<DecisionRow> earlier;
  bool in_triage = false;   // now or earlier
  bool reinstates = false;  // a referral that was withdrawn
  Instant happened;
  DecisionRow decision;
  pb::DecideContactResponse response;
};

}  // namespace seawall::referrals
