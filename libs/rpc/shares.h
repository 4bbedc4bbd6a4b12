// Shares: what one agency may have under way at once, so that nobody else waits
// for the memory that it takes.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace seawall::rpc {

// Thread-safe. Outlives its shares.
class Shares {
 public:
  struct Bounds {
    std::size_t calls = 1024;      // of one agency
    std::size_t bytes = 16 << 20;  // of the calls of one agency
    std::size_t all_bytes = 96 << 20;
  };
  explicit Shares(Bounds bounds) : bounds_(bounds) {}

  // Given back when it goes away.
  class Share {
   public:
    Share(Shares& shares, std::string agency, std::size_t bytes)
        : shares_(&shares), agency_(std::move(agency)), bytes_(bytes) {}
    Share(Share&& other) noexcept
        : shares_(std::exchange(other.shares_, nullptr)),
          agency_(std::move(other.agency_)),
          bytes_(other.bytes_) {}
    Share& operator=(Share&&) = delete;
    ~Share() {
      if (shares_) shares_->GiveBack(agency_, bytes_);
    }

   private:
    Shares* shares_;
    std::string agency_;
    std::size_t bytes_;
  };

  // Nothing where the agency has as much under way as it may. A first call is
  // taken however large all others are together.
  std::optional<Share> Take(const std::string& agency, std::size_t bytes);

 private:
  struct Held {
    std::size_t calls = 0, bytes = 0;
  };
  void GiveBack(const std::string& agency, std::size_t bytes);

  const Bounds bounds_;
  std::mutex mutex_;
  std::unordered_map<std::string, Held> held_;  // guarded by mutex_
  std::size_t all_bytes_ = 0;                   // guarded by mutex_
};

}  // namespace seawall::rpc
