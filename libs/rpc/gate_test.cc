// Every rule of the Gate, over real TLS.
#include "libs/rpc/gate.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include "libs/rpc/errors.h"
#include "libs/rpc/test_server.h"
#include "libs/rpc/tls.h"

namespace seawall::rpc {
namespace {

class GateTest : public testing::Test {
 protected:
  void SetUp() override {
    test.settings.queue_limit = 16;
    const auto started = test.Start();
    ASSERT_TRUE(started) << started.error().message;
  }

  Result<void> Submit(Client& client, const pb::SubmitContactRequest& request) {
    pb::SubmitContactResponse response;
    return client.Call(kSubmit, request, response);
  }
  Result<void> Get(Client& client, const pb::GetContactRequest& request) {
    pb::GetContactResponse response;
    return client.Call(kGet, request, response);
  }
  bool Counted(const std::string& line) {
    return support::Eventually([&] {
      return test.server->metrics().Text().find(line) != std::string::npos;
    });
  }

  TestServer test;
};

// A call as a client in another language might make it: any bytes, any
// metadata, any deadline.
class RawCall {
 public:
  RawCall(TestServer& test, const std::string& uri)
      : files_(*test.authority.Issue({uri})) {
    const auto credentials = *ClientTls(
        {files_.certificate_file, files_.key_file, test.settings.ca});
    stub_ = std::make_unique<grpc::GenericStub>(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(test.server->port()), credentials));
  }
  grpc::ClientContext context;

  std::string Reason(const std::string& method, const std::string& bytes) {
    grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> status;
    stub_->UnaryCall(&context, "/" + method, {}, &request, &response,
                     [&](grpc::Status s) { status.set_value(s); });
    const grpc::Status result = status.get_future().get();
    return result.ok() ? "OK" : FromStatus(result).reason;
  }

 private:
  support::Certificate files_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

TEST_F(GateTest, AWriteIsAnsweredAfterItsCommit) {
  const auto client = test.Police();
  pb::SubmitContactResponse response;
  const auto called = client->Call(kSubmit, Contact("r-1"), response);
  ASSERT_TRUE(called) << called.error().message;
  EXPECT_EQ(response.receipts(0).contact_id(), "r-1");
  EXPECT_EQ(test.Position(), 1);
  const auto access = test.Access();
  ASSERT_EQ(access.size(), 1u);
  EXPECT_EQ(access[0].access.actor.agency, "test-police");
  EXPECT_EQ(access[0].access.actor.system, "records");
  EXPECT_EQ(access[0].access.actor.role, "referrer");
  EXPECT_EQ(access[0].access.action, kSubmit);
  EXPECT_EQ(access[0].access.subjects, std::vector<std::string>{"r-1"});
}

TEST_F(GateTest, TheSameRequestIdIsDoneOnceAndWithOtherContentRefused) {
  const auto client = test.Police();
  EXPECT_EQ(ReasonOf(Submit(*client, Contact("r-1"))), "OK");
  EXPECT_EQ(ReasonOf(Submit(*client, Contact("r-1"))), "OK");
  EXPECT_EQ(ReasonOf(Submit(*client, Contact("r-1", "7"))),
            "REQUEST_ID_REUSED");
  EXPECT_EQ(test.Position(), 1);
}

TEST_F(GateTest, ARepeatAfterAChangeOfKeysGetsTheFirstAnswer) {
  ASSERT_EQ(ReasonOf(Submit(*test.Police(), Contact("r-1"))), "OK");
  test.server->Stop();
  test.server.reset();
  const std::string key = test.folder.Write("new.key", std::string(64, 'b'));
  ::chmod(key.c_str(), 0600);
  test.settings.seal_keys.insert(test.settings.seal_keys.begin(), key);
  ASSERT_EQ(ReasonOf(test.Start()), "OK");
  const auto client = test.Police();
  EXPECT_EQ(ReasonOf(Submit(*client, Contact("r-1"))), "OK");
  EXPECT_EQ(ReasonOf(Submit(*client, Contact("r-1", "7"))),
            "REQUEST_ID_REUSED");
  EXPECT_EQ(test.Position(), 1);
}

TEST_F(GateTest, ARegisterThatIsNotInForceIsShownUntilItIs) {
  EXPECT_TRUE(Counted("\nseawall_register_stale 0\n"));
  test.folder.Write("agencies.json", "{");
  EXPECT_TRUE(Counted("\nseawall_register_stale 1\n"));
  EXPECT_EQ(ReasonOf(Submit(*test.Police(), Contact("r-1"))), "OK");
  test.folder.Write("agencies.json", TestServer::Agencies(false));
  EXPECT_TRUE(Counted("\nseawall_register_stale 0\n"));
}

TEST_F(GateTest, AnErrorCarriesReasonMessageAndFieldPath) {
  const auto client = test.Police();
  const auto called = Submit(*client, Contact("r-1", "refused"));
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().code, Code::kInvalidArgument);
  EXPECT_EQ(called.error().reason, "NOTHING_TO_ACT_ON");
  ASSERT_EQ(called.error().fields.size(), 1u);
  EXPECT_EQ(called.error().fields[0].path, "form.concern");
  // A write that its handler refuses before the ledger is logged all the same.
  ASSERT_TRUE(support::Eventually([&] { return test.Access().size() == 1; }));
  EXPECT_EQ(test.Access()[0].access.outcome, "NOTHING_TO_ACT_ON");
  EXPECT_EQ(test.Access()[0].access.action, kSubmit);
  EXPECT_TRUE(
      Counted("seawall_refusals_total{reason=\"NOTHING_TO_ACT_ON\"} 1"));
}

TEST_F(GateTest, AnIdThatIsTooLongIsRefusedBeforeAnybodyLooksForIt) {
  pb::GetContactRequest read;
  read.set_area("blackpool");
  read.mutable_purpose()->set_purpose("SAFEGUARDING");
  read.mutable_purpose()->set_lawful_basis("PUBLIC_TASK");
  read.set_contact_id(std::string(2670, 'x'));
  const auto refused = Get(*test.Hub(), read);
  EXPECT_EQ(ReasonOf(refused), "TEXT_TOO_LONG");
  EXPECT_EQ(refused.error().fields.at(0).path, "contact_id");
  pb::DecideContactRequest write;
  pb::DecideContactResponse response;
  write.set_area("blackpool");
  write.set_request_id("d-1");
  write.set_contact_id(std::string(201, 'x'));
  EXPECT_EQ(ReasonOf(test.Hub()->Call(kDecide, write, response)),
            "TEXT_TOO_LONG");
  EXPECT_TRUE(support::Eventually([&] { return test.Access().size() == 2; }))
      << "a refusal is logged";
  write.set_contact_id(std::string(200, 'x'));
  EXPECT_EQ(ReasonOf(test.Hub()->Call(kDecide, write, response)), "OK");
}

TEST_F(GateTest, RefusalsOfOneAgencyHideNoneOfAnother) {
  const auto police = test.Police();
  for (int i = 0; i < 60; i++) {
    EXPECT_EQ(
        ReasonOf(Submit(*police, Contact("r-" + std::to_string(i), "refused"))),
        "NOTHING_TO_ACT_ON");
  }
  EXPECT_EQ(ReasonOf(Submit(*test.Hub(), Contact("h-1", "refused"))),
            "NOTHING_TO_ACT_ON");
  EXPECT_TRUE(support::Eventually([&] {
    const auto access = test.Access();
    return std::any_of(access.begin(), access.end(), [](const auto& row) {
      return row.access.actor.agency == "test-hub" &&
             row.access.outcome == "NOTHING_TO_ACT_ON";
    });
  }));
}

TEST_F(GateTest, AHandlerThatThrowsAnswersInternalAndTellsNothing) {
  const auto client = test.Police();
  const auto called = Submit(*client, Contact("r-1", "throws"));
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().code, Code::kInternal);
  EXPECT_EQ(called.error().reason, "INTERNAL");
  EXPECT_EQ(called.error().message.find("Test-Secret"), std::string::npos);
  EXPECT_EQ(ReasonOf(Submit(*client, Contact("r-2"))), "OK");
}

TEST_F(GateTest, ACertificateOfAnotherDomainOrFormIsUnknown) {
  for (const std::string uri :
       {"spiffe://elsewhere.local/agency/test-police/records/referrer",
        "spiffe://seawall.local/agency/test-police/records",
        "spiffe://seawall.local/agency/test-police/records/service",
        "spiffe://seawall.local/agency/test-police/records/boss",
        "spiffe://seawall.local/test-police"}) {
    const auto client = test.Connect(uri);
    const auto called = Submit(*client, Contact("r-1"));
    ASSERT_FALSE(called) << uri;
    EXPECT_EQ(called.error().reason, "UNKNOWN_CALLER") << uri;
    EXPECT_EQ(called.error().code, Code::kUnauthenticated) << uri;
  }
  EXPECT_EQ(test.Position(), 0);
}

TEST_F(GateTest, AnAgencyThatTheRegisterDoesNotHoldIsRefused) {
  const auto client =
      test.Connect(TestServer::AgencyUri("test-nobody", "records", "referrer"));
  EXPECT_EQ(ReasonOf(Submit(*client, Contact("r-1"))), "UNKNOWN_AGENCY");
  // An agency may not call itself a service.
  const auto service = test.Connect(TestServer::ServiceUri("test-police"));
  EXPECT_EQ(ReasonOf(Submit(*service, Contact("r-1"))), "UNKNOWN_AGENCY");
}

TEST_F(GateTest, ASuspensionWorksAtOnceOnOpenConnections) {
  const auto client = test.Police();
  EXPECT_EQ(ReasonOf(Submit(*client, Contact("r-1"))), "OK");
  test.folder.Write("agencies.json", TestServer::Agencies(true));
  int number = 1;
  EXPECT_TRUE(support::Eventually([&] {
    const auto called =
        Submit(*client, Contact("r-" + std::to_string(++number)));
    return ReasonOf(called) == "AGENCY_SUSPENDED";
  }));
  // It is known whose certificate was refused.
  ASSERT_TRUE(support::Eventually(
      [&] { return test.Access()[0].access.outcome == "AGENCY_SUSPENDED"; }));
  EXPECT_EQ(test.Access()[0].access.actor.agency, "test-police");
  EXPECT_EQ(test.Access()[0].access.actor.system, "records");
  test.folder.Write("agencies.json", TestServer::Agencies(false));
  EXPECT_TRUE(support::Eventually(
      [&] { return ReasonOf(Submit(*client, Contact("r-last"))) == "OK"; }));
}

TEST_F(GateTest, ARoleThatTheProtoDoesNotNameIsRefusedAndLogged) {
  const auto client = test.Police();
  const auto called = Get(*client, Read("c-1"));
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().reason, "ROLE_NOT_ALLOWED");
  EXPECT_EQ(called.error().code, Code::kPermissionDenied);
  ASSERT_TRUE(support::Eventually([&] { return test.Access().size() == 1; }));
  EXPECT_EQ(test.Access()[0].access.outcome, "ROLE_NOT_ALLOWED");
  EXPECT_EQ(test.Access()[0].access.action, kGet);
}

TEST_F(GateTest, AnAreaMustBeGivenAndBeTheCallers) {
  const auto client = test.Police();
  pb::SubmitContactRequest request = Contact("r-1");
  request.clear_area();
  const auto without = Submit(*client, request);
  EXPECT_EQ(ReasonOf(without), "AREA_REQUIRED");
  EXPECT_EQ(without.error().fields[0].path, "area");
  request.set_area("lancashire");
  EXPECT_EQ(ReasonOf(Submit(*client, request)), "AREA_NOT_ALLOWED");
  ASSERT_TRUE(support::Eventually(
      [&] { return test.Access("lancashire").size() == 1; }));
  EXPECT_EQ(test.Access("lancashire")[0].access.outcome, "AREA_NOT_ALLOWED");
  // An area that nobody belongs to gets no log of its own.
  request.set_area("atlantis");
  EXPECT_EQ(ReasonOf(Submit(*client, request)), "AREA_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(Submit(*client, Contact("r-2"))), "OK");
  EXPECT_TRUE(test.Access("atlantis").empty());
}

TEST_F(GateTest, ARequestIdMustBePrintableAndAtMost64Long) {
  const auto client = test.Police();
  for (const std::string& id : {std::string(), std::string(65, 'a'),
                                std::string("tab\there"), std::string("é")}) {
    const auto called = Submit(*client, Contact(id));
    EXPECT_EQ(ReasonOf(called), "REQUEST_ID_REQUIRED") << id;
    EXPECT_EQ(called.error().fields[0].path, "request_id");
  }
  EXPECT_EQ(ReasonOf(Submit(*client, Contact(std::string(64, 'a')))), "OK");
}

TEST_F(GateTest, APersonIsRequiredWhereTheProtoSaysSo) {
  for (const std::string& person :
       {std::string(), std::string("p-1"), std::string("/worker"),
        std::string("p-1/"), std::string("p/1/2"), std::string("p 1/worker"),
        std::string(60, 'p') + "/worker"}) {
    const auto hub = test.Hub(person);
    EXPECT_EQ(ReasonOf(Get(*hub, Read("c-1"))), "PERSON_REQUIRED") << person;
  }
  EXPECT_EQ(ReasonOf(Get(*test.Hub(), Read("c-1"))), "OK");
}

TEST_F(GateTest, WhatShowsAPersonIsInTheAccessLogBeforeItIsAnswered) {
  const auto hub = test.Hub("p-7/social-worker");
  pb::GetContactResponse response;
  ASSERT_TRUE(hub->Call(kGet, Read("c-1"), response));
  EXPECT_EQ(response.contact().agency(), "safeguarding");  // from the grant
  const auto access = test.Access();
  ASSERT_EQ(access.size(), 1u);
  EXPECT_EQ(access[0].access.actor.person, "p-7/social-worker");
  EXPECT_EQ(access[0].access.purpose, "safeguarding");
  EXPECT_EQ(access[0].access.lawful_basis, "public_task");
  EXPECT_EQ(access[0].access.subjects, std::vector<std::string>{"c-1"});
  EXPECT_EQ(access[0].access.outcome, "OK");
}

TEST_F(GateTest, AReadWithoutAKnownPurposeIsRefused) {
  const auto hub = test.Hub();
  pb::GetContactRequest request = Read("c-1");
  request.mutable_purpose()->set_purpose("curiosity");
  const auto called = Get(*hub, request);
  EXPECT_EQ(ReasonOf(called), "PURPOSE_REQUIRED");
  EXPECT_EQ(called.error().fields[0].path, "purpose.purpose");
  request = Read("c-1");
  request.mutable_purpose()->clear_lawful_basis();
  EXPECT_EQ(Get(*hub, request).error().fields[0].path, "purpose.lawful_basis");
  request.clear_purpose();
  EXPECT_EQ(ReasonOf(Get(*hub, request)), "PURPOSE_REQUIRED");
  ASSERT_TRUE(support::Eventually([&] { return test.Access().size() == 3; }));
  for (const auto& row : test.Access())
    EXPECT_EQ(row.access.outcome, "PURPOSE_REQUIRED");
}

TEST_F(GateTest, AnEmptyHandedReadIsLoggedWithItsReason) {
  const auto hub = test.Hub();
  EXPECT_EQ(ReasonOf(Get(*hub, Read("none"))), "CONTACT_NOT_FOUND");
  ASSERT_TRUE(support::Eventually([&] { return test.Access().size() == 1; }));
  EXPECT_EQ(test.Access()[0].access.outcome, "CONTACT_NOT_FOUND");
}

TEST_F(GateTest, NothingIsShownWhenTheAccessEntryCannotBeWritten) {
  const auto hub = test.Hub();
  ASSERT_EQ(ReasonOf(Get(*hub, Read("c-1"))), "OK");
  test.server->ledger().Stop();
  EXPECT_EQ(ReasonOf(Get(*hub, Read("c-2"))), "ACCESS_LOG");
}

TEST_F(GateTest, BytesThatAreNoMessageAreMalformed) {
  const std::string police =
      TestServer::AgencyUri("test-police", "records", "referrer");
  EXPECT_EQ(RawCall(test, police).Reason(kSubmit, "\xff\xff\xff"), "MALFORMED");
  // Not UTF-8 in a text: field 1, one byte 0xC3.
  EXPECT_EQ(RawCall(test, police).Reason(kSubmit, "\x0a\x01\xc3"), "MALFORMED");
  EXPECT_EQ(RawCall(test, police).Reason(kSubmit, ""), "AREA_REQUIRED");
  EXPECT_EQ(test.Position(), 0);
}

TEST_F(GateTest, ADeadlineTooNearIsRefusedAndAMissingOneIsFine) {
  const std::string police =
      TestServer::AgencyUri("test-police", "records", "referrer");
  const std::string bytes = Contact("r-1").SerializeAsString();
  RawCall without(test, police);
  EXPECT_EQ(without.Reason(kSubmit, bytes), "OK");
  // The connection first, so that the time is not spent on it.
  RawCall near(test, police);
  near.context.set_wait_for_ready(true);
  near.context.set_deadline(std::chrono::system_clock::now() +
                            std::chrono::milliseconds(90));
  const std::string reason = near.Reason(kSubmit, bytes);
  EXPECT_TRUE(reason == "DEADLINE_TOO_SHORT" ||
              reason == "STATUS_DEADLINE_EXCEEDED")
      << reason;
}

pb::SubmitContactRequest Sized(const std::string& id, std::size_t bytes) {
  pb::SubmitContactRequest request = Contact(id);
  const auto set = [&](std::size_t text) {
    request.mutable_form()->mutable_concern()->set_text(std::string(text, 'a'));
  };
  set(bytes);
  // The lengths before the text take bytes, too.
  set(2 * bytes - request.ByteSizeLong());
  return request;
}

TEST_F(GateTest, ARequestOfMoreThan256KiBIsToldItsSize) {
  const auto client = test.Police();
  const auto most = Sized("r-1", kMostRequestBytes);
  ASSERT_EQ(most.ByteSizeLong(), kMostRequestBytes);
  EXPECT_EQ(ReasonOf(Submit(*client, most)), "OK");
  const auto called = Submit(*client, Sized("r-2", kMostRequestBytes + 1));
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().code, Code::kInvalidArgument);
  EXPECT_EQ(called.error().reason, "REQUEST_TOO_LARGE");
  ASSERT_EQ(called.error().fields.size(), 1u);
  EXPECT_EQ(called.error().fields[0].path, "");
  EXPECT_EQ(called.error().fields[0].description,
            "262145 bytes; at most 262144");
  EXPECT_EQ(ReasonOf(Submit(*client, Sized("r-3", 1000 * 1024))),
            "REQUEST_TOO_LARGE");
  EXPECT_EQ(test.Position(), 1);
}

TEST_F(GateTest, MetadataOfMoreThan8KiBAreToldTheirSize) {
  const std::string police =
      TestServer::AgencyUri("test-police", "records", "referrer");
  const std::string bytes = Contact("r-1").SerializeAsString();
  RawCall most(test, police);
  most.context.AddMetadata("x-note", std::string(7 * 1024, 'a'));
  EXPECT_EQ(most.Reason(kSubmit, bytes), "OK");
  RawCall more(test, police);
  more.context.AddMetadata("x-note", std::string(9 * 1024, 'a'));
  EXPECT_EQ(more.Reason(kSubmit, bytes), "METADATA_TOO_LARGE");
  // Beyond what the transport takes, nobody can be told why.
  RawCall most_of_all(test, police);
  most_of_all.context.AddMetadata("x-note", std::string(70 * 1024, 'a'));
  EXPECT_EQ(most_of_all.Reason(kSubmit, bytes), "STATUS_RESOURCE_EXHAUSTED");
}

TEST_F(GateTest, AnOversizedMessageIsRefusedByTheTransport) {
  const auto client = test.Police();
  pb::SubmitContactRequest request = Contact("r-1");
  request.mutable_form()->mutable_concern()->set_text(
      std::string(4 * 1024 * 1024, 'a'));
  const auto called = Submit(*client, request);
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().code, Code::kResourceExhausted);
  EXPECT_EQ(test.front_door.prepared, 0);
  EXPECT_EQ(test.Position(), 0);
}

TEST_F(GateTest, WhoAmITellsWhatTheServerTakesTheCallerFor) {
  const auto client =
      test.Connect(TestServer::AgencyUri("test-police", "import", "referrer"));
  common::v1::WhoAmIRequest request;
  request.set_area("blackpool");
  common::v1::WhoAmIResponse response;
  ASSERT_TRUE(client->Call(kWhoAmI, request, response));
  EXPECT_EQ(response.agency(), "test-police");
  EXPECT_EQ(response.system(), "import");
  EXPECT_EQ(response.role(), common::v1::ROLE_REFERRER);
  EXPECT_TRUE(response.may_backdate());
  EXPECT_EQ(response.service(), "referrals");
}

TEST_F(GateTest, CallsAreCountedUnderTheirPublishedNames) {
  const auto client = test.Police();
  ASSERT_EQ(ReasonOf(Submit(*client, Contact("r-1"))), "OK");
  EXPECT_TRUE(Counted("grpc_server_call_started_total{grpc_method=\"" +
                      std::string(kSubmit) + "\"} 1"));
  EXPECT_TRUE(Counted("grpc_server_call_duration_seconds_count{grpc_method=\"" +
                      std::string(kSubmit) + "\",grpc_status=\"OK\"} 1"));
}

TEST_F(GateTest, AFullQueueIsRefusedWithADelayToComeAgain) {
  // The workers are held, so that what comes waits.
  test.front_door.hold = true;
  const auto client = test.Police();
  std::atomic<int> full = 0, answered = 0;
  std::atomic<bool> told = true;
  constexpr int kCalls = 64;
  std::vector<pb::SubmitContactResponse> responses(kCalls);
  for (int i = 0; i < kCalls; i++) {
    client->CallAsync(kSubmit, Contact("r-" + std::to_string(i)), &responses[i],
                      [&](Result<void> result) {
                        if (!result && result.error().reason == "QUEUE_FULL") {
                          full++;
                          if (result.error().retry_after.count() == 0)
                            told = false;
                        }
                        answered++;
                      });
  }
  EXPECT_TRUE(support::Eventually([&] { return full > 0; }));
  test.front_door.hold = false;
  EXPECT_TRUE(support::Eventually([&] { return answered == kCalls; }));
  EXPECT_TRUE(told);
  EXPECT_EQ(test.Position(), kCalls - full);
}

}  // namespace
}  // namespace seawall::rpc
