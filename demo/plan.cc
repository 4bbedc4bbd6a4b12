#include "demo/plan.h"

#include <numeric>

#include "demo/arrivals.h"
#include "demo/carrying.h"
#include "demo/days.h"
#include "demo/referring.h"
#include "demo/settling.h"

namespace seawall::demo {
namespace {

Targets Tenth(Targets targets) {
  for (auto* months : {&targets.contacts, &targets.referrals}) {
    for (int& month : *months) month = (month + 5) / 10;
  }
  targets.re_referrals /= 10;
  targets.repeats_within_year /= 10;
  targets.long_ago /= 10;
  targets.overdue /= 10;
  targets.carried_over /= 10;
  targets.children_in_need /= 10;
  return targets;
}

}  // namespace

const std::array<const char*, 7> kAgencies = {
    "police",  "school",   "hospital", "health-visitor", "council-early-help",
    "housing", "probation"};

// Totals and the conversion of January to March are published; their months
// are invented so that they fit.
Targets PublishedYear() {
  return {
      .contacts = {812, 921, 884, 893, 702, 861, 918, 878, 711, 760, 716, 742},
      .referrals = {176, 211, 209, 221, 168, 214, 243, 242, 199, 280, 271, 292},
      .re_referrals = 654,
      .repeats_within_year = 235,
      .long_ago = 40,
      .hub_percent = 14,
      .overdue = 27,
      .carried_over = 2119,
      .children_in_need = 1834};
}

Targets TenthOfIt() { return Tenth(PublishedYear()); }

int Sum(const std::array<int, 12>& months) {
  return std::accumulate(months.begin(), months.end(), 0);
}

Date YearStart() { return std::chrono::year(2017) / std::chrono::April / 1; }
Date YearEnd() { return std::chrono::year(2018) / std::chrono::March / 31; }

Result<Plan> MakePlan(const Targets& targets, std::uint64_t seed,
                      const Calendar& calendar) {
  Plan plan{.people = People(seed ^ 0xfa3117u)};
  Random random(seed);
  Arrivals arrivals(random, calendar, plan.people);
  const std::string name = "demo-" + std::to_string(seed);
  plan.year = arrivals.Year(targets);
  Number(plan.year, name + "-y");
  TRY_VOID(ReferContacts(targets, calendar, random, arrivals, plan));
  TRY_VOID(CarryOver(targets, calendar, random, arrivals, plan));
  Number(plan.history, name + "-h");
  SettleOthers(random, plan);
  return plan;
}

Expected CountPlan(const Plan& plan, const Calendar& calendar) {
  Expected expected;
  for (const PlannedForm& form : plan.history) {
    for (const PlannedContact& contact : form.contacts) {
      expected.carried_over +=
          !contact.closed || *contact.closed >= YearStart();
      expected.open_episodes += !contact.closed;
    }
  }
  for (const PlannedForm& form : plan.year) {
    const Date day = CivilDate(form.received);
    for (const PlannedContact& contact : form.contacts) {
      if (form.to_hub()) {
        ++expected.hub_contacts;
        continue;
      }
      ++expected.contacts;
      ++expected.contacts_by_month[MonthOf(day)];
      ++expected.contacts_by_source[form.source];
      if (!contact.decided) {
        ++expected.open;
        expected.overdue += DueWithinYear(form, calendar);
        continue;
      }
      ++expected.decisions;
      const Date decided = CivilDate(*contact.decided);
      expected.decided_in_time += decided <= calendar.AddWorkingDays(day, 1);
      if (contact.outcome != Outcome::kReferral) continue;
      ++expected.referrals;
      expected.open_episodes += !contact.closed.has_value();
      ++expected.referrals_by_month[MonthOf(decided)];
      ++expected.referrals_by_source[form.source];
      expected.re_referrals += contact.re_referral;
    }
  }
  return expected;
}

}  // namespace seawall::demo
