// Capacity, forecasts and what-if: what a list needs and where it goes.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "services/waiting/handler.h"

namespace seawall::waiting {
namespace {

using std::chrono::days;

constexpr int kUsualWindow = 26;
constexpr int kMostWeeks = 104;
constexpr int kMostRuns = 100'000;
constexpr int kWhatIfRuns = 1'000;
// Of each of its two sides: its caller waits for it.
constexpr double kMostWhatIfDraws = 1e8;
// A week, at one service.
constexpr double kMostAppointments = 5'000;
constexpr std::int64_t kMostAttended = 1'000'000'000;

Error Bad(const char* reason, const char* field, const char* message) {
  return Error{Code::kInvalidArgument, reason, message, {{field, message}}};
}

void Set(double value, const char* unit, pb::Quantity& to) {
  to.set_value(absl::StrFormat("%.2f", value));
  to.set_unit(unit);
}
void Set(const Known<double>& known, const char* unit, pb::Quantity& to) {
  if (known) return Set(*known, unit, to);
  to.set_unit(unit);
  to.set_unknown(known.unknown);
}
void Set(const Known<PerWeek>& known, pb::Quantity& to) {
  Set(known ? Known<double>((*known).value) : Known<double>::Not(known.unknown),
      "per week", to);
}

void ShowQueue(const Flow& flow, double factor, pb::GetCapacityResponse& to) {
  const Weeks target(to.target_weeks());
  const Known<PerWeek> demand = Demand(flow), capacity = CapacityOf(flow);
  const Known<Weeks> mean = MeanWait(flow);
  Set(demand, *to.mutable_demand());
  Set(capacity, *to.mutable_capacity());
  Set(Load(*demand, capacity), "", *to.mutable_load());
  Set(factor, "", *to.mutable_factor());
  const double target_queue = TargetQueue(*demand, target, factor);
  Set(target_queue, "referrals", *to.mutable_target_queue());
  const auto relief =
      ReliefCapacity(*demand, static_cast<double>(flow.queue), target_queue);
  Set(relief ? Known<PerWeek>(*relief)
             : Known<PerWeek>::Not(
                   "not called for: the queue is at most twice its target"),
      *to.mutable_relief_capacity());
  Set(mean ? Known<double>((*mean).value) : Known<double>::Not(mean.unknown),
      "weeks", *to.mutable_mean_wait());
  Set(Pressure(mean, target), "", *to.mutable_pressure());
  Set(TargetCapacity(*demand, flow.arrival_variation, flow.removal_variation,
                     target, factor),
      *to.mutable_target_capacity());
}

// Of a list of which nothing was ever pushed nothing is 0.
void ShowUnknown(pb::GetCapacityResponse& to) {
  for (pb::Quantity* one :
       {to.mutable_demand(), to.mutable_capacity(), to.mutable_load(),
        to.mutable_target_queue(), to.mutable_relief_capacity(),
        to.mutable_mean_wait(), to.mutable_pressure(),
        to.mutable_target_capacity()}) {
    one->set_unknown("nothing was ever pushed of this list");
  }
}

// As far as it can be known before the lists are looked at.
Result<void> CheckDraws(const pb::RequestForecastRequest& request) {
  Scenario asked;
  asked.weeks = request.weeks() ? request.weeks() : kUsualWeeks;
  asked.runs = request.runs();
  asked.appointments = {request.appointments_per_week()};
  asked.missed_share = request.missed_percent() / 100.0;
  const int most = RunsWithin(asked, kMostDraws);
  if (asked.runs <= most) return {};
  return Error{Code::kInvalidArgument,
               "FORECAST_TOO_LARGE",
               "runs × weeks × appointments a week are at most 1,000,000,000, "
               "a week counted as 500 at least; ask for fewer of them",
               {{"runs", absl::StrCat("at most ", most, " of ", asked.weeks,
                                      " weeks with so many appointments")}}};
}

Error TooManyPending() {
  return Error{Code::kResourceExhausted,
               "QUEUE_FULL",
               absl::StrCat(kMostPending,
                            " forecasts of your agency are not made yet; ask "
                            "again after the delay given"),
               {},
               std::chrono::seconds(2)};
}

Result<void> CheckForecast(const pb::RequestForecastRequest& request) {
  if (request.weeks() < 0 || request.weeks() > kMostWeeks) {
    return Bad("BAD_FORECAST", "weeks", "0 (for 26) to 104");
  }
  if (request.runs() < 0 || request.runs() > kMostRuns) {
    return Bad("BAD_FORECAST", "runs", "0 (for 10,000) to 100,000");
  }
  // No number (NaN) is refused too.
  if (!(request.appointments_per_week() >= 0 &&
        request.appointments_per_week() <= kMostAppointments)) {
    return Bad("BAD_FORECAST", "appointments_per_week", "0 to 5,000");
  }
  if (request.missed_percent() < 0 || request.missed_percent() > 100) {
    return Bad("BAD_FORECAST", "missed_percent", "0 to 100");
  }
  return CheckDraws(request);
}

Result<void> CheckEvent(const Catalogue& catalogue,
                        const pb::CapacityEvent& event,
                        const std::string& provider) {
  TRY(const Service* service, FindService(catalogue, event.service()));
  if (!service->Provides(provider)) {
    return Error{Code::kPermissionDenied, "NOT_THE_PROVIDER",
                 "the service's providers do not name this agency"};
  }
  if (!catalogue.Knows("capacity", event.kind())) {
    return Bad("CODE_UNKNOWN", "event.kind",
               "no such code in data/waiting_services.json");
  }
  const auto from = ParseDate(event.from_date());
  const auto until = ParseDate(event.until_date());
  const bool open = event.until_date().empty();
  if (!from || (!open && (!until || *until < *from))) {
    return Bad("DATE_IMPOSSIBLE", "event.from_date",
               "days such as 2023-12-31, the first before the last");
  }
  return {};
}

}  // namespace

Result<pb::GetCapacityResponse> Waiting::GetCapacity(
    const Call& call, const pb::GetCapacityRequest& request) {
  TRY(const Service* service, FindService(parts_.catalogue, request.service()));
  TRY(const Date census,
      CensusOf(request.census_date(), CivilDate(parts_.clock.Now())));
  const int window =
      request.window_weeks() ? request.window_weeks() : kUsualWindow;
  if (window < 1 || window > 10 * kMostWeeks) {
    return Bad("BAD_PERIOD", "window_weeks", "0 (for 26) to 1,040");
  }
  Known<double> factor = kUsualFactor;
  if (request.share_percent()) {
    factor = FactorFor(request.share_percent() / 100.0);
    if (!factor) return Bad("BAD_PERIOD", "share_percent", "1 to 99");
  }
  TRY(store::Reader reader, parts_.database.Read(/*unbounded=*/true));
  const auto records = store::RecordsOf(reader, call.area);
  TRY(const auto rows, ScanFlow(*records, service->id, service->clock));
  const Flow flow = MeasureFlow(rows, census, window);
  pb::GetCapacityResponse response;
  response.set_service(service->id);
  response.set_clock(service->clock);
  response.set_census_date(FormatDate(census));
  response.set_window_weeks(window);
  response.set_target_weeks(service->target_weeks);
  response.set_arrivals(flow.arrivals);
  response.set_removals(flow.removals);
  response.set_queue(flow.queue);
  response.set_days_with_queue(flow.days_with_queue);
  response.set_refused(flow.refused);
  if (service->has_list && !rows.empty()) {
    ShowQueue(flow, *factor, response);
  } else {
    ShowUnknown(response);
  }
  TRY(const auto events, CapacityEventsOf(*records, service->id));
  for (const pb::CapacityEvent& event : events) *response.add_events() = event;
  return response;
}

Result<rpc::Work<pb::RecordCapacityEventResponse>> Waiting::RecordCapacityEvent(
    const Call& call, const pb::RecordCapacityEventRequest& request) {
  pb::CapacityEvent event = request.event();
  event.set_provider(call.caller.agency);
  TRY_VOID(CheckEvent(parts_.catalogue, event, event.provider()));
  return rpc::Work<pb::RecordCapacityEventResponse>(
      [event](ledger::Unit& unit) -> Result<pb::RecordCapacityEventResponse> {
        pb::CapacityChanged changed;
        changed.set_service(event.service());
        changed.set_provider(event.provider());
        changed.set_kind(event.kind());
        changed.set_from_date(event.from_date());
        changed.set_until_date(event.until_date());
        pb::RecordCapacityEventResponse response;
        response.set_position(unit.Record(changed, unit.clock()));
        AddCapacityEvent(unit.Records(), event, response.position());
        return response;
      });
}

Result<rpc::Work<pb::RequestForecastResponse>> Waiting::RequestForecast(
    const Call& call, const pb::RequestForecastRequest& request) {
  TRY(const Service* service, FindService(parts_.catalogue, request.service()));
  TRY_VOID(CheckForecast(request));
  pb::RequestForecastRequest asked = request;
  asked.set_service(service->id);
  ForecastRow row = Asking(call.caller.agency, std::move(asked));
  return rpc::Work<pb::RequestForecastResponse>(
      [this, row](ledger::Unit& unit) -> Result<pb::RequestForecastResponse> {
        TRY(const auto pending, CountPending(unit.Records(), row.agency));
        if (pending >= kMostPending) return TooManyPending();
        ForecastRow asked = row;
        asked.forecast_id = parts_.ids.New("F");
        pb::ForecastMade event;
        event.set_forecast_id(asked.forecast_id);
        event.set_service(asked.service);
        asked.position = unit.Record(event, unit.clock());
        unit.Records().Insert(kForecasts, asked);
        pb::RequestForecastResponse response;
        response.set_forecast_id(asked.forecast_id);
        return response;
      });
}

Result<void> Waiting::BackTest(store::Reader& reader, const std::string& area,
                               pb::GetForecastResponse& forecast) {
  const Date today = CivilDate(parts_.clock.Now());
  int tested = 0, within = 0;
  const auto compare = [&](const pb::Range& range, std::int64_t actual) {
    ++tested;
    within += range.low() <= actual && actual <= range.high();
  };
  for (pb::ForecastWeek& week : *forecast.mutable_weeks()) {
    const auto date = ParseDate(week.date());
    if (!date || *date >= today) break;
    std::int64_t position = 0;
    TRY(auto pictures,
        lists_.Ask(reader, {area, forecast.clock(), *date, *date - days(7)},
                   position));
    const Histogram& waiting = pictures[forecast.service()].waiting;
    week.set_actual_waiting(StockOf(waiting, *date, {}).waiting);
    compare(week.waiting(), week.actual_waiting());
    for (pb::RangeOver& over : *week.mutable_over()) {
      over.set_actual(
          StockOf(waiting, *date, {over.threshold_weeks()}).over[0]);
      compare(over.over(), over.actual());
    }
  }
  forecast.set_back_tested(tested);
  forecast.set_back_tested_within(within);
  return {};
}

Result<pb::GetForecastResponse> Waiting::GetForecast(
    const Call& call, const pb::GetForecastRequest& request) {
  TRY(store::Reader reader, parts_.database.Read(/*unbounded=*/true));
  const auto records = store::RecordsOf(reader, call.area);
  TRY(const ForecastRow row,
      FindForecast(*records, request.forecast_id(), request.service()));
  pb::GetForecastResponse response = MadeOf(row);
  if (response.forecast_id().empty()) {
    response.set_forecast_id(row.forecast_id);
    response.set_service(row.service);
    response.set_progress_percent(
        parts_.forecaster ? parts_.forecaster->ProgressOf(row.forecast_id) : 0);
    return response;
  }
  TRY_VOID(BackTest(reader, call.area, response));
  return response;
}

Result<pb::GetWhatIfResponse> Waiting::GetWhatIf(
    const Call& call, const pb::GetWhatIfRequest& request) {
  TRY(const Service* service, FindService(parts_.catalogue, request.service()));
  pb::RequestForecastRequest bounds;
  bounds.set_weeks(request.weeks());
  bounds.set_appointments_per_week(request.appointments_per_week());
  bounds.set_missed_percent(request.missed_from_percent());
  TRY_VOID(CheckForecast(bounds));
  if (request.missed_to_percent() < 0 || request.missed_to_percent() > 100 ||
      request.missed_from_percent() == 100 || request.attended() < 0 ||
      request.attended() > kMostAttended || request.attended_percent() < 0 ||
      request.attended_percent() > 100) {
    return Bad("BAD_FORECAST", "missed_to_percent",
               "shares are 0 to 100, and not all may be missed now");
  }
  pb::GetWhatIfResponse response;
  if (request.attended() > 0 && request.attended_percent() > 0) {
    response.set_freed(FreedAppointments(
        request.attended(), request.attended_percent(),
        request.missed_from_percent(), request.missed_to_percent()));
    response.set_base(absl::StrCat(request.attended(), " attended are ",
                                   request.attended_percent(),
                                   "% of the base of the missed share"));
  }
  const Date today = CivilDate(parts_.clock.Now());
  Outlook outlook;
  {
    TRY(store::Reader reader, parts_.database.Read(/*unbounded=*/true));
    const auto records = store::RecordsOf(reader, call.area);
    TRY(outlook, LookAt(*records, parts_.catalogue, *service, today));
  }
  Scenario& scenario = outlook.scenario;
  if (request.appointments_per_week() > 0) outlook.unknown.clear();
  response.set_unknown(outlook.unknown);
  if (!outlook.unknown.empty()) return response;
  scenario.weeks = request.weeks() ? request.weeks() : kUsualWindow;
  scenario.seed = request.seed();
  // Those measured were kept: so many more were booked.
  const double missed = request.missed_from_percent() / 100.0;
  scenario.appointments = {scenario.appointments.value / (1 - missed)};
  scenario.missed_share = missed;
  Scenario would_be = scenario;
  would_be.missed_share = request.missed_to_percent() / 100.0;
  if (request.appointments_per_week() > 0)
    would_be.appointments = {request.appointments_per_week()};
  // Both sides of as many runs.
  scenario.runs = kWhatIfRuns;
  would_be.runs = RunsWithin(scenario, kMostWhatIfDraws);
  scenario.runs = would_be.runs = RunsWithin(would_be, kMostWhatIfDraws);
  response.set_runs(scenario.runs);
  const Date end = today + days(7 * scenario.weeks);
  const std::vector<int>& thresholds = scenario.threshold_weeks;
  Show(Simulate(scenario).weeks.back(), thresholds, end,
       *response.mutable_as_is());
  Show(Simulate(would_be).weeks.back(), thresholds, end,
       *response.mutable_would_be());
  return response;
}

}  // namespace seawall::waiting
