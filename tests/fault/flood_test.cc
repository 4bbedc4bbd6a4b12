// One agency, or somebody without a certificate, that floods the transport as
// no gRPC library would: the server's memory stays bounded and others are
// answered as before.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "libs/base/thread.h"
#include "tests/fault/steady.h"
#include "tests/fault/wire.h"
#include "tests/support/eventually.h"
#include "tests/system/forms.h"

namespace seawall::support {
namespace {

constexpr std::int64_t kMostMemory = 256 * 1024;  // KiB
constexpr int kFlooders = 2;
constexpr int kCallsAtOnce = 64;
constexpr char kService[] = "/seawall.referrals.v1.ReferralsService/";

// A flood of calls: what is sent of each.
struct Calls {
  const char* name;
  std::string path;
  bool body;
  bool reset;
};

std::string Frames(const Calls& calls, std::uint32_t stream) {
  return Begin(stream, calls.path) + (calls.body ? Body(stream, "") : "") +
         (calls.reset ? Reset(stream) : "");
}

class FloodTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    StackSettings settings;
    settings.engine = GetParam();
    settings.redis = false;
    auto started = Stack::Start(settings);
    ASSERT_TRUE(started) << started.error().message;
    stack_ = *std::move(started);
  }

  Result<Wire> Police() const {
    return Wire::Connect(stack_->address(), CertificateOf(kPolice),
                         StackAuthority().certificate_file());
  }
  std::int64_t MostMemory() const {
    std::ifstream file("/proc/" + std::to_string(stack_->service().pid()) +
                       "/status");
    for (std::string line; std::getline(file, line);)
      if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
    return -1;
  }
  double Ended(const std::string& reason) const {
    return stack_
        ->Metric("seawall_connections_ended_total{reason=\"" + reason + "\"}")
        .value_or(-1);
  }
  double Open() const {
    return stack_->Metric("seawall_open_connections").value_or(-1);
  }

  // Others push at their pace meanwhile; then all is as it was.
  void ExpectOthersUnharmed(const std::string& beside, int calls = 100) {
    const Pace pace = PushSteadily(*stack_, calls);
    const std::int64_t memory = MostMemory();
    std::printf("%s: others %lld ms at most, the server %lld MiB at most\n",
                beside.c_str(), static_cast<long long>(pace.most.count()),
                static_cast<long long>(memory / 1024));
    EXPECT_EQ(pace.refused, 0) << beside << ": " << pace.refusal;
    EXPECT_LT(pace.most, kSteadyMost) << beside;
    EXPECT_LT(memory, kMostMemory) << beside;
    EXPECT_TRUE(stack_->service().Running()) << stack_->LogTail();
  }

  std::unique_ptr<Stack> stack_;
};
INSTANTIATE_TEST_SUITE_P(Engines, FloodTest,
                         testing::Values(store::Engine::kSqlite,
                                         store::Engine::kPostgres));

// Begins calls as fast as it can, over new connections when one is ended,
// until it goes away.
class Flood {
 public:
  Flood(std::function<Result<Wire>()> connect, Calls calls)
      : connect_(std::move(connect)), calls_(std::move(calls)) {
    for (int i = 0; i < kFlooders; i++)
      threads_.push_back(NamedThread("flood", [this] { Run(); }));
  }
  ~Flood() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  std::int64_t begun() const { return begun_; }

 private:
  void Run() {
    // A flood comes from other machines; of this one's processors it gets what
    // the server leaves.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
    while (!stop_) {
      auto wire = connect_();
      if (wire) RunOver(*wire);
    }
  }
  void RunOver(Wire& wire) {
    std::uint32_t stream = 1;
    bool open = true;
    while (open && !stop_) {
      std::string frames;
      for (int i = 0; i < kCallsAtOnce; i++, stream += 2)
        frames += Frames(calls_, stream);
      open = wire.Send(frames) && !wire.Closed();
      begun_ += kCallsAtOnce;
    }
  }

  const std::function<Result<Wire>()> connect_;
  const Calls calls_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::int64_t> begun_ = 0;
  std::vector<std::thread> threads_;
};

TEST_P(FloodTest, CallsThatAreCancelledOrNeverSaidTakeNoMemoryAndNoTurn) {
  const std::string unary = std::string(kService) + "SubmitContact";
  const std::string stream = std::string(kService) + "SubmitContacts";
  const std::string none = std::string(kService) + "Test-None";
  for (const Calls& calls : std::vector<Calls>{
           {"headers, reset", unary, false, true},
           {"request, reset", unary, true, true},
           {"stream, reset", stream, false, true},
           {"unknown method, reset", none, false, true},
           {"health, reset", "/grpc.health.v1.Health/Watch", true, true},
           {"reflection, reset",
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            false, true},
           {"headers alone", unary, false, false},
           {"streams without items", stream, false, false}}) {
    const double before = Ended("CALLS_CANCELLED");
    const Flood flood([this] { return Police(); }, calls);
    ExpectOthersUnharmed(calls.name);
    EXPECT_GT(flood.begun(), 10'000) << calls.name;
    EXPECT_GT(Ended("CALLS_CANCELLED"), before) << calls.name;
    if (HasFailure()) return;  // the next would only take longer
  }
  // It did harm to itself, and not for long.
  EXPECT_TRUE(Eventually([&] {
    return Said(Submit(*stack_->As(kPolice), TestRequest(1, "after"))) == "OK";
  }));
}

TEST_P(FloodTest, ConnectionsThatSayNothingLeaveRoomForOthers) {
  constexpr int kSilent = 2000;
  constexpr double kNameless = 256;
  // The beginning of a ClientHello of 512 bytes, and no more.
  constexpr std::string_view kHalf("\x16\x03\x01\x02\x00\x01", 6);
  std::vector<Socket> sockets;
  std::vector<Wire> wires;
  for (int i = 0; i < kSilent; i++) {
    auto socket = Socket::Connect(stack_->address());
    ASSERT_TRUE(socket) << socket.error().message;
    if (i % 2)
      (void)!::send(socket->fd(), kHalf.data(), kHalf.size(), MSG_NOSIGNAL);
    sockets.push_back(*std::move(socket));
    if (i % 20) continue;
    auto wire = Police();  // a handshake, and no call
    ASSERT_TRUE(wire) << "no place for connection " << i;
    wires.push_back(*std::move(wire));
  }
  ExpectOthersUnharmed("silent connections");
  EXPECT_LE(Open(), kNameless + 10);
  EXPECT_GE(Ended("HALF_OPEN"), kSilent - kNameless);
}

TEST_P(FloodTest, AnAgencyHasItsShareOfConnections) {
  constexpr int kConnections = 300, kOfOne = 128;
  std::vector<Wire> wires;
  for (int i = 0; i < kConnections; i++) {
    auto wire = Police();
    ASSERT_TRUE(wire) << wire.error().message;
    EXPECT_TRUE(wire->Send(Begin(1, std::string(kService) + "SubmitContact") +
                           Body(1, "")));
    (void)wire->Receive(std::chrono::seconds(5));
    wires.push_back(*std::move(wire));
  }
  ExpectOthersUnharmed("connections of one agency");
  EXPECT_EQ(Ended("AGENCY_CONNECTIONS"), kConnections - kOfOne);
  // Those within the share are open still.
  const auto open = std::count_if(wires.begin(), wires.end(),
                                  [](Wire& wire) { return !wire.Closed(); });
  EXPECT_EQ(open, kOfOne);
}

TEST_P(FloodTest, HeadersWithoutEndAndBodiesThatComeSlowlyAreBounded) {
  constexpr int kConnections = 64, kStreams = 100;
  std::vector<Wire> wires;
  const std::string part(16 * 1024, 'a');
  for (int i = 0; i < kConnections; i++) {
    auto wire = Police();
    ASSERT_TRUE(wire) << wire.error().message;
    if (i % 2) {
      // A megabyte of one call's headers.
      bool open = wire->Send(
          Frame(FrameType::kHeaders, 0, 1,
                CallHeaders(std::string(kService) + "SubmitContact")));
      for (int k = 0; open && k < 64; k++)
        open = wire->Send(Frame(FrameType::kContinuation, 0, 1,
                                Header("x-test", part.substr(0, 16'000))));
    } else {
      // What flow control lets in of a message of a megabyte, in each call.
      const std::string prefix("\0\0\x0f\xff\xff", 5);
      for (std::uint32_t k = 0; k < kStreams; k++) {
        const std::uint32_t stream = 2 * k + 1;
        wire->Send(
            Begin(stream, std::string(kService) + "SubmitContact") +
            Frame(FrameType::kData, 0, stream, prefix + part.substr(0, 600)));
      }
    }
    wires.push_back(*std::move(wire));
  }
  ExpectOthersUnharmed("headers and bodies");
}

}  // namespace
}  // namespace seawall::support
