#include "libs/rpc/probe.h"

#include "libs/log/log.h"
#include "libs/rpc/client.h"

namespace seawall::rpc {
namespace {

constexpr std::chrono::seconds kTimeout{5};

// Connections are shared between channels of equal settings; this one must be
// new.
int NextConnection() {
  static std::atomic<int> last{1'000'000};
  return ++last;
}

}  // namespace

Result<void> ProbeOnce(const TlsFiles& files, const std::string& address) {
  ClientSettings settings;
  settings.address = address;
  settings.certificate = files.certificate;
  settings.key = files.key;
  settings.ca = files.ca;
  TRY(settings.server_name, DnsName(files.certificate));
  settings.timeout = kTimeout;
  settings.wait_for_ready = false;
  settings.connection = NextConnection();
  TRY(const auto client, Client::Connect(settings));
  return client->Healthy();
}

std::string ProbeAddress(const std::string& listen, int port) {
  std::string host = listen.substr(0, listen.rfind(':'));
  if (host == "0.0.0.0" || host.empty()) host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return host + ":" + std::to_string(port);
}

Probe::Probe(std::chrono::milliseconds period,
             std::function<Result<void>()> ask, std::function<void()> give_up)
    : ask_(std::move(ask)),
      give_up_(std::move(give_up)),
      periodic_(period, [this] { Step(); }) {}

void Probe::Step() {
  if (failures_ >= kProbeFailures) return;
  const Result<void> answered = ask_();
  if (answered || answered.error().reason == "NOT_SERVING") {
    failures_ = 0;
    return;
  }
  failures_++;
  log::Warn("the server does not answer itself",
            {{"reason", answered.error().reason},
             {"failures", std::int64_t(failures_)}});
  if (failures_ >= kProbeFailures) give_up_();
}

}  // namespace seawall::rpc
