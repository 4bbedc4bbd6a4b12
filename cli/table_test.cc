#include "cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace seawall::cli {
namespace {

std::string Printed(const Table& table, int width = 0) {
  std::ostringstream out;
  table.Print(out, width);
  return out.str();
}

TEST(Table, AlignsByWhatIsSeenNotByBytes) {
  Table table({{"child"}, {"age", true}, {"need"}});
  table.Add({"Test-Zoë", "9", "N1"});
  table.Add({"Test-Al", "10", "N4"});
  EXPECT_EQ(Printed(table),
            "child     age  need\n"
            "Test-Zoë    9  N1\n"
            "Test-Al    10  N4\n");
}

TEST(Table, WritesFilesInFull) {
  Table table({{"text", false, true}});
  table.Add({std::string(300, 'x')});
  EXPECT_EQ(Printed(table), "text\n" + std::string(300, 'x') + "\n");
}

TEST(Table, CutsOnlyColumnsThatMayShrink) {
  Table table({{"id"}, {"text", false, true}});
  table.Add({"C-0123456789", "a long line of text that goes on"});
  EXPECT_EQ(Printed(table, 30),
            "id            text\n"
            "C-0123456789  a long line of …\n");
}

TEST(Table, LeavesOutColumnsThatAreEmptyInEveryRow) {
  Table table({{"id"}, {"episode"}, {"state"}});
  table.Add({"1", "", "decided"});
  table.Add({"2", "", ""});
  EXPECT_EQ(Printed(table), "id  state\n1   decided\n2\n");
}

TEST(Table, KeepsALineALineWhateverACellHolds) {
  Table table({{"text"}});
  table.Add({"one\ntwo\x1b[2J"});
  EXPECT_EQ(Printed(table), "text\none two\uFFFD[2J\n");
}

TEST(Table, WithoutRowsPrintsNothing) {
  EXPECT_EQ(Printed(Table({{"id"}})), "");
}

}  // namespace
}  // namespace seawall::cli
