// Tally: what is remembered of a whole return while its children pass by, for
// the rules that compare children. Small: two texts a child at most.
//
// For libs/census; one thread.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/census/rules.h"

namespace seawall::census {

// Which rows have the same text.
class Repeats {
 public:
  void See(const std::string& text, std::size_t row);
  // Texts seen more than once, with all their rows in order.
  const std::map<std::string, std::vector<std::size_t>>& repeated() const {
    return repeated_;
  }

 private:
  std::unordered_map<std::string, std::size_t> first_;
  std::map<std::string, std::vector<std::size_t>> repeated_;
};

struct Tally {
  void See(const ChildRecord& child, const Basis& basis);

  std::vector<Row> headers;
  Repeats child_ids;
  Repeats upns;
  std::size_t plans_started = 0;  // in the census year, as the next
  std::size_t conferences = 0;
  std::size_t children = 0;
  std::size_t without_sex = 0;         // born, and Sex absent or U
  std::size_t without_gender = 0;      // born, and GenderCurrent absent or 0
  std::set<std::string> disabilities;  // but NONE
  std::size_t most_disabilities = 0;   // of one child
};

}  // namespace seawall::census
