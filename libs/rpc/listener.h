// Listener: the grpc server itself, with its limits. What lies behind the port
// is given; this is all that knows how gRPC is set up.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "libs/rpc/tls.h"

namespace seawall::rpc {

class Listener {
 public:
  // LISTEN_FAILED (kUnavailable) when the address is taken. `services` must
  // outlive it.
  static Result<std::unique_ptr<Listener>> Open(
      const std::string& address, const TlsFiles& files,
      unsigned refresh_seconds, const std::vector<grpc::Service*>& services);

  int port() const { return port_; }
  // What grpc.health.v1 answers, for the server and for each service name.
  void SetServing(const std::vector<std::string>& services, bool serving);
  // Refuses new calls, waits for those under way, and cancels what is left at
  // the deadline.
  void Stop(std::chrono::milliseconds deadline);

 private:
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace seawall::rpc
