// Recording what happened to referrals: first what an event asks for is worked
// out, and refused without a trace (consider.cc); then it is written, which
// nothing but the store can refuse.
#include <absl/strings/str_join.h>

#include <algorithm>

#include "libs/rpc/errors.h"
#include "libs/rpc/observe.h"
#include "services/waiting/details.h"
#include "services/waiting/plan.h"

namespace seawall::waiting {
namespace {

// Told of one event; who has more asks for the referral.
constexpr std::size_t kMostWaits = 100;

Error Invalid(const char* reason, const char* field, const char* message) {
  return Error{Code::kInvalidArgument, reason, message, {{field, message}}};
}

// On the worklist; empty for who does not wait.
std::string PlaceIn(const Catalogue& catalogue, const Scene& scene,
                    const Wait* open) {
  if (!open) return "";
  return PlaceOf(UrgencyOf(scene.history, catalogue, open->start), open->start,
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

// What is in `a` and not in `b`.
std::vector<Wait> Less(std::vector<Wait> a, std::vector<Wait> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<Wait> less;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(),
                      std::back_inserter(less));
  return less;
}

void AddDuties(const std::set<DutyDay>& duties, const std::set<DutyDay>& but,
               google::protobuf::RepeatedPtrField<pb::DutySpan>* to) {
  for (const DutyDay& duty : duties) {
    if (but.count(duty)) continue;
    pb::DutySpan& span = *to->Add();
    span.set_duty(duty.first);
    span.set_due_date(duty.second);
  }
}

// The birth, where a clock of this referral would run before it.
std::optional<Date> BirthAfter(const History& history, const Event& event,
                               const pb::Child& child, Date today) {
  const auto born = ParseDate(child.date_of_birth());
  if (!born || *born > today) return std::nullopt;
  const auto is_early = [&](const Event& one) {
    return one.kind == EventKind::kReferred &&
           one.from.value_or(one.date) < *born;
  };
  const auto& events = history.in_order();
  const bool early =
      is_early(event) ||
      std::any_of(events.begin(), events.end(),
                  [&](const Event* one) { return is_early(*one); });
  return early ? born : std::nullopt;
}

// Nobody says so: it follows from something that was said.
Event TakingBack(const ledger::Unit& unit, const Event& event) {
  Event correction;
  correction.kind = EventKind::kCorrected;
  correction.happened = unit.clock();
  correction.date = CivilDate(unit.clock());
  correction.corrects = event.number;
  return correction;
}

void ShowWaits(Scene& scene, pb::EventReceipt& receipt) {
  const std::vector<Wait>& waits = scene.Fold().waits;
  const std::size_t told = std::min(waits.size(), kMostWaits);
  for (auto at = waits.end() - static_cast<std::ptrdiff_t>(told);
       at != waits.end(); ++at) {
    Show(*at, *receipt.add_waits());
  }
}

}  // namespace

// ---- the methods ----

Result<rpc::Work<pb::EventReceipt>> Waiting::OneEvent(const Call& call,
                                                      const pb::Event& event) {
  TRY(Incoming incoming, Translate(parts_, call, event));
  return rpc::Work<pb::EventReceipt>(
      [this, incoming = std::move(incoming)](
          ledger::Unit& unit) -> Result<pb::EventReceipt> {
        Scenes scenes(parts_, unit.Records());
        TRY_VOID(scenes.Load({&incoming}));
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

// Each by itself: what is refused has left nothing. An error of the store is
// everybody's.
Result<pb::PushEventsResponse> Waiting::RecordAll(
    ledger::Unit& unit, const std::vector<Result<Incoming>>& events) const {
  std::vector<const Incoming*> readable;
  for (const auto& event : events) {
    if (event) readable.push_back(&*event);
  }
  pb::PushEventsResponse response;
  Scenes scenes(parts_, unit.Records());
  if (!readable.empty()) TRY_VOID(scenes.Load(readable));
  for (const auto& event : events) {
    pb::EventAnswer& answer = *response.add_answers();
    Result<Plan> plan =
        event ? Consider(unit, scenes, *event) : Result<Plan>(event.error());
    if (!plan) {
      unit.Count(rpc::RefusalCounter(parts_.metrics, plan.error().reason));
      *answer.mutable_error() = rpc::ToProto(plan.error());
      continue;
    }
    TRY_VOID(Record(unit, scenes, *event, *plan));
    *answer.mutable_receipt() = std::move(plan->receipt);
  }
  TRY_VOID(Settle(unit, scenes));
  return response;
}

Result<void> Waiting::MakeKeysAnew(store::Session& writer) const {
  constexpr std::size_t kTogether = 500;
  std::vector<PlacedReferral> rows;
  do {
    const PlacedReferral after = rows.empty() ? PlacedReferral() : rows.back();
    TRY_VOID(writer.Begin());
    const auto made = [&]() -> Result<void> {
      TRY(rows, ReferralsAfter(writer, after.area, after.referral.referral_id,
                               kTogether));
      for (const auto& [area, row] : rows) {
        store::SessionRecords records(writer, area);
        TRY(const pb::Referral details, store_.Details(records, row));
        const ChildKeys keys = store_.KeysOf(Describe(parts_, details.child()));
        TRY_VOID(store_.Amend(records, row, keys.stored));
        TRY_VOID(records.Flush());
      }
      return {};
    }();
    if (!made) writer.Rollback();
    TRY_VOID(made);
    TRY_VOID(writer.Commit());
  } while (rows.size() == kTogether);
  return {};
}

// ---- writing ----

Result<void> Waiting::Record(ledger::Unit& unit, Scenes& scenes,
                             const Incoming& incoming, Plan& plan) const {
  if (!plan.receipt.already_recorded()) {
    TRY_VOID(RecordNew(unit, scenes, incoming, plan));
  }
  WarnOfDeath(scenes, incoming, plan);
  return {};
}

Result<void> Waiting::RecordNew(ledger::Unit& unit, Scenes& scenes,
                                const Incoming& incoming, Plan& plan) const {
  pb::EventReceipt of_left;
  if (plan.left) {
    TRY_VOID(Write(unit, *plan.left, plan.leaving, {}, of_left));
    unit.Touched(plan.left->row.referral_id);
  }
  Event event = std::move(plan.event);
  const bool states = event.StatesDetails();
  const bool is_of_child = event.IsOfTheChild();
  std::set<Scene*> all;
  if (plan.scene && is_of_child) all = scenes.OfChild(*plan.scene);
  if (plan.other) all.merge(scenes.OfChild(*plan.other));
  if (states) {
    TRY_VOID(Register(unit, scenes, incoming, plan));
    TRY_VOID(TakeOver(unit, scenes, incoming, event, plan));
  }
  Scene& scene = *plan.scene;
  if (plan.other && plan.other->row.provider != scene.row.provider)
    event.number = scene.history.next_hidden_number();
  const Event* corrected = scene.history.Find(event.corrects);
  const bool restates = corrected && corrected->StatesDetails();
  TRY_VOID(Write(unit, scene, std::move(event), incoming.said, plan.receipt));
  if (restates) TRY_VOID(Restate(unit, scenes, scene, plan.receipt));
  if (plan.other) TRY_VOID(Join(unit, incoming, plan));
  if (!plan.asked_from.empty()) scene.asked_from = plan.asked_from;
  if (plan.given) TRY_VOID(Give(unit, incoming, plan));
  if (incoming.event.AnswersTransfer() && !incoming.is_hub) {
    // The giver is told of its own referral.
    plan.receipt.set_event(of_left.event());
    *plan.receipt.mutable_waits() = of_left.waits();
    plan.receipt.clear_warnings();
  }
  if (states || restates) {
    TRY_VOID(NoteNear(unit, scenes, scene, plan.receipt));
  }
  if (!is_of_child) return {};
  // Of who was one child, and of who is now.
  all.merge(scenes.OfChild(scene));
  return TellDeath(unit, scenes, all);
}

// The referral's own row, and the provider's name for it.
Result<void> Waiting::Register(ledger::Unit& unit, Scenes& scenes,
                               const Incoming& incoming, Plan& plan) const {
  const std::string& reference = incoming.about.reference();
  if (!plan.scene) {
    const auto& flags = incoming.details.flags();
    plan.scene = &scenes.Add({incoming.new_id,
                              incoming.provider,
                              incoming.service->id,
                              store_.SealReference(reference),
                              {flags.begin(), flags.end()},
                              unit.now(),
                              unit.next_position(),
                              incoming.sealed},
                             *incoming.service, incoming.details);
    const ReferralRow& row = plan.scene->row;
    store_.Insert(unit.Records(), row, scenes.Rekey(*plan.scene).stored);
    store_.AddReference(unit.Records(), row, reference);
    scenes.Refer(reference, *plan.scene);
    plan.receipt.set_referral_id(row.referral_id);
    unit.Touched(row.referral_id);
  } else if (!scenes.ByReference(incoming.service->id, reference)) {
    store_.AddReference(unit.Records(), plan.scene->row, reference);
    scenes.Refer(reference, *plan.scene);
  }
  return {};
}

// What a referral says of the child, beside what was known of it.
Result<void> Waiting::TakeOver(ledger::Unit& unit, Scenes& scenes,
                               const Incoming& incoming, Event& event,
                               Plan& plan) const {
  Scene& scene = *plan.scene;
  const auto changed = Merge(incoming.details, scene.details);
  event.until = BirthAfter(scene.history, event, scene.details.child(),
                           CivilDate(unit.clock()));
  if (event.until) {
    const bool amends = event.kind == EventKind::kAmended;
    Warn(plan.receipt, "BEFORE_BIRTH",
         "lies before the birth; the clock starts with the birth",
         amends                       ? "referral.child.date_of_birth"
         : event.date >= *event.until ? "referral.original_start_date"
                                      : WhenField(incoming.about));
  }
  if (changed.empty()) return {};
  for (const std::string& field : changed) {
    Warn(plan.receipt, "DETAIL_CHANGED",
         "is taken over with event " +
             std::to_string(scene.history.next_number()) +
             "; CorrectEvent of it brings the former one back",
         field);
  }
  return Amend(unit, scenes, scene);
}

// A statement was taken back: what the others say holds again.
Result<void> Waiting::Restate(ledger::Unit& unit, Scenes& scenes, Scene& scene,
                              pb::EventReceipt& receipt) const {
  TRY(const auto statements,
      store_.Statements(unit.Records(), scene.row.referral_id));
  // Of whom nobody says anything any more, what was said last is kept.
  if (statements.empty()) return {};
  pb::Referral details;
  for (const pb::Referral& stated : statements) Merge(stated, details);
  const auto changed = Differences(details, scene.details, "referral");
  for (const std::string& field : changed) {
    Warn(receipt, "DETAIL_CHANGED", "is as it was before", field);
  }
  scene.details = std::move(details);
  return changed.empty() ? Result<void>() : Amend(unit, scenes, scene);
}

Result<void> Waiting::Amend(ledger::Unit& unit, Scenes& scenes,
                            Scene& scene) const {
  const auto& flags = scene.details.flags();
  scene.row.flags = {flags.begin(), flags.end()};
  scene.row.sealed =
      store_.SealReferral(unit.area(), scene.row.referral_id, scene.details);
  TRY_VOID(store_.RemoveCandidates(unit.Records(), scene.row.referral_id));
  return store_.Amend(unit.Records(), scene.row, scenes.Rekey(scene).stored);
}

Result<void> Waiting::NoteNear(ledger::Unit& unit, Scenes& scenes, Scene& scene,
                               pb::EventReceipt& receipt) const {
  std::vector<CandidateRow> pairs;
  for (const Alike& other : scenes.NearTo(scene)) {
    const auto& differs = other.likeness.differs;
    const bool is_own = other.provider == scene.row.provider;
    pairs.push_back({scene.row.referral_id, other.referral_id,
                     is_own ? other.provider : "", other.likeness.agrees,
                     differs});
    // Another provider's children are the hub's to see.
    if (!is_own) continue;
    if (differs.empty() || !child::AgreesOnNumber(other.likeness)) {
      const std::string though =
          differs.empty() ? ""
                          : " with another " + absl::StrJoin(differs, ", ");
      Warn(receipt, "MAY_BE_SAME_CHILD",
           "may be the child of " + other.referral_id + though +
               "; ConfirmSameChild says so, or not");
    } else {
      Warn(receipt, "NUMBER_OF_ANOTHER_CHILD",
           other.referral_id + " has the same NHS number with another " +
               absl::StrJoin(differs, ", ") +
               ": two children until ConfirmSameChild says otherwise",
           "referral.child.nhs_number");
    }
  }
  return store_.AddCandidates(unit.Records(), scene.row.referral_id,
                              std::move(pairs));
}

Result<void> Waiting::Join(ledger::Unit& unit, const Incoming& incoming,
                           Plan& plan) const {
  Scene &one = *plan.scene, &other = *plan.other;
  pb::EventReceipt ignored;
  Event event = incoming.event;
  const bool is_hidden = one.row.provider != other.row.provider;
  if (is_hidden) event.number = other.history.next_hidden_number();
  event.event_id.clear();
  event.code = one.row.referral_id;
  pb::Event said = incoming.said;
  said.mutable_same_child()->set_other_referral_id(one.row.referral_id);
  TRY_VOID(Write(unit, other, event, said, ignored));
  unit.Touched(other.row.referral_id);
  TRY_VOID(store_.RemoveCandidates(unit.Records(), one.row.referral_id,
                                   other.row.referral_id));
  if (incoming.event.kind == EventKind::kSameChild && is_hidden) {
    if (OpenWait(one.Fold().waits) && OpenWait(other.Fold().waits)) {
      Warn(plan.receipt, "ALSO_WAITING",
           "the child waits for " + other.row.service + " at " +
               other.row.provider + " too");
    }
  } else if (incoming.event.kind == EventKind::kNotSameChild) {
    TRY_VOID(Part(unit, one, other));
    TRY_VOID(Part(unit, other, one));
  } else if (WaitTwice(one, other)) {
    const auto since = [](Scene& scene) {
      return std::pair(OpenWait(scene.Fold().waits)->start,
                       scene.row.referral_id);
    };
    const bool first = since(one) < since(other);
    Scene &stays = first ? one : other, &later = first ? other : one;
    event.kind = EventKind::kGoesOnAs;
    event.number = 0;
    event.code = stays.row.referral_id;
    TRY_VOID(Write(unit, later, event, {}, ignored));
    Warn(plan.receipt, "SAME_SPELL",
         later.row.referral_id + " goes on as " + stays.row.referral_id);
  }
  plan.receipt.clear_waits();
  ShowWaits(one, plan.receipt);
  return {};
}

Result<void> Waiting::Give(ledger::Unit& unit, const Incoming& incoming,
                           Plan& plan) const {
  const Transfer transfer = plan.given->history.LastTransfer();
  Event given;
  given.kind = EventKind::kTransferGiven;
  given.happened = std::max(incoming.event.happened, transfer.asked->happened);
  given.date = std::max(incoming.event.date, transfer.asked->date);
  given.from = plan.scene->Fold().waits.back().start;
  pb::EventReceipt ignored;
  unit.Touched(plan.given->row.referral_id);
  return Write(unit, *plan.given, given, incoming.said, ignored);
}

// A wait that goes on under the other referral is one of its own again.
Result<void> Waiting::Part(ledger::Unit& unit, Scene& one,
                           const Scene& other) const {
  for (const Event* event : one.history.in_order()) {
    if (event->kind != EventKind::kGoesOnAs ||
        event->code != other.row.referral_id) {
      continue;
    }
    pb::EventReceipt ignored;
    return Write(unit, one, TakingBack(unit, *event), {}, ignored);
  }
  return {};
}

// A death is the child's: its other referrals are told, and told no longer when
// it is taken back. Who recorded it is not.
Result<void> Waiting::TellDeath(ledger::Unit& unit, Scenes& scenes,
                                const std::set<Scene*>& of) const {
  const bool any = std::any_of(of.begin(), of.end(), [](const Scene* one) {
    return one->history.HasDied();
  });
  if (!any) return {};
  for (Scene* scene : of) {
    if (!scene->service) continue;
    const Event* death = nullptr;
    for (Scene* other : scenes.OfChild(*scene)) {
      if (other != scene && !death) death = other->history.Death();
    }
    const Event* told = scene->history.ToldOfDeath();
    if (!death == !told) continue;
    Event event;
    if (told) {
      event = TakingBack(unit, *told);
    } else {
      event.kind = EventKind::kChildDied;
      event.happened = death->happened;
      event.date = death->date;
    }
    pb::EventReceipt ignored;
    TRY_VOID(scenes.Complete(*scene));
    TRY_VOID(Write(unit, *scene, std::move(event), {}, ignored));
    unit.Touched(scene->row.referral_id);
  }
  return {};
}

// Whoever had the child before learns of its death; nobody learns of it by
// registering a child.
void Waiting::WarnOfDeath(Scenes& scenes, const Incoming& incoming,
                          Plan& plan) const {
  Scene& scene = *plan.scene;
  if (!scene.history.HasDied() || incoming.event.IsDeath()) return;
  const bool is_new = scene.row.referral_id == incoming.new_id;
  const std::set<Scene*> all = scenes.OfChild(scene);
  const bool had_it =
      !is_new || std::any_of(all.begin(), all.end(), [&](const Scene* one) {
        return one != &scene && one->row.provider == incoming.provider;
      });
  if (!had_it) return;
  Warn(plan.receipt, "CHILD_DIED",
       "a death of the child was recorded; send nothing to the family");
}

Result<void> Waiting::Write(ledger::Unit& unit, Scene& scene, Event event,
                            const pb::Event& said,
                            pb::EventReceipt& receipt) const {
  const Folded before = scene.Fold();
  if (!scene.written) {
    scene.written = true;
    const Wait* open = OpenWait(before.waits);
    if (open) scene.clock = open->clock;
    scene.place = PlaceIn(parts_.catalogue, scene, open);
    scene.transfer = scene.history.LastTransfer();
  }
  if (event.number == 0) event.number = scene.history.next_number();
  event.position = unit.next_position();
  if (event.kind == EventKind::kCorrected) {
    TRY_VOID(store_.Void(unit.Records(), scene.row.referral_id, event.corrects,
                         event.position));
  }
  scene.history.Add(event);
  scene.said[event.number] = said;
  scene.folded.reset();
  const Folded& after = scene.Fold();

  pb::WaitingChanged changed;
  changed.set_referral_id(scene.row.referral_id);
  changed.set_service(scene.row.service);
  changed.set_provider(scene.row.provider);
  changed.set_event(event.number);
  changed.set_kind(std::string(Name(event.kind)));
  changed.set_happened_date(FormatDate(event.date));
  changed.set_code(Detail(event));
  int number = 0;
  const auto move = [&](const Wait& wait, int by, pb::WaitSpan& told) {
    ToProto(wait, told);
    unit.Records().Insert(
        kMovements, {wait, event.position, number++, scene.row.referral_id,
                     scene.row.service, by});
  };
  for (const Wait& wait : Less(before.waits, after.waits))
    move(wait, -1, *changed.add_before());
  for (const Wait& wait : Less(after.waits, before.waits))
    move(wait, 1, *changed.add_after());
  AddDuties(before.duties, after.duties, changed.mutable_duties_before());
  AddDuties(after.duties, before.duties, changed.mutable_duties_after());
  unit.Record(changed, event.happened);
  EventRow row{event, scene.row.referral_id};
  row.recorded = unit.now();
  // Another provider's referral is told of a death, and not by whom.
  if (said.event_case() != pb::Event::EVENT_NOT_SET)
    row.recorded_by = unit.By();
  row.sealed = store_.SealEvent(unit.Records(), row, said);
  unit.Records().Insert(kEvents, row);
  const auto raise = [&](const char* reason) {
    pb::ConcernRaised concern;
    concern.set_referral_id(scene.row.referral_id);
    concern.set_service(scene.row.service);
    concern.set_provider(scene.row.provider);
    concern.set_concern(reason);
    concern.set_was_not_brought(after.missed.was_not_brought);
    concern.set_could_not_attend(after.missed.could_not_attend);
    concern.set_happened_date(FormatDate(event.date));
    unit.Record(concern, event.happened);
    Warn(receipt, reason, "a pattern of appointments was raised as a concern");
  };
  if (after.missed.IsPattern() && !before.missed.IsPattern()) {
    raise("MISSED_APPOINTMENTS");
  }
  if (after.missed.IsCancelledOften() && !before.missed.IsCancelledOften()) {
    raise("REPEATED_CANCELLATION");
  }
  if (event.code == "DETERIORATED" || event.code == "DETERIORATION_CALL") {
    Warn(receipt, "EXPEDITE_REVIEW",
         "a review whether the child goes first is due");
  }
  receipt.set_event(event.number);
  ShowWaits(scene, receipt);
  return {};
}

Result<void> Waiting::SettleTransfer(ledger::Unit& unit,
                                     const Scene& scene) const {
  const Transfer now = scene.history.LastTransfer();
  if (now == scene.transfer) return {};
  const std::string& id = scene.row.referral_id;
  if (!now.asked) return store_.RemoveTransfer(unit.Records(), id);
  const bool given =
      now.answer && now.answer->kind == EventKind::kTransferGiven;
  return store_.PutTransfer(unit.Records(),
                            {id, scene.asked_from, now.asked->date,
                             given        ? "GIVEN"
                             : now.answer ? "REFUSED"
                                          : ""});
}

// The worklist's rows of the referrals that were written to, once for all that
// happened to each; those that go first, so that staged rows are sent once.
Result<void> Waiting::Settle(ledger::Unit& unit, Scenes& scenes) const {
  std::vector<Scene*> moved;
  for (const auto& [id, scene] : scenes.all()) {
    if (!scene || !scene->written) continue;
    TRY_VOID(SettleTransfer(unit, *scene));
    const Wait* open = OpenWait(scene->Fold().waits);
    const std::string place = PlaceIn(parts_.catalogue, *scene, open);
    const std::string clock = open ? open->clock : "";
    if (clock == scene->clock && place == scene->place) continue;
    if (!scene->clock.empty()) {
      TRY_VOID(unit.Records().Delete(
          kWaiting, WaitingRow{.service = scene->row.service,
                               .referral_id = scene->row.referral_id}));
    }
    if (open) moved.push_back(scene.get());
  }
  for (Scene* scene : moved) {
    const Wait& open = *OpenWait(scene->Fold().waits);
    const ReferralRow& row = scene->row;
    unit.Records().Insert(
        kWaiting, {row.service, row.referral_id, row.provider, open.clock,
                   open.start, PlaceIn(parts_.catalogue, *scene, &open)});
  }
  return {};
}

}  // namespace seawall::waiting
