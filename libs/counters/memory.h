// MemoryCounters: Counters in this process, for tests and for a service run
// without Redis. Gone when the process ends; the projector then counts anew.
//
// It can be told to be unreachable and to go back to an older state, which is
// how tests play a Redis that is away or was restored.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "libs/counters/counters.h"

namespace seawall::counters {

class MemoryCounters : public Counters {
 public:
  Result<Point> Apply(const Key& key, const Point& from, const Point& to,
                      const Increments& page) override;
  Result<Point> Fence(const Key& key) override;
  Result<Values> Get(const Key& key,
                     const std::vector<std::string>& names) override;
  Result<All> GetAll(const Key& key) override;
  Result<void> Delete(const Key& key) override;

  // While unreachable, every call fails with COUNTERS_UNAVAILABLE.
  void SetReachable(bool reachable);

  // Everything it holds, to be given back by Restore: an older copy.
  struct Hash {
    Point fence;
    Increments values;
  };
  using Copy = std::unordered_map<std::string, Hash>;
  Copy Save() const;
  void Restore(Copy copy);

 private:
  Result<void> CheckReachable() const;  // with mutex_ held

  mutable std::mutex mutex_;
  Copy hashes_;            // guarded by mutex_; by Key::ToString()
  bool reachable_ = true;  // guarded by mutex_
};

}  // namespace seawall::counters
