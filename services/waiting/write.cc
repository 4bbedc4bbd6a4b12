// Recording what happened to a referral.
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <set>

#include "libs/rpc/identity.h"
#include "services/waiting/incoming.h"

namespace seawall::waiting {
namespace {

Error Invalid(const char* reason, const char* field, const char* message) {
  return Error{Code::kInvalidArgument, reason, message, {{field, message}}};
}

void Warn(pb::EventReceipt& receipt, const char* reason,
          const std::string& description) {
  pb::Warning& warning = *receipt.add_warnings();
  warning.set_reason(reason);
  warning.set_description(description);
}

std::string By(const ledger::Actor& actor) {
  return actor.agency + "/" +
         (actor.person.empty() ? actor.system : actor.person);
}

std::vector<Event> EventsOf(const std::vector<EventRow>& rows) {
  std::vector<Event> events;
  for (const EventRow& row : rows) events.push_back(row.event);
  return events;
}

// The same thing said twice. A civil day alone is no time to compare.
bool IsSame(const Event& a, const Event& b, const pb::About& about) {
  const bool when = about.has_happened_time()
                        ? a.happened == b.happened
                        : about.happened_date().empty() || a.date == b.date;
  return when && a.kind == b.kind && a.code == b.code &&
         a.attendance == b.attendance && a.outcome == b.outcome;
}

// The same child, by what names it.
bool IsOf(const Incoming& incoming, const ReferralRow& row) {
  const auto& keys = incoming.child_keys;
  return std::find(keys.begin(), keys.end(), row.child_key) != keys.end();
}

Result<const Event*> AlreadyThere(const std::vector<Event>& events,
                                  const Incoming& incoming) {
  const Event& event = incoming.event;
  if (event.event_id.empty()) return nullptr;
  for (const Event& one : events) {
    if (one.event_id != event.event_id) continue;
    if (IsSame(one, event, incoming.about)) return &one;
    return Invalid("EVENT_ID_REUSED", "about.event_id",
                   "another event has this id; use CorrectEvent to change one");
  }
  return nullptr;
}

// What is due to the family now and was not, and the other way round.
void CompareDuties(const Service& service, const std::vector<Event>& before,
                   const std::vector<Event>& after,
                   pb::WaitingChanged& changed) {
  const auto was = DutyDays(service, before), is = DutyDays(service, after);
  const auto add = [](const auto& duties, const auto& others, auto* to) {
    for (const DutyDay& duty : duties) {
      if (others.count(duty)) continue;
      pb::DutySpan& span = *to->Add();
      span.set_duty(duty.first);
      span.set_due_date(duty.second);
    }
  };
  add(was, is, changed.mutable_duties_before());
  add(is, was, changed.mutable_duties_after());
}

std::string Detail(const Event& event) {
  if (event.kind == EventKind::kAttendance) {
    return std::string(Name(event.attendance));
  }
  if (event.kind == EventKind::kRemoved)
    return std::string(Name(event.outcome));
  return event.code;
}

}  // namespace

// A referral and what happened to it.
struct Waiting::Scene {
  ReferralRow row;
  const Service* service = nullptr;
  std::vector<Event> events;
  int next_number() const {
    return events.empty() ? 1 : events.back().number + 1;
  }
};

Result<rpc::Work<pb::PushEventResponse>> Waiting::PushEvent(
    const Call& call, const pb::PushEventRequest& request) {
  // As their own methods ask: a person calls, and a person decides.
  if ((request.has_call() || request.has_expedition()) &&
      call.caller.person.empty()) {
    return rpc::PersonRequired();
  }
  TRY(Incoming incoming, Translate(parts_, call.caller.agency, request));
  return rpc::Work<pb::PushEventResponse>(
      [this, incoming = std::move(incoming)](
          ledger::Unit& unit) -> Result<pb::PushEventResponse> {
        pb::PushEventResponse response;
        TRY(*response.mutable_receipt(), Record(unit, incoming));
        return response;
      });
}

Result<ReferralRow> Waiting::Find(soci::session& sql, const std::string& area,
                                  const std::string& provider,
                                  const pb::About& about) const {
  if (about.referral_id().empty()) {
    return store_.ByReference(sql, area, provider, about.service(),
                              about.reference());
  }
  TRY(ReferralRow row, store_.Referral(sql, area, about.referral_id()));
  // Another provider's children are not there.
  if (row.provider == provider) return row;
  return Error{Code::kNotFound, "REFERRAL_NOT_FOUND", "no such referral"};
}

Result<pb::EventReceipt> Waiting::Record(ledger::Unit& unit,
                                         const Incoming& incoming) const {
  TRY(store::Session * session, unit.Look());
  soci::session& sql = session->sql();
  if (incoming.event.kind == EventKind::kReferred) {
    return Register(unit, sql, incoming);
  }
  Scene scene;
  TRY(scene.row, Find(sql, unit.area(), incoming.provider, incoming.about));
  TRY(scene.service, FindService(parts_.catalogue, scene.row.service));
  TRY(const auto rows, store_.Events(sql, unit.area(), scene.row.referral_id));
  scene.events = EventsOf(rows);
  pb::EventReceipt receipt;
  receipt.set_referral_id(scene.row.referral_id);
  unit.Touched(scene.row.referral_id);
  TRY(const Event* there, AlreadyThere(scene.events, incoming));
  if (there) {
    receipt.set_event(there->number);
    receipt.set_already_recorded(true);
    return receipt;
  }
  TRY_VOID(rules::MayRecord(incoming.event, scene.events, *scene.service,
                            parts_.catalogue, incoming.review));
  TRY_VOID(Write(unit, scene, incoming.event, incoming.said, receipt));
  return receipt;
}

Result<std::optional<ReferralRow>> Waiting::SameSpell(
    soci::session& sql, const std::string& area, const Incoming& incoming,
    pb::EventReceipt& receipt) const {
  std::optional<ReferralRow> same;
  TRY(std::vector<ReferralRow> others,
      store_.OfChild(sql, area, incoming.child_keys));
  for (ReferralRow& other : others) {
    if (other.service != incoming.service->id) continue;
    TRY(const auto rows, store_.Events(sql, area, other.referral_id));
    const std::vector<Wait> waits = WaitsOf(EventsOf(rows));
    const bool waits_now = OpenWait(waits) != nullptr;
    if (other.provider != incoming.provider) {
      if (waits_now) {
        Warn(receipt, "ALSO_WAITING",
             "the child waits for this service at " + other.provider + " too");
      }
      continue;
    }
    // Recorded late: it came while the child waited.
    const bool waited_then =
        std::any_of(waits.begin(), waits.end(), [&](const Wait& wait) {
          return wait.clock == kFirstContact &&
                 wait.WaitingOn(incoming.event.date);
        });
    const bool left_lately = !waits.empty() && waits.back().left &&
                             waits.back().outcome != Outcome::kSeen &&
                             incoming.event.date >= *waits.back().left &&
                             incoming.event.date - *waits.back().left <=
                                 std::chrono::days(kSpellDays);
    if (waits_now || waited_then || left_lately) same = std::move(other);
  }
  if (same) Warn(receipt, "SAME_SPELL", "goes on as " + same->referral_id);
  return same;
}

// A transfer keeps its start and leaves no child on two lists.
Result<void> Waiting::LeaveOther(ledger::Unit& unit, soci::session& sql,
                                 const Incoming& incoming, Event& event) const {
  if (incoming.transferred_from.empty()) return {};
  Scene other;
  TRY(other.row, store_.Referral(sql, unit.area(), incoming.transferred_from));
  if (!IsOf(incoming, other.row)) {
    return Error{Code::kNotFound, "REFERRAL_NOT_FOUND",
                 "the child has no such referral to be transferred from"};
  }
  TRY(other.service, FindService(parts_.catalogue, other.row.service));
  TRY(const auto rows, store_.Events(sql, unit.area(), other.row.referral_id));
  other.events = EventsOf(rows);
  const std::vector<Wait> waits = WaitsOf(other.events);
  if (waits.empty()) return {};
  if (waits.back().left && waits.back().outcome != Outcome::kTransferred) {
    return Error{Code::kFailedPrecondition, "NOT_WAITING",
                 "the child waits no more under that referral, and was not "
                 "transferred"};
  }
  const Date start = waits.back().start;
  event.from = std::min(event.from.value_or(start), start);
  if (!OpenWait(waits) || event.date < waits.back().joined) return {};
  Event leaves;
  leaves.kind = EventKind::kRemoved;
  leaves.outcome = Outcome::kTransferred;
  leaves.code = "OTHER_SERVICE";
  leaves.happened = event.happened;
  leaves.date = event.date;
  pb::EventReceipt ignored;
  return Write(unit, other, leaves, {}, ignored);
}

// A spell's later referral may know more: how the family may be spoken to, and
// flags. Routes that it does not state stay.
Result<void> Waiting::Amend(soci::session& sql, const std::string& area,
                            const Incoming& incoming, ReferralRow& row) const {
  const bool routed = incoming.referral.routes().ByteSizeLong() > 0;
  std::set<std::string> flags =
      absl::StrSplit(row.flags + " " + incoming.flags, ' ', absl::SkipEmpty());
  const std::string all = absl::StrJoin(flags, " ");
  if (!routed && all == row.flags) return {};
  row.flags = all;
  if (routed) {
    row.sealed = store_.SealReferral(area, row.referral_id, incoming.referral);
  }
  return store_.Amend(sql, area, row);
}

Result<pb::EventReceipt> Waiting::Register(ledger::Unit& unit,
                                           soci::session& sql,
                                           const Incoming& incoming) const {
  pb::EventReceipt receipt;
  Event event = incoming.event;
  const std::string& reference = incoming.about.reference();
  Scene scene;
  scene.service = incoming.service;
  auto known = store_.ByReference(sql, unit.area(), incoming.provider,
                                  incoming.service->id, reference);
  if (!known && known.error().code != Code::kNotFound) return known.error();
  bool is_new = false;
  if (known && !IsOf(incoming, *known)) {
    return Error{Code::kFailedPrecondition, "ALREADY_REGISTERED",
                 "this reference is another child's, or of one known by other "
                 "details"};
  }
  if (known) {
    scene.row = *std::move(known);
  } else {
    TRY(auto same, SameSpell(sql, unit.area(), incoming, receipt));
    is_new = !same;
    if (same) {
      scene.row = *std::move(same);
      store_.AddReference(unit, scene.row, reference);
    }
  }
  if (!is_new) {
    TRY(const auto rows,
        store_.Events(sql, unit.area(), scene.row.referral_id));
    scene.events = EventsOf(rows);
  }
  receipt.set_referral_id(scene.row.referral_id);
  if (known) {
    for (const Event& one : scene.events) {
      if (one.is_void || one.kind != EventKind::kReferred) continue;
      if (one.date != event.date) continue;
      receipt.set_event(one.number);
      receipt.set_already_recorded(true);
      return receipt;
    }
    if (OpenWait(WaitsOf(scene.events))) {
      return Error{Code::kFailedPrecondition, "ALREADY_REGISTERED",
                   "this reference waits since another day; CorrectEvent takes "
                   "the wrong one back"};
    }
  }
  if (incoming.transferred_from != scene.row.referral_id) {
    TRY_VOID(LeaveOther(unit, sql, incoming, event));
  }
  TRY_VOID(rules::MayRecord(event, scene.events, *scene.service,
                            parts_.catalogue, incoming.review));
  if (is_new) {
    scene.row = {parts_.ids.New("W"),         incoming.provider,
                 incoming.service->id,        reference,
                 incoming.child_keys.front(), incoming.flags};
    scene.row.sealed = store_.SealReferral(unit.area(), scene.row.referral_id,
                                           incoming.referral);
    store_.Insert(unit, scene.row, unit.next_position());
    store_.AddReference(unit, scene.row, reference);
    receipt.set_referral_id(scene.row.referral_id);
  } else {
    TRY(store::Session * session, unit.Direct());
    TRY_VOID(Amend(session->sql(), unit.area(), incoming, scene.row));
  }
  unit.Touched(scene.row.referral_id);
  if (incoming.nhs_number_wrong) {
    Warn(receipt, "NHS_NUMBER_INVALID",
         "the NHS number is kept as given and not matched on");
  }
  TRY_VOID(Write(unit, scene, std::move(event), incoming.said, receipt));
  return receipt;
}

Result<void> Waiting::Write(ledger::Unit& unit, Scene& scene, Event event,
                            const pb::SealedEvent& said,
                            pb::EventReceipt& receipt) const {
  const std::vector<Event> events_before = scene.events;
  const std::vector<Wait> before = WaitsOf(events_before);
  const Missed missed_before = MissedOf(scene.events);
  event.number = scene.next_number();
  event.position = unit.next_position();
  if (event.kind == EventKind::kCorrected) {
    TRY(store::Session * session, unit.Direct());
    TRY_VOID(store_.Void(session->sql(), unit.area(), scene.row.referral_id,
                         event.corrects, event.position));
    for (Event& one : scene.events) one.is_void |= one.number == event.corrects;
  }
  scene.events.push_back(event);
  const std::vector<Wait> after = WaitsOf(scene.events);

  pb::WaitingChanged changed;
  changed.set_referral_id(scene.row.referral_id);
  changed.set_service(scene.row.service);
  changed.set_provider(scene.row.provider);
  changed.set_event(event.number);
  changed.set_kind(std::string(Name(event.kind)));
  changed.set_happened_date(FormatDate(event.date));
  changed.set_code(Detail(event));
  int number = 0;
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const bool stays =
        i < before.size() && i < after.size() && before[i] == after[i];
    if (stays) continue;
    if (i < before.size()) {
      ToProto(before[i], *changed.add_before());
      store_.AddMovement(unit, scene.row, before[i], event.position, number++,
                         -1);
    }
    if (i < after.size()) {
      ToProto(after[i], *changed.add_after());
      store_.AddMovement(unit, scene.row, after[i], event.position, number++,
                         1);
    }
  }
  CompareDuties(*scene.service, events_before, scene.events, changed);
  unit.Record(changed, event.happened);
  store_.AddEvent(
      unit, scene.row.referral_id, event, By(unit.actor()),
      store_.SealEvent(unit.area(), scene.row.referral_id, event.number, said));
  const Wait* open = OpenWait(after);
  const Wait* was_open = OpenWait(before);
  const auto place = [&](const std::vector<Event>& events, const Wait* wait) {
    if (!wait) return std::string();
    return PlaceOf(UrgencyOf(events, parts_.catalogue, event.date), wait->start,
                   scene.row.referral_id);
  };
  const std::string is_at = place(scene.events, open);
  const bool same_row = open && was_open && open->clock == was_open->clock &&
                        is_at == place(events_before, was_open);
  if (!same_row) {
    TRY_VOID(
        store_.SetWaiting(unit, scene.row, open, is_at, was_open != nullptr));
  }
  const Missed missed = MissedOf(scene.events);
  const auto raise = [&](const char* reason) {
    pb::ConcernRaised concern;
    concern.set_referral_id(scene.row.referral_id);
    concern.set_service(scene.row.service);
    concern.set_provider(scene.row.provider);
    concern.set_concern(reason);
    concern.set_was_not_brought(missed.was_not_brought);
    concern.set_could_not_attend(missed.could_not_attend);
    concern.set_happened_date(FormatDate(event.date));
    unit.Record(concern, event.happened);
    Warn(receipt, reason, "a pattern of appointments was raised as a concern");
  };
  if (missed.IsPattern() && !missed_before.IsPattern()) {
    raise("MISSED_APPOINTMENTS");
  }
  if (missed.IsCancelledOften() && !missed_before.IsCancelledOften()) {
    raise("REPEATED_CANCELLATION");
  }
  if (event.code == "DETERIORATED" || event.code == "DETERIORATION_CALL") {
    Warn(receipt, "EXPEDITE_REVIEW",
         "a review whether the child goes first is due");
  }
  receipt.set_event(event.number);
  for (const Wait& wait : after) Show(wait, *receipt.add_waits());
  return {};
}

}  // namespace seawall::waiting
