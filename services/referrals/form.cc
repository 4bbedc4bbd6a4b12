#include "services/referrals/form.h"

#include <google/protobuf/util/time_util.h>

#include "libs/child/names.h"

namespace seawall::referrals {
namespace {

constexpr std::size_t kLongestDetail = 200;
constexpr std::size_t kLongestText = 20'000;
// Bounds on what one message may make of us.
constexpr std::size_t kMostWarnings = 100;
constexpr std::size_t kMostHousehold = 50;
constexpr Date kEarliest{std::chrono::year(1990) / 1 / 1};
constexpr std::chrono::minutes kClockSkew{5};
constexpr std::chrono::days kCallWrittenDownWithin{7};
constexpr std::chrono::days kPregnancy{280};
constexpr int kOldestChild = 25;
constexpr std::size_t kLeastConcern = 40;

// Warnings of one form, with the path they stand under.
class Warnings {
 public:
  Warnings(std::vector<pb::Warning>& into, std::string path)
      : into_(into), path_(std::move(path)) {}
  Warnings Under(const std::string& name) const {
    return Warnings(into_, path_ + "." + name);
  }
  void Add(const std::string& field, const char* reason,
           const char* description) const {
    if (into_.size() > kMostWarnings) return;
    const bool last = into_.size() == kMostWarnings;
    pb::Warning warning;
    if (last) {
      warning.set_field(path_);
      warning.set_reason("WARNINGS_CUT");
      warning.set_description("more is wrong than is told here");
      into_.push_back(std::move(warning));
      return;
    }
    warning.set_field(path_ + "." + field);
    warning.set_reason(reason);
    warning.set_description(description);
    into_.push_back(std::move(warning));
  }
  // Every text of the message, found by reflection, so that a new field is
  // checked too. `but` is left out: it has a path of its own.
  void CheckLengths(const google::protobuf::Message& message,
                    const std::string& but = {}) const;

 private:
  std::vector<pb::Warning>& into_;
  std::string path_;
};

std::string Item(const std::string& list, int i) {
  return list + "[" + std::to_string(i) + "]";
}

// Where people write as much as they know; anything else is a detail.
std::size_t LongestOf(const std::string& field) {
  static const std::set<std::string> texts = {"text",
                                              "reason",
                                              "analysis",
                                              "history",
                                              "protective_factors",
                                              "requested_help",
                                              "safe_contact_route"};
  return texts.count(field) ? kLongestText : kLongestDetail;
}

void Warnings::CheckLengths(const google::protobuf::Message& message,
                            const std::string& but) const {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  std::string scratch;
  for (const FieldDescriptor* field : fields) {
    if (field->name() == but) continue;
    const bool list = field->is_repeated();
    const int count = list ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; i++) {
      const auto name = [&] {
        return list ? Item(field->name(), i) : field->name();
      };
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        const auto& inner =
            list ? reflection.GetRepeatedMessage(message, field, i)
                 : reflection.GetMessage(message, field);
        // What is short as a whole holds no long text.
        if (inner.ByteSizeLong() > kLongestDetail) {
          Under(name()).CheckLengths(inner);
        }
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string& text =
            list ? reflection.GetRepeatedStringReference(message, field, i,
                                                         &scratch)
                 : reflection.GetStringReference(message, field, &scratch);
        if (text.size() > kLongestDetail &&
            text.size() > LongestOf(field->name())) {
          Add(name(), "FIELD_TOO_LONG",
              "kept as given; longer than it should be");
        }
      }
    }
  }
}

Instant ToInstant(const google::protobuf::Timestamp& time) {
  return FromMicros(
      google::protobuf::util::TimeUtil::TimestampToMicroseconds(time));
}

bool IsValid(const google::protobuf::Timestamp& time) {
  using google::protobuf::util::TimeUtil;
  return time.seconds() >= TimeUtil::kTimestampMinSeconds &&
         time.seconds() <= TimeUtil::kTimestampMaxSeconds &&
         time.nanos() >= 0 && time.nanos() < 1'000'000'000;
}

// Reads one form. Holds nothing but what it was given.
class FormReader {
 public:
  FormReader(const pb::ContactForm& form, const CodeSets& codes, Date received,
             TestNumbers test_numbers)
      : form_(form),
        codes_(codes),
        received_(received),
        test_numbers_(test_numbers) {}

  Result<std::vector<Understood>> Read() const;

 private:
  Understood ReadChild(int i, const Facts& common,
                       const std::vector<pb::Warning>& warnings) const;
  Facts ReadCommon(std::vector<pb::Warning>& into) const;
  void ReadAnswers(const Warnings& warnings) const;
  void ReadPolice(Facts& facts, const Warnings& warnings) const;
  void ReadConcern(Facts& facts, const Warnings& warnings) const;
  void ReadConsent(Facts& facts, const Warnings& warnings) const;
  void ReadNames(const pb::Child& child, const Warnings& warnings) const;
  void ReadDates(const pb::Child& child, Facts& facts,
                 const Warnings& warnings) const;
  void ReadIdentifiers(const pb::Child& child, Identity& identity,
                       const Warnings& warnings) const;
  void ReadCodes(const pb::Child& child, const Warnings& warnings) const;
  void ReadVoice(const pb::Child& child, Facts& facts,
                 const Warnings& warnings) const;
  void ReadHousehold(int child, Identity& identity, Facts& facts,
                     const Warnings& warnings) const;
  bool SaysConcern() const;
  bool CanFind(const pb::Child& child) const;
  bool NamesHousehold() const;

  const pb::ContactForm& form_;
  const CodeSets& codes_;
  const Date received_;
  const TestNumbers test_numbers_;
};

// Whatever tells of a worry, in words or in a code.
bool FormReader::SaysConcern() const {
  const pb::Concern& concern = form_.concern();
  const pb::PoliceReport& police = form_.police();
  bool voice = false;
  for (const pb::Child& child : form_.children()) {
    voice |= !child.voice().text().empty();
  }
  return voice || !concern.text().empty() || !concern.primary_need().empty() ||
         concern.factors_size() > 0 || concern.level_of_need() != 0 ||
         !concern.analysis().empty() || !concern.history().empty() ||
         !concern.requested_help().empty() ||
         !concern.protective_factors().empty() ||
         form_.immediate_danger() == pb::ANSWER_YES ||
         police.custody() == pb::ANSWER_YES || !police.risk_grading().empty() ||
         !police.incident_number().empty();
}

bool FormReader::CanFind(const pb::Child& child) const {
  return !child.given_name().empty() || !child.family_name().empty() ||
         !child.nhs_number().empty() || !child.upn().empty() ||
         !child.date_of_birth().empty() ||
         !child.expected_date_of_birth().empty() || child.has_address();
}

// A child can be found through those it lives with.
bool FormReader::NamesHousehold() const {
  return std::any_of(form_.household().begin(), form_.household().end(),
                     [](const pb::HouseholdMember& member) {
                       return !member.family_name().empty() ||
                              !member.given_name().empty();
                     });
}

Result<std::vector<Understood>> FormReader::Read() const {
  bool can_find = NamesHousehold() || !form_.safe_contact_route().empty();
  for (const pb::Child& child : form_.children()) can_find |= CanFind(child);
  if (!can_find && !SaysConcern()) {
    return Error{Code::kInvalidArgument,
                 "NOTHING_TO_ACT_ON",
                 "the form holds neither a concern nor anything to find a "
                 "child by; add one of them and push it again",
                 {{"form.concern", "empty"}, {"form.children", "empty"}}};
  }
  std::vector<pb::Warning> warnings;
  const Facts common = ReadCommon(warnings);
  if (form_.children().empty()) {
    Warnings(warnings, "form")
        .Add("children", "FIELD_MISSING", "no child is named");
  }
  std::vector<Understood> contacts;
  const int children = std::max(1, form_.children_size());
  for (int i = 0; i < children; i++) {
    contacts.push_back(ReadChild(i, common, warnings));
  }
  return contacts;
}

Facts FormReader::ReadCommon(std::vector<pb::Warning>& into) const {
  const Warnings warnings(into, "form");
  Facts facts;
  facts.source = form_.source();
  if (form_.source().empty()) {
    warnings.Add("source", "FIELD_MISSING", "the referral source is missing");
  } else if (!codes_.Valid("source", form_.source(), received_)) {
    warnings.Add("source", "CODE_UNKNOWN", "not a source code of that day");
  }
  facts.channel = static_cast<Channel>(form_.channel());
  if (Name(facts.channel).empty()) {
    if (form_.channel() != 0) {
      warnings.Add("channel", "CODE_UNKNOWN", "not a channel");
    }
    facts.channel = Channel::kSystem;
  }
  facts.immediate_danger = form_.immediate_danger() == pb::ANSWER_YES;
  warnings.CheckLengths(form_, "children");
  ReadAnswers(warnings);
  ReadPolice(facts, warnings);
  ReadConcern(facts, warnings.Under("concern"));
  ReadConsent(facts, warnings.Under("consent"));
  return facts;
}

void FormReader::ReadAnswers(const Warnings& warnings) const {
  for (const auto& [name, answer] :
       {std::pair{"parents_informed", form_.parents_informed()},
        {"safe_to_inform_parents", form_.safe_to_inform_parents()},
        {"immediate_danger", form_.immediate_danger()},
        {"police.custody", form_.police().custody()}}) {
    if (!pb::Answer_IsValid(answer)) {
      warnings.Add(name, "CODE_UNKNOWN", "not an answer");
    }
  }
}

void FormReader::ReadPolice(Facts& facts, const Warnings& warnings) const {
  const pb::PoliceReport& police = form_.police();
  facts.custody = police.custody() == pb::ANSWER_YES;
  facts.grading = police.risk_grading();
  if (!facts.grading.empty() && facts.grading != "high" &&
      facts.grading != "medium" && facts.grading != "standard") {
    warnings.Add("police.risk_grading", "CODE_UNKNOWN", "not a risk grading");
  }
}

void FormReader::ReadConcern(Facts& facts, const Warnings& warnings) const {
  const pb::Concern& concern = form_.concern();
  if (concern.text().empty()) {
    warnings.Add("text", "FIELD_MISSING", "what the concern is, in words");
  }
  facts.need = concern.primary_need();
  const bool need_known =
      codes_.Valid("need", concern.primary_need(), received_);
  if (!concern.primary_need().empty() && !need_known) {
    warnings.Add("primary_need", "CODE_UNKNOWN", "not a need code");
  }
  for (int i = 0; i < concern.factors_size(); i++) {
    if (!codes_.Valid("factor", concern.factors(i), received_)) {
      warnings.Add(Item("factors", i), "CODE_UNKNOWN", "not a factor code");
    }
  }
  facts.level = concern.level_of_need();
  if (facts.level < 0 || facts.level > 4) {
    warnings.Add("level_of_need", "CODE_UNKNOWN", "levels are 1 to 4");
    facts.level = 0;
  }
  const auto met = [&](const char* criterion, bool is_met) {
    if (is_met) facts.met.push_back(criterion);
  };
  met("concern", concern.text().size() >= kLeastConcern);
  met("analysis", !concern.analysis().empty());
  met("history", !concern.history().empty());
  met("protective_factors", !concern.protective_factors().empty());
  met("requested_help", !concern.requested_help().empty());
  met("need", need_known && concern.primary_need() != "N0" && facts.level > 0);
}

void FormReader::ReadConsent(Facts& facts, const Warnings& warnings) const {
  const pb::Consent& consent = form_.consent();
  facts.consent = static_cast<Consent>(consent.kind());
  if (Name(facts.consent).empty()) {
    if (consent.kind() != 0) {
      warnings.Add("kind", "CODE_UNKNOWN", "not a kind of consent");
    } else {
      warnings.Add("kind", "FIELD_MISSING",
                   "obtained, refused, dispensed with or not sought");
    }
    facts.consent = Consent::kUnspecified;
    return;
  }
  const bool by_whom =
      facts.consent == Consent::kObtained || facts.consent == Consent::kRefused;
  const bool reasoned = facts.consent == Consent::kDispensedWith ||
                        facts.consent == Consent::kNotSought;
  if (by_whom && consent.from_whom().empty()) {
    warnings.Add("from_whom", "FIELD_MISSING", "who gave or refused consent");
  } else if (reasoned && consent.reason().empty()) {
    warnings.Add("reason", "FIELD_MISSING", "why consent was not asked for");
  } else {
    facts.met.push_back("consent");
  }
}

Understood FormReader::ReadChild(
    int i, const Facts& common,
    const std::vector<pb::Warning>& warnings) const {
  Understood contact;
  contact.facts = common;
  contact.warnings = warnings;
  contact.form = form_;
  contact.form.clear_children();
  pb::Child& child = *contact.form.add_children();
  if (i < form_.children_size()) child = form_.children(i);

  const Warnings here(contact.warnings, "form." + Item("children", i));
  here.CheckLengths(child);
  if (i < form_.children_size()) ReadNames(child, here);
  for (int k = 0; k < form_.children_size(); k++) {
    if (k == i) continue;
    pb::HouseholdMember& sibling = contact.siblings.emplace_back();
    sibling.set_given_name(form_.children(k).given_name());
    sibling.set_family_name(form_.children(k).family_name());
    sibling.set_date_of_birth(form_.children(k).date_of_birth());
  }
  ReadDates(child, contact.facts, here);
  ReadIdentifiers(child, contact.identity, here);
  ReadCodes(child, here);
  ReadVoice(child, contact.facts, here);
  ReadHousehold(i, contact.identity, contact.facts,
                Warnings(contact.warnings, "form"));
  child::Description& described = contact.identity.child;
  child::SetNames(child.given_name(), child.family_name(), described);
  described.birth_date = contact.facts.birth_date;
  const bool known_by_number =
      !described.nhs_number.empty() || !described.upn.empty();
  if (contact.facts.expected_birth_date ||
      (known_by_number && contact.facts.birth_date)) {
    contact.facts.met.push_back("identifiers");
  }
  return contact;
}

// An unborn child has no given name yet.
void FormReader::ReadNames(const pb::Child& child,
                           const Warnings& warnings) const {
  if (child.given_name().empty() && child.expected_date_of_birth().empty()) {
    warnings.Add("given_name", "FIELD_MISSING", "what the child is called");
  }
  if (child.family_name().empty()) {
    warnings.Add("family_name", "FIELD_MISSING", "the child's family name");
  }
}

void FormReader::ReadDates(const pb::Child& child, Facts& facts,
                           const Warnings& warnings) const {
  const std::string& born = child.date_of_birth();
  const std::string& expected = child.expected_date_of_birth();
  if (born.empty() && expected.empty()) {
    warnings.Add("date_of_birth", "BIRTH_DATE_MISSING",
                 "neither a birth date nor an expected one");
  }
  if (!born.empty()) {
    facts.birth_date = ParseDate(born);
    if (!facts.birth_date) {
      warnings.Add("date_of_birth", "DATE_IMPOSSIBLE", "not a day YYYY-MM-DD");
    } else if (*facts.birth_date > received_) {
      warnings.Add("date_of_birth", "DATE_AHEAD",
                   "after the day of receipt; taken for an expected date");
      if (*facts.birth_date <= received_ + kPregnancy) {
        facts.expected_birth_date = facts.birth_date;
      }
      facts.birth_date.reset();
    } else if (AddMonths(*facts.birth_date, 12 * kOldestChild) < received_) {
      // Often a placeholder such as 1900-01-01: nobody is known by it.
      warnings.Add("date_of_birth", "AGE_OVER_25",
                   "older than 25 years; not matched on");
      facts.birth_date.reset();
    }
  }
  if (expected.empty()) return;
  if (!born.empty()) {
    warnings.Add("expected_date_of_birth", "BOTH_BIRTH_DATES",
                 "a child has a birth date or an expected one");
    if (facts.birth_date || facts.expected_birth_date) return;
  }
  facts.expected_birth_date = ParseDate(expected);
  if (!facts.expected_birth_date) {
    warnings.Add("expected_date_of_birth", "DATE_IMPOSSIBLE",
                 "not a day YYYY-MM-DD");
  } else if (*facts.expected_birth_date > received_ + kPregnancy) {
    warnings.Add("expected_date_of_birth", "DATE_AHEAD",
                 "more than 280 days ahead");
    facts.expected_birth_date.reset();
  }
}

void FormReader::ReadIdentifiers(const pb::Child& child, Identity& identity,
                                 const Warnings& warnings) const {
  if (!child.nhs_number().empty()) {
    const Identifier nhs = ParseNhsNumber(child.nhs_number(), test_numbers_);
    if (!nhs.ok) {
      warnings.Add("nhs_number", nhs.reason.c_str(),
                   "kept as given, not matched on");
    }
    identity.child.nhs_number = nhs.normalised;
  }
  if (!child.upn().empty()) {
    const Identifier upn = ParseUpn(child.upn());
    if (!upn.ok) {
      warnings.Add("upn", upn.reason.c_str(), "kept as given, not matched on");
    }
    identity.child.upn = upn.normalised;
  }
  if (!child.former_upn().empty()) {
    const Identifier upn = ParseUpn(child.former_upn());
    if (!upn.ok) {
      warnings.Add("former_upn", upn.reason.c_str(),
                   "kept as given, not matched on");
    }
    identity.child.former_upn = upn.normalised;
  }
  const pb::Address& address = child.address();
  if (!address.postcode().empty()) {
    const Identifier postcode = ParsePostcode(address.postcode());
    if (!postcode.ok) {
      warnings.Add("address.postcode", postcode.reason.c_str(),
                   "kept as given, not matched on");
    } else if (address.lines_size() > 0 && !address.lines(0).empty()) {
      identity.address =
          postcode.normalised + "|" + child::Fold(address.lines(0));
    }
  }
}

void FormReader::ReadCodes(const pb::Child& child,
                           const Warnings& warnings) const {
  const auto check = [&](const std::string& field, const char* set,
                         const std::string& code) {
    if (!code.empty() && !codes_.Valid(set, code, received_)) {
      warnings.Add(field, "CODE_UNKNOWN", "not a code of that day");
    }
  };
  check("sex", "sex", child.sex());
  check("ethnicity", "ethnicity", child.ethnicity());
  bool none = false;
  for (int i = 0; i < child.disabilities_size(); i++) {
    check(Item("disabilities", i), "disability", child.disabilities(i));
    none |= child.disabilities(i) == "NONE";
  }
  if (none && child.disabilities_size() > 1) {
    warnings.Add("disabilities", "DISABILITY_CONFLICT", "NONE stands alone");
  }
}

void FormReader::ReadVoice(const pb::Child& child, Facts& facts,
                           const Warnings& warnings) const {
  const pb::Voice& voice = child.voice();
  const bool reasoned = voice.kind() == pb::VOICE_KIND_NOT_OBTAINED;
  const bool heard = voice.kind() == pb::VOICE_KIND_OWN_WORDS ||
                     voice.kind() == pb::VOICE_KIND_OBSERVED ||
                     voice.kind() == pb::VOICE_KIND_THROUGH_ADULT;
  if ((heard && !voice.text().empty()) ||
      (reasoned && !voice.reason().empty())) {
    facts.met.push_back("voice");
    return;
  }
  if (!heard && !reasoned && voice.kind() != 0) {
    warnings.Add("voice.kind", "CODE_UNKNOWN", "not a kind of voice");
  } else if (reasoned) {
    warnings.Add("voice.reason", "FIELD_MISSING", "why it was not obtained");
  } else {
    warnings.Add("voice.text", "FIELD_MISSING",
                 "what the child says, or why that is not known");
  }
}

// Siblings on the same form live in this child's household too.
void FormReader::ReadHousehold(int child, Identity& identity, Facts& facts,
                               const Warnings& warnings) const {
  const auto add = [&](const std::string& family, const std::string& given,
                       const std::string& born) {
    child::Description member;
    child::SetNames(given, family, member);
    member.birth_date = ParseDate(born);
    for (const child::Key& key : child::KeysOf(member)) {
      if (identity.household.size() < kMostHousehold) {
        identity.household.push_back(key.value);
      }
      return;  // by the surname, if there is one
    }
  };
  if (form_.household_size() > static_cast<int>(kMostHousehold)) {
    warnings.Add("household", "HOUSEHOLD_TOO_LARGE",
                 "kept as given; not all of it is matched on");
  }
  for (int i = 0; i < form_.household_size(); i++) {
    const pb::HouseholdMember& member = form_.household(i);
    if (!member.date_of_birth().empty() && !ParseDate(member.date_of_birth())) {
      warnings.Under(Item("household", i))
          .Add("date_of_birth", "DATE_IMPOSSIBLE", "not a day YYYY-MM-DD");
    }
    add(member.family_name(), member.given_name(), member.date_of_birth());
  }
  for (int i = 0; i < form_.children_size(); i++) {
    const pb::Child& other = form_.children(i);
    if (i != child) {
      add(other.family_name(), other.given_name(), other.date_of_birth());
    }
  }
  if (form_.household_size() > 0) facts.met.push_back("household");
}

}  // namespace

Instant ReceivedTime(const pb::ContactForm& form, const Circumstances& known,
                     std::vector<pb::Warning>& into) {
  const Warnings warnings(into, "form");
  const auto usable = [&](const google::protobuf::Timestamp& time,
                          const char* field) {
    if (!IsValid(time)) {
      warnings.Add(field, "DATE_IMPOSSIBLE", "not a time");
      return false;
    }
    if (ToInstant(time) > known.now + kClockSkew) {
      warnings.Add(field, "TIME_AHEAD", "more than five minutes ahead");
      return false;
    }
    return true;
  };
  if (form.has_received_time() && !known.may_backdate) {
    warnings.Add("received_time", "BACKDATING_NOT_ALLOWED",
                 "only a system registered to import may state it");
  } else if (form.has_received_time() &&
             usable(form.received_time(), "received_time")) {
    if (ToInstant(form.received_time()) < StartOfDay(kEarliest)) {
      warnings.Add("received_time", "DATE_IMPOSSIBLE", "before 1990");
      return known.now;
    }
    return std::min(known.now, ToInstant(form.received_time()));
  }
  if (form.has_raised_time() && usable(form.raised_time(), "raised_time") &&
      known.by_hub && form.channel() == pb::CHANNEL_PHONE) {
    const Instant call = ToInstant(form.raised_time());
    if (call + kCallWrittenDownWithin >= known.now) {
      return std::min(known.now, call);
    }
    warnings.Add("raised_time", "CALL_TOO_LONG_AGO",
                 "more than seven days ago; the clock starts now");
  }
  return known.now;
}

Result<std::vector<Understood>> ReadForm(const pb::ContactForm& form,
                                         const CodeSets& codes, Date received,
                                         TestNumbers test_numbers) {
  return FormReader(form, codes, received, test_numbers).Read();
}

}  // namespace seawall::referrals
