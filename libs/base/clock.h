// Clock: the only way to the time of day. An Instant is UTC with microseconds;
// civil days are in base/civil.h. How long something lasted is the difference
// of two Steady() readings, which setting the time of day does not change.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace seawall {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

// Callable from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() const = 0;
  virtual SteadyTime Steady() const = 0;
};

class SystemClock : public Clock {
 public:
  Instant Now() const override;
  SteadyTime Steady() const override;
};

// For tests: stands still until told to move. Set() is what setting a clock
// does: the time of day alone is another.
class FakeClock : public Clock {
 public:
  explicit FakeClock(Instant start) : now_(start) {}
  Instant Now() const override;
  SteadyTime Steady() const override;
  void Set(Instant now);
  void Advance(std::chrono::microseconds by);

 private:
  mutable std::mutex mutex_;
  Instant now_;  // guarded by mutex_
  // From the real one, so that deadlines that others made can be compared.
  SteadyTime steady_ = std::chrono::steady_clock::now();  // guarded by mutex_
};

inline std::int64_t ToMicros(Instant instant) {
  return instant.time_since_epoch().count();
}
inline Instant FromMicros(std::int64_t micros) {
  return Instant(std::chrono::microseconds(micros));
}

}  // namespace seawall
