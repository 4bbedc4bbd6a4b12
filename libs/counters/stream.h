// Stream: a connection to Redis, plain or under TLS 1.2+, whose every wait ends
// at a deadline. Used by redis.cc alone; for one thread at a time.
//
// Our own socket rather than hiredis's context, because hiredis 0.14 knows no
// TLS and has one timeout for connecting and none that covers a whole call.
// Errors: COUNTERS_UNAVAILABLE; the stream is then of no more use.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "libs/base/error.h"

namespace seawall::counters {

using Deadline = std::chrono::steady_clock::time_point;

// Where Redis listens: `127.0.0.1:6379`, `unix:/path`, `tls:host:port`.
struct Address {
  enum class Kind { kTcp, kUnix, kTls };
  Kind kind = Kind::kTcp;
  std::string host;
  std::string port;
  std::string path;
};

// COUNTERS_ADDRESS (kInvalidArgument).
Result<Address> ParseAddress(const std::string& text);

// Files for TLS, PEM. Without `authority` the system's are trusted; without
// `certificate` none is shown.
struct TlsFiles {
  std::string authority;
  std::string certificate;
  std::string key;
};

class Stream {
 public:
  virtual ~Stream() = default;

  // Sends everything, or fails.
  virtual Result<void> Write(std::string_view bytes, Deadline deadline) = 0;
  // Receives at least one byte, at most `size`; returns how many.
  virtual Result<std::size_t> Read(char* buffer, std::size_t size,
                                   Deadline deadline) = 0;
  // False if the other side has closed it while it lay idle. Never waits.
  virtual bool Open() const = 0;
};

// Finds a host's address without ever waiting past a deadline. One look-up at a
// time: if the resolver hangs, later attempts wait for the same one.
class Resolver {
 public:
  struct Found;
  Result<std::shared_ptr<Found>> Resolve(const Address& address,
                                         Deadline deadline);

 private:
  struct Pending;
  std::shared_ptr<Pending> pending_;
};

Result<std::unique_ptr<Stream>> Connect(const Address& address,
                                        const TlsFiles& files,
                                        Resolver& resolver, Deadline deadline);

// The error that every failure of the connection becomes.
Error Unavailable(const std::string& what);

}  // namespace seawall::counters
