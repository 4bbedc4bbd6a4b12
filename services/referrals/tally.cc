#include "services/referrals/tally.h"

#include <algorithm>

namespace seawall::referrals {
namespace {

using Groups = std::vector<std::pair<std::string, std::string>>;

// "2 years or more" is more than 729 days, the day of cessation included.
// Source: local authority interactive tool.
constexpr std::chrono::days kTwoYears{729};

void Add(Tally& tally, const char* family, Date date, Groups groups = {},
         std::int64_t by = 1) {
  if (by != 0) tally[{family, date, false, std::move(groups)}] += by;
}

void AddAssessments(const Journey& journey, Tally& tally) {
  if (!journey.assessments.empty() && journey.referral_date) {
    Add(tally, "referrals_assessed", *journey.referral_date);
  }
  for (const Assessment& one : journey.assessments) {
    Add(tally, "assessments_started", one.start);
    if (!one.authorised) continue;
    Add(tally, "assessments", *one.authorised);
    if (one.seen) Add(tally, "assessments_child_seen", *one.authorised);
    if (one.outcome == "NO_FURTHER_ACTION") {
      Add(tally, "assessments_no_further_action", *one.authorised);
    }
    for (const std::string& factor : one.factors) {
      Add(tally, "assessment_factors", *one.authorised, {{"factor", factor}});
    }
  }
}

void AddEnquiries(const Journey& journey, Tally& tally) {
  for (const Enquiry& one : journey.enquiries) {
    Add(tally, "section_47_started", one.start);
    if (!one.completed) continue;
    Add(tally, "section_47_enquiries", *one.completed);
    if (one.ConferenceCalled()) {
      Add(tally, "section_47_to_conference", *one.completed);
    }
  }
  for (const Conference& one : journey.conferences) {
    if (one.enquiry_id.empty()) {
      Add(tally, "transfer_in_conferences", one.date);
      continue;
    }
    Add(tally, "conferences", one.date);
    if (one.outcome == "PROTECTION_PLAN") {
      Add(tally, "conferences_to_plan", one.date);
    }
  }
}

void AddSpans(const std::vector<Span>& spans, const char* started,
              const char* ended, Tally& tally) {
  for (const Span& one : spans) {
    Add(tally, started, one.start);
    if (one.end) Add(tally, ended, *one.end);
  }
}

void AddPlans(const Journey& journey, Tally& tally) {
  for (const ProtectionPlan& one : journey.protection_plans) {
    const Groups category = {{"category", one.initial_category}};
    Add(tally, "protection_plans_started", one.start, category);
    if (one.previous > 0) {
      Add(tally, "repeat_protection_plans", one.start, category);
    }
    if (!one.end) continue;
    Add(tally, "protection_plans_ended", *one.end, category);
    if (*one.end - one.start + std::chrono::days(1) > kTwoYears) {
      Add(tally, "protection_plans_over_two_years", *one.end, category);
    }
  }
  AddSpans(journey.child_in_need_plans, "child_in_need_plans_started",
           "child_in_need_plans_ended", tally);
  AddSpans(journey.early_help, "early_help_started", "early_help_ended", tally);
}

void AddClosing(const Journey& journey, Tally& tally) {
  if (!journey.closing) return;
  const Closing& closing = *journey.closing;
  const Groups groups = {{"closure_reason", closing.reason},
                         {"team", closing.team}};
  Add(tally, "closures", closing.date, groups);
  if (!closing.evidenced) {
    Add(tally, "closures_without_evidence", closing.date, groups);
  }
  if (closing.returned) Add(tally, "closures_returned", closing.date, groups);
}

void AddEscalations(const Journey& journey, Tally& tally) {
  for (const Escalation& one : journey.escalations) {
    Add(tally, "escalations", one.raised, {{"agency", one.agency}});
    if (!one.resolved) continue;
    const Groups groups = {{"agency", one.agency},
                           {"escalation_outcome", one.outcome}};
    Add(tally, "escalations_resolved", *one.resolved, groups);
    Add(tally, "escalation_days", *one.resolved, groups,
        (*one.resolved - one.raised).count());
    if (one.outcome == "UPHELD") {
      Add(tally, "escalations_upheld", *one.resolved, {{"agency", one.agency}});
    }
  }
}

// The stage at which a step should tell how the child's voice was heard; null
// for the others.
const char* VoiceStage(StepKind kind) {
  switch (kind) {
    case StepKind::kTriageDecided:
      return "TRIAGE";
    case StepKind::kAssessmentAuthorised:
      return "ASSESSMENT";
    case StepKind::kSection47Completed:
      return "SECTION_47";
    case StepKind::kConferenceHeld:
      return "CONFERENCE";
    case StepKind::kProtectionPlanReviewed:
      return "REVIEW";
    case StepKind::kProtectionPlanEnded:
    case StepKind::kChildInNeedPlanEnded:
    case StepKind::kEarlyHelpEnded:
      return "STEP_DOWN";
    case StepKind::kEpisodeClosed:
      return "CLOSURE";
    default:
      return nullptr;
  }
}

void AddSteps(const Journey& journey, Tally& tally) {
  for (const Step& step : journey.steps) {
    if (step.is_void) continue;
    if (step.kind == StepKind::kTriageOpened) Add(tally, "triages", step.date);
    if (step.kind == StepKind::kContributed) {
      Add(tally, "contributions", step.date, {{"agency", step.agency}});
      if (step.Has("DISSENT")) {
        Add(tally, "dissents", step.date, {{"agency", step.agency}});
      }
    }
    if (step.kind == StepKind::kTriageDecided) {
      // Decided outside of triage, a contact may have no level.
      Groups level;
      if (step.level != 0) {
        level = {{"triage_level", std::to_string(step.level)}};
      }
      Add(tally, "triage_decisions", step.date, std::move(level));
      if (IsBelowThreshold(Named<Decision>(step.outcome))) {
        Add(tally, "triage_decisions_below_threshold", step.date);
      }
    }
    const char* stage = VoiceStage(step.kind);
    if (stage == nullptr) continue;
    // These are the steps that decide something, so each has its reason.
    Add(tally, "journey_decisions", step.date);
    if (!step.Has("RATIONALE")) {
      Add(tally, "journey_decisions_without_rationale", step.date);
    }
    Add(tally, "voice_expected", step.date, {{"stage", stage}});
    if (step.voice != VoiceHeard::kUnspecified) {
      Add(tally, "voice_recorded", step.date, {{"stage", stage}});
    }
  }
}

void AddClocks(const std::vector<ClockState>& clocks, Tally& tally) {
  for (const ClockState& one : clocks) {
    if (!one.stopped) {
      tally[{"open_" + one.clock, one.due_date(), true}]++;
      continue;
    }
    const Date stopped = CivilDate(*one.stopped);
    tally[{"stopped_" + one.clock, stopped}]++;
    if (one.in_time()) tally[{"in_time_" + one.clock, stopped}]++;
  }
}

// `contact` is of the subject's own agency, need and age.
void CountMark(const std::string& family, const std::string& day, bool is_due,
               const Groups& groups, std::int64_t by,
               const pb::Dimensions& contact, counters::Increments& to) {
  const auto add = [&](std::string_view group, std::string_view value) {
    if (is_due) {
      counters::AddStock(to, family, day, group, value, by);
    } else if (group.empty()) {
      counters::AddFlow(to, family, day, by);
    } else {
      counters::AddFlow(to, family, day, group, value, by);
    }
  };
  add("", "");
  bool own_agency = false;
  for (const auto& [group, value] : groups) {
    add(group, value.empty() ? "unknown" : value);
    own_agency = own_agency || group == "agency";
  }
  if (!own_agency) {
    add("agency", contact.agency());
    add("agency_group", contact.agency_group());
  }
  add("need", contact.need());
  add("age_band", contact.age_band());
}

}  // namespace

Tally TallyOf(const Journey& journey, const std::vector<ClockState>& clocks) {
  Tally tally;
  AddAssessments(journey, tally);
  AddEnquiries(journey, tally);
  AddPlans(journey, tally);
  AddClosing(journey, tally);
  AddEscalations(journey, tally);
  AddSteps(journey, tally);
  AddClocks(clocks, tally);
  return tally;
}

Tally Difference(const Tally& after, const Tally& before) {
  Tally difference = after;
  for (const auto& [key, count] : before) {
    if ((difference[key] -= count) == 0) difference.erase(key);
  }
  return difference;
}

void AddMarks(const Tally& tally, Marks& to) {
  for (const auto& [key, by] : tally) {
    pb::Mark& mark = *to.Add();
    mark.set_family(key.family);
    mark.set_date(FormatDate(key.date));
    mark.set_is_due(key.is_due);
    for (const auto& [group, value] : key.groups) {
      mark.add_groups(group);
      mark.add_groups(value);
    }
    mark.set_by(by);
  }
}

void CountMarks(const Marks& marks, const pb::Dimensions& dimensions,
                counters::Increments& to) {
  for (const pb::Mark& mark : marks) {
    Groups groups;
    for (int i = 0; i + 1 < mark.groups_size(); i += 2) {
      groups.emplace_back(mark.groups(i), mark.groups(i + 1));
    }
    CountMark(mark.family(), mark.date(), mark.is_due(), groups, mark.by(),
              dimensions, to);
  }
}

void CountTally(const Tally& tally, const pb::Dimensions& dimensions,
                counters::Increments& to) {
  for (const auto& [key, by] : tally) {
    CountMark(key.family, FormatDate(key.date), key.is_due, key.groups, by,
              dimensions, to);
  }
}

}  // namespace seawall::referrals
