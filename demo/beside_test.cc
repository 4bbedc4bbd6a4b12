#include "demo/beside.h"

#include <gtest/gtest.h>

#include <sstream>

namespace seawall::demo {
namespace {

Figures Side(std::int64_t numerator, std::int64_t denominator) {
  common::v1::GetFiguresResponse response;
  common::v1::Figure& figure = *response.add_figures();
  figure.set_measure("share");
  figure.set_numerator(numerator);
  figure.set_denominator(denominator);
  return Figures(response);
}

BothSides Same(std::int64_t numerator, std::int64_t denominator) {
  return {Side(numerator, denominator), Side(numerator, denominator)};
}

std::string TextOf(const BesideTable& table) {
  std::ostringstream out;
  table.Print(out);
  return out.str();
}

TEST(BesideTable, MarksAShareThatIsAsPrintedAndAsPlanned) {
  Checks checks;
  BesideTable table("year", /*published=*/true, checks);
  table.AddShare("in time", "77.9", Same(1763, 2263), "share",
                 Planned{1763, 2263});
  EXPECT_TRUE(checks.all_met());
  EXPECT_NE(TextOf(table).find("77.9% ✓"), std::string::npos);
  EXPECT_NE(TextOf(table).find("1,763 of 2,263 ✓"), std::string::npos);
}

TEST(BesideTable, RefusesAShareThatIsPrintedOtherwise) {
  Checks checks;
  BesideTable table("year", /*published=*/true, checks);
  table.AddShare("in time", "77.8", Same(1763, 2263), "share");
  EXPECT_FALSE(checks.all_met());
}

// Rounded it is the same.
TEST(BesideTable, RefusesAShareOfAnotherNumberThanPlanned) {
  Checks checks;
  BesideTable table("year", /*published=*/true, checks);
  table.AddShare("in time", "77.9", Same(1764, 2264), "share",
                 Planned{1763, 2263});
  EXPECT_FALSE(checks.all_met());
}

TEST(BesideTable, RefusesSidesThatDiffer) {
  Checks checks;
  BesideTable table("year", /*published=*/true, checks);
  table.AddCount("plans", 278, {Side(278, 0), Side(277, 0)}, "share", 278);
  EXPECT_FALSE(checks.all_met());
}

TEST(BesideTable, JudgesWhatIsNotPrintedByThePlanAlone) {
  Checks checks;
  BesideTable table("year", /*published=*/true, checks);
  table.AddCount("started", 0, Same(402, 0), "share", 402);
  EXPECT_TRUE(checks.all_met());
  EXPECT_NE(TextOf(table).find("invented"), std::string::npos);
  table.AddCount("started", 0, Same(402, 0), "share", 401);
  EXPECT_FALSE(checks.all_met());
}

TEST(BesideTable, HoldsNothingPublishedAgainstASmallerYear) {
  Checks checks;
  BesideTable table("year", /*published=*/false, checks);
  table.AddRate("per 10,000", "97", Same(27, 0), "share", 28605);
  table.AddShare("in time", "77.9", Same(1, 2), "share", Planned{1, 2});
  EXPECT_TRUE(checks.all_met());
}

}  // namespace
}  // namespace seawall::demo
