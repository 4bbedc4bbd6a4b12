// Pusher: contacts on their way to a server, one request a lane at a time, and
// the same in bulk. Works against the service and against the bare echo alike.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "libs/rpc/client.h"
#include "tests/load/forms.h"
#include "tests/load/loop.h"
#include "tests/system/stack.h"

namespace seawall::load {

// Numbers of children, each given out once.
using Numbers = std::atomic<std::int64_t>;

// How `connections` agencies call, each over a connection of its own. Four at
// most.
std::vector<rpc::ClientSettings> Agencies(const support::Stack& stack,
                                          int connections);

// The bare echo, a process of its own.
class Echo {
 public:
  static Result<std::unique_ptr<Echo>> Start();
  std::vector<rpc::ClientSettings> Settings(int connections) const;

 private:
  Echo(support::Process process, int port)
      : process_(std::move(process)), port_(port) {}
  support::Process process_;
  int port_;
};

class Pusher {
 public:
  Pusher(const std::vector<rpc::ClientSettings>& connections, Numbers& numbers,
         std::string run);

  // SubmitContact, `in_flight` at once.
  Measured Unary(int in_flight, Span span);
  // The same at a given rate.
  Measured Open(double rate, Span span);
  // SubmitContacts, a stream a connection, `in_flight` unanswered over all.
  Measured Bulk(int in_flight, Span span);

  // Contacts stored by Unary since Keep, oldest first.
  void Keep() { keep_ = true; }
  std::vector<std::string> TakeIds();
  // Contacts answered until now.
  std::int64_t answered() const { return answered_; }

 private:
  struct Lane;
  void Begin(int lane, Finished finished);
  void Reserve(int lanes);

  std::vector<std::unique_ptr<rpc::Client>> clients_;
  Numbers& numbers_;
  const std::string run_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  bool keep_ = false;
  std::atomic<std::int64_t> answered_{0};

 public:
  ~Pusher();
};

// Ends the run when something that it needs fails.
[[noreturn]] void Die(const std::string& what, const Error& error);
template <class T>
T Must(const char* what, Result<T> result) {
  if (!result) Die(what, result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// A program of this build, such as "cli/seawall-cli".
std::string Program(const std::string& name);

}  // namespace seawall::load
