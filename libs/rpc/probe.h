// Probe: a server asks itself for its health over a new TLS connection, because
// a door that nobody can enter is seen only from outside: all else in the
// process may go on.
#pragma once

#include <functional>
#include <string>

#include "libs/base/error.h"
#include "libs/rpc/periodic.h"
#include "libs/rpc/tls.h"

namespace seawall::rpc {

inline constexpr int kProbeFailures = 3;

// Opens a new connection with the server's own certificate and asks. OK = the
// server answered that it serves; NOT_SERVING = it answered something else;
// any other error = it did not answer within five seconds.
Result<void> ProbeOnce(const TlsFiles& files, const std::string& address);

// Where to reach a server that listens on `listen`: itself if it listens on all
// addresses.
std::string ProbeAddress(const std::string& listen, int port);

class Probe {
 public:
  // `give_up` is called after three failures in a row, at most once. A server
  // that answers NOT_SERVING is alive: a restart would mend nothing.
  Probe(std::chrono::milliseconds period, std::function<Result<void>()> ask,
        std::function<void()> give_up);

 private:
  void Step();
  const std::function<Result<void>()> ask_;
  const std::function<void()> give_up_;
  int failures_ = 0;
  Periodic periodic_;  // last: its thread uses the others
};

}  // namespace seawall::rpc
