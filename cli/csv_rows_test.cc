#include "cli/csv_rows.h"

#include <gtest/gtest.h>
#include <unicode/ucnv.h>

#include <random>
#include <sstream>

namespace seawall::cli {
namespace {

using Cells = std::vector<std::string>;

struct Read {
  std::vector<Cells> cells;
  std::vector<int> lines;
  std::vector<std::string> faults;
  std::int64_t rows = 0, blank = 0;
};

// As a reader of events does: the first row names the columns, and a row is one
// whose first cell says so.
Read ReadAll(const std::string& bytes) {
  std::istringstream stream(bytes);
  TextInput in(stream);
  CsvRows rows(in);
  Read read;
  while (const auto row = rows.Next()) {
    if (read.cells.empty())
      rows.Expect(row->cells.size(),
                  [](const Cells& cells) { return cells[0] == "referral"; });
    read.cells.push_back(row->cells);
    read.lines.push_back(row->line);
    read.faults.push_back(row->fault);
  }
  read.rows = rows.rows();
  read.blank = rows.blank();
  return read;
}

std::vector<Cells> Rows(const std::string& bytes) {
  return ReadAll(bytes).cells;
}

TEST(CsvRows, QuotedCellsHoldDividersMarksAndLineEnds) {
  const Read read = ReadAll("a,\"b,c\"\r\n\n\"d \"\"e\"\"\",\"f\ng\"\nh,\n");
  EXPECT_EQ(read.cells,
            (std::vector<Cells>{{"a", "b,c"}, {"d \"e\"", "f\ng"}, {"h", ""}}));
  EXPECT_EQ(read.lines, (std::vector<int>{1, 3, 5}));
  EXPECT_EQ(read.blank, 1);
  EXPECT_EQ(read.rows, 4);
}

TEST(CsvRows, AMarkInsideACellIsAMarkLikeAnyOther) {
  EXPECT_EQ(Rows("a,b\nuses a 5\" frame,x\nnow 6\",y\n"),
            (std::vector<Cells>{
                {"a", "b"}, {"uses a 5\" frame", "x"}, {"now 6\"", "y"}}));
  EXPECT_EQ(Rows("a,b\n\"Robin\" Test,x\n"),
            (std::vector<Cells>{{"a", "b"}, {"\"Robin\" Test", "x"}}));
}

TEST(CsvRows, NoMarkMakesOtherRowsTheTextOfItsCell) {
  const std::string row = "referral,slt,T-2,2026-09-01,\n";
  for (const char* begun :
       {"\" of snow", "\"", "\"x\"y\"", "\"\"\"", "\"a,b"}) {
    const std::string mark = begun;
    for (const std::string& later :
         {std::string(), std::string("contact,slt,T-3,2026-09-01,6\"\n"),
          std::string("contact,slt,T-3,2026-09-01,\"a note\"\n")}) {
      const Read read = ReadAll(
          "event,service,reference,day,note\ncontact,slt,"
          "T-1,2026-09-01," +
          mark + "\n" + row + row + later);
      const std::size_t rows = 4 + !later.empty();
      ASSERT_EQ(read.cells.size(), rows) << mark << "|" << later;
      EXPECT_EQ(read.cells[2][2], "T-2");
      EXPECT_EQ(read.faults[2], "");
      EXPECT_EQ(read.faults[3], "");
    }
  }
}

TEST(CsvRows, AMarkThatShiftsCellsIsSaidOfItsRow) {
  const Read read = ReadAll("a,b,c\n\"He said \"go, now\"\",x,\n1,2,3\n");
  EXPECT_NE(read.faults[1], "");
  EXPECT_EQ(read.cells[2], (Cells{"1", "2", "3"}));
}

TEST(CsvRows, AFileThatEndsWithinARowSaysSo) {
  EXPECT_NE(ReadAll("a,b,c\nd,e,\"the family mo").faults[1], "");
  EXPECT_NE(ReadAll("a,b,c\nd,e").faults[1], "");
  EXPECT_EQ(ReadAll("a,b,c\nd,e,f").faults[1], "");
}

TEST(CsvRows, EveryLineEndEndsARow) {
  const std::vector<Cells> rows = {{"a", "b"}, {"c", "d"}, {"e", "f"}};
  for (const char* end : {"\n", "\r\n", "\r"}) {
    const std::string e = end;
    const Read read = ReadAll("a,b" + e + "c,d" + e + e + "e,f" + e);
    EXPECT_EQ(read.cells, rows);
    EXPECT_EQ(read.lines, (std::vector<int>{1, 2, 4}));
    EXPECT_EQ(Rows("a,b" + e + "c,d" + e + "e,f"), rows);
  }
}

TEST(CsvRows, TheDividerIsThatOfTheFirstRowOrWhatExcelSays) {
  const std::vector<Cells> rows = {{"a", "b"}, {"c,d", "e"}};
  EXPECT_EQ(Rows("a;b\nc,d;e\n"), rows);
  EXPECT_EQ(Rows("a\tb\nc,d\te\n"), rows);
  EXPECT_EQ(Rows("sep=;\r\na;b\r\nc,d;e\r\n"), rows);
  EXPECT_EQ(Rows("Sep=|\na|b\nc,d|e\n"), rows);
  EXPECT_EQ(Rows("sep=\t\na\tb\nc,d\te\n"), rows);
  EXPECT_EQ(Rows("\"a\",\"b;;\"\n"), (std::vector<Cells>{{"a", "b;;"}}));
}

TEST(CsvRows, WhatSpreadsheetsPutAroundValuesIsNoPartOfThem) {
  EXPECT_EQ(Rows("a,b\n=\"007\",\"=\"\"00,8\"\"\"\n  x\t,\xc2\xa0y\xc2\xa0\n"
                 " \"p, q\" ,\"r\"\n"),
            (std::vector<Cells>{
                {"a", "b"}, {"007", "00,8"}, {"x", "y"}, {"p, q", "r"}}));
  EXPECT_EQ(Rows("a,b\n=\"1,5\",2\n=SUM(A1),\"=\"\n")[1], (Cells{"1,5", "2"}));
}

TEST(CsvRows, RowsWithoutAValueArePassedOverAndCounted) {
  const Read read = ReadAll("a,b\n,,,\n \n\"\",\nc,d,,,\n\x1a");
  EXPECT_EQ(read.cells,
            (std::vector<Cells>{{"a", "b"}, {"c", "d", "", "", ""}}));
  EXPECT_EQ(read.blank, 4);
  EXPECT_EQ(read.rows, 6);
  EXPECT_EQ(Rows(std::string("a\nb\n\0\0\0", 7)).size(), 2u);
  EXPECT_EQ(Rows("a,b\nc,d\x1a")[1], (Cells{"c", "d"}));
}

TEST(CsvRows, OneCellInAnotherEncodingCostsNoOtherRow) {
  const Read read = ReadAll(
      "a,b\nZo\xeb,O\x92"
      "Brien\nc,\x89t\x82\ne,f\n");
  EXPECT_EQ(read.cells[1], (Cells{"Zoë", "O’Brien"}));
  EXPECT_EQ(read.faults[1], "");
  EXPECT_EQ(Rows("a,b\nREN\xc9\x92S,JOS\xc9\xa0T\n")[1],
            (Cells{"RENÉ’S", "JOSÉ\u00a0T"}));
  EXPECT_EQ(Rows("a,b\nKɔfi,ζ Ѓ ђ\n")[1], (Cells{"Kɔfi", "ζ Ѓ ђ"}));
  EXPECT_NE(read.faults[2], "") << "MS-DOS's letters are not guessed";
  EXPECT_EQ(read.faults[3], "");
}

TEST(CsvRows, AFileThatSaysItsEncodingIsNotReadInAnother) {
  const Read read = ReadAll(
      "\xef\xbb\xbf"
      "a,b\nZo\xeb,x\nc,d\n");
  EXPECT_NE(read.faults[1], "");
  EXPECT_EQ(read.faults[2], "");
  EXPECT_NE(ReadAll("a,b\rZo\x91,x\r").faults[1], "") << "a Mac's letters";
}

TEST(CsvRows, ANulInsideATextIsSaidOfItsRow) {
  const Read read = ReadAll(std::string("a,b\nc\0d,e\nf,g\n", 14));
  EXPECT_NE(read.faults[1], "");
  EXPECT_EQ(read.faults[2], "");
}

// ---- every way to write a table, read back equal ----------------------------

enum class Quoting { kAll, kNeeded };
struct Way {
  const char* encoding;
  std::string mark;
  char divider;
  std::string end;
  Quoting quoting;
};

std::vector<Way> Ways() {
  std::vector<Way> ways;
  for (const auto& [encoding, mark] :
       {std::pair<const char*, std::string>("UTF-8", ""),
        {"UTF-8", "\xef\xbb\xbf"},
        {"UTF-16LE", "\xff\xfe"},
        {"UTF-16BE", "\xfe\xff"},
        {"UTF-16LE", ""},
        {"UTF-16BE", ""},
        {"windows-1252", ""}})
    for (const char divider : {',', ';', '\t'})
      for (const char* end : {"\n", "\r\n", "\r"})
        for (const Quoting quoting : {Quoting::kAll, Quoting::kNeeded})
          // Of a Mac's letters nobody knows which they are.
          if (encoding[0] != 'w' || end != std::string("\r"))
            ways.push_back({encoding, mark, divider, end, quoting});
  return ways;
}

std::string Encoded(const std::string& text, const Way& way) {
  std::string bytes(4 * text.size() + 16, '\0');
  UErrorCode failed = U_ZERO_ERROR;
  bytes.resize(ucnv_convert(way.encoding, "UTF-8", bytes.data(), bytes.size(),
                            text.data(), text.size(), &failed));
  EXPECT_TRUE(U_SUCCESS(failed));
  return way.mark + bytes;
}

class Tables {
 public:
  explicit Tables(std::uint32_t seed) : random_(seed) {}

  int Below(int n) { return std::uniform_int_distribution(0, n - 1)(random_); }

  std::string Cell(bool latin) {
    static const Cells kLatin = {"a",  "Test", "\"", "\"\"", ",",  ";", "\t",
                                 "\n", " ",    "én", "’",    "£",  "–", "=",
                                 "'",  "0",    "ßa", "sep=", "5\""};
    static const Cells kAll = {"Łódź", "Ж", "李", "😀", "e\u0301"};
    std::string cell;
    for (int parts = Below(6); parts > 0; --parts) {
      const int at = Below(static_cast<int>(kLatin.size() + kAll.size()));
      if (at < static_cast<int>(kLatin.size()))
        cell += kLatin[at];
      else if (!latin)
        cell += kAll[at - kLatin.size()];
    }
    return std::string(Trimmed(cell));
  }

  std::vector<Cells> Table(bool latin) {
    const int columns = 2 + Below(4);
    std::vector<Cells> rows = {{}};
    for (int i = 0; i < columns; ++i)
      rows[0].push_back("col" + std::to_string(i));
    for (int n = Below(6); n > 0; --n) {
      Cells row = {"row" + std::to_string(n)};
      while (static_cast<int>(row.size()) < columns) row.push_back(Cell(latin));
      rows.push_back(std::move(row));
    }
    return rows;
  }

  std::string Written(const Cells& row, const Way& way) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += (i > 0 ? std::string(1, way.divider) : "") + Cell(row[i], way);
    return line + way.end;
  }

 private:
  std::string Cell(const std::string& text, const Way& way) {
    const bool needed = text.find_first_of(std::string("\n") + way.divider) !=
                            std::string::npos ||
                        text.starts_with("\"") || text.starts_with("=\"");
    std::string pad(Below(3) == 0 ? 1 : 0, ' ');
    if (way.quoting == Quoting::kNeeded && !needed) return pad + text + pad;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return pad + quoted + "\"" + pad;
  }

  std::mt19937 random_;
};

// What `="…"` would be taken for is no text that anybody has.
bool IsFormula(const std::string& cell) {
  return cell.size() > 2 && cell.starts_with("=\"") && cell.ends_with("\"");
}

TEST(CsvRows, WhateverWasWrittenInWhateverWayIsReadBackEqual) {
  int files = 0;
  for (const Way& way : Ways()) {
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
      Tables tables(seed);
      auto rows = tables.Table(way.encoding[0] == 'w');
      std::string text;
      std::vector<int> lines;
      int line = 1, blank = 0;
      for (Cells& row : rows) {
        for (std::string& cell : row)
          if (IsFormula(cell)) cell += '.';
        if (tables.Below(4) == 0 && !text.empty()) {
          text += std::string(tables.Below(3), way.divider) + way.end;
          ++line;
          ++blank;
        }
        lines.push_back(line);
        text += tables.Written(row, way);
        ++line;
        for (const std::string& cell : row)
          line += std::count(cell.begin(), cell.end(), '\n');
      }
      const Read read = ReadAll(Encoded(text, way));
      const std::string where = std::string(way.encoding) + " '" + way.divider +
                                "' seed " + std::to_string(seed) + "\n" + text;
      ASSERT_EQ(read.cells, rows) << where;
      ASSERT_EQ(read.lines, lines) << where;
      ASSERT_EQ(read.blank, blank) << where;
      ASSERT_EQ(read.rows, static_cast<int>(rows.size()) + blank) << where;
      for (const std::string& fault : read.faults)
        ASSERT_EQ(fault, "") << where;
      ++files;
    }
  }
  EXPECT_GT(files, 1000);
}

// Whatever bytes come, no row is lost without a word: each line is in a row, or
// in the quoted cell of one.
TEST(CsvRows, OfAnyBytesEveryLineIsAccountedFor) {
  std::mt19937 random(7);
  const std::string kinds = "ab,;\t\"\"= \n\n\r";
  for (int n = 0; n < 3000; ++n) {
    std::string bytes = "x,y\n";
    for (int i = 0; i < 60; ++i) bytes += kinds[random() % kinds.size()];
    const Read read = ReadAll(bytes);
    int last = 0;
    for (const int line : read.lines) {
      EXPECT_GT(line, last);
      last = line;
    }
    EXPECT_EQ(read.rows,
              static_cast<std::int64_t>(read.cells.size()) + read.blank);
    std::size_t letters = 0, written = 0;
    for (const Cells& row : read.cells)
      for (const std::string& cell : row)
        letters += std::count_if(cell.begin(), cell.end(), isalpha);
    written = std::count_if(bytes.begin(), bytes.end(), isalpha);
    EXPECT_EQ(letters, written) << bytes;
  }
}

}  // namespace
}  // namespace seawall::cli
