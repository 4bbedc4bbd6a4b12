#include "services/referrals/clocks.h"

#include <algorithm>
#include <set>

#include "libs/base/json_file.h"

namespace seawall::referrals {
namespace {

const std::vector<std::string> kOfContacts = {"decision", "confirmation"};

using std::chrono::hours;

constexpr char kEverything[] = "*";
constexpr hours kOpens{9};
constexpr hours kCloses{17};

std::optional<ClockUnit> UnitNamed(const std::string& name) {
  if (name == "hours") return ClockUnit::kHours;
  if (name == "working_hours") return ClockUnit::kWorkingHours;
  if (name == "working_days") return ClockUnit::kWorkingDays;
  if (name == "months") return ClockUnit::kMonths;
  return std::nullopt;
}

Instant AddWorkingHours(Instant start, int length, const Calendar& calendar) {
  Instant::duration left = hours(length);
  Date day = CivilDate(start);
  for (;; day += std::chrono::days(1)) {
    if (!calendar.IsWorkingDay(day)) continue;
    const Instant from = std::max(start, StartOfDay(day) + kOpens);
    const Instant to = StartOfDay(day) + kCloses;
    if (from >= to) continue;
    if (left <= to - from) return from + left;
    left -= to - from;
  }
}

const char* TriageOpened(Priority priority) {
  if (priority == Priority::kRed) return "TRIAGE_OPENED_RED";
  return priority == Priority::kAmber ? "TRIAGE_OPENED_AMBER"
                                      : "TRIAGE_OPENED_GREEN";
}

// Walks the steps and says what moments they make.
class Moments {
 public:
  Moments(const Journey& journey, const Arrival& arrival)
      : journey_(journey), arrival_(arrival) {}

  std::vector<Moment> Make() {
    const std::string& subject = journey_.subject_id;
    if (journey_.referral_date) {
      Add("REFERRAL", subject, StartOfDay(*journey_.referral_date));
    }
    for (const Step& step : journey_.steps) {
      if (!step.is_void) Take(step);
    }
    return std::move(moments_);
  }

 private:
  void Add(std::string what, const std::string& thing, Instant at) {
    moments_.push_back({std::move(what), thing, at});
  }

  // The first assessment is timed from the referral, so it is about the
  // episode.
  const std::string& AssessmentOf(const Step& step) const {
    const bool first = !journey_.assessments.empty() &&
                       journey_.assessments.front().id == step.thing_id;
    return first ? journey_.subject_id : step.thing_id;
  }

  void Take(const Step& step) {
    const std::string name(Name(step.kind));
    const std::string& subject = journey_.subject_id;
    switch (step.kind) {
      case StepKind::kTriageOpened: {
        const bool green = arrival_.priority != Priority::kRed &&
                           arrival_.priority != Priority::kAmber;
        // A green triage has until the decision itself is due.
        Add(TriageOpened(arrival_.priority), subject,
            green ? arrival_.received : step.happened);
        asked_ = {step.codes.begin(), step.codes.end()};
        break;
      }
      case StepKind::kTriageDecided:
        Add(name, subject, step.happened);
        below_ = IsBelowThreshold(Named<Decision>(step.outcome));
        if (below_ && !asked_.empty()) {
          Add("DECIDED_BELOW_THRESHOLD", subject, step.happened);
        }
        break;
      case StepKind::kDecisionAgreed:
        Agreed(step);
        break;
      case StepKind::kEscalationRaised:
        Agreed(step);
        stages_[step.thing_id] = 1;
        Add("ESCALATION_STAGE_1", step.thing_id, step.happened);
        break;
      case StepKind::kEscalationAnswered:
        Add(name, step.thing_id, step.happened);
        if (step.outcome == "UNRESOLVED") {
          Add("ESCALATION_STAGE_" + std::to_string(++stages_[step.thing_id]),
              step.thing_id, step.happened);
        }
        break;
      case StepKind::kAssessmentStarted:
        if (AssessmentOf(step) != subject) {
          Add("LATER_ASSESSMENT_STARTED", step.thing_id, step.happened);
        }
        break;
      case StepKind::kAssessmentAuthorised:
        Add(name, AssessmentOf(step), step.happened);
        break;
      case StepKind::kStrategyDiscussionHeld:
        Add(name, step.thing_id, step.happened);
        if (step.Has("SECTION_47")) {
          Add("SECTION_47_STARTED", step.thing_id, step.happened);
        }
        break;
      case StepKind::kSection47Completed:
        if (step.outcome != "CONFERENCE") {
          Add("CONFERENCE_NOT_REQUIRED", step.thing_id, step.happened);
        }
        break;
      case StepKind::kConferenceHeld:
        Add(name, step.about, step.happened);
        break;
      case StepKind::kEpisodeClosed:
        Add(name, kEverything, step.happened);
        break;
      case StepKind::kSignedOff:
        Add(name, subject, step.happened);
        break;
      case StepKind::kMinutesSent:
      case StepKind::kProtectionPlanStarted:
      case StepKind::kCoreGroupHeld:
      case StepKind::kProtectionPlanReviewed:
      case StepKind::kProtectionPlanEnded:
        Add(name, step.thing_id, step.happened);
        break;
      default:
        break;
    }
  }

  // The last agency asked that agrees, or escalates, clears the list.
  void Agreed(const Step& step) {
    if (asked_.erase(step.agency) != 0 && asked_.empty() && below_) {
      Add("DECISION_CLEARED", journey_.subject_id, step.happened);
    }
  }

  const Journey& journey_;
  const Arrival& arrival_;
  std::vector<Moment> moments_;
  std::set<std::string> asked_;
  bool below_ = false;
  std::map<std::string, int> stages_;
};

bool IsAbout(const Moment& moment, const std::string& thing) {
  return moment.thing == thing || moment.thing == kEverything;
}

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The clock that the moment at `from` starts; nothing if it was ended.
std::optional<ClockState> Run(const ClockRule& rule,
                              const std::vector<Moment>& moments,
                              std::size_t from, const Calendar& calendar) {
  const Moment& start = moments[from];
  ClockState state{rule.clock, start.thing, start.at,
                   Due(rule, start.at, calendar)};
  for (std::size_t i = from + 1; i < moments.size(); i++) {
    if (!IsAbout(moments[i], start.thing)) continue;
    if (Holds(rule.stops, moments[i].what)) {
      state.stopped = moments[i].at;
      return state;
    }
    if (Holds(rule.ends, moments[i].what)) return std::nullopt;
  }
  return state;
}

Result<ClockRule> ReadRule(const nlohmann::json& item,
                           const std::string& path) {
  ClockRule rule;
  rule.clock = item.at("clock").get<std::string>();
  rule.starts = item.at("starts").get<std::string>();
  rule.stops = item.at("stops").get<std::vector<std::string>>();
  rule.ends = item.value("ends", std::vector<std::string>{});
  rule.length = item.at("length").get<int>();
  rule.source = item.at("source").get<std::string>();
  const auto unit = UnitNamed(item.at("unit").get<std::string>());
  std::vector<std::string> named = rule.stops;
  named.insert(named.end(), rule.ends.begin(), rule.ends.end());
  named.push_back(rule.starts);
  for (const std::string& name : named) {
    if (!Holds(MomentNames(), name)) {
      return Error{Code::kFailedPrecondition, "CLOCKS_UNREADABLE",
                   path + ": clock " + rule.clock + " names " + name +
                       ", which nothing makes"};
    }
  }
  if (!unit || rule.length < 1) {
    return Error{Code::kFailedPrecondition, "CLOCKS_UNREADABLE",
                 path + ": clock " + rule.clock + " has no unit or no length"};
  }
  rule.unit = *unit;
  return rule;
}

}  // namespace

Result<ClockRules> ClockRules::Load(const std::string& path) {
  TRY(const nlohmann::json json, ReadJsonFile(path, "CLOCKS_UNREADABLE"));
  std::vector<ClockRule> rules;
  try {
    for (const auto& item : json.at("clocks")) {
      TRY(ClockRule rule, ReadRule(item, path));
      rules.push_back(std::move(rule));
    }
  } catch (const nlohmann::json::exception&) {
    return Error{Code::kFailedPrecondition, "CLOCKS_UNREADABLE",
                 path +
                     ": a clock lacks its name, starts, stops, length, unit "
                     "or source"};
  }
  ClockRules clocks(std::move(rules));
  for (const std::string& needed : kOfContacts) {
    if (clocks.Find(needed)) continue;
    return Error{Code::kFailedPrecondition, "CLOCKS_UNREADABLE",
                 path + ": there is no clock " + needed};
  }
  return clocks;
}

std::vector<std::string> ClockRules::JourneyNames() const {
  std::vector<std::string> names;
  for (const ClockRule& rule : rules_) {
    if (!Holds(kOfContacts, rule.clock) && !Holds(names, rule.clock)) {
      names.push_back(rule.clock);
    }
  }
  return names;
}

const ClockRule* ClockRules::Find(std::string_view clock) const {
  for (const ClockRule& rule : rules_) {
    if (rule.clock == clock) return &rule;
  }
  return nullptr;
}

int ClockRules::LastStage() const {
  int stage = 1;
  while (Find("escalation_stage_" + std::to_string(stage + 1))) stage++;
  return stage;
}

Instant Due(const ClockRule& rule, Instant start, const Calendar& calendar) {
  switch (rule.unit) {
    case ClockUnit::kHours:
      return start + hours(rule.length);
    case ClockUnit::kWorkingHours:
      return AddWorkingHours(start, rule.length, calendar);
    case ClockUnit::kMonths:
      return EndOfDay(AddMonths(CivilDate(start), rule.length));
    case ClockUnit::kWorkingDays:
      break;
  }
  return EndOfDay(calendar.AddWorkingDays(CivilDate(start), rule.length));
}

std::vector<Moment> MomentsOf(const Journey& journey, const Arrival& arrival) {
  return Moments(journey, arrival).Make();
}

const std::vector<std::string>& MomentNames() {
  static const std::vector<std::string> names = {"CONTACT_RECEIVED",
                                                 "CONTACT_DECIDED",
                                                 "TELEPHONE_CONTACT_RECEIVED",
                                                 "CONTACT_CONFIRMED",
                                                 "REFERRAL",
                                                 "TRIAGE_OPENED_RED",
                                                 "TRIAGE_OPENED_AMBER",
                                                 "TRIAGE_OPENED_GREEN",
                                                 "TRIAGE_DECIDED",
                                                 "SIGNED_OFF",
                                                 "DECIDED_BELOW_THRESHOLD",
                                                 "DECISION_CLEARED",
                                                 "ESCALATION_STAGE_1",
                                                 "ESCALATION_STAGE_2",
                                                 "ESCALATION_STAGE_3",
                                                 "ESCALATION_STAGE_4",
                                                 "ESCALATION_STAGE_5",
                                                 "ESCALATION_ANSWERED",
                                                 "LATER_ASSESSMENT_STARTED",
                                                 "ASSESSMENT_AUTHORISED",
                                                 "STRATEGY_DISCUSSION_HELD",
                                                 "SECTION_47_STARTED",
                                                 "MINUTES_SENT",
                                                 "CONFERENCE_NOT_REQUIRED",
                                                 "CONFERENCE_HELD",
                                                 "PROTECTION_PLAN_STARTED",
                                                 "CORE_GROUP_HELD",
                                                 "PROTECTION_PLAN_REVIEWED",
                                                 "PROTECTION_PLAN_ENDED",
                                                 "EPISODE_CLOSED"};
  return names;
}

Date DueDate(Instant due) {
  // The end of a day is the first instant of the next.
  return CivilDate(due - std::chrono::microseconds(1));
}

std::vector<ClockState> ClocksOf(const Journey& journey, const Arrival& arrival,
                                 const ClockRules& rules,
                                 const Calendar& calendar) {
  const std::vector<Moment> moments = MomentsOf(journey, arrival);
  std::vector<ClockState> clocks;
  for (const ClockRule& rule : rules.all()) {
    for (std::size_t i = 0; i < moments.size(); i++) {
      if (moments[i].what != rule.starts) continue;
      if (auto state = Run(rule, moments, i, calendar)) {
        clocks.push_back(*std::move(state));
      }
    }
  }
  return clocks;
}

}  // namespace seawall::referrals
