// EventPush: events of waiting children over one stream, many to a request, to
// the last answer. For the command line and the demo.
//
// What was not answered is sent again under its request's id, as long as a push
// lasts; a push that is repeated asks anew, and the events' own ids tell what
// is there already. Answers come one by one in the order of the events, those
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
  std::vector<Note> notes = {};
};
using EventAnswer = Result<waiting::v1::EventReceipt>;

struct EventPlan {
  std::string area;
  // The next event, nothing at the end.
  std::function<std::optional<EventItem>()> next;
  // False: the next one is not there yet, so that what was gathered goes now.
  std::function<bool()> more = [] { return true; };
  std::function<void(const EventItem&, const EventAnswer&)> answered;
  std::chrono::milliseconds patience{30'000};
  std::chrono::milliseconds first_patience{3'000};
};

// In one request; what the contract allows.
inline constexpr int kEventsTogether = 100;

// Returns when every event was answered, or the error that ended it: then the
// same push may be repeated.
Result<void> PushEvents(Remote& lane, const EventPlan& plan);

}  // namespace seawall::cli
