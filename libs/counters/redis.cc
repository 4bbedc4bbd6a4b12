#include "libs/counters/redis.h"

#include <hiredis/hiredis.h>

#include <charconv>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <random>
#include <string_view>

#include "libs/counters/apply_script.h"

namespace seawall::counters {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLongestBackOff{2000};
constexpr int kPatienceForAll = 10;

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

struct FreeReader {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};

// A command's words; what they point at must outlive the call.
using Words = std::vector<std::string_view>;

std::string Format(const Words& words) {
  std::vector<const char*> pointers;
  std::vector<std::size_t> lengths;
  pointers.reserve(words.size());
  lengths.reserve(words.size());
  for (const std::string_view word : words) {
    pointers.push_back(word.data());
    lengths.push_back(word.size());
  }
  char* bytes = nullptr;
  const int size = redisFormatCommandArgv(
      &bytes, static_cast<int>(words.size()), pointers.data(), lengths.data());
  if (size < 0) return {};
  std::string result(bytes, static_cast<std::size_t>(size));
  redisFreeCommand(bytes);
  return result;
}

std::string_view Text(const redisReply& reply) {
  return {reply.str, static_cast<std::size_t>(reply.len)};
}

bool IsNoScript(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ERROR && Text(reply).starts_with("NOSCRIPT");
}

// A counter that is not there is 0.
// Another wrote there.
Error Garbled(const std::string& what) {
  return Error{Code::kInternal, "COUNTERS_GARBLED",
               "the counters were written by another: " + what};
}

Result<std::int64_t> Number(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_NIL) return 0;
  std::int64_t value = 0;
  const std::string_view text =
      reply.type == REDIS_REPLY_STRING ? Text(reply) : std::string_view();
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() ||
      end != text.data() + text.size()) {
    return Garbled("a value is no whole number");
  }
  return value;
}

Result<Point> PointOf(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_NIL) return Point();
  const auto point = reply.type == REDIS_REPLY_STRING
                         ? Point::Parse(Text(reply))
                         : std::nullopt;
  if (!point) return Garbled("the fence is no position");
  return *point;
}

Result<void> Expect(const redisReply& reply, int type) {
  if (reply.type == type) return {};
  return Unavailable("it answered something else than was asked");
}

// One connection: authenticated, and with the script loaded when first needed.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const Address& address,
                                                  const RedisSettings& settings,
                                                  const std::string& password,
                                                  Resolver& resolver,
                                                  Deadline deadline) {
    TRY(auto stream, Connect(address, settings.tls, resolver, deadline));
    std::unique_ptr<Connection> result(new Connection(std::move(stream)));
    if (password.empty()) return result;
    const Words words = settings.user.empty()
                            ? Words{"AUTH", password}
                            : Words{"AUTH", settings.user, password};
    TRY_VOID(result->Call(words, deadline));
    return result;
  }

  bool IsOpen() const { return stream_->Open(); }

  // The reply, which is no error.
  Result<Reply> Call(const Words& words, Deadline deadline) {
    TRY(Reply reply, Ask(words, deadline));
    if (reply->type == REDIS_REPLY_ERROR) return Refusal(*reply);
    return reply;
  }

  // Calls the script; `words` are EVALSHA, a place for the digest, and the
  // rest.
  Result<Reply> CallScript(Words words, Deadline deadline) {
    if (digest_.empty()) TRY_VOID(LoadScript(deadline));
    words[1] = digest_;
    TRY(Reply reply, Ask(words, deadline));
    if (IsNoScript(*reply)) {
      TRY_VOID(LoadScript(deadline));
      words[1] = digest_;
      return Call(words, deadline);
    }
    if (reply->type == REDIS_REPLY_ERROR) return Refusal(*reply);
    return reply;
  }

 private:
  explicit Connection(std::unique_ptr<Stream> stream)
      : stream_(std::move(stream)), reader_(redisReaderCreate()) {}

  Result<Reply> Ask(const Words& words, Deadline deadline) {
    TRY_VOID(stream_->Write(Format(words), deadline));
    while (true) {
      void* reply = nullptr;
      if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
        return Unavailable("it does not speak the Redis protocol");
      }
      if (reply != nullptr) return Reply(static_cast<redisReply*>(reply));
      char buffer[65536];
      TRY(const std::size_t size,
          stream_->Read(buffer, sizeof buffer, deadline));
      redisReaderFeed(reader_.get(), buffer, size);
    }
  }

  Result<void> LoadScript(Deadline deadline) {
    TRY(const Reply reply, Call({"SCRIPT", "LOAD", kApplyScript}, deadline));
    TRY_VOID(Expect(*reply, REDIS_REPLY_STRING));
    digest_ = Text(*reply);
    return {};
  }

  // Only the error's first word, such as OOM, NOAUTH, READONLY or LOADING: the
  // rest may quote what was sent.
  static Error Refusal(const redisReply& reply) {
    const std::string_view text = Text(reply);
    return Unavailable("it refused with " +
                       std::string(text.substr(0, text.find(' '))));
  }

  std::unique_ptr<Stream> stream_;
  std::unique_ptr<redisReader, FreeReader> reader_;
  std::string digest_;  // empty until the script was loaded
};

// Full jitter keeps several projectors from coming back at the same instant.
milliseconds Jittered(milliseconds longest) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return milliseconds(std::uniform_int_distribution<std::int64_t>(
      longest.count() / 2, longest.count())(random));
}

Result<std::string> ReadPassword(const std::string& file) {
  if (file.empty()) return std::string();
  std::ifstream input(file);
  std::string password;
  if (!std::getline(input, password) || password.empty()) {
    return Error{Code::kInvalidArgument, "COUNTERS_PASSWORD",
                 "the file with the password for Redis is empty or unreadable"};
  }
  return password;
}

}  // namespace

// One connection, taken in turns, and its back-off.
class RedisCounters::Lane {
 public:
  Lane(Address address, RedisSettings settings, std::string password)
      : address_(std::move(address)),
        settings_(std::move(settings)),
        password_(std::move(password)) {}

  // Runs `call` on a live connection. Whatever goes wrong closes it: after an
  // error nothing is known about what else the stream will bring.
  template <class Call>
  auto Run(int patience, Call call)
      -> std::invoke_result_t<Call, Connection&, Deadline> {
    const Deadline deadline =
        steady_clock::now() + settings_.timeout * patience;
    const Turn turn(*this, deadline);
    if (!turn.taken()) return Unavailable("it did not answer in time");
    // A Redis that was restarted while nothing was asked is no failure.
    if (connection_ && !connection_->IsOpen()) connection_.reset();
    if (!connection_) TRY_VOID(Reconnect(deadline));
    auto result = call(*connection_, deadline);
    // What another wrote there came over a good connection.
    if (result || result.error().reason == "COUNTERS_GARBLED") {
      back_off_ = settings_.back_off;
    } else {
      Close();
    }
    return result;
  }

 private:
  // Whoever holds the turn may use the connection. Not a timed mutex, because
  // ThreadSanitizer does not understand the one of g++ 12.
  class Turn {
   public:
    Turn(Lane& lane, Deadline deadline) : lane_(lane) {
      std::unique_lock lock(lane_.mutex_);
      taken_ = lane_.free_.wait_until(lock, deadline,
                                      [&] { return !lane_.is_taken_; });
      if (taken_) lane_.is_taken_ = true;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (!taken_) return;
      {
        const std::lock_guard lock(lane_.mutex_);
        lane_.is_taken_ = false;
      }
      lane_.free_.notify_one();
    }
    bool taken() const { return taken_; }

   private:
    Lane& lane_;
    bool taken_ = false;
  };

  Result<void> Reconnect(Deadline deadline) {
    if (steady_clock::now() < not_before_) {
      return Unavailable("waiting before the next attempt");
    }
    auto opened =
        Connection::Open(address_, settings_, password_, resolver_, deadline);
    if (!opened) {
      Close();
      return opened.error();
    }
    connection_ = *std::move(opened);
    return {};
  }

  void Close() {
    connection_.reset();
    not_before_ = steady_clock::now() + Jittered(back_off_);
    back_off_ = std::min(back_off_ * 2, kLongestBackOff);
  }

  const Address address_;
  const RedisSettings settings_;
  const std::string password_;
  std::mutex mutex_;  // held only to take and give back the turn
  std::condition_variable free_;
  bool is_taken_ = false;  // guarded by mutex_
  // State below belongs to whoever has the turn.
  Resolver resolver_;
  std::unique_ptr<Connection> connection_;
  steady_clock::time_point not_before_{};
  milliseconds back_off_ = settings_.back_off;
};

RedisCounters::RedisCounters(const Address& address,
                             const RedisSettings& settings,
                             const std::string& password)
    : changes_(std::make_unique<Lane>(address, settings, password)),
      reads_(std::make_unique<Lane>(address, settings, password)),
      scans_(std::make_unique<Lane>(address, settings, password)) {}

RedisCounters::~RedisCounters() = default;

Result<std::unique_ptr<RedisCounters>> RedisCounters::Make(
    const RedisSettings& settings) {
  TRY(const Address address, ParseAddress(settings.address));
  TRY(const std::string password, ReadPassword(settings.password_file));
  return std::unique_ptr<RedisCounters>(
      new RedisCounters(address, settings, password));
}

Result<Point> RedisCounters::Apply(const Key& key, const Point& from,
                                   const Point& to, const Increments& page) {
  if (page.size() > kMostNames) return PageTooLarge(page.size());
  const std::string hash = key.ToString();
  const std::string from_text = from.ToString();
  const std::string to_text = to.ToString();
  std::vector<std::string> changes;
  changes.reserve(page.size());
  Words words{"EVALSHA", "", "1", hash, from_text, to_text};
  words.reserve(words.size() + 2 * page.size());
  for (const auto& [name, change] : page) {
    changes.push_back(std::to_string(change));
    words.push_back(name);
    words.push_back(changes.back());
  }
  return changes_->Run(
      1, [&](Connection& connection, Deadline deadline) -> Result<Point> {
        TRY(const Reply reply, connection.CallScript(words, deadline));
        return PointOf(*reply);
      });
}

Result<Point> RedisCounters::Fence(const Key& key) {
  TRY(const Values values, Get(key, {}));
  return values.fence;
}

Result<Counters::Values> RedisCounters::Get(
    const Key& key, const std::vector<std::string>& names) {
  const std::string hash = key.ToString();
  Words words{"HMGET", hash, kFenceField};
  words.insert(words.end(), names.begin(), names.end());
  return reads_->Run(
      1, [&](Connection& connection, Deadline deadline) -> Result<Values> {
        TRY(const Reply reply, connection.Call(words, deadline));
        TRY_VOID(Expect(*reply, REDIS_REPLY_ARRAY));
        if (reply->elements != names.size() + 1) {
          return Unavailable("it answered fewer values than were asked");
        }
        Values result;
        TRY(result.fence, PointOf(*reply->element[0]));
        result.values.resize(names.size());
        for (std::size_t i = 0; i < names.size(); ++i) {
          TRY(result.values[i], Number(*reply->element[i + 1]));
        }
        return result;
      });
}

Result<Counters::All> RedisCounters::GetAll(const Key& key) {
  const std::string hash = key.ToString();
  return scans_->Run(
      kPatienceForAll,
      [&](Connection& connection, Deadline deadline) -> Result<All> {
        TRY(const Reply reply, connection.Call({"HGETALL", hash}, deadline));
        TRY_VOID(Expect(*reply, REDIS_REPLY_ARRAY));
        All result;
        for (std::size_t i = 0; i + 1 < reply->elements; i += 2) {
          const std::string_view name = Text(*reply->element[i]);
          if (name == kFenceField) {
            TRY(result.fence, PointOf(*reply->element[i + 1]));
            continue;
          }
          TRY(const std::int64_t value, Number(*reply->element[i + 1]));
          result.values.emplace(name, value);
        }
        return result;
      });
}

Result<void> RedisCounters::Delete(const Key& key) {
  const std::string hash = key.ToString();
  return changes_->Run(
      1, [&](Connection& connection, Deadline deadline) -> Result<void> {
        TRY_VOID(connection.Call({"UNLINK", hash}, deadline));
        return {};
      });
}

}  // namespace seawall::counters
