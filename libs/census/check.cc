#include "libs/census/check.h"

namespace seawall::census {

Checker::Checker(int year, const CodeSets& codes, const Calendar& calendar,
                 const Rule* only)
    : basis_{year, PeriodOfYear(year), codes, calendar}, only_(only) {}

bool Checker::Asked(const Rule& rule) const {
  return only_ != nullptr ? &rule == only_ : rule.InForce(basis_.year);
}

void Checker::Header(const Row& header) {
  const auto reference_date = header.On(Column::kReferenceDate);
  if (tally_.headers.empty() && reference_date)
    basis_.period = PeriodEnding(*reference_date);
  tally_.headers.push_back(header);
}

std::vector<Finding> Checker::Child(const ChildRecord& child) {
  tally_.See(child, basis_);
  Findings findings;
  for (const Rule& rule : Rules()) {
    if (rule.check == nullptr || !Asked(rule)) continue;
    findings.Begin(rule, child.id());
    rule.check(child, basis_, findings);
  }
  return findings.Take();
}

std::vector<Finding> Checker::Finish() {
  Findings findings;
  for (const Rule& rule : Rules()) {
    if (rule.check_return == nullptr || !Asked(rule)) continue;
    findings.Begin(rule, "");
    rule.check_return(tally_, basis_, findings);
  }
  return findings.Take();
}

}  // namespace seawall::census
