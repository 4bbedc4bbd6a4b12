// Sections: the parts of the benchmark, each of which adds rows to the report.
#pragma once

#include <string>
#include <vector>

#include "libs/store/database.h"
#include "tests/load/pusher.h"
#include "tests/load/report.h"

namespace seawall::load {

struct Plan {
  int rounds = 3;
  Span span;
  std::vector<int> in_flight = {1, 16, 64, 256};
  std::vector<store::Engine> stores = {store::Engine::kSqlite,
                                       store::Engine::kPostgres};
  std::int64_t contacts = 1'000'000;
  int connections = 4;
};

const char* NameOf(store::Engine engine);

// A stack on that engine; PostgreSQL with room for many clients.
std::unique_ptr<support::Stack> StartStack(store::Engine engine,
                                           support::Postgres& postgres);
// The same PostgreSQL for stacks and floors.
support::Postgres& BenchPostgres();

// Rates beside their floors: unary and bulk at every number in flight, each
// round all of them in turn, so that a noisy moment hits what is compared.
void Intake(const Plan& plan, Report& report);
// Decisions by the hub.
void Decisions(const Plan& plan, Report& report);
// Latency at half the highest rate, from intended start times.
void OpenRate(const Plan& plan, Report& report);
// How far figures from counters are behind what was acknowledged.
void CountersBehind(const Plan& plan, Report& report);
// Journeys from contact to closure, worklists, a census in and checked.
void Journey(const Plan& plan, Report& report);
// One child with 5,000 contacts: what a read and a decision take.
void OneChild(const Plan& plan, Report& report);
// With many contacts stored: figures, rebuild, intake, memory.
void Many(const Plan& plan, Report& report);

}  // namespace seawall::load
