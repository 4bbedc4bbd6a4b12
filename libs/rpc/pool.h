// Pool: a few threads and a bounded queue, where requests are parsed, checked
// and prepared, never on grpc's threads.
//
// Cheap under load: a thread takes many jobs at a time and nobody is woken
// while all are busy.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

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
  Pool(int threads, std::size_t queue_limit);
  // Stops.
  ~Pool();

  // False when the queue is full or the pool has stopped; the job is then
  // dropped.
  bool Post(std::shared_ptr<Job> job);

  // Runs what is queued, then ends the threads.
  void Stop();

 private:
  void Loop();
  bool Take(std::vector<std::shared_ptr<Job>>& batch);

  const std::size_t queue_limit_;
  const std::size_t thread_count_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::shared_ptr<Job>> queue_;  // guarded by mutex_
  std::size_t asleep_ = 0;                  // guarded by mutex_
  std::size_t called_ = 0;  // of those, woken by Post; guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace seawall::rpc
