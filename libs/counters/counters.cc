#include "libs/counters/counters.h"

#include <charconv>

namespace seawall::counters {

std::string Key::ToString() const {
  return "sw:{" + service + ":" + area +
         "}:" + std::to_string(definitions_version) + ":" + journal_id;
}

std::string Point::ToString() const {
  if (hash.empty()) return std::to_string(position);
  return std::to_string(position) + ":" + hash;
}

std::optional<Point> Point::Parse(std::string_view text) {
  std::int64_t position = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), position);
  if (error != std::errc() || position < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.empty()) return Point(position);
  if (text.front() != ':' || text.size() == 1) return std::nullopt;
  return Point(position, std::string(text.substr(1)));
}

Error PageTooLarge(std::size_t names) {
  return Error{Code::kInternal, "COUNTERS_PAGE_TOO_LARGE",
               "a page of counters holds " + std::to_string(names) +
                   " names, but at most " + std::to_string(kMostNames) +
                   " fit; split it between events"};
}

}  // namespace seawall::counters
