#include "libs/rpc/acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/base/thread.h"

namespace seawall::rpc {
namespace {

constexpr int kTickMs = 1000;
constexpr int kBacklog = 1024;
// What an event is of: the wake-up, a listening socket, or a connection's id
// above all of these.
constexpr std::uint64_t kWake = 0, kFirstListening = 1, kFirstConnection = 1000;
// Data that nobody acknowledges, as gRPC's keepalive has it.
constexpr int kUnacknowledgedMs = 20'000;

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Error ListenFailed(const std::string& address) {
  return Error{Code::kUnavailable, "LISTEN_FAILED",
               "cannot listen on " + address + "; is it in use?"};
}

Addresses Resolve(const std::string& address) {
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                   address.c_str() + colon + 1, &hints, &found);
  return {failed ? nullptr : found, &freeaddrinfo};
}

void SetOption(int socket, int level, int name, int value) {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

in_port_t& PortOf(sockaddr* address) {
  return address->sa_family == AF_INET6
             ? reinterpret_cast<sockaddr_in6*>(address)->sin6_port
             : reinterpret_cast<sockaddr_in*>(address)->sin_port;
}

// As gRPC writes it: `ipv4:192.0.2.1:4711`, `ipv6:%5B2001:db8::1%5D:4711`.
std::string PeerOf(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getpeername(socket, address, &size) != 0) return {};
  const std::string port = ":" + std::to_string(ntohs(PortOf(address)));
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(address)->sin_addr,
                text, sizeof text);
    return "ipv4:" + std::string(text) + port;
  }
  const auto& six = *reinterpret_cast<const sockaddr_in6*>(address);
  if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
    ::inet_ntop(AF_INET, &six.sin6_addr.s6_addr[12], text, sizeof text);
    return "ipv4:" + std::string(text) + port;
  }
  ::inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text);
  const std::string scope =
      six.sin6_scope_id ? "%25" + std::to_string(six.sin6_scope_id) : "";
  return "ipv6:%5B" + std::string(text) + scope + "%5D" + port;
}

}  // namespace

Acceptor::Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Acceptor::Acceptor(Connections& connections)
    : connections_(connections),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      reserve_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  Watch(wake_.get(), EPOLLIN, kWake);
}

Acceptor::~Acceptor() {
  ending_ = true;
  if (!thread_.joinable()) return;
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

Result<std::unique_ptr<Acceptor>> Acceptor::Listen(const std::string& address,
                                                   Connections& connections) {
  std::unique_ptr<Acceptor> acceptor(new Acceptor(connections));
  TRY_VOID(acceptor->Bind(address));
  return acceptor;
}

Result<void> Acceptor::Bind(const std::string& address) {
  const Addresses addresses = Resolve(address);
  for (addrinfo* each = addresses.get(); each; each = each->ai_next) {
    Descriptor socket(::socket(each->ai_family,
                               SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    SetOption(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (each->ai_family == AF_INET6)
      SetOption(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (port_ != 0)
      PortOf(each->ai_addr) = htons(static_cast<in_port_t>(port_));
    if (::bind(socket.get(), each->ai_addr, each->ai_addrlen) != 0 ||
        ::listen(socket.get(), kBacklog) != 0) {
      return ListenFailed(address);
    }
    ::getsockname(socket.get(), each->ai_addr, &each->ai_addrlen);
    port_ = ntohs(PortOf(each->ai_addr));
    Watch(socket.get(), EPOLLIN, kFirstListening + listening_.size());
    listening_.push_back(std::move(socket));
  }
  if (listening_.empty()) return ListenFailed(address);
  return {};
}

void Acceptor::Watch(int descriptor, std::uint32_t events, std::uint64_t id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
}

void Acceptor::Start(std::function<void(int)> take) {
  take_ = std::move(take);
  thread_ = NamedThread("acceptor", [this] { Loop(); });
}

void Acceptor::Stop() {
  if (!thread_.joinable()) return;
  closing_ = true;
  ::eventfd_write(wake_.get(), 1);
  closing_.wait(true);
}

void Acceptor::Loop() {
  auto ticked = std::chrono::steady_clock::now();
  while (!ending_) {
    epoll_event events[64];
    const int count = ::epoll_wait(epoll_.get(), events, 64, kTickMs);
    if (closing_) {
      listening_.clear();
      closing_ = false;
      closing_.notify_all();
    }
    for (int i = 0; i < count; i++) {
      const std::uint64_t id = events[i].data.u64;
      eventfd_t ignored;
      if (id == kWake) {
        ::eventfd_read(wake_.get(), &ignored);
      } else if (id >= kFirstConnection) {
        connections_.Remove(id - kFirstConnection);
      } else if (id - kFirstListening < listening_.size()) {
        Accept(listening_[id - kFirstListening].get());
      }
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - ticked < std::chrono::milliseconds(kTickMs)) continue;
    ticked = now;
    connections_.Tick();
  }
}

void Acceptor::Accept(int listening) {
  Descriptor connection(
      ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (connection.get() >= 0) return Take(std::move(connection));
  if (errno == EMFILE || errno == ENFILE) TurnAway(listening);
}

void Acceptor::TurnAway(int listening) {
  reserve_ = Descriptor();
  Descriptor(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
  reserve_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// The duplicate tells of the connection's end, whoever ends it.
void Acceptor::Take(Descriptor connection) {
  const std::string peer = PeerOf(connection.get());
  Descriptor duplicate(::fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));
  if (peer.empty() || duplicate.get() < 0) return;
  SetOption(connection.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(connection.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledgedMs);
  const int watched = duplicate.get();
  const Connections::Id id = connections_.Add(duplicate.release(), peer);
  Watch(watched, EPOLLHUP, kFirstConnection + id);
  take_(connection.release());
}

}  // namespace seawall::rpc
