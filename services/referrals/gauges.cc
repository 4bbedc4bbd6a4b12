#include "services/referrals/gauges.h"

namespace seawall::referrals {
namespace {

// The oldest undecided contact is looked for window by window, so far back.
constexpr int kWindowDays = 400;
constexpr std::chrono::days kEarliest{40 * 366};
// What time alone changes is looked at so often.
constexpr std::chrono::seconds kUnchanged{60};

double NumberOf(const std::vector<counters::Figure>& figures,
                const std::string& measure) {
  for (const counters::Figure& figure : figures) {
    if (figure.measure == measure) {
      // Never a 0 that nobody counted.
      return figure.numerator ? static_cast<double>(*figure.numerator)
                              : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return 0;
}

void AddTo(std::map<std::string, double>& sum,
           const std::map<std::string, double>& values) {
  for (const auto& [name, value] : values) sum[name] += value;
}

}  // namespace

Gauges::Series Gauges::MakeSeries(metrics::Registry& metrics, const char* name,
                                  const char* help, const char* group) const {
  Series series;
  for (const counters::Group& one : definitions_.groups) {
    if (one.name != group) continue;
    for (const std::string& value : one.values) {
      series[value] = metrics.MakeGauge(name, help, {{group, value}});
    }
  }
  return series;
}

Gauges::Gauges(const counters::Definitions& definitions,
               const ClockRules& clocks, store::Database& database,
               metrics::Registry& metrics, const Clock& clock)
    : definitions_(definitions), database_(database), clock_(clock) {
  open_ =
      MakeSeries(metrics, "seawall_referrals_open_contacts",
                 "How many contacts wait for a decision, and where?", "state");
  urgent_ = MakeSeries(metrics, "seawall_referrals_undecided_contacts",
                       "How urgent are the contacts that wait for a decision?",
                       "priority");
  today_ = MakeSeries(metrics, "seawall_referrals_contacts_today",
                      "How many contacts came today, and from whom?",
                      "agency_group");
  overdue_ = metrics.MakeGauge("seawall_referrals_overdue_contacts",
                               "How many undecided contacts are past due?");
  overdue_hub_ = metrics.MakeGauge(
      "seawall_referrals_overdue_hub_contacts",
      "How many undecided contacts at the early help hub are past due?");
  oldest_ = metrics.MakeGauge(
      "seawall_referrals_overdue_oldest_seconds",
      "For how long has the oldest undecided contact been past due?");
  unacknowledged_ =
      metrics.MakeGauge("seawall_referrals_unacknowledged_outcomes",
                        "How many outcomes has no referrer acknowledged?");
  unconfirmed_ = metrics.MakeGauge(
      "seawall_referrals_unconfirmed_contacts",
      "How many telephone contacts lack their written confirmation?");
  for (const std::string& name : clocks.JourneyNames()) {
    overdue_clocks_[name] = metrics.MakeGauge(
        "seawall_referrals_overdue_clocks",
        "How many clocks of the journey are past due?", {{"clock", name}});
    oldest_clocks_[name] = metrics.MakeGauge(
        "seawall_referrals_overdue_clock_oldest_seconds",
        "For how long has the oldest clock of the journey been past due?",
        {{"clock", name}});
  }
}

Result<Gauges::Values> Gauges::Read(const std::string& area,
                                    counters::Projector& projector) const {
  const Date today = CivilDate(clock_.Now());
  std::int64_t behind = 0;
  const counters::ValueSource source =
      counters::FromCounters(projector, area, behind);
  const counters::Populations none;
  counters::FiguresQuery query{
      area,
      {"overdue_contacts", "overdue_hub_contacts", "unacknowledged_outcomes",
       "unconfirmed_contacts"},
      today,
      today,
      "",
      today};
  TRY(const auto totals,
      counters::ComputeFigures(definitions_, none, query, source));
  Values values;
  const auto split = [&](const char* measure, const char* group,
                         std::map<std::string, double>& to) -> Result<void> {
    query.measures = {measure};
    query.group_by = group;
    TRY(const auto figures,
        counters::ComputeFigures(definitions_, none, query, source));
    for (const counters::Figure& figure : figures) {
      if (!figure.group_value.empty()) {
        to[figure.group_value] =
            static_cast<double>(figure.numerator.value_or(0));
      }
    }
    return {};
  };
  TRY_VOID(split("open_contacts", "state", values.open));
  TRY_VOID(split("open_contacts", "priority", values.urgent));
  TRY_VOID(split("contacts", "agency_group", values.today));
  values.overdue = NumberOf(totals, "overdue_contacts");
  values.overdue_hub = NumberOf(totals, "overdue_hub_contacts");
  values.unacknowledged = NumberOf(totals, "unacknowledged_outcomes");
  values.unconfirmed = NumberOf(totals, "unconfirmed_contacts");
  TRY(values.oldest_seconds, OldestSeconds(area, projector, values.overdue));
  TRY_VOID(ReadClocks(area, values));
  return values;
}

Result<void> Gauges::ReadClocks(const std::string& area, Values& values) const {
  const Instant now = clock_.Now();
  TRY(store::Reader reader, database_.Read());
  TRY(const auto overdue, ReadOverdue(*store::RecordsOf(reader, area), now));
  for (const auto& [name, state] : overdue) {
    values.overdue_clocks[name] = static_cast<double>(state.count);
    values.oldest_clocks[name] =
        std::chrono::duration<double>(now - state.first).count();
  }
  return {};
}

// Goes back in time until it has seen every overdue contact.
Result<double> Gauges::OldestSeconds(const std::string& area,
                                     counters::Projector& projector,
                                     double overdue) const {
  const Instant now = clock_.Now();
  Date day = CivilDate(now);
  const Date earliest = day - kEarliest;
  double seen = 0;
  Date oldest = day;
  while (seen < overdue && day > earliest) {
    std::vector<std::string> names;
    for (int back = 1; back <= kWindowDays; back++) {
      names.push_back("open_contacts|due=" +
                      FormatDate(day - std::chrono::days(back)) + "|");
    }
    TRY(const counters::Projector::View view, projector.Read(area, names));
    for (int back = 1; back <= kWindowDays; back++) {
      const auto open = view.values[static_cast<std::size_t>(back - 1)];
      if (open > 0) oldest = day - std::chrono::days(back);
      seen += static_cast<double>(open);
    }
    day -= std::chrono::days(kWindowDays);
  }
  if (overdue <= 0) return 0.0;
  return std::chrono::duration<double>(now - EndOfDay(oldest)).count();
}

void Gauges::Publish(const std::string& area, counters::Projector& projector) {
  const std::int64_t fence = projector.level(area).fence;
  const auto now = std::chrono::steady_clock::now();
  Seen& seen = seen_[area];
  if (seen.fence == fence && now - seen.at < kUnchanged) return;
  const Result<Values> read = Read(area, projector);
  if (!read) return;
  seen = {fence, now};
  areas_[area] = *read;
  Values sum;
  for (const auto& [name, values] : areas_) {
    AddTo(sum.open, values.open);
    AddTo(sum.urgent, values.urgent);
    AddTo(sum.today, values.today);
    AddTo(sum.overdue_clocks, values.overdue_clocks);
    for (const auto& [name, seconds] : values.oldest_clocks) {
      sum.oldest_clocks[name] = std::max(sum.oldest_clocks[name], seconds);
    }
    sum.overdue += values.overdue;
    sum.overdue_hub += values.overdue_hub;
    sum.oldest_seconds = std::max(sum.oldest_seconds, values.oldest_seconds);
    sum.unacknowledged += values.unacknowledged;
    sum.unconfirmed += values.unconfirmed;
  }
  for (const auto& [value, gauge] : open_) gauge.Set(sum.open[value]);
  for (const auto& [value, gauge] : urgent_) gauge.Set(sum.urgent[value]);
  for (const auto& [value, gauge] : today_) gauge.Set(sum.today[value]);
  for (const auto& [name, gauge] : overdue_clocks_) {
    gauge.Set(sum.overdue_clocks[name]);
  }
  for (const auto& [name, gauge] : oldest_clocks_) {
    gauge.Set(sum.oldest_clocks[name]);
  }
  overdue_.Set(sum.overdue);
  overdue_hub_.Set(sum.overdue_hub);
  oldest_.Set(sum.oldest_seconds);
  unacknowledged_.Set(sum.unacknowledged);
  unconfirmed_.Set(sum.unconfirmed);
}

}  // namespace seawall::referrals
