// Pool: a few threads and a bounded queue, where requests are parsed, checked
// and prepared, never on grpc's threads. Agencies have their turns, so that
// what one sends makes no other wait for it.
//
// Cheap under load: a thread takes many jobs at a time and nobody is woken
// while all are busy.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "libs/base/turns.h"

namespace seawall::rpc {

class Job {
 public:
  virtual ~Job() = default;
  // Runs once, on one of the pool's threads. Must not throw.
  virtual void Run() = 0;
};

// Thread-safe.
class Pool {
 public:
  // `line_limit`: jobs of one agency that may wait. `most_at_once`: threads
  // that may work for one agency where jobs are long; 0 = all, for short ones.
  Pool(int threads, std::size_t line_limit, int most_at_once = 0);
  // Stops.
  ~Pool();

  // False when the agency's line is full or the pool has stopped; the job is
  // then dropped.
  bool Post(const std::string& agency, std::shared_ptr<Job> job);

  // Runs what is queued, then ends the threads.
  void Stop();

 private:
  using Queue = Turns<std::shared_ptr<Job>>;
  void Loop();
  bool Take(std::vector<Queue::Turn>& batch);
  void Pick(std::vector<Queue::Turn>& batch);
  void Done(const std::vector<Queue::Turn>& batch);

  const std::size_t line_limit_;
  const std::size_t thread_count_;
  const int most_at_once_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  Queue queue_;  // guarded by mutex_
  // Threads that work for an agency; guarded by mutex_.
  std::unordered_map<std::string, int> working_;
  std::size_t asleep_ = 0;  // guarded by mutex_
  std::size_t called_ = 0;  // of those, woken by Post; guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace seawall::rpc
