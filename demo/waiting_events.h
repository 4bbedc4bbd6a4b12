// The events of the waiting lists' plan, and the decoys that must change
// nothing, as events. Pure.
#pragma once

#include <seawall/waiting/v1/waiting.pb.h>

#include <string>
#include <vector>

#include "demo/waiting_plan.h"

namespace seawall::demo {

struct WaitingPush {
  // In the order in which they are sent.
  std::vector<waiting::v1::Event> events;
  // The other area's, pushed by its own provider.
  std::vector<waiting::v1::Event> elsewhere;
  // Happened before the census, to be recorded after the board looked.
  waiting::v1::Event late;
  int children = 0;
};
WaitingPush MakeWaitingPush(const std::vector<PlannedWait>& waits,
                            std::uint64_t seed);

}  // namespace seawall::demo
