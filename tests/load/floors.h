// Floors: the least that any service of this kind must do on this machine. Each
// is the same number of clients doing the bare thing: one row of a contact's
// size on disk, one counter in Redis.
#pragma once

#include <memory>
#include <string>

#include "libs/base/error.h"
#include "tests/load/loop.h"

namespace seawall::load {

// A table of two columns (key, body) in a file of its own, in WAL mode and with
// synchronous=FULL as the service's. One writer at a time, as SQLite has it.
class SqliteFloor {
 public:
  SqliteFloor(const std::string& file, std::size_t row_bytes);
  ~SqliteFloor();
  // A commit a row.
  Measured Single(int clients, Span span);
  // `rows` rows a commit, by one client; the rate is in rows.
  Measured Batches(int rows, Span span);

 private:
  bool Insert(int rows);
  struct State;
  std::unique_ptr<State> state_;
};

// A connection a client, `insert` as a prepared statement and a transaction of
// its own.
class PostgresFloor {
 public:
  // `address` as in store::DatabaseSettings.
  PostgresFloor(const std::string& address, std::size_t row_bytes,
                int connections);
  ~PostgresFloor();
  Measured Single(int clients, Span span);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// HINCRBY of one of a thousand fields.
Measured RedisFloor(int port, int clients, Span span);

}  // namespace seawall::load
