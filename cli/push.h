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
  static constexpr const char* kTooLarge = "FORM_TOO_LARGE";
  static Request& In(Item& item) { return *item.mutable_contact(); }
};
struct Children {
  using Request = referrals::v1::ImportChildRequest;
  using Response = referrals::v1::ImportChildResponse;
  using Item = referrals::v1::ImportChildrenRequest;
  using Reply = referrals::v1::ImportChildrenResponse;
  static constexpr const char* kMethod = kImportChildren;
  static constexpr const char* kTooLarge = "CHILD_TOO_LARGE";
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
  static constexpr const char* kTooLarge = "EVENT_TOO_LARGE";
  static Request& In(Item& item) { return *item.mutable_push(); }
};

// What a server takes in one message. A larger one ends the stream for all that
// follow.
inline constexpr std::size_t kLargestMessage = 256 * 1024;

// Why a server would not take the message at all, which ends the stream for
// those behind it: it is too large (the reason given), or a text in it is no
// UTF-8 (MALFORMED, with the field). Nothing = it may be sent.
std::optional<Error> Unsendable(const google::protobuf::Message& message,
                                const char* too_large);

// What was found in a file, and is told beside the server's warnings.
struct Note {
  std::string reason;
  std::string path;
  std::string description;
};
inline constexpr char kTimeUnreadable[] = "TIME_UNREADABLE";
inline constexpr char kReadAsWindows1252[] = "READ_AS_WINDOWS_1252";

// A time that could not be read, for the reason told, is not in the request.
Note LeftOut(const FieldError& field);
// A text that was no UTF-8.
Note FromWindows1252(const std::string& path);
// [{"reason":…,"path":…,"description":…}].
std::string NotesJson(const std::vector<Note>& notes);

template <class Kind>
struct ItemOf {
  std::string where;  // file:line, for people
  typename Kind::Request request = {};
  // Set where there is no request to send.
  std::optional<Error> unreadable = {};
  std::vector<Note> notes = {};
};

template <class Kind>
using AnswerOf = Result<typename Kind::Response>;

template <class Kind>
struct PlanOf {
  // The next item, nothing at the end. Called by one thread at a time.
  std::function<std::optional<ItemOf<Kind>>()> next;
  // The final answer of each item, one at a time; at once of those that are
  // unreadable, or that no server takes.
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
