// RedisCounters: Counters in Redis 7, over our own connections with our own
// deadlines; hiredis only writes and reads the protocol.
//
// Callable from any thread. Three connections: one for what changes counters
// (the projector), one for reading, one for reading everything, so that a
// figure waits neither for a page nor for a verification. Every
// call ends within `timeout` (GetAll within ten of it) or fails with
// COUNTERS_UNAVAILABLE. After a failure the connection is closed and calls fail
// at once until a back-off of 50 ms to 2 s is over; the next one connects
// again. A change whose answer was lost may have been made: ask for the fence.
//
// What Redis must allow: HGET HMGET HGETALL HSET UNLINK EVALSHA SCRIPT|LOAD on
// `sw:*`. It must run with `maxmemory-policy noeviction`.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "libs/counters/counters.h"
#include "libs/counters/stream.h"

namespace seawall::counters {

struct RedisSettings {
  // `127.0.0.1:6379`, `unix:/path`, `tls:host:port`.
  std::string address = "127.0.0.1:6379";
  // Empty: Redis's own `default`.
  std::string user = {};
  // A file whose first line is the password; empty: no password.
  std::string password_file = {};
  TlsFiles tls = {};
  std::chrono::milliseconds timeout{500};
  // After a failure nothing is tried for up to so long, and after each further
  // one for twice as long, to at most 2 s.
  std::chrono::milliseconds back_off{50};
};

class RedisCounters : public Counters {
 public:
  // Does not connect; Redis may be away. COUNTERS_ADDRESS, COUNTERS_PASSWORD
  // (kInvalidArgument): the settings are wrong.
  static Result<std::unique_ptr<RedisCounters>> Make(
      const RedisSettings& settings);
  ~RedisCounters() override;

  Result<Point> Apply(const Key& key, const Point& from, const Point& to,
                      const Increments& page) override;
  Result<Point> Fence(const Key& key) override;
  Result<Values> Get(const Key& key,
                     const std::vector<std::string>& names) override;
  Result<All> GetAll(const Key& key) override;
  Result<void> Delete(const Key& key) override;

 private:
  class Lane;
  RedisCounters(const Address& address, const RedisSettings& settings,
                const std::string& password);

  std::unique_ptr<Lane> changes_;
  std::unique_ptr<Lane> reads_;
  std::unique_ptr<Lane> scans_;
};

}  // namespace seawall::counters
