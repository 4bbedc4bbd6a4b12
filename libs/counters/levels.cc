#include "libs/counters/levels.h"

#include <algorithm>

namespace seawall::counters {
namespace {

using std::chrono::steady_clock;

// A lag that stays for longer is no lag.
constexpr std::chrono::seconds kLongestLag{5};

}  // namespace

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
  trusted_ = gauge("seawall_counters_trusted",
                   "Are figures answered from the counters (1), or are those "
                   "of an area in doubt or behind and come from records (0)?");
  age_ = gauge("seawall_counters_compared_age_seconds",
               "How long ago were the counters compared with the records, in "
               "the area where that is longest ago?");
  for (const char* reason : {"drift", "history", "garbled"}) {
    metrics::Labels why = labels;
    why["reason"] = reason;
    anew_[reason] = registry.MakeCounter(
        "seawall_counters_anew_total",
        "How often were the counters of an area counted anew, and why?", why);
  }
  pages_ =
      registry.MakeCounter("seawall_counters_pages_total",
                           "How many pages of events were counted?", labels);
  retries_ = registry.MakeCounter(
      "seawall_counters_retries_total",
      "How often did a page not go through and had to be tried again?", labels);
}

void Levels::Journal(const std::string& area, std::int64_t position) {
  const std::lock_guard lock(mutex_);
  areas_[area].level.journal = position;
  Follow(areas_[area]);
  Show();
}

void Levels::Fence(const std::string& area, std::int64_t fence) {
  const std::lock_guard lock(mutex_);
  areas_[area].level.fence = fence;
  areas_[area].level.reachable = true;
  Follow(areas_[area]);
  Show();
}

void Levels::Unreachable(const std::string& area) {
  const std::lock_guard lock(mutex_);
  areas_[area].level.reachable = false;
  areas_[area].doubted = true;
  Show();
}

void Levels::Compared(const std::string& area, std::int64_t drift) {
  const std::lock_guard lock(mutex_);
  areas_[area].drift = drift;
  areas_[area].doubted = drift != 0;
  areas_[area].compared = steady_clock::now();
  Show();
}

void Levels::CountedAnew(const std::string& area, const std::string& reason) {
  anew_.at(reason).Add();
  Doubt(area);
}

void Levels::Doubt(const std::string& area) {
  const std::lock_guard lock(mutex_);
  areas_[area].doubted = true;
  Show();
}

std::vector<std::string> Levels::ToCompare(std::chrono::seconds every) const {
  const std::lock_guard lock(mutex_);
  const auto now = steady_clock::now();
  std::vector<std::string> doubted, old;
  for (const auto& [name, area] : areas_) {
    if (!area.level.reachable) continue;
    if (area.doubted) {
      doubted.push_back(name);
    } else if (!area.compared || now - *area.compared >= every) {
      old.push_back(name);
    }
  }
  doubted.insert(doubted.end(), old.begin(), old.end());
  return doubted;
}

bool Levels::Trusts(const std::string& area) const {
  const std::lock_guard lock(mutex_);
  const auto found = areas_.find(area);
  return found == areas_.end() || Trusts(found->second);
}

bool Levels::Trusts(const Area& area) const {
  return !area.doubted &&
         (!area.behind ||
          steady_clock::now() - area.behind->second < kLongestLag);
}

// The position that the fence has to reach, and since when it has to.
void Levels::Follow(Area& area) {
  if (area.behind && area.level.fence >= area.behind->first) {
    area.behind.reset();
  }
  if (!area.behind && area.level.fence < area.level.journal) {
    area.behind = {area.level.journal, steady_clock::now()};
  }
}

void Levels::ShowAges() {
  const std::lock_guard lock(mutex_);
  const auto now = steady_clock::now();
  std::chrono::duration<double> longest{0};
  for (const auto& [name, area] : areas_) {
    longest = std::max<std::chrono::duration<double>>(
        longest, now - area.compared.value_or(started_));
  }
  age_.Set(longest.count());
  Show();
}

void Levels::PageApplied() { pages_.Add(); }

void Levels::PageRetried() { retries_.Add(); }

Level Levels::Of(const std::string& area) const {
  const std::lock_guard lock(mutex_);
  const auto found = areas_.find(area);
  return found == areas_.end() ? Level{} : found->second.level;
}

void Levels::Show() {
  std::int64_t lag = 0, fences = 0, journals = 0, drift = 0;
  bool reachable = true, trusted = true;
  for (const auto& [name, area] : areas_) {
    const Level& level = area.level;
    lag = std::max(lag, level.journal - level.fence);
    fences += level.fence;
    journals += level.journal;
    drift += area.drift;
    reachable = reachable && level.reachable;
    trusted = trusted && Trusts(area);
  }
  lag_.Set(static_cast<double>(lag));
  fence_.Set(static_cast<double>(fences));
  journal_.Set(static_cast<double>(journals));
  drift_.Set(static_cast<double>(drift));
  reachable_.Set(reachable ? 1 : 0);
  trusted_.Set(trusted ? 1 : 0);
}

}  // namespace seawall::counters
