#include "libs/counters/counters.h"

namespace seawall::counters {

std::string Key::ToString() const {
  return "sw:{" + service + ":" + area +
         "}:" + std::to_string(definitions_version) + ":" + journal_id;
}

Error PageTooLarge(std::size_t names) {
  return Error{Code::kInternal, "COUNTERS_PAGE_TOO_LARGE",
               "a page of counters holds " + std::to_string(names) +
                   " names, but at most " + std::to_string(kMostNames) +
                   " fit; split it between events"};
}

}  // namespace seawall::counters
