// FollowStream: a server stream that tells pages from a position on, then waits
// for commits and goes on.
//
// One page is under way at a time: read in a snapshot of its own, its range
// written to the access log, then sent. The caller is looked up again before
// each page. Ends with OK at an age below that of a connection; the follower
// comes again with its last position.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>

#include "libs/rpc/gate.h"
#include "libs/rpc/streams.h"

namespace seawall::rpc {

class FollowStream : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                     public Stream,
                     public std::enable_shared_from_this<FollowStream> {
 public:
  struct Bounds {
    std::chrono::milliseconds patience{30'000};  // for a page to be taken
    std::chrono::milliseconds age{25 * 60'000};
  };

  // The reactor of a call that has just come; it looks after its own life.
  static FollowStream* Open(Gate& gate, Streams& streams, const Rule& rule,
                            grpc::CallbackServerContext* context,
                            const grpc::ByteBuffer& bytes, Bounds bounds);

  FollowStream(Gate& gate, const Rule& rule,
               grpc::CallbackServerContext* context, Bounds bounds);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void End() override;
  void Tick(std::chrono::steady_clock::time_point now) override;

 private:
  class Step;
  // Reads the next page; on a pool's thread.
  void Run();
  Result<std::optional<Page>> Next();
  void Send(Page page, Result<void> logged);
  // Under the mutex.
  void Advance();
  void Fail(const Error& error);
  void Close(const grpc::Status& status, const Error* error);

  Gate& gate_;
  const Rule& rule_;
  const Bounds bounds_;
  const std::chrono::steady_clock::time_point started_;
  // Of the one step that is under way.
  std::optional<Shares::Share> share_;
  Call call_;
  std::string name_;
  grpc::ByteBuffer bytes_;
  std::unique_ptr<google::protobuf::Message> request_;
  std::optional<std::int64_t> position_;

  std::mutex mutex_;
  grpc::CallbackServerContext* context_;
  std::shared_ptr<FollowStream> self_;
  grpc::ByteBuffer outgoing_;
  bool stepping_ = false;  // from Post until the page is sent
  bool writing_ = false;
  bool wanted_ = true;  // something may have happened since the last step
  bool ended_ = false;
  bool cancelled_ = false;
  bool aged_ = false;
  bool closed_ = false;
  std::chrono::steady_clock::time_point write_started_;
};

}  // namespace seawall::rpc
