#include "cli/csv.h"

#include <gtest/gtest.h>

namespace seawall::cli {
namespace {

TEST(CsvLine, IsItsFieldsWithCommasAndEndsWithCrLf) {
  EXPECT_EQ(CsvLine({"Test1", "", "2018-03-31"}), "Test1,,2018-03-31\r\n");
  EXPECT_EQ(CsvLine({}), "\r\n");
}

TEST(CsvLine, QuotesWhatWouldEndAField) {
  EXPECT_EQ(CsvLine({"a,b", "c\"d", "e\nf", "g\rh", "i j"}),
            "\"a,b\",\"c\"\"d\",\"e\nf\",\"g\rh\",i j\r\n");
}

TEST(CsvLine, MakesNoFormulaOfWhatSomebodyWrote) {
  EXPECT_EQ(CsvLine({"=1+1"}), "'=1+1\r\n");
  EXPECT_EQ(CsvLine({"+44"}), "'+44\r\n");
  EXPECT_EQ(CsvLine({"-1"}), "'-1\r\n");
  EXPECT_EQ(CsvLine({"@SUM(A1)"}), "'@SUM(A1)\r\n");
  EXPECT_EQ(CsvLine({"\t=1"}), "'\t=1\r\n");
  EXPECT_EQ(CsvLine({"=A1,\"B\""}), "\"'=A1,\"\"B\"\"\"\r\n");
}

TEST(CsvLine, LeavesAloneWhatIsNoFormula) {
  EXPECT_EQ(CsvLine({"1+1", "a=b", "p-12", "x@y", "'quoted'"}),
            "1+1,a=b,p-12,x@y,'quoted'\r\n");
}

}  // namespace
}  // namespace seawall::cli
