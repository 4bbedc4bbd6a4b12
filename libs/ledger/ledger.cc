#include "libs/ledger/ledger.h"

#include <csignal>
#include <set>

#include "libs/base/thread.h"
#include "libs/base/turns.h"
#include "libs/ledger/batch.h"
#include "libs/log/log.h"

namespace seawall::ledger {
namespace {

constexpr std::chrono::milliseconds kIdle{1000};
// Old answers go a few at a time, so that no batch waits long.
constexpr int kPurgeSlice = 1000;
constexpr std::chrono::minutes kPurgeEvery{1};
// Where something is always queued, the writer looks for upkeep after so many
// batches. While there is some, upkeep gets one part in kUpkeepShare of the
// writer's time.
constexpr int kBatchesASlice = 16;
constexpr int kUpkeepShare = 20;
// A clock further behind than this was set, or an area was written under one
// that ran ahead: times of that area stand still until it has caught up.
constexpr std::chrono::minutes kBehindMost{5};

Error QueueFull() {
  return Error{Code::kResourceExhausted,
               "QUEUE_FULL",
               "the service is at its limit; send again with the same "
               "request_id after the delay given",
               {},
               std::chrono::milliseconds(200)};
}

Error Stopping() {
  return Error{Code::kUnavailable,
               "STOPPING",
               "the service is stopping; send again with the same request_id",
               {},
               std::chrono::milliseconds(1000)};
}

Error ClockAhead(std::chrono::duration<double> by) {
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(by).count();
  return Error{Code::kUnavailable, "CLOCK_AHEAD",
               "the clock ran " + std::to_string(minutes) +
                   " minutes ahead of the time that passed, so nothing is "
                   "recorded; set it right, or start the service again if it "
                   "is right"};
}

struct Answered {
  Done done;
  Outcome outcome;
};

// Gives the answers of a batch on a thread of its own while the writer begins
// the next: sending one costs a good part of storing it.
class Answerer {
 public:
  ~Answerer() { Stop(); }
  void Start() {
    thread_ = NamedThread("answers", [this] { Loop(); });
  }
  // Gives all that it was handed.
  void Stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    arrived_.notify_one();
    if (thread_.joinable()) thread_.join();
  }
  // One alone is not worth waking a thread for.
  void Give(std::vector<Answered> answers) {
    if (answers.size() == 1 || !thread_.joinable()) return Call(answers);
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(answers));
    }
    arrived_.notify_one();
  }

 private:
  static void Call(std::vector<Answered>& answers) {
    for (auto& [done, outcome] : answers) {
      done(std::move(outcome.answer), outcome.replayed);
    }
  }
  void Loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      arrived_.wait(lock, [&] { return !waiting_.empty() || stopping_; });
      if (waiting_.empty()) return;
      std::vector<Answered> answers = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      Call(answers);
      answers.clear();
      lock.lock();
    }
  }

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::vector<Answered>> waiting_;  // guarded by mutex_
  bool stopping_ = false;                      // guarded by mutex_
};

}  // namespace

struct Ledger::State {
  State(Parts parts, LedgerSettings settings)
      : parts(parts),
        settings(std::move(settings)),
        crash(this->settings),
        begun_at(parts.clock.Now()),
        begun(parts.clock.Steady()) {}

  // Kills the process at a named point, for tests of crashes.
  struct Crash {
    explicit Crash(const LedgerSettings& settings)
        : point(settings.crash_at), left(settings.crash_after) {}
    void At(const char* name) {
      if (point == name && --left <= 0) ::kill(::getpid(), SIGKILL);
    }
    std::string point;
    int left;
  };

  std::vector<Write> Take();
  // Takes what is queued and commits as much of it as a batch holds. Returns
  // how many units were answered.
  std::size_t RunBatch();
  void GiveBack(std::vector<Write>& taken, std::size_t answered);
  std::size_t Commit(std::vector<Write*> writes, bool careful = false);
  void CommitOneByOne(const std::vector<Write*>& writes);
  void Fail(const std::vector<Write*>& writes, const Error& error);
  void Answer(const std::vector<Write*>& writes, Batch& batch);
  bool Reopen();
  bool Purge();
  bool RunUpkeep();
  Result<bool> RunUpkeep(store::Session& session, const std::string& area);
  Result<long long> PurgeLimit(soci::session& sql) const;
  Result<void> CheckClock() const;
  void WatchClock(const std::map<std::string, Instant>& recorded);
  void Loop();

  Parts parts;
  LedgerSettings settings;
  Crash crash;
  // At one moment: the clock, and the time that passes whatever it says.
  const Instant begun_at;
  const SteadyTime begun;
  std::function<void(const std::vector<std::string>&)> on_commit;
  Upkeep upkeep;
  std::thread thread;
  Answerer answerer;

  metrics::Histogram batch_size, commit_seconds;
  metrics::Gauge queue_length, clock_behind;
  metrics::Counter committed, refused, failed, replayed;

  // How long upkeep took while writes waited. Writer's thread alone.
  SteadyTime::duration kept_up{0};
  // Actions that are worth a rehearsal. Writer's thread alone.
  std::set<std::string> asking;
  // Recorded times that the clock has not reached. Writer's thread alone.
  std::map<std::string, Instant> ahead;
  std::optional<SteadyTime> clock_warned;
  // Since when answers are deleted that were recorded before the limit.
  std::optional<SteadyTime> purge_begun;
  long long purge_limit = 0;
  // Why the store did not come back when it was last opened again. Writer's
  // thread alone.
  std::optional<Error> lost;

  mutable std::mutex mutex;
  std::condition_variable arrived;
  Turns<Write> urgent;    // by agency; guarded by mutex
  Turns<Write> queue;     // by agency; guarded by mutex
  bool waiting = false;   // guarded by mutex
  bool stopping = false;  // guarded by mutex
};

Ledger::Ledger(Parts parts, LedgerSettings settings)
    : state_(std::make_unique<State>(parts, std::move(settings))) {
  metrics::Registry& metrics = parts.metrics;
  State& state = *state_;
  state.batch_size = metrics.MakeHistogram(
      "seawall_ledger_batch_size", "How many units does one commit carry?",
      {1, 2, 4, 8, 16, 32, 64, 128, 256});
  state.commit_seconds = metrics.MakeHistogram(
      "seawall_ledger_commit_seconds",
      "How long does a batch take from BEGIN to the end of COMMIT?",
      metrics::Registry::LatencyBuckets());
  state.queue_length = metrics.MakeGauge("seawall_ledger_queue_length",
                                         "How many units wait for the writer?");
  state.clock_behind = metrics.MakeGauge(
      "seawall_ledger_clock_behind_seconds",
      "How far is the clock behind the newest recorded time of any area?");
  const auto units = [&](const char* outcome) {
    return metrics.MakeCounter("seawall_ledger_units_total",
                               "What became of the units of work?",
                               {{"outcome", outcome}});
  };
  state.committed = units("committed");
  state.refused = units("refused");
  state.failed = units("failed");
  state.replayed = units("replayed");
}

Ledger::~Ledger() { Stop(); }

void Ledger::OnCommit(
    std::function<void(const std::vector<std::string>&)> callback) {
  state_->on_commit = std::move(callback);
}

void Ledger::Submit(Write write) {
  State& state = *state_;
  bool stopping;
  {
    std::unique_lock lock(state.mutex);
    stopping = state.stopping;
    auto& queue = write.priority ? state.urgent : state.queue;
    const std::string agency = write.access.actor.agency;
    if (!stopping && queue.size(agency) < state.settings.queue_limit) {
      queue.Push(agency, std::move(write));
      const bool wake = std::exchange(state.waiting, false);
      lock.unlock();
      if (wake) state.arrived.notify_one();
      return;
    }
  }
  write.done(stopping ? Stopping() : QueueFull(), false);
}

void Ledger::Start() {
  state_->answerer.Start();
  state_->thread = NamedThread("ledger", [this] { state_->Loop(); });
}

void Ledger::Stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->arrived.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
  state_->answerer.Stop();
  while (RunBatch() > 0) {
  }
}

bool Ledger::Purge() { return state_->Purge(); }

void Ledger::OnIdle(Upkeep upkeep) { state_->upkeep = std::move(upkeep); }

bool Ledger::RunUpkeep() { return state_->RunUpkeep(); }

Result<void> Ledger::CheckClock() const { return state_->CheckClock(); }

Result<void> Ledger::State::CheckClock() const {
  const std::chrono::duration<double> gained =
      (parts.clock.Now() - begun_at) - (parts.clock.Steady() - begun);
  if (gained > settings.clock_gain) return ClockAhead(gained);
  return {};
}

std::size_t Ledger::queued() const {
  std::lock_guard lock(state_->mutex);
  return state_->queue.size() + state_->urgent.size();
}

std::size_t Ledger::RunBatch() { return state_->RunBatch(); }

std::size_t Ledger::State::RunBatch() {
  std::vector<Write> taken = Take();
  if (taken.empty()) return 0;
  std::vector<Write*> writes;
  for (Write& write : taken) writes.push_back(&write);
  const std::size_t answered = Commit(std::move(writes));
  GiveBack(taken, answered);
  return answered;
}

// To the front, in the order in which they came.
void Ledger::State::GiveBack(std::vector<Write>& taken, std::size_t answered) {
  if (answered == taken.size()) return;
  std::lock_guard lock(mutex);
  for (std::size_t i = taken.size(); i > answered; i--) {
    Write& write = taken[i - 1];
    const std::string agency = write.access.actor.agency;
    (write.priority ? urgent : queue).GiveBack(agency, std::move(write));
  }
}

void Ledger::State::Loop() {
  auto purged = parts.clock.Steady();
  bool more_to_purge = false, more_upkeep = true;
  int batches = 0;                  // since the last slice of upkeep
  SteadyTime::duration written{0};  // since there is upkeep to do
  for (;;) {
    bool idle = false;
    const bool at_work = more_to_purge || more_upkeep;
    {
      std::unique_lock lock(mutex);
      if (queue.empty() && urgent.empty() && !stopping) {
        waiting = true;
        idle = !arrived.wait_for(lock, at_work ? kIdle.zero() : kIdle, [&] {
          return !queue.empty() || !urgent.empty() || stopping;
        });
        waiting = false;
      }
      if (stopping && queue.empty() && urgent.empty()) return;
    }
    if (idle && !at_work) parts.database.Checkpoint();
    if (more_to_purge || parts.clock.Steady() - purged > kPurgeEvery) {
      more_to_purge = Purge();
      purged = parts.clock.Steady();
      WatchClock({});
    }
    while (idle || batches >= kBatchesASlice ||
           (more_upkeep && kept_up * kUpkeepShare < written)) {
      const auto before = kept_up;
      more_upkeep = RunUpkeep();
      batches = 0;
      if (idle) kept_up = before;  // nobody waited
      if (!more_upkeep) written = kept_up = {};
      if (idle) break;
    }
    const SteadyTime begun = parts.clock.Steady();
    if (RunBatch() > 0) batches++;
    // Waiting for another process gives upkeep no more.
    if (more_upkeep) {
      written += std::min<SteadyTime::duration>(parts.clock.Steady() - begun,
                                                settings.batch_time);
    }
  }
}

bool Ledger::State::RunUpkeep() {
  if (!upkeep) return false;
  bool more = false;
  const auto areas = ReadAreas(parts.database.writer());
  if (!areas) return false;  // the next batch finds out
  for (const std::string& area : *areas) {
    store::Session& session = parts.database.writer();
    const Result<bool> done = RunUpkeep(session, area);
    if (done) {
      more = more || *done;
      continue;
    }
    log::Warn("upkeep is tried again later",
              {{"area", area}, {"reason", done.error().reason}});
    if (done.error().reason != "COMMIT_UNKNOWN") session.Rollback();
    if (done.error().code == Code::kUnavailable && !Reopen()) return false;
  }
  return more;
}

// Beside another process, no batch of the area is under way meanwhile.
Result<bool> Ledger::State::RunUpkeep(store::Session& session,
                                      const std::string& area) {
  TRY_VOID(session.Begin());
  long long position = 0;
  TRY_VOID(store::Try([&] {
    const bool locks = session.engine() == store::Engine::kPostgres;
    session.sql() << "select position from heads where area = :area" +
                         std::string(locks ? " for update" : ""),
        soci::use(area), soci::into(position);
  }));
  // Waiting for another process is not counted.
  const SteadyTime begun = parts.clock.Steady();
  store::SessionRecords records(session, area);
  TRY(const bool more, upkeep(records, position));
  TRY_VOID(records.Flush());
  TRY_VOID(session.Commit());
  kept_up += parts.clock.Steady() - begun;
  return more;
}

std::vector<Write> Ledger::State::Take() {
  std::vector<Write> taken;
  std::lock_guard lock(mutex);
  const auto take = [&](Turns<Write>& from) {
    while (!from.empty() && taken.size() < settings.batch_limit) {
      taken.push_back(std::move(from.Pop()->what));
    }
  };
  take(urgent);
  take(queue);
  queue_length.Set(double(queue.size() + urgent.size()));
  return taken;
}

std::size_t Ledger::State::Commit(std::vector<Write*> writes, bool careful) {
  crash.At("before-begin");
  if (const auto right = CheckClock(); !right) {
    Fail(writes, right.error());
    return writes.size();
  }
  const auto start = parts.clock.Steady();
  store::Session& session = parts.database.writer();
  Batch batch(parts, settings, session, asking, careful);
  const Result<void> done =
      batch.Run(writes, [this] { crash.At("before-commit"); });
  WatchClock(batch.recorded_before());
  // Those that were not begun have no part in what follows.
  if (batch.begun() > 0) writes.resize(batch.begun());
  if (done) {
    crash.At("after-commit");
    commit_seconds.Observe(
        std::chrono::duration<double>(parts.clock.Steady() - start).count());
    batch_size.Observe(double(writes.size()));
    Answer(writes, batch);
    if (on_commit) {
      if (const auto areas = batch.areas(); !areas.empty()) on_commit(areas);
    }
    return writes.size();
  }
  const Error& error = done.error();
  const bool unknown = error.reason == "COMMIT_UNKNOWN";
  if (!unknown) session.Rollback();
  const bool is_lost = error.code == Code::kUnavailable && !Reopen();
  // One unit may be what the store said no to, or what it was cut off for: its
  // neighbours must not pay for it.
  const bool again = writes.size() > 1 || batch.wants_care();
  if (again && !careful && !unknown && !is_lost &&
      error.reason != "STORE_FULL") {
    CommitOneByOne(writes);
    return writes.size();
  }
  log::Warn("batch not stored",
            {{"reason", error.reason}, {"units", std::int64_t(writes.size())}});
  Fail(writes, error);
  return writes.size();
}

bool Ledger::State::Reopen() {
  lost.reset();
  if (auto reopened = parts.database.writer().Reopen(); !reopened) {
    lost = std::move(reopened).error();
    log::Warn("store not reachable", {{"reason", lost->reason}});
  }
  return !lost;
}

// Says so while an area's recorded time stands still, once a minute.
void Ledger::State::WatchClock(const std::map<std::string, Instant>& recorded) {
  const Instant now = parts.clock.Now();
  for (const auto& [area, time] : recorded) ahead[area] = time;
  std::chrono::duration<double> behind{0};
  for (auto area = ahead.begin(); area != ahead.end();) {
    if (area->second <= now) {
      area = ahead.erase(area);
      continue;
    }
    behind =
        std::max<std::chrono::duration<double>>(behind, area->second - now);
    area++;
  }
  clock_behind.Set(behind.count());
  if (behind <= kBehindMost) return;
  if (clock_warned &&
      parts.clock.Steady() - *clock_warned < std::chrono::minutes(1)) {
    return;
  }
  clock_warned = parts.clock.Steady();
  log::Warn("the clock is behind recorded times; they stand still until then",
            {{"seconds", behind.count()}});
}

// Finds the unit that the store refuses by running each alone. A store that
// does not come back is waited for once, not by each.
void Ledger::State::CommitOneByOne(const std::vector<Write*>& writes) {
  lost.reset();
  for (Write* write : writes) {
    if (lost) {
      Fail({write}, *lost);
    } else {
      Commit({write}, true);
    }
  }
}

void Ledger::State::Fail(const std::vector<Write*>& writes,
                         const Error& error) {
  for (Write* write : writes) {
    failed.Add();
    write->done(error, false);
  }
}

void Ledger::State::Answer(const std::vector<Write*>& writes, Batch& batch) {
  std::vector<Answered> answers;
  for (std::size_t i = 0; i < writes.size(); i++) {
    Outcome& outcome = batch.outcomes()[i];
    (outcome.replayed ? replayed : outcome.answer ? committed : refused).Add();
    for (metrics::Counter& counter : outcome.counted) counter.Add();
    answers.push_back({std::move(writes[i]->done), std::move(outcome)});
  }
  answerer.Give(std::move(answers));
}

// By recorded time, and no further than the clock says too: a clock that ran
// ahead once may have left heads there. At most an hour's worth beyond the
// oldest.
Result<long long> Ledger::State::PurgeLimit(soci::session& sql) const {
  return store::Try([&] {
    long long newest = 0, oldest = 0;
    sql << "select coalesce(max(recorded_time), 0) from heads",
        soci::into(newest);
    sql << "select coalesce(min(recorded_time), 0) from answers",
        soci::into(oldest);
    const Instant now = std::min(FromMicros(newest), parts.clock.Now());
    return std::min(ToMicros(now - settings.answers_kept),
                    ToMicros(FromMicros(oldest) + std::chrono::hours(1)));
  });
}

bool Ledger::State::Purge() {
  if (!CheckClock()) return false;
  store::Session& session = parts.database.writer();
  const SteadyTime now = parts.clock.Steady();
  const auto purged = [&]() -> Result<long long> {
    TRY_VOID(session.Begin());
    if (!purge_begun || now - *purge_begun >= kPurgeEvery) {
      TRY(purge_limit, PurgeLimit(session.sql()));
      purge_begun = now;
    }
    TRY(const long long gone, store::Try([&] {
          soci::statement statement =
              (session.sql().prepare
                   << "delete from answers where (area, request) in "
                      "(select area, request from answers "
                      "where recorded_time < :limit "
                      "order by recorded_time limit " +
                          std::to_string(kPurgeSlice) + ")",
               soci::use(purge_limit));
          statement.execute(true);
          return statement.get_affected_rows();
        }));
    TRY_VOID(session.Commit());
    return gone;
  }();
  if (purged) return *purged == kPurgeSlice;
  const Error& error = purged.error();
  log::Warn("old answers not deleted", {{"reason", error.reason}});
  if (error.reason != "COMMIT_UNKNOWN") session.Rollback();
  if (error.code == Code::kUnavailable) Reopen();
  return false;
}

}  // namespace seawall::ledger
