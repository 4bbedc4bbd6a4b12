// The waiting lists of December 2023: pushed through the API, and the board's
// dashboard printed beside the published one.
//
// Every service's row must be met in all six columns with their arrows and
// changes, whatever lies beside the list: rejected and withdrawn referrals, a
// contact on the census date, a referral after it, another area, the same
// message twice, a child who was not brought, and a contact that is recorded
// late.
#pragma once

#include <string>

#include "demo/pushing.h"
#include "demo/stack.h"

namespace seawall::demo {

struct WaitingParts {
  const Stack& stack;
  std::string data;  // the project's data folder
  std::uint64_t seed = 0;
  const Screen& screen;
};

// Whether all of it is as published.
Result<bool> ShowWaiting(const WaitingParts& parts);

}  // namespace seawall::demo
