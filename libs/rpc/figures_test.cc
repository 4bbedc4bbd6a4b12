// Figures and operations, over the wire.
#include "libs/rpc/figures.h"

#include <google/protobuf/util/time_util.h>

#include "libs/rpc/test_server.h"

namespace seawall::rpc {
namespace {

using common::v1::GetFiguresRequest;
using common::v1::GetFiguresResponse;
using google::protobuf::util::TimeUtil;

constexpr char kGetFigures[] = "seawall.common.v1.FiguresService/GetFigures";
constexpr char kDay[] = "2017-06-12";

void Count(const ledger::Recorded& event, counters::Increments& increments) {
  if (event.kind == "seawall.referrals.v1.ContactReceived")
    counters::AddFlow(increments, "contacts", kDay, 1);
}

// One contact a position: this front door keeps no rows of its own.
Result<counters::Increments> Records(store::Reader&,
                                     const counters::Slice& slice) {
  counters::Increments increments;
  if (slice.position > 0)
    counters::AddFlow(increments, "contacts", kDay, slice.position);
  return increments;
}

counters::Definitions MakeDefinitions() {
  counters::Definitions definitions;
  counters::Measure contacts;
  contacts.id = "contacts";
  contacts.numerator = "contacts";
  contacts.definition = "Contacts received.";
  definitions.measures = {contacts};
  definitions.count = Count;
  definitions.records = Records;
  return definitions;
}

class FiguresTest : public testing::Test {
 protected:
  void SetUp() override {
    test.definitions = &definitions;
    const auto started = test.Start();
    ASSERT_TRUE(started) << started.error().message;
    police = test.Police();
    ops = test.Connect(TestServer::AgencyUri("test-ops", "desk", "ops"));
    board =
        test.Connect(TestServer::AgencyUri("test-board", "portal", "board"));
  }
  void Push(const std::string& id) {
    pb::SubmitContactResponse response;
    ASSERT_EQ(ReasonOf(police->Call(kSubmit, Contact(id), response)), "OK");
  }
  static GetFiguresRequest Ask(
      common::v1::FigureSource source = common::v1::FIGURE_SOURCE_UNSPECIFIED) {
    GetFiguresRequest request;
    request.set_area("blackpool");
    request.set_start_date("2017-06-01");
    request.set_end_date("2017-06-30");
    request.set_source(source);
    return request;
  }
  // "OK" or the reason; the answer is in `response`.
  std::string Get(const GetFiguresRequest& request) {
    response.Clear();
    return ReasonOf(ops->Call(kGetFigures, request, response));
  }

  const counters::Definitions definitions = MakeDefinitions();
  TestServer test;
  // As the board.
  std::string GetAsBoard(const GetFiguresRequest& request) {
    response.Clear();
    return ReasonOf(board->Call(kGetFigures, request, response));
  }
  static void SetKnown(GetFiguresRequest& request, Instant instant) {
    *request.mutable_as_known_time() =
        TimeUtil::MicrosecondsToTimestamp(ToMicros(instant));
  }
  std::unique_ptr<Client> police, ops, board;
  GetFiguresResponse response;
};

TEST_F(FiguresTest, CountersAndRecordsSayTheSame) {
  for (int i = 0; i < 5; i++) Push("r-" + std::to_string(i));
  EXPECT_TRUE(support::Eventually([&] {
    return Get(Ask(common::v1::FIGURE_SOURCE_COUNTERS)) == "OK" &&
           response.counters_behind_events() == 0 &&
           response.figures(0).numerator() == 5;
  }));
  EXPECT_EQ(response.figures(0).source(), common::v1::FIGURE_SOURCE_COUNTERS);
  EXPECT_EQ(response.figures(0).value(), "5");
  ASSERT_EQ(Get(Ask(common::v1::FIGURE_SOURCE_RECORDS)), "OK");
  EXPECT_EQ(response.figures(0).source(), common::v1::FIGURE_SOURCE_RECORDS);
  EXPECT_EQ(response.figures(0).numerator(), 5);
  EXPECT_EQ(response.figures(0).area(), "blackpool");
  ASSERT_EQ(Get(Ask()), "OK");
  EXPECT_EQ(response.figures(0).source(), common::v1::FIGURE_SOURCE_COUNTERS);
}

TEST_F(FiguresTest, AreAskedAsKnownThen) {
  Push("r-1");
  Push("r-2");
  Push("r-3");
  auto reader = test.server->database().Read();
  const auto events = *ledger::ReadJournal(*reader, "blackpool", 0, 10);
  ASSERT_EQ(events.size(), 3u);
  const auto at = [&](Instant instant) {
    GetFiguresRequest request = Ask();
    *request.mutable_as_known_time() =
        TimeUtil::MicrosecondsToTimestamp(ToMicros(instant));
    EXPECT_EQ(Get(request), "OK");
    EXPECT_EQ(response.figures(0).source(), common::v1::FIGURE_SOURCE_RECORDS);
    return response.figures(0).numerator();
  };
  EXPECT_EQ(at(events[1].recorded), 2);
  EXPECT_EQ(at(events[2].recorded), 3);
  EXPECT_EQ(at(events[0].recorded - std::chrono::microseconds(1)), 0);
}

TEST_F(FiguresTest, WhatCannotBeAskedIsRefused) {
  Push("r-1");
  GetFiguresRequest request = Ask();
  request.set_end_date("2017-02-30");
  EXPECT_EQ(Get(request), "BAD_PERIOD");
  request = Ask();
  request.set_end_date("2017-05-31");
  EXPECT_EQ(Get(request), "BAD_PERIOD");
  for (const char* census : {"9999-12-31", "1950-01-01"}) {
    request = Ask();
    request.set_census_date(census);
    EXPECT_EQ(Get(request), "BAD_PERIOD") << census;
  }
  request = Ask();
  request.add_measures("nothing");
  EXPECT_EQ(Get(request), "UNKNOWN_MEASURE");
  request = Ask();
  request.set_group_by("shoe_size");
  EXPECT_EQ(Get(request), "UNKNOWN_GROUP");
  request = Ask();
  request.mutable_as_known_time()->set_seconds(32'503'680'000);
  EXPECT_EQ(Get(request), "TIME_AHEAD");
  request = Ask(common::v1::FIGURE_SOURCE_COUNTERS);
  request.mutable_as_known_time()->set_seconds(1);
  EXPECT_EQ(Get(request), "SOURCE_NOT_POSSIBLE");
}

TEST_F(FiguresTest, CountsByDayAreNotForTheBoard) {
  Push("r-1");
  EXPECT_EQ(GetAsBoard(Ask()), "OK");
  EXPECT_EQ(response.figures(0).numerator(), 1) << "raw, for itself";
  GetFiguresRequest request = Ask();
  request.set_start_date(kDay);
  request.set_end_date(kDay);
  EXPECT_EQ(Get(request), "OK");
  EXPECT_EQ(GetAsBoard(request), "PERIOD_NOT_WHOLE");
  request = Ask();
  request.set_end_date("2017-06-29");
  EXPECT_EQ(GetAsBoard(request), "PERIOD_NOT_WHOLE");
  request = Ask();
  request.set_start_date("2017-06-02");
  EXPECT_EQ(GetAsBoard(request), "PERIOD_NOT_WHOLE");
  request = Ask();
  request.set_census_date("2017-06-12");
  EXPECT_EQ(Get(request), "OK");
  EXPECT_EQ(GetAsBoard(request), "PERIOD_NOT_WHOLE");
  // Asked each day, a month that is not over gives its days.
  const std::chrono::year_month_day today(CivilDate(SystemClock().Now()));
  request = Ask();
  request.set_end_date(
      FormatDate(Date(today.year() / today.month() / std::chrono::last)));
  EXPECT_EQ(Get(request), "OK");
  EXPECT_EQ(GetAsBoard(request), "PERIOD_NOT_WHOLE");
  request = Ask();
  SetKnown(request, StartOfDay(*ParseDate("2018-06-15")));
  EXPECT_EQ(Get(request), "OK");
  EXPECT_EQ(GetAsBoard(request), "PERIOD_NOT_WHOLE");
  SetKnown(request, EndOfDay(*ParseDate("2018-06-30")));
  EXPECT_EQ(GetAsBoard(request), "OK");
}

TEST_F(FiguresTest, SuppressedFiguresAreOfWholePeriodsForEverybody) {
  Push("r-1");
  GetFiguresRequest request = Ask();
  request.set_suppress(true);
  ASSERT_EQ(Get(request), "OK");
  EXPECT_EQ(response.figures(0).numerator(), 0)
      << "as known at the end of last month nothing was recorded";
  EXPECT_EQ(response.figures(0).source(), common::v1::FIGURE_SOURCE_RECORDS);
  const Instant known = FromMicros(
      TimeUtil::TimestampToMicroseconds(response.figures(0).as_known_time()));
  EXPECT_TRUE(counters::IsMonthEnd(CivilDate(known)));
  request.set_start_date("2017-06-12");
  request.set_end_date("2017-06-12");
  EXPECT_EQ(Get(request), "PERIOD_NOT_WHOLE");
  request = Ask(common::v1::FIGURE_SOURCE_COUNTERS);
  request.set_suppress(true);
  EXPECT_EQ(Get(request), "SOURCE_NOT_POSSIBLE");
  request = Ask();
  request.set_suppress(true);
  for (const char* instant :
       {"2018-06-15T12:00:00Z", "2018-06-30T22:59:58.999999Z",
        "2018-06-30T23:00:00.000001Z"}) {
    SetKnown(request, *ParseInstant(instant));
    EXPECT_EQ(Get(request), "PERIOD_NOT_WHOLE") << instant;
  }
  for (const char* instant : {"2018-06-30T22:59:59Z", "2018-06-30T23:00:00Z"}) {
    SetKnown(request, *ParseInstant(instant));
    EXPECT_EQ(Get(request), "OK") << instant;
  }
  SetKnown(request, EndOfDay(*ParseDate("2017-05-31")));
  EXPECT_EQ(Get(request), "PERIOD_NOT_WHOLE") << "June was not over";
}

TEST_F(FiguresTest, OpsVerifyAndRebuildTheCounters) {
  for (int i = 0; i < 4; i++) Push("r-" + std::to_string(i));
  common::v1::VerifyCountersRequest verify;
  verify.set_area("blackpool");
  common::v1::VerifyCountersResponse verified;
  const std::string service = "seawall.common.v1.OperationsService/";
  ASSERT_EQ(ReasonOf(ops->Call(service + "VerifyCounters", verify, verified)),
            "OK");
  EXPECT_EQ(verified.drift(), 0);
  EXPECT_EQ(verified.position(), 4);
  common::v1::RebuildCountersRequest rebuild;
  rebuild.set_area("blackpool");
  common::v1::RebuildCountersResponse rebuilt;
  ASSERT_EQ(ReasonOf(ops->Call(service + "RebuildCounters", rebuild, rebuilt)),
            "OK");
  EXPECT_EQ(rebuilt.events(), 4);
}

TEST_F(FiguresTest, APageMayHoldOneEntry) {
  Push("r-1");
  auto reader = test.server->database().Read();
  EXPECT_EQ(
      ledger::ReadAccess(*reader, test.server->sealer(), {"blackpool", 0, 1})
          ->size(),
      1u);
  EXPECT_EQ(ledger::ReadJournal(*reader, "blackpool", 0, 1)->size(), 1u);
}

TEST_F(FiguresTest, AuditorsListAndVerifyTheAccessLogPageByPage) {
  for (int i = 0; i < 5; i++) Push("r-" + std::to_string(i));
  const auto auditor = test.Connect(
      TestServer::AgencyUri("test-auditor", "desk", "auditor"), "p-9/auditor");
  const std::string service = "seawall.common.v1.OperationsService/";
  common::v1::VerifyAccessLogRequest verify;
  verify.set_area("blackpool");
  common::v1::VerifyAccessLogResponse verified;
  ASSERT_EQ(
      ReasonOf(auditor->Call(service + "VerifyAccessLog", verify, verified)),
      "OK");
  EXPECT_TRUE(verified.intact());
  EXPECT_EQ(verified.entries(), 5);
  common::v1::ListAccessRequest list;
  list.set_area("blackpool");
  list.set_page_size(2);
  std::vector<std::string> subjects;
  do {
    common::v1::ListAccessResponse page;
    ASSERT_EQ(ReasonOf(auditor->Call(service + "ListAccess", list, page)),
              "OK");
    for (const auto& entry : page.entries()) {
      if (entry.subject_ids_size() > 0)
        subjects.push_back(entry.subject_ids(0));
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(subjects,
            (std::vector<std::string>{"r-4", "r-3", "r-2", "r-1", "r-0"}));
  list.set_page_token("somewhere");
  common::v1::ListAccessResponse none;
  EXPECT_EQ(ReasonOf(auditor->Call(service + "ListAccess", list, none)),
            "BAD_PAGE");
  list.set_page_token("");
  list.set_page_size(-1);
  EXPECT_EQ(ReasonOf(auditor->Call(service + "ListAccess", list, none)),
            "BAD_PAGE");
}

}  // namespace
}  // namespace seawall::rpc
