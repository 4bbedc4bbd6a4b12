// Connections: who is connected, and what each has begun, so that nobody takes
// the server's memory by connecting, by beginning calls or by cancelling them.
//
// A call that is cancelled at once (HTTP/2 "rapid reset", CVE-2023-44487)
// counts against no limit of HTTP/2, yet costs some 14 KiB until gRPC has
// cleared it away. So each agency has an allowance of calls. A call takes one
// when its headers come and gives it back when it was answered; a call that was
// cancelled does not, and time gives it back slowly.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libs/metrics/metrics.h"

namespace seawall::rpc {

// Thread-safe.
class Connections {
 public:
  struct Bounds {
    std::size_t all = 1024;
    std::size_t of_agency = 128;
    // That have made no call yet: handshakes, and idle ones.
    std::size_t nameless = 256;
    // Calls of one agency under way or cancelled, and how many that were
    // cancelled are forgotten a second.
    double calls = 256;
    double forgotten = 100;
    // Calls a second, beyond the agency's allowance, that end a connection.
    int refused = 100;
  };
  using Id = std::uint64_t;
  using Clock = std::chrono::steady_clock;

  Connections(metrics::Registry& metrics, const Bounds& bounds);
  ~Connections();

  // A new connection, and a duplicate of its descriptor, which is closed when
  // the connection is removed. `peer` as gRPC writes it. Where there are too
  // many, another is ended: the oldest of the nameless, or of whoever has most.
  Id Add(int descriptor, const std::string& peer);
  // It has ended.
  void Remove(Id id);

  // A connection of an agency as the transport knows it: its certificate's URI
  // name, and where that lies in memory, which tells it from its others.
  struct Owner {
    std::string_view uri;
    const void* place = nullptr;
  };
  // The headers of a call came. False = the agency's allowance is used up, and
  // the call must not go on.
  bool Begin(const Owner& owner);
  // The call came as far as the application: says whose the connection is. Ends
  // it where its agency has too many.
  void Name(const std::string& peer, const Owner& owner);
  // A call that began was answered.
  void Answered(std::string_view uri);

  // About once a second.
  void Tick();
  std::size_t open();

  // The agency, or service, in the URI name of a certificate.
  static std::string AgencyOf(std::string_view uri);

 private:
  struct Connection {
    int descriptor = -1;
    std::string peer;
    std::string agency;
    bool named = false;
    const void* place = nullptr;
    std::int64_t second = 0;
    int refused = 0;             // in that second
    std::uint64_t received = 0;  // bytes, when last looked
    bool ended = false;
  };
  struct Allowance {
    double left = 0;
    Clock::time_point counted;
  };
  enum class Reason { kHalfOpen, kAgency, kAll, kCalls };

  Allowance& AllowanceOf(std::string_view uri);
  void Refused(const Owner& owner);
  void EndOldest(const std::string& agency, bool named, Reason reason);
  void EndOfMost();
  void EndLoudest();
  void End(Connection& connection, Reason reason);
  bool MayLog();

  const Bounds bounds_;
  std::map<Reason, metrics::Counter> ended_;
  metrics::Gauge open_;

  std::mutex mutex_;                      // guards all that follows
  std::map<Id, Connection> connections_;  // oldest first
  Id last_ = 0;
  std::unordered_map<std::string, Id> by_peer_;
  std::unordered_map<const void*, Id> by_place_;
  // Not ended, by agency; of the nameless under "".
  std::map<std::string, std::size_t> counts_;
  std::size_t count_ = 0;
  std::unordered_map<std::string, Allowance> allowances_;
  int refused_nameless_ = 0;  // in this second
  std::int64_t log_second_ = 0;
  int log_lines_ = 0;
};

}  // namespace seawall::rpc
