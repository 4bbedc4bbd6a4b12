#include "libs/census/test_return.h"

namespace seawall::census {
namespace {

#define OVERLAP                                              \
  "Assessments 1 AssessmentActualStartDate & Assessments 0 " \
  "AssessmentActualStartDate AssessmentAuthorisationDate"

// The year ends on Tuesday 31 March 2026; 45 working days before it is Tuesday
// 27 January.
const std::vector<RuleCase> kCases = {
    {"1103", "the day before the referral",
     "CINdetails CINreferralDate=2025-05-02 | Assessments "
     "AssessmentActualStartDate=2025-05-01",
     "Assessments 0 AssessmentActualStartDate & CINdetails 0 CINreferralDate"},
    {"1103", "the day of the referral",
     "CINdetails CINreferralDate=2025-05-01 | Assessments "
     "AssessmentActualStartDate=2025-05-01",
     ""},
    {"1103", "another episode's referral",
     "CINdetails CINreferralDate=2025-05-02 CINdetailsID=2 | Assessments "
     "AssessmentActualStartDate=2025-05-01",
     ""},
    {"8608", "the day before its start",
     "Assessments AssessmentActualStartDate=2025-05-02 "
     "AssessmentAuthorisationDate=2025-05-01",
     "Assessments 0 AssessmentActualStartDate AssessmentAuthorisationDate"},
    {"8608", "the day of its start",
     "Assessments AssessmentActualStartDate=2025-05-01 "
     "AssessmentAuthorisationDate=2025-05-01",
     ""},
    {"8614", "open with a factor", "Assessments AssessmentFactors=1A",
     "Assessments 0 AssessmentAuthorisationDate AssessmentFactors"},
    {"8614", "open with a factor in the list",
     "Assessments AssessmentID=1 | AssessmentFactorsList AssessmentID=1 "
     "AssessmentFactor=1A",
     "Assessments 0 AssessmentAuthorisationDate AssessmentFactors"},
    {"8614", "completed with a factor",
     "Assessments AssessmentFactors=1A "
     "AssessmentAuthorisationDate=2025-05-01",
     ""},
    {"8614", "open without", "Assessments", ""},
    {"8670Q", "46 working days before the end",
     "Assessments AssessmentActualStartDate=2026-01-26",
     "Assessments 0 AssessmentAuthorisationDate AssessmentActualStartDate"},
    {"8670Q", "45 working days before the end",
     "Assessments AssessmentActualStartDate=2026-01-27", ""},
    {"8670Q", "completed",
     "Assessments AssessmentActualStartDate=2026-01-26 "
     "AssessmentAuthorisationDate=2026-03-31",
     ""},
    // A Sunday counts as the Friday before it: both have the same 45 working
    // days behind them.
    {"8670Q", "from a weekend",
     "Header ReferenceDate=2023-03-31 | Assessments "
     "AssessmentActualStartDate=2023-01-29 | Assessments "
     "AssessmentActualStartDate=2023-01-27 | Assessments "
     "AssessmentActualStartDate=2023-01-26",
     "Assessments 2 AssessmentAuthorisationDate AssessmentActualStartDate"},
    // Good Friday and Easter Monday of 2024 lie before 8 April.
    {"8670Q", "bank holidays are no working days",
     "Header ReferenceDate=2024-04-08 | Assessments "
     "AssessmentActualStartDate=2024-02-01 | Assessments "
     "AssessmentActualStartDate=2024-01-31",
     "Assessments 1 AssessmentAuthorisationDate AssessmentActualStartDate"},
    {"8696", "the day before the year",
     "Assessments AssessmentAuthorisationDate=2025-03-31",
     "Assessments 0 AssessmentAuthorisationDate"},
    {"8696", "its first day",
     "Assessments AssessmentAuthorisationDate=2025-04-01", ""},
    {"8736", "open since the day before the year",
     "Assessments AssessmentActualStartDate=2025-03-31",
     "Assessments 0 AssessmentAuthorisationDate AssessmentActualStartDate"},
    {"8736", "open since its first day",
     "Assessments AssessmentActualStartDate=2025-04-01", ""},
    {"8736", "of no episode",
     "Assessments CINdetailsID= AssessmentActualStartDate=2025-03-31", ""},
    {"8736", "completed",
     "Assessments AssessmentActualStartDate=2025-03-31 "
     "AssessmentAuthorisationDate=2025-04-01",
     ""},
    {"8863Q", "the day on which the other is completed",
     "Assessments AssessmentActualStartDate=2025-05-01 "
     "AssessmentAuthorisationDate=2025-05-20 | Assessments "
     "AssessmentActualStartDate=2025-05-20",
     OVERLAP},
    {"8863Q", "the day after",
     "Assessments AssessmentActualStartDate=2025-05-01 "
     "AssessmentAuthorisationDate=2025-05-20 | Assessments "
     "AssessmentActualStartDate=2025-05-21",
     ""},
    {"8863Q", "while the other is open",
     "Assessments AssessmentActualStartDate=2025-05-01 | Assessments "
     "AssessmentActualStartDate=2026-03-31",
     OVERLAP},
    {"8863Q", "told twice",
     "Assessments AssessmentActualStartDate=2025-05-01 | Assessments "
     "AssessmentActualStartDate=2025-05-01",
     ""},
    {"8863Q", "in another episode",
     "Assessments AssessmentActualStartDate=2025-05-01 | Assessments "
     "CINdetailsID=2 AssessmentActualStartDate=2025-05-02",
     ""},
    {"8869", "21 and another", "Assessments AssessmentFactors=21,1A",
     "Assessments 0 AssessmentFactors"},
    {"8869", "a row for each factor",
     "Assessments AssessmentFactors=21 | Assessments AssessmentFactors=1A",
     "Assessments 1 AssessmentFactors"},
    {"8869", "21 alone",
     "Assessments AssessmentFactors=21 | Assessments AssessmentFactors=1A "
     "AssessmentAuthorisationDate=2025-05-01",
     ""},
    {"8873Q", "nothing found, closed for another reason",
     "CINdetails ReasonForClosure=RC7 | Assessments AssessmentFactors=21",
     "Assessments 0 AssessmentFactors & CINdetails 0 ReasonForClosure"},
    {"8873Q", "nothing found, closed after assessment",
     "CINdetails ReasonForClosure=RC8 | Assessments AssessmentFactors=21", ""},
    {"8873Q", "a second assessment",
     "CINdetails ReasonForClosure=RC7 | Assessments AssessmentFactors=21 "
     "AssessmentID=1 | Assessments AssessmentFactors=21 AssessmentID=2",
     ""},
    {"8873Q", "something found",
     "CINdetails ReasonForClosure=RC7 | Assessments AssessmentFactors=2B", ""},
    {"8896", "two open ones", "Assessments | Assessments",
     "Assessments 0 AssessmentAuthorisationDate & Assessments 1 "
     "AssessmentAuthorisationDate"},
    {"8896", "one open",
     "Assessments | Assessments AssessmentAuthorisationDate=2025-05-01 | "
     "Assessments CINdetailsID=2",
     ""},
    {"8897Q", "no factor", "Assessments AssessmentAuthorisationDate=2025-04-01",
     "Assessments 0 AssessmentAuthorisationDate AssessmentFactors"},
    {"8897Q", "no code of the set",
     "Assessments AssessmentAuthorisationDate=2025-04-01 "
     "AssessmentFactors=1A,8A",
     "Assessments 0 AssessmentAuthorisationDate AssessmentFactors"},
    {"8897Q", "codes of the set",
     "Assessments AssessmentAuthorisationDate=2025-04-01 "
     "AssessmentFactors=1A,18A",
     ""},
    {"8897Q", "before the year",
     "Assessments AssessmentAuthorisationDate=2025-03-31", ""},
    {"8898", "the same twice", "Assessments AssessmentFactors=1A,2B,1A",
     "Assessments 0 AssessmentFactors"},
    {"8898", "the same twice in the list",
     "Assessments AssessmentID=1 | AssessmentFactorsList AssessmentID=1 "
     "AssessmentFactor=1A | AssessmentFactorsList AssessmentID=1 "
     "AssessmentFactor=1A",
     "Assessments 0 AssessmentFactors"},
    {"8898", "the same of two assessments",
     "Assessments AssessmentID=1 AssessmentFactors=1A | Assessments "
     "AssessmentID=2 AssessmentFactors=1A",
     ""},
    {"8945Q", "18A in either case",
     "Assessments AssessmentFactors=18A | Assessments AssessmentFactors=18a "
     "AssessmentID=2",
     "Assessments 0 AssessmentFactors || Assessments 1 AssessmentFactors"},
    {"8945Q", "18B", "Assessments AssessmentFactors=18B", ""},
    {"8945Q", "was not asked in 2023-24", "Assessments AssessmentFactors=18A",
     "not in force", 2024},
    {"8950Q", "19A", "Assessments AssessmentFactors=1A,19A",
     "Assessments 0 AssessmentFactors"},
    {"8950Q", "19C", "Assessments AssessmentFactors=19C", ""},
};

TEST(Assessment, EachRuleFindsWhatBreaksItAndNothingElse) {
  for (const RuleCase& rule_case : kCases) ExpectCase(rule_case);
}

TEST(Assessment, EveryRuleIsTried) {
  ExpectAllRulesTried(AssessmentRules(), kCases);
}

}  // namespace
}  // namespace seawall::census
