// Streams: the streams that are open, so that they can be looked after: ended
// when the server stops, cut when the other side does not read, woken when
// there is something to tell.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

namespace seawall::rpc {

class Stream {
 public:
  virtual ~Stream() = default;
  // The server stops: finish what was begun, then end.
  virtual void End() = 0;
  // About once a second, and after commits.
  virtual void Tick(std::chrono::steady_clock::time_point now) = 0;
};

// Thread-safe.
class Streams {
 public:
  // After EndAll, a stream that is added is ended at once.
  void Add(const std::shared_ptr<Stream>& stream);
  void EndAll();
  void Tick();
  std::size_t open();

 private:
  std::vector<std::shared_ptr<Stream>> Live();
  std::mutex mutex_;
  std::vector<std::weak_ptr<Stream>> streams_;  // guarded by mutex_
  bool ended_ = false;                          // guarded by mutex_
};

}  // namespace seawall::rpc
