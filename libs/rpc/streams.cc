#include "libs/rpc/streams.h"

namespace seawall::rpc {

void Streams::Add(const std::shared_ptr<Stream>& stream) {
  bool ended;
  {
    std::lock_guard lock(mutex_);
    streams_.push_back(stream);
    ended = ended_;
  }
  if (ended) stream->End();
}

std::vector<std::shared_ptr<Stream>> Streams::Live() {
  std::vector<std::shared_ptr<Stream>> live;
  std::lock_guard lock(mutex_);
  std::erase_if(streams_, [&](const std::weak_ptr<Stream>& weak) {
    auto stream = weak.lock();
    if (!stream) return true;
    live.push_back(std::move(stream));
    return false;
  });
  return live;
}

void Streams::EndAll() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  for (const auto& stream : Live()) stream->End();
}

void Streams::Tick() {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& stream : Live()) stream->Tick(now);
}

std::size_t Streams::open() { return Live().size(); }

}  // namespace seawall::rpc
