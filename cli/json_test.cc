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
      {R"({"children": [{}, {"nhs_number": 9990000018}]})",
       "children[1].nhs_number", "not a text"},
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

}  // namespace
}  // namespace seawall::cli
