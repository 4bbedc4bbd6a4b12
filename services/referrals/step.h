// A step: one thing that happened on a child's way, as plain values for rules
// that know nothing of the wire or the store. What somebody said lies sealed
// beside it; here stand codes, ids and days alone.
//
// Steps of one subject (a contact or an episode) are numbered from 1 in the
// order they were recorded. They are never changed; a wrong one is voided.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/civil.h"

namespace seawall::referrals {

// Numbers of StepKind in journey.proto; names are what SQL, counters and
// figures say.
enum class StepKind {
  kUnspecified = 0,
  // … of a contact
  kTriageOpened = 1,
  kContributed = 2,
  kTriageDecided = 3,
  kSignedOff = 4,
  kDecisionAgreed = 5,
  // … of either
  kEscalationRaised = 6,
  kEscalationAnswered = 7,
  // … of an episode
  kAssessmentStarted = 10,
  kChildSeen = 11,
  kAssessmentReviewed = 12,
  kAssessmentAuthorised = 13,
  kStrategyDiscussionHeld = 14,
  kMinutesSent = 15,
  kMinutesReceived = 16,
  kSection47Completed = 17,
  kConferenceHeld = 18,
  kProtectionPlanStarted = 19,
  kCoreGroupHeld = 20,
  kProtectionPlanReviewed = 21,
  kChildVisited = 22,
  kProtectionPlanEnded = 23,
  kChildInNeedPlanStarted = 24,
  kChildInNeedPlanEnded = 25,
  kEarlyHelpStarted = 26,
  kEarlyHelpEnded = 27,
  kEpisodeClosed = 28,
  kStepVoided = 29,
  // The child was referred again within 12 months of this closure.
  kReturned = 30,
};

// "ASSESSMENT_STARTED"; empty for none.
std::string_view Name(StepKind kind);
StepKind StepKindNamed(std::string_view name);
inline void FromName(std::string_view name, StepKind& kind) {
  kind = StepKindNamed(name);
}

// How the child's voice was heard; the numbers of VoiceKind in
// referrals.proto.
enum class VoiceHeard {
  kUnspecified,
  kOwnWords,
  kObserved,
  kThroughAdult,
  kNotObtained
};
std::string_view Name(VoiceHeard voice);
VoiceHeard VoiceHeardNamed(std::string_view name);
inline void FromName(std::string_view name, VoiceHeard& voice) {
  voice = VoiceHeardNamed(name);
}

struct Step {
  std::string subject_id;
  int number = 0;
  StepKind kind = StepKind::kUnspecified;
  // The assessment, enquiry, conference, plan or escalation it begins or is
  // about.
  std::string thing_id;
  // What it refers to: the enquiry of a conference, the step voided or
  // disputed, the episode a child returned to; of an enquiry that a census
  // brought, the target day of its conference.
  std::string about;
  Instant happened;
  Date date;
  // Whose act it is.
  std::string agency;
  // agency/person/role who recorded it.
  std::string recorded_by;  // ledger::Unit::By()
  std::string team;
  // A code: outcome, reason for closure, category, decision.
  std::string outcome;
  // Codes or agencies: factors, agencies asked, present.
  std::vector<std::string> codes;
  // Level of need, stage of an escalation, previous plans.
  int level = 0;
  VoiceHeard voice = VoiceHeard::kUnspecified;
  // What is so: RATIONALE, EVIDENCED, DISSENT, TRANSFER_IN, SEEN, ALONE, NFA,
  // IMPORTED.
  std::set<std::string> flags;
  bool is_void = false;

  bool Has(const char* flag) const { return flags.count(flag) != 0; }
};

}  // namespace seawall::referrals
