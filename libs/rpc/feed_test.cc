#include "libs/rpc/feed.h"

#include "libs/rpc/test_server.h"

namespace seawall::rpc {
namespace {

using common::v1::FollowRequest;
using common::v1::FollowResponse;

class FeedTest : public testing::Test {
 protected:
  void SetUp() override {
    test.settings.stream_age = age;
    const auto started = test.Start();
    ASSERT_TRUE(started) << started.error().message;
    police = test.Police();
    sharing = test.Connect(TestServer::ServiceUri("sharing"));
  }
  void Push(int from, int to) {
    for (int i = from; i <= to; i++) {
      pb::SubmitContactResponse response;
      const auto called =
          police->Call(kSubmit, Contact("r-" + std::to_string(i)), response);
      ASSERT_TRUE(called) << called.error().reason;
    }
  }
  static FollowRequest From(std::int64_t position,
                            const std::string& journal = "") {
    FollowRequest request;
    request.set_area("blackpool");
    request.set_journal_id(journal);
    request.set_after_position(position);
    return request;
  }
  // Follows until position `last`.
  Result<void> Follow(const FollowRequest& request, std::int64_t last) {
    return sharing->Follow(
        kFollow, request, FollowResponse(),
        [&](const google::protobuf::Message& message) {
          pages.push_back(static_cast<const FollowResponse&>(message));
          told = pages.back().to_position();
          return told < last;
        });
  }

  TestServer test;
  std::chrono::milliseconds age{60'000};
  std::unique_ptr<Client> police, sharing;
  std::vector<FollowResponse> pages;
  std::atomic<std::int64_t> told = 0;
};

TEST_F(FeedTest, TellsWhatLiesInTheJournalThenWhatIsCommittedLater) {
  Push(1, 3);
  auto followed =
      std::async(std::launch::async, [&] { return Follow(From(0), 6); });
  ASSERT_TRUE(support::Eventually([&] { return told == 3; }));
  Push(4, 6);
  EXPECT_EQ(ReasonOf(followed.get()), "OK");
  std::int64_t position = 0;
  for (const FollowResponse& page : pages) {
    EXPECT_EQ(page.from_position(), position);
    for (const auto& event : page.events()) {
      EXPECT_EQ(event.position(), ++position);
      EXPECT_EQ(event.kind(), "seawall.referrals.v1.ContactReceived");
      pb::ContactReceived body;
      ASSERT_TRUE(body.ParseFromString(event.body()));
      EXPECT_EQ(body.contact_id(), "r-" + std::to_string(position));
    }
    EXPECT_EQ(page.to_position(), position);
  }
  EXPECT_EQ(position, 6);
}

TEST_F(FeedTest, GoesOnAfterThePositionGivenInTheSameJournal) {
  Push(1, 4);
  ASSERT_EQ(ReasonOf(Follow(From(0), 4)), "OK");
  const std::string journal = pages[0].journal_id();
  ASSERT_FALSE(journal.empty());
  pages.clear();
  ASSERT_EQ(ReasonOf(Follow(From(2, journal), 4)), "OK");
  EXPECT_EQ(pages[0].events(0).position(), 3);
}

TEST_F(FeedTest, AnotherJournalStopsTheFollower) {
  Push(1, 1);
  EXPECT_EQ(ReasonOf(Follow(From(0, "Test-other-journal"), 1)),
            "JOURNAL_CHANGED");
}

TEST_F(FeedTest, AnotherHistoryOfTheSameLengthStopsTheFollower) {
  Push(1, 4);
  ASSERT_EQ(ReasonOf(Follow(From(0), 4)), "OK");
  FollowRequest request = From(4);
  request.set_after_hash(pages.back().to_hash());
  EXPECT_EQ(request.after_hash().size(), 64u);
  Push(5, 5);
  EXPECT_EQ(ReasonOf(Follow(request, 5)), "OK");
  request.set_after_position(3);
  EXPECT_EQ(ReasonOf(Follow(request, 5)), "JOURNAL_CHANGED");
  request.set_after_position(9);
  EXPECT_EQ(ReasonOf(Follow(request, 9)), "JOURNAL_CHANGED");
}

TEST_F(FeedTest, APositionOutsideOfTheJournalIsRefused) {
  Push(1, 1);
  EXPECT_EQ(ReasonOf(Follow(From(2), 9)), "BAD_POSITION");
  EXPECT_EQ(ReasonOf(Follow(From(-1), 9)), "BAD_POSITION");
}

TEST_F(FeedTest, EachPageIsInTheAccessLogWithItsRange) {
  Push(1, 2);
  ASSERT_EQ(ReasonOf(Follow(From(0), 2)), "OK");
  const auto access = test.Access();
  ASSERT_EQ(access.size(), 3u);
  EXPECT_EQ(access[0].access.actor.role, "service");
  EXPECT_EQ(access[0].access.action, kFollow);
  EXPECT_EQ(access[0].access.subjects, std::vector<std::string>{"journal:0-2"});
}

TEST_F(FeedTest, APageThatGoesOnIsLoggedFromWhereItGoesOn) {
  Push(1, 3);
  ASSERT_EQ(ReasonOf(Follow(From(2), 3)), "OK");
  EXPECT_EQ(test.Access()[0].access.subjects,
            std::vector<std::string>{"journal:2-3"});
}

TEST_F(FeedTest, OnlyServicesMayFollow) {
  FollowRequest request = From(0);
  const auto refused =
      police->Follow(kFollow, request, FollowResponse(),
                     [](const google::protobuf::Message&) { return true; });
  EXPECT_EQ(ReasonOf(refused), "ROLE_NOT_ALLOWED");
}

TEST_F(FeedTest, EndsWhenTheServerStops) {
  Push(1, 1);
  auto followed =
      std::async(std::launch::async, [&] { return Follow(From(0), 99); });
  ASSERT_TRUE(support::Eventually([&] { return told == 1; }));
  test.server->Stop();
  EXPECT_EQ(ReasonOf(followed.get()), "STOPPING");
}

class AgedFeedTest : public FeedTest {
 protected:
  AgedFeedTest() { age = std::chrono::seconds(2); }
};

TEST_F(AgedFeedTest, EndsWithOkAtItsAge) {
  Push(1, 1);
  EXPECT_EQ(ReasonOf(Follow(From(0), 99)), "OK");
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace seawall::rpc
