// Remote: the server as commands see it: the seam between the client's commands
// and the connection, so that commands can be tested without a server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "libs/base/error.h"
#include "libs/rpc/client.h"

namespace seawall::cli {

// Thread-safe, like rpc::Client.
class Remote {
 public:
  using Message = google::protobuf::Message;
  using Bulk = rpc::Client::Bulk;
  virtual ~Remote() = default;

  virtual Result<void> Call(const std::string& method, const Message& request,
                            Message& response) = 0;
  virtual std::unique_ptr<Bulk> OpenBulk(
      const std::string& method, const Message& reply_prototype,
      std::function<void(const Message& reply)> reply) = 0;
  virtual Result<void> Healthy() = 0;
};

using Connect =
    std::function<Result<std::unique_ptr<Remote>>(const rpc::ClientSettings&)>;

// Over mutual TLS, through rpc::Client.
Result<std::unique_ptr<Remote>> ConnectRemote(
    const rpc::ClientSettings& settings);

}  // namespace seawall::cli
