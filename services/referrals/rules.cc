#include "services/referrals/rules.h"

#include <algorithm>

namespace seawall::referrals::rules {
namespace {

Error Refused(std::string reason, std::string message, std::string path,
              std::string description) {
  return Error{Code::kFailedPrecondition,
               std::move(reason),
               std::move(message),
               {{std::move(path), std::move(description)}}};
}

bool EndsBelowReferral(Decision decision) {
  return decision == Decision::kNoFurtherAction ||
         decision == Decision::kInformationAndAdvice ||
         decision == Decision::kEarlyHelp;
}

Result<void> CheckState(const Case& known, const Proposal& proposal) {
  if (IsWithdrawn(known.state)) return ContactWithdrawn();
  if (proposal.corrects && known.state != State::kDecided) {
    return Refused("NOT_DECIDED",
                   "there is no decision to correct; leave `corrects` out",
                   "corrects", "the contact is not decided");
  }
  if (!proposal.corrects && known.state == State::kDecided) {
    return Refused("ALREADY_DECIDED",
                   "the contact is decided; set `corrects` to correct it",
                   "contact_id", "already decided");
  }
  return {};
}

Result<void> CheckEpisode(const Case& known, Decision decision) {
  if (decision == Decision::kReferral && known.open_episode) {
    return Refused("EPISODE_OPEN",
                   "the child has an open episode; a contact joins it, a new "
                   "referral is not recorded while a case is open",
                   "decision", "use DECISION_JOINS_OPEN_EPISODE");
  }
  if (decision == Decision::kJoinsOpenEpisode && !known.open_episode) {
    return Refused("NO_OPEN_EPISODE", "the child has no open episode to join",
                   "decision", "use DECISION_REFERRAL or another decision");
  }
  return {};
}

}  // namespace

Error ContactWithdrawn() {
  return Refused("CONTACT_WITHDRAWN",
                 "the contact is withdrawn or recorded in error; the hub can "
                 "reinstate it, or push a new contact",
                 "contact_id", "withdrawn");
}

Priority PriorityOf(const Facts& facts) {
  if (facts.immediate_danger || facts.custody || facts.level == 4 ||
      facts.level_unknown) {
    return Priority::kRed;
  }
  const bool high = !facts.grading.empty() && facts.grading != "medium" &&
                    facts.grading != "standard";
  if (facts.level == 3 || high) return Priority::kAmber;
  return Priority::kGreen;
}

Route RouteOf(const Facts& facts, const PoliceRouting& routing) {
  if (!facts.from_police || PriorityOf(facts) == Priority::kRed) {
    return Route::kFrontDoor;
  }
  const auto found = routing.routes.find(facts.grading);
  return found == routing.routes.end() ? Route::kFrontDoor : found->second;
}

Score ScoreOf(const Facts& facts, const Rubric& rubric) {
  Score score;
  score.version = rubric.version;
  for (const Criterion& criterion : rubric.criteria) {
    score.maximum += criterion.points;
    if (std::find(facts.met.begin(), facts.met.end(), criterion.id) !=
        facts.met.end()) {
      score.score += criterion.points;
    } else {
      score.failed.push_back(criterion.id);
    }
  }
  for (const auto& [band, least] : rubric.bands) {
    if (score.score * 100 >= least * score.maximum) {
      score.band = band;
      break;
    }
  }
  return score;
}

std::string AgeBand(const Facts& facts, Date on) {
  if (!facts.birth_date) return facts.expected_birth_date ? "UNBORN" : "";
  if (IsUnder(facts, 1, on)) return "UNDER_1";
  if (IsUnder(facts, 5, on)) return "1_TO_4";
  if (IsUnder(facts, 10, on)) return "5_TO_9";
  return IsUnder(facts, 16, on) ? "10_TO_15" : "16_AND_OVER";
}

bool IsUnder(const Facts& facts, int years, Date on) {
  if (facts.birth_date) return AgeOn(*facts.birth_date, on) < years;
  return facts.expected_birth_date.has_value();
}

bool TriageDecisionRequired(const PoliceRouting& routing, bool police_report,
                            bool child_under_age, int incidents_in_12_months) {
  return police_report &&
         (child_under_age ||
          incidents_in_12_months >= routing.incidents_in_12_months);
}

Result<void> CheckDecision(const Case& known, const Proposal& proposal) {
  if (Name(proposal.decision).empty()) {
    return Error{Code::kInvalidArgument,
                 "DECISION_UNKNOWN",
                 "say what was decided",
                 {{"decision", "missing or not a known decision"}}};
  }
  if (!proposal.has_rationale) {
    return Error{Code::kInvalidArgument,
                 "RATIONALE_REQUIRED",
                 "every decision is recorded with its reason",
                 {{"rationale", "missing"}}};
  }
  TRY_VOID(CheckState(known, proposal));
  TRY_VOID(CheckEpisode(known, proposal.decision));
  if (known.open_triage && EndsBelowReferral(proposal.decision)) {
    return Refused("TRIAGE_OPEN",
                   "agencies were asked about this contact; end it below the "
                   "threshold with DecideTriage",
                   "decision", "triage is open");
  }
  if (known.consent == Consent::kRefused && known.level < 4 &&
      EndsBelowReferral(proposal.decision) &&
      !proposal.has_threshold_decision) {
    return Refused("THRESHOLD_DECISION_REQUIRED",
                   "consent was refused below level 4: that closes nothing by "
                   "itself; say why the threshold is met or not",
                   "threshold_decision", "missing");
  }
  if (known.triage_decision_required && !proposal.has_triage_decision) {
    return Refused("TRIAGE_DECISION_REQUIRED",
                   "a third police incident in 12 months, or a child under "
                   "one, needs a named triage decision",
                   "triage_decision", "missing");
  }
  return {};
}

bool IsReReferral(Date referral, const std::vector<Date>& others) {
  return std::any_of(others.begin(), others.end(), [&](Date other) {
    return other < referral && referral < YearsOn(other, 1);
  });
}

}  // namespace seawall::referrals::rules
