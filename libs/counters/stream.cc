#include "libs/counters/stream.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "libs/base/thread.h"

namespace seawall::counters {

// ---- addresses ----

namespace {

Error BadAddress(const std::string& text) {
  return Error{Code::kInvalidArgument, "COUNTERS_ADDRESS",
               "'" + text +
                   "' is no address of Redis; write host:port, unix:/path or "
                   "tls:host:port"};
}

}  // namespace

Result<Address> ParseAddress(const std::string& text) {
  Address address;
  std::string rest = text;
  if (rest.starts_with("unix:")) {
    address.kind = Address::Kind::kUnix;
    address.path = rest.substr(5);
    if (address.path.empty() ||
        address.path.size() >= sizeof(sockaddr_un{}.sun_path)) {
      return BadAddress(text);
    }
    return address;
  }
  if (rest.starts_with("tls:")) {
    address.kind = Address::Kind::kTls;
    rest = rest.substr(4);
  }
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size() ||
      rest.find_first_not_of("0123456789", colon + 1) != std::string::npos) {
    return BadAddress(text);
  }
  address.host = rest.substr(0, colon);
  address.port = rest.substr(colon + 1);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return address;
}

Error Unavailable(const std::string& what) {
  return Error{Code::kUnavailable, "COUNTERS_UNAVAILABLE",
               "the counters cannot be reached: " + what};
}

// ---- looking up ----

struct Resolver::Found {
  addrinfo* list = nullptr;
  ~Found() {
    if (list != nullptr) freeaddrinfo(list);
  }
};

// Shared with the thread that looks up, which may outlive the resolver.
struct Resolver::Pending {
  std::mutex mutex;
  std::condition_variable done;
  bool finished = false;
  int error = 0;
  std::shared_ptr<Found> found = std::make_shared<Found>();
};

namespace {

int LookUp(const Address& address, int flags, addrinfo** list) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  return getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, list);
}

}  // namespace

Result<std::shared_ptr<Resolver::Found>> Resolver::Resolve(
    const Address& address, Deadline deadline) {
  auto numeric = std::make_shared<Found>();
  if (LookUp(address, AI_NUMERICHOST, &numeric->list) == 0) return numeric;
  if (!pending_) {
    pending_ = std::make_shared<Pending>();
    // getaddrinfo has no deadline of its own, so it waits on a thread that may
    // be left behind.
    NamedThread("resolver", [pending = pending_, address] {
      const int error = LookUp(address, 0, &pending->found->list);
      const std::lock_guard lock(pending->mutex);
      pending->error = error;
      pending->finished = true;
      pending->done.notify_all();
    }).detach();
  }
  const std::shared_ptr<Pending> pending = pending_;
  std::unique_lock lock(pending->mutex);
  if (!pending->done.wait_until(lock, deadline,
                                [&] { return pending->finished; })) {
    return Unavailable("the host name was not resolved in time");
  }
  pending_.reset();
  if (pending->error != 0) return Unavailable("the host name is unknown");
  return pending->found;
}

// ---- the plain socket ----

namespace {

class Socket : public Stream {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() override { close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor() const { return descriptor_; }

  Result<void> Write(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      const ssize_t sent =
          send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        TRY_VOID(Wait(POLLOUT, deadline));
      } else if (errno != EINTR) {
        return Unavailable("sending failed");
      }
    }
    return {};
  }

  Result<std::size_t> Read(char* buffer, std::size_t size,
                           Deadline deadline) override {
    while (true) {
      const ssize_t received = recv(descriptor_, buffer, size, 0);
      if (received > 0) return static_cast<std::size_t>(received);
      if (received == 0) return Unavailable("it closed the connection");
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        TRY_VOID(Wait(POLLIN, deadline));
      } else if (errno != EINTR) {
        return Unavailable("receiving failed");
      }
    }
  }

  bool Open() const override {
    char byte;
    const ssize_t size = recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size > 0 || (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
  }

  Result<void> Wait(short events, Deadline deadline) {
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return Unavailable("it did not answer in time");
      pollfd waiting{descriptor_, events, 0};
      const int ready = poll(&waiting, 1, static_cast<int>(left.count()));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return Unavailable("polling failed");
    }
  }

 private:
  const int descriptor_;
};

Result<std::unique_ptr<Socket>> ConnectTo(int family, const sockaddr* address,
                                          socklen_t length, Deadline deadline) {
  const int descriptor =
      socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return Unavailable("no socket");
  auto result = std::make_unique<Socket>(descriptor);
  if (family != AF_UNIX) {
    const int one = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
  }
  if (connect(descriptor, address, length) == 0) return result;
  if (errno != EINPROGRESS) return Unavailable("connecting was refused");
  TRY_VOID(result->Wait(POLLOUT, deadline));
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Unavailable("connecting was refused");
  return result;
}

Result<std::unique_ptr<Socket>> ConnectUnix(const Address& address,
                                            Deadline deadline) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, address.path.data(), address.path.size());
  return ConnectTo(AF_UNIX, reinterpret_cast<const sockaddr*>(&name),
                   sizeof name, deadline);
}

Result<std::unique_ptr<Socket>> ConnectTcp(const Resolver::Found& found,
                                           Deadline deadline) {
  Error last = Unavailable("the host has no address");
  for (const addrinfo* at = found.list; at != nullptr; at = at->ai_next) {
    auto connected =
        ConnectTo(at->ai_family, at->ai_addr, at->ai_addrlen, deadline);
    if (connected) return connected;
    last = connected.error();
  }
  return last;
}

// ---- TLS ----

// OpenSSL works on memory here and the socket is ours: so the deadlines hold,
// and a peer that went away cannot raise SIGPIPE.
class Tls : public Stream {
 public:
  static Result<std::unique_ptr<Stream>> Make(std::unique_ptr<Socket> socket,
                                              const std::string& host,
                                              const TlsFiles& files,
                                              Deadline deadline) {
    ERR_clear_error();
    std::unique_ptr<Tls> tls(new Tls(std::move(socket)));
    TRY_VOID(tls->Prepare(host, files));
    TRY_VOID(tls->Run([&] { return SSL_connect(tls->ssl_.get()); }, deadline));
    return std::unique_ptr<Stream>(std::move(tls));
  }

  Result<void> Write(std::string_view bytes, Deadline deadline) override {
    TRY_VOID(Run(
        [&] {
          return SSL_write(ssl_.get(), bytes.data(),
                           static_cast<int>(bytes.size()));
        },
        deadline));
    return {};
  }

  Result<std::size_t> Read(char* buffer, std::size_t size,
                           Deadline deadline) override {
    return Run(
        [&] { return SSL_read(ssl_.get(), buffer, static_cast<int>(size)); },
        deadline);
  }

  bool Open() const override { return socket_->Open(); }

 private:
  explicit Tls(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}

  Result<void> Prepare(const std::string& host, const TlsFiles& files) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!context_) return Unavailable("no TLS context");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    const int trusted =
        files.authority.empty()
            ? SSL_CTX_set_default_verify_paths(context_.get())
            : SSL_CTX_load_verify_locations(context_.get(),
                                            files.authority.c_str(), nullptr);
    if (trusted != 1) return Unavailable("the authority file is unreadable");
    if (!files.certificate.empty() &&
        (SSL_CTX_use_certificate_chain_file(context_.get(),
                                            files.certificate.c_str()) != 1 ||
         SSL_CTX_use_PrivateKey_file(context_.get(), files.key.c_str(),
                                     SSL_FILETYPE_PEM) != 1)) {
      return Unavailable("our certificate or key is unreadable");
    }
    ssl_.reset(SSL_new(context_.get()));
    if (!ssl_) return Unavailable("no TLS session");
    incoming_ = BIO_new(BIO_s_mem());
    outgoing_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), incoming_, outgoing_);  // which then owns them
    return ExpectHost(host);
  }

  Result<void> ExpectHost(const std::string& host) {
    X509_VERIFY_PARAM* expected = SSL_get0_param(ssl_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1) return {};
    ERR_clear_error();
    if (SSL_set1_host(ssl_.get(), host.c_str()) != 1 ||
        SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) != 1) {
      return Unavailable("the host name does not suit TLS");
    }
    return {};
  }

  // Repeats one call of OpenSSL until it is through, moving bytes between it
  // and the socket. Returns its positive result.
  template <class Call>
  Result<std::size_t> Run(Call call, Deadline deadline) {
    while (true) {
      ERR_clear_error();
      const int result = call();
      TRY_VOID(Flush(deadline));
      if (result > 0) return static_cast<std::size_t>(result);
      if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) {
        return Unavailable(Why());
      }
      TRY_VOID(Fill(deadline));
    }
  }

  std::string Why() {
    if (SSL_get_verify_result(ssl_.get()) != X509_V_OK) {
      return "its certificate is not trusted";
    }
    return "TLS failed";
  }

  Result<void> Flush(Deadline deadline) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(outgoing_, &bytes);
    if (size <= 0) return {};
    TRY_VOID(socket_->Write({bytes, static_cast<std::size_t>(size)}, deadline));
    BIO_reset(outgoing_);
    return {};
  }

  Result<void> Fill(Deadline deadline) {
    char bytes[16384];
    TRY(const std::size_t size, socket_->Read(bytes, sizeof bytes, deadline));
    BIO_write(incoming_, bytes, static_cast<int>(size));
    return {};
  }

  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<Socket> socket_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
  BIO* incoming_ = nullptr;  // owned by ssl_
  BIO* outgoing_ = nullptr;  // owned by ssl_
};

}  // namespace

Result<std::unique_ptr<Stream>> Connect(const Address& address,
                                        const TlsFiles& files,
                                        Resolver& resolver, Deadline deadline) {
  if (address.kind == Address::Kind::kUnix) {
    TRY(auto socket, ConnectUnix(address, deadline));
    return std::unique_ptr<Stream>(std::move(socket));
  }
  TRY(const auto found, resolver.Resolve(address, deadline));
  TRY(auto socket, ConnectTcp(*found, deadline));
  if (address.kind == Address::Kind::kTcp) {
    return std::unique_ptr<Stream>(std::move(socket));
  }
  return Tls::Make(std::move(socket), address.host, files, deadline);
}

}  // namespace seawall::counters
