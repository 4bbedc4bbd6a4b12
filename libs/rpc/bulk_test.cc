#include "libs/rpc/bulk.h"

#include "libs/rpc/errors.h"
#include "libs/rpc/test_server.h"

namespace seawall::rpc {
namespace {

pb::SubmitContactsRequest Item(const std::string& request_id,
                               const std::string& source = "6") {
  pb::SubmitContactsRequest item;
  *item.mutable_contact() = Contact(request_id, source);
  return item;
}

class BulkTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto started = test.Start();
    ASSERT_TRUE(started) << started.error().message;
    client = test.Police();
  }

  std::unique_ptr<Client::Bulk> Open() {
    return client->OpenBulk(
        kSubmitMany, pb::SubmitContactsResponse(),
        [this](const google::protobuf::Message& reply) {
          std::lock_guard lock(mutex);
          replies.push_back(
              static_cast<const pb::SubmitContactsResponse&>(reply));
        });
  }
  std::size_t count() {
    std::lock_guard lock(mutex);
    return replies.size();
  }

  TestServer test;
  std::unique_ptr<Client> client;
  std::mutex mutex;
  std::vector<pb::SubmitContactsResponse> replies;
};

TEST_F(BulkTest, RepliesComeInTheOrderOfTheItems) {
  const auto bulk = Open();
  constexpr int kItems = 500;
  for (int i = 0; i < kItems; i++)
    ASSERT_TRUE(bulk->Write(Item("r-" + std::to_string(i))));
  ASSERT_EQ(ReasonOf(bulk->Finish()), "OK");
  ASSERT_EQ(replies.size(), std::size_t{kItems});
  for (int i = 0; i < kItems; i++) {
    const std::string id = "r-" + std::to_string(i);
    EXPECT_EQ(replies[i].request_id(), id);
    EXPECT_EQ(replies[i].response().receipts(0).contact_id(), id);
  }
  EXPECT_EQ(test.Position(), kItems);
}

TEST_F(BulkTest, ItemsAreDoneInTheOrderInWhichTheyCame) {
  const auto bulk = Open();
  constexpr int kPairs = 200;
  for (int i = 0; i < kPairs; i++) {
    const std::string id = "r-" + std::to_string(i);
    ASSERT_TRUE(bulk->Write(Item(id)));
    ASSERT_TRUE(bulk->Write(Item(id, "7")));  // the second is the one refused
  }
  ASSERT_EQ(ReasonOf(bulk->Finish()), "OK");
  ASSERT_EQ(replies.size(), std::size_t{2 * kPairs});
  for (std::size_t i = 0; i < replies.size(); i++) {
    EXPECT_EQ(replies[i].has_error(), i % 2 == 1) << i;
  }
}

TEST_F(BulkTest, ABadItemIsAnsweredInItsPlaceAndDoesNotEndTheStream) {
  const auto bulk = Open();
  bulk->Write(Item("r-1"));
  bulk->Write(Item("r-2", "refused"));
  bulk->Write(Item(""));
  pb::SubmitContactsRequest elsewhere = Item("r-4");
  elsewhere.mutable_contact()->set_area("lancashire");
  bulk->Write(elsewhere);
  bulk->Write(pb::SubmitContactsRequest());
  bulk->Write(Item("r-1", "7"));
  bulk->Write(Item("r-7"));
  ASSERT_EQ(ReasonOf(bulk->Finish()), "OK");
  ASSERT_EQ(replies.size(), 7u);
  const auto reason = [&](int i) {
    return replies[i].has_error() ? FromProto(replies[i].error()).reason : "OK";
  };
  EXPECT_EQ(reason(0), "OK");
  EXPECT_EQ(reason(5), "REQUEST_ID_REUSED");
  EXPECT_EQ(reason(1), "NOTHING_TO_ACT_ON");
  EXPECT_EQ(FromProto(replies[1].error()).fields[0].path, "form.concern");
  EXPECT_EQ(replies[1].request_id(), "r-2");
  EXPECT_EQ(reason(2), "REQUEST_ID_REQUIRED");
  EXPECT_EQ(reason(3), "AREA_NOT_ALLOWED");
  EXPECT_EQ(reason(4), "AREA_REQUIRED");
  EXPECT_EQ(reason(6), "OK");
  EXPECT_EQ(test.Position(), 2);
}

TEST_F(BulkTest, AnItemThatIsTooLargeIsRefusedInItsPlaceByItsId) {
  const auto bulk = Open();
  bulk->Write(Item("r-1"));
  pb::SubmitContactsRequest large = Item("r-2");
  large.mutable_contact()->mutable_form()->mutable_concern()->set_text(
      std::string(300 * 1024, 'a'));
  bulk->Write(large);
  bulk->Write(Item("r-3"));
  ASSERT_EQ(ReasonOf(bulk->Finish()), "OK");
  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(replies[0].response().receipts(0).contact_id(), "r-1");
  EXPECT_EQ(FromProto(replies[1].error()).reason, "REQUEST_TOO_LARGE");
  EXPECT_EQ(replies[1].request_id(), "r-2");
  EXPECT_EQ(replies[2].response().receipts(0).contact_id(), "r-3");
  EXPECT_EQ(test.Position(), 2);
}

TEST_F(BulkTest, BytesThatAreNoItemAreMalformedWithoutAnId) {
  const auto bulk = Open();
  bulk->Write(Item("r-1"));
  // Field 1 as bytes that are no SubmitContactRequest.
  pb::ContactReceived broken;
  broken.set_contact_id("\x0a\x7f");
  bulk->Write(broken);
  bulk->Write(Item("r-3"));
  ASSERT_EQ(ReasonOf(bulk->Finish()), "OK");
  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(FromProto(replies[1].error()).reason, "MALFORMED");
  EXPECT_EQ(replies[1].request_id(), "");
  EXPECT_EQ(replies[2].request_id(), "r-3");
}

TEST_F(BulkTest, ReadingStopsAtTheWindowUntilItemsAreAnswered) {
  test.front_door.hold = true;
  const auto bulk = Open();
  std::atomic<int> written = 0;
  constexpr int kItems = 1000;
  std::thread writer([&] {
    for (int i = 0; i < kItems; i++) {
      if (!bulk->Write(Item("r-" + std::to_string(i)))) return;
      written++;
    }
  });
  // The two workers hold one item each, the rest of the window waits.
  EXPECT_TRUE(
      support::Eventually([&] { return test.front_door.prepared == 2; }));
  test.front_door.hold = false;
  writer.join();
  ASSERT_EQ(ReasonOf(bulk->Finish()), "OK");
  EXPECT_EQ(count(), std::size_t{kItems});
  EXPECT_EQ(test.front_door.ran, kItems);
}

TEST_F(BulkTest, ASuspensionReachesAnOpenStream) {
  const auto bulk = Open();
  ASSERT_TRUE(bulk->Write(Item("r-0")));
  ASSERT_TRUE(support::Eventually([&] { return count() == 1; }));
  test.folder.Write("agencies.json", TestServer::Agencies(true));
  int number = 0;
  EXPECT_TRUE(support::Eventually([&] {
    const std::size_t before = count();
    bulk->Write(Item("r-" + std::to_string(++number)));
    support::Eventually([&] { return count() > before; });
    std::lock_guard lock(mutex);
    return replies.back().has_error() &&
           FromProto(replies.back().error()).reason == "AGENCY_SUSPENDED";
  }));
  EXPECT_EQ(ReasonOf(bulk->Finish()), "OK");
  ASSERT_TRUE(support::Eventually(
      [&] { return test.Access()[0].access.outcome == "AGENCY_SUSPENDED"; }));
  EXPECT_EQ(test.Access()[0].access.actor.agency, "test-police");
  EXPECT_EQ(test.Access()[0].access.action, kSubmit);
}

TEST_F(BulkTest, ARoleWithoutTheRightGetsNoStream) {
  const auto board =
      test.Connect(TestServer::AgencyUri("test-ops", "desk", "ops"));
  const auto bulk = board->OpenBulk(kSubmitMany, pb::SubmitContactsResponse(),
                                    [](const google::protobuf::Message&) {});
  EXPECT_EQ(ReasonOf(bulk->Finish()), "ROLE_NOT_ALLOWED");
  // No item came that names an area: it is in the log of the caller's own.
  ASSERT_TRUE(support::Eventually([&] { return test.Access().size() == 1; }));
  EXPECT_EQ(test.Access()[0].access.outcome, "ROLE_NOT_ALLOWED");
}

TEST_F(BulkTest, AClientThatVanishesLeavesNothingBehind) {
  test.front_door.hold = true;
  {
    const auto bulk = Open();
    for (int i = 0; i < 10; i++) bulk->Write(Item("r-" + std::to_string(i)));
    EXPECT_TRUE(
        support::Eventually([&] { return test.front_door.prepared > 0; }));
    test.front_door.hold = true;
  }  // cancels
  test.front_door.hold = false;
  EXPECT_TRUE(support::Eventually([&] {
    return test.server->metrics().Text().find("seawall_open_streams 0") !=
           std::string::npos;
  }));
  // And the server goes on.
  pb::SubmitContactResponse response;
  EXPECT_EQ(ReasonOf(client->Call(kSubmit, Contact("r-after"), response)),
            "OK");
}

// The connection may close before the last replies are out: then what was read
// is unknown to the sender, and sent again like the rest. Never is anything
// answered that was not done.
TEST(BulkStop, AStreamEndsInAWayThatIsSentAgain) {
  TestServer test;
  ASSERT_TRUE(test.Start());
  const auto client = test.Police();
  test.front_door.hold = true;
  std::atomic<int> answered = 0;
  const auto bulk =
      client->OpenBulk(kSubmitMany, pb::SubmitContactsResponse(),
                       [&](const google::protobuf::Message&) { answered++; });
  for (int i = 0; i < 8; i++)
    ASSERT_TRUE(bulk->Write(Item("r-" + std::to_string(i))));
  ASSERT_TRUE(
      support::Eventually([&] { return test.front_door.prepared == 2; }));
  auto stopped = std::async(std::launch::async, [&] { test.server->Stop(); });
  test.front_door.hold = false;
  int number = 8;
  EXPECT_TRUE(support::Eventually(
      [&] { return !bulk->Write(Item("r-" + std::to_string(number++))); }));
  const Result<void> finished = bulk->Finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Code::kUnavailable);
  stopped.get();
  EXPECT_LE(answered, test.front_door.ran);
}

TEST(BulkSlow, AReaderThatTakesNothingIsCut) {
  TestServer test;
  test.settings.patience = std::chrono::milliseconds(300);
  ASSERT_TRUE(test.Start());
  const auto client = test.Police();
  // The replies wait in this callback until the stream is cut: first the
  // client's window fills, then the server's write stands still.
  std::promise<void> cut;
  std::shared_future<void> waiting = cut.get_future().share();
  const auto bulk = client->OpenBulk(
      kSubmitMany, pb::SubmitContactsResponse(),
      [&](const google::protobuf::Message&) { waiting.wait(); });
  std::atomic<bool> refused = false;
  std::thread writer([&] {
    for (int i = 0; i < 200'000 && !refused; i++) {
      refused =
          !bulk->Write(Item("r-" + std::to_string(i) + std::string(50, 'x')));
    }
  });
  EXPECT_TRUE(support::Eventually([&] { return refused.load(); }));
  EXPECT_TRUE(support::Eventually([&] {
    return test.server->metrics().Text().find("seawall_open_streams 0") !=
           std::string::npos;
  }));
  cut.set_value();
  writer.join();
  EXPECT_NE(ReasonOf(bulk->Finish()), "OK");
}

// A connection carries 128 at once; more of them take another.
TEST_F(BulkTest, AnAgencyHasSoManyStreamsAndNoMore) {
  constexpr int kOpened = 200, kMost = 128;
  const auto other = test.Police();
  const auto none = [](const google::protobuf::Message&) {};
  std::vector<std::unique_ptr<Client::Bulk>> streams;
  for (int i = 0; i < kOpened; i++) {
    Client& by = i % 2 == 0 ? *client : *other;
    streams.push_back(
        by.OpenBulk(kSubmitMany, pb::SubmitContactsResponse(), none));
  }
  // Those that were taken wait for their items; they end when they are all
  // there.
  ASSERT_TRUE(support::Eventually([&] {
    return test.server->metrics().Text().find(
               "seawall_refusals_total{reason=\"QUEUE_FULL\"} " +
               std::to_string(kOpened - kMost)) != std::string::npos;
  }));
  int full = 0;
  for (const auto& stream : streams)
    full += ReasonOf(stream->Finish()) == "QUEUE_FULL";
  EXPECT_EQ(full, kOpened - kMost);
  const auto again = Open();
  ASSERT_TRUE(again->Write(Item("r-1")));
  EXPECT_EQ(ReasonOf(again->Finish()), "OK") << "what was given back";
}

}  // namespace
}  // namespace seawall::rpc
