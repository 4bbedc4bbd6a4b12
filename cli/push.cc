#include "cli/push.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/errors.h"
#include "cli/text_input.h"
#include "libs/base/text.h"
#include "libs/rpc/errors.h"

namespace seawall::cli {
namespace {

using google::protobuf::FieldDescriptor;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{1'000};

// Of a message's bytes, what a stream puts around a request.
constexpr std::size_t kAround = 64;

// The path of the first text that is no UTF-8; empty = none.
std::string UnreadableText(const google::protobuf::Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  std::string scratch;
  for (const FieldDescriptor* field : fields) {
    const bool many = field->is_repeated();
    const int size = many ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const std::string path =
          field->name() + (many ? "[" + std::to_string(i) + "]" : "");
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        const std::string& text =
            many ? reflection.GetRepeatedStringReference(message, field, i,
                                                         &scratch)
                 : reflection.GetStringReference(message, field, &scratch);
        if (!IsUtf8(text)) return path;
      } else if (field->message_type() != nullptr) {
        const std::string below = UnreadableText(
            many ? reflection.GetRepeatedMessage(message, field, i)
                 : reflection.GetMessage(message, field));
        if (!below.empty()) return path + "." + below;
      }
    }
  }
  return "";
}

// What the lanes share: the source, and the receiver of answers.
template <class Kind>
class Shared {
 public:
  using Item = ItemOf<Kind>;
  using Answer = AnswerOf<Kind>;

  explicit Shared(const PlanOf<Kind>& plan)
      : plan_(plan), last_answer_(std::chrono::steady_clock::now()) {}

  std::optional<Item> Next() {
    const std::lock_guard lock(source_);
    while (!failed()) {
      std::optional<Item> item = plan_.next();
      if (item && !item->unreadable)
        item->unreadable = Unsendable(item->request, Kind::kTooLarge);
      if (!item || !item->unreadable) return item;
      Answered(*item, *item->unreadable);
    }
    return std::nullopt;
  }

  void Answered(const Item& item, const Answer& answer) {
    const std::lock_guard lock(sink_);
    if (!item.unreadable) {
      last_answer_ = std::chrono::steady_clock::now();
      any_ = true;
    }
    plan_.answered(item, answer);
  }

  void Interrupted(const Error& error, std::size_t unanswered) {
    const std::lock_guard lock(sink_);
    if (plan_.interrupted) plan_.interrupted(error, unanswered);
  }

  void Pause(std::chrono::milliseconds time) const { plan_.pause(time); }

  bool OutOfPatience() {
    const std::lock_guard lock(sink_);
    return std::chrono::steady_clock::now() - last_answer_ >
           (any_ ? plan_.patience : plan_.first_patience);
  }

  // The first failure ends every lane.
  void Fail(Error error) {
    const std::lock_guard lock(sink_);
    if (!error_) error_ = std::move(error);
  }
  bool failed() {
    const std::lock_guard lock(sink_);
    return error_.has_value();
  }
  Result<void> result() const {
    return error_ ? Result<void>(*error_) : Result<void>();
  }

 private:
  const PlanOf<Kind>& plan_;
  std::mutex source_;
  std::mutex sink_;
  SteadyTime last_answer_;      // guarded by sink_
  bool any_ = false;            // guarded by sink_
  std::optional<Error> error_;  // guarded by sink_
};

// One stream at a time on one connection.
template <class Kind>
class Lane {
 public:
  Lane(Remote& remote, Shared<Kind>& shared)
      : remote_(remote), shared_(shared) {}

  void Run() {
    std::chrono::milliseconds pause = kFirstPause;
    while (!shared_.failed()) {
      const Result<void> ended = RunStream();
      if (redo_.empty() && drained_) return;
      if (!ended && !IsTransient(ended.error()))
        return shared_.Fail(ended.error());
      const Error why =
          ended ? refusal_.value_or(Interruption()) : ended.error();
      if (shared_.OutOfPatience()) return shared_.Fail(why);
      if (progressed_ || !away_) shared_.Interrupted(why, redo_.size());
      away_ = true;
      pause = progressed_ ? kFirstPause : std::min(2 * pause, kLongestPause);
      shared_.Pause(pause);
    }
  }

 private:
  using Item = ItemOf<Kind>;

  static Error Interruption() {
    return Error{Code::kUnavailable, "NOT_ANSWERED",
                 "the server left items unanswered"};
  }

  // Until the items are used up or the stream breaks; afterwards `redo_` holds
  // what has no final answer.
  Result<void> RunStream() {
    progressed_ = false;
    refusal_.reset();
    const auto bulk = remote_.OpenBulk(
        Kind::kMethod, Kind::Reply::default_instance(),
        [this](const google::protobuf::Message& reply) {
          Reply(static_cast<const typename Kind::Reply&>(reply));
        });
    while (Send(*bulk)) {
    }
    Result<void> ended = bulk->Finish();
    const std::lock_guard lock(mutex_);
    // In the order in which they were sent first.
    for (std::deque<Item>* items : {&sent_, &later_}) {
      redo_.insert(redo_.begin(), std::make_move_iterator(items->begin()),
                   std::make_move_iterator(items->end()));
      items->clear();
    }
    return ended;
  }

  std::optional<Item> Take() {
    if (!redo_.empty()) {
      Item item = std::move(redo_.front());
      redo_.pop_front();
      return item;
    }
    std::optional<Item> item = shared_.Next();
    drained_ = !item;
    return item;
  }

  // Nothing more is sent on a stream that has refused an item for the moment.
  bool MaySend() {
    const std::lock_guard lock(mutex_);
    return later_.empty();
  }

  bool Send(Remote::Bulk& bulk) {
    if (!MaySend()) return false;
    std::optional<Item> item = Take();
    if (!item) return false;
    typename Kind::Item request;
    Kind::In(request) = item->request;
    {
      const std::lock_guard lock(mutex_);
      sent_.push_back(*std::move(item));
    }
    return bulk.Write(request);
  }

  void Reply(const typename Kind::Reply& reply) {
    std::unique_lock lock(mutex_);
    if (sent_.empty()) return;
    Item item = std::move(sent_.front());
    sent_.pop_front();
    if (!reply.has_error()) {
      progressed_ = true;
      lock.unlock();
      return shared_.Answered(item, reply.response());
    }
    Error error = rpc::FromProto(reply.error());
    if (IsTransient(error)) {
      refusal_ = std::move(error);
      return later_.push_back(std::move(item));
    }
    progressed_ = true;
    lock.unlock();
    shared_.Answered(item, std::move(error));
  }

  Remote& remote_;
  Shared<Kind>& shared_;
  bool drained_ = false;
  bool away_ = false;  // nothing was answered since the last interruption
  std::deque<Item> redo_;
  std::mutex mutex_;
  std::deque<Item> sent_;         // guarded by mutex_
  std::deque<Item> later_;        // guarded by mutex_: refused for the moment
  std::optional<Error> refusal_;  // guarded by mutex_: why
  bool progressed_ = false;       // guarded by mutex_
};

}  // namespace

Note LeftOut(const FieldError& field) {
  return {kTimeUnreadable, field.path, field.description + "; left out"};
}

Note FromWindows1252(const std::string& path) {
  return {kReadAsWindows1252, path,
          "is no UTF-8 and was read as Windows-1252; look at the names in it, "
          "or save the file as UTF-8"};
}

std::string NotesJson(const std::vector<Note>& notes) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Note& note : notes)
    list.push_back({{"reason", note.reason},
                    {"path", note.path},
                    {"description", note.description}});
  return list.dump();
}

std::optional<Error> Unsendable(const google::protobuf::Message& message,
                                const char* too_large) {
  const std::size_t bytes = message.ByteSizeLong() + kAround;
  if (bytes > kLargestMessage)
    return Error{Code::kInvalidArgument, too_large,
                 "has " + std::to_string(bytes) + " bytes; a server takes " +
                     std::to_string(kLargestMessage) + " in one message"};
  if (const std::string path = UnreadableText(message); !path.empty())
    return Error{Code::kInvalidArgument,
                 "MALFORMED",
                 "is no UTF-8",
                 {{path, "is no UTF-8"}}};
  return std::nullopt;
}

template <class Kind>
Result<void> Push(const std::vector<Remote*>& lanes, const PlanOf<Kind>& plan) {
  Shared<Kind> shared(plan);
  std::vector<std::thread> threads;
  for (Remote* remote : lanes)
    threads.emplace_back(
        [remote, &shared] { Lane<Kind>(*remote, shared).Run(); });
  for (std::thread& thread : threads) thread.join();
  return shared.result();
}

template Result<void> Push(const std::vector<Remote*>& lanes,
                           const PlanOf<Contacts>& plan);
template Result<void> Push(const std::vector<Remote*>& lanes,
                           const PlanOf<Children>& plan);
template Result<void> Push(const std::vector<Remote*>& lanes,
                           const PlanOf<WaitingEvents>& plan);

}  // namespace seawall::cli
