#include "services/waiting/capacity.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace seawall::waiting {
namespace {

using std::chrono::days;

double SquareOf(double value) { return value * value; }

}  // namespace

Known<double> Variation(std::vector<Date> dates) {
  if (dates.size() < 3) return Known<double>::Not("fewer than two gaps");
  std::sort(dates.begin(), dates.end());
  const auto gaps = static_cast<double>(dates.size() - 1);
  const double mean =
      static_cast<double>((dates.back() - dates.front()).count()) / gaps;
  if (mean == 0) return Known<double>::Not("all on one day");
  double squares = 0;
  for (std::size_t i = 1; i < dates.size(); ++i) {
    squares +=
        SquareOf(static_cast<double>((dates[i] - dates[i - 1]).count()) - mean);
  }
  return std::sqrt(squares / (gaps - 1)) / mean;
}

Flow MeasureFlow(const std::vector<FlowRow>& rows, Date census,
                 int window_weeks) {
  Flow flow;
  flow.window = Weeks(window_weeks);
  const Date first = census - days(7 * window_weeks - 1);
  std::map<Date, std::int64_t> changes;  // of the queue, at the end of the day
  std::vector<Date> arrivals;
  std::map<Date, std::size_t> removals;
  std::int64_t queue = 0;
  for (const FlowRow& row : rows) {
    if (row.left && *row.left < row.joined) {
      flow.refused += row.count;
      continue;
    }
    if (row.joined > census) continue;
    const bool waits = !row.left || *row.left > census;
    if (waits) {
      flow.queue += row.count;
      flow.waited_days +=
          row.count * (census - row.start.value_or(row.joined)).count();
    }
    if (row.joined >= first) {
      flow.arrivals += row.count;
      arrivals.insert(arrivals.end(), static_cast<std::size_t>(row.count),
                      row.joined);
    }
    (row.joined < first ? queue : changes[row.joined]) += row.count;
    if (waits) continue;
    (*row.left < first ? queue : changes[*row.left]) -= row.count;
    if (*row.left < first) continue;
    flow.removals += row.count;
    removals[*row.left] += static_cast<std::size_t>(row.count);
  }
  // Days on which nobody waits are no gap between removals: they are dated by
  // the days with a queue so far.
  std::vector<Date> worked;
  for (Date day = first; day <= census; day += days(1)) {
    const std::int64_t before = queue;
    const auto change = changes.find(day);
    if (change != changes.end()) queue += change->second;
    // Who is seen on the day waited until then.
    const auto removed = removals.find(day);
    flow.days_with_queue +=
        before > 0 || queue > 0 || removed != removals.end();
    if (removed == removals.end()) continue;
    worked.insert(worked.end(), removed->second,
                  first + days(flow.days_with_queue));
  }
  flow.arrival_variation = Variation(std::move(arrivals));
  flow.removal_variation = Variation(std::move(worked));
  return flow;
}

Known<PerWeek> Demand(const Flow& flow) {
  if (flow.window.value <= 0) return Known<PerWeek>::Not("no window");
  return static_cast<double>(flow.arrivals) / flow.window;
}

Known<PerWeek> CapacityOf(const Flow& flow) {
  if (flow.removals == 0) {
    return Known<PerWeek>::Not("nobody left the list in the window");
  }
  if (flow.days_with_queue == 0) return Known<PerWeek>::Not("nobody waited");
  return static_cast<double>(flow.removals) /
         Weeks(Days{static_cast<double>(flow.days_with_queue)});
}

Known<double> Load(PerWeek demand, Known<PerWeek> capacity) {
  if (!capacity) return Known<double>::Not(capacity.unknown);
  return demand.value / (*capacity).value;
}

Known<Weeks> MeanWait(const Flow& flow) {
  if (flow.queue == 0) return Known<Weeks>::Not("nobody waits");
  return Weeks(Days{static_cast<double>(flow.waited_days) /
                    static_cast<double>(flow.queue)});
}

Known<double> FactorFor(double share) {
  if (!(share > 0 && share < 1)) {
    return Known<double>::Not("a share lies between 0 and 1");
  }
  return -std::log1p(-share);
}

Weeks TargetMeanWait(Weeks target, double factor) {
  return Weeks(target.value / factor);
}

double TargetQueue(PerWeek demand, Weeks target, double factor) {
  return demand * TargetMeanWait(target, factor);
}

std::optional<PerWeek> ReliefCapacity(PerWeek demand, double queue,
                                      double target_queue, Weeks time) {
  if (queue <= 2 * target_queue) return std::nullopt;
  return demand + (queue - target_queue) / time;
}

Known<double> Pressure(Known<Weeks> mean_wait, Weeks target) {
  if (!mean_wait) return Known<double>::Not(mean_wait.unknown);
  return 2 * (*mean_wait).value / target.value;
}

Known<PerWeek> TargetCapacity(PerWeek demand, Known<double> arrival_variation,
                              Known<double> removal_variation, Weeks target,
                              double factor) {
  if (!arrival_variation) {
    return Known<PerWeek>::Not("arrivals: " + arrival_variation.unknown);
  }
  if (!removal_variation) {
    return Known<PerWeek>::Not("removals: " + removal_variation.unknown);
  }
  const double spread =
      (SquareOf(*arrival_variation) + SquareOf(*removal_variation)) / 2;
  return demand + spread * factor / target;
}

std::int64_t FreedAppointments(std::int64_t attended, int attended_percent,
                               int missed_from_percent, int missed_to_percent) {
  const std::int64_t percents = missed_from_percent - missed_to_percent;
  // attended / share x percents, rounded half up.
  return (2 * attended * percents + attended_percent) / (2 * attended_percent);
}

}  // namespace seawall::waiting
