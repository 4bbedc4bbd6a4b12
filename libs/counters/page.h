// Cutting the journal into pages that the counters can apply. Pure; used by the
// projector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "libs/counters/counters.h"
#include "libs/counters/definitions.h"
#include "libs/ledger/ledger.h"

namespace seawall::counters {

struct Page {
  Point to;                // its last event
  std::size_t events = 0;  // how many it holds
  Increments increments;
};

// The longest page from the front of `events` (in order, at least one) whose
// increments have at most `most_names` names. It ends between events, so that
// its fence is a journal position. An event that alone has more names makes a
// page of its own, which Apply refuses.
Page CutPage(const Definitions& definitions,
             std::span<const ledger::Recorded> events,
             std::size_t most_names = kMostNames);

}  // namespace seawall::counters
