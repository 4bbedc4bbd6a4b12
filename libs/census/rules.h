// The rules of the children in need census of England: what each is about, the
// years in which it is in force, and how it is checked.
//
// Rules are pure functions of one child's rows and the basis of the return, or,
// for the few that compare children, of a tally of the whole return. They are
// grouped in files by subject and stand in one table, Rules(). A return is
// checked by libs/census/check.h; a service that is about to write asks Check
// for the invariants alone. Callable from any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/civil.h"
#include "libs/base/codes.h"
#include "libs/census/tables.h"

namespace seawall::census {

// A return is named by the year in which its reference date lies: 2026 is
// 2025-26. The rules here are those of these years; a return of another year
// is checked by those of the nearest.
inline constexpr int kFirstYear = 2023;
inline constexpr int kLastYear = 2027;

// 1 April to the reference date, both included.
struct Period {
  Date start;
  Date reference_date;

  bool Holds(Date date) const {
    return date >= start && date <= reference_date;
  }
  bool Holds(std::optional<Date> date) const { return date && Holds(*date); }
};

// The period that ends on the reference date.
Period PeriodEnding(Date reference_date);
// The period of a return that says nothing of its own: to 31 March.
Period PeriodOfYear(int year);

// What a child's rows are judged by.
struct Basis {
  int year = kLastYear;  // whose rules
  Period period = {};
  const CodeSets& codes;     // data/code_sets.json
  const Calendar& calendar;  // data/bank_holidays.json
};

enum class Severity {
  kError,  // must be put right
  kQuery,  // may be explained
};

enum class Kind {
  // How events of one child may follow, overlap and close: may be enforced at
  // the moment of writing.
  kInvariant,
  // What a return must have, when and in what form: found afterwards.
  kFinding,
};

// A row and the columns of it that a finding is about.
struct Place {
  Table table;
  std::size_t row;
  std::vector<Column> columns;
};

struct Rule;

// One failure: the rows that together break the rule.
struct Finding {
  const Rule* rule;
  std::string child;  // LAchildID; empty when about the return as a whole
  std::vector<Place> places;
};

// Where a rule leaves what it found.
class Findings {
 public:
  struct At {
    std::reference_wrapper<const Row> row;
    std::vector<Column> columns;
  };

  // Rows that break the rule together. A row that is named twice is one place
  // with the columns of both.
  void Add(const std::vector<At>& rows);
  void Add(std::vector<Place> places);

  // Findings that follow are of this rule and this child.
  void Begin(const Rule& rule, std::string_view child);
  std::vector<Finding> Take() { return std::move(all_); }

 private:
  const Rule* rule_ = nullptr;
  std::string child_;
  std::vector<Finding> all_;
};

struct Tally;

struct Rule {
  std::string_view number;  // "8600"; queries end in Q: "8670Q"
  Severity severity;
  Kind kind;
  std::string_view words;  // for a data officer
  // One of the two: about a child, or about the return as a whole.
  void (*check)(const ChildRecord&, const Basis&, Findings&);
  void (*check_return)(const Tally&, const Basis&, Findings&) = nullptr;
  int first_year = kFirstYear;
  int last_year = kLastYear;

  bool InForce(int year) const {
    return year >= first_year && year <= last_year;
  }
};

// Every rule of every year, in the order of their numbers. A number stands
// there again where its meaning changed; at most one of them is in force in a
// year.
const std::vector<Rule>& Rules();

// The rule that is in force under this number, with or without the Q; null when
// there is none.
const Rule* FindRule(std::string_view number, int year);

// The rules of one kind in force, on one child's rows. Whoever writes a record
// builds the rows as they would be and refuses what this finds.
std::vector<Finding> Check(const ChildRecord& child, const Basis& basis,
                           Kind kind);

}  // namespace seawall::census
