// Who may call what, over the wire: every role against every method that the
// server serves, as the protos' options say it. A new method is tested by being
// there.
#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include "seawall/common/v1/feed.pb.h"
#include "seawall/common/v1/figures.pb.h"
#include "seawall/common/v1/options.pb.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

Stack& TheStack() {
  static const std::unique_ptr<Stack> stack = [] {
    auto started = Stack::Start();
    EXPECT_TRUE(started) << started.error().message;
    return started ? *std::move(started) : nullptr;
  }();
  return *stack;
}

// One caller of each role.
const std::map<common::Role, std::string>& Callers() {
  static const std::map<common::Role, std::string> callers = {
      {common::ROLE_REFERRER, kPolice},
      {common::ROLE_HUB, kHub},
      {common::ROLE_OPS, kOps},
      {common::ROLE_BOARD, kBoard},
      {common::ROLE_AUDITOR, kAuditor},
      {common::ROLE_SERVICE, "service/sharing"},
  };
  return callers;
}

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file :
       {pb::SubmitContactRequest::descriptor()->file(),
        pb::RecordStepRequest::descriptor()->file(),
        common::FollowRequest::descriptor()->file(),
        common::GetFiguresRequest::descriptor()->file(),
        common::WhoAmIRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); i++) {
      for (int j = 0; j < file->service(i)->method_count(); j++)
        methods.push_back(file->service(i)->method(j));
    }
  }
  return methods;
}

std::string PathOf(const MethodDescriptor& method) {
  return method.service()->full_name() + "/" + method.name();
}

const common::MethodPolicy& PolicyOf(const MethodDescriptor& method) {
  return method.options().GetExtension(common::policy);
}

bool Allows(const MethodDescriptor& method, common::Role role) {
  const auto& roles = PolicyOf(method).roles();
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

std::unique_ptr<Message> New(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(&type)
          ->New());
}

// Calls the method with a request that holds nothing but the area: past the
// roles it fails on something else, and changes nothing.
Result<void> Try(rpc::Client& client, const MethodDescriptor& method) {
  const auto request = New(*method.input_type());
  if (const auto* area = method.input_type()->FindFieldByName("area"))
    request->GetReflection()->SetString(request.get(), area, kArea);
  const auto response = New(*method.output_type());
  if (method.client_streaming()) {
    const auto bulk =
        client.OpenBulk(PathOf(method), *response, [](const Message&) {});
    return bulk->Finish();
  }
  if (method.server_streaming()) {
    return client.Follow(PathOf(method), *request, *response,
                         [](const Message&) { return false; });
  }
  return client.Call(PathOf(method), *request, *response);
}

struct Case {
  const MethodDescriptor* method;
  common::Role role;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const MethodDescriptor* method : AllMethods()) {
    for (const auto& [role, caller] : Callers())
      cases.push_back({method, role});
  }
  return cases;
}

class RoleTo : public ::testing::TestWithParam<Case> {};

TEST_P(RoleTo, IsAllowedOrRefusedAsTheProtoSays) {
  const auto& [method, role] = GetParam();
  if (Allows(*method, role) && method->server_streaming() &&
      !method->client_streaming()) {
    // A feed of no events would wait for one.
    ASSERT_EQ(Said(Submit(*TheStack().As(kPolice), TestRequest(1, "feed"))),
              "OK");
  }
  const auto client = TheStack().As(Callers().at(role), kPerson);
  const Result<void> tried = Try(*client, *method);
  if (!Allows(*method, role)) {
    EXPECT_EQ(Said(tried), "PERMISSION_DENIED ROLE_NOT_ALLOWED");
    return;
  }
  if (!tried) {
    EXPECT_NE(tried.error().reason, "ROLE_NOT_ALLOWED");
    EXPECT_NE(tried.error().code, Code::kUnimplemented);
    EXPECT_NE(tried.error().code, Code::kInternal) << tried.error().message;
  }
}

std::string NameOf(const ::testing::TestParamInfo<Case>& info) {
  return common::Role_Name(info.param.role).substr(5) + "_" +
         info.param.method->name();
}

INSTANTIATE_TEST_SUITE_P(Roles, RoleTo, ::testing::ValuesIn(Cases()), NameOf);

TEST(Roles, EveryMethodNamesSomebody) {
  EXPECT_GE(AllMethods().size(), 20u);
  for (const MethodDescriptor* method : AllMethods()) {
    EXPECT_GT(PolicyOf(*method).roles_size(), 0) << PathOf(*method);
    EXPECT_NE(PolicyOf(*method).effect(), common::EFFECT_UNSPECIFIED)
        << PathOf(*method);
  }
}

TEST(Roles, WhoeverSeesOrDecidesOnAPersonMustNameThePersonActing) {
  int asked = 0;
  for (const MethodDescriptor* method : AllMethods()) {
    if (!PolicyOf(*method).person_required()) continue;
    for (const auto& [role, caller] : Callers()) {
      if (!Allows(*method, role)) continue;
      asked++;
      EXPECT_EQ(Said(Try(*TheStack().As(caller), *method)),
                "INVALID_ARGUMENT PERSON_REQUIRED metadata.seawall-person")
          << PathOf(*method);
    }
  }
  EXPECT_GE(asked, 8);
}

TEST(Roles, WhoeverSeesAPersonMustSayWhatFor) {
  for (const MethodDescriptor* method : AllMethods()) {
    if (PolicyOf(*method).effect() != common::EFFECT_READ_PERSON) continue;
    for (const auto& [role, caller] : Callers()) {
      if (!Allows(*method, role)) continue;
      EXPECT_EQ(Said(Try(*TheStack().As(caller, kPerson), *method)),
                "INVALID_ARGUMENT PURPOSE_REQUIRED purpose.purpose")
          << PathOf(*method);
    }
  }
}

TEST(Roles, NothingIsDoneOutsideTheCallersAreas) {
  const auto client = TheStack().As("lancashire-police/push/referrer");
  auto request = TestRequest(1, "other-area");
  EXPECT_EQ(Said(Submit(*client, request)),
            "PERMISSION_DENIED AREA_NOT_ALLOWED area");
  request.set_area("lancashire");
  const auto stored = Submit(*client, request);
  ASSERT_EQ(Said(stored), "OK");
  // Nobody of another area finds it by its id.
  EXPECT_EQ(GetContact(*TheStack().As(kHub, kPerson),
                       stored->receipts(0).contact_id())
                .error()
                .reason,
            "CONTACT_NOT_FOUND");
}

TEST(Roles, AReferrerSeesNoOtherAgencysContact) {
  const auto stored = Submit(*TheStack().As(kPolice), TestRequest(2, "mine"));
  ASSERT_EQ(Said(stored), "OK");
  pb::GetMyContactRequest request;
  request.set_area(kArea);
  request.mutable_purpose()->set_purpose("safeguarding");
  request.mutable_purpose()->set_lawful_basis("public_task");
  request.set_contact_id(stored->receipts(0).contact_id());
  const std::string method =
      "seawall.referrals.v1.ReferralsService/GetMyContact";
  EXPECT_EQ(Said(Ask<pb::GetMyContactResponse>(*TheStack().As(kPolice), method,
                                               request)),
            "OK");
  const auto school =
      Ask<pb::GetMyContactResponse>(*TheStack().As(kSchool), method, request);
  ASSERT_FALSE(school);
  EXPECT_EQ(school.error().reason, "CONTACT_NOT_FOUND");
}

// ---- certificates ----

Result<void> WhoAmI(const Certificate& certificate, const std::string& ca) {
  rpc::ClientSettings settings = TheStack().SettingsOf(kPolice);
  settings.certificate = certificate.certificate_file;
  settings.key = certificate.key_file;
  settings.ca = ca;
  settings.wait_for_ready = false;
  settings.timeout = std::chrono::seconds(30);
  TRY(const auto client, rpc::Client::Connect(settings));
  common::WhoAmIRequest request;
  request.set_area(kArea);
  common::WhoAmIResponse response;
  return client->Call("seawall.common.v1.OperationsService/WhoAmI", request,
                      response);
}

std::string Ca() { return StackAuthority().certificate_file(); }

TEST(Certificates, AGoodOneIsTaken) {
  EXPECT_EQ(Said(WhoAmI(CertificateOf(kPolice), Ca())), "OK");
}

TEST(Certificates, OneOfAnotherAuthorityIsRefusedByTheTransport) {
  auto other = Authority::Make();
  ASSERT_TRUE(other);
  const auto forged = other->Issue({AgencyUri("police", "push", "referrer")});
  ASSERT_TRUE(forged);
  EXPECT_EQ(Said(WhoAmI(*forged, Ca())), "UNAVAILABLE STATUS_UNAVAILABLE");
}

TEST(Certificates, AnExpiredOneIsRefusedByTheTransport) {
  const auto expired = StackAuthority().Issue(
      {AgencyUri("police", "push", "referrer"), false, true});
  ASSERT_TRUE(expired);
  EXPECT_EQ(Said(WhoAmI(*expired, Ca())), "UNAVAILABLE STATUS_UNAVAILABLE");
}

TEST(Certificates, WithoutOneNobodyIsLetIn) {
  // openssl as the client: it may come without a certificate.
  const auto said = RunToEnd(
      {.words = {
           "sh", "-c",
           "printf 'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n' | timeout 5 "
           "openssl s_client -connect \"$0\" -CAfile \"$1\" -alpn h2 "
           "-ign_eof 2>&1; true",
           TheStack().address(), Ca()}});
  ASSERT_TRUE(said);
  // TLS 1.3: our side of the handshake is over before theirs; then they hang up
  // without a byte of HTTP/2.
  EXPECT_THAT(*said, ::testing::HasSubstr("unexpected eof while reading"));
  EXPECT_THAT(*said, ::testing::HasSubstr("Acceptable client certificate CA"));
}

TEST(Certificates, WithoutTlsNobodyIsLetIn) {
  const auto said = RunToEnd(
      {.words = {
           "sh", "-c",
           "printf 'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n' | timeout 5 "
           "bash -c 'exec 3<>/dev/tcp/127.0.0.1/$0; cat >&3; cat <&3' "
           "\"${0##*:}\" | wc -c",
           TheStack().address()}});
  ASSERT_TRUE(said);
  // At most an alert of TLS comes back, never a frame of HTTP/2.
  EXPECT_LT(std::stoi(*said), 9) << *said;
}

TEST(Certificates, TlsBelow13IsRefused) {
  const Certificate& own = CertificateOf(kPolice);
  const auto said = RunToEnd(
      {.words = {"sh", "-c",
                 "openssl s_client -connect \"$0\" -CAfile \"$1\" -cert \"$2\" "
                 "-key \"$3\" -alpn h2 -tls1_2 </dev/null 2>&1; true",
                 TheStack().address(), Ca(), own.certificate_file,
                 own.key_file}});
  ASSERT_TRUE(said);
  EXPECT_THAT(*said, ::testing::HasSubstr("Cipher is (NONE)"));
  EXPECT_THAT(*said, ::testing::HasSubstr("no peer certificate available"));
}

TEST(Certificates, ANameThatIsNotOfThisSystemIsNobody) {
  for (const char* uri :
       {"spiffe://other.local/agency/police/push/referrer",
        "spiffe://seawall.local/agency/police/push",
        "spiffe://seawall.local/agency/police/push/king",
        "https://seawall.local/agency/police/push/referrer",
        "spiffe://seawall.local/agency/police/push/service"}) {
    const auto odd = StackAuthority().Issue({uri});
    ASSERT_TRUE(odd) << uri;
    EXPECT_EQ(Said(WhoAmI(*odd, Ca())), "UNAUTHENTICATED UNKNOWN_CALLER")
        << uri;
  }
}

TEST(Certificates, AnAgencyThatIsNotInTheRegisterIsRefused) {
  const auto nobody =
      StackAuthority().Issue({AgencyUri("test-nobody", "push", "referrer")});
  ASSERT_TRUE(nobody);
  EXPECT_EQ(Said(WhoAmI(*nobody, Ca())), "PERMISSION_DENIED UNKNOWN_AGENCY");
}

TEST(Certificates, ARoleThatTheRegisterDoesNotGiveTheAgencyIsRefused) {
  for (const char* caller :
       {"school/push/hub", "school/push/auditor", "school/desk/referrer",
        "charity/push/referrer", "frontdoor/desk/ops", "public/push/referrer",
        "board/portal/hub"}) {
    EXPECT_EQ(Said(WhoAmI(CertificateOf(caller), Ca())),
              "PERMISSION_DENIED UNKNOWN_SYSTEM")
        << caller;
  }
  EXPECT_EQ(Said(WhoAmI(CertificateOf("service/ops"), Ca())),
            "PERMISSION_DENIED UNKNOWN_SYSTEM");
}

TEST(Certificates, NothingWasStoredByAnyOfThis) {
  // The three that the tests above pushed themselves.
  EXPECT_LE(TheStack().Number("select count(*) from contacts"), 3);
  EXPECT_EQ(WhatIsWrong(TheStack()), "");
}

}  // namespace
}  // namespace seawall::support
