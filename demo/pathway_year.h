// Pathway year: prints what followed the referrals of 2017-18: published beside
// computed, and what is invented marked so. Figures come from the API alone.
#pragma once

#include <optional>
#include <ostream>

#include "demo/pathway_plan.h"
#include "demo/published.h"
#include "libs/rpc/client.h"

namespace seawall::demo {

struct PathwayYearParts {
  rpc::Client& board;
  // Absent: a smaller year, which no published figure fits.
  const std::optional<Published>& published;
  // What the plan says must come out, and of how many referrals.
  const ExpectedPathways& expected;
  int referrals = 0;
  std::ostream& out;
};

// Whether every figure was met, published and planned, from counters and from
// records. Call it when the counters are level.
Result<bool> ShowPathways(const PathwayYearParts& parts);

}  // namespace seawall::demo
