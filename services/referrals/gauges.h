// The front door's gauges: what an ops team must see without asking. Computed
// within a second of an event, and once a minute without one, because time
// alone changes what is overdue. From the counters, but for the journey's
// clocks: those of hours are overdue at an instant, which a day cannot tell.
#pragma once

#include <map>
#include <string>

#include "libs/base/clock.h"
#include "libs/counters/measures.h"
#include "libs/metrics/metrics.h"
#include "services/referrals/step_store.h"

namespace seawall::referrals {

class Gauges {
 public:
  Gauges(const counters::Definitions& definitions, const ClockRules& clocks,
         store::Database& database, metrics::Registry& metrics,
         const Clock& clock);

  // Sums over areas. Keeps the last values while the counters are away; how
  // old they are is told by seawall_counters_reachable.
  void Publish(const std::string& area, counters::Projector& projector);

 private:
  struct Values {
    double overdue = 0, overdue_hub = 0, oldest_seconds = 0;
    double unacknowledged = 0, unconfirmed = 0;
    // By state, priority and agency group.
    std::map<std::string, double> open, urgent, today;
    // By clock.
    std::map<std::string, double> overdue_clocks, oldest_clocks;
  };
  using Series = std::map<std::string, metrics::Gauge>;
  Series MakeSeries(metrics::Registry& metrics, const char* name,
                    const char* help, const char* group) const;
  Result<Values> Read(const std::string& area,
                      counters::Projector& projector) const;

  Result<void> ReadClocks(const std::string& area, Values& values) const;
  Result<double> OldestSeconds(const std::string& area,
                               counters::Projector& projector,
                               double overdue) const;

  const counters::Definitions& definitions_;
  store::Database& database_;
  const Clock& clock_;
  std::map<std::string, Values> areas_;
  // What an area's values were made from, and when.
  struct Seen {
    std::int64_t fence = -1;
    std::chrono::steady_clock::time_point at;
  };
  std::map<std::string, Seen> seen_;
  metrics::Gauge overdue_, overdue_hub_, oldest_, unacknowledged_, unconfirmed_;
  Series open_, urgent_, today_, overdue_clocks_, oldest_clocks_;
};

}  // namespace seawall::referrals
