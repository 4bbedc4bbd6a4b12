// Watchdog: ends calls to a server that has stopped answering.
//
// libpq waits for ever once a statement is sent. A watched connection whose
// deadline has passed gets its socket shut down; the waiting call then fails
// like on any broken connection. Its own deadline is the server's
// statement_timeout, which is shorter; this is for a server that cannot even do
// that.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace seawall::store {

// One connection. Armed by the thread that uses it, read by the watchdog.
class Watched {
 public:
  void Arm(int socket, std::chrono::milliseconds bound);
  void Disarm();
  // Shuts the socket down if the deadline has passed.
  void Check(std::chrono::steady_clock::time_point now);

 private:
  std::mutex mutex_;
  int socket_ = -1;                                 // guarded by mutex_
  std::chrono::steady_clock::time_point deadline_;  // guarded by mutex_
};

class Watchdog {
 public:
  Watchdog();
  ~Watchdog();
  // `watched` must outlive the watchdog, or be removed.
  void Add(Watched* watched);
  void Remove(Watched* watched);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;              // guarded by mutex_
  std::vector<Watched*> watched_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace seawall::store
