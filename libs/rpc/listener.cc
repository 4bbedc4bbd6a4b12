#include "libs/rpc/listener.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

namespace seawall::rpc {
namespace {

// Four times and more what the Gate takes, which refuses with a reason; beyond
// these, the call or the stream ends with a bare status.
constexpr int kMessageBytes = 1024 * 1024;
constexpr int kMetadataBytes = 64 * 1024;
constexpr int kStreamsAConnection = 128;
constexpr std::size_t kMemoryBytes = 96 * 1024 * 1024;
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
  // Two servers on one port would share its connections unseen.
  set(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota("seawall");
  quota.Resize(kMemoryBytes);
  builder.SetResourceQuota(quota);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::Open(
    const std::string& address, const TlsFiles& files, unsigned refresh_seconds,
    const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  auto listener = std::make_unique<Listener>();
  grpc::ServerBuilder builder;
  SetLimits(builder);
  // Only reflection is served by threads of their own.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  builder.AddListeningPort(address, ServerTls(files, refresh_seconds),
                           &listener->port_);
  for (grpc::Service* service : services) builder.RegisterService(service);
  listener->server_ = builder.BuildAndStart();
  if (!listener->server_ || listener->port_ == 0) {
    return Error{Code::kUnavailable, "LISTEN_FAILED",
                 "cannot listen on " + address + "; is it in use?"};
  }
  listener->SetServing({}, false);
  return listener;
}

void Listener::SetServing(const std::vector<std::string>& services,
                          bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus(serving);
  for (const std::string& service : services)
    health->SetServingStatus(service, serving);
}

void Listener::Stop(std::chrono::milliseconds deadline) {
  server_->Shutdown(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                   gpr_time_from_millis(deadline.count(), GPR_TIMESPAN)));
}

}  // namespace seawall::rpc
