#include "demo/figures.h"

#include <gtest/gtest.h>

namespace seawall::demo {
namespace {

TEST(MeanOfShares, IsTheMeanOfThePercentagesAndNotTheShareOfTheSums) {
  EXPECT_EQ(MeanOfShares({{1, 2}, {1, 4}}, 1), "37.5");
  EXPECT_EQ(MeanOfShares({{9, 10}, {1, 1000}}, 2), "45.05");
  EXPECT_EQ(MeanOfShares({{280, 760}, {271, 716}, {292, 742}}, 0), "38");
}

TEST(MeanOfShares, IsNotApplicableWithAnEmptyMonth) {
  EXPECT_EQ(MeanOfShares({{1, 2}, {0, 0}}, 1), "");
  EXPECT_EQ(MeanOfShares({}, 1), "");
}

TEST(Checks, RememberAFigureThatWasNotMet) {
  Checks checks;
  EXPECT_EQ(checks.Mark("9,798", true), "9,798 ✓");
  EXPECT_TRUE(checks.all_met());
  EXPECT_EQ(checks.Mark("9,797", false), "9,797 ✗");
  EXPECT_EQ(checks.Mark("38%", true), "38% ✓");
  EXPECT_FALSE(checks.all_met());
}

TEST(Figures, AreFoundByMeasureAndGroup) {
  common::v1::GetFiguresResponse response;
  common::v1::Figure& total = *response.add_figures();
  total.set_measure("contacts");
  total.set_numerator(3);
  common::v1::Figure& police = *response.add_figures();
  police.set_measure("contacts");
  police.set_group("source");
  police.set_group_value("6");
  police.set_numerator(2);
  const Figures figures(response);
  EXPECT_EQ(figures.count("contacts"), 3);
  EXPECT_EQ(figures.count("contacts", "6"), 2);
  EXPECT_EQ(figures.count("contacts", "2A"), 0);
  EXPECT_EQ(figures.values("contacts"), std::vector<std::string>{"6"});
}

}  // namespace
}  // namespace seawall::demo
