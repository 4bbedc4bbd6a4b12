#include "libs/rpc/connections.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "libs/log/log.h"

namespace seawall::rpc {
namespace {

constexpr int kLinesASecond = 20;

std::int64_t SecondOf(std::chrono::steady_clock::time_point now) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             now.time_since_epoch())
      .count();
}

std::uint64_t BytesReceived(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_bytes_received;
}

// What was sent and not yet read is thrown away, so that gRPC sees the end now
// and not after thousands of calls more.
void Shut(int descriptor) {
  ::shutdown(descriptor, SHUT_RDWR);
  constexpr std::size_t kPart = 1 << 20;
  while (::recv(descriptor, nullptr, kPart, MSG_TRUNC | MSG_DONTWAIT) > 0) {
  }
}

}  // namespace

Connections::Connections(metrics::Registry& metrics, const Bounds& bounds)
    : bounds_(bounds) {
  const auto add = [&](Reason reason, const char* name) {
    ended_[reason] =
        metrics.MakeCounter("seawall_connections_ended_total",
                            "How many connections did the server end, and why?",
                            {{"reason", name}});
  };
  add(Reason::kHalfOpen, "HALF_OPEN");
  add(Reason::kAgency, "AGENCY_CONNECTIONS");
  add(Reason::kAll, "CONNECTIONS");
  add(Reason::kCalls, "CALLS_CANCELLED");
  open_ = metrics.MakeGauge("seawall_open_connections",
                            "How many connections are open?");
}

Connections::~Connections() {
  for (const auto& [id, connection] : connections_)
    ::close(connection.descriptor);
}

std::string Connections::AgencyOf(std::string_view uri) {
  for (const std::string_view kind : {"/agency/", "/service/"}) {
    const auto found = uri.find(kind);
    if (found == std::string_view::npos) continue;
    uri.remove_prefix(found + kind.size());
    return std::string(uri.substr(0, uri.find('/')));
  }
  return uri.empty() ? "?" : std::string(uri);
}

// ---- connections ----

Connections::Id Connections::Add(int descriptor, const std::string& peer) {
  const std::lock_guard lock(mutex_);
  const Id id = ++last_;
  Connection& added = connections_[id];
  added.descriptor = descriptor;
  added.peer = peer;
  by_peer_[peer] = id;
  count_++;
  if (++counts_[""] > bounds_.nameless) EndOldest("", false, Reason::kHalfOpen);
  if (count_ > bounds_.all) EndOfMost();
  return id;
}

void Connections::Remove(Id id) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const Connection& gone = found->second;
  if (!gone.ended) {
    counts_[gone.agency]--;
    count_--;
  }
  const auto peer = by_peer_.find(gone.peer);
  if (peer != by_peer_.end() && peer->second == id) by_peer_.erase(peer);
  const auto place = by_place_.find(gone.place);
  if (place != by_place_.end() && place->second == id) by_place_.erase(place);
  ::close(gone.descriptor);
  connections_.erase(found);
}

void Connections::Name(const std::string& peer, const Owner& owner) {
  const std::lock_guard lock(mutex_);
  const auto found = by_peer_.find(peer);
  if (found == by_peer_.end()) return;
  Connection& connection = connections_.at(found->second);
  if (connection.named || connection.ended) return;
  connection.named = true;
  connection.agency = AgencyOf(owner.uri);
  connection.place = owner.place;
  by_place_[owner.place] = found->second;
  counts_[""]--;
  if (++counts_[connection.agency] > bounds_.of_agency)
    End(connection, Reason::kAgency);
}

void Connections::EndOldest(const std::string& agency, bool named,
                            Reason reason) {
  for (auto& [id, connection] : connections_) {
    if (connection.ended || connection.named != named ||
        connection.agency != agency) {
      continue;
    }
    return End(connection, reason);
  }
}

void Connections::EndOfMost() {
  const auto most = std::max_element(
      counts_.begin(), counts_.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  EndOldest(most->first, !most->first.empty(), Reason::kAll);
}

// Its record goes when the descriptor says so.
void Connections::End(Connection& connection, Reason reason) {
  static const std::map<Reason, const char*> kMessages = {
      {Reason::kHalfOpen, "connection ended: too many without a call"},
      {Reason::kAgency, "connection ended: too many of the agency"},
      {Reason::kAll, "connection ended: too many in all"},
      {Reason::kCalls, "connection ended: too many calls cancelled"}};
  connection.ended = true;
  counts_[connection.agency]--;
  count_--;
  Shut(connection.descriptor);
  ended_.at(reason).Add();
  if (MayLog())
    log::Warn(kMessages.at(reason), {{"agency", connection.agency}});
}

bool Connections::MayLog() {
  const std::int64_t second = SecondOf(Clock::now());
  if (second != log_second_) {
    log_second_ = second;
    log_lines_ = 0;
  }
  return ++log_lines_ <= kLinesASecond;
}

// ---- calls ----

Connections::Allowance& Connections::AllowanceOf(std::string_view uri) {
  const auto now = Clock::now();
  const auto [found, is_new] =
      allowances_.try_emplace(AgencyOf(uri), Allowance{bounds_.calls, now});
  Allowance& allowance = found->second;
  const std::chrono::duration<double> passed = now - allowance.counted;
  allowance.counted = now;
  allowance.left = std::min(
      bounds_.calls, allowance.left + passed.count() * bounds_.forgotten);
  return allowance;
}

bool Connections::Begin(const Owner& owner) {
  const std::lock_guard lock(mutex_);
  Allowance& allowance = AllowanceOf(owner.uri);
  if (allowance.left < 1) {
    Refused(owner);
    return false;
  }
  allowance.left--;
  return true;
}

void Connections::Refused(const Owner& owner) {
  const auto found = by_place_.find(owner.place);
  if (found == by_place_.end()) {
    if (++refused_nameless_ <= bounds_.refused) return;
    refused_nameless_ = 0;
    return EndLoudest();
  }
  Connection& connection = connections_.at(found->second);
  const std::int64_t second = SecondOf(Clock::now());
  if (std::exchange(connection.second, second) != second)
    connection.refused = 0;
  if (++connection.refused > bounds_.refused && !connection.ended)
    End(connection, Reason::kCalls);
}

// Calls without a body come to no application, so that nobody says which
// connection they are of. It is the one that sent most just now.
void Connections::EndLoudest() {
  Connection* loudest = nullptr;
  std::uint64_t most = 0;
  for (auto& [id, connection] : connections_) {
    if (connection.named || connection.ended) continue;
    const std::uint64_t received = BytesReceived(connection.descriptor);
    const std::uint64_t fresh =
        received - std::exchange(connection.received, received);
    if (fresh <= most) continue;
    most = fresh;
    loudest = &connection;
  }
  if (loudest) End(*loudest, Reason::kCalls);
}

void Connections::Answered(std::string_view uri) {
  const std::lock_guard lock(mutex_);
  Allowance& allowance = AllowanceOf(uri);
  allowance.left = std::min(bounds_.calls, allowance.left + 1);
}

void Connections::Tick() {
  const std::lock_guard lock(mutex_);
  open_.Set(static_cast<double>(count_));
  refused_nameless_ = 0;
}

std::size_t Connections::open() {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace seawall::rpc
