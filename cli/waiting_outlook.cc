#include "cli/waiting_outlook.h"

#include <seawall/waiting/v1/waiting.pb.h>

#include <CLI/CLI.hpp>
#include <thread>

#include "cli/errors.h"
#include "cli/methods.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using namespace waiting::v1;  // NOLINT: every name below is of the contract

struct OutlookFlags {
  std::string service;
  std::string census;
  std::string id;
  int weeks = 0;
  int runs = 0;
  std::uint64_t seed = 0;
  double appointments = 0;
  int missed = 0;
  int missed_to = 0;
  std::int64_t attended = 0;
  int attended_percent = 0;
  bool make = false;
};

std::string Shown(const Quantity& quantity) {
  if (quantity.value().empty()) return "unknown: " + Plain(quantity.unknown());
  return quantity.value() +
         (quantity.unit().empty() ? "" : " " + quantity.unit());
}

std::string Shown(const Range& range) {
  return std::to_string(range.low()) + " – " + std::to_string(range.middle()) +
         " – " + std::to_string(range.high());
}

Result<int> Capacity(Session& session, const OutlookFlags& flags) {
  GetCapacityRequest request;
  request.set_service(flags.service);
  request.set_census_date(flags.census);
  TRY(const auto capacity,
      session.Ask<GetCapacityResponse>(kGetCapacity, request));
  if (session.json()) {
    session.Print(capacity);
    return kDone;
  }
  Table table({{"of " + capacity.service() + " on " + capacity.census_date()},
               {"", false, true}});
  table.Add({"waiting", Count(capacity.queue())});
  table.Add({"came, left in the window",
             Count(capacity.arrivals()) + ", " + Count(capacity.removals())});
  table.Add({"demand", Shown(capacity.demand())});
  table.Add({"capacity", Shown(capacity.capacity())});
  table.Add({"load (should be below 1)", Shown(capacity.load())});
  table.Add({"target", std::to_string(capacity.target_weeks()) + " weeks"});
  table.Add({"target queue", Shown(capacity.target_queue())});
  table.Add({"relief capacity", Shown(capacity.relief_capacity())});
  table.Add({"target capacity", Shown(capacity.target_capacity())});
  table.Add({"mean wait", Shown(capacity.mean_wait())});
  table.Add({"pressure (should be below 1)", Shown(capacity.pressure())});
  for (const CapacityEvent& event : capacity.events()) {
    table.Add({event.from_date() + " to " + event.until_date(),
               Plain(event.provider()) + ": " + event.kind() + ", " +
                   std::to_string(event.appointments_per_week()) +
                   " appointments a week"});
  }
  table.Print(session.out(), session.console().out_width);
  return kDone;
}

// Asks for it and waits, drawing how far it is.
Result<void> Make(Session& session, const OutlookFlags& flags,
                  std::string& id) {
  RequestForecastRequest request;
  request.set_service(flags.service);
  request.set_weeks(flags.weeks);
  request.set_runs(flags.runs);
  request.set_seed(flags.seed);
  if (flags.appointments > 0) {
    request.set_appointments_per_week(flags.appointments);
    request.set_missed_percent(flags.missed);
  }
  TRY(const auto asked,
      session.Ask<RequestForecastResponse>(kRequestForecast, request));
  id = asked.forecast_id();
  Progress progress(session.console().err, session.console().err_width,
                    "forecast", 100);
  for (int percent = 0; percent < 100;) {
    GetForecastRequest look;
    look.set_forecast_id(id);
    TRY(const auto forecast,
        session.Ask<GetForecastResponse>(kGetForecast, look));
    progress.Add(forecast.progress_percent() - percent);
    percent = forecast.progress_percent();
    if (percent < 100) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }
  progress.Clear();
  return {};
}

void PrintForecast(const GetForecastResponse& forecast, Session& session) {
  std::ostream& out = session.out();
  out << "Forecast " << forecast.forecast_id() << " of " << forecast.service()
      << ", made from the list of " << forecast.census_date() << ", "
      << Count(forecast.runs()) << " runs, seed " << forecast.seed()
      << ": low – middle – high (nine of ten runs)\n\n";
  Table table({{"week of"},
               {"waiting", true},
               {"became", true},
               {"longest weeks", true},
               {"over 18", true},
               {"over 52", true}});
  for (const ForecastWeek& week : forecast.weeks()) {
    const auto over = [&](int weeks) {
      for (const RangeOver& one : week.over()) {
        if (one.threshold_weeks() == weeks) return Shown(one.over());
      }
      return std::string();
    };
    table.Add({week.date(), Shown(week.waiting()),
               week.has_actual_waiting() ? Count(week.actual_waiting()) : "",
               Shown(week.longest_weeks()), over(18), over(52)});
  }
  table.Print(out, session.console().out_width);
  for (const PromiseProjection& promise : forecast.promises()) {
    out << "  promise " << promise.promise() << ": "
        << (!promise.has_on_track() ? "unknown, its day is too far"
            : promise.on_track()    ? "on track"
                                    : "NOT ON TRACK")
        << (promise.projected_date().empty()
                ? ""
                : ", met about " + promise.projected_date())
        << (promise.has_chance_percent()
                ? ", chance " + std::to_string(promise.chance_percent()) + "%"
                : "")
        << '\n';
  }
  if (forecast.back_tested() > 0) {
    out << "  of " << Counted(forecast.back_tested(), "figure")
        << " whose day has passed, " << Count(forecast.back_tested_within())
        << " lay within\n";
  }
}

Result<int> Forecast(Session& session, const OutlookFlags& flags) {
  GetForecastRequest request;
  request.set_service(flags.service);
  request.set_forecast_id(flags.id);
  if (flags.make) {
    TRY_VOID(Make(session, flags, *request.mutable_forecast_id()));
  }
  TRY(const auto forecast,
      session.Ask<GetForecastResponse>(kGetForecast, request));
  if (session.json()) {
    session.Print(forecast);
  } else if (!forecast.unknown().empty()) {
    session.out() << "unknown: " << Plain(forecast.unknown()) << '\n';
  } else {
    PrintForecast(forecast, session);
  }
  return kDone;
}

Result<int> WhatIf(Session& session, const OutlookFlags& flags) {
  GetWhatIfRequest request;
  request.set_service(flags.service);
  request.set_appointments_per_week(flags.appointments);
  request.set_missed_from_percent(flags.missed);
  request.set_missed_to_percent(flags.missed_to);
  request.set_attended(flags.attended);
  request.set_attended_percent(flags.attended_percent);
  request.set_weeks(flags.weeks);
  request.set_seed(flags.seed);
  TRY(const auto answer, session.Ask<GetWhatIfResponse>(kGetWhatIf, request));
  if (session.json()) {
    session.Print(answer);
    return kDone;
  }
  std::ostream& out = session.out();
  if (!answer.base().empty()) {
    out << Count(answer.freed()) << " appointments freed ("
        << Plain(answer.base()) << ")\n";
  }
  if (!answer.unknown().empty()) {
    out << "unknown: " << Plain(answer.unknown()) << '\n';
    return kDone;
  }
  out << "On " << answer.as_is().date()
      << " wait, low – middle – high: " << Shown(answer.as_is().waiting())
      << " as it is, " << Shown(answer.would_be().waiting())
      << " as it would be\n";
  return kDone;
}

CLI::App& Add(const Commands& commands, CLI::App& group,
              const CommandHelp& help,
              const std::shared_ptr<OutlookFlags>& flags,
              Result<int> (*run)(Session&, const OutlookFlags&)) {
  CLI::App& app = AddCommand(
      commands, group, help,
      [flags, run](Session& session) { return run(session, *flags); });
  app.add_option("SERVICE", flags->service, "Such as slt")->required();
  return app;
}

}  // namespace

void AddWaitingOutlook(const Commands& commands, CLI::App& group) {
  const auto capacity = std::make_shared<OutlookFlags>();
  Add(commands, group,
      {"capacity", "Demand, capacity and what a service's queue needs",
       "  seawall --as board waiting capacity slt --census 2023-12-31"},
      capacity, Capacity)
      .add_option("--census", capacity->census, "Default: today");

  const auto forecast = std::make_shared<OutlookFlags>();
  CLI::App& ahead =
      Add(commands, group,
          {"forecast", "A list's forecast: the latest, or a new one",
           "  seawall --as hospital waiting forecast slt --make --weeks 26\n"
           "  seawall --as board waiting forecast slt"},
          forecast, Forecast);
  ahead.add_flag("--make", forecast->make, "Make a new one");
  ahead.add_option("--id", forecast->id, "One made before");
  ahead.add_option("--weeks", forecast->weeks, "Default: 26");
  ahead.add_option("--runs", forecast->runs, "Default: 10,000");
  ahead.add_option("--seed", forecast->seed,
                   "The same seed, the same forecast");
  ahead.add_option("--appointments", forecast->appointments,
                   "A week; default: as measured");
  ahead.add_option("--missed", forecast->missed,
                   "Percent of those that nobody comes to");

  const auto what_if = std::make_shared<OutlookFlags>();
  CLI::App& other =
      Add(commands, group,
          {"what-if", "What other appointments, or fewer missed, come to",
           "  seawall --as board waiting what-if slt --missed 13 --missed-to "
           "10 --attended 5097 --attended-percent 79"},
          what_if, WhatIf);
  other.add_option("--appointments", what_if->appointments,
                   "A week; default: as measured");
  other.add_option("--missed", what_if->missed, "Percent missed now");
  other.add_option("--missed-to", what_if->missed_to, "Percent missed then");
  other.add_option("--attended", what_if->attended, "Attended in a period");
  other.add_option("--attended-percent", what_if->attended_percent,
                   "What share of the base that is: 79 of all booked");
  other.add_option("--weeks", what_if->weeks, "Default: 26");
  other.add_option("--seed", what_if->seed, "Default: 0");
}

}  // namespace seawall::cli
