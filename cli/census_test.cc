#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/errors.h"
#include "cli/fake_server.h"
#include "cli/program.h"
#include "libs/base/civil.h"

namespace seawall::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

constexpr char kHead[] =
    "<Message><Header><CollectionDetails><Collection>CIN</Collection>"
    "<Year>2026</Year><ReferenceDate>2026-03-31</ReferenceDate>"
    "</CollectionDetails></Header><Children>";
constexpr char kTail[] = "</Children></Message>";

// A child of whom nothing is wrong but what `more` says of the episode.
std::string Child(const std::string& id, const std::string& more) {
  return "<Child><ChildIdentifiers><LAchildID>" + id +
         "</LAchildID><UPN>Y890200012345</UPN>"
         "<PersonBirthDate>2015-05-01</PersonBirthDate><Sex>F</Sex>"
         "</ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity>"
         "<Disabilities><Disability>NONE</Disability></Disabilities>"
         "</ChildCharacteristics><CINdetails>"
         "<CINreferralDate>2025-05-01</CINreferralDate>"
         "<ReferralSource>6</ReferralSource>"
         "<PrimaryNeedCode>N1</PrimaryNeedCode>" +
         more + "<ReferralNFA>0</ReferralNFA></CINdetails></Child>";
}

class CensusTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "census_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "census");
    out_.str("");
    err_.str("");
    // The server is down: none is asked.
    server_.Down();
    const World world{.console = {in_, out_, err_},
                      .clock = clock_,
                      .ids = ids_,
                      .connect = server_.connect()};
    return cli::Run(world, arguments);
  }

  std::vector<Json> Lines() const {
    std::vector<Json> lines;
    std::istringstream in(out_.str());
    for (std::string line; std::getline(in, line);)
      lines.push_back(Json::parse(line));
    return lines;
  }

  std::string folder_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  FakeClock clock_{*ParseInstant("2026-04-01T09:00:00Z")};
  SequentialIds ids_;
  FakeServer server_;
};

TEST_F(CensusTest, ACleanReturnIsZero) {
  const auto file = File("a.xml", kHead + Child("Test1", "") + kTail);
  EXPECT_EQ(Run({"check", file}), kDone) << out_.str() << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("1 child, 0 errors, 0 queries"));
}

TEST_F(CensusTest, AnErrorIsOneAndIsSummedUp) {
  const auto file = File(
      "a.xml",
      kHead + Child("Test1", "<CINclosureDate>2025-06-01</CINclosureDate>") +
          kTail);
  EXPECT_EQ(Run({"check", file}), kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("8805   error     Test1"));
  EXPECT_THAT(out_.str(),
              HasSubstr("CINdetails 0 CINclosureDate, ReasonForClosure"));
  EXPECT_THAT(out_.str(), HasSubstr("1 child, 1 error, 0 queries"));
}

TEST_F(CensusTest, QueriesAloneAreZero) {
  const auto file =
      File("a.xml", kHead +
                        Child("Test1",
                              "<CINclosureDate>2025-06-01</CINclosureDate>"
                              "<ReasonForClosure>RC8</ReasonForClosure>") +
                        kTail);
  EXPECT_EQ(Run({"check", file}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("8825Q  query"));
}

TEST_F(CensusTest, JsonIsOneFindingALine) {
  const auto file =
      File("a.xml",
           kHead + Child("Test1", "") +
               Child("Test2", "<CINclosureDate>2025-06-01</CINclosureDate>") +
               kTail);
  EXPECT_EQ(Run({"check", file, "--json"}), kRefused);
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["rule"], "8805");
  EXPECT_EQ(lines[0]["child"], "Test2");
  EXPECT_EQ(lines[0]["rows"][0]["row"], 1);
  EXPECT_EQ(lines[1]["rule"], "1520");
}

TEST_F(CensusTest, WhatTheCensusDoesNotHaveIsToldAndNotFatal) {
  const auto file =
      File("a.xml", kHead + Child("Test1", "\n<Colour/><Colour/>") + kTail);
  EXPECT_EQ(Run({"check", file}), kDone);
  EXPECT_THAT(err_.str(), HasSubstr("a.xml:2: unknown or repeated: "
                                    "Child/CINdetails/Colour (2 times)"));
}

TEST_F(CensusTest, WhatIsNoXmlIsTwoAndToldWithItsLine) {
  const auto file = File("a.xml", std::string(kHead) + "\n<Child></Message>");
  EXPECT_EQ(Run({"check", file}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("line 2"));
  EXPECT_EQ(Run({"check", folder_ + "/none.xml"}), kUsage);
  EXPECT_EQ(Run({"check"}), kUsage);
  EXPECT_EQ(Run({"check", file, "--rows", file}), kUsage);
}

TEST_F(CensusTest, RowsAnswerInTheFormThatWasPromised) {
  const auto file = File("a.json", R"({"CINdetails": [
      {"LAchildID": "Test1"},
      {"LAchildID": "Test1", "CINreferralDate": "2025-05-01"}]})");
  EXPECT_EQ(Run({"check", "--rows", file, "--rule", "8600"}), kRefused);
  EXPECT_EQ(
      out_.str(),
      R"({"rule":"8600","severity":"error","words":"The referral date is missing or after the end of the census year.","rows":[{"table":"CINdetails","row":0,"columns":["CINreferralDate"]}]})"
      "\n");
}

TEST_F(CensusTest, RowsWithoutAHeaderAreOfTheYearThatIsAskedFor) {
  const auto file =
      File("a.json", R"({"CINdetails": [{"CINreferralDate": "2024-05-01"}]})");
  EXPECT_EQ(Run({"check", "--rows", file, "--rule", "8600"}), kDone);
  EXPECT_EQ(
      Run({"check", "--rows", file, "--rule", "8600", "--year", "2023-24"}),
      kRefused);
}

TEST_F(CensusTest, TheHeadersYearDecidesTheRules) {
  const std::string of_2024 = R"({"Header": [{"Year": "2024",
      "ReferenceDate": "2024-03-31"}],
      "ChildIdentifiers": [{"LAchildID": "Test1", "GenderCurrent": "2"}]})";
  const auto rows = File("a.json", of_2024);
  EXPECT_EQ(Run({"check", "--rows", rows, "--rule", "4180"}), kDone);
  EXPECT_EQ(err_.str(), "");
  EXPECT_EQ(
      Run({"check", "--rows", rows, "--rule", "4180", "--year", "2024-25"}),
      kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("by the rules of 2024-25; the header says "
                                    "that the return is of 2023-24"));
}

TEST_F(CensusTest, AReturnOfBeforeIsCheckedByTheOldestRulesAndToldSo) {
  std::string head = kHead;
  for (auto at = head.find("2026"); at != std::string::npos;
       at = head.find("2026"))
    head.replace(at, 4, "2018");
  std::string child = Child("Test1", "");
  child.replace(child.find("<Sex>F</Sex>"), 12,
                "<GenderCurrent>2</GenderCurrent>");
  child.replace(child.find("2025-05-01"), 10, "2017-05-01");
  const auto file = File("a.xml", head + child + kTail);
  EXPECT_EQ(Run({"check", file}), kDone) << out_.str();
  EXPECT_THAT(err_.str(), HasSubstr("by the rules of 2022-23; the header says "
                                    "that the return is of 2017-18"));
}

TEST_F(CensusTest, ARuleIsTakenWithoutItsQ) {
  const auto file = File("a.json", R"({"Reviews": [{}]})");
  EXPECT_EQ(Run({"check", "--rows", file, "--rule", "8842"}), kDone);
  EXPECT_EQ(Lines().at(0)["rule"], "8842Q");
  EXPECT_EQ(Lines().at(0)["severity"], "query");
}

TEST_F(CensusTest, AnUnknownRuleNamesItsNeighbours) {
  const auto file = File("a.json", "{}");
  EXPECT_EQ(Run({"check", "--rows", file, "--rule", "8601"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("8600"));
  EXPECT_THAT(err_.str(), HasSubstr("8606"));
  EXPECT_EQ(
      Run({"check", "--rows", file, "--rule", "1570", "--year", "2022-23"}),
      kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("2024-25 to 2026-27"));
  EXPECT_EQ(Run({"check", "--rows", file, "--year", "1999-00"}), kUsage);
  EXPECT_EQ(Run({"check", "--rows", file, "--data", folder_}), kUsage);
}

TEST_F(CensusTest, RowsThatAreNoneAreTwo) {
  EXPECT_EQ(Run({"check", "--rows", File("a.json", "[]")}), kUsage);
  EXPECT_EQ(Run({"check", "--rows", File("a.json", "{")}), kUsage);
}

TEST_F(CensusTest, TheRulesOfAYearAreListed) {
  EXPECT_EQ(Run({"rules", "--year", "2022-23"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("Gender must be"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("Sex must be")));
  EXPECT_EQ(Run({"rules"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("Gender must be"));
  EXPECT_THAT(out_.str(), HasSubstr("Sex must be"));
  EXPECT_EQ(Run({"rules", "--json"}), kDone);
  EXPECT_EQ(Lines().at(0)["rule"], "100");
}

}  // namespace
}  // namespace seawall::cli
