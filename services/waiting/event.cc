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

}  // namespace

std::string_view Name(EventKind kind) { return NameOf(kKinds, kind); }
EventKind EventKindNamed(std::string_view name) { return KindOf(kKinds, name); }
std::string_view Name(Attendance one) { return NameOf(kAttendances, one); }
Attendance AttendanceNamed(std::string_view name) {
  return KindOf(kAttendances, name);
}
std::string_view Name(Outcome outcome) { return NameOf(kOutcomes, outcome); }
Outcome OutcomeNamed(std::string_view name) { return KindOf(kOutcomes, name); }

std::vector<Event> InOrder(const std::vector<Event>& events) {
  std::vector<Event> ordered;
  for (const Event& event : events) {
    if (!event.is_void) ordered.push_back(event);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Event& a, const Event& b) {
                     return a.happened != b.happened ? a.happened < b.happened
                                                     : a.number < b.number;
                   });
  return ordered;
}

}  // namespace seawall::waiting
