#include "cli/table.h"

#include <algorithm>

#include "cli/text.h"

namespace seawall::cli {
namespace {

constexpr int kGap = 2;
// A cut column keeps this much, and its title.
constexpr int kLeast = 8;

int Sum(const std::vector<int>& widths) {
  int sum = 0;
  for (const int width : widths)
    if (width > 0) sum += width + kGap;
  return sum - kGap;
}

}  // namespace

void Table::Add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) {
    cell = Plain(cell);
    cell.erase(0, cell.find_first_not_of(' '));
  }
  rows_.push_back(std::move(cells));
}

std::vector<int> Table::Widths(int room) const {
  std::vector<int> widths(columns_.size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  for (std::size_t i = 0; i < widths.size(); ++i)
    if (widths[i] > 0)
      widths[i] = std::max(widths[i], DisplayWidth(columns_[i].title));
  for (std::size_t i = widths.size(); room > 0 && i-- > 0;) {
    const int over = Sum(widths) - room;
    const int least = std::max(kLeast, DisplayWidth(columns_[i].title));
    if (over > 0 && columns_[i].shrinks && widths[i] > least)
      widths[i] = std::max(least, widths[i] - over);
  }
  return widths;
}

void Table::PrintRow(std::ostream& out, const std::vector<std::string>& cells,
                     const std::vector<int>& widths, int indent) const {
  std::string line(indent, ' ');
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    const std::string cell = Fit(cells[i], widths[i]);
    const std::string pad(widths[i] - DisplayWidth(cell), ' ');
    line += columns_[i].right ? pad + cell : cell + pad;
    line += std::string(kGap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

void Table::Print(std::ostream& out, int width, int indent) const {
  if (rows_.empty()) return;
  const std::vector<int> widths = Widths(width > 0 ? width - indent : 0);
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  PrintRow(out, titles, widths, indent);
  for (const auto& row : rows_) PrintRow(out, row, widths, indent);
}

}  // namespace seawall::cli
