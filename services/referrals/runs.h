// Runs: where the keys are kept that a child is found by, and which of them are
// to be merged next. Pure; Children reads and writes it.
//
// Keys are hashes, so each would be written to a page of its own somewhere in a
// large tree. Those of contacts that were recorded at neighbouring positions of
// the journal are kept together instead, in a run: intake writes to a small
// part of the tree. A look-up asks each run. So a fixed number of complete ones
// is merged into one of the next level, in slices, when the writer has time:
// their number grows with the logarithm of the positions (a log-structured
// merge tree, O'Neil and others, 1996).
//
// Nobody keeps a list of runs. Which there are, and in which one a key is,
// follows from three numbers: the newest run of level 0 and, for each level,
// how many groups were merged and up to which hash the next one was moved.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace seawall::referrals {

struct Runs {
  // Fixed for a store; tests have smaller ones.
  struct Sizes {
    std::int64_t positions = 128;  // of the journal that a run of level 0 is of
    std::int64_t merged = 16;  // runs of a level that become one of the next
  };
  // A run's number: its place on its level, and the level above these bits.
  static constexpr std::int64_t kLevelSize = std::int64_t{1} << 40;
  static constexpr std::int64_t kNothingMoved =
      std::numeric_limits<std::int64_t>::min();

  struct Level {
    std::int64_t merged = 0;  // groups that were merged whole
    // Of the next group: keys up to this hash were moved.
    std::int64_t moved = kNothingMoved;
  };
  // Keys of all runs of `from` between two hashes, both included, go to `into`;
  // then the level's numbers are `merged` and `moved`.
  struct Slice {
    std::int64_t level = 0;
    std::vector<long long> from;
    std::int64_t into = 0;
    std::int64_t from_hash = 0, to_hash = 0;
    std::int64_t merged = 0, moved = kNothingMoved;
  };

  void SetLevel(int level, const Level& set);
  // Every run that may hold keys.
  std::vector<long long> All() const;
  // The run that holds a key now which was written to the run `base` of level
  // 0.
  std::int64_t Of(std::int64_t base, std::int64_t hash) const;
  // What is to be moved next, where the first `complete` runs of level 0 get no
  // more keys. Absent: nothing.
  std::optional<Slice> Next(std::int64_t complete) const;

  Sizes sizes;
  std::int64_t newest = -1;  // run of level 0; -1 = none
  std::vector<Level> levels;
};

}  // namespace seawall::referrals
