#include "cli/event_push.h"

#include <gtest/gtest.h>

#include <numeric>

#include "cli/fake_server.h"

namespace seawall::cli {
namespace {

using waiting::v1::PushEventsRequest;
using waiting::v1::PushEventsResponse;

class EventPushTest : public testing::Test {
 protected:
  EventPushTest() {
    server_.OnBulk<WaitingEvents>(
        [this](const PushEventsRequest& request) { return Take(request); });
    plan_.area = "blackpool";
    plan_.next = [this]() -> std::optional<EventItem> {
      if (next_ == count_) return std::nullopt;
      const std::string name = std::to_string(next_++);
      EventItem item{.where = name};
      if (name == unreadable_ || unreadable_ == "all") {
        item.unreadable = Error{Code::kInvalidArgument, "MALFORMED", "no row"};
      }
      item.event.mutable_about()->set_reference(name);
      if (noted_.empty() || noted_ == name) {
        item.event.mutable_removal()->set_reason(note_);
      }
      return item;
    };
    plan_.answered = [this](const EventItem& item, const EventAnswer& answer) {
      where_.push_back(item.where);
      if (!answer) return refused_.push_back(item.where);
      EXPECT_EQ(answer->referral_id(), "of-" + item.where);
    };
  }

  Result<PushEventsResponse> Take(const PushEventsRequest& request) {
    EXPECT_EQ(request.area(), "blackpool");
    sizes_.push_back(request.events_size());
    largest_ = std::max(largest_, request.ByteSizeLong());
    ids_.push_back(request.request_id());
    if (request.events(0).about().reference() == refuses_from_)
      return Error{Code::kPermissionDenied, "ROLE_NOT_ALLOWED", "no"};
    PushEventsResponse response;
    for (const auto& event : request.events()) {
      auto& answer = *response.add_answers();
      const std::string& name = event.about().reference();
      if (name == refuses_) {
        *answer.mutable_error() = rpc::ToProto(
            Error{Code::kNotFound, "REFERRAL_NOT_FOUND", "not there"});
      } else {
        answer.mutable_receipt()->set_referral_id("of-" + name);
      }
    }
    return response;
  }

  void Run() {
    next_ = 0;
    where_.clear();
    const auto remote = server_.connect()({}).value();
    ASSERT_TRUE(PushEvents(*remote, plan_));
    ASSERT_EQ(static_cast<int>(where_.size()), count_);
    for (int i = 0; i < count_; ++i) EXPECT_EQ(where_[i], std::to_string(i));
  }

  FakeServer server_;
  EventPlan plan_;
  int count_ = 250, next_ = 0;
  std::string unreadable_, refuses_, refuses_from_, note_, noted_;
  std::size_t largest_ = 0;
  std::vector<int> sizes_;
  std::vector<std::string> ids_, where_, refused_;
};

TEST_F(EventPushTest, AHundredGoTogetherAndEachIsAnsweredInOrder) {
  Run();
  EXPECT_EQ(sizes_, (std::vector<int>{100, 100, 50}));
  EXPECT_TRUE(refused_.empty());
}

TEST_F(EventPushTest, OneThatIsRefusedOrUnreadableIsToldInItsPlace) {
  refuses_ = "150";
  unreadable_ = "151";
  Run();
  EXPECT_EQ(sizes_, (std::vector<int>{100, 100, 49}));
  EXPECT_EQ(refused_, (std::vector<std::string>{"150", "151"}));
}

TEST_F(EventPushTest, AnUnreadableOneAtTheEndIsToldToo) {
  count_ = 101;
  unreadable_ = "100";
  Run();
  EXPECT_EQ(sizes_, std::vector<int>{100});
  EXPECT_EQ(refused_, std::vector<std::string>{"100"});
}

TEST_F(EventPushTest, WhereARequestIsRefusedAllOfItsEventsAre) {
  refuses_from_ = "100";
  Run();
  EXPECT_EQ(refused_.size(), 100u);
  EXPECT_EQ(refused_.front(), "100");
}

TEST_F(EventPushTest, AFileThatIsSentAgainIsAskedAnew) {
  Run();
  const auto first = std::exchange(ids_, {});
  Run();
  ASSERT_EQ(ids_.size(), first.size());
  EXPECT_NE(ids_[0], first[0]) << "what was refused would stay refused";
}

TEST_F(EventPushTest, ARequestIsNoLargerThanAServerTakes) {
  note_ = std::string(10'000, 'x');
  Run();
  EXPECT_GT(sizes_.size(), 10u);
  EXPECT_EQ(std::accumulate(sizes_.begin(), sizes_.end(), 0), 250);
  EXPECT_LT(largest_, 256u * 1024);
  EXPECT_TRUE(refused_.empty());
}

TEST_F(EventPushTest, AnEventThatFitsNowhereIsToldAndTheOthersGo) {
  note_ = std::string(300'000, 'x');
  count_ = 3;
  noted_ = "1";
  Run();
  EXPECT_EQ(refused_, std::vector<std::string>{"1"});
}

TEST_F(EventPushTest, ATextThatIsNoUtf8CostsNoneOfItsNeighbours) {
  note_ = "Test-Zo\xeb";
  noted_ = "57";
  Run();
  EXPECT_EQ(sizes_, (std::vector<int>{100, 100, 49}));
  EXPECT_EQ(refused_, std::vector<std::string>{"57"});
}

TEST_F(EventPushTest, AFileThatNobodyCanReadIsToldRowByRow) {
  unreadable_ = "all";
  Run();
  EXPECT_TRUE(sizes_.empty());
  EXPECT_EQ(refused_.size(), 250u);
}

TEST_F(EventPushTest, WhatIsThereGoesWhereTheNextIsNotThereYet) {
  plan_.more = [this] { return next_ != 30; };
  Run();
  EXPECT_EQ(sizes_, (std::vector<int>{30, 100, 100, 20}));
}

}  // namespace
}  // namespace seawall::cli
