// Writer: a return as census XML, child by child: a return may be larger than
// memory.
//
// Writes rows as they are, in the order of the schema, and judges nothing; the
// rules and the schema do. A column without a value has no element; what XML
// cannot hold is left out of a text. One thread; a stream that fails is the
// caller's to see.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "libs/census/tables.h"

namespace seawall::census {

class Writer {
 public:
  // Begins the return: `header` is a row of the table Header.
  Writer(std::ostream& out, const Row& header);

  void Child(const ChildRecord& child);
  // Ends the return. Once, after the last child.
  void Finish();

 private:
  void Open(const char* name);
  void Close();
  void Leaf(const Row& row, Column column);
  // The row's own columns, in the order of the schema.
  void Leaves(const Row& row);
  void List(const char* name, Column column,
            const std::vector<const Row*>& rows);
  void Episode(const ChildRecord& child, const Row& episode);
  void Assessment(const ChildRecord& child, const Row& assessment);
  void Plan(const ChildRecord& child, const Row& plan);
  void Line(const std::string& text);

  std::ostream& out_;
  std::vector<const char*> open_;
};

}  // namespace seawall::census
