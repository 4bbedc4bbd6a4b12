#include "libs/base/ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace seawall {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

TEST(RandomIds, HavePrefixAndTwentySixCrockfordCharacters) {
  FakeClock clock(FromMicros(0));
  RandomIds ids(clock);
  const std::string id = ids.New("C");
  ASSERT_EQ(id.size(), 28u);
  EXPECT_EQ(id.substr(0, 2), "C-");
  EXPECT_EQ(id.find_first_not_of(kAlphabet, 2), std::string::npos) << id;
  EXPECT_EQ(ids.New("").size(), 26u);
}

TEST(RandomIds, BeginWithTheMillisecond) {
  // 1469918176385 ms is 01ARYZ6S41: the example of the ULID specification.
  FakeClock clock(FromMicros(1'469'918'176'385'000));
  RandomIds ids(clock);
  EXPECT_EQ(ids.New("").substr(0, 10), "01ARYZ6S41");
}

TEST(RandomIds, AscendWithinOneMillisecondAndWhenTheClockGoesBack) {
  FakeClock clock(FromMicros(1'700'000'000'000'000));
  RandomIds ids(clock);
  std::string last = ids.New("C");
  for (int i = 0; i < 10'000; ++i) {
    if (i == 3'000) clock.Advance(milliseconds(1));
    if (i == 6'000) clock.Advance(-milliseconds(5'000));
    const std::string next = ids.New("C");
    ASSERT_LT(last, next) << i;
    last = next;
  }
}

TEST(RandomIds, TwoSourcesAtTheSameInstantDiffer) {
  FakeClock clock(FromMicros(1'700'000'000'000'000));
  RandomIds one(clock);
  RandomIds two(clock);
  EXPECT_NE(one.New("C"), two.New("C"));
}

TEST(RandomIds, AreUniqueAcrossThreads) {
  SystemClock clock;
  RandomIds ids(clock);
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&ids, &mine] {
      for (int i = 0; i < 2'000; ++i) mine.push_back(ids.New("C"));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : made) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 8'000u);
}

TEST(SequentialIds, CountFromOneInTheSameForm) {
  SequentialIds ids;
  EXPECT_EQ(ids.New("C"), "C-00000000000000000000000001");
  EXPECT_EQ(ids.New("E"), "E-00000000000000000000000002");
  for (int i = 3; i < 32; ++i) ids.New("C");
  EXPECT_EQ(ids.New("C"), "C-00000000000000000000000010");
}

}  // namespace
}  // namespace seawall
