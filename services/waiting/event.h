// An event: one thing that happened to a referral, as plain values for rules
// that know nothing of the wire or the store.
//
// Events of a referral are numbered from 1 in the order they were recorded;
// when they happened is another time. They are never changed: a wrong one is
// voided by a correction. A child's waits are folded from them (wait.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/civil.h"

namespace seawall::waiting {

// Names are what SQL and the journal say.
enum class EventKind {
  kUnspecified,
  kReferred,
  kAccepted,
  kRejected,
  kOffered,
  kAttendance,
  kUnavailable,
  kPrioritised,
  kBlocked,
  kFamilyContacted,
  kRiskCalled,
  kExpedited,
  kRemoved,
  kCorrected,
};
std::string_view Name(EventKind kind);
EventKind EventKindNamed(std::string_view name);

// What became of an appointment. Only kAttended is a contact.
enum class Attendance {
  kUnspecified,
  kAttended,
  // Cancelled or rearranged by the family; dated at the cancellation.
  kCouldNotAttend,
  kCancelledByService,
  kWasNotBrought,
};
std::string_view Name(Attendance attendance);
Attendance AttendanceNamed(std::string_view name);

// How a wait ended. Nobody leaves a list without one.
enum class Outcome {
  kNone,
  kSeen,
  kRejected,
  kWithdrawn,
  kDischarged,
  kTransferred,
  kDied,
};
std::string_view Name(Outcome outcome);
Outcome OutcomeNamed(std::string_view name);

inline constexpr char kFirstContact[] = "first_contact";

struct Event {
  int number = 0;
  // The sender's id; the same id again is the same event.
  std::string event_id;
  EventKind kind = EventKind::kUnspecified;
  Instant happened;
  Date date;  // civil day of `happened`
  Instant recorded;
  std::int64_t position = 0;  // in the journal
  bool is_void = false;

  Attendance attendance = Attendance::kUnspecified;
  Outcome outcome = Outcome::kNone;
  // A code by kind: the wait that an appointment opens, the reason of a
  // removal, what blocks, the kind of a letter, the answer of a risk call.
  std::string code;
  // Unavailability, both days included; an original clock start; an
  // appointment's day; a date that is waited for.
  std::optional<Date> from, until;
  // Likelihood and impact of a risk, each 1 to 5.
  int likelihood = 0, impact = 0;
  // Event that a correction takes back.
  int corrects = 0;

  // A missed or cancelled appointment that may restart an adjusted clock.
  bool MayReset() const {
    return kind == EventKind::kAttendance &&
           (attendance == Attendance::kCouldNotAttend ||
            attendance == Attendance::kWasNotBrought);
  }
};

// In order of happening; of the same moment, as recorded. Void ones left out.
std::vector<Event> InOrder(const std::vector<Event>& events);

}  // namespace seawall::waiting
