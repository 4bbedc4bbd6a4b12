#include "libs/census/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seawall::census {
namespace {

using enum Column;
using enum Table;
using testing::ElementsAre;
using testing::HasSubstr;

RowsReturn Read(const char* text) {
  return ReadRows(nlohmann::json::parse(text)).value();
}

std::string Refusal(const char* text) {
  const auto rows = ReadRows(nlohmann::json::parse(text));
  return rows ? "" : rows.error().message;
}

TEST(Rows, ValuesMayBeTextNumbersFlagsAndNull) {
  const auto rows = Read(R"({"CINdetails": [
      {"LAchildID": 1234, "ReferralNFA": true, "CINclosureDate": null,
       "CINreferralDate": "2025-05-01T00:00:00", "DateOfInitialCPC": 1.5},
      {"LAchildID": 1234.0, "ReferralNFA": 0}]})");
  ASSERT_EQ(rows.children.size(), 1u);
  const auto& episodes = rows.children[0].rows(kCINdetails);
  ASSERT_EQ(episodes.size(), 2u);
  EXPECT_EQ(episodes[0].Text(kLAchildID), "1234");
  EXPECT_TRUE(episodes[0].IsTrue(kReferralNFA));
  EXPECT_FALSE(episodes[0].Has(kCINclosureDate));
  EXPECT_EQ(episodes[0].On(kCINreferralDate), ParseDate("2025-05-01"));
  EXPECT_EQ(episodes[0].Text(kDateOfInitialCPC), "1.5");
  EXPECT_TRUE(episodes[1].IsFalse(kReferralNFA));
}

TEST(Rows, AListOfFactorsIsKept) {
  const auto rows =
      Read(R"({"Assessments": [{"AssessmentFactors": ["1A", "2B"]}]})");
  EXPECT_EQ(
      rows.children.at(0).rows(kAssessments).at(0).Text(kAssessmentFactors),
      "1A,2B");
}

TEST(Rows, ChildrenAreGatheredFromAllTablesAndKeepTheirRowNumbers) {
  const auto rows = Read(R"({"CINdetails": [
      {"LAchildID": "Test1"}, {"LAchildID": "Test2"}, {"LAchildID": "Test1"}],
      "Section47": [{"LAchildID": "Test2"}, {}]})");
  ASSERT_EQ(rows.children.size(), 3u);
  EXPECT_EQ(rows.children[0].rows(kCINdetails).at(1).number(), 2u);
  EXPECT_EQ(rows.children[1].rows(kSection47).at(0).number(), 0u);
  EXPECT_EQ(rows.children[2].id(), "");
}

TEST(Rows, WhatTheCensusDoesNotHaveIsTold) {
  const auto rows =
      Read(R"({"Toys": [], "CINdetails": [{"Colour": 1}, {"Colour": 2}]})");
  EXPECT_THAT(rows.unknown,
              ElementsAre("column Colour of CINdetails", "table Toys"));
}

TEST(Rows, OtherShapesAreRefused) {
  EXPECT_THAT(Refusal("[]"), HasSubstr("no object"));
  EXPECT_THAT(Refusal(R"({"CINdetails": {}})"), HasSubstr("no list"));
  EXPECT_THAT(Refusal(R"({"CINdetails": [{}, 1]})"), HasSubstr("row 1"));
}

}  // namespace
}  // namespace seawall::census
