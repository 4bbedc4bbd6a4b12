#include "libs/counters/suppression.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace seawall::counters {
namespace {

// Shows hidden numbers as `c`; the total stands first and is added up here.
std::string Published(std::vector<std::int64_t> cells) {
  std::vector<std::optional<std::int64_t>> numbers{
      std::accumulate(cells.begin(), cells.end(), std::int64_t{0})};
  numbers.insert(numbers.end(), cells.begin(), cells.end());
  const std::vector<bool> hidden = Suppress(numbers);
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    text += (i == 0 ? "" : " ") +
            (hidden[i] ? std::string("c") : std::to_string(*numbers[i]));
  }
  return text;
}

TEST(Suppress, OneToFiveAreHiddenAndZeroAndSixAreShown) {
  EXPECT_EQ(Published({0, 1, 5, 6}), "12 0 c c 6");
}

TEST(Suppress, TotalAloneFollowsTheSameRule) {
  EXPECT_EQ(Suppress({3}), std::vector<bool>{true});
  EXPECT_EQ(Suppress({0}), std::vector<bool>{false});
  EXPECT_EQ(Suppress({6}), std::vector<bool>{false});
}

TEST(Suppress, SingleHiddenCellTakesTheNextSmallestWithIt) {
  EXPECT_EQ(Published({20, 3, 0, 9, 11}), "43 20 c 0 c 11");
}

TEST(Suppress, TwoHiddenCellsNeedNoThird) {
  EXPECT_EQ(Published({20, 3, 4, 9}), "36 20 c c 9");
}

TEST(Suppress, NothingSmallHidesNothing) {
  EXPECT_EQ(Published({20, 0, 6}), "26 20 0 6");
}

TEST(Suppress, OnlyCellThatIsNotZeroHidesTheTotalToo) {
  EXPECT_EQ(Published({0, 4, 0}), "c 0 c 0");
  // Groups that do not add up, as when one contact fails several criteria.
  EXPECT_EQ(Suppress({40, 0, 4, 0}),
            (std::vector<bool>{true, false, true, false}));
}

TEST(Suppress, NumbersThatAreNotAvailableStaySo) {
  EXPECT_EQ(Suppress({std::nullopt, std::nullopt, 3, 8}),
            (std::vector<bool>{false, false, true, true}));
}

// Whatever the table, what is shown beside the total never gives one cell away.
TEST(Suppress, NoTableHasExactlyOneHiddenCell) {
  for (int table = 0; table < 9 * 9 * 9; ++table) {
    const std::vector<std::optional<std::int64_t>> numbers{
        table % 9 + table / 9 % 9 + table / 81, table % 9, table / 9 % 9,
        table / 81};
    const std::vector<bool> hidden = Suppress(numbers);
    const int cells = hidden[1] + hidden[2] + hidden[3];
    EXPECT_TRUE(cells != 1 || hidden[0]) << table;
  }
}

}  // namespace
}  // namespace seawall::counters
