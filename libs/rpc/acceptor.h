// Acceptor: the listening sockets, and the thread that takes connections from
// them. Ours rather than gRPC's, which lets nobody bound connections or end
// one, and which may never accept again after it ran out of descriptors
// (CVE-2023-4785 in 1.51).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/error.h"
#include "libs/rpc/connections.h"

namespace seawall::rpc {

class Acceptor {
 public:
  // Listens on `host:port`, on each address that the host has; port 0 = a free
  // one. LISTEN_FAILED (kUnavailable).
  static Result<std::unique_ptr<Acceptor>> Listen(const std::string& address,
                                                  Connections& connections);
  ~Acceptor();

  int port() const { return port_; }
  // Hands each connection's descriptor over, from a thread of its own.
  void Start(std::function<void(int)> take);
  // Takes no more and closes the port; connections live on and are looked
  // after until the acceptor goes.
  void Stop();

 private:
  class Descriptor {
   public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
      std::swap(fd_, other.fd_);
      return *this;
    }
    ~Descriptor();
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

   private:
    int fd_;
  };

  explicit Acceptor(Connections& connections);
  Result<void> Bind(const std::string& address);
  void Watch(int descriptor, std::uint32_t events, std::uint64_t id);
  void Loop();
  void Accept(int listening);
  // A connection that nobody can hold is taken and closed, or it would wait and
  // wake us for ever.
  void TurnAway(int listening);
  void Take(Descriptor connection);

  Connections& connections_;
  std::function<void(int)> take_;
  Descriptor epoll_, wake_, reserve_;
  std::vector<Descriptor> listening_;
  int port_ = 0;
  std::atomic<bool> closing_ = false, ending_ = false;
  std::thread thread_;
};

}  // namespace seawall::rpc
