// Capacity: what a service's queue needs, by queue theory. Pure.
//
// Source: the waiting-list indicators of Walton and others (NHS-R, the package
// NHSRwaitinglist). Quantities carry their units: mixing them does not compile.
// What cannot be known is unknown with its reason, never 0, NaN or a crash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/civil.h"

namespace seawall::waiting {

struct Days {
  double value = 0;
};
struct Weeks {
  double value = 0;
  constexpr Weeks() = default;
  constexpr explicit Weeks(double weeks) : value(weeks) {}
  constexpr explicit Weeks(Days days) : value(days.value / 7) {}
};
struct PerWeek {
  double value = 0;
};
constexpr PerWeek operator+(PerWeek a, PerWeek b) {
  return {a.value + b.value};
}
constexpr double operator*(PerWeek rate, Weeks time) {
  return rate.value * time.value;
}
constexpr PerWeek operator/(double count, Weeks time) {
  return {count / time.value};
}

// A quantity, or why it is not known.
template <class T>
struct Known {
  std::optional<T> value;
  std::string unknown;  // the reason; empty where there is a value

  Known(T known) : value(known) {}  // NOLINT: reads well
  static Known Not(std::string why) { return Known(std::move(why), 0); }
  explicit operator bool() const { return value.has_value(); }
  const T& operator*() const { return *value; }

 private:
  Known(std::string why, int) : unknown(std::move(why)) {}
};

// Referrals that joined on one day and left on another, or wait.
struct FlowRow {
  Date joined;
  std::optional<Date> left;
  std::int64_t count = 0;
  // Of the clock, where a transfer kept an earlier one.
  std::optional<Date> start = {};
};

// A queue over the days (census - window, census].
struct Flow {
  Weeks window;
  std::int64_t arrivals = 0;
  std::int64_t removals = 0;
  std::int64_t queue = 0;        // at the census
  std::int64_t waited_days = 0;  // of those waiting then
  int days_with_queue = 0;
  // Rows that cannot be: they left before they came. Counted, never used.
  std::int64_t refused = 0;
  Known<double> arrival_variation = 0.0;  // coefficient of variation of gaps
  Known<double> removal_variation = 0.0;  // while somebody waited
};
// Rows in any order; those after the census are not looked at.
Flow MeasureFlow(const std::vector<FlowRow>& rows, Date census,
                 int window_weeks);

// Standard deviation over mean of the gaps between days; unknown for fewer than
// two gaps, or if all fell on one day.
Known<double> Variation(std::vector<Date> days);

Known<PerWeek> Demand(const Flow& flow);
// Removals over the time in which somebody waited.
Known<PerWeek> CapacityOf(const Flow& flow);
Known<double> Load(PerWeek demand, Known<PerWeek> capacity);
// Of those waiting at the census.
Known<Weeks> MeanWait(const Flow& flow);

// The factor f between a target and the mean wait that meets it for a share q
// of all, where waits are exponential: -ln(1 - q). Unknown unless 0 < q < 1.
Known<double> FactorFor(double share);
inline constexpr double kUsualFactor = 4;  // misses 1.83%
inline constexpr Weeks kReliefTime{26};

Weeks TargetMeanWait(Weeks target, double factor);
double TargetQueue(PerWeek demand, Weeks target, double factor);
// What brings the queue to its target in that time; nothing is called for
// unless it is more than twice the target.
std::optional<PerWeek> ReliefCapacity(PerWeek demand, double queue,
                                      double target_queue,
                                      Weeks time = kReliefTime);
// Twice the mean wait over the target; should be below 1.
Known<double> Pressure(Known<Weeks> mean_wait, Weeks target);
// What keeps a queue at its target once it is there.
Known<PerWeek> TargetCapacity(PerWeek demand, Known<double> arrival_variation,
                              Known<double> removal_variation, Weeks target,
                              double factor);

// Appointments freed where fewer are missed. The attended are `attended_share`
// of all that were booked: state which are in that base.
std::int64_t FreedAppointments(std::int64_t attended, int attended_percent,
                               int missed_from_percent, int missed_to_percent);

}  // namespace seawall::waiting
