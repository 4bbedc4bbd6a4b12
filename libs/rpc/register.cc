#include "libs/rpc/register.h"

#include <nlohmann/json.hpp>

#include "libs/base/thread.h"
#include "libs/log/log.h"

namespace seawall::rpc {
namespace {

using Agencies = std::map<std::string, std::shared_ptr<const Agency>>;

constexpr std::chrono::minutes kReportEvery{1};

Error Unreadable(std::string why) {
  return Error{Code::kInvalidArgument, "AGENCIES_UNREADABLE",
               "the register of agencies cannot be read: " + std::move(why)};
}

Agency ParseAgency(const nlohmann::json& json) {
  Agency agency;
  json.at("id").get_to(agency.id);
  json.at("name").get_to(agency.name);
  json.at("kind").get_to(agency.kind);
  json.at("group").get_to(agency.group);
  json.at("areas").get_to(agency.areas);
  agency.suspended = json.value("suspended", false);
  agency.may_backdate = json.value("may_backdate", std::vector<std::string>{});
  return agency;
}

Result<Agencies> ParseAgencies(const std::string& text) {
  Agencies agencies;
  try {
    const auto file = nlohmann::json::parse(text);
    for (const auto& json : file.at("agencies")) {
      auto agency = std::make_shared<const Agency>(ParseAgency(json));
      if (agency->id.empty()) return Unreadable("an id is empty");
      if (!agencies.emplace(agency->id, agency).second)
        return Unreadable("an id stands twice: " + agency->id);
    }
  } catch (const nlohmann::json::exception& exception) {
    return Unreadable(exception.what());
  }
  return agencies;
}

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return Unreadable(path);
  return text.str();
}

Error UnknownCaller() {
  return Error{Code::kUnauthenticated, "UNKNOWN_CALLER",
               "the certificate's one URI name must be "
               "spiffe://<domain>/agency/<agency>/<system>/<role> or "
               "spiffe://<domain>/service/<name>"};
}

std::vector<std::string_view> Split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(by);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Of an agency's system. `service` is no role that an agency may give itself.
Role RoleOf(std::string_view name) {
  if (name == "referrer") return Role::kReferrer;
  if (name == "hub") return Role::kHub;
  if (name == "ops") return Role::kOps;
  if (name == "board") return Role::kBoard;
  if (name == "auditor") return Role::kAuditor;
  return Role::kUnspecified;
}

// What the name itself says.
struct Name {
  std::string agency;
  std::string system;
  Role role = Role::kUnspecified;
};

std::optional<Name> ParseName(std::string_view uri,
                              const std::string& trust_domain) {
  const std::string prefix = "spiffe://" + trust_domain + "/";
  if (uri.substr(0, prefix.size()) != prefix) return std::nullopt;
  const auto parts = Split(uri.substr(prefix.size()), '/');
  for (const auto part : parts)
    if (part.empty() || part.size() > 64) return std::nullopt;
  if (parts.size() == 2 && parts[0] == "service") {
    return Name{std::string(parts[1]), std::string(parts[1]), Role::kService};
  }
  if (parts.size() != 4 || parts[0] != "agency") return std::nullopt;
  const Role role = RoleOf(parts[3]);
  if (role == Role::kUnspecified) return std::nullopt;
  return Name{std::string(parts[1]), std::string(parts[2]), role};
}

bool Has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

Caller ToCaller(const Agency& agency, Name name) {
  Caller caller;
  caller.agency = agency.id;
  caller.agency_name = agency.name;
  caller.agency_group = agency.group;
  caller.may_backdate = Has(agency.may_backdate, name.system);
  caller.system = std::move(name.system);
  caller.role = name.role;
  caller.areas = agency.areas;
  return caller;
}

}  // namespace

struct Register::State {
  std::string path;
  // Content in force, so that a file touched without change is no change.
  std::string text;  // guarded by refreshing
  std::atomic<bool> stale = false;

  Result<void> TakeOver();

  std::shared_ptr<const Agencies> Current() const {
    std::lock_guard lock(mutex);
    return agencies;
  }

  mutable std::mutex mutex;
  std::shared_ptr<const Agencies> agencies;  // guarded by mutex
  std::mutex refreshing;

  std::mutex stop_mutex;
  std::condition_variable stop;
  bool stopping = false;  // guarded by stop_mutex
  std::thread watcher;
};

Register::Register(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Register>> Register::Load(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->agencies = std::make_shared<const Agencies>();
  std::unique_ptr<Register> result(new Register(std::move(state)));
  TRY_VOID(result->Refresh());
  result->state_->watcher = NamedThread("register", [r = result.get()] {
    State& state = *r->state_;
    using Steady = std::chrono::steady_clock;
    auto silent_until = Steady::time_point::min();
    std::unique_lock lock(state.stop_mutex);
    while (!state.stop.wait_for(lock, std::chrono::milliseconds(500),
                                [&] { return state.stopping; })) {
      const auto refreshed = r->Refresh();
      if (refreshed) {
        silent_until = Steady::time_point::min();
        continue;
      }
      const auto now = Steady::now();
      if (now < silent_until) continue;
      silent_until = now + kReportEvery;
      log::Warn("register of agencies not taken over",
                {{"reason", refreshed.error().reason}});
    }
  });
  return result;
}

Register::~Register() {
  {
    std::lock_guard lock(state_->stop_mutex);
    state_->stopping = true;
  }
  state_->stop.notify_all();
  if (state_->watcher.joinable()) state_->watcher.join();
}

Result<void> Register::Refresh() {
  std::lock_guard refreshing(state_->refreshing);
  state_->stale = true;  // until it is seen not to be
  const Result<void> taken = state_->TakeOver();
  state_->stale = !taken;
  return taken;
}

Result<void> Register::State::TakeOver() {
  TRY(std::string read, ReadFile(path));
  if (read == text) return {};
  TRY(Agencies parsed, ParseAgencies(read));
  auto made = std::make_shared<const Agencies>(std::move(parsed));
  text = std::move(read);
  std::lock_guard lock(mutex);
  agencies = std::move(made);
  return {};
}

bool Register::stale() const { return state_->stale; }

Caller Register::Suspended(const std::string& uri,
                           const std::string& trust_domain) const {
  std::optional<Name> name = ParseName(uri, trust_domain);
  if (!name) return {};
  const auto agency = Find(name->agency);
  if (!agency || !agency->suspended) return {};
  return ToCaller(*agency, *std::move(name));
}

Result<Caller> Register::Identify(const std::string& uri,
                                  const std::string& trust_domain) const {
  std::optional<Name> name = ParseName(uri, trust_domain);
  if (!name) return UnknownCaller();
  const auto agency = Find(name->agency);
  const bool is_service = name->role == Role::kService;
  if (!agency || (is_service && agency->kind != "service")) {
    return Error{Code::kPermissionDenied, "UNKNOWN_AGENCY",
                 "the register of agencies does not hold the caller"};
  }
  if (agency->suspended) {
    return Error{Code::kPermissionDenied, "AGENCY_SUSPENDED",
                 "the agency is suspended; ask the partnership"};
  }
  return ToCaller(*agency, *std::move(name));
}

std::shared_ptr<const Agency> Register::Find(const std::string& id) const {
  const auto agencies = state_->Current();
  const auto found = agencies->find(id);
  return found == agencies->end() ? nullptr : found->second;
}

bool Register::HasArea(const std::string& area) const {
  const auto all = state_->Current();
  return std::any_of(all->begin(), all->end(), [&](const auto& entry) {
    return Has(entry.second->areas, area);
  });
}

std::vector<Agency> Register::agencies() const {
  std::vector<Agency> result;
  for (const auto& [id, agency] : *state_->Current()) result.push_back(*agency);
  return result;
}

}  // namespace seawall::rpc
