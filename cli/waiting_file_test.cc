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
  const auto opened = file.Open();
  EXPECT_TRUE(opened) << opened.error().message;
  std::vector<EventItem> items;
  while (auto item = file.Next()) items.push_back(*std::move(item));
  const FileTally& tally = file.tally();
  EXPECT_EQ(tally.items, static_cast<std::int64_t>(items.size()));
  EXPECT_EQ(tally.rows, tally.items + tally.blank);
  return items;
}

// What is said of a file that is not what is expected.
std::string Refused(const std::string& text,
                    WaitingFormat format = WaitingFormat::kCsv) {
  std::istringstream in(text);
  const auto opened = WaitingFile(in, "f", format, "").Open();
  return opened ? "opened"
                : opened.error().reason + " " + opened.error().message;
}

// Of the only row: "column: what is wrong".
std::string Misfit(const std::string& text,
                   WaitingFormat format = WaitingFormat::kCsv) {
  const auto items = Read(text, format);
  if (items.size() != 1 || !items[0].unreadable) return "";
  EXPECT_EQ(items[0].unreadable->reason, "MALFORMED");
  const FieldError& field = items[0].unreadable->fields.at(0);
  return field.path + ": " + field.description;
}

constexpr char kHead[] = "event,service,reference,happened_date";

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
      "event,service,child.family_name\n"
      "surprise,slt,\n"
      "acceptance,slt,Test-secret\n"
      "acceptance,slt,,Test-secret\n"
      "event,service,child.family_name\n");
  ASSERT_EQ(items.size(), 4u);
  const char* columns[] = {"event", "child.family_name", "cell 4", "event"};
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(items[i].unreadable);
    EXPECT_EQ(items[i].unreadable->reason, "MALFORMED");
    EXPECT_EQ(items[i].unreadable->fields.at(0).path, columns[i]);
    EXPECT_EQ(items[i].unreadable->message.find("Test-secret"),
              std::string::npos);
  }
}

TEST(WaitingFile, AllThatDoesNotFitInARowIsNamedAtOnce) {
  const auto items = Read(
      "event,service,reference,happened_date,likelihood,impact\n"
      "priority,slt,a,2023-01-02,high,2.5\n");
  ASSERT_TRUE(items.at(0).unreadable);
  EXPECT_EQ(items[0].unreadable->fields.size(), 2u);
}

TEST(WaitingFile, AWordOfAFixedListIsWhole) {
  const std::string head = std::string(kHead) + ",attendance,outcome\n";
  for (const char* word : {"Cancelled", "w", "DNA", "attend", "seen"}) {
    const std::string misfit =
        Misfit(head + "appointment,slt,a,2023-01-02," + word + ",\n");
    EXPECT_NE(misfit.find("attendance: does not know"), std::string::npos);
    EXPECT_NE(misfit.find("was not brought"), std::string::npos) << misfit;
  }
  EXPECT_NE(Misfit(head + "removal,slt,a,2023-01-02,,dis\n"), "");
  for (const char* word : {" Was Not Brought ", "WAS_NOT_BROUGHT",
                           "was-not-brought", "ATTENDANCE_WAS_NOT_BROUGHT"}) {
    const auto items =
        Read(head + "Appointment,SLT,a,2023-01-02," + word + ",\n");
    ASSERT_FALSE(items.at(0).unreadable) << word;
    EXPECT_EQ(items[0].event.appointment().attendance(),
              waiting::v1::ATTENDANCE_WAS_NOT_BROUGHT);
    EXPECT_EQ(items[0].event.about().service(), "slt");
  }
}

TEST(WaitingFile, CellsAreReadAsSpreadsheetsWriteThem) {
  const auto items = Read(
      "Event,Service,Reference,Happened Date,child.nhs_number,"
      "child.date_of_birth,routes.young_person_alone,flags\r\n"
      "referral,slt,a,01/09/2026 00:00,=\"9995704188\",25/12/2008,TRUE,"
      "\"EHC_PLAN, LOOKED_AFTER\"\r\n");
  ASSERT_FALSE(items.at(0).unreadable);
  const auto& event = items[0].event;
  EXPECT_EQ(event.about().happened_date(), "2026-09-01");
  EXPECT_EQ(event.referral().child().nhs_number(), "9995704188");
  EXPECT_EQ(event.referral().child().date_of_birth(), "2008-12-25");
  EXPECT_TRUE(event.referral().routes().young_person_alone());
  EXPECT_EQ(event.referral().flags_size(), 2);
  EXPECT_NE(Misfit(std::string(kHead) +
                   ",routes.young_person_alone\nreferral,slt,a,2026-09-01,"
                   "perhaps\n"),
            "");
}

TEST(WaitingFile, ABirthDateThatCannotBeReadIsSentAsItWasGiven) {
  for (const char* given : {"12/25/2008", "25/12/08", "39807", "autumn"}) {
    const auto items =
        Read(std::string(kHead) +
             ",child.date_of_birth\nreferral,slt,a,2026-09-01," + given + "\n");
    ASSERT_FALSE(items.at(0).unreadable);
    EXPECT_EQ(items[0].event.referral().child().date_of_birth(), given);
  }
}

TEST(WaitingFile, TimesAreReadIntoFieldsOfTime) {
  const std::string head = "event,service,reference,happened_time,kind\n";
  for (const char* time : {"2026-11-21T23:50:00Z", "2026-11-21 23:50:00Z",
                           "21/11/2026 23:50", "2026-11-21T23:50:00"}) {
    const auto items =
        Read(head + "contact,camhs,a," + time + ",URGENT_PRESENTATION\n");
    ASSERT_FALSE(items.at(0).unreadable) << time;
    EXPECT_EQ(items[0].event.about().happened_time().seconds(), 1795305000);
  }
}

TEST(WaitingFile, WhenItHappenedIsNeverNowForWantOfReading) {
  for (const char* day : {"45292", "01/02/24", "02/31/2024", "soon"})
    EXPECT_NE(Misfit(std::string(kHead) + "\nacceptance,slt,a," + day + "\n")
                  .find("happened_date: "),
              std::string::npos)
        << day;
  EXPECT_NE(Misfit("event,service,reference,happened_time\n"
                   "acceptance,slt,a,25/10/2026 01:30\n")
                .find("twice"),
            std::string::npos);
}

TEST(WaitingFile, WhereTheDayIsThereAnUnreadableTimeIsLeftOutAndTold) {
  const auto items = Read(std::string(kHead) +
                          ",happened_time\n"
                          "acceptance,slt,a,2026-10-25,25/10/2026 01:30\n");
  ASSERT_FALSE(items.at(0).unreadable);
  EXPECT_FALSE(items[0].event.about().has_happened_time());
  ASSERT_EQ(items[0].notes.size(), 1u);
  EXPECT_EQ(items[0].notes[0].reason, kTimeUnreadable);
  EXPECT_EQ(items[0].notes[0].path, "happened_time");
}

TEST(WaitingFile, AChildWithOneNameGoesOnAsItIs) {
  const auto items = Read(std::string(kHead) +
                          ",child.given_name,child.family_name\n"
                          "referral,slt,a,2026-09-10,Test-Sultana,\n");
  ASSERT_FALSE(items.at(0).unreadable);
  EXPECT_EQ(items[0].event.referral().child().given_name(), "Test-Sultana");
}

TEST(WaitingFile, ANameInWindows1252IsReadAndTold) {
  const auto items = Read(std::string(kHead) +
                          ",child.given_name\n"
                          "referral,slt,a,2026-09-01,Test-Ada\n"
                          "referral,slt,b,2026-09-01,Test-Zo\xeb\n"
                          "referral,slt,c,2026-09-01,Test-Zo\x89\n"
                          "referral,slt,d,2026-09-01,Test-Bo\n");
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(items[1].event.referral().child().given_name(), "Test-Zoë");
  ASSERT_EQ(items[1].notes.size(), 1u);
  EXPECT_EQ(items[1].notes[0].reason, kReadAsWindows1252);
  EXPECT_EQ(items[1].notes[0].path, "child.given_name");
  ASSERT_TRUE(items[2].unreadable);
  EXPECT_EQ(items[2].where, "f:4");
  EXPECT_EQ(items[2].unreadable->fields.at(0).path, "child.given_name");
  EXPECT_FALSE(items[3].unreadable);
}

TEST(WaitingFile, AFileThatIsNotWhatIsExpectedIsRefusedOnce) {
  const std::pair<std::string, const char*> files[] = {
      {"", "is empty"},
      {"\xef\xbb\xbf\r\n\r\n", "is empty"},
      {std::string("PK\x03\x04\x14\0\x06\0", 8), "Excel workbook"},
      {"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"},
      {"{\"about\":{}}\n", "looks like JSON"},
      {"<html><table>", "web page"},
      {"referral,slt,a,2026-09-01\nreferral,slt,b,2026-09-01\n",
       "not with the names of its columns"},
      {"event|service|reference\nreferral|slt|a\n", "divided by"},
      {"Waiting list,,\n,,\nevent,service,reference\nreferral,slt,a\n",
       "in line 3"},
      {"events,service,reference\nreferral,slt,a\n", "is it events?"},
      {"event,servise,reference\nreferral,slt,a\n", "service is meant?"},
      {"event,service,service\nreferral,slt,a\n", "two columns service"},
  };
  for (const auto& [text, says] : files) {
    const std::string refused = Refused(text);
    EXPECT_TRUE(refused.starts_with("USAGE f ")) << refused;
    EXPECT_NE(refused.find(says), std::string::npos) << refused;
  }
}

TEST(WaitingFile, JsonLinesThatAreNoneAreRefusedOnce) {
  const std::pair<std::string, const char*> files[] = {
      {"", "is empty"},
      {"event,service\n", "takes CSV"},
      {"[{}]", "one JSON list"},
      {"{\n  \"about\": {}\n}\n", "over several lines"},
      {std::string("PK\x03\x04", 4), "Excel workbook"},
  };
  for (const auto& [text, says] : files)
    EXPECT_NE(Refused(text, WaitingFormat::kJsonLines).find(says),
              std::string::npos)
        << says;
}

TEST(WaitingFile, JsonNamesEveryFieldThatDoesNotFit) {
  EXPECT_TRUE(Misfit(R"({"about":{"service":"slt","reference":"a",)"
                     R"("happened_time":"2026-10-26T09:30:00"},)"
                     R"("contact":{"kind":"CALL"}})",
                     WaitingFormat::kJsonLines)
                  .starts_with("about.happened_time: is a time without"));
  EXPECT_TRUE(
      Misfit(R"({"about":{"service":"slt","reference":"a",)"
             R"("happened_date":"2026-10-28"},)"
             R"("appointment":{"attendance":"seen"}})",
             WaitingFormat::kJsonLines)
          .starts_with("appointment.attendance: is a text and not one of"));
}

TEST(WaitingFile, JsonLinesMayBeUtf16OrWindows1252) {
  const std::string line =
      "{\"about\":{\"service\":\"slt\"},\"removal\":{\"reason\":\"caf\xe9\"}}";
  const auto windows = Read(line, WaitingFormat::kJsonLines);
  ASSERT_FALSE(windows.at(0).unreadable);
  EXPECT_EQ(windows[0].event.removal().reason(), "café");
  EXPECT_EQ(windows[0].notes.at(0).reason, kReadAsWindows1252);
  std::string utf16 = "\xff\xfe";
  for (const char c : line) utf16 += std::string{c, '\0'};
  const auto wide = Read(utf16, WaitingFormat::kJsonLines);
  ASSERT_FALSE(wide.at(0).unreadable);
  EXPECT_EQ(wide[0].event.removal().reason(), "café");
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
