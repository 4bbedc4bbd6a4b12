// Rows of comma-separated values, RFC 4180: quoted fields may hold commas,
// quotes and line breaks. A byte-order mark before the first is left out.
//
// Reads row by row: a file may be larger than memory. Not thread-safe.
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace seawall::cli {

class CsvRows {
 public:
  explicit CsvRows(std::istream& in) : in_(in) {}
  // Nothing at the end. Empty lines are passed over.
  std::optional<std::vector<std::string>> Next();
  // Where the row given last began, from 1.
  int line() const { return row_line_; }
  // The file ended inside of the row given last: within quotes, or before a
  // line's end.
  bool in_quotes() const { return in_quotes_; }
  bool without_end() const { return without_end_; }

 private:
  bool ReadRow(std::vector<std::string>& row);

  std::istream& in_;
  int line_ = 1;
  int row_line_ = 0;
  bool in_quotes_ = false, without_end_ = false;
};

}  // namespace seawall::cli
