// The waiting lists over the wire, on both stores: a stream of events, what
// each role may see of a child, what a family is told, and a service that is
// killed in the middle of a push.
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <mutex>

#include "libs/base/civil.h"
#include "seawall/waiting/v1/waiting.pb.h"
#include "tests/support/eventually.h"
#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {
namespace {

namespace wait = ::seawall::waiting::v1;

constexpr char kWaiting[] = "seawall.waiting.v1.WaitingService/";
constexpr char kHospital[] = "hospital/push/referrer";
constexpr char kVisitor[] = "health-visitor/push/referrer";
constexpr char kManager[] = "p-7/manager";
constexpr std::size_t kTogether = 7;

class WaitingLists : public ::testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    StackSettings settings;
    settings.service = "waiting";
    settings.engine = GetParam();
    auto started = Stack::Start(settings);
    ASSERT_TRUE(started) << started.error().message;
    stack_ = *std::move(started);
    hospital_ = stack_->As(kHospital, kManager);
    board_ = stack_->As(kBoard);
  }

  static wait::Event About(const std::string& reference, const std::string& day,
                           const std::string& what) {
    wait::Event request;
    request.mutable_about()->set_event_id(reference + "-" + what);
    request.mutable_about()->set_service("camhs");
    request.mutable_about()->set_reference(reference);
    request.mutable_about()->set_happened_date(day);
    return request;
  }
  static wait::Event Referral(int number, const std::string& day) {
    auto request = About("c-" + std::to_string(number), day, "referral");
    wait::Child& child = *request.mutable_referral()->mutable_child();
    child.set_given_name("Test-Canary");
    child.set_family_name("Test-Family" + std::to_string(number));
    child.set_date_of_birth("2009-03-04");
    child.set_nhs_number(TestNhsNumber(number));
    return request;
  }
  static wait::Event Attended(int number, const std::string& day) {
    auto request = About("c-" + std::to_string(number), day, "attended");
    request.mutable_appointment()->set_attendance(wait::ATTENDANCE_ATTENDED);
    return request;
  }

  // Pushes over one stream, seven to a request; the answers in order, an error
  // as its reason.
  std::vector<std::string> Push(const std::vector<wait::Event>& events) {
    std::mutex mutex;
    std::vector<std::string> said;
    auto bulk = hospital_->OpenBulk(
        std::string(kWaiting) + "StreamEvents", wait::StreamEventsResponse(),
        [&](const google::protobuf::Message& message) {
          const auto& reply =
              static_cast<const wait::StreamEventsResponse&>(message);
          const std::lock_guard lock(mutex);
          if (reply.has_error()) said.push_back(reply.error().message());
          for (const auto& answer : reply.response().answers()) {
            said.push_back(answer.has_error() ? answer.error().message()
                                              : "OK");
          }
        });
    for (std::size_t at = 0; at < events.size(); at += kTogether) {
      wait::StreamEventsRequest item;
      wait::PushEventsRequest& push = *item.mutable_push();
      push.set_area(kArea);
      push.set_request_id("push-" + std::to_string(at) + "-of-" +
                          std::to_string(events.size()));
      for (std::size_t i = at; i < std::min(at + kTogether, events.size()); ++i)
        *push.add_events() = events[i];
      if (!bulk->Write(item)) break;
    }
    (void)bulk->Finish();
    return said;
  }

  template <class Response, class Request>
  Result<Response> Look(rpc::Client& client, const std::string& method,
                        Request request) {
    request.set_area(kArea);
    request.mutable_purpose()->set_purpose("direct_care");
    request.mutable_purpose()->set_lawful_basis("public_task");
    return Ask<Response>(client, kWaiting + method, request);
  }
  std::string Waiting(const std::string& census) {
    wait::GetDashboardRequest request;
    request.set_area(kArea);
    request.set_census_date(census);
    request.add_services("camhs");
    const auto board = Ask<wait::GetDashboardResponse>(
        *board_, std::string(kWaiting) + "GetDashboard", request);
    return board ? board->rows(0).waiting().value() : board.error().reason;
  }

  std::unique_ptr<Stack> stack_;
  std::unique_ptr<rpc::Client> hospital_, board_;
};
INSTANTIATE_TEST_SUITE_P(Stores, WaitingLists,
                         testing::Values(store::Engine::kSqlite,
                                         store::Engine::kPostgres),
                         [](const auto& info) {
                           return info.param == store::Engine::kSqlite
                                      ? "Sqlite"
                                      : "Postgres";
                         });

TEST_P(WaitingLists, WhatHappenedMayFollowItsReferralOnTheSameStream) {
  std::vector<wait::Event> events;
  for (int i = 0; i < 200; ++i) {
    events.push_back(Referral(i, "2023-05-01"));
    if (i % 2) events.push_back(Attended(i, "2023-06-01"));
  }
  const auto said = Push(events);
  EXPECT_EQ(said, std::vector<std::string>(300, "OK"));
  EXPECT_EQ(Waiting("2023-05-31"), "200");
  EXPECT_EQ(Waiting("2023-06-01"), "100");
  EXPECT_EQ(Push(events), said) << "the same again";
  EXPECT_EQ(Waiting("2023-06-01"), "100");
  EXPECT_EQ(VerifyCounters(*stack_)->drift(), 0);
}

TEST_P(WaitingLists, AKilledServiceHasWhatItAnsweredOnce) {
  std::vector<wait::Event> events;
  for (int i = 0; i < 400; ++i) events.push_back(Referral(i, "2023-05-01"));
  Push({events.begin(), events.begin() + 250});
  stack_->KillService();
  ASSERT_TRUE(stack_->RestartService());
  hospital_ = stack_->As(kHospital, kManager);
  board_ = stack_->As(kBoard);
  EXPECT_EQ(Push(events), std::vector<std::string>(400, "OK"));
  EXPECT_EQ(Waiting("2023-05-31"), "400");
  EXPECT_EQ(VerifyCounters(*stack_)->drift(), 0);
}

TEST_P(WaitingLists, APushThatIsCutOffIsThereOnceWhenSentAgain) {
  std::vector<wait::Event> events;
  for (int i = 0; i < 100; ++i) {
    events.push_back(Referral(i, "2023-05-01"));
    events.push_back(Attended(i, "2023-06-01"));
  }
  for (const char* point : {"before-commit", "after-commit"}) {
    ASSERT_TRUE(stack_->RestartService(
        {std::string("--crash-at=") + point, "--crash-after=1"}));
    hospital_ = stack_->As(kHospital, kManager);
    EXPECT_LT(Push(events).size(), events.size()) << point;
  }
  ASSERT_TRUE(stack_->RestartService());
  hospital_ = stack_->As(kHospital, kManager);
  board_ = stack_->As(kBoard);
  EXPECT_EQ(Push(events), std::vector<std::string>(200, "OK"));
  EXPECT_EQ(stack_->Number("select count(*) from events"), 200);
  EXPECT_EQ(Waiting("2023-05-31"), "100");
  EXPECT_EQ(Waiting("2023-06-01"), "0");
  EXPECT_EQ(VerifyCounters(*stack_)->drift(), 0);
}

TEST_P(WaitingLists, TheWorklistIsInOrderAndSaysWhatIsDue) {
  auto risk = About("c-2", "2023-05-03", "risk");
  risk.mutable_priority()->set_likelihood(5);
  risk.mutable_priority()->set_impact(5);
  auto blocked = About("c-3", "2023-05-03", "blocked");
  blocked.mutable_block()->set_by("SCHOOL_INFORMATION");
  ASSERT_EQ(Push({Referral(1, "2023-05-01"), Referral(2, "2023-05-02"),
                  Referral(3, "2023-04-02"), risk, blocked}),
            std::vector<std::string>(5, "OK"));
  wait::ListWaitingRequest request;
  request.set_service("camhs");
  auto list =
      Look<wait::ListWaitingResponse>(*hospital_, "ListWaiting", request)
          .value();
  ASSERT_EQ(list.children_size(), 3);
  EXPECT_EQ(list.children(0).reference(), "c-2");
  EXPECT_EQ(list.children(0).risk(), "RED");
  EXPECT_EQ(list.children(1).reference(), "c-3");
  EXPECT_EQ(list.children(1).blocked_by(), "SCHOOL_INFORMATION");
  EXPECT_TRUE(list.children(2).duties(0).overdue());
  request.set_for_cancelled_slot(true);
  request.set_page_size(1);
  list = Look<wait::ListWaitingResponse>(*hospital_, "ListWaiting", request)
             .value();
  EXPECT_EQ(list.children(0).reference(), "c-2");
  request.set_page_token(list.next_page_token());
  list = Look<wait::ListWaitingResponse>(*hospital_, "ListWaiting", request)
             .value();
  EXPECT_EQ(list.children(0).reference(), "c-1") << "c-3 is blocked";
}

TEST_P(WaitingLists, AFamilyIsToldItsWaitByItsSafeRouteAndNoPosition) {
  std::vector<wait::Event> events;
  auto mine = Referral(1, "2023-05-01");
  wait::ContactRoutes& routes = *mine.mutable_referral()->mutable_routes();
  routes.set_safe_route("Test: the school nurse");
  routes.set_never("Test: the stepfather");
  routes.set_young_person_alone(true);
  events.push_back(mine);
  const auto now = google::protobuf::util::TimeUtil::GetCurrentTime();
  for (int i = 2; i < 14; ++i) {
    events.push_back(Referral(i, "2023-05-01"));
    auto seen = Attended(i, "");
    *seen.mutable_about()->mutable_happened_time() = now;
    events.push_back(seen);
  }
  ASSERT_EQ(Push(events), std::vector<std::string>(events.size(), "OK"));
  wait::GetMyWaitRequest request;
  request.mutable_about()->set_service("camhs");
  request.mutable_about()->set_reference("c-1");
  EXPECT_EQ(Look<wait::GetMyWaitResponse>(*hospital_, "GetMyWait", request)
                .error()
                .reason,
            "YOUNG_PERSON_ALONE")
      << "not to parents";
  request.set_to_young_person(true);
  const auto told =
      Look<wait::GetMyWaitResponse>(*hospital_, "GetMyWait", request).value();
  EXPECT_EQ(told.service_name(), "CAMHS");
  EXPECT_EQ(told.waiting_since_date(), "2023-05-01");
  EXPECT_EQ(told.routes().safe_route(), "Test: the school nurse");
  EXPECT_TRUE(told.routes().young_person_alone());
  EXPECT_EQ(told.routes().never(), "") << "a family may read this";
  EXPECT_FALSE(told.seen_from_weeks().empty());
  EXPECT_FALSE(told.next_update_by_date().empty());
}

TEST_P(WaitingLists, OnlyTheProviderSeesItsChildren) {
  auto letter = About("c-1", "2023-05-02", "letter");
  letter.mutable_contact()->set_kind("UPDATE");
  letter.mutable_contact()->set_note("Test note");
  ASSERT_EQ(Push({Referral(1, "2023-05-01"), letter}),
            std::vector<std::string>(2, "OK"));
  wait::GetReferralRequest request;
  request.mutable_about()->set_service("camhs");
  request.mutable_about()->set_reference("c-1");
  const auto own =
      Look<wait::GetReferralResponse>(*hospital_, "GetReferral", request);
  ASSERT_TRUE(own);
  EXPECT_EQ(own->child().given_name(), "Test-Canary");
  EXPECT_EQ(own->events(0).kind(), "REFERRED");
  EXPECT_EQ(own->events(1).text(), "Test note");
  request.mutable_about()->set_referral_id(own->referral_id());
  const auto visitor = stack_->As(kVisitor, "p-9/nurse");
  EXPECT_EQ(Look<wait::GetReferralResponse>(*visitor, "GetReferral", request)
                .error()
                .reason,
            "REFERRAL_NOT_FOUND");
  const auto board = stack_->As(kBoard, "p-9/chair");
  EXPECT_EQ(Look<wait::GetReferralResponse>(*board, "GetReferral", request)
                .error()
                .reason,
            "ROLE_NOT_ALLOWED");
  EXPECT_EQ(stack_->Number("select count(*) from access_subjects where "
                           "subject = '" +
                           own->referral_id() + "'"),
            2)
      << "the push, and the look";
}

TEST_P(WaitingLists, ALongHistoryIsReadInPagesAndItsClocksAreWhole) {
  constexpr int kEvents = 1150;
  std::vector<wait::Event> events = {Referral(1, "2023-05-01")};
  for (int i = 2; i <= kEvents; ++i) {
    events.push_back(About("c-1", "2023-06-01", "note-" + std::to_string(i)));
    wait::FamilyContact& contact = *events.back().mutable_contact();
    contact.set_kind("DUTY_LINE");
    contact.set_note("Test note " + std::to_string(i));
  }
  ASSERT_EQ(Push(events), std::vector<std::string>(kEvents, "OK"));
  wait::GetReferralRequest request;
  request.mutable_about()->set_service("camhs");
  request.mutable_about()->set_reference("c-1");
  const auto look = [&] {
    return Look<wait::GetReferralResponse>(*hospital_, "GetReferral", request);
  };
  auto page = look().value();
  ASSERT_EQ(page.events_size(), 1000);
  EXPECT_EQ(page.events(999).number(), kEvents);
  EXPECT_EQ(page.events(999).text(), "Test note 1150");
  EXPECT_EQ(page.more(), kEvents - 1000);
  EXPECT_EQ(page.waits(0).start_date(), "2023-05-01");
  EXPECT_FALSE(page.duties().empty());
  request.set_page_token(page.next_page_token());
  page = look().value();
  EXPECT_EQ(page.events_size(), kEvents - 1000);
  EXPECT_EQ(page.events(0).kind(), "REFERRED");
  EXPECT_EQ(page.waits(0).start_date(), "2023-05-01");
  EXPECT_FALSE(page.duties().empty());
  EXPECT_EQ(page.more(), 0);
  EXPECT_EQ(page.next_page_token(), "");
  for (const char* token : {"x", "-1", "0", "1.5"}) {
    request.set_page_token(token);
    EXPECT_EQ(look().error().fields.at(0).path, "page_token") << token;
  }
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_EQ(look().error().reason, "BAD_PAGE");
}

TEST_P(WaitingLists, TheHubSeesAnyReferralAndThatItsChildDied) {
  auto died = About("c-1", "2023-06-01", "died");
  died.mutable_removal()->set_outcome(wait::OUTCOME_DIED);
  auto other = Referral(1, "2023-05-01");
  other.mutable_about()->set_reference("c-2");
  other.mutable_about()->set_service("slt");
  ASSERT_EQ(Push({Referral(1, "2023-05-01"), other, died}),
            std::vector<std::string>(3, "OK"));
  wait::GetReferralRequest request;
  request.mutable_about()->set_service("slt");
  request.mutable_about()->set_reference("c-2");
  const auto own =
      Look<wait::GetReferralResponse>(*hospital_, "GetReferral", request)
          .value();
  EXPECT_TRUE(own.child_died());
  EXPECT_TRUE(own.duties().empty());
  wait::ListWaitingRequest list;
  list.set_service("slt");
  EXPECT_TRUE(Look<wait::ListWaitingResponse>(*hospital_, "ListWaiting", list)
                  ->children(0)
                  .child_died());
  const auto hub = stack_->As(kHub, "p-9/manager");
  request.mutable_about()->set_referral_id(own.referral_id());
  EXPECT_TRUE(Look<wait::GetReferralResponse>(*hub, "GetReferral", request)
                  ->child_died());
}

TEST_P(WaitingLists, NoNameLiesOpenInRecordsLogsOrMetrics) {
  auto letter = About("c-1", "2023-05-02", "letter");
  letter.mutable_contact()->set_kind("UPDATE");
  letter.mutable_contact()->set_note("Test-Canary note");
  ASSERT_EQ(Push({Referral(1, "2023-05-01"), letter}),
            std::vector<std::string>(2, "OK"));
  for (const char* query :
       {"select flags, sealed from referrals",
        "select code, sealed from events", "select body from journal"}) {
    for (const auto& row : stack_->Rows(query)) {
      for (const std::string& cell : row) {
        EXPECT_EQ(cell.find("Test-"), std::string::npos) << query;
      }
    }
  }
  EXPECT_EQ(stack_->Log().find("Test-"), std::string::npos);
  EXPECT_EQ(stack_->Metrics().find("Test-"), std::string::npos);
}

TEST_P(WaitingLists, GaugesTellWhoWaitsAndWhatIsOverdue) {
  ASSERT_EQ(Push({Referral(1, "2023-05-01"), Referral(2, "2023-05-01"),
                  Attended(2, "2023-06-01")}),
            std::vector<std::string>(3, "OK"));
  const auto is = [&](const char* series, double value) {
    return Eventually([&] { return stack_->Metric(series) == value; });
  };
  EXPECT_TRUE(is(R"(seawall_waiting_children{service="camhs"})", 1));
  EXPECT_TRUE(
      is(R"(seawall_waiting_over_threshold{service="camhs",weeks="52"})", 1));
  EXPECT_TRUE(is(R"(seawall_waiting_balance_residual{service="camhs"})", 0));
  EXPECT_GT(
      *stack_->Metric(R"(seawall_waiting_overdue_duties{service="camhs"})"), 2);
  EXPECT_GT(*stack_->Metric(R"(seawall_waiting_longest_days{service="camhs"})"),
            800);
}

TEST_P(WaitingLists, AForecastIsMadeWhileNobodyWaitsForIt) {
  std::vector<wait::Event> events;
  const Date today = CivilDate(SystemClock().Now());
  for (int i = 0; i < 60; ++i) {
    const Date day = today - std::chrono::days(2 * i + 10);
    events.push_back(Referral(i, FormatDate(day)));
    if (i % 2) {
      events.push_back(Attended(i, FormatDate(day + std::chrono::days(9))));
    }
  }
  ASSERT_EQ(Push(events), std::vector<std::string>(events.size(), "OK"));
  wait::RequestForecastRequest asked;
  asked.set_area(kArea);
  asked.set_request_id("forecast-1");
  asked.set_service("camhs");
  ASSERT_TRUE(Ask<wait::RequestForecastResponse>(
      *hospital_, std::string(kWaiting) + "RequestForecast", asked));
  wait::GetForecastRequest request;
  request.set_area(kArea);
  request.set_service("camhs");
  wait::GetForecastResponse forecast;
  EXPECT_TRUE(Eventually([&] {
    auto answer = Ask<wait::GetForecastResponse>(
        *board_, std::string(kWaiting) + "GetForecast", request);
    if (answer) forecast = *std::move(answer);
    return forecast.progress_percent() == 100;
  }));
  EXPECT_EQ(forecast.weeks_size(), 26);
  EXPECT_EQ(forecast.queue(), 30);
}

}  // namespace
}  // namespace seawall::support
