// Crashes by SIGKILL under load, at random moments and at the named points of
// the write path: whatever was acknowledged is there once, counters and chains
// are whole afterwards.
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "tests/fault/history.h"
#include "tests/support/eventually.h"

namespace seawall::support {
namespace {

using std::chrono::milliseconds;

constexpr const char* kPoints[] = {"before-begin", "before-commit",
                                   "after-commit"};
constexpr int kMostBatches = 40;

class Crashes {
 public:
  Crashes(Stack& stack, unsigned seed) : stack_(stack), random_(seed) {}

  // The service ends itself at a point of the write path.
  void AtPoint(const std::string& point) {
    SCOPED_TRACE(point);
    const int batches = Between(1, kMostBatches);
    ASSERT_TRUE(stack_.LaunchService(
        {"--crash-at=" + point, "--crash-after=" + std::to_string(batches)}));
    const auto ending = stack_.service().Wait(std::chrono::seconds(60));
    ASSERT_TRUE(ending) << stack_.LogTail();
    ASSERT_EQ(ending->signal, SIGKILL) << stack_.LogTail();
  }

  // Killed from outside, from while it starts to well under load.
  void AtRandom() {
    ASSERT_TRUE(stack_.LaunchService());
    const auto moment = milliseconds(Between(0, 600));
    const auto ending = stack_.service().Wait(moment);
    ASSERT_FALSE(ending) << "ended by itself: " << stack_.LogTail();
    stack_.KillService();
  }

 private:
  int Between(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }
  Stack& stack_;
  std::mt19937 random_;
};

// Every third crash is at random, the others go round the points.
void CrashOften(Crashes& crashes, int times) {
  for (int i = 0; i < times; i++) {
    SCOPED_TRACE("crash " + std::to_string(i));
    if (i % 3 == 2) {
      crashes.AtRandom();
    } else {
      crashes.AtPoint(kPoints[i / 3 % 2 + i % 3]);
    }
    if (::testing::Test::HasFatalFailure()) return;
  }
}

void CrashUnderLoad(StackSettings settings, int times) {
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  auto started = Stack::Start(std::move(settings));
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  History history;
  {
    Load load(stack, history);
    ASSERT_TRUE(Eventually([&] { return history.acknowledged() > 20; }));
    Crashes crashes(stack, seed);
    CrashOften(crashes, times);
    ASSERT_EQ(Said(stack.RestartService()), "OK");
    const std::size_t before = history.acknowledged();
    EXPECT_TRUE(Eventually([&] {
      return history.acknowledged() > before + 20;
    })) << "nothing goes on after the last crash";
  }
  std::printf("%zu acknowledged, %zu refused, %zu unknown\n",
              history.acknowledged(), history.refused(), history.unknown());
  EXPECT_GT(history.refused(), 0u);
  ASSERT_EQ(history.Check(stack), "");
  ASSERT_EQ(history.Settle(stack, kPolice), "");
  // And once more after a stop in order.
  const Ending ending = stack.service().Terminate();
  EXPECT_EQ(ending.code, 0) << "signal " << ending.signal << "\n"
                            << stack.LogTail();
  ASSERT_EQ(Said(stack.RestartService()), "OK");
  EXPECT_EQ(history.Check(stack), "");
}

TEST(Crash, OnSqliteNothingAcknowledgedIsLostOrDoubled) {
  CrashUnderLoad({}, LongRun() ? 100 : 20);
}

TEST(Crash, OnPostgresNothingAcknowledgedIsLostOrDoubled) {
  StackSettings settings;
  settings.engine = store::Engine::kPostgres;
  CrashUnderLoad(std::move(settings), LongRun() ? 40 : 6);
}

// A crash right after the commit, before the answer: the retry gets the first
// answer of what was stored.
TEST(Crash, ACommitWhoseAnswerWasLostIsAnsweredToTheRetry) {
  auto started = Stack::Start();
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  ASSERT_EQ(Said(stack.RestartService(
                {"--crash-at=after-commit", "--crash-after=1"})),
            "OK");
  rpc::ClientSettings settings = stack.SettingsOf(kPolice);
  settings.wait_for_ready = false;
  const auto client = rpc::Client::Connect(settings);
  ASSERT_TRUE(client);
  const auto request = TestRequest(1, "lost-answer");
  const auto lost = Submit(**client, request);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Code::kUnavailable) << Said(lost);
  ASSERT_TRUE(stack.service().Wait(std::chrono::seconds(10)));
  ASSERT_EQ(stack.Number("select count(*) from contacts"), 1);
  ASSERT_EQ(Said(stack.RestartService()), "OK");
  const auto answer = Submit(*stack.As(kPolice), request);
  ASSERT_EQ(Said(answer), "OK");
  EXPECT_EQ(stack.Rows("select contact_id from contacts")[0][0],
            answer->receipts(0).contact_id());
  EXPECT_EQ(WhatIsWrong(stack), "");
}

// And one right before it: nothing was stored, and the retry stores it.
TEST(Crash, BeforeTheCommitNothingIsStored) {
  for (const char* point : {"before-begin", "before-commit"}) {
    SCOPED_TRACE(point);
    auto started = Stack::Start();
    ASSERT_TRUE(started) << started.error().message;
    Stack& stack = **started;
    ASSERT_EQ(Said(stack.RestartService({std::string("--crash-at=") + point})),
              "OK");
    rpc::ClientSettings settings = stack.SettingsOf(kPolice);
    settings.wait_for_ready = false;
    const auto client = rpc::Client::Connect(settings);
    ASSERT_TRUE(client);
    const auto request = TestRequest(1, "not-stored");
    EXPECT_FALSE(Submit(**client, request));
    ASSERT_TRUE(stack.service().Wait(std::chrono::seconds(10)));
    ASSERT_EQ(stack.Number("select count(*) from contacts"), 0);
    ASSERT_EQ(Said(stack.RestartService()), "OK");
    EXPECT_EQ(Said(Submit(*stack.As(kPolice), request)), "OK");
    EXPECT_EQ(stack.Number("select count(*) from contacts"), 1);
    EXPECT_EQ(WhatIsWrong(stack), "");
  }
}

}  // namespace
}  // namespace seawall::support
