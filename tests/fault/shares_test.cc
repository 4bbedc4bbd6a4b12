// One agency at full tilt, whatever it calls, beside another that calls at a
// steady pace: the other hardly waits.
#include <gtest/gtest.h>

#include <atomic>

#include "libs/base/thread.h"
#include "tests/fault/history.h"
#include "tests/fault/steady.h"
#include "tests/support/eventually.h"

namespace seawall::support {
namespace {

constexpr int kUnderWay = 512;

class SharesTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    StackSettings settings;
    settings.engine = GetParam();
    auto started = Stack::Start(settings);
    ASSERT_TRUE(started) << started.error().message;
    stack_ = *std::move(started);
  }

  // Keeps so many calls of the busy agency under way until it goes away.
  class Busy {
   public:
    Busy(const Stack& stack,
         std::function<void(rpc::Client&, int, std::function<void()>)> call)
        : client_(stack.As(kPolice)), call_(std::move(call)) {
      for (int i = 0; i < kUnderWay; i++) Next();
    }
    ~Busy() {
      stop_ = true;
      Eventually([&] { return under_way_ == 0; });
    }
    int done() const { return next_ - under_way_; }

   private:
    void Next() {
      under_way_++;
      call_(*client_, next_++, [this] {
        if (!stop_) Next();
        under_way_--;
      });
    }
    std::unique_ptr<rpc::Client> client_;
    std::function<void(rpc::Client&, int, std::function<void()>)> call_;
    std::atomic<int> next_ = 0, under_way_ = 0;
    std::atomic<bool> stop_ = false;
  };

  std::unique_ptr<Stack> stack_;
};
INSTANTIATE_TEST_SUITE_P(Engines, SharesTest,
                         testing::Values(store::Engine::kSqlite,
                                         store::Engine::kPostgres));

TEST_P(SharesTest, OthersHardlyWaitBesideAPushAtFullTilt) {
  const Busy busy(
      *stack_, [](rpc::Client& client, int i, std::function<void()> then) {
        auto response = std::make_shared<pb::SubmitContactResponse>();
        client.CallAsync(kSubmit, TestRequest(i, "busy-" + std::to_string(i)),
                         response.get(),
                         [response, then](Result<void>) { then(); });
      });
  const Pace pace = PushSteadily(*stack_);
  EXPECT_EQ(pace.refused, 0) << pace.refusal;
  EXPECT_LT(pace.most, kSteadyMost);
  EXPECT_GT(busy.done(), kUnderWay);
}

TEST_P(SharesTest, OthersHardlyWaitBesideRefusalsAtFullTilt) {
  const Busy busy(
      *stack_, [](rpc::Client& client, int i, std::function<void()> then) {
        pb::SubmitContactRequest request =
            TestRequest(i, "busy-" + std::to_string(i));
        request.set_area("Test-elsewhere");
        auto response = std::make_shared<pb::SubmitContactResponse>();
        client.CallAsync(kSubmit, request, response.get(),
                         [response, then](Result<void>) { then(); });
      });
  const Pace pace = PushSteadily(*stack_);
  EXPECT_EQ(pace.refused, 0) << pace.refusal;
  EXPECT_LT(pace.most, kSteadyMost);
}

}  // namespace
}  // namespace seawall::support
