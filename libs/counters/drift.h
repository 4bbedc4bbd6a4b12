// Comparing counters with records at one journal position. Pure; used by
// Projector::Verify.
#pragma once

#include "libs/counters/counters.h"
#include "libs/counters/projector.h"

namespace seawall::counters {

// `counted` as read at its fence, less `added_since` (what the events after
// `position` and up to that fence added), beside `recorded` at `position`.
Drift Compare(std::int64_t position, const Counters::All& counted,
              const Increments& added_since, const Increments& recorded);

}  // namespace seawall::counters
