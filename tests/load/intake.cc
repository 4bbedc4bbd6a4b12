// Rates beside their floors.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/progress.h"
#include "cli/terminal.h"
#include "tests/load/floors.h"
#include "tests/load/sections.h"
#include "tests/system/forms.h"

namespace seawall::load {
namespace {

using store::Engine;

// What a contact is on the wire, about.
std::size_t RowBytes() { return Form().About(1, "size").ByteSizeLong(); }

// All runs of one thing.
using Runs = std::map<std::string, std::vector<Measured>>;

Measured Of(const Runs& runs, const std::string& name) {
  const auto found = runs.find(name);
  return found == runs.end() ? Measured() : Median(found->second);
}

// The writer without gRPC, on records of its own.
Measured WithoutGrpc(Engine engine, const support::Stack& stack, int in_flight,
                     Span span) {
  const support::TemporaryFolder folder;
  const std::string database =
      engine == Engine::kSqlite
          ? "sqlite:" + folder.File("writer.db")
          : Must("postgresql", BenchPostgres().NewDatabase());
  const auto& own = support::CertificateOf("service/referrals");
  const std::string said = Must(
      "the writer without gRPC",
      support::RunToEnd(
          {.words = {
               Program("tests/load/seawall-writer"), "--database=" + database,
               "--certificate=" + own.certificate_file, "--key=" + own.key_file,
               "--ca=" + support::StackAuthority().certificate_file(),
               "--agencies=" + stack.agencies_file(),
               "--seal-keys=" + stack.seal_key_file(),
               "--signing-key=" + stack.signing_key_file(),
               "--allow-test-numbers=true",
               "--in-flight=" + std::to_string(in_flight),
               "--time=" + std::to_string(span.time.count()) + "ms"}}));
  const auto from = said.rfind("{\"done\"");
  const auto line = nlohmann::json::parse(
      from == said.npos ? "{}"
                        : said.substr(from, said.find('\n', from) - from),
      nullptr, false);
  Measured measured;
  measured.rate = line.value("rate", 0.0);
  measured.p50_ms = line.value("p50_ms", 0.0);
  measured.p99_ms = line.value("p99_ms", 0.0);
  measured.failed = line.value("failed", 0);
  return measured;
}

// One store: the service on it, and the bare inserts beside.
struct Side {
  explicit Side(Engine engine, int most_clients, Numbers& numbers,
                int connections)
      : engine(engine), stack(StartStack(engine, BenchPostgres())) {
    pusher = std::make_unique<Pusher>(Agencies(*stack, connections), numbers,
                                      NameOf(engine));
    if (engine == Engine::kSqlite) {
      sqlite =
          std::make_unique<SqliteFloor>(folder.File("floor.db"), RowBytes());
    } else {
      postgres = std::make_unique<PostgresFloor>(
          Must("postgresql", BenchPostgres().NewDatabase()), RowBytes(),
          most_clients);
    }
  }
  Measured Insert(int clients, Span span) {
    return sqlite ? sqlite->Single(clients, span)
                  : postgres->Single(clients, span);
  }

  Engine engine;
  support::TemporaryFolder folder;
  std::unique_ptr<support::Stack> stack;
  std::unique_ptr<Pusher> pusher;
  std::unique_ptr<SqliteFloor> sqlite;
  std::unique_ptr<PostgresFloor> postgres;
};

std::string At(const std::string& what, int in_flight) {
  return what + " " + std::to_string(in_flight);
}

// What the issue asks of the unary rate.
void SetTarget(Row& row, Engine engine) {
  if (row.in_flight != 64) return;
  const bool beside_echo = row.floor_name == "bare echo";
  if (engine == Engine::kSqlite && beside_echo) {
    row.target = ">= 0.3 of the echo, p99 < 20 ms";
    row.met = row.ratio >= 0.3 && row.p99_ms < 20;
  } else if (engine == Engine::kPostgres && !beside_echo) {
    row.target = ">= 0.4 of the raw insert";
    row.met = row.ratio >= 0.4;
  }
}

void AddUnary(const Plan& plan, Engine engine, const Runs& runs,
              Report& report) {
  const std::string store = NameOf(engine);
  for (const int n : plan.in_flight) {
    const Measured service = Of(runs, At(store + " unary", n));
    Row beside_echo = RowOf("SubmitContact", store, n, service);
    SetFloor(beside_echo, "bare echo", Of(runs, At("echo", n)));
    SetTarget(beside_echo, engine);
    report.Add(std::move(beside_echo));
    Row beside_insert = RowOf("SubmitContact", store, n, service);
    SetFloor(beside_insert, "raw insert of one row",
             Of(runs, At(store + " insert", n)));
    SetTarget(beside_insert, engine);
    report.Add(std::move(beside_insert));
  }
}

void AddBulk(const Plan& plan, Engine engine, const Runs& runs,
             Report& report) {
  const std::string store = NameOf(engine);
  const int most = plan.in_flight.back();
  const Measured bulk = Of(runs, store + " bulk");
  const Measured unary = Of(runs, At(store + " unary", most));
  const Measured writer = Of(runs, store + " writer");
  Row beside_unary = RowOf("SubmitContacts (bulk)", store, most, bulk);
  SetFloor(beside_unary, "SubmitContact", unary);
  Row beside_writer = RowOf("SubmitContacts (bulk)", store, most, bulk);
  SetFloor(beside_writer, "writer without gRPC", writer);
  beside_unary.target = beside_writer.target =
      ">= 1.5 of unary, or >= 0.8 of the writer";
  beside_unary.met = beside_writer.met =
      beside_unary.ratio >= 1.5 || beside_writer.ratio >= 0.8;
  report.Add(std::move(beside_unary));
  report.Add(std::move(beside_writer));
  report.Add(RowOf("writer without gRPC", store, most, writer));
}

void AddFloors(const Plan& plan, const Runs& runs, Report& report) {
  for (const int n : plan.in_flight)
    report.Add(RowOf("floor: bare echo", "", n, Of(runs, At("echo", n))));
  for (const Engine engine : plan.stores) {
    const std::string store = NameOf(engine);
    for (const int n : plan.in_flight) {
      report.Add(RowOf("floor: raw insert of one row", store, n,
                       Of(runs, At(store + " insert", n))));
    }
    if (engine == Engine::kSqlite) {
      report.Add(RowOf("floor: rows in commits of 100", store, 1,
                       Of(runs, "sqlite hundreds")));
    }
  }
  for (const int n : plan.in_flight)
    report.Add(
        RowOf("floor: Redis HINCRBY", "redis", n, Of(runs, At("redis", n))));
}

}  // namespace

const char* NameOf(Engine engine) {
  return engine == Engine::kSqlite ? "sqlite" : "postgres";
}

support::Postgres& BenchPostgres() {
  static const auto postgres =
      Must("postgresql", support::Postgres::Start(
                             {"max_connections=320", "shared_buffers=128MB"}));
  return *postgres;
}

std::unique_ptr<support::Stack> StartStack(Engine engine,
                                           support::Postgres& postgres) {
  support::StackSettings settings;
  settings.engine = engine;
  if (engine == Engine::kPostgres) settings.postgres = &postgres;
  return Must("starting the service", support::Stack::Start(settings));
}

void Intake(const Plan& plan, Report& report) {
  Numbers numbers{0};
  Runs runs;
  const int most = plan.in_flight.back();
  const auto echo = Must("the echo", Echo::Start());
  Pusher echoed(echo->Settings(plan.connections), numbers, "echo");
  std::vector<std::unique_ptr<Side>> sides;
  for (const Engine engine : plan.stores) {
    sides.push_back(
        std::make_unique<Side>(engine, most, numbers, plan.connections));
  }
  const auto levels = static_cast<std::int64_t>(plan.in_flight.size());
  const auto stores = static_cast<std::int64_t>(sides.size());
  cli::Progress progress(
      std::cerr, cli::TerminalWidth(STDERR_FILENO), "intake",
      plan.rounds * (levels * (2 + 2 * stores) + 2 * stores + 1));
  const auto note = [&](const std::string& name, Measured measured) {
    runs[name].push_back(measured);
    progress.Add();
  };
  for (int round = 0; round < plan.rounds; round++) {
    for (const int n : plan.in_flight) {
      note(At("echo", n), echoed.Unary(n, plan.span));
      for (const auto& side : sides) {
        const std::string store = NameOf(side->engine);
        note(At(store + " insert", n), side->Insert(n, plan.span));
        note(At(store + " unary", n), side->pusher->Unary(n, plan.span));
      }
      note(At("redis", n),
           RedisFloor(sides[0]->stack->redis().port(), n, plan.span));
    }
    for (const auto& side : sides) {
      const std::string store = NameOf(side->engine);
      note(store + " bulk", side->pusher->Bulk(most, plan.span));
      note(store + " writer",
           WithoutGrpc(side->engine, *side->stack, most, plan.span));
      if (side->sqlite)
        note("sqlite hundreds", side->sqlite->Batches(100, plan.span));
    }
  }
  progress.Clear();
  for (const Engine engine : plan.stores) {
    AddUnary(plan, engine, runs, report);
    AddBulk(plan, engine, runs, report);
  }
  AddFloors(plan, runs, report);
}

void OpenRate(const Plan& plan, Report& report) {
  for (const Engine engine : plan.stores) {
    Numbers numbers{0};
    const auto stack = StartStack(engine, BenchPostgres());
    Pusher pusher(Agencies(*stack, plan.connections), numbers, "open");
    const double highest = pusher.Unary(64, plan.span).rate;
    std::vector<Measured> runs;
    for (int round = 0; round < plan.rounds; round++)
      runs.push_back(pusher.Open(highest / 2, plan.span));
    Row row = RowOf("SubmitContact, open loop at half the rate", NameOf(engine),
                    0, Median(runs));
    row.floor_name = "closed loop, 64 in flight";
    row.floor = highest;
    row.ratio = row.rate / highest;
    report.Add(std::move(row));
  }
}

void Decisions(const Plan& plan, Report& report) {
  for (const Engine engine : plan.stores) {
    Numbers numbers{0};
    const auto stack = StartStack(engine, BenchPostgres());
    Pusher pusher(Agencies(*stack, plan.connections), numbers, "decide");
    pusher.Keep();
    const Measured intake = pusher.Unary(64, plan.span);
    const std::vector<std::string> ids = pusher.TakeIds();
    std::vector<std::unique_ptr<rpc::Client>> hubs;
    for (int i = 0; i < plan.connections; i++)
      hubs.push_back(stack->As(support::kHub, support::kPerson));
    std::vector<pb::DecideContactResponse> responses(64);
    std::atomic<std::size_t> next{0};
    std::vector<Measured> runs;
    for (int round = 0; round < plan.rounds; round++) {
      // Far fewer decisions than contacts go through in the time.
      runs.push_back(ClosedLoop(
          64, {plan.span.warm_up, plan.span.time / plan.rounds},
          load::Begin([&](int lane, Finished finished) {
            const std::size_t at = next++;
            if (at >= ids.size()) return finished(false);
            pb::DecideContactRequest request;
            request.set_area(support::kArea);
            request.set_request_id("decide-" + std::to_string(at));
            request.set_contact_id(ids[at]);
            request.set_decision(pb::DECISION_INFORMATION_AND_ADVICE);
            request.set_rationale("Invented: help from the school is enough.");
            request.set_triage_decision(
                "Invented: a third report from that address.");
            auto& hub = *hubs[static_cast<std::size_t>(lane) % hubs.size()];
            hub.CallAsync(support::kDecide, request,
                          &responses[static_cast<std::size_t>(lane)],
                          [finished = std::move(finished)](Result<void> done) {
                            finished(done.has_value());
                          });
          })));
    }
    Row row = RowOf("DecideContact", NameOf(engine), 64, Median(runs));
    SetFloor(row, "SubmitContact", intake);
    report.Add(std::move(row));
  }
}

}  // namespace seawall::load
