// The waiting lists' gauges: what an ops team and a board must see without
// asking. Computed from the counters within a second of an event, and once a
// minute without one: children cross a threshold by time alone.
#pragma once

#include <map>
#include <string>

#include "libs/base/clock.h"
#include "libs/counters/measures.h"
#include "libs/metrics/metrics.h"
#include "services/waiting/catalogue.h"
#include "services/waiting/dashboard.h"

namespace seawall::waiting {

// Who waits for first contacts now, by service, read from the counters.
// COUNTERS_… as the projector says.
Result<std::map<std::string, Histogram>> ReadHistograms(
    const Catalogue& catalogue, const std::string& area, Date today,
    counters::Projector& projector);

class Gauges {
 public:
  Gauges(const Catalogue& catalogue, const counters::Definitions& definitions,
         metrics::Registry& metrics, const Clock& clock);

  // Sums over areas. Keeps the last values while the counters are away. What is
  // kept on paper is unknown (NaN), never 0.
  void Publish(const std::string& area, counters::Projector& projector);

 private:
  // Of one area, or of all.
  struct Values {
    std::map<std::string, Histogram> waiting;
    std::map<std::string, std::int64_t> overdue_duties, residual;
  };
  struct Series {
    metrics::Gauge waiting, longest, average, overdue, residual;
    std::map<int, metrics::Gauge> over;  // by weeks
  };
  Result<Values> Read(const std::string& area,
                      counters::Projector& projector) const;
  static void ShowUnknown(const Series& series);
  void Show(const Values& values, Date today);
  void ShowPromises(const Values& values, Date today);

  const Catalogue& catalogue_;
  const counters::Definitions& definitions_;
  const Clock& clock_;
  std::map<std::string, Series> services_;
  std::map<std::string, metrics::Gauge> promises_;  // by standing
  std::map<std::string, Values> areas_;
  // What an area's values were made from, and when.
  struct Seen {
    std::int64_t fence = -1;
    std::chrono::steady_clock::time_point at;
  };
  std::map<std::string, Seen> seen_;
};

}  // namespace seawall::waiting
