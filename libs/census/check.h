// Checker: a return against the rules of a year, child by child.
//
// Told the header first, if there is one, then every child, then that this was
// all. Holds a tally of the return and no children, so that memory does not
// grow with findings. One thread; never fails.
#pragma once

#include <vector>

#include "libs/census/rules.h"
#include "libs/census/tally.h"

namespace seawall::census {

class Checker {
 public:
  // `only`: one rule instead of all that are in force. Data and rule must
  // outlive this.
  Checker(int year, const CodeSets& codes, const Calendar& calendar,
          const Rule* only = nullptr);

  // A row of the header. Its reference date, where it has one, ends the census
  // year; else the year ends on 31 March.
  void Header(const Row& header);
  std::vector<Finding> Child(const ChildRecord& child);
  // What is found in the return as a whole.
  std::vector<Finding> Finish();

 private:
  bool Asked(const Rule& rule) const;

  Basis basis_;
  const Rule* only_;
  Tally tally_;
};

}  // namespace seawall::census
