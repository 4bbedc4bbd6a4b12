#include "cli/csv_rows.h"

#include <algorithm>
#include <array>

#include "libs/base/text.h"

namespace seawall::cli {
namespace {

constexpr int kEnd = std::char_traits<char>::eof();
constexpr char kMark = '"';
constexpr char kDividers[] = {',', ';', '\t'};
constexpr std::string_view kSays = "sep=";
// No cell is longer: it would fit into no message.
constexpr std::size_t kLongest = 512 * 1024;
// Of a line within quotation marks, to be taken for a row.
constexpr std::size_t kFewestCells = 4;

bool IsBlank(int c, char divider) {
  return (c == ' ' || c == '\t') && c != divider;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == y;
  });
}

// The text of `="…"`, with which programs keep Excel from reading a number.
std::optional<std::string> Formula(std::string_view cell) {
  if (cell.size() < 3 || !cell.starts_with("=\"") || cell.back() != kMark)
    return std::nullopt;
  cell = cell.substr(2, cell.size() - 3);
  std::string text;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    text += cell[i];
    if (cell[i] == kMark && cell[++i] != kMark) return std::nullopt;
  }
  return text;
}

void Fault(CsvRow& row, std::string why, std::optional<std::size_t> cell) {
  if (!row.fault.empty()) return;
  row.fault = std::move(why);
  row.fault_cell = cell;
}

}  // namespace

void CsvRows::Expect(
    std::size_t columns,
    std::function<bool(const std::vector<std::string>&)> is_row) {
  columns_ = columns;
  is_row_ = std::move(is_row);
}

// Every kind of line end is '\n'.
int CsvRows::Get() {
  int c = kEnd;
  if (at_ < back_.size()) {
    c = static_cast<unsigned char>(back_[at_++]);
  } else {
    c = in_.sbumpc();
    if (after_cr_ && c == '\n')
      c = in_.sbumpc();
    else if (after_cr_ && c != kEnd)
      cr_alone_ = true;
    after_cr_ = c == '\r';
    if (after_cr_) c = '\n';
  }
  if (c == '\n') ++line_;
  return c;
}

void CsvRows::PutBack(const std::string& text) {
  line_ -= static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  const std::size_t over = std::min(at_, text.size());
  back_.replace(at_ - over, over, text);
  at_ -= over;
}

// By the first line that holds something: the divider that it has most of.
void CsvRows::FindDivider() {
  std::string line;
  int c = Get();
  while (c != kEnd && (c != '\n' || Trimmed(line).empty()) &&
         line.size() < kLongest) {
    line += static_cast<char>(c);
    c = Get();
  }
  if (c != kEnd) line += static_cast<char>(c);
  const std::string_view text = Trimmed(line);
  if (text.size() == kSays.size() + 1 &&
      EqualsIgnoringCase(text.substr(0, kSays.size()), kSays)) {
    divider_ = text.back();
    return;
  }
  if (EqualsIgnoringCase(text, kSays)) {  // Trimmed took the tab
    divider_ = '\t';
    return;
  }
  std::array<std::size_t, std::size(kDividers)> times = {};
  bool quoted = false;
  for (const char one : line) {
    if (one == kMark) quoted = !quoted;
    for (std::size_t i = 0; i < times.size() && !quoted; ++i)
      times[i] += one == kDividers[i];
  }
  divider_ =
      kDividers[std::max_element(times.begin(), times.end()) - times.begin()];
  PutBack(line);
}

bool CsvRows::IsHiddenRow(std::string_view line) const {
  if (!is_row_) return false;
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == divider_)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  for (std::string& cell : cells) cell = std::string(Trimmed(cell));
  return cells.size() >= std::min(columns_, kFewestCells) && is_row_(cells);
}

// Behind a mark: whether it ends the cell. What is looked at is taken, but for
// what stands behind the cell.
bool CsvRows::ClosesHere(std::string& taken) {
  std::string blanks;
  int c = Get();
  for (; IsBlank(c, divider_); c = Get()) blanks += static_cast<char>(c);
  const bool closes = c == divider_ || c == '\n' || c == kEnd;
  if (c != kEnd) PutBack(std::string(1, static_cast<char>(c)));
  taken += blanks;
  return closes;
}

// Behind the first mark. Where nothing closes it, all is put back.
CsvRows::Closed CsvRows::ReadQuoted(std::string& cell) {
  std::string taken;
  std::size_t line = std::string::npos;  // of `taken`: the latest behind a '\n'
  const auto hidden = [&] {
    return line != std::string::npos &&
           IsHiddenRow(std::string_view(taken).substr(line));
  };
  bool closed = false;
  int c = kEnd;
  while (!closed && taken.size() < kLongest && (c = Get()) != kEnd) {
    if ((c == '\n' || c == kMark) && hidden()) {
      PutBack(std::string(1, static_cast<char>(c)));
      break;
    }
    taken += static_cast<char>(c);
    if (c == '\n') line = taken.size();
    if (c != kMark) {
      cell += static_cast<char>(c);
      continue;
    }
    if ((c = Get()) == kMark) {
      taken += kMark;
      cell += kMark;
      continue;
    }
    if (c != kEnd) PutBack(std::string(1, static_cast<char>(c)));
    closed = ClosesHere(taken);
    if (!closed) break;
  }
  if (closed) return Closed::kYes;
  PutBack(taken);
  cell.clear();
  return line != std::string::npos || c == kEnd ? Closed::kNotOnItsLine
                                                : Closed::kNo;
}

// Answers what ended it: the divider, '\n' or the end.
int CsvRows::ReadCell(CsvRow& row, Reading& reading) {
  std::string& cell = row.cells.emplace_back();
  std::string before;
  int c = Get();
  for (; IsBlank(c, divider_); c = Get()) before += static_cast<char>(c);
  if (c == '=') {
    before += '=';
    c = Get();
  }
  if (c == kMark) {
    const Closed closed = ReadQuoted(cell);
    if (closed == Closed::kYes) return Get();
    if (!reading.literal_mark) reading.literal_mark = row.cells.size() - 1;
    reading.hides_rows |= closed == Closed::kNotOnItsLine;
  }
  cell = std::move(before);
  for (; c != divider_ && c != '\n' && c != kEnd; c = Get())
    cell += static_cast<char>(c);
  return c;
}

// False at the end of the file.
bool CsvRows::ReadRow(CsvRow& row, Reading& reading) {
  row.line = line_;
  int ended = kEnd;
  do {
    ended = ReadCell(row, reading);
  } while (ended != '\n' && ended != kEnd);
  reading.ended = ended == kEnd;
  return !reading.ended || row.cells.size() > 1 || !row.cells[0].empty();
}

void CsvRows::FinishCell(CsvRow& row, std::size_t at) {
  std::string& cell = row.cells[at];
  const bool guess = !in_.says_encoding() && !cr_alone_;
  const Utf8 was = guess          ? MakeUtf8(cell)
                   : IsUtf8(cell) ? Utf8::kWas
                                  : Utf8::kUnreadable;
  if (was == Utf8::kFromWindows1252 && !row.windows_1252) row.windows_1252 = at;
  cell = std::string(Trimmed(cell));
  if (auto text = Formula(cell)) cell = Trimmed(*text);
  if (was == Utf8::kUnreadable)
    Fault(row, "is neither UTF-8 nor Windows-1252; save the file as CSV UTF-8",
          at);
  if (cell.find('\0') != std::string::npos)
    Fault(row, "holds a NUL character", at);
}

void CsvRows::Finish(CsvRow& row, const Reading& reading) {
  if (reading.hides_rows)
    Fault(row,
          "begins with a quotation mark that nothing closes, or the file ends "
          "in it; double the marks within a text",
          reading.literal_mark);
  if (reading.literal_mark && columns_ > 0 && row.cells.size() != columns_)
    Fault(row,
          "holds a quotation mark that shifts the cells behind it; double the "
          "marks within a text",
          reading.literal_mark);
  if (reading.ended && row.cells.size() < columns_)
    Fault(row, "the file ends in this row; is it whole?", std::nullopt);
  for (std::size_t i = 0; i < row.cells.size(); ++i) FinishCell(row, i);
}

std::optional<CsvRow> CsvRows::Next() {
  if (divider_ == '\0') FindDivider();
  while (true) {
    CsvRow row;
    Reading reading;
    if (!ReadRow(row, reading)) return std::nullopt;
    ++rows_;
    Finish(row, reading);
    const bool blank =
        std::all_of(row.cells.begin(), row.cells.end(),
                    [](const std::string& cell) { return cell.empty(); });
    if (!blank) return row;
    ++blank_;
  }
}

}  // namespace seawall::cli
