// Wire: HTTP/2 over mutual TLS, byte by byte, for a client that does what no
// gRPC library would.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "libs/base/error.h"
#include "tests/support/certificates.h"

namespace seawall::support {

// A connection of TCP; says nothing by itself. Every wait ends within five
// seconds.
class Socket {
 public:
  static Result<Socket> Connect(const std::string& address);
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket();
  int fd() const { return fd_; }
  // The other side has closed it. Reads away what came.
  bool Closed() const;

 private:
  explicit Socket(int fd) : fd_(fd) {}
  int fd_;
};

// For one thread at a time.
class Wire {
 public:
  // TLS and the preface of HTTP/2. The server's settings are not acknowledged,
  // so that its limit of streams does not bind yet.
  static Result<Wire> Connect(const std::string& address,
                              const Certificate& certificate,
                              const std::string& authority_file);

  // False when the other side has closed the connection or takes no more.
  bool Send(std::string_view bytes);
  // What came; empty when nothing did within `wait`, or it is closed.
  std::string Receive(std::chrono::milliseconds wait);
  // Has been closed by the other side; reads away what came.
  bool Closed();
  const Socket& socket() const { return socket_; }

 private:
  using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;
  Wire(Socket socket, Session session)
      : socket_(std::move(socket)), session_(std::move(session)) {}
  Socket socket_;
  Session session_;
  bool closed_ = false;
};

enum class FrameType : unsigned char {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kContinuation = 9
};
inline constexpr unsigned char kEndStream = 1, kEndHeaders = 4;

std::string Frame(FrameType type, unsigned char flags, std::uint32_t stream,
                  std::string_view payload);

// The headers of a call of gRPC, without compression by table.
std::string CallHeaders(const std::string& path);
std::string Header(std::string_view name, std::string_view value);
// The frames of a call, whose number is odd: its headers…
std::string Begin(std::uint32_t stream, const std::string& path);
// …its request, whole…
std::string Body(std::uint32_t stream, std::string_view message);
// …and its cancelling.
std::string Reset(std::uint32_t stream);

}  // namespace seawall::support
