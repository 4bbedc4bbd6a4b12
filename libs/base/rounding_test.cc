#include "libs/base/rounding.h"

#include <gtest/gtest.h>

#include <limits>

namespace seawall {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

TEST(Ratio, GivesThePublishedFiguresOf2017To18) {
  EXPECT_EQ(Ratio(2726, 9798, 100, 1), "27.8");
  EXPECT_EQ(Ratio(2726, 28605, 10'000, 0), "953");
  EXPECT_EQ(Ratio(654, 2726, 100, 0), "24");
}

TEST(Ratio, TiesGoUp) {
  EXPECT_EQ(Ratio(1, 2, 1, 0), "1");
  EXPECT_EQ(Ratio(3, 2, 1, 0), "2");
  EXPECT_EQ(Ratio(5, 2, 1, 0), "3");
  EXPECT_EQ(Ratio(1, 8, 1, 2), "0.13");
  EXPECT_EQ(Ratio(2725, 10'000, 100, 1), "27.3");
  // Nearest doubles lie below these ties: 1.005, 2.675.
  EXPECT_EQ(Ratio(1005, 1000, 1, 2), "1.01");
  EXPECT_EQ(Ratio(2675, 1000, 1, 2), "2.68");
}

TEST(Ratio, JustBelowATieGoesDown) {
  EXPECT_EQ(Ratio(49'999, 100'000, 1, 0), "0");
  EXPECT_EQ(Ratio(kMost / 2, kMost, 1, 0), "0");
  EXPECT_EQ(Ratio(kMost / 2 + 1, kMost, 1, 0), "1");
}

TEST(Ratio, CarriesThroughNines) {
  EXPECT_EQ(Ratio(999, 1000, 1, 2), "1.00");
  EXPECT_EQ(Ratio(99'995, 1000, 1, 2), "100.00");
  EXPECT_EQ(Ratio(9995, 10'000, 1, 3), "1.000");
}

TEST(Ratio, KeepsZeroesAtTheEndAndInFront) {
  EXPECT_EQ(Ratio(1, 4, 1, 3), "0.250");
  EXPECT_EQ(Ratio(1, 100, 1, 2), "0.01");
  EXPECT_EQ(Ratio(0, 7, 100, 1), "0.0");
  EXPECT_EQ(Ratio(7, 7, 100, 1), "100.0");
}

TEST(Ratio, NegativeTiesGoAwayFromZero) {
  EXPECT_EQ(Ratio(-1, 2, 1, 0), "-1");
  EXPECT_EQ(Ratio(1, -2, 1, 0), "-1");
  EXPECT_EQ(Ratio(-1, -2, 1, 0), "1");
  EXPECT_EQ(Ratio(-1, 4, 1, 0), "0");
  EXPECT_EQ(Ratio(-1, 1000, 1, 1), "0.0");
}

TEST(Ratio, IsEmptyWithoutADenominator) { EXPECT_EQ(Ratio(5, 0, 100, 1), ""); }

TEST(Ratio, DoesNotOverflow) {
  EXPECT_EQ(Ratio(kMost, 1, kMost, 0),
            "85070591730234615847396907784232501249");
  EXPECT_EQ(Ratio(kLeast, 1, 1, 2), "-9223372036854775808.00");
  EXPECT_EQ(Ratio(kLeast, kLeast, 1, 0), "1");
  EXPECT_EQ(Ratio(1, kMost, 1, 30), "0.000000000000000000108420217249");
}

TEST(Mean, IsSumOverCount) {
  EXPECT_EQ(Mean({36, 38, 40}, 0), "38");
  EXPECT_EQ(Mean({1, 2}, 0), "2");
  EXPECT_EQ(Mean({1, 2}, 1), "1.5");
  EXPECT_EQ(Mean({-1, -2}, 0), "-2");
  EXPECT_EQ(Mean({kMost, kMost}, 0), "9223372036854775807");
  EXPECT_EQ(Mean({}, 1), "");
}

}  // namespace
}  // namespace seawall
