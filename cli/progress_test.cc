#include "cli/progress.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/text.h"

namespace seawall::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Progress, RateAndTimeLeftComeFromWhatWasDone) {
  const ProgressLine line{
      .done = 2'500, .total = 10'000, .elapsed = seconds(5)};
  EXPECT_DOUBLE_EQ(Rate(line), 500);
  EXPECT_EQ(TimeLeft(line), seconds(15));
}

TEST(Progress, NothingIsPromisedBeforeTheFirstAnswer) {
  const ProgressLine line{.done = 0, .total = 10, .elapsed = seconds(1)};
  EXPECT_FALSE(TimeLeft(line));
  EXPECT_DOUBLE_EQ(Rate({.done = 0}), 0);
}

TEST(Progress, MoreThanTheTotalIsNotMoreThanAllOfIt) {
  const ProgressLine line{
      .label = "push", .done = 12, .total = 10, .elapsed = seconds(1)};
  EXPECT_EQ(TimeLeft(line), seconds(0));
  EXPECT_NE(Render(line).find("100%"), std::string::npos);
}

TEST(Progress, LineShowsBarCountRateAndTimeLeft) {
  const ProgressLine line{.label = "push",
                          .done = 5'000,
                          .total = 10'000,
                          .elapsed = seconds(50),
                          .width = 60};
  EXPECT_EQ(Render(line),
            "push  ████████────────  50%  5,000/10,000  100/s  0:50 left");
}

TEST(Progress, LineStaysWithinTheTerminal) {
  for (int width = 10; width < 120; width += 7) {
    const ProgressLine line{.label = "push",
                            .done = 1,
                            .total = 3,
                            .elapsed = seconds(1),
                            .width = width};
    EXPECT_LE(DisplayWidth(Render(line)), width) << width;
  }
}

TEST(Progress, WithoutATotalOnlyCountAndRateAreShown) {
  EXPECT_EQ(Render({.label = "push", .done = 1'200, .elapsed = seconds(2)}),
            "push  1,200  600/s");
}

TEST(Progress, DrawsAtMostTenTimesASecond) {
  std::ostringstream out;
  std::chrono::steady_clock::time_point now(seconds(100));
  Progress progress(out, 80, "push", 1'000, [&now] { return now; });
  for (int i = 0; i < 1'000; ++i) {
    progress.Add();
    now += milliseconds(1);
  }
  const std::string drawn = out.str();
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), '\r'), 10);
  EXPECT_EQ(progress.done(), 1'000);
}

TEST(Progress, DrawsNothingWhereThereIsNoTerminal) {
  std::ostringstream out;
  {
    Progress progress(out, 0, "push", 10);
    progress.Add(10);
  }
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace seawall::cli
