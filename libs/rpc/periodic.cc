#include "libs/rpc/periodic.h"

#include "libs/base/thread.h"
#include "libs/log/guard.h"

namespace seawall::rpc {

Periodic::Periodic(std::chrono::milliseconds period, std::function<void()> step)
    : period_(period),
      step_(std::move(step)),
      thread_(NamedThread("periodic", [this] { Loop(); })) {}

Periodic::~Periodic() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Periodic::Wake() {
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(woken_, true)) return;
  }
  changed_.notify_one();
}

void Periodic::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    log::Guard("periodic", step_);
    lock.lock();
    changed_.wait_for(lock, period_, [&] { return stopping_ || woken_; });
  }
}

}  // namespace seawall::rpc
