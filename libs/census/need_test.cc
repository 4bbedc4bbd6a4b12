#include "libs/census/test_return.h"

namespace seawall::census {
namespace {

#define PLAN "CINplanDates 0 "

const std::vector<RuleCase> kCases = {
    {"4001", "both open",
     "ChildProtectionPlans | CINplanDates CINPlanStartDate=2025-05-01",
     "ChildProtectionPlans 0 CPPendDate & " PLAN "CINPlanEndDate"},
    {"4001", "one has ended",
     "ChildProtectionPlans CPPendDate=2025-05-01 | CINplanDates "
     "CINPlanStartDate=2025-05-01",
     ""},
    {"4001", "in two episodes",
     "ChildProtectionPlans CINdetailsID=2 | CINplanDates "
     "CINPlanStartDate=2025-05-01",
     ""},
    {"4003", "on the first day of the plan",
     "ChildProtectionPlans CPPID=1 | Reviews CPPID=1 CPPreviewDate=2025-05-01 "
     "| CINplanDates CINPlanStartDate=2025-05-01 CINPlanEndDate=2025-06-01",
     "ChildProtectionPlans 0 CPPendDate & " PLAN
     "CINPlanStartDate & Reviews 0 CPPreviewDate"},
    {"4003", "during an open plan",
     "ChildProtectionPlans CPPID=1 | Reviews CPPID=1 CPPreviewDate=2025-07-01 "
     "| CINplanDates CINPlanStartDate=2025-05-01",
     "ChildProtectionPlans 0 CPPendDate & " PLAN
     "CINPlanStartDate & Reviews 0 CPPreviewDate"},
    {"4003", "on its last day",
     "ChildProtectionPlans CPPID=1 | Reviews CPPID=1 CPPreviewDate=2025-06-01 "
     "| CINplanDates CINPlanStartDate=2025-05-01 CINPlanEndDate=2025-06-01",
     ""},
    {"4003", "the review that ended the child protection plan",
     "ChildProtectionPlans CPPID=1 CPPendDate=2025-05-01 | Reviews CPPID=1 "
     "CPPreviewDate=2025-05-01 | CINplanDates CINPlanStartDate=2025-05-01",
     ""},
    {"4004", "two open ones", "CINplanDates | CINplanDates",
     PLAN "CINPlanEndDate & CINplanDates 1 CINPlanEndDate"},
    {"4004", "one open in each episode",
     "CINplanDates | CINplanDates CINdetailsID=2 | CINplanDates "
     "CINPlanEndDate=2025-05-01",
     ""},
    {"4008", "the day after death",
     "ChildIdentifiers PersonDeathDate=2025-05-01 | CINplanDates "
     "CINPlanStartDate=2025-05-02",
     "ChildIdentifiers 0 PersonDeathDate & " PLAN "CINPlanStartDate"},
    {"4008", "the day of death",
     "ChildIdentifiers PersonDeathDate=2025-05-01 | CINplanDates "
     "CINPlanStartDate=2025-05-01",
     ""},
    {"4009Q", "the day after death",
     "ChildIdentifiers PersonDeathDate=2025-05-01 | CINplanDates "
     "CINPlanEndDate=2025-05-02",
     "ChildIdentifiers 0 PersonDeathDate & " PLAN "CINPlanEndDate"},
    {"4009Q", "the day of death",
     "ChildIdentifiers PersonDeathDate=2025-05-01 | CINplanDates "
     "CINPlanEndDate=2025-05-01",
     ""},
    {"4010", "no start", "CINplanDates", PLAN "CINPlanStartDate"},
    {"4010", "the day after the year",
     "CINplanDates CINPlanStartDate=2026-04-01", PLAN "CINPlanStartDate"},
    {"4010", "its last day", "CINplanDates CINPlanStartDate=2026-03-31", ""},
    {"4011", "the day before the start",
     "CINplanDates CINPlanStartDate=2025-05-02 CINPlanEndDate=2025-05-01",
     PLAN "CINPlanEndDate CINPlanStartDate"},
    {"4011", "the day of the start",
     "CINplanDates CINPlanStartDate=2025-05-01 CINPlanEndDate=2025-05-01", ""},
    {"4012Q", "the day of the start",
     "CINplanDates CINPlanStartDate=2025-05-01 CINPlanEndDate=2025-05-01",
     PLAN "CINPlanStartDate CINPlanEndDate"},
    {"4012Q", "the next day",
     "CINplanDates CINPlanStartDate=2025-05-01 CINPlanEndDate=2025-05-02", ""},
    {"4013", "the day before the year",
     "CINplanDates CINPlanEndDate=2025-03-31", PLAN "CINPlanEndDate"},
    {"4013", "its first day", "CINplanDates CINPlanEndDate=2025-04-01", ""},
    {"4014", "the day on which the other ends",
     "CINplanDates CINPlanStartDate=2025-05-01 CINPlanEndDate=2025-05-20 | "
     "CINplanDates CINPlanStartDate=2025-05-20",
     "CINplanDates 1 CINPlanStartDate & " PLAN
     "CINPlanStartDate CINPlanEndDate"},
    {"4014", "the day on which one without a start ends",
     "CINplanDates CINPlanEndDate=2025-07-01 | CINplanDates "
     "CINPlanStartDate=2025-07-01",
     ""},
    {"4014", "the day after",
     "CINplanDates CINPlanStartDate=2025-05-01 CINPlanEndDate=2025-05-20 | "
     "CINplanDates CINPlanStartDate=2025-05-21",
     ""},
    {"4015", "the day before the referral",
     "CINdetails CINreferralDate=2025-05-02 | CINplanDates "
     "CINPlanStartDate=2025-05-01",
     PLAN "CINPlanStartDate & CINdetails 0 CINreferralDate"},
    {"4015", "the day of the referral",
     "CINdetails CINreferralDate=2025-05-01 | CINplanDates "
     "CINPlanStartDate=2025-05-01",
     ""},
    {"4016", "the day on which the child protection plan starts",
     "CINplanDates CINPlanStartDate=2025-05-01 | ChildProtectionPlans "
     "CPPstartDate=2025-05-01 CPPendDate=2025-06-01",
     PLAN "CINPlanStartDate & ChildProtectionPlans 0 CPPstartDate CPPendDate"},
    {"4016", "the day on which it ends",
     "CINplanDates CINPlanStartDate=2025-06-01 | ChildProtectionPlans "
     "CPPstartDate=2025-05-01 CPPendDate=2025-06-01",
     ""},
    {"4016", "while it runs, on the last day of the year",
     "CINplanDates CINPlanStartDate=2026-03-31 | ChildProtectionPlans "
     "CPPstartDate=2025-05-01",
     PLAN "CINPlanStartDate & ChildProtectionPlans 0 CPPstartDate CPPendDate"},
    {"4017", "the day on which the CIN plan starts",
     "ChildProtectionPlans CPPstartDate=2025-05-01 | CINplanDates "
     "CINPlanStartDate=2025-05-01",
     "ChildProtectionPlans 0 CPPstartDate & " PLAN
     "CINPlanStartDate CINPlanEndDate"},
    {"4017", "the day on which it ends",
     "ChildProtectionPlans CPPstartDate=2025-06-01 | CINplanDates "
     "CINPlanStartDate=2025-05-01 CINPlanEndDate=2025-06-01",
     ""},
};

TEST(NeedPlan, EachRuleFindsWhatBreaksItAndNothingElse) {
  for (const RuleCase& rule_case : kCases) ExpectCase(rule_case);
}

TEST(NeedPlan, EveryRuleIsTried) {
  ExpectAllRulesTried(NeedPlanRules(), kCases);
}

}  // namespace
}  // namespace seawall::census
