// Client: calls a Seawall server over mutual TLS, with deadlines, retries
// (UNAVAILABLE only, with wait-for-ready: a killed server is ridden out) and
// typed errors. No generated stubs: a method is named by its path.
#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "libs/base/error.h"

namespace seawall::rpc {

struct ClientSettings {
  std::string address;  // host:port
  std::string certificate;
  std::string key;
  std::string ca;
  // Name the server's certificate must hold; empty = the host of `address`.
  std::string server_name = {};
  std::string person = {};  // metadata `seawall-person`
  std::chrono::milliseconds timeout{10'000};
  // false: fail at once when the server is not there (probes, tests of
  // refusals).
  bool wait_for_ready = true;
  // Channels with equal settings share connections unless this differs.
  int connection = 0;
};

// Thread-safe.
class Client {
 public:
  using Message = google::protobuf::Message;
  static Result<std::unique_ptr<Client>> Connect(
      const ClientSettings& settings);
  ~Client();

  // `method`: "seawall.referrals.v1.ReferralsService/SubmitContact". Errors
  // carry reason, message and fields as the server gave them.
  Result<void> Call(const std::string& method, const Message& request,
                    Message& response);

  // Asynchronously; `done` on one of grpc's threads. `request` may go away at
  // once, `response` must live until then.
  void CallAsync(const std::string& method, const Message& request,
                 Message* response, std::function<void(Result<void>)> done);

  // Bidirectional bulk stream, from one thread. Write blocks only for flow
  // control; replies come in order to `reply` on one of grpc's threads.
  class Bulk {
   public:
    virtual ~Bulk() = default;
    // False when the stream has ended; Finish tells why.
    virtual bool Write(const Message& item) = 0;
    // No more items; waits for the last reply.
    virtual Result<void> Finish() = 0;
  };
  std::unique_ptr<Bulk> OpenBulk(
      const std::string& method, const Message& reply_prototype,
      std::function<void(const Message& reply)> reply);

  // Server stream: calls `page` for each message until it returns false or the
  // stream ends.
  Result<void> Follow(const std::string& method, const Message& request,
                      const Message& page_prototype,
                      std::function<bool(const Message& page)> page);

  // grpc.health.v1 Check of a service name; OK = SERVING.
  Result<void> Healthy(const std::string& service = "");

 private:
  struct State;
  explicit Client(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace seawall::rpc
