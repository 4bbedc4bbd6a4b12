#include "demo/pathway_plan.h"

#include "demo/assessing.h"
#include "demo/protecting.h"
#include "demo/supporting.h"

namespace seawall::demo {
namespace {

std::vector<Case> CasesOf(const Plan& plan) {
  std::vector<Case> cases;
  for (const auto* forms : {&plan.history, &plan.year}) {
    for (std::size_t i = 0; i < forms->size(); ++i) {
      const PlannedForm& form = (*forms)[i];
      for (std::size_t j = 0; j < form.contacts.size(); ++j) {
        const PlannedContact& contact = form.contacts[j];
        if (contact.outcome != Outcome::kReferral) continue;
        cases.push_back({.pathway = {.of_year = forms == &plan.year,
                                     .form = i,
                                     .contact = j,
                                     .referred = CivilDate(*contact.decided),
                                     .closed = contact.closed}});
      }
    }
  }
  return cases;
}

// Counts one pathway after another.
class Count {
 public:
  explicit Count(const Calendar& calendar) : calendar_(calendar) {}

  void Add(const Pathway& pathway) {
    authorised_by_ = calendar_.AddWorkingDays(pathway.referred, 45);
    seen_ = false;
    bool assessed = false;
    for (const PlannedStep& step : pathway.steps) {
      assessed |= step.act == Act::kStartAssessment;
      Follow(step);
      if (InYear(step.date)) Add(step);
    }
    counted_.assessed += assessed && InYear(pathway.referred);
    if (!pathway.closed) {
      ++counted_.children_in_need;
    } else if (InYear(*pathway.closed)) {
      ++counted_.closures;
    }
    counted_.children_in_need_before +=
        pathway.referred < YearStart() &&
        (!pathway.closed || *pathway.closed >= YearStart());
  }
  const ExpectedPathways& counted() const { return counted_; }

 private:
  // What later steps rest on, and what stands, whenever it began.
  void Follow(const PlannedStep& step) {
    switch (step.act) {
      case Act::kSeeChild:
        seen_ = true;
        break;
      case Act::kDiscuss:
        conferred_by_ = calendar_.AddWorkingDays(step.date, 15);
        break;
      case Act::kStartProtection:
        ++counted_.plans_open;
        break;
      case Act::kEndProtection:
        --counted_.plans_open;
        break;
      case Act::kStartNeedPlan:
        ++counted_.need_plans_open;
        break;
      case Act::kEndNeedPlan:
        --counted_.need_plans_open;
        break;
      default:
        break;
    }
  }

  void Add(const PlannedStep& step) {
    switch (step.act) {
      case Act::kAuthorise:
        ++counted_.assessments;
        counted_.children_seen += seen_;
        counted_.no_further_action += step.code == "NO_FURTHER_ACTION";
        counted_.assessments_in_time += step.date <= authorised_by_;
        break;
      case Act::kCompleteEnquiry:
        ++counted_.enquiries;
        counted_.to_conference += step.code == "CONFERENCE";
        break;
      case Act::kConfer:
        ++counted_.conferences;
        counted_.conferences_to_plan += step.code == "PROTECTION_PLAN";
        counted_.conferences_in_time += step.date <= conferred_by_;
        break;
      case Act::kStartProtection:
        ++counted_.plans_started;
        counted_.repeat_plans += step.previous_plans > 0;
        break;
      case Act::kEndProtection:
        ++counted_.plans_ended;
        break;
      default:
        break;
    }
  }

  const Calendar& calendar_;
  ExpectedPathways counted_;
  // Of the pathway at hand.
  bool seen_ = false;
  Date authorised_by_ = {};
  Date conferred_by_ = {};
};

}  // namespace

// Published: enquiries 1,463, plans open 278, and these shares: 2,263 of 2,726
// referrals assessed is 83 %, 803 of 2,263 35.5 %, 1,763 of 2,263 77.9 %, 493
// of 1,463 33.7 %, 468 of 500 93.6 %, 90 of 402 22.4 %. The rest is invented.
PathwayTargets PublishedPathways() {
  return {.assessed = 2263,
          .assessments_left_open = 330,
          .assessments = 2263,
          .no_further_action = 803,
          .assessments_in_time = 1763,
          .enquiries = 1463,
          .enquiries_left_open = 12,
          .conferences = 500,
          .conferences_in_time = 468,
          .conferences_from_before = 15,
          .conferences_to_come = 8,
          .plans_started = 402,
          .repeat_plans = 90,
          .plans_before = 280,
          .plans_open = 278,
          .plans_open_of_the_year = 228};
}

PathwayTargets TenthOfPathways() {
  PathwayTargets tenth = PublishedPathways();
  for (int* target :
       {&tenth.assessed, &tenth.assessments_left_open, &tenth.assessments,
        &tenth.no_further_action, &tenth.assessments_in_time, &tenth.enquiries,
        &tenth.enquiries_left_open, &tenth.conferences,
        &tenth.conferences_in_time, &tenth.conferences_from_before,
        &tenth.conferences_to_come, &tenth.plans_started, &tenth.repeat_plans,
        &tenth.plans_before, &tenth.plans_open,
        &tenth.plans_open_of_the_year}) {
    *target /= 10;
  }
  return tenth;
}

const PlannedForm& FormOf(const Plan& plan, const Pathway& pathway) {
  return (pathway.of_year ? plan.year : plan.history)[pathway.form];
}

Result<std::vector<Pathway>> MakePathways(const Plan& plan,
                                          const PathwayTargets& targets,
                                          std::uint64_t seed,
                                          const Calendar& calendar) {
  Random random(seed ^ 0x9a7b0au);
  Days days(calendar, random);
  std::vector<Case> cases = CasesOf(plan);
  TRY_VOID(Assess(targets, random, days, cases));
  TRY_VOID(Protect(targets, random, days, cases));
  Support(random, days, cases);
  std::vector<Pathway> pathways;
  for (Case& one : cases) pathways.push_back(std::move(one.pathway));
  return pathways;
}

ExpectedPathways CountPathways(const std::vector<Pathway>& pathways,
                               const Calendar& calendar) {
  Count count(calendar);
  for (const Pathway& pathway : pathways) count.Add(pathway);
  return count.counted();
}

}  // namespace seawall::demo
