#include "libs/ledger/ledger.h"

#include <csignal>

#include "libs/ledger/batch.h"
#include "libs/log/log.h"

namespace seawall::ledger {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kIdle{1000};
// Old answers go a slice of time at a time, so that no batch waits long.
constexpr std::chrono::minutes kPurgeSlice{10};

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

}  // namespace

struct Ledger::State {
  State(Parts parts, LedgerSettings settings)
      : parts(parts), settings(std::move(settings)), crash(this->settings) {}

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
  void Commit(std::vector<Write*> writes);
  void CommitOneByOne(const std::vector<Write*>& writes);
  void Fail(const std::vector<Write*>& writes, const Error& error);
  void Answer(const std::vector<Write*>& writes, Batch& batch);
  void Purge();
  void Loop();

  Parts parts;
  LedgerSettings settings;
  Crash crash;
  std::function<void(const std::vector<std::string>&)> on_commit;
  std::thread thread;

  metrics::Histogram batch_size, commit_seconds;
  metrics::Gauge queue_length;
  metrics::Counter committed, refused, failed, replayed;

  mutable std::mutex mutex;
  std::condition_variable arrived;
  std::deque<Write> urgent;  // guarded by mutex
  std::deque<Write> queue;   // guarded by mutex
  bool waiting = false;      // guarded by mutex
  bool stopping = false;     // guarded by mutex
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
    if (!stopping && queue.size() < state.settings.queue_limit) {
      queue.push_back(std::move(write));
      const bool wake = std::exchange(state.waiting, false);
      lock.unlock();
      if (wake) state.arrived.notify_one();
      return;
    }
  }
  write.done(stopping ? Stopping() : QueueFull(), false);
}

void Ledger::Start() {
  state_->thread = std::thread([this] { state_->Loop(); });
}

void Ledger::Stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->arrived.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
  while (RunBatch() > 0) {
  }
}

void Ledger::Purge() { state_->Purge(); }

std::size_t Ledger::queued() const {
  std::lock_guard lock(state_->mutex);
  return state_->queue.size() + state_->urgent.size();
}

std::size_t Ledger::RunBatch() {
  std::vector<Write> taken = state_->Take();
  if (taken.empty()) return 0;
  std::vector<Write*> writes;
  for (Write& write : taken) writes.push_back(&write);
  state_->Commit(std::move(writes));
  return taken.size();
}

void Ledger::State::Loop() {
  auto purged = Steady::now();
  for (;;) {
    bool idle = false;
    {
      std::unique_lock lock(mutex);
      if (queue.empty() && urgent.empty() && !stopping) {
        waiting = true;
        idle = !arrived.wait_for(lock, kIdle, [&] {
          return !queue.empty() || !urgent.empty() || stopping;
        });
        waiting = false;
      }
      if (stopping && queue.empty() && urgent.empty()) return;
    }
    if (idle) parts.database.Checkpoint();
    if (Steady::now() - purged > std::chrono::minutes(1)) {
      Purge();
      purged = Steady::now();
    }
    std::vector<Write> taken = Take();
    if (taken.empty()) continue;
    std::vector<Write*> writes;
    for (Write& write : taken) writes.push_back(&write);
    Commit(std::move(writes));
  }
}

std::vector<Write> Ledger::State::Take() {
  std::vector<Write> taken;
  std::lock_guard lock(mutex);
  const auto take = [&](std::deque<Write>& from) {
    while (!from.empty() && taken.size() < settings.batch_limit) {
      taken.push_back(std::move(from.front()));
      from.pop_front();
    }
  };
  take(urgent);
  take(queue);
  queue_length.Set(double(queue.size() + urgent.size()));
  return taken;
}

void Ledger::State::Commit(std::vector<Write*> writes) {
  crash.At("before-begin");
  const auto begun = Steady::now();
  store::Session& session = parts.database.writer();
  Batch batch(parts, session);
  const Result<void> done =
      batch.Run(writes, [this] { crash.At("before-commit"); });
  if (done) {
    crash.At("after-commit");
    commit_seconds.Observe(
        std::chrono::duration<double>(Steady::now() - begun).count());
    batch_size.Observe(double(writes.size()));
    Answer(writes, batch);
    if (on_commit) {
      if (const auto areas = batch.areas(); !areas.empty()) on_commit(areas);
    }
    return;
  }
  const Error& error = done.error();
  if (error.reason != "COMMIT_UNKNOWN") session.Rollback();
  if (error.reason == "STORE_REFUSED" && writes.size() > 1) {
    CommitOneByOne(writes);
    return;
  }
  log::Warn("batch not stored",
            {{"reason", error.reason}, {"units", std::int64_t(writes.size())}});
  Fail(writes, error);
  if (error.code == Code::kUnavailable) {
    if (const auto reopened = session.Reopen(); !reopened) {
      log::Warn("store not reachable", {{"reason", reopened.error().reason}});
    }
  }
}

// One unit of the batch is refused by the store: find it by running each alone.
void Ledger::State::CommitOneByOne(const std::vector<Write*>& writes) {
  for (Write* write : writes) Commit({write});
}

void Ledger::State::Fail(const std::vector<Write*>& writes,
                         const Error& error) {
  for (Write* write : writes) {
    failed.Add();
    write->done(error, false);
  }
}

void Ledger::State::Answer(const std::vector<Write*>& writes, Batch& batch) {
  for (std::size_t i = 0; i < writes.size(); i++) {
    Outcome& outcome = batch.outcomes()[i];
    (outcome.replayed ? replayed : outcome.answer ? committed : refused).Add();
    writes[i]->done(std::move(outcome.answer), outcome.replayed);
  }
}

void Ledger::State::Purge() {
  store::Session& session = parts.database.writer();
  const long long limit = ToMicros(parts.clock.Now() - settings.answers_kept);
  const auto purged = store::Try([&] {
    long long oldest = 0;
    soci::indicator found = soci::i_null;
    session.sql() << "select min(recorded_time) from answers",
        soci::into(oldest, found);
    if (found != soci::i_ok || oldest >= limit) return;
    const long long slice = std::min<long long>(
        limit, oldest + std::chrono::microseconds(kPurgeSlice).count());
    session.sql() << "delete from answers where recorded_time < :slice",
        soci::use(slice);
  });
  if (!purged) {
    log::Warn("old answers not deleted", {{"reason", purged.error().reason}});
  }
}

}  // namespace seawall::ledger
