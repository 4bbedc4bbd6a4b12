// Ledger: the write path. Units of work are queued to one writer, which runs
// many in one transaction (group commit), together with what makes them safe to
// retry and to follow: answers, journal, access log.
//
// What it promises
//  - A unit's completion runs once, after the commit of everything the unit
//  did. If it succeeded, that is on disk.
//  - A unit that fails or throws leaves nothing. If a batch is refused by the
//  store, its units are run again one by one.
//  - After a COMMIT of unknown outcome nothing is run again: COMMIT_UNKNOWN
//  (kUnavailable); a retry with the same request
//    id finds the truth.
//  - The same (area, agency, system, request id) again gets the first answer
//  and changes nothing; with other content it is refused
//    (REQUEST_ID_REUSED, kInvalidArgument). Both leave an access entry.
//  - Ids that senders choose are not stored open: of a request id a keyed hash
//  is kept, a person is sealed.
//  - Journal positions of an area are dense and in commit order on both
//  engines; recorded times never go back.
//  - Every access entry is chained to the one before through the area's head,
//  and so is every event of the journal: two histories of one length have
//  different hashes.
//  - While the clock has run ahead of the time that passed (CLOCK_AHEAD), and
//  while the store is lost, nothing is recorded.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/metrics/metrics.h"
#include "libs/seal/seal.h"
#include "libs/store/database.h"
#include "libs/store/records.h"

namespace seawall::ledger {

// Who acts. Ids only.
struct Actor {
  std::string agency;
  std::string system;
  std::string role;
  std::string person;  // empty where a system acts by itself
};

// Opens Unit::By(): `agency/person/role`, or `agency/system`. SEAL_BROKEN
// (kInternal).
Result<std::string> OpenBy(const seal::Sealer& sealer, const std::string& by);

// One line of the access log.
struct Access {
  Actor actor;
  std::string action;  // the rpc's full name
  std::vector<std::string> subjects = {};
  std::string purpose = {};
  std::string lawful_basis = {};
  // OK, REPLAYED, or the reason of the refusal.
  std::string outcome = "OK";
};

// One event for the journal. `kind` is the full name of the message that `body`
// (serialized) holds.
struct Event {
  std::string kind;
  std::string body;
  Instant happened;
};

// An event as it lies in the journal.
struct Recorded {
  std::int64_t position = 0;
  std::string hash;  // of this event and all before it; hex
  std::string kind;
  std::string body;
  Instant happened;
  Instant recorded;
};

struct Head {
  std::string journal_id;  // empty: the area has no head yet
  std::int64_t position = 0;
  std::string journal_hash;  // of the event at `position`; hex
  std::int64_t access_entries = 0;
  Instant recorded;
  std::string access_hash = std::string(64, '0');  // hex
};

class Batch;  // ledger.cc

// What a unit of work may do. Valid only while the unit runs.
class Unit {
 public:
  // Recorded time of this unit; later than or equal to every earlier one of the
  // area.
  Instant now() const;
  // What the clock says: for all that is dated for people. Recorded times may
  // be ahead of it, and stand still then.
  Instant clock() const;
  const std::string& area() const;
  const Actor& actor() const;
  // Who records, as a row holds it: the agency and the person, sealed; or
  // `agency/system` where a system acts by itself. OpenBy() opens it.
  std::string By() const;
  // Position that the next recorded event will get.
  std::int64_t next_position() const;

  // The records of its area: to read and to change. A query sees what this unit
  // and earlier ones did.
  store::Records& Records() { return *records_; }

  // Writes an event into the journal and returns its position.
  std::int64_t Record(Event event);
  template <class Message>
  std::int64_t Record(const Message& message, Instant happened) {
    return Record(Event{Message::descriptor()->full_name(),
                        message.SerializeAsString(), happened});
  }

  // Adds one to the counter once what the unit did is stored: a unit may run
  // twice, and be rehearsed.
  void Count(metrics::Counter counter);

  // Names a record that this unit read or changed: the subjects of its access
  // entry. What is no id (letters, digits, `-` and `:`, 1 to 64) is left out.
  void Touched(std::string subject);

 private:
  friend class Batch;
  explicit Unit(Batch& batch);
  friend class Connection;  // of the ledger's tests
  Result<store::Session*> Direct();
  Batch& batch_;
  std::unique_ptr<store::Records> records_;
};

// A unit of work: may run several times, has no effect outside its unit, and
// does not catch what is no std::exception. Before the batch it may be
// rehearsed, up to its first change. Returns the answer's bytes.
using Work = std::function<Result<std::string>(Unit&)>;

// Called once, on a thread of the ledger's; must not block.
using Done = std::function<void(Result<std::string> answer, bool replayed)>;

struct Write {
  std::string area;
  Access access;  // its actor is the unit's actor; subjects are added by
                  // Unit::Touched
  // Empty for what is no change of records (access entries of reads); then
  // nothing is looked up or kept.
  std::string request_id = {};
  // Keyed hash of the request's set fields but the id; RequestHash() makes it.
  std::string request_hash = {};
  // The same under older keys: a kept answer with any of them is this
  // request's.
  std::vector<std::string> older_hashes = {};
  Work work;  // may be empty: only the access entry is written
  Done done;
  // Access entries of reads go first, so that a person looking does not wait
  // behind a bulk push.
  bool priority = false;
  // Not begun after this; the answer is then DEADLINE_TOO_SHORT
  // (kDeadlineExceeded).
  SteadyTime deadline = SteadyTime::max();
};

struct LedgerSettings {
  // Of one agency. Agencies have their turns in a batch.
  std::size_t queue_limit = 4096;
  // A batch ends with the unit by which it has so many units, has staged so
  // many rows, or has lasted so long; the others keep their turn. So nobody
  // waits long behind a large push, and no batch outlasts the store's own
  // bounds.
  std::size_t batch_limit = 256;
  std::size_t batch_rows = 20'000;
  std::chrono::milliseconds batch_time{100};
  // By recorded time; of what is older at most an hour's worth goes a minute.
  std::chrono::hours answers_kept{24 * 90};
  // While the process runs, the clock may gain so much on the time that passed.
  std::chrono::minutes clock_gain{5};
  // For tests of crashes: SIGKILL to ourselves at the n-th passing of a point
  // (before-begin, before-commit, after-commit).
  std::string crash_at = {};
  int crash_after = 1;
};

struct Parts {
  store::Database& database;
  const seal::Sealer& sealer;
  const Clock& clock;
  metrics::Registry& metrics;
  std::string service;  // `referrals`
};

class Ledger {
 public:
  Ledger(Parts parts, LedgerSettings settings);
  ~Ledger();

  // The ledger's own tables, before the service's migrations. Versions below
  // 100 are the ledger's.
  static std::vector<store::Migration> Migrations();
  // … as the ledger writes them, for store::CheckSchema.
  static std::vector<const store::Table*> Tables();

  // Queues a unit. Never blocks. When the agency's line is full, `done` gets
  // QUEUE_FULL (kResourceExhausted, with retry_after) at once.
  void Submit(Write write);

  // Starts and stops the writer's thread. Stop answers everything that was
  // queued, then returns.
  void Start();
  void Stop();

  // Takes what is queued, at most a batch, and commits it. Returns how many
  // units were answered. The seam for tests.
  std::size_t RunBatch();

  // Deletes at most 1,000 of the answers that are past their time, and says
  // whether there may be more; done by the writer's thread once a minute.
  bool Purge();

  // CLOCK_AHEAD (kUnavailable) while the clock has gained too much: part of
  // readiness. Any thread.
  Result<void> CheckClock() const;

  // Called on the writer's thread after each commit with the areas that got
  // events. Set before Start.
  void OnCommit(
      std::function<void(const std::vector<std::string>& areas)> callback);

  // A slice of upkeep of one area, of at most some ten milliseconds: run on the
  // writer's thread, in a transaction that holds the area's head, which is at
  // that journal position: whenever nothing is queued, and a twentieth of
  // the time where something always is. True = there is more to do. It must not
  // change what any answer says. Set before Start.
  using Upkeep =
      std::function<Result<bool>(store::Records&, std::int64_t position)>;
  void OnIdle(Upkeep upkeep);
  // One slice of each area; whether there is more to do. The seam for tests.
  bool RunUpkeep();

  std::size_t queued() const;

 private:
  friend class Batch;
  struct State;
  std::unique_ptr<State> state_;
};

// ---- reading what the ledger wrote; on any reader ----

Result<Head> ReadHead(store::Reader& reader, const std::string& area);
Result<std::vector<std::string>> ReadAreas(store::Reader& reader);
Result<std::vector<std::string>> ReadAreas(store::Session& session);

// At a start: CLOCK_AHEAD (kFailedPrecondition) where the clock is further
// ahead of the newest head than `most`, or five minutes ahead of the store's
// own clock. An operator looks, and starts with accept-clock if it is right.
Result<void> CheckClockAtStart(store::Database& database, const Clock& clock,
                               std::chrono::hours most);
// At a start, before anything is looked for: notes the keys that are given.
// SEAL_KEY_MISSING (kFailedPrecondition) where one is not given that sealed
// rows here: without it children and requests of before would not be found, and
// all would be recorded anew. `forget`: what it sealed is given up.
Result<void> CheckSealKeys(store::Session& writer, const seal::Sealer& sealer,
                           bool forget);
// Events of positions (after, after + limit], in order.
Result<std::vector<Recorded>> ReadJournal(store::Reader& reader,
                                          const std::string& area,
                                          std::int64_t after, int limit);

// The hash of the event at `position`: zeros for 0, empty where there is none.
Result<std::string> JournalHash(store::Reader& reader, const std::string& area,
                                std::int64_t position);

// Gives each journal a new id, after a backup was put back: what was counted or
// followed is begun anew. Returns how many. For the only process on the store.
Result<int> RenewJournals(store::Session& writer);

struct AccessRow {
  std::int64_t entry = 0;
  Instant time;
  Access access;
  std::string hash;
};
// Entries below `before` (0 = from the newest), newest first; of one subject if
// given.
struct AccessQuery {
  std::string area;
  std::int64_t before = 0;
  int limit = 50;
  std::string subject = {};
};
Result<std::vector<AccessRow>> ReadAccess(store::Reader& reader,
                                          const seal::Sealer& sealer,
                                          const AccessQuery& query);

// A place of the access log that somebody remembers: the hash of an entry.
struct Remembered {
  std::int64_t entry = 0;
  std::string hash;  // hex
};
struct Verdict {
  std::int64_t entries = 0;       // of the log, by its head
  std::int64_t first_broken = 0;  // 0 = intact
  std::string finding;
  Remembered head;
  // Which of what is remembered the log does not go on from, by number. Empty
  // where the chain itself is broken.
  std::vector<std::size_t> misfits = {};
};
// Recomputes the chain of an area, page by page, and compares what the entries
// can be looked up by with their subjects, both ways; and the chain with what
// is remembered of it: so a log that was cut or made anew is found.
Result<Verdict> VerifyAccess(store::Database& database,
                             const seal::Sealer& sealer,
                             const std::string& area,
                             const std::vector<Remembered>& remembered = {});

// The hash of an entry; empty where there is none.
Result<std::string> AccessHash(store::Reader& reader, const std::string& area,
                               std::int64_t entry);

}  // namespace seawall::ledger
