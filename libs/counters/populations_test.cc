#include "libs/counters/populations.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/tempdir.h"

namespace seawall::counters {
namespace {

TEST(ReportingYear, BeginsOnTheFirstOfApril) {
  EXPECT_EQ(ReportingYear(*ParseDate("2017-04-01")), "2017-18");
  EXPECT_EQ(ReportingYear(*ParseDate("2018-03-31")), "2017-18");
  EXPECT_EQ(ReportingYear(*ParseDate("2018-04-01")), "2018-19");
  EXPECT_EQ(ReportingYear(*ParseDate("2000-01-01")), "1999-00");
}

TEST(Populations, ProjectsFileHoldsThePublishedNumberFor201718) {
  const char* root = std::getenv("SEAWALL_ROOT");
  const auto populations = Populations::Load(
      std::string(root == nullptr ? "." : root) + "/data/populations.json");
  ASSERT_TRUE(populations) << populations.error().message;
  EXPECT_EQ(populations->Find("blackpool", "2017-18")->children, 28605);
  EXPECT_FALSE(populations->Find("blackpool", "1917-18"));
  EXPECT_FALSE(populations->Find("testshire", "2017-18"));
}

TEST(Populations, FilesThatMakeNoSenseAreRefused) {
  const support::TemporaryFolder folder;
  for (const char* text :
       {"", "[", "[1]", R"({"a": [{"reporting_year": "2017-18"}]})",
        R"({"a": [{"reporting_year": "2017-18", "children": "many",
           "source": "s"}]})",
        R"({"a": [{"reporting_year": "2017-18", "children": 0,
           "source": "s"}]})",
        R"({"a": [{"reporting_year": "2017-18", "children": 1, "source": "s"},
           {"reporting_year": "2017-18", "children": 2, "source": "s"}]})"}) {
    const auto populations =
        Populations::Load(folder.Write("populations.json", text));
    ASSERT_FALSE(populations) << text;
    EXPECT_EQ(populations.error().reason, "POPULATIONS_UNREADABLE");
  }
  EXPECT_FALSE(Populations::Load(folder.File("absent.json")));
}

}  // namespace
}  // namespace seawall::counters
