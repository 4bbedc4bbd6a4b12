#include "libs/rpc/gate.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/slice.h>
#include <seawall/common/v1/purpose.pb.h>

#include "libs/base/civil.h"
#include "libs/log/log.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/request_hash.h"

namespace seawall::rpc {
namespace {

using google::protobuf::Arena;
using google::protobuf::Message;

constexpr std::size_t kRequestIdSize = 64;
// As many as the store has readers; half of them for one agency, for a read may
// last a second.
constexpr int kReadThreads = 4;
constexpr int kReadsOfOne = 2;
// A check of all counters may take a minute; figures must not wait for it, nor
// for another's.
constexpr int kSlowThreads = 3;
constexpr int kSlowOfOne = 1;
constexpr int kSlowLine = 8;
constexpr std::size_t kStreamsOfOne = 128;
constexpr int kRefusalsLogged = 20;  // a second, of one agency

Error Field(Code code, const char* reason, const std::string& path,
            const char* message) {
  return Error{code, reason, message, {{path, message}}};
}

Error QueueFull() {
  return Error{Code::kResourceExhausted,
               "QUEUE_FULL",
               "the service is at its limit; try again after the delay given",
               {},
               std::chrono::milliseconds(200)};
}

Error RoleNotAllowed(const Call& call) {
  return Error{Code::kPermissionDenied, "ROLE_NOT_ALLOWED",
               std::string("the role ") + NameOf(call.caller.role) +
                   " may not call " + call.method};
}

bool IsRequestId(const std::string& id) {
  return !id.empty() && id.size() <= kRequestIdSize &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return c >= ' ' && c < 0x7f; });
}

bool Has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::string Text(const Message& message,
                 const google::protobuf::FieldDescriptor* field) {
  return message.GetReflection()->GetString(message, field);
}

Error RequestTooLarge(std::size_t bytes) {
  return Error{Code::kInvalidArgument,
               "REQUEST_TOO_LARGE",
               "the request is too large, and will be whenever it is sent; "
               "shorten it or send its parts by themselves",
               {{"", std::to_string(bytes) + " bytes; at most " +
                         std::to_string(kMostRequestBytes)}}};
}

Result<void> CheckMetadata(const grpc::CallbackServerContext& context) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : context.client_metadata()) {
    bytes += key.size() + value.size();
  }
  if (bytes <= kMostMetadataBytes) return {};
  return Error{Code::kInvalidArgument,
               "METADATA_TOO_LARGE",
               "the call's metadata are too large",
               {{"metadata", std::to_string(bytes) + " bytes; at most " +
                                 std::to_string(kMostMetadataBytes)}}};
}

// The text or message that the field of that number holds, the rest unread.
std::string FieldOf(const std::string& bytes, int number) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(
      reinterpret_cast<const std::uint8_t*>(bytes.data()),
      static_cast<int>(bytes.size()));
  for (std::uint32_t tag = in.ReadTag(); tag != 0; tag = in.ReadTag()) {
    std::uint32_t size = 0;
    std::string value;
    if (tag == WireFormatLite::MakeTag(
                   number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED)) {
      const bool read = in.ReadVarint32(&size) &&
                        in.ReadString(&value, static_cast<int>(size));
      return read ? value : "";
    }
    if (!WireFormatLite::SkipField(&in, tag)) break;
  }
  return {};
}

// The request id of an item that is not parsed, so that its sender can tell
// which it was.
std::string PeekId(const Exchange& exchange) {
  const Rule* bulk = exchange.bulk();
  grpc::Slice slice;
  if (!bulk || !exchange.rule().request_id ||
      !exchange.bytes().DumpToSingleSlice(&slice).ok()) {
    return {};
  }
  const std::string bytes(reinterpret_cast<const char*>(slice.begin()),
                          slice.size());
  return FieldOf(FieldOf(bytes, bulk->item->number()),
                 exchange.rule().request_id->number());
}

// A refusal whose request nobody parsed: finds the area it was meant for.
class RefusalJob : public Job {
 public:
  RefusalJob(Gate& gate, const Rule& rule, Call call, grpc::ByteBuffer bytes,
             std::string reason)
      : gate_(gate),
        rule_(rule),
        call_(std::move(call)),
        bytes_(std::move(bytes)),
        reason_(std::move(reason)) {}
  void Run() override {
    if (!rule_.area) return;
    Arena arena;
    Message* request = rule_.binding.request->New(&arena);
    if (!Parse(bytes_, *request)) return;
    call_.area = Text(*request, rule_.area);
    gate_.LogRefusal(call_, reason_);
  }

 private:
  Gate& gate_;
  const Rule& rule_;
  Call call_;
  grpc::ByteBuffer bytes_;
  std::string reason_;
};

}  // namespace

Result<void> Parse(const grpc::ByteBuffer& bytes, Message& message) {
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() &&
      !bytes.DumpToSingleSlice(&slice).ok())
    slice = grpc::Slice();
  if (bytes.Valid() &&
      message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    return {};
  }
  return Error{Code::kInvalidArgument, "MALFORMED",
               "the bytes are no " + message.GetDescriptor()->full_name() +
                   " (texts must be UTF-8)"};
}

// ---- one exchange ----

void Exchange::Run() { gate_.Handle(*this); }

void Exchange::Submit(ledger::Write write) {
  gate_.parts().ledger.Submit(std::move(write));
}

void Exchange::Answer(Result<std::string> answer) {
  if (!answer) gate_.parts().observer.Refused(rule_, call_, answer.error());
  Reply(std::move(answer));
}

// ---- on grpc's threads ----

Gate::Gate(Parts parts)
    : parts_(std::move(parts)),
      calls_({.calls = parts_.queue_limit}),
      streams_({.calls = kStreamsOfOne}),
      writes_(parts_.workers, parts_.queue_limit),
      reads_(kReadThreads, parts_.queue_limit, kReadsOfOne),
      slow_(kSlowThreads, kSlowLine, kSlowOfOne) {}

Result<void> Gate::Admit(const Rule& rule,
                         const grpc::CallbackServerContext& context,
                         Call& call) {
  call.method = rule.name;
  call.trace_id = TraceId(context);
  TRY(const std::string name, PeerName(context));
  auto caller = parts_.agencies.Identify(name, parts_.trust_domain);
  if (!caller) {
    call.caller = parts_.agencies.Suspended(name, parts_.trust_domain);
    call.caller.person = Person(context).value_or("");
    return std::move(caller).error();
  }
  call.caller = *std::move(caller);
  TRY(call.caller.person, Person(context));
  TRY_VOID(CheckMetadata(context));
  if (!rule.Allows(call.caller.role)) return RoleNotAllowed(call);
  if (rule.person_required && call.caller.person.empty())
    return PersonRequired();
  TRY(call.deadline, Deadline(context));
  return {};
}

Result<void> Gate::Recheck(const std::string& name, const Rule& rule,
                           const Message& request, Call& call) {
  auto caller = parts_.agencies.Identify(name, parts_.trust_domain);
  if (!caller) {
    call.area = Text(request, rule.area);
    NoteRefusal(call, caller.error().reason);
    return std::move(caller).error();
  }
  caller->person = std::move(call.caller.person);
  call.caller = *std::move(caller);
  return {};
}

void Gate::Send(std::shared_ptr<Exchange> exchange) {
  // Before it waits: a queue of such would hold gibibytes.
  if (const std::size_t bytes = exchange->bytes().Length();
      bytes > kMostRequestBytes) {
    if (std::string id = PeekId(*exchange); IsRequestId(id)) {
      exchange->call().request_id = std::move(id);
    }
    return exchange->Answer(RequestTooLarge(bytes));
  }
  const std::string& agency = exchange->call().caller.agency;
  auto share = calls_.Take(agency, exchange->bytes().Length());
  if (!share) return exchange->Answer(QueueFull());
  exchange->Hold(*std::move(share));
  const Methods::Method& binding = exchange->rule().binding;
  Pool& pool = binding.prepare ? writes_ : binding.slow ? slow_ : reads_;
  if (!pool.Post(agency, exchange)) exchange->Answer(QueueFull());
}

Result<Shares::Share> Gate::OpenStream(const Call& call) {
  auto share = streams_.Take(call.caller.agency, 0);
  if (!share) return QueueFull();
  return *std::move(share);
}

void Gate::Refuse(const std::shared_ptr<Exchange>& exchange,
                  const Error& error) {
  NoteRefusal(exchange->rule(), exchange->call(), &exchange->bytes(),
              error.reason);
  exchange->Answer(error);
}

void Gate::NoteRefusal(const Rule& rule, const Call& call,
                       const grpc::ByteBuffer* bytes,
                       const std::string& reason) {
  const std::string& agency = call.caller.agency;
  if (agency.empty() || !MayLogRefusal(agency)) return;
  if (bytes) {
    reads_.Post(agency, std::make_shared<RefusalJob>(*this, rule, call, *bytes,
                                                     reason));
    return;
  }
  Call refused = call;
  for (const std::string& area : call.caller.areas) {
    refused.area = area;
    LogRefusal(refused, reason);
  }
}

void Gate::NoteRefusal(const Call& call, const std::string& reason) {
  if (MayLogRefusal(call.caller.agency)) LogRefusal(call, reason);
}

void Gate::Stop() {
  writes_.Stop();
  reads_.Stop();
  slow_.Stop();
}

// ---- on the pools ----

void Gate::Handle(Exchange& exchange) {
  try {
    if (auto passed = Pass(exchange); !passed)
      exchange.Answer(std::move(passed).error());
  } catch (const std::exception& exception) {
    // What a library threw where nobody expected it. Its text may quote data.
    log::Fail("handler threw", {{"method", exchange.rule().name}});
    exchange.Answer(Error{Code::kInternal, "INTERNAL",
                          "a fault of the server; it is in its log"});
  }
}

Result<void> Gate::Pass(Exchange& exchange) {
  const Rule& rule = exchange.rule();
  Call& call = exchange.call();
  if (exchange.Gone())
    return Error{Code::kAborted, "CANCELLED", "the caller went away"};
  if (std::chrono::steady_clock::now() > call.deadline)
    return DeadlineTooShort();
  const Rule* bulk = exchange.bulk();
  Arena arena;
  Message* message = (bulk ? bulk : &rule)->binding.request->New(&arena);
  TRY_VOID(Parse(exchange.bytes(), *message));
  const Message& request =
      bulk ? message->GetReflection()->GetMessage(*message, bulk->item)
           : *message;
  if (rule.request_id) {
    std::string id = Text(request, rule.request_id);
    if (IsRequestId(id)) call.request_id = std::move(id);
  }
  if (const std::string name = exchange.recheck(); !name.empty())
    TRY_VOID(Recheck(name, rule, request, call));
  TRY_VOID(CheckArea(rule, request, call));
  if (auto checked = rule.keys.Check(request); !checked) {
    NoteRefusal(call, checked.error().reason);
    return checked;
  }
  switch (rule.effect) {
    case Effect::kWrite:
      return Write(exchange, request);
    case Effect::kReadPerson:
      return ReadPerson(exchange, request);
    case Effect::kRead:
      return Read(exchange, request);
  }
  return {};
}

Result<void> Gate::CheckArea(const Rule& rule, const Message& request,
                             Call& call) {
  call.area = Text(request, rule.area);
  if (call.area.empty()) {
    return Field(Code::kInvalidArgument, "AREA_REQUIRED", "area",
                 "every request names exactly one area");
  }
  if (!Has(call.caller.areas, call.area)) {
    NoteRefusal(call, "AREA_NOT_ALLOWED");
    return Field(Code::kPermissionDenied, "AREA_NOT_ALLOWED", "area",
                 "the area is not one of the caller's");
  }
  return {};
}

Result<void> Gate::Write(Exchange& exchange, const Message& request) {
  const Rule& rule = exchange.rule();
  const Call& call = exchange.call();
  if (call.request_id.empty()) {
    return Field(Code::kInvalidArgument, "REQUEST_ID_REQUIRED", "request_id",
                 "must be 1 to 64 printable characters");
  }
  auto work = rule.binding.prepare(call, request);
  if (!work) {
    NoteRefusal(call, work.error().reason);
    return std::move(work).error();
  }
  std::vector<std::string> hashes =
      RequestHashes(parts_.sealer, rule.name, request);
  ledger::Write write;
  write.area = call.area;
  write.access.actor = call.caller.actor();
  write.access.action = rule.name;
  write.request_id = call.request_id;
  write.request_hash = std::move(hashes.front());
  write.older_hashes = {std::next(hashes.begin()), hashes.end()};
  write.work = *std::move(work);
  write.deadline = call.deadline;
  write.done = [self = exchange.shared_from_this()](Result<std::string> answer,
                                                    bool) {
    self->Answer(std::move(answer));
  };
  exchange.Submit(std::move(write));
  return {};
}

Result<Grant> Gate::CheckPurpose(const Rule& rule,
                                 const Message& request) const {
  const auto& purpose = static_cast<const common::v1::Purpose&>(
      request.GetReflection()->GetMessage(request, rule.purpose));
  const Date today = CivilDate(parts_.clock.Now());
  if (!parts_.codes.Valid("purpose", purpose.purpose(), today)) {
    return Field(Code::kInvalidArgument, "PURPOSE_REQUIRED", "purpose.purpose",
                 "must be one of the known purposes");
  }
  if (!parts_.codes.Valid("lawful_basis", purpose.lawful_basis(), today)) {
    return Field(Code::kInvalidArgument, "PURPOSE_REQUIRED",
                 "purpose.lawful_basis",
                 "must be one of the known lawful bases");
  }
  return Grant(purpose.purpose(), purpose.lawful_basis());
}

Result<void> Gate::ReadPerson(Exchange& exchange, const Message& request) {
  const Rule& rule = exchange.rule();
  const Call& call = exchange.call();
  const Result<Grant> checked = CheckPurpose(rule, request);
  if (!checked) {
    NoteRefusal(call, checked.error().reason);
    return checked.error();
  }
  const Grant& grant = *checked;
  std::vector<std::string> shown;
  Result<std::string> answer = [&]() -> Result<std::string> {
    TRY(store::Reader reader, parts_.database.Read());
    Reading reading(call, reader, &grant);
    auto read = rule.binding.read(reading, request);
    shown = reading.shown();
    return read;
  }();
  if (!answer) {
    NoteRefusal(call, answer.error().reason);
    return std::move(answer).error();
  }
  Show(exchange, &grant, std::move(shown), *std::move(answer));
  return {};
}

void Gate::Show(Exchange& exchange, const Grant* grant,
                std::vector<std::string> shown, std::string answer) {
  LogAccess(exchange.call(), grant, std::move(shown),
            [self = exchange.shared_from_this(),
             bytes = std::move(answer)](Result<void> logged) mutable {
              if (!logged) return self->Answer(std::move(logged).error());
              self->Answer(std::move(bytes));
            });
}

Result<void> Gate::Read(Exchange& exchange, const Message& request) {
  const Methods::Method& binding = exchange.rule().binding;
  const Call& call = exchange.call();
  if (binding.ask) {
    TRY(std::string answer, binding.ask(call, request));
    exchange.Answer(std::move(answer));
    return {};
  }
  std::vector<std::string> shown;
  Result<std::string> answer = [&]() -> Result<std::string> {
    TRY(store::Reader reader, parts_.database.Read());
    Reading reading(call, reader, nullptr);
    auto read = binding.read(reading, request);
    shown = reading.shown();
    return read;
  }();
  if (!answer || !exchange.rule().logged) {
    exchange.Answer(std::move(answer));
    return {};
  }
  Show(exchange, nullptr, std::move(shown), *std::move(answer));
  return {};
}

// ---- the access log ----

void Gate::LogAccess(const Call& call, const Grant* grant,
                     std::vector<std::string> shown,
                     std::function<void(Result<void>)> done) {
  ledger::Write write;
  write.area = call.area;
  write.access.actor = call.caller.actor();
  write.access.action = call.method;
  write.access.subjects = std::move(shown);
  if (grant) {
    write.access.purpose = grant->purpose();
    write.access.lawful_basis = grant->lawful_basis();
  }
  write.priority = true;
  write.done = [done = std::move(done)](Result<std::string> answer, bool) {
    if (answer) return done({});
    done(Error{Code::kUnavailable, "ACCESS_LOG",
               "the access entry could not be written, so nothing is shown; "
               "try again"});
  };
  parts_.ledger.Submit(std::move(write));
}

void Gate::LogRefusal(const Call& call, const std::string& reason) {
  // An area that nobody belongs to has no log of its own.
  if (!parts_.agencies.HasArea(call.area)) return;
  ledger::Write write;
  write.area = call.area;
  write.access.actor = call.caller.actor();
  write.access.action = call.method;
  write.access.outcome = reason;
  write.done = [](Result<std::string>, bool) {};
  parts_.ledger.Submit(std::move(write));
}

bool Gate::MayLogRefusal(const std::string& agency) {
  const std::int64_t second =
      std::chrono::duration_cast<std::chrono::seconds>(
          std::chrono::steady_clock::now().time_since_epoch())
          .count();
  std::lock_guard lock(mutex_);
  if (second != second_) {
    second_ = second;
    entries_.clear();
  }
  return ++entries_[agency] <= kRefusalsLogged;
}

}  // namespace seawall::rpc
