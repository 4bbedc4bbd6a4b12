#include "libs/census/test_return.h"

namespace seawall::census {
namespace {

const std::vector<RuleCase> kCases = {
    {"2990", "closed after assessment with everything else",
     "CINdetails ReasonForClosure=RC8 DateOfInitialCPC=2025-05-01 | Section47 "
     "| ChildProtectionPlans | CINplanDates",
     "CINdetails 0 DateOfInitialCPC & Section47 0 LAchildID & "
     "ChildProtectionPlans 0 LAchildID & CINplanDates 0 LAchildID"},
    {"2990", "stepped down with a plan",
     "CINdetails ReasonForClosure=RC9 | CINplanDates",
     "CINdetails 0 DateOfInitialCPC & CINplanDates 0 LAchildID"},
    {"2990", "another reason", "CINdetails ReasonForClosure=RC7 | CINplanDates",
     ""},
    {"2990", "another episode's plan",
     "CINdetails ReasonForClosure=RC8 | CINplanDates CINdetailsID=2", ""},
    {"4000", "a plan", "CINdetails ReferralNFA=1 | CINplanDates | CINplanDates",
     "CINdetails 0 ReferralNFA & CINplanDates 0 LAchildID & CINplanDates 1 "
     "LAchildID"},
    {"4000", "a plan of a referral that was acted on",
     "CINdetails ReferralNFA=0 | CINplanDates", ""},
    {"8555Q", "the day after death",
     "CINdetails CINreferralDate=2025-05-02 | ChildIdentifiers "
     "PersonDeathDate=2025-05-01",
     "CINdetails 0 CINreferralDate & ChildIdentifiers 0 PersonDeathDate"},
    {"8555Q", "the day of death",
     "CINdetails CINreferralDate=2025-05-01 | ChildIdentifiers "
     "PersonDeathDate=2025-05-01",
     ""},
    {"8565", "everything on the day after",
     "CINdetails CINclosureDate=2025-05-01 DateOfInitialCPC=2025-05-02 | "
     "Assessments AssessmentAuthorisationDate=2025-05-02 | Section47 "
     "S47ActualStartDate=2025-05-02 | ChildProtectionPlans "
     "CPPendDate=2025-05-02 | CINplanDates CINPlanStartDate=2025-05-02",
     "CINdetails 0 CINclosureDate DateOfInitialCPC & Assessments 0 "
     "AssessmentActualStartDate AssessmentAuthorisationDate & Section47 0 "
     "S47ActualStartDate DateOfInitialCPC & ChildProtectionPlans 0 CPPendDate "
     "& CINplanDates 0 CINPlanStartDate CINPlanEndDate"},
    {"8565", "everything on the day itself",
     "CINdetails CINclosureDate=2025-05-01 DateOfInitialCPC=2025-05-01 | "
     "Assessments AssessmentAuthorisationDate=2025-05-01 | Section47 "
     "S47ActualStartDate=2025-05-01 | ChildProtectionPlans "
     "CPPendDate=2025-05-01 | CINplanDates CINPlanStartDate=2025-05-01",
     ""},
    {"8565", "not closed", "CINdetails DateOfInitialCPC=2025-05-02", ""},
    {"8568", "2 is no flag", "CINdetails ReferralNFA=2",
     "CINdetails 0 ReferralNFA"},
    {"8568", "none", "CINdetails", "CINdetails 0 ReferralNFA"},
    {"8568", "all spellings",
     "CINdetails ReferralNFA=0 | CINdetails ReferralNFA=1 | CINdetails "
     "ReferralNFA=True | CINdetails ReferralNFA=false",
     ""},
    // 31 March 2025 is a Monday.
    {"8569Q", "two working days before the year",
     "CINdetails CINreferralDate=2025-03-28 ReferralNFA=1",
     "CINdetails 0 CINreferralDate"},
    {"8569Q", "the last working day before the year",
     "CINdetails CINreferralDate=2025-03-31 ReferralNFA=1", ""},
    {"8569Q", "acted on",
     "CINdetails CINreferralDate=2025-03-28 ReferralNFA=false", ""},
    // Good Friday and Easter Monday of 2018 stand around its 1 April.
    {"8569Q", "Easter is no working day",
     "Header ReferenceDate=2019-03-31 | CINdetails "
     "CINreferralDate=2018-03-29 ReferralNFA=1",
     ""},
    {"8569Q", "the day before Easter's last working day",
     "Header ReferenceDate=2019-03-31 | CINdetails "
     "CINreferralDate=2018-03-28 ReferralNFA=1",
     "CINdetails 0 CINreferralDate"},
    {"8585Q", "no day of death",
     "ChildIdentifiers | CINdetails ReasonForClosure=RC2",
     "ChildIdentifiers 0 PersonDeathDate & CINdetails 0 ReasonForClosure"},
    {"8585Q", "a day of death",
     "ChildIdentifiers PersonDeathDate=2025-05-01 | CINdetails "
     "ReasonForClosure=RC2",
     ""},
    {"8600", "no day", "CINdetails", "CINdetails 0 CINreferralDate"},
    {"8600", "the day after the year", "CINdetails CINreferralDate=2026-04-01",
     "CINdetails 0 CINreferralDate"},
    {"8600", "its last day", "CINdetails CINreferralDate=2026-03-31", ""},
    {"8606", "281 days before birth",
     "CINdetails CINreferralDate=2024-07-24 | ChildIdentifiers "
     "PersonBirthDate=2025-05-01",
     "CINdetails 0 CINreferralDate & ChildIdentifiers 0 PersonBirthDate "
     "ExpectedPersonBirthDate"},
    {"8606", "280 days before birth",
     "CINdetails CINreferralDate=2024-07-25 | ChildIdentifiers "
     "PersonBirthDate=2025-05-01",
     ""},
    {"8606", "281 days before the expected birth",
     "CINdetails CINreferralDate=2024-07-24 | ChildIdentifiers "
     "ExpectedPersonBirthDate=2025-05-01",
     "CINdetails 0 CINreferralDate & ChildIdentifiers 0 PersonBirthDate "
     "ExpectedPersonBirthDate"},
    {"8610", "no need", "CINdetails ReferralNFA=0",
     "CINdetails 0 ReferralNFA PrimaryNeedCode"},
    {"8610", "a need", "CINdetails ReferralNFA=0 PrimaryNeedCode=N1", ""},
    {"8610", "no further action", "CINdetails ReferralNFA=1", ""},
    {"8620", "the day before the year", "CINdetails CINclosureDate=2025-03-31",
     "CINdetails 0 CINclosureDate"},
    {"8620", "its first and its last day",
     "CINdetails CINclosureDate=2025-04-01 | CINdetails "
     "CINclosureDate=2026-03-31",
     ""},
    {"8620", "the day after the year", "CINdetails CINclosureDate=2026-04-01",
     "CINdetails 0 CINclosureDate"},
    {"8620", "the header says which year",
     "Header ReferenceDate=2022-03-31 | CINdetails CINclosureDate=2021-04-01 "
     "| CINdetails CINclosureDate=2022-04-01",
     "CINdetails 1 CINclosureDate"},
    {"8630", "the day before the referral",
     "CINdetails CINreferralDate=2025-05-02 CINclosureDate=2025-05-01",
     "CINdetails 0 CINreferralDate CINclosureDate"},
    {"8630", "the day of the referral",
     "CINdetails CINreferralDate=2025-05-01 CINclosureDate=2025-05-01", ""},
    {"8640", "no code of the set", "CINdetails ReasonForClosure=RC10",
     "CINdetails 0 ReasonForClosure"},
    {"8640", "a code of the set", "CINdetails ReasonForClosure=RC9", ""},
    {"8640", "which was new in 2022-23", "CINdetails ReasonForClosure=RC9", "",
     2023},
    {"8640", "none", "CINdetails", ""},
    {"8650", "no code of the set", "CINdetails PrimaryNeedCode=N10",
     "CINdetails 0 PrimaryNeedCode"},
    {"8650", "a code of the set", "CINdetails PrimaryNeedCode=N0", ""},
    {"8805", "a day alone", "CINdetails CINclosureDate=2025-05-01",
     "CINdetails 0 CINclosureDate ReasonForClosure"},
    {"8805", "a day and a reason",
     "CINdetails CINclosureDate=2025-05-01 ReasonForClosure=RC7", ""},
    {"8810", "a reason alone", "CINdetails ReasonForClosure=RC7",
     "CINdetails 0 ReasonForClosure CINclosureDate"},
    {"8810", "a reason and a day",
     "CINdetails CINclosureDate=2025-05-01 ReasonForClosure=RC7", ""},
    {"8815", "two open ones",
     "CINdetails ReferralNFA=0 | CINdetails ReferralNFA=false | CINdetails "
     "ReferralNFA=1",
     "CINdetails 0 CINclosureDate & CINdetails 1 CINclosureDate"},
    {"8815", "one open, one closed, one not acted on",
     "CINdetails ReferralNFA=0 | CINdetails ReferralNFA=0 "
     "CINclosureDate=2025-05-01 | CINdetails ReferralNFA=1",
     ""},
    {"8815", "one each of two children",
     "CINdetails ReferralNFA=0 | CINdetails ReferralNFA=0 LAchildID=Test2", ""},
    {"8816", "referred a day before the last",
     "CINdetails ReferralNFA=0 CINreferralDate=2025-05-01 | CINdetails "
     "ReferralNFA=0 CINreferralDate=2025-05-02 CINclosureDate=2025-05-03",
     "CINdetails 0 CINreferralDate & CINdetails 1 CINreferralDate"},
    {"8816", "of one day the first is the last",
     "CINdetails ReferralNFA=0 CINreferralDate=2025-05-01 | CINdetails "
     "ReferralNFA=0 CINreferralDate=2025-05-01",
     "CINdetails 1 CINreferralDate & CINdetails 0 CINreferralDate"},
    {"8816", "the last",
     "CINdetails ReferralNFA=0 CINreferralDate=2025-05-02 | CINdetails "
     "ReferralNFA=0 CINreferralDate=2025-05-01 CINclosureDate=2025-05-03",
     ""},
    {"8816", "no day of referral", "CINdetails ReferralNFA=0", ""},
    {"8820", "the day before the other closes",
     "CINdetails CINreferralDate=2025-05-01 CINclosureDate=2025-06-01 | "
     "CINdetails CINreferralDate=2025-05-31 CINclosureDate=2025-07-01",
     "CINdetails 1 CINreferralDate & CINdetails 0 CINreferralDate "
     "CINclosureDate"},
    {"8820", "the day on which the other closes",
     "CINdetails CINreferralDate=2025-05-01 CINclosureDate=2025-06-01 | "
     "CINdetails CINreferralDate=2025-06-01 CINclosureDate=2025-07-01",
     ""},
    {"8820", "told twice",
     "CINdetails CINreferralDate=2025-05-01 CINclosureDate=2025-06-01 | "
     "CINdetails CINreferralDate=2025-05-01 CINclosureDate=2025-06-01",
     "CINdetails 0 CINreferralDate & CINdetails 1 CINreferralDate "
     "CINclosureDate || CINdetails 1 CINreferralDate & CINdetails 0 "
     "CINreferralDate CINclosureDate"},
    {"8820", "while the other is open",
     "CINdetails CINreferralDate=2025-05-01 ReferralNFA=0 | CINdetails "
     "CINreferralDate=2026-03-30",
     "CINdetails 1 CINreferralDate & CINdetails 0 CINreferralDate "
     "CINclosureDate"},
    {"8820", "the other needed nothing",
     "CINdetails CINreferralDate=2025-05-01 ReferralNFA=1 | CINdetails "
     "CINreferralDate=2026-03-30",
     ""},
    {"8825Q", "no assessment",
     "CINdetails ReasonForClosure=RC8 | Assessments CINdetailsID=2",
     "CINdetails 0 ReasonForClosure"},
    {"8825Q", "an assessment", "CINdetails ReasonForClosure=RC9 | Assessments",
     ""},
    {"8831", "assessment, enquiry and conference",
     "CINdetails ReferralNFA=1 DateOfInitialCPC=2025-05-01 | Assessments "
     "AssessmentActualStartDate=2025-05-01 | Section47 "
     "S47ActualStartDate=2025-05-01 | Assessments",
     "CINdetails 0 DateOfInitialCPC & Assessments 0 LAchildID & Section47 0 "
     "LAchildID"},
    {"8831", "nothing with a day",
     "CINdetails ReferralNFA=true | Assessments | Section47", ""},
    {"8831", "acted on",
     "CINdetails ReferralNFA=0 | Section47 S47ActualStartDate=2025-05-01", ""},
    {"8832", "a plan", "CINdetails ReferralNFA=TRUE | ChildProtectionPlans",
     "CINdetails 0 ReferralNFA & ChildProtectionPlans 0 LAchildID"},
    {"8832", "a plan of a referral that was acted on",
     "CINdetails ReferralNFA=0 | ChildProtectionPlans", ""},
    {"8866", "no source", "CINdetails CINreferralDate=2013-04-01",
     "CINdetails 0 CINreferralDate ReferralSource"},
    {"8866", "no code of the set",
     "CINdetails CINreferralDate=2025-05-01 ReferralSource=1Z",
     "CINdetails 0 CINreferralDate ReferralSource"},
    {"8866", "a code of the set",
     "CINdetails CINreferralDate=2025-05-01 ReferralSource=5D", ""},
    {"8866", "which was new in 2022-23",
     "CINdetails CINreferralDate=2022-05-01 ReferralSource=5D", "", 2023},
    {"8866", "before it was asked for",
     "CINdetails CINreferralDate=2013-03-31 ReferralSource=1Z", ""},
    {"8867", "an open assessment",
     "CINdetails CINclosureDate=2025-05-01 | Assessments | Assessments "
     "AssessmentAuthorisationDate=2025-05-01",
     "CINdetails 0 CINclosureDate & Assessments 0 "
     "AssessmentAuthorisationDate"},
    {"8867", "completed ones",
     "CINdetails CINclosureDate=2025-05-01 | Assessments "
     "AssessmentAuthorisationDate=2025-05-01",
     ""},
    {"8867", "not closed", "CINdetails | Assessments", ""},
    {"8868", "neither", "CINdetails CINclosureDate=2025-05-01 | Section47",
     "CINdetails 0 CINclosureDate & Section47 0 DateOfInitialCPC "
     "ICPCnotRequired"},
    {"8868", "both",
     "CINdetails CINclosureDate=2025-05-01 | Section47 "
     "DateOfInitialCPC=2025-05-01 ICPCnotRequired=1",
     "CINdetails 0 CINclosureDate & Section47 0 DateOfInitialCPC "
     "ICPCnotRequired"},
    {"8868", "one of them each",
     "CINdetails CINclosureDate=2025-05-01 | Section47 "
     "DateOfInitialCPC=2025-05-01 ICPCnotRequired=0 | Section47 "
     "ICPCnotRequired=true",
     ""},
};

TEST(Referral, EachRuleFindsWhatBreaksItAndNothingElse) {
  for (const RuleCase& rule_case : kCases) ExpectCase(rule_case);
}

TEST(Referral, EveryRuleIsTried) {
  ExpectAllRulesTried(ReferralRules(), kCases);
}

}  // namespace
}  // namespace seawall::census
