// Pathway plan: what follows each referral of the plan: assessments, section 47
// enquiries, conferences, plans, day by day, so that the year's figures are the
// published ones.
//
// Published (data/facts/front_door_annual.csv): shares, section 47 enquiries,
// plans at the end of the year. What a share is of is mostly not published, and
// invented so that the share comes out; so are all days (docs/measures.md).
//
// Pure: the same seed makes the same pathways. They keep the rules of the
// service and of the children in need census: nothing after closure, one
// enquiry after another, a plan starts at its conference, no child in need plan
// beside a protection plan, and whatever begins ends before its episode does.
#pragma once

#include <string>
#include <vector>

#include "demo/plan.h"

namespace seawall::demo {

struct PathwayTargets {
  // Referrals of the year with an assessment started.
  int assessed = 0;
  // Of these still open at the end of the year.
  int assessments_left_open = 0;
  // Authorised in the year, and of these: without further action, in time.
  int assessments = 0;
  int no_further_action = 0;
  int assessments_in_time = 0;
  // Section 47 enquiries completed in the year, and left open at its end.
  int enquiries = 0;
  int enquiries_left_open = 0;
  // Conferences held in the year, and of these: in time, of enquiries completed
  // before it. And conferences called, but not held by its end.
  int conferences = 0;
  int conferences_in_time = 0;
  int conferences_from_before = 0;
  int conferences_to_come = 0;
  // Protection plans started in the year, and of these the child's second or
  // later.
  int plans_started = 0;
  int repeat_plans = 0;
  // Open when the year begins, when it ends, and of these started in it.
  int plans_before = 0;
  int plans_open = 0;
  int plans_open_of_the_year = 0;
};

PathwayTargets PublishedPathways();
// A tenth of it, for TenthOfIt().
PathwayTargets TenthOfPathways();

enum class Act {
  kStartAssessment,
  kSeeChild,
  kAuthorise,  // code: outcome
  kDiscuss,    // a strategy discussion that begins an enquiry
  kSendMinutes,
  kCompleteEnquiry,  // code: outcome
  kConfer,           // code: outcome
  kStartProtection,  // code: category
  kCoreGroup,
  kVisit,
  kReview,
  kEndProtection,
  kStartNeedPlan,
  kEndNeedPlan,
  kStartEarlyHelp,
  kEndEarlyHelp,
};

struct PlannedStep {
  Date date;
  Act act = Act::kStartAssessment;
  std::string code = {};
  int previous_plans = 0;
};

// What follows one referral.
struct Pathway {
  // Where the referral stands in the plan.
  bool of_year = false;
  std::size_t form = 0;
  std::size_t contact = 0;
  Date referred;
  std::optional<Date> closed = {};
  std::string closure_reason = {};
  // By day; those of one day in the order in which they are recorded.
  std::vector<PlannedStep> steps = {};
};

const PlannedForm& FormOf(const Plan& plan, const Pathway& pathway);

// One pathway for each referral, history first. PLAN_IMPOSSIBLE.
Result<std::vector<Pathway>> MakePathways(const Plan& plan,
                                          const PathwayTargets& targets,
                                          std::uint64_t seed,
                                          const Calendar& calendar);

// What the plan expects the service to count of the year.
struct ExpectedPathways {
  int assessed = 0;
  int assessments = 0;
  int no_further_action = 0;
  int assessments_in_time = 0;
  int children_seen = 0;
  int enquiries = 0;
  int to_conference = 0;
  int conferences = 0;
  int conferences_to_plan = 0;
  int conferences_in_time = 0;
  int plans_started = 0;
  int repeat_plans = 0;
  int plans_ended = 0;
  int closures = 0;
  // On the last day of the year.
  int plans_open = 0;
  int need_plans_open = 0;
  int children_in_need = 0;
  // On the day before it.
  int children_in_need_before = 0;
};

// Counted from the pathways anew, by the definitions of the service.
ExpectedPathways CountPathways(const std::vector<Pathway>& pathways,
                               const Calendar& calendar);

}  // namespace seawall::demo
