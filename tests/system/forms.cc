#include "tests/system/forms.h"

namespace seawall::support {
namespace {

// One of 4,704 days.
std::string BirthDate(int number) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", 2010 + number % 14,
                1 + number / 14 % 12, 1 + number / 168 % 28);
  return text;
}

void AddChild(int number, pb::ContactForm& form) {
  pb::Child& child = *form.add_children();
  child.set_given_name("Test-Child");
  child.set_family_name("Test-Family" + std::to_string(number));
  child.set_date_of_birth(BirthDate(number));
  child.set_sex("F");
  child.set_ethnicity("WBRI");
  child.set_nhs_number(TestNhsNumber(number));
  child.mutable_address()->add_lines(std::to_string(number) + " Test Street");
  child.mutable_address()->set_postcode("FY1 1AA");
  child.add_disabilities("NONE");
  child.mutable_voice()->set_kind(pb::VOICE_KIND_OWN_WORDS);
  child.mutable_voice()->set_text("Invented: I do not like the shouting.");
}

void AddConcern(pb::ContactForm& form) {
  pb::Concern& concern = *form.mutable_concern();
  concern.set_text(
      "Invented: came to school three times without breakfast or a coat.");
  concern.set_primary_need("N1");
  concern.add_factors("1B");
  concern.set_level_of_need(3);
  concern.set_analysis("Invented: basic care is not reliable.");
  concern.set_history("Invented: similar last winter.");
  concern.set_protective_factors("Invented: a grandmother nearby helps.");
  concern.set_requested_help("Invented: a family support worker.");
}

}  // namespace

std::string TestNhsNumber(int number) {
  // Nine digits 9xx xxx xxx; those whose check digit would be 10 are skipped.
  for (int tail = number % 9'000'000 * 11;; tail++) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "9%08d", tail);
    int sum = 0;
    for (int i = 0; i < 9; i++) sum += (digits[i] - '0') * (10 - i);
    const int check = (11 - sum % 11) % 11;
    if (check != 10) return std::string(digits, 9) + std::to_string(check);
  }
}

pb::ContactForm TestForm(int number) {
  pb::ContactForm form;
  form.set_source("2A");
  form.set_channel(pb::CHANNEL_SYSTEM);
  form.mutable_referrer()->set_person_name("Test-Teacher");
  form.mutable_referrer()->set_role("teacher");
  form.mutable_referrer()->set_contact_details("test@example.org");
  form.set_parents_informed(pb::ANSWER_YES);
  form.set_safe_to_inform_parents(pb::ANSWER_YES);
  form.set_immediate_danger(pb::ANSWER_NO);
  AddChild(number, form);
  pb::HouseholdMember& mother = *form.add_household();
  mother.set_given_name("Test-Mother");
  mother.set_family_name("Test-Family" + std::to_string(number));
  mother.set_relationship("mother");
  AddConcern(form);
  form.mutable_consent()->set_kind(pb::CONSENT_KIND_OBTAINED);
  form.mutable_consent()->set_from_whom("Test-Mother");
  return form;
}

pb::SubmitContactRequest TestRequest(int number,
                                     const std::string& request_id) {
  pb::SubmitContactRequest request;
  request.set_area(kArea);
  request.set_request_id(request_id);
  *request.mutable_form() = TestForm(number);
  return request;
}

Result<pb::SubmitContactResponse> Submit(
    rpc::Client& client, const pb::SubmitContactRequest& request) {
  return Ask<pb::SubmitContactResponse>(client, kSubmit, request);
}

Result<pb::DecideContactResponse> Decide(rpc::Client& client,
                                         const std::string& contact_id,
                                         pb::Decision decision,
                                         const std::string& request_id) {
  pb::DecideContactRequest request;
  request.set_area(kArea);
  request.set_request_id(request_id);
  request.set_contact_id(contact_id);
  request.set_decision(decision);
  request.set_rationale("Invented: this is what the form says.");
  return Ask<pb::DecideContactResponse>(client, kDecide, request);
}

Result<pb::GetContactResponse> GetContact(rpc::Client& client,
                                          const std::string& contact_id) {
  pb::GetContactRequest request;
  request.set_area(kArea);
  request.set_contact_id(contact_id);
  request.mutable_purpose()->set_purpose("safeguarding");
  request.mutable_purpose()->set_lawful_basis("public_task");
  return Ask<pb::GetContactResponse>(client, kGet, request);
}

Result<common::VerifyCountersResponse> VerifyCounters(const Stack& stack) {
  rpc::ClientSettings settings = stack.SettingsOf(kOps);
  settings.timeout = std::chrono::seconds(60);
  TRY(const auto client, rpc::Client::Connect(settings));
  common::VerifyCountersRequest request;
  request.set_area(kArea);
  return Ask<common::VerifyCountersResponse>(
      *client, "seawall.common.v1.OperationsService/VerifyCounters", request);
}

Result<common::VerifyAccessLogResponse> VerifyAccessLog(const Stack& stack) {
  rpc::ClientSettings settings = stack.SettingsOf(kOps);
  settings.timeout = std::chrono::seconds(60);
  TRY(const auto client, rpc::Client::Connect(settings));
  common::VerifyAccessLogRequest request;
  request.set_area(kArea);
  return Ask<common::VerifyAccessLogResponse>(
      *client, "seawall.common.v1.OperationsService/VerifyAccessLog", request);
}

std::string WhatIsWrong(const Stack& stack) {
  std::string wrong;
  const auto expect = [&](bool holds, const std::string& what) {
    if (!holds) wrong += what + "\n";
  };
  const auto counters = VerifyCounters(stack);
  if (!counters) return "VerifyCounters: " + Say(counters.error());
  expect(counters->drift() == 0, "drift: " + counters->ShortDebugString());
  const auto access = VerifyAccessLog(stack);
  if (!access) return "VerifyAccessLog: " + Say(access.error());
  expect(access->intact(), "access log: " + access->finding());

  const std::string here = " where area = 'blackpool'";
  const auto journal = stack.Rows(
      "select count(*), min(position), max(position) from journal" + here);
  const auto head = stack.Rows("select position from heads" + here);
  if (!head.empty() && head[0][0] != "0") {
    expect(journal[0][1] == "1" && journal[0][0] == journal[0][2] &&
               journal[0][2] == head[0][0],
           "positions: " + journal[0][0] + " events from " + journal[0][1] +
               " to " + journal[0][2] + ", head at " + head[0][0]);
  }
  const std::int64_t events =
      stack.Number("select count(*) from journal" + here +
                   " and kind = 'seawall.referrals.v1.ContactReceived'");
  const std::int64_t contacts =
      stack.Number("select count(*) from contacts" + here);
  expect(events == contacts, std::to_string(events) + " events of " +
                                 std::to_string(contacts) + " contacts");
  return wrong;
}

std::string Say(const Error& error) {
  static const std::map<Code, const char*> names = {
      {Code::kInvalidArgument, "INVALID_ARGUMENT"},
      {Code::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
      {Code::kNotFound, "NOT_FOUND"},
      {Code::kPermissionDenied, "PERMISSION_DENIED"},
      {Code::kResourceExhausted, "RESOURCE_EXHAUSTED"},
      {Code::kFailedPrecondition, "FAILED_PRECONDITION"},
      {Code::kAborted, "ABORTED"},
      {Code::kUnimplemented, "UNIMPLEMENTED"},
      {Code::kInternal, "INTERNAL"},
      {Code::kUnavailable, "UNAVAILABLE"},
      {Code::kUnauthenticated, "UNAUTHENTICATED"},
  };
  std::string said = std::string(names.at(error.code)) + " " + error.reason;
  for (const FieldError& field : error.fields) said += " " + field.path;
  return said;
}

}  // namespace seawall::support
