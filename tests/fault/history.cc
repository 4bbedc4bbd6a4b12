#include "tests/fault/history.h"

#include <deque>
#include <set>

#include "libs/ledger/batch.h"
#include "libs/rpc/errors.h"
#include "tests/support/eventually.h"

namespace seawall::support {
namespace {

constexpr std::size_t kItemsAStream = 150;
constexpr std::size_t kSampled = 60;
// Who pushes here: kPolice and kSchool.
const ledger::Actor kSenders[] = {{"police", "push", "referrer", ""},
                                  {"school", "push", "referrer", ""}};

// What was surely not stored.
bool IsRefusal(const Error& error) {
  return error.code == Code::kInvalidArgument ||
         error.code == Code::kPermissionDenied ||
         error.code == Code::kResourceExhausted;
}

std::string ContactOf(const std::string& answer) {
  pb::SubmitContactResponse response;
  response.ParseFromString(answer);
  return response.receipts_size() == 1 ? response.receipts(0).contact_id() : "";
}

std::set<std::string> Column(const Stack& stack, const std::string& query) {
  std::set<std::string> values;
  for (const auto& row : stack.Rows(query)) values.insert(row[0]);
  return values;
}

}  // namespace

pb::SubmitContactRequest History::RequestOf(const std::string& request_id,
                                            const Push& push) const {
  auto request = TestRequest(push.number, request_id);
  if (!push.good) request.clear_form();
  return request;
}

pb::SubmitContactRequest History::Next(const std::string& sender) {
  std::lock_guard lock(mutex_);
  const int number = ++last_;
  const std::string id = sender + "-" + std::to_string(number);
  Push& push = pushes_[id];
  push.number = number;
  push.good = number % 10 != 0;
  return RequestOf(id, push);
}

void History::Acknowledged(const std::string& request_id,
                           const pb::SubmitContactResponse& response) {
  std::lock_guard lock(mutex_);
  Push& push = pushes_.at(request_id);
  const std::string bytes = response.SerializeAsString();
  if (!push.good) violations_.push_back(request_id + " should be refused");
  if (push.refused) violations_.push_back(request_id + " was refused before");
  if (!push.answer.empty() && push.answer != bytes)
    violations_.push_back(request_id + " got two different answers");
  push.answer = bytes;
}

void History::Failed(const std::string& request_id, const Error& error) {
  if (!IsRefusal(error)) return;
  std::lock_guard lock(mutex_);
  Push& push = pushes_.at(request_id);
  if (push.good && error.reason != "QUEUE_FULL")
    violations_.push_back(request_id + " was refused: " + Say(error));
  if (push.good) return;  // sent again later
  push.refused = true;
}

void History::Violation(const std::string& what) {
  std::lock_guard lock(mutex_);
  violations_.push_back(what);
}

std::size_t History::acknowledged() const {
  std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [id, push] : pushes_) count += !push.answer.empty();
  return count;
}

std::size_t History::refused() const {
  std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [id, push] : pushes_) count += push.refused;
  return count;
}

std::size_t History::unknown() const {
  std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [id, push] : pushes_)
    count += push.answer.empty() && !push.refused;
  return count;
}

std::string History::Check(const Stack& stack) const {
  // Answers lie under a keyed hash of the sender and its id.
  const auto keys = Column(stack, "select request from answers");
  const auto sealer = seal::Sealer::Load({stack.seal_key_file()});
  if (!sealer) return "sealing key: " + sealer.error().message;
  const auto contacts = Column(stack, "select contact_id from contacts");
  std::lock_guard lock(mutex_);
  std::string wrong;
  const auto blame = [&](const std::string& id, const char* what) {
    wrong += id + " " + what + "\n";
  };
  for (const std::string& violation : violations_) wrong += violation + "\n";
  std::set<std::string> stored;
  for (const auto& [id, push] : pushes_) {
    for (const ledger::Actor& sender : kSenders) {
      if (keys.count(ledger::RequestKeys(*sealer, sender, id).front()))
        stored.insert(id);
    }
  }
  if (stored.size() != keys.size()) wrong += "an answer nobody asked for\n";
  if (keys.size() != contacts.size()) {
    wrong += std::to_string(keys.size()) + " requests stored, but " +
             std::to_string(contacts.size()) + " contacts\n";
  }
  std::set<std::string> acknowledged;
  for (const auto& [id, push] : pushes_) {
    if (!push.good && stored.count(id)) blame(id, "is bad, but stored");
    if (push.answer.empty()) continue;
    if (!stored.count(id)) blame(id, "was acknowledged, but is lost");
    const std::string contact = ContactOf(push.answer);
    if (!contacts.count(contact)) blame(id, "has no contact");
    if (!acknowledged.insert(contact).second)
      blame(id, "shares its contact with another request");
  }
  return wrong + WhatIsWrong(stack);
}

std::string History::Settle(const Stack& stack, const std::string& caller) {
  const auto client = stack.As(caller);
  std::vector<pb::SubmitContactRequest> again;
  {
    std::lock_guard lock(mutex_);
    const std::size_t step = pushes_.size() / kSampled + 1;
    std::size_t i = 0;
    for (const auto& [id, push] : pushes_) {
      const bool sampled = i++ % step == 0;
      if (push.answer.empty() || sampled) again.push_back(RequestOf(id, push));
    }
  }
  for (const auto& request : again) {
    const auto answer = Submit(*client, request);
    if (answer) {
      Acknowledged(request.request_id(), *answer);
    } else {
      Failed(request.request_id(), answer.error());
    }
  }
  std::string wrong = Check(stack);
  if (unknown() > 0) wrong += "something is still unknown\n";
  return wrong;
}

// ---- pushing ----

Load::Load(const Stack& stack, History& history, LoadSettings settings)
    : stack_(stack), history_(history), settings_(std::move(settings)) {
  const int all = settings_.callers + settings_.streams;
  for (int i = 0; i < all; i++) {
    rpc::ClientSettings settings = stack.SettingsOf(settings_.caller);
    // Half of those that push one by one do not retry by themselves, so that
    // outcomes stay unknown.
    settings.wait_for_ready = i >= settings_.callers || i % 2 == 0;
    settings.timeout = std::chrono::seconds(5);
    auto client = rpc::Client::Connect(settings);
    if (client) clients_.push_back(*std::move(client));
  }
  for (int i = 0; i < all; i++) {
    threads_.emplace_back([this, i] {
      i < settings_.callers ? CallOneByOne(i) : PushStreams(i);
    });
  }
}

void Load::Stop() {
  stopping_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Load::CallOneByOne(int number) {
  rpc::Client& client = *clients_[static_cast<std::size_t>(number)];
  // Waits until the service is back.
  const auto patient = stack_.As(settings_.caller);
  const std::string sender = settings_.name + "-" + std::to_string(number);
  while (!stopping_) {
    const auto request = history_.Next(sender);
    // Every third is not sent again.
    const int attempts = request.request_id().back() % 3 == 0 ? 1 : 20;
    for (int i = 0; i < attempts; i++) {
      const auto answer = Submit(client, request);
      if (answer) {
        history_.Acknowledged(request.request_id(), *answer);
        break;
      }
      history_.Failed(request.request_id(), answer.error());
      if (answer.error().code == Code::kInvalidArgument) break;
      Eventually([&] { return stopping_ || patient->Healthy(); },
                 std::chrono::seconds(5));
    }
  }
}

void Load::PushStreams(int number) {
  rpc::Client& client = *clients_[static_cast<std::size_t>(number)];
  const std::string sender = settings_.name + "-" + std::to_string(number);
  std::mutex mutex;
  std::deque<pb::SubmitContactRequest> unanswered;  // guarded by mutex
  // Answered with an error that may pass; guarded by mutex.
  std::deque<pb::SubmitContactRequest> again;
  const auto take = [&](const google::protobuf::Message& message) {
    const auto& reply = static_cast<const pb::SubmitContactsResponse&>(message);
    std::lock_guard lock(mutex);
    if (unanswered.empty() ||
        unanswered.front().request_id() != reply.request_id()) {
      history_.Violation(
          "stream: an answer out of order: " + reply.request_id() + ", not " +
          (unanswered.empty() ? "any" : unanswered.front().request_id()));
      return;
    }
    if (reply.has_response()) {
      history_.Acknowledged(reply.request_id(), reply.response());
    } else {
      const Error error = rpc::FromProto(reply.error());
      history_.Failed(reply.request_id(), error);
      if (error.code != Code::kInvalidArgument)
        again.push_back(unanswered.front());
    }
    unanswered.pop_front();
  };
  while (!stopping_) {
    std::deque<pb::SubmitContactRequest> items;
    Eventually([&] { return stopping_ || client.Healthy(); },
               std::chrono::seconds(5));
    {
      std::lock_guard lock(mutex);
      for (auto& request : again) unanswered.push_back(std::move(request));
      again.clear();
      while (unanswered.size() < kItemsAStream)
        unanswered.push_back(history_.Next(sender));
      items = unanswered;
    }
    const auto stream = client.OpenBulk(
        kSubmitBulk, pb::SubmitContactsResponse::default_instance(), take);
    for (auto& item : items) {
      pb::SubmitContactsRequest wrapped;
      *wrapped.mutable_contact() = std::move(item);
      if (!stream->Write(wrapped)) break;
    }
    const auto ended = stream->Finish();
    std::lock_guard lock(mutex);
    if (ended && !unanswered.empty())
      history_.Violation("stream: ended well without all answers");
  }
}

}  // namespace seawall::support
