// Pool: the readers of one database. Callable from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "libs/base/error.h"
#include "libs/store/database.h"

namespace seawall::store {

// A session that can hold a snapshot.
class Snapshots : public Session {
 public:
  // Begins a read-only transaction whose snapshot is of now. Opens a broken
  // connection again. `unbounded` lifts the bound of a second.
  virtual Result<void> BeginSnapshot(bool unbounded) = 0;
  virtual void EndSnapshot() = 0;
};

class Pool {
 public:
  void Add(std::unique_ptr<Snapshots> session);

  // Waits at most a second for a free session: STORE_BUSY.
  Result<Reader> Take(bool unbounded);

 private:
  void GiveBack(Snapshots* session);

  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Snapshots>> sessions_;  // guarded by mutex_
  std::vector<Snapshots*> free_;                      // guarded by mutex_
};

}  // namespace seawall::store
