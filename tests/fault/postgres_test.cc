// PostgreSQL killed under load, and two services on one PostgreSQL.
#include <gtest/gtest.h>

#include "tests/fault/history.h"
#include "tests/support/eventually.h"

namespace seawall::support {
namespace {

using std::chrono::seconds;

bool GoesOn(const History& history, std::size_t pushes) {
  const std::size_t before = history.acknowledged();
  return Eventually([&] { return history.acknowledged() >= before + pushes; });
}

StackSettings OnPostgres(Postgres* postgres) {
  StackSettings settings;
  settings.engine = store::Engine::kPostgres;
  settings.postgres = postgres;
  return settings;
}

// A load that says what it was told while the store was away.
TEST(PostgresFault, KilledUnderLoadItHealsByRetries) {
  auto postgres = Postgres::Start();
  ASSERT_TRUE(postgres) << postgres.error().message;
  auto started = Stack::Start(OnPostgres(postgres->get()));
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  History history;
  {
    Load load(stack, history);
    for (int i = 0; i < (LongRun() ? 20 : 4); i++) {
      SCOPED_TRACE(i);
      ASSERT_TRUE(GoesOn(history, 40)) << stack.LogTail();
      const auto restarted = (*postgres)->Restart();
      ASSERT_TRUE(restarted) << restarted.error().message;
    }
    ASSERT_TRUE(GoesOn(history, 40)) << stack.LogTail();
  }
  EXPECT_TRUE(stack.service().Running()) << stack.LogTail();
  EXPECT_EQ(history.Check(stack), "");
  EXPECT_EQ(history.Settle(stack, kPolice), "");
}

TEST(PostgresFault, WhileItIsGoneTheServiceSaysSoAndIsNotReady) {
  auto postgres = Postgres::Start();
  ASSERT_TRUE(postgres) << postgres.error().message;
  auto started = Stack::Start(OnPostgres(postgres->get()));
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  const auto client = stack.As(kPolice);
  ASSERT_EQ(Said(Submit(*client, TestRequest(1, "before"))), "OK");
  (*postgres)->Kill();

  rpc::ClientSettings settings = stack.SettingsOf(kPolice);
  settings.wait_for_ready = false;
  settings.timeout = seconds(5);
  const auto impatient = rpc::Client::Connect(settings);
  ASSERT_TRUE(impatient);
  const auto refused = Submit(**impatient, TestRequest(2, "meanwhile"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable) << Said(refused);
  EXPECT_TRUE(Eventually([&] { return stack.Metric("seawall_ready") == 0.0; }));
  EXPECT_EQ(Said((*impatient)->Healthy()), "UNAVAILABLE NOT_SERVING");

  ASSERT_TRUE((*postgres)->Restart());
  EXPECT_TRUE(Eventually([&] { return stack.Metric("seawall_ready") == 1.0; }));
  EXPECT_EQ(Said(Submit(*client, TestRequest(2, "meanwhile"))), "OK");
  EXPECT_EQ(stack.Number("select count(*) from contacts"), 2);
  EXPECT_EQ(WhatIsWrong(stack), "");
}

TEST(PostgresFault, TwoWritersOnOneStoreShareOneOrderAndTheirAnswers) {
  auto started = Stack::Start(OnPostgres(nullptr));
  ASSERT_TRUE(started) << started.error().message;
  Stack& first = **started;
  StackSettings beside;
  beside.beside = &first;
  auto other = Stack::Start(beside);
  ASSERT_TRUE(other) << other.error().message;
  Stack& second = **other;

  History history;
  {
    LoadSettings one, two;
    one.name = "one";
    two.name = "two";
    two.caller = kSchool;
    Load load(first, history, one);
    Load load_too(second, history, two);
    ASSERT_TRUE(GoesOn(history, LongRun() ? 20'000 : 600));
    // One of them is killed; the other one goes on, and it comes back.
    second.KillService();
    ASSERT_TRUE(GoesOn(history, 100));
    ASSERT_EQ(Said(second.RestartService()), "OK");
    ASSERT_TRUE(GoesOn(history, 200));
  }
  EXPECT_EQ(history.Check(first), "");
  EXPECT_EQ(WhatIsWrong(second), "");

  // The answer that one gave, the other one gives too.
  const auto request = TestRequest(1, "given-by-the-first");
  const auto answer = Submit(*first.As(kPolice), request);
  ASSERT_EQ(Said(answer), "OK");
  const auto again = Submit(*second.As(kPolice), request);
  ASSERT_EQ(Said(again), "OK");
  EXPECT_EQ(again->SerializeAsString(), answer->SerializeAsString());
}

// Both at once, for the same ids.
TEST(PostgresFault, TheSameRequestToBothWritersIsStoredOnce) {
  auto started = Stack::Start(OnPostgres(nullptr));
  ASSERT_TRUE(started) << started.error().message;
  Stack& first = **started;
  StackSettings beside;
  beside.beside = &first;
  auto other = Stack::Start(beside);
  ASSERT_TRUE(other) << other.error().message;
  const auto ours = first.As(kPolice);
  const auto theirs = (*other)->As(kPolice);
  constexpr int kRequests = 100;
  std::vector<std::string> answers(kRequests), answers_too(kRequests);
  const auto send = [&](rpc::Client& client, std::vector<std::string>& into) {
    for (int i = 0; i < kRequests; i++) {
      const auto answer =
          Submit(client, TestRequest(i, "both-" + std::to_string(i)));
      into[static_cast<std::size_t>(i)] =
          answer ? answer->SerializeAsString() : Said(answer);
    }
  };
  std::thread thread([&] { send(*theirs, answers_too); });
  send(*ours, answers);
  thread.join();
  EXPECT_EQ(answers, answers_too);
  EXPECT_EQ(first.Number("select count(*) from contacts"), kRequests);
  EXPECT_EQ(WhatIsWrong(first), "");
}

}  // namespace
}  // namespace seawall::support
