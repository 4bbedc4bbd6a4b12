#include "cli/push.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "cli/fake_server.h"

namespace seawall::cli {
namespace {

using referrals::v1::SubmitContactRequest;
using referrals::v1::SubmitContactResponse;

class PushTest : public testing::Test {
 protected:
  PushTest() {
    server_.OnBulk(
        [this](const SubmitContactRequest& request) { return Store(request); });
    plan_.next = [this]() -> std::optional<PushItem> {
      if (next_ == count_) return std::nullopt;
      PushItem item{.where = "line " + std::to_string(next_)};
      item.request.set_request_id("r-" + std::to_string(next_++));
      return item;
    };
    plan_.answered = [this](const PushItem& item, const PushAnswer& answer) {
      (answer ? stored_ : refused_)[item.request.request_id()] += 1;
    };
    plan_.interrupted = [this](const Error&, std::size_t) { ++interrupted_; };
    plan_.pause = [](std::chrono::milliseconds) {};
  }

  Result<SubmitContactResponse> Store(const SubmitContactRequest& request) {
    const int seen = ++received_[request.request_id()];
    if (request.request_id() == full_once_ && seen == 1)
      return Error{Code::kResourceExhausted, "QUEUE_FULL", "later"};
    if (request.request_id() == refuses_)
      return Error{Code::kInvalidArgument, "NOTHING_TO_ACT_ON", "no"};
    return SubmitContactResponse();
  }

  Result<void> Run(int lanes = 1) {
    std::vector<std::unique_ptr<Remote>> remotes;
    std::vector<Remote*> pointers;
    for (int i = 0; i < lanes; ++i) {
      remotes.push_back(server_.connect()({}).value());
      pointers.push_back(remotes.back().get());
    }
    return Push(pointers, plan_);
  }

  void ExpectEachAnsweredOnce() {
    EXPECT_EQ(static_cast<int>(stored_.size()), count_);
    for (const auto& [id, answers] : stored_) EXPECT_EQ(answers, 1) << id;
  }

  FakeServer server_;
  PushPlan plan_;
  int count_ = 100;
  int next_ = 0;
  int interrupted_ = 0;
  std::string full_once_;
  std::string refuses_;
  std::map<std::string, int> received_;
  std::map<std::string, int> stored_;
  std::map<std::string, int> refused_;
};

TEST_F(PushTest, EveryItemIsAnsweredOnce) {
  ASSERT_TRUE(Run());
  ExpectEachAnsweredOnce();
  EXPECT_EQ(interrupted_, 0);
}

TEST_F(PushTest, SeveralLanesShareTheItems) {
  ASSERT_TRUE(Run(4));
  ExpectEachAnsweredOnce();
}

TEST_F(PushTest, WhatABrokenStreamLeftIsSentAgainUnderItsId) {
  // 20 read and 7 answered, none read, 50 read and none answered.
  server_.BreakStreams({{20, 7}, {0, 0}, {50, 0}});
  ASSERT_TRUE(Run());
  ExpectEachAnsweredOnce();
  EXPECT_EQ(interrupted_, 1);       // one outage, said once
  EXPECT_EQ(received_["r-10"], 3);  // the same id each time
}

TEST_F(PushTest, AnItemThatFoundTheQueueFullIsSentAgain) {
  full_once_ = "r-5";
  ASSERT_TRUE(Run());
  ExpectEachAnsweredOnce();
  EXPECT_EQ(received_["r-5"], 2);
}

TEST_F(PushTest, ARefusedItemDoesNotEndThePush) {
  refuses_ = "r-50";
  ASSERT_TRUE(Run());
  EXPECT_EQ(stored_.size(), 99u);
  EXPECT_EQ(refused_["r-50"], 1);
  EXPECT_EQ(received_["r-50"], 1);
}

TEST_F(PushTest, WhatNoServerTakesIsToldAndThoseBehindItGo) {
  plan_.next = [this]() -> std::optional<PushItem> {
    if (next_ == 4) return std::nullopt;
    PushItem item;
    item.request.set_request_id("r-" + std::to_string(next_));
    auto& form = *item.request.mutable_form();
    if (next_ == 1)
      form.mutable_concern()->set_text(std::string(kLargestMessage, 'x'));
    if (next_ == 2) form.add_children()->set_given_name("Test-Zo\xeb");
    ++next_;
    return item;
  };
  std::map<std::string, Error> why;
  plan_.answered = [&](const PushItem& item, const PushAnswer& answer) {
    const std::string& id = item.request.request_id();
    if (answer)
      stored_[id] += 1;
    else
      why[id] = answer.error();
  };
  ASSERT_TRUE(Run());
  EXPECT_EQ(why["r-1"].reason, "FORM_TOO_LARGE");
  EXPECT_EQ(why["r-2"].reason, "MALFORMED");
  EXPECT_EQ(why["r-2"].fields.at(0).path, "form.children[0].given_name");
  EXPECT_EQ(stored_.size(), 2u);
}

TEST_F(PushTest, AnUnreadableItemIsReportedAndNotSent) {
  bool told = false;
  plan_.next = [told, this]() mutable -> std::optional<PushItem> {
    if (std::exchange(told, true)) return std::nullopt;
    PushItem item;
    item.request.set_request_id("broken");
    item.unreadable = Error{Code::kInvalidArgument, "MALFORMED", "no JSON"};
    return item;
  };
  ASSERT_TRUE(Run());
  EXPECT_EQ(refused_["broken"], 1);
  EXPECT_TRUE(received_.empty());
}

TEST_F(PushTest, AServerThatIsNotThereEndsThePush) {
  server_.Down();
  plan_.first_patience = std::chrono::milliseconds(0);
  const auto ended = Run();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kUnavailable);
  EXPECT_TRUE(stored_.empty());
}

}  // namespace
}  // namespace seawall::cli
