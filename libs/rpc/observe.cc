#include "libs/rpc/observe.h"

#include "libs/log/log.h"
#include "libs/rpc/reasons.h"

namespace seawall::rpc {
namespace {

constexpr int kLinesASecond = 20;

// Every status that a server of ours can answer, by its published name.
const std::map<int, std::string>& Statuses() {
  static const std::map<int, std::string> statuses = {
      {0, "OK"},
      {3, "INVALID_ARGUMENT"},
      {4, "DEADLINE_EXCEEDED"},
      {5, "NOT_FOUND"},
      {7, "PERMISSION_DENIED"},
      {8, "RESOURCE_EXHAUSTED"},
      {9, "FAILED_PRECONDITION"},
      {10, "ABORTED"},
      {12, "UNIMPLEMENTED"},
      {13, "INTERNAL"},
      {14, "UNAVAILABLE"},
      {16, "UNAUTHENTICATED"},
  };
  return statuses;
}

std::map<int, metrics::Histogram> MakeDurations(metrics::Registry& metrics,
                                                const std::string& method) {
  std::map<int, metrics::Histogram> durations;
  for (const auto& [code, name] : Statuses()) {
    durations[code] = metrics.MakeHistogram(
        "grpc_server_call_duration_seconds",
        "How long do calls take, from the transport's reading to the status "
        "sent? (gRFC A66)",
        metrics::Registry::LatencyBuckets(),
        {{"grpc_method", method}, {"grpc_status", name}});
  }
  return durations;
}

}  // namespace

metrics::Counter RefusalCounter(metrics::Registry& metrics,
                                std::string_view reason) {
  return metrics.MakeCounter("seawall_refusals_total",
                             "How many calls and items were refused, and why?",
                             {{"reason", std::string(reason)}});
}

Observer::Observer(metrics::Registry& metrics, const Rules& rules,
                   const std::vector<std::string>& reasons) {
  series_.resize(rules.size());
  for (const auto& [name, rule] : rules) {
    Series& series = series_[rule->index];
    series.started = metrics.MakeCounter("grpc_server_call_started_total",
                                         "How many calls began? (gRFC A66)",
                                         {{"grpc_method", name}});
    series.durations = MakeDurations(metrics, name);
    if (rule->unary) {
      series.items = metrics.MakeCounter(
          "seawall_bulk_items_total",
          "How many items of bulk streams were answered, refusals included?",
          {{"grpc_method", name}});
    }
  }
  const auto add = [&](std::string_view reason) {
    refusals_[std::string(reason)] = RefusalCounter(metrics, reason);
  };
  for (const Reason& reason : Reasons()) add(reason.name);
  for (const std::string& reason : reasons) add(reason);
  add(kOtherReason);
}

void Observer::Started(const Rule& rule) const {
  series_[rule.index].started.Add();
}

void Observer::Ended(const Rule& rule,
                     std::chrono::steady_clock::time_point started,
                     const Error* error) const {
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - started;
  const int code = error ? static_cast<int>(error->code) : 0;
  series_[rule.index].durations.at(code).Observe(took.count());
}

void Observer::ItemEnded(const Rule& bulk) const {
  series_[bulk.index].items.Add();
}

void Observer::Refused(const Rule& rule, const Call& call, const Error& error) {
  auto reason = refusals_.find(error.reason);
  if (reason == refusals_.end()) reason = refusals_.find(kOtherReason);
  reason->second.Add();
  std::int64_t left_out = 0;
  if (!MayLog(left_out)) return;
  log::Warn("call refused", {{"method", rule.name},
                             {"reason", error.reason},
                             {"code", std::int64_t(error.code)},
                             {"agency", call.caller.agency},
                             {"system", call.caller.system},
                             {"trace_id", call.trace_id},
                             {"lines_left_out", left_out}});
}

bool Observer::MayLog(std::int64_t& left_out) {
  const std::int64_t second =
      std::chrono::duration_cast<std::chrono::seconds>(
          std::chrono::steady_clock::now().time_since_epoch())
          .count();
  std::lock_guard lock(mutex_);
  if (second != second_) {
    second_ = second;
    lines_ = 0;
  }
  if (lines_ >= kLinesASecond) {
    left_out_++;
    return false;
  }
  lines_++;
  left_out = std::exchange(left_out_, 0);
  return true;
}

}  // namespace seawall::rpc
