#include "cli/json.h"

#include <gtest/gtest.h>
#include <seawall/referrals/v1/referrals.pb.h>

namespace seawall::cli {
namespace {

using referrals::v1::ContactForm;
using referrals::v1::ContactReceipt;

struct MisfitCase {
  const char* json;
  const char* path;
  const char* says;
};

TEST(Misfits, EachNamesItsFieldAndNeverItsValue) {
  const MisfitCase cases[] = {
      {R"({"childrn": []})", "childrn", "children is meant"},
      {R"({"zzzzzzzzz": 1})", "zzzzzzzzz", "no such field"},
      {R"({"children": {}})", "children", "not a list"},
      {R"({"children": [{}, {"nhs_number": true}]})", "children[1].nhs_number",
       "true or false and not a text"},
      {R"({"children": [{"voice": "Secret"}]})", "children[0].voice",
       "not an object"},
      {R"({"children": [{"disabilities": ["LD", 4]}]})",
       "children[0].disabilities[1]", "not a text"},
      {R"({"channel": "Secret"})", "channel", "CHANNEL_PHONE"},
      {R"({"concern": {"level_of_need": "Secret"}})", "concern.level_of_need",
       "not a whole number"},
      {R"({"concern": {"level_of_need": 99999999999}})",
       "concern.level_of_need", "out of range"},
      {R"({"raised_time": "Secret"})", "raised_time", "not a time"},
  };
  for (const MisfitCase& test : cases) {
    const auto misfits =
        Misfits(nlohmann::json::parse(test.json), *ContactForm::descriptor());
    ASSERT_EQ(misfits.size(), 1u) << test.json;
    EXPECT_EQ(misfits[0].path, test.path);
    EXPECT_NE(misfits[0].description.find(test.says), std::string::npos)
        << misfits[0].description;
    EXPECT_EQ(misfits[0].description.find("Secret"), std::string::npos);
  }
}

TEST(FromJson, TakesBothNamesOfAFieldAndTimesWithAnOffset) {
  ContactForm form;
  ASSERT_TRUE(FromJson(nlohmann::json::parse(
                           R"({"raisedTime": "2018-07-01T10:00:00+01:00",
                               "children": [{"given_name": "Test-Robin"},
                                            {"givenName": "Test-Wren"}]})"),
                       form));
  EXPECT_EQ(form.raised_time().seconds(), 1530435600);
  EXPECT_EQ(form.children(1).given_name(), "Test-Wren");
}

TEST(FromJson, WhatSystemsWriteForWhatTheyDoNotHaveIsAbsent) {
  ContactForm form;
  const auto read =
      FromJson(nlohmann::json::parse(R"({"source": "6", "channel": "",
          "raised_time": " ", "receivedTime": null, "police": "",
          "immediate_danger": "", "household": "", "other_agencies": [""],
          "children": [{"given_name": "", "disabilities": ["LD", "", null],
                        "voice": {"kind": ""}}, null],
          "concern": {"level_of_need": "", "text": "Invented."}})"),
               form);
  ASSERT_TRUE(read) << read.error().fields.at(0).path;
  EXPECT_FALSE(form.has_raised_time());
  EXPECT_EQ(form.channel(), 0);
  EXPECT_FALSE(form.has_police());
  EXPECT_EQ(form.household_size() + form.other_agencies_size(), 0);
  ASSERT_EQ(form.children_size(), 1);
  EXPECT_EQ(form.children(0).disabilities_size(), 1);
  EXPECT_EQ(form.concern().text(), "Invented.");
}

TEST(FromJson, ReadsWhatIsMeantByAValueOfAnotherType) {
  ContactForm form;
  ASSERT_TRUE(FromJson(nlohmann::json::parse(R"({"immediate_danger": true,
          "parents_informed": "No",
          "children": [{"nhs_number": 9990000018}],
          "concern": {"level_of_need": "3"}})"),
                       form));
  EXPECT_EQ(form.immediate_danger(), referrals::v1::ANSWER_YES);
  EXPECT_EQ(form.parents_informed(), referrals::v1::ANSWER_NO);
  EXPECT_EQ(form.children(0).nhs_number(), "9990000018");
  EXPECT_EQ(form.concern().level_of_need(), 3);
  ASSERT_TRUE(FromJson(
      nlohmann::json::parse(R"({"concern": {"level_of_need": 4.0}})"), form));
  EXPECT_EQ(form.concern().level_of_need(), 4);
}

TEST(FromJson, LeavesTimesOutThatCannotBeReadWhereItMay) {
  for (const char* time :
       {"2026-06-30T23:59:60Z", "2026-11-20T09:30:00", "20/11/2026", "soon"}) {
    const nlohmann::json json = {{"source", "6"}, {"raised_time", time}};
    ContactForm form;
    EXPECT_FALSE(FromJson(json, form));
    std::vector<FieldError> left_out;
    ASSERT_TRUE(FromJson(json, form, &left_out)) << time;
    ASSERT_EQ(left_out.size(), 1u);
    EXPECT_EQ(left_out[0].path, "raised_time");
    EXPECT_FALSE(form.has_raised_time());
    EXPECT_EQ(form.source(), "6");
  }
}

TEST(FromJson, ListsEveryFieldThatDoesNotFit) {
  ContactForm form;
  const auto refused =
      FromJson(nlohmann::json::parse(R"({"a": 1, "b": 2})"), form);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "MALFORMED");
  EXPECT_EQ(refused.error().fields.size(), 2u);
}

TEST(ToJson, IsOneLineWithTheProtosNames) {
  ContactReceipt receipt;
  receipt.set_contact_id("C-1");
  receipt.set_priority(referrals::v1::PRIORITY_RED);
  const std::string json = ToJson(receipt);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_NE(json.find(R"("contact_id":"C-1")"), std::string::npos);
  EXPECT_NE(json.find(R"("priority":"PRIORITY_RED")"), std::string::npos);
  EXPECT_NE(json.find(R"("child":0)"), std::string::npos);
}

TEST(FromJson, ReadsAWordOfAListAsPeopleWriteIt) {
  const auto read = [](const char* word) {
    ContactForm form;
    EXPECT_TRUE(FromJson({{"immediate_danger", word}}, form)) << word;
    return form.immediate_danger();
  };
  for (const char* word :
       {"ANSWER_YES", "answer_yes", " Yes ", "yes", "TRUE", "1"}) {
    EXPECT_EQ(read(word), referrals::v1::ANSWER_YES) << word;
  }
  for (const char* word : {"Not known", "unknown", "N/K", "?"}) {
    EXPECT_EQ(read(word), referrals::v1::ANSWER_NOT_KNOWN) << word;
  }
}

}  // namespace
}  // namespace seawall::cli
