// An event: one thing that happened to a referral, as plain values for rules
// that know nothing of the wire or the store.
//
// Events of a referral are numbered from 1 in the order they were recorded;
// when they happened is another time. They are never changed: a wrong one is
// voided by a correction. A child's waits are folded from them (wait.h).
#pragma once

#include <deque>
#include <map>
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
  // What a referral says of the child, its routes and flags was changed.
  kAmended,
  // Another referral of the child recorded its death.
  kChildDied,
  // A person said of another referral, whose id is the code.
  kSameChild,
  kNotSameChild,
  // The wait goes on under another referral of the child, whose id is the code.
  kGoesOnAs,
  // The transfer that a referral asked for. `from`: the start that it keeps.
  kTransferGiven,
  kTransferRefused,
};
std::string_view Name(EventKind kind);
void FromName(std::string_view name, EventKind& kind);

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
void FromName(std::string_view name, Attendance& attendance);

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
void FromName(std::string_view name, Outcome& outcome);

inline constexpr char kFirstContact[] = "first_contact";
// The code of a referral that asks for a transfer from another provider.
inline constexpr char kAskedFor[] = "TRANSFER_ASKED";

struct Event {
  // From 1; below 0 what the hub said of this referral and another provider's,
  // so that its own provider sees no gap where it is shown nothing.
  int number = 0;
  // The sender's id, by Store::SealEventId(); the same again is the same event.
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
  // removal, what blocks, the kind of a letter, the answer of a risk call; the
  // names of the fields that were amended; the id of another referral.
  std::string code;
  // Unavailability, both days included; an original clock start; an
  // appointment's day; a date that is waited for. `until` of a referral or an
  // amendment: the birth, before which no clock of the referral runs; absent
  // where none would.
  std::optional<Date> from, until;
  // Likelihood and impact of a risk, each 1 to 5.
  int likelihood = 0, impact = 0;
  // Event that a correction takes back.
  int corrects = 0;

  // States details of the referral: the latest that is not void decides.
  bool StatesDetails() const {
    return kind == EventKind::kReferred || kind == EventKind::kAmended;
  }
  bool IsDeath() const {
    return kind == EventKind::kRemoved && outcome == Outcome::kDied;
  }
  bool AsksTransfer() const {
    return kind == EventKind::kReferred && code == kAskedFor;
  }
  bool AnswersTransfer() const {
    return kind == EventKind::kTransferGiven ||
           kind == EventKind::kTransferRefused;
  }
  // What may concern every referral of the child: who it is, whose list it is
  // on, and its death.
  bool IsOfTheChild() const {
    return StatesDetails() || IsDeath() || kind == EventKind::kCorrected ||
           kind == EventKind::kChildDied || kind == EventKind::kSameChild ||
           kind == EventKind::kNotSameChild || kind == EventKind::kGoesOnAs ||
           AnswersTransfer();
  }
  // A missed or cancelled appointment that may restart an adjusted clock.
  bool MayReset() const {
    return kind == EventKind::kAttendance &&
           (attendance == Attendance::kCouldNotAttend ||
            attendance == Attendance::kWasNotBrought);
  }
};

// A transfer from another provider: what asked for it and what was answered,
// each null if there is none.
struct Transfer {
  const Event* asked = nullptr;
  const Event* answer = nullptr;
  bool IsOpen() const { return asked && !answer; }
  bool operator==(const Transfer&) const = default;
};

// Everything that happened to one referral, in both orders. Adding an event
// costs no sorting, so that a long history is folded again and again.
class History {
 public:
  History() = default;
  // By number. Implicit: a list of events is a history.
  History(std::vector<Event> events);  // NOLINT
  History(std::initializer_list<Event> events)
      : History(std::vector<Event>(events)) {}
  History(History&&) = default;
  History& operator=(History&&) = default;

  // A correction voids the event that it takes back.
  void Add(Event event);

  // By number, void ones too.
  const std::deque<Event>& all() const { return all_; }
  // In order of happening; of the same moment, as recorded. Void ones left out.
  const std::vector<const Event*>& in_order() const { return in_order_; }
  // Those that are of the child itself, as recorded, void ones too: few among
  // many.
  const std::vector<const Event*>& of_child() const { return of_child_; }
  // Null if there is none.
  const Event* Find(int number) const;
  int next_number() const;
  // Of one that its own provider is not shown.
  int next_hidden_number() const;
  // The child's death as this referral recorded it, or was told of it from
  // another one; null where it was not, or was taken back.
  const Event* Death() const;
  const Event* ToldOfDeath() const;
  bool HasDied() const { return Death() || ToldOfDeath(); }
  // The last statement of details; null: all were taken back.
  const Event* Stated() const;
  // The last that was asked for; what an event asked for.
  Transfer LastTransfer() const;
  Transfer TransferOf(const Event& asked) const;
  // Empty: under no other.
  std::string GoesOnAs() const;
  // What was said last of other referrals: whether they are of the same child.
  std::map<std::string, bool> SaidOfOthers() const;

 private:
  std::deque<Event> all_;  // which moves none of them when it grows
  std::vector<const Event*> in_order_;
  std::vector<const Event*> of_child_;
};

}  // namespace seawall::waiting
