#include "libs/census/rules.h"

#include <algorithm>

#include "libs/census/subjects.h"

namespace seawall::census {
namespace {

int NumberOf(const Rule& rule) { return std::stoi(std::string(rule.number)); }

std::vector<Rule> Sorted() {
  std::vector<Rule> rules;
  for (const auto slice :
       {IdentifierRules(), ReferralRules(), AssessmentRules(), Section47Rules(),
        ProtectionPlanRules(), NeedPlanRules(), ProceedingsRules(),
        ReturnRules()})
    rules.insert(rules.end(), slice.begin(), slice.end());
  std::stable_sort(rules.begin(), rules.end(),
                   [](const Rule& one, const Rule& other) {
                     return NumberOf(one) < NumberOf(other);
                   });
  return rules;
}

std::string_view WithoutQ(std::string_view number) {
  if (number.ends_with('Q') || number.ends_with('q')) number.remove_suffix(1);
  return number;
}

Place& PlaceOf(const Row& row, std::vector<Place>& places) {
  for (Place& place : places)
    if (place.table == row.table() && place.row == row.number()) return place;
  return places.emplace_back(Place{row.table(), row.number(), {}});
}

}  // namespace

Period PeriodEnding(Date reference_date) {
  const std::chrono::year_month_day end(reference_date);
  const bool before_april = end.month() < std::chrono::April;
  return {Date((end.year() - std::chrono::years(before_april ? 1 : 0)) /
               std::chrono::April / 1),
          reference_date};
}

Period PeriodOfYear(int year) {
  return PeriodEnding(Date(std::chrono::year(year) / std::chrono::March / 31));
}

void Findings::Begin(const Rule& rule, std::string_view child) {
  rule_ = &rule;
  child_ = child;
}

void Findings::Add(const std::vector<At>& rows) {
  std::vector<Place> places;
  for (const At& at : rows) {
    auto& columns = PlaceOf(at.row.get(), places).columns;
    for (const Column column : at.columns)
      if (std::find(columns.begin(), columns.end(), column) == columns.end())
        columns.push_back(column);
  }
  Add(std::move(places));
}

void Findings::Add(std::vector<Place> places) {
  all_.push_back({rule_, child_, std::move(places)});
}

const std::vector<Rule>& Rules() {
  static const std::vector<Rule> rules = Sorted();
  return rules;
}

const Rule* FindRule(std::string_view number, int year) {
  for (const Rule& rule : Rules())
    if (WithoutQ(rule.number) == WithoutQ(number) && rule.InForce(year))
      return &rule;
  return nullptr;
}

std::vector<Finding> Check(const ChildRecord& child, const Basis& basis,
                           Kind kind) {
  Findings findings;
  for (const Rule& rule : Rules()) {
    if (rule.check == nullptr || rule.kind != kind || !rule.InForce(basis.year))
      continue;
    findings.Begin(rule, child.id());
    rule.check(child, basis, findings);
  }
  return findings.Take();
}

}  // namespace seawall::census
