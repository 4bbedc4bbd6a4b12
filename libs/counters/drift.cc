#include "libs/counters/drift.h"

#include <cstdlib>
#include <set>

namespace seawall::counters {

namespace {

constexpr std::size_t kMostDifferences = 20;

template <class Map>
std::int64_t ValueOf(const Map& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? 0 : found->second;
}

}  // namespace

Drift Compare(std::int64_t position, const Counters::All& counted,
              const Increments& added_since, const Increments& recorded) {
  std::set<std::string> names;
  for (const auto& [name, value] : counted.values) names.insert(name);
  for (const auto& [name, value] : added_since) names.insert(name);
  for (const auto& [name, value] : recorded) names.insert(name);
  Drift drift;
  drift.position = position;
  drift.compared = static_cast<std::int64_t>(names.size());
  for (const std::string& name : names) {
    const std::int64_t then =
        ValueOf(counted.values, name) - ValueOf(added_since, name);
    const std::int64_t expected = ValueOf(recorded, name);
    if (then == expected) continue;
    drift.drift += std::abs(then - expected);
    if (drift.differences.size() < kMostDifferences) {
      drift.differences.push_back({name, then, expected});
    }
  }
  return drift;
}

}  // namespace seawall::counters
