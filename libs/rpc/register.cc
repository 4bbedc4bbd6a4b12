#include "libs/rpc/register.h"

#include <nlohmann/json.hpp>
#include <set>

#include "libs/base/thread.h"
#include "libs/log/guard.h"
#include "libs/rpc/identity.h"

namespace seawall::rpc {
namespace {

using Agencies = std::map<std::string, std::shared_ptr<const Agency>>;

constexpr std::chrono::minutes kReportEvery{1};

Error Unreadable(std::string why) {
  return Error{Code::kInvalidArgument, "AGENCIES_UNREADABLE",
               "the register of agencies cannot be read: " + std::move(why)};
}

constexpr Role kRoles[] = {Role::kReferrer, Role::kHub,     Role::kOps,
                           Role::kBoard,    Role::kAuditor, Role::kService};

Role RoleOf(std::string_view name) {
  for (const Role role : kRoles)
    if (name == NameOf(role)) return role;
  return Role::kUnspecified;
}

// `suspendet` must not leave somebody in who was to be kept out.
Result<void> CheckKeys(const nlohmann::json& json,
                       std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : json.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      return Unreadable("unknown key '" + key + "'");
  }
  return {};
}

Result<System> ParseSystem(const nlohmann::json& json) {
  TRY_VOID(CheckKeys(json, {"id", "roles", "suspended", "may_backdate"}));
  System system;
  json.at("id").get_to(system.id);
  if (system.id.empty()) return Unreadable("the id of a system is empty");
  for (const auto& name : json.at("roles")) {
    const Role role = RoleOf(name.get<std::string>());
    if (role == Role::kUnspecified)
      return Unreadable("unknown role '" + name.get<std::string>() + "'");
    system.roles.push_back(role);
  }
  system.suspended = json.value("suspended", false);
  system.may_backdate = json.value("may_backdate", false);
  return system;
}

const System* FindSystem(const Agency& agency, const std::string& id) {
  for (const System& system : agency.systems)
    if (system.id == id) return &system;
  return nullptr;
}

Result<void> ParseSystems(const nlohmann::json& json, Agency& agency) {
  for (const auto& one : json) {
    TRY(System system, ParseSystem(one));
    if (FindSystem(agency, system.id))
      return Unreadable("a system is listed twice: " + system.id);
    agency.systems.push_back(std::move(system));
  }
  return {};
}

Result<void> ParseCertificates(const nlohmann::json& json, Agency& agency) {
  for (const auto& one : json) {
    const auto given = one.get<std::string>();
    std::string serial = PlainSerial(given);
    if (serial.empty())
      return Unreadable("'" + given + "' is no serial number in hex");
    agency.suspended_certificates.push_back(std::move(serial));
  }
  return {};
}

Result<Agency> ParseAgency(const nlohmann::json& json) {
  TRY_VOID(
      CheckKeys(json, {"id", "name", "kind", "group", "areas", "suspended",
                       "systems", "suspended_certificates", "signing_keys"}));
  Agency agency;
  json.at("id").get_to(agency.id);
  json.at("name").get_to(agency.name);
  json.at("kind").get_to(agency.kind);
  json.at("group").get_to(agency.group);
  json.at("areas").get_to(agency.areas);
  agency.suspended = json.value("suspended", false);
  const auto none = nlohmann::json::array();
  json.value("signing_keys", none).get_to(agency.signing_keys);
  TRY_VOID(ParseSystems(json.value("systems", none), agency));
  TRY_VOID(
      ParseCertificates(json.value("suspended_certificates", none), agency));
  return agency;
}

Result<void> AddAgency(const nlohmann::json& json, Agencies& agencies) {
  auto parsed = ParseAgency(json);
  if (!parsed) {
    Error error = std::move(parsed).error();
    error.message += " (agency '" + json.value("id", std::string()) + "')";
    return error;
  }
  auto agency = std::make_shared<const Agency>(*std::move(parsed));
  if (agency->id.empty()) return Unreadable("an id is empty");
  if (!agencies.emplace(agency->id, agency).second)
    return Unreadable("an id is listed twice: " + agency->id);
  return {};
}

// A key that is given twice: the second would win, whatever the first says.
Result<nlohmann::json> ParseOnce(const std::string& text) {
  std::vector<std::set<std::string>> open;
  std::string twice;
  const auto look = [&](int, nlohmann::json::parse_event_t event,
                        nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) open.emplace_back();
    if (event == Event::object_end) open.pop_back();
    if (event == Event::key &&
        !open.back().insert(parsed.get<std::string>()).second) {
      twice = parsed.get<std::string>();
    }
    return true;
  };
  auto json = nlohmann::json::parse(text, look);
  if (!twice.empty())
    return Unreadable("the key '" + twice + "' twice in one place");
  return json;
}

Result<Agencies> ParseAgencies(const std::string& text) {
  Agencies agencies;
  try {
    TRY(const auto file, ParseOnce(text));
    TRY_VOID(CheckKeys(file, {"about", "agencies"}));
    for (const auto& json : file.at("agencies"))
      TRY_VOID(AddAgency(json, agencies));
  } catch (const nlohmann::json::exception& exception) {
    return Unreadable(exception.what());
  }
  // Half a file, or one of another form: taken over, it would shut out all.
  if (std::all_of(agencies.begin(), agencies.end(), [](const auto& entry) {
        return entry.second->systems.empty();
      })) {
    return Unreadable("no agency in it has a system, so nobody could call");
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
  // `service` is no role that an agency may give itself.
  if (role == Role::kUnspecified || role == Role::kService) return std::nullopt;
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
  const System* system = FindSystem(agency, name.system);
  caller.may_backdate = system && system->may_backdate;
  caller.system = std::move(name.system);
  caller.role = name.role;
  caller.areas = agency.areas;
  return caller;
}

Error Refused(const char* reason, const char* message) {
  return Error{Code::kPermissionDenied, reason, message};
}

// The certificate is looked at for an agency that has one suspended, and for no
// other: every call passes here.
Result<void> CheckCertificate(const Agency& agency, const Peer& peer) {
  if (agency.suspended_certificates.empty()) return {};
  const std::string serial = SerialOf(peer);
  if (serial.empty()) return UnknownCaller();
  if (!Has(agency.suspended_certificates, serial)) return {};
  return Refused("CERTIFICATE_SUSPENDED",
                 "this certificate is suspended; ask the partnership");
}

Result<void> CheckSystem(const Agency& agency, const Name& name) {
  const System* system = FindSystem(agency, name.system);
  if (!system || std::find(system->roles.begin(), system->roles.end(),
                           name.role) == system->roles.end()) {
    return Refused("UNKNOWN_SYSTEM",
                   "the register of agencies does not give the agency this "
                   "system in this role");
  }
  if (!system->suspended) return {};
  return Refused("SYSTEM_SUSPENDED",
                 "this system of the agency is suspended; ask the "
                 "partnership");
}

// Ids, for the log: an operator sees whom an edit keeps out.
std::string SuspendedIn(const Agencies& agencies) {
  std::string ids;
  const auto add = [&](const std::string& id) {
    ids += (ids.empty() ? "" : ", ") + id;
  };
  for (const auto& [id, agency] : agencies) {
    if (agency->suspended) add(id);
    for (const System& system : agency->systems)
      if (system.suspended) add(id + "/" + system.id);
    for (const std::string& serial : agency->suspended_certificates)
      add(id + " certificate " + serial);
  }
  return ids;
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
    std::string told;
    std::unique_lock lock(state.stop_mutex);
    while (!state.stop.wait_for(lock, std::chrono::milliseconds(500),
                                [&] { return state.stopping; })) {
      Result<void> refreshed = Unreadable("it could not be parsed");
      log::Guard("register", [&] { refreshed = r->Refresh(); });
      if (refreshed) {
        silent_until = Steady::time_point::min();
        continue;
      }
      const auto now = Steady::now();
      const std::string& why = refreshed.error().message;
      if (now < silent_until && why == told) continue;
      silent_until = now + kReportEvery;
      told = why;
      log::Warn("register of agencies not taken over",
                {{"reason", refreshed.error().reason}, {"why", why}});
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
  if (!text.empty()) {
    log::Info("register of agencies taken over",
              {{"suspended", SuspendedIn(*made)}});
  }
  text = std::move(read);
  std::lock_guard lock(mutex);
  agencies = std::move(made);
  return {};
}

bool Register::stale() const { return state_->stale; }

Caller Register::Suspended(const std::string& name,
                           const std::string& trust_domain) const {
  std::optional<Name> said = ParseName(PeerOf(name).uri, trust_domain);
  if (!said) return {};
  const auto agency = Find(said->agency);
  if (!agency || Identify(name, trust_domain)) return {};
  return ToCaller(*agency, *std::move(said));
}

Result<Caller> Register::Identify(const std::string& name,
                                  const std::string& trust_domain) const {
  const Peer peer = PeerOf(name);
  std::optional<Name> said = ParseName(peer.uri, trust_domain);
  if (!said) return UnknownCaller();
  const auto agency = Find(said->agency);
  const bool is_service = said->role == Role::kService;
  if (!agency || (is_service && agency->kind != "service")) {
    return Refused("UNKNOWN_AGENCY",
                   "the register of agencies does not hold the caller");
  }
  if (agency->suspended) {
    return Refused("AGENCY_SUSPENDED",
                   "the agency is suspended; ask the partnership");
  }
  TRY_VOID(CheckSystem(*agency, *said));
  TRY_VOID(CheckCertificate(*agency, peer));
  return ToCaller(*agency, *std::move(said));
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
