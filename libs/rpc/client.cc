#include "libs/rpc/client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/sync_stream.h>

#include "libs/rpc/errors.h"
#include "libs/rpc/handover.h"
#include "libs/rpc/process.h"
#include "libs/rpc/tls.h"

namespace seawall::rpc {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageLite;
using grpc::internal::RpcMethod;

// A write names its request id and a read changes nothing, so both may be sent
// again. Throttled, so that a server in trouble is not sent more than before.
constexpr char kServiceConfig[] = R"({
  "methodConfig": [{
    "name": [{}],
    "retryPolicy": {
      "maxAttempts": 5,
      "initialBackoff": "0.05s",
      "maxBackoff": "1s",
      "backoffMultiplier": 2.0,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }],
  "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.5}
})";

constexpr std::size_t kBulkQueue = 64;

// Streams are never sent again by grpc 1.51: doing so after a killed server it
// left out an item now and then. Whoever pushes a stream knows what was
// answered and goes on from there.
grpc::ChannelArguments Arguments(const ClientSettings& settings, bool retries) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, retries);
  // A long chronology is one message; the server is ours.
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // Despite its name, how long an attempt to connect may take: with less, a
  // busy machine's handshake is given up as if nobody were there.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt("seawall.connection", settings.connection);
  if (!settings.server_name.empty())
    arguments.SetSslTargetNameOverride(settings.server_name);
  return arguments;
}

std::string ToText(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!bytes.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

grpc::ByteBuffer ToBytes(const std::string& text) {
  grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

Error MalformedReply() {
  return Error{Code::kInternal, "MALFORMED",
               "the server's reply is no message of the method's type"};
}

Result<void> ToResult(const grpc::Status& status) {
  if (status.ok()) return {};
  return FromStatus(status);
}

// One asynchronous call; deletes itself.
struct Pending {
  std::string path;
  grpc::ClientContext context;
  std::function<void(Result<void>)> done;
};

// The stream of a bulk push. Items wait in a queue of at most 64, then Write
// waits: grpc takes the next one when the other side has room.
class BulkClient
    : public Client::Bulk,
      public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  BulkClient(const Message& prototype,
             std::function<void(const Message&)> reply)
      : message_(prototype.New()), reply_(std::move(reply)) {}
  ~BulkClient() override {
    if (!waited_) {
      context_.TryCancel();
      (void)Wait();
    }
  }

  void Begin(grpc::GenericStub& stub, std::string path) {
    path_ = std::move(path);
    stub.PrepareBidiStreamingCall(&context_, path_, {}, this);
    // Held until Finish, because Write comes from outside of the reactions.
    AddHold();
    HandOver(this);
    StartRead(&incoming_);
    StartCall();
  }
  grpc::ClientContext& context() { return context_; }

  bool Write(const Message& item) override {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return broken_ || queue_.size() < kBulkQueue; });
    if (broken_) return false;
    queue_.push_back(ToBytes(item.SerializeAsString()));
    Pump();
    return true;
  }

  Result<void> Finish() override {
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
      Pump();
    }
    return Wait();
  }

  void OnWriteDone(bool ok) override {
    std::lock_guard lock(mutex_);
    writing_ = false;
    queue_.pop_front();
    if (!ok) broken_ = true;
    room_.notify_all();
    Pump();
  }

  void OnReadDone(bool ok) override {
    TakeOver(this);
    if (!ok) {
      std::lock_guard lock(mutex_);
      broken_ = true;
      room_.notify_all();
      Pump();
      return;
    }
    if (message_->ParseFromString(ToText(incoming_))) {
      reply_(*message_);
    } else {
      std::lock_guard lock(mutex_);
      malformed_ = true;
    }
    HandOver(this);
    StartRead(&incoming_);
  }

  void OnDone(const grpc::Status& status) override {
    std::lock_guard lock(mutex_);
    status_ = status;
    broken_ = true;
    done_ = true;
    room_.notify_all();
  }

 private:
  void Pump() {
    if (writing_) return;
    if (!queue_.empty() && !broken_) {
      writing_ = true;
      StartWrite(&queue_.front());
      return;
    }
    if ((closing_ || broken_) && !released_) {
      released_ = true;
      if (!broken_) StartWritesDone();
      RemoveHold();
    }
  }

  Result<void> Wait() {
    std::unique_lock lock(mutex_);
    closing_ = true;
    Pump();
    room_.wait(lock, [&] { return done_; });
    waited_ = true;
    if (malformed_) return MalformedReply();
    return ToResult(status_);
  }

  grpc::ClientContext context_;
  std::string path_;
  std::unique_ptr<Message> message_;
  std::function<void(const Message&)> reply_;
  grpc::ByteBuffer incoming_;

  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<grpc::ByteBuffer> queue_;
  bool writing_ = false;
  bool closing_ = false;
  bool released_ = false;
  bool broken_ = false;
  bool malformed_ = false;
  bool done_ = false;
  bool waited_ = false;
  grpc::Status status_;
};

// A stream that could not be opened.
class NoBulk : public Client::Bulk {
 public:
  bool Write(const Message&) override { return false; }
  Result<void> Finish() override {
    return Error{Code::kInternal, "INTERNAL", "the stream was not opened"};
  }
};

}  // namespace

struct Client::State {
  ClientSettings settings;
  std::shared_ptr<grpc::Channel> channel;
  // For bulk streams; connects when the first is opened.
  std::unique_ptr<grpc::GenericStub> streams;

  void Prepare(grpc::ClientContext& context, bool bounded) const {
    if (bounded) {
      // grpc takes a relative time; the wall clock is not asked.
      context.set_deadline(gpr_time_add(
          gpr_now(GPR_CLOCK_MONOTONIC),
          gpr_time_from_millis(settings.timeout.count(), GPR_TIMESPAN)));
    }
    context.set_wait_for_ready(settings.wait_for_ready);
    if (!settings.person.empty())
      context.AddMetadata("seawall-person", settings.person);
  }
};

Client::Client(std::unique_ptr<State> state) : state_(std::move(state)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::Connect(
    const ClientSettings& settings) {
  TuneLocks();
  RequireTls13();
  TRY(const auto credentials,
      ClientTls({settings.certificate, settings.key, settings.ca}));
  auto state = std::make_unique<State>();
  state->settings = settings;
  state->channel =
      grpc::CreateCustomChannel(settings.address, credentials,
                                Arguments(settings, settings.wait_for_ready));
  state->streams =
      std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
          settings.address, credentials, Arguments(settings, false)));
  return std::unique_ptr<Client>(new Client(std::move(state)));
}

Result<void> Client::Call(const std::string& method, const Message& request,
                          Message& response) {
  grpc::ClientContext context;
  state_->Prepare(context, true);
  const std::string path = "/" + method;
  const RpcMethod rpc(path.c_str(), RpcMethod::NORMAL_RPC);
  return ToResult(grpc::internal::BlockingUnaryCall<MessageLite, MessageLite>(
      state_->channel.get(), rpc, &context, request, &response));
}

void Client::CallAsync(const std::string& method, const Message& request,
                       Message* response,
                       std::function<void(Result<void>)> done) {
  auto* pending = new Pending{"/" + method, {}, std::move(done)};
  state_->Prepare(pending->context, true);
  const RpcMethod rpc(pending->path.c_str(), RpcMethod::NORMAL_RPC);
  HandOver(pending);
  grpc::internal::CallbackUnaryCall<MessageLite, MessageLite, MessageLite,
                                    MessageLite>(
      state_->channel.get(), rpc, &pending->context, &request, response,
      [pending](grpc::Status status) {
        TakeOver(pending);
        // The context holds the channel: were it let go after `done`, it might
        // be the last to do so, and grpc cannot end its threads from their own.
        auto owned = std::unique_ptr<Pending>(pending);
        const auto done = std::move(owned->done);
        owned.reset();
        done(ToResult(status));
      });
}

std::unique_ptr<Client::Bulk> Client::OpenBulk(
    const std::string& method, const Message& reply_prototype,
    std::function<void(const Message& reply)> reply) {
  auto bulk = std::make_unique<BulkClient>(reply_prototype, std::move(reply));
  state_->Prepare(bulk->context(), false);
  bulk->Begin(*state_->streams, "/" + method);
  return bulk;
}

Result<void> Client::Follow(const std::string& method, const Message& request,
                            const Message& page_prototype,
                            std::function<bool(const Message& page)> page) {
  grpc::ClientContext context;
  state_->Prepare(context, false);
  const std::string path = "/" + method;
  const RpcMethod rpc(path.c_str(), RpcMethod::SERVER_STREAMING);
  const grpc::ByteBuffer bytes = ToBytes(request.SerializeAsString());
  const std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> reader(
      grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(
          state_->channel.get(), rpc, &context, bytes));
  const std::unique_ptr<Message> message(page_prototype.New());
  bool enough = false;
  bool malformed = false;
  grpc::ByteBuffer incoming;
  while (!enough && !malformed && reader->Read(&incoming)) {
    malformed = !message->ParseFromString(ToText(incoming));
    enough = !malformed && !page(*message);
  }
  if (enough || malformed) context.TryCancel();
  const grpc::Status status = reader->Finish();
  if (malformed) return MalformedReply();
  if (enough) return {};
  return ToResult(status);
}

Result<void> Client::Healthy(const std::string& service) {
  grpc::ClientContext context;
  state_->Prepare(context, true);
  const RpcMethod rpc("/grpc.health.v1.Health/Check", RpcMethod::NORMAL_RPC);
  // HealthCheckRequest{service = 1}; HealthCheckResponse{status = 1}, 1 =
  // SERVING. Debian ships no copy of the proto.
  std::string request;
  if (!service.empty()) {
    request = {'\x0a', static_cast<char>(service.size())};
    request += service;
  }
  const grpc::ByteBuffer bytes = ToBytes(request);
  grpc::ByteBuffer reply;
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
          state_->channel.get(), rpc, &context, bytes, &reply);
  if (!status.ok()) return FromStatus(status);
  if (ToText(reply) == "\x08\x01") return {};
  return Error{Code::kUnavailable, "NOT_SERVING",
               "the server answers, but does not serve"};
}

}  // namespace seawall::rpc
