#include "libs/census/test_return.h"

namespace seawall::census {
namespace {

#define PLAN "ChildProtectionPlans 0 "

const std::vector<RuleCase> kCases = {
    {"1105", "the day before the referral",
     "CINdetails CINreferralDate=2025-05-02 | ChildProtectionPlans "
     "CPPstartDate=2025-05-01",
     PLAN "CPPstartDate & CINdetails 0 CINreferralDate"},
    {"1105", "the day of the referral",
     "CINdetails CINreferralDate=2025-05-01 | ChildProtectionPlans "
     "CPPstartDate=2025-05-01",
     ""},
    {"2885", "the day after the conference",
     "CINdetails | Section47 DateOfInitialCPC=2025-05-01 | "
     "ChildProtectionPlans CPPstartDate=2025-05-02",
     PLAN "CPPstartDate & Section47 0 DateOfInitialCPC"},
    {"2885", "the day of one of the conferences",
     "Section47 DateOfInitialCPC=2025-05-01 | Section47 | "
     "ChildProtectionPlans CPPstartDate=2025-05-01",
     ""},
    {"2885", "the second plan has no conference, the first has",
     "Section47 DateOfInitialCPC=2025-05-01 | ChildProtectionPlans "
     "CPPstartDate=2025-05-01 | ChildProtectionPlans CPPstartDate=2025-09-01",
     "ChildProtectionPlans 1 CPPstartDate"},
    {"2885", "a plan moved in",
     "CINdetails DateOfInitialCPC=2025-05-01 | ChildProtectionPlans "
     "CPPstartDate=2025-05-01",
     ""},
    {"2885", "a plan moved in on another day",
     "CINdetails DateOfInitialCPC=2025-05-02 | ChildProtectionPlans "
     "CPPstartDate=2025-05-01",
     PLAN "CPPstartDate & CINdetails 0 DateOfInitialCPC"},
    {"2885", "a plan moved in, beside an enquiry that led to no conference",
     "CINdetails DateOfInitialCPC=2025-05-01 | Section47 ICPCnotRequired=1 | "
     "ChildProtectionPlans CPPstartDate=2025-05-01",
     ""},
    {"2885", "a plan moved in, beside an enquiry that led to another plan",
     "CINdetails DateOfInitialCPC=2025-05-01 | Section47 "
     "DateOfInitialCPC=2025-09-01 | ChildProtectionPlans "
     "CPPstartDate=2025-05-01 | ChildProtectionPlans CPPstartDate=2025-09-01",
     ""},
    {"2885", "neither the enquiry's conference nor the episode's",
     "CINdetails DateOfInitialCPC=2025-05-02 | Section47 | "
     "ChildProtectionPlans CPPstartDate=2025-05-01",
     PLAN "CPPstartDate & Section47 0 DateOfInitialCPC"},
    {"2885", "a plan of the year before",
     "CINdetails | ChildProtectionPlans CPPstartDate=2025-03-31", ""},
    {"8720", "no start", "ChildProtectionPlans CPPID=1", PLAN "CPPstartDate"},
    {"8720", "the day after the year",
     "ChildProtectionPlans CPPID=1 CPPstartDate=2026-04-01",
     PLAN "CPPstartDate"},
    {"8720", "its last day",
     "ChildProtectionPlans CPPID=1 CPPstartDate=2026-03-31", ""},
    {"8720", "no plan", "ChildProtectionPlans", ""},
    {"8730", "none", "ChildProtectionPlans", PLAN "NumberOfPreviousCPP"},
    {"8730", "below zero", "ChildProtectionPlans NumberOfPreviousCPP=-1",
     PLAN "NumberOfPreviousCPP"},
    {"8730", "zero", "ChildProtectionPlans NumberOfPreviousCPP=0", ""},
    {"8840", "the same day",
     "ChildProtectionPlans CPPstartDate=2025-05-01 CPPendDate=2025-05-01",
     PLAN "CPPstartDate CPPendDate"},
    {"8840", "the next day",
     "ChildProtectionPlans CPPstartDate=2025-05-01 CPPendDate=2025-05-02", ""},
    {"8840", "no days", "ChildProtectionPlans", ""},
    {"8841", "the day of the start",
     "ChildProtectionPlans CPPID=1 CPPstartDate=2025-05-01 | Reviews CPPID=1 "
     "CPPreviewDate=2025-05-01",
     PLAN "CPPstartDate & Reviews 0 CPPreviewDate"},
    {"8841", "the day after",
     "ChildProtectionPlans CPPID=1 CPPstartDate=2025-05-01 | Reviews CPPID=1 "
     "CPPreviewDate=2025-05-02",
     ""},
    {"8841", "another plan's review",
     "ChildProtectionPlans CPPID=1 CPPstartDate=2025-05-01 | Reviews CPPID=2 "
     "CPPreviewDate=2025-05-01",
     ""},
    {"8842Q", "no day", "Reviews CPPreviewDate=soon",
     "Reviews 0 CPPreviewDate"},
    {"8842Q", "a day", "Reviews CPPreviewDate=2025-05-01", ""},
    {"8905", "no code of the set",
     "ChildProtectionPlans InitialCategoryOfAbuse=AAA",
     PLAN "InitialCategoryOfAbuse"},
    {"8905", "none", "ChildProtectionPlans", PLAN "InitialCategoryOfAbuse"},
    {"8905", "a code of the set",
     "ChildProtectionPlans InitialCategoryOfAbuse=MUL", ""},
    {"8910", "no code of the set",
     "ChildProtectionPlans LatestCategoryOfAbuse=AAA",
     PLAN "LatestCategoryOfAbuse"},
    {"8910", "a code of the set",
     "ChildProtectionPlans LatestCategoryOfAbuse=NEG", ""},
    {"8915", "the day after death",
     "ChildProtectionPlans CPPstartDate=2025-05-02 | ChildIdentifiers "
     "PersonDeathDate=2025-05-01",
     PLAN "CPPstartDate & ChildIdentifiers 0 PersonDeathDate"},
    {"8915", "the day of death",
     "ChildProtectionPlans CPPstartDate=2025-05-01 | ChildIdentifiers "
     "PersonDeathDate=2025-05-01",
     ""},
    {"8920", "the day after death",
     "ChildProtectionPlans CPPendDate=2025-05-02 | ChildIdentifiers "
     "PersonDeathDate=2025-05-01",
     PLAN "CPPendDate & ChildIdentifiers 0 PersonDeathDate"},
    {"8920", "the day of death",
     "ChildProtectionPlans CPPendDate=2025-05-01 | ChildIdentifiers "
     "PersonDeathDate=2025-05-01",
     ""},
    {"8925", "the day before the start",
     "ChildProtectionPlans CPPstartDate=2025-05-02 CPPendDate=2025-05-01",
     PLAN "CPPstartDate CPPendDate"},
    {"8925", "the day of the start",
     "ChildProtectionPlans CPPstartDate=2025-05-01 CPPendDate=2025-05-01", ""},
    {"8930", "the day before the year",
     "ChildProtectionPlans CPPendDate=2025-03-31", PLAN "CPPendDate"},
    {"8930", "its first day", "ChildProtectionPlans CPPendDate=2025-04-01", ""},
    {"8935", "two open ones in two episodes",
     "ChildProtectionPlans CPPID=1 | ChildProtectionPlans CPPID=2 "
     "CINdetailsID=2",
     PLAN "CPPendDate & ChildProtectionPlans 1 CPPendDate"},
    {"8935", "one open",
     "ChildProtectionPlans CPPID=1 | ChildProtectionPlans CPPID=2 "
     "CPPendDate=2025-05-01",
     ""},
    {"8935", "where an id stands for several plans, its plans",
     "ChildProtectionPlans CPPID=1 | ChildProtectionPlans CPPID=1 | "
     "ChildProtectionPlans CPPID=2",
     PLAN "CPPendDate & ChildProtectionPlans 1 CPPendDate"},
    {"8940", "the day on which the other ends",
     "ChildProtectionPlans CPPstartDate=2025-05-01 CPPendDate=2025-05-20 | "
     "ChildProtectionPlans CPPstartDate=2025-05-20",
     "ChildProtectionPlans 1 CPPstartDate & " PLAN "CPPstartDate CPPendDate"},
    {"8940", "the day after",
     "ChildProtectionPlans CPPstartDate=2025-05-01 CPPendDate=2025-05-20 | "
     "ChildProtectionPlans CPPstartDate=2025-05-21",
     ""},
    {"8940", "on the last day of the year while the other runs",
     "ChildProtectionPlans CPPID=1 CPPstartDate=2025-05-01 | "
     "ChildProtectionPlans CPPID=2 CPPstartDate=2026-03-31",
     "ChildProtectionPlans 1 CPPstartDate & " PLAN "CPPstartDate CPPendDate"},
    {"8940", "the day on which one without a start ends",
     "ChildProtectionPlans CPPID=1 CPPendDate=2025-07-01 | "
     "ChildProtectionPlans CPPID=2 CPPstartDate=2025-07-01",
     ""},
    {"8940", "one plan told twice",
     "ChildProtectionPlans CPPID=1 CPPstartDate=2025-05-01 | "
     "ChildProtectionPlans CPPID=1 CPPstartDate=2025-05-01",
     ""},
};

TEST(ProtectionPlan, EachRuleFindsWhatBreaksItAndNothingElse) {
  for (const RuleCase& rule_case : kCases) ExpectCase(rule_case);
}

TEST(ProtectionPlan, EveryRuleIsTried) {
  ExpectAllRulesTried(ProtectionPlanRules(), kCases);
}

}  // namespace
}  // namespace seawall::census
