#include "demo/waiting_events.h"

#include <algorithm>
#include <set>

#include "demo/people.h"

namespace seawall::demo {
namespace {

using std::chrono::days;
using waiting::v1::Event;

// Far from the numbers of the front door's children.
constexpr int kFirstNumber = 5'000'000;
constexpr int kDecoys = 900'000;

Event About(const std::string& service, const std::string& reference, Date day,
            const std::string& what) {
  Event event;
  event.mutable_about()->set_event_id(reference + "-" + what);
  event.mutable_about()->set_service(service);
  event.mutable_about()->set_reference(reference);
  event.mutable_about()->set_happened_date(FormatDate(day));
  return event;
}

Event Referral(const std::string& service, const std::string& reference,
               Date day, int child) {
  Event event = About(service, reference, day, "referral");
  waiting::v1::Child& one = *event.mutable_referral()->mutable_child();
  one.set_given_name("Test-Robin");
  one.set_family_name("Test-Waiting" + std::to_string(child));
  one.set_date_of_birth(FormatDate(AddMonths(day, -12 * (4 + child % 11))));
  one.set_nhs_number(TestNhsNumber(kFirstNumber + child));
  return event;
}

Event Attended(const std::string& service, const std::string& reference,
               Date day) {
  Event event = About(service, reference, day, "attended");
  event.mutable_appointment()->set_attendance(waiting::v1::ATTENDANCE_ATTENDED);
  return event;
}

Event Withdrawn(const std::string& service, const std::string& reference,
                Date day) {
  Event event = About(service, reference, day, "withdrawn");
  event.mutable_removal()->set_outcome(waiting::v1::OUTCOME_WITHDRAWN);
  event.mutable_removal()->set_reason("FAMILY_DECLINED");
  return event;
}

Event Rejected(const std::string& service, const std::string& reference,
               Date day) {
  Event event = About(service, reference, day, "rejected");
  event.mutable_rejection()->set_reason("Test: not for this service");
  return event;
}

// Most are seen; some leave in other ways.
Event Leaving(const PlannedWait& wait, Random& random) {
  switch (random.Below(8)) {
    case 0:
      return Withdrawn(wait.service, wait.reference, *wait.left);
    case 1:
      return Rejected(wait.service, wait.reference, *wait.left);
    default:
      return Attended(wait.service, wait.reference, *wait.left);
  }
}

class Decoys {
 public:
  Decoys(WaitingPush& push, const std::vector<PlannedWait>& waits)
      : push_(push), waits_(waits), census_(WaitingCensus()) {}

  void Add() {
    std::set<std::string> services;
    for (const PlannedWait& wait : waits_) {
      if (wait.left || !services.insert(wait.service).second) continue;
      AddTo(wait);
    }
  }

 private:
  // Beside one who waits for that service.
  void AddTo(const PlannedWait& wait) {
    const std::string& service = wait.service;
    const std::string mark = service + "-decoy-";
    Left(Referral(service, mark + "rejected", census_ - days(90), Next()),
         Rejected(service, mark + "rejected", census_ - days(40)));
    Left(Referral(service, mark + "withdrawn", census_ - days(400), Next()),
         Withdrawn(service, mark + "withdrawn", census_ - days(60)));
    Left(Referral(service, mark + "seen", census_ - days(20), Next()),
         Attended(service, mark + "seen", census_));
    push_.events.push_back(
        Referral(service, mark + "later", census_ + days(1), Next()));
    Event again = Referral(service, wait.reference, wait.referred, wait.child);
    again.mutable_about()->set_event_id(mark + "again");
    push_.events.push_back(std::move(again));
    Event missed = About(service, wait.reference, census_, "not-brought");
    missed.mutable_appointment()->set_attendance(
        waiting::v1::ATTENDANCE_WAS_NOT_BROUGHT);
    push_.events.push_back(std::move(missed));
    Event elsewhere =
        Referral(service, mark + "elsewhere", census_ - days(300), Next());
    push_.elsewhere.push_back(std::move(elsewhere));
  }

  void Left(Event referral, Event leaving) {
    push_.events.push_back(std::move(referral));
    push_.events.push_back(std::move(leaving));
  }
  int Next() { return kDecoys + next_++; }

  WaitingPush& push_;
  const std::vector<PlannedWait>& waits_;
  const Date census_;
  int next_ = 0;
};

}  // namespace

WaitingPush MakeWaitingPush(const std::vector<PlannedWait>& waits,
                            std::uint64_t seed) {
  Random random(seed);
  WaitingPush push;
  std::set<int> children;
  for (const PlannedWait& wait : waits) {
    push.events.push_back(
        Referral(wait.service, wait.reference, wait.referred, wait.child));
    if (wait.left) {
      push.events.push_back(Leaving(wait, random));
    } else {
      children.insert(wait.child);
    }
  }
  push.children = static_cast<int>(children.size());
  Decoys(push, waits).Add();
  const auto seen_late =
      std::find_if(waits.begin(), waits.end(), [](const PlannedWait& wait) {
        return !wait.left && wait.referred < WaitingCensus() - days(31);
      });
  push.late = Attended(seen_late->service, seen_late->reference,
                       WaitingCensus() - days(1));
  push.late.mutable_about()->set_event_id("late");
  return push;
}

}  // namespace seawall::demo
