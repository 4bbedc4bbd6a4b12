#include "services/referrals/gauges.h"

namespace seawall::referrals {
namespace {

// How far back the oldest undecided contact is looked for.
constexpr int kOldestDays = 400;

double NumberOf(const std::vector<counters::Figure>& figures,
                const std::string& measure, const std::string& value = "") {
  for (const counters::Figure& figure : figures) {
    if (figure.measure == measure && figure.group_value == value) {
      return static_cast<double>(figure.numerator.value_or(0));
    }
  }
  return 0;
}

}  // namespace

Gauges::Gauges(const counters::Definitions& definitions,
               metrics::Registry& metrics, const Clock& clock)
    : definitions_(definitions), clock_(clock) {
  const auto contacts = [&](const char* state) {
    return metrics.MakeGauge("seawall_referrals_open_contacts",
                             "How many contacts wait for a decision?",
                             {{"state", state}});
  };
  awaiting_ = contacts("awaiting_screening");
  returned_ = contacts("returned");
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
  contacts_today_ =
      metrics.MakeGauge("seawall_referrals_contacts_today",
                        "How many contacts did the front door get today?");
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
      {"open_contacts", "overdue_contacts", "unacknowledged_outcomes",
       "unconfirmed_contacts", "contacts"},
      today,
      today,
      "",
      today};
  TRY(const auto totals,
      counters::ComputeFigures(definitions_, none, query, source));
  query.measures = {"open_contacts"};
  query.group_by = "state";
  TRY(const auto states,
      counters::ComputeFigures(definitions_, none, query, source));

  Values values;
  values.awaiting = NumberOf(states, "open_contacts", "AWAITING_SCREENING");
  values.returned = NumberOf(states, "open_contacts", "RETURNED");
  values.overdue = NumberOf(totals, "overdue_contacts");
  values.unacknowledged = NumberOf(totals, "unacknowledged_outcomes");
  values.unconfirmed = NumberOf(totals, "unconfirmed_contacts");
  values.contacts_today = NumberOf(totals, "contacts");
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
    sum.awaiting += values.awaiting;
    sum.returned += values.returned;
    sum.overdue += values.overdue;
    sum.oldest_seconds = std::max(sum.oldest_seconds, values.oldest_seconds);
    sum.unacknowledged += values.unacknowledged;
    sum.unconfirmed += values.unconfirmed;
    sum.contacts_today += values.contacts_today;
  }
  awaiting_.Set(sum.awaiting);
  returned_.Set(sum.returned);
  overdue_.Set(sum.overdue);
  oldest_.Set(sum.oldest_seconds);
  unacknowledged_.Set(sum.unacknowledged);
  unconfirmed_.Set(sum.unconfirmed);
  contacts_today_.Set(sum.contacts_today);
}

}  // namespace seawall::referrals
