// FakeServer: a server for tests of commands. It answers what it was told, can
// break streams, and remembers what it was asked.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cli/errors.h"
#include "cli/push.h"
#include "cli/remote.h"
#include "libs/rpc/errors.h"

namespace seawall::cli {

// Thread-safe once calls begin; the settings are made before.
class FakeServer {
 public:
  using Message = google::protobuf::Message;
  using Reply = std::function<void(const Message&)>;
  using Handler = std::function<Result<void>(const Message&, Message&)>;

  // Answers a method; a method without an answer is UNAVAILABLE, like a server
  // that is not there.
  template <class Request, class Response>
  void On(const char* method,
          std::function<Result<Response>(const Request&)> answer) {
    handlers_[method] = [answer](const Message& request,
                                 Message& response) -> Result<void> {
      TRY(const Response made, answer(static_cast<const Request&>(request)));
      response.CopyFrom(made);
      return {};
    };
  }
  // Answers every item of bulk streams that carry this kind.
  template <class Kind = Contacts>
  void OnBulk(
      std::function<AnswerOf<Kind>(const typename Kind::Request&)> answer) {
    bulks_[Kind::kMethod] = [answer](const Message& sent, const Reply& reply) {
      auto item = static_cast<const typename Kind::Item&>(sent);
      const auto& request = Kind::In(item);
      typename Kind::Reply out;
      out.set_request_id(request.request_id());
      auto response = answer(request);
      if (response)
        *out.mutable_response() = *response;
      else
        *out.mutable_error() = rpc::ToProto(response.error());
      if (reply) reply(out);
    };
  }
  // The n-th stream to be opened reads so many items, answers `answered` of
  // them and breaks; streams after these last.
  struct Break {
    int read;
    int answered;
  };
  void BreakStreams(std::deque<Break> breaks) { breaks_ = std::move(breaks); }
  void Down() { down_ = true; }

  Connect connect() {
    return [this](const rpc::ClientSettings& settings)
               -> Result<std::unique_ptr<Remote>> {
      settings_ = settings;
      return std::unique_ptr<Remote>(std::make_unique<FakeRemote>(*this));
    };
  }
  const rpc::ClientSettings& settings() const { return settings_; }
  int streams() const { return streams_; }

  static Error Gone() {
    return Error{Code::kUnavailable, "SERVER_UNREACHABLE", "no connection"};
  }

 private:
  class FakeBulk : public Remote::Bulk {
   public:
    FakeBulk(FakeServer& server, std::string method, Reply reply,
             std::optional<Break> broken)
        : server_(server),
          method_(std::move(method)),
          reply_(std::move(reply)),
          broken_(broken) {}

    bool Write(const Message& message) override {
      if (broken_ && read_ >= broken_->read) return false;
      ++read_;
      const bool answers = !broken_ || read_ <= broken_->answered;
      server_.Answer(method_, message, answers ? reply_ : Reply());
      return true;
    }
    Result<void> Finish() override {
      if (broken_) return Gone();
      return {};
    }

   private:
    FakeServer& server_;
    std::string method_;
    Reply reply_;
    std::optional<Break> broken_;
    int read_ = 0;
  };

  class FakeRemote : public Remote {
   public:
    explicit FakeRemote(FakeServer& server) : server_(server) {}
    Result<void> Call(const std::string& method, const Message& request,
                      Message& response) override {
      const auto handler = server_.handlers_.find(method);
      if (server_.down_ || handler == server_.handlers_.end()) return Gone();
      return handler->second(request, response);
    }
    std::unique_ptr<Bulk> OpenBulk(const std::string& method, const Message&,
                                   Reply reply) override {
      return std::make_unique<FakeBulk>(server_, method, std::move(reply),
                                        server_.NextBreak());
    }
    Result<void> Healthy() override {
      if (server_.down_) return Gone();
      return {};
    }

   private:
    FakeServer& server_;
  };

  std::optional<Break> NextBreak() {
    const std::lock_guard lock(mutex_);
    ++streams_;
    if (down_) return Break{0, 0};
    if (breaks_.empty()) return std::nullopt;
    const Break next = breaks_.front();
    breaks_.pop_front();
    return next;
  }

  void Answer(const std::string& method, const Message& item,
              const Reply& reply) {
    const std::lock_guard lock(mutex_);
    bulks_.at(method)(item, reply);
  }

  std::map<std::string, Handler> handlers_;
  std::map<std::string, std::function<void(const Message&, const Reply&)>>
      bulks_;
  rpc::ClientSettings settings_;
  bool down_ = false;
  std::mutex mutex_;
  std::deque<Break> breaks_;  // guarded by mutex_
  int streams_ = 0;           // guarded by mutex_
};

}  // namespace seawall::cli
