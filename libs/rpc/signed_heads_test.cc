#include "libs/rpc/signed_heads.h"

#include <sqlite3.h>

#include "libs/rpc/test_server.h"

namespace seawall::rpc {
namespace {

using common::v1::SignedHead;
using common::v1::VerifyAccessLogRequest;
using common::v1::VerifyAccessLogResponse;

class SignedHeadsTest : public testing::Test {
 protected:
  void SetUp() override {
    test.settings.sign_every = std::chrono::milliseconds(20);
    ASSERT_TRUE(test.Start());
    police = test.Police();
    auditor =
        test.Connect(TestServer::AgencyUri("test-auditor", "desk", "auditor"));
  }
  void Push(int from, int to) {
    for (int i = from; i <= to; i++) {
      pb::SubmitContactResponse response;
      ASSERT_TRUE(
          police->Call(kSubmit, Contact("r-" + std::to_string(i)), response));
    }
  }
  Result<VerifyAccessLogResponse> Verify(
      const std::vector<SignedHead>& heads = {}) {
    VerifyAccessLogRequest request;
    request.set_area("blackpool");
    for (const SignedHead& head : heads) *request.add_heads() = head;
    VerifyAccessLogResponse response;
    TRY_VOID(
        auditor->Call("seawall.common.v1.OperationsService/VerifyAccessLog",
                      request, response));
    return response;
  }
  std::string FindingOf(const SignedHead& head) {
    const auto verified = Verify({head}).value();
    if (verified.head_findings_size() == 0) return "";
    return verified.head_findings(0).finding();
  }
  // As somebody who may write to the records would, without a trace.
  void Cut(int entries) {
    sqlite3* records = nullptr;
    ASSERT_EQ(sqlite3_open(test.folder.File("records.db").c_str(), &records),
              SQLITE_OK);
    const std::string more = " where entry > " + std::to_string(entries);
    const std::string all =
        "delete from access_log" + more + "; delete from access_subjects" +
        more +
        "; update heads set access_entries = " + std::to_string(entries) +
        ", access_hash = (select hash from access_log where entry = " +
        std::to_string(entries) + ")";
    EXPECT_EQ(sqlite3_exec(records, all.c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(records);
  }
  bool Says(const std::string& line) {
    return test.server->metrics().Text().find(line) != std::string::npos;
  }

  TestServer test;
  std::unique_ptr<Client> police, auditor;
};

TEST_F(SignedHeadsTest, WhoVerifiesGetsAHeadThatAnybodyCanCheck) {
  Push(1, 3);
  const SignedHead head = Verify().value().signed_head();
  EXPECT_EQ(head.service(), "referrals");
  EXPECT_EQ(head.area(), "blackpool");
  EXPECT_EQ(head.entries(), 3);
  // The six lines of the contract.
  const std::string text = "seawall access head 1\nreferrals\nblackpool\n3\n" +
                           head.hash() + "\n" +
                           std::to_string(head.signed_time().seconds()) + "\n";
  EXPECT_TRUE(seal::Verifies(TestServer::kSigningKey, text, head.signature()));
  EXPECT_EQ(FindingOf(head), "");
}

TEST_F(SignedHeadsTest, ALogThatWasCutIsFound) {
  Push(1, 6);
  const SignedHead head = Verify().value().signed_head();
  ASSERT_TRUE(Says("seawall_access_log_intact 1"));
  Cut(3);
  const auto verdict = Verify({head}).value();
  EXPECT_FALSE(verdict.intact());
  EXPECT_EQ(verdict.first_broken_entry(), 4);
  EXPECT_FALSE(verdict.has_signed_head());
}

TEST_F(SignedHeadsTest, ARunningServiceSeesThatItsLogWasChanged) {
  Push(1, 6);
  ASSERT_TRUE(support::Eventually([&] {
    // Signed up to the sixth: the feed's next page tells so.
    const auto sharing = test.Connect(TestServer::ServiceUri("sharing"));
    common::v1::FollowRequest request;
    request.set_area("blackpool");
    std::int64_t entries = 0;
    (void)sharing->Follow(
        kFollow, request, common::v1::FollowResponse(),
        [&](const google::protobuf::Message& message) {
          entries = static_cast<const common::v1::FollowResponse&>(message)
                        .access_head()
                        .entries();
          return false;
        });
    return entries >= 6;
  }));
  Cut(3);
  EXPECT_TRUE(
      support::Eventually([&] { return Says("seawall_access_log_intact 0"); }));
  Push(7, 20);
  EXPECT_TRUE(Says("seawall_access_log_intact 0"))
      << "that it is longer again mends nothing";
}

TEST_F(SignedHeadsTest, AHeadThatIsNotOursIsToldAndTheOthersCount) {
  Push(1, 2);
  const SignedHead head = Verify().value().signed_head();
  const auto changed = [&](auto change) {
    SignedHead other = head;
    change(other);
    return FindingOf(other);
  };
  EXPECT_EQ(changed([](SignedHead& one) { one.set_entries(1); }),
            "its signature does not fit it");
  EXPECT_EQ(changed([](SignedHead& one) { one.set_area("lancashire"); }),
            "it is of another area");
  EXPECT_EQ(changed([](SignedHead& one) { one.set_service("waiting"); }),
            "it is of another service");
  EXPECT_EQ(changed([](SignedHead& one) {
              one.set_public_key(std::string(64, 'a'));
            }),
            "the register does not list its public key");
  EXPECT_EQ(Verify(std::vector<SignedHead>(501, head)).error().reason,
            "TOO_MANY_HEADS");
  SignedHead foreign = head;
  foreign.set_hash(std::string(64, '0'));
  Cut(1);
  const auto verdict = Verify({foreign, head}).value();
  EXPECT_FALSE(verdict.intact());
  ASSERT_EQ(verdict.head_findings_size(), 2);
  EXPECT_EQ(verdict.head_findings(0).head(), 0);
  EXPECT_EQ(verdict.head_findings(1).head(), 1);
}

TEST_F(SignedHeadsTest, ALogThatWasDeletedWholeIsNoticed) {
  Push(1, 3);
  test.server->Stop();
  test.server.reset();
  sqlite3* records = nullptr;
  ASSERT_EQ(sqlite3_open(test.folder.File("records.db").c_str(), &records),
            SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(records,
                         "delete from access_log; delete from "
                         "access_subjects; delete from heads",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(records);
  ASSERT_TRUE(test.Start());
  EXPECT_TRUE(
      support::Eventually([&] { return Says("seawall_access_log_intact 0"); }));
}

TEST_F(SignedHeadsTest, TheServiceRemembersItsLastHeadAcrossARestart) {
  Push(1, 6);
  // A stop signs.
  test.server->Stop();
  test.server.reset();
  Cut(3);
  ASSERT_TRUE(test.Start());
  const auto look = [&] {
    auditor =
        test.Connect(TestServer::AgencyUri("test-auditor", "desk", "auditor"));
  };
  look();
  EXPECT_TRUE(
      support::Eventually([&] { return Says("seawall_access_log_intact 0"); }));
  const auto verdict = Verify().value();
  EXPECT_FALSE(verdict.intact());
  EXPECT_EQ(verdict.first_broken_entry(), 4);
  EXPECT_FALSE(verdict.has_signed_head());
  // The same after a backup was put back, which somebody says.
  test.server->Stop();
  test.server.reset();
  test.settings.restored = true;
  ASSERT_TRUE(test.Start());
  look();
  EXPECT_TRUE(Verify().value().intact());
  EXPECT_TRUE(Says("seawall_access_log_intact 1"));
}

TEST_F(SignedHeadsTest, WhoLooksAtTheLogIsLoggedToo) {
  Push(1, 1);
  const auto person = test.Connect(
      TestServer::AgencyUri("test-auditor", "desk", "auditor"), "p-9/auditor");
  common::v1::ListAccessRequest list;
  list.set_area("blackpool");
  list.set_subject_id("9434765919");
  common::v1::ListAccessResponse none;
  ASSERT_TRUE(person->Call("seawall.common.v1.OperationsService/ListAccess",
                           list, none));
  EXPECT_TRUE(test.Access().front().access.subjects.empty())
      << "what names nothing is not written down";
  list.set_subject_id("r-1");
  common::v1::ListAccessResponse page;
  ASSERT_TRUE(person->Call("seawall.common.v1.OperationsService/ListAccess",
                           list, page));
  const auto newest = test.Access().front();
  EXPECT_EQ(newest.access.action,
            "seawall.common.v1.OperationsService/ListAccess");
  EXPECT_EQ(newest.access.actor.person, "p-9/auditor");
  EXPECT_EQ(newest.access.subjects, std::vector<std::string>{"r-1"});
}

TEST(SigningKeyTest, AServiceWhoseKeyNobodyKnowsDoesNotStart) {
  TestServer test;
  test.folder.Write("signing.key", std::string(64, 'b'));
  const auto started = test.Start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "SIGNING_KEY_UNKNOWN");
  EXPECT_NE(started.error().message.find("signing_keys"), std::string::npos);
}

}  // namespace
}  // namespace seawall::rpc
