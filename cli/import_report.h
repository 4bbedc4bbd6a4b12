// ImportReport: what became of the children of a census, for people and for
// programs: what was left out and why, child by child, then a summary by rule
// and what the records have no place for. Nothing that a file holds is dropped
// without a line here.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/push.h"
#include "cli/session.h"

namespace seawall::cli {

using ChildItem = ItemOf<Children>;
using ChildAnswer = AnswerOf<Children>;

// What the client itself could not carry of a child.
struct LeftBehind {
  std::vector<std::string> not_kept;  // paths
  std::vector<std::string> unknown;   // elements that no census has there
};

// Not thread-safe. Memory grows with rules and kinds of elements, not with
// children.
class ImportReport {
 public:
  ImportReport(const Console& console, bool json)
      : console_(console), json_(json) {}

  void Add(const ChildItem& item, const LeftBehind& left,
           const ChildAnswer& answer);
  // Tables and totals; nothing in JSON mode.
  void Summarise() const;

  // Children that were refused as a whole, or had no answer.
  std::int64_t refused() const { return refused_; }

 private:
  void AddJson(const ChildItem& item, const LeftBehind& left,
               const ChildAnswer& answer) const;
  void AddResponse(const ChildItem& item,
                   const referrals::v1::ImportChildResponse& response);
  void AddRefused(const ChildItem& item, const Error& error);
  void Count(const LeftBehind& left);

  const Console& console_;
  bool json_;
  std::int64_t children_ = 0;
  std::int64_t refused_ = 0;
  std::int64_t taken_ = 0;
  std::int64_t there_ = 0;
  std::int64_t left_out_ = 0;
  // Rule and words -> how many.
  std::map<std::pair<std::string, std::string>, std::int64_t> rules_;
  // Reasons of children refused as a whole: shown in full once.
  std::map<std::string, std::int64_t> reasons_;
  // Element -> times, with why it was not kept.
  std::map<std::pair<std::string, std::string>, std::int64_t> elements_;
  // What became known of a child, and was recorded.
  std::map<std::pair<std::string, std::string>, std::int64_t> corrected_;
};

}  // namespace seawall::cli
