// Push: many contacts over bulk streams, to the last answer.
//
// A stream that breaks is opened again and what was not answered is sent again
// under the same request ids, so every item is stored once, whenever the server
// stops. Items refused for the moment (a full queue) are sent again too. For
// the command line, the demo and load tools.
#pragma once

#include <seawall/referrals/v1/referrals.pb.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/remote.h"
#include "libs/base/error.h"

namespace seawall::cli {

struct PushItem {
  std::string where;  // file:line, for people
  referrals::v1::SubmitContactRequest request = {};
  // Set where there is no request to send.
  std::optional<Error> unreadable = {};
};

using PushAnswer = Result<referrals::v1::SubmitContactResponse>;

struct PushPlan {
  // The next item, nothing at the end. Called by one thread at a time.
  std::function<std::optional<PushItem>()> next;
  // The final answer of each item, one at a time; of unreadable ones at once.
  std::function<void(const PushItem&, const PushAnswer&)> answered;
  // A stream broke and what it left unanswered will be sent again; said once,
  // however often the server is tried until it is back. May be empty.
  std::function<void(const Error&, std::size_t unanswered)> interrupted = {};
  // Without any answer for so long, the push gives up; the first answer has
  // less time, since the server may not be there at all.
  std::chrono::milliseconds patience{30'000};
  std::chrono::milliseconds first_patience{3'000};
  // Waits before a stream is opened again; tests need not.
  std::function<void(std::chrono::milliseconds)> pause =
      [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
};

// One stream on each of `lanes`. Returns when every item was answered; the
// error is the one that ended it otherwise, and what was not answered may be
// pushed again.
Result<void> Push(const std::vector<Remote*>& lanes, const PushPlan& plan);

}  // namespace seawall::cli
