// Push: many items over bulk streams, to the last answer: contacts, children of
// a census, or what happened to children who wait.
//
// A stream that breaks is opened again and what was not answered is sent again
// under the same request ids, so every item is stored once, whenever the server
// stops. Items refused for the moment (a full queue) are sent again too. For
// the command line, the demo and load tools.
#pragma once

#include <seawall/referrals/v1/journey.pb.h>
#include <seawall/referrals/v1/referrals.pb.h>
#include <seawall/waiting/v1/waiting.pb.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/methods.h"
#include "cli/remote.h"
#include "libs/base/error.h"

namespace seawall::cli {

// What a stream carries: one request of a unary method an item.
struct Contacts {
  using Request = referrals::v1::SubmitContactRequest;
  using Response = referrals::v1::SubmitContactResponse;
  using Item = referrals::v1::SubmitContactsRequest;
  using Reply = referrals::v1::SubmitContactsResponse;
  static constexpr const char* kMethod = kSubmitContacts;
  static Request& In(Item& item) { return *item.mutable_contact(); }
};
struct Children {
  using Request = referrals::v1::ImportChildRequest;
  using Response = referrals::v1::ImportChildResponse;
  using Item = referrals::v1::ImportChildrenRequest;
  using Reply = referrals::v1::ImportChildrenResponse;
  static constexpr const char* kMethod = kImportChildren;
  static Request& In(Item& item) { return *item.mutable_child(); }
};
// Many events an item (event_push.h), in order: what happened to a child comes
// after its referral.
struct WaitingEvents {
  using Request = waiting::v1::PushEventsRequest;
  using Response = waiting::v1::PushEventsResponse;
  using Item = waiting::v1::StreamEventsRequest;
  using Reply = waiting::v1::StreamEventsResponse;
  static constexpr const char* kMethod = kStreamEvents;
  static Request& In(Item& item) { return *item.mutable_push(); }
};

// What a server takes in one message. A larger one ends the stream for all that
// follow.
inline constexpr std::size_t kLargestMessage = 256 * 1024;

template <class Kind>
struct ItemOf {
  std::string where;  // file:line, for people
  typename Kind::Request request = {};
  // Set where there is no request to send.
  std::optional<Error> unreadable = {};
};

template <class Kind>
using AnswerOf = Result<typename Kind::Response>;

template <class Kind>
struct PlanOf {
  // The next item, nothing at the end. Called by one thread at a time.
  std::function<std::optional<ItemOf<Kind>>()> next;
  // The final answer of each item, one at a time; of unreadable ones at once.
  std::function<void(const ItemOf<Kind>&, const AnswerOf<Kind>&)> answered;
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
template <class Kind>
Result<void> Push(const std::vector<Remote*>& lanes, const PlanOf<Kind>& plan);

using PushItem = ItemOf<Contacts>;
using PushAnswer = AnswerOf<Contacts>;
using PushPlan = PlanOf<Contacts>;

}  // namespace seawall::cli
