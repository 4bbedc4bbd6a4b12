// Gate: the one way into every handler. In this order: who, may they, how long,
// parse, area, call, how it went.
//
// The first three run on grpc's threads and look at nothing but the certificate
// and the metadata; the rest runs on the Gate's pools. A write is answered
// after its commit; what shows a person, after its access entry is on disk
// (ACCESS_LOG, kUnavailable, where that fails).
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>

#include "libs/base/codes.h"
#include "libs/ledger/ledger.h"
#include "libs/rpc/call.h"
#include "libs/rpc/observe.h"
#include "libs/rpc/policy.h"
#include "libs/rpc/pool.h"
#include "libs/rpc/register.h"
#include "libs/rpc/shares.h"
#include "libs/seal/seal.h"
#include "libs/store/database.h"

namespace seawall::rpc {

// What a request, and its metadata, may have. The transport takes more, so that
// a sender is told by a typed error and a stream goes on.
inline constexpr std::size_t kMostRequestBytes = 256 * 1024;
inline constexpr std::size_t kMostMetadataBytes = 8 * 1024;

class Gate;

// One request on its way: a unary call, or an item of a bulk stream. Answered
// exactly once.
class Exchange : public Job, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(Gate& gate, const Rule& rule, Call call, grpc::ByteBuffer bytes)
      : gate_(gate),
        rule_(rule),
        call_(std::move(call)),
        bytes_(std::move(bytes)) {}

  void Run() override;

  // Counts, then replies. Any thread.
  void Answer(Result<std::string> answer);

  const Rule& rule() const { return rule_; }
  // Set for an item: the stream's own rule.
  virtual const Rule* bulk() const { return nullptr; }
  // The name behind the certificate, to be asked again; empty if that was done
  // just now.
  virtual std::string recheck() const { return {}; }
  // The caller is known to have left.
  virtual bool Gone() const { return false; }
  // Hands a prepared unit to the ledger.
  virtual void Submit(ledger::Write write);
  Call& call() { return call_; }
  const grpc::ByteBuffer& bytes() const { return bytes_; }
  // Kept until it is answered.
  void Hold(Shares::Share share) { share_.emplace(std::move(share)); }

 protected:
  // Gives the answer to the transport, and counts it.
  virtual void Reply(Result<std::string> answer) = 0;
  Gate& gate_;

 private:
  const Rule& rule_;
  Call call_;
  grpc::ByteBuffer bytes_;
  std::optional<Shares::Share> share_;
};

// Thread-safe. What it bounds it bounds for each agency by itself: calls and
// their bytes, streams, threads that read for it, refusals that are logged.
class Gate {
 public:
  struct Parts {
    const Register& agencies;
    std::string trust_domain;
    const CodeSets& codes;
    const Clock& clock;
    const seal::Sealer& sealer;
    store::Database& database;
    ledger::Ledger& ledger;
    Observer& observer;
    int workers = 2;
    std::size_t queue_limit = 1024;  // of one agency
  };
  explicit Gate(Parts parts);

  // Who, may they, how long. Fills `call` as far as it came, so that a refusal
  // can be put down to the caller.
  Result<void> Admit(const Rule& rule,
                     const grpc::CallbackServerContext& context, Call& call);
  // The same caller again, for an item or a page: not suspended since. On an
  // error the caller stays as it was.
  Result<void> Recheck(const std::string& name, const Rule& rule,
                       const google::protobuf::Message& request, Call& call);

  // Queues the exchange, or answers QUEUE_FULL or REQUEST_TOO_LARGE.
  void Send(std::shared_ptr<Exchange> exchange);
  // Logs in the background that a call was not admitted: in the area that its
  // request names, or, where it has none yet, in the caller's own.
  void NoteRefusal(const Rule& rule, const Call& call,
                   const grpc::ByteBuffer* bytes, const std::string& reason);
  // Answers a call that was not admitted.
  void Refuse(const std::shared_ptr<Exchange>& exchange, const Error& error);
  // For server streams: a job on the pool for reads.
  bool Post(const std::string& agency, std::shared_ptr<Job> job) {
    return reads_.Post(agency, std::move(job));
  }
  // A stream of the agency may be opened: QUEUE_FULL where it has too many.
  Result<Shares::Share> OpenStream(const Call& call);

  // Reads the area out of a request and checks it against the caller's.
  Result<void> CheckArea(const Rule& rule,
                         const google::protobuf::Message& request, Call& call);
  // Writes the access entry of what was shown, then calls `done`.
  void LogAccess(const Call& call, const Grant* grant,
                 std::vector<std::string> shown,
                 std::function<void(Result<void>)> done);
  // Best effort, in the background: a refusal of a caller that is known.
  void LogRefusal(const Call& call, const std::string& reason);

  // Finishes what is queued.
  void Stop();

  Parts& parts() { return parts_; }

 private:
  friend class Exchange;
  // Everything from parsing on; on a pool's thread.
  void Handle(Exchange& exchange);
  Result<void> Pass(Exchange& exchange);
  Result<void> Write(Exchange& exchange,
                     const google::protobuf::Message& request);
  Result<void> ReadPerson(Exchange& exchange,
                          const google::protobuf::Message& request);
  Result<void> Read(Exchange& exchange,
                    const google::protobuf::Message& request);
  // Answers once the access entry of what is shown is on disk.
  void Show(Exchange& exchange, const Grant* grant,
            std::vector<std::string> shown, std::string answer);
  Result<Grant> CheckPurpose(const Rule& rule,
                             const google::protobuf::Message& request) const;
  // Of a call whose area is known.
  void NoteRefusal(const Call& call, const std::string& reason);
  bool MayLogRefusal(const std::string& agency);

  Parts parts_;
  std::mutex mutex_;
  std::int64_t second_ = 0;  // guarded by mutex_
  // Entries of this second, by agency; guarded by mutex_.
  std::unordered_map<std::string, int> entries_;
  Shares calls_;
  Shares streams_;
  Pool writes_;
  Pool reads_;
  Pool slow_;
};

// Parses bytes into `message`. MALFORMED (kInvalidArgument).
Result<void> Parse(const grpc::ByteBuffer& bytes,
                   google::protobuf::Message& message);

}  // namespace seawall::rpc
