#include "services/referrals/journey.h"

#include <algorithm>

namespace seawall::referrals {
namespace {

// The last thing with the id, or the last one open.
template <class Thing, class Open>
Thing* Last(std::vector<Thing>& things, const std::string& id, Open open) {
  for (auto thing = things.rbegin(); thing != things.rend(); ++thing) {
    if (id.empty() ? open(*thing) : thing->id == id) return &*thing;
  }
  return nullptr;
}

void Remove(std::vector<std::string>& from, const std::string& what) {
  from.erase(std::remove(from.begin(), from.end(), what), from.end());
}

void ApplyTriage(Journey& journey, const Step& step) {
  if (step.kind == StepKind::kTriageOpened) {
    journey.triage = Triage{.asked = step.codes};
    return;
  }
  if (!journey.triage) return;
  Triage& triage = *journey.triage;
  switch (step.kind) {
    case StepKind::kTriageDecided:
      triage.level = step.level;
      triage.decision = Named<Decision>(step.outcome);
      triage.decided_by = step.recorded_by;
      triage.signed_off = false;
      triage.awaiting.clear();
      if (IsBelowThreshold(triage.decision)) triage.awaiting = triage.asked;
      break;
    case StepKind::kSignedOff:
      triage.signed_off = true;
      break;
    case StepKind::kDecisionAgreed:
    case StepKind::kEscalationRaised:
      Remove(triage.awaiting, step.agency);
      break;
    default:
      break;
  }
}

void ApplyEscalation(Journey& journey, const Step& step) {
  if (step.kind == StepKind::kEscalationRaised) {
    journey.escalations.push_back(
        {step.thing_id, step.agency, step.about, step.date});
    return;
  }
  if (step.kind != StepKind::kEscalationAnswered) return;
  Escalation* escalation = FindEscalation(journey, step.thing_id);
  if (escalation == nullptr) return;
  if (step.outcome == "UNRESOLVED") {
    escalation->stage++;
  } else {
    escalation->resolved = step.date;
    escalation->outcome = step.outcome;
  }
}

void ApplyAssessment(Journey& journey, const Step& step) {
  if (step.kind == StepKind::kAssessmentStarted) {
    journey.assessments.push_back({step.thing_id, step.date});
    return;
  }
  Assessment* assessment = FindAssessment(journey, step.thing_id);
  if (assessment == nullptr) return;
  if (step.kind == StepKind::kChildSeen && !assessment->seen) {
    assessment->seen = step.date;
  } else if (step.kind == StepKind::kAssessmentReviewed) {
    assessment->reviewed = step.date;
  } else if (step.kind == StepKind::kAssessmentAuthorised) {
    assessment->authorised = step.date;
    assessment->factors = step.codes;
    assessment->outcome = step.outcome;
  }
}

void ApplyEnquiry(Journey& journey, const Step& step) {
  if (step.kind == StepKind::kStrategyDiscussionHeld) {
    if (step.Has("SECTION_47")) {
      journey.enquiries.push_back({.id = step.thing_id,
                                   .start = step.date,
                                   .from_census = step.Has("IMPORTED"),
                                   .target = ParseDate(step.about)});
    }
  } else if (step.kind == StepKind::kSection47Completed) {
    if (Enquiry* enquiry = FindEnquiry(journey, step.thing_id)) {
      enquiry->completed = step.date;
      enquiry->outcome = step.outcome;
    }
  } else if (step.kind == StepKind::kConferenceHeld) {
    journey.conferences.push_back(
        {step.thing_id, step.about, step.date, step.outcome});
    if (step.about.empty()) return;
    if (Enquiry* enquiry = FindEnquiry(journey, step.about)) {
      enquiry->conference = step.date;
    }
  }
}

void ApplyPlan(Journey& journey, const Step& step) {
  if (step.kind == StepKind::kProtectionPlanStarted) {
    // A census may tell a later category without the review that found it.
    journey.protection_plans.push_back(
        {.id = step.thing_id,
         .start = step.date,
         .initial_category = step.outcome,
         .latest_category =
             step.codes.empty() ? step.outcome : step.codes.front(),
         .previous = step.level});
    return;
  }
  ProtectionPlan* plan = FindPlan(journey, step.thing_id);
  if (plan == nullptr) return;
  switch (step.kind) {
    case StepKind::kProtectionPlanReviewed:
      plan->reviews.push_back(step.date);
      if (!step.outcome.empty()) plan->latest_category = step.outcome;
      break;
    case StepKind::kChildVisited:
      plan->last_visit = step.date;
      plan->last_seen_alone = step.Has("ALONE");
      break;
    case StepKind::kProtectionPlanEnded:
      plan->end = step.date;
      break;
    default:
      break;
  }
}

void ApplySpan(std::vector<Span>& spans, bool starts, const Step& step) {
  if (starts) {
    spans.push_back({step.thing_id, step.date});
  } else if (Span* span = FindSpan(spans, step.thing_id)) {
    span->end = step.date;
  }
}

void ApplyClosing(Journey& journey, const Step& step) {
  if (step.kind == StepKind::kEpisodeClosed) {
    journey.closing = Closing{.step = step.number,
                              .date = step.date,
                              .reason = step.outcome,
                              .team = step.team,
                              .agency = step.agency,
                              .no_further_action = step.Has("NFA"),
                              .evidenced = step.Has("EVIDENCED")};
  } else if (step.kind == StepKind::kReturned && journey.closing) {
    journey.closing->returned = true;
  }
}

void Apply(Journey& journey, const Step& step) {
  ApplyTriage(journey, step);
  switch (step.kind) {
    case StepKind::kEscalationRaised:
    case StepKind::kEscalationAnswered:
      return ApplyEscalation(journey, step);
    case StepKind::kAssessmentStarted:
    case StepKind::kChildSeen:
    case StepKind::kAssessmentReviewed:
    case StepKind::kAssessmentAuthorised:
      return ApplyAssessment(journey, step);
    case StepKind::kStrategyDiscussionHeld:
    case StepKind::kSection47Completed:
    case StepKind::kConferenceHeld:
      return ApplyEnquiry(journey, step);
    case StepKind::kProtectionPlanStarted:
    case StepKind::kProtectionPlanReviewed:
    case StepKind::kChildVisited:
    case StepKind::kProtectionPlanEnded:
      return ApplyPlan(journey, step);
    case StepKind::kChildInNeedPlanStarted:
    case StepKind::kChildInNeedPlanEnded:
      return ApplySpan(journey.child_in_need_plans,
                       step.kind == StepKind::kChildInNeedPlanStarted, step);
    case StepKind::kEarlyHelpStarted:
    case StepKind::kEarlyHelpEnded:
      return ApplySpan(journey.early_help,
                       step.kind == StepKind::kEarlyHelpStarted, step);
    case StepKind::kEpisodeClosed:
    case StepKind::kReturned:
      return ApplyClosing(journey, step);
    default:
      return;
  }
}

}  // namespace

Journey Fold(const Subject& subject, std::vector<Step> steps) {
  Journey journey;
  journey.subject_id = subject.id;
  journey.referral_date = subject.referral_date;
  journey.source = subject.source;
  journey.need = subject.need;
  for (const Step& step : steps) {
    if (!step.is_void) Apply(journey, step);
  }
  journey.steps = std::move(steps);
  return journey;
}

bool IsBelowThreshold(Decision decision) {
  return decision == Decision::kNoFurtherAction ||
         decision == Decision::kInformationAndAdvice ||
         decision == Decision::kEarlyHelp;
}

Assessment* FindAssessment(Journey& journey, const std::string& id) {
  return Last(journey.assessments, id,
              [](const Assessment& one) { return !one.authorised; });
}

Enquiry* FindEnquiry(Journey& journey, const std::string& id) {
  return Last(journey.enquiries, id,
              [](const Enquiry& one) { return one.Open(); });
}

ProtectionPlan* FindPlan(Journey& journey, const std::string& id) {
  return Last(journey.protection_plans, id,
              [](const ProtectionPlan& one) { return !one.end; });
}

Span* FindSpan(std::vector<Span>& spans, const std::string& id) {
  return Last(spans, id, [](const Span& one) { return !one.end; });
}

Escalation* FindEscalation(Journey& journey, const std::string& id) {
  return Last(journey.escalations, id,
              [](const Escalation& one) { return !one.resolved; });
}

}  // namespace seawall::referrals
