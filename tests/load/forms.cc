#include "tests/load/forms.h"

#include <google/protobuf/util/time_util.h>

#include <array>
#include <cstdio>

namespace seawall::load {
namespace {

constexpr std::array kSources = {"1A", "2A", "3A", "3B", "5A", "6", "6", "8"};
constexpr std::array kNeeds = {"N1", "N1", "N2", "N4", "N5", "N6"};

// Nine digits 9xx xxx xxx whose check digit is not 10.
void SetNhsNumber(std::int64_t number, std::string& text) {
  for (std::int64_t tail = number % 9'000'000 * 11;; tail++) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "9%08lld", (long long)tail);
    int sum = 0;
    for (int i = 0; i < 9; i++) sum += (digits[i] - '0') * (10 - i);
    const int check = (11 - sum % 11) % 11;
    if (check == 10) continue;
    text.assign(digits, 9);
    text.push_back(static_cast<char>('0' + check));
    return;
  }
}

// Check letter, council, year and a number. Source: CIN census rule 1510.
void SetUpn(std::int64_t number, std::string& text) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "890%09lld",
                (long long)(number % 1'000'000'000));
  int sum = 0;
  for (int i = 0; i < 12; i++) sum += (digits[i] - '0') * (i + 2);
  text.assign(1, "ABCDEFGHJKLMNPQRTUVWXYZ"[sum % 23]);
  text.append(digits, 12);
}

// Names sound different only if their consonants differ. "test" ends the word:
// a part of its own that all names share would make a candidate of everybody
// born on the same day, the more of them the more is stored. Mixed, so that a
// name does not follow from a date of birth.
void SetName(std::int64_t number, std::string& text) {
  constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (static_cast<std::uint64_t>(number) * kMix) >> 20;
  constexpr char kConsonants[] = "bdfgklmnprstvz";
  constexpr char kVowels[] = "aeiou";
  text.clear();
  for (int i = 0; i < 5; i++) {
    text += kConsonants[mixed % 14];
    text += kVowels[mixed % 5];
    mixed /= 14;
  }
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  text += "test";
}

void SetDate(std::int64_t number, int first_year, int years,
             std::string& text) {
  char date[48];
  std::snprintf(date, sizeof date, "%04d-%02d-%02d",
                first_year + int(number % years), 1 + int(number / years % 12),
                1 + int(number / years / 12 % 28));
  text = date;
}

void AddHousehold(pb::ContactForm& form) {
  for (const char* relationship : {"mother", "father", "sibling"}) {
    form.add_household()->set_relationship(relationship);
  }
}

void FillConcern(pb::Concern& concern) {
  concern.set_text(
      "Invented: came to school without breakfast or a coat three times this "
      "week, was tired, and fell asleep in class. Said that nobody was at home "
      "when she woke up and that she took her brother to nursery by herself.");
  concern.set_primary_need("N1");
  concern.add_factors("1B");
  concern.add_factors("3A");
  concern.set_level_of_need(3);
  concern.set_analysis(
      "Invented: basic care is not reliable, and the child carries work that "
      "is not a child's. If it goes on her health and learning will suffer.");
  concern.set_history(
      "Invented: similar last winter; an early help plan ended in the spring.");
  concern.set_protective_factors(
      "Invented: a grandmother lives near and helps at weekends.");
  concern.set_requested_help(
      "Invented: an assessment of the home, and a family support worker.");
}

}  // namespace

Form::Form() {
  request_.set_area("blackpool");
  pb::ContactForm& form = *request_.mutable_form();
  form.mutable_referrer()->set_person_name("Test-Teacher");
  form.mutable_referrer()->set_role("designated safeguarding lead");
  form.mutable_referrer()->set_contact_details("test-lead@example.org");
  form.set_source("2A");
  form.set_channel(pb::CHANNEL_SYSTEM);
  form.set_parents_informed(pb::ANSWER_YES);
  form.set_safe_to_inform_parents(pb::ANSWER_YES);
  form.set_safe_contact_route(
      "Invented: the mother's own telephone, mornings.");
  form.set_immediate_danger(pb::ANSWER_NO);
  pb::Child& child = *form.add_children();
  child.set_sex("F");
  child.set_ethnicity("WBRI");
  child.mutable_address()->add_lines("1 Test Street");
  child.mutable_address()->add_lines("Test Town");
  child.mutable_address()->set_postcode("FY1 1AA");
  child.add_disabilities("NONE");
  child.mutable_voice()->set_kind(pb::VOICE_KIND_OWN_WORDS);
  child.mutable_voice()->set_text(
      "Invented: I make the breakfast. I do not like it when nobody is there.");
  AddHousehold(form);
  pb::OtherAgency& other = *form.add_other_agencies();
  other.set_agency("health-visitor");
  other.set_person_name("Test-Visitor");
  other.set_role("health visitor of the brother");
  FillConcern(*form.mutable_concern());
  form.mutable_consent()->set_kind(pb::CONSENT_KIND_OBTAINED);
  form.mutable_consent()->set_from_whom("Invented: the mother");
}

pb::SubmitContactRequest& Form::About(std::int64_t number,
                                      const std::string& run) {
  std::string& id = *request_.mutable_request_id();
  id = run;
  id += '-';
  id += std::to_string(number);
  pb::ContactForm& form = *request_.mutable_form();
  pb::Child& child = *form.mutable_children(0);
  SetName(number, *child.mutable_family_name());
  SetName(number * 11 + 5, *child.mutable_given_name());
  SetDate(number, 2010, 14, *child.mutable_date_of_birth());
  SetNhsNumber(number, *child.mutable_nhs_number());
  SetUpn(number, *child.mutable_upn());
  *child.mutable_address()->mutable_lines(0) =
      std::to_string(number) + " Test Street";
  for (int i = 0; i < form.household_size(); i++) {
    pb::HouseholdMember& member = *form.mutable_household(i);
    member.set_family_name(child.family_name());
    SetName(number * 13 + i, *member.mutable_given_name());
    SetDate(number * 7 + i, i == 2 ? 2010 : 1945, i == 2 ? 14 : 45,
            *member.mutable_date_of_birth());
  }
  return request_;
}

pb::SubmitContactRequest& Form::Past(std::int64_t number,
                                     const std::string& run, Instant received) {
  pb::SubmitContactRequest& request = About(number, run);
  pb::ContactForm& form = *request.mutable_form();
  *form.mutable_received_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
          ToMicros(received));
  const auto at = static_cast<std::size_t>(number);
  form.set_source(kSources[at % kSources.size()]);
  form.mutable_concern()->set_primary_need(kNeeds[at / 3 % kNeeds.size()]);
  form.mutable_concern()->set_level_of_need(1 + static_cast<int>(at / 5 % 4));
  return request;
}

}  // namespace seawall::load
