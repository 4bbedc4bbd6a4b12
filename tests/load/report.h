// Report: what was measured, one row a thing, with its floor and how near it
// comes to it; for people, for machines (.seawall/bench.json) and for
// docs/benchmarks.md.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "tests/load/loop.h"

namespace seawall::load {

struct Row {
  std::string name;
  std::string store;  // sqlite, postgres, or empty
  int in_flight = 0;  // 0 = does not apply
  // Operations a second; 0 = does not apply, as for the latencies.
  double rate = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::string floor_name = {};
  double floor = 0;
  double ratio = 0;
  // One figure that is neither: `0.3 s behind`.
  std::string finding = {};
  // What the issue asks for, and whether it was reached.
  std::string target = {};
  std::optional<bool> met = {};
};

// The run with the rate in the middle.
Measured Median(std::vector<Measured> runs);

Row RowOf(const std::string& name, const std::string& store, int in_flight,
          const Measured& measured);
// Sets the floor and the ratio of the rates.
void SetFloor(Row& row, const std::string& name, const Measured& floor);

class Report {
 public:
  void Add(Row row) { rows_.push_back(std::move(row)); }
  const std::vector<Row>& rows() const { return rows_; }

  void Print(std::ostream& out, int width) const;
  Result<void> WriteJson(const std::string& path) const;
  // Replaces what stands between the markers of the file.
  Result<void> WriteMarkdown(const std::string& path) const;

 private:
  std::vector<Row> rows_;
};

// The machine and the versions that matter, name by name.
std::vector<std::pair<std::string, std::string>> Machine();

}  // namespace seawall::load
