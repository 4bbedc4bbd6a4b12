// Table: aligned columns for people, on a terminal or in a file.
//
// Nothing is wrapped. Cells are made safe to print. Only where a width is given
// (a terminal's) are the columns that may shrink cut with "…", so that a row
// stays on its line; into files and pipes everything is written in full.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace seawall::cli {

struct Column {
  std::string title;
  bool right = false;    // numbers
  bool shrinks = false;  // may be cut on a narrow terminal
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Missing cells are empty; more cells than columns are left out.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }

  // `width`: columns of the terminal, 0 = no limit. `indent`: spaces before
  // each line. A column whose cells are all empty is not shown.
  void Print(std::ostream& out, int width = 0, int indent = 0) const;

 private:
  std::vector<int> Widths(int room) const;
  void PrintRow(std::ostream& out, const std::vector<std::string>& cells,
                const std::vector<int>& widths, int indent) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace seawall::cli
