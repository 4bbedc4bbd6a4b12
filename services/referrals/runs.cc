#include "services/referrals/runs.h"

#include <algorithm>

namespace seawall::referrals {
namespace {

// What a contact has, about.
constexpr std::uint64_t kKeysAContact = 9;
// Keys that a slice moves, about, for each position of a run: some 2,000.
constexpr std::uint64_t kMovedAPosition = 16;

std::int64_t Number(std::int64_t level, std::int64_t place) {
  return level * Runs::kLevelSize + place;
}

}  // namespace

void Runs::SetLevel(int level, const Level& set) {
  const auto at = static_cast<std::size_t>(level);
  if (levels.size() <= at) levels.resize(at + 1);
  levels[at] = set;
}

std::vector<long long> Runs::All() const {
  std::vector<long long> all;
  std::int64_t there = newest + 1;  // runs of the level
  for (std::size_t level = 0; there > 0 || level < levels.size(); ++level) {
    const Level at = level < levels.size() ? levels[level] : Level();
    for (std::int64_t i = at.merged * sizes.merged; i < there; ++i)
      all.push_back(Number(static_cast<std::int64_t>(level), i));
    there = at.merged + (at.moved == kNothingMoved ? 0 : 1);
  }
  return all;
}

std::int64_t Runs::Of(std::int64_t base, std::int64_t hash) const {
  std::int64_t level = 0, place = base;
  for (const Level& at : levels) {
    const std::int64_t group = place / sizes.merged;
    const bool was_moved =
        group < at.merged ||
        (group == at.merged && hash <= at.moved && at.moved != kNothingMoved);
    if (!was_moved) break;
    place = group;
    ++level;
  }
  return Number(level, place);
}

std::optional<Runs::Slice> Runs::Next(std::int64_t complete) const {
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  auto positions = static_cast<std::uint64_t>(sizes.positions);
  for (std::size_t level = 0; complete >= sizes.merged; ++level) {
    const Level at = level < levels.size() ? levels[level] : Level();
    positions *= static_cast<std::uint64_t>(sizes.merged);
    if ((at.merged + 1) * sizes.merged > complete) {
      complete = at.merged;
      continue;
    }
    Slice slice;
    slice.level = static_cast<std::int64_t>(level);
    for (std::int64_t i = 0; i < sizes.merged; ++i)
      slice.from.push_back(Number(slice.level, at.merged * sizes.merged + i));
    slice.into = Number(slice.level + 1, at.merged);
    // Hashes are spread evenly, so each slice has about as many keys. The
    // lowest go first: they are written one behind the other.
    const std::uint64_t slices = std::max<std::uint64_t>(
        1, positions * kKeysAContact /
               (static_cast<std::uint64_t>(sizes.positions) * kMovedAPosition));
    const std::uint64_t step = kAll / slices;
    slice.from_hash = at.moved == kNothingMoved ? kNothingMoved : at.moved + 1;
    const std::uint64_t room = static_cast<std::uint64_t>(kLast) -
                               static_cast<std::uint64_t>(slice.from_hash);
    slice.to_hash = static_cast<std::int64_t>(
        static_cast<std::uint64_t>(slice.from_hash) + std::min(step, room));
    const bool is_last = slice.to_hash == kLast;
    slice.merged = at.merged + (is_last ? 1 : 0);
    slice.moved = is_last ? kNothingMoved : slice.to_hash;
    return slice;
  }
  return std::nullopt;
}

}  // namespace seawall::referrals
