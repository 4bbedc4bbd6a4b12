// TLS, health, reflection, stopping: what the server is as a whole.
#include "libs/rpc/server.h"

#include <grpcpp/create_channel.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "libs/rpc/errors.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/probe.h"
#include "libs/rpc/process.h"
#include "libs/rpc/test_server.h"
#include "tests/support/process.h"

namespace seawall::rpc {
namespace {

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto started = test.Start();
    ASSERT_TRUE(started) << started.error().message;
    ASSERT_TRUE(support::Eventually(
        [&] { return ReasonOf(test.Police()->Healthy()) == "OK"; }));
  }
  std::string Submit(Client& client, const std::string& id) {
    pb::SubmitContactResponse response;
    return ReasonOf(client.Call(kSubmit, Contact(id), response));
  }

  TestServer test;
};

// Tries a handshake with at most that version; nothing is sent.
bool Handshake(const TestServer& test, const support::Certificate& certificate,
               int port, int version) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
      SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_CTX_use_certificate_file(
      context.get(), certificate.certificate_file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context.get(), certificate.key_file.c_str(),
                              SSL_FILETYPE_PEM);
  SSL_CTX_load_verify_locations(context.get(), test.settings.ca.c_str(),
                                nullptr);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> connection(
      BIO_new_ssl_connect(context.get()), &BIO_free_all);
  const std::string address = "127.0.0.1:" + std::to_string(port);
  BIO_set_conn_hostname(connection.get(), address.c_str());
  return BIO_do_connect(connection.get()) == 1 &&
         BIO_do_handshake(connection.get()) == 1;
}

TEST_F(ServerTest, SpeaksTls13AndNothingOlder) {
  const auto certificate = *test.authority.Issue(
      {TestServer::AgencyUri("test-police", "records", "referrer")});
  const int port = test.server->port();
  EXPECT_TRUE(Handshake(test, certificate, port, TLS1_3_VERSION));
  EXPECT_FALSE(Handshake(test, certificate, port, TLS1_2_VERSION));
}

// As an operator reads it: `serial=0A1B…`.
std::string Serial(const support::Certificate& certificate) {
  const std::string said =
      support::RunToEnd({.words = {"openssl", "x509", "-noout", "-serial",
                                   "-in", certificate.certificate_file}})
          .value();
  std::string serial = said.substr(said.find('=') + 1);
  return serial.substr(0, serial.find('\n'));
}

TEST_F(ServerTest, OneCertificateIsSuspendedWithoutItsTwin) {
  const auto uri = TestServer::AgencyUri("test-police", "records", "referrer");
  const auto stolen = *test.authority.Issue({uri});
  const auto client = test.ConnectWith(stolen);
  const auto twin = test.ConnectWith(*test.authority.Issue({uri}));
  ASSERT_EQ(Submit(*client, "r-1"), "OK");
  std::mutex mutex;
  std::vector<std::string> replies;  // guarded by mutex
  const auto stream = client->OpenBulk(
      kSubmitMany, pb::SubmitContactsResponse(),
      [&](const google::protobuf::Message& message) {
        const auto& reply =
            static_cast<const pb::SubmitContactsResponse&>(message);
        std::lock_guard lock(mutex);
        replies.push_back(reply.has_error() ? FromProto(reply.error()).reason
                                            : "OK");
      });
  const auto push = [&](const std::string& id) {
    pb::SubmitContactsRequest item;
    *item.mutable_contact() = Contact(id);
    std::size_t before = 0;
    {
      std::lock_guard lock(mutex);
      before = replies.size();
    }
    stream->Write(item);
    std::string reply;
    support::Eventually([&] {
      std::lock_guard lock(mutex);
      if (replies.size() > before) reply = replies.back();
      return !reply.empty();
    });
    return reply;
  };
  ASSERT_EQ(push("s-1"), "OK");

  test.folder.Write(
      "agencies.json",
      TestServer::Agencies(
          R"(,"suspended_certificates":[")" + Serial(stolen) + R"("])", ""));
  int number = 1;
  EXPECT_TRUE(support::Eventually([&] {
    return Submit(*client, "r-" + std::to_string(++number)) ==
           "CERTIFICATE_SUSPENDED";
  }));
  EXPECT_EQ(push("s-2"), "CERTIFICATE_SUSPENDED") << "a stream that was open";
  EXPECT_EQ(Submit(*test.ConnectWith(stolen), "r-0"), "CERTIFICATE_SUSPENDED");
  EXPECT_EQ(Submit(*twin, "r-twin"), "OK");
  EXPECT_EQ(ReasonOf(stream->Finish()), "OK");
  // It is known whose certificate was refused.
  EXPECT_TRUE(support::Eventually([&] {
    const auto rows = test.Access();
    return std::any_of(rows.begin(), rows.end(), [](const auto& row) {
      return row.access.outcome == "CERTIFICATE_SUSPENDED" &&
             row.access.actor.agency == "test-police";
    });
  }));
}

TEST_F(ServerTest, OneSystemIsSuspendedWithoutTheOthers) {
  const auto records = test.Police();
  const auto import =
      test.Connect(TestServer::AgencyUri("test-police", "import", "referrer"));
  ASSERT_EQ(Submit(*records, "r-1"), "OK");
  test.folder.Write("agencies.json",
                    TestServer::Agencies("", R"(,"suspended":true)"));
  int number = 1;
  EXPECT_TRUE(support::Eventually([&] {
    return Submit(*records, "r-" + std::to_string(++number)) ==
           "SYSTEM_SUSPENDED";
  }));
  EXPECT_EQ(Submit(*import, "r-import"), "OK");
}

TEST_F(ServerTest, AnotherRoleThanTheRegistersIsRefusedAndPutDownToTheAgency) {
  const auto hub = test.Connect(
      TestServer::AgencyUri("test-police", "records", "hub"), "p-1/worker");
  pb::GetContactResponse response;
  EXPECT_EQ(ReasonOf(hub->Call(kGet, Read("c-1"), response)), "UNKNOWN_SYSTEM");
  ASSERT_TRUE(support::Eventually([&] { return !test.Access().empty(); }));
  EXPECT_EQ(test.Access()[0].access.outcome, "UNKNOWN_SYSTEM");
  EXPECT_EQ(test.Access()[0].access.actor.agency, "test-police");
}

TEST_F(ServerTest, ACertificateOfAnotherAuthorityIsRefusedByTheTransport) {
  auto other = *support::Authority::Make();
  const auto certificate = *other.Issue(
      {TestServer::AgencyUri("test-police", "records", "referrer")});
  const auto client = test.ConnectWith(certificate);
  EXPECT_EQ(Submit(*client, "r-1"), "STATUS_UNAVAILABLE");
  EXPECT_EQ(test.front_door.prepared, 0);
}

TEST_F(ServerTest, AnExpiredCertificateIsRefusedByTheTransport) {
  const auto certificate = *test.authority.Issue(
      {TestServer::AgencyUri("test-police", "records", "referrer"), false,
       /*expired=*/true});
  const auto client = test.ConnectWith(certificate);
  EXPECT_EQ(Submit(*client, "r-1"), "STATUS_UNAVAILABLE");
}

TEST_F(ServerTest, WithoutACertificateThereIsNoConnection) {
  ClientSettings settings = test.SettingsOf({});
  const auto client = *Client::Connect(settings);
  EXPECT_EQ(Submit(*client, "r-1"), "STATUS_UNAVAILABLE");
}

TEST_F(ServerTest, AClientDoesNotTrustAServerOfAnotherAuthority) {
  auto other = *support::Authority::Make();
  const auto certificate = *test.authority.Issue(
      {TestServer::AgencyUri("test-police", "records", "referrer")});
  ClientSettings settings = test.SettingsOf(certificate);
  settings.ca = other.certificate_file();
  const auto client = *Client::Connect(settings);
  EXPECT_EQ(Submit(*client, "r-1"), "STATUS_UNAVAILABLE");
}

TEST_F(ServerTest, AChangedCertificateIsTakenOverWhileItRuns) {
  // Both sides move to another authority; open connections are not asked.
  auto next = *support::Authority::Make("Test-Next-Authority");
  const auto server_next =
      *next.Issue({TestServer::ServiceUri("referrals"), /*server=*/true});
  const auto client_next = *next.Issue(
      {TestServer::AgencyUri("test-police", "records", "referrer")});
  const auto copy = [](const std::string& from, const std::string& to) {
    std::filesystem::copy_file(
        from, to, std::filesystem::copy_options::overwrite_existing);
  };
  copy(server_next.key_file, test.settings.key);
  copy(server_next.certificate_file, test.settings.certificate);
  copy(next.certificate_file(), test.settings.ca);
  int number = 0;
  EXPECT_TRUE(support::Eventually([&] {
    const auto client = test.ConnectWith(client_next);
    return Submit(*client, "r-" + std::to_string(++number)) == "OK";
  }));
}

TEST_F(ServerTest, HealthNeedsNoRoleAndKnowsTheServices) {
  const auto service = test.Connect(TestServer::ServiceUri("referrals"));
  EXPECT_EQ(ReasonOf(service->Healthy()), "OK");
  EXPECT_EQ(ReasonOf(service->Healthy("seawall.referrals.v1.ReferralsService")),
            "OK");
  EXPECT_EQ(ReasonOf(service->Healthy("seawall.nothing.v1.NothingService")),
            "STATUS_NOT_FOUND");
}

TEST_F(ServerTest, TheProbeReachesItWithItsOwnCertificate) {
  const TlsFiles files{test.settings.certificate, test.settings.key,
                       test.settings.ca};
  const int port = test.server->port();
  EXPECT_EQ(ReasonOf(ProbeOnce(files, ProbeAddress("0.0.0.0:0", port))), "OK");
  ServerSettings settings = test.settings;
  settings.listen = "127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(Check(settings), 0);
  test.server->Stop();
  EXPECT_EQ(Check(settings), 1);
}

// A message of gRPC's reflection, whose header Debian does not ship.
const google::protobuf::Message& ReflectionMessage(const std::string& name) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          "grpc.reflection.v1alpha." + name);
  return *google::protobuf::MessageFactory::generated_factory()->GetPrototype(
      descriptor);
}

TEST_F(ServerTest, ReflectionListsTheServices) {
  const auto client = test.Connect(TestServer::ServiceUri("referrals"));
  std::promise<std::string> told;
  const auto stream = client->OpenBulk(
      "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      ReflectionMessage("ServerReflectionResponse"),
      [&](const google::protobuf::Message& reply) {
        told.set_value(reply.DebugString());
      });
  const std::unique_ptr<google::protobuf::Message> request(
      ReflectionMessage("ServerReflectionRequest").New());
  request->GetReflection()->SetString(
      request.get(), request->GetDescriptor()->FindFieldByName("list_services"),
      "*");
  ASSERT_TRUE(stream->Write(*request));
  const std::string services = told.get_future().get();
  EXPECT_EQ(ReasonOf(stream->Finish()), "OK");
  for (const char* name :
       {"seawall.referrals.v1.ReferralsService",
        "seawall.common.v1.OperationsService",
        "seawall.common.v1.FiguresService", "seawall.common.v1.FeedService",
        "grpc.health.v1.Health"}) {
    EXPECT_NE(services.find(name), std::string::npos) << name;
  }
}

TEST_F(ServerTest, StoppingFinishesWhatIsUnderWayAndRefusesWhatIsNew) {
  const auto client = test.Police();
  test.front_door.hold = true;
  std::promise<std::string> answered;
  pb::SubmitContactResponse response;
  client->CallAsync(kSubmit, Contact("r-1"), &response,
                    [&](Result<void> r) { answered.set_value(ReasonOf(r)); });
  ASSERT_TRUE(
      support::Eventually([&] { return test.front_door.prepared == 1; }));
  auto stopped = std::async(std::launch::async, [&] { test.server->Stop(); });
  // New calls are refused while the old one is finished.
  EXPECT_TRUE(support::Eventually([&] {
    const auto late = test.Police();
    return Submit(*late, "r-2") == "STATUS_UNAVAILABLE";
  }));
  test.front_door.hold = false;
  EXPECT_EQ(answered.get_future().get(), "OK");
  stopped.get();
  EXPECT_EQ(test.front_door.ran, 1);
}

TEST_F(ServerTest, WhatWasAnsweredIsThereAfterARestart) {
  EXPECT_EQ(Submit(*test.Police(), "r-1"), "OK");
  test.server->Stop();
  test.server.reset();
  ASSERT_TRUE(test.Start());
  EXPECT_EQ(test.Position(), 1);
  EXPECT_EQ(Submit(*test.Police(), "r-1"), "OK");
  EXPECT_EQ(test.Position(), 1);
  EXPECT_EQ(Submit(*test.Police(), "r-2"), "OK");
  EXPECT_EQ(test.Position(), 2);
}

TEST(ServerSettingsTest, AWrongSettingIsNamed) {
  TestServer test;
  const auto named = [&](ServerSettings settings) {
    const auto server = Server::Create("referrals", settings);
    return server ? "" : server.error().message.substr(0, 14);
  };
  ServerSettings settings = test.settings;
  settings.key = test.settings.ca;
  EXPECT_EQ(named(settings), "--certificate:");
  settings = test.settings;
  settings.key = test.authority.Issue({"spiffe://x/y"})->key_file;
  EXPECT_EQ(named(settings), "--certificate:");
  settings = test.settings;
  settings.agencies = test.folder.Write("broken.json", "{");
  EXPECT_EQ(named(settings).substr(0, 11), "--agencies:");
  settings = test.settings;
  settings.seal_keys = {};
  EXPECT_EQ(named(settings).substr(0, 12), "--seal-keys:");
}

TEST(ServerSettingsTest, APortInUseIsRefused) {
  TestServer first, second;
  ASSERT_TRUE(first.Start());
  second.settings.listen = "127.0.0.1:" + std::to_string(first.server->port());
  EXPECT_EQ(ReasonOf(second.Start()), "LISTEN_FAILED");
}

TEST(ProbeTest, ThreeFailuresInARowGiveUpOnce) {
  std::atomic<int> asked = 0, gave_up = 0;
  Probe probe(
      std::chrono::milliseconds(1),
      [&]() -> Result<void> {
        const int n = ++asked;
        if (n == 3) return {};  // two failures are forgiven
        if (n == 6)             // alive, though not serving
          return Error{Code::kUnavailable, "NOT_SERVING", ""};
        return Error{Code::kUnavailable, "STATUS_UNAVAILABLE", ""};
      },
      [&] { gave_up++; });
  EXPECT_TRUE(support::Eventually([&] { return gave_up == 1; }));
  EXPECT_EQ(asked, 9);
}

TEST(ProcessTest, TheLimitOfDescriptorsIsRaised) {
  PrepareProcess();
  const Descriptors counted = CountDescriptors();
  EXPECT_GT(counted.open, 2);
  EXPECT_GT(counted.limit, counted.open);
}

}  // namespace
}  // namespace seawall::rpc
