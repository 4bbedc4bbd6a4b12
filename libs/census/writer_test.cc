#include "libs/census/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "libs/census/xml.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Table;
using testing::HasSubstr;
using testing::Not;

Row Header() {
  Row header(kHeader, 0);
  header.Set(kCollection, "CIN");
  header.Set(kYear, "2026");
  header.Set(kReferenceDate, *ParseDate("2026-03-31"));
  header.Set(kSourceLevel, "L");
  header.Set(kLEA, "890");
  header.Set(kSoftwareCode, "Seawall");
  header.Set(kDateTime, "2026-05-01T10:00:00");
  return header;
}

Row& Add(ChildRecord& child, Table table) {
  Row& row = child.Add(table);
  row.Set(kLAchildID, "Test1");
  if (table != kChildIdentifiers && table != kChildCharacteristics &&
      table != kDisabilities)
    row.Set(kCINdetailsID, "1");
  return row;
}

// Something in every table.
ChildRecord Everything() {
  ChildRecord child;
  Row& identifiers = Add(child, kChildIdentifiers);
  identifiers.Set(kPersonBirthDate, "01/05/2015");
  identifiers.Set(kSex, "F");
  Add(child, kChildCharacteristics).Set(kEthnicity, "WBRI");
  Add(child, kDisabilities).Set(kDisability, "MOB");
  Row& episode = Add(child, kCINdetails);
  episode.Set(kCINreferralDate, "2025-05-01T00:00:00");
  episode.Set(kReferralSource, "6");
  episode.Set(kPrimaryNeedCode, "N1");
  episode.Set(kReferralNFA, "False");
  Row& assessment = Add(child, kAssessments);
  assessment.Set(kAssessmentID, "1");
  assessment.Set(kAssessmentActualStartDate, "2025-05-02");
  assessment.Set(kAssessmentAuthorisationDate, "2025-05-20");
  assessment.Set(kAssessmentFactors, "1A,2B");
  for (const char* code : {"1A", "2B"}) {
    Row& factor = Add(child, kAssessmentFactorsList);
    factor.Set(kAssessmentID, "1");
    factor.Set(kAssessmentFactor, code);
  }
  Row& need = Add(child, kCINplanDates);
  need.Set(kCINPlanStartDate, "2025-05-21");
  need.Set(kCINPlanEndDate, "2025-06-01");
  Row& enquiry = Add(child, kSection47);
  enquiry.Set(kS47ActualStartDate, "2025-05-12");
  enquiry.Set(kDateOfInitialCPC, "2025-06-02");
  enquiry.Set(kICPCnotRequired, "0");
  Row& plan = Add(child, kChildProtectionPlans);
  plan.Set(kCPPID, "1");
  plan.Set(kCPPstartDate, "2025-06-02");
  plan.Set(kInitialCategoryOfAbuse, "NEG");
  plan.Set(kLatestCategoryOfAbuse, "EMO");
  plan.Set(kNumberOfPreviousCPP, "0");
  Row& review = Add(child, kReviews);
  review.Set(kCPPID, "1");
  review.Set(kCPPreviewDate, "2025-09-01");
  return child;
}

std::string Written(const ChildRecord& child, int year = 2026) {
  std::ostringstream out;
  XmlWriter writer(out, year, Header());
  writer.Child(child);
  writer.Finish();
  return out.str();
}

TEST(XmlWriter, WhatIsWrittenIsReadAgain) {
  std::istringstream in(Written(Everything()));
  std::vector<ChildRecord> children;
  std::vector<std::string> unknown;
  const auto read = ReadXml(
      in,
      {.header =
           [](const Row& row) {
             EXPECT_EQ(row.Text(kReferenceDate), "2026-03-31");
             EXPECT_EQ(row.Text(kDateTime), "2026-05-01T10:00:00");
           },
       .child = [&](const ChildRecord& child) { children.push_back(child); },
       .unknown = [&](const std::string& path,
                      int) { unknown.push_back(path); },
       .progress = [](std::size_t) {}});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(unknown.empty());
  ASSERT_EQ(children.size(), 1u);
  const ChildRecord expected = Everything();
  for (std::size_t i = 0; i < kTables; ++i) {
    const Table table = static_cast<Table>(i);
    const auto& rows = children[0].rows(table);
    ASSERT_EQ(rows.size(), expected.rows(table).size()) << Name(table);
    for (std::size_t n = 0; n < rows.size(); ++n)
      for (const Column column : ColumnsOf(table)) {
        const Row& row = expected.rows(table)[n];
        EXPECT_EQ(rows[n].On(column), row.On(column)) << Name(column);
        EXPECT_EQ(rows[n].Has(column), row.Has(column)) << Name(column);
      }
  }
}

TEST(XmlWriter, DaysAndFlagsHaveTheFormOfTheSchema) {
  const std::string xml = Written(Everything());
  EXPECT_THAT(xml, HasSubstr("<PersonBirthDate>2015-05-01<"));
  EXPECT_THAT(xml, HasSubstr("<CINreferralDate>2025-05-01<"));
  EXPECT_THAT(xml, HasSubstr("<ReferralNFA>0<"));
}

TEST(XmlWriter, SexWasGenderBefore) {
  EXPECT_THAT(Written(Everything(), 2025), HasSubstr("<Sex>F</Sex>"));
  const std::string before = Written(Everything(), 2024);
  EXPECT_THAT(before, HasSubstr("<GenderCurrent>2</GenderCurrent>"));
  EXPECT_THAT(before, Not(HasSubstr("<Sex>")));
}

TEST(XmlWriter, GenderIsSexNow) {
  ChildRecord child;
  Add(child, kChildIdentifiers).Set(kGenderCurrent, "9");
  EXPECT_THAT(Written(child), HasSubstr("<Sex>U</Sex>"));
}

TEST(XmlWriter, ASexThatIsNotRecordedIsNotCalledIndeterminate) {
  ChildRecord child;
  Row& row = Add(child, kChildIdentifiers);
  EXPECT_THAT(Written(child), HasSubstr("<Sex>U</Sex>"));
  EXPECT_THAT(Written(child, 2024),
              HasSubstr("<GenderCurrent>0</GenderCurrent>"));
  row.Set(kSex, "U");
  EXPECT_THAT(Written(child, 2024),
              HasSubstr("<GenderCurrent>9</GenderCurrent>"));
}

TEST(XmlWriter, TextIsEscapedAndControlCharactersAreDropped) {
  ChildRecord child;
  child.Add(kChildIdentifiers).Set(kLAchildID, "Test<&>\x01");
  EXPECT_THAT(Written(child), HasSubstr("<LAchildID>Test&lt;&amp;&gt;<"));
}

}  // namespace
}  // namespace seawall::census
