// Capacity and forecasts over the records, on both stores.
#include <cmath>

#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

using std::chrono::days;

class ForecastTest : public ServiceTest {
 protected:
  // Two a week come, one a week is seen.
  void Fill() {
    const Date first = CivilDate(clock_.Now()) - days(26 * 7);
    for (int week = 0; week < 26; ++week) {
      const std::string day = FormatDate(first + days(7 * week + 1));
      for (const char* name : {"a", "b"}) {
        Register(name + std::to_string(week), day);
      }
      ASSERT_TRUE(Attend("a" + std::to_string(week),
                         FormatDate(first + days(7 * week + 5)),
                         pb::ATTENDANCE_ATTENDED));
    }
  }
  Result<std::string> Request(int weeks = 8, int runs = 200) {
    pb::RequestForecastRequest request;
    request.set_service(kSlt);
    request.set_weeks(weeks);
    request.set_runs(runs);
    request.set_seed(5);
    TRY(const auto response,
        Write<pb::RequestForecastResponse>("RequestForecast", request));
    return response.forecast_id();
  }
  bool Make() {
    const bool made = forecaster_->Step(kArea).value();
    while (ledger_->RunBatch() > 0) {
    }
    return made;
  }
  Result<pb::GetForecastResponse> Get(const std::string& id = "") {
    pb::GetForecastRequest request;
    request.set_forecast_id(id);
    request.set_service(kSlt);
    return Ask<pb::GetForecastResponse>("GetForecast", request);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, ForecastTest, support::BothEngines(),
                         support::EngineName);

TEST_P(ForecastTest, CapacityIsMeasuredFromTheRecords) {
  Fill();
  pb::GetCapacityRequest request;
  request.set_service(kSlt);
  const auto capacity =
      Ask<pb::GetCapacityResponse>("GetCapacity", request).value();
  EXPECT_EQ(capacity.arrivals(), 52);
  EXPECT_EQ(capacity.removals(), 26);
  EXPECT_EQ(capacity.queue(), 26);
  EXPECT_EQ(capacity.demand().value(), "2.00");
  EXPECT_EQ(capacity.load().value(), "2.00");
  EXPECT_EQ(capacity.target_queue().value(), "9.00") << "2 x 18 / 4";
  EXPECT_EQ(capacity.relief_capacity().value(), "2.65") << "2 + 17 / 26";
  EXPECT_FALSE(capacity.pressure().value().empty());
}

TEST_P(ForecastTest, TheMeanWaitGoesByTheClockThatATransferKept) {
  auto moved = Referral("a", "2024-01-03");
  moved.mutable_referral()->set_original_start_date("2023-12-27");
  ASSERT_TRUE(Push(moved));
  pb::GetCapacityRequest request;
  request.set_service(kSlt);
  EXPECT_EQ(
      Ask<pb::GetCapacityResponse>("GetCapacity", request)->mean_wait().value(),
      "2.00");
}

TEST_P(ForecastTest, AnEmptyListIsUnknownAndNotZero) {
  pb::GetCapacityRequest request;
  request.set_service(kSlt);
  const auto capacity =
      Ask<pb::GetCapacityResponse>("GetCapacity", request).value();
  EXPECT_EQ(capacity.demand().value(), "");
  EXPECT_FALSE(capacity.demand().unknown().empty());
  EXPECT_EQ(capacity.target_queue().value(), "");
  EXPECT_EQ(capacity.capacity().value(), "");
  EXPECT_FALSE(capacity.capacity().unknown().empty());
  EXPECT_FALSE(capacity.load().unknown().empty());
  EXPECT_FALSE(capacity.mean_wait().unknown().empty());
  ASSERT_TRUE(Request());
  EXPECT_TRUE(Make());
  EXPECT_FALSE(Get()->unknown().empty());
}

TEST_P(ForecastTest, IsMadeInTheBackgroundAndKept) {
  Fill();
  const std::string id = Request().value();
  EXPECT_EQ(Get(id)->progress_percent(), 0);
  EXPECT_TRUE(Make());
  EXPECT_FALSE(Make()) << "nothing is pending any more";
  const auto forecast = Get().value();
  EXPECT_EQ(forecast.forecast_id(), id);
  EXPECT_EQ(forecast.progress_percent(), 100);
  ASSERT_EQ(forecast.weeks_size(), 8);
  EXPECT_EQ(forecast.queue(), 26);
  EXPECT_GT(forecast.weeks(7).waiting().middle(), 26) << "it grows";
  ASSERT_EQ(forecast.promises_size(), 1);
  EXPECT_TRUE(forecast.promises(0).on_track());
  EXPECT_EQ(forecast.back_tested(), 0);
}

TEST_P(ForecastTest, APromiseWhoseDayHasPassedIsKeptOrMissed) {
  Fill();
  // More than the 40 promised, over 52 weeks on the promised day and after.
  for (int i = 0; i < 80; ++i) {
    Register("long-" + std::to_string(i), "2022-12-01");
  }
  ASSERT_TRUE(Request());
  EXPECT_TRUE(Make());
  EXPECT_FALSE(Get()->promises(0).has_on_track()) << "beyond the weeks";
  Tick(std::chrono::hours(24 * 175));
  ASSERT_TRUE(Request());
  EXPECT_TRUE(Make());
  EXPECT_TRUE(Get()->promises(0).has_on_track());
  EXPECT_FALSE(Get()->promises(0).on_track());
  EXPECT_FALSE(Get()->promises(0).has_chance_percent());
}

TEST_P(ForecastTest, TheSameSeedGivesTheSame) {
  Fill();
  const std::string first = Request().value(), second = Request().value();
  EXPECT_TRUE(Make());
  EXPECT_TRUE(Make());
  auto a = Get(first).value(), b = Get(second).value();
  b.set_forecast_id(a.forecast_id());
  *b.mutable_made_time() = a.made_time();
  EXPECT_EQ(a.SerializeAsString(), b.SerializeAsString());
}

TEST_P(ForecastTest, AServiceThatIsNoMoreIsUnknownAndStopsNothing) {
  ASSERT_TRUE(Request());
  catalogue_ = Catalogue();
  EXPECT_TRUE(Make());
  EXPECT_FALSE(Make());
  EXPECT_FALSE(Get()->unknown().empty());
}

TEST_P(ForecastTest, WhatBecameOfItStandsBesideIt) {
  Fill();
  const std::string id = Request().value();
  EXPECT_TRUE(Make());
  Tick(std::chrono::hours(24 * 15));
  const auto forecast = Get(id).value();
  EXPECT_EQ(forecast.weeks(1).actual_waiting(), 26) << "nothing happened since";
  EXPECT_FALSE(forecast.weeks(2).has_actual_waiting());
  EXPECT_EQ(forecast.back_tested(), 2 * 4);
  EXPECT_LE(forecast.back_tested_within(), forecast.back_tested());
}

TEST_P(ForecastTest, CapacityEventsStandOnTheTimeLine) {
  pb::RecordCapacityEventRequest request;
  pb::CapacityEvent& event = *request.mutable_event();
  event.set_service(kSlt);
  event.set_kind("MATERNITY_LEAVE");
  event.set_from_date("2023-11-01");
  event.set_appointments_per_week(-12);
  const auto record = [&](const rpc::Caller& caller) {
    const auto done = Write<pb::RecordCapacityEventResponse>(
        "RecordCapacityEvent", request, caller);
    return done ? "" : done.error().reason;
  };
  EXPECT_EQ(record(Provider()), "");
  EXPECT_EQ(record(Provider("police")), "NOT_THE_PROVIDER");
  event.set_kind("HOLIDAY");
  EXPECT_EQ(record(Provider()), "CODE_UNKNOWN");
  event.set_kind("LEAVE");
  event.set_until_date("2023-10-31");
  EXPECT_EQ(record(Provider()), "DATE_IMPOSSIBLE");
  pb::GetCapacityRequest asked;
  asked.set_service(kSlt);
  const auto capacity =
      Ask<pb::GetCapacityResponse>("GetCapacity", asked).value();
  ASSERT_EQ(capacity.events_size(), 1);
  EXPECT_EQ(capacity.events(0).provider(), "hospital");
  EXPECT_EQ(capacity.events(0).appointments_per_week(), -12);
}

TEST_P(ForecastTest, WhatIfStatesItsBase) {
  Fill();
  pb::GetWhatIfRequest request;
  request.set_service(kSlt);
  request.set_missed_from_percent(13);
  request.set_missed_to_percent(10);
  request.set_attended(5097);
  request.set_attended_percent(79);
  const auto answer = Ask<pb::GetWhatIfResponse>("GetWhatIf", request).value();
  EXPECT_EQ(answer.freed(), 194);
  EXPECT_NE(answer.base().find("79%"), std::string::npos);
  EXPECT_LE(answer.would_be().waiting().middle(),
            answer.as_is().waiting().middle());
  request.set_missed_to_percent(101);
  EXPECT_EQ(Ask<pb::GetWhatIfResponse>("GetWhatIf", request).error().reason,
            "BAD_FORECAST");
}

TEST_P(ForecastTest, WhatCannotBeForecastIsRefused) {
  EXPECT_EQ(Request(105).error().reason, "BAD_FORECAST");
  EXPECT_EQ(Request(8, 100'001).error().reason, "BAD_FORECAST");
  EXPECT_EQ(Get("F-nobody").error().reason, "FORECAST_NOT_FOUND");
  pb::RequestForecastRequest request;
  request.set_service(kSlt);
  for (const double appointments :
       {std::nan(""), -1.0, 5'001.0, std::numeric_limits<double>::infinity()}) {
    request.set_appointments_per_week(appointments);
    EXPECT_EQ(Write<pb::RequestForecastResponse>("RequestForecast", request)
                  .error()
                  .reason,
              "BAD_FORECAST");
  }
}

TEST_P(ForecastTest, WhatWouldTakeForEverIsRefusedAndSaysWhatFits) {
  pb::RequestForecastRequest request;
  request.set_service(kSlt);
  const auto ask = [&](int runs, int weeks, double appointments) {
    request.set_runs(runs);
    request.set_weeks(weeks);
    if (appointments > 0) request.set_appointments_per_week(appointments);
    return Write<pb::RequestForecastResponse>("RequestForecast", request);
  };
  // As measured: what a week takes at least is known.
  EXPECT_EQ(ask(100'000, 104, 0).error().reason, "FORECAST_TOO_LARGE");
  EXPECT_TRUE(ask(100'000, 20, 0));
  const Error error = ask(100'000, 104, 5'000).error();
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_EQ(error.reason, "FORECAST_TOO_LARGE");
  EXPECT_EQ(error.fields.at(0).path, "runs");
  EXPECT_EQ(error.fields.at(0).description,
            "at most 1923 of 104 weeks with so many appointments");
  EXPECT_EQ(ask(1'924, 104, 5'000).error().reason, "FORECAST_TOO_LARGE");
  EXPECT_TRUE(ask(1'923, 104, 5'000));
  // Nobody who asks for no number of runs asks for too many.
  EXPECT_TRUE(ask(0, 104, 5'000));
}

TEST_P(ForecastTest, AListThatIsTooBusyIsForecastWithFewerRuns) {
  Fill();
  Forecaster forecaster({clock_, catalogue_, *database_, *ledger_,
                         /*most_draws=*/8 * 500 * 100});
  ASSERT_TRUE(Request(8, 200));
  EXPECT_TRUE(forecaster.Step(kArea).value());
  while (ledger_->RunBatch() > 0) {
  }
  EXPECT_EQ(Get()->runs(), 100);
  EXPECT_EQ(Get()->weeks_size(), 8);
}

TEST_P(ForecastTest, AWhatIfIsOfAsManyRunsAsItsCallerCanWaitFor) {
  Fill();
  pb::GetWhatIfRequest request;
  request.set_service(kSlt);
  EXPECT_EQ(Ask<pb::GetWhatIfResponse>("GetWhatIf", request)->runs(), 1'000);
  request.set_weeks(104);
  request.set_appointments_per_week(5'000);
  // Two a week come beside the 5,000.
  EXPECT_EQ(Ask<pb::GetWhatIfResponse>("GetWhatIf", request)->runs(), 192);
  // All of those who are missed now, a hundred times as many, would come.
  request.clear_appointments_per_week();
  request.set_missed_from_percent(99);
  EXPECT_EQ(Ask<pb::GetWhatIfResponse>("GetWhatIf", request)->runs(), 1'000);
}

TEST_P(ForecastTest, AnAgencyThatAskedForManyDelaysNoOther) {
  const auto ask = [&](const std::string& agency) {
    pb::RequestForecastRequest request;
    request.set_service(kSlt);
    request.set_runs(10);
    const auto asked = Write<pb::RequestForecastResponse>(
        "RequestForecast", request, Provider(agency));
    if (asked) return asked->forecast_id();
    EXPECT_GT(asked.error().retry_after.count(), 0);
    return asked.error().reason;
  };
  for (int i = 0; i < kMostPending; ++i)
    EXPECT_TRUE(ask("hospital").starts_with("F-"));
  EXPECT_EQ(ask("hospital"), "QUEUE_FULL");
  const std::string boards = ask("board"), schools = ask("school");
  EXPECT_TRUE(boards.starts_with("F-"));
  // One of each, whoever has the most.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Make());
  EXPECT_EQ(Get(boards)->progress_percent(), 100);
  EXPECT_EQ(Get(schools)->progress_percent(), 100);
  EXPECT_TRUE(ask("hospital").starts_with("F-")) << "one was made";
  EXPECT_EQ(ask("hospital"), "QUEUE_FULL");
  const std::string late = ask("board");
  EXPECT_TRUE(Make());
  EXPECT_TRUE(Make());
  EXPECT_EQ(Get(late)->progress_percent(), 100);
}

TEST_P(ForecastTest, WhatIsAskedForTogetherIsCountedTogether) {
  std::vector<std::string> reasons;
  const auto caller = Provider();
  for (int i = 0; i < kMostPending + 5; ++i) {
    pb::RequestForecastRequest request;
    request.set_area(kArea);
    request.set_service(kSlt);
    request.set_request_id("f-" + std::to_string(i));
    const rpc::Call call = CallOf("RequestForecast", caller);
    ledger::Write write;
    write.area = kArea;
    write.access = {caller.actor(), call.method};
    write.request_id = request.request_id();
    write.request_hash = "h";
    write.work = methods_.all().at(call.method).prepare(call, request).value();
    write.done = [&](Result<std::string> answer, bool) {
      reasons.push_back(answer ? "OK" : answer.error().reason);
    };
    ledger_->Submit(std::move(write));
  }
  const std::size_t answered = ledger_->RunBatch();
  ASSERT_EQ(answered, kMostPending + 5u) << "one batch";
  EXPECT_EQ(std::count(reasons.begin(), reasons.end(), "OK"), kMostPending);
  EXPECT_EQ(reasons.back(), "QUEUE_FULL");
}

TEST_P(ForecastTest, WatchersAreToldOfChangesAlone) {
  Register("a", "2023-08-01");
  pb::WatchDashboardRequest request;
  request.set_area(kArea);
  const auto& follow =
      methods_.all().at("seawall.waiting.v1.WaitingService/WatchDashboard");
  const rpc::Call call = CallOf("WatchDashboard", Provider("board"));
  const auto next = [&](std::optional<std::int64_t> position) {
    store::Reader reader = database_->Read().value();
    rpc::Reading reading(call, reader, nullptr);
    return follow.follow(reading, request, position).value();
  };
  const auto first = next({});
  ASSERT_TRUE(first);
  EXPECT_FALSE(next(first->to));
  ASSERT_TRUE(Attend("a", "2023-09-01", pb::ATTENDANCE_ATTENDED));
  const auto second = next(first->to);
  ASSERT_TRUE(second);
  pb::WatchDashboardResponse told;
  told.ParseFromString(second->bytes);
  EXPECT_EQ(told.dashboard().rows(0).waiting().value(), "0");
  EXPECT_EQ(told.position(), second->to);
}

}  // namespace
}  // namespace seawall::waiting
