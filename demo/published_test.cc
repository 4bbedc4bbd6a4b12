#include "demo/published.h"

#include <gtest/gtest.h>

#include <fstream>

namespace seawall::demo {
namespace {

TEST(Published, IsReadFromTheFactsOfTheProject) {
  const auto published = ReadPublished("data/facts/front_door_annual.csv");
  ASSERT_TRUE(published.has_value()) << published.error().message;
  EXPECT_EQ(published->contacts, 9798);
  EXPECT_EQ(published->referrals, 2726);
  EXPECT_EQ(published->conversion, "27.8");
  EXPECT_EQ(published->quarter_4_conversion, "38");
  EXPECT_EQ(published->rate, "953");
  EXPECT_EQ(published->repeats, "24");
  EXPECT_EQ(published->children, 28605);
}

TEST(Published, HasTheFiguresOfThePathwayToo) {
  const auto published = ReadPublished("data/facts/front_door_annual.csv");
  ASSERT_TRUE(published.has_value()) << published.error().message;
  EXPECT_EQ(published->assessed, "83");
  EXPECT_EQ(published->no_further_action, "35.5");
  EXPECT_EQ(published->assessments_in_time, "77.9");
  EXPECT_EQ(published->enquiries, 1463);
  EXPECT_EQ(published->enquiry_rate, "511");
  EXPECT_EQ(published->to_conference, "33.7");
  EXPECT_EQ(published->conferences_in_time, "93.6");
  EXPECT_EQ(published->repeat_plans, "22.4");
  EXPECT_EQ(published->plans, 278);
  EXPECT_EQ(published->plan_rate, "97");
  EXPECT_EQ(published->in_need, 1834);
  EXPECT_EQ(published->in_need_rate, "641");
  EXPECT_EQ(published->in_need_before, 2119);
}

TEST(Published, NamesTheFigureThatIsMissing) {
  const std::string path = testing::TempDir() + "/facts.csv";
  std::ofstream(path) << "measure,2015-16,2016-17,2017-18,rate\n"
                         "contacts,1,2,3\n";
  const auto published = ReadPublished(path);
  ASSERT_FALSE(published.has_value());
  EXPECT_EQ(published.error().reason, "FACTS_UNREADABLE");
  EXPECT_NE(published.error().message.find("children_in_need_31_march"),
            std::string::npos);
}

TEST(Published, TakesNoFigureForANumberWithSomethingBehindIt) {
  std::ifstream facts("data/facts/front_door_annual.csv");
  std::string text(std::istreambuf_iterator<char>(facts), {});
  text.replace(text.find("9798"), 4, "97x8");
  const std::string path = testing::TempDir() + "/facts_wrong.csv";
  std::ofstream(path) << text;
  EXPECT_FALSE(ReadPublished(path).has_value());
}

TEST(Published, RefusesAFileThatIsNotThere) {
  EXPECT_EQ(ReadPublished("no/such/file.csv").error().reason,
            "FACTS_UNREADABLE");
}

TEST(DecimalPlaces, AreThoseOfThePrintedFigure) {
  EXPECT_EQ(DecimalPlaces("27.8"), 1);
  EXPECT_EQ(DecimalPlaces("953"), 0);
}

}  // namespace
}  // namespace seawall::demo
