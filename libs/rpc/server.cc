#include "libs/rpc/server.h"

#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include <cstdlib>

#include "libs/counters/memory.h"
#include "libs/counters/populations.h"
#include "libs/counters/redis.h"
#include "libs/rpc/feed.h"
#include "libs/rpc/figures.h"
#include "libs/rpc/gate.h"
#include "libs/rpc/listener.h"
#include "libs/rpc/observe.h"
#include "libs/rpc/operations.h"
#include "libs/rpc/periodic.h"
#include "libs/rpc/probe.h"
#include "libs/rpc/process.h"
#include "libs/rpc/service.h"

namespace seawall::rpc {
namespace {

constexpr std::chrono::seconds kTick{1};
// Beyond the deadline of stopping: then the process is ended from outside.
constexpr std::chrono::seconds kStopSpare{10};
constexpr int kSoftwareFault = 70;  // EX_SOFTWARE

TlsFiles FilesOf(const ServerSettings& settings) {
  return {settings.certificate, settings.key, settings.ca};
}

// Says which setting an error comes from.
template <class T>
Result<T> From(const char* setting, Result<T> result) {
  if (result) return result;
  Error error = std::move(result).error();
  error.message = std::string("--") + setting + ": " + error.message;
  return error;
}

Result<void> CheckSettings(const ServerSettings& settings) {
  if (settings.seal_keys.empty()) {
    return Error{Code::kInvalidArgument, "SETTING_MISSING",
                 "--seal-keys: name at least one file"};
  }
  return From("certificate", CheckFiles(FilesOf(settings)));
}

Result<counters::Populations> LoadPopulations(const std::string& path) {
  if (!std::filesystem::exists(path)) return counters::Populations();
  return counters::Populations::Load(path);
}

Result<std::unique_ptr<counters::Counters>> MakeCounters(
    const ServerSettings& settings) {
  if (settings.redis.empty())
    return std::unique_ptr<counters::Counters>(
        std::make_unique<counters::MemoryCounters>());
  counters::RedisSettings redis;
  redis.address = settings.redis;
  redis.user = settings.redis_user;
  redis.password_file = settings.redis_password_file;
  redis.tls = {settings.ca, settings.certificate, settings.key};
  TRY(auto made, counters::RedisCounters::Make(redis));
  return std::unique_ptr<counters::Counters>(std::move(made));
}

}  // namespace

// In the order of construction; what comes later uses what stands before.
struct Server::State {
  std::string name;
  ServerSettings settings;
  SystemClock clock;
  metrics::Registry metrics;
  Calendar calendar;
  CodeSets codes;
  counters::Populations populations;
  std::optional<seal::Sealer> sealer;
  std::optional<seal::Signer> signer;
  std::unique_ptr<Register> agencies;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<counters::Counters> counters;

  // From Start to Stop.
  Domain domain;
  counters::Definitions no_definitions;
  std::unique_ptr<counters::Projector> projector;
  std::unique_ptr<SignedHeads> heads;
  std::unique_ptr<OperationsService> operations;
  std::unique_ptr<FiguresService> figures;
  std::unique_ptr<FeedService> feed;
  Methods methods;
  Rules rules;
  std::unique_ptr<Observer> observer;
  std::unique_ptr<Gate> gate;
  Streams streams;
  std::vector<std::unique_ptr<GatedService>> gated;
  std::vector<std::string> names;
  std::unique_ptr<Listener> listener;
  metrics::Gauge ready, descriptors, descriptor_limit, open_streams,
      register_stale;
  bool serving = false;
  // Each is stopped before what it uses.
  std::unique_ptr<Periodic> sweeper;
  std::unique_ptr<Periodic> publisher;
  std::unique_ptr<Periodic> signing;
  std::unique_ptr<Periodic> readiness;
  std::unique_ptr<Probe> probe;
  bool started = false;

  Result<void> Open();
  Result<std::unique_ptr<store::Database>> OpenDatabase(
      const store::DatabaseSettings& store) const;
  Result<void> Migrate();
  Result<void> Ready() const;
  Result<void> BindMethods();
  void MakeGate();
  void MakeGauges();
  Listener::Settings ListenerSettings() const;
  Result<void> Listen();
  void StartWatching();
  void CheckReady();
  void Publish();
  void StartProbe();
  void Stop();
};

// ---- opening ----

Result<void> Server::State::Open() {
  TRY_VOID(CheckSettings(settings));
  TRY(calendar,
      From("data", Calendar::Load(settings.data + "/bank_holidays.json")));
  TRY(codes, From("data", CodeSets::Load(settings.data + "/code_sets.json")));
  TRY(populations,
      From("data", LoadPopulations(settings.data + "/populations.json")));
  TRY(sealer, From("seal-keys", seal::Sealer::Load(settings.seal_keys)));
  TRY(signer, From("signing-key", seal::Signer::Load(settings.signing_key)));
  TRY(agencies, From("agencies", Register::Load(settings.agencies)));
  TRY(counters, From("redis", MakeCounters(settings)));
  store::DatabaseSettings store;
  store.address = settings.database;
  TRY(database, From("database", OpenDatabase(store)));
  heads = std::make_unique<SignedHeads>(SignedHeads::Parts{
      name, *signer, *agencies, clock, *database, metrics,
      settings.signed_heads.empty() ? settings.signing_key + ".heads"
                                    : settings.signed_heads});
  TRY_VOID(From("signing-key", heads->CheckKey()));
  ledger::LedgerSettings limits;
  limits.queue_limit = settings.queue_limit;
  limits.batch_limit = settings.batch_limit;
  limits.crash_at = settings.crash_at;
  limits.crash_after = settings.crash_after;
  ledger = std::make_unique<ledger::Ledger>(
      ledger::Parts{*database, *sealer, clock, metrics, name}, limits);
  return {};
}

// A database that starts, or recovers after a crash, is waited for.
Result<std::unique_ptr<store::Database>> Server::State::OpenDatabase(
    const store::DatabaseSettings& store) const {
  constexpr std::chrono::seconds kLook{1}, kSay{10};
  const auto begun = clock.Steady();
  std::optional<SteadyTime> said;
  while (true) {
    auto opened = store::Database::Open(store);
    if (opened || !store.address.starts_with("postgres:") ||
        opened.error().code != Code::kUnavailable ||
        opened.error().reason == "STORE_NOT_DURABLE" ||
        clock.Steady() - begun > settings.database_wait) {
      return opened;
    }
    if (!said || clock.Steady() - *said > kSay) {
      log::Warn("waiting for the database",
                {{"reason", opened.error().reason}});
      said = clock.Steady();
    }
    if (StopAsked(kLook)) return opened;
  }
}

Result<void> Server::State::Migrate() {
  std::vector<store::Migration> all = ledger::Ledger::Migrations();
  all.insert(all.end(), domain.migrations.begin(), domain.migrations.end());
  TRY_VOID(From("database", database->Migrate(all)));
  std::vector<const store::Table*> tables = ledger::Ledger::Tables();
  tables.insert(tables.end(), domain.tables.begin(), domain.tables.end());
  TRY_VOID(From("database", store::CheckSchema(database->writer(), tables)));
  TRY_VOID(From("seal-keys", ledger::CheckSealKeys(database->writer(), *sealer,
                                                   settings.forget_seal_keys)));
  if (settings.restored) {
    heads->BeginAnew();
    TRY(const int journals,
        From("restored", ledger::RenewJournals(database->writer())));
    log::Warn("journals have new ids, as a backup was put back",
              {{"journals", std::int64_t(journals)}});
  }
  if (!settings.accept_clock) {
    TRY_VOID(
        From("accept-clock", ledger::CheckClockAtStart(
                                 *database, clock,
                                 std::chrono::duration_cast<std::chrono::hours>(
                                     settings.clock_ahead))));
  }
  return From("database", store::Derive(database->writer(), domain.derived));
}

// ---- starting ----

Result<void> Server::State::BindMethods() {
  if (domain.definitions) {
    projector =
        std::make_unique<counters::Projector>(counters::Projector::Parts{
            *database, *counters, *domain.definitions, metrics, name});
  }
  operations = std::make_unique<OperationsService>(OperationsService::Parts{
      name, clock, *database, *sealer, *heads, projector.get()});
  feed = std::make_unique<FeedService>(*heads);
  figures = std::make_unique<FiguresService>(FiguresService::Parts{
      clock, *database,
      domain.definitions ? *domain.definitions : no_definitions, populations,
      projector.get()});
  std::vector<Service*> services = {operations.get(), figures.get(),
                                    feed.get()};
  services.insert(services.end(), domain.services.begin(),
                  domain.services.end());
  std::vector<const google::protobuf::ServiceDescriptor*> descriptors;
  for (Service* service : services) {
    service->Bind(methods);
    descriptors.push_back(&service->descriptor());
    names.push_back(service->descriptor().full_name());
  }
  TRY(rules, MakeRules(descriptors, methods));
  MakeGate();
  for (const auto* descriptor : descriptors) {
    gated.push_back(std::make_unique<GatedService>(
        *descriptor, rules, *gate, streams,
        FollowStream::Bounds{settings.patience, settings.stream_age}));
  }
  return {};
}

void Server::State::MakeGate() {
  observer = std::make_unique<Observer>(metrics, rules, domain.reasons);
  gate = std::make_unique<Gate>(Gate::Parts{
      *agencies, settings.trust_domain, codes, clock, *sealer, *database,
      *ledger, *observer, settings.workers, settings.queue_limit});
}

void Server::State::MakeGauges() {
  ready = metrics.MakeGauge("seawall_ready",
                            "Does the server say that it serves? 1 = yes");
  descriptors = metrics.MakeGauge("seawall_process_open_descriptors",
                                  "How many descriptors are open?");
  descriptor_limit = metrics.MakeGauge("seawall_process_descriptor_limit",
                                       "How many descriptors may be open?");
  open_streams = metrics.MakeGauge("seawall_open_streams",
                                   "How many bulk and feed streams are open?");
  register_stale = metrics.MakeGauge(
      "seawall_register_stale",
      "Is the file of agencies on disk not the one in force? 1 = it is not");
}

Listener::Settings Server::State::ListenerSettings() const {
  // A connection takes two descriptors; records and counters take some, too.
  constexpr int kOthers = 64, kFewest = 4;
  Listener::Settings result;
  result.address = settings.listen;
  result.files = FilesOf(settings);
  result.refresh_seconds =
      static_cast<unsigned>(settings.certificate_refresh_seconds);
  result.bounds.all =
      std::min(result.bounds.all,
               static_cast<std::size_t>(std::max(
                   kFewest, (CountDescriptors().limit - kOthers) / 2)));
  // What the Gate refuses with a reason must come as far as the Gate.
  result.bounds.calls += static_cast<double>(settings.queue_limit);
  return result;
}

Result<void> Server::State::Listen() {
  if (!settings.metrics_listen.empty())
    TRY_VOID(From("metrics-listen", metrics.Serve(settings.metrics_listen)));
  std::vector<grpc::Service*> services;
  for (const auto& service : gated) services.push_back(service.get());
  TRY(listener,
      From("listen", Listener::Open(ListenerSettings(), services, metrics)));
  return {};
}

void Server::State::StartWatching() {
  sweeper = std::make_unique<Periodic>(kTick, [this] { streams.Tick(); });
  readiness = std::make_unique<Periodic>(kTick, [this] { CheckReady(); });
  signing = std::make_unique<Periodic>(settings.sign_every,
                                       [this] { heads->SignAll(); });
  if (projector && domain.publish)
    publisher = std::make_unique<Periodic>(kTick, [this] { Publish(); });
}

Result<void> Server::State::Ready() const {
  TRY_VOID(ledger->CheckClock());
  return database->Ping();
}

void Server::State::CheckReady() {
  const Result<void> answered = Ready();
  if (bool(answered) != serving) {
    serving = bool(answered);
    listener->SetServing(names, serving);
    if (!serving) log::Warn("not ready", {{"reason", answered.error().reason}});
  }
  ready.Set(serving ? 1 : 0);
  const Descriptors counted = CountDescriptors();
  descriptors.Set(counted.open);
  descriptor_limit.Set(counted.limit);
  open_streams.Set(static_cast<double>(streams.open()));
  register_stale.Set(agencies->stale() ? 1 : 0);
}

void Server::State::Publish() {
  const auto areas = [&]() -> Result<std::vector<std::string>> {
    TRY(store::Reader reader, database->Read());
    return ledger::ReadAreas(reader);
  }();
  if (!areas) return;  // readiness says so
  for (const std::string& area : *areas) domain.publish(area, *projector);
}

void Server::State::StartProbe() {
  const std::string address = ProbeAddress(settings.listen, listener->port());
  probe = std::make_unique<Probe>(
      settings.probe_every,
      [files = FilesOf(settings), address] {
        return ProbeOnce(files, address);
      },
      [] {
        log::Fail("the server accepts no connections; ending the process");
        log::Close();
        std::_Exit(kSoftwareFault);
      });
}

// ---- stopping ----

void Server::State::Stop() {
  if (!std::exchange(started, false)) return;
  probe.reset();
  readiness.reset();
  if (listener) {
    listener->SetServing(names, false);
    ready.Set(0);
    // The sleep is the setting: balancers need it to look elsewhere.
    std::this_thread::sleep_for(settings.balancer_wait);
    streams.EndAll();
    listener->Stop(settings.stop_deadline);
  }
  if (gate) gate->Stop();
  ledger->Stop();
  publisher.reset();
  signing.reset();
  heads->SignAll();
  sweeper.reset();
  if (projector) projector->Stop();
  // The writer's thread has ended; the connection is ours.
  database->Checkpoint();
}

// ---- the public side ----

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { Stop(); }

Result<std::unique_ptr<Server>> Server::Create(std::string name,
                                               ServerSettings settings) {
  BlockStopSignals();
  PrepareProcess();
  TuneLocks();
  RequireTls13();
  // It names the field of each malformed message: anybody could fill the log.
  google::protobuf::SetLogHandler(nullptr);
  log::Open(name);
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->settings = std::move(settings);
  TRY_VOID(state->Open());
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Result<void> Server::Start(Domain domain) {
  State& state = *state_;
  state.domain = std::move(domain);
  TRY_VOID(state.Migrate());
  TRY_VOID(state.BindMethods());
  state.MakeGauges();
  state.ledger->OnCommit([&state](const std::vector<std::string>& areas) {
    if (state.projector) state.projector->Notify(areas);
    if (state.sweeper) state.sweeper->Wake();
  });
  if (state.domain.upkeep) state.ledger->OnIdle(state.domain.upkeep);
  state.started = true;
  state.sweeper = nullptr;
  TRY_VOID(state.Listen());
  state.StartWatching();
  state.ledger->Start();
  if (state.projector) state.projector->Start();
  log::Info("serving", {{"port", std::int64_t(state.listener->port())},
                        {"metrics_port", std::int64_t(state.metrics.port())}});
  return {};
}

void Server::Stop() { state_->Stop(); }

int Server::Run(Domain domain) {
  if (const auto started = Start(std::move(domain)); !started)
    return config::Refuse(started.error());
  state_->StartProbe();
  const int signal = WaitForStop();
  log::Info("stopping", {{"signal", std::int64_t(signal)}});
  // Should anything hang, the process still ends: SIGALRM kills it.
  const auto bound = std::chrono::duration_cast<std::chrono::seconds>(
      state_->settings.balancer_wait + state_->settings.stop_deadline +
      kStopSpare);
  ::alarm(static_cast<unsigned>(bound.count()));
  Stop();
  log::Info("stopped");
  log::Close();
  return 0;
}

int Server::port() const {
  return state_->listener ? state_->listener->port() : 0;
}

const Clock& Server::clock() const { return state_->clock; }
const Calendar& Server::calendar() const { return state_->calendar; }
const CodeSets& Server::codes() const { return state_->codes; }
const seal::Sealer& Server::sealer() const { return *state_->sealer; }
const Register& Server::agencies() const { return *state_->agencies; }
metrics::Registry& Server::metrics() { return state_->metrics; }
store::Database& Server::database() { return *state_->database; }
ledger::Ledger& Server::ledger() { return *state_->ledger; }
const ServerSettings& Server::settings() const { return state_->settings; }

int Check(const ServerSettings& settings) {
  RequireTls13();
  const auto colon = settings.listen.rfind(':');
  const int port = std::atoi(settings.listen.c_str() + colon + 1);
  const auto answered =
      ProbeOnce(FilesOf(settings), ProbeAddress(settings.listen, port));
  if (answered) return 0;
  std::fprintf(stderr, "%s\n", answered.error().message.c_str());
  return 1;
}

}  // namespace seawall::rpc
