// Figures: what the demo asks of FiguresService, as the board, and whether it
// is what it should be.
#pragma once

#include <seawall/common/v1/figures.pb.h>

#include <map>
#include <string>
#include <vector>

#include "libs/base/civil.h"
#include "libs/base/error.h"
#include "libs/rpc/client.h"

namespace seawall::demo {

// Numbers by measure and group value; the total has the value "".
class Figures {
 public:
  explicit Figures(const common::v1::GetFiguresResponse& response);

  // An empty figure if it was not given.
  const common::v1::Figure& at(const std::string& measure,
                               const std::string& group_value = "") const;
  std::int64_t count(const std::string& measure,
                     const std::string& group_value = "") const {
    return at(measure, group_value).numerator();
  }
  // Group values of a measure in the order given, without the total.
  std::vector<std::string> values(const std::string& measure) const;

 private:
  std::map<std::pair<std::string, std::string>, common::v1::Figure> figures_;
  std::map<std::string, std::vector<std::string>> values_;
};

struct Question {
  std::vector<std::string> measures;
  Date start;
  Date end;
  std::string group_by = {};
  std::optional<Instant> as_known = {};
  // Absent: the last day of the year shown.
  std::optional<Date> census = {};
};

Result<Figures> AskFigures(rpc::Client& board, const Question& question,
                           common::v1::FigureSource source);

// The same question to the live counters and to the records. Call it when the
// counters are level: COUNTERS_BEHIND otherwise.
struct BothSides {
  Figures counters;
  Figures records;
};
Result<BothSides> AskBoth(rpc::Client& board, const Question& question);

// Mean of shares, each numerator of its denominator, as a percentage: exact
// until it is rounded. Empty when a denominator is 0.
std::string MeanOfShares(
    const std::vector<std::pair<std::int64_t, std::int64_t>>& shares,
    int decimal_places);

// Writes "9,798 ✓" or "9,798 ✗", and remembers whether all were met.
class Checks {
 public:
  std::string Mark(const std::string& text, bool met) {
    all_met_ &= met;
    return text + (met ? " ✓" : " ✗");
  }
  bool all_met() const { return all_met_; }

 private:
  bool all_met_ = true;
};

}  // namespace seawall::demo
