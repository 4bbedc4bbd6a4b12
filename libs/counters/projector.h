// Projector: reads the journal behind the commits and brings the counters up to
// it, area by area.
//
// Redis failing never fails a write: the projector backs off (50 ms to 2 s,
// jittered) and goes on from the fence it finds. Replicas may all project; the
// fence lets one page through. A fence of another history (a backup that was
// put back, another database) is not gone on from: the area is counted anew.
//
// In the background it compares counters with records: after a start, after a
// failure and about hourly, one area at a time. What differs is counted anew.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "libs/counters/counters.h"
#include "libs/counters/definitions.h"
#include "libs/ledger/ledger.h"
#include "libs/metrics/metrics.h"
#include "libs/store/database.h"

namespace seawall::counters {

struct Drift {
  std::int64_t position = 0;
  std::int64_t drift = 0;  // sum of absolute differences
  std::int64_t compared = 0;
  struct Difference {
    std::string counter;
    std::int64_t counted;
    std::int64_t recorded;
  };
  std::vector<Difference> differences;  // at most 20
};

struct Level {
  std::int64_t journal = 0;
  std::int64_t fence = 0;
  bool reachable = false;
};

class Projector {
 public:
  struct Parts {
    store::Database& database;
    Counters& counters;
    const Definitions& definitions;
    metrics::Registry& metrics;
    std::string service;
  };
  explicit Projector(Parts parts);
  ~Projector();

  void Start();
  void Stop();
  // Something was committed in these areas. Never blocks.
  void Notify(const std::vector<std::string>& areas);

  // Applies at most one page of one area; true if the fence moved. The seam for
  // tests.
  Result<bool> Step(const std::string& area);

  // How far the counters of an area are, as last seen by this process (no call
  // out).
  Level level(const std::string& area) const;

  Key KeyOf(const std::string& area, const std::string& journal_id) const;

  // Whether figures of an area may come from the counters: they were compared
  // since they last failed, and no event waits for longer than five seconds.
  bool Trusts(const std::string& area) const;

  // Compares the areas that are due, each once, and counts anew what differs.
  // The seam for tests.
  void CompareDue(std::chrono::milliseconds patience);

  // Values at one moment, with how many events they are behind the journal.
  struct View {
    std::vector<std::int64_t> values;
    std::int64_t behind = 0;
  };
  // COUNTERS_OTHER_HISTORY (kUnavailable): they count another journal.
  Result<View> Read(const std::string& area,
                    const std::vector<std::string>& names);

  // Compares counters and records at one journal position while everything goes
  // on: takes a snapshot at head p, waits until the fence is at or past p,
  // subtracts what (p, fence] added, compares. COUNTERS_BEHIND after
  // `patience`.
  Result<Drift> Verify(const std::string& area,
                       std::chrono::milliseconds patience);

  // Deletes and replays. Returns how many events were counted.
  Result<std::int64_t> Rebuild(const std::string& area);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seawall::counters
