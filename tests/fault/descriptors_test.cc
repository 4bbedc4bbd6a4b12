// A process with few descriptors: connections leave it those that records and
// counters need, and it goes on. (gRPC 1.51 by itself may never accept again
// after it ran out of them: CVE-2023-4785.)
#include <gtest/gtest.h>

#include "tests/fault/wire.h"
#include "tests/support/eventually.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

// Connections that say nothing.
std::vector<Socket> Silent(const Stack& stack, int count) {
  std::vector<Socket> sockets;
  for (int i = 0; i < count; i++) {
    auto socket = Socket::Connect(stack.address());
    EXPECT_TRUE(socket);
    if (socket) sockets.push_back(*std::move(socket));
  }
  return sockets;
}

Result<std::unique_ptr<Stack>> StartWith(int descriptors) {
  StackSettings settings;
  settings.redis = false;
  settings.flags = {"--probe-every=200ms"};
  settings.wrapper = {
      "sh", "-c", "ulimit -n " + std::to_string(descriptors) + "; exec \"$@\"",
      "sh"};
  return Stack::Start(settings);
}

TEST(Descriptors, WithFewTheProcessLivesOnAndAnswersWhoeverCalls) {
  auto started = StartWith(80);
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  const auto police = stack.As(kPolice);
  ASSERT_EQ(Said(Submit(*police, TestRequest(1, "before"))), "OK");
  const auto silent = Silent(stack, 200);
  // Longer than the three failures of its probe that would have ended it.
  EXPECT_FALSE(stack.service().Wait(std::chrono::seconds(2)))
      << stack.LogTail();
  EXPECT_EQ(Said(Submit(*police, TestRequest(2, "among"))), "OK");
  EXPECT_EQ(Said(Submit(*stack.As(kSchool), TestRequest(3, "anew"))), "OK");
  EXPECT_LT(stack.Metric("seawall_process_open_descriptors").value_or(80), 80);
  EXPECT_EQ(stack.Number("select count(*) from contacts"), 3);
  EXPECT_EQ(WhatIsWrong(stack), "");
}

TEST(Descriptors, WithEnoughLeftTheProcessLivesOn) {
  auto started = StartWith(400);
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  const auto silent = Silent(stack, 100);
  EXPECT_TRUE(Eventually([&] {
    return stack.Metric("seawall_process_open_descriptors").value_or(0) > 100;
  }));
  // Longer than the ten failures that would have ended it.
  EXPECT_FALSE(stack.service().Wait(std::chrono::seconds(2)))
      << stack.LogTail();
  EXPECT_EQ(Said(Submit(*stack.As(kPolice), TestRequest(1, "among"))), "OK");
}

}  // namespace
}  // namespace seawall::support
