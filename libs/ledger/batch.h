// Batch: the units that one commit carries, from BEGIN to the last completion.
// Used by the Ledger alone.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/ledger/ledger.h"

namespace seawall::ledger {

// One step of the chain: hash of the entry before and of all fields of this
// one. Hex in, hex out.
std::string ChainLink(const std::string& previous, const std::string& area,
                      std::int64_t entry, Instant time, const Access& access);

// The same of the journal.
std::string JournalLink(const std::string& previous, const std::string& area,
                        std::int64_t position, Instant recorded,
                        const Event& event);

// What an answer is kept under, by every key of ours, the newest first: a keyed
// hash of the agency, its system and the request id, which is kept nowhere.
std::vector<std::string> RequestKeys(const seal::Sealer& sealer,
                                     const Actor& actor,
                                     const std::string& request_id);

// What both begin with.
std::string NoHash();

std::string NewJournalId();

std::string Hex(const unsigned char* bytes, std::size_t size);

// The kind of the ids of persons, for the sealer.
inline constexpr char kPersonId[] = "person";

struct AnswerRow {
  std::string request;  // RequestKeys()
  std::string request_hash;
  std::string answer;    // sealed
  std::string subjects;  // of the first entry, separated by blanks
  Instant recorded;
};
inline const auto kAnswers =
    store::Listed<&AnswerRow::request, &AnswerRow::request_hash,
                  &AnswerRow::answer, &AnswerRow::subjects,
                  &AnswerRow::recorded>("answers");

extern const store::Table kJournal;
extern const store::Table kAccessLog;
extern const store::Table kAccessSubjects;

// What happened to one unit.
struct Outcome {
  Result<std::string> answer = std::string();
  bool replayed = false;
  std::vector<metrics::Counter> counted = {};
};

class Batch {
 public:
  // `careful`: a unit whose query fails is undone alone. Otherwise PostgreSQL
  // takes no more in this transaction, and the batch fails with it.
  // `asking`: actions whose units asked the store for what a rehearsal would
  // have found; it is added to.
  Batch(const Parts& parts, const LedgerSettings& settings,
        store::Session& session, std::set<std::string>& asking, bool careful)
      : parts_(parts),
        settings_(settings),
        session_(session),
        asking_(asking),
        careful_(careful) {}

  // Runs units, the first and as many more as a batch may hold, and commits. On
  // success outcomes() has one for each that was run. On an error nothing was
  // stored (or, with COMMIT_UNKNOWN, nobody knows), and no outcome may be given
  // out but the error. `before_commit` is a crash point.
  Result<void> Run(const std::vector<Write*>& writes,
                   const std::function<void()>& before_commit);

  std::vector<Outcome>& outcomes() { return outcomes_; }
  // Units that were begun, whatever came of them; 0 if it did not come so far.
  std::size_t begun() const { return begun_; }
  // Recorded times of the areas as this batch found them.
  const std::map<std::string, Instant>& recorded_before() const {
    return recorded_before_;
  }
  // A query failed without a savepoint: whose fault it was is found with one.
  bool wants_care() const { return wants_care_; }
  // Areas that got events.
  std::vector<std::string> areas() const;

  // ---- what a Unit sees of it ----
  store::Rows& Staged(const store::Table& table);
  Result<store::Session*> Direct();
  // For a query: what was staged and may be found by it goes first.
  Result<store::Session*> ForQuery(const store::Asked& asked);
  // Sees that the change which was staged last meets no other of the same row
  // on its way to the store, where the order is: deletes, inserts, updates.
  Result<void> Settle(const store::Table& change);
  // The rows of the unit's area that are kept for the batch.
  store::Kept& kept() { return *open_kept_; }
  void Count(metrics::Counter counter);
  std::int64_t Record(Event event);
  Instant now() const { return open_head_->recorded; }
  Instant clock() const { return clock_; }
  std::int64_t next_position() const { return open_head_->position + 1; }
  const Write& write() const { return *write_; }
  const seal::Sealer& sealer() const { return parts_.sealer; }
  std::vector<std::string>& subjects() { return subjects_; }

 private:
  using AnswerKey = std::pair<std::string, std::string>;  // area, request
  struct KeptAnswer {
    std::string request_hash;
    std::string answer;  // bytes if `sealed` is false
    bool sealed = false;
    std::string subjects = {};  // of the first entry, separated by blanks
  };
  // How far everything was when a unit began, to go back to.
  struct Mark {
    std::vector<std::size_t> rows, own;
    Head head;
  };

  Result<void> LockHeads(const std::vector<Write*>& writes);
  Result<Head> LockHead(const std::string& area);
  Result<void> LoadAnswers(const std::vector<Write*>& writes);
  // What its answer is kept under: RequestKeys, once a batch.
  const std::vector<std::string>& KeysOf(const Write& write);
  Result<void> Rehearse(const std::vector<Write*>& writes);
  // Whether it asked for something that is not kept.
  bool Rehearse(const Write& write);
  Result<void> RunOne(Write& write);
  void Open(const Write& write);
  Result<std::string> RunWork(Write& write);
  std::optional<Outcome> Replay(const Write& write);
  void KeepAnswer(const Write& write, const std::string& answer);
  void LogAccess(const Write& write, const std::string& outcome);
  store::Rows& Own(const store::Table& table);
  // How many rows of staged_[i] earlier units staged.
  std::size_t EarlierRows(std::size_t i) const;
  Mark TakeMark() const;
  Result<void> BackTo(const Mark& mark);
  Result<void> SendEarlier();
  Result<void> Flush();
  Result<void> WriteHeads();
  bool IsFull() const;

  const Parts& parts_;
  const LedgerSettings& settings_;
  store::Session& session_;
  std::set<std::string>& asking_;
  const bool careful_;
  bool wants_care_ = false;
  std::map<std::string, Head> heads_;
  std::map<std::string, std::int64_t> positions_before_;
  std::map<std::string, Instant> recorded_before_;
  std::vector<store::Rows> staged_;
  // Rows of the ledger's own tables, which no unit reads: they go out once, at
  // the end.
  std::vector<store::Rows> own_;
  std::map<std::string, store::Kept> kept_;  // by area
  std::size_t sent_ = 0;                     // rows
  std::size_t begun_ = 0;                    // units
  // What the clock said when the heads were ours, for all units alike.
  Instant clock_;
  // When the heads were ours: waiting for another process is not counted.
  SteadyTime since_;
  std::map<AnswerKey, KeptAnswer> answers_;
  std::map<const Write*, std::vector<std::string>> request_keys_;
  std::vector<Outcome> outcomes_;

  // The unit that is running.
  const Write* write_ = nullptr;
  Head* open_head_ = nullptr;
  store::Kept* open_kept_ = nullptr;
  std::vector<std::string> subjects_;
  std::vector<metrics::Counter> counted_;
  Mark mark_;
  bool savepoint_ = false;
  // A savepoint is set, of this unit or of one before.
  bool savepoint_stands_ = false;
  // The store refused rows of earlier units: not this one's fault, and not to
  // be undone alone.
  std::optional<Error> refused_;
};

}  // namespace seawall::ledger
