// PostgreSQL: every call is bounded, and rows go out as one statement a table.
#include <poll.h>
#include <soci/postgresql/soci-postgresql.h>

#include <chrono>
#include <unordered_map>
#include <utility>

#include "libs/store/arrays.h"
#include "libs/store/engines.h"
#include "libs/store/errors.h"
#include "libs/store/pool.h"
#include "libs/store/watchdog.h"
#include "libs/store/wrapped.h"

namespace seawall::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Stopping takes at most 10 s, so a batch and its commit together take less.
constexpr milliseconds kBatchBound{5000};
constexpr milliseconds kCommitBound{3000};
// The server ends each statement of a read after a second; this is for all
// statements of one, and for a server that no longer can.
constexpr milliseconds kReadBound{3000};

// What a caller's own words in the address come after, and so override.
constexpr const char* kDefaults =
    "connect_timeout=2 keepalives=1 keepalives_idle=5 keepalives_interval=2 "
    "keepalives_count=3 tcp_user_timeout=5000 client_encoding=UTF8 "
    "application_name=seawall ";

constexpr const char* kWriterSetup =
    "set client_min_messages=error; "
    // The writer goes by keys alone. On a table that was empty when it was last
    // looked at, the planner would read it whole, and ever more of it.
    "set enable_seqscan=off; set enable_hashjoin=off; set "
    "enable_mergejoin=off; "
    // Whatever the values, the plan is the same: never plan anew for each.
    "set plan_cache_mode=force_generic_plan";
constexpr const char* kReaderSetup =
    "set default_transaction_read_only=on; set client_min_messages=error; "
    // A page is read in the order of an index and ends early. Where a table has
    // grown since it was last looked at, the planner would collect all of a
    // worklist and sort it.
    "set enable_bitmapscan=off";

// Whether the server keeps what it says it has committed; either can be
// switched off while it runs.
constexpr const char* kDurable =
    "select current_setting('fsync') = 'on' and "
    "current_setting('full_page_writes') = 'on'";

// 'seawall' as a number: the advisory lock of those who migrate.
constexpr const char* kMigrationLock =
    "set local statement_timeout=0; set local lock_timeout=60000; "
    "select pg_advisory_xact_lock(32475064137444460)";

enum class Role { kWriter, kReader, kProbe };

// How long a session may take to begin, opening its connection again included.
milliseconds BeginBound(Role role) {
  switch (role) {
    case Role::kWriter:
      return milliseconds(2000);
    case Role::kReader:
      return milliseconds(1000);
    case Role::kProbe:
      break;
  }
  return milliseconds(800);
}

// The server's own bounds.
std::string Timeouts(Role role, int patience) {
  const auto set = [&](const char* name, int millis) {
    return "set " + (name + ("_timeout=" + std::to_string(millis * patience))) +
           "; ";
  };
  if (role != Role::kWriter) return set("statement", 1000) + set("lock", 1000);
  return set("statement", 4000) + set("lock", 3000) +
         set("idle_in_transaction_session", 10'000);
}

class Answer {
 public:
  explicit Answer(PGresult* result) : result_(result) {}
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { PQclear(result_); }

  bool ok() const {
    const ExecStatusType status = PQresultStatus(result_);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
           status == PGRES_EMPTY_QUERY;
  }
  bool none() const { return result_ == nullptr; }
  bool ends_pipeline() const {
    return result_ != nullptr && PQresultStatus(result_) == PGRES_PIPELINE_SYNC;
  }
  // The first value; empty where there is none.
  std::string_view text() const {
    return PQntuples(result_) > 0 ? PQgetvalue(result_, 0, 0) : "";
  }
  // `COMMIT`, or `ROLLBACK` where a commit found a failed transaction.
  std::string_view command() const { return PQcmdStatus(result_); }
  std::string_view state() const {
    const char* state = PQresultErrorField(result_, PG_DIAG_SQLSTATE);
    return state == nullptr ? "" : state;
  }
  std::string_view message() const {
    const char* text = PQresultErrorField(result_, PG_DIAG_MESSAGE_PRIMARY);
    return text == nullptr ? "" : text;
  }
  Result<void> Outcome() const {
    if (ok()) return {};
    Error error = FromSqlState(state());
    // Class 42 is a mistake in a statement; its text names no values.
    if (state().starts_with("42")) {
      error.message += ": " + std::string(message());
    }
    return error;
  }

 private:
  PGresult* result_;
};

// What SOCI prepared on a connection, to be used again: parsing and planning
// take longer than most statements run.
class Kept {
 public:
  explicit Kept(soci::details::session_backend& session)
      : session_(static_cast<soci::postgresql_session_backend&>(session)) {}

  PGconn* connection() { return session_.conn_; }
  // The server's names of statements, by their text.
  std::unordered_map<std::string, std::string>& names() { return names_; }

 private:
  soci::postgresql_session_backend& session_;
  std::unordered_map<std::string, std::string> names_;
};

class KeptStatement : public WrappedStatement {
 public:
  KeptStatement(soci::details::statement_backend* inner, Kept& kept)
      : WrappedStatement(inner),
        mine_(static_cast<soci::postgresql_statement_backend&>(*inner)),
        kept_(kept) {}
  ~KeptStatement() override { Forget(); }

  void prepare(const std::string& text,
               soci::details::statement_type type) override {
    using soci::details::st_one_time_query;
    using soci::details::st_repeatable_query;
    Forget();
    if (auto found = kept_.names().find(text); found != kept_.names().end()) {
      // Numbers the parameters, and sends nothing.
      inner_->prepare(text, st_one_time_query);
      mine_.statementName_ = found->second;
      mine_.stType_ = st_repeatable_query;
      is_kept_ = true;
    } else if (kept_.names().size() < kMostKept) {
      inner_->prepare(text, st_repeatable_query);
      kept_.names().emplace(text, mine_.statementName_);
      is_kept_ = true;
    } else {
      inner_->prepare(text, type);
    }
  }

 private:
  // SOCI would deallocate it.
  void Forget() {
    if (std::exchange(is_kept_, false)) mine_.statementName_.clear();
  }

  soci::postgresql_statement_backend& mine_;
  Kept& kept_;
  bool is_kept_ = false;
};

using Backend = WrappedSession<Kept, KeptStatement>;

const Backend::Factory& Wrapped() {
  static const Backend::Factory factory(soci::postgresql);
  return factory;
}

class PostgresSession : public Snapshots {
 public:
  static Result<std::unique_ptr<PostgresSession>> Open(
      const std::string& address, Role role, int patience, Watchdog& watchdog);

  ~PostgresSession() override { watchdog_.Remove(&watched_); }

  Engine engine() const override { return Engine::kPostgres; }
  soci::session& sql() override { return sql_; }

  Result<void> Begin() override;
  Result<void> BeginAlone();
  Result<void> Commit() override;
  void Rollback() override;
  Result<void> Reopen() override;
  Result<void> Send(const Rows& rows) override;
  Result<void> SendAll(const std::vector<Rows>& tables) override;
  bool failed() override {
    return PQtransactionStatus(connection()) == PQTRANS_INERROR;
  }
  Result<void> BeginSnapshot(bool unbounded) override;
  void EndSnapshot() override { Rollback(); }

  Result<void> Run(const std::string& statements) override {
    TRY_VOID(Ask(statements));
    return {};
  }

 private:
  PostgresSession(const std::string& address, Role role, int patience,
                  Watchdog& watchdog)
      : role_(role),
        patience_(patience),
        watchdog_(watchdog),
        sql_(Wrapped(), kDefaults + address) {
    watchdog_.Add(&watched_);
  }

  Kept& kept() { return static_cast<Backend*>(sql_.get_backend())->kept(); }
  PGconn* connection() { return kept().connection(); }
  bool broken() { return !ready_ || PQstatus(connection()) != CONNECTION_OK; }
  void ArmUntil(steady_clock::time_point deadline);
  // The first value that the last statement answers.
  Result<std::string> Ask(const std::string& statements);
  Result<std::string> BeginWith(const std::string& statements);
  // … the last of which is kDurable.
  Result<void> BeginDurably(const std::string& statements);
  Result<void> ReopenUntil(steady_clock::time_point deadline);
  Result<void> Reconnect(steady_clock::time_point deadline);
  Result<void> Setup();
  Result<void> CheckDurable();
  Result<void> CheckLocale();
  Result<std::string> Prepared(const Table& table);
  bool Queue(const Rows& rows, const std::string& name);
  Result<void> Collect();

  const Role role_;
  const int patience_;
  Watchdog& watchdog_;
  Watched watched_;
  soci::session sql_;
  // Connected, set up, and found durable.
  bool ready_ = false;
  std::unordered_map<const Table*, std::string> sent_;
};

Result<std::unique_ptr<PostgresSession>> PostgresSession::Open(
    const std::string& address, Role role, int patience, Watchdog& watchdog) {
  std::unique_ptr<PostgresSession> session;
  try {
    session.reset(new PostgresSession(address, role, patience, watchdog));
  } catch (const soci::soci_error& error) {
    // Nothing is being stored yet, so libpq's text holds no values; it says
    // which server did not answer.
    return Unavailable(error.get_error_message());
  }
  session->ArmUntil(steady_clock::now() + BeginBound(Role::kWriter) * patience);
  auto done = session->Setup();
  session->watched_.Disarm();
  if (!done) return std::move(done).error();
  return session;
}

Error NotDurable(const std::string& what) {
  return {Code::kUnavailable, "STORE_NOT_DURABLE",
          "PostgreSQL runs with " + what +
              ", so what is acknowledged could be lost; nothing is stored "
              "until it is switched on"};
}

// Also fixes synchronous_commit for this session, whatever the server's files
// say later.
Result<void> PostgresSession::CheckDurable() {
  std::string value;
  for (const std::string setting :
       {"fsync", "full_page_writes", "synchronous_commit"}) {
    TRY(value, Ask("show " + setting));
    if (value == "off") return NotDurable(setting + " off");
  }
  TRY(const std::string standbys, Ask("show synchronous_standby_names"));
  if (value == "local" && !standbys.empty()) {
    return NotDurable("synchronous_commit local beside a standby");
  }
  return Run("set synchronous_commit = " + value);
}

// SQLite sorts text by its bytes. A language's order would give other pages,
// and an encoding that lacks letters would refuse names.
Result<void> PostgresSession::CheckLocale() {
  const Answer answer(PQexec(
      connection(),
      "select 'B' < 'a' and current_setting('server_encoding') = 'UTF8'"));
  TRY_VOID(answer.Outcome());
  if (answer.text() == "t") return {};
  return Error{Code::kFailedPrecondition, "STORE_LOCALE",
               "PostgreSQL's database must hold UTF-8 and sort it by its "
               "bytes; make it with: create database … template template0 "
               "encoding 'UTF8' locale 'C'"};
}

Result<void> PostgresSession::Setup() {
  TRY_VOID(Run(Timeouts(role_, patience_) +
               (role_ == Role::kWriter ? kWriterSetup : kReaderSetup)));
  if (role_ == Role::kWriter) {
    TRY_VOID(CheckDurable());
    TRY_VOID(CheckLocale());
  }
  ready_ = true;
  return {};
}

void PostgresSession::ArmUntil(steady_clock::time_point deadline) {
  watched_.Arm(PQsocket(connection()), std::chrono::duration_cast<milliseconds>(
                                           deadline - steady_clock::now()));
}

// PQreset without its unbounded waiting. SOCI goes on with the same handle.
Result<void> PostgresSession::Reconnect(steady_clock::time_point deadline) {
  if (PQresetStart(connection()) == 0) return Unavailable("connection lost");
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK) {
    const auto left = std::chrono::duration_cast<milliseconds>(
        deadline - steady_clock::now());
    pollfd waiting{
        PQsocket(connection()),
        static_cast<short>(status == PGRES_POLLING_READING ? POLLIN : POLLOUT),
        0};
    if (left.count() <= 0 || status == PGRES_POLLING_FAILED ||
        ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      return Unavailable("the server does not answer");
    }
    status = PQresetPoll(connection());
  }
  return {};
}

Result<void> PostgresSession::ReopenUntil(steady_clock::time_point deadline) {
  watched_.Disarm();
  ready_ = false;
  sent_.clear();
  kept().names().clear();
  TRY_VOID(Reconnect(deadline));
  ArmUntil(deadline);
  auto done = Setup();
  watched_.Disarm();
  return done;
}

Result<void> PostgresSession::Reopen() {
  return ReopenUntil(steady_clock::now() + BeginBound(role_) * patience_);
}

// A connection may have died while nobody looked: nothing has happened on it
// yet, so it is opened again, once.
Result<std::string> PostgresSession::BeginWith(const std::string& statements) {
  const auto deadline = steady_clock::now() + BeginBound(role_) * patience_;
  if (broken()) TRY_VOID(ReopenUntil(deadline));
  ArmUntil(deadline);
  auto begun = Ask(statements);
  if (!begun && broken() && steady_clock::now() < deadline) {
    TRY_VOID(ReopenUntil(deadline));
    ArmUntil(deadline);
    begun = Ask(statements);
  }
  if (!begun) Rollback();
  return begun;
}

Result<void> PostgresSession::BeginDurably(const std::string& statements) {
  TRY(const std::string durable, BeginWith(statements));
  if (durable == "t") return {};
  Rollback();
  return NotDurable("fsync or full_page_writes off");
}

Result<std::string> PostgresSession::Ask(const std::string& statements) {
  const Answer answer(PQexec(connection(), statements.c_str()));
  TRY_VOID(answer.Outcome());
  return std::string(answer.text());
}

Result<void> PostgresSession::Begin() {
  TRY_VOID(BeginDurably(std::string("begin; ") + kDurable));
  watched_.Arm(PQsocket(connection()), kBatchBound * patience_);
  return {};
}

Result<void> PostgresSession::BeginAlone() {
  TRY_VOID(BeginWith("begin"));
  watched_.Disarm();  // migrations take their time
  if (auto locked = Run(kMigrationLock); !locked) {
    Rollback();
    return locked;
  }
  return {};
}

Error CommitUnknown() {
  return {Code::kUnavailable, "COMMIT_UNKNOWN",
          "the connection to the store was lost while committing; repeat the "
          "request with the same id to learn the truth"};
}

Result<void> PostgresSession::Commit() {
  if (PQtransactionStatus(connection()) == PQTRANS_IDLE) {
    return Error{Code::kAborted, "STORE_REFUSED",
                 "the transaction had been rolled back; repeat the request"};
  }
  watched_.Arm(PQsocket(connection()), kCommitBound * patience_);
  const Answer answer(PQexec(connection(), "commit"));
  watched_.Disarm();
  if (answer.ok() && answer.command() == "COMMIT") return {};
  if (answer.ok()) {
    return Error{Code::kAborted, "STORE_REFUSED",
                 "the transaction had failed and was rolled back; repeat the "
                 "request"};
  }
  // Only an answer of a server that lives says that it rolled back.
  if (broken() || answer.state().empty() ||
      PQtransactionStatus(connection()) != PQTRANS_IDLE) {
    return CommitUnknown();
  }
  const Error error = FromSqlState(answer.state());
  if (error.reason == "STORE_FULL" || error.reason == "STORE_REFUSED") {
    return error;
  }
  return CommitUnknown();
}

void PostgresSession::Rollback() {
  if (!broken() && PQtransactionStatus(connection()) != PQTRANS_IDLE) {
    ArmUntil(steady_clock::now() + BeginBound(role_) * patience_);
    // Where this fails the connection is gone, and with it the transaction.
    static_cast<void>(Run("rollback"));
  }
  watched_.Disarm();
}

// `name=v.name` of some of the columns.
std::string Assigned(const Table& table, std::size_t from, std::size_t to,
                     const char* prefix, const char* between) {
  std::string text;
  for (std::size_t i = from; i < to; i++) {
    const std::string name = table.columns[i].name;
    text += (i > from ? between : "") + (prefix + name) + "=v." + name;
  }
  return text;
}

std::string StatementOf(const Table& table) {
  std::string names;
  std::string arrays;
  int parameter = 0;
  for (const Column& column : table.columns) {
    const std::string comma = parameter == 0 ? "" : ",";
    names += comma + column.name;
    arrays += comma + "$" + std::to_string(++parameter) +
              (column.type == Type::kText ? "::text[]" : "::bigint[]");
  }
  const std::string name = table.name;
  const std::string values = "unnest(" + arrays + ")";
  if (table.kind == Table::Kind::kInsert) {
    return "insert into " + name + "(" + names + ") select * from " + values;
  }
  const std::string where = values + " v(" + names + ") where " +
                            Assigned(table, 0, table.keys, "t.", " and ");
  if (table.kind == Table::Kind::kDelete) {
    return "delete from " + name + " t using " + where;
  }
  return "update " + name + " t set " +
         Assigned(table, table.keys, table.columns.size(), "", ",") + " from " +
         where;
}

Result<std::string> PostgresSession::Prepared(const Table& table) {
  if (auto found = sent_.find(&table); found != sent_.end()) {
    return found->second;
  }
  const std::string name = "seawall_send_" + std::to_string(sent_.size());
  std::vector<Oid> types;
  for (const Column& column : table.columns) {
    types.push_back(column.type == Type::kText ? kTextArray : kBigintArray);
  }
  const Answer answer(PQprepare(connection(), name.c_str(),
                                StatementOf(table).c_str(),
                                static_cast<int>(types.size()), types.data()));
  TRY_VOID(answer.Outcome());
  sent_.emplace(&table, name);
  return name;
}

Result<void> PostgresSession::Send(const Rows& rows) { return SendAll({rows}); }

// Queues the statement of one table; its result is fetched later.
bool PostgresSession::Queue(const Rows& rows, const std::string& name) {
  const std::size_t width = rows.table().columns.size();
  std::vector<std::string> arrays(width);
  std::vector<const char*> values(width);
  std::vector<int> lengths(width);
  for (std::size_t column = 0; column < width; ++column) {
    arrays[column] = EncodeColumn(rows, column);
    values[column] = arrays[column].data();
    lengths[column] = static_cast<int>(arrays[column].size());
  }
  const std::vector<int> binary(width, 1);
  return PQsendQueryPrepared(connection(), name.c_str(),
                             static_cast<int>(width), values.data(),
                             lengths.data(), binary.data(), 1) == 1;
}

// Takes all results up to the mark that ends the pipeline; the first error is
// the one that counts, what comes after it was not run.
Result<void> PostgresSession::Collect() {
  Result<void> outcome;
  // One "nothing" stands after each statement; two say that the mark is lost.
  for (int nothing = 0; nothing < 2;) {
    const Answer answer(PQgetResult(connection()));
    if (answer.ends_pipeline()) return outcome;
    nothing = answer.none() ? nothing + 1 : 0;
    if (outcome && !answer.none()) outcome = answer.Outcome();
  }
  ready_ = false;
  if (!outcome) return outcome;
  return Unavailable("connection lost");
}

// The answers of these statements are short, so the server never waits for us
// to take them while we wait for it to take rows.
Result<void> PostgresSession::SendAll(const std::vector<Rows>& tables) {
  if (std::all_of(tables.begin(), tables.end(),
                  [](const Rows& rows) { return rows.empty(); })) {
    return {};
  }
  std::vector<std::string> names;
  for (const Rows& rows : tables) {
    TRY_VOID(CheckShape(rows));
    TRY(names.emplace_back(), Prepared(rows.table()));
  }
  if (PQenterPipelineMode(connection()) != 1)
    return Unavailable("connection lost");
  bool sent = true;
  for (std::size_t i = 0; i < tables.size(); i++) {
    if (!tables[i].empty()) sent = sent && Queue(tables[i], names[i]);
  }
  sent = PQpipelineSync(connection()) == 1 && sent;
  auto outcome = Collect();
  // A connection that stays in the pipeline is of no use any more.
  if (PQexitPipelineMode(connection()) != 1) ready_ = false;
  if (outcome && !sent) return Unavailable("rows could not be sent");
  return outcome;
}

Result<void> PostgresSession::BeginSnapshot(bool unbounded) {
  // The snapshot is taken by the first statement, not by `begin`.
  const std::string begin =
      "begin isolation level repeatable read read only; select 1";
  if (unbounded) {
    TRY_VOID(BeginWith(begin + "; set local statement_timeout=0"));
    watched_.Disarm();
  } else if (role_ == Role::kProbe) {
    TRY_VOID(BeginDurably(begin + "; " + kDurable));
  } else {
    TRY_VOID(BeginWith(begin));
    watched_.Arm(PQsocket(connection()), kReadBound * patience_);
  }
  return {};
}

class PostgresMigrator : public Migrator {
 public:
  explicit PostgresMigrator(PostgresSession& session) : session_(session) {}
  Result<void> BeginAlone() override { return session_.BeginAlone(); }
  Result<void> Run(const std::string& statements) override {
    return session_.Run(statements);
  }
  Session& session() override { return session_; }

 private:
  PostgresSession& session_;
};

class PostgresDatabase : public Database {
 public:
  Result<void> Start(const std::string& place,
                     const DatabaseSettings& settings) {
    const auto open = [&](Role role) {
      return PostgresSession::Open(place, role, settings.patience, watchdog_);
    };
    TRY(writer_, open(Role::kWriter));
    for (int i = 0; i < settings.readers; ++i) {
      TRY(auto reader, open(Role::kReader));
      pool_.Add(std::move(reader));
    }
    TRY(auto probe, open(Role::kProbe));
    probe_.Add(std::move(probe));
    return {};
  }

  Engine engine() const override { return Engine::kPostgres; }
  Session& writer() override { return *writer_; }
  Result<Reader> Read(bool unbounded) override { return pool_.Take(unbounded); }
  Result<void> Ping() override {
    TRY_VOID(probe_.Take(false));
    return {};
  }
  Result<std::optional<Instant>> Time() override {
    TRY(Reader reader, probe_.Take(false));
    return Try([&] {
      long long micros = 0;
      reader.sql() << "select cast(extract(epoch from clock_timestamp()) * "
                      "1000000 as bigint)",
          soci::into(micros);
      return std::optional<Instant>(FromMicros(micros));
    });
  }
  Result<void> Migrate(const std::vector<Migration>& migrations) override {
    PostgresMigrator migrator(*writer_);
    return ApplyMigrations(migrator, migrations);
  }
  void Checkpoint() override {}

 private:
  Watchdog watchdog_;
  std::unique_ptr<PostgresSession> writer_;
  Pool pool_;
  Pool
      probe_;  // of its own, so that busy readers do not look like a dead store
};

}  // namespace

Result<std::unique_ptr<Database>> OpenPostgres(
    const std::string& place, const DatabaseSettings& settings) {
  auto database = std::make_unique<PostgresDatabase>();
  TRY_VOID(database->Start(place, settings));
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace seawall::store
