#include "libs/base/codes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "libs/base/json_file.h"

namespace seawall {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::SizeIs;

std::string DataFolder() {
  const char* root = std::getenv("SEAWALL_ROOT");
  return (root != nullptr ? std::string(root) : ".") + "/data";
}

Date Day(std::string_view text) { return ParseDate(text).value(); }

CodeSets Shipped() {
  auto sets = CodeSets::Load(DataFolder() + "/code_sets.json");
  EXPECT_TRUE(sets.has_value()) << (sets ? "" : sets.error().message);
  return sets.value_or(CodeSets());
}

Result<CodeSets> LoadText(const std::string& content) {
  const auto path =
      std::filesystem::path(testing::TempDir()) / "seawall_codes_test.json";
  std::ofstream(path) << content;
  return CodeSets::Load(path.string());
}

TEST(CodeSets, ShippedSetsAreComplete) {
  const CodeSets sets = Shipped();
  EXPECT_THAT(
      sets.Sets(),
      testing::UnorderedElementsAre(
          "source", "need", "factor", "closure_reason", "abuse_category", "sex",
          "ethnicity", "disability", "assessment_outcome", "section_47_outcome",
          "conference_outcome", "team", "purpose", "lawful_basis"));
  EXPECT_THAT(sets.Codes("source"), SizeIs(22));
  EXPECT_THAT(sets.Codes("closure_reason"), SizeIs(9));
  EXPECT_THAT(sets.Codes("factor"), SizeIs(18 + 1 + 5 + 9 + 6 + 2 + 3));
  EXPECT_THAT(sets.Codes("ethnicity"), SizeIs(20));
  EXPECT_THAT(sets.Codes("disability"), SizeIs(13));
  EXPECT_THAT(sets.Codes("abuse_category"),
              ElementsAre("NEG", "PHY", "SAB", "EMO", "MUL"));
  EXPECT_THAT(sets.Codes("sex"), IsSupersetOf({"M", "F", "U"}));
  EXPECT_THAT(sets.Codes("purpose"),
              ElementsAre("safeguarding", "direct_care", "quality_audit",
                          "inspection", "subject_access", "correction"));
  EXPECT_THAT(sets.Codes("lawful_basis"),
              ElementsAre("public_task", "legal_obligation", "vital_interests",
                          "consent", "legitimate_interests"));
}

TEST(CodeSets, NeedsStandInTheOrderInWhichTheyWin) {
  EXPECT_THAT(
      Shipped().Codes("need"),
      ElementsAre("N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9", "N0"));
}

TEST(CodeSets, SourcesFallIntoTheElevenInspectionGroups) {
  EXPECT_THAT(Shipped().Groups("source"),
              ElementsAre("individual", "schools", "education_services",
                          "health", "housing", "la_services", "police",
                          "other_legal", "other", "anonymous", "unknown"));
  EXPECT_EQ(Shipped().Find("source", "3E")->group, "health");
}

TEST(CodeSets, RetiredCodesEndOnTheirLastDay) {
  const CodeSets sets = Shipped();
  for (const char* code : {"18A", "19A"}) {
    EXPECT_TRUE(sets.Valid("factor", code, Day("2023-03-31"))) << code;
    EXPECT_FALSE(sets.Valid("factor", code, Day("2023-04-01"))) << code;
    EXPECT_NE(sets.Find("factor", code), nullptr) << code;
  }
}

TEST(CodeSets, AddedCodesBeginOnTheirFirstDay) {
  const CodeSets sets = Shipped();
  EXPECT_FALSE(sets.Valid("source", "5D", Day("2022-03-31")));
  EXPECT_TRUE(sets.Valid("source", "5D", Day("2022-04-01")));
  EXPECT_FALSE(sets.Valid("closure_reason", "RC9", Day("2022-03-31")));
  EXPECT_TRUE(sets.Valid("closure_reason", "RC9", Day("2022-04-01")));
}

TEST(CodeSets, CodesInUseSinceBeforeAnyDataHaveNoFirstDay) {
  const CodeSets sets = Shipped();
  for (const char* day : {"1998-03-01", "2009-03-31", "2009-04-01"}) {
    EXPECT_TRUE(sets.Valid("source", "3B", Day(day))) << day;
    EXPECT_TRUE(sets.Valid("need", "N2", Day(day))) << day;
  }
}

TEST(CodeSets, UnknownCodesAndSetsAreNeverValid) {
  const CodeSets sets = Shipped();
  const Date day = Day("2018-03-29");
  EXPECT_TRUE(sets.Valid("source", "2A", day));
  for (const char* code : {"", "2a", "2A ", "11", "RB", "AA"}) {
    EXPECT_FALSE(sets.Valid("source", code, day)) << code;
    EXPECT_EQ(sets.Find("source", code), nullptr) << code;
  }
  EXPECT_FALSE(sets.Valid("colour", "2A", day));
  EXPECT_THAT(sets.Codes("colour"), SizeIs(0));
  EXPECT_THAT(sets.Groups("colour"), SizeIs(0));
}

TEST(CodeSets, RefusesAFileThatIsNone) {
  const char* kEntry = R"({"code":"A","valid_from":"2018-01-01"})";
  const std::string twice = std::string(kEntry) + "," + kEntry;
  for (const std::string& content :
       {std::string(""), std::string("[]"), std::string("{}"),
        std::string(R"({"sets":[]})"), std::string(R"({"sets":{"a":{}}})"),
        std::string(R"({"sets":{"a":[]}})"),
        std::string(R"({"sets":{"a":[1]}})"),
        std::string(R"({"sets":{"a":[{"valid_from":"2018-01-01"}]}})"),
        std::string(R"({"sets":{"a":[{"code":"A"}]}})"),
        std::string(R"({"sets":{"a":[{"code":7,"valid_from":"2018-01-01"}]}})"),
        std::string(
            R"({"sets":{"a":[{"code":"A","valid_from":"2018-02-30"}]}})"),
        std::string(R"({"sets":{"a":[{"code":"A","valid_from":"2018-01-02",)"
                    R"("valid_to":"2018-01-01"}]}})"),
        R"({"sets":{"a":[)" + twice + "]}}"}) {
    const auto sets = LoadText(content);
    ASSERT_FALSE(sets.has_value()) << content;
    EXPECT_EQ(sets.error().reason, "CODE_SETS_UNREADABLE") << content;
  }
  EXPECT_FALSE(CodeSets::Load("/nowhere/code_sets.json").has_value());
}

// Walks any JSON and reports objects of one list that share a "code" or "id".
void ExpectNoDuplicates(const nlohmann::json& json, const std::string& where) {
  std::set<std::string> seen;
  for (const auto& [key, item] : json.items()) {
    for (const char* name : {"code", "id"}) {
      if (!json.is_array() || !item.is_object() || !item.contains(name)) {
        continue;
      }
      EXPECT_TRUE(seen.insert(name + item[name].dump()).second)
          << where << " has " << item[name] << " twice";
    }
    if (item.is_structured()) ExpectNoDuplicates(item, where + "/" + key);
  }
}

TEST(DataFiles, ParseAndHoldNoCodeTwice) {
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(DataFolder())) {
    if (file.path().extension() != ".json") continue;
    ++files;
    const auto json = ReadJsonFile(file.path().string(), "DATA");
    ASSERT_TRUE(json.has_value()) << file.path();
    ExpectNoDuplicates(*json, file.path().filename().string());
  }
  EXPECT_GE(files, 2);
}

}  // namespace
}  // namespace seawall
