#include "services/waiting/event.h"

#include <algorithm>
#include <utility>

namespace seawall::waiting {
namespace {

template <class Kind>
using Named = std::pair<Kind, std::string_view>;

constexpr Named<EventKind> kKinds[] = {
    {EventKind::kReferred, "REFERRED"},
    {EventKind::kAccepted, "ACCEPTED"},
    {EventKind::kRejected, "REJECTED"},
    {EventKind::kOffered, "OFFERED"},
    {EventKind::kAttendance, "ATTENDANCE"},
    {EventKind::kUnavailable, "UNAVAILABLE"},
    {EventKind::kPrioritised, "PRIORITISED"},
    {EventKind::kBlocked, "BLOCKED"},
    {EventKind::kFamilyContacted, "FAMILY_CONTACTED"},
    {EventKind::kRiskCalled, "RISK_CALLED"},
    {EventKind::kExpedited, "EXPEDITED"},
    {EventKind::kRemoved, "REMOVED"},
    {EventKind::kCorrected, "CORRECTED"},
    {EventKind::kAmended, "AMENDED"},
    {EventKind::kChildDied, "CHILD_DIED"},
    {EventKind::kSameChild, "SAME_CHILD"},
    {EventKind::kNotSameChild, "NOT_SAME_CHILD"},
    {EventKind::kGoesOnAs, "GOES_ON_AS"},
    {EventKind::kTransferGiven, "TRANSFER_GIVEN"},
    {EventKind::kTransferRefused, "TRANSFER_REFUSED"},
};

constexpr Named<Attendance> kAttendances[] = {
    {Attendance::kAttended, "ATTENDED"},
    {Attendance::kCouldNotAttend, "COULD_NOT_ATTEND"},
    {Attendance::kCancelledByService, "CANCELLED_BY_SERVICE"},
    {Attendance::kWasNotBrought, "WAS_NOT_BROUGHT"},
};

constexpr Named<Outcome> kOutcomes[] = {
    {Outcome::kSeen, "SEEN"},
    {Outcome::kRejected, "REJECTED"},
    {Outcome::kWithdrawn, "WITHDRAWN"},
    {Outcome::kDischarged, "DISCHARGED"},
    {Outcome::kTransferred, "TRANSFERRED"},
    {Outcome::kDied, "DIED"},
};

template <class Kind, std::size_t kSize>
std::string_view NameOf(const Named<Kind> (&names)[kSize], Kind kind) {
  for (const auto& [one, name] : names) {
    if (one == kind) return name;
  }
  return "";
}

template <class Kind, std::size_t kSize>
Kind KindOf(const Named<Kind> (&names)[kSize], std::string_view name) {
  for (const auto& [kind, one] : names) {
    if (one == name) return kind;
  }
  return Kind();
}

bool HappenedBefore(const Event* a, const Event* b) {
  return a->happened != b->happened ? a->happened < b->happened
                                    : a->number < b->number;
}

}  // namespace

std::string_view Name(EventKind kind) { return NameOf(kKinds, kind); }
void FromName(std::string_view name, EventKind& kind) {
  kind = KindOf(kKinds, name);
}
std::string_view Name(Attendance one) { return NameOf(kAttendances, one); }
void FromName(std::string_view name, Attendance& attendance) {
  attendance = KindOf(kAttendances, name);
}
std::string_view Name(Outcome outcome) { return NameOf(kOutcomes, outcome); }
void FromName(std::string_view name, Outcome& outcome) {
  outcome = KindOf(kOutcomes, name);
}

History::History(std::vector<Event> events) {
  for (Event& event : events) {
    all_.push_back(std::move(event));
    if (all_.back().IsOfTheChild()) of_child_.push_back(&all_.back());
    if (!all_.back().is_void) in_order_.push_back(&all_.back());
  }
  std::stable_sort(in_order_.begin(), in_order_.end(), HappenedBefore);
  std::stable_sort(
      of_child_.begin(), of_child_.end(),
      [](const Event* a, const Event* b) { return a->position < b->position; });
}

int History::next_number() const {
  return all_.empty() ? 1 : std::max(all_.back().number, 0) + 1;
}

int History::next_hidden_number() const {
  return all_.empty() ? -1 : std::min(all_.front().number, 0) - 1;
}

void History::Add(Event event) {
  if (event.kind == EventKind::kCorrected) {
    const auto at = std::find_if(
        all_.begin(), all_.end(),
        [&](const Event& one) { return one.number == event.corrects; });
    if (at != all_.end()) {
      at->is_void = true;
      std::erase(in_order_, &*at);
    }
  }
  const bool is_hidden = event.number < 0;
  if (is_hidden) {
    all_.push_front(std::move(event));
  } else {
    all_.push_back(std::move(event));
  }
  const Event* added = is_hidden ? &all_.front() : &all_.back();
  if (added->IsOfTheChild()) of_child_.push_back(added);
  in_order_.insert(std::upper_bound(in_order_.begin(), in_order_.end(), added,
                                    HappenedBefore),
                   added);
}

const Event* History::Find(int number) const {
  const auto at = std::lower_bound(
      all_.begin(), all_.end(), number,
      [](const Event& one, int other) { return one.number < other; });
  return at == all_.end() || at->number != number ? nullptr : &*at;
}

namespace {

// The last that stands.
template <class Is>
const Event* Last(const std::vector<const Event*>& events, Is&& is) {
  const auto at =
      std::find_if(events.rbegin(), events.rend(),
                   [&](const Event* one) { return !one->is_void && is(*one); });
  return at == events.rend() ? nullptr : *at;
}

}  // namespace

std::string History::GoesOnAs() const {
  const Event* last = Last(of_child_, [](const Event& one) {
    return one.kind == EventKind::kGoesOnAs;
  });
  return last ? last->code : "";
}

Transfer History::LastTransfer() const {
  const Event* asked =
      Last(of_child_, [](const Event& one) { return one.AsksTransfer(); });
  return asked ? TransferOf(*asked) : Transfer();
}

Transfer History::TransferOf(const Event& asked) const {
  for (const Event* one : of_child_) {
    if (one->AnswersTransfer() && !one->is_void && one->number > asked.number)
      return {&asked, one};
  }
  return {&asked, nullptr};
}

std::map<std::string, bool> History::SaidOfOthers() const {
  std::map<std::string, bool> said;
  for (const Event* one : of_child_) {
    if (one->kind == EventKind::kSameChild) said[one->code] = true;
    if (one->kind == EventKind::kNotSameChild) said[one->code] = false;
  }
  return said;
}

const Event* History::Death() const {
  return Last(of_child_, [](const Event& one) { return one.IsDeath(); });
}

const Event* History::ToldOfDeath() const {
  return Last(of_child_, [](const Event& one) {
    return one.kind == EventKind::kChildDied;
  });
}

const Event* History::Stated() const {
  return Last(of_child_, [](const Event& one) { return one.StatesDetails(); });
}

}  // namespace seawall::waiting
