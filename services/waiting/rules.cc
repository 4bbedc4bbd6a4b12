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

// What was recorded of a referral itself, and rests on no day of it.
bool IsAside(const Event& event) {
  return event.kind == EventKind::kCorrected ||
         event.kind == EventKind::kAmended ||
         event.kind == EventKind::kChildDied ||
         event.kind == EventKind::kSameChild ||
         event.kind == EventKind::kNotSameChild ||
         event.kind == EventKind::kGoesOnAs ||
         event.kind == EventKind::kTransferRefused;
}

// The day of the first referral; nothing if it was taken back.
std::optional<Date> ReferredOn(const History& history, int except = 0) {
  for (const Event* event : history.in_order()) {
    if (event->kind == EventKind::kReferred && event->number != except)
      return event->date;
  }
  return std::nullopt;
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

Result<void> MayLeave(const Event& event, const History& history) {
  const std::vector<Wait> waits = WaitsOf(history);
  const Wait* open = OpenWait(waits);
  if (open == nullptr || event.date < open->joined) {
    return Conflict("NOT_WAITING",
                    "the child is on no list then; nobody leaves twice");
  }
  return {};
}

Result<void> MayRemove(const Event& event, const History& history,
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
  TRY_VOID(MayLeave(event, history));
  if (NeedsRiskReview(event, history) &&
      (review.clinician.empty() || !review.reviewed || !review.gp_told ||
       !review.referrer_told)) {
    return Conflict("RISK_REVIEW_REQUIRED",
                    "the child was not brought: name the clinician who "
                    "reviewed the risk, and tell GP and referrer");
  }
  return {};
}

Result<void> MayCorrect(const Event& event, const History& history) {
  const Event* found = history.Find(event.corrects);
  if (!found || found->kind == EventKind::kCorrected) {
    return Error{Code::kNotFound, "EVENT_NOT_FOUND",
                 "the referral has no such event"};
  }
  if (found->is_void) {
    return Conflict("EVENT_VOID", "that event was taken back already");
  }
  if (found->kind == EventKind::kChildDied) {
    return Conflict("EVENT_NEEDED",
                    "the death was recorded under another referral of the "
                    "child; it is taken back there");
  }
  if (found->AnswersTransfer()) {
    return Conflict("EVENT_NEEDED",
                    "the transfer was answered; ask for it anew, or remove the "
                    "child");
  }
  if (found->kind != EventKind::kReferred) {
    if (found->kind == EventKind::kAmended || !IsAside(*found)) return {};
    return Conflict("EVENT_NEEDED",
                    "a person said that two referrals are of the same child, "
                    "or not; ConfirmSameChild says the contrary");
  }
  // A spell may rest on another referral.
  const auto referred = ReferredOn(history, found->number);
  const auto& events = history.in_order();
  const bool needed =
      std::any_of(events.begin(), events.end(), [&](const Event* one) {
        return one != found && !IsAside(*one) &&
               (!referred || one->date < *referred);
      });
  if (needed) {
    return Conflict("EVENT_NEEDED",
                    "other events rest on the referral; take them back first");
  }
  return {};
}

Result<void> MaySay(const Event& event, const Service& service,
                    const History& history, const Catalogue& catalogue,
                    const RiskReview& review) {
  switch (event.kind) {
    case EventKind::kRejected:
      TRY_VOID(MayLeave(event, history));
      if (!NeedsRiskReview(event, history)) return {};
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
      return MayRemove(event, history, catalogue, review);
    case EventKind::kCorrected:
      return MayCorrect(event, history);
    default:
      return {};
  }
}

}  // namespace

Result<void> MayRecord(const Event& event, const History& history,
                       const Service& service, const Catalogue& catalogue,
                       const RiskReview& review) {
  if (event.kind == EventKind::kReferred) return {};
  if (!IsAside(event)) {
    const auto referred = ReferredOn(history);
    if (!referred || event.date < *referred) {
      return Conflict("BEFORE_REFERRAL",
                      "nothing happens to a referral before it was received");
    }
  }
  return MaySay(event, service, history, catalogue, review);
}

bool NeedsRiskReview(const Event& removal, const History& history) {
  if (removal.code == "WAS_NOT_BROUGHT") return true;
  return removal.outcome != Outcome::kDied &&
         MissedOf(history).was_not_brought > 0;
}

}  // namespace seawall::waiting::rules
