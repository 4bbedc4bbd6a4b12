#include "services/waiting/forecaster.h"

#include <absl/strings/str_format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "libs/base/thread.h"
#include "libs/log/guard.h"
#include "seawall/waiting/v1/events.pb.h"
#include "services/waiting/duties.h"
#include "services/waiting/store.h"

namespace seawall::waiting {
namespace {

using std::chrono::days;

constexpr int kWindowWeeks = 26;
constexpr int kEven = 50;  // percent

void Show(double value, const char* unit, pb::Quantity& to) {
  to.set_value(absl::StrFormat("%.2f", value));
  to.set_unit(unit);
}

void Show(const Range& range, int divisor, pb::Range& to) {
  to.set_low(range.low / divisor);
  to.set_middle(range.middle / divisor);
  to.set_high(range.high / divisor);
}

std::size_t PlaceOf(const std::vector<int>& all, int one) {
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), one) -
                                  all.begin());
}

// When half of the runs meet it, and how many do by its day.
void Project(const Promise& promise, const Scenario& scenario,
             const Simulated& simulated, Date today,
             pb::PromiseProjection& to) {
  to.set_promise(promise.id);
  const std::size_t threshold =
      PlaceOf(scenario.threshold_weeks, promise.threshold_weeks);
  for (std::size_t week = 0; week < simulated.weeks.size(); ++week) {
    if (simulated.weeks[week].over[threshold].middle > promise.at_most) {
      continue;
    }
    to.set_projected_date(
        FormatDate(today + days(7 * static_cast<int>(week + 1))));
    break;
  }
  // Otherwise unknown, unless its day tells.
  if (!to.projected_date().empty()) to.set_on_track(true);
  if (!promise.by) return;
  if (*promise.by <= today) {
    // Its day has passed: it is kept now, or it was missed.
    const auto over = std::count_if(
        scenario.queue.begin(), scenario.queue.end(), [&](const Waiter& one) {
          return one.days > 7 * promise.threshold_weeks;
        });
    to.set_on_track(over <= promise.at_most);
    return;
  }
  const auto week =
      static_cast<std::size_t>(((*promise.by - today).count() + 6) / 7) - 1;
  if (week >= simulated.weeks.size()) return;
  const int chance = simulated.ChancePercent(threshold, week, promise.at_most);
  to.set_chance_percent(chance);
  to.set_on_track(chance >= kEven);
}

// Asked for before the catalogue was changed.
pb::GetForecastResponse NoSuchService(const ForecastRow& row) {
  pb::GetForecastResponse made;
  made.set_forecast_id(row.forecast_id);
  made.set_service(row.service);
  made.set_unknown("the catalogue has no such service any more");
  made.set_progress_percent(100);
  return made;
}

}  // namespace

std::vector<int> ThresholdsOf(const Service& service) {
  std::vector<int> thresholds = service.threshold_weeks;
  for (const Promise& promise : service.promises) {
    if (PlaceOf(thresholds, promise.threshold_weeks) == thresholds.size()) {
      thresholds.push_back(promise.threshold_weeks);
    }
  }
  return thresholds;
}

Result<Outlook> LookAt(const store::Records& records,
                       const Catalogue& catalogue, const Service& service,
                       Date today) {
  Outlook outlook;
  outlook.scenario.threshold_weeks = ThresholdsOf(service);
  TRY(const auto rows, ScanWaiting(records, service.id));
  for (const WaitingReferral& row : rows) {
    const std::vector<Wait> waits = WaitsOf(row.history);
    const Wait* open = OpenWait(waits);
    if (!open || open->clock != service.clock || open->start > today) continue;
    const Urgency urgency = UrgencyOf(row.history, catalogue, today);
    outlook.scenario.queue.push_back(
        {DaysBetween(open->start, today),
         urgency.expedited ? 0 : urgency.risk_order});
  }
  TRY(const auto flow_rows, ScanFlow(records, service.id, service.clock));
  const Flow flow = MeasureFlow(flow_rows, today, kWindowWeeks);
  const Known<PerWeek> demand = Demand(flow), capacity = CapacityOf(flow);
  if (demand) outlook.scenario.demand = *demand;
  if (capacity) {
    outlook.scenario.appointments = *capacity;
  } else {
    outlook.unknown = "capacity: " + capacity.unknown;
  }
  return outlook;
}

void Show(const WeekAhead& week, const std::vector<int>& thresholds, Date date,
          pb::ForecastWeek& to) {
  to.set_date(FormatDate(date));
  Show(week.waiting, 1, *to.mutable_waiting());
  Show(week.longest_days, 7, *to.mutable_longest_weeks());
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    pb::RangeOver& over = *to.add_over();
    over.set_threshold_weeks(thresholds[i]);
    Show(week.over[i], 1, *over.mutable_over());
  }
}

Forecaster::~Forecaster() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Forecaster::Wake(const std::string& area) {
  {
    const std::lock_guard lock(mutex_);
    areas_.insert(area);
    if (!thread_.joinable())
      thread_ = NamedThread("forecaster", [this] { Loop(); });
  }
  woken_.notify_one();
}

void Forecaster::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_.wait(lock, [this] { return stopping_ || !areas_.empty(); });
    const std::set<std::string> areas = std::exchange(areas_, {});
    lock.unlock();
    for (const std::string& area : areas) {
      // What fails now is pending still when woken next.
      log::Guard("forecaster", [&] { (void)Step(area); });
    }
    lock.lock();
  }
}

bool Forecaster::Progress(const std::string& forecast_id, int runs, int of) {
  const std::lock_guard lock(mutex_);
  making_ = forecast_id;
  percent_ = static_cast<int>(100LL * runs / std::max(of, 1));
  return !stopping_;
}

int Forecaster::ProgressOf(const std::string& forecast_id) const {
  const std::lock_guard lock(mutex_);
  return forecast_id == making_ ? percent_ : 0;
}

Result<bool> Forecaster::Step(const std::string& area) {
  std::vector<ForecastRow> pending;
  {
    TRY(store::Reader reader, parts_.database.Read());
    TRY(pending, PendingForecasts(*store::RecordsOf(reader, area)));
  }
  if (pending.empty()) return false;
  // Round and round in the order of their names.
  std::string& served = served_[area];
  const auto after =
      std::find_if(pending.begin(), pending.end(),
                   [&](const ForecastRow& row) { return row.agency > served; });
  const ForecastRow& next = after == pending.end() ? pending.front() : *after;
  served = next.agency;
  TRY(auto made, Make(area, next));
  if (made.forecast_id().empty()) return false;  // stopping
  Store(area, std::move(made));
  return true;
}

Result<pb::GetForecastResponse> Forecaster::Make(const std::string& area,
                                                 const ForecastRow& row) {
  const pb::RequestForecastRequest asked = AskedOf(row);
  const Instant now = parts_.clock.Now();
  const Date today = CivilDate(now);
  const Service* found = parts_.catalogue.Find(row.service);
  if (!found) return NoSuchService(row);
  const Service& service = *found;
  Outlook outlook;
  {
    TRY(store::Reader reader, parts_.database.Read(/*unbounded=*/true));
    TRY(outlook, LookAt(*store::RecordsOf(reader, area), parts_.catalogue,
                        service, today));
  }
  Scenario& scenario = outlook.scenario;
  scenario.weeks = asked.weeks() ? asked.weeks() : kUsualWeeks;
  scenario.runs = asked.runs() ? asked.runs() : kUsualRuns;
  scenario.seed = asked.seed();
  if (asked.has_appointments_per_week()) {
    scenario.appointments = {asked.appointments_per_week()};
    scenario.missed_share = asked.missed_percent() / 100.0;
    outlook.unknown.clear();
  }
  scenario.runs = RunsWithin(scenario, parts_.most_draws);
  pb::GetForecastResponse made;
  made.set_service(service.id);
  made.set_clock(service.clock);
  made.set_census_date(FormatDate(today));
  *made.mutable_made_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(ToMicros(now));
  made.set_seed(scenario.seed);
  made.set_runs(scenario.runs);
  made.set_queue(static_cast<std::int64_t>(scenario.queue.size()));
  made.set_unknown(outlook.unknown);
  if (outlook.unknown.empty()) {
    Show(scenario.demand.value, "per week", *made.mutable_demand());
    Show(scenario.appointments.value, "per week", *made.mutable_appointments());
    const Simulated simulated = Simulate(scenario, [&](int runs) {
      return Progress(row.forecast_id, runs, scenario.runs);
    });
    if (simulated.weeks.empty()) return pb::GetForecastResponse();
    for (std::size_t i = 0; i < simulated.weeks.size(); ++i) {
      Show(simulated.weeks[i], scenario.threshold_weeks,
           today + days(7 * static_cast<int>(i + 1)), *made.add_weeks());
    }
    for (const Promise& promise : service.promises) {
      if (promise.clock != service.clock) continue;
      Project(promise, scenario, simulated, today, *made.add_promises());
    }
  }
  made.set_forecast_id(row.forecast_id);
  made.set_progress_percent(100);
  return made;
}

void Forecaster::Store(const std::string& area, pb::GetForecastResponse made) {
  ledger::Write write;
  write.area = area;
  write.access.actor = {"waiting", "forecaster", "service", ""};
  write.access.action = "seawall.waiting.v1.WaitingService/RequestForecast";
  write.request_id = "made-" + made.forecast_id();
  write.request_hash = made.forecast_id();
  write.done = [](Result<std::string>, bool) {};
  write.work =
      [made = std::move(made)](ledger::Unit& unit) -> Result<std::string> {
    TRY_VOID(FinishForecast(unit.Records(), made));
    pb::ForecastMade event;
    event.set_forecast_id(made.forecast_id());
    event.set_service(made.service());
    event.set_done(true);
    unit.Record(event, unit.clock());
    return std::string();
  };
  parts_.ledger.Submit(std::move(write));
}

}  // namespace seawall::waiting
