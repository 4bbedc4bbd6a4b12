// A disk that is full: a clear refusal, nothing half stored, and on it goes
// when there is room.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/fault/history.h"
#include "tests/support/eventually.h"

namespace seawall::support {
namespace {

// A small disk in memory. Only root may make one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& size) {
    mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0,
                       ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string path() const { return folder_.path(); }
  bool Resize(const std::string& size) {
    return ::mount("tmpfs", path().c_str(), "tmpfs", MS_REMOUNT,
                   ("size=" + size).c_str()) == 0;
  }

 private:
  TemporaryFolder folder_;
  bool mounted_ = false;
};

pb::SubmitContactRequest LargeRequest(int number) {
  auto request = TestRequest(number, "large-" + std::to_string(number));
  request.mutable_form()->mutable_concern()->set_history(
      std::string(15'000, 'x'));
  return request;
}

// Pushes until one is refused; how many were stored.
int FillUp(rpc::Client& client, int from, Error& refusal) {
  constexpr int kMost = 5000;
  for (int i = 0; i < kMost; i++) {
    const auto answer = Submit(client, LargeRequest(from + i));
    if (!answer) {
      refusal = answer.error();
      return i;
    }
  }
  return kMost;
}

std::unique_ptr<rpc::Client> WithoutRetries(const Stack& stack,
                                            const char* caller) {
  rpc::ClientSettings settings = stack.SettingsOf(caller);
  settings.timeout = std::chrono::seconds(5);
  auto client = rpc::Client::Connect(settings);
  EXPECT_TRUE(client);
  return *std::move(client);
}

std::string Integrity(const Stack& stack) {
  return stack.Rows("pragma integrity_check")[0][0];
}

TEST(FullDisk, IsSaidClearlyAndIntakeGoesOnWhenThereIsRoom) {
  SmallDisk disk("6m");
  if (!disk.mounted()) GTEST_SKIP() << "only root may mount a small disk";
  StackSettings settings;
  settings.records_folder = disk.path();
  auto started = Stack::Start(settings);
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  const auto client = WithoutRetries(stack, kPolice);
  int number = 0;
  std::int64_t stored = 0;
  for (const char* size : {"10m", "16m", "40m"}) {
    SCOPED_TRACE(size);
    Error refusal;
    const int more = FillUp(*client, number, refusal);
    EXPECT_GT(more, 10);
    stored += more;
    EXPECT_EQ(Say(refusal), "RESOURCE_EXHAUSTED STORE_FULL")
        << refusal.message << stack.LogTail();
    // It stays so, for everybody, and nothing breaks.
    for (int i = 0; i < 20; i++)
      EXPECT_FALSE(Submit(*client, LargeRequest(100'000 + i)));
    EXPECT_TRUE(stack.service().Running());
    EXPECT_EQ(Said(client->Healthy()), "OK");  // what is there can be read
    EXPECT_EQ(stack.Number("select count(*) from contacts"), stored);

    ASSERT_TRUE(disk.Resize(size));
    number += more;
    // The very request that was refused.
    EXPECT_EQ(Said(Submit(*client, LargeRequest(number))), "OK")
        << stack.LogTail();
    number++;
    stored++;
    EXPECT_EQ(WhatIsWrong(stack), "");
    EXPECT_EQ(Integrity(stack), "ok");
  }
  // A crash on a full disk.
  Error refusal;
  stored += FillUp(*client, number, refusal);
  stack.KillService();
  ASSERT_TRUE(disk.Resize("60m"));
  ASSERT_EQ(Said(stack.RestartService()), "OK");
  EXPECT_EQ(stack.Number("select count(*) from contacts"), stored);
  EXPECT_EQ(WhatIsWrong(stack), "");
  EXPECT_EQ(Integrity(stack), "ok");
}

// No root needed: files of the service may not grow beyond a size.
TEST(FullDisk, AFileThatMayNotGrowIsRefusedAndNothingBreaks) {
  StackSettings settings;
  settings.redis = false;
  // In blocks of 512 bytes: 4 MiB. The signal would kill the process.
  settings.wrapper = {"bash", "-c", "trap '' XFSZ; ulimit -f 4096; exec \"$@\"",
                      "bash"};
  auto started = Stack::Start(settings);
  ASSERT_TRUE(started) << started.error().message;
  Stack& stack = **started;
  const auto client = WithoutRetries(stack, kPolice);
  Error refusal;
  const int stored = FillUp(*client, 0, refusal);
  EXPECT_GT(stored, 10);
  EXPECT_LT(stored, 5000);
  // For SQLite that is a fault of the disk, not a full one.
  EXPECT_TRUE(refusal.reason == "COMMIT_UNKNOWN" ||
              refusal.reason == "STORE_UNAVAILABLE")
      << Say(refusal);
  EXPECT_TRUE(stack.service().Running());
  EXPECT_EQ(stack.Number("select count(*) from contacts"), stored);
  EXPECT_EQ(Integrity(stack), "ok");
}

}  // namespace
}  // namespace seawall::support
