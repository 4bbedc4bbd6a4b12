// Hub work: what the front door does with the contacts that were pushed: its
// decisions, the steps of every pathway and the closures, many in flight, those
// of one child one after another in the order of their days.
//
// Everything goes through the API. What the server refuses ends the work with
// its reason. A second run sends the same request ids and changes nothing.
#pragma once

#include "demo/pathway_plan.h"
#include "demo/pushing.h"

namespace seawall::demo {

struct HubWork {
  const Plan& plan;
  const std::vector<Pathway>& pathways;
  // The answers to the plan's forms.
  const Pushed& history;
  const Pushed& year;
};

struct HubDone {
  int decisions = 0;
  int steps = 0;
  int closures = 0;
  // Answers that mark a re-referral otherwise than the plan.
  int surprises = 0;
  double seconds = 0;
};

Result<HubDone> DoHubWork(rpc::Client& hub, const HubWork& work,
                          const Screen& screen);

}  // namespace seawall::demo
