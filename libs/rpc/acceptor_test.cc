#include "libs/rpc/acceptor.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>

#include "libs/rpc/client.h"
#include "libs/rpc/listener.h"
#include "libs/rpc/process.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"

namespace seawall::rpc {
namespace {

using support::Eventually;

// A client's socket on the loopback of either family.
class Dial {
 public:
  explicit Dial(int family)
      : family_(family), socket_(::socket(family, SOCK_STREAM, 0)) {}
  Dial(const Dial&) = delete;
  ~Dial() { ::close(socket_); }
  bool Connect(int port) const {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(static_cast<in_port_t>(port));
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = four.sin_port;
    six.sin6_addr = in6addr_loopback;
    return family_ == AF_INET
               ? ::connect(socket_, reinterpret_cast<sockaddr*>(&four),
                           sizeof four) == 0
               : ::connect(socket_, reinterpret_cast<sockaddr*>(&six),
                           sizeof six) == 0;
  }
  void Send(std::size_t bytes) const {
    const std::string text(bytes, 'a');
    EXPECT_EQ(::send(socket_, text.data(), bytes, MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes));
  }
  bool Ended() const {
    char byte;
    const ssize_t got = ::recv(socket_, &byte, 1, MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }

 private:
  int family_;
  int socket_;
};

class AcceptorTest : public testing::Test {
 protected:
  ~AcceptorTest() override {
    acceptor_.reset();
    for (const int fd : taken_) ::close(fd);
  }
  void Open(const std::string& address) {
    connections_.emplace(metrics_, bounds_);
    auto opened = Acceptor::Listen(address, *connections_);
    ASSERT_TRUE(opened) << opened.error().message;
    acceptor_ = *std::move(opened);
    acceptor_->Start([this](int fd) {
      const std::lock_guard lock(mutex_);
      taken_.push_back(fd);
    });
  }
  bool Taken(std::size_t count) {
    return Eventually([&] {
      const std::lock_guard lock(mutex_);
      return taken_.size() == count;
    });
  }

  metrics::Registry metrics_;
  Connections::Bounds bounds_;
  std::optional<Connections> connections_;
  std::mutex mutex_;
  std::vector<int> taken_;  // guarded by mutex_
  std::unique_ptr<Acceptor> acceptor_;
};

TEST_F(AcceptorTest, ConnectionsAreHandedOverAndForgottenWhenTheyEnd) {
  Open("[::]:0");
  const Dial four(AF_INET), six(AF_INET6);
  ASSERT_TRUE(four.Connect(acceptor_->port()));
  ASSERT_TRUE(six.Connect(acceptor_->port()));
  ASSERT_TRUE(Taken(2));
  EXPECT_EQ(connections_->open(), 2u);
  // As gRPC ends one.
  ::shutdown(taken_[0], SHUT_RDWR);
  EXPECT_TRUE(Eventually([&] { return connections_->open() == 1; }));
}

TEST_F(AcceptorTest, ATakenAddressIsRefused) {
  Open("127.0.0.1:0");
  const auto second = Acceptor::Listen(
      "127.0.0.1:" + std::to_string(acceptor_->port()), *connections_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "LISTEN_FAILED");
  EXPECT_FALSE(Acceptor::Listen("test.invalid:0", *connections_));
}

TEST_F(AcceptorTest, AfterStopThePortIsFreeAndConnectionsLiveOn) {
  Open("127.0.0.1:0");
  const Dial before(AF_INET), after(AF_INET);
  ASSERT_TRUE(before.Connect(acceptor_->port()));
  ASSERT_TRUE(Taken(1));
  acceptor_->Stop();
  EXPECT_FALSE(after.Connect(acceptor_->port()));
  EXPECT_FALSE(before.Ended());
}

TEST_F(AcceptorTest, WithoutDescriptorsItTurnsAwayAndGoesOn) {
  Open("127.0.0.1:0");
  const Dial first(AF_INET), second(AF_INET);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(::dup(0));  // the next that is free
  ::close(static_cast<int>(none.rlim_cur));
  ::setrlimit(RLIMIT_NOFILE, &none);
  const bool connected = first.Connect(acceptor_->port());
  const bool ended = Eventually([&] { return first.Ended(); });
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(connected && ended);
  ASSERT_TRUE(second.Connect(acceptor_->port()));
  EXPECT_TRUE(Taken(1));
}

TEST_F(AcceptorTest, OfThoseWithoutACallTheOneThatSendsMostIsEnded) {
  bounds_.calls = 0;
  bounds_.forgotten = 0;
  bounds_.refused = 3;
  Open("127.0.0.1:0");
  const Dial quiet(AF_INET), loud(AF_INET);
  ASSERT_TRUE(quiet.Connect(acceptor_->port()));
  ASSERT_TRUE(loud.Connect(acceptor_->port()));
  ASSERT_TRUE(Taken(2));
  quiet.Send(100);
  loud.Send(10'000);
  EXPECT_TRUE(Eventually([&] {
    EXPECT_FALSE(connections_->Begin({"urn:test", this}));
    return loud.Ended();
  }));
  EXPECT_FALSE(quiet.Ended());
}

// The name by which gRPC knows a connection is the one by which we do.
TEST(Listener, ACallNamesItsConnectionInEitherFamily) {
  auto authority = *support::Authority::Make();
  const auto own =
      *authority.Issue({support::ServiceUri("referrals"), /*server=*/true});
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    metrics::Registry metrics;
    Listener::Settings settings;
    settings.address = host + ":0";
    settings.files = {own.certificate_file, own.key_file,
                      authority.certificate_file()};
    settings.bounds.of_agency = 0;
    auto listener = *Listener::Open(settings, {}, metrics);
    ClientSettings calling;
    calling.address = host + ":" + std::to_string(listener->port());
    calling.certificate = own.certificate_file;
    calling.key = own.key_file;
    calling.ca = authority.certificate_file();
    calling.server_name = "localhost";
    calling.wait_for_ready = false;
    auto client = *Client::Connect(calling);
    EXPECT_FALSE(client->Healthy());
    EXPECT_NE(metrics.Text().find("{reason=\"AGENCY_CONNECTIONS\"} "),
              std::string::npos);
    // It is counted after it was ended.
    EXPECT_TRUE(Eventually([&] {
      return metrics.Text().find("{reason=\"AGENCY_CONNECTIONS\"} 0") ==
             std::string::npos;
    })) << host;
    listener->Stop(std::chrono::seconds(5));
  }
}

}  // namespace
}  // namespace seawall::rpc
