// Metrics: the process's metric families and the /metrics port, over
// prometheus-cpp.
//
// Every family names the question it answers (its help text). Labels come from
// closed sets; every label value exists from the start at 0. Never a child, a
// school, a worker or free text. tests/golden/metrics.txt lists all families
// and labels.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/error.h"

namespace seawall::metrics {

using Labels = std::map<std::string, std::string>;

// Handles are cheap to copy, thread-safe, and valid as long as the registry.
class Counter {
 public:
  void Add(double value = 1) const;
  void* impl = nullptr;
};
class Gauge {
 public:
  void Set(double value) const;
  void* impl = nullptr;
};
class Histogram {
 public:
  void Observe(double value) const;
  void* impl = nullptr;
};

class Registry {
 public:
  Registry();
  ~Registry();

  // The same name and labels give the same series again. Creating a series sets
  // it to 0; do it once and keep the handle.
  Counter MakeCounter(const std::string& name, const std::string& help,
                      const Labels& labels = {});
  Gauge MakeGauge(const std::string& name, const std::string& help,
                  const Labels& labels = {});
  Histogram MakeHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& buckets,
                          const Labels& labels = {});

  // Bucket bounds in seconds from 0.5 ms to 10 s.
  static std::vector<double> LatencyBuckets();

  // Serves /metrics on "127.0.0.1:port" (port 0 = a free one, see port()).
  // METRICS_PORT (kUnavailable) if it is taken.
  Result<void> Serve(const std::string& address);
  int port() const;

  // The exposition text, for tests.
  std::string Text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seawall::metrics
