#include "libs/store/watchdog.h"

#include <sys/socket.h>

#include <algorithm>

#include "libs/base/thread.h"

namespace seawall::store {
namespace {

constexpr std::chrono::milliseconds kLook{100};

}  // namespace

void Watched::Arm(int socket, std::chrono::milliseconds bound) {
  const std::lock_guard lock(mutex_);
  socket_ = socket;
  deadline_ = std::chrono::steady_clock::now() + bound;
}

void Watched::Disarm() {
  const std::lock_guard lock(mutex_);
  socket_ = -1;
}

void Watched::Check(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0 || now < deadline_) return;
  ::shutdown(socket_, SHUT_RDWR);
  socket_ = -1;
}

Watchdog::Watchdog() : thread_(NamedThread("watchdog", [this] { Run(); })) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_one();
  thread_.join();
}

void Watchdog::Add(Watched* watched) {
  const std::lock_guard lock(mutex_);
  watched_.push_back(watched);
}

void Watchdog::Remove(Watched* watched) {
  const std::lock_guard lock(mutex_);
  std::erase(watched_, watched);
}

void Watchdog::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, kLook, [this] { return stop_; })) {
    const auto now = std::chrono::steady_clock::now();
    for (Watched* watched : watched_) watched->Check(now);
  }
}

}  // namespace seawall::store
