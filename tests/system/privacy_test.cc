// Nothing that identifies a person leaves the sealed columns: canaries in every
// identifying field of every message go through every method, then all that the
// system wrote is searched for them.
#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>

#include "libs/rpc/errors.h"
#include "seawall/common/v1/options.pb.h"
#include "tests/support/eventually.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kService[] = "seawall.referrals.v1.ReferralsService/";
constexpr char kJourneys[] = "seawall.referrals.v1.JourneyService/";

// Words that stand nowhere else.
class Canaries {
 public:
  std::string New() {
    words_.push_back("Zqxcanary" + std::to_string(words_.size()) + "yj");
    return words_.back();
  }
  void Add(const std::string& word) { words_.push_back(word); }
  const std::vector<std::string>& words() const { return words_; }

  // Puts a canary into every identifying text of the message that has none of
  // its own shape.
  void Plant(Message& message) {
    const auto& reflection = *message.GetReflection();
    const auto* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); i++) {
      const FieldDescriptor* field = type->field(i);
      if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
        PlantInside(message, field);
      } else if (field->type() == FieldDescriptor::TYPE_STRING &&
                 field->options().GetExtension(common::identifies)) {
        if (field->is_repeated()) {
          reflection.AddString(&message, field, New());
        } else if (reflection.GetString(message, field).empty()) {
          reflection.SetString(&message, field, New());
        }
      }
    }
  }

 private:
  void PlantInside(Message& message, const FieldDescriptor* field) {
    if (field->message_type()->file()->package() == "google.protobuf") return;
    const auto& reflection = *message.GetReflection();
    if (!field->is_repeated()) {
      return Plant(*reflection.MutableMessage(&message, field));
    }
    if (reflection.FieldSize(message, field) == 0)
      reflection.AddMessage(&message, field);
    for (int i = 0; i < reflection.FieldSize(message, field); i++)
      Plant(*reflection.MutableRepeatedMessage(&message, field, i));
  }
  std::vector<std::string> words_;
};

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

// What a word looks like inside of base64, where columns hold messages: one
// form for each of three places to begin, without the letters that its
// neighbours share.
std::vector<std::string> Base64Of(const std::string& word) {
  std::vector<std::string> forms;
  for (std::size_t before = 0; before < 3; before++) {
    const std::string padded = std::string(before, 'x') + word;
    const std::string coded = absl::Base64Escape(padded);
    const std::size_t skip = (before * 8 + 5) / 6;
    const std::size_t whole = padded.size() * 8 / 6;
    forms.push_back(coded.substr(skip, whole - skip));
  }
  return forms;
}

TEST(Base64Of, FindsAWordWhereverItStands) {
  const std::string bytes = "12\x03Zqxcanary0yj\xff tail";
  for (std::size_t cut = 0; cut < 3; cut++) {
    const std::string coded = absl::Base64Escape(bytes.substr(cut));
    int found = 0;
    for (const std::string& form : Base64Of("Zqxcanary0yj"))
      found += coded.find(form) != std::string::npos;
    EXPECT_EQ(found, 1) << cut;
  }
}

// Everything that was said to callers, to be searched too.
class Privacy : public ::testing::Test {
 protected:
  void SetUp() override {
    StackSettings settings;
    auto started = Stack::Start(settings);
    ASSERT_TRUE(started) << started.error().message;
    stack_ = *std::move(started);
    police_ = stack_->As(kPolice);
    officer_ = stack_->As(kPolice, "p-2/officer");
    hub_ = stack_->As(kHub, kPerson);
  }

  template <class Request>
  Request For(const std::string& contact_id) {
    Request request;
    request.set_area(kArea);
    const auto* id = Request::descriptor()->FindFieldByName("contact_id");
    request.GetReflection()->SetString(&request, id, contact_id);
    if (const auto* own = Request::descriptor()->FindFieldByName("request_id"))
      request.GetReflection()->SetString(&request, own, NewId());
    return request;
  }

  std::string NewId() { return "request-" + std::to_string(++last_); }

  // Calls; an error's text is searched later.
  template <class Response>
  Response Call(rpc::Client& client, const std::string& method,
                const Message& request, const std::string& expected = "OK") {
    auto answer = Ask<Response>(client, kService + method, request);
    EXPECT_EQ(Said(answer), expected) << method;
    return Keep(std::move(answer));
  }
  // The same of JourneyService, whatever comes of it.
  template <class Response>
  Response Step(rpc::Client& client, const std::string& method,
                const Message& request) {
    return Keep(Ask<Response>(client, kJourneys + method, request));
  }
  template <class Response>
  Response Keep(Result<Response> answer) {
    if (answer) return *std::move(answer);
    errors_ += answer.error().message;
    for (const auto& field : answer.error().fields)
      errors_ += " " + field.path + " " + field.description;
    return {};
  }

  pb::SubmitContactRequest Form() {
    pb::SubmitContactRequest request;
    request.set_area(kArea);
    request.set_request_id(NewId());
    pb::ContactForm& form = *request.mutable_form();
    form.set_channel(pb::CHANNEL_PHONE);
    form.set_source("6");
    pb::Child& child = *form.add_children();
    child.set_nhs_number("9434765919");
    child.set_upn("A888200000001");
    child.set_date_of_birth("2013-07-19");
    child.mutable_address()->set_postcode("FY1 9ZX");
    form.add_household()->set_date_of_birth("1987-03-23");
    canaries_.Plant(form);
    return request;
  }

  void PushAll();
  void DecideAndFollowUp();
  void Triage();
  void Travel(const std::string& episode);
  void Read();
  void Refuse();
  void Search(const std::string& where, const std::string& text) const;
  void SearchFile(const std::string& path) const {
    Search(path, ReadFile(path));
  }

  std::unique_ptr<Stack> stack_;
  std::unique_ptr<rpc::Client> police_, officer_, hub_;
  Canaries canaries_;
  std::vector<std::string> contacts_;
  std::string errors_;
  int last_ = 0;
};

void Privacy::PushAll() {
  for (int i = 0; i < 3; i++) {
    const auto answer =
        Call<pb::SubmitContactResponse>(*police_, "SubmitContact", Form());
    ASSERT_EQ(answer.receipts_size(), 1);
    contacts_.push_back(answer.receipts(0).contact_id());
    errors_ += answer.DebugString();  // warnings
  }
  const auto bulk = police_->OpenBulk(
      kSubmitBulk, pb::SubmitContactsResponse::default_instance(),
      [&](const Message& reply) { errors_ += reply.DebugString(); });
  pb::SubmitContactsRequest item;
  *item.mutable_contact() = Form();
  EXPECT_TRUE(bulk->Write(item));
  item.mutable_contact()->clear_request_id();
  EXPECT_TRUE(bulk->Write(item));
  EXPECT_EQ(Said(bulk->Finish()), "OK");
}

void Privacy::DecideAndFollowUp() {
  const std::string& id = contacts_[0];
  auto ask = For<pb::ReturnContactRequest>(id);
  canaries_.Plant(ask);
  Call<pb::ReturnContactResponse>(*hub_, "ReturnContact", ask);
  auto answer = For<pb::AnswerReturnRequest>(id);
  canaries_.Plant(answer);
  Call<pb::AnswerReturnResponse>(*police_, "AnswerReturn", answer);
  auto confirm = For<pb::ConfirmContactRequest>(id);
  canaries_.Plant(confirm);
  Call<pb::ConfirmContactResponse>(*police_, "ConfirmContact", confirm);
  auto decide = For<pb::DecideContactRequest>(id);
  decide.set_decision(pb::DECISION_REFERRAL);
  canaries_.Plant(decide);
  const auto decided =
      Call<pb::DecideContactResponse>(*hub_, "DecideContact", decide);
  Call<pb::AcknowledgeOutcomeResponse>(*police_, "AcknowledgeOutcome",
                                       For<pb::AcknowledgeOutcomeRequest>(id));
  auto same = For<pb::ConfirmSameChildRequest>(id);
  same.set_other_contact_id(contacts_[1]);
  same.set_same(true);
  Call<pb::ConfirmSameChildResponse>(*hub_, "ConfirmSameChild", same);
  auto add = For<pb::AddToContactRequest>(id);
  canaries_.Plant(add);
  Call<pb::AddToContactResponse>(*police_, "AddToContact", add);
  auto withdraw = For<pb::WithdrawContactRequest>(contacts_[1]);
  canaries_.Plant(withdraw);
  Call<pb::WithdrawContactResponse>(*police_, "WithdrawContact", withdraw);
  auto reinstate = For<pb::ReinstateContactRequest>(contacts_[1]);
  canaries_.Plant(reinstate);
  Call<pb::ReinstateContactResponse>(*hub_, "ReinstateContact", reinstate);
  auto mark = For<pb::MarkRecordedInErrorRequest>(contacts_[1]);
  canaries_.Plant(mark);
  Call<pb::MarkRecordedInErrorResponse>(*hub_, "MarkRecordedInError", mark);
  Travel(decided.episode_id());
  pb::CloseEpisodeRequest close;
  close.set_area(kArea);
  close.set_request_id(NewId());
  close.set_episode_id(decided.episode_id());
  close.set_reason("RC1");
  close.mutable_voice()->set_kind(pb::VOICE_KIND_OWN_WORDS);
  close.mutable_step_down()->add_agency_views()->set_agency("police");
  close.mutable_step_down()->add_agency_views()->set_agency("hospital");
  canaries_.Plant(close);
  Call<pb::CloseEpisodeResponse>(*hub_, "CloseEpisode", close);
}

void Privacy::Triage() {
  const std::string& id = contacts_[2];
  auto open = For<pb::OpenTriageRequest>(id);
  open.add_agencies("police");
  canaries_.Plant(open);
  Step<pb::OpenTriageResponse>(*hub_, "OpenTriage", open);
  auto contribute = For<pb::ContributeRequest>(id);
  canaries_.Plant(contribute);
  Step<pb::ContributeResponse>(*officer_, "Contribute", contribute);
  auto decide = For<pb::DecideTriageRequest>(id);
  decide.set_decision(pb::DECISION_EARLY_HELP);
  decide.set_level_of_need(2);
  canaries_.Plant(decide);
  EXPECT_GT(Step<pb::DecideTriageResponse>(*hub_, "DecideTriage", decide)
                .receipt()
                .step(),
            0);
  auto sign = For<pb::SignOffRequest>(id);
  canaries_.Plant(sign);
  Step<pb::SignOffResponse>(*hub_, "SignOff", sign);
  auto agree = For<pb::AgreeDecisionRequest>(id);
  canaries_.Plant(agree);
  EXPECT_EQ(Step<pb::AgreeDecisionResponse>(*officer_, "AgreeDecision", agree)
                .receipt()
                .step(),
            4);
  pb::RaiseEscalationRequest raise;
  raise.set_area(kArea);
  raise.set_request_id(NewId());
  raise.set_subject_id(id);
  canaries_.Plant(raise);
  Step<pb::RaiseEscalationResponse>(*officer_, "RaiseEscalation", raise);
  pb::AnswerEscalationRequest answer;
  answer.set_area(kArea);
  answer.set_request_id(NewId());
  answer.set_subject_id(id);
  answer.set_outcome(pb::ESCALATION_OUTCOME_UPHELD);
  canaries_.Plant(answer);
  Step<pb::AnswerEscalationResponse>(*hub_, "AnswerEscalation", answer);
}

// Every step there is, refused or taken, with something planted in each.
void Privacy::Travel(const std::string& episode) {
  const auto* oneof =
      pb::RecordStepRequest::descriptor()->FindOneofByName("step");
  int taken = 0;
  for (int i = 0; i < oneof->field_count(); i++) {
    pb::RecordStepRequest request;
    request.set_area(kArea);
    request.set_request_id(NewId());
    request.set_episode_id(episode);
    request.set_rationale(canaries_.New());
    canaries_.Plant(*request.mutable_voice());
    request.mutable_voice()->set_kind(pb::VOICE_KIND_OBSERVED);
    canaries_.Plant(
        *request.GetReflection()->MutableMessage(&request, oneof->field(i)));
    if (request.has_authorise_assessment()) {
      request.mutable_authorise_assessment()->set_outcome("OTHER");
    } else if (request.has_hold_strategy_discussion()) {
      request.mutable_hold_strategy_discussion()->add_present("hospital");
    } else if (request.has_end_child_in_need_plan()) {
      auto& said = *request.mutable_end_child_in_need_plan();
      said.mutable_step_down()->mutable_agency_views(0)->set_agency("police");
      pb::AgencyView& other = *said.mutable_step_down()->add_agency_views();
      other = said.step_down().agency_views(0);
      other.set_agency("hospital");
    } else if (request.has_end_early_help()) {
      auto& said = *request.mutable_end_early_help();
      said.mutable_step_down()->mutable_agency_views(0)->set_agency("police");
      pb::AgencyView& other = *said.mutable_step_down()->add_agency_views();
      other = said.step_down().agency_views(0);
      other.set_agency("hospital");
    }
    taken += Step<pb::RecordStepResponse>(*hub_, "RecordStep", request)
                 .receipt()
                 .step() > 0;
  }
  EXPECT_GE(taken, 8);
}

void Privacy::Read() {
  const auto with_purpose = [](auto& request) {
    request.set_area(kArea);
    request.mutable_purpose()->set_purpose("safeguarding");
    request.mutable_purpose()->set_lawful_basis("public_task");
  };
  auto get = For<pb::GetContactRequest>(contacts_[0]);
  with_purpose(get);
  const auto got = Call<pb::GetContactResponse>(*hub_, "GetContact", get);
  // They are there for those who may see them; else this test searches for
  // what was never stored.
  EXPECT_THAT(got.contact().form().children(0).given_name(),
              ::testing::HasSubstr("Zqxcanary"));
  pb::GetChronologyRequest chronology;
  with_purpose(chronology);
  chronology.set_subject_id(contacts_[0]);
  EXPECT_THAT(
      Step<pb::GetChronologyResponse>(*hub_, "GetChronology", chronology)
          .DebugString(),
      ::testing::HasSubstr("strategy_discussion_held"));
  auto triage = For<pb::GetTriageRequest>(contacts_[2]);
  with_purpose(triage);
  EXPECT_THAT(Step<pb::GetTriageResponse>(*officer_, "GetTriage", triage)
                  .child()
                  .given_name(),
              ::testing::HasSubstr("Zqxcanary"));
  pb::ListDueRequest due;
  with_purpose(due);
  Step<pb::ListDueResponse>(*hub_, "ListDue", due);
  auto mine = For<pb::GetMyContactRequest>(contacts_[0]);
  with_purpose(mine);
  Call<pb::GetMyContactResponse>(*police_, "GetMyContact", mine);
  pb::FindContactsRequest find;
  with_purpose(find);
  find.set_nhs_number("9434765919");
  find.set_date_of_birth("2013-07-19");
  canaries_.Plant(find);
  Call<pb::FindContactsResponse>(*hub_, "FindContacts", find);
  pb::ListContactsRequest list;
  with_purpose(list);
  Call<pb::ListContactsResponse>(*hub_, "ListContacts", list);
}

// Each refusal that a request with canaries can meet.
void Privacy::Refuse() {
  auto form = Form();
  form.set_area("lancashire");
  Call<pb::SubmitContactResponse>(*police_, "SubmitContact", form,
                                  "PERMISSION_DENIED AREA_NOT_ALLOWED area");
  form = Form();
  form.mutable_form()->mutable_referrer()->set_agency("school");
  Call<pb::SubmitContactResponse>(
      *police_, "SubmitContact", form,
      "PERMISSION_DENIED WRITES_AS_OTHER form.referrer.agency");
  form = Form();
  form.set_request_id("request-1");
  Call<pb::SubmitContactResponse>(
      *police_, "SubmitContact", form,
      "INVALID_ARGUMENT REQUEST_ID_REUSED request_id");
  Call<pb::SubmitContactResponse>(*stack_->As(kBoard), "SubmitContact", Form(),
                                  "PERMISSION_DENIED ROLE_NOT_ALLOWED");
  // Wrong in every way that only warns: names as codes, dates, numbers.
  form = Form();
  pb::ContactForm& odd = *form.mutable_form();
  odd.set_source(canaries_.New());
  odd.mutable_concern()->set_primary_need(canaries_.New());
  odd.mutable_concern()->add_factors(canaries_.New());
  odd.mutable_police()->set_risk_grading(canaries_.New());
  pb::Child& child = *odd.mutable_children(0);
  child.set_sex(canaries_.New());
  child.set_ethnicity(canaries_.New());
  child.add_disabilities(canaries_.New());
  child.set_date_of_birth(canaries_.New());
  child.set_nhs_number(canaries_.New());
  child.set_upn(canaries_.New());
  odd.mutable_referrer()->set_role(canaries_.New());
  odd.mutable_household(0)->set_relationship(canaries_.New());
  odd.add_other_agencies()->set_agency(canaries_.New());
  errors_ += Call<pb::SubmitContactResponse>(*police_, "SubmitContact", form)
                 .DebugString();
  // Names where ids belong.
  auto get = For<pb::GetContactRequest>(canaries_.New());
  get.mutable_purpose()->set_purpose(canaries_.New());
  Call<pb::GetContactResponse>(
      *hub_, "GetContact", get,
      "INVALID_ARGUMENT PURPOSE_REQUIRED purpose.purpose");
}

void Privacy::Search(const std::string& where, const std::string& text) const {
  const std::string lower = Lower(text);
  for (const std::string& word : canaries_.words()) {
    for (const std::string& coded : Base64Of(word)) {
      EXPECT_EQ(text.find(coded), std::string::npos)
          << word << " stands in " << where << " as base64";
    }
    EXPECT_EQ(lower.find(Lower(word)), std::string::npos)
        << word << " stands in " << where;
  }
}

TEST_F(Privacy, WhatIdentifiesStandsNowhereInClear) {
  for (const char* word : {"9434765919", "943 476 5919", "A888200000001",
                           "2013-07-19", "1987-03-23", "FY1 9ZX", "FY19ZX"}) {
    canaries_.Add(word);
  }
  PushAll();
  DecideAndFollowUp();
  Triage();
  Read();
  Refuse();
  EXPECT_EQ(WhatIsWrong(*stack_), "");
  EXPECT_GT(canaries_.words().size(), 60u);
  ASSERT_TRUE(Eventually([&] {
    return stack_->Metric(
               "seawall_counters_lag_events{service=\"referrals\"}") == 0.0;
  }));
  Search("metrics", stack_->Metrics());
  Search("errors and warnings", errors_);

  const auto keys = stack_->redis().Run({"KEYS", "*"});
  ASSERT_TRUE(keys);
  Search("keys of Redis", *keys);
  EXPECT_THAT(*keys, ::testing::HasSubstr("sw:{referrals:blackpool}"));
  std::istringstream lines(*keys);
  for (std::string key; std::getline(lines, key);) {
    const auto hash = stack_->redis().Run({"HGETALL", key});
    ASSERT_TRUE(hash);
    EXPECT_GT(hash->size(), 100u);
    Search("Redis", *hash);
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           stack_->redis().folder())) {
    if (entry.is_regular_file()) SearchFile(entry.path());
  }
  // The files as they are under way, and as they are left.
  ASSERT_GT(ReadFile(stack_->database_file() + "-wal").size() +
                ReadFile(stack_->database_file()).size(),
            50'000u);
  SearchFile(stack_->database_file());
  SearchFile(stack_->database_file() + "-wal");
  EXPECT_EQ(stack_->service().Terminate().code, 0);
  SearchFile(stack_->database_file());
  EXPECT_GT(stack_->Log().size(), 100u);
  for (const auto& entry :
       std::filesystem::directory_iterator(stack_->folder())) {
    if (entry.is_regular_file()) SearchFile(entry.path());
  }
}

}  // namespace
}  // namespace seawall::support
