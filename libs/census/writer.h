// XmlWriter: a return as census XML, child by child: a return may be larger
// than memory.
//
// Writes rows in the order and the form of the year's schema and judges
// nothing; the rules and the schema do. Days become YYYY-MM-DD, flags 0 and 1,
// sex is GenderCurrent before 2025 and Sex from then on. A text of another form
// is written as it is, a column without a value not at all. What XML cannot
// hold is left out of a text. One thread; a stream that fails is the caller's
// to see.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "libs/census/tables.h"

namespace seawall::census {

class XmlWriter {
 public:
  // Begins the return of the census that ends in March of `year`; `header` is a
  // row of the table Header.
  XmlWriter(std::ostream& out, int year, const Row& header);

  void Child(const ChildRecord& child);
  // Ends the return. Once, after the last child.
  void Finish();

 private:
  using Rows = std::vector<const Row*>;

  void Open(const char* name);
  void Close();
  void Line(const std::string& text);
  void Element(const std::string& name, const std::string& text);
  void Leaf(const Row& row, Column column);
  // The row's own columns.
  void Leaves(const Row& row);
  void Blocks(const char* name, const Rows& rows);
  void List(const char* name, const char* element, Column column,
            const Rows& rows);
  void Sex(const Row& row);
  void Episode(const ChildRecord& child, const Row& episode);
  void Assessment(const ChildRecord& child, const Row& assessment);
  void Plan(const ChildRecord& child, const Row& plan);

  std::ostream& out_;
  const int year_;
  std::vector<const char*> open_;
};

}  // namespace seawall::census
