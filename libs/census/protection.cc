// Rules about child protection plans and their reviews.
#include <algorithm>
#include <set>

#include "libs/census/subjects.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Kind;
using enum Severity;
using enum Table;

void PlanAfterReferral(const ChildRecord& child, const Basis&,
                       Findings& findings) {
  Pairs(child, {kChildProtectionPlans, {kCPPstartDate}},
        {kCINdetails, {kCINreferralDate}}, findings,
        [](const Row& plan, const Row& episode) {
          return SameEpisode(plan, episode) &&
                 Before(plan.On(kCPPstartDate), episode.On(kCINreferralDate));
        });
}

// The rows of one table in the episode of `row`.
std::vector<const Row*> OfEpisode(const ChildRecord& child, Table table,
                                  const Row& row) {
  std::vector<const Row*> rows;
  for (const Row& other : child.rows(table))
    if (SameEpisode(other, row)) rows.push_back(&other);
  return rows;
}

// Where the conference of a plan is looked for when it has none: at the
// enquiries of the episode, or at an episode without any.
std::vector<const Row*> Conferences(const ChildRecord& child, const Row& plan) {
  const auto enquiries = OfEpisode(child, kSection47, plan);
  return enquiries.empty() ? OfEpisode(child, kCINdetails, plan) : enquiries;
}

bool IsOn(const Row& conference, const Row& plan) {
  return conference.On(kDateOfInitialCPC) == plan.On(kCPPstartDate);
}

// The conference of a plan that moved in is at the episode, whatever enquiries
// there are.
bool StartsAtConference(const ChildRecord& child, const Row& plan) {
  for (const Table table : {kSection47, kCINdetails})
    for (const Row* row : OfEpisode(child, table, plan))
      if (IsOn(*row, plan)) return true;
  return false;
}

bool AnyPlanStartsOn(const std::vector<const Row*>& conferences,
                     const std::vector<const Row*>& plans,
                     const Period& period) {
  for (const Row* plan : plans)
    for (const Row* conference : conferences)
      if (period.Holds(plan->On(kCPPstartDate)) && IsOn(*conference, *plan))
        return true;
  return false;
}

// The conferences are at fault only when none of the episode's plans starts on
// any of them.
void PlanStartsAtConference(const ChildRecord& child, const Basis& basis,
                            Findings& findings) {
  for (const Row& plan : child.rows(kChildProtectionPlans)) {
    if (!basis.period.Holds(plan.On(kCPPstartDate))) continue;
    if (StartsAtConference(child, plan)) continue;
    const auto conferences = Conferences(child, plan);
    std::vector<Findings::At> rows = {{plan, {kCPPstartDate}}};
    const auto plans = OfEpisode(child, kChildProtectionPlans, plan);
    if (!AnyPlanStartsOn(conferences, plans, basis.period))
      for (const Row* conference : conferences)
        rows.push_back({*conference, {kDateOfInitialCPC}});
    findings.Add(rows);
  }
}

// Rows without an id are not plans yet.
void PlanStartPresent(const ChildRecord& child, const Basis& basis,
                      Findings& findings) {
  Each(child, {kChildProtectionPlans, {kCPPstartDate}}, findings,
       [&](const Row& plan) {
         const auto start = plan.On(kCPPstartDate);
         return plan.Has(kCPPID) &&
                (!start || *start > basis.period.reference_date);
       });
}

void PlanLastsADay(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kChildProtectionPlans, {kCPPstartDate, kCPPendDate}}, findings,
       [](const Row& plan) {
         const auto start = plan.On(kCPPstartDate);
         return start && start == plan.On(kCPPendDate);
       });
}

void PlanEndsAfterStart(const ChildRecord& child, const Basis&,
                        Findings& findings) {
  Each(child, {kChildProtectionPlans, {kCPPstartDate, kCPPendDate}}, findings,
       [](const Row& plan) {
         return Before(plan.On(kCPPendDate), plan.On(kCPPstartDate));
       });
}

void PlanEndsInYear(const ChildRecord& child, const Basis& basis,
                    Findings& findings) {
  Each(child, {kChildProtectionPlans, {kCPPendDate}}, findings,
       [&](const Row& plan) {
         return Outside(plan.On(kCPPendDate), basis.period);
       });
}

bool IsOpen(const Row& plan) { return !plan.On(kCPPendDate); }

// In some tables one id stands for several plans; there each id's plans are
// compared, everywhere else the child's.
Column KeyOfPlans(const ChildRecord& child) {
  std::set<std::string> ids;
  for (const Row& plan : child.rows(kChildProtectionPlans))
    if (plan.Has(kCPPID) && !ids.insert(plan.Text(kCPPID)).second)
      return kCPPID;
  return kLAchildID;
}

void OneOpenPlan(const ChildRecord& child, const Basis&, Findings& findings) {
  MoreThanOne(child, {kChildProtectionPlans, {kCPPendDate}}, KeyOfPlans(child),
              findings, IsOpen);
}

void PlansDoNotOverlap(const ChildRecord& child, const Basis& basis,
                       Findings& findings) {
  Pairs(child, {kChildProtectionPlans, {kCPPstartDate}},
        {kChildProtectionPlans, {kCPPstartDate, kCPPendDate}}, findings,
        [&](const Row& later, const Row& earlier) {
          const bool same = later.Has(kCPPID) && Same(later, earlier, kCPPID);
          return !same &&
                 DuringOrOnLastDay(later.On(kCPPstartDate),
                                   earlier.On(kCPPstartDate),
                                   earlier.On(kCPPendDate), basis.period);
        });
}

void Category(Column column, const ChildRecord& child, const Basis& basis,
              Findings& findings) {
  Each(child, {kChildProtectionPlans, {column}}, findings,
       [&](const Row& plan) {
         return !ValidCode(basis, "abuse_category", plan.Text(column));
       });
}

void InitialCategory(const ChildRecord& child, const Basis& basis,
                     Findings& findings) {
  Category(kInitialCategoryOfAbuse, child, basis, findings);
}

void LatestCategory(const ChildRecord& child, const Basis& basis,
                    Findings& findings) {
  Category(kLatestCategoryOfAbuse, child, basis, findings);
}

bool IsCount(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

void PreviousPlans(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kChildProtectionPlans, {kNumberOfPreviousCPP}}, findings,
       [](const Row& plan) {
         return !IsCount(plan.Text(kNumberOfPreviousCPP));
       });
}

bool OfPlan(const Row& review, const Row& plan) {
  return SameEpisode(review, plan) && Same(review, plan, kCPPID);
}

void ReviewAfterStart(const ChildRecord& child, const Basis&,
                      Findings& findings) {
  Pairs(child, {kChildProtectionPlans, {kCPPstartDate}},
        {kReviews, {kCPPreviewDate}}, findings,
        [](const Row& plan, const Row& review) {
          const auto start = plan.On(kCPPstartDate);
          const auto held = review.On(kCPPreviewDate);
          return OfPlan(review, plan) && start && held && *held <= *start;
        });
}

void ReviewHasDate(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kReviews, {kCPPreviewDate}}, findings,
       [](const Row& review) { return !review.On(kCPPreviewDate); });
}

void NotAfterDeath(Column day, const ChildRecord& child, Findings& findings) {
  Pairs(child, {kChildProtectionPlans, {day}},
        {kChildIdentifiers, {kPersonDeathDate}}, findings,
        [&](const Row& plan, const Row& row) {
          return Before(row.On(kPersonDeathDate), plan.On(day));
        });
}

void PlanStartsBeforeDeath(const ChildRecord& child, const Basis&,
                           Findings& findings) {
  NotAfterDeath(kCPPstartDate, child, findings);
}

void PlanEndsBeforeDeath(const ChildRecord& child, const Basis&,
                         Findings& findings) {
  NotAfterDeath(kCPPendDate, child, findings);
}

constexpr Rule kRules[] = {
    {"1105", kError, kInvariant,
     "The child protection plan starts before the referral.",
     PlanAfterReferral},
    {"2885", kError, kInvariant,
     "The child protection plan does not start on the day of an initial "
     "conference.",
     PlanStartsAtConference},
    {"8720", kError, kFinding,
     "The child protection plan has no start, or one after the end of the "
     "census year.",
     PlanStartPresent},
    {"8730", kError, kFinding,
     "The number of previous child protection plans is missing or no number.",
     PreviousPlans},
    {"8840", kError, kInvariant,
     "The child protection plan starts and ends on the same day.",
     PlanLastsADay},
    {"8841", kError, kInvariant,
     "A review must be after the day on which the child protection plan "
     "starts.",
     ReviewAfterStart},
    {"8842Q", kQuery, kFinding, "A review has no date.", ReviewHasDate},
    {"8905", kError, kFinding,
     "The initial category of abuse is missing or no code of the set.",
     InitialCategory},
    {"8910", kError, kFinding,
     "The latest category of abuse is missing or no code of the set.",
     LatestCategory},
    {"8915", kError, kInvariant,
     "The child protection plan starts after the child died.",
     PlanStartsBeforeDeath},
    {"8920", kError, kInvariant,
     "The child protection plan ends after the child died.",
     PlanEndsBeforeDeath},
    {"8925", kError, kInvariant,
     "The child protection plan ends before it starts.", PlanEndsAfterStart},
    {"8930", kError, kFinding,
     "The child protection plan must end within the census year.",
     PlanEndsInYear},
    {"8935", kError, kInvariant,
     "The child has more than one open child protection plan.", OneOpenPlan},
    {"8940", kError, kInvariant,
     "A child protection plan starts while another one is running.",
     PlansDoNotOverlap},
};

}  // namespace

std::span<const Rule> ProtectionPlanRules() { return kRules; }

}  // namespace seawall::census
