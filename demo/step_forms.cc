#include "demo/step_forms.h"

#include <array>

#include "demo/forms.h"
#include "demo/random.h"

namespace seawall::demo {
namespace {

namespace pb = referrals::v1;

// Who meets about a child, beside the council that records it.
constexpr std::array kPresent = {"police", "health-visitor", "school"};
constexpr char kCouncil[] = "frontdoor";

constexpr std::array kFactors = {"3B", "4B",  "16A", "2B", "18C",
                                 "1B", "10A", "6A",  "15A"};
constexpr std::array kVoices = {
    "Invented: I want to stay with my mum and for it to be quiet.",
    "Invented: it is better since he does not come any more.",
    "Invented: I can sleep now.", "Invented: I still worry at night."};

std::string IdOf(const PlannedForm& form, const Pathway& pathway,
                 const std::string& what) {
  return form.request_id + "-" + std::to_string(pathway.contact) + "-" + what;
}

pb::Voice VoiceOf(Random& random) {
  pb::Voice voice;
  if (random.Percent(8)) {
    voice.set_kind(pb::VOICE_KIND_NOT_OBTAINED);
    voice.set_reason("Invented: the child did not want to speak today.");
  } else {
    voice.set_kind(random.Percent(75) ? pb::VOICE_KIND_OWN_WORDS
                                      : pb::VOICE_KIND_OBSERVED);
    voice.set_text(random.Of(kVoices));
  }
  return voice;
}

// The agencies whose view is asked when something ends: the referrer, and
// whoever was present before.
std::vector<std::string> Involved(const PlannedForm& form,
                                  const Pathway& pathway) {
  std::vector<std::string> agencies = {form.agency};
  const bool met = std::any_of(
      pathway.steps.begin(), pathway.steps.end(),
      [](const PlannedStep& step) { return step.act == Act::kDiscuss; });
  if (!met) return agencies;
  for (const char* agency : kPresent) {
    if (agency != form.agency) agencies.push_back(agency);
  }
  return agencies;
}

template <class Message>
void AddPresent(Message& to) {
  to.add_present(kCouncil);
  for (const char* agency : kPresent) to.add_present(agency);
}

class Writer {
 public:
  Writer(const PlannedForm& form, const Pathway& pathway,
         const PlannedStep& step, Random& random)
      : form_(form), pathway_(pathway), step_(step), random_(random) {}

  void Write(pb::RecordStepRequest& request);

 private:
  void WriteAssessment(pb::AuthoriseAssessment& said);
  void WriteDiscussion(pb::HoldStrategyDiscussion& said);
  void WritePlan(pb::RecordStepRequest& request);
  pb::StepDown StepDown() const {
    return StepDownWith(Involved(form_, pathway_));
  }

  const PlannedForm& form_;
  const Pathway& pathway_;
  const PlannedStep& step_;
  Random& random_;
};

void Writer::Write(pb::RecordStepRequest& request) {
  switch (step_.act) {
    case Act::kStartAssessment:
      request.mutable_start_assessment();
      return;
    case Act::kSeeChild:
      request.mutable_see_child();
      return;
    case Act::kAuthorise:
      return WriteAssessment(*request.mutable_authorise_assessment());
    case Act::kDiscuss:
      return WriteDiscussion(*request.mutable_hold_strategy_discussion());
    case Act::kSendMinutes:
      for (const char* agency : kPresent) {
        request.mutable_send_minutes()->add_agencies(agency);
      }
      return;
    case Act::kCompleteEnquiry:
      request.mutable_complete_section_47()->set_outcome(step_.code);
      return;
    case Act::kConfer:
      request.mutable_hold_conference()->set_outcome(step_.code);
      AddPresent(*request.mutable_hold_conference());
      return;
    default:
      return WritePlan(request);
  }
}

void Writer::WritePlan(pb::RecordStepRequest& request) {
  switch (step_.act) {
    case Act::kStartProtection:
      request.mutable_start_protection_plan()->set_category(step_.code);
      request.mutable_start_protection_plan()->set_previous_plans(
          step_.previous_plans);
      return;
    case Act::kCoreGroup:
      request.mutable_hold_core_group();
      return;
    case Act::kVisit:
      request.mutable_visit_child()->set_seen(true);
      request.mutable_visit_child()->set_seen_alone(random_.Percent(70));
      return;
    case Act::kReview:
      AddPresent(*request.mutable_review_protection_plan());
      return;
    case Act::kEndProtection:
      *request.mutable_end_protection_plan()->mutable_step_down() = StepDown();
      return;
    case Act::kStartNeedPlan:
      request.mutable_start_child_in_need_plan();
      return;
    case Act::kEndNeedPlan:
      *request.mutable_end_child_in_need_plan()->mutable_step_down() =
          StepDown();
      return;
    case Act::kStartEarlyHelp:
      request.mutable_start_early_help();
      return;
    case Act::kEndEarlyHelp:
      *request.mutable_end_early_help()->mutable_step_down() = StepDown();
      return;
    default:
      return;
  }
}

void Writer::WriteAssessment(pb::AuthoriseAssessment& said) {
  said.set_outcome(step_.code);
  if (step_.code == "NO_FURTHER_ACTION" && random_.Percent(30)) {
    said.add_factors("21");
    return;
  }
  const int first = random_.Below(static_cast<int>(kFactors.size()));
  const int count = random_.Between(1, 3);
  for (int i = 0; i < count; ++i) {
    said.add_factors(kFactors[(first + 2 * i) % kFactors.size()]);
  }
}

void Writer::WriteDiscussion(pb::HoldStrategyDiscussion& said) {
  said.set_begins_section_47(true);
  AddPresent(said);
  pb::SafetyAction& action = *said.add_interim_safety_plan();
  action.set_action("Invented: a grandparent stays in the home this week.");
  action.set_owner("p-demo-worker");
  if (form_.agency == kPresent[0] || form_.agency == kPresent[1] ||
      form_.agency == kPresent[2]) {
    return;
  }
  pb::Absence& absence = *said.add_absences();
  absence.set_agency(form_.agency);
  absence.set_reason("Invented: could not come at short notice.");
}

const char* TeamOf(Act act) {
  return act <= Act::kAuthorise ? "ASSESSMENT" : "SAFEGUARDING";
}

}  // namespace

pb::RecordStepRequest StepRequest(const PlannedForm& form,
                                  const Pathway& pathway, std::size_t step,
                                  const std::string& episode_id) {
  const PlannedStep& planned = pathway.steps[step];
  Random random(form.seed + 1000 * pathway.contact + step);
  pb::RecordStepRequest request;
  request.set_area(kArea);
  request.set_request_id(IdOf(form, pathway, "step" + std::to_string(step)));
  request.set_episode_id(episode_id);
  request.set_happened_date(FormatDate(planned.date));
  request.set_team(TeamOf(planned.act));
  if (!random.Percent(3)) {
    request.set_rationale("Invented: agreed with those who know the child.");
  }
  const bool ends = planned.act == Act::kEndProtection ||
                    planned.act == Act::kEndNeedPlan ||
                    planned.act == Act::kEndEarlyHelp;
  if (ends || random.Percent(88)) *request.mutable_voice() = VoiceOf(random);
  Writer(form, pathway, planned, random).Write(request);
  return request;
}

pb::CloseEpisodeRequest CloseRequest(const PlannedForm& form,
                                     const Pathway& pathway,
                                     const std::string& episode_id) {
  Random random(form.seed + 1000 * pathway.contact);
  pb::CloseEpisodeRequest request;
  request.set_area(kArea);
  request.set_request_id(IdOf(form, pathway, "close"));
  request.set_episode_id(episode_id);
  request.set_reason(pathway.closure_reason);
  request.set_closed_date(FormatDate(*pathway.closed));
  request.set_team(pathway.closure_reason == "RC8" ? "ASSESSMENT"
                                                   : "SAFEGUARDING");
  request.set_rationale("Invented: the home is safe, and stays so.");
  *request.mutable_voice() = VoiceOf(random);
  *request.mutable_step_down() = StepDownWith(Involved(form, pathway));
  return request;
}

}  // namespace seawall::demo
