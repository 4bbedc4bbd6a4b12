#include "libs/census/test_return.h"

namespace seawall::census {
namespace {

#define ROW "PreProceedings 0 "

// All of them are cases of 2026-27.
std::vector<RuleCase> Of2027(std::vector<RuleCase> cases) {
  for (RuleCase& one : cases) one.year = 2027;
  return cases;
}

const std::vector<RuleCase> kCases = Of2027({
    {"9005", "the day before the year", "PreProceedings PPStartDate=2026-03-31",
     ROW "PPStartDate"},
    {"9005", "its first day", "PreProceedings PPStartDate=2026-04-01", ""},
    {"9006", "the day before the start",
     "PreProceedings PPStartDate=2026-05-02 LBPSentDate=2026-05-01",
     ROW "LBPSentDate"},
    {"9006", "the day of the start",
     "PreProceedings PPStartDate=2026-05-01 LBPSentDate=2026-05-01", ""},
    {"9006", "the day after the year",
     "PreProceedings PPStartDate=2026-05-01 LBPSentDate=2027-04-01",
     ROW "LBPSentDate"},
    {"9006", "no start", "PreProceedings LBPSentDate=2027-04-01", ""},
    {"9007", "an offer without a letter", "PreProceedings FGDMMeetingOffer=1",
     ROW "LBPSentDate"},
    {"9007", "an offer in a letter",
     "PreProceedings FGDMMeetingOffer=1 LBPSentDate=2026-05-01", ""},
    {"9008", "the day after the year",
     "PreProceedings InitialPPMeetingDate=2027-04-01",
     ROW "InitialPPMeetingDate"},
    {"9008", "its last day", "PreProceedings InitialPPMeetingDate=2027-03-31",
     ""},
    {"9009", "the day before the start",
     "PreProceedings PPStartDate=2026-05-02 StepDecisionDate=2026-05-01",
     ROW "StepDecisionDate"},
    {"9009", "the day of the start",
     "PreProceedings PPStartDate=2026-05-01 StepDecisionDate=2026-05-01", ""},
    {"9011", "no code", "PreProceedings PPOutcome=D", ROW "PPOutcome"},
    {"9011", "none", "PreProceedings", ROW "PPOutcome"},
    {"9011", "a code", "PreProceedings PPOutcome=A", ""},
    {"9012", "the day before the decision",
     "PreProceedings StepDecisionDate=2026-05-02 CourtAppDate=2026-05-01",
     ROW "CourtAppDate"},
    {"9012", "the day of the decision",
     "PreProceedings StepDecisionDate=2026-05-01 CourtAppDate=2026-05-01", ""},
    {"9013", "the day before the application",
     "PreProceedings CourtAppDate=2026-05-02 LetterInitCPDate=2026-05-01",
     ROW "LetterInitCPDate"},
    {"9013", "the day of the application",
     "PreProceedings CourtAppDate=2026-05-01 LetterInitCPDate=2026-05-01", ""},
    {"9015Q", "no number", "PreProceedings InitialPPMeetingDate=2026-05-01",
     ROW "ReviewMeetingsCount"},
    {"9015Q", "a number",
     "PreProceedings InitialPPMeetingDate=2026-05-01 ReviewMeetingsCount=0",
     ""},
});

TEST(Proceedings, EachRuleFindsWhatBreaksItAndNothingElse) {
  for (const RuleCase& rule_case : kCases) ExpectCase(rule_case);
}

TEST(Proceedings, EveryRuleIsTried) {
  ExpectAllRulesTried(ProceedingsRules(), kCases);
}

TEST(Proceedings, WereNotInTheCensusBefore) {
  EXPECT_EQ(FindRule("9005", 2026), nullptr);
}

}  // namespace
}  // namespace seawall::census
