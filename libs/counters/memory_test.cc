#include "libs/counters/memory.h"

#include "libs/counters/contract.h"

namespace seawall::counters {

INSTANTIATE_TEST_SUITE_P(Memory, CountersContract, testing::Values([] {
                           return std::make_shared<MemoryCounters>();
                         }));

namespace {

const Key kKey{"test", "testshire", 1, "journal"};

TEST(Key, KeepsServiceAndAreaInTheHashTag) {
  EXPECT_EQ((Key{"referrals", "blackpool", 3, "J-1"}.ToString()),
            "sw:{referrals:blackpool}:3:J-1");
}

TEST(MemoryCounters, UnreachableCountersFailEveryCall) {
  MemoryCounters counters;
  counters.SetReachable(false);
  EXPECT_EQ(counters.Apply(kKey, 0, 1, {}).error().reason,
            "COUNTERS_UNAVAILABLE");
  EXPECT_EQ(counters.Fence(kKey).error().code, Code::kUnavailable);
  EXPECT_FALSE(counters.Get(kKey, {"a"}));
  EXPECT_FALSE(counters.GetAll(kKey));
  EXPECT_FALSE(counters.Delete(kKey));
  counters.SetReachable(true);
  EXPECT_EQ(*counters.Fence(kKey), 0);
}

TEST(MemoryCounters, RestoredCopyIsAsItWas) {
  MemoryCounters counters;
  ASSERT_TRUE(counters.Apply(kKey, 0, 1, {{"a", 1}}));
  const auto copy = counters.Save();
  ASSERT_TRUE(counters.Apply(kKey, 1, 2, {{"a", 1}}));
  counters.Restore(copy);
  EXPECT_EQ(counters.Get(kKey, {"a"})->values[0], 1);
  EXPECT_EQ(*counters.Fence(kKey), 1);
}

}  // namespace
}  // namespace seawall::counters
