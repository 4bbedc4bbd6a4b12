// Levels: how far the counters of each area are, as last seen by this process,
// and the gauges that show it. Thread-safe; calls nothing out. Used by the
// projector.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "libs/counters/projector.h"
#include "libs/metrics/metrics.h"

namespace seawall::counters {

class Levels {
 public:
  Levels(metrics::Registry& registry, const std::string& service);

  void Journal(const std::string& area, std::int64_t position);
  // The counters answered, and this is where they are.
  void Fence(const std::string& area, std::int64_t fence);
  void Unreachable(const std::string& area);
  void Drifted(const std::string& area, std::int64_t drift);
  void PageApplied();
  void PageRetried();

  Level Of(const std::string& area) const;

 private:
  void Show();  // with mutex_ held

  metrics::Gauge lag_, fence_, journal_, drift_, reachable_;
  metrics::Counter pages_, retries_;
  mutable std::mutex mutex_;
  std::map<std::string, Level> levels_;         // guarded by mutex_
  std::map<std::string, std::int64_t> drifts_;  // guarded by mutex_
};

}  // namespace seawall::counters
