#include "libs/base/clock.h"

#include <gtest/gtest.h>

namespace seawall {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(FakeClock, StandsStillUntilTold) {
  FakeClock clock(FromMicros(1'000'000));
  EXPECT_EQ(ToMicros(clock.Now()), 1'000'000);
  EXPECT_EQ(ToMicros(clock.Now()), 1'000'000);
  clock.Advance(microseconds(5));
  EXPECT_EQ(ToMicros(clock.Now()), 1'000'005);
  clock.Set(FromMicros(7));
  EXPECT_EQ(ToMicros(clock.Now()), 7);
}

TEST(FakeClock, SettingTheTimeOfDayIsNoTimePassing) {
  FakeClock clock(FromMicros(0));
  const SteadyTime begun = clock.Steady();
  clock.Advance(seconds(5));
  clock.Set(FromMicros(7));
  EXPECT_EQ(clock.Steady() - begun, seconds(5));
  clock.Advance(-seconds(3));
  EXPECT_EQ(clock.Steady() - begun, seconds(5));
}

TEST(SystemClock, LiesBetweenTwoReadingsOfTheSystem) {
  const auto before = std::chrono::system_clock::now();
  const Instant now = SystemClock().Now();
  const auto after = std::chrono::system_clock::now();
  EXPECT_GE(now, std::chrono::floor<microseconds>(before));
  EXPECT_LE(now, after);
}

}  // namespace
}  // namespace seawall
