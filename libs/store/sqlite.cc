// SQLite: WAL and synchronous=FULL. One connection writes and checkpoints; all
// others are opened read-only and never checkpoint, because SQLite before
// 3.51.3 can corrupt a WAL that two connections reset.
#include <fcntl.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <unordered_map>
#include <utility>

#include "libs/store/engines.h"
#include "libs/store/errors.h"
#include "libs/store/pool.h"
#include "libs/store/wrapped.h"

namespace seawall::store {
namespace {

// SOCI's header puts sqlite3.h into this namespace.
using namespace sqlite_api;  // NOLINT

using std::chrono::steady_clock;

constexpr int kWriterCacheKib = 32 * 1024;
constexpr int kReaderCacheKib = 4 * 1024;
// Every batch behind a checkpoint waits for it: many short ones, not few long.
constexpr int kCheckpointPages = 1000;
constexpr int kBusyMillis = 2000;
constexpr std::chrono::seconds kReadBound{1};
// A WAL that readers hold back grows with every write. Beyond this size no long
// read begins, and the writer empties it as soon as nobody reads.
constexpr std::uintmax_t kLargeWal = 64 << 20;
constexpr std::chrono::seconds kWalPatience{20};
constexpr std::chrono::milliseconds kWalPoll{20};
constexpr int kCommitsBetweenLooks = 16;
// How often a read looks at the clock: about every 100 µs.
constexpr int kStepsBetweenLooks = 2000;

struct Place {
  std::string path;
  std::string vfs;
  int patience;
};

enum class Role { kWriter, kReader };

Error CannotOpen(const Place& place, std::string_view why) {
  return Unavailable("cannot open " + place.path + ": " + std::string(why));
}

Result<void> Execute(sqlite3* connection, const std::string& statements) {
  const int code =
      sqlite3_exec(connection, statements.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return FromSqlite(code);
  return {};
}

std::string WriterPragmas() {
  return "pragma journal_mode=wal;"
         "pragma synchronous=full;"
         "pragma temp_store=memory;"
         "pragma journal_size_limit=67108864;"
         "pragma wal_autocheckpoint=" +
         std::to_string(kCheckpointPages) + ";pragma cache_size=-" +
         std::to_string(kWriterCacheKib);
}

std::string ReaderPragmas() {
  return "pragma wal_autocheckpoint=0;"
         "pragma temp_store=memory;"
         "pragma query_only=on;"
         "pragma cache_size=-" +
         std::to_string(kReaderCacheKib);
}

// SQLite answers `pragma journal_mode=wal` with the mode it stayed in.
Result<void> CheckWal(sqlite3* connection, const Place& place) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(connection, "pragma journal_mode", -1,
                                &statement, nullptr);
  bool wal = false;
  if (code == SQLITE_OK) {
    code = sqlite3_step(statement);
    wal = code == SQLITE_ROW &&
          std::strcmp(
              reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)),
              "wal") == 0;
  }
  sqlite3_finalize(statement);
  if (!wal) return CannotOpen(place, "its folder does not allow a WAL");
  return {};
}

Result<void> Configure(sqlite3* connection, const Place& place, Role role) {
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, kBusyMillis);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (role == Role::kReader) return Execute(connection, ReaderPragmas());
  TRY_VOID(Execute(connection, WriterPragmas()));
  return CheckWal(connection, place);
}

Result<sqlite3*> Connect(const Place& place, Role role) {
  const int flags =
      SQLITE_OPEN_NOMUTEX |
      (role == Role::kWriter ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  sqlite3* connection = nullptr;
  const int code =
      sqlite3_open_v2(place.path.c_str(), &connection, flags,
                      place.vfs.empty() ? nullptr : place.vfs.c_str());
  auto configured = code == SQLITE_OK
                        ? Configure(connection, place, role)
                        : Result<void>(CannotOpen(place, sqlite3_errstr(code)));
  if (!configured) {
    sqlite3_close_v2(connection);
    return std::move(configured).error();
  }
  return connection;
}

// What sqlite says no I/O can be trusted after: the connection is replaced.
bool Breaks(int code) {
  switch (code & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
      return true;
    default:
      return false;
  }
}

// What SOCI prepared on a connection, to be used again: preparing takes longer
// than most statements run. One is taken out while it is in use.
class Kept {
 public:
  explicit Kept(soci::details::session_backend& session)
      : session_(static_cast<soci::sqlite3_session_backend&>(session)) {}
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() { Clear(); }

  sqlite3*& connection() { return session_.conn_; }

  // Null if there is none.
  sqlite3_stmt* Take(const std::string& text) {
    auto found = statements_.extract(text);
    return found ? found.mapped() : nullptr;
  }
  void Give(const std::string& text, sqlite3_stmt* statement) {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    // The connection may have been opened again meanwhile.
    if (sqlite3_db_handle(statement) != connection() ||
        statements_.size() >= kMostKept ||
        !statements_.emplace(text, statement).second) {
      sqlite3_finalize(statement);
    }
  }
  void Clear() {
    for (auto& [text, statement] : statements_) sqlite3_finalize(statement);
    statements_.clear();
  }

 private:
  soci::sqlite3_session_backend& session_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

class KeptStatement : public WrappedStatement {
 public:
  KeptStatement(soci::details::statement_backend* inner, Kept& kept)
      : WrappedStatement(inner),
        mine_(static_cast<soci::sqlite3_statement_backend&>(*inner)),
        kept_(kept) {}
  ~KeptStatement() override { GiveBack(); }

  void prepare(const std::string& text,
               soci::details::statement_type type) override {
    clean_up();
    text_ = text;
    mine_.stmt_ = kept_.Take(text);
    if (mine_.stmt_ == nullptr) return inner_->prepare(text, type);
    mine_.databaseReady_ = true;
  }
  void clean_up() override {
    GiveBack();
    inner_->clean_up();
  }

 private:
  void GiveBack() {
    if (mine_.stmt_ == nullptr) return;
    kept_.Give(text_, std::exchange(mine_.stmt_, nullptr));
  }

  soci::sqlite3_statement_backend& mine_;
  Kept& kept_;
  std::string text_;
};

using Backend = WrappedSession<Kept, KeptStatement>;

const Backend::Factory& Wrapped() {
  static const Backend::Factory factory(soci::sqlite3);
  return factory;
}

class SqliteSession : public Snapshots {
 public:
  static Result<std::unique_ptr<SqliteSession>> Open(Place place, Role role) {
    auto session = std::unique_ptr<SqliteSession>(
        new SqliteSession(std::move(place), role));
    TRY_VOID(session->Reopen());
    return session;
  }

  ~SqliteSession() override { FinalizeAll(); }

  Engine engine() const override { return Engine::kSqlite; }
  soci::session& sql() override { return sql_; }

  Result<void> Begin() override {
    if (broken_) TRY_VOID(Reopen());
    return Run("begin immediate");
  }

  Result<void> BeginAlone() {
    if (broken_) TRY_VOID(Reopen());
    return Run("begin exclusive");
  }

  Result<void> Commit() override;
  void Rollback() override;
  Result<void> Reopen() override;
  Result<void> Send(const Rows& rows) override;
  Result<void> BeginSnapshot(bool unbounded) override;
  void EndSnapshot() override;

  Result<void> Run(const std::string& statements) override {
    return Noted(sqlite3_exec(connection(), statements.c_str(), nullptr,
                              nullptr, nullptr));
  }
  void Checkpoint();
  bool WalIsLarge() const {
    std::error_code none;
    const auto size = std::filesystem::file_size(place_.path + "-wal", none);
    return !none && size > kLargeWal;
  }

 private:
  // SOCI can choose neither a VFS nor read-only: it opens a database in memory,
  // and its handle is replaced by ours.
  SqliteSession(Place place, Role role)
      : place_(std::move(place)), role_(role), sql_(Wrapped(), ":memory:") {}

  Kept& kept() { return static_cast<Backend*>(sql_.get_backend())->kept(); }
  sqlite3*& connection() { return kept().connection(); }
  Result<void> Noted(int code) {
    if (Breaks(code)) broken_ = true;
    if (code != SQLITE_OK) return FromSqlite(code);
    return {};
  }
  Result<sqlite3_stmt*> Prepared(const Table& table);
  void FinalizeAll();
  static int Look(void* session);

  const Place place_;
  const Role role_;
  soci::session sql_;
  bool broken_ = false;
  int commits_ = 0;
  std::unordered_map<const Table*, sqlite3_stmt*> sent_;
  steady_clock::time_point read_until_;
};

Result<void> SqliteSession::Reopen() {
  Rollback();
  FinalizeAll();
  TRY(sqlite3* const fresh, Connect(place_, role_));
  // v2: a statement that a caller still holds keeps the old handle, harmlessly.
  sqlite3_close_v2(std::exchange(connection(), fresh));
  broken_ = false;
  return {};
}

void SqliteSession::FinalizeAll() {
  for (auto& [table, statement] : sent_) sqlite3_finalize(statement);
  sent_.clear();
  kept().Clear();
}

void SqliteSession::Rollback() {
  if (Breaks(sqlite3_errcode(connection()))) broken_ = true;
  // SQLite rolls back by itself after a full disk or an I/O error.
  if (sqlite3_get_autocommit(connection())) return;
  if (!Run("rollback")) broken_ = true;
}

Result<void> SqliteSession::Commit() {
  // Where the transaction was rolled back already, `commit` would be a misuse.
  if (sqlite3_get_autocommit(connection())) {
    return Error{Code::kAborted, "STORE_REFUSED",
                 "the transaction had been rolled back; repeat the request"};
  }
  const int code =
      sqlite3_exec(connection(), "commit", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) {
    if (++commits_ % kCommitsBetweenLooks == 0 && WalIsLarge()) Checkpoint();
    return {};
  }
  const Error error = FromSqlite(code);
  Rollback();
  // A full disk stops the frames before the one that commits.
  if (error.reason == "STORE_FULL" || error.reason == "STORE_REFUSED") {
    return error;
  }
  broken_ = true;
  return Error{Code::kUnavailable, "COMMIT_UNKNOWN",
               "the store failed while committing (sqlite " +
                   std::to_string(code) +
                   "); repeat the request with the same id to learn the truth"};
}

// `name=?3` of some of the columns, each with the place of its value.
std::string Assigned(const Table& table, std::size_t from, std::size_t to,
                     const char* between) {
  std::string text;
  for (std::size_t i = from; i < to; i++) {
    text += (i > from ? between : "") + std::string(table.columns[i].name) +
            "=?" + std::to_string(i + 1);
  }
  return text;
}

std::string StatementOf(const Table& table) {
  const std::string name = table.name;
  const std::size_t width = table.columns.size();
  switch (table.kind) {
    case Table::Kind::kUpdate:
      return "update " + name + " set " +
             Assigned(table, table.keys, width, ",") + " where " +
             Assigned(table, 0, table.keys, " and ");
    case Table::Kind::kDelete:
      return "delete from " + name + " where " +
             Assigned(table, 0, table.keys, " and ");
    default:
      break;
  }
  std::string names;
  std::string marks;
  for (const Column& column : table.columns) {
    names += (names.empty() ? "" : ",") + std::string(column.name);
    marks += marks.empty() ? "?" : ",?";
  }
  return "insert into " + name + "(" + names + ") values(" + marks + ")";
}

Result<sqlite3_stmt*> SqliteSession::Prepared(const Table& table) {
  if (auto found = sent_.find(&table); found != sent_.end()) {
    return found->second;
  }
  const std::string text = StatementOf(table);
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(connection(), text.c_str(), -1,
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    TRY_VOID(Noted(code));
  }
  sent_.emplace(&table, statement);
  return statement;
}

// The rows outlive the step, so nothing is copied.
int Bind(sqlite3_stmt* statement, int position, const Rows& rows,
         const Rows::Cell& cell) {
  if (cell.text()) {
    return sqlite3_bind_text(statement, position, rows.text(cell).data(),
                             cell.size, SQLITE_STATIC);
  }
  if (cell.size == Rows::Cell::kNumber) {
    return sqlite3_bind_int64(statement, position, cell.number);
  }
  return sqlite3_bind_null(statement, position);
}

Result<void> SqliteSession::Send(const Rows& rows) {
  if (rows.empty()) return {};
  TRY_VOID(CheckShape(rows));
  TRY(sqlite3_stmt* const statement, Prepared(rows.table()));
  const int width = static_cast<int>(rows.table().columns.size());
  int position = 0;
  for (const Rows::Cell& cell : rows.cells()) {
    int code = Bind(statement, ++position, rows, cell);
    if (code == SQLITE_OK && position == width) {
      sqlite3_step(statement);
      code = sqlite3_reset(statement);
      position = 0;
    }
    if (code != SQLITE_OK) return Noted(code);
  }
  // The values go away now; a bound pointer to them must not stay.
  sqlite3_clear_bindings(statement);
  return {};
}

int SqliteSession::Look(void* session) {
  return steady_clock::now() >
         static_cast<SqliteSession*>(session)->read_until_;
}

Result<void> SqliteSession::BeginSnapshot(bool unbounded) {
  if (broken_) TRY_VOID(Reopen());
  if (!unbounded) {
    read_until_ = steady_clock::now() + kReadBound * place_.patience;
    sqlite3_progress_handler(connection(), kStepsBetweenLooks, &Look, this);
  }
  // The snapshot is taken by the first read, not by `begin`.
  return Run("begin; select 1 from sqlite_master limit 1");
}

void SqliteSession::EndSnapshot() {
  sqlite3_progress_handler(connection(), 0, nullptr, nullptr);
  Rollback();
}

void SqliteSession::Checkpoint() {
  // Readers in the way are not waited for: what they hold back is moved later.
  sqlite3_busy_timeout(connection(), 0);
  sqlite3_wal_checkpoint_v2(connection(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                            nullptr, nullptr);
  sqlite3_busy_timeout(connection(), kBusyMillis);
}

constexpr std::chrono::seconds kLockPatience{3};
constexpr std::chrono::milliseconds kLockPoll{20};

// Keeps every other process from opening the same file to write: the file by
// its inode, so that neither a link to it nor a removed lock file lets a second
// one in, and `.lock` by the file's true path, so that a file that was put in
// its place does not meet the WAL of the one before.
//
// flock() does not touch the locks that SQLite takes of the same file; but
// closing any descriptor of it would drop them, so this one closes last.
class LockFile {
 public:
  LockFile() = default;
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile() {
    for (const int descriptor : descriptors_) ::close(descriptor);
  }

  // Waits for a moment: a process that was killed and is started again at once
  // meets the lock of its former self, which is still being cleared away.
  //
  // Creates the file, since SQLite would create one that others can read.
  Result<void> Take(const Place& place) {
    TRY_VOID(TakeOne(place, place.path));
    std::error_code ignored;
    const auto path = std::filesystem::canonical(place.path, ignored);
    return TakeOne(place, path.string() + ".lock");
  }

 private:
  Result<void> TakeOne(const Place& place, const std::string& path) {
    const int descriptor =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return CannotOpen(place, std::strerror(errno));
    descriptors_.push_back(descriptor);
    const auto patience = std::chrono::steady_clock::now() + kLockPatience;
    do {
      if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return {};
      std::this_thread::sleep_for(kLockPoll);
    } while (std::chrono::steady_clock::now() < patience);
    return Error{Code::kFailedPrecondition, "STORE_IN_USE",
                 place.path +
                     " is written by another process; stop that one, or give "
                     "this one a file of its own"};
  }

  std::vector<int> descriptors_;
};

// Every index begins with the area, which most rows share. Untold, the planner
// takes any first column for a choice of ten, and reads all rows of an area in
// the primary key's tree where an index would give it one. So it is told of a
// million rows of one area, of a hundred to each column between, and of few or
// one to a whole key; of fewer in the partial indexes, which hold what is open:
// a query that asks for that alone goes by them.
constexpr const char* kTeachPlanner = R"(
  pragma analysis_limit = 1;
  analyze;
  delete from sqlite_stat1;
  insert into sqlite_stat1(tbl, idx, stat)
  select t.name,
         case when i.origin = 'pk' and t.wr then t.name else i.name end,
         (case i.partial when 1 then 10000 else 1000000 end) ||
         (select group_concat(' ' || case
                   when c.seqno = 0
                     then case i.partial when 1 then 10000 else 1000000 end
                   when c.seqno < (select max(seqno)
                                   from pragma_index_info(i.name))
                     then case i.partial when 1 then 10 else 100 end
                   when i."unique" then 1
                   else 4 end, '')
          from (select seqno from pragma_index_info(i.name) order by seqno) c)
  from pragma_table_list t, pragma_index_list(t.name) i
  where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite_%';
  analyze sqlite_schema)";

class SqliteMigrator : public Migrator {
 public:
  explicit SqliteMigrator(SqliteSession& session) : session_(session) {}
  Result<void> BeginAlone() override { return session_.BeginAlone(); }
  // Where a table asks for it, rows lie in the primary key's tree: one tree
  // less for every row written.
  Result<void> Run(const std::string& statements) override {
    constexpr std::string_view kMarker = "/*clustered*/";
    std::string text = statements;
    for (std::size_t at = 0; (at = text.find(kMarker, at)) != text.npos;) {
      text.replace(at, kMarker.size(), "without rowid");
    }
    return session_.Run(text);
  }
  Session& session() override { return session_; }

 private:
  SqliteSession& session_;
};

class SqliteDatabase : public Database {
 public:
  explicit SqliteDatabase(Place place) : place_(std::move(place)) {}

  ~SqliteDatabase() override {
    if (writer_) Checkpoint();
  }

  Result<void> Start(int readers) {
    TRY_VOID(lock_.Take(place_));
    TRY(writer_, SqliteSession::Open(place_, Role::kWriter));
    for (int i = 0; i < readers; ++i) {
      TRY(auto reader, SqliteSession::Open(place_, Role::kReader));
      pool_.Add(std::move(reader));
    }
    TRY(auto probe, SqliteSession::Open(place_, Role::kReader));
    probe_.Add(std::move(probe));
    return {};
  }

  Engine engine() const override { return Engine::kSqlite; }
  Session& writer() override { return *writer_; }
  Result<Reader> Read(bool unbounded) override {
    if (unbounded) TRY_VOID(WaitForSmallWal());
    return pool_.Take(unbounded);
  }
  Result<void> Ping() override {
    TRY_VOID(probe_.Take(false));
    return {};
  }
  Result<std::optional<Instant>> Time() override {
    return std::optional<Instant>();
  }
  Result<void> Migrate(const std::vector<Migration>& migrations) override {
    SqliteMigrator migrator(*writer_);
    TRY_VOID(ApplyMigrations(migrator, migrations));
    TRY_VOID(writer_->BeginAlone());
    if (auto taught = writer_->Run(kTeachPlanner); !taught) {
      writer_->Rollback();
      return taught;
    }
    return writer_->Commit();
  }
  void Checkpoint() override { writer_->Checkpoint(); }

 private:
  Result<void> WaitForSmallWal() {
    const auto until = steady_clock::now() + kWalPatience * place_.patience;
    while (writer_->WalIsLarge()) {
      if (steady_clock::now() > until) {
        return Error{.code = Code::kUnavailable,
                     .reason = "STORE_BUSY",
                     .message =
                         "other long reads hold the store's log back; "
                         "try again",
                     .retry_after = std::chrono::seconds(1)};
      }
      std::this_thread::sleep_for(kWalPoll);
    }
    return {};
  }

  const Place place_;
  LockFile lock_;  // given back last
  std::unique_ptr<SqliteSession> writer_;
  Pool pool_;
  Pool
      probe_;  // of its own, so that busy readers do not look like a dead store
};

}  // namespace

Result<std::unique_ptr<Database>> OpenSqlite(const std::string& place,
                                             const DatabaseSettings& settings) {
  // Nobody asks how much memory it uses; counting it takes a lock each time.
  static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(uncounted);
  auto database = std::make_unique<SqliteDatabase>(
      Place{place, settings.sqlite_vfs, settings.patience});
  TRY_VOID(database->Start(settings.readers));
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace seawall::store
