#include "libs/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace seawall::metrics {
namespace {

// A bad name, or one name used for two kinds of metric, is a fault of the
// program that no caller can handle; the first start shows it.
template <class Make>
auto* MakeOrStop(const std::string& name, Make make) {
  try {
    return make();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "metric %s: %s\n", name.c_str(), error.what());
    std::abort();
  }
}

}  // namespace

struct Registry::State {
  std::shared_ptr<prometheus::Registry> registry =
      std::make_shared<prometheus::Registry>();
  std::unique_ptr<prometheus::Exposer> exposer;
  int port = 0;
};

void Counter::Add(double value) const {
  if (impl != nullptr) {
    static_cast<prometheus::Counter*>(impl)->Increment(value);
  }
}

void Gauge::Set(double value) const {
  if (impl != nullptr) static_cast<prometheus::Gauge*>(impl)->Set(value);
}

void Histogram::Observe(double value) const {
  if (impl != nullptr) {
    static_cast<prometheus::Histogram*>(impl)->Observe(value);
  }
}

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;

// prometheus-cpp gives the family and the series again if they are there.
Counter Registry::MakeCounter(const std::string& name, const std::string& help,
                              const Labels& labels) {
  return {MakeOrStop(name, [&] {
    return &prometheus::BuildCounter()
                .Name(name)
                .Help(help)
                .Register(*state_->registry)
                .Add(labels);
  })};
}

Gauge Registry::MakeGauge(const std::string& name, const std::string& help,
                          const Labels& labels) {
  return {MakeOrStop(name, [&] {
    return &prometheus::BuildGauge()
                .Name(name)
                .Help(help)
                .Register(*state_->registry)
                .Add(labels);
  })};
}

Histogram Registry::MakeHistogram(const std::string& name,
                                  const std::string& help,
                                  const std::vector<double>& buckets,
                                  const Labels& labels) {
  return {MakeOrStop(name, [&] {
    return &prometheus::BuildHistogram()
                .Name(name)
                .Help(help)
                .Register(*state_->registry)
                .Add(labels, buckets);
  })};
}

std::vector<double> Registry::LatencyBuckets() {
  return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
          0.1,    0.2,   0.5,   1,     2,    5,    10};
}

Result<void> Registry::Serve(const std::string& address) {
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(address);
    exposer->RegisterCollectable(state_->registry);
    state_->port = exposer->GetListeningPorts().at(0);
    state_->exposer = std::move(exposer);
    return {};
  } catch (const std::exception&) {
    return Error{Code::kUnavailable, "METRICS_PORT",
                 "cannot listen on " + address +
                     " for metrics; give another address or stop what uses it"};
  }
}

int Registry::port() const { return state_->port; }

std::string Registry::Text() const {
  return prometheus::TextSerializer().Serialize(state_->registry->Collect());
}

}  // namespace seawall::metrics
