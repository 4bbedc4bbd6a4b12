#include "libs/counters/drift.h"

#include <gtest/gtest.h>

namespace seawall::counters {
namespace {

TEST(Compare, WhatWasAddedSinceTheSnapshotIsTakenOff) {
  const Counters::All counted{.fence = 12, .values = {{"a", 7}, {"new", 2}}};
  const Drift drift = Compare(10, counted, {{"a", 3}, {"new", 2}}, {{"a", 4}});
  EXPECT_EQ(drift.drift, 0);
  EXPECT_EQ(drift.position, 10);
  EXPECT_EQ(drift.compared, 2);
  EXPECT_TRUE(drift.differences.empty());
}

TEST(Compare, DifferencesInBothDirectionsAddUp) {
  const Counters::All counted{.fence = 10,
                              .values = {{"many", 9}, {"stray", 1}}};
  const Drift drift = Compare(10, counted, {}, {{"many", 5}, {"missing", 2}});
  EXPECT_EQ(drift.drift, 4 + 1 + 2);
  ASSERT_EQ(drift.differences.size(), 3u);
  EXPECT_EQ(drift.differences[0].counter, "many");
  EXPECT_EQ(drift.differences[0].counted, 9);
  EXPECT_EQ(drift.differences[0].recorded, 5);
}

TEST(Compare, NamesAtMostTwentyDifferences) {
  Increments recorded;
  for (int i = 0; i < 30; ++i) recorded[std::to_string(i)] = 1;
  const Drift drift = Compare(1, {}, {}, recorded);
  EXPECT_EQ(drift.drift, 30);
  EXPECT_EQ(drift.differences.size(), 20u);
}

}  // namespace
}  // namespace seawall::counters
