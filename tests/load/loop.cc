#include "tests/load/loop.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace seawall::load {
namespace {

using Clock = std::chrono::steady_clock;

struct Window {
  explicit Window(Span span)
      : from(Clock::now() + span.warm_up), until(from + span.time) {}
  Clock::time_point from, until;
  bool Holds(Clock::time_point time) const {
    return time >= from && time < until;
  }
};

// What one lane saw; no other thread touches it while it works.
struct Lane {
  std::vector<float> took_ms;
  std::int64_t failed = 0;

  void Note(const Window& window, Clock::time_point begun, bool ok) {
    const auto now = Clock::now();
    if (!ok) {
      failed++;
    } else if (window.Holds(now)) {
      took_ms.push_back(
          std::chrono::duration<float, std::milli>(now - begun).count());
    }
  }
};

Measured Sum(const std::vector<Lane>& lanes, Span span) {
  Measured measured;
  std::vector<float> all;
  for (const Lane& lane : lanes) {
    all.insert(all.end(), lane.took_ms.begin(), lane.took_ms.end());
    measured.failed += lane.failed;
  }
  measured.done = static_cast<std::int64_t>(all.size());
  measured.rate = static_cast<double>(all.size()) /
                  std::chrono::duration<double>(span.time).count();
  measured.p50_ms = Percentile(all, 0.5);
  measured.p99_ms = Percentile(all, 0.99);
  return measured;
}

// Operations that are still under way.
class Open {
 public:
  void Add() {
    const std::lock_guard lock(mutex_);
    count_++;
  }
  void Remove() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  int count_ = 0;  // guarded by mutex_
};

// A lane of a closed loop: the end of one operation begins the next.
class Chain {
 public:
  Chain(int number, const Window& window, const Begin& begin, Lane& lane,
        Open& open)
      : number_(number),
        window_(window),
        begin_(begin),
        lane_(lane),
        open_(open) {}

  void Next() {
    begun_ = Clock::now();
    begin_(number_, [this](bool ok) {
      lane_.Note(window_, begun_, ok);
      if (Clock::now() < window_.until) return Next();
      open_.Remove();
    });
  }

 private:
  const int number_;
  const Window& window_;
  const Begin& begin_;
  Lane& lane_;
  Open& open_;
  Clock::time_point begun_;
};

}  // namespace

double Percentile(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(
      share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

Measured ClosedLoop(int lanes, Span span, const Begin& begin) {
  std::vector<Lane> seen(static_cast<std::size_t>(lanes));
  std::vector<std::unique_ptr<Chain>> chains;
  const Window window(span);
  Open open;
  for (int i = 0; i < lanes; i++) {
    open.Add();
    chains.push_back(std::make_unique<Chain>(
        i, window, begin, seen[static_cast<std::size_t>(i)], open));
  }
  for (const auto& chain : chains) chain->Next();
  open.Wait();
  return Sum(seen, span);
}

Measured ClosedLoop(int lanes, Span span, const Do& operation) {
  std::vector<Lane> seen(static_cast<std::size_t>(lanes));
  std::vector<std::thread> threads;
  const Window window(span);
  for (int i = 0; i < lanes; i++) {
    threads.emplace_back([&, i] {
      while (Clock::now() < window.until) {
        const auto begun = Clock::now();
        const bool ok = operation(i);
        seen[static_cast<std::size_t>(i)].Note(window, begun, ok);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return Sum(seen, span);
}

Measured OpenLoop(double rate, int lanes, Span span, const Begin& begin) {
  std::mutex mutex;
  std::vector<Lane> seen(1);
  Open open;
  const Window window(span);
  const auto start = Clock::now();
  for (std::int64_t i = 0;; i++) {
    const auto due =
        start +
        std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(static_cast<double>(i) / rate));
    if (due >= window.until) break;
    std::this_thread::sleep_until(due);
    open.Add();
    begin(static_cast<int>(i % lanes), [&, due](bool ok) {
      {
        const std::lock_guard lock(mutex);
        seen[0].Note(window, due, ok);
      }
      open.Remove();
    });
  }
  open.Wait();
  return Sum(seen, span);
}

}  // namespace seawall::load
