// BulkStream: a bidirectional stream that carries the requests of a Write
// method, done and answered one by one in the order in which they came: they
// are prepared side by side and handed to the ledger in turn.
//
// At most 64 items are unanswered; then reading stops until the other side has
// taken replies. An item that is refused does not end the stream. A side that
// takes no reply for 30 s is cut. The position to go on from is the request
// ids: whatever was not answered is sent again.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "libs/rpc/gate.h"
#include "libs/rpc/streams.h"

namespace seawall::rpc {

inline constexpr std::size_t kBulkWindow = 64;

class BulkStream
    : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
      public Stream,
      public std::enable_shared_from_this<BulkStream> {
 public:
  // The reactor of a call that has just come; it looks after its own life.
  static BulkStream* Open(Gate& gate, Streams& streams, const Rule& rule,
                          grpc::CallbackServerContext* context,
                          std::chrono::milliseconds patience);

  BulkStream(Gate& gate, const Rule& rule, grpc::CallbackServerContext* context,
             std::chrono::milliseconds patience);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void End() override;
  void Tick(std::chrono::steady_clock::time_point now) override;

  // The answer of the item with that number. Any thread.
  void Answered(std::size_t number, grpc::ByteBuffer reply);
  // Calls `go` when every item before has had its turn; null passes it on.
  // Each item has one. Any thread.
  void InTurn(std::size_t number, std::function<void()> go);
  bool cancelled() const { return cancelled_; }

 private:
  struct Slot {
    bool ready = false;
    grpc::ByteBuffer reply;
  };
  // Does whatever can be done now. Under the mutex.
  void Advance();
  void StartReply();
  void Close(const grpc::Status& status, const Error* error);

  Gate& gate_;
  const Rule& rule_;
  const std::chrono::milliseconds patience_;
  const std::chrono::steady_clock::time_point started_;
  std::optional<Shares::Share> share_;
  Call call_;
  std::string name_;
  std::atomic<bool> cancelled_ = false;

  std::mutex turns_;
  std::size_t turn_ = 0;                                // guarded by turns_
  std::map<std::size_t, std::function<void()>> early_;  // guarded by turns_

  std::mutex mutex_;
  grpc::CallbackServerContext* context_;  // null when the call is done
  std::shared_ptr<BulkStream> self_;      // until OnDone
  std::deque<Slot> slots_;
  std::size_t first_ = 0;  // number of the first slot
  grpc::ByteBuffer incoming_;
  bool reading_ = false;
  bool half_closed_ = false;
  bool ended_ = false;
  bool writing_ = false;
  std::chrono::steady_clock::time_point write_started_;
  bool closed_ = false;
};

}  // namespace seawall::rpc
