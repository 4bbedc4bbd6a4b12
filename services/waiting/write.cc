// Recording what happened to referrals: first what an event asks for is worked
// out, and refused without a trace; then it is written, which nothing but the
// store can refuse.
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <set>

#include "libs/rpc/errors.h"
#include "libs/rpc/observe.h"
#include "services/waiting/scenes.h"

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

// A referral that was recorded already: under its id, or of the same day.
Result<const Event*> ReferralThere(const std::vector<Event>& events,
                                   const Incoming& incoming) {
  TRY(const Event* there, AlreadyThere(events, incoming));
  if (there) return there;
  for (const Event& one : events) {
    const bool is_one = !one.is_void && one.kind == EventKind::kReferred;
    if (is_one && one.date == incoming.event.date) return &one;
  }
  return nullptr;
}

// On the worklist; empty for who does not wait.
std::string PlaceIn(const Catalogue& catalogue, const Scene& scene,
                    const Wait* open) {
  if (!open) return "";
  return PlaceOf(UrgencyOf(scene.events, catalogue, open->start), open->start,
                 scene.row.referral_id);
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

// What an event asks to be written.
struct Waiting::Plan {
  // Null: a new referral.
  Scene* scene = nullptr;
  Event event;
  // A transfer: the list that is left, and how.
  Scene* left = nullptr;
  Event leaving;
  // What is said of it; `already_recorded`: then nothing is written.
  pb::EventReceipt receipt;
};

// ---- the methods ----

Result<rpc::Work<pb::EventReceipt>> Waiting::OneEvent(const Call& call,
                                                      const pb::Event& event) {
  TRY(Incoming incoming, Translate(parts_, call, event));
  return rpc::Work<pb::EventReceipt>(
      [this, incoming = std::move(incoming)](
          ledger::Unit& unit) -> Result<pb::EventReceipt> {
        TRY(Scenes scenes, Look(unit, {&incoming}));
        TRY(Plan plan, Consider(unit, scenes, incoming));
        TRY_VOID(Record(unit, scenes, incoming, plan));
        TRY_VOID(Settle(unit, scenes));
        return std::move(plan.receipt);
      });
}

Result<rpc::Work<pb::PushEventsResponse>> Waiting::PushEvents(
    const Call& call, const pb::PushEventsRequest& request) {
  if (request.events().empty()) {
    return Invalid("EVENT_REQUIRED", "events", "say what happened");
  }
  if (request.events_size() > kMostEvents) {
    return Invalid("TOO_MANY_EVENTS", "events", "at most 100 in one request");
  }
  std::vector<Result<Incoming>> events;
  events.reserve(static_cast<std::size_t>(request.events_size()));
  for (const pb::Event& event : request.events()) {
    events.push_back(Translate(parts_, call, event));
  }
  return rpc::Work<pb::PushEventsResponse>(
      [this, events = std::move(events)](ledger::Unit& unit) {
        return RecordAll(unit, events);
      });
}

Result<Scenes> Waiting::Look(ledger::Unit& unit,
                             const std::vector<const Incoming*>& events) const {
  TRY(store::Session * session, unit.Look());
  return Scenes::Load(store_, parts_.catalogue, session->sql(), unit.area(),
                      events);
}

// Each by itself: what is refused has left nothing. An error of the store is
// everybody's.
Result<pb::PushEventsResponse> Waiting::RecordAll(
    ledger::Unit& unit, const std::vector<Result<Incoming>>& events) const {
  std::vector<const Incoming*> readable;
  for (const auto& event : events) {
    if (event) readable.push_back(&*event);
  }
  pb::PushEventsResponse response;
  Scenes scenes;
  if (!readable.empty()) {
    TRY(scenes, Look(unit, readable));
  }
  for (const auto& event : events) {
    pb::EventAnswer& answer = *response.add_answers();
    Result<Plan> plan =
        event ? Consider(unit, scenes, *event) : Result<Plan>(event.error());
    if (!plan) {
      rpc::RefusalCounter(parts_.metrics, plan.error().reason).Add();
      *answer.mutable_error() = rpc::ToProto(plan.error());
      continue;
    }
    TRY_VOID(Record(unit, scenes, *event, *plan));
    *answer.mutable_receipt() = std::move(plan->receipt);
  }
  TRY_VOID(Settle(unit, scenes));
  return response;
}

// ---- what an event asks for ----

Result<Waiting::Plan> Waiting::Consider(ledger::Unit& unit, Scenes& scenes,
                                        const Incoming& incoming) const {
  if (incoming.event.kind == EventKind::kReferred) {
    return ConsiderReferral(unit, scenes, incoming);
  }
  const pb::About& about = incoming.about;
  Plan plan;
  plan.scene = about.referral_id().empty()
                   ? scenes.ByReference(about.service(), about.reference())
                   : scenes.ById(about.referral_id());
  // Another provider's children are not there.
  if (!plan.scene || plan.scene->row.provider != incoming.provider) {
    return Error{Code::kNotFound, "REFERRAL_NOT_FOUND",
                 "no such referral; register it before what happened to it"};
  }
  const Scene& scene = *plan.scene;
  if (!scene.service) return FindService(parts_.catalogue, "").error();
  plan.receipt.set_referral_id(scene.row.referral_id);
  unit.Touched(scene.row.referral_id);
  TRY(const Event* there, AlreadyThere(scene.events, incoming));
  if (there) {
    plan.receipt.set_event(there->number);
    plan.receipt.set_already_recorded(true);
    return plan;
  }
  TRY_VOID(rules::MayRecord(incoming.event, scene.events, *scene.service,
                            parts_.catalogue, incoming.review));
  plan.event = incoming.event;
  return plan;
}

// Another referral of the same child that this one goes on with.
Scene* Waiting::SameSpell(Scenes& scenes, const Incoming& incoming,
                          pb::EventReceipt& receipt) const {
  Scene* same = nullptr;
  for (Scene* other : scenes.OfChild(incoming.child_keys)) {
    if (other->row.service != incoming.service->id) continue;
    const std::vector<Wait> waits = WaitsOf(other->events);
    const bool waits_now = OpenWait(waits) != nullptr;
    if (other->row.provider != incoming.provider) {
      if (waits_now) {
        Warn(receipt, "ALSO_WAITING",
             "the child waits for this service at " + other->row.provider +
                 " too");
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
    if (waits_now || waited_then || left_lately) same = other;
  }
  if (same) Warn(receipt, "SAME_SPELL", "goes on as " + same->row.referral_id);
  return same;
}

// A transfer keeps its start and leaves no child on two lists.
Result<void> Waiting::ConsiderTransfer(Scenes& scenes, const Incoming& incoming,
                                       Plan& plan) const {
  if (incoming.transferred_from.empty()) return {};
  Scene* other = scenes.ById(incoming.transferred_from);
  if (other == plan.scene && other) return {};
  if (!other || !IsOf(incoming, other->row)) {
    return Error{Code::kNotFound, "REFERRAL_NOT_FOUND",
                 "the child has no such referral to be transferred from"};
  }
  if (!other->service) return FindService(parts_.catalogue, "").error();
  const std::vector<Wait> waits = WaitsOf(other->events);
  if (waits.empty()) return {};
  if (waits.back().left && waits.back().outcome != Outcome::kTransferred) {
    return Error{Code::kFailedPrecondition, "NOT_WAITING",
                 "the child waits no more under that referral, and was not "
                 "transferred"};
  }
  Event& event = plan.event;
  const Date start = waits.back().start;
  event.from = std::min(event.from.value_or(start), start);
  if (!OpenWait(waits) || event.date < waits.back().joined) return {};
  plan.left = other;
  plan.leaving.kind = EventKind::kRemoved;
  plan.leaving.outcome = Outcome::kTransferred;
  plan.leaving.code = "OTHER_SERVICE";
  plan.leaving.happened = event.happened;
  plan.leaving.date = event.date;
  return {};
}

Result<Waiting::Plan> Waiting::ConsiderReferral(
    ledger::Unit& unit, Scenes& scenes, const Incoming& incoming) const {
  Plan plan;
  plan.event = incoming.event;
  Scene* known =
      scenes.ByReference(incoming.service->id, incoming.about.reference());
  if (known && !IsOf(incoming, known->row)) {
    return Error{Code::kFailedPrecondition, "ALREADY_REGISTERED",
                 "this reference is another child's, or of one known by other "
                 "details"};
  }
  plan.scene = known ? known : SameSpell(scenes, incoming, plan.receipt);
  if (plan.scene) {
    plan.receipt.set_referral_id(plan.scene->row.referral_id);
    unit.Touched(plan.scene->row.referral_id);
  }
  if (known) {
    TRY(const Event* there, ReferralThere(known->events, incoming));
    if (there) {
      plan.receipt.set_event(there->number);
      plan.receipt.set_already_recorded(true);
      return plan;
    }
    if (OpenWait(WaitsOf(known->events))) {
      return Error{Code::kFailedPrecondition, "ALREADY_REGISTERED",
                   "this reference waits since another day; CorrectEvent takes "
                   "the wrong one back"};
    }
  }
  TRY_VOID(ConsiderTransfer(scenes, incoming, plan));
  TRY_VOID(rules::MayRecord(
      plan.event, plan.scene ? plan.scene->events : std::vector<Event>(),
      *incoming.service, parts_.catalogue, incoming.review));
  if (incoming.nhs_number_wrong) {
    Warn(plan.receipt, "NHS_NUMBER_INVALID",
         "the NHS number is kept as given and not matched on");
  }
  return plan;
}

// ---- writing ----

Result<void> Waiting::Record(ledger::Unit& unit, Scenes& scenes,
                             const Incoming& incoming, Plan& plan) const {
  if (plan.receipt.already_recorded()) return {};
  if (plan.left) {
    pb::EventReceipt ignored;
    TRY_VOID(Write(unit, *plan.left, plan.leaving, {}, ignored));
    unit.Touched(plan.left->row.referral_id);
  }
  if (incoming.event.kind == EventKind::kReferred) {
    TRY_VOID(Register(unit, scenes, incoming, plan));
  }
  return Write(unit, *plan.scene, std::move(plan.event), incoming.said,
               plan.receipt);
}

// The referral's own row, and the provider's name for it.
Result<void> Waiting::Register(ledger::Unit& unit, Scenes& scenes,
                               const Incoming& incoming, Plan& plan) const {
  const std::string& reference = incoming.about.reference();
  if (!plan.scene) {
    plan.scene = &scenes.Add(
        {incoming.new_id, incoming.provider, incoming.service->id, reference,
         incoming.child_keys.front(), incoming.flags, incoming.sealed},
        *incoming.service);
    const ReferralRow& row = plan.scene->row;
    store_.Insert(unit, row, unit.next_position());
    store_.AddReference(unit, row, reference);
    plan.receipt.set_referral_id(row.referral_id);
    unit.Touched(row.referral_id);
    return {};
  }
  if (!scenes.ByReference(incoming.service->id, reference)) {
    store_.AddReference(unit, plan.scene->row, reference);
    scenes.Refer(reference, *plan.scene);
  }
  return Amend(unit, incoming, plan.scene->row);
}

// A spell's later referral may know more: how the family may be spoken to, and
// flags. Routes that it does not state stay.
Result<void> Waiting::Amend(ledger::Unit& unit, const Incoming& incoming,
                            ReferralRow& row) const {
  const bool routed = incoming.referral.routes().ByteSizeLong() > 0;
  std::set<std::string> flags =
      absl::StrSplit(row.flags + " " + incoming.flags, ' ', absl::SkipEmpty());
  const std::string all = absl::StrJoin(flags, " ");
  if (!routed && all == row.flags) return {};
  row.flags = all;
  if (routed) {
    row.sealed =
        store_.SealReferral(unit.area(), row.referral_id, incoming.referral);
  }
  TRY(store::Session * session, unit.Direct());
  return store_.Amend(session->sql(), unit.area(), row);
}

Result<void> Waiting::Write(ledger::Unit& unit, Scene& scene, Event event,
                            const pb::SealedEvent& said,
                            pb::EventReceipt& receipt) const {
  const std::vector<Event> events_before = scene.events;
  const std::vector<Wait> before = WaitsOf(events_before);
  const Missed missed_before = MissedOf(scene.events);
  if (!scene.written) {
    scene.written = true;
    const Wait* open = OpenWait(before);
    if (open) scene.clock = open->clock;
    scene.place = PlaceIn(parts_.catalogue, scene, open);
  }
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

// The worklist's rows of the referrals that were written to, once for all that
// happened to each; those that go first, so that staged rows are sent once.
Result<void> Waiting::Settle(ledger::Unit& unit, Scenes& scenes) const {
  std::vector<const Scene*> moved;
  for (const auto& [id, scene] : scenes.all()) {
    if (!scene || !scene->written) continue;
    const std::vector<Wait> waits = WaitsOf(scene->events);
    const Wait* open = OpenWait(waits);
    const std::string place = PlaceIn(parts_.catalogue, *scene, open);
    const std::string clock = open ? open->clock : "";
    if (clock == scene->clock && place == scene->place) continue;
    if (!scene->clock.empty()) {
      TRY(store::Session * session, unit.Direct());
      TRY_VOID(store_.RemoveWaiting(session->sql(), unit.area(), scene->row));
    }
    if (open) moved.push_back(scene.get());
  }
  for (const Scene* scene : moved) {
    const std::vector<Wait> waits = WaitsOf(scene->events);
    const Wait& open = *OpenWait(waits);
    store_.AddWaiting(unit, scene->row, open,
                      PlaceIn(parts_.catalogue, *scene, &open));
  }
  return {};
}

}  // namespace seawall::waiting
