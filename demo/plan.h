// Plan: who is referred when, by whom, and what becomes of it: an invented year
// whose totals are the published ones.
//
// Published (data/facts/front_door_annual.csv): contacts, referrals, the mean
// of the last three monthly conversions, repeat referrals, children in need at
// the beginning and the end. All else is invented: months, agencies, sources,
// people, hours, outcomes. What follows a referral is planned by
// pathway_plan.h.
//
// Pure: the same seed makes the same plan. It keeps the service's rules: no
// referral while the child has an open episode, decisions on working days but
// for urgent ones, triage and threshold decisions where they are needed.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "demo/people.h"
#include "libs/base/civil.h"
#include "libs/base/error.h"

namespace seawall::demo {

// What is to come out, April first.
struct Targets {
  std::array<int, 12> contacts{};
  std::array<int, 12> referrals{};
  int re_referrals = 0;
  // Of these the earlier referral lies in the same year, at most.
  int repeats_within_year = 0;
  // Children whose earlier referral lies more than 12 months back.
  int long_ago = 0;
  // Contacts for the early help hub, in percent of the others; counted apart.
  int hub_percent = 0;
  // Left undecided beyond their due day.
  int overdue = 0;
  // Episodes open on the day before the year, and on its last.
  int carried_over = 0;
  int children_in_need = 0;
};

Targets PublishedYear();
// A tenth of it, for tests; no published figure fits it.
Targets TenthOfIt();

int Sum(const std::array<int, 12>& months);

// First and last day of the year that is shown.
Date YearStart();
Date YearEnd();

enum class Consent { kObtained, kRefused, kDispensedWith, kNotSought, kUnsaid };

enum class Outcome {
  kUndecided,
  kNoFurtherAction,
  kInformationAndAdvice,
  kEarlyHelp,
  kReferral,
  kJoinsOpenEpisode
};

// How the child's number is given: it can be found by it or not.
enum class Number { kRight, kWrong, kMissing };

// One child on a form.
struct PlannedContact {
  int child = 0;
  Number number = Number::kRight;
  Outcome outcome = Outcome::kUndecided;
  std::optional<Instant> decided = {};
  bool re_referral = false;
  // Referrals whose episode ends within the time told.
  std::optional<Date> closed = {};
  bool needs_triage_decision = false;
  bool needs_threshold_decision = false;
};

struct PlannedForm {
  std::string request_id;
  std::string agency;
  std::string source;
  // Police alone: high, medium; standard goes to the early help hub.
  std::string grading;
  Instant received;
  int level = 0;
  Consent consent = Consent::kObtained;
  // Of the form's words.
  std::uint64_t seed = 0;
  std::vector<PlannedContact> contacts;

  bool to_hub() const { return grading == "standard"; }
};

// What the plan expects the service to count.
struct Expected {
  int contacts = 0;
  int hub_contacts = 0;
  int referrals = 0;
  int re_referrals = 0;
  int decisions = 0;
  int decided_in_time = 0;
  // At the end of the year.
  int open = 0;
  int overdue = 0;
  int open_episodes = 0;
  int carried_over = 0;
  std::array<int, 12> contacts_by_month{};
  std::array<int, 12> referrals_by_month{};
  std::map<std::string, int> contacts_by_source;
  std::map<std::string, int> referrals_by_source;
};

struct Plan {
  People people;
  // Referrals before the year: closed before it, or carried over.
  std::vector<PlannedForm> history = {};
  // In the order in which they were received.
  std::vector<PlannedForm> year = {};
};

// The agencies that push, by the name that certificates and register know.
extern const std::array<const char*, 7> kAgencies;

// PLAN_IMPOSSIBLE if the targets cannot be met with this seed.
Result<Plan> MakePlan(const Targets& targets, std::uint64_t seed,
                      const Calendar& calendar);

// Counted from the plan anew, by the definitions of the service.
Expected CountPlan(const Plan& plan, const Calendar& calendar);

}  // namespace seawall::demo
