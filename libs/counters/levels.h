// Levels: how far the counters of each area are, as last seen by this process,
// and the gauges that show it. Thread-safe; calls nothing out. Used by the
// projector.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

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
  // The counters were compared with the records.
  void Compared(const std::string& area, std::int64_t drift);
  // … and are counted anew: `drift`, `history` or `garbled`.
  void CountedAnew(const std::string& area, const std::string& reason);
  // What was compared is not to be relied on until it is compared again.
  void Doubt(const std::string& area);
  // Areas that can be reached and are in doubt, or not compared for so long;
  // those in doubt first.
  std::vector<std::string> ToCompare(std::chrono::seconds every) const;
  // Not in doubt, and no event waits for longer than some seconds.
  bool Trusts(const std::string& area) const;
  // Shows how long ago the comparisons are.
  void ShowAges();
  void PageApplied();
  void PageRetried();

  Level Of(const std::string& area) const;

 private:
  struct Area {
    Level level;
    std::int64_t drift = 0;
    bool doubted = false;
    std::optional<std::chrono::steady_clock::time_point> compared;
    // The fence has not reached this position since then.
    std::optional<
        std::pair<std::int64_t, std::chrono::steady_clock::time_point>>
        behind;
  };
  // With mutex_ held.
  void Show();
  void Follow(Area& area);
  bool Trusts(const Area& area) const;

  metrics::Gauge lag_, fence_, journal_, drift_, reachable_, trusted_, age_;
  metrics::Counter pages_, retries_;
  std::map<std::string, metrics::Counter> anew_;  // by reason
  const std::chrono::steady_clock::time_point started_ =
      std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  std::map<std::string, Area> areas_;  // guarded by mutex_
};

}  // namespace seawall::counters
