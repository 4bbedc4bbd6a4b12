// Bad input at the door, over the wire: what is stored with a warning, and what
// is refused and leaves nothing.
#include <gmock/gmock.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/client_unary_call.h>
#include <gtest/gtest.h>

#include "libs/rpc/errors.h"
#include "libs/rpc/tls.h"
#include "seawall/common/v1/options.pb.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::IsEmpty;

Stack& TheStack() {
  static const std::unique_ptr<Stack> stack = [] {
    auto started = Stack::Start();
    EXPECT_TRUE(started) << started.error().message;
    return started ? *std::move(started) : nullptr;
  }();
  return *stack;
}

std::string NewId() {
  static int last = 0;
  return "request-" + std::to_string(++last);
}

std::vector<std::string> WarningsOf(const pb::SubmitContactResponse& response) {
  std::vector<std::string> warnings;
  for (const pb::Warning& warning : response.warnings())
    warnings.push_back(warning.field() + " " + warning.reason());
  return warnings;
}

// What the service has of any contact.
struct Kept {
  std::int64_t contacts, events, answers;
  bool operator==(const Kept&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Kept& kept) {
  return out << kept.contacts << " contacts, " << kept.events << " events, "
             << kept.answers << " answers";
}

Kept KeptNow() {
  const Stack& stack = TheStack();
  return {stack.Number("select count(*) from contacts"),
          stack.Number("select count(*) from journal"),
          stack.Number("select count(*) from answers")};
}

// The form as the hub sees it afterwards.
pb::ContactForm StoredForm(const std::string& contact_id) {
  const auto got = GetContact(*TheStack().As(kHub, kPerson), contact_id);
  EXPECT_EQ(Said(got), "OK");
  return got ? got->contact().form() : pb::ContactForm();
}

// ---- what is stored with a warning ----

struct Wrong {
  const char* name;
  std::function<void(pb::ContactForm&)> make;
  // "path REASON"
  const char* warning;
};

pb::Child& TheChild(pb::ContactForm& form) { return *form.mutable_children(0); }
pb::Concern& TheConcern(pb::ContactForm& form) {
  return *form.mutable_concern();
}

google::protobuf::Timestamp At(std::int64_t seconds_from_now) {
  auto time = google::protobuf::util::TimeUtil::GetCurrentTime();
  time.set_seconds(time.seconds() + seconds_from_now);
  return time;
}

const std::vector<Wrong>& WrongForms() {
  using F = pb::ContactForm;
  static const std::vector<Wrong> wrong = {
      // Missing.
      {"NoSource", [](F& f) { f.clear_source(); }, "form.source FIELD_MISSING"},
      {"NoChild", [](F& f) { f.clear_children(); },
       "form.children FIELD_MISSING"},
      {"NoConcernText", [](F& f) { TheConcern(f).clear_text(); },
       "form.concern.text FIELD_MISSING"},
      {"NoBirthDate", [](F& f) { TheChild(f).clear_date_of_birth(); },
       "form.children[0].date_of_birth BIRTH_DATE_MISSING"},
      {"NoGivenName", [](F& f) { TheChild(f).clear_given_name(); },
       "form.children[0].given_name FIELD_MISSING"},
      {"NoFamilyName", [](F& f) { TheChild(f).clear_family_name(); },
       "form.children[0].family_name FIELD_MISSING"},
      {"NoVoice", [](F& f) { TheChild(f).clear_voice(); },
       "form.children[0].voice.text FIELD_MISSING"},
      {"NoWordsOfTheChild",
       [](F& f) { TheChild(f).mutable_voice()->clear_text(); },
       "form.children[0].voice.text FIELD_MISSING"},
      {"VoiceNotObtainedWithoutReason",
       [](F& f) {
         TheChild(f).mutable_voice()->set_kind(pb::VOICE_KIND_NOT_OBTAINED);
       },
       "form.children[0].voice.reason FIELD_MISSING"},
      {"NoConsent", [](F& f) { f.clear_consent(); },
       "form.consent.kind FIELD_MISSING"},
      {"ConsentFromNobody",
       [](F& f) { f.mutable_consent()->clear_from_whom(); },
       "form.consent.from_whom FIELD_MISSING"},
      {"ConsentNotSoughtWithoutReason",
       [](F& f) { f.mutable_consent()->set_kind(pb::CONSENT_KIND_NOT_SOUGHT); },
       "form.consent.reason FIELD_MISSING"},
      {"ConsentDispensedWithWithoutReason",
       [](F& f) {
         f.mutable_consent()->set_kind(pb::CONSENT_KIND_DISPENSED_WITH);
       },
       "form.consent.reason FIELD_MISSING"},
      // Unborn.
      {"UnbornWithoutExpectedDate",
       [](F& f) {
         TheChild(f).clear_date_of_birth();
         TheChild(f).set_given_name("unborn");
       },
       "form.children[0].date_of_birth BIRTH_DATE_MISSING"},
      {"BornAndExpected",
       [](F& f) { TheChild(f).set_expected_date_of_birth("2016-06-01"); },
       "form.children[0].expected_date_of_birth BOTH_BIRTH_DATES"},
      {"ExpectedTooLate",
       [](F& f) {
         TheChild(f).clear_date_of_birth();
         TheChild(f).set_expected_date_of_birth("2190-01-01");
       },
       "form.children[0].expected_date_of_birth DATE_AHEAD"},
      {"ExpectedOnNoDay",
       [](F& f) {
         TheChild(f).clear_date_of_birth();
         TheChild(f).set_expected_date_of_birth("2027-02-30");
       },
       "form.children[0].expected_date_of_birth DATE_IMPOSSIBLE"},
      // Dates.
      {"BirthDateOnNoDay",
       [](F& f) { TheChild(f).set_date_of_birth("2015-02-29"); },
       "form.children[0].date_of_birth DATE_IMPOSSIBLE"},
      {"BirthDateInOtherForm",
       [](F& f) { TheChild(f).set_date_of_birth("4/5/2016"); },
       "form.children[0].date_of_birth DATE_IMPOSSIBLE"},
      {"BirthDateAhead",
       [](F& f) { TheChild(f).set_date_of_birth("2190-01-01"); },
       "form.children[0].date_of_birth DATE_AHEAD"},
      {"BirthDateOfAnAdult",
       [](F& f) { TheChild(f).set_date_of_birth("1970-01-01"); },
       "form.children[0].date_of_birth AGE_OVER_25"},
      {"HouseholdBirthDateOnNoDay",
       [](F& f) { f.mutable_household(0)->set_date_of_birth("1990-13-01"); },
       "form.household[0].date_of_birth DATE_IMPOSSIBLE"},
      {"RaisedAhead", [](F& f) { *f.mutable_raised_time() = At(3600); },
       "form.raised_time TIME_AHEAD"},
      {"RaisedAtNoTime",
       [](F& f) { f.mutable_raised_time()->set_seconds(1LL << 60); },
       "form.raised_time DATE_IMPOSSIBLE"},
      {"Backdated", [](F& f) { *f.mutable_received_time() = At(-86400); },
       "form.received_time BACKDATING_NOT_ALLOWED"},
      // Identifiers.
      {"NhsNumberWithWrongCheckDigit",
       [](F& f) { TheChild(f).set_nhs_number("9434765918"); },
       "form.children[0].nhs_number NHS_NUMBER_INVALID"},
      {"NhsNumberTooShort", [](F& f) { TheChild(f).set_nhs_number("943476"); },
       "form.children[0].nhs_number NHS_NUMBER_INVALID"},
      {"NhsNumberOfLetters",
       [](F& f) { TheChild(f).set_nhs_number("not known!"); },
       "form.children[0].nhs_number NHS_NUMBER_INVALID"},
      {"UpnWithWrongCheckLetter",
       [](F& f) { TheChild(f).set_upn("B888200000001"); },
       "form.children[0].upn UPN_INVALID"},
      {"PostcodeOfNoForm",
       [](F& f) { TheChild(f).mutable_address()->set_postcode("FY1"); },
       "form.children[0].address.postcode POSTCODE_INVALID"},
      // Codes.
      {"UnknownSource", [](F& f) { f.set_source("99"); },
       "form.source CODE_UNKNOWN"},
      {"UnknownNeed", [](F& f) { TheConcern(f).set_primary_need("N77"); },
       "form.concern.primary_need CODE_UNKNOWN"},
      {"UnknownFactor", [](F& f) { TheConcern(f).add_factors("ZZ"); },
       "form.concern.factors[1] CODE_UNKNOWN"},
      {"LevelFive", [](F& f) { TheConcern(f).set_level_of_need(5); },
       "form.concern.level_of_need CODE_UNKNOWN"},
      {"LevelBelowZero", [](F& f) { TheConcern(f).set_level_of_need(-1); },
       "form.concern.level_of_need CODE_UNKNOWN"},
      {"UnknownSex", [](F& f) { TheChild(f).set_sex("Q"); },
       "form.children[0].sex CODE_UNKNOWN"},
      {"UnknownEthnicity", [](F& f) { TheChild(f).set_ethnicity("QQQQ"); },
       "form.children[0].ethnicity CODE_UNKNOWN"},
      {"UnknownDisability", [](F& f) { TheChild(f).set_disabilities(0, "QQ"); },
       "form.children[0].disabilities[0] CODE_UNKNOWN"},
      {"NoDisabilityBesideOne",
       [](F& f) { TheChild(f).add_disabilities("LD"); },
       "form.children[0].disabilities DISABILITY_CONFLICT"},
      {"UnknownGrading",
       [](F& f) { f.mutable_police()->set_risk_grading("purple"); },
       "form.police.risk_grading CODE_UNKNOWN"},
      {"UnknownChannel",
       [](F& f) { f.set_channel(static_cast<pb::Channel>(77)); },
       "form.channel CODE_UNKNOWN"},
      {"UnknownKindOfConsent",
       [](F& f) {
         f.mutable_consent()->set_kind(static_cast<pb::ConsentKind>(77));
       },
       "form.consent.kind CODE_UNKNOWN"},
      {"UnknownKindOfVoice",
       [](F& f) {
         TheChild(f).mutable_voice()->set_kind(static_cast<pb::VoiceKind>(77));
       },
       "form.children[0].voice.kind CODE_UNKNOWN"},
      {"UnknownAnswer",
       [](F& f) { f.set_immediate_danger(static_cast<pb::Answer>(77)); },
       "form.immediate_danger CODE_UNKNOWN"},
      {"UnknownAnswerOnParents",
       [](F& f) { f.set_parents_informed(static_cast<pb::Answer>(-1)); },
       "form.parents_informed CODE_UNKNOWN"},
      {"UnknownAnswerOnCustody",
       [](F& f) {
         f.mutable_police()->set_custody(static_cast<pb::Answer>(9));
       },
       "form.police.custody CODE_UNKNOWN"},
  };
  return wrong;
}

class Warned : public ::testing::TestWithParam<Wrong> {};

TEST_P(Warned, IsStoredAsGivenAndSaysWhere) {
  const auto client = TheStack().As(kSchool);
  pb::SubmitContactRequest request = TestRequest(1, NewId());
  GetParam().make(*request.mutable_form());
  const Kept before = KeptNow();
  const auto answer = Submit(*client, request);
  ASSERT_EQ(Said(answer), "OK");
  EXPECT_THAT(WarningsOf(*answer), Contains(GetParam().warning));
  ASSERT_EQ(answer->receipts_size(), 1);
  EXPECT_EQ(KeptNow(),
            (Kept{before.contacts + 1, before.events + 1, before.answers + 1}));

  pb::ContactForm given = request.form();
  if (given.children().empty()) given.add_children();
  EXPECT_EQ(StoredForm(answer->receipts(0).contact_id()).DebugString(),
            given.DebugString());
}

INSTANTIATE_TEST_SUITE_P(Submit, Warned, ::testing::ValuesIn(WrongForms()),
                         [](const auto& info) { return info.param.name; });

TEST(Submit, AWholeFormIsWarnedOfNothing) {
  const auto answer = Submit(*TheStack().As(kSchool), TestRequest(2, NewId()));
  ASSERT_EQ(Said(answer), "OK");
  EXPECT_THAT(WarningsOf(*answer), IsEmpty());
  EXPECT_EQ(answer->receipts(0).quality().band(), pb::QUALITY_BAND_GOOD);
}

TEST(Submit, AnUnbornChildNeedsOnlyAnExpectedDate) {
  pb::SubmitContactRequest request = TestRequest(3, NewId());
  pb::Child& child = TheChild(*request.mutable_form());
  child.clear_date_of_birth();
  child.clear_given_name();
  child.clear_nhs_number();
  const auto soon = google::protobuf::util::TimeUtil::ToString(At(60 * 86400));
  child.set_expected_date_of_birth(soon.substr(0, 10));
  const auto answer = Submit(*TheStack().As(kSchool), request);
  ASSERT_EQ(Said(answer), "OK");
  EXPECT_THAT(WarningsOf(*answer), IsEmpty());
}

// Every text of the form, found by reflection: a new field that nobody checks
// makes this fail.
void CollectTexts(const Descriptor& message, const std::string& path,
                  std::vector<std::string>& into) {
  for (int i = 0; i < message.field_count(); i++) {
    const FieldDescriptor& field = *message.field(i);
    const std::string here =
        path + "." + field.name() + (field.is_repeated() ? "[0]" : "");
    if (field.type() == FieldDescriptor::TYPE_STRING) {
      into.push_back(here);
    } else if (field.type() == FieldDescriptor::TYPE_MESSAGE &&
               field.message_type()->file() == message.file()) {
      CollectTexts(*field.message_type(), here, into);
    }
  }
}

// Sets the text of a path such as `form.children[0].given_name`.
void SetText(Message& message, std::string path, const std::string& text) {
  const auto dot = path.find('.');
  std::string name = path.substr(0, dot);
  const auto bracket = name.find('[');
  if (bracket != std::string::npos) name.resize(bracket);
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  ASSERT_TRUE(field) << path;
  const auto& reflection = *message.GetReflection();
  if (dot != std::string::npos) {
    Message* inner = nullptr;
    if (!field->is_repeated()) {
      inner = reflection.MutableMessage(&message, field);
    } else if (reflection.FieldSize(message, field) == 0) {
      inner = reflection.AddMessage(&message, field);
    } else {
      inner = reflection.MutableRepeatedMessage(&message, field, 0);
    }
    return SetText(*inner, path.substr(dot + 1), text);
  }
  if (!field->is_repeated()) return reflection.SetString(&message, field, text);
  if (reflection.FieldSize(message, field) == 0)
    return reflection.AddString(&message, field, text);
  reflection.SetRepeatedString(&message, field, 0, text);
}

TEST(Submit, EveryTextThatIsTooLongIsStoredAsGivenAndWarnedOf) {
  std::vector<std::string> paths;
  CollectTexts(*pb::ContactForm::descriptor(), "form", paths);
  ASSERT_GT(paths.size(), 30u);
  const auto client = TheStack().As(kHub, kPerson);
  const std::string long_text(25'000, 'x');
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    pb::SubmitContactRequest request = TestRequest(4, NewId());
    SetText(request, path, long_text);
    const auto answer = Submit(*client, request);
    ASSERT_EQ(Said(answer), "OK");
    std::vector<std::string> fields;
    for (const pb::Warning& warning : answer->warnings())
      fields.push_back(warning.field());
    EXPECT_THAT(fields, Contains(path));
    // Warnings say where, never what.
    EXPECT_EQ(answer->DebugString().find("xxxx"), std::string::npos);
    EXPECT_EQ(StoredForm(answer->receipts(0).contact_id()).DebugString(),
              request.form().DebugString());
  }
}

TEST(Submit, EveryTextMayBeEmpty) {
  std::vector<std::string> paths;
  CollectTexts(*pb::ContactForm::descriptor(), "form", paths);
  const auto client = TheStack().As(kSchool);
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    pb::SubmitContactRequest request = TestRequest(5, NewId());
    SetText(request, path, "");
    const auto answer = Submit(*client, request);
    ASSERT_EQ(Said(answer), "OK");
    EXPECT_EQ(answer->receipts_size(), 1);
  }
}

TEST(Submit, AWrongIdentifierIsNotMatchedOn) {
  const auto client = TheStack().As(kSchool);
  std::vector<std::string> ids;
  for (int number : {601, 602}) {
    pb::SubmitContactRequest request = TestRequest(number, NewId());
    TheChild(*request.mutable_form()).set_nhs_number("9434765918");
    TheChild(*request.mutable_form()).clear_address();
    const auto answer = Submit(*client, request);
    ASSERT_EQ(Said(answer), "OK");
    ids.push_back(answer->receipts(0).contact_id());
  }
  const auto got = GetContact(*TheStack().As(kHub, kPerson), ids[1]);
  ASSERT_EQ(Said(got), "OK");
  for (const auto& earlier : got->look_back()) {
    EXPECT_THAT(earlier.matched_on(), ::testing::Not(Contains("nhs_number")));
  }
}

TEST(Submit, TheHubMayNameAnAgencyThatNobodyKnows) {
  pb::SubmitContactRequest request = TestRequest(6, NewId());
  request.mutable_form()->mutable_referrer()->set_agency("test-nobody");
  const auto answer = Submit(*TheStack().As(kHub, kPerson), request);
  ASSERT_EQ(Said(answer), "OK");
  EXPECT_THAT(WarningsOf(*answer),
              Contains("form.referrer.agency CODE_UNKNOWN"));
}

TEST(Submit, OneConcernAloneIsEnoughAndSoIsOneName) {
  const auto client = TheStack().As(kSchool);
  pb::SubmitContactRequest concern;
  concern.set_area(kArea);
  concern.set_request_id(NewId());
  concern.mutable_form()->mutable_concern()->set_text("Invented: crying.");
  EXPECT_EQ(Said(Submit(*client, concern)), "OK");
  pb::SubmitContactRequest name;
  name.set_area(kArea);
  name.set_request_id(NewId());
  name.mutable_form()->add_children()->set_family_name("Test-Alone");
  EXPECT_EQ(Said(Submit(*client, name)), "OK");
}

// ---- what is refused ----

struct Bad {
  const char* name;
  const char* caller;
  std::function<void(pb::SubmitContactRequest&)> make;
  // Code, reason and paths.
  const char* said;
};

const std::vector<Bad>& BadRequests() {
  using R = pb::SubmitContactRequest;
  static const std::vector<Bad> bad = {
      {"NothingToActOn", kSchool, [](R& r) { r.clear_form(); },
       "INVALID_ARGUMENT NOTHING_TO_ACT_ON form.concern form.children"},
      {"NothingButAChildOfNothing", kSchool,
       [](R& r) {
         r.clear_form();
         r.mutable_form()->set_source("2A");
         r.mutable_form()->add_children()->set_sex("F");
       },
       "INVALID_ARGUMENT NOTHING_TO_ACT_ON form.concern form.children"},
      {"NoRequestId", kSchool, [](R& r) { r.clear_request_id(); },
       "INVALID_ARGUMENT REQUEST_ID_REQUIRED request_id"},
      {"RequestIdTooLong", kSchool,
       [](R& r) { r.set_request_id(std::string(65, 'a')); },
       "INVALID_ARGUMENT REQUEST_ID_REQUIRED request_id"},
      {"RequestIdNotPrintable", kSchool, [](R& r) { r.set_request_id("a\nb"); },
       "INVALID_ARGUMENT REQUEST_ID_REQUIRED request_id"},
      {"NoArea", kSchool, [](R& r) { r.clear_area(); },
       "INVALID_ARGUMENT AREA_REQUIRED area"},
      {"AreaOfNobody", kSchool, [](R& r) { r.set_area("test-nowhere"); },
       "PERMISSION_DENIED AREA_NOT_ALLOWED area"},
      {"AreaOfOthers", kSchool, [](R& r) { r.set_area("lancashire"); },
       "PERMISSION_DENIED AREA_NOT_ALLOWED area"},
      {"WritesAsAnother", kSchool,
       [](R& r) { r.mutable_form()->mutable_referrer()->set_agency("police"); },
       "PERMISSION_DENIED WRITES_AS_OTHER form.referrer.agency"},
      {"TooManyChildren", kSchool,
       [](R& r) {
         for (int i = 0; i < 20; i++)
           *r.mutable_form()->add_children() = r.form().children(0);
       },
       "INVALID_ARGUMENT TOO_MANY_CHILDREN form.children"},
      {"UnknownAgency", "test-nobody/push/referrer", [](R&) {},
       "PERMISSION_DENIED UNKNOWN_AGENCY"},
      {"RoleThatOnlyLooks", kBoard, [](R&) {},
       "PERMISSION_DENIED ROLE_NOT_ALLOWED"},
  };
  return bad;
}

class Refused : public ::testing::TestWithParam<Bad> {};

TEST_P(Refused, LeavesNothing) {
  pb::SubmitContactRequest request = TestRequest(7, NewId());
  GetParam().make(request);
  const Kept before = KeptNow();
  const auto answer = Submit(*TheStack().As(GetParam().caller), request);
  EXPECT_EQ(Said(answer), GetParam().said);
  EXPECT_FALSE(answer.error().message.empty());
  EXPECT_EQ(KeptNow(), before);
}

INSTANTIATE_TEST_SUITE_P(Submit, Refused, ::testing::ValuesIn(BadRequests()),
                         [](const auto& info) { return info.param.name; });

// Bytes that are sent as they are.
Error SendBytes(const std::string& bytes) {
  const rpc::ClientSettings settings = TheStack().SettingsOf(kSchool);
  const auto credentials =
      rpc::ClientTls({settings.certificate, settings.key, settings.ca});
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel =
      grpc::CreateCustomChannel(settings.address, *credentials, arguments);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(30));
  context.set_wait_for_ready(true);
  const std::string path = std::string("/") + kSubmit;
  const grpc::internal::RpcMethod method(path.c_str(),
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer reply;
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
          channel.get(), method, &context, request, &reply);
  return rpc::FromStatus(status);
}

TEST(Submit, TextThatIsNoUtf8IsMalformed) {
  pb::SubmitContactRequest request = TestRequest(8, NewId());
  TheConcern(*request.mutable_form()).set_text("Test-\xff\xfe");
  const Kept before = KeptNow();
  EXPECT_EQ(Say(SendBytes(request.SerializeAsString())),
            "INVALID_ARGUMENT MALFORMED");
  EXPECT_EQ(KeptNow(), before);
}

TEST(Submit, BytesThatDoNotParseAreMalformed) {
  const Kept before = KeptNow();
  const std::string good = TestRequest(9, NewId()).SerializeAsString();
  for (const std::string& bytes :
       {std::string("\xff\xff\xff\xff"), good.substr(0, good.size() - 1),
        std::string(1000, '\x0a'), std::string("\x1a\x7f")}) {
    EXPECT_EQ(Say(SendBytes(bytes)), "INVALID_ARGUMENT MALFORMED");
  }
  EXPECT_EQ(KeptNow(), before);
}

TEST(Submit, AMessageOfFourMebibytesIsRefusedByTheTransport) {
  const Kept before = KeptNow();
  pb::SubmitContactRequest request = TestRequest(10, NewId());
  TheConcern(*request.mutable_form()).set_text(std::string(4 << 20, 'x'));
  const Error error = SendBytes(request.SerializeAsString());
  EXPECT_EQ(error.code, Code::kResourceExhausted) << error.message;
  EXPECT_EQ(KeptNow(), before);
  // The service goes on.
  EXPECT_EQ(Said(Submit(*TheStack().As(kSchool), TestRequest(10, NewId()))),
            "OK");
}

TEST(Submit, AFamilyIsStoredWhollyOrNotAtAll) {
  const auto client = TheStack().As(kSchool);
  pb::SubmitContactRequest request = TestRequest(11, NewId());
  pb::ContactForm& form = *request.mutable_form();
  while (form.children_size() < 3) *form.add_children() = form.children(0);
  form.mutable_children(1)->set_date_of_birth("2015-02-29");
  const Kept before = KeptNow();
  const auto answer = Submit(*client, request);
  ASSERT_EQ(Said(answer), "OK");
  ASSERT_EQ(answer->receipts_size(), 3);
  for (int i = 0; i < 3; i++) EXPECT_EQ(answer->receipts(i).child(), i);
  EXPECT_THAT(
      WarningsOf(*answer),
      ::testing::ElementsAre("form.children[1].date_of_birth DATE_IMPOSSIBLE"));
  EXPECT_EQ(KeptNow(),
            (Kept{before.contacts + 3, before.events + 3, before.answers + 1}));
}

// ---- in a stream ----

// Sends the items, takes the replies.
std::vector<pb::SubmitContactsResponse> Push(
    rpc::Client& client, const std::vector<pb::SubmitContactRequest>& items,
    Result<void>& ended) {
  std::vector<pb::SubmitContactsResponse> replies;
  const auto bulk = client.OpenBulk(
      kSubmitBulk, pb::SubmitContactsResponse::default_instance(),
      [&](const Message& reply) {
        replies.push_back(
            static_cast<const pb::SubmitContactsResponse&>(reply));
      });
  for (const pb::SubmitContactRequest& item : items) {
    pb::SubmitContactsRequest wrapped;
    *wrapped.mutable_contact() = item;
    if (!bulk->Write(wrapped)) break;
  }
  ended = bulk->Finish();
  return replies;
}

TEST(SubmitStream, BadItemsAreRefusedOneByOneAndNeverEndIt) {
  std::vector<pb::SubmitContactRequest> items;
  std::vector<std::string> expected;
  for (const Bad& bad : BadRequests()) {
    if (std::string(bad.caller) != kSchool) continue;
    items.push_back(TestRequest(12, NewId()));
    bad.make(items.back());
    expected.push_back(bad.said);
    items.push_back(TestRequest(13, NewId()));
    expected.push_back("OK");
  }
  const Kept before = KeptNow();
  Result<void> ended;
  const auto replies = Push(*TheStack().As(kSchool), items, ended);
  EXPECT_EQ(Said(ended), "OK");
  ASSERT_EQ(replies.size(), items.size());
  std::int64_t good = 0;
  for (std::size_t i = 0; i < items.size(); i++) {
    SCOPED_TRACE(i);
    const auto& reply = replies[i];
    EXPECT_EQ(reply.has_response() ? "OK" : Say(rpc::FromProto(reply.error())),
              expected[i]);
    if (reply.has_response()) good++;
    const std::string& id = items[i].request_id();
    const bool usable = expected[i].find("REQUEST_ID") == std::string::npos;
    EXPECT_EQ(reply.request_id(), usable ? id : "");
  }
  EXPECT_EQ(KeptNow(), (Kept{before.contacts + good, before.events + good,
                             before.answers + good}));
}

TEST(SubmitStream, WarningsAndRepeatsAreThoseOfAUnaryCall) {
  const auto client = TheStack().As(kSchool);
  pb::SubmitContactRequest request = TestRequest(14, NewId());
  request.mutable_form()->set_source("99");
  Result<void> ended;
  const auto replies = Push(*client, {request, request}, ended);
  ASSERT_EQ(Said(ended), "OK");
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_THAT(WarningsOf(replies[0].response()),
              Contains("form.source CODE_UNKNOWN"));
  const auto unary = Submit(*client, request);
  ASSERT_EQ(Said(unary), "OK");
  const std::string first = replies[0].response().SerializeAsString();
  EXPECT_EQ(replies[1].response().SerializeAsString(), first);
  EXPECT_EQ(unary->SerializeAsString(), first);
}

TEST(SubmitStream, ACallerWithoutTheRoleGetsNoStream) {
  Result<void> ended;
  const auto replies =
      Push(*TheStack().As(kBoard), {TestRequest(15, NewId())}, ended);
  EXPECT_TRUE(replies.empty());
  EXPECT_EQ(Said(ended), "PERMISSION_DENIED ROLE_NOT_ALLOWED");
}

TEST(Submit, AfterAllOfThisNothingIsWrong) {
  EXPECT_EQ(WhatIsWrong(TheStack()), "");
}

}  // namespace
}  // namespace seawall::support
