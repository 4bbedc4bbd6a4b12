// seawall-waiting-bench: what ./seawall bench waiting runs: the waiting lists
// of 1,100,000 waiting children in one process, without grpc, beside a plain
// SQL scan of the same records; and the import of a file as people run it.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "libs/config/config.h"
#include "services/waiting/waiting_lists.h"
#include "tests/load/loop.h"
#include "tests/load/waiting_import.h"
#include "tests/support/tempdir.h"

namespace seawall::waiting {
namespace {

constexpr char kArea[] = "blackpool";
constexpr char kSlt[] = "slt";

using std::chrono::days;
using Seconds = std::chrono::duration<double>;

struct Options {
  int children = 1'100'000;
  int questions = 1'000;
  std::string folder;   // of the records; empty = a temporary one
  int import = 30'000;  // children of the imported files; 0 = no import
};

double Since(std::chrono::steady_clock::time_point start) {
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

double MegabytesUsed() {
  std::ifstream statm("/proc/self/statm");
  long pages = 0, resident = 0;
  statm >> pages >> resident;
  return static_cast<double>(resident) * sysconf(_SC_PAGESIZE) / 1e6;
}

void Say(const std::string& what, const std::string& found,
         const std::string& target = "") {
  std::printf("  %-44s %22s   %s\n", what.c_str(), found.c_str(),
              target.c_str());
  std::fflush(stdout);
}

std::string Milliseconds(std::vector<float>& times) {
  char text[64];
  const double middle = load::Percentile(times, 0.5),
               most = load::Percentile(times, 0.99);
  std::snprintf(text, sizeof text, "%.2f / %.2f ms", middle, most);
  return text;
}

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {
    settings_.allow_test_numbers = true;
    const std::string file =
        (options.folder.empty() ? folder_.path() : options.folder) +
        "/waiting.db";
    database_ = store::Database::Open({"sqlite:" + file}).value();
    auto migrations = ledger::Ledger::Migrations();
    for (auto& migration : Migrations()) migrations.push_back(migration);
    (void)database_->Migrate(migrations);
    ledger_ = std::make_unique<ledger::Ledger>(
        ledger::Parts{*database_, sealer_, clock_, metrics_, "waiting"},
        ledger::LedgerSettings{});
    service_ = std::make_unique<Waiting>(Parts{
        clock_, catalogue_, *database_, ids_, settings_, store_, metrics_});
    service_->Bind(methods_);
  }

  void Run() {
    Fill();
    const double before = MegabytesUsed();
    const auto start = std::chrono::steady_clock::now();
    (void)Ask("");
    Say("lists rebuilt from records", Text(Since(start), "s"), "< 10 s");
    Say("memory of the lists", Text(MegabytesUsed() - before, "MB"));
    Dashboards();
    PlainSql();
    Writes(0, 1, "referrals registered, one a request");
    Writes(100'000, kMostEvents, "referrals registered, 100 a request");
    Forecast();
  }

 private:
  static std::string Text(double value, const char* unit) {
    char text[64];
    std::snprintf(text, sizeof text, "%.2f %s", value, unit);
    return text;
  }
  std::uint64_t Next() { return random_ = random_ * 6364136223846793005u + 1; }
  int Below(int bound) {
    return static_cast<int>((Next() >> 33) % static_cast<unsigned>(bound));
  }

  // Rows as the service writes them, many children a unit.
  void Fill() {
    const auto start = std::chrono::steady_clock::now();
    constexpr int kUnit = 2'000;
    for (int at = 0; at < options_.children; at += kUnit) {
      const int count = std::min(kUnit, options_.children - at);
      Commit("fill-" + std::to_string(at),
             [&](ledger::Unit& unit) -> Result<std::string> {
               for (int i = 0; i < count; ++i) Add(unit, at + i);
               return std::string();
             });
    }
    Say("children waiting", std::to_string(options_.children));
    Say("loaded, in bulk", Text(options_.children / Since(start), "/s"));
  }

  void Add(ledger::Unit& unit, int number) {
    const auto& services = catalogue_.services();
    const Service& service = services[static_cast<std::size_t>(
        Below(static_cast<int>(services.size())))];
    const Date today = CivilDate(clock_.Now());
    Event event;
    event.number = 1;
    event.kind = EventKind::kReferred;
    event.date = today - days(Below(900));
    event.happened = StartOfDay(event.date) + std::chrono::hours(12);
    event.position = unit.next_position();
    const std::string name = std::to_string(number);
    ReferralRow row{"W-" + name, "hospital", service.id, "r-" + name};
    row.registered = event.recorded = unit.now();
    row.position = event.position;
    const std::vector<Wait> waits = WaitsOf({event});
    store::Records& records = unit.Records();
    store_.Insert(records, row, {"key-" + name});
    store_.AddReference(records, row, row.reference);
    records.Insert(kEvents, {event, row.referral_id, 0, "hospital/import", ""});
    records.Insert(kMovements, {waits[0], event.position, 0, row.referral_id,
                                service.id, 1});
    records.Insert(kWaiting, {service.id, row.referral_id, row.provider,
                              waits[0].clock, waits[0].start,
                              PlaceOf(UrgencyOf({event}, catalogue_, today),
                                      event.date, row.referral_id)});
    pb::WaitingChanged changed;
    changed.set_referral_id(row.referral_id);
    changed.set_service(service.id);
    ToProto(waits[0], *changed.add_after());
    unit.Record(changed, event.happened);
  }

  void Commit(const std::string& id, ledger::Work work) {
    ledger::Write write;
    write.area = kArea;
    write.access = {{"hospital", "import", "referrer", ""}, "bench"};
    write.request_id = id;
    write.request_hash = "h";
    write.work = std::move(work);
    write.done = [this](Result<std::string> answer, bool) {
      failed_ += !answer;
    };
    ledger_->Submit(std::move(write));
    while (ledger_->RunBatch() > 0) {
    }
  }

  float Ask(const std::string& census, std::optional<Instant> known = {}) {
    pb::GetDashboardRequest request;
    request.set_area(kArea);
    request.set_headline_only(true);
    request.set_census_date(census);
    if (known) Set(request.mutable_as_known_time(), *known);
    rpc::Call call;
    call.area = kArea;
    call.method = "seawall.waiting.v1.WaitingService/GetDashboard";
    const auto start = std::chrono::steady_clock::now();
    const auto answer = methods_.all().at(call.method).ask(call, request);
    failed_ += !answer;
    return static_cast<float>(1e3 * Since(start));
  }

  void Dashboards() {
    const Date today = CivilDate(clock_.Now());
    std::vector<float> live, past, then;
    for (int i = 0; i < options_.questions; ++i) {
      if (i % 10 == 0) Register(i);
      live.push_back(Ask(""));
    }
    Say("dashboard live, a write every tenth (p50/p99)", Milliseconds(live),
        "p99 < 5 ms");
    for (int i = 0; i < std::min(options_.questions, 200); ++i) {
      past.push_back(Ask(FormatDate(today - days(1 + Below(800)))));
    }
    Say("as of a past date, as known now", Milliseconds(past), "< 50 ms");
    for (int i = 0; i < std::min(options_.questions, 200); ++i) {
      then.push_back(Ask(FormatDate(today - days(1 + Below(800))),
                         clock_.Now() - std::chrono::seconds(1)));
    }
    Say("as of a past date, as known then", Milliseconds(then), "< 50 ms");
  }

  // What a dashboard without lists would ask: the same six columns.
  void PlainSql() {
    const Date today = CivilDate(clock_.Now());
    std::vector<float> times;
    for (int i = 0; i < 3; ++i) {
      store::Reader reader = database_->Read(true).value();
      const auto start = std::chrono::steady_clock::now();
      std::int64_t rows = 0;
      soci::rowset<soci::row> found =
          (reader.sql().prepare
           << "select service, sum(changed_by), min(start_date), "
              "sum(case when start_date < '" +
                  FormatDate(today - days(126)) +
                  "' then changed_by else 0 end) from movements where area = "
                  "'blackpool' and clock = 'first_contact' and joined_date <= "
                  "'" +
                  FormatDate(today) + "' and (left_date = '' or left_date > '" +
                  FormatDate(today) + "') group by service");
      for (const auto& row : found) rows += row.size();
      times.push_back(static_cast<float>(1e3 * Since(start)));
    }
    Say("the same by a plain SQL scan", Milliseconds(times));
  }

  static void AddReferral(int number, pb::PushEventsRequest& request) {
    pb::Event& event = *request.add_events();
    event.mutable_about()->set_service(kSlt);
    event.mutable_about()->set_reference("new-" + std::to_string(number));
    pb::Child& child = *event.mutable_referral()->mutable_child();
    child.set_family_name("Test-" + std::to_string(number));
    child.set_date_of_birth("2015-05-01");
  }

  void Submit(int first, int count) {
    pb::PushEventsRequest request;
    request.set_area(kArea);
    request.set_request_id("import-" + std::to_string(first) + "-" +
                           std::to_string(count));
    for (int i = 0; i < count; ++i) AddReferral(first + i, request);
    rpc::Call call;
    call.caller.agency = "hospital";
    call.caller.system = "import";
    call.caller.role = rpc::Role::kReferrer;
    call.area = kArea;
    call.method = "seawall.waiting.v1.WaitingService/PushEvents";
    auto work = methods_.all().at(call.method).prepare(call, request);
    if (!work) {
      ++failed_;
      return;
    }
    ledger::Write write;
    write.area = kArea;
    write.access = {call.caller.actor(), call.method};
    write.request_id = request.request_id();
    write.request_hash = "h";
    write.work = *std::move(work);
    write.done = [this](Result<std::string> answer, bool) {
      failed_ += !answer;
    };
    ledger_->Submit(std::move(write));
  }
  void Register(int number) {
    Submit(1'000'000 + number, 1);
    while (ledger_->RunBatch() > 0) {
    }
  }

  // `together` of them a request, and as many requests a commit as an import
  // has on their way.
  void Writes(int first, int together, const char* what) {
    constexpr int kEvents = 20'000, kOnTheirWay = 64;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kEvents; i += together) {
      Submit(first + i, together);
      if (i / together % kOnTheirWay != kOnTheirWay - 1) continue;
      while (ledger_->RunBatch() > 0) {
      }
    }
    while (ledger_->RunBatch() > 0) {
    }
    Say(what, Text(kEvents / Since(start), "/s"));
  }

  void Forecast() {
    Scenario scenario;
    for (int i = 0; i < 300; ++i) scenario.queue.push_back({i % 400, i % 5});
    scenario.demand = {8};
    scenario.appointments = {9};
    scenario.threshold_weeks = {18, 52, 78};
    const auto start = std::chrono::steady_clock::now();
    (void)Simulate(scenario);
    Say("forecast, 10,000 runs of 300 children", Text(Since(start), "s"),
        "< 2 s");
    if (failed_ > 0) Say("FAILED", std::to_string(failed_));
  }

  const Options& options_;
  support::TemporaryFolder folder_;
  Settings settings_;
  SystemClock clock_;
  Catalogue catalogue_ = Catalogue::Load("data/waiting_services.json").value();
  seal::Sealer sealer_ = seal::Sealer::FromSecret(std::string(32, 'k'));
  RandomIds ids_{clock_};
  Store store_{sealer_};
  metrics::Registry metrics_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<Waiting> service_;
  rpc::Methods methods_;
  std::uint64_t random_ = 2023;
  std::int64_t failed_ = 0;
};

void Import(store::Engine engine, int children) {
  const std::string on =
      engine == store::Engine::kSqlite ? "SQLite" : "PostgreSQL";
  for (const bool mixed : {false, true}) {
    const load::ImportRates rates =
        load::MeasureImport(engine, children, mixed);
    char text[64];
    std::snprintf(text, sizeof text, "%.0f /s, again %.0f /s", rates.first,
                  rates.again);
    Say((mixed ? "import, what happened too, " : "import over TLS, ") + on,
        text, "20,000 /s");
    std::snprintf(text, sizeof text, "%.0f /s", rates.plain_sql);
    Say("  its rows copied by plain SQL", text);
  }
}

// The programs of the same build are found beside this one.
void FindBuild() {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  ::setenv("SEAWALL_BUILD",
           self.parent_path().parent_path().parent_path().c_str(), 0);
}

}  // namespace
}  // namespace seawall::waiting

int main(int argc, char** argv) {
  using namespace seawall;
  waiting::Options wanted;
  config::Options options("seawall-waiting-bench",
                          "The waiting lists under load, in one process.");
  options.Add("children", wanted.children, 0, 10'000'000,
              "How many wait; 0 leaves all but imports out");
  options.Add("questions", wanted.questions, 10, 1'000'000,
              "Dashboards asked for");
  options.Add("folder", wanted.folder, "Of the records; default: temporary");
  options.Add("import", wanted.import, 0, 10'000'000,
              "Children of the imported files; 0 leaves imports out");
  if (const auto parsed = options.Parse(argc, argv); !parsed) {
    return config::Refuse(parsed.error());
  }
  // Debian's gRPC looks after fork() by default; then connections that are
  // open when a service is started never become ready.
  ::setenv("GRPC_ENABLE_FORK_SUPPORT", "0", 1);
  waiting::FindBuild();
  if (wanted.import > 0) {
    waiting::Import(store::Engine::kSqlite, wanted.import);
    waiting::Import(store::Engine::kPostgres, wanted.import);
  }
  if (wanted.children > 0) waiting::Bench(wanted).Run();
}
