#include "libs/rpc/listener.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/support/server_interceptor.h>

namespace seawall::rpc {
namespace {

// Four times and more what the Gate takes, which refuses with a reason; beyond
// these, the call or the stream ends with a bare status.
constexpr int kMessageBytes = 1024 * 1024;
constexpr int kMetadataBytes = 64 * 1024;
constexpr int kStreamsAConnection = 128;
constexpr std::size_t kMemoryBytes = 96 * 1024 * 1024;
// All frames of a read become calls before one of them is looked at: 28 bytes
// are enough for a call and its cancelling.
constexpr int kReadBytes = 16 * 1024;
constexpr int kHandshakeMs = 10'000;
constexpr int kIdleMs = 5 * 60'000;
constexpr int kAgeMs = 30 * 60'000;
constexpr int kAgeGraceMs = 30'000;
// Clients may ask every 30 s whether the connection still holds, streams open
// or not.
constexpr int kPingEveryMs = 20'000;
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;

void SetLimits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMessageBytes);
  const auto set = [&](const char* name, int value) {
    builder.AddChannelArgument(name, value);
  };
  set(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytes);
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsAConnection);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs);
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMs);
  set(GRPC_ARG_MAX_CONNECTION_AGE_MS, kAgeMs);
  set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kAgeGraceMs);
  set(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingEveryMs);
  set(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, kReadBytes);
  grpc::ResourceQuota quota("seawall");
  quota.Resize(kMemoryBytes);
  builder.SetResourceQuota(quota);
}

Connections::Owner OwnerOf(const grpc::AuthContext& context) {
  auto found = context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME);
  if (!found.empty())
    return {{found[0].data(), found[0].size()}, found[0].data()};
  found = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  return {{}, found.empty() ? nullptr : found[0].data()};
}

// The first that we hear of a call, on the thread that reads the connection:
// beyond this each costs what gRPC gives a call.
class CallStart : public grpc::AuthMetadataProcessor {
 public:
  explicit CallStart(Connections& connections) : connections_(connections) {}
  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata&, grpc::AuthContext* context,
                       OutputMetadata*, OutputMetadata*) override {
    if (connections_.Begin(OwnerOf(*context))) return grpc::Status::OK;
    return {grpc::StatusCode::RESOURCE_EXHAUSTED,
            "your agency has too many calls under way or cancelled"};
  }

 private:
  Connections& connections_;
};

// What the application hears of a call, and whether it was answered. Of calls
// on gRPC's own threads (reflection, methods that nobody has) nobody may ask
// that here: their allowance comes back with time alone.
class CallEnd : public grpc::experimental::Interceptor {
 public:
  CallEnd(Connections& connections, grpc::ServerContextBase& context)
      : connections_(connections),
        context_(context),
        callback_(dynamic_cast<grpc::CallbackServerContext*>(&context)) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    using Hook = grpc::experimental::InterceptionHookPoints;
    if (batch->QueryInterceptionHookPoint(Hook::POST_RECV_INITIAL_METADATA)) {
      const auto peer = context_.auth_context();
      connections_.Name(context_.peer(), OwnerOf(*peer));
    }
    // Not before: until then nobody knows of a cancelling that is on its way.
    if (batch->QueryInterceptionHookPoint(Hook::POST_RECV_CLOSE) && callback_ &&
        !callback_->IsCancelled()) {
      const auto peer = context_.auth_context();
      connections_.Answered(OwnerOf(*peer).uri);
    }
    batch->Proceed();
  }

 private:
  Connections& connections_;
  grpc::ServerContextBase& context_;
  grpc::CallbackServerContext* callback_;  // null = on gRPC's own threads
};

class CallEnds : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit CallEnds(Connections& connections) : connections_(connections) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    return new CallEnd(connections_, *info->server_context());
  }

 private:
  Connections& connections_;
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::Open(
    const Settings& settings, const std::vector<grpc::Service*>& services,
    metrics::Registry& metrics) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<Listener> listener(new Listener(settings, metrics));
  TRY(listener->acceptor_,
      Acceptor::Listen(settings.address, listener->connections_));
  TRY_VOID(listener->Build(settings, services));
  listener->SetServing({}, false);
  listener->acceptor_->Start([handover = listener->handover_.get()](int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
        connection;
    connection.fd = fd;
    handover->HandleNewConnection(&connection);
  });
  return listener;
}

Result<void> Listener::Build(const Settings& settings,
                             const std::vector<grpc::Service*>& services) {
  grpc::ServerBuilder builder;
  SetLimits(builder);
  // Only reflection is served by threads of their own.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  const auto tls = ServerTls(settings.files, settings.refresh_seconds);
  tls->SetAuthMetadataProcessor(std::make_shared<CallStart>(connections_));
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      ends;
  ends.push_back(std::make_unique<CallEnds>(connections_));
  builder.experimental().SetInterceptorCreators(std::move(ends));
  handover_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      tls);
  for (grpc::Service* service : services) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  if (server_) return {};
  return Error{Code::kUnavailable, "LISTEN_FAILED",
               "gRPC does not serve " + settings.address};
}

void Listener::SetServing(const std::vector<std::string>& services,
                          bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus(serving);
  for (const std::string& service : services)
    health->SetServingStatus(service, serving);
}

void Listener::Stop(std::chrono::milliseconds deadline) {
  acceptor_->Stop();
  server_->Shutdown(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                   gpr_time_from_millis(deadline.count(), GPR_TIMESPAN)));
}

}  // namespace seawall::rpc
