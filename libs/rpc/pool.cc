#include "libs/rpc/pool.h"

#include <algorithm>

#include "libs/base/thread.h"
#include "libs/log/guard.h"

namespace seawall::rpc {
namespace {

// At most so many jobs are taken at once, so that one slow job does not hold
// up many behind it.
constexpr std::size_t kTaken = 16;

}  // namespace

Pool::Pool(int threads, std::size_t line_limit, int most_at_once)
    : line_limit_(line_limit),
      thread_count_(std::max(threads, 1)),
      most_at_once_(most_at_once) {
  for (std::size_t i = 0; i < thread_count_; i++)
    threads_.push_back(NamedThread("worker", [this] { Loop(); }));
}

Pool::~Pool() { Stop(); }

bool Pool::Post(const std::string& agency, std::shared_ptr<Job> job) {
  bool wake;
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size(agency) >= line_limit_) return false;
    queue_.Push(agency, std::move(job));
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

bool Pool::Take(std::vector<Queue::Turn>& batch) {
  std::unique_lock lock(mutex_);
  while (true) {
    Pick(batch);
    if (!batch.empty()) return true;
    if (stopping_ && queue_.empty()) return false;
    asleep_++;
    arrived_.wait(lock);
    asleep_--;
    if (called_ > 0) called_--;
  }
}

void Pool::Pick(std::vector<Queue::Turn>& batch) {
  if (most_at_once_ > 0) {
    auto turn = queue_.Pop([this](const std::string& agency) {
      const auto at = working_.find(agency);
      return at == working_.end() || at->second < most_at_once_;
    });
    if (!turn) return;
    working_[turn->who]++;
    batch.push_back(*std::move(turn));
    return;
  }
  const std::size_t share =
      std::clamp(queue_.size() / thread_count_, std::size_t{1}, kTaken);
  while (batch.size() < share) {
    auto turn = queue_.Pop();
    if (!turn) return;
    batch.push_back(*std::move(turn));
  }
}

// Who waited for an agency's turn to end is this thread, which now looks again;
// but at the end the others must see that nothing is left.
void Pool::Done(const std::vector<Queue::Turn>& batch) {
  if (most_at_once_ == 0) return;
  std::lock_guard lock(mutex_);
  for (const auto& turn : batch) {
    if (--working_[turn.who] == 0) working_.erase(turn.who);
  }
  if (stopping_) arrived_.notify_all();
}

void Pool::Loop() {
  std::vector<Queue::Turn> batch;
  while (Take(batch)) {
    for (const auto& turn : batch)
      log::Guard("job of a pool", [&] { turn.what->Run(); });
    Done(batch);
    batch.clear();
  }
}

}  // namespace seawall::rpc
