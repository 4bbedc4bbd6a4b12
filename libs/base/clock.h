// Clock: the only way to the time of day. An Instant is UTC with microseconds;
// civil days are in base/civil.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace seawall {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

// Callable from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() const = 0;
};

class SystemClock : public Clock {
 public:
  Instant Now() const override;
};

// For tests: stands still until told to move.
class FakeClock : public Clock {
 public:
  explicit FakeClock(Instant start) : now_(start) {}
  Instant Now() const override;
  void Set(Instant now);
  void Advance(std::chrono::microseconds by);

 private:
  mutable std::mutex mutex_;
  Instant now_;  // guarded by mutex_
};

inline std::int64_t ToMicros(Instant instant) {
  return instant.time_since_epoch().count();
}
inline Instant FromMicros(std::int64_t micros) {
  return Instant(std::chrono::microseconds(micros));
}

}  // namespace seawall
