#include "libs/counters/memory.h"

namespace seawall::counters {

Result<void> MemoryCounters::CheckReachable() const {
  if (reachable_) return {};
  return Error{Code::kUnavailable, "COUNTERS_UNAVAILABLE",
               "the counters cannot be reached"};
}

Result<Point> MemoryCounters::Apply(const Key& key, const Point& from,
                                    const Point& to, const Increments& page) {
  if (page.size() > kMostNames) return PageTooLarge(page.size());
  const std::lock_guard lock(mutex_);
  TRY_VOID(CheckReachable());
  const auto found = hashes_.find(key.ToString());
  const Point fence = found == hashes_.end() ? Point() : found->second.fence;
  if (fence != from) return fence;
  Hash& hash = hashes_[key.ToString()];
  for (const auto& [name, change] : page) hash.values[name] += change;
  hash.fence = to;
  return to;
}

Result<Point> MemoryCounters::Fence(const Key& key) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(CheckReachable());
  const auto found = hashes_.find(key.ToString());
  return found == hashes_.end() ? Point() : found->second.fence;
}

Result<Counters::Values> MemoryCounters::Get(
    const Key& key, const std::vector<std::string>& names) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(CheckReachable());
  Values result;
  result.values.assign(names.size(), 0);
  const auto found = hashes_.find(key.ToString());
  if (found == hashes_.end()) return result;
  result.fence = found->second.fence;
  const Increments& values = found->second.values;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto value = values.find(names[i]); value != values.end()) {
      result.values[i] = value->second;
    }
  }
  return result;
}

Result<Counters::All> MemoryCounters::GetAll(const Key& key) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(CheckReachable());
  All result;
  const auto found = hashes_.find(key.ToString());
  if (found == hashes_.end()) return result;
  result.fence = found->second.fence;
  result.values.insert(found->second.values.begin(),
                       found->second.values.end());
  return result;
}

Result<void> MemoryCounters::Delete(const Key& key) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(CheckReachable());
  hashes_.erase(key.ToString());
  return {};
}

void MemoryCounters::SetReachable(bool reachable) {
  const std::lock_guard lock(mutex_);
  reachable_ = reachable;
}

MemoryCounters::Copy MemoryCounters::Save() const {
  const std::lock_guard lock(mutex_);
  return hashes_;
}

void MemoryCounters::Restore(Copy copy) {
  const std::lock_guard lock(mutex_);
  hashes_ = std::move(copy);
}

}  // namespace seawall::counters
