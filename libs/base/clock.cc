#include "libs/base/clock.h"

namespace seawall {

Instant SystemClock::Now() const {
  return std::chrono::floor<std::chrono::microseconds>(
      std::chrono::system_clock::now());
}

Instant FakeClock::Now() const {
  std::lock_guard lock(mutex_);
  return now_;
}

void FakeClock::Set(Instant now) {
  std::lock_guard lock(mutex_);
  now_ = now;
}

void FakeClock::Advance(std::chrono::microseconds by) {
  std::lock_guard lock(mutex_);
  now_ += by;
}

}  // namespace seawall
