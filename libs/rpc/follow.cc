#include "libs/rpc/follow.h"

#include <grpcpp/support/slice.h>

#include "libs/log/guard.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/identity.h"

namespace seawall::rpc {

class FollowStream::Step : public Job {
 public:
  explicit Step(std::shared_ptr<FollowStream> stream)
      : stream_(std::move(stream)) {}
  void Run() override { stream_->Run(); }

 private:
  std::shared_ptr<FollowStream> stream_;
};

FollowStream::FollowStream(Gate& gate, const Rule& rule,
                           grpc::CallbackServerContext* context, Bounds bounds)
    : gate_(gate),
      rule_(rule),
      bounds_(bounds),
      started_(std::chrono::steady_clock::now()),
      context_(context) {}

FollowStream* FollowStream::Open(Gate& gate, Streams& streams, const Rule& rule,
                                 grpc::CallbackServerContext* context,
                                 const grpc::ByteBuffer& bytes, Bounds bounds) {
  auto stream = std::make_shared<FollowStream>(gate, rule, context, bounds);
  stream->self_ = stream;
  stream->bytes_ = bytes;
  gate.parts().observer.Started(rule);
  const auto admitted = gate.Admit(rule, *context, stream->call_);
  std::unique_lock lock(stream->mutex_);
  if (!admitted) {
    gate.NoteRefusal(rule, stream->call_, &bytes, admitted.error().reason);
    stream->Fail(admitted.error());
    return stream.get();
  }
  auto share = gate.OpenStream(stream->call_);
  if (!share) {
    stream->Fail(share.error());
    return stream.get();
  }
  stream->share_.emplace(*std::move(share));
  stream->name_ = *PeerName(*context);
  stream->Advance();
  lock.unlock();
  streams.Add(stream);
  return stream.get();
}

void FollowStream::Advance() {
  if (closed_ || stepping_ || writing_) return;
  if (cancelled_) return Close(grpc::Status::CANCELLED, nullptr);
  if (aged_) return Close(grpc::Status::OK, nullptr);
  if (ended_) {
    return Fail(Error{Code::kUnavailable, "STOPPING",
                      "the service is stopping; follow again from the last "
                      "position"});
  }
  if (!wanted_) return;
  // A full queue is tried again at the next tick.
  if (gate_.Post(call_.caller.agency,
                 std::make_shared<Step>(shared_from_this()))) {
    stepping_ = true;
    wanted_ = false;
  }
}

void FollowStream::Run() {
  Result<std::optional<Page>> page = Error{
      Code::kInternal, "INTERNAL", "a fault of the server; it is in its log"};
  log::Guard(rule_.name, [&] { page = Next(); });
  if (page && *page) {
    std::string shows = (*page)->shows;
    if (shows.empty()) return Send(**std::move(page), {});
    gate_.LogAccess(call_, nullptr, {std::move(shows)},
                    [self = shared_from_this(),
                     next = **std::move(page)](Result<void> logged) mutable {
                      self->Send(std::move(next), std::move(logged));
                    });
    return;
  }
  std::lock_guard lock(mutex_);
  stepping_ = false;
  if (!page) return Fail(page.error());
  Advance();
}

Result<std::optional<Page>> FollowStream::Next() {
  if (!request_) {
    request_.reset(rule_.binding.request->New());
    TRY_VOID(Parse(bytes_, *request_));
  }
  TRY_VOID(gate_.Recheck(name_, rule_, *request_, call_));
  TRY_VOID(gate_.CheckArea(rule_, *request_, call_));
  TRY(store::Reader reader, gate_.parts().database.Read());
  Reading reading(call_, reader, nullptr);
  return rule_.binding.follow(reading, *request_, position_);
}

void FollowStream::Send(Page page, Result<void> logged) {
  std::lock_guard lock(mutex_);
  stepping_ = false;
  if (!logged) return Fail(logged.error());
  if (cancelled_) return Advance();
  position_ = page.to;
  grpc::Slice slice(page.bytes);
  outgoing_ = grpc::ByteBuffer(&slice, 1);
  writing_ = true;
  wanted_ = true;  // there may be more
  write_started_ = std::chrono::steady_clock::now();
  StartWrite(&outgoing_);
}

void FollowStream::Fail(const Error& error) {
  if (closed_) return;
  gate_.parts().observer.Refused(rule_, call_, error);
  Close(ToStatus(error), &error);
}

void FollowStream::Close(const grpc::Status& status, const Error* error) {
  closed_ = true;
  gate_.parts().observer.Ended(rule_, started_, error);
  Finish(status);
}

void FollowStream::OnWriteDone(bool ok) {
  std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) cancelled_ = true;
  Advance();
}

void FollowStream::OnCancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  Advance();
}

void FollowStream::OnDone() {
  std::shared_ptr<FollowStream> self;
  std::lock_guard lock(mutex_);
  context_ = nullptr;
  self.swap(self_);
}

void FollowStream::End() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  Advance();
}

void FollowStream::Tick(std::chrono::steady_clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (context_ && writing_ && now - write_started_ > bounds_.patience)
    context_->TryCancel();
  wanted_ = true;
  aged_ = now - started_ > bounds_.age;
  Advance();
}

}  // namespace seawall::rpc
