#include "services/referrals/gauges.h"

namespace seawall::referrals {
namespace {

// How far back the oldest undecided contact is looked for.
constexpr int kOldestDays = 400;

double NumberOf(const std::vector<counters::Figure>& figures,
                const std::string& measure) {
  for (const counters::Figure& figure : figures) {
    if (figure.measure == measure) {
      return static_cast<double>(figure.numerator.value_or(0));
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
               metrics::Registry& metrics, const Clock& clock)
    : definitions_(definitions), clock_(clock) {
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
  oldest_ = metrics.MakeGauge(
      "seawall_referrals_overdue_oldest_seconds",
      "For how long has the oldest undecided contact been past due?");
  unacknowledged_ =
      metrics.MakeGauge("seawall_referrals_unacknowledged_outcomes",
                        "How many outcomes has no referrer acknowledged?");
  unconfirmed_ = metrics.MakeGauge(
      "seawall_referrals_unconfirmed_contacts",
      "How many telephone contacts lack their written confirmation?");
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
      {"overdue_contacts", "unacknowledged_outcomes", "unconfirmed_contacts"},
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
  values.unacknowledged = NumberOf(totals, "unacknowledged_outcomes");
  values.unconfirmed = NumberOf(totals, "unconfirmed_contacts");
  if (values.overdue > 0) {
    std::vector<std::string> names;
    for (int back = kOldestDays; back > 0; back--) {
      names.push_back("open_contacts|due=" +
                      FormatDate(today - std::chrono::days(back)) + "|");
    }
    TRY(const counters::Projector::View view, projector.Read(area, names));
    for (std::size_t i = 0; i < view.values.size(); i++) {
      if (view.values[i] <= 0) continue;
      const Instant due =
          EndOfDay(today - std::chrono::days(kOldestDays - int(i)));
      values.oldest_seconds =
          std::chrono::duration<double>(clock_.Now() - due).count();
      break;
    }
  }
  return values;
}

void Gauges::Publish(const std::string& area, counters::Projector& projector) {
  const Result<Values> read = Read(area, projector);
  if (!read) return;
  areas_[area] = *read;
  Values sum;
  for (const auto& [name, values] : areas_) {
    AddTo(sum.open, values.open);
    AddTo(sum.urgent, values.urgent);
    AddTo(sum.today, values.today);
    sum.overdue += values.overdue;
    sum.oldest_seconds = std::max(sum.oldest_seconds, values.oldest_seconds);
    sum.unacknowledged += values.unacknowledged;
    sum.unconfirmed += values.unconfirmed;
  }
  for (const auto& [value, gauge] : open_) gauge.Set(sum.open[value]);
  for (const auto& [value, gauge] : urgent_) gauge.Set(sum.urgent[value]);
  for (const auto& [value, gauge] : today_) gauge.Set(sum.today[value]);
  overdue_.Set(sum.overdue);
  oldest_.Set(sum.oldest_seconds);
  unacknowledged_.Set(sum.unacknowledged);
  unconfirmed_.Set(sum.unconfirmed);
}

}  // namespace seawall::referrals
