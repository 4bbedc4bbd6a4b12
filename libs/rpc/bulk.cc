#include "libs/rpc/bulk.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpcpp/support/slice.h>

#include "libs/rpc/errors.h"
#include "libs/rpc/identity.h"

namespace seawall::rpc {
namespace {

// By convention of rpc/methods.h: the reply's fields and their numbers.
constexpr int kRequestId = 1;
constexpr int kResponse = 2;
constexpr int kError = 3;

void PutField(int number, const std::string& bytes, std::string& out) {
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  constexpr int kLengthDelimited = 2;
  coded.WriteVarint32(number << 3 | kLengthDelimited);
  coded.WriteVarint32(static_cast<std::uint32_t>(bytes.size()));
  coded.WriteString(bytes);
}

grpc::ByteBuffer ToReply(const std::string& request_id,
                         const Result<std::string>& answer) {
  std::string bytes;
  if (!request_id.empty()) PutField(kRequestId, request_id, bytes);
  if (answer) {
    PutField(kResponse, *answer, bytes);
  } else {
    PutField(kError, ToProto(answer.error()).SerializeAsString(), bytes);
  }
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

// An item of the stream on its way through the Gate.
class BulkItem : public Exchange {
 public:
  BulkItem(Gate& gate, const Rule& bulk, Call call, grpc::ByteBuffer bytes,
           std::shared_ptr<BulkStream> stream, std::string name,
           std::size_t number)
      : Exchange(gate, *bulk.unary, std::move(call), std::move(bytes)),
        bulk_(bulk),
        stream_(std::move(stream)),
        name_(std::move(name)),
        number_(number) {}
  const Rule* bulk() const override { return &bulk_; }
  std::string recheck() const override { return name_; }
  bool Gone() const override { return stream_->cancelled(); }
  void Submit(ledger::Write write) override {
    submitted_ = true;
    stream_->InTurn(number_, [this, write = std::make_shared<ledger::Write>(
                                        std::move(write))]() mutable {
      Exchange::Submit(std::move(*write));
    });
  }

 protected:
  void Reply(Result<std::string> answer) override {
    if (!submitted_) stream_->InTurn(number_, nullptr);
    gate_.parts().observer.ItemEnded(bulk_);
    stream_->Answered(number_, ToReply(call().request_id, answer));
  }

 private:
  const Rule& bulk_;
  std::shared_ptr<BulkStream> stream_;
  std::string name_;
  std::size_t number_;
  bool submitted_ = false;
};

Error Stopping() {
  return Error{Code::kUnavailable,
               "STOPPING",
               "the service is stopping; send what was not answered again, "
               "with the same request ids",
               {},
               std::chrono::milliseconds(1000)};
}

}  // namespace

BulkStream::BulkStream(Gate& gate, const Rule& rule,
                       grpc::CallbackServerContext* context,
                       std::chrono::milliseconds patience)
    : gate_(gate),
      rule_(rule),
      patience_(patience),
      started_(std::chrono::steady_clock::now()),
      context_(context) {}

BulkStream* BulkStream::Open(Gate& gate, Streams& streams, const Rule& rule,
                             grpc::CallbackServerContext* context,
                             std::chrono::milliseconds patience) {
  auto stream = std::make_shared<BulkStream>(gate, rule, context, patience);
  stream->self_ = stream;
  gate.parts().observer.Started(rule);
  const auto admitted = gate.Admit(rule, *context, stream->call_);
  std::unique_lock lock(stream->mutex_);
  if (!admitted) {
    gate.NoteRefusal(rule, stream->call_, nullptr, admitted.error().reason);
    gate.parts().observer.Refused(rule, stream->call_, admitted.error());
    stream->Close(ToStatus(admitted.error()), &admitted.error());
    return stream.get();
  }
  auto share = gate.OpenStream(stream->call_);
  if (!share) {
    gate.parts().observer.Refused(rule, stream->call_, share.error());
    stream->Close(ToStatus(share.error()), &share.error());
    return stream.get();
  }
  stream->share_.emplace(*std::move(share));
  stream->name_ = *PeerName(*context);
  stream->Advance();
  lock.unlock();
  streams.Add(stream);
  return stream.get();
}

void BulkStream::Advance() {
  if (closed_) return;
  if (!writing_ && !cancelled_ && !slots_.empty() && slots_.front().ready)
    StartReply();
  const bool more = !half_closed_ && !ended_ && !cancelled_;
  if (more && !reading_ && slots_.size() < kBulkWindow) {
    reading_ = true;
    StartRead(&incoming_);
  }
  if (writing_) return;
  if (cancelled_) {
    Close(grpc::Status::CANCELLED, nullptr);
  } else if (slots_.empty() && half_closed_) {
    Close(grpc::Status::OK, nullptr);
  } else if (slots_.empty() && ended_) {
    const Error error = Stopping();
    Close(ToStatus(error), &error);
  }
}

// No buffer hint: gRPC then tells of the write's end only when something else
// makes it write, and the next reply must wait for that end.
void BulkStream::StartReply() {
  writing_ = true;
  write_started_ = std::chrono::steady_clock::now();
  StartWrite(&slots_.front().reply);
}

void BulkStream::Close(const grpc::Status& status, const Error* error) {
  closed_ = true;
  gate_.parts().observer.Ended(rule_, started_, error);
  Finish(status);
}

void BulkStream::OnReadDone(bool ok) {
  std::unique_lock lock(mutex_);
  reading_ = false;
  if (!ok) {
    half_closed_ = true;
    return Advance();
  }
  const std::size_t number = first_ + slots_.size();
  slots_.emplace_back();
  Call call = call_;
  call.method = rule_.unary->name;
  call.deadline = DefaultDeadline();
  auto item =
      std::make_shared<BulkItem>(gate_, rule_, std::move(call),
                                 std::move(incoming_), self_, name_, number);
  incoming_ = grpc::ByteBuffer();
  lock.unlock();
  gate_.Send(std::move(item));  // may answer at once
  lock.lock();
  Advance();
}

void BulkStream::Answered(std::size_t number, grpc::ByteBuffer reply) {
  std::lock_guard lock(mutex_);
  Slot& slot = slots_[number - first_];
  slot.ready = true;
  slot.reply = std::move(reply);
  if (number == first_ || writing_ == false) Advance();
}

// With the lock held throughout: two threads must not hand over at once. What
// is called never blocks and never comes back here.
void BulkStream::InTurn(std::size_t number, std::function<void()> go) {
  std::lock_guard lock(turns_);
  early_.emplace(number, std::move(go));
  while (!early_.empty() && early_.begin()->first == turn_) {
    const auto next = std::move(early_.begin()->second);
    early_.erase(early_.begin());
    ++turn_;
    if (next) next();
  }
}

void BulkStream::OnWriteDone(bool ok) {
  std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) cancelled_ = true;
  slots_.pop_front();
  first_++;
  Advance();
}

void BulkStream::OnCancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  Advance();
}

void BulkStream::OnDone() {
  std::shared_ptr<BulkStream> self;
  std::lock_guard lock(mutex_);
  context_ = nullptr;
  self.swap(self_);  // items under way keep the stream until they are answered
}

void BulkStream::End() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  Advance();
}

void BulkStream::Tick(std::chrono::steady_clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (context_ && writing_ && now - write_started_ > patience_)
    context_->TryCancel();
}

}  // namespace seawall::rpc
