// Rules about CIN plans: plans for children in need, which never run beside a
// child protection plan, though one may start on the day the other ends.
#include "libs/census/subjects.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Kind;
using enum Severity;
using enum Table;

bool IsOpen(const Row& plan) { return !plan.On(kCINPlanEndDate); }

void NotBothOpen(const ChildRecord& child, const Basis&, Findings& findings) {
  Pairs(child, {kChildProtectionPlans, {kCPPendDate}},
        {kCINplanDates, {kCINPlanEndDate}}, findings,
        [](const Row& protection, const Row& plan) {
          return SameEpisode(protection, plan) && !protection.On(kCPPendDate) &&
                 plan.On(kCINPlanStartDate) && IsOpen(plan);
        });
}

// A review on the day on which the child protection plan ends may be the one
// that turned it into the CIN plan.
void NoReviewDuringPlan(const ChildRecord& child, const Basis& basis,
                        Findings& findings) {
  for (const Row& plan : child.rows(kCINplanDates))
    for (const Row& protection : child.rows(kChildProtectionPlans))
      for (const Row& review : child.rows(kReviews)) {
        const auto held = review.On(kCPPreviewDate);
        if (!Same(review, protection, kCPPID) ||
            held == protection.On(kCPPendDate) ||
            !During(held, plan.On(kCINPlanStartDate), plan.On(kCINPlanEndDate),
                    basis.period))
          continue;
        findings.Add({{protection, {kCPPendDate}},
                      {plan, {kCINPlanStartDate}},
                      {review, {kCPPreviewDate}}});
      }
}

void OneOpenPlan(const ChildRecord& child, const Basis&, Findings& findings) {
  MoreThanOne(child, {kCINplanDates, {kCINPlanEndDate}}, kCINdetailsID,
              findings, IsOpen);
}

void NotAfterDeath(Column day, const ChildRecord& child, Findings& findings) {
  Pairs(child, {kChildIdentifiers, {kPersonDeathDate}}, {kCINplanDates, {day}},
        findings, [&](const Row& row, const Row& plan) {
          return Before(row.On(kPersonDeathDate), plan.On(day));
        });
}

void PlanStartsBeforeDeath(const ChildRecord& child, const Basis&,
                           Findings& findings) {
  NotAfterDeath(kCINPlanStartDate, child, findings);
}

void PlanEndsBeforeDeath(const ChildRecord& child, const Basis&,
                         Findings& findings) {
  NotAfterDeath(kCINPlanEndDate, child, findings);
}

void PlanStartPresent(const ChildRecord& child, const Basis& basis,
                      Findings& findings) {
  Each(child, {kCINplanDates, {kCINPlanStartDate}}, findings,
       [&](const Row& plan) {
         const auto start = plan.On(kCINPlanStartDate);
         return !start || *start > basis.period.reference_date;
       });
}

void PlanEndsAfterStart(const ChildRecord& child, const Basis&,
                        Findings& findings) {
  Each(child, {kCINplanDates, {kCINPlanEndDate, kCINPlanStartDate}}, findings,
       [](const Row& plan) {
         return Before(plan.On(kCINPlanEndDate), plan.On(kCINPlanStartDate));
       });
}

void PlanLastsADay(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kCINplanDates, {kCINPlanStartDate, kCINPlanEndDate}}, findings,
       [](const Row& plan) {
         const auto start = plan.On(kCINPlanStartDate);
         return start && start == plan.On(kCINPlanEndDate);
       });
}

void PlanEndsInYear(const ChildRecord& child, const Basis& basis,
                    Findings& findings) {
  Each(child, {kCINplanDates, {kCINPlanEndDate}}, findings,
       [&](const Row& plan) {
         return Outside(plan.On(kCINPlanEndDate), basis.period);
       });
}

void PlansDoNotOverlap(const ChildRecord& child, const Basis& basis,
                       Findings& findings) {
  Pairs(child, {kCINplanDates, {kCINPlanStartDate}},
        {kCINplanDates, {kCINPlanStartDate, kCINPlanEndDate}}, findings,
        [&](const Row& later, const Row& earlier) {
          return DuringOrOnLastDay(later.On(kCINPlanStartDate),
                                   earlier.On(kCINPlanStartDate),
                                   earlier.On(kCINPlanEndDate), basis.period);
        });
}

void PlanAfterReferral(const ChildRecord& child, const Basis&,
                       Findings& findings) {
  Pairs(child, {kCINplanDates, {kCINPlanStartDate}},
        {kCINdetails, {kCINreferralDate}}, findings,
        [](const Row& plan, const Row& episode) {
          return SameEpisode(plan, episode) &&
                 Before(plan.On(kCINPlanStartDate),
                        episode.On(kCINreferralDate));
        });
}

void NoStartDuringProtection(const ChildRecord& child, const Basis& basis,
                             Findings& findings) {
  Pairs(child, {kCINplanDates, {kCINPlanStartDate}},
        {kChildProtectionPlans, {kCPPstartDate, kCPPendDate}}, findings,
        [&](const Row& plan, const Row& protection) {
          return During(plan.On(kCINPlanStartDate),
                        protection.On(kCPPstartDate),
                        protection.On(kCPPendDate), basis.period);
        });
}

void NoProtectionDuringPlan(const ChildRecord& child, const Basis& basis,
                            Findings& findings) {
  Pairs(child, {kChildProtectionPlans, {kCPPstartDate}},
        {kCINplanDates, {kCINPlanStartDate, kCINPlanEndDate}}, findings,
        [&](const Row& protection, const Row& plan) {
          return During(protection.On(kCPPstartDate),
                        plan.On(kCINPlanStartDate), plan.On(kCINPlanEndDate),
                        basis.period);
        });
}

constexpr Rule kRules[] = {
    {"4001", kError, kInvariant,
     "The episode has an open CIN plan and an open child protection plan.",
     NotBothOpen},
    {"4003", kError, kInvariant,
     "A child protection review was held during a CIN plan.",
     NoReviewDuringPlan},
    {"4004", kError, kInvariant, "The episode has more than one open CIN plan.",
     OneOpenPlan},
    {"4008", kError, kInvariant, "The CIN plan starts after the child died.",
     PlanStartsBeforeDeath},
    {"4009Q", kQuery, kFinding, "The CIN plan ends after the child died.",
     PlanEndsBeforeDeath},
    {"4010", kError, kFinding,
     "The CIN plan has no start, or one after the end of the census year.",
     PlanStartPresent},
    {"4011", kError, kInvariant, "The CIN plan ends before it starts.",
     PlanEndsAfterStart},
    {"4012Q", kQuery, kFinding, "The CIN plan starts and ends on the same day.",
     PlanLastsADay},
    {"4013", kError, kFinding, "The CIN plan must end within the census year.",
     PlanEndsInYear},
    {"4014", kError, kInvariant,
     "A CIN plan starts while another one is running.", PlansDoNotOverlap},
    {"4015", kError, kInvariant, "The CIN plan starts before the referral.",
     PlanAfterReferral},
    {"4016", kError, kInvariant,
     "A CIN plan starts while a child protection plan is running.",
     NoStartDuringProtection},
    {"4017", kError, kInvariant,
     "A child protection plan starts while a CIN plan is running.",
     NoProtectionDuringPlan},
};

}  // namespace

std::span<const Rule> NeedPlanRules() { return kRules; }

}  // namespace seawall::census
