#include "libs/counters/projector.h"

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <span>

#include "libs/base/thread.h"
#include "libs/counters/drift.h"
#include "libs/counters/levels.h"
#include "libs/counters/page.h"
#include "libs/log/guard.h"

namespace seawall::counters {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Events read from the journal at once, and so the longest page.
constexpr int kReadAhead = 4000;
// How often areas are looked for, and fences are asked for although nothing was
// committed: a Redis that was flushed says nothing.
constexpr milliseconds kCheckEvery{1000};
// What is committed within this time shares a page.
constexpr milliseconds kGather{50};
constexpr milliseconds kShortestBackOff{50};
constexpr milliseconds kLongestBackOff{2000};
constexpr milliseconds kVerifyPoll{10};
// How often counters are compared with records where nothing failed.
constexpr std::chrono::seconds kCompareEvery{3600};
constexpr milliseconds kComparePatience{10'000};
// Between two looks whether a comparison is due.
constexpr milliseconds kCompareLook{1000};

milliseconds Jittered(milliseconds longest) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return milliseconds(std::uniform_int_distribution<std::int64_t>(
      longest.count() / 2, longest.count())(random));
}

}  // namespace

struct Projector::State {
  explicit State(Parts given)
      : parts(given), levels(parts.metrics, parts.service) {}

  // What is known of an area between two steps.
  struct Area {
    std::string journal_id;  // empty = not read yet
    // Where the counters are; absent = must be asked for.
    std::optional<Point> fence;
    std::vector<ledger::Recorded> ahead;
  };

  Result<ledger::Head> ReadHead(const std::string& area);
  Result<bool> Step(const std::string& area);
  Result<std::optional<Point>> FindFence(const std::string& area, Area& at);
  Result<bool> IsOfHistory(store::Reader& reader, const std::string& area,
                           const ledger::Head& head, const Point& fence) const;
  Result<void> CheckHistory(const std::string& area, const ledger::Head& asked,
                            const Point& fence);
  Result<bool> CountAnew(const std::string& area, Area& at,
                         const std::string& reason);
  Result<std::span<const ledger::Recorded>> Ahead(store::Reader& reader,
                                                  const std::string& area,
                                                  Area& at);
  Result<bool> Apply(const std::string& area, Area& at, const Page& page);
  Result<Increments> CountRange(const std::string& area, std::int64_t after,
                                std::int64_t to);
  Key KeyOf(const std::string& area, const std::string& journal_id) const;
  void Forget(const std::string& area);

  void Run();
  bool WaitForWork(std::set<std::string>& busy, steady_clock::time_point until);
  bool WaitUnlessStopped(milliseconds time);
  void Check(std::set<std::string>& busy);
  bool StepAll(std::set<std::string>& busy);
  void CompareLoop(Projector& projector);

  Parts parts;
  Levels levels;

  std::mutex work;                    // held for one page
  std::map<std::string, Area> areas;  // guarded by work

  std::mutex wake_mutex;  // held only to look at what is below
  std::condition_variable wake;
  std::set<std::string> notified;  // guarded by wake_mutex
  bool stopping = false;           // guarded by wake_mutex
  std::thread thread;
  std::thread comparing;
};

// ---- one page ----

Key Projector::State::KeyOf(const std::string& area,
                            const std::string& journal_id) const {
  return {parts.service, area, parts.definitions.version, journal_id};
}

Result<ledger::Head> Projector::State::ReadHead(const std::string& area) {
  TRY(store::Reader reader, parts.database.Read());
  return ledger::ReadHead(reader, area);
}

// The fence is asked for before the head is read. So a fence beyond the head
// cannot come from events committed in between.
Result<bool> Projector::State::Step(const std::string& area) {
  const std::lock_guard lock(work);
  Area& at = areas[area];
  if (at.journal_id.empty()) {
    TRY(const ledger::Head head, ReadHead(area));
    if (head.journal_id.empty()) return false;  // nothing ever happened there
    at.journal_id = head.journal_id;
  }
  const bool asked = !at.fence;
  if (asked) {
    TRY(at.fence, FindFence(area, at));
    if (!at.fence) return CountAnew(area, at, "garbled");
  }
  TRY(store::Reader reader, parts.database.Read());
  TRY(const ledger::Head head, ledger::ReadHead(reader, area));
  if (head.journal_id != at.journal_id) {
    at = Area{};  // another database is there now; begin anew
    return true;
  }
  levels.Journal(area, head.position);
  levels.Fence(area, at.fence->position);
  if (asked) {
    TRY(const bool ours, IsOfHistory(reader, area, head, *at.fence));
    if (!ours) return CountAnew(area, at, "history");
  }
  if (at.fence->position >= head.position) return false;
  TRY(const auto events, Ahead(reader, area, at));
  if (events.empty()) return false;
  return Apply(area, at, CutPage(parts.definitions, events));
}

// Nothing: the counters have a fence that is none.
Result<std::optional<Point>> Projector::State::FindFence(
    const std::string& area, Area& at) {
  auto fence = parts.counters.Fence(KeyOf(area, at.journal_id));
  if (fence) return std::optional<Point>(*std::move(fence));
  if (fence.error().reason == "COUNTERS_GARBLED") return std::optional<Point>();
  levels.Unreachable(area);
  // So that the lag keeps growing while the counters are away.
  if (const auto head = ReadHead(area)) levels.Journal(area, head->position);
  return std::move(fence).error();
}

// Counters that were fed from another past: the database came back from an
// older backup, and perhaps grew again since. Reading on would mix the two.
Result<bool> Projector::State::IsOfHistory(store::Reader& reader,
                                           const std::string& area,
                                           const ledger::Head& head,
                                           const Point& fence) const {
  if (fence.position == 0) return true;
  if (fence.position > head.position) return false;
  if (fence.position == head.position) return fence.hash == head.journal_hash;
  TRY(const std::string hash,
      ledger::JournalHash(reader, area, fence.position));
  return fence.hash == hash;
}

// The same where the journal may have gone on since it was `asked`.
Result<void> Projector::State::CheckHistory(const std::string& area,
                                            const ledger::Head& asked,
                                            const Point& fence) {
  TRY(store::Reader reader, parts.database.Read());
  TRY(const ledger::Head head, ledger::ReadHead(reader, area));
  TRY(const bool ours, IsOfHistory(reader, area, head, fence));
  if (ours && head.journal_id == asked.journal_id) return {};
  return Error{Code::kUnavailable, "COUNTERS_OTHER_HISTORY",
               "the counters count another journal than the one that is there; "
               "they are counted anew"};
}

Result<bool> Projector::State::CountAnew(const std::string& area, Area& at,
                                         const std::string& reason) {
  log::Fail("the counters are counted anew",
            {{"area", area},
             {"reason", reason},
             {"fence", at.fence ? at.fence->position : -1}});
  levels.CountedAnew(area, reason);
  at.fence.reset();
  at.ahead.clear();
  auto deleted = parts.counters.Delete(KeyOf(area, at.journal_id));
  if (!deleted) {
    levels.Unreachable(area);
    return deleted.error();
  }
  levels.Fence(area, 0);
  return true;
}

// The events after the fence: those read before, if they join on.
Result<std::span<const ledger::Recorded>> Projector::State::Ahead(
    store::Reader& reader, const std::string& area, Area& at) {
  const auto next =
      std::find_if(at.ahead.begin(), at.ahead.end(), [&](const auto& event) {
        return event.position == at.fence->position + 1;
      });
  if (next != at.ahead.end()) {
    return std::span<const ledger::Recorded>(next, at.ahead.end());
  }
  TRY(at.ahead,
      ledger::ReadJournal(reader, area, at.fence->position, kReadAhead));
  return std::span<const ledger::Recorded>(at.ahead);
}

Result<bool> Projector::State::Apply(const std::string& area, Area& at,
                                     const Page& page) {
  const Point from = *at.fence;
  at.fence.reset();  // after a failure it must be asked for again
  const auto fence = parts.counters.Apply(KeyOf(area, at.journal_id), from,
                                          page.to, page.increments);
  if (!fence) {
    levels.PageRetried();
    levels.Unreachable(area);
    return fence.error();
  }
  at.fence = *fence;
  levels.Fence(area, fence->position);
  if (*fence == page.to) {
    levels.PageApplied();
  } else {
    levels.PageRetried();  // another projector was faster, or Redis went back
    at.fence.reset();
  }
  return *fence != from;
}

void Projector::State::Forget(const std::string& area) {
  const std::lock_guard lock(work);
  areas[area].fence.reset();
}

// ---- the thread ----

void Projector::State::Run() {
  std::set<std::string> busy;
  auto next_check = steady_clock::now();
  milliseconds back_off = kShortestBackOff;
  while (WaitForWork(busy, next_check)) {
    if (steady_clock::now() >= next_check) {
      Check(busy);
      next_check = steady_clock::now() + kCheckEvery;
    }
    if (StepAll(busy)) {
      back_off = kShortestBackOff;
      if (busy.empty() && !WaitUnlessStopped(kGather)) return;
    } else {
      if (!WaitUnlessStopped(Jittered(back_off))) return;
      back_off = std::min(back_off * 2, kLongestBackOff);
    }
  }
}

// Adds the areas that were notified to `busy`. False when stopping.
bool Projector::State::WaitForWork(std::set<std::string>& busy,
                                   steady_clock::time_point until) {
  std::unique_lock lock(wake_mutex);
  if (busy.empty()) {
    wake.wait_until(lock, until, [&] { return stopping || !notified.empty(); });
  }
  busy.merge(notified);
  notified.clear();
  return !stopping;
}

bool Projector::State::WaitUnlessStopped(milliseconds time) {
  std::unique_lock lock(wake_mutex);
  return !wake.wait_for(lock, time, [&] { return stopping; });
}

void Projector::State::Check(std::set<std::string>& busy) {
  auto reader = parts.database.Read();
  if (!reader) return;  // the next check finds them
  const auto found = ledger::ReadAreas(*reader);
  if (!found) return;
  for (const std::string& area : *found) {
    Forget(area);
    busy.insert(area);
  }
}

// One page of each area; those that are level leave `busy`. False if any
// failed.
bool Projector::State::StepAll(std::set<std::string>& busy) {
  bool fine = true;
  for (auto area = busy.begin(); area != busy.end();) {
    Result<bool> moved = Error{Code::kInternal, "INTERNAL", ""};
    log::Guard("projector", [&] { moved = Step(*area); });
    const Level level = levels.Of(*area);
    if (!moved) fine = false;
    const bool is_level = moved && (!*moved || level.fence == level.journal);
    area = is_level ? busy.erase(area) : std::next(area);
  }
  return fine;
}

// ---- the public face ----

Projector::Projector(Parts parts) : state_(std::make_unique<State>(parts)) {}

Projector::~Projector() { Stop(); }

void Projector::Start() {
  const std::lock_guard lock(state_->wake_mutex);
  if (state_->thread.joinable()) return;
  state_->stopping = false;
  // What was counted before this process began is compared first.
  if (auto reader = state_->parts.database.Read()) {
    const auto areas = ledger::ReadAreas(*reader);
    if (areas)
      for (const std::string& area : *areas) state_->levels.Doubt(area);
  }
  state_->thread = NamedThread("projector", [this] { state_->Run(); });
  state_->comparing =
      NamedThread("comparing", [this] { state_->CompareLoop(*this); });
}

void Projector::Stop() {
  std::thread thread, comparing;
  {
    const std::lock_guard lock(state_->wake_mutex);
    state_->stopping = true;
    thread = std::move(state_->thread);
    comparing = std::move(state_->comparing);
  }
  state_->wake.notify_all();
  for (std::thread* one : {&thread, &comparing})
    if (one->joinable()) one->join();
}

void Projector::Notify(const std::vector<std::string>& areas) {
  {
    const std::lock_guard lock(state_->wake_mutex);
    state_->notified.insert(areas.begin(), areas.end());
  }
  state_->wake.notify_all();
}

Result<bool> Projector::Step(const std::string& area) {
  return state_->Step(area);
}

Level Projector::level(const std::string& area) const {
  return state_->levels.Of(area);
}

bool Projector::Trusts(const std::string& area) const {
  return state_->levels.Trusts(area);
}

Key Projector::KeyOf(const std::string& area,
                     const std::string& journal_id) const {
  return state_->KeyOf(area, journal_id);
}

// The head is read first: what was committed before the question is then either
// in the values or in `behind`.
Result<Projector::View> Projector::Read(const std::string& area,
                                        const std::vector<std::string>& names) {
  TRY(const ledger::Head head, state_->ReadHead(area));
  if (head.journal_id.empty()) {
    return View{std::vector<std::int64_t>(names.size()), 0};
  }
  TRY(Counters::Values read,
      state_->parts.counters.Get(KeyOf(area, head.journal_id), names));
  const Point& fence = read.fence;
  const Point level(head.position, head.journal_hash);
  if (fence != level) TRY_VOID(state_->CheckHistory(area, head, fence));
  state_->levels.Journal(area, head.position);
  state_->levels.Fence(area, fence.position);
  return View{std::move(read.values),
              std::max<std::int64_t>(0, head.position - fence.position)};
}

// ---- verifying and rebuilding ----

Result<Increments> Projector::State::CountRange(const std::string& area,
                                                std::int64_t after,
                                                std::int64_t to) {
  Increments result;
  while (after < to) {
    TRY(store::Reader reader, parts.database.Read());
    const int limit =
        static_cast<int>(std::min<std::int64_t>(to - after, kReadAhead));
    TRY(const auto events, ledger::ReadJournal(reader, area, after, limit));
    if (events.empty()) {
      return Error{Code::kInternal, "COUNTERS_AHEAD",
                   "the counters hold events that the journal does not have; "
                   "rebuild them"};
    }
    for (const ledger::Recorded& event : events) {
      parts.definitions.count(event, result);
    }
    after = events.back().position;
  }
  return result;
}

namespace {

Error Behind() {
  return Error{Code::kUnavailable, "COUNTERS_BEHIND",
               "the counters did not reach the position of the snapshot in "
               "time; try again when they are level"};
}

struct Snapshot {
  ledger::Head head;
  Increments recorded;
};

Result<Snapshot> TakeSnapshot(store::Database& database,
                              const Definitions& definitions,
                              const std::string& area) {
  TRY(store::Reader reader, database.Read(/*unbounded=*/true));
  Snapshot snapshot;
  TRY(snapshot.head, ledger::ReadHead(reader, area));
  TRY(snapshot.recorded,
      definitions.records(reader, Slice{area, snapshot.head.position}));
  return snapshot;
}

}  // namespace

Result<Drift> Projector::Verify(const std::string& area,
                                std::chrono::milliseconds patience) {
  TRY(const Snapshot snapshot,
      TakeSnapshot(state_->parts.database, state_->parts.definitions, area));
  const std::int64_t position = snapshot.head.position;
  const auto give_up = steady_clock::now() + patience;
  state_->Forget(area);  // it may have gone back without our noticing
  while (true) {
    const auto moved = Step(area);
    if (moved && level(area).fence >= position) break;
    if (steady_clock::now() >= give_up) return Behind();
    if (!moved || !*moved) std::this_thread::sleep_for(kVerifyPoll);
  }
  Counters::All counted;
  if (!snapshot.head.journal_id.empty()) {
    TRY(counted,
        state_->parts.counters.GetAll(KeyOf(area, snapshot.head.journal_id)));
  }
  if (counted.fence.position < position) return Behind();
  TRY(const Increments added,
      state_->CountRange(area, position, counted.fence.position));
  const Drift drift = Compare(position, counted, added, snapshot.recorded);
  state_->levels.Compared(area, drift.drift);
  return drift;
}

void Projector::CompareDue(std::chrono::milliseconds patience) {
  for (const std::string& area : state_->levels.ToCompare(kCompareEvery)) {
    {
      const std::lock_guard lock(state_->wake_mutex);
      if (state_->stopping) return;
    }
    const Result<Drift> drift = Verify(area, patience);
    if (drift && drift->drift == 0) continue;
    const bool garbled = !drift && drift.error().reason == "COUNTERS_GARBLED";
    // What cannot be compared now is due again at the next look.
    if (!drift && !garbled) continue;
    log::Fail("counters and records differ; counted anew",
              {{"area", area}, {"drift", drift ? drift->drift : -1}});
    state_->levels.CountedAnew(area, garbled ? "garbled" : "drift");
    // It stays in doubt until it is compared again, at the next look.
    if (const auto rebuilt = Rebuild(area); !rebuilt) {
      log::Warn("counting anew is tried again",
                {{"area", area}, {"reason", rebuilt.error().reason}});
    }
  }
}

void Projector::State::CompareLoop(Projector& projector) {
  while (WaitUnlessStopped(kCompareLook)) {
    log::Guard("comparing", [&] { projector.CompareDue(kComparePatience); });
    levels.ShowAges();
  }
}

Result<std::int64_t> Projector::Rebuild(const std::string& area) {
  TRY(const ledger::Head head, state_->ReadHead(area));
  if (head.journal_id.empty()) return 0;
  TRY_VOID(state_->parts.counters.Delete(KeyOf(area, head.journal_id)));
  state_->Forget(area);
  do {
    TRY_VOID(Step(area));
  } while (level(area).fence < head.position);
  return level(area).fence;  // positions are dense: so many events were counted
}

}  // namespace seawall::counters
