#include "services/waiting/rules.h"

#include <algorithm>

namespace seawall::waiting::rules {
namespace {

Error Invalid(const char* reason, const char* field, const char* message) {
  return Error{Code::kInvalidArgument, reason, message, {{field, message}}};
}

Error Conflict(const char* reason, const char* message) {
  return Error{Code::kFailedPrecondition, reason, message};
}

Error UnknownCode(const char* field) {
  return Error{Code::kInvalidArgument,
               "CODE_UNKNOWN",
               "no such code in data/waiting_services.json",
               {{field, "unknown"}}};
}

// The day of the first referral; nothing if it was taken back.
std::optional<Date> ReferredOn(const std::vector<Event>& events) {
  std::optional<Date> day;
  for (const Event& event : events) {
    if (event.is_void || event.kind != EventKind::kReferred) continue;
    day = std::min(day.value_or(event.date), event.date);
  }
  return day;
}

Result<void> MayAttend(const Event& event, const Service& service) {
  if (Name(event.attendance).empty()) {
    return Invalid("ATTENDANCE_REQUIRED", "attendance",
                   "say what became of the appointment");
  }
  if (event.code.empty()) return {};
  if (event.attendance != Attendance::kAttended ||
      event.code == service.clock || !service.HasClock(event.code)) {
    return Invalid("CLOCK_UNKNOWN", "opens",
                   "only an attended appointment opens a wait, and only one "
                   "that its service has");
  }
  return {};
}

Result<void> MayLeave(const Event& event, const std::vector<Event>& events) {
  const std::vector<Wait> waits = WaitsOf(events);
  const Wait* open = OpenWait(waits);
  if (open == nullptr || event.date < open->joined) {
    return Conflict("NOT_WAITING",
                    "the child is on no list then; nobody leaves twice");
  }
  return {};
}

Result<void> MayRemove(const Event& event, const std::vector<Event>& events,
                       const Catalogue& catalogue, const RiskReview& review) {
  if (event.code == "AGE") {
    return Conflict("AGE_REMOVES_NOBODY",
                    "an upper age raises a transition, never a removal");
  }
  switch (event.outcome) {
    case Outcome::kWithdrawn:
    case Outcome::kDischarged:
      if (!catalogue.Knows("removal", event.code)) {
        return UnknownCode("removal.reason");
      }
      break;
    case Outcome::kTransferred:
    case Outcome::kDied:
      // Never free text: codes lie open in the records.
      if (!event.code.empty() && !catalogue.Knows("removal", event.code)) {
        return UnknownCode("removal.reason");
      }
      break;
    default:
      return Invalid("OUTCOME_REQUIRED", "removal.outcome",
                     "withdrawn, discharged, transferred or died");
  }
  TRY_VOID(MayLeave(event, events));
  if (NeedsRiskReview(event, events) &&
      (review.clinician.empty() || !review.reviewed || !review.gp_told ||
       !review.referrer_told)) {
    return Conflict("RISK_REVIEW_REQUIRED",
                    "the child was not brought: name the clinician who "
                    "reviewed the risk, and tell GP and referrer");
  }
  return {};
}

Result<void> MayCorrect(const Event& event, const std::vector<Event>& events) {
  const auto found = std::find_if(
      events.begin(), events.end(),
      [&](const Event& one) { return one.number == event.corrects; });
  if (found == events.end() || found->kind == EventKind::kCorrected) {
    return Error{Code::kNotFound, "EVENT_NOT_FOUND",
                 "the referral has no such event"};
  }
  if (found->is_void) {
    return Conflict("EVENT_VOID", "that event was taken back already");
  }
  if (found->kind != EventKind::kReferred) return {};
  std::vector<Event> others = events;
  std::erase_if(others, [&](const Event& one) {
    return one.is_void || one.number == found->number ||
           one.kind == EventKind::kCorrected;
  });
  // A spell may rest on another referral.
  const std::optional<Date> referred = ReferredOn(others);
  const bool needed = std::any_of(
      others.begin(), others.end(),
      [&](const Event& one) { return !referred || one.date < *referred; });
  if (needed) {
    return Conflict("EVENT_NEEDED",
                    "other events rest on the referral; take them back first");
  }
  return {};
}

Result<void> MaySay(const Event& event, const Service& service,
                    const std::vector<Event>& events,
                    const Catalogue& catalogue, const RiskReview& review) {
  switch (event.kind) {
    case EventKind::kRejected:
      TRY_VOID(MayLeave(event, events));
      if (!NeedsRiskReview(event, events)) return {};
      return Conflict("RISK_REVIEW_REQUIRED",
                      "the child was not brought: remove it with a clinician's "
                      "review instead");
    case EventKind::kAttendance:
      return MayAttend(event, service);
    case EventKind::kUnavailable:
      if (event.until && *event.until < event.from.value_or(event.date)) {
        return Invalid("DATE_IMPOSSIBLE", "end_date", "before its first day");
      }
      return {};
    case EventKind::kPrioritised:
      if (event.likelihood < 1 || event.likelihood > 5 || event.impact < 1 ||
          event.impact > 5) {
        return Invalid("RISK_UNKNOWN", "priority",
                       "likelihood and impact are 1 to 5");
      }
      return {};
    case EventKind::kBlocked:
      if (catalogue.Knows("blocked_by", event.code)) return {};
      return UnknownCode("block.by");
    case EventKind::kFamilyContacted:
      if (catalogue.Knows("contact", event.code)) return {};
      return UnknownCode("contact.kind");
    case EventKind::kRiskCalled:
      if (catalogue.Knows("risk_call", event.code)) return {};
      return UnknownCode("call.answer");
    case EventKind::kRemoved:
      return MayRemove(event, events, catalogue, review);
    case EventKind::kCorrected:
      return MayCorrect(event, events);
    default:
      return {};
  }
}

}  // namespace

Result<void> MayRecord(const Event& event, const std::vector<Event>& events,
                       const Service& service, const Catalogue& catalogue,
                       const RiskReview& review) {
  if (event.kind == EventKind::kReferred) {
    if (event.from && *event.from > event.date) {
      return Invalid("DATE_IMPOSSIBLE", "original_start_date",
                     "after the referral itself");
    }
    return {};
  }
  if (event.kind != EventKind::kCorrected) {
    const auto referred = ReferredOn(events);
    if (!referred || event.date < *referred) {
      return Conflict("BEFORE_REFERRAL",
                      "nothing happens to a referral before it was received");
    }
  }
  return MaySay(event, service, events, catalogue, review);
}

bool NeedsRiskReview(const Event& removal, const std::vector<Event>& events) {
  if (removal.code == "WAS_NOT_BROUGHT") return true;
  return removal.outcome != Outcome::kDied &&
         MissedOf(events).was_not_brought > 0;
}

}  // namespace seawall::waiting::rules
