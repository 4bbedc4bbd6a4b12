// What is acknowledged survives a power cut; and with a weaker setting it does
// not, which shows that this test can fail.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "libs/store/database.h"
#include "tests/support/power_vfs.h"
#include "tests/support/tempdir.h"

namespace seawall::store {
namespace {

constexpr int kCuts = 60;
constexpr int kTransactions = 200;
// A run of 200 transactions takes some 1,000 writes and syncs.
constexpr int kLatestCut = 900;

const Table kNotes{"notes", {{"id", Type::kInteger}, {"body", Type::kText}}};
const Table kEvents{"events", {{"id", Type::kInteger}}};
const Migration kCreate{1, "power",
                        "create table notes(id bigint primary key, body text);"
                        "create table events(id bigint primary key);"};

// What one run ended with.
struct Outcome {
  bool cut = false;
  bool lost = false;    // something acknowledged is not there
  bool broken = false;  // the file is damaged, or half a transaction is there
  int acknowledged = 0;
};

Result<void> Write(Database& database, int id) {
  TRY_VOID(database.writer().Begin());
  Rows notes(kNotes);
  notes.Add(std::int64_t{id}, std::string(700, 'x'));
  Rows events(kEvents);
  events.Add(std::int64_t{id});
  TRY_VOID(database.writer().Send(notes));
  TRY_VOID(database.writer().Send(events));
  return database.writer().Commit();
}

// The child: writes until the power goes out, and says what it acknowledged.
[[noreturn]] void WriteUntilTheCut(const std::string& file, unsigned seed,
                                   const std::string& synchronous, int said) {
  auto database = Database::Open({.address = "sqlite:" + file,
                                  .readers = 1,
                                  .sqlite_vfs = support::RegisterPowerVfs()});
  if (!database || !(*database)->Migrate({kCreate})) ::_exit(1);
  (*database)->Checkpoint();
  if (!synchronous.empty())
    (*database)->writer().sql() << "pragma synchronous=" + synchronous;
  std::mt19937 chance(seed);
  support::CutPowerAt(1 + static_cast<int>(chance() % kLatestCut), seed);
  for (int id = 1; id <= kTransactions; ++id) {
    if (!Write(**database, id)) ::_exit(1);
    if (::write(said, &id, sizeof id) != sizeof id) ::_exit(1);
    if (id % 40 == 0) (*database)->Checkpoint();
  }
  ::_exit(0);
}

std::string Ask(Database& database, const std::string& query) {
  Reader reader = database.Read(true).value();
  std::string answer;
  reader.sql() << query, soci::into(answer);
  return answer;
}

void Inspect(const std::string& file, Outcome& outcome) {
  // The index of the log lies in memory: a power cut takes it.
  ::unlink((file + "-shm").c_str());
  const auto database =
      Database::Open({.address = "sqlite:" + file, .readers = 1}).value();
  const std::string acknowledged = std::to_string(outcome.acknowledged);
  outcome.lost =
      Ask(*database, "select count(*) || '' from notes where id <= " +
                         acknowledged) != acknowledged;
  outcome.broken =
      Ask(*database, "pragma integrity_check") != "ok" ||
      Ask(*database,
          "select count(*) || '' from notes n left join events e on "
          "e.id = n.id where e.id is null") != "0" ||
      Ask(*database,
          "select count(*) || '' from events e left join notes n on "
          "e.id = n.id where n.id is null") != "0";
}

Outcome Run(unsigned seed, const std::string& synchronous) {
  const support::TemporaryFolder folder;
  int said[2];
  EXPECT_EQ(::pipe(said), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(said[0]);
    WriteUntilTheCut(folder.File("test.db"), seed, synchronous, said[1]);
  }
  ::close(said[1]);
  Outcome outcome;
  int id = 0;
  while (::read(said[0], &id, sizeof id) == sizeof id) {
    outcome.acknowledged = id;
  }
  ::close(said[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  outcome.cut = WEXITSTATUS(status) == support::kPowerCut;
  EXPECT_TRUE(outcome.cut || WEXITSTATUS(status) == 0);
  Inspect(folder.File("test.db"), outcome);
  return outcome;
}

struct Tally {
  int cut = 0;
  int lost = 0;
  int broken = 0;
  int acknowledged = 0;
};

Tally RunMany(const std::string& synchronous) {
  Tally tally;
  for (int seed = 1; seed <= kCuts; ++seed) {
    const Outcome outcome = Run(seed, synchronous);
    tally.cut += outcome.cut;
    tally.lost += outcome.lost;
    tally.broken += outcome.broken;
    tally.acknowledged += outcome.acknowledged;
  }
  ::testing::Test::RecordProperty("acknowledged", tally.acknowledged);
  return tally;
}

TEST(PowerCut, LosesNothingThatWasAcknowledged) {
  // As the store opens it.
  const Tally tally = RunMany("");
  EXPECT_GT(tally.cut, kCuts / 2);
  EXPECT_GT(tally.acknowledged, kCuts);
  EXPECT_EQ(tally.lost, 0);
  EXPECT_EQ(tally.broken, 0);
}

TEST(PowerCut, LosesAcknowledgedRowsWhereCommitsAreNotSynced) {
  const Tally tally = RunMany("normal");
  EXPECT_GT(tally.lost, 0) << "this test would not notice a lost row";
}

}  // namespace
}  // namespace seawall::store
