#include "services/referrals/pathway.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <map>

namespace seawall::referrals {
namespace {

using census::ChildRecord;
using census::Column;
using census::Row;
using census::Table;

// ---- rows of the census ----

class Rows {
 public:
  Rows(ChildRecord& record, const Journey& journey)
      : record_(record), journey_(journey) {}

  void Add() {
    Row& row = New(Table::kCINdetails);
    row.Set(Column::kCINreferralDate, *journey_.referral_date);
    row.Set(Column::kReferralSource, journey_.source);
    row.Set(Column::kPrimaryNeedCode, journey_.need);
    const bool nfa = journey_.closing && journey_.closing->no_further_action;
    row.Set(Column::kReferralNFA, nfa ? "1" : "0");
    // A referral with no further action needs no closure.
    if (journey_.closing && !(nfa && journey_.closing->reason.empty())) {
      row.Set(Column::kCINclosureDate, journey_.closing->date);
      row.Set(Column::kReasonForClosure, journey_.closing->reason);
    }
    for (const Conference& one : journey_.conferences) {
      if (one.enquiry_id.empty()) row.Set(Column::kDateOfInitialCPC, one.date);
    }
    for (const Assessment& one : journey_.assessments) Add(one);
    for (const Enquiry& one : journey_.enquiries) Add(one);
    for (const ProtectionPlan& one : journey_.protection_plans) Add(one);
    for (const Span& one : journey_.child_in_need_plans) {
      Row& plan = New(Table::kCINplanDates);
      plan.Set(Column::kCINPlanStartDate, one.start);
      if (one.end) plan.Set(Column::kCINPlanEndDate, *one.end);
    }
  }

 private:
  Row& New(Table table) {
    Row& row = record_.Add(table);
    row.Set(Column::kLAchildID, "CHILD");
    row.Set(Column::kCINdetailsID, journey_.subject_id);
    return row;
  }

  void Add(const Assessment& one) {
    Row& row = New(Table::kAssessments);
    row.Set(Column::kAssessmentID, one.id);
    row.Set(Column::kAssessmentActualStartDate, one.start);
    if (one.reviewed) {
      row.Set(Column::kAssessmentInternalReviewDate, *one.reviewed);
    }
    if (one.authorised) {
      row.Set(Column::kAssessmentAuthorisationDate, *one.authorised);
    }
    row.Set(Column::kAssessmentFactors, absl::StrJoin(one.factors, ","));
  }

  void Add(const Enquiry& one) {
    Row& row = New(Table::kSection47);
    row.Set(Column::kS47ActualStartDate, one.start);
    if (one.conference) row.Set(Column::kDateOfInitialCPC, *one.conference);
    const bool not_required = one.completed && !one.ConferenceCalled();
    row.Set(Column::kICPCnotRequired, not_required ? "1" : "0");
  }

  void Add(const ProtectionPlan& one) {
    Row& row = New(Table::kChildProtectionPlans);
    row.Set(Column::kCPPID, one.id);
    row.Set(Column::kCPPstartDate, one.start);
    if (one.end) row.Set(Column::kCPPendDate, *one.end);
    row.Set(Column::kInitialCategoryOfAbuse, one.initial_category);
    row.Set(Column::kLatestCategoryOfAbuse, one.latest_category);
    row.Set(Column::kNumberOfPreviousCPP, std::to_string(one.previous));
    for (const Date& review : one.reviews) {
      Row& line = New(Table::kReviews);
      line.Set(Column::kCPPID, one.id);
      line.Set(Column::kCPPreviewDate, review);
    }
  }

  ChildRecord& record_;
  const Journey& journey_;
};

// ---- what a step is about ----

Error Invalid(const char* reason, std::string message, const char* field,
              const char* what) {
  return Error{
      Code::kInvalidArgument, reason, std::move(message), {{field, what}}};
}

Error NotOpen(const char* what, const char* field) {
  return Error{Code::kFailedPrecondition,
               "NOT_OPEN",
               std::string("this episode has no such ") + what + " open",
               {{field, "none open, or not of this episode"}}};
}

// The part of a journey that a step needs, and when that began.
struct Needed {
  bool found = false;
  std::string id;
  Date since;
};

template <class Thing>
Needed NeededOf(const Thing* thing, bool open) {
  if (thing == nullptr || !open) return {};
  return {true, thing->id, thing->start};
}

Needed NeedAssessment(Journey& journey, const std::string& id) {
  const Assessment* one = FindAssessment(journey, id);
  return NeededOf(one, one != nullptr && !one->authorised);
}

Needed NeedPlan(Journey& journey, const std::string& id) {
  const ProtectionPlan* one = FindPlan(journey, id);
  return NeededOf(one, one != nullptr && !one->end);
}

Needed NeedSpan(std::vector<Span>& spans, const std::string& id) {
  const Span* one = FindSpan(spans, id);
  return NeededOf(one, one != nullptr && !one->end);
}

Result<void> After(Date date, Date since, const char* what) {
  if (date >= since) return {};
  return Refusal({{"order", std::string("it would lie before ") + what +
                                ", which it follows"}});
}

// A plan ends after whatever was done under it.
Result<void> AfterReviews(const Journey& journey, const Step& step) {
  for (const ProtectionPlan& plan : journey.protection_plans) {
    // On its first day it is the census that says no.
    if (plan.id != step.thing_id || step.date == plan.start) continue;
    for (const Date review : plan.reviews) {
      TRY_VOID(After(step.date, review, "a review"));
    }
  }
  return {};
}

Result<void> Take(const Needed& needed, const char* what, const char* field,
                  Step& step) {
  if (!needed.found) return NotOpen(what, field);
  step.thing_id = needed.id;
  return After(step.date, needed.since, what);
}

Result<void> CheckCode(const Ground& ground, const char* set,
                       const std::string& code, Date on, const char* field) {
  if (ground.codes.Valid(set, code, on)) return {};
  return Invalid(
      "CODE_UNKNOWN",
      std::string("give a code of the set `") + set + "` of that day", field,
      "not a code of that day");
}

Result<void> CompleteAssessment(Journey& journey, const Ground& ground,
                                Step& step) {
  TRY_VOID(Take(NeedAssessment(journey, step.thing_id), "assessment",
                "assessment_id", step));
  if (step.kind != StepKind::kAssessmentAuthorised) return {};
  for (const std::string& factor : step.codes) {
    TRY_VOID(CheckCode(ground, "factor", factor, step.date, "factors"));
  }
  return CheckCode(ground, "assessment_outcome", step.outcome, step.date,
                   "outcome");
}

Result<void> CompleteEnquiry(Journey& journey, const Ground& ground,
                             Step& step) {
  const Enquiry* one = FindEnquiry(journey, step.thing_id);
  const bool completes = step.kind == StepKind::kSection47Completed;
  if (one == nullptr || (completes && one->completed)) {
    return NotOpen("section 47 enquiry", "section_47_id");
  }
  step.thing_id = one->id;
  TRY_VOID(After(step.date, one->start, "the enquiry"));
  if (!completes) return {};
  return CheckCode(ground, "section_47_outcome", step.outcome, step.date,
                   "outcome");
}

// Minutes are of a strategy discussion, whether it began an enquiry or not.
Result<void> CompleteMinutes(const Journey& journey, Step& step) {
  for (auto held = journey.steps.rbegin(); held != journey.steps.rend();
       ++held) {
    if (held->kind != StepKind::kStrategyDiscussionHeld || held->is_void ||
        (!step.thing_id.empty() && held->thing_id != step.thing_id)) {
      continue;
    }
    step.thing_id = held->thing_id;
    return After(step.date, held->date, "the discussion");
  }
  return NotOpen("strategy discussion", "section_47_id");
}

// A conference is of the enquiry that called for it, or of one still open; a
// child who moved in needs none.
Result<void> CompleteConference(Journey& journey, const Ground& ground,
                                Step& step) {
  TRY_VOID(CheckCode(ground, "conference_outcome", step.outcome, step.date,
                     "outcome"));
  if (step.Has("TRANSFER_IN")) {
    step.about.clear();
    return {};
  }
  const Enquiry* one = FindEnquiry(journey, step.about);
  if (one == nullptr || one->conference ||
      (one->completed && !one->ConferenceCalled())) {
    return NotOpen("section 47 enquiry", "section_47_id");
  }
  step.about = one->id;
  return {};
}

Result<void> CompletePlan(Journey& journey, const Ground& ground, Step& step) {
  if (step.kind == StepKind::kProtectionPlanStarted) {
    return CheckCode(ground, "abuse_category", step.outcome, step.date,
                     "category");
  }
  TRY_VOID(Take(NeedPlan(journey, step.thing_id), "child protection plan",
                "plan_id", step));
  if (step.kind == StepKind::kProtectionPlanEnded) {
    return AfterReviews(journey, step);
  }
  if (step.kind != StepKind::kProtectionPlanReviewed || step.outcome.empty()) {
    return {};
  }
  return CheckCode(ground, "abuse_category", step.outcome, step.date,
                   "category");
}

Result<void> CompleteClosing(const Journey& journey, const Ground& ground,
                             const Step& step) {
  TRY_VOID(
      CheckCode(ground, "closure_reason", step.outcome, step.date, "reason"));
  const auto open = [](const auto& one) { return !one.end; };
  const auto& plans = journey.protection_plans;
  if (std::any_of(plans.begin(), plans.end(), open)) {
    return Refusal({{"open_plan", "a child protection plan is still open"}});
  }
  const auto& in_need = journey.child_in_need_plans;
  if (std::any_of(in_need.begin(), in_need.end(), open)) {
    return Refusal({{"open_plan", "a child in need plan is still open"}});
  }
  const auto& help = journey.early_help;
  if (std::any_of(help.begin(), help.end(), open)) {
    return Refusal({{"open_plan", "an early help episode is still open"}});
  }
  return {};
}

Result<void> CompleteThing(Journey& journey, const Ground& ground, Step& step) {
  switch (step.kind) {
    case StepKind::kChildSeen:
    case StepKind::kAssessmentReviewed:
    case StepKind::kAssessmentAuthorised:
      return CompleteAssessment(journey, ground, step);
    case StepKind::kMinutesSent:
    case StepKind::kMinutesReceived:
      return CompleteMinutes(journey, step);
    case StepKind::kSection47Completed:
      return CompleteEnquiry(journey, ground, step);
    case StepKind::kConferenceHeld:
      return CompleteConference(journey, ground, step);
    case StepKind::kProtectionPlanStarted:
    case StepKind::kCoreGroupHeld:
    case StepKind::kProtectionPlanReviewed:
    case StepKind::kChildVisited:
    case StepKind::kProtectionPlanEnded:
      return CompletePlan(journey, ground, step);
    case StepKind::kChildInNeedPlanEnded:
      return Take(NeedSpan(journey.child_in_need_plans, step.thing_id),
                  "child in need plan", "plan_id", step);
    case StepKind::kEarlyHelpEnded:
      return Take(NeedSpan(journey.early_help, step.thing_id),
                  "early help episode", "early_help_id", step);
    case StepKind::kStrategyDiscussionHeld:
      if (step.Has("SECTION_47") && step.date < *journey.referral_date) {
        return Refusal({{"2889", "The enquiry starts before the referral."}});
      }
      [[fallthrough]];
    case StepKind::kEarlyHelpStarted:
      return After(step.date, *journey.referral_date, "the referral");
    case StepKind::kEpisodeClosed:
      return CompleteClosing(journey, ground, step);
    default:
      return {};
  }
}

// A finding of a year that is not over is what a census of today would ask.
census::Period PeriodSoFar(int year, Date today) {
  const census::Period whole = census::PeriodOfYear(year);
  return today < whole.reference_date ? census::PeriodEnding(today) : whole;
}

// How often each rule of a kind is broken.
std::map<std::string_view, int> Count(
    const std::vector<Journey>& child, const Ground& ground,
    const census::Period& period, census::Kind kind,
    std::map<std::string_view, std::string_view>& words) {
  const census::Basis basis{std::clamp(CensusYear(period.start),
                                       census::kFirstYear, census::kLastYear),
                            period, ground.codes, ground.calendar};
  std::map<std::string_view, int> counts;
  for (const census::Finding& finding :
       census::Check(RowsOf(child, ground), basis, kind)) {
    counts[finding.rule->number]++;
    words[finding.rule->number] = finding.rule->words;
  }
  return counts;
}

std::vector<Broken> Newly(const std::vector<Journey>& before,
                          const std::vector<Journey>& after,
                          const Ground& ground, const census::Period& period,
                          census::Kind kind) {
  std::map<std::string_view, std::string_view> words;
  const auto old = Count(before, ground, period, kind, words);
  std::vector<Broken> broken;
  for (const auto& [rule, count] : Count(after, ground, period, kind, words)) {
    const auto known = old.find(rule);
    if (known != old.end() && known->second >= count) continue;
    broken.push_back({std::string(rule), std::string(words[rule])});
  }
  return broken;
}

}  // namespace

int CensusYear(Date day) {
  const std::chrono::year_month_day date(day);
  return static_cast<int>(date.year()) + (date.month() >= std::chrono::April);
}

census::ChildRecord RowsOf(const std::vector<Journey>& child,
                           const Ground& ground) {
  census::ChildRecord record;
  Row& row = record.Add(Table::kChildIdentifiers);
  row.Set(Column::kLAchildID, "CHILD");
  if (ground.birth_date) row.Set(Column::kPersonBirthDate, *ground.birth_date);
  if (ground.expected_birth_date) {
    row.Set(Column::kExpectedPersonBirthDate, *ground.expected_birth_date);
  }
  if (ground.death_date) row.Set(Column::kPersonDeathDate, *ground.death_date);
  for (const Journey& journey : child) {
    if (journey.referral_date) Rows(record, journey).Add();
  }
  return record;
}

Result<void> CheckDayAndTeam(const Ground& ground, const Step& step) {
  if (step.date > ground.today) {
    return Invalid("TIME_AHEAD", "nothing is recorded ahead of its day",
                   "happened_date", "ahead");
  }
  if (step.team.empty()) return {};
  return CheckCode(ground, "team", step.team, step.date, "team");
}

Result<void> Complete(Journey& journey, const Ground& ground, Step& step) {
  TRY_VOID(CheckDayAndTeam(ground, step));
  if (journey.closing) {
    return Refusal({{"8565",
                     "the episode is closed; nothing of it lies after its "
                     "closure, and a child who returns is referred again"}});
  }
  return CompleteThing(journey, ground, step);
}

bool NeedsStepDown(const Step& step) {
  switch (step.kind) {
    case StepKind::kEpisodeClosed:
      return step.outcome != "RC2";
    case StepKind::kProtectionPlanEnded:
    case StepKind::kChildInNeedPlanEnded:
    case StepKind::kEarlyHelpEnded:
      return true;
    default:
      return false;
  }
}

Result<void> CheckStepDown(const std::vector<std::string>& involved,
                           const std::set<std::string>& spoken,
                           const Step& step, const StepDownSaid& said) {
  std::vector<FieldError> missing;
  const auto lacks = [&](const char* field, std::string what) {
    missing.push_back({field, std::move(what)});
  };
  for (const std::string& agency : involved) {
    if (spoken.count(agency) == 0) {
      lacks("step_down.agency_views", "the view of " + agency + " is missing");
    }
  }
  if (!said.evidence) {
    lacks("step_down.evidence_of_sustained_change", "missing");
  }
  if (!said.contingency) lacks("step_down.contingency", "missing");
  if (step.voice == VoiceHeard::kUnspecified) {
    lacks("voice", "say how the child's voice was heard, or why not");
  } else if (step.voice == VoiceHeard::kNotObtained && !said.voice_reason) {
    lacks("voice.reason", "say why it was not obtained");
  }
  if (missing.empty()) return {};
  return Error{Code::kFailedPrecondition, "GUARD_INCOMPLETE",
               "closing and stepping down rest on the views of the agencies "
               "involved, evidence of sustained change, a contingency and the "
               "child's voice",
               std::move(missing)};
}

std::vector<Broken> NewlyBroken(const std::vector<Journey>& before,
                                const std::vector<Journey>& after,
                                const Ground& ground, Date on) {
  return NewlyBroken(before, after, ground,
                     census::PeriodOfYear(CensusYear(on)));
}

std::vector<Broken> NewlyBroken(const std::vector<Journey>& before,
                                const std::vector<Journey>& after,
                                const Ground& ground,
                                const census::Period& period) {
  return Newly(before, after, ground, period, census::Kind::kInvariant);
}

std::vector<Broken> NewlyAsked(const std::vector<Journey>& before,
                               const std::vector<Journey>& after,
                               const Ground& ground, Date on) {
  return Newly(before, after, ground, PeriodSoFar(CensusYear(on), ground.today),
               census::Kind::kFinding);
}

Error Refusal(const std::vector<Broken>& broken) {
  const Broken& first = broken.front();
  Error error{Code::kFailedPrecondition,
              "RULE_BROKEN",
              first.rule + ": " + first.words,
              {}};
  for (const Broken& one : broken) {
    error.fields.push_back({"rule", one.rule});
  }
  return error;
}

bool MayRefuse(StepKind kind) {
  return kind != StepKind::kStrategyDiscussionHeld;
}

}  // namespace seawall::referrals
