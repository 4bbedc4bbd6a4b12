// Year: prints 2017-18 as the board saw it: published beside computed, and what
// is invented marked so. Figures come from the API alone.
#pragma once

#include <seawall/common/v1/operations.pb.h>

#include <optional>
#include <ostream>

#include "demo/figures.h"
#include "demo/pathway_plan.h"
#include "demo/plan.h"
#include "demo/published.h"
#include "demo/stack.h"
#include "libs/base/codes.h"

namespace seawall::demo {

struct YearParts {
  const Stack& stack;
  const CodeSets& codes;
  // Absent: a smaller year, which no published figure fits.
  const std::optional<Published>& published;
  // What the plan says must come out.
  const Expected& expected;
  const ExpectedPathways& expected_pathways;
  std::ostream& out;
};

// Waits until the counters are level with the journal; the drift then.
Result<common::v1::VerifyCountersResponse> VerifyCounters(const Stack& stack);

// Whether every figure was met, published and planned, from counters and from
// records.
Result<bool> ShowYear(const YearParts& parts);

}  // namespace seawall::demo
