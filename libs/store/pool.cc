#include "libs/store/pool.h"

namespace seawall::store {
namespace {

constexpr std::chrono::seconds kWait{1};

}  // namespace

void Pool::Add(std::unique_ptr<Snapshots> session) {
  const std::lock_guard lock(mutex_);
  free_.push_back(session.get());
  sessions_.push_back(std::move(session));
}

Result<Reader> Pool::Take(bool unbounded) {
  Snapshots* session = nullptr;
  {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, kWait, [this] { return !free_.empty(); })) {
      return Error{.code = Code::kUnavailable,
                   .reason = "STORE_BUSY",
                   .message = "all readers are in use; try again",
                   .retry_after = kWait};
    }
    session = free_.back();
    free_.pop_back();
  }
  if (auto begun = session->BeginSnapshot(unbounded); !begun) {
    GiveBack(session);
    return std::move(begun).error();
  }
  return Reader(*session, [this, session] { GiveBack(session); });
}

void Pool::GiveBack(Snapshots* session) {
  session->EndSnapshot();
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(session);
  }
  freed_.notify_one();
}

}  // namespace seawall::store
