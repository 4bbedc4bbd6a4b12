#include "demo/forms.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <array>

namespace seawall::demo {
namespace {

namespace pb = referrals::v1;
using google::protobuf::util::TimeUtil;

// How often in percent an agency says it.
struct Habits {
  int voice;
  int detail;
  int analysis;
  int history;
  int protective;
  int household;
  int help;
  int need;
};

// In the order of kAgencies. Invented.
constexpr std::array<Habits, 7> kHabits = {{{34, 88, 41, 46, 22, 72, 35, 81},
                                            {81, 92, 66, 58, 55, 63, 79, 86},
                                            {47, 90, 52, 33, 31, 58, 61, 78},
                                            {74, 95, 83, 79, 76, 91, 85, 93},
                                            {79, 96, 85, 88, 81, 93, 90, 95},
                                            {29, 71, 31, 28, 18, 66, 49, 62},
                                            {22, 76, 48, 52, 20, 44, 46, 66}}};

const Habits& HabitsOf(const std::string& agency) {
  const auto found =
      std::find_if(kAgencies.begin(), kAgencies.end(),
                   [&](const char* name) { return agency == name; });
  return kHabits[found - kAgencies.begin()];
}

struct Theme {
  const char* need;
  const char* factor;
  const char* text;
  const char* impact;
};

constexpr std::array<Theme, 8> kThemes = {{
    {"N1", "3B",
     "Invented: neighbours heard shouting and a crash; a parent had a cut lip.",
     "Invented: the child hides upstairs and does not sleep."},
    {"N1", "16A",
     "Invented: often hungry, no coat in winter, home cold when visited twice.",
     "Invented: losing weight and missing lessons."},
    {"N5", "4B",
     "Invented: a parent has been very low for weeks and stays in bed all day.",
     "Invented: the child cooks and takes the younger ones to school."},
    {"N4", "2B",
     "Invented: an adult who uses drugs moved in, and strangers come at night.",
     "Invented: the child sleeps at friends' homes to be away from it."},
    {"N1", "18C",
     "Invented: bruises on the upper arm and two different accounts of them.",
     "Invented: flinches when adults raise their voice."},
    {"N6", "10A",
     "Invented: missing from home three times this month, back with new "
     "things.",
     "Invented: older young people may be using the child."},
    {"N2", "6A",
     "Invented: a child with complex needs; the parents can no longer cope.",
     "Invented: hospital visits were missed and equipment is broken."},
    {"N1", "15A",
     "Invented: the child told a member of staff about harming themselves.",
     "Invented: risk of more serious harm without help at home."},
}};

constexpr std::array kVoices = {"Invented: I do not like it when they shout.",
                                "Invented: I want my mum to get better.",
                                "Invented: I feel safe at school, not at home.",
                                "Invented: I just want it to stop."};
constexpr std::array kHistories = {
    "Invented: two earlier reports, both closed with advice.",
    "Invented: known to us since the last school year.",
    "Invented: an early help plan ended in the spring."};
constexpr std::array kProtects = {
    "Invented: a grandparent lives near and helps every day.",
    "Invented: good attendance and a trusted teacher.",
    "Invented: the other parent left the home at once."};
constexpr std::array kHelp = {
    "Invented: please see the child this week.",
    "Invented: an assessment of the home.",
    "Invented: support for the parent's mental health."};

// Fills one form; the same seed says the same.
class Writer {
 public:
  Writer(const People& people, const PlannedForm& plan)
      : people_(people),
        plan_(plan),
        habits_(HabitsOf(plan.agency)),
        random_(plan.seed),
        theme_(random_.Of(kThemes)) {}

  void Write(pb::ContactForm& form) {
    form.set_source(plan_.source);
    form.set_channel(random_.Percent(70) ? pb::CHANNEL_SYSTEM
                                         : pb::CHANNEL_FORM);
    form.mutable_referrer()->set_person_name("Test-Referrer " + plan_.agency);
    form.mutable_referrer()->set_role(plan_.agency);
    form.set_parents_informed(random_.Percent(60) ? pb::ANSWER_YES
                                                  : pb::ANSWER_NO);
    form.set_safe_to_inform_parents(random_.Percent(75) ? pb::ANSWER_YES
                                                        : pb::ANSWER_NOT_KNOWN);
    form.set_immediate_danger(plan_.level == 4 && random_.Percent(12)
                                  ? pb::ANSWER_YES
                                  : pb::ANSWER_NO);
    if (!plan_.grading.empty()) WritePolice(*form.mutable_police());
    WriteConcern(*form.mutable_concern());
    WriteConsent(*form.mutable_consent());
    for (const PlannedContact& contact : plan_.contacts) {
      WriteChild(contact, *form.add_children());
    }
    if (random_.Percent(habits_.household)) WriteHousehold(form);
  }

 private:
  void WritePolice(pb::PoliceReport& police) {
    police.set_incident_number("Test-" + plan_.request_id);
    police.set_risk_grading(plan_.grading);
    police.set_custody(pb::ANSWER_NO);
  }

  void WriteConcern(pb::Concern& concern) {
    concern.set_text(random_.Percent(habits_.detail)
                         ? theme_.text
                         : "Invented: worried, please call.");
    if (random_.Percent(habits_.need)) concern.set_primary_need(theme_.need);
    if (random_.Percent(60)) concern.add_factors(theme_.factor);
    concern.set_level_of_need(plan_.level);
    if (random_.Percent(habits_.analysis)) concern.set_analysis(theme_.impact);
    if (random_.Percent(habits_.history)) {
      concern.set_history(random_.Of(kHistories));
    }
    if (random_.Percent(habits_.protective)) {
      concern.set_protective_factors(random_.Of(kProtects));
    }
    if (random_.Percent(habits_.help)) {
      concern.set_requested_help(random_.Of(kHelp));
    }
  }

  void WriteConsent(pb::Consent& consent) const {
    switch (plan_.consent) {
      case Consent::kObtained:
        consent.set_kind(pb::CONSENT_KIND_OBTAINED);
        consent.set_from_whom("mother");
        break;
      case Consent::kRefused:
        consent.set_kind(pb::CONSENT_KIND_REFUSED);
        consent.set_from_whom("father");
        break;
      case Consent::kDispensedWith:
        consent.set_kind(pb::CONSENT_KIND_DISPENSED_WITH);
        consent.set_reason("Invented: asking would put the child at risk.");
        break;
      case Consent::kNotSought:
        consent.set_kind(pb::CONSENT_KIND_NOT_SOUGHT);
        consent.set_reason("Invented: nobody could be reached.");
        break;
      case Consent::kUnsaid:
        break;
    }
  }

  void WriteChild(const PlannedContact& contact, pb::Child& to) {
    const Child& child = people_.children()[contact.child];
    const Family& family = people_.families()[child.family];
    to.set_given_name(child.given_name);
    to.set_family_name(child.family_name);
    if (child.born) to.set_date_of_birth(FormatDate(*child.born));
    if (child.expected) {
      to.set_expected_date_of_birth(FormatDate(*child.expected));
    }
    to.set_sex(child.sex);
    to.set_ethnicity(child.ethnicity);
    to.mutable_address()->add_lines(family.address_line);
    to.mutable_address()->set_postcode(family.postcode);
    if (contact.number == Number::kWrong) {
      to.set_nhs_number(WrongNhsNumber(child.nhs_number));
    } else if (contact.number == Number::kRight) {
      to.set_nhs_number(child.nhs_number);
      if (plan_.agency == "school") to.set_upn(child.upn);
    }
    if (random_.Percent(habits_.voice)) WriteVoice(child, *to.mutable_voice());
  }

  void WriteVoice(const Child& child, pb::Voice& voice) {
    const Date day = CivilDate(plan_.received);
    const bool small = !child.born || AddMonths(*child.born, 36) > day;
    if (small) {
      voice.set_kind(pb::VOICE_KIND_OBSERVED);
      voice.set_text("Invented: looked tired, clung to the carer.");
    } else if (random_.Percent(20)) {
      voice.set_kind(pb::VOICE_KIND_NOT_OBTAINED);
      voice.set_reason("Invented: a parent was in the room.");
    } else {
      voice.set_kind(random_.Percent(70) ? pb::VOICE_KIND_OWN_WORDS
                                         : pb::VOICE_KIND_THROUGH_ADULT);
      voice.set_text(random_.Of(kVoices));
    }
  }

  void WriteHousehold(pb::ContactForm& form) const {
    const Child& child = people_.children()[plan_.contacts.front().child];
    for (const Adult& adult : people_.families()[child.family].adults) {
      pb::HouseholdMember& member = *form.add_household();
      member.set_given_name(adult.given_name);
      member.set_family_name(adult.family_name);
      member.set_date_of_birth(FormatDate(adult.born));
      member.set_relationship(adult.relationship);
    }
  }

  const People& people_;
  const PlannedForm& plan_;
  const Habits& habits_;
  Random random_;
  const Theme& theme_;
};

google::protobuf::Timestamp ToTimestamp(Instant instant) {
  return TimeUtil::MicrosecondsToTimestamp(ToMicros(instant));
}

pb::Decision ToDecision(Outcome outcome) {
  switch (outcome) {
    case Outcome::kNoFurtherAction:
      return pb::DECISION_NO_FURTHER_ACTION;
    case Outcome::kInformationAndAdvice:
      return pb::DECISION_INFORMATION_AND_ADVICE;
    case Outcome::kEarlyHelp:
      return pb::DECISION_EARLY_HELP;
    case Outcome::kReferral:
      return pb::DECISION_REFERRAL;
    case Outcome::kJoinsOpenEpisode:
      return pb::DECISION_JOINS_OPEN_EPISODE;
    case Outcome::kUndecided:
      break;
  }
  return pb::DECISION_UNSPECIFIED;
}

const char* RationaleOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kReferral:
      return "Invented: significant harm is likely without help.";
    case Outcome::kEarlyHelp:
      return "Invented: needs help, and the family agrees to it.";
    case Outcome::kJoinsOpenEpisode:
      return "Invented: news for the worker of the open episode.";
    case Outcome::kInformationAndAdvice:
      return "Invented: the referrer has the means; advice was given.";
    default:
      return "Invented: below the threshold, other support is in place.";
  }
}

std::string IdOf(const PlannedForm& form, std::size_t contact,
                 const char* what) {
  return form.request_id + "-" + std::to_string(contact) + "-" + what;
}

}  // namespace

pb::StepDown StepDownWith(const std::vector<std::string>& agencies) {
  pb::StepDown step_down;
  for (const std::string& agency : agencies) {
    pb::AgencyView& view = *step_down.add_agency_views();
    view.set_agency(agency);
    view.set_view("Invented: we agree, and go on seeing the family.");
    view.set_agrees(true);
  }
  step_down.set_evidence_of_sustained_change(
      "Invented: three months without a new concern.");
  step_down.set_contingency("Invented: the school calls us the same day.");
  return step_down;
}

pb::SubmitContactRequest SubmitRequest(const People& people,
                                       const PlannedForm& form,
                                       Received received) {
  pb::SubmitContactRequest request;
  request.set_area(kArea);
  request.set_request_id(form.request_id);
  Writer(people, form).Write(*request.mutable_form());
  if (received == Received::kAsPlanned) {
    *request.mutable_form()->mutable_received_time() =
        ToTimestamp(form.received);
  }
  return request;
}

pb::DecideContactRequest DecideRequest(const PlannedForm& form,
                                       std::size_t contact,
                                       const std::string& contact_id) {
  const PlannedContact& plan = form.contacts[contact];
  pb::DecideContactRequest request;
  request.set_area(kArea);
  request.set_request_id(IdOf(form, contact, "decide"));
  request.set_contact_id(contact_id);
  request.set_decision(ToDecision(plan.outcome));
  request.set_rationale(RationaleOf(plan.outcome));
  *request.mutable_decided_time() = ToTimestamp(*plan.decided);
  if (plan.needs_threshold_decision) {
    request.set_threshold_decision(
        "Invented: without consent the threshold is not met.");
  }
  if (plan.needs_triage_decision) {
    request.set_triage_decision(
        "Invented: looked at with police and health; Test-Triage Lead.");
  }
  return request;
}

}  // namespace seawall::demo
