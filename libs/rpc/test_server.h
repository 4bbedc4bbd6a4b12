// TestServer: a whole server in the test's process, over real TLS, whose front
// door does next to nothing. For tests alone.
#pragma once

#include <gtest/gtest.h>
#include <seawall/common/v1/feed.pb.h>
#include <seawall/common/v1/figures.pb.h>
#include <seawall/common/v1/operations.pb.h>
#include <seawall/referrals/v1/events.pb.h>
#include <seawall/referrals/v1/referrals.pb.h>
#include <sys/stat.h>

#include <future>

#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"
#include "tests/support/tempdir.h"

namespace seawall::rpc {

namespace pb = referrals::v1;

inline constexpr char kSubmit[] =
    "seawall.referrals.v1.ReferralsService/SubmitContact";
inline constexpr char kSubmitMany[] =
    "seawall.referrals.v1.ReferralsService/SubmitContacts";
inline constexpr char kGet[] =
    "seawall.referrals.v1.ReferralsService/GetContact";
inline constexpr char kDecide[] =
    "seawall.referrals.v1.ReferralsService/DecideContact";
inline constexpr char kWhoAmI[] = "seawall.common.v1.OperationsService/WhoAmI";
inline constexpr char kFollow[] = "seawall.common.v1.FeedService/Follow";

// Every form becomes one contact, whose id is the request's; `source` chooses
// what goes wrong.
class FakeFrontDoor : public Service {
 public:
  const google::protobuf::ServiceDescriptor& descriptor() const override {
    return *pb::SubmitContactRequest::descriptor()->file()->FindServiceByName(
        "ReferralsService");
  }

  void Bind(Methods& methods) override {
    const std::string service = descriptor().full_name() + "/";
    methods.Write(service + "SubmitContact", this, &FakeFrontDoor::Submit);
    methods.Bulk<pb::SubmitContactsRequest>(service + "SubmitContacts",
                                            service + "SubmitContact");
    methods.Read(service + "GetContact", this, &FakeFrontDoor::Get);
    BindRest(methods, service);
  }

  std::atomic<int> prepared = 0;
  std::atomic<int> ran = 0;
  // Prepares wait while it is set.
  std::atomic<bool> hold = false;

 private:
  Result<Work<pb::SubmitContactResponse>> Submit(
      const Call& call, const pb::SubmitContactRequest& request) {
    prepared++;
    while (hold) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::string source = request.form().source();
    if (source == "refused") {
      return Error{Code::kInvalidArgument,
                   "NOTHING_TO_ACT_ON",
                   "no concern and no child",
                   {{"form.concern", "is empty"}}};
    }
    if (source == "throws") throw std::runtime_error("Test-Secret");
    return Work<pb::SubmitContactResponse>(
        [this, id = call.request_id](ledger::Unit& unit) {
          return Run(unit, id);
        });
  }

  Result<pb::SubmitContactResponse> Run(ledger::Unit& unit,
                                        const std::string& id) {
    ran++;
    unit.Touched(id);
    pb::ContactReceived event;
    event.set_contact_id(id);
    unit.Record(event, unit.now());
    pb::SubmitContactResponse response;
    response.add_receipts()->set_contact_id(id);
    return response;
  }

  Result<pb::GetContactResponse> Get(Reading& reading,
                                     const pb::GetContactRequest& request) {
    if (request.contact_id() == "none") {
      return Error{Code::kNotFound, "CONTACT_NOT_FOUND", "no such contact"};
    }
    reading.Shows(request.contact_id());
    pb::GetContactResponse response;
    response.mutable_contact()->set_contact_id(request.contact_id());
    response.mutable_contact()->set_agency(reading.grant().purpose());
    return response;
  }

  template <class Request, class Response>
  Result<Work<Response>> Nothing(const Call&, const Request&) {
    return Work<Response>(
        [](ledger::Unit&) -> Result<Response> { return Response(); });
  }
  template <class Request, class Response>
  Result<Response> Empty(Reading&, const Request&) {
    return Response();
  }

  void BindRest(Methods& methods, const std::string& service) {
#define SEAWALL_WRITE(Name)  \
  methods.Write(             \
      service + #Name, this, \
      &FakeFrontDoor::Nothing<pb::Name##Request, pb::Name##Response>)
#define SEAWALL_READ(Name)            \
  methods.Read(service + #Name, this, \
               &FakeFrontDoor::Empty<pb::Name##Request, pb::Name##Response>)
    SEAWALL_READ(FindContacts);
    SEAWALL_READ(ListContacts);
    SEAWALL_READ(GetMyContact);
    SEAWALL_WRITE(DecideContact);
    SEAWALL_WRITE(ReturnContact);
    SEAWALL_WRITE(AnswerReturn);
    SEAWALL_WRITE(ConfirmContact);
    SEAWALL_WRITE(AcknowledgeOutcome);
    SEAWALL_WRITE(AddToContact);
    SEAWALL_WRITE(WithdrawContact);
    SEAWALL_WRITE(MarkRecordedInError);
    SEAWALL_WRITE(ReinstateContact);
    SEAWALL_WRITE(ConfirmSameChild);
    SEAWALL_WRITE(CorrectChild);
    SEAWALL_WRITE(CloseEpisode);
#undef SEAWALL_WRITE
#undef SEAWALL_READ
  }
};

class TestServer {
 public:
  TestServer() : authority(*support::Authority::Make()) {
    const auto own =
        *authority.Issue({ServiceUri("referrals"), /*server=*/true});
    settings.listen = "127.0.0.1:0";
    settings.metrics_listen = "";
    settings.certificate = own.certificate_file;
    settings.key = own.key_file;
    settings.ca = authority.certificate_file();
    settings.agencies = folder.Write("agencies.json", Agencies(false));
    settings.database = "sqlite:" + folder.File("records.db");
    settings.seal_keys = {folder.Write("seal.key", std::string(64, 'a'))};
    ::chmod(settings.seal_keys[0].c_str(), 0600);
    settings.signing_key = folder.Write("signing.key", kSigningSeed);
    ::chmod(settings.signing_key.c_str(), 0600);
    settings.certificate_refresh_seconds = 1;
  }
  ~TestServer() {
    front_door.hold = false;
    if (server) server->Stop();
  }

  Result<void> Start() {
    TRY(server, Server::Create("referrals", settings));
    Domain domain;
    domain.services = {&front_door};
    domain.definitions = definitions;
    domain.reasons = {"NOTHING_TO_ACT_ON", "CONTACT_NOT_FOUND"};
    return server->Start(std::move(domain));
  }

  // A client under a certificate of the test's authority.
  std::unique_ptr<Client> Connect(const std::string& uri,
                                  const std::string& person = "") {
    return ConnectWith(*authority.Issue({uri}), person);
  }
  std::unique_ptr<Client> ConnectWith(const support::Certificate& certificate,
                                      const std::string& person = "") {
    return *Client::Connect(SettingsOf(certificate, person));
  }
  ClientSettings SettingsOf(const support::Certificate& certificate,
                            const std::string& person = "") {
    ClientSettings client;
    client.address = "127.0.0.1:" + std::to_string(server->port());
    client.certificate = certificate.certificate_file;
    client.key = certificate.key_file;
    client.ca = settings.ca;
    client.person = person;
    client.wait_for_ready = false;
    client.connection = ++connections_;
    return client;
  }
  std::unique_ptr<Client> Police() {
    return Connect(AgencyUri("test-police", "records", "referrer"));
  }
  std::unique_ptr<Client> Hub(const std::string& person = "p-1/worker") {
    return Connect(AgencyUri("test-hub", "desk", "hub"), person);
  }

  static std::string AgencyUri(const std::string& agency,
                               const std::string& system,
                               const std::string& role) {
    return support::AgencyUri(agency, system, role);
  }
  static std::string ServiceUri(const std::string& service) {
    return support::ServiceUri(service);
  }

  // As the register lists it; `more` goes on after a comma.
  static std::string System(const std::string& id, const std::string& role,
                            const std::string& more = "") {
    return R"({"id":")" + id + R"(","roles":[")" + role + R"("])" + more + "}";
  }
  static std::string Agency(const std::string& id, const std::string& kind,
                            const std::string& area, const std::string& systems,
                            const std::string& more = "") {
    return R"({"id":")" + id + R"(","name":"Test-)" + id + R"(","kind":")" +
           kind + R"(","group":"other","areas":[")" + area +
           R"("],"systems":[)" + systems + "]" + more + "}";
  }
  // `more` of the police and of its system `records`.
  static std::string Agencies(const std::string& more,
                              const std::string& of_records) {
    const std::string police =
        System("records", "referrer", of_records) + "," +
        System("import", "referrer", R"(,"may_backdate":true)");
    return R"({"agencies":[)" +
           Agency("test-police", "police", "blackpool", police, more) + "," +
           Agency("test-hub", "council", "blackpool", System("desk", "hub")) +
           "," +
           Agency("test-ops", "council", "blackpool", System("desk", "ops")) +
           "," +
           Agency("test-board", "board", "blackpool",
                  System("portal", "board")) +
           "," +
           Agency("test-auditor", "board", "blackpool",
                  System("desk", "auditor")) +
           "," +
           Agency("test-far", "police", "lancashire",
                  System("records", "referrer")) +
           "," +
           Agency("sharing", "service", "blackpool",
                  System("sharing", "service")) +
           "," +
           Agency(
               "referrals", "service", "blackpool",
               System("referrals", "service"),
               std::string(R"(,"signing_keys":[")") + kSigningKey + R"("])") +
           "]}";
  }
  static std::string Agencies(bool police_suspended) {
    return Agencies(police_suspended ? R"(,"suspended":true)" : "", "");
  }

  // Entries of the access log, newest first.
  std::vector<ledger::AccessRow> Access(const std::string& area = "blackpool") {
    auto reader = server->database().Read();
    return *ledger::ReadAccess(*reader, server->sealer(), {area, 0, 100});
  }
  std::int64_t Position() {
    auto reader = server->database().Read();
    return ledger::ReadHead(*reader, "blackpool")->position;
  }

  // The key that signs heads, and what others check with.
  static constexpr char kSigningSeed[] =
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  static constexpr char kSigningKey[] =
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

  support::TemporaryFolder folder;
  support::Authority authority;
  ServerSettings settings;
  FakeFrontDoor front_door;
  const counters::Definitions* definitions = nullptr;
  std::unique_ptr<Server> server;

 private:
  int connections_ = 0;
};

inline pb::SubmitContactRequest Contact(const std::string& request_id,
                                        const std::string& source = "6") {
  pb::SubmitContactRequest request;
  request.set_area("blackpool");
  request.set_request_id(request_id);
  request.mutable_form()->set_source(source);
  return request;
}

inline pb::GetContactRequest Read(const std::string& contact) {
  pb::GetContactRequest request;
  request.set_area("blackpool");
  request.set_contact_id(contact);
  request.mutable_purpose()->set_purpose("safeguarding");
  request.mutable_purpose()->set_lawful_basis("public_task");
  return request;
}

// "OK" or the reason.
inline std::string ReasonOf(const Result<void>& result) {
  return result ? "OK" : result.error().reason;
}

}  // namespace seawall::rpc
