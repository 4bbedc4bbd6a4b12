// seawall-bench: what ./seawall bench runs.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>

#include "cli/terminal.h"
#include "libs/config/config.h"
#include "tests/load/sections.h"

namespace {

using namespace seawall;
using load::Plan;
using load::Report;

struct Options {
  bool quick = false;
  bool docs = true;
  int rounds = 3;
  std::chrono::milliseconds time{2000};
  int contacts = 1'000'000;
  std::vector<std::string> stores = {"sqlite", "postgres"};
  std::vector<std::string> in_flight = {"1", "16", "64", "256"};
  std::vector<std::string> parts = {"intake",  "open",  "decisions", "counters",
                                    "journey", "child", "many"};
  std::string json = ".seawall/bench.json";
  std::string markdown = "docs/benchmarks.md";
};

void Declare(config::Options& options, Options& wanted) {
  options.Add("quick", wanted.quick,
              "A short look: one round, 20,000 contacts, no documents");
  options.Add("rounds", wanted.rounds, 1, 99, "Rounds; medians are shown");
  options.Add("time", wanted.time, "How long each run takes");
  options.Add("contacts", wanted.contacts, 1000, 100'000'000,
              "How many are many");
  options.Add("stores", wanted.stores, "sqlite, postgres");
  options.Add("in-flight", wanted.in_flight, "How many at once");
  options.Add("parts", wanted.parts,
              "intake, open, decisions, counters, journey, child, many");
  options.Add("docs", wanted.docs, "Write the table into docs/benchmarks.md");
  options.Add("json", wanted.json, "Where each row goes");
}

Plan PlanOf(const Options& wanted) {
  Plan plan;
  plan.rounds = wanted.rounds;
  plan.span.time = wanted.time;
  plan.contacts = wanted.contacts;
  plan.in_flight.clear();
  for (const std::string& number : wanted.in_flight)
    plan.in_flight.push_back(std::max(std::atoi(number.c_str()), 1));
  if (wanted.quick) {
    plan.rounds = 1;
    plan.span = {std::chrono::milliseconds(200),
                 std::chrono::milliseconds(700)};
    plan.contacts = 20'000;
  }
  plan.stores.clear();
  for (const std::string& store : wanted.stores) {
    plan.stores.push_back(store == "postgres" ? store::Engine::kPostgres
                                              : store::Engine::kSqlite);
  }
  return plan;
}

void Run(const Options& wanted, Report& report) {
  const Plan plan = PlanOf(wanted);
  const std::map<std::string, std::function<void(const Plan&, Report&)>> parts =
      {{"intake", load::Intake},
       {"open", load::OpenRate},
       {"decisions", load::Decisions},
       {"counters", load::CountersBehind},
       {"journey", load::Journey},
       {"child", load::OneChild},
       {"many", load::Many}};
  for (const std::string& name : wanted.parts) {
    const auto part = parts.find(name);
    if (part == parts.end()) {
      std::fprintf(stderr, "--parts: there is no part '%s'\n", name.c_str());
      std::exit(2);
    }
    std::fprintf(stderr, "Measuring: %s\n", name.c_str());
    part->second(plan, report);
  }
}

// The programs of the same build are found beside this one.
void FindBuild() {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  ::setenv("SEAWALL_BUILD",
           self.parent_path().parent_path().parent_path().c_str(), 0);
}

}  // namespace

int main(int argc, char** argv) {
  Options wanted;
  config::Options options("seawall-bench",
                          "Rates and latencies beside their floors.");
  Declare(options, wanted);
  if (const auto parsed = options.Parse(argc, argv); !parsed)
    return config::Refuse(parsed.error());
  // Debian's gRPC looks after fork() by default; then connections that are
  // open when a service is started never become ready.
  ::setenv("GRPC_ENABLE_FORK_SUPPORT", "0", 1);
  FindBuild();
  Report report;
  Run(wanted, report);
  for (const auto& [name, value] : load::Machine())
    std::cout << name << ": " << value << "\n";
  std::cout << "\n";
  report.Print(std::cout, cli::TerminalWidth(STDOUT_FILENO));
  std::filesystem::create_directories(
      std::filesystem::absolute(wanted.json).parent_path());
  load::Must("writing rows", report.WriteJson(wanted.json));
  if (wanted.docs && !wanted.quick)
    load::Must("writing the table", report.WriteMarkdown(wanted.markdown));
  return 0;
}
