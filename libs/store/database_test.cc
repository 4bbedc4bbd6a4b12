// The contract, run for both engines, and what only one of them can do.
#include "libs/store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "libs/store/derived.h"
#include "libs/store/records_contract.h"
#include "tests/support/eventually.h"
#include "tests/support/ports.h"
#include "tests/support/postgres.h"
#include "tests/support/power_vfs.h"
#include "tests/support/tempdir.h"

namespace seawall::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using support::Postgres;
using testing::HasSubstr;

class FilePlace : public Place {
 public:
  std::string address() const override {
    return "sqlite:" + folder_.File("test.db");
  }

 private:
  support::TemporaryFolder folder_;
};

class ServerPlace : public Place {
 public:
  std::string address() const override { return address_; }

 private:
  const std::string address_ = Postgres::Shared().NewDatabase().value();
};

template <class Kind>
EngineUnderTest Under(const char* name) {
  return {name, [] { return std::make_unique<Kind>(); }};
}

const auto kEngines =
    testing::Values(Under<FilePlace>("sqlite"), Under<ServerPlace>("postgres"));
const auto kName = [](const auto& info) {
  return std::string(info.param.name);
};
INSTANTIATE_TEST_SUITE_P(, DatabaseContract, kEngines, kName);
INSTANTIATE_TEST_SUITE_P(, RecordsContract, kEngines, kName);

TEST(PostgresDerivations, AreMadeByOneProcess) {
  const std::string address = Postgres::Shared().NewDatabase().value();
  const auto one = Database::Open({.address = address}).value();
  const auto other = Database::Open({.address = address}).value();
  ASSERT_TRUE(one->Migrate({{1, "derived", kCreateDerived}}));
  std::atomic<int> made = 0;
  std::thread second;
  const Derivation derivation{"things", "rules", [&](Session&) {
                                made++;
                                return Result<void>();
                              }};
  const Derivation first{
      "things", "rules", [&](Session&) -> Result<void> {
        second = std::thread(
            [&] { EXPECT_TRUE(Derive(other->writer(), {derivation})); });
        // While this one is at it, the second waits.
        EXPECT_FALSE(support::Eventually([&] { return made > 0; }, seconds(1)));
        return {};
      }};
  ASSERT_TRUE(Derive(one->writer(), {first}));
  second.join();
  EXPECT_EQ(made, 0) << "the second found what the first had made";
}

TEST(Address, OfNoKnownEngineIsRefused) {
  const auto opened = Database::Open({.address = "oracle:somewhere"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "STORE_ADDRESS");
}

// ---- SQLite ----

TEST(SqlitePlans, GoByAnIndexThatIsNotThePrimaryKey) {
  support::TemporaryFolder folder;
  const auto database =
      Database::Open({"sqlite:" + folder.File("test.db")}).value();
  const Migration things{
      100, "things",
      "create table things (area text not null, id text not null, other text "
      "not null, body text not null, primary key (area, id)) /*clustered*/; "
      "create index things_by_other on things (area, other)"};
  // Told at the first start, and still at the next.
  for (int start = 0; start < 2; start++) {
    ASSERT_TRUE(database->Migrate({things}));
    Reader reader = database->Read().value();
    int id = 0, parent = 0, unused = 0;
    std::string plan;
    reader.sql() << "explain query plan select body from things where area = "
                    "'a' and other in ('b', 'c')",
        soci::into(id), soci::into(parent), soci::into(unused),
        soci::into(plan);
    EXPECT_THAT(plan, HasSubstr("things_by_other (area=? AND other=?)"));
  }
}

class Sqlite : public testing::Test {
 protected:
  void Open(const std::string& vfs = "") {
    database_.reset();
    database_ =
        Database::Open({.address = address(), .sqlite_vfs = vfs}).value();
    ASSERT_TRUE(database_->Migrate({kCreateNotes}));
  }
  void TearDown() override { support::SetDisk(support::Disk::kWorks); }

  std::string file() const { return folder_.File("test.db"); }
  std::string address() const { return "sqlite:" + file(); }
  Session& writer() { return database_->writer(); }

  // Rows of about a page each.
  Result<void> Store(std::int64_t first, int count = 1) {
    TRY_VOID(writer().Begin());
    Rows rows(kNotes);
    for (int i = 0; i < count; ++i) {
      rows.Add("test-area", first + i, std::string(4000, 'x'), std::int64_t{1});
    }
    if (auto inserted = writer().Send(rows); !inserted) {
      writer().Rollback();
      return inserted;
    }
    return writer().Commit();
  }

  long long Stored() {
    Reader reader = database_->Read().value();
    long long count = -1;
    reader.sql() << "select count(*) from notes", soci::into(count);
    return count;
  }

  static std::string Pragma(soci::session& sql, const std::string& name) {
    std::string value;
    sql << "pragma " + name, soci::into(value);
    return value;
  }

  support::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(Sqlite, FileThatIsWrittenAlreadyIsInUse) {
  Open();
  const auto second = Database::Open({.address = address()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(second.error().reason, "STORE_IN_USE");
  database_.reset();
  EXPECT_TRUE(Database::Open({.address = address()}));
}

TEST_F(Sqlite, FileIsKnownByWhateverPathItIsOpened) {
  Open();
  const std::string link = folder_.File("link.db");
  const std::string twin = folder_.File("twin.db");
  std::filesystem::create_symlink(file(), link);
  std::filesystem::create_hard_link(file(), twin);
  std::filesystem::remove(file() + ".lock");
  for (const std::string& path : {file(), link, twin}) {
    const auto second = Database::Open({.address = "sqlite:" + path});
    ASSERT_FALSE(second) << path;
    EXPECT_EQ(second.error().reason, "STORE_IN_USE");
  }
}

TEST_F(Sqlite, LogStaysBoundedBesideLongReads) {
  Open();
  std::uintmax_t largest = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; i++) {
    readers.emplace_back([&] {
      while (!stop) {
        auto reader = database_->Read(true);
        if (!reader) continue;
        support::Eventually([&] { return stop.load(); },
                            std::chrono::milliseconds(200));
      }
    });
  }
  for (int i = 0; i < 3000; i++) {
    EXPECT_TRUE(Store(25 * i, 25));
    largest = std::max(largest, std::filesystem::file_size(file() + "-wal"));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_LT(largest, 128u << 20);
}

TEST_F(Sqlite, FolderThatIsNotThereCannotBeOpened) {
  const auto opened =
      Database::Open({.address = "sqlite:" + folder_.File("no/test.db")});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "STORE_UNAVAILABLE");
  EXPECT_THAT(opened.error().message, HasSubstr("no/test.db"));
}

TEST_F(Sqlite, FileThatIsNoDatabaseIsNotOpenedAndNotChanged) {
  const std::string text(8192, 'x');
  folder_.Write("test.db", text);
  EXPECT_FALSE(Database::Open({.address = address()}));
  EXPECT_EQ(support::ReadFile(file()), text);
}

TEST_F(Sqlite, CommitsAreSyncedAndOnlyTheWriterCheckpoints) {
  Open();
  EXPECT_EQ(Pragma(writer().sql(), "journal_mode"), "wal");
  EXPECT_EQ(Pragma(writer().sql(), "synchronous"), "2");
  EXPECT_EQ(Pragma(writer().sql(), "wal_autocheckpoint"), "1000");
  Reader reader = database_->Read().value();
  EXPECT_EQ(Pragma(reader.sql(), "wal_autocheckpoint"), "0");
  EXPECT_EQ(Pragma(reader.sql(), "query_only"), "1");
}

TEST_F(Sqlite, ItsFilesAreForTheirOwnerAlone) {
  Open();
  ASSERT_TRUE(Store(1));
  for (const char* end : {"", "-wal", "-shm", ".lock"}) {
    struct stat status = {};
    ASSERT_EQ(::stat((file() + end).c_str(), &status), 0) << end;
    EXPECT_EQ(status.st_mode & 077, 0) << end;
  }
}

TEST_F(Sqlite, CheckpointEmptiesTheLogAndReadersDoNotDelayIt) {
  Open();
  ASSERT_TRUE(Store(1, 100));
  EXPECT_GT(std::filesystem::file_size(file() + "-wal"), 400'000);
  {
    Reader reader = database_->Read().value();
    const auto begun = steady_clock::now();
    database_->Checkpoint();
    EXPECT_LT(steady_clock::now() - begun, milliseconds(1900));
  }
  database_->Checkpoint();
  EXPECT_EQ(std::filesystem::file_size(file() + "-wal"), 0);
  EXPECT_EQ(Stored(), 100);
}

TEST_F(Sqlite, LogIsMovedIntoTheFileAtTheEndAndNotByReaders) {
  Open();
  ASSERT_TRUE(Store(1, 10));
  const auto size = std::filesystem::file_size(file());
  { Reader reader = database_->Read().value(); }
  EXPECT_EQ(std::filesystem::file_size(file()), size);
  database_.reset();  // the writer does, at the end
  EXPECT_GT(std::filesystem::file_size(file()), size);
}

TEST_F(Sqlite, FullDatabaseRefusesReadsOnAndWritesAgainWithRoom) {
  Open();
  ASSERT_TRUE(Store(1));
  const std::string pages = Pragma(writer().sql(), "page_count");
  Pragma(writer().sql(), "max_page_count=" + pages);
  const auto stored = Store(2, 50);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Code::kResourceExhausted);
  EXPECT_EQ(stored.error().reason, "STORE_FULL");
  EXPECT_EQ(Stored(), 1);
  Pragma(writer().sql(), "max_page_count=100000");
  ASSERT_TRUE(Store(2, 50));
  EXPECT_EQ(Stored(), 51);
}

TEST_F(Sqlite, DiskThatFillsWhileCommittingLosesNothingElse) {
  Open(support::RegisterPowerVfs());
  ASSERT_TRUE(Store(1));
  support::SetDisk(support::Disk::kFull);
  const auto stored = Store(2);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().reason, "STORE_FULL");
  EXPECT_EQ(Stored(), 1);
  support::SetDisk(support::Disk::kWorks);
  ASSERT_TRUE(Store(3));
  EXPECT_EQ(Stored(), 2);
  Open();
  EXPECT_EQ(Stored(), 2);
  EXPECT_EQ(Pragma(writer().sql(), "integrity_check"), "ok");
}

TEST_F(Sqlite, SyncThatFailsLeavesTheCommitUnknownAndTheNextBeginReopens) {
  Open(support::RegisterPowerVfs());
  ASSERT_TRUE(Store(1));
  support::SetDisk(support::Disk::kCannotSync);
  const auto stored = Store(2);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Code::kUnavailable);
  EXPECT_EQ(stored.error().reason, "COMMIT_UNKNOWN");
  support::SetDisk(support::Disk::kWorks);
  ASSERT_TRUE(Store(3));
  Open();
  // 2 is there or not; 1 and 3 are.
  Reader reader = database_->Read().value();
  long long acknowledged = 0;
  reader.sql() << "select count(*) from notes where id in (1, 3)",
      soci::into(acknowledged);
  EXPECT_EQ(acknowledged, 2);
  EXPECT_EQ(Pragma(writer().sql(), "integrity_check"), "ok");
}

// ---- PostgreSQL ----

// Continues a frozen server even where a test fails.
class Frozen {
 public:
  explicit Frozen(Postgres& postgres)
      : processes_(support::ChildrenOf(postgres.pid())) {
    processes_.push_back(postgres.pid());
    for (const pid_t process : processes_) ::kill(process, SIGSTOP);
  }
  ~Frozen() {
    for (const pid_t process : processes_) ::kill(process, SIGCONT);
  }

 private:
  std::vector<pid_t> processes_;
};

class PostgresServer : public testing::Test {
 protected:
  void SetUp() override { address_ = postgres_.NewDatabase().value(); }

  void Open() {
    database_ = Database::Open({.address = address_}).value();
    ASSERT_TRUE(database_->Migrate({kCreateNotes}));
  }

  Result<void> Stage(std::int64_t id) {
    Rows rows(kNotes);
    rows.Add("test-area", id, "a note", std::int64_t{1});
    TRY_VOID(database_->writer().Begin());
    return database_->writer().Send(rows);
  }
  Result<void> Store(std::int64_t id) {
    TRY_VOID(Stage(id));
    return database_->writer().Commit();
  }

  Result<long long> Stored() {
    TRY(Reader reader, database_->Read());
    return Try([&] {
      long long count = -1;
      reader.sql() << "select count(*) from notes", soci::into(count);
      return count;
    });
  }

  Postgres& postgres_ = Postgres::Shared();
  std::string address_;
  std::unique_ptr<Database> database_;
};

TEST_F(PostgresServer, KilledAndRestartedServerIsFoundAgain) {
  Open();
  ASSERT_TRUE(Store(1));
  postgres_.Kill();
  EXPECT_EQ(Stored().error().reason, "STORE_UNAVAILABLE");
  EXPECT_EQ(Store(2).error().reason, "STORE_UNAVAILABLE");
  EXPECT_EQ(database_->Ping().error().reason, "STORE_UNAVAILABLE");
  ASSERT_TRUE(postgres_.Restart());
  EXPECT_TRUE(database_->Ping());
  ASSERT_TRUE(Store(2));
  EXPECT_EQ(Stored().value(), 2);
}

TEST_F(PostgresServer, RestartBetweenTwoTransactionsIsNotNoticed) {
  Open();
  ASSERT_TRUE(Store(1));
  ASSERT_TRUE(postgres_.Restart());
  ASSERT_TRUE(Store(2));
  EXPECT_EQ(Stored().value(), 2);
}

TEST_F(PostgresServer, ConnectionLostWhileCommittingLeavesItUnknown) {
  Open();
  ASSERT_TRUE(Stage(1));
  postgres_.Kill();
  const auto committed = database_->writer().Commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, Code::kUnavailable);
  EXPECT_EQ(committed.error().reason, "COMMIT_UNKNOWN");
  ASSERT_TRUE(postgres_.Restart());
  ASSERT_TRUE(database_->writer().Reopen());
  ASSERT_TRUE(Store(2));
  EXPECT_EQ(Stored().value(), 1);
}

TEST_F(PostgresServer, DeferredConstraintRefusesTheCommitSurely) {
  Open();
  database_->writer().sql() << "alter table notes add constraint one_weight "
                               "unique(weight) deferrable initially deferred";
  ASSERT_TRUE(Store(1));
  const auto stored = Store(2);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().reason, "STORE_REFUSED");
  EXPECT_EQ(Stored().value(), 1);
}

TEST_F(PostgresServer, CommitOfAFailedTransactionIsRefused) {
  Open();
  ASSERT_TRUE(Store(1));
  ASSERT_FALSE(Stage(1));
  const auto committed = database_->writer().Commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().reason, "STORE_REFUSED");
}

TEST_F(PostgresServer, ThatStoppedAnsweringHoldsNobodyForLong) {
  Open();
  ASSERT_TRUE(Store(1));
  ASSERT_TRUE(Stage(2));
  {
    const Frozen frozen(postgres_);
    auto begun = steady_clock::now();
    EXPECT_EQ(database_->Ping().error().reason, "STORE_UNAVAILABLE");
    EXPECT_LT(steady_clock::now() - begun, seconds(20));
    begun = steady_clock::now();
    EXPECT_EQ(database_->writer().Commit().error().reason, "COMMIT_UNKNOWN");
    EXPECT_LT(steady_clock::now() - begun, seconds(30));
    begun = steady_clock::now();
    EXPECT_EQ(Stored().error().reason, "STORE_UNAVAILABLE");
    EXPECT_LT(steady_clock::now() - begun, seconds(20));
  }
  EXPECT_TRUE(support::Eventually([&] { return Stored().has_value(); }));
  EXPECT_TRUE(support::Eventually([&] { return Store(3).has_value(); }));
}

TEST_F(PostgresServer, WithoutSynchronousCommitIsRefused) {
  const std::size_t name = address_.find("test_");
  const std::string database =
      address_.substr(name, address_.find(" user=") - name);
  ASSERT_TRUE(postgres_.Run("alter database " + database +
                            " set synchronous_commit=off"));
  const auto opened = Database::Open({.address = address_});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kUnavailable) << "send it again";
  EXPECT_EQ(opened.error().reason, "STORE_NOT_DURABLE");
  EXPECT_THAT(opened.error().message, HasSubstr("synchronous_commit"));
}

TEST_F(PostgresServer, SynchronousCommitIsPinnedAndLocalRefusedBesideAStandby) {
  Open();
  const auto commits = [&] {
    std::string value;
    database_->writer().sql() << "show synchronous_commit", soci::into(value);
    return value;
  };
  const auto set = [&](const std::string& setting, const std::string& value) {
    ASSERT_TRUE(postgres_.Run("alter system set " + setting + "=" + value));
    ASSERT_TRUE(postgres_.Run("select pg_reload_conf()"));
    ASSERT_TRUE(support::Eventually([&] {
      return postgres_.Run("show " + setting).value() == value + "\n";
    }));
  };
  set("synchronous_commit", "off");
  EXPECT_EQ(commits(), "on");
  ASSERT_TRUE(Store(1));
  set("synchronous_commit", "local");
  EXPECT_TRUE(Database::Open({.address = address_}));
  set("synchronous_standby_names", "standby");
  EXPECT_EQ(Database::Open({.address = address_}).error().reason,
            "STORE_NOT_DURABLE");
  ASSERT_TRUE(postgres_.Run("alter system reset all"));
  ASSERT_TRUE(postgres_.Run("select pg_reload_conf()"));
}

TEST_F(PostgresServer, WithoutSyncsOrFullPagesIsRefusedAlsoLater) {
  Open();
  for (const std::string setting : {"fsync", "full_page_writes"}) {
    const auto set = [&](const std::string& value) {
      ASSERT_TRUE(postgres_.Run("alter system set " + setting + "=" + value));
      ASSERT_TRUE(postgres_.Run("select pg_reload_conf()"));
      ASSERT_TRUE(support::Eventually([&] {
        return postgres_.Run("show " + setting).value() == value + "\n";
      }));
    };
    set("off");
    EXPECT_EQ(database_->Ping().error().reason, "STORE_NOT_DURABLE");
    EXPECT_EQ(Store(7).error().reason, "STORE_NOT_DURABLE");
    EXPECT_TRUE(Stored()) << "what is there can be read";
    EXPECT_EQ(Database::Open({.address = address_}).error().reason,
              "STORE_NOT_DURABLE");
    EXPECT_EQ(database_->writer().Reopen().error().reason, "STORE_NOT_DURABLE");
    EXPECT_EQ(database_->writer().Begin().error().reason, "STORE_NOT_DURABLE");
    set("on");
    EXPECT_TRUE(database_->Ping());
    EXPECT_TRUE(Store(setting == "fsync" ? 1 : 2));
  }
}

TEST_F(PostgresServer, IsGivenAsMuchTimeAsTheSettingsSay) {
  const auto bound = [](soci::session& sql) {
    std::string text;
    sql << "show statement_timeout", soci::into(text);
    return text;
  };
  const auto database =
      Database::Open({.address = address_, .patience = 20}).value();
  EXPECT_EQ(bound(database->writer().sql()), "80s");
  EXPECT_EQ(bound(database->Read().value().sql()), "20s");
}

TEST_F(PostgresServer, ThatSortsByALanguageOrLacksLettersIsRefused) {
  const auto opened = [&](const std::string& name, const std::string& made) {
    EXPECT_TRUE(postgres_.Run("create database " + name +
                              " template template0 " + made));
    std::string address = address_;
    const std::size_t at = address.find("test_");
    address.replace(at, address.find(' ', at) - at, name);
    const auto database = Database::Open({.address = address});
    return database ? "OK" : database.error().reason;
  };
  EXPECT_EQ(opened("bytes", "encoding 'UTF8' locale 'C'"), "OK");
  EXPECT_EQ(opened("points", "encoding 'UTF8' locale 'C.UTF-8'"), "OK");
  EXPECT_EQ(opened("english",
                   "encoding 'UTF8' locale 'C' locale_provider icu "
                   "icu_locale 'en-GB'"),
            "STORE_LOCALE");
  EXPECT_EQ(opened("latin", "encoding 'LATIN1' locale 'C'"), "STORE_LOCALE");
}

TEST_F(PostgresServer, ThatIsNotThereCannotBeOpened) {
  const std::string port = std::to_string(support::FreePort());
  const auto opened = Database::Open(
      {.address = "postgres:host=127.0.0.1 port=" + port + " dbname=x user=x"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "STORE_UNAVAILABLE");
  EXPECT_THAT(opened.error().message, HasSubstr(port));
}

TEST_F(PostgresServer, TwoProcessesMigratingAtOnceBothSucceed) {
  std::vector<Migration> migrations;
  for (int version = 1; version <= 8; ++version) {
    const std::string name = "t" + std::to_string(version);
    migrations.push_back({version, name, "create table " + name + "(a text)"});
  }
  std::atomic<int> succeeded = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const auto database = Database::Open({.address = address_}).value();
      if (database->Migrate(migrations)) ++succeeded;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(succeeded, 3);
}

TEST_F(PostgresServer, TextWithAZeroByteIsRefusedNotCut) {
  Open();
  ASSERT_TRUE(database_->writer().Begin());
  Rows rows(kNotes);
  rows.Add("test-area", std::int64_t{1}, std::string("a\0b", 3),
           std::int64_t{1});
  const auto inserted = database_->writer().Send(rows);
  database_->writer().Rollback();
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().reason, "STORE_REFUSED");
}

}  // namespace
}  // namespace seawall::store
