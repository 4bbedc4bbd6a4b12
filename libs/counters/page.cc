#include "libs/counters/page.h"

namespace seawall::counters {

namespace {

// One event adds a few dozen names. A page this near to full is ended, because
// an event that does not fit costs counting the page again.
constexpr std::size_t kRoomForOne = 200;

Page Count(const Definitions& definitions,
           std::span<const ledger::Recorded> events) {
  Page page;
  for (const ledger::Recorded& event : events) {
    definitions.count(event, page.increments);
  }
  page.events = events.size();
  page.to = {events.back().position, events.back().hash};
  return page;
}

}  // namespace

Page CutPage(const Definitions& definitions,
             std::span<const ledger::Recorded> events, std::size_t most_names) {
  Page page;
  for (const ledger::Recorded& event : events) {
    definitions.count(event, page.increments);
    if (page.increments.size() > most_names && page.events > 0) {
      page = Count(definitions, events.first(page.events));
      break;
    }
    page.events++;
    page.to = {event.position, event.hash};
    if (page.increments.size() + kRoomForOne > most_names &&
        most_names > kRoomForOne) {
      break;
    }
  }
  // What was added and taken away again within the page changes nothing.
  std::erase_if(page.increments,
                [](const auto& change) { return change.second == 0; });
  return page;
}

}  // namespace seawall::counters
