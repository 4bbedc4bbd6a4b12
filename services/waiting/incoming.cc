#include "services/waiting/incoming.h"

#include <absl/strings/str_join.h>

#include "libs/base/identifiers.h"
#include "libs/rpc/identity.h"

namespace seawall::waiting {
namespace {

constexpr std::chrono::minutes kAhead{5};
// No child waits since then: a slip of the pen, which no average survives.
constexpr Date kEarliest{std::chrono::year(1990) / 1 / 1};

Error Invalid(const char* reason, const char* field, const char* message) {
  return Error{Code::kInvalidArgument, reason, message, {{field, message}}};
}

Error TimeAhead() {
  return Invalid("TIME_AHEAD", "about.happened_time",
                 "has not happened yet; check the sender's clock");
}

// An optional civil day of a request.
Result<std::optional<Date>> DayOf(const std::string& text, const char* field) {
  if (text.empty()) return std::optional<Date>();
  const auto day = ParseDate(text);
  if (day && *day >= kEarliest) return day;
  return Invalid("DATE_IMPOSSIBLE", field,
                 "must be a day such as 2023-12-31, and not before 1990");
}

// A civil day alone is taken as its noon, so that it is the same day
// everywhere.
Result<Instant> HappenedAt(const pb::About& about, Instant now) {
  Instant happened = now;
  if (about.has_happened_time()) {
    // Seconds alone: those of year 300,000 do not fit in microseconds.
    const std::int64_t seconds = about.happened_time().seconds();
    if (seconds < ToMicros(StartOfDay(kEarliest)) / 1'000'000) {
      return Invalid("DATE_IMPOSSIBLE", "about.happened_time",
                     "no time, or before 1990");
    }
    if (seconds > ToMicros(now) / 1'000'000 + 3600) return TimeAhead();
    happened = ToInstant(about.happened_time());
  } else if (!about.happened_date().empty()) {
    TRY(const auto day, DayOf(about.happened_date(), "about.happened_date"));
    const Instant noon = StartOfDay(*day) + std::chrono::hours(12);
    happened = *day == CivilDate(now) ? std::min(noon, now) : noon;
  }
  if (happened > now + kAhead) return TimeAhead();
  return happened;
}

// What is looked up as it is given; PostgreSQL knows no text with a NUL.
Result<void> CheckNames(const pb::Event& event) {
  const pb::About& about = event.about();
  const std::pair<const char*, const std::string*> names[] = {
      {"about.referral_id", &about.referral_id()},
      {"about.reference", &about.reference()},
      {"about.event_id", &about.event_id()},
      {"referral.transferred_from", &event.referral().transferred_from()}};
  for (const auto& [field, name] : names) {
    if (name->find('\0') == std::string::npos) continue;
    return Invalid("MALFORMED", field, "must hold no NUL");
  }
  return {};
}

class Translation {
 public:
  Translation(const Parts& parts, const std::string& area, Incoming& to)
      : parts_(parts), area_(area), to_(to), event_(to.event) {}

  Result<void> Take(const pb::Referral& from) {
    event_.kind = EventKind::kReferred;
    TRY(to_.service, FindService(parts_.catalogue, to_.about.service()));
    if (!to_.service->Provides(to_.provider)) {
      return Error{Code::kPermissionDenied, "NOT_THE_PROVIDER",
                   "the service's providers in data/waiting_services.json do "
                   "not name this agency"};
    }
    TRY(event_.from, DayOf(from.original_start_date(), "original_start_date"));
    for (const std::string& flag : from.flags()) {
      if (parts_.catalogue.Knows("flag", flag)) continue;
      return Invalid("CODE_UNKNOWN", "referral.flags", "an unknown flag");
    }
    to_.flags = absl::StrJoin(from.flags(), " ");
    to_.transferred_from = from.transferred_from();
    *to_.referral.mutable_child() = from.child();
    *to_.referral.mutable_routes() = from.routes();
    TRY_VOID(TakeKeys(from.child()));
    to_.new_id = parts_.ids.New("W");
    to_.sealed = parts_.store.SealReferral(area_, to_.new_id, to_.referral);
    return {};
  }

  Result<void> Take(const pb::Acceptance&) {
    event_.kind = EventKind::kAccepted;
    return {};
  }

  Result<void> Take(const pb::Rejection& from) {
    event_.kind = EventKind::kRejected;
    to_.said.set_text(from.reason());
    return {};
  }

  Result<void> Take(const pb::Offer& from) {
    event_.kind = EventKind::kOffered;
    TRY(event_.from, DayOf(from.appointment_date(), "appointment_date"));
    return {};
  }

  Result<void> Take(const pb::Appointment& from) {
    event_.kind = EventKind::kAttendance;
    event_.attendance = static_cast<Attendance>(from.attendance());
    event_.code = from.opens();
    return {};
  }

  Result<void> Take(const pb::Unavailability& from) {
    event_.kind = EventKind::kUnavailable;
    TRY(event_.from, DayOf(from.start_date(), "unavailability.start_date"));
    TRY(event_.until, DayOf(from.end_date(), "unavailability.end_date"));
    return {};
  }

  Result<void> Take(const pb::Priority& from) {
    event_.kind = EventKind::kPrioritised;
    event_.likelihood = from.likelihood();
    event_.impact = from.impact();
    return {};
  }

  Result<void> Take(const pb::Block& from) {
    event_.kind = EventKind::kBlocked;
    event_.code = from.by();
    TRY(event_.until, DayOf(from.until_date(), "block.until_date"));
    return {};
  }

  Result<void> Take(const pb::FamilyContact& from) {
    event_.kind = EventKind::kFamilyContacted;
    event_.code = from.kind();
    to_.said.set_text(from.note());
    return {};
  }

  Result<void> Take(const pb::RiskCall& from) {
    event_.kind = EventKind::kRiskCalled;
    event_.code = from.answer();
    to_.said.set_text(from.note());
    return {};
  }

  Result<void> Take(const pb::Expedition& from) {
    event_.kind = EventKind::kExpedited;
    event_.code = from.goes_first() ? "FIRST" : "NOT_FIRST";
    return TakeRationale(from.rationale());
  }

  Result<void> Take(const pb::Removal& from) {
    event_.kind = EventKind::kRemoved;
    event_.outcome = static_cast<Outcome>(from.outcome());
    event_.code = from.reason();
    to_.review = {from.clinician(), !from.risk_review().empty(), from.gp_told(),
                  from.referrer_told()};
    to_.said.set_text(from.risk_review());
    to_.said.set_clinician(from.clinician());
    return {};
  }

  Result<void> Take(const pb::Correction& from) {
    event_.kind = EventKind::kCorrected;
    event_.corrects = from.event();
    return TakeRationale(from.rationale());
  }

 private:
  Result<void> TakeKeys(const pb::Child& child) {
    const Identifier number =
        ParseNhsNumber(child.nhs_number(), parts_.settings.allow_test_numbers
                                               ? TestNumbers::kAllow
                                               : TestNumbers::kRefuse);
    to_.nhs_number_wrong = !child.nhs_number().empty() && !number.ok;
    to_.child_keys =
        parts_.store.ChildKeys(number.ok ? number.normalised : "", child);
    if (!to_.child_keys.empty() && !to_.about.reference().empty()) return {};
    return Invalid("CHILD_REQUIRED", "referral.child",
                   "give a reference, and an NHS number or surname and date of "
                   "birth");
  }

  Result<void> TakeRationale(const std::string& rationale) {
    to_.said.set_text(rationale);
    if (!rationale.empty()) return {};
    return Invalid("RATIONALE_REQUIRED", "rationale", "say why");
  }

  const Parts& parts_;
  const std::string& area_;
  Incoming& to_;
  Event& event_;
};

}  // namespace

Result<Incoming> Translate(const Parts& parts, const rpc::Call& call,
                           const pb::Event& request) {
  // As their own methods ask: a person calls, and a person decides.
  if ((request.has_call() || request.has_expedition()) &&
      call.caller.person.empty()) {
    return rpc::PersonRequired();
  }
  TRY_VOID(CheckNames(request));
  Incoming in;
  in.provider = call.caller.agency;
  in.about = request.about();
  in.event.event_id = in.about.event_id();
  TRY(in.event.happened, HappenedAt(in.about, parts.clock.Now()));
  in.event.date = CivilDate(in.event.happened);
  Translation translation(parts, call.area, in);
  const auto take = [&]() -> Result<void> {
    switch (request.event_case()) {
      case pb::Event::kReferral:
        return translation.Take(request.referral());
      case pb::Event::kAcceptance:
        return translation.Take(request.acceptance());
      case pb::Event::kRejection:
        return translation.Take(request.rejection());
      case pb::Event::kOffer:
        return translation.Take(request.offer());
      case pb::Event::kAppointment:
        return translation.Take(request.appointment());
      case pb::Event::kUnavailability:
        return translation.Take(request.unavailability());
      case pb::Event::kPriority:
        return translation.Take(request.priority());
      case pb::Event::kBlock:
        return translation.Take(request.block());
      case pb::Event::kContact:
        return translation.Take(request.contact());
      case pb::Event::kCall:
        return translation.Take(request.call());
      case pb::Event::kExpedition:
        return translation.Take(request.expedition());
      case pb::Event::kRemoval:
        return translation.Take(request.removal());
      case pb::Event::kCorrection:
        return translation.Take(request.correction());
      case pb::Event::EVENT_NOT_SET:
        break;
    }
    return Invalid("EVENT_REQUIRED", "event", "say what happened");
  };
  TRY_VOID(take());
  return in;
}

}  // namespace seawall::waiting
