#include "demo/supporting.h"

#include <array>

namespace seawall::demo {
namespace {

using std::chrono::days;

class Supporting {
 public:
  Supporting(Random& random, Days& days) : random_(random), days_(days) {}

  void Run(Case& one) {
    PlanNeed(one);
    SayOutcome(one);
    SayReason(one);
    std::stable_sort(
        one.pathway.steps.begin(), one.pathway.steps.end(),
        [](const auto& a, const auto& b) { return a.date < b.date; });
  }

 private:
  std::optional<Date> NeedFrom(const Case& one);
  void PlanNeed(Case& one);
  void AddSpan(Case& one, Date start, Act starts, Act ends);
  void SayOutcome(Case& one);
  void SayReason(Case& one);

  Random& random_;
  Days& days_;
};

// The day from which a child needs a plan: after a protection plan, as a
// conference decided, or as an assessment found. Never beside protection.
std::optional<Date> Supporting::NeedFrom(const Case& one) {
  if (one.protection_start) {
    if (!one.protection_end || !random_.Percent(70)) return std::nullopt;
    return *one.protection_end + days(1);
  }
  if (one.needs_plan) return *one.needs_plan;
  if (!one.authorised || one.no_further_action || one.to_conference ||
      !random_.Percent(60)) {
    return std::nullopt;
  }
  return *one.authorised;
}

void Supporting::PlanNeed(Case& one) {
  if (const auto from = NeedFrom(one)) {
    AddSpan(one, days_.After(*from, random_.Between(1, 5)), Act::kStartNeedPlan,
            Act::kEndNeedPlan);
  } else if (one.authorised && !one.no_further_action && !one.to_conference &&
             random_.Percent(12)) {
    AddSpan(one, days_.After(*one.authorised, 2), Act::kStartEarlyHelp,
            Act::kEndEarlyHelp);
  }
}

// It ends in the last weeks of the episode; not worth it for a few days.
void Supporting::AddSpan(Case& one, Date start, Act starts, Act ends) {
  if (start > one.until() - days(7)) return;
  one.Add(start, starts);
  if (one.open()) return;
  const Date last = days_.WorkingDayTo(one.until() - days(random_.Below(20)));
  one.Add(std::max(last, start + days(1)), ends);
}

void Supporting::SayOutcome(Case& one) {
  bool plan = false;
  PlannedStep* authorised = nullptr;
  for (PlannedStep& step : one.pathway.steps) {
    plan |= step.act == Act::kStartNeedPlan;
    if (step.act == Act::kAuthorise) authorised = &step;
  }
  if (authorised == nullptr) return;
  constexpr std::array kOthers = {"PROVISION_OF_SERVICES", "EARLY_HELP",
                                  "SPECIALIST_ASSESSMENT", "OTHER"};
  constexpr std::array kWeights = {56, 30, 8, 6};
  authorised->code = one.no_further_action ? "NO_FURTHER_ACTION"
                     : one.enquired        ? "SECTION_47"
                     : plan                ? "CHILD_IN_NEED_PLAN"
                            : kOthers[random_.Weighted(kWeights)];
}

// RC8 is for those that had an assessment and nothing else. Source: children in
// need census, rule 2990.
void Supporting::SayReason(Case& one) {
  if (one.open()) return;
  constexpr std::array kReasons = {"RC7", "RC3", "RC4", "RC5", "RC6", "RC1"};
  constexpr std::array kWeights = {86, 3, 3, 5, 2, 1};
  one.pathway.closure_reason =
      one.no_further_action ? "RC8" : kReasons[random_.Weighted(kWeights)];
}

}  // namespace

void Support(Random& random, Days& days, std::vector<Case>& cases) {
  Supporting supporting(random, days);
  for (Case& one : cases) supporting.Run(one);
}

}  // namespace seawall::demo
