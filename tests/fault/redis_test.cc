// Redis gone, slow, emptied, set back, torn: intake goes on meanwhile, and the
// counters are exact again by themselves.
#include <gtest/gtest.h>

#include <filesystem>

#include "libs/base/civil.h"
#include "libs/base/clock.h"
#include "seawall/common/v1/figures.pb.h"
#include "tests/fault/history.h"
#include "tests/support/eventually.h"

namespace seawall::support {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr char kLag[] = "seawall_counters_lag_events{service=\"referrals\"}";
constexpr char kReachable[] =
    "seawall_counters_reachable{service=\"referrals\"}";
constexpr seconds kLevelWithin{60};

class RedisFault : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = Stack::Start();
    ASSERT_TRUE(started) << started.error().message;
    stack_ = *std::move(started);
    load_ = std::make_unique<Load>(*stack_, history_, LoadSettings{});
    ASSERT_TRUE(GoesOn(50));
    ASSERT_TRUE(Level());
  }

  // That many more pushes are acknowledged.
  bool GoesOn(std::size_t pushes) {
    const std::size_t before = history_.acknowledged();
    return Eventually(
        [&] { return history_.acknowledged() >= before + pushes; });
  }

  // Near the journal's end: under load it is never all there.
  bool Level() {
    return Eventually(
        [&] {
          return stack_->Metric(kReachable) == 1.0 &&
                 stack_->Metric(kLag).value_or(1e9) < 300;
        },
        kLevelWithin);
  }

  void ExactAgain() {
    EXPECT_TRUE(Level()) << stack_->LogTail();
    load_->Stop();
    EXPECT_TRUE(
        Eventually([&] { return stack_->Metric(kLag) == 0.0; }, kLevelWithin));
    EXPECT_EQ(history_.Check(*stack_), "");
    // What everybody sees in Redis, too: as much as in the records.
    const auto compared = VerifyCounters(*stack_);
    ASSERT_TRUE(compared);
    EXPECT_GT(compared->counters_compared(), 10);
    EXPECT_EQ(compared->position(),
              stack_->Number("select position from heads"));
  }

  Redis& redis() { return stack_->redis(); }

  std::unique_ptr<Stack> stack_;
  History history_;
  std::unique_ptr<Load> load_;
};

TEST_F(RedisFault, IntakeGoesOnWhileRedisIsGone) {
  redis().Kill();
  EXPECT_TRUE(GoesOn(300));
  EXPECT_TRUE(Eventually([&] { return stack_->Metric(kReachable) == 0.0; },
                         kLevelWithin));
  EXPECT_EQ(stack_->Metric("seawall_ready"), 1.0);
  ASSERT_TRUE(redis().Restart());
  ExactAgain();
}

TEST_F(RedisFault, IntakeGoesOnWhileRedisIsSlow) {
  redis().Freeze();
  EXPECT_TRUE(GoesOn(300));
  const auto client = stack_->As(kSchool);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(Said(client->Healthy()), "OK");
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(20));
  redis().Thaw();
  ExactAgain();
}

TEST_F(RedisFault, FiguresComeFromRecordsWhileRedisIsGone) {
  redis().Kill();
  ASSERT_TRUE(Eventually([&] { return stack_->Metric(kReachable) == 0.0; },
                         kLevelWithin));
  EXPECT_TRUE(GoesOn(20));
  const auto ops = stack_->As(kOps);
  common::GetFiguresRequest request;
  request.set_area(kArea);
  request.add_measures("contacts");
  const std::string today = FormatDate(CivilDate(SystemClock().Now()));
  request.set_start_date(today.substr(0, 4) + "-01-01");
  request.set_end_date(today.substr(0, 4) + "-12-31");
  const auto figures = Ask<common::GetFiguresResponse>(
      *ops, "seawall.common.v1.FiguresService/GetFigures", request);
  ASSERT_EQ(Said(figures), "OK");
  ASSERT_EQ(figures->figures_size(), 1);
  EXPECT_EQ(figures->figures(0).source(), common::FIGURE_SOURCE_RECORDS);
  EXPECT_GT(figures->figures(0).numerator(), 70);
  ASSERT_TRUE(redis().Restart());
  ExactAgain();
}

TEST_F(RedisFault, CountersComeBackAfterAFlush) {
  ASSERT_TRUE(redis().Flush());
  EXPECT_TRUE(GoesOn(100));
  ASSERT_TRUE(redis().Flush());
  ExactAgain();
}

TEST_F(RedisFault, CountersCatchUpFromAnOlderCopy) {
  const fs::path files = fs::path(redis().folder()) / "appendonlydir";
  const fs::path copy = fs::path(redis().folder()) / "copy";
  redis().Kill();
  fs::copy(files, copy, fs::copy_options::recursive);
  ASSERT_TRUE(redis().Restart());
  EXPECT_TRUE(GoesOn(200));
  EXPECT_TRUE(Level());
  redis().Kill();
  fs::remove_all(files);
  fs::rename(copy, files);
  ASSERT_TRUE(redis().Restart());
  ExactAgain();
}

TEST_F(RedisFault, CountersAreExactAfterATornFile) {
  const int times = LongRun() ? 30 : 6;
  for (int i = 0; i < times; i++) {
    SCOPED_TRACE(i);
    EXPECT_TRUE(GoesOn(50));
    EXPECT_TRUE(Level());
    redis().Kill();
    const fs::path file = redis().append_only_file();
    const auto size = fs::file_size(file);
    ASSERT_GT(size, 200u);
    fs::resize_file(file, size - 7 - static_cast<std::uintmax_t>(i) * 31);
    // With redis-check-aof as the start script does it, and without.
    ASSERT_TRUE(redis().Restart(/*repair=*/i % 2 == 0));
  }
  ExactAgain();
}

TEST_F(RedisFault, TheServiceStartsWithoutRedis) {
  redis().Kill();
  ASSERT_EQ(Said(stack_->RestartService()), "OK");
  EXPECT_TRUE(GoesOn(50));
  ASSERT_TRUE(redis().Restart());
  ExactAgain();
}

TEST_F(RedisFault, BothAreKilledTogether) {
  for (int i = 0; i < (LongRun() ? 15 : 3); i++) {
    EXPECT_TRUE(GoesOn(50));
    stack_->KillService();
    redis().Kill();
    ASSERT_TRUE(redis().Restart());
    ASSERT_EQ(Said(stack_->RestartService()), "OK");
  }
  ExactAgain();
}

}  // namespace
}  // namespace seawall::support
