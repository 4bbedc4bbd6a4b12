// The rules of the front door. Pure: facts and time in, decision out.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/base/civil.h"
#include "libs/base/error.h"
#include "services/referrals/contact.h"

namespace seawall::referrals::rules {

// ---- data the rules go by ----

struct Criterion {
  std::string id;
  int points = 0;
  std::string label;
};

// How a contact's information is scored. data/quality_rubric.json.
struct Rubric {
  int version = 0;
  std::vector<Criterion> criteria;
  // Best first: band and the least share of points it needs, in percent.
  std::vector<std::pair<Band, int>> bands;
};

// Where police reports go. data/police_routing.json.
struct PoliceRouting {
  int version = 0;
  std::map<std::string, Route> routes;
  int incidents_in_12_months = 3;
  int child_under_years = 1;
};

// ---- at the door ----

// RED: a child in danger now, in custody, or at level 4 as the referrer sees
// it. AMBER: level 3, or a police grading of high. GREEN: all others. A level
// or grading that nobody knows counts as the highest. Consent, quality and
// completeness play no part.
Priority PriorityOf(const Facts& facts);

// Police reports by their grading; everything else, and every child in danger
// whatever the grading, to the front door.
Route RouteOf(const Facts& facts, const PoliceRouting& routing);

struct Score {
  int version = 0;
  int score = 0;
  int maximum = 0;
  Band band = Band::kUnspecified;
  std::vector<std::string> failed;
};
Score ScoreOf(const Facts& facts, const Rubric& rubric);

// Age on that day: UNBORN, UNDER_1, 1_TO_4, 5_TO_9, 10_TO_15, 16_AND_OVER;
// empty where no date of birth is known. Source: bands of the Department for
// Education's statistics of children in need.
std::string AgeBand(const Facts& facts, Date on);

// A child younger than `years` on that day; unborn children are.
bool IsUnder(const Facts& facts, int years, Date on);

// A named triage decision is needed whatever the grading says.
bool TriageDecisionRequired(const PoliceRouting& routing, bool police_report,
                            bool child_under_age, int incidents_in_12_months);

// ---- deciding ----

// What is known when a decision is to be recorded.
struct Case {
  State state = State::kUnspecified;
  Decision decided = Decision::kUnspecified;
  int level = 0;
  Consent consent = Consent::kUnspecified;
  bool triage_decision_required = false;
  bool open_episode = false;
  bool open_triage = false;
};

// What somebody decided.
struct Proposal {
  Decision decision = Decision::kUnspecified;
  bool has_rationale = false;
  bool has_threshold_decision = false;
  bool has_triage_decision = false;
  bool corrects = false;
};

// CONTACT_WITHDRAWN: what is refused of a contact that is withdrawn.
Error ContactWithdrawn();

// Whether the decision may be recorded. Reasons: DECISION_UNKNOWN,
// RATIONALE_REQUIRED, CONTACT_WITHDRAWN, ALREADY_DECIDED, NOT_DECIDED,
// EPISODE_OPEN, TRIAGE_OPEN, NO_OPEN_EPISODE, THRESHOLD_DECISION_REQUIRED,
// TRIAGE_DECISION_REQUIRED.
Result<void> CheckDecision(const Case& known, const Proposal& proposal);

// A referral within 12 months of an earlier referral of the same child:
// earlier date > referral date less 12 calendar months, and before its day
// (a duplicate of the same day does not count). Source: explore education
// statistics, methodology of characteristics of children in need; the edge is
// ours.
bool IsReReferral(Date referral, const std::vector<Date>& others);

}  // namespace seawall::referrals::rules
