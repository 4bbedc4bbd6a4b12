// Observer: how calls went, as metrics and log lines. Everything is counted,
// nothing is logged for a call that went well.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "libs/metrics/metrics.h"
#include "libs/rpc/policy.h"

namespace seawall::rpc {

// Why calls, items and events are refused: a series a reason, which is one of a
// closed list.
metrics::Counter RefusalCounter(metrics::Registry& metrics,
                                std::string_view reason);

// Thread-safe.
class Observer {
 public:
  // `reasons`: the service's own, beside those of rpc/reasons.h.
  Observer(metrics::Registry& metrics, const Rules& rules,
           const std::vector<std::string>& reasons);

  void Started(const Rule& rule) const;
  // A null error = it went well.
  void Ended(const Rule& rule, std::chrono::steady_clock::time_point started,
             const Error* error) const;
  void ItemEnded(const Rule& bulk) const;

  // Counts the reason and writes a log line, at most twenty a second.
  void Refused(const Rule& rule, const Call& call, const Error& error);

 private:
  struct Series {
    metrics::Counter started;
    metrics::Counter items;
    std::map<int, metrics::Histogram> durations;  // by status code
  };
  bool MayLog(std::int64_t& left_out);

  std::vector<Series> series_;  // by Rule::index
  std::map<std::string, metrics::Counter, std::less<>> refusals_;

  std::mutex mutex_;
  std::int64_t second_ = 0;    // guarded by mutex_
  int lines_ = 0;              // guarded by mutex_
  std::int64_t left_out_ = 0;  // guarded by mutex_
};

}  // namespace seawall::rpc
