// Hiding small numbers in what is published, as the Department for Education's
// open data does it. Pure; any thread.
//
// Counts of 1 to 5 are hidden, 0 and 6 or more are shown. Where a total is
// shown beside its cells, never exactly one cell is hidden, because it could be
// worked out: the next smallest cell that is not 0 is hidden too, and where
// there is none, the total. Source: inferred from the published tables (of 719
// rows with hidden cells none has exactly one), as the written policy page was
// not at hand.
//
// What it cannot do: tables of overlapping periods, published apart, can still
// be subtracted from each other.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace seawall::counters {

// numbers[0] is the total, the others its cells; absent numbers are not
// available and stay so. Returns which are hidden.
std::vector<bool> Suppress(
    const std::vector<std::optional<std::int64_t>>& numbers);

}  // namespace seawall::counters
