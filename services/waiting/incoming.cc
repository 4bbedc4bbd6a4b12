#include "services/waiting/incoming.h"

#include <absl/strings/ascii.h>

#include <algorithm>

#include "libs/base/identifiers.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/keys.h"
#include "services/waiting/details.h"

namespace seawall::waiting {
namespace {

constexpr std::chrono::minutes kAhead{5};
// No child waits since then: a slip of the pen, which no average survives.
constexpr Date kEarliest{std::chrono::year(1990) / 1 / 1};
// Nobody plans further ahead for a child who waits.
constexpr int kMonthsAhead = 5 * 12;
// Services are for children and, with special needs, until 25.
constexpr int kOldestChild = 25;  // years

Error Invalid(const char* reason, const char* field,
              const std::string& message) {
  return Error{Code::kInvalidArgument, reason, message, {{field, message}}};
}

Error TimeAhead(const pb::About& about) {
  return Invalid("TIME_AHEAD", WhenField(about),
                 about.has_happened_time()
                     ? "has not happened yet; check the sender's clock"
                     : about.happened_date() + " has not come yet");
}

// As a code is written; free text may hold a name and is not repeated.
std::string Quoted(const std::string& code) {
  const bool is_code =
      code.size() <= 40 &&
      code.find_first_not_of(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
          "abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  return is_code ? "\"" + code + "\"" : "a word";
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
    if (seconds > ToMicros(now) / 1'000'000 + 3600) return TimeAhead(about);
    happened = ToInstant(about.happened_time());
  } else if (!about.happened_date().empty()) {
    const auto day = ParseDate(about.happened_date());
    if (!day || *day < kEarliest) {
      return Invalid("DATE_IMPOSSIBLE", "about.happened_date",
                     "is no day such as 2023-12-31 (year, month, day), or "
                     "before 1990");
    }
    const Instant noon = StartOfDay(*day) + std::chrono::hours(12);
    happened = *day == CivilDate(now) ? std::min(noon, now) : noon;
  }
  if (happened > now + kAhead) return TimeAhead(about);
  return happened;
}

const rpc::Keys& KeysOfEvent() {
  static const rpc::Keys keys(*pb::Event::descriptor());
  return keys;
}

// Empty where it does not check out.
std::string NumberOf(const Parts& parts, const pb::Child& child) {
  return ParseNhsNumber(child.nhs_number(), parts.settings.allow_test_numbers
                                                ? TestNumbers::kAllow
                                                : TestNumbers::kRefuse)
      .normalised;
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
    event_.from =
        TakeDay(from.original_start_date(), "referral.original_start_date");
    if (event_.from && *event_.from > event_.date) {
      Warn("DATE_IMPOSSIBLE", "referral.original_start_date",
           "lies after the referral; the clock starts with the referral");
      event_.from.reset();
    }
    for (const std::string& flag : from.flags()) {
      if (parts_.catalogue.Knows("flag", flag)) continue;
      return Invalid(
          "CODE_UNKNOWN", "referral.flags",
          Quoted(flag) + " is no flag of data/waiting_services.json");
    }
    to_.transferred_from = from.transferred_from();
    Merge(from, to_.details);
    TRY_VOID(TakeChild(from.child()));
    to_.new_id = parts_.ids.New("W");
    to_.sealed = parts_.store.SealReferral(area_, to_.new_id, to_.details);
    return {};
  }

  Result<void> Take(const pb::Acceptance&) {
    event_.kind = EventKind::kAccepted;
    return {};
  }

  Result<void> Take(const pb::Rejection&) {
    event_.kind = EventKind::kRejected;
    return {};
  }

  Result<void> Take(const pb::Offer& from) {
    event_.kind = EventKind::kOffered;
    event_.from = TakeDay(from.appointment_date(), "offer.appointment_date");
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
    event_.from = TakeDay(from.start_date(), "unavailability.start_date");
    event_.until = TakeDay(from.end_date(), "unavailability.end_date");
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
    event_.until = TakeDay(from.until_date(), "block.until_date");
    return {};
  }

  Result<void> Take(const pb::FamilyContact& from) {
    event_.kind = EventKind::kFamilyContacted;
    event_.code = from.kind();
    return {};
  }

  Result<void> Take(const pb::RiskCall& from) {
    event_.kind = EventKind::kRiskCalled;
    event_.code = from.answer();
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
    return {};
  }

  Result<void> Take(const pb::SameChild& from) {
    event_.kind =
        from.same() ? EventKind::kSameChild : EventKind::kNotSameChild;
    event_.code = from.other_referral_id();
    to_.other_referral = from.other_referral_id();
    return TakeRationale(from.rationale());
  }

  Result<void> Take(const pb::TransferAnswer& from) {
    event_.kind =
        from.given() ? EventKind::kTransferGiven : EventKind::kTransferRefused;
    return TakeRationale(from.rationale());
  }

  Result<void> Take(const pb::Correction& from) {
    event_.kind = EventKind::kCorrected;
    event_.corrects = from.event();
    return TakeRationale(from.rationale());
  }

 private:
  void Warn(const char* reason, const char* field, const char* description) {
    pb::Warning& warning = to_.warnings.emplace_back();
    warning.set_reason(reason);
    warning.set_field(field);
    warning.set_description(description);
  }

  // A civil day that the event may lack.
  std::optional<Date> TakeDay(const std::string& text, const char* field) {
    if (text.empty()) return std::nullopt;
    const auto day = ParseDate(text);
    if (!day || *day < kEarliest) {
      Warn("DATE_IMPOSSIBLE", field,
           "is kept as given and counts for nothing: no day such as 2023-12-31 "
           "(year, month, day), or before 1990");
      return std::nullopt;
    }
    if (*day > AddMonths(event_.date, kMonthsAhead)) {
      Warn("DATE_AHEAD", field, "is kept as given: more than five years ahead");
    }
    return day;
  }

  // Whoever can be asked for is kept, whatever is wrong with the rest.
  Result<void> TakeChild(const pb::Child& child) {
    if (to_.about.reference().empty()) {
      return Invalid("CHILD_REQUIRED", "about.reference",
                     "is missing: your own name for the referral");
    }
    if (child.nhs_number().empty() && child.given_name().empty() &&
        child.family_name().empty()) {
      return Invalid("CHILD_REQUIRED", "referral.child",
                     "has neither an NHS number nor a name");
    }
    if (!child.nhs_number().empty() && NumberOf(parts_, child).empty()) {
      Warn("NHS_NUMBER_INVALID", "referral.child.nhs_number",
           "is kept as given and not matched on");
    }
    if (!child.date_of_birth().empty()) CheckBirth(child.date_of_birth());
    to_.described = Describe(parts_, child);
    return {};
  }

  void CheckBirth(const std::string& text) {
    constexpr char kField[] = "referral.child.date_of_birth";
    const auto born = ParseDate(text);
    if (!born) {
      Warn("DATE_IMPOSSIBLE", kField,
           "is kept as given and counts for nothing: no day such as 2019-02-03 "
           "(year, month, day)");
    } else if (*born > CivilDate(parts_.clock.Now())) {
      Warn("DATE_AHEAD", kField, "is kept as given: it has not come yet");
    } else if (YearsOn(*born, kOldestChild) < event_.date) {
      Warn("AGE_OVER_25", kField, "is kept as given: more than 25 years ago");
    }
  }

  Result<void> TakeRationale(const std::string& rationale) {
    if (!rationale.empty()) return {};
    return Invalid("RATIONALE_REQUIRED", "rationale", "say why");
  }

  const Parts& parts_;
  const std::string& area_;
  Incoming& to_;
  Event& event_;
};

}  // namespace

const char* WhenField(const pb::About& about) {
  return about.has_happened_time() ? "about.happened_time"
                                   : "about.happened_date";
}

bool IsReferralId(const std::string& text) {
  return text.starts_with("W-") && text.size() <= 40 &&
         std::all_of(text.begin() + 2, text.end(), absl::ascii_isalnum);
}

child::Description Describe(const Parts& parts, const pb::Child& child) {
  child::Description described;
  described.nhs_number = NumberOf(parts, child);
  child::SetNames(child.given_name(), child.family_name(), described);
  const Date today = CivilDate(parts.clock.Now());
  const auto born = ParseDate(child.date_of_birth());
  const bool can_be =
      born && *born <= today && YearsOn(*born, kOldestChild) >= today;
  if (can_be) described.birth_date = born;
  return described;
}

Result<Incoming> Translate(const Parts& parts, const rpc::Call& call,
                           const pb::Event& request) {
  // As their own methods ask: a person calls, and a person decides.
  if ((request.has_call() || request.has_expedition() ||
       request.has_same_child() || request.has_transfer_answer()) &&
      call.caller.person.empty()) {
    return rpc::PersonRequired();
  }
  TRY_VOID(KeysOfEvent().Check(request));
  Incoming in;
  in.provider = call.caller.agency;
  in.is_hub = call.caller.role == rpc::Role::kHub;
  in.about = request.about();
  in.said = request;
  in.said.clear_about();
  if (in.about.has_happened_time()) {
    *in.said.mutable_about()->mutable_happened_time() =
        in.about.happened_time();
  }
  in.said.mutable_about()->set_happened_date(in.about.happened_date());
  in.event.event_id = parts.store.SealEventId(in.about.event_id());
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
      case pb::Event::kTransferAnswer:
        return translation.Take(request.transfer_answer());
      case pb::Event::kSameChild:
        return translation.Take(request.same_child());
      case pb::Event::EVENT_NOT_SET:
        break;
    }
    return Invalid("EVENT_REQUIRED", "event", "say what happened");
  };
  TRY_VOID(take());
  return in;
}

}  // namespace seawall::waiting
