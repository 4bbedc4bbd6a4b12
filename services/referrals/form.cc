#include "services/referrals/form.h"

#include <absl/strings/ascii.h>
#include <google/protobuf/util/time_util.h>

#include "libs/base/text.h"
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
constexpr int kOldestPerson = 120;
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

// A code as its set spells it: whoever types it writes it in any case, and
// spreadsheets put spaces around it.
std::string Upper(std::string_view code) {
  return absl::AsciiStrToUpper(
      absl::string_view(Trimmed(code).data(), Trimmed(code).size()));
}
std::string Lower(std::string_view code) {
  return absl::AsciiStrToLower(
      absl::string_view(Trimmed(code).data(), Trimmed(code).size()));
}

std::optional<Date> ReadDate(std::string_view text) {
  return ParseDate(std::string(Trimmed(text)));
}

// An answer that nobody knows may have meant yes.
bool MayBeYes(pb::Answer answer) {
  return answer == pb::ANSWER_YES || !pb::Answer_IsValid(answer);
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
  void ReadBirth(const std::string& text, Facts& facts,
                 const Warnings& warnings) const;
  void ReadExpectedBirth(const std::string& text, Facts& facts,
                         const Warnings& warnings) const;
  void ReadDeath(const pb::Child& child, const Facts& facts,
                 const Warnings& warnings) const;
  bool MayBeBorn(const std::string& text, const Warnings& warnings) const;
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
    voice |= !Blank(child.voice().text());
  }
  return voice || !Blank(concern.text()) || !Blank(concern.primary_need()) ||
         concern.factors_size() > 0 || concern.level_of_need() != 0 ||
         !Blank(concern.analysis()) || !Blank(concern.history()) ||
         !Blank(concern.requested_help()) ||
         !Blank(concern.protective_factors()) ||
         MayBeYes(form_.immediate_danger()) || MayBeYes(police.custody()) ||
         !Blank(police.risk_grading()) || !Blank(police.incident_number());
}

bool FormReader::CanFind(const pb::Child& child) const {
  return !Blank(child.given_name()) || !Blank(child.family_name()) ||
         !Blank(child.nhs_number()) || !Blank(child.upn()) ||
         !Blank(child.date_of_birth()) ||
         !Blank(child.expected_date_of_birth()) || child.has_address();
}

// A child can be found through those it lives with.
bool FormReader::NamesHousehold() const {
  return std::any_of(form_.household().begin(), form_.household().end(),
                     [](const pb::HouseholdMember& member) {
                       return !Blank(member.family_name()) ||
                              !Blank(member.given_name());
                     });
}

Result<std::vector<Understood>> FormReader::Read() const {
  bool can_find = NamesHousehold() || !Blank(form_.safe_contact_route());
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
  facts.source = Upper(form_.source());
  if (facts.source.empty()) {
    warnings.Add("source", "FIELD_MISSING", "the referral source is missing");
  } else if (!codes_.Valid("source", facts.source, received_)) {
    warnings.Add("source", "CODE_UNKNOWN", "not a source code of that day");
  }
  facts.channel = static_cast<Channel>(form_.channel());
  if (Name(facts.channel).empty()) {
    if (form_.channel() != 0) {
      warnings.Add("channel", "CODE_UNKNOWN", "not a channel");
    }
    facts.channel = Channel::kSystem;
  }
  facts.immediate_danger = MayBeYes(form_.immediate_danger());
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
        {"safe_to_inform_parents", form_.safe_to_inform_parents()}}) {
    if (!pb::Answer_IsValid(answer)) {
      warnings.Add(name, "CODE_UNKNOWN", "not an answer");
    }
  }
  for (const auto& [name, answer] :
       {std::pair{"immediate_danger", form_.immediate_danger()},
        {"police.custody", form_.police().custody()}}) {
    if (!pb::Answer_IsValid(answer)) {
      warnings.Add(name, "CODE_UNKNOWN", "not an answer; counts as yes");
    }
  }
}

void FormReader::ReadPolice(Facts& facts, const Warnings& warnings) const {
  const pb::PoliceReport& police = form_.police();
  facts.custody = MayBeYes(police.custody());
  facts.grading = Lower(police.risk_grading());
  facts.police_report = facts.custody || !facts.grading.empty() ||
                        !Blank(police.incident_number());
  if (!facts.grading.empty() && facts.grading != "high" &&
      facts.grading != "medium" && facts.grading != "standard") {
    warnings.Add("police.risk_grading", "CODE_UNKNOWN",
                 "neither high, medium nor standard; counts as high");
  }
}

void FormReader::ReadConcern(Facts& facts, const Warnings& warnings) const {
  const pb::Concern& concern = form_.concern();
  if (Blank(concern.text())) {
    warnings.Add("text", "FIELD_MISSING", "what the concern is, in words");
  }
  facts.need = Upper(concern.primary_need());
  const bool need_known = codes_.Valid("need", facts.need, received_);
  if (!facts.need.empty() && !need_known) {
    warnings.Add("primary_need", "CODE_UNKNOWN", "not a need code");
  }
  for (int i = 0; i < concern.factors_size(); i++) {
    const std::string factor = Upper(concern.factors(i));
    if (!factor.empty() && !codes_.Valid("factor", factor, received_)) {
      warnings.Add(Item("factors", i), "CODE_UNKNOWN", "not a factor code");
    }
  }
  facts.level = concern.level_of_need();
  if (facts.level < 0 || facts.level > 4) {
    warnings.Add("level_of_need", "CODE_UNKNOWN",
                 "levels are 1 to 4; in the order of work it counts as 4");
    facts.level = 0;
    facts.level_unknown = true;
  }
  const auto met = [&](const char* criterion, bool is_met) {
    if (is_met) facts.met.push_back(criterion);
  };
  met("concern", Trimmed(concern.text()).size() >= kLeastConcern);
  met("analysis", !Blank(concern.analysis()));
  met("history", !Blank(concern.history()));
  met("protective_factors", !Blank(concern.protective_factors()));
  met("requested_help", !Blank(concern.requested_help()));
  met("need", need_known && facts.need != "N0" && facts.level > 0);
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
  if (by_whom && Blank(consent.from_whom())) {
    warnings.Add("from_whom", "FIELD_MISSING", "who gave or refused consent");
  } else if (reasoned && Blank(consent.reason())) {
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
  if (Blank(child.given_name()) && Blank(child.expected_date_of_birth())) {
    warnings.Add("given_name", "FIELD_MISSING", "what the child is called");
  }
  if (Blank(child.family_name())) {
    warnings.Add("family_name", "FIELD_MISSING", "the child's family name");
  }
}

void FormReader::ReadDates(const pb::Child& child, Facts& facts,
                           const Warnings& warnings) const {
  const bool born = !Blank(child.date_of_birth());
  const bool expected = !Blank(child.expected_date_of_birth());
  if (!born && !expected) {
    warnings.Add("date_of_birth", "BIRTH_DATE_MISSING",
                 "neither a birth date nor an expected one");
  }
  if (born) ReadBirth(child.date_of_birth(), facts, warnings);
  if (!Blank(child.date_of_death())) ReadDeath(child, facts, warnings);
  if (!expected) return;
  if (born) {
    warnings.Add("expected_date_of_birth", "BOTH_BIRTH_DATES",
                 "a child has a birth date or an expected one");
    if (facts.birth_date || facts.expected_birth_date) return;
  }
  ReadExpectedBirth(child.expected_date_of_birth(), facts, warnings);
}

void FormReader::ReadBirth(const std::string& text, Facts& facts,
                           const Warnings& warnings) const {
  const std::optional<Date> born = ReadDate(text);
  if (!born) {
    warnings.Add("date_of_birth", "DATE_IMPOSSIBLE",
                 "not a day YYYY-MM-DD; not used");
  } else if (*born > received_ + kPregnancy) {
    warnings.Add("date_of_birth", "DATE_AHEAD",
                 "more than 280 days after the day of receipt; not used");
  } else if (*born > received_) {
    warnings.Add("date_of_birth", "DATE_AHEAD",
                 "after the day of receipt; taken for an expected date");
    facts.expected_birth_date = born;
  } else if (YearsOn(*born, kOldestChild) < received_) {
    // Often a placeholder such as 1900-01-01: nobody is known by it.
    warnings.Add("date_of_birth", "AGE_OVER_25",
                 "older than 25 years; not matched on");
  } else {
    facts.birth_date = born;
  }
}

void FormReader::ReadExpectedBirth(const std::string& text, Facts& facts,
                                   const Warnings& warnings) const {
  const std::optional<Date> expected = ReadDate(text);
  if (!expected) {
    warnings.Add("expected_date_of_birth", "DATE_IMPOSSIBLE",
                 "not a day YYYY-MM-DD; not used");
  } else if (*expected > received_ + kPregnancy) {
    warnings.Add("expected_date_of_birth", "DATE_AHEAD",
                 "more than 280 days after the day of receipt; not used");
  } else if (*expected + kPregnancy < received_) {
    warnings.Add("expected_date_of_birth", "DATE_IMPOSSIBLE",
                 "more than 280 days before the day of receipt; not used");
  } else {
    facts.expected_birth_date = expected;
  }
}

void FormReader::ReadDeath(const pb::Child& child, const Facts& facts,
                           const Warnings& warnings) const {
  const std::optional<Date> died = ReadDate(child.date_of_death());
  if (!died) {
    warnings.Add("date_of_death", "DATE_IMPOSSIBLE", "not a day YYYY-MM-DD");
  } else if (*died > received_) {
    warnings.Add("date_of_death", "DATE_AHEAD", "after the day of receipt");
  } else if (facts.birth_date && *died < *facts.birth_date) {
    warnings.Add("date_of_death", "DATE_IMPOSSIBLE", "before the birth");
  }
}

void FormReader::ReadIdentifiers(const pb::Child& child, Identity& identity,
                                 const Warnings& warnings) const {
  if (!Blank(child.nhs_number())) {
    const Identifier nhs = ParseNhsNumber(child.nhs_number(), test_numbers_);
    if (!nhs.ok) {
      warnings.Add("nhs_number", nhs.reason.c_str(),
                   "kept as given, not matched on");
    }
    identity.child.nhs_number = nhs.normalised;
  }
  if (!Blank(child.upn())) {
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
  if (!Blank(address.postcode())) {
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
    if (!Blank(code) && !codes_.Valid(set, code, received_)) {
      warnings.Add(field, "CODE_UNKNOWN", "not a code of that day");
    }
  };
  check("sex", "sex", child.sex());
  check("ethnicity", "ethnicity", child.ethnicity());
  bool none = false;
  for (int i = 0; i < child.disabilities_size(); i++) {
    check(Item("disabilities", i), "disability", child.disabilities(i));
    none |= Upper(child.disabilities(i)) == "NONE";
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
  if ((heard && !Blank(voice.text())) || (reasoned && !Blank(voice.reason()))) {
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
    const bool possible =
        MayBeBorn(member.date_of_birth(), warnings.Under(Item("household", i)));
    add(member.family_name(), member.given_name(),
        possible ? member.date_of_birth() : "");
  }
  for (int i = 0; i < form_.children_size(); i++) {
    const pb::Child& other = form_.children(i);
    if (i != child) {
      add(other.family_name(), other.given_name(), other.date_of_birth());
    }
  }
  if (form_.household_size() > 0) facts.met.push_back("household");
}

// A sibling may be expected; a placeholder such as 1900-01-01 is nobody's.
bool FormReader::MayBeBorn(const std::string& text,
                           const Warnings& warnings) const {
  if (Blank(text)) return false;
  const std::optional<Date> born = ReadDate(text);
  if (!born) {
    warnings.Add("date_of_birth", "DATE_IMPOSSIBLE",
                 "not a day YYYY-MM-DD; not matched on");
  } else if (*born > received_ + kPregnancy) {
    warnings.Add("date_of_birth", "DATE_AHEAD",
                 "more than 280 days after the day of receipt; not matched on");
  } else if (YearsOn(*born, kOldestPerson) < received_) {
    warnings.Add("date_of_birth", "DATE_IMPOSSIBLE",
                 "more than 120 years ago; not matched on");
  } else {
    return true;
  }
  return false;
}

}  // namespace

Instant ReceivedTime(const pb::ContactForm& form, const Circumstances& known,
                     std::vector<pb::Warning>& into) {
  const Warnings warnings(into, "form");
  const auto usable = [&](const google::protobuf::Timestamp& time,
                          const char* field) {
    if (!IsValid(time)) {
      warnings.Add(field, "DATE_IMPOSSIBLE", "not a time; not used");
      return false;
    }
    if (ToInstant(time) > known.now + kClockSkew) {
      warnings.Add(field, "TIME_AHEAD",
                   "more than five minutes ahead; not used");
      return false;
    }
    if (ToInstant(time) < StartOfDay(kEarliest)) {
      warnings.Add(field, "DATE_IMPOSSIBLE", "before 1990; not used");
      return false;
    }
    return true;
  };
  const bool raised =
      form.has_raised_time() && usable(form.raised_time(), "raised_time");
  if (form.has_received_time() && !known.may_backdate) {
    warnings.Add("received_time", "BACKDATING_NOT_ALLOWED",
                 "only a system registered to import may state it");
  } else if (form.has_received_time() &&
             usable(form.received_time(), "received_time")) {
    return std::min(known.now, ToInstant(form.received_time()));
  }
  if (raised && known.by_hub && form.channel() == pb::CHANNEL_PHONE) {
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
