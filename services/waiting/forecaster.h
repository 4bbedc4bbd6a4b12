// Forecaster: makes the forecasts that were asked for, on a thread of its own,
// and stores them through the ledger. No request waits for it.
//
// A forecast that was asked for is made sooner or later, also after a restart:
// it stands in the records until its result does. Two processes that make the
// same one make the same, and the first is kept.
//
// One takes at most kMostDraws, some seconds; agencies are served in turn, so
// that nobody waits behind all that another one asked for.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "libs/base/clock.h"
#include "libs/ledger/ledger.h"
#include "services/waiting/catalogue.h"
#include "services/waiting/forecast_store.h"
#include "services/waiting/simulate.h"

namespace seawall::waiting {

// The queue of a service as it is, demand and appointments as measured over the
// last 26 weeks; `unknown` says why there can be none.
struct Outlook {
  Scenario scenario;
  std::string unknown;
};
Result<Outlook> LookAt(const store::Records& records,
                       const Catalogue& catalogue, const Service& service,
                       Date today);
// Of one forecast; where the lists call for more, fewer runs are made.
inline constexpr double kMostDraws = 1e9;
// One agency may have so many that are not made yet.
inline constexpr int kMostPending = 20;
inline constexpr int kUsualWeeks = 26;
inline constexpr int kUsualRuns = 10'000;

// Thresholds of the service and of its promises, each once.
std::vector<int> ThresholdsOf(const Service& service);

// One week ahead as the contract shows it.
void Show(const WeekAhead& week, const std::vector<int>& thresholds, Date date,
          pb::ForecastWeek& to);

class Forecaster {
 public:
  struct Parts {
    const Clock& clock;
    const Catalogue& catalogue;
    store::Database& database;
    ledger::Ledger& ledger;
    double most_draws = kMostDraws;  // of one
  };
  explicit Forecaster(Parts parts) : parts_(parts) {}
  ~Forecaster();

  // There may be something to make in that area. Starts the thread when first
  // called. Never blocks.
  void Wake(const std::string& area);
  // Makes the first that is pending of the agency whose turn it is; false if
  // none is. The seam for tests.
  Result<bool> Step(const std::string& area);
  // Percent of the runs; 0 unless it was begun here last.
  int ProgressOf(const std::string& forecast_id) const;

 private:
  void Loop();
  Result<pb::GetForecastResponse> Make(const std::string& area,
                                       const ForecastRow& row);
  bool Progress(const std::string& forecast_id, int runs, int of);
  void Store(const std::string& area, pb::GetForecastResponse made);

  const Parts parts_;
  mutable std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;        // guarded by mutex_
  std::set<std::string> areas_;  // guarded by mutex_
  std::string making_;           // guarded by mutex_
  int percent_ = 0;              // of making_; guarded by mutex_
  // By area the agency that was served last.
  std::map<std::string, std::string> served_;
  std::thread thread_;
};

}  // namespace seawall::waiting
