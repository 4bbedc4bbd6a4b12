#include "tests/fault/wire.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace seawall::support {
namespace {

constexpr timeval kPatience{5, 0};
constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::uint32_t kCancel = 8;

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

Error Failed(const char* what) {
  return Error{Code::kUnavailable, "WIRE", what};
}

Result<Context> MakeContext(const Certificate& certificate,
                            const std::string& authority_file) {
  Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  constexpr unsigned char kH2[] = {2, 'h', '2'};
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool made =
      SSL_CTX_load_verify_file(context.get(), authority_file.c_str()) == 1 &&
      SSL_CTX_use_certificate_file(context.get(),
                                   certificate.certificate_file.c_str(),
                                   SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_use_PrivateKey_file(context.get(), certificate.key_file.c_str(),
                                  SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_set_alpn_protos(context.get(), kH2, sizeof kH2) == 0;
  if (!made) return Failed("certificates");
  return context;
}

void PutNumber(std::uint32_t number, int bytes, std::string& out) {
  for (int i = bytes - 1; i >= 0; i--)
    out.push_back(static_cast<char>(number >> (8 * i)));
}

// RFC 7541, 5.1 and 5.2: a length of seven bits, then the bytes as they are.
void PutText(std::string_view text, std::string& out) {
  constexpr std::size_t kMost = 127;
  std::size_t size = text.size();
  if (size < kMost) {
    out.push_back(static_cast<char>(size));
  } else {
    out.push_back(static_cast<char>(kMost));
    for (size -= kMost; size >= 128; size /= 128)
      out.push_back(static_cast<char>(size % 128 + 128));
    out.push_back(static_cast<char>(size));
  }
  out.append(text);
}

}  // namespace

// ---- TCP ----

Result<Socket> Socket::Connect(const std::string& address) {
  Socket made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (made.fd_ < 0) return Failed("no descriptor is left");
  ::setsockopt(made.fd_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(made.fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  const int yes = 1;
  ::setsockopt(made.fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<unsigned short>(
      std::stoi(address.substr(address.rfind(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made.fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    return Failed("cannot connect");
  return made;
}

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

bool Socket::Closed() const {
  char part[4096];
  ssize_t got = 0;
  while ((got = ::recv(fd_, part, sizeof part, MSG_DONTWAIT)) > 0) {
  }
  return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

// ---- TLS ----

Result<Wire> Wire::Connect(const std::string& address,
                           const Certificate& certificate,
                           const std::string& authority_file) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to what was closed
  TRY(const Context context, MakeContext(certificate, authority_file));
  TRY(Socket socket, Socket::Connect(address));
  Session session(SSL_new(context.get()), &SSL_free);
  if (SSL_set_fd(session.get(), socket.fd()) != 1 ||
      SSL_connect(session.get()) != 1) {
    return Failed("no handshake");
  }
  Wire wire(std::move(socket), std::move(session));
  if (!wire.Send(kPreface + Frame(FrameType::kSettings, 0, 0, "")))
    return Failed("no preface");
  return wire;
}

bool Wire::Send(std::string_view bytes) {
  if (closed_) return false;
  closed_ = SSL_write(session_.get(), bytes.data(),
                      static_cast<int>(bytes.size())) <= 0;
  return !closed_;
}

std::string Wire::Receive(std::chrono::milliseconds wait) {
  if (closed_) return {};
  pollfd ready{socket_.fd(), POLLIN, 0};
  if (SSL_pending(session_.get()) == 0 &&
      ::poll(&ready, 1, static_cast<int>(wait.count())) != 1) {
    return {};
  }
  std::string part(16 * 1024, '\0');
  const int got = SSL_read(session_.get(), part.data(), 16 * 1024);
  closed_ = got <= 0;
  part.resize(closed_ ? 0 : static_cast<std::size_t>(got));
  return part;
}

bool Wire::Closed() {
  while (!Receive(std::chrono::milliseconds(0)).empty()) {
  }
  return closed_;
}

// ---- HTTP/2 ----

std::string Frame(FrameType type, unsigned char flags, std::uint32_t stream,
                  std::string_view payload) {
  std::string frame;
  PutNumber(static_cast<std::uint32_t>(payload.size()), 3, frame);
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  PutNumber(stream, 4, frame);
  frame.append(payload);
  return frame;
}

std::string Header(std::string_view name, std::string_view value) {
  std::string header(1, '\0');
  PutText(name, header);
  PutText(value, header);
  return header;
}

std::string CallHeaders(const std::string& path) {
  std::string headers = "\x83\x87";  // POST, https
  headers += Header(":path", path) + Header(":authority", "localhost") +
             Header("content-type", "application/grpc") +
             Header("te", "trailers");
  return headers;
}

std::string Begin(std::uint32_t stream, const std::string& path) {
  return Frame(FrameType::kHeaders, kEndHeaders, stream, CallHeaders(path));
}

std::string Body(std::uint32_t stream, std::string_view message) {
  std::string body(1, '\0');  // not compressed
  PutNumber(static_cast<std::uint32_t>(message.size()), 4, body);
  body.append(message);
  return Frame(FrameType::kData, kEndStream, stream, body);
}

std::string Reset(std::uint32_t stream) {
  std::string code;
  PutNumber(kCancel, 4, code);
  return Frame(FrameType::kReset, 0, stream, code);
}

}  // namespace seawall::support
