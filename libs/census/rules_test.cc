#include "libs/census/rules.h"

#include <gtest/gtest.h>

#include <set>

#include "libs/census/test_return.h"

namespace seawall::census {
namespace {

TEST(Rules, ANumberHasOneMeaningInAYear) {
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    std::set<std::string_view> numbers;
    for (const Rule& rule : Rules())
      if (rule.InForce(year)) {
        EXPECT_TRUE(numbers.insert(rule.number).second)
            << rule.number << " in " << year;
      }
  }
}

TEST(Rules, QueriesEndInQAndAreNoInvariants) {
  for (const Rule& rule : Rules()) {
    EXPECT_EQ(rule.number.ends_with('Q'), rule.severity == Severity::kQuery)
        << rule.number;
    EXPECT_FALSE(rule.severity == Severity::kQuery &&
                 rule.kind == Kind::kInvariant)
        << rule.number;
  }
}

TEST(Rules, AreAboutAChildOrAboutTheReturn) {
  for (const Rule& rule : Rules())
    EXPECT_NE(rule.check == nullptr, rule.check_return == nullptr)
        << rule.number;
}

TEST(Rules, AreFoundWithOrWithoutTheirQ) {
  ASSERT_NE(FindRule("8670Q", 2026), nullptr);
  EXPECT_EQ(FindRule("8670", 2026), FindRule("8670Q", 2026));
  EXPECT_EQ(FindRule("8670q", 2026), FindRule("8670Q", 2026));
  EXPECT_EQ(FindRule("9999", 2026), nullptr);
}

TEST(Rules, AServiceRefusesWhatBreaksAnInvariant) {
  const CodeSets codes;
  const Calendar calendar;
  const Basis basis{2026, PeriodOfYear(2026), codes, calendar};
  ChildRecord child;
  child.Add(Table::kCINdetails)
      .Set(Column::kCINreferralDate, *ParseDate("2025-05-02"));
  Row& assessment = child.Add(Table::kAssessments);
  assessment.Set(Column::kAssessmentActualStartDate, *ParseDate("2025-05-02"));
  EXPECT_TRUE(Check(child, basis, Kind::kInvariant).empty());
  assessment.Set(Column::kAssessmentActualStartDate, *ParseDate("2025-05-01"));
  const auto findings = Check(child, basis, Kind::kInvariant);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule->number, "1103");
  ASSERT_EQ(findings[0].places.size(), 2u);
  EXPECT_EQ(findings[0].places[0].table, Table::kAssessments);
}

TEST(Period, RunsFromFirstOfAprilToTheReferenceDate) {
  const Period year = PeriodEnding(*ParseDate("2024-03-31"));
  EXPECT_EQ(FormatDate(year.start), "2023-04-01");
  EXPECT_FALSE(year.Holds(*ParseDate("2023-03-31")));
  EXPECT_TRUE(year.Holds(*ParseDate("2023-04-01")));
  EXPECT_TRUE(year.Holds(*ParseDate("2024-03-31")));
  EXPECT_FALSE(year.Holds(*ParseDate("2024-04-01")));
  EXPECT_EQ(FormatDate(PeriodEnding(*ParseDate("2022-07-21")).start),
            "2022-04-01");
}

TEST(Tables, TakeDaysInEveryFormThatReturnsHave) {
  for (const char* text : {"2022-03-31", "2022-03-31T00:00:00",
                           "2022-03-31 00:00:00", "31/03/2022", "31-03-2022"})
    EXPECT_EQ(ParseCensusDate(text), ParseDate("2022-03-31")) << text;
  for (const char* text : {"", "soon", "31/04/2022", "2022-3-31", "NaT",
                           "2022-03-31x", "03/31/2022", "1666-55-55"})
    EXPECT_FALSE(ParseCensusDate(text)) << text;
}

TEST(Tables, TakeBothSpellingsOfAFlag) {
  Row row(Table::kCINdetails, 0);
  for (const char* yes : {"1", "true", "True", "TRUE"}) {
    row.Set(Column::kReferralNFA, yes);
    EXPECT_TRUE(row.IsTrue(Column::kReferralNFA)) << yes;
    EXPECT_FALSE(row.IsFalse(Column::kReferralNFA)) << yes;
  }
  for (const char* neither : {"", "yes", "2"}) {
    row.Set(Column::kReferralNFA, neither);
    EXPECT_FALSE(row.IsTrue(Column::kReferralNFA)) << neither;
    EXPECT_FALSE(row.IsFalse(Column::kReferralNFA)) << neither;
  }
}

}  // namespace
}  // namespace seawall::census
