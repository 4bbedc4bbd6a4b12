// Rows of a table that a spreadsheet or another program wrote as text.
//
// Columns are divided by commas, semicolons or tabs, as the first row is or as
// Excel's `sep=;` says; rows end with LF, CRLF or CR. A cell in quotation marks
// may hold all of these, with its marks doubled. A mark inside a cell that did
// not begin with one is a mark like any other; so is one that begins a cell and
// that no mark before a divider closes. `="007"` is 007. Outer white space is
// left out, line ends within a cell are LF.
//
// What cannot be trusted is said of its row, and the rows behind it are read:
// no row becomes the text of another. Bytes that are no UTF-8 are read as
// Windows-1252, cell by cell, unless the file says that it is UTF-8 or UTF-16.
//
// Reads row by row: a file may be larger than memory. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/text_input.h"

namespace seawall::cli {

struct CsvRow {
  // Where it begins, from 1.
  int line = 0;
  std::vector<std::string> cells = {};
  // Why its cells cannot be trusted, in words; empty = they can.
  std::string fault = {};
  // Where the fault begins; not known of one that is of the whole row.
  std::optional<std::size_t> fault_cell = {};
  // Of the first cell that was Windows-1252.
  std::optional<std::size_t> windows_1252 = {};
};

class CsvRows {
 public:
  explicit CsvRows(TextInput& in) : in_(in) {}

  // Nothing at the end. Rows without a value are passed over and counted.
  std::optional<CsvRow> Next();

  // What the rows behind the first are like: so many cells, and how to tell
  // one by its cells where a quotation mark that was never closed hides it.
  void Expect(std::size_t columns,
              std::function<bool(const std::vector<std::string>&)> is_row);

  // Whether a row can be read without waiting for whoever writes it.
  bool HasMore() { return at_ < back_.size() || in_.HasMore(); }
  char divider() const { return divider_; }
  // Rows read until now, those without a value among them.
  std::int64_t rows() const { return rows_; }
  std::int64_t blank() const { return blank_; }

 private:
  // How a row was read: what its fault may come from.
  struct Reading {
    std::optional<std::size_t> literal_mark;  // begins that cell, unclosed
    bool hides_rows = false;  // and there were line ends before that was seen
    bool ended = false;       // by the end of the file
  };
  enum class Closed { kYes, kNo, kNotOnItsLine };

  int Get();
  void PutBack(const std::string& text);
  void FindDivider();
  bool ReadRow(CsvRow& row, Reading& reading);
  int ReadCell(CsvRow& row, Reading& reading);
  Closed ReadQuoted(std::string& cell);
  bool ClosesHere(std::string& taken);
  bool IsHiddenRow(std::string_view line) const;
  void Finish(CsvRow& row, const Reading& reading);
  void FinishCell(CsvRow& row, std::size_t at);

  TextInput& in_;
  char divider_ = '\0';
  std::size_t columns_ = 0;
  std::function<bool(const std::vector<std::string>&)> is_row_;
  // What was taken and put back, from `at_` on.
  std::string back_;
  std::size_t at_ = 0;
  bool after_cr_ = false;
  bool cr_alone_ = false;  // some line ended so: a Mac wrote it
  int line_ = 1;
  std::int64_t rows_ = 0, blank_ = 0;
};

}  // namespace seawall::cli
