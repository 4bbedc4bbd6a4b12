// Clients that vanish, that do not read, that have no time, that are too many.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <condition_variable>
#include <mutex>

#include "libs/rpc/errors.h"
#include "tests/fault/history.h"
#include "tests/support/eventually.h"

namespace seawall::support {
namespace {

using google::protobuf::Message;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::unique_ptr<Stack> MustStart(std::vector<std::string> flags = {}) {
  StackSettings settings;
  settings.flags = std::move(flags);
  auto started = Stack::Start(settings);
  EXPECT_TRUE(started) << started.error().message;
  return started ? *std::move(started) : nullptr;
}

std::unique_ptr<rpc::Client> Impatient(const Stack& stack,
                                       milliseconds timeout) {
  rpc::ClientSettings settings = stack.SettingsOf(kPolice);
  settings.timeout = timeout;
  auto client = rpc::Client::Connect(settings);
  EXPECT_TRUE(client);
  return *std::move(client);
}

// Holds the records' write lock, so that nothing can be committed.
class WriteLock {
 public:
  explicit WriteLock(const Stack& stack) {
    sqlite3_open(stack.database_file().c_str(), &database_);
    sqlite3_busy_timeout(database_, 5000);
    EXPECT_EQ(
        sqlite3_exec(database_, "begin immediate", nullptr, nullptr, nullptr),
        SQLITE_OK);
  }
  ~WriteLock() {
    sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_exec(database_, "rollback", nullptr, nullptr, nullptr);
    sqlite3_close(database_);
  }

 private:
  sqlite3* database_ = nullptr;
};

pb::SubmitContactsRequest Item(pb::SubmitContactRequest request) {
  pb::SubmitContactsRequest item;
  *item.mutable_contact() = std::move(request);
  return item;
}

TEST(Client, ThatVanishesMidStreamLosesNothingThatWasAnswered) {
  const auto stack = MustStart();
  ASSERT_TRUE(stack);
  History history;
  std::vector<pb::SubmitContactRequest> sent;
  for (int round = 0; round < 10; round++) {
    const auto client = stack->As(kPolice);
    const auto stream = client->OpenBulk(
        kSubmitBulk, pb::SubmitContactsResponse::default_instance(),
        [&](const Message& message) {
          const auto& reply =
              static_cast<const pb::SubmitContactsResponse&>(message);
          if (reply.has_response())
            history.Acknowledged(reply.request_id(), reply.response());
        });
    for (int i = 0; i < 20 * (round + 1); i++) {
      sent.push_back(history.Next("vanishing"));
      if (!stream->Write(Item(sent.back()))) break;
    }
    // Gone without a word: the stream is cut as the object goes.
  }
  EXPECT_TRUE(
      Eventually([&] { return stack->Metric("seawall_open_streams") == 0.0; }));
  EXPECT_GT(history.unknown(), 0u);
  EXPECT_EQ(history.Check(*stack), "");
  EXPECT_EQ(history.Settle(*stack, kPolice), "");
  EXPECT_EQ(stack->Metric("seawall_ledger_queue_length"), 0.0);
}

TEST(Client, ThatIsKilledMidStreamLosesNothingThatWasAnswered) {
  const auto stack = MustStart();
  ASSERT_TRUE(stack);
  // The command line as a process of its own, killed while it pushes.
  const TemporaryFolder folder;
  std::string lines;
  for (int i = 0; i < 400; i++) {
    lines += "{\"source\":\"2A\",\"concern\":{\"text\":\"Invented " +
             std::to_string(i) + ".\"}}\n";
  }
  const std::string forms = folder.Write("forms.jsonl", lines);
  const Certificate& certificate = CertificateOf(kPolice);
  const char* build = std::getenv("SEAWALL_BUILD");
  ASSERT_TRUE(build);
  const Command push{
      .words = {std::string(build) + "/cli/seawall-cli", "--address",
                stack->address(), "--certificate", certificate.certificate_file,
                "--key", certificate.key_file, "--ca",
                StackAuthority().certificate_file(), "--server-name",
                "localhost", "--area", kArea, "submit", forms},
      .output = folder.File("output")};
  const auto count = [&] {
    return stack->Number("select count(*) from contacts");
  };
  auto pusher = Process::Start(push);
  ASSERT_TRUE(pusher);
  ASSERT_TRUE(Eventually([&] { return count() > 5; }))
      << ReadFile(folder.File("output"));
  pusher->Kill();
  EXPECT_TRUE(
      Eventually([&] { return stack->Metric("seawall_open_streams") == 0.0; }));
  EXPECT_EQ(count(), stack->Number("select count(*) from answers"));
  EXPECT_EQ(WhatIsWrong(*stack), "");
  EXPECT_EQ(Said(Submit(*stack->As(kPolice), TestRequest(1, "after"))), "OK");
}

TEST(Client, ThatDoesNotReadHoldsUpNobodyAndIsNotReadEither) {
  const auto stack = MustStart();
  ASSERT_TRUE(stack);
  // Forms whose answers are long: grpc takes some from the wire unasked.
  constexpr int kItems = 1200, kChildren = 20;
  const auto long_answer = [](int i) {
    auto request = TestRequest(i, "slow-" + std::to_string(i));
    auto* children = request.mutable_form()->mutable_children();
    children->Clear();
    for (int j = 0; j < kChildren; j++) {
      pb::Child& child = *children->Add();
      child.set_nhs_number("wrong");
      child.set_upn("wrong");
      child.set_sex("wrong");
      child.set_ethnicity("wrong");
    }
    return Item(std::move(request));
  };
  std::mutex mutex;
  std::condition_variable changed;
  bool reads = false;
  std::atomic<int> replies = 0;
  const auto client = stack->As(kPolice);
  const auto stream = client->OpenBulk(
      kSubmitBulk, pb::SubmitContactsResponse::default_instance(),
      [&](const Message&) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return reads; });
        replies++;
      });
  std::thread writer([&] {
    for (int i = 0; i < kItems; i++)
      if (!stream->Write(long_answer(i))) break;
  });
  // Others are served meanwhile, well within their time.
  const auto other = stack->As(kSchool);
  for (int i = 0; i < 50; i++) {
    EXPECT_EQ(Said(Submit(*other, TestRequest(i, "o-" + std::to_string(i)))),
              "OK");
  }
  // The service stops taking items: what it took stands still below what was
  // offered.
  std::int64_t last = -1;
  EXPECT_TRUE(Eventually([&] {
    const auto now = stack->Number("select count(*) from contacts");
    return std::exchange(last, now) == now && now > 50;
  }));
  EXPECT_LT(last, kItems * kChildren / 2);
  {
    std::lock_guard lock(mutex);
    reads = true;
  }
  changed.notify_all();
  writer.join();
  EXPECT_EQ(Said(stream->Finish()), "OK");
  EXPECT_EQ(replies, kItems);
  EXPECT_EQ(stack->Number("select count(*) from contacts"),
            kItems * kChildren + 50);
  EXPECT_EQ(WhatIsWrong(*stack), "");
}

TEST(Client, WithoutTimeIsRefusedAndNothingIsStored) {
  const auto stack = MustStart();
  ASSERT_TRUE(stack);
  ASSERT_EQ(Said(Submit(*stack->As(kPolice), TestRequest(1, "warm"))), "OK");
  const auto hasty = Impatient(*stack, milliseconds(60));
  for (int i = 0; i < 20; i++) {
    const auto answer =
        Submit(*hasty, TestRequest(i, "hasty-" + std::to_string(i)));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::kDeadlineExceeded) << Said(answer);
  }
  EXPECT_EQ(stack->Number("select count(*) from contacts"), 1);
}

TEST(Client, WhoseTimePassesInTheQueueIsNotStored) {
  const auto stack = MustStart();
  ASSERT_TRUE(stack);
  const auto patient = stack->As(kPolice);
  ASSERT_EQ(Said(Submit(*patient, TestRequest(1, "warm"))), "OK");
  {
    const WriteLock lock(*stack);
    const auto answer = Submit(*Impatient(*stack, milliseconds(400)),
                               TestRequest(2, "too-late"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::kDeadlineExceeded) << Said(answer);
  }
  EXPECT_EQ(Said(Submit(*patient, TestRequest(3, "next"))), "OK");
  EXPECT_EQ(stack->Number("select count(*) from contacts"), 2);
  EXPECT_EQ(Said(Submit(*patient, TestRequest(2, "too-late"))), "OK");
  EXPECT_EQ(stack->Number("select count(*) from contacts"), 3);
}

TEST(Client, BeyondTheQueueIsToldWhenToComeAgain) {
  const auto stack = MustStart({"--queue-limit=16"});
  ASSERT_TRUE(stack);
  const auto client = Impatient(*stack, seconds(20));
  ASSERT_EQ(Said(Submit(*client, TestRequest(1, "warm"))), "OK");
  constexpr int kCalls = 100;
  std::vector<pb::SubmitContactResponse> responses(kCalls);
  std::vector<Result<void>> results(kCalls);
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = kCalls;
  {
    const WriteLock lock(*stack);
    for (int i = 0; i < kCalls; i++) {
      const auto at = static_cast<std::size_t>(i);
      client->CallAsync(kSubmit, TestRequest(i, "many-" + std::to_string(i)),
                        &responses[at], [&, at](Result<void> done) {
                          std::lock_guard guard(mutex);
                          results[at] = std::move(done);
                          waiting--;
                          changed.notify_one();
                        });
    }
    // Those beyond the limit are answered at once, not after the others.
    std::unique_lock guard(mutex);
    EXPECT_TRUE(changed.wait_for(guard, seconds(4),
                                 [&] { return waiting <= kCalls - 40; }))
        << waiting << " wait";
  }
  std::unique_lock guard(mutex);
  changed.wait(guard, [&] { return waiting == 0; });
  int stored = 0, refused = 0;
  for (const auto& result : results) {
    if (result) {
      stored++;
      continue;
    }
    refused++;
    EXPECT_EQ(Said(result), "RESOURCE_EXHAUSTED QUEUE_FULL");
    EXPECT_GT(result.error().retry_after.count(), 0);
  }
  EXPECT_GE(refused, 40);
  EXPECT_GE(stored, 16);
  EXPECT_EQ(stack->Number("select count(*) from contacts"), stored + 1);
  EXPECT_EQ(WhatIsWrong(*stack), "");
}

TEST(Client, InAStreamIsToldPerItemThatTheQueueIsFull) {
  const auto stack = MustStart({"--queue-limit=16"});
  ASSERT_TRUE(stack);
  const auto client = stack->As(kPolice);
  ASSERT_EQ(Said(Submit(*client, TestRequest(1, "warm"))), "OK");
  std::atomic<int> stored = 0, refused = 0, other = 0;
  const auto stream = client->OpenBulk(
      kSubmitBulk, pb::SubmitContactsResponse::default_instance(),
      [&](const Message& message) {
        const auto& reply =
            static_cast<const pb::SubmitContactsResponse&>(message);
        if (reply.has_response()) {
          stored++;
        } else {
          const Error error = rpc::FromProto(reply.error());
          (error.reason == "QUEUE_FULL" ? refused : other)++;
        }
      });
  {
    const WriteLock lock(*stack);
    for (int i = 0; i < 64; i++)
      EXPECT_TRUE(
          stream->Write(Item(TestRequest(i, "s-" + std::to_string(i)))));
    EXPECT_TRUE(Eventually(
        [&] {
          return stack->Metric("seawall_refusals_total{reason=\"QUEUE_FULL\"}")
                     .value_or(0) > 0;
        },
        seconds(4)));
  }
  EXPECT_EQ(Said(stream->Finish()), "OK");
  EXPECT_EQ(stored + refused, 64);
  EXPECT_EQ(other, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(stack->Number("select count(*) from contacts"), stored + 1);
}

}  // namespace
}  // namespace seawall::support
