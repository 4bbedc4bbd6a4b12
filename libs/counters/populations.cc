#include "libs/counters/populations.h"

#include <cstdio>

#include "libs/base/json_file.h"

namespace seawall::counters {

namespace {

constexpr char kReason[] = "POPULATIONS_UNREADABLE";

Error Bad(const std::string& path, const std::string& what) {
  return Error{Code::kFailedPrecondition, kReason, path + ": " + what};
}

}  // namespace

Result<Populations> Populations::Load(const std::string& path) {
  TRY(const nlohmann::json file, ReadJsonFile(path, kReason));
  Populations result;
  try {
    for (const auto& [area, years] : file.items()) {
      for (const auto& entry : years) {
        const std::string year = entry.at("reporting_year");
        const Population population{entry.at("children"), entry.at("source")};
        if (population.children <= 0 || result.Find(area, year)) {
          return Bad(path, area + " " + year +
                               " needs exactly one number of children, above "
                               "0");
        }
        result.Set(area, year, population);
      }
    }
  } catch (const nlohmann::json::exception&) {
    return Bad(path,
               "expected {\"area\": [{\"reporting_year\", \"children\", "
               "\"source\"}]}");
  }
  return result;
}

void Populations::Set(const std::string& area,
                      const std::string& reporting_year,
                      Population population) {
  areas_[area][reporting_year] = std::move(population);
}

std::optional<Population> Populations::Find(
    const std::string& area, const std::string& reporting_year) const {
  const auto years = areas_.find(area);
  if (years == areas_.end()) return std::nullopt;
  const auto found = years->second.find(reporting_year);
  if (found == years->second.end()) return std::nullopt;
  return found->second;
}

namespace {

// The civil year in which the reporting year of that day begins.
int FirstYear(const std::chrono::year_month_day& day) {
  const int year = static_cast<int>(day.year());
  return day.month() >= std::chrono::April ? year : year - 1;
}

}  // namespace

std::string ReportingYear(Date date) {
  const int year = FirstYear(date);
  char text[24];
  std::snprintf(text, sizeof text, "%04d-%02d", year, (year + 1) % 100);
  return text;
}

Date LastOfReportingYear(Date date) {
  return Date(std::chrono::year(FirstYear(date) + 1) / std::chrono::March / 31);
}

std::string ReportingQuarter(Date date) {
  const std::chrono::year_month_day day(date);
  const unsigned month = static_cast<unsigned>(day.month());
  return ReportingYear(date) + " Q" +
         std::to_string(((month + 8) % 12) / 3 + 1);  // April is month 0
}

}  // namespace seawall::counters
