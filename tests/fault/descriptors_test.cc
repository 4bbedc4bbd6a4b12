// A process without descriptors: gRPC 1.51 may never accept again
// (CVE-2023-4785). It must end, so that somebody starts it anew, and not live
// on without a door.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/eventually.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

// Connections that say nothing.
class Connections {
 public:
  ~Connections() {
    for (const int socket : sockets_) ::close(socket);
  }
  void Add(const std::string& address) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<unsigned short>(
        std::stoi(address.substr(address.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to),
              0);
    sockets_.push_back(socket);
  }

 private:
  std::vector<int> sockets_;
};

Result<std::unique_ptr<Stack>> StartWith(int descriptors) {
  StackSettings settings;
  settings.redis = false;
  settings.flags = {"--probe-every=200ms"};
  settings.wrapper = {
      "sh", "-c", "ulimit -n " + std::to_string(descriptors) + "; exec \"$@\"",
      "sh"};
  return Stack::Start(settings);
}

TEST(Descriptors, WithoutAnyLeftTheProcessEndsAndStartsAnew) {
  auto started = StartWith(80);
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  ASSERT_EQ(Said(Submit(*stack.As(kPolice), TestRequest(1, "before"))), "OK");
  {
    Connections connections;
    for (int i = 0; i < 100; i++) connections.Add(stack.address());
    const auto ending = stack.service().Wait(std::chrono::seconds(60));
    ASSERT_TRUE(ending) << "lives on: " << stack.LogTail();
    EXPECT_EQ(ending->code, 70) << stack.LogTail();
  }
  EXPECT_NE(stack.Log().find("accepts no connections"), std::string::npos);
  ASSERT_EQ(Said(stack.RestartService()), "OK");
  EXPECT_EQ(Said(Submit(*stack.As(kPolice), TestRequest(2, "after"))), "OK");
  EXPECT_EQ(stack.Number("select count(*) from contacts"), 2);
  EXPECT_EQ(WhatIsWrong(stack), "");
}

TEST(Descriptors, WithEnoughLeftTheProcessLivesOn) {
  auto started = StartWith(400);
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  Connections connections;
  for (int i = 0; i < 100; i++) connections.Add(stack.address());
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
