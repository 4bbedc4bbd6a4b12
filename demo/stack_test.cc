#include "demo/stack.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace seawall::demo {
namespace {

namespace fs = std::filesystem;

class StackTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(run_);
    std::ofstream(run_ + "/stack.env")
        << "SEAWALL_ADDRESS=127.0.0.1:1\n"
           "SEAWALL_METRICS=http://127.0.0.1:1/metrics\n";
  }
  void TearDown() override { fs::remove_all(fs::path(run_).parent_path()); }

  const std::string run_ =
      testing::TempDir() + "/demo_stack_" + std::to_string(getpid()) + "/run";
};

TEST_F(StackTest, IsFoundWhereItWasStarted) {
  const auto stack = Stack::Find(run_, "pki");
  ASSERT_TRUE(stack.has_value());
  EXPECT_EQ(stack->As("police-push-referrer").address, "127.0.0.1:1");
  EXPECT_EQ(stack->As("police-push-referrer").certificate,
            "pki/police-push-referrer.crt");
}

TEST_F(StackTest, IsMissingWhereNothingWasStarted) {
  fs::remove(run_ + "/stack.env");
  EXPECT_EQ(Stack::Find(run_, "pki").error().reason, "STACK_MISSING");
}

// The number in a pid file may belong to anybody by now: here, to this test.
TEST_F(StackTest, KillsNoProcessThatIsNotItsService) {
  std::ofstream(run_ + "/referrals.pid") << getpid() << '\n';
  const auto killed = Stack::Find(run_, "pki")->KillService();
  ASSERT_FALSE(killed.has_value());
  EXPECT_EQ(killed.error().reason, "NOT_OURS");
}

TEST_F(StackTest, KillsNothingWithoutAPidFile) {
  EXPECT_EQ(Stack::Find(run_, "pki")->KillService().error().reason, "NOT_OURS");
  std::ofstream(run_ + "/referrals.pid") << "0\n";
  EXPECT_EQ(Stack::Find(run_, "pki")->KillService().error().reason, "NOT_OURS");
}

TEST_F(StackTest, SaysThatMetricsDoNotAnswer) {
  EXPECT_EQ(Stack::Find(run_, "pki")->Metrics().error().reason,
            "METRICS_UNREACHABLE");
}

TEST(SampleOf, IsTheValueOfThatSampleAlone) {
  const std::string exposition =
      "# TYPE units counter\n"
      "units{outcome=\"failed\"} 3\n"
      "units{outcome=\"failed_twice\"} 4\n"
      "units_total 5.5\n";
  EXPECT_EQ(SampleOf(exposition, "units{outcome=\"failed\"}"), 3);
  EXPECT_EQ(SampleOf(exposition, "units_total"), 5.5);
  EXPECT_EQ(SampleOf(exposition, "units"), 0);
}

}  // namespace
}  // namespace seawall::demo
