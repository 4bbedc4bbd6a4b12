// EventPush: events of waiting children over one stream, many to a request, to
// the last answer. For the command line and the demo.
//
// The same events give requests of the same ids, so that what was not answered
// may be sent again. Answers come one by one in the order of the events, those
// that are unreadable in their place.
#pragma once

#include <seawall/waiting/v1/waiting.pb.h>

#include "cli/push.h"

namespace seawall::cli {

struct EventItem {
  std::string where;  // file:line, for people
  waiting::v1::Event event = {};
  // Set where there is no event to send.
  std::optional<Error> unreadable = {};
};
using EventAnswer = Result<waiting::v1::EventReceipt>;

struct EventPlan {
  std::string area;
  // A request id of the whole push, or empty: the same events are then the same
  // push.
  std::string run = {};
  // The next event, nothing at the end.
  std::function<std::optional<EventItem>()> next;
  // False: the next one is not there yet, so that what was gathered goes now.
  std::function<bool()> more = [] { return true; };
  std::function<void(const EventItem&, const EventAnswer&)> answered;
  std::chrono::milliseconds patience{30'000};
  std::chrono::milliseconds first_patience{3'000};
};

// In one request; what the contract allows.
inline constexpr std::size_t kEventsTogether = 100;

// Returns when every event was answered, or the error that ended it: then the
// same push may be repeated.
Result<void> PushEvents(Remote& lane, const EventPlan& plan);

}  // namespace seawall::cli
