#include "libs/census/test_return.h"

namespace seawall::census {
namespace {

// The year ends on Tuesday 31 March 2026; 15 working days before it is Tuesday
// 10 March.
const std::vector<RuleCase> kCases = {
    {"1104", "the day before the referral",
     "CINdetails CINreferralDate=2025-05-02 | Section47 "
     "DateOfInitialCPC=2025-05-01",
     "Section47 0 DateOfInitialCPC & CINdetails 0 CINreferralDate"},
    {"1104", "the day of the referral",
     "CINdetails CINreferralDate=2025-05-01 | Section47 "
     "DateOfInitialCPC=2025-05-01",
     ""},
    {"1104", "another episode's referral",
     "CINdetails CINreferralDate=2025-05-02 CINdetailsID=2 | Section47 "
     "DateOfInitialCPC=2025-05-01",
     ""},
    {"2884", "one day at both",
     "CINdetails DateOfInitialCPC=2025-05-01 | Section47 "
     "DateOfInitialCPC=2025-05-01",
     "Section47 0 DateOfInitialCPC & CINdetails 0 DateOfInitialCPC"},
    {"2884", "one day at both, in two episodes",
     "CINdetails DateOfInitialCPC=2025-05-01 CINdetailsID=2 | Section47 "
     "DateOfInitialCPC=2025-05-01",
     "Section47 0 DateOfInitialCPC & CINdetails 0 DateOfInitialCPC"},
    {"2884", "two days",
     "CINdetails DateOfInitialCPC=2025-05-02 | Section47 "
     "DateOfInitialCPC=2025-05-01",
     ""},
    {"2884", "no day at both", "CINdetails | Section47", ""},
    {"2889", "the day before the referral",
     "CINdetails CINreferralDate=2025-05-02 | Section47 "
     "S47ActualStartDate=2025-05-01",
     "Section47 0 S47ActualStartDate & CINdetails 0 CINreferralDate"},
    {"2889", "the day of the referral",
     "CINdetails CINreferralDate=2025-05-01 | Section47 "
     "S47ActualStartDate=2025-05-01",
     ""},
    {"2991Q", "an enquiry alone",
     "Section47 | Assessments CINdetailsID=2 | Assessments LAchildID=Test2",
     "Section47 0 LAchildID"},
    {"2991Q", "with an assessment", "Section47 | Assessments", ""},
    {"8615", "the conference came first",
     "Section47 S47ActualStartDate=2025-05-02 DateOfInitialCPC=2025-05-01",
     "Section47 0 S47ActualStartDate DateOfInitialCPC"},
    {"8615", "no start", "Section47 DateOfInitialCPC=2025-05-01",
     "Section47 0 S47ActualStartDate DateOfInitialCPC"},
    {"8615", "both on one day",
     "Section47 S47ActualStartDate=2025-05-01 DateOfInitialCPC=2025-05-01", ""},
    {"8615", "no conference", "Section47", ""},
    {"8675Q", "16 working days before the end",
     "Section47 S47ActualStartDate=2026-03-09 ICPCnotRequired=0",
     "Section47 0 DateOfInitialCPC S47ActualStartDate ICPCnotRequired"},
    {"8675Q", "15 working days before the end",
     "Section47 S47ActualStartDate=2026-03-10 ICPCnotRequired=false", ""},
    {"8675Q", "none was required",
     "Section47 S47ActualStartDate=2026-03-09 ICPCnotRequired=1", ""},
    {"8675Q", "it was held",
     "Section47 S47ActualStartDate=2026-03-09 ICPCnotRequired=0 "
     "DateOfInitialCPC=2026-03-30",
     ""},
    // Good Friday and Easter Monday of 2024 lie before 8 April.
    {"8675Q", "bank holidays are no working days",
     "Header ReferenceDate=2024-04-08 | Section47 "
     "S47ActualStartDate=2024-03-14 ICPCnotRequired=0",
     ""},
    {"8675Q", "one working day more is too much",
     "Header ReferenceDate=2024-04-08 | Section47 "
     "S47ActualStartDate=2024-03-13 ICPCnotRequired=0",
     "Section47 0 DateOfInitialCPC S47ActualStartDate ICPCnotRequired"},
    {"8715", "the day before the year", "Section47 DateOfInitialCPC=2025-03-31",
     "Section47 0 DateOfInitialCPC"},
    {"8715", "the first day of the year",
     "Section47 DateOfInitialCPC=2025-04-01", ""},
    {"8715", "the day after the year", "Section47 DateOfInitialCPC=2026-04-01",
     "Section47 0 DateOfInitialCPC"},
    {"8740", "open since before the year",
     "Section47 S47ActualStartDate=2025-03-31 ICPCnotRequired=false",
     "Section47 0 S47ActualStartDate DateOfInitialCPC ICPCnotRequired"},
    {"8740", "open since its first day",
     "Section47 S47ActualStartDate=2025-04-01 ICPCnotRequired=0", ""},
    {"8740", "not open",
     "Section47 S47ActualStartDate=2025-03-31 ICPCnotRequired=1", ""},
    {"8839", "two open ones", "Section47 | Section47 ICPCnotRequired=0",
     "Section47 0 DateOfInitialCPC & Section47 1 DateOfInitialCPC"},
    {"8839", "two episodes", "Section47 | Section47 CINdetailsID=2", ""},
    {"8839", "one needs no conference",
     "Section47 | Section47 ICPCnotRequired=true", ""},
    {"8839", "one had its conference",
     "Section47 | Section47 DateOfInitialCPC=2025-05-01", ""},
    {"8870Q", "a Saturday", "Section47 InitialCPCtarget=2025-05-03",
     "Section47 0 InitialCPCtarget"},
    {"8870Q", "a Friday", "Section47 InitialCPCtarget=2025-05-02", ""},
    {"8870Q", "a bank holiday is not asked",
     "Section47 InitialCPCtarget=2025-05-05", ""},
    {"8875", "a Sunday", "Section47 DateOfInitialCPC=2025-05-04",
     "Section47 0 DateOfInitialCPC"},
    {"8875", "a Monday", "Section47 DateOfInitialCPC=2025-05-12", ""},
    {"8890", "on the day of the other's conference",
     "Section47 S47ActualStartDate=2025-05-01 DateOfInitialCPC=2025-05-09 | "
     "Section47 S47ActualStartDate=2025-05-09 DateOfInitialCPC=2025-05-20",
     "Section47 1 S47ActualStartDate & Section47 0 S47ActualStartDate "
     "DateOfInitialCPC"},
    {"8890", "on the day after it",
     "Section47 S47ActualStartDate=2025-05-01 DateOfInitialCPC=2025-05-09 | "
     "Section47 S47ActualStartDate=2025-05-10 DateOfInitialCPC=2025-05-20",
     ""},
    {"8890", "while the other is open",
     "Section47 S47ActualStartDate=2025-05-01 ICPCnotRequired=0 | Section47 "
     "S47ActualStartDate=2026-03-31",
     "Section47 1 S47ActualStartDate & Section47 0 S47ActualStartDate "
     "DateOfInitialCPC"},
    {"8890", "after one that needed no conference",
     "Section47 S47ActualStartDate=2025-05-01 ICPCnotRequired=1 | Section47 "
     "S47ActualStartDate=2026-03-31",
     ""},
    {"8890", "in another episode",
     "Section47 S47ActualStartDate=2025-05-01 | Section47 "
     "S47ActualStartDate=2025-06-01 CINdetailsID=2",
     ""},
};

TEST(Section47, EachRuleFindsWhatBreaksItAndNothingElse) {
  for (const RuleCase& rule_case : kCases) ExpectCase(rule_case);
}

TEST(Section47, EveryRuleIsTried) {
  ExpectAllRulesTried(Section47Rules(), kCases);
}

}  // namespace
}  // namespace seawall::census
