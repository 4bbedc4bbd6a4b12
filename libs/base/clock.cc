#include "libs/base/clock.h"

#include <algorithm>

namespace seawall {

Instant SystemClock::Now() const {
  return std::chrono::floor<std::chrono::microseconds>(
      std::chrono::system_clock::now());
}

SteadyTime SystemClock::Steady() const {
  return std::chrono::steady_clock::now();
}

Instant FakeClock::Now() const {
  std::lock_guard lock(mutex_);
  return now_;
}

SteadyTime FakeClock::Steady() const {
  std::lock_guard lock(mutex_);
  return steady_;
}

void FakeClock::Set(Instant now) {
  std::lock_guard lock(mutex_);
  now_ = now;
}

void FakeClock::Advance(std::chrono::microseconds by) {
  std::lock_guard lock(mutex_);
  now_ += by;
  steady_ += std::max(by, by.zero());
}

}  // namespace seawall
