// Listener: the grpc server itself, with its limits. What lies behind the port
// is given; this is all that knows how gRPC is set up.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "libs/rpc/acceptor.h"
#include "libs/rpc/connections.h"
#include "libs/rpc/tls.h"

namespace seawall::rpc {

class Listener {
 public:
  struct Settings {
    std::string address;  // `host:port`
    TlsFiles files;
    unsigned refresh_seconds = 5;
    Connections::Bounds bounds = {};
  };
  // LISTEN_FAILED (kUnavailable) when the address is taken. `services` and
  // `metrics` must outlive it.
  static Result<std::unique_ptr<Listener>> Open(
      const Settings& settings, const std::vector<grpc::Service*>& services,
      metrics::Registry& metrics);

  int port() const { return acceptor_->port(); }
  // What grpc.health.v1 answers, for the server and for each service name.
  void SetServing(const std::vector<std::string>& services, bool serving);
  // Refuses new calls, waits for those under way, and cancels what is left at
  // the deadline.
  void Stop(std::chrono::milliseconds deadline);

 private:
  Listener(const Settings& settings, metrics::Registry& metrics)
      : connections_(metrics, settings.bounds) {}
  Result<void> Build(const Settings& settings,
                     const std::vector<grpc::Service*>& services);

  Connections connections_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> handover_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace seawall::rpc
