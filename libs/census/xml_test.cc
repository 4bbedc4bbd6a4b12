#include "libs/census/xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace seawall::census {
namespace {

using enum Column;
using enum Table;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kReturn[] = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- A return, invented. -->
<Message>
  <Header>
    <CollectionDetails>
      <Collection>CIN</Collection>
      <Year>2026</Year>
      <ReferenceDate>2026-03-31</ReferenceDate>
    </CollectionDetails>
    <Source><LEA>890</LEA></Source>
  </Header>
  <Children>
    <Child>
      <ChildIdentifiers>
        <LAchildID>Test1</LAchildID>
        <UPN/>
        <Sex> F </Sex>
      </ChildIdentifiers>
      <ChildCharacteristics>
        <Ethnicity>WBRI</Ethnicity>
        <Disabilities>
          <Disability>MOB</Disability>
          <Disability>LD</Disability>
        </Disabilities>
      </ChildCharacteristics>
      <CINdetails>
        <CINreferralDate>2025-05-01</CINreferralDate>
        <Assessments>
          <AssessmentActualStartDate>2025-05-02</AssessmentActualStartDate>
          <FactorsIdentifiedAtAssessment>
            <AssessmentFactors>1A</AssessmentFactors>
            <AssessmentFactors>2B</AssessmentFactors>
          </FactorsIdentifiedAtAssessment>
        </Assessments>
        <ReferralNFA>0</ReferralNFA>
      </CINdetails>
      <CINdetails>
        <Section47><ICPCnotRequired>0</ICPCnotRequired></Section47>
        <CINPlanDates>
          <CINPlanStartDate>2025-06-01</CINPlanStartDate>
        </CINPlanDates>
        <ChildProtectionPlans>
          <CPPstartDate>2025-07-01</CPPstartDate>
          <Reviews>
            <CPPreviewDate>2025-08-01</CPPreviewDate>
            <CPPreviewDate>2025-09-01</CPPreviewDate>
          </Reviews>
        </ChildProtectionPlans>
        <PreProceedingsandFGDM>
          <PPOutcome>A</PPOutcome>
        </PreProceedingsandFGDM>
      </CINdetails>
    </Child>
    <Child>
      <ChildIdentifiers><LAchildID>Test2</LAchildID></ChildIdentifiers>
      <CINdetails/>
    </Child>
  </Children>
</Message>
)";

class XmlTest : public testing::Test {
 protected:
  Result<void> Read(const std::string& text) {
    std::istringstream in(text);
    return ReadXml(
        in,
        {.header = [&](const Row& row) { headers_.push_back(row); },
         .child = [&](const ChildRecord& child) { children_.push_back(child); },
         .unknown =
             [&](const std::string& path, int line) {
               unknown_.push_back(path + ":" + std::to_string(line));
             },
         .progress = [&](std::size_t bytes) { bytes_ += bytes; }});
  }
  std::string Refusal(const std::string& text) {
    const auto read = Read(text);
    return read ? "" : read.error().message;
  }

  std::vector<Row> headers_;
  std::vector<ChildRecord> children_;
  std::vector<std::string> unknown_;
  std::size_t bytes_ = 0;
};

TEST_F(XmlTest, AChildBecomesRowsOfEveryTable) {
  ASSERT_TRUE(Read(kReturn));
  EXPECT_THAT(unknown_, IsEmpty());
  ASSERT_EQ(headers_.size(), 1u);
  EXPECT_EQ(headers_[0].On(kReferenceDate), ParseDate("2026-03-31"));
  EXPECT_EQ(headers_[0].Text(kLEA), "890");
  ASSERT_EQ(children_.size(), 2u);
  const ChildRecord& child = children_[0];
  EXPECT_EQ(child.id(), "Test1");
  const Row& identifiers = child.rows(kChildIdentifiers).at(0);
  EXPECT_EQ(identifiers.Text(kSex), "F");
  EXPECT_FALSE(identifiers.Has(kUPN));
  EXPECT_EQ(child.rows(kDisabilities).at(1).Text(kDisability), "LD");
  EXPECT_EQ(child.rows(kCINdetails).at(1).Text(kCINdetailsID), "2");
  const Row& assessment = child.rows(kAssessments).at(0);
  EXPECT_EQ(assessment.Text(kCINdetailsID), "1");
  EXPECT_EQ(assessment.Text(kAssessmentID), "1");
  EXPECT_EQ(assessment.Text(kAssessmentFactors), "1A,2B");
  EXPECT_EQ(child.rows(kAssessmentFactorsList).size(), 2u);
  EXPECT_EQ(child.rows(kSection47).at(0).Text(kCINdetailsID), "2");
  EXPECT_TRUE(child.rows(kSection47).at(0).IsFalse(kICPCnotRequired));
  EXPECT_TRUE(child.rows(kCINplanDates).at(0).On(kCINPlanStartDate));
  EXPECT_EQ(child.rows(kChildProtectionPlans).at(0).Text(kCPPID), "1");
  EXPECT_EQ(child.rows(kReviews).at(1).Text(kCPPID), "1");
  EXPECT_EQ(child.rows(kPreProceedings).at(0).Text(kPPOutcome), "A");
}

TEST_F(XmlTest, RowsAreNumberedThroughTheFile) {
  ASSERT_TRUE(Read(kReturn));
  EXPECT_EQ(children_[1].rows(kChildIdentifiers).at(0).number(), 1u);
  EXPECT_EQ(children_[1].rows(kCINdetails).at(0).number(), 2u);
}

TEST_F(XmlTest, EveryByteIsCounted) {
  ASSERT_TRUE(Read(kReturn));
  EXPECT_EQ(bytes_, sizeof(kReturn) - 1);
}

TEST_F(XmlTest, WhatTheCensusDoesNotHaveIsTold) {
  ASSERT_TRUE(
      Read("<Message version=\"2\">\n<Extra/>\n<Children>\n<Child a=\"b\">\n"
           "<ChildIdentifiers>\n<Colour/>\n<Sex>F</Sex>\n<Sex>M</Sex>\n"
           "</ChildIdentifiers>\n<Toys><Toy/></Toys>\n</Child>\n</Children>\n"
           "</Message>"));
  EXPECT_THAT(unknown_,
              ElementsAre("Message/Extra:2", "Child/@a:4",
                          "Child/ChildIdentifiers/Colour:6",
                          "Child/ChildIdentifiers/Sex:8", "Child/Toys:10"));
  EXPECT_EQ(children_.at(0).rows(kChildIdentifiers).at(0).Text(kSex), "F");
}

TEST_F(XmlTest, CommentsCdataAndQuotesMayHoldTags) {
  ASSERT_TRUE(
      Read("<Message><Children><!-- <Child> --><Child><ChildIdentifiers>"
           "<!--></Child>--><LAchildID><![CDATA[Test<1>]]></LAchildID>"
           "<?note </Child> ?><Sex x='>'>F</Sex></ChildIdentifiers></Child>"
           "</Children></Message>"));
  ASSERT_EQ(children_.size(), 1u);
  EXPECT_EQ(children_[0].id(), "Test<1>");
}

TEST_F(XmlTest, OlderEncodingsAreUnderstood) {
  ASSERT_TRUE(
      Read("<?xml version='1.0' encoding='ISO-8859-1'?><Message><Children>"
           "<Child><ChildIdentifiers><LAchildID>Test\xE9</LAchildID>"
           "</ChildIdentifiers></Child></Children></Message>"));
  EXPECT_EQ(children_.at(0).id(), "Test\xC3\xA9");
}

TEST_F(XmlTest, BytesThatAreNoUtf8AreRefusedWithTheirLine) {
  EXPECT_THAT(Refusal("<Message><Children>\n<Child><ChildIdentifiers>\n"
                      "<LAchildID>Test\xE9</LAchildID></ChildIdentifiers>"
                      "</Child></Children></Message>"),
              AllOf(HasSubstr("line 3"), HasSubstr("UTF-8"),
                    HasSubstr("windows-1252")));
}

TEST_F(XmlTest, AByteOrderMarkIsNoText) {
  EXPECT_TRUE(Read("\xEF\xBB\xBF<Message/>"));
}

TEST_F(XmlTest, WhatIsNoXmlIsAnsweredWithItsLine) {
  EXPECT_THAT(Refusal(""), HasSubstr("empty"));
  EXPECT_THAT(Refusal("LAchildID,UPN\n"), HasSubstr("line 1"));
  EXPECT_THAT(Refusal("\xFF\xFE<"), HasSubstr("UTF-8"));
  EXPECT_THAT(Refusal("<Message>\n<Children>\n<Child>\n<UPN>\n</Child>"),
              HasSubstr("line 5: </Child> where </UPN> of line 4"));
  EXPECT_THAT(Refusal("<Message>\n<Children>\n<Child>\n"),
              HasSubstr("before </Child> of line 3"));
  EXPECT_THAT(Refusal("<Message>\n</Message>\n</Message>"),
              HasSubstr("line 3"));
  EXPECT_THAT(Refusal("<Message>\n<Children\n"), HasSubstr("line 2"));
  EXPECT_THAT(Refusal("<Message>\n<a <b></b></Message>"), HasSubstr("line 2"));
  EXPECT_THAT(Refusal("<Message><!-- \n"), HasSubstr("-->"));
  EXPECT_THAT(Refusal("<Message><Child>\n\n<UPN a></UPN></Child></Message>"),
              HasSubstr("line 3"));
  EXPECT_THAT(Refusal("<Message/>text"), HasSubstr("outside"));
}

TEST_F(XmlTest, ADocumentTypeIsRefused) {
  EXPECT_THAT(Refusal("<!DOCTYPE a [<!ENTITY b \"c\">]><Message/>"),
              HasSubstr("document type"));
}

TEST_F(XmlTest, ElementsLieWithinEachOtherToADepth) {
  const auto nested = [](int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += "<a>";
    for (int i = 0; i < times; ++i) text += "</a>";
    return "<Message>" + text + "</Message>";
  };
  EXPECT_TRUE(Read(nested(99)));
  EXPECT_THAT(Refusal(nested(100)), HasSubstr("too deep"));
  EXPECT_THAT(Refusal("<Message><Child>" + nested(200'000)),
              HasSubstr("too deep"));
}

TEST_F(XmlTest, AnotherDocumentIsNoCensus) {
  EXPECT_THAT(Refusal("<html><body/></html>"), HasSubstr("no census"));
}

// Every beginning of a file is read to its end or refused.
TEST_F(XmlTest, NoBeginningOfAFileIsTooShort) {
  const std::string all = kReturn;
  for (std::size_t size = 0; size < all.size(); ++size)
    (void)Refusal(all.substr(0, size));
}

// … and so is every file with one byte changed.
TEST_F(XmlTest, NoChangedByteIsTooMuch) {
  for (std::size_t at = 0; at < sizeof(kReturn) - 1; ++at)
    for (const char c : {'<', '>', '/', '"', '&', '\0', '\xFF'}) {
      std::string changed = kReturn;
      changed[at] = c;
      (void)Refusal(changed);
    }
}

}  // namespace
}  // namespace seawall::census
