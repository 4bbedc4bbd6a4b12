#include "cli/text.h"

#include <gtest/gtest.h>

namespace seawall::cli {
namespace {

TEST(Plain, ControlSequencesDoNotReachTheTerminal) {
  EXPECT_EQ(Plain("Test\x1b[31mred"), "Test\uFFFD[31mred");
  EXPECT_EQ(Plain("a\u009b31m"), "a\uFFFD31m");
  EXPECT_EQ(Plain("one\ntwo\tthree"), "one two three");
}

TEST(Plain, DirectionMarksAreShownAsReplaced) {
  EXPECT_EQ(Plain("ab\u202Ecd"), "ab\uFFFDcd");
}

TEST(Plain, BytesThatAreNoUtf8AreReplacedOneByOne) {
  EXPECT_EQ(Plain("a\xff\xc3"), "a\uFFFD\uFFFD");
  EXPECT_EQ(Plain("Zoë Łuk 子"), "Zoë Łuk 子");
}

TEST(DisplayWidth, CountsWhatATerminalShows) {
  EXPECT_EQ(DisplayWidth("Zoë"), 3);
  EXPECT_EQ(DisplayWidth("Zoe\u0308"), 3);  // combining mark
  EXPECT_EQ(DisplayWidth("子供"), 4);
}

TEST(Fit, CutsBetweenCharactersAndMarksTheEnd) {
  EXPECT_EQ(Fit("Test-Łukasz", 7), "Test-Ł…");
  EXPECT_EQ(Fit("Test", 4), "Test");
  EXPECT_EQ(Fit("子供", 3), "子…");
}

TEST(Count, MarksThousands) {
  EXPECT_EQ(Count(0), "0");
  EXPECT_EQ(Count(999), "999");
  EXPECT_EQ(Count(9798), "9,798");
  EXPECT_EQ(Count(-1234567), "-1,234,567");
}

TEST(Counted, SaysOneAndMany) {
  EXPECT_EQ(Counted(1, "contact"), "1 contact");
  EXPECT_EQ(Counted(2, "entry", "entries"), "2 entries");
}

TEST(Nearest, FindsTheMistypedWordAndNothingFarAway) {
  const std::vector<std::string> commands = {"submit", "contacts", "figures"};
  EXPECT_EQ(Nearest("contcts", commands), "contacts");
  EXPECT_EQ(Nearest("figure", commands), "figures");
  EXPECT_EQ(Nearest("xylophone", commands), "");
}

}  // namespace
}  // namespace seawall::cli
