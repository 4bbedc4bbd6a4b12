#include "libs/census/subjects.h"

#include <map>

namespace seawall::census {

void Each(const ChildRecord& child, const Side& side, Findings& findings,
          const OneRow& broken) {
  for (const Row& row : child.rows(side.table))
    if (broken(row)) findings.Add({{row, side.columns}});
}

void Pairs(const ChildRecord& child, const Side& one, const Side& other,
           Findings& findings, const TwoRows& broken) {
  for (const Row& first : child.rows(one.table))
    for (const Row& second : child.rows(other.table))
      if (&first != &second && broken(first, second))
        findings.Add({{first, one.columns}, {second, other.columns}});
}

void MoreThanOne(const ChildRecord& child, const Side& side, Column key,
                 Findings& findings, const OneRow& open) {
  std::map<std::string, std::vector<Findings::At>> groups;
  for (const Row& row : child.rows(side.table))
    if (open(row)) groups[row.Text(key)].push_back({row, side.columns});
  for (const auto& [value, rows] : groups)
    if (rows.size() > 1) findings.Add(rows);
}

bool Same(const Row& one, const Row& other, Column column) {
  return one.Text(column) == other.Text(column);
}

bool SameEpisode(const Row& one, const Row& other) {
  return Same(one, other, Column::kCINdetailsID);
}

bool Before(std::optional<Date> first, std::optional<Date> second) {
  return first && second && *first < *second;
}

bool Outside(std::optional<Date> date, const Period& period) {
  return date && !period.Holds(*date);
}

bool IsWeekend(std::optional<Date> date) {
  if (!date) return false;
  const std::chrono::weekday day(*date);
  return day == std::chrono::Saturday || day == std::chrono::Sunday;
}

bool During(std::optional<Date> day, std::optional<Date> start,
            std::optional<Date> end, const Period& period) {
  if (!day || !start || *day < *start) return false;
  return end ? *day < *end : *day <= period.reference_date;
}

bool DuringOrOnLastDay(std::optional<Date> day, std::optional<Date> start,
                       std::optional<Date> end, const Period& period) {
  return During(day, start, end, period) ||
         (day && start && day == end && *day >= *start);
}

bool ValidCode(const Basis& basis, std::string_view set,
               std::string_view code) {
  return basis.codes.Valid(set, code, PeriodOfYear(basis.year).reference_date);
}

}  // namespace seawall::census
