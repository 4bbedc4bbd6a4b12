// How a service starts: beside a PostgreSQL that is not there yet, under a
// clock that runs ahead, and after a backup was put back. On both stores.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/eventually.h"
#include "tests/support/hosted_test.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

TEST(StartTest, APostgresThatIsAwayIsWaitedFor) {
  auto postgres = Postgres::Start();
  ASSERT_TRUE(postgres) << postgres.error().message;
  StackSettings settings;
  settings.engine = store::Engine::kPostgres;
  settings.postgres = postgres->get();
  auto started = Stack::Start(settings);
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  ASSERT_EQ(Said(Submit(*stack.As(kPolice), TestRequest(1, "before"))), "OK");
  // A power cut: both go, and the service is back first.
  (*postgres)->Kill();
  ASSERT_TRUE(stack.LaunchService());
  ASSERT_TRUE(Eventually([&] {
    return stack.Log().find("waiting for the database") != std::string::npos;
  })) << stack.LogTail();
  EXPECT_TRUE(stack.service().Running());
  ASSERT_TRUE((*postgres)->Restart());
  const auto serves = stack.AwaitService();
  ASSERT_TRUE(serves) << serves.error().message;
  EXPECT_EQ(Said(Submit(*stack.As(kPolice), TestRequest(1, "before"))), "OK");
  EXPECT_EQ(stack.Number("select count(*) from contacts"), 1);
}

class StartOn : public ::testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    StackSettings settings;
    settings.engine = GetParam();
    auto started = Stack::Start(settings);
    ASSERT_TRUE(started) << started.error().message;
    stack_ = *std::move(started);
    ASSERT_EQ(Said(Push(1)), "OK");
  }
  Result<pb::SubmitContactResponse> Push(int number) {
    return Submit(*stack_->As(kPolice),
                  TestRequest(number, "r-" + std::to_string(number)));
  }
  std::unique_ptr<Stack> stack_;
};
INSTANTIATE_TEST_SUITE_P(Engines, StartOn, BothEngines(), EngineName);

TEST_P(StartOn, AClockThatIsAheadWaitsForAPerson) {
  // The newest record is a moment old, which is more than nothing.
  const auto refused = stack_->RestartService({"--clock-ahead=0s"});
  ASSERT_FALSE(refused);
  EXPECT_NE(stack_->Log().find("--accept-clock"), std::string::npos);
  EXPECT_FALSE(stack_->service().Running());
  const auto accepted =
      stack_->RestartService({"--clock-ahead=0s", "--accept-clock=true"});
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_EQ(Said(Push(2)), "OK");
}

TEST_P(StartOn, WithoutAKeyThatSealedHereItDoesNotStart) {
  const TemporaryFolder folder;
  const std::string other = folder.Write("other.key", std::string(64, 'c'));
  ::chmod(other.c_str(), 0600);
  const std::string own = stack_->seal_key_file();
  stack_->SealWith(other);
  ASSERT_FALSE(stack_->RestartService());
  EXPECT_NE(stack_->Log().find("--seal-keys: records were sealed with the key"),
            std::string::npos)
      << stack_->LogTail();
  stack_->SealWith(other + "," + own);
  ASSERT_TRUE(stack_->RestartService());
  EXPECT_EQ(Said(Push(1)), "OK");
  EXPECT_EQ(stack_->Number("select count(*) from contacts"), 1);
  // The new one has sealed, too, by now.
  stack_->SealWith(own);
  EXPECT_FALSE(stack_->RestartService());
  EXPECT_TRUE(stack_->RestartService({"--forget-seal-keys=true"}));
}

TEST_P(StartOn, AStoreWhoseColumnsAreOthersIsNotServed) {
  stack_->KillService();
  {
    auto database =
        store::Database::Open({.address = stack_->database()}).value();
    store::Session& writer = database->writer();
    ASSERT_TRUE(writer.Begin());
    ASSERT_TRUE(writer.Run("alter table contact_notes drop column sealed"));
    ASSERT_TRUE(writer.Commit());
  }
  ASSERT_FALSE(stack_->RestartService());
  EXPECT_NE(
      stack_->Log().find("column sealed of table contact_notes is missing"),
      std::string::npos)
      << stack_->LogTail();
  EXPECT_FALSE(stack_->service().Running());
}

TEST_P(StartOn, AfterABackupWasPutBackEachJournalIsAnother) {
  const std::string journals = "select journal_id from heads order by area";
  const auto before = stack_->Rows(journals);
  ASSERT_TRUE(stack_->RestartService());
  EXPECT_EQ(stack_->Rows(journals), before);
  const auto restored = stack_->RestartService({"--restored=true"});
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_NE(stack_->Rows(journals), before);
  EXPECT_EQ(Said(Push(1)), "OK") << "what was answered is answered still";
  EXPECT_EQ(Said(Push(2)), "OK");
  EXPECT_EQ(WhatIsWrong(*stack_), "");
}

}  // namespace
}  // namespace seawall::support
