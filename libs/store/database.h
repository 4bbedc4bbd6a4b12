// Database: the records of one service, on SQLite or PostgreSQL, through SOCI.
//
// One connection writes (Database::writer, used by the ledger's writer thread
// alone); any number of readers read, each in a snapshot of its own, for at
// most a second. All SQL of a service is portable, in files that end in
// store.cc and schema/. What is not portable lies here: opening safely, taking
// snapshots, migrations, and sending many rows at once.
//
// Types are text and bigint only: instants are microseconds since 1970 UTC,
// civil days ISO text, sealed blobs base64 text.
#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/error.h"

namespace seawall::store {

enum class Engine { kSqlite, kPostgres };

enum class Type { kText, kInteger };

struct Column {
  const char* name;
  Type type;
};

// A table as its rows are inserted; or a change of it, which is made row by
// row: the columns of its key, then for an update those that are set.
// Constants; they are compared by address.
struct Table {
  enum class Kind { kInsert, kUpdate, kDelete };

  const char* name;
  std::vector<Column> columns;
  Kind kind = Kind::kInsert;
  std::size_t keys = 0;  // how many of the columns are the key, with the area
  // The table that a change is of.
  const Table* changes = nullptr;
  const Table& of() const { return changes ? *changes : *this; }
};

// Rows of one table waiting to be sent together. Values lie flat, row after
// row, and all texts in one buffer: a batch stages thousands of them.
class Rows {
 public:
  // NULL, bigint, or text with its place in the buffer.
  struct Cell {
    static constexpr std::int32_t kNull = -1, kNumber = -2;
    std::int64_t number;
    std::int32_t size;  // of the text
    bool text() const { return size >= 0; }
  };

  explicit Rows(const Table& table) : table_(&table) {}

  // Appends a row; there must be exactly one value a column.
  template <class... Values>
  void Add(const Values&... values) {
    (Put(values), ...);
  }
  // Takes all rows of `other`, which is of the same table.
  void Append(Rows&& other);
  // Moves the rows from number `row` on into rows of their own.
  Rows SplitFrom(std::size_t row);

  const Table& table() const { return *table_; }
  std::size_t size() const { return cells_.size() / table_->columns.size(); }
  bool empty() const { return cells_.empty(); }
  const std::vector<Cell>& cells() const { return cells_; }
  std::string_view text(const Cell& cell) const {
    return std::string_view(texts_).substr(
        static_cast<std::size_t>(cell.number),
        static_cast<std::size_t>(cell.size));
  }
  // Whether the first `width` cells of two rows are the same.
  bool BeginAlike(std::size_t row, const Rows& other, std::size_t other_row,
                  std::size_t width) const;
  void Erase(std::size_t row);
  // Forgets all rows from `size` on: a unit of work that failed.
  void Truncate(std::size_t size) {
    cells_.resize(size * table_->columns.size());
  }
  void Clear() {
    cells_.clear();
    texts_.clear();
  }

 private:
  void Put(std::monostate) { cells_.push_back({0, Cell::kNull}); }
  void Put(std::int64_t number) { cells_.push_back({number, Cell::kNumber}); }
  void Put(std::string_view text) {
    cells_.push_back({static_cast<std::int64_t>(texts_.size()),
                      static_cast<std::int32_t>(text.size())});
    texts_ += text;
  }

  const Table* table_;
  std::vector<Cell> cells_;
  std::string texts_;
};

// One connection. For one thread at a time.
class Session {
 public:
  virtual ~Session() = default;

  virtual Engine engine() const = 0;
  // A soci::statement made on it must not outlive the transaction: the
  // connection under it may be opened again.
  virtual soci::session& sql() = 0;

  // A broken connection is opened again first. SQLite: BEGIN IMMEDIATE.
  // PostgreSQL: BEGIN (read committed; the heads' row locks order the writers).
  virtual Result<void> Begin() = 0;
  // On an error nothing can be said of the transaction (reason COMMIT_UNKNOWN),
  // and the session must be Reopen()ed; except where the engine says it was
  // surely rolled back (reason STORE_FULL, STORE_REFUSED).
  virtual Result<void> Commit() = 0;
  virtual void Rollback() = 0;
  virtual Result<void> Reopen() = 0;

  // Statements without values, in one round trip, such as savepoints.
  virtual Result<void> Run(const std::string& statements) = 0;

  // Inserts, updates or deletes all rows, or fails and leaves the transaction
  // to be rolled back. SQLite: a prepared statement in a loop. PostgreSQL: one
  // statement, from unnest(…).
  virtual Result<void> Send(const Rows& rows) = 0;
  // The same for several tables, in their order; on PostgreSQL in one round
  // trip, so that it works on one table while the next is being sent.
  virtual Result<void> SendAll(const std::vector<Rows>& tables) {
    for (const Rows& rows : tables) TRY_VOID(Send(rows));
    return {};
  }
  // A statement of the transaction failed, and it takes no more.
  virtual bool failed() { return false; }
};

// Runs a function that uses SOCI and turns its exceptions into Errors:
// STORE_REFUSED (kAborted: a constraint said no, or a value cannot be stored),
// STORE_FULL (kResourceExhausted: disk full), STORE_SLOW (kDeadlineExceeded),
// STORE_MISUSED (kInternal: a mistake in our SQL), STORE_LIMIT
// (kInvalidArgument: a value is larger than the store takes), STORE_FAILED
// (kResourceExhausted: a server that lives could not do it), STORE_UNAVAILABLE
// (kUnavailable: the store is lost, nothing else). No message holds a value
// that was bound.
template <class Function>
auto Try(Function&& function) -> Result<std::invoke_result_t<Function>>;
Error FromException(const std::exception& exception);

// A read-only session in a snapshot transaction; given back when it goes away.
// Bound to one second (SQLite: all of it; PostgreSQL: each statement, and all
// of it to three seconds, after which the connection is cut): what takes longer
// is interrupted with STORE_SLOW, except where `unbounded` was asked for
// (verifying counters, scans by an auditor).
class Reader {
 public:
  Reader(Session& session, std::function<void()> give_back)
      : session_(&session), give_back_(std::move(give_back)) {}
  Reader(Reader&& other) noexcept
      : session_(other.session_),
        give_back_(std::exchange(other.give_back_, nullptr)) {}
  Reader& operator=(Reader&&) = delete;
  ~Reader() {
    if (give_back_) give_back_();
  }
  soci::session& sql() { return session_->sql(); }
  Engine engine() const { return session_->engine(); }

 private:
  Session* session_;
  std::function<void()> give_back_;
};

// A step of the schema. Migrations only add; they run in order of version under
// a lock, each in its own transaction.
// A store that another text of one made is refused.
struct Migration {
  int version;
  std::string name;
  // Statements separated by `;` at a line's end. Portable SQL; a table that
  // ends in /*clustered*/ keeps its rows in the primary key's tree on SQLite.
  std::string sql;
};

struct DatabaseSettings {
  // `sqlite:/path/to/file.db` or `postgres:host=… port=… dbname=… user=…` (a
  // libpq connection string; the password comes from a passfile named in it,
  // never from here).
  std::string address;
  int readers = 4;
  // SQLite: the VFS to use; empty = the default one. Tests give one that loses
  // unsynced writes.
  std::string sqlite_vfs = {};
  // Every bound on how long the store may take is so many times as long. Tests
  // of something else wait longer, on a machine that does much besides.
  int patience = 1;
};

class Database {
 public:
  virtual ~Database() = default;

  // Refuses (kUnavailable, STORE_NOT_DURABLE) a PostgreSQL whose
  // synchronous_commit, fsync or full_page_writes are off, or whose
  // synchronous_commit is local beside a standby; (kFailedPrecondition)
  // STORE_LOCALE: its database does not sort by bytes or is not in UTF-8;
  // STORE_IN_USE: another process writes to that SQLite file, by whatever path.
  // The first two of durability are looked at again with each transaction of
  // the writer and each Ping; synchronous_commit is fixed for the session.
  static Result<std::unique_ptr<Database>> Open(
      const DatabaseSettings& settings);

  virtual Engine engine() const = 0;
  // The one session that writes. For the ledger's writer thread alone.
  virtual Session& writer() = 0;
  // Waits at most a second for a free one (STORE_BUSY), then begins a snapshot.
  virtual Result<Reader> Read(bool unbounded = false) = 0;
  // Brings the schema up to date. Old code runs on the new schema, so several
  // processes may do this at once. Used before the writer's thread starts.
  // MIGRATION_CHANGED (kFailedPrecondition): a version is there under another
  // name.
  virtual Result<void> Migrate(const std::vector<Migration>& migrations) = 0;
  // Answers within a second whether records can be read: readiness.
  virtual Result<void> Ping() = 0;
  // What the store's own clock says; SQLite has none but ours.
  virtual Result<std::optional<Instant>> Time() = 0;
  // SQLite: moves the WAL into the file. Writer thread only, when idle and at
  // the end.
  virtual void Checkpoint() = 0;
};

// ---- implementation ----

template <class Function>
auto Try(Function&& function) -> Result<std::invoke_result_t<Function>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Function>>) {
      function();
      return {};
    } else {
      return function();
    }
  } catch (const std::exception& exception) {
    return FromException(exception);
  }
}

}  // namespace seawall::store
