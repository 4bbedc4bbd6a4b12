#include "libs/census/test_return.h"

namespace seawall::census {
namespace {

// Children Test1, Test2, … of these columns.
std::string Children(int count, const std::string& columns) {
  std::string rows;
  for (int i = 1; i <= count; ++i)
    rows += "ChildIdentifiers LAchildID=Test" + std::to_string(i) + " " +
            columns + " | ";
  return rows;
}

const std::vector<RuleCase> kCases = {
    {"100", "a day too early", "Header Year=2026 ReferenceDate=2026-03-30",
     "Header 0 ReferenceDate"},
    {"100", "no day", "Header Year=2026", "Header 0 ReferenceDate"},
    {"100", "another year", "Header Year=2025 ReferenceDate=2026-03-31",
     "Header 0 ReferenceDate"},
    {"100", "the day", "Header Year=2026 ReferenceDate=31/03/2026", ""},
    {"1520", "two children",
     "ChildIdentifiers UPN=A950000178301 | ChildIdentifiers LAchildID=Test2 "
     "UPN=A950000178301 | ChildIdentifiers LAchildID=Test3 UPN=H243278544154",
     "ChildIdentifiers 0 UPN & ChildIdentifiers 1 UPN"},
    {"1520", "none is not the same as none",
     "ChildIdentifiers | ChildIdentifiers LAchildID=Test2", ""},
    {"8510", "the same id twice",
     "ChildIdentifiers Sex=F | ChildIdentifiers Sex=M",
     "ChildIdentifiers 0 LAchildID & ChildIdentifiers 1 LAchildID"},
    {"8510", "two ids", "ChildIdentifiers | ChildIdentifiers LAchildID=Test2",
     ""},
    {"2883", "two plans, one conference",
     "ChildProtectionPlans CPPstartDate=2025-04-01 | ChildProtectionPlans "
     "CPPstartDate=2026-03-31 | Section47 DateOfInitialCPC=2025-04-01",
     "-"},
    {"2883", "the conference of a plan moved in counts",
     "ChildProtectionPlans CPPstartDate=2025-04-01 | ChildProtectionPlans "
     "CPPstartDate=2026-03-31 | Section47 DateOfInitialCPC=2025-04-01 | "
     "CINdetails DateOfInitialCPC=2025-09-01",
     ""},
    {"2883", "a plan of the year before does not",
     "ChildProtectionPlans CPPstartDate=2025-03-31", ""},
    {"2887Q", "seven codes",
     "Disabilities Disability=MOB | Disabilities Disability=HAND | "
     "Disabilities Disability=PC | Disabilities Disability=INC | Disabilities "
     "Disability=COMM | Disabilities Disability=LD | Disabilities "
     "Disability=HEAR | Disabilities Disability=NONE",
     "-"},
    {"2887Q", "eight codes",
     "Disabilities Disability=MOB | Disabilities Disability=HAND | "
     "Disabilities Disability=PC | Disabilities Disability=INC | Disabilities "
     "Disability=COMM | Disabilities Disability=LD | Disabilities "
     "Disability=HEAR | Disabilities Disability=VIS",
     ""},
    {"2888Q", "one each",
     "Disabilities Disability=MOB | Disabilities LAchildID=Test2 "
     "Disability=LD | Disabilities LAchildID=Test2 Disability=NONE",
     "-"},
    {"2888Q", "two of one child",
     "Disabilities Disability=MOB | Disabilities Disability=LD", ""},
};

TEST(WholeReturn, EachRuleFindsWhatBreaksItAndNothingElse) {
  for (const RuleCase& rule_case : kCases) ExpectCase(rule_case);
}

TEST(WholeReturn, TwoChildrenInAHundredMayHaveNoSexAndNotThree) {
  const std::string ninety_seven = Children(97, "Sex=F");
  const std::string three =
      "ChildIdentifiers Sex=U | ChildIdentifiers | ChildIdentifiers Sex=";
  EXPECT_EQ(TestReturn(ninety_seven + three).Ask("2886Q", 2026), "-");
  EXPECT_EQ(TestReturn(ninety_seven + three + "F").Ask("2886Q", 2026), "");
}

TEST(WholeReturn, GenderWasAskedForBefore) {
  const std::string born = Children(49, "GenderCurrent=1");
  EXPECT_EQ(
      TestReturn(born + "ChildIdentifiers GenderCurrent=0").Ask("2886", 2024),
      "");
  EXPECT_EQ(TestReturn("ChildIdentifiers GenderCurrent=0").Ask("2886", 2024),
            "-");
}

TEST(WholeReturn, TheUnbornHaveNoSexYet) {
  EXPECT_EQ(TestReturn("ChildIdentifiers Sex=U "
                       "ExpectedPersonBirthDate=2026-05-01")
                .Ask("2886Q", 2026),
            "");
}

TEST(WholeReturn, EveryRuleIsTried) {
  std::vector<Rule> others;
  for (const Rule& rule : ReturnRules())
    if (rule.number != "2886Q") others.push_back(rule);
  ExpectAllRulesTried(others, kCases);
}

}  // namespace
}  // namespace seawall::census
