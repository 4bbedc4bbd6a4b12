// The field's code sets (referral source, need, factors…) as dated data: which
// codes a set has, and on which days each may be used.
//
// Codes are strings and change most years, so they are never enums. Loaded
// once at start; read from any thread after that.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/civil.h"
#include "libs/base/error.h"

namespace seawall {

struct CodeEntry {
  std::string code;
  std::string label;
  // A coarser grouping where the set has one (sources: the inspectors' groups
  // a to k); else empty.
  std::string group;
  std::optional<Date> valid_from;  // the first day of use; none: always
  std::optional<Date> valid_to;    // the last day of use
};

class CodeSets {
 public:
  CodeSets() = default;
  // data/code_sets.json. CODE_SETS_UNREADABLE, also for a code that a set has
  // twice or a date that is none.
  static Result<CodeSets> Load(const std::string& path);

  // The set has the code and it may be used on that day.
  bool Valid(std::string_view set, std::string_view code, Date on) const;
  // The entry whatever the day; null when the set or the code is unknown.
  // Valid as long as this object.
  const CodeEntry* Find(std::string_view set, std::string_view code) const;
  // All codes of a set in file order, retired ones too; empty for an unknown
  // set.
  std::vector<std::string> Codes(std::string_view set) const;
  // The groups of a set in file order, each once.
  std::vector<std::string> Groups(std::string_view set) const;
  std::vector<std::string> Sets() const;

 private:
  std::map<std::string, std::vector<CodeEntry>, std::less<>> sets_;
};

}  // namespace seawall
