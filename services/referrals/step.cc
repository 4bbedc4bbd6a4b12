#include "services/referrals/step.h"

#include <array>
#include <utility>

namespace seawall::referrals {
namespace {

using Named = std::pair<StepKind, std::string_view>;

constexpr Named kKinds[] = {
    {StepKind::kTriageOpened, "TRIAGE_OPENED"},
    {StepKind::kContributed, "CONTRIBUTED"},
    {StepKind::kTriageDecided, "TRIAGE_DECIDED"},
    {StepKind::kSignedOff, "SIGNED_OFF"},
    {StepKind::kDecisionAgreed, "DECISION_AGREED"},
    {StepKind::kEscalationRaised, "ESCALATION_RAISED"},
    {StepKind::kEscalationAnswered, "ESCALATION_ANSWERED"},
    {StepKind::kAssessmentStarted, "ASSESSMENT_STARTED"},
    {StepKind::kChildSeen, "CHILD_SEEN"},
    {StepKind::kAssessmentReviewed, "ASSESSMENT_REVIEWED"},
    {StepKind::kAssessmentAuthorised, "ASSESSMENT_AUTHORISED"},
    {StepKind::kStrategyDiscussionHeld, "STRATEGY_DISCUSSION_HELD"},
    {StepKind::kMinutesSent, "MINUTES_SENT"},
    {StepKind::kMinutesReceived, "MINUTES_RECEIVED"},
    {StepKind::kSection47Completed, "SECTION_47_COMPLETED"},
    {StepKind::kConferenceHeld, "CONFERENCE_HELD"},
    {StepKind::kProtectionPlanStarted, "PROTECTION_PLAN_STARTED"},
    {StepKind::kCoreGroupHeld, "CORE_GROUP_HELD"},
    {StepKind::kProtectionPlanReviewed, "PROTECTION_PLAN_REVIEWED"},
    {StepKind::kChildVisited, "CHILD_VISITED"},
    {StepKind::kProtectionPlanEnded, "PROTECTION_PLAN_ENDED"},
    {StepKind::kChildInNeedPlanStarted, "CHILD_IN_NEED_PLAN_STARTED"},
    {StepKind::kChildInNeedPlanEnded, "CHILD_IN_NEED_PLAN_ENDED"},
    {StepKind::kEarlyHelpStarted, "EARLY_HELP_STARTED"},
    {StepKind::kEarlyHelpEnded, "EARLY_HELP_ENDED"},
    {StepKind::kEpisodeClosed, "EPISODE_CLOSED"},
    {StepKind::kStepVoided, "STEP_VOIDED"},
    {StepKind::kReturned, "RETURNED"},
};

constexpr std::array<std::string_view, 5> kVoices = {
    "", "OWN_WORDS", "OBSERVED", "THROUGH_ADULT", "NOT_OBTAINED"};

}  // namespace

std::string_view Name(StepKind kind) {
  for (const auto& [one, name] : kKinds) {
    if (one == kind) return name;
  }
  return "";
}

StepKind StepKindNamed(std::string_view name) {
  for (const auto& [kind, one] : kKinds) {
    if (one == name) return kind;
  }
  return StepKind::kUnspecified;
}

std::string_view Name(VoiceHeard voice) {
  const auto i = static_cast<std::size_t>(voice);
  return i < kVoices.size() ? kVoices[i] : kVoices[0];
}

VoiceHeard VoiceHeardNamed(std::string_view name) {
  for (std::size_t i = 1; i < kVoices.size(); i++) {
    if (kVoices[i] == name) return static_cast<VoiceHeard>(i);
  }
  return VoiceHeard::kUnspecified;
}

}  // namespace seawall::referrals
