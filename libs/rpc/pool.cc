#include "libs/rpc/pool.h"

#include <algorithm>

#include "libs/base/thread.h"

namespace seawall::rpc {
namespace {

// At most so many jobs are taken at once, so that one slow job does not hold
// up many behind it.
constexpr std::size_t kTaken = 16;

}  // namespace

Pool::Pool(int threads, std::size_t queue_limit)
    : queue_limit_(queue_limit), thread_count_(std::max(threads, 1)) {
  for (std::size_t i = 0; i < thread_count_; i++)
    threads_.push_back(NamedThread("worker", [this] { Loop(); }));
}

Pool::~Pool() { Stop(); }

bool Pool::Post(std::shared_ptr<Job> job) {
  bool wake;
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(job));
    // Nobody is called while all work or are on their way.
    wake = asleep_ > called_;
    if (wake) called_++;
  }
  if (wake) arrived_.notify_one();
  return true;
}

void Pool::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool Pool::Take(std::vector<std::shared_ptr<Job>>& batch) {
  std::unique_lock lock(mutex_);
  while (queue_.empty()) {
    if (stopping_) return false;
    asleep_++;
    arrived_.wait(lock);
    asleep_--;
    if (called_ > 0) called_--;
  }
  const std::size_t share =
      std::clamp(queue_.size() / thread_count_, std::size_t{1}, kTaken);
  for (std::size_t i = 0; i < share; i++) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return true;
}

void Pool::Loop() {
  std::vector<std::shared_ptr<Job>> batch;
  while (Take(batch)) {
    for (const auto& job : batch) job->Run();
    batch.clear();
  }
}

}  // namespace seawall::rpc
