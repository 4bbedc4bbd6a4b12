// History: what pushes under fire were told, to be compared with what the
// service has afterwards. An acknowledged contact is there exactly once, a
// refused one is absent, one of unknown outcome may be either.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/system/forms.h"
#include "tests/system/stack.h"

namespace seawall::support {

// Thread-safe.
class History {
 public:
  struct Push {
    int number = 0;
    bool good = true;    // else a form that must be refused
    std::string answer;  // bytes, once acknowledged
    bool refused = false;
    std::string refusal;
  };

  // Makes up a request that nobody sent yet. Every tenth is one to be refused.
  pb::SubmitContactRequest Next(const std::string& sender);
  void Acknowledged(const std::string& request_id,
                    const pb::SubmitContactResponse& response);
  // Takes an error for refused, or for unknown.
  void Failed(const std::string& request_id, const Error& error);
  // An answer that can never be right.
  void Violation(const std::string& what);

  std::size_t acknowledged() const;
  std::size_t unknown() const;
  std::size_t refused() const;

  // Compares with the records of the service, which must be up and idle. Empty,
  // or what is wrong.
  std::string Check(const Stack& stack) const;
  // Sends again what is unknown and some of what was acknowledged; every first
  // answer must be given again. Then the same check.
  std::string Settle(const Stack& stack, const std::string& caller);

 private:
  pb::SubmitContactRequest RequestOf(const std::string& request_id,
                                     const Push& push) const;
  mutable std::mutex mutex_;
  std::map<std::string, Push> pushes_;   // by request id; guarded by mutex_
  std::vector<std::string> violations_;  // guarded by mutex_
  int last_ = 0;                         // guarded by mutex_
};

struct LoadSettings {
  std::string caller = kPolice;
  int callers = 4;            // threads that push one by one
  int streams = 1;            // threads that push by bulk stream
  std::string name = "load";  // of the request ids
};

// Pushes without end from threads of its own, riding out what happens to the
// service, as an agency's system should: what was not answered is sent again
// with the same request id, sometimes.
class Load {
 public:
  Load(const Stack& stack, History& history, LoadSettings settings = {});
  ~Load() { Stop(); }
  // The service must be up, or the last calls wait for their deadline.
  void Stop();

 private:
  void CallOneByOne(int number);
  void PushStreams(int number);
  const Stack& stack_;
  History& history_;
  const LoadSettings settings_;
  std::vector<std::unique_ptr<rpc::Client>> clients_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace seawall::support
