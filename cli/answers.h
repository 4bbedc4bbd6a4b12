// Answers: what became of pushed forms, as lines of JSON or as a table with
// totals.
//
// Refusals go to the error stream at once, with file and line; receipts are
// shown at the end. Many receipts are shown as totals.
#pragma once

#include <map>
#include <string>

#include "cli/push.h"
#include "cli/session.h"
#include "cli/table.h"

namespace seawall::cli {

// Not thread-safe.
class Answers {
 public:
  // `all`: list every receipt.
  Answers(const Console& console, bool json, bool all);

  void Add(const PushItem& item, const PushAnswer& answer);
  // Tables and totals; nothing in JSON mode.
  void Summarise() const;

  std::int64_t stored() const { return stored_; }
  std::int64_t refused() const { return refused_; }

 private:
  void AddJson(const PushItem& item, const PushAnswer& answer);
  void AddReceipts(const PushItem& item,
                   const referrals::v1::SubmitContactResponse& response);
  void AddWarning(const std::string& where, const Note& note);
  void AddWarnings(const PushItem& item,
                   const referrals::v1::SubmitContactResponse& response);
  void PrintTotals() const;

  const Console& console_;
  bool json_;
  bool all_;
  std::int64_t stored_ = 0;
  std::int64_t refused_ = 0;
  std::int64_t contacts_ = 0;
  std::int64_t warnings_ = 0;
  Table receipts_;
  Table details_;
  // How many of "priority red", "route front door", "quality good", and of each
  // warning.
  std::map<std::pair<std::string, std::string>, std::int64_t> totals_;
  std::map<std::string, std::int64_t> warned_;
};

}  // namespace seawall::cli
