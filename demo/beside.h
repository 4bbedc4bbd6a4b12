// Beside: a table of figures as published, and beside them the same as computed
// from the live counters and from the records, each marked.
//
// What the report does not give is shown as invented and judged by what the
// plan says. In a smaller year nothing published fits, and only the plan
// judges.
#pragma once

#include <ostream>
#include <string>

#include "cli/table.h"
#include "demo/figures.h"

namespace seawall::demo {

// What a figure comes to on each side.
struct Computed {
  std::string counters;
  std::string records;
};

// The same computation for both sides.
template <class Compute>
Computed OnBothSides(const BothSides& sides, Compute&& compute) {
  return {compute(sides.counters), compute(sides.records)};
}

// "27.8%"; "–" where there is nothing to divide by.
std::string Percent(const std::string& value);
std::string Share(std::int64_t numerator, std::int64_t denominator,
                  int decimal_places = 1);

// What the plan says is counted, and of how many.
struct Planned {
  std::int64_t numerator = 0;
  std::int64_t denominator = 0;
};

class BesideTable {
 public:
  // `published`: whether published figures fit this year.
  BesideTable(const std::string& title, bool published, Checks& checks);

  // One line: as printed, and computed from both sides.
  void Add(const std::string& name, const std::string& printed,
           const Computed& computed, const std::string& behind = "");
  // The report does not give it.
  void AddInvented(const std::string& name, const Computed& computed, bool met,
                   const std::string& behind = "");
  // A share, rounded as printed (to one place if it is not); with a plan, what
  // is behind it is marked too.
  void AddShare(const std::string& name, const std::string& printed,
                const BothSides& sides, const std::string& measure,
                const std::optional<Planned>& planned = {});
  // A count; `printed` 0: not given.
  void AddCount(const std::string& name, std::int64_t printed,
                const BothSides& sides, const std::string& measure,
                std::int64_t planned);
  // A count per 10,000 of these.
  void AddRate(const std::string& name, const std::string& printed,
               const BothSides& sides, const std::string& measure,
               std::int64_t children);

  void Print(std::ostream& out) const;

 private:
  const bool published_;
  Checks& checks_;
  cli::Table table_;
};

}  // namespace seawall::demo
