#include "cli/waiting_file.h"

#include <gtest/gtest.h>

#include <sstream>

namespace seawall::cli {
namespace {

std::vector<EventItem> Read(const std::string& text,
                            WaitingFormat format = WaitingFormat::kCsv,
                            const std::string& run = "") {
  std::istringstream in(text);
  WaitingFile file(in, "f", format, run);
  std::vector<EventItem> items;
  while (auto item = file.Next()) items.push_back(*std::move(item));
  return items;
}

TEST(CsvRows, QuotedFieldsHoldCommasQuotesAndLineBreaks) {
  std::istringstream in(
      "\xef\xbb\xbf"
      "a,\"b,c\"\r\n\n\"d \"\"e\"\"\",\"f\ng\"\nh");
  CsvRows rows(in);
  EXPECT_EQ(*rows.Next(), (std::vector<std::string>{"a", "b,c"}));
  EXPECT_EQ(*rows.Next(), (std::vector<std::string>{"d \"e\"", "f\ng"}));
  EXPECT_EQ(rows.line(), 3);
  EXPECT_EQ(*rows.Next(), (std::vector<std::string>{"h"}));
  EXPECT_EQ(rows.line(), 5);
  EXPECT_FALSE(rows.Next());
}

TEST(WaitingFile, ColumnsAreFieldsOfTheEventByTheirPaths) {
  const auto items = Read(
      "event,service,reference,happened_date,child.family_name,flags,"
      "attendance\n"
      "referral,slt,a,2023-01-02,Test-Harbour,EHC_PLAN LOOKED_AFTER,\n"
      "appointment,slt,a,2023-02-02,,,was_not_brought\n");
  ASSERT_EQ(items.size(), 2u);
  ASSERT_FALSE(items[0].unreadable);
  const auto& first = items[0].event;
  EXPECT_EQ(first.about().reference(), "a");
  EXPECT_EQ(first.referral().child().family_name(), "Test-Harbour");
  EXPECT_EQ(first.referral().flags_size(), 2);
  EXPECT_EQ(items[1].event.appointment().attendance(),
            waiting::v1::ATTENDANCE_WAS_NOT_BROUGHT);
  EXPECT_EQ(items[1].where, "f:3");
}

TEST(WaitingFile, TheSameRowHasTheSameEventIdForEver) {
  const std::string head = "event,service,reference,happened_date,event_id\n";
  const auto items = Read(head +
                          "acceptance,slt,a,2023-01-02,\n"
                          "acceptance,slt,a,2023-01-02,\n"
                          "acceptance,slt,a,2023-01-03,\n"
                          "acceptance,slt,a,2023-01-03,mine\n");
  const auto id = [&](std::size_t i) {
    return items.at(i).event.about().event_id();
  };
  EXPECT_FALSE(id(0).empty());
  EXPECT_EQ(id(0), id(1));
  EXPECT_NE(id(0), id(2));
  EXPECT_EQ(id(3), "mine");
}

TEST(WaitingFile, WhatHappensNowIsTheSameWithinOneRun) {
  const std::string text = "event,service,reference\nacceptance,slt,a\n";
  const auto id = [&](const std::string& run) {
    return Read(text, WaitingFormat::kCsv, run).at(0).event.about().event_id();
  };
  EXPECT_FALSE(id("monday").empty());
  EXPECT_EQ(id("monday"), id("monday"));
  EXPECT_NE(id("monday"), id("tuesday"));
}

TEST(WaitingFile, ACorrectionSaysWhichEventItTakesBack) {
  const auto items = Read(
      "event,service,reference,happened_date,corrects\n"
      "correction,slt,a,2023-01-02,3\n");
  ASSERT_FALSE(items.at(0).unreadable);
  EXPECT_EQ(items[0].event.correction().event(), 3);
}

TEST(WaitingFile, AFileThatWasCutOffIsNotTakenForWhole) {
  const std::string head = "event,service,reference,happened_date,reason\n";
  for (const char* last :
       {"removal,slt,a,2023-01-02,\"the family mo", "removal,slt,a,2023"}) {
    const auto items = Read(head + last);
    ASSERT_EQ(items.size(), 1u);
    EXPECT_TRUE(items[0].unreadable) << last;
  }
  EXPECT_FALSE(Read(head + "removal,slt,a,2023-01-02,moved").at(0).unreadable);
}

TEST(WaitingFile, WhatDoesNotFitIsNamedByColumnAndNotByValue) {
  const auto items = Read(
      "event,service,opinion\n"
      "surprise,slt,\n"
      "acceptance,slt,Test-secret\n"
      "acceptance,slt,,more\n");
  ASSERT_EQ(items.size(), 3u);
  for (const EventItem& item : items) {
    ASSERT_TRUE(item.unreadable);
    EXPECT_EQ(item.unreadable->reason, "MALFORMED");
    EXPECT_EQ(item.unreadable->message.find("Test-secret"), std::string::npos);
  }
}

TEST(WaitingFile, JsonLinesAreEvents) {
  const auto items = Read(
      "{\"about\":{\"service\":\"slt\",\"reference\":\"a\"},"
      "\"acceptance\":{}}\n\nnot json\n",
      WaitingFormat::kJsonLines);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_TRUE(items[0].event.has_acceptance());
  EXPECT_TRUE(items[1].unreadable);
  EXPECT_EQ(items[1].where, "f:3");
}

}  // namespace
}  // namespace seawall::cli
