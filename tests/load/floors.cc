#include "tests/load/floors.h"

#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace seawall::load {
namespace {

// A floor that cannot be measured ends the run: nothing could be said.
[[noreturn]] void Die(const char* what, const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", what, why.c_str());
  std::exit(1);
}

}  // namespace

// ---- SQLite ----

struct SqliteFloor::State {
  sqlite3* database = nullptr;
  sqlite3_stmt* insert = nullptr;
  std::string body;
  std::mutex mutex;
  std::int64_t next = 0;  // guarded by mutex

  void Run(const char* statement) {
    if (sqlite3_exec(database, statement, nullptr, nullptr, nullptr))
      Die("sqlite floor", sqlite3_errmsg(database));
  }
};

SqliteFloor::SqliteFloor(const std::string& file, std::size_t row_bytes)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  if (sqlite3_open(file.c_str(), &state.database))
    Die("sqlite floor", "cannot open " + file);
  state.Run("pragma journal_mode=wal; pragma synchronous=full;");
  state.Run("create table floor (key integer primary key, body text not null)");
  if (sqlite3_prepare_v2(state.database, "insert into floor values (?, ?)", -1,
                         &state.insert, nullptr))
    Die("sqlite floor", sqlite3_errmsg(state.database));
  state.body.assign(row_bytes, 'x');
}

SqliteFloor::~SqliteFloor() {
  sqlite3_finalize(state_->insert);
  sqlite3_close(state_->database);
}

bool SqliteFloor::Insert(int rows) {
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  state.Run("begin immediate");
  for (int i = 0; i < rows; i++) {
    sqlite3_bind_int64(state.insert, 1, ++state.next);
    sqlite3_bind_text(state.insert, 2, state.body.data(),
                      static_cast<int>(state.body.size()), SQLITE_STATIC);
    sqlite3_step(state.insert);
    if (sqlite3_reset(state.insert) != SQLITE_OK) return false;
  }
  state.Run("commit");
  return true;
}

Measured SqliteFloor::Single(int clients, Span span) {
  return ClosedLoop(clients, span, Do([this](int) { return Insert(1); }));
}

Measured SqliteFloor::Batches(int rows, Span span) {
  Measured measured =
      ClosedLoop(1, span, Do([&](int) { return Insert(rows); }));
  measured.rate *= rows;
  return measured;
}

// ---- PostgreSQL ----

struct PostgresFloor::State {
  std::vector<PGconn*> connections;
  std::string body;
  std::atomic<std::int64_t> next{0};
};

PostgresFloor::PostgresFloor(const std::string& address, std::size_t row_bytes,
                             int connections)
    : state_(std::make_unique<State>()) {
  const std::string words = address.substr(address.find(':') + 1);
  state_->body.assign(row_bytes, 'x');
  for (int i = 0; i < connections; i++) {
    PGconn* connection = PQconnectdb(words.c_str());
    if (PQstatus(connection) != CONNECTION_OK)
      Die("postgresql floor", PQerrorMessage(connection));
    if (i == 0) {
      PQclear(PQexec(connection,
                     "create table floor (key bigint primary key, body text "
                     "not null)"));
    }
    PQclear(PQprepare(connection, "insert",
                      "insert into floor values ($1::bigint, $2)", 2, nullptr));
    state_->connections.push_back(connection);
  }
}

PostgresFloor::~PostgresFloor() {
  for (PGconn* connection : state_->connections) PQfinish(connection);
}

Measured PostgresFloor::Single(int clients, Span span) {
  return ClosedLoop(
      clients, span, Do([this](int lane) {
        const std::string key = std::to_string(++state_->next);
        const char* values[] = {key.c_str(), state_->body.c_str()};
        PGresult* result =
            PQexecPrepared(state_->connections[static_cast<std::size_t>(lane)],
                           "insert", 2, values, nullptr, nullptr, 0);
        const bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        return ok;
      }));
}

// ---- Redis ----

Measured RedisFloor(int port, int clients, Span span) {
  std::vector<redisContext*> contexts;
  for (int i = 0; i < clients; i++) {
    contexts.push_back(redisConnect("127.0.0.1", port));
    if (!contexts.back() || contexts.back()->err)
      Die("redis floor", "cannot connect");
  }
  std::atomic<unsigned> next{0};
  const Measured measured =
      ClosedLoop(clients, span, Do([&](int lane) {
                   auto* reply = static_cast<redisReply*>(
                       redisCommand(contexts[static_cast<std::size_t>(lane)],
                                    "HINCRBY floor field-%u 1", ++next % 1000));
                   const bool ok = reply && reply->type == REDIS_REPLY_INTEGER;
                   if (reply) freeReplyObject(reply);
                   return ok;
                 }));
  freeReplyObject(redisCommand(contexts[0], "DEL floor"));
  for (redisContext* context : contexts) redisFree(context);
  return measured;
}

}  // namespace seawall::load
