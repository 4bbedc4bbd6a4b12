// What tests of rules share: a return written on one line, one rule asked of
// it, and the answer on one line.
//
// "CINdetails CINreferralDate=2025-05-01 | Section47 ICPCnotRequired=0" is two
// rows. Rows are of child Test1 and episode 1 unless they say otherwise;
// "CINdetailsID=" leaves the id out. The census year is 2025-26.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "libs/census/check.h"
#include "libs/census/subjects.h"

namespace seawall::census {

struct RuleCase {
  const char* rule;
  const char* what;  // the sentence under test
  const char* rows;
  // "Assessments 0 AssessmentFactors & CINdetails 0 ReasonForClosure", findings
  // parted by " || "; "-" for the return as a whole; "" = the rule is kept.
  const char* found;
  int year = 2026;
};

inline void PrintTo(const RuleCase& rule_case, std::ostream* out) {
  *out << rule_case.rule << ": " << rule_case.what;
}

inline std::vector<std::string> Split(const std::string& text,
                                      const std::string& by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t to = 0; to != std::string::npos; from = to + by.size()) {
    to = text.find(by, from);
    parts.push_back(text.substr(from, to - from));
    if (to == std::string::npos) break;
  }
  return parts;
}

class TestReturn {
 public:
  explicit TestReturn(const std::string& rows) {
    for (const std::string& row : Split(rows, "|"))
      if (row.find_first_not_of(' ') != std::string::npos) Add(row);
  }

  std::string Ask(const std::string& number, int year) const {
    const Rule* rule = FindRule(number, year);
    if (rule == nullptr) return "not in force";
    static const CodeSets codes = CodeSets::Load("data/code_sets.json").value();
    static const Calendar calendar =
        Calendar::Load("data/bank_holidays.json").value();
    Checker checker(year, codes, calendar, rule);
    for (const Row& header : headers_) checker.Header(header);
    std::vector<std::string> found;
    for (const auto& [id, child] : children_)
      for (const Finding& finding : checker.Child(child))
        found.push_back(Line(finding));
    for (const Finding& finding : checker.Finish())
      found.push_back(Line(finding));
    return Joined(found, " || ");
  }

 private:
  void Add(const std::string& text) {
    std::istringstream words(text);
    std::string name;
    words >> name;
    const Table table = FindTable(name).value();
    Row row(table, numbers_[table]++);
    SetIds(row);
    for (std::string word; words >> word;) {
      const auto parts = Split(word, "=");
      row.Set(FindColumn(parts[0]).value(), parts[1]);
    }
    if (table == Table::kHeader)
      headers_.push_back(row);
    else
      children_[row.Text(Column::kLAchildID)].Add(table, row.number()) = row;
  }

  static void SetIds(Row& row) {
    for (const Column column : ColumnsOf(row.table())) {
      if (column == Column::kLAchildID) row.Set(column, "Test1");
      if (column == Column::kCINdetailsID) row.Set(column, "1");
    }
  }

  static std::string Joined(const std::vector<std::string>& parts,
                            const std::string& by) {
    std::string text;
    for (const std::string& part : parts)
      text += (text.empty() ? "" : by) + part;
    return text;
  }

  static std::string Line(const Finding& finding) {
    std::vector<std::string> places;
    for (const Place& place : finding.places) {
      std::string text =
          std::string(Name(place.table)) + " " + std::to_string(place.row);
      for (const Column column : place.columns)
        text += " " + std::string(Name(column));
      places.push_back(text);
    }
    return places.empty() ? "-" : Joined(places, " & ");
  }

  std::vector<Row> headers_;
  std::map<std::string, ChildRecord> children_;
  std::map<Table, std::size_t> numbers_;
};

inline void ExpectCase(const RuleCase& rule_case) {
  EXPECT_EQ(TestReturn(rule_case.rows).Ask(rule_case.rule, rule_case.year),
            rule_case.found)
      << rule_case.rule << " " << rule_case.year << ": " << rule_case.what
      << "\n  " << rule_case.rows;
}

// Every rule of the subject, in each of its meanings, is broken by some case
// and just kept by another.
inline void ExpectAllRulesTried(std::span<const Rule> rules,
                                const std::vector<RuleCase>& cases) {
  std::set<const Rule*> broken;
  std::set<const Rule*> kept;
  for (const RuleCase& rule_case : cases) {
    const Rule* rule = FindRule(rule_case.rule, rule_case.year);
    (*rule_case.found == '\0' ? kept : broken).insert(rule);
  }
  for (const Rule& slice : rules) {
    const Rule* rule = FindRule(slice.number, slice.first_year);
    EXPECT_TRUE(broken.contains(rule)) << slice.number << " is never broken";
    EXPECT_TRUE(kept.contains(rule)) << slice.number << " is never kept";
  }
}

}  // namespace seawall::census
