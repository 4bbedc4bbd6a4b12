// Populations: how many children an area has, by reporting year (1 April to 31
// March), with the source of each number: the divisor of rates per 10,000.
//
// Data in data/populations.json, loaded once; read from any thread after that.
// Populations get restated, so a rate is only worth its numerator, denominator
// and source together.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "libs/base/civil.h"
#include "libs/base/error.h"

namespace seawall::counters {

struct Population {
  std::int64_t children = 0;  // under 18
  std::string source;
};

class Populations {
 public:
  Populations() = default;
  // POPULATIONS_UNREADABLE (kFailedPrecondition), also for a number that is not
  // positive or a year that is given twice.
  static Result<Populations> Load(const std::string& path);

  void Set(const std::string& area, const std::string& reporting_year,
           Population population);
  std::optional<Population> Find(const std::string& area,
                                 const std::string& reporting_year) const;

 private:
  std::map<std::string, std::map<std::string, Population>> areas_;
};

// "2017-18" for 1 April 2017 to 31 March 2018.
std::string ReportingYear(Date date);
// The last day of the day's reporting year: a 31 March.
Date LastOfReportingYear(Date date);
// "2017-18 Q1" for April to June 2017.
std::string ReportingQuarter(Date date);

}  // namespace seawall::counters
