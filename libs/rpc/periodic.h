// Periodic: a thread that does one thing again and again, and can be stopped at
// once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace seawall::rpc {

class Periodic {
 public:
  // Calls `step` now and then every `period` after it returned.
  Periodic(std::chrono::milliseconds period, std::function<void()> step);
  // Waits for a step under way.
  ~Periodic();
  // Brings the next step forward; steps asked for at the same time become one.
  void Wake();

 private:
  void Loop();
  const std::chrono::milliseconds period_;
  const std::function<void()> step_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // guarded by mutex_
  bool woken_ = false;     // guarded by mutex_
  std::thread thread_;
};

}  // namespace seawall::rpc
