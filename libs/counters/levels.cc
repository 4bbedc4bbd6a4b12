#include "libs/counters/levels.h"

#include <algorithm>

namespace seawall::counters {

// Areas are no label: there may be hundreds, and the question is whether any of
// them is behind.
Levels::Levels(metrics::Registry& registry, const std::string& service) {
  const metrics::Labels labels{{"service", service}};
  const auto gauge = [&](const char* name, const char* question) {
    return registry.MakeGauge(name, question, labels);
  };
  lag_ = gauge("seawall_counters_lag_events",
               "How many events are not counted yet, in the area that is "
               "furthest behind?");
  fence_ = gauge("seawall_counters_fence_position",
                 "How many events of all areas are counted?");
  journal_ = gauge("seawall_journal_position",
                   "How many events do the journals of all areas hold?");
  drift_ = gauge("seawall_counters_drift_events",
                 "By how much did counters and records differ when last "
                 "verified?");
  reachable_ = gauge("seawall_counters_reachable",
                     "Can the counters be reached (1) or not (0)?");
  pages_ =
      registry.MakeCounter("seawall_counters_pages_total",
                           "How many pages of events were counted?", labels);
  retries_ = registry.MakeCounter(
      "seawall_counters_retries_total",
      "How often did a page not go through and had to be tried again?", labels);
}

void Levels::Journal(const std::string& area, std::int64_t position) {
  const std::lock_guard lock(mutex_);
  levels_[area].journal = position;
  Show();
}

void Levels::Fence(const std::string& area, std::int64_t fence) {
  const std::lock_guard lock(mutex_);
  levels_[area].fence = fence;
  levels_[area].reachable = true;
  Show();
}

void Levels::Unreachable(const std::string& area) {
  const std::lock_guard lock(mutex_);
  levels_[area].reachable = false;
  Show();
}

void Levels::Drifted(const std::string& area, std::int64_t drift) {
  const std::lock_guard lock(mutex_);
  drifts_[area] = drift;
  std::int64_t sum = 0;
  for (const auto& [name, value] : drifts_) sum += value;
  drift_.Set(static_cast<double>(sum));
}

void Levels::PageApplied() { pages_.Add(); }

void Levels::PageRetried() { retries_.Add(); }

Level Levels::Of(const std::string& area) const {
  const std::lock_guard lock(mutex_);
  const auto found = levels_.find(area);
  return found == levels_.end() ? Level{} : found->second;
}

void Levels::Show() {
  std::int64_t lag = 0, fences = 0, journals = 0;
  bool reachable = true;
  for (const auto& [area, level] : levels_) {
    lag = std::max(lag, level.journal - level.fence);
    fences += level.fence;
    journals += level.journal;
    reachable = reachable && level.reachable;
  }
  lag_.Set(static_cast<double>(lag));
  fence_.Set(static_cast<double>(fences));
  journal_.Set(static_cast<double>(journals));
  reachable_.Set(reachable ? 1 : 0);
}

}  // namespace seawall::counters
