#include "cli/csv_rows.h"

namespace seawall::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

// False at the end of the file.
bool CsvRows::ReadRow(std::vector<std::string>& row) {
  row.assign(1, "");
  row_line_ = line_;
  bool quoted = false, any = false;
  for (int c; (c = in_.get()) != std::istream::traits_type::eof();) {
    any = true;
    if (c == '\n') ++line_;
    if (quoted) {
      if (c != '"') {
        row.back() += static_cast<char>(c);
      } else if (in_.peek() == '"') {
        row.back() += static_cast<char>(in_.get());
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      return true;
    } else if (c != '\r') {
      row.back() += static_cast<char>(c);
    }
  }
  in_quotes_ = quoted;
  without_end_ = any;
  return any;
}

std::optional<std::vector<std::string>> CsvRows::Next() {
  std::vector<std::string> row;
  while (ReadRow(row)) {
    if (row_line_ == 1 && row[0].starts_with(kByteOrderMark)) {
      row[0].erase(0, kByteOrderMark.size());
    }
    if (row.size() > 1 || !row[0].empty()) return row;
  }
  return std::nullopt;
}

}  // namespace seawall::cli
