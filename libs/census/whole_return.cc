// Rules about a return as a whole.
#include <algorithm>

#include "libs/census/subjects.h"
#include "libs/census/tally.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Kind;
using enum Severity;
using enum Table;

// A return that asks for more distinct codes than this is using the code set.
constexpr std::size_t kFewDisabilities = 7;

void ReferenceDateIsLastDayOfYear(const Tally& tally, const Basis&,
                                  Findings& findings) {
  for (const Row& header : tally.headers) {
    const auto expected = ParseDate(header.Text(kYear) + "-03-31");
    const auto given = header.On(kReferenceDate);
    if (!given || given != expected) findings.Add({{header, {kReferenceDate}}});
  }
}

void AddRepeated(const Repeats& repeats, Column column, Findings& findings) {
  for (const auto& [text, rows] : repeats.repeated()) {
    std::vector<Place> places;
    for (const std::size_t row : rows)
      places.push_back({kChildIdentifiers, row, {column}});
    findings.Add(std::move(places));
  }
}

void ChildIdIsThereOnce(const Tally& tally, const Basis&, Findings& findings) {
  AddRepeated(tally.child_ids, kLAchildID, findings);
}

void UpnIsThereOnce(const Tally& tally, const Basis&, Findings& findings) {
  AddRepeated(tally.upns, kUPN, findings);
}

// The return itself is at fault: no row is.
void AddIf(bool broken, Findings& findings) {
  if (broken) findings.Add(std::vector<Place>());
}

void PlansHaveConferences(const Tally& tally, const Basis&,
                          Findings& findings) {
  AddIf(tally.plans_started > tally.conferences, findings);
}

void GenderIsKnown(const Tally& tally, const Basis&, Findings& findings) {
  AddIf(tally.without_gender * 100 > tally.children * 2, findings);
}

void SexIsKnown(const Tally& tally, const Basis&, Findings& findings) {
  AddIf(tally.without_sex * 100 > tally.children * 2, findings);
}

void ManyDisabilityCodes(const Tally& tally, const Basis&, Findings& findings) {
  AddIf(!tally.disabilities.empty() &&
            tally.disabilities.size() <= kFewDisabilities,
        findings);
}

void SomeChildHasTwoDisabilities(const Tally& tally, const Basis&,
                                 Findings& findings) {
  AddIf(tally.most_disabilities == 1, findings);
}

constexpr Rule kRules[] = {
    {"100", kError, kFinding,
     "The reference date must be 31 March of the census year.", nullptr,
     ReferenceDateIsLastDayOfYear},
    {"1520", kError, kFinding, "Two children have the same UPN.", nullptr,
     UpnIsThereOnce},
    {"2883", kError, kFinding,
     "More child protection plans start in the year than initial conferences "
     "were held.",
     nullptr, PlansHaveConferences},
    {"2886Q", kQuery, kFinding,
     "More than 2% of the born children have no gender recorded.", nullptr,
     GenderIsKnown, 2023, 2024},
    {"2886Q", kQuery, kFinding,
     "More than 2% of the born children have no sex recorded.", nullptr,
     SexIsKnown, 2025},
    {"2887Q", kQuery, kFinding,
     "The whole return uses fewer than eight different disability codes.",
     nullptr, ManyDisabilityCodes},
    {"2888Q", kQuery, kFinding,
     "No child in the return has more than one disability.", nullptr,
     SomeChildHasTwoDisabilities},
    {"8510", kError, kFinding, "Two children have the same LA child id.",
     nullptr, ChildIdIsThereOnce},
};

bool IsDisability(const Row& row) {
  return row.Has(kDisability) && row.Text(kDisability) != "NONE";
}

}  // namespace

std::span<const Rule> ReturnRules() { return kRules; }

void Repeats::See(const std::string& text, std::size_t row) {
  if (text.empty()) return;
  const auto [at, is_new] = first_.emplace(text, row);
  if (is_new) return;
  auto& rows = repeated_[text];
  if (rows.empty()) rows.push_back(at->second);
  rows.push_back(row);
}

void Tally::See(const ChildRecord& child, const Basis& basis) {
  for (const Row& row : child.rows(kChildIdentifiers)) {
    ++children;
    child_ids.See(row.Text(kLAchildID), row.number());
    upns.See(row.Text(kUPN), row.number());
    if (row.On(kExpectedPersonBirthDate)) continue;
    without_sex += !row.Has(kSex) || row.Text(kSex) == "U";
    without_gender +=
        !row.Has(kGenderCurrent) || row.Text(kGenderCurrent) == "0";
  }
  for (const Row& row : child.rows(kChildProtectionPlans))
    plans_started += basis.period.Holds(row.On(kCPPstartDate));
  for (const Table table : {kCINdetails, kSection47})
    for (const Row& row : child.rows(table))
      conferences += basis.period.Holds(row.On(kDateOfInitialCPC));
  std::size_t of_child = 0;
  for (const Row& row : child.rows(kDisabilities)) {
    if (!IsDisability(row)) continue;
    disabilities.insert(row.Text(kDisability));
    ++of_child;
  }
  most_disabilities = std::max(most_disabilities, of_child);
}

}  // namespace seawall::census
