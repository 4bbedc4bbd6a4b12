// Ids of records: a prefix and a ULID, "C-01JD3V8K9Q4M7N2P5R6S8T0VWX".
//
// A ULID is 48 bits of milliseconds and 80 random bits in Crockford's base 32,
// so ids sort by the time they were made. They say nothing about a child. An
// IdSource is given to whoever makes records; callable from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "libs/base/clock.h"

namespace seawall {

class IdSource {
 public:
  virtual ~IdSource() = default;
  // New("C") is "C-" and 26 characters; New("") the 26 characters alone.
  virtual std::string New(std::string_view prefix) = 0;
};

// The kernel's randomness. Each id of one source is greater than the one
// before, even within a millisecond and when the clock is set back.
class RandomIds : public IdSource {
 public:
  explicit RandomIds(const Clock& clock) : clock_(clock) {}
  std::string New(std::string_view prefix) override;

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::int64_t millis_ = -1;               // guarded by mutex_
  std::array<std::uint8_t, 10> random_{};  // guarded by mutex_
};

// For tests: 1, 2, 3… in the same form.
class SequentialIds : public IdSource {
 public:
  std::string New(std::string_view prefix) override;

 private:
  std::mutex mutex_;
  std::uint64_t last_ = 0;  // guarded by mutex_
};

}  // namespace seawall
