#include "services/waiting/gauges.h"

#include <limits>

namespace seawall::waiting {
namespace {

using std::chrono::days;

// Looked back window by window until everybody was seen, so far at most.
constexpr int kWindowDays = 400;
constexpr days kEarliest{40 * 366};
// What time alone changes is looked at so often.
constexpr std::chrono::seconds kUnchanged{60};
constexpr char kMet[] = "met";
constexpr char kOpen[] = "open";
constexpr char kMissed[] = "missed";

std::string Suffix(const std::string& service) { return "service=" + service; }

Result<std::map<std::string, std::int64_t>> ByService(
    const counters::Definitions& definitions, const std::string& measure,
    const std::string& area, Date today, counters::Projector& projector) {
  std::int64_t behind = 0;
  counters::FiguresQuery query{area, {measure}, today, today, "service", today};
  TRY(const auto figures, counters::ComputeFigures(
                              definitions, counters::Populations(), query,
                              counters::FromCounters(projector, area, behind)));
  std::map<std::string, std::int64_t> values;
  for (const counters::Figure& figure : figures) {
    values[figure.group_value] = figure.numerator.value_or(0);
  }
  return values;
}

}  // namespace

Result<std::map<std::string, Histogram>> ReadHistograms(
    const Catalogue& catalogue, const std::string& area, Date today,
    counters::Projector& projector) {
  const auto& services = catalogue.services();
  std::vector<std::string> names;
  for (const Service& service : services) {
    names.push_back("waiting|total|" + Suffix(service.id));
  }
  TRY(const auto totals, projector.Read(area, names));
  std::int64_t left = 0;
  for (const std::int64_t total : totals.values) left += total;
  std::map<std::string, Histogram> histograms;
  for (const Service& service : services) histograms[service.id];
  for (Date day = today; left > 0 && day > today - kEarliest;
       day -= days(kWindowDays)) {
    names.clear();
    for (const Service& service : services) {
      for (int back = 0; back < kWindowDays; ++back) {
        names.push_back("waiting|due=" + FormatDate(day - days(back)) + "|" +
                        Suffix(service.id));
      }
    }
    TRY(const auto view, projector.Read(area, names));
    for (std::size_t i = 0; i < view.values.size(); ++i) {
      if (view.values[i] == 0) continue;
      const auto back = static_cast<int>(i % kWindowDays);
      histograms[services[i / kWindowDays].id][day - days(back)] =
          view.values[i];
      left -= view.values[i];
    }
  }
  return histograms;
}

Gauges::Gauges(const Catalogue& catalogue,
               const counters::Definitions& definitions,
               metrics::Registry& metrics, const Clock& clock)
    : catalogue_(catalogue), definitions_(definitions), clock_(clock) {
  for (const Service& service : catalogue.services()) {
    const metrics::Labels labels = {{"service", service.id}};
    Series& series = services_[service.id];
    series.waiting = metrics.MakeGauge(
        "seawall_waiting_children",
        "How many referrals wait for a first contact?", labels);
    series.longest = metrics.MakeGauge(
        "seawall_waiting_longest_days",
        "For how many days has the one waited who waits longest?", labels);
    series.average = metrics.MakeGauge(
        "seawall_waiting_average_days",
        "For how many days have those waited on average?", labels);
    series.overdue = metrics.MakeGauge(
        "seawall_waiting_overdue_duties",
        "How much is overdue to families: letters, updates, calls, contacts?",
        labels);
    series.residual = metrics.MakeGauge(
        "seawall_waiting_balance_residual",
        "By how much does the list not add up: joined less left less waiting?",
        labels);
    for (const int weeks : service.threshold_weeks) {
      series.over[weeks] = metrics.MakeGauge(
          "seawall_waiting_over_threshold",
          "How many have waited for more weeks than the threshold?",
          {{"service", service.id}, {"weeks", std::to_string(weeks)}});
    }
    if (!service.has_list) ShowUnknown(series);
  }
  for (const char* standing : {kMet, kOpen, kMissed}) {
    promises_[standing] = metrics.MakeGauge(
        "seawall_waiting_promises",
        "How many promises about first contacts are met, open and missed?",
        {{"standing", standing}});
  }
}

Result<Gauges::Values> Gauges::Read(const std::string& area,
                                    counters::Projector& projector) const {
  const Date today = CivilDate(clock_.Now());
  Values values;
  TRY(values.waiting, ReadHistograms(catalogue_, area, today, projector));
  TRY(values.overdue_duties,
      ByService(definitions_, "overdue_duties", area, today, projector));
  TRY(const auto standing,
      ByService(definitions_, "waiting", area, today, projector));
  for (const auto& [service, histogram] : values.waiting) {
    std::int64_t waiting = 0;
    for (const auto& [start, count] : histogram) waiting += count;
    const auto found = standing.find(service);
    values.residual[service] =
        (found == standing.end() ? 0 : found->second) - waiting;
  }
  return values;
}

void Gauges::Publish(const std::string& area, counters::Projector& projector) {
  const std::int64_t fence = projector.level(area).fence;
  const auto now = std::chrono::steady_clock::now();
  Seen& seen = seen_[area];
  if (seen.fence == fence && now - seen.at < kUnchanged) return;
  Result<Values> read = Read(area, projector);
  if (!read) return;
  seen = {fence, now};
  areas_[area] = *std::move(read);
  Values sum;
  for (const auto& [name, values] : areas_) {
    for (const auto& [service, histogram] : values.waiting) {
      for (const auto& [start, count] : histogram) {
        sum.waiting[service][start] += count;
      }
    }
    for (const auto& [service, count] : values.overdue_duties) {
      sum.overdue_duties[service] += count;
    }
    // Two areas that do not add up must not seem to.
    for (const auto& [service, residual] : values.residual) {
      sum.residual[service] += std::abs(residual);
    }
  }
  const Date today = CivilDate(clock_.Now());
  Show(sum, today);
  ShowPromises(sum, today);
}

void Gauges::ShowUnknown(const Series& series) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  for (const metrics::Gauge& gauge :
       {series.waiting, series.longest, series.average, series.overdue,
        series.residual}) {
    gauge.Set(kUnknown);
  }
  for (const auto& [weeks, gauge] : series.over) gauge.Set(kUnknown);
}

void Gauges::Show(const Values& values, Date today) {
  const auto of = [](const auto& by_service, const std::string& service) {
    const auto found = by_service.find(service);
    return found == by_service.end() ? 0.0 : static_cast<double>(found->second);
  };
  for (const Service& service : catalogue_.services()) {
    if (!service.has_list) continue;
    const Series& series = services_.at(service.id);
    const auto found = values.waiting.find(service.id);
    const Stock stock =
        StockOf(found == values.waiting.end() ? Histogram() : found->second,
                today, service.threshold_weeks);
    const auto waiting = static_cast<double>(stock.waiting);
    series.waiting.Set(waiting);
    series.longest.Set(stock.longest_days.value_or(0));
    // Of nobody there is no average.
    series.average.Set(stock.waiting == 0
                           ? std::numeric_limits<double>::quiet_NaN()
                           : static_cast<double>(stock.total_days) / waiting);
    for (std::size_t i = 0; i < service.threshold_weeks.size(); ++i) {
      series.over.at(service.threshold_weeks[i])
          .Set(static_cast<double>(stock.over[i]));
    }
    series.overdue.Set(of(values.overdue_duties, service.id));
    series.residual.Set(of(values.residual, service.id));
  }
}

void Gauges::ShowPromises(const Values& values, Date today) {
  std::map<std::string, double> standings;
  for (const Service& service : catalogue_.services()) {
    const auto found = values.waiting.find(service.id);
    for (const Promise& promise : service.promises) {
      // The counters' histogram is of first contacts.
      if (promise.clock != kFirstContact || !service.has_list ||
          found == values.waiting.end()) {
        continue;
      }
      const std::int64_t over =
          StockOf(found->second, today, {promise.threshold_weeks}).over[0];
      const bool missed = promise.by && *promise.by <= today;
      ++standings[over <= promise.at_most ? kMet : missed ? kMissed : kOpen];
    }
  }
  for (const auto& [standing, gauge] : promises_) {
    gauge.Set(standings[standing]);
  }
}

}  // namespace seawall::waiting
