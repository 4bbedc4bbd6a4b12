// What an event asks for, given what is there; refused without a trace.
#include <absl/strings/str_join.h>

#include <algorithm>

#include "services/waiting/details.h"
#include "services/waiting/plan.h"

namespace seawall::waiting {
namespace {

using Paths = std::vector<std::string>;

constexpr char kOriginalStart[] = "referral.original_start_date";
constexpr char kTransferredFrom[] = "referral.transferred_from";

Error Differing(Code code, const char* reason, const char* message,
                const Paths& fields) {
  Error error{code, reason, message};
  for (const std::string& field : fields) {
    error.fields.push_back({field, "differs from what was recorded"});
  }
  return error;
}

// The last one under this id that was not taken back.
const Event* UnderId(const History& history, const std::string& event_id) {
  if (event_id.empty()) return nullptr;
  const auto& all = history.all();
  const auto found =
      std::find_if(all.rbegin(), all.rend(), [&](const Event& one) {
        return !one.is_void && one.event_id == event_id;
      });
  return found == all.rend() ? nullptr : &*found;
}

const Event* ReferredOn(const History& history, Date day) {
  for (const Event* one : history.in_order()) {
    if (one->kind == EventKind::kReferred && one->date == day) return one;
  }
  return nullptr;
}

// What was taken back and recorded again since.
const Event* RecordedAgain(const History& history, const Event* taken_back) {
  if (!taken_back || !taken_back->is_void) return nullptr;
  const Event* again = UnderId(history, taken_back->event_id);
  if (!again && taken_back->kind == EventKind::kReferred) {
    again = ReferredOn(history, taken_back->date);
  }
  return again && again->number > taken_back->number ? again : nullptr;
}

// Nothing where the sender says no time, or the same: a civil day alone is
// compared as one.
Paths TimeDiffers(const Event& there, const pb::Event& said,
                  const Incoming& incoming) {
  const pb::About& about = incoming.about;
  const bool exact =
      about.has_happened_time() && said.about().has_happened_time();
  const bool is_same = exact ? there.happened == incoming.event.happened
                             : there.date == incoming.event.date;
  const bool stated =
      about.has_happened_time() || !about.happened_date().empty();
  return !stated || is_same ? Paths() : Paths{WhenField(about)};
}

// A reference names one referral for ever, so a child under it may be known by
// another number or name than before; but not when nothing of it is the same.
bool MayBe(const child::Description& one, const child::Description& other) {
  const auto same = [](const std::string& a, const std::string& b) {
    return !a.empty() && a == b;
  };
  const auto has_gap = [](const child::Description& child) {
    return child.given_name.empty() || child.family_name.empty();
  };
  const int equal = same(one.given_name, other.given_name) +
                    same(one.family_name, other.family_name) +
                    (one.birth_date && one.birth_date == other.birth_date);
  // A child of one name, or of none, has no more to be equal.
  return same(one.nhs_number, other.nhs_number) || equal >= 2 || has_gap(one) ||
         has_gap(other);
}

// What a sender says of one child is not contradicted by who it is.
bool IsConsistent(const child::Description& one,
                  const child::Description& other) {
  const child::Likeness likeness = child::Compare(one, other);
  return likeness.verdict != child::Verdict::kNone && likeness.differs.empty();
}

// As ids are made; what else a sender names may hold anything and is not kept
// open.
// Another provider's children are not there, but for the hub.
bool IsThere(const Scene* scene, const Incoming& incoming) {
  return scene && (incoming.is_hub || scene->row.provider == incoming.provider);
}

}  // namespace

Result<pb::Event> Waiting::Said(ledger::Unit& unit, Scene& scene,
                                int number) const {
  const auto found = scene.said.find(number);
  if (found != scene.said.end()) return found->second;
  TRY(scene.said[number],
      store_.Said(unit.Records(), scene.row.referral_id, number));
  return scene.said[number];
}

Result<Paths> Waiting::DiffersFrom(ledger::Unit& unit, Scene& scene,
                                   const Event& there,
                                   const Incoming& incoming) const {
  TRY(pb::Event said, Said(unit, scene, there.number));
  Paths differ = TimeDiffers(there, said, incoming);
  pb::Event again = incoming.said;
  said.clear_about();
  again.clear_about();
  const Paths fields = Differences(again, said);
  differ.insert(differ.end(), fields.begin(), fields.end());
  return differ;
}

Result<Waiting::Plan> Waiting::Consider(ledger::Unit& unit, Scenes& scenes,
                                        const Incoming& incoming) const {
  Plan plan;
  plan.event = incoming.event;
  const bool is_referral = incoming.event.kind == EventKind::kReferred;
  TRY_VOID(is_referral ? ConsiderReferral(unit, scenes, incoming, plan)
                       : ConsiderOther(unit, scenes, incoming, plan));
  TRY_VOID(incoming.other_referral.empty()
               ? Result<void>()
               : ConsiderSameChild(scenes, incoming, plan));
  TRY_VOID(CheckRoom(plan));
  for (const pb::Warning& warning : incoming.warnings) {
    *plan.receipt.add_warnings() = warning;
  }
  return plan;
}

Result<void> Waiting::ConsiderOther(ledger::Unit& unit, Scenes& scenes,
                                    const Incoming& incoming,
                                    Plan& plan) const {
  const pb::About& about = incoming.about;
  plan.scene = about.referral_id().empty()
                   ? scenes.ByReference(about.service(), about.reference())
                   : scenes.ById(about.referral_id());
  if (incoming.event.AnswersTransfer())
    return ConsiderAnswer(scenes, incoming, plan);
  if (!IsThere(plan.scene, incoming)) {
    return Error{Code::kNotFound, "REFERRAL_NOT_FOUND",
                 "no such referral; register it before what happened to it"};
  }
  TRY(const bool is_there, IsRecorded(unit, incoming, plan));
  if (is_there) return {};
  TRY_VOID(GoOn(scenes, incoming, plan));
  const Scene& scene = *plan.scene;
  const auto born = BirthThatHolds(scene.history);
  if (born && incoming.event.date < *born) {
    Warn(plan.receipt, "BEFORE_BIRTH", "lies before the birth",
         WhenField(about));
  }
  TRY_VOID(rules::MayRecord(plan.event, scene.history, *scene.service,
                            parts_.catalogue, incoming.review));
  if (plan.event.kind != EventKind::kRemoved ||
      plan.event.outcome != Outcome::kTransferred) {
    return {};
  }
  // Removed as transferred: so it is given to the one that asks for it.
  std::vector<Scene*> asking = scenes.AskingFor(scene);
  std::erase_if(asking, [&](Scene* one) {
    return !one->service || !scenes.MayBeOneChild(*one, *plan.scene);
  });
  if (asking.size() == 1) plan.given = asking.front();
  return {};
}

// Every write folds all of a referral. What ends a wait, takes back or is of
// the child itself finds room when nothing else does.
Result<void> Waiting::CheckRoom(const Plan& plan) const {
  if (!plan.scene || plan.receipt.already_recorded()) return {};
  const Event& event = plan.event;
  const bool is_first =
      event.kind == EventKind::kRemoved ||
      (event.IsOfTheChild() && event.kind != EventKind::kAmended);
  const std::size_t most = is_first ? 2 * kMostOfReferral : kMostOfReferral;
  if (plan.scene->history.all().size() < most) return {};
  return Error{Code::kFailedPrecondition, "REFERRAL_FULL",
               "a referral has at most " + std::to_string(kMostOfReferral) +
                   " events; remove the child, or take events back"};
}

// By whose child it is, or the hub; to others no such referral is there.
Result<void> Waiting::ConsiderAnswer(Scenes& scenes, const Incoming& incoming,
                                     Plan& plan) const {
  Scene* from = plan.scene ? scenes.AskedOf(*plan.scene) : nullptr;
  const bool is_one = from && scenes.MayBeOneChild(*plan.scene, *from);
  if (!plan.scene || !(incoming.is_hub || is_one)) {
    return Error{Code::kNotFound, "REFERRAL_NOT_FOUND",
                 "no such referral asks for a transfer from you"};
  }
  if (!plan.scene->service) return FindService(parts_.catalogue, "").error();
  const Scene& shown = incoming.is_hub ? *plan.scene : *from;
  plan.receipt.set_referral_id(shown.row.referral_id);
  const Transfer transfer = plan.scene->history.LastTransfer();
  if (transfer.answer && transfer.answer->kind == plan.event.kind) {
    if (incoming.is_hub) plan.receipt.set_event(transfer.answer->number);
    plan.receipt.set_already_recorded(true);
    return {};
  }
  if (!transfer.IsOpen()) {
    return Error{Code::kFailedPrecondition, "TRANSFER_NOT_OPEN",
                 "the referral asks for no transfer, or the contrary was "
                 "answered"};
  }
  // Nothing is answered before it was asked.
  Event& event = plan.event;
  event.happened = std::max(event.happened, transfer.asked->happened);
  event.date = std::max(event.date, transfer.asked->date);
  if (event.kind == EventKind::kTransferRefused) return {};
  if (!from || !from->service) {
    return Error{Code::kFailedPrecondition, "NOT_WAITING",
                 "the referral names none that is there; refuse it"};
  }
  if (!is_one) {
    return Error{Code::kFailedPrecondition, "TRANSFER_OF_ANOTHER_CHILD",
                 "the two referrals are of different children; refuse it, or "
                 "say by ConfirmSameChild that they are the same"};
  }
  return Leave(*from, plan);
}

// True: word for word, and nothing is to be written.
Result<bool> Waiting::IsRecorded(ledger::Unit& unit, const Incoming& incoming,
                                 Plan& plan) const {
  Scene& scene = *plan.scene;
  if (!scene.service) return FindService(parts_.catalogue, "").error();
  plan.receipt.set_referral_id(scene.row.referral_id);
  unit.Touched(scene.row.referral_id);
  const Event* there = UnderId(scene.history, incoming.event.event_id);
  if (there) {
    TRY(const Paths differ, DiffersFrom(unit, scene, *there, incoming));
    if (!differ.empty()) {
      return Differing(
          Code::kInvalidArgument, "EVENT_ID_REUSED",
          "another event has this id; use CorrectEvent to change one", differ);
    }
    const Event* again =
        RecordedAgain(scene.history, scene.history.Find(there->corrects));
    if (!again) {
      plan.receipt.set_event(there->number);
      plan.receipt.set_already_recorded(true);
      return true;
    }
    plan.event.corrects = again->number;
  }
  return false;
}

// What happens to a referral that goes on as another one happens to that.
Result<void> Waiting::GoOn(Scenes& scenes, const Incoming& incoming,
                           Plan& plan) const {
  Scene* on = scenes.GoingOn(plan.scene);
  if (on == plan.scene || !incoming.other_referral.empty()) return {};
  if (incoming.event.kind == EventKind::kCorrected) {
    if (!incoming.about.referral_id().empty()) return {};
    return Error{Code::kFailedPrecondition,
                 "EVENT_NOT_FOUND",
                 "this reference goes on as another referral, and each has "
                 "its own numbers: name the one that is meant by its id",
                 {{"about.referral_id", "is missing"}}};
  }
  plan.scene = on;
  plan.receipt.set_referral_id(on->row.referral_id);
  Warn(plan.receipt, "SAME_SPELL", "goes on as " + on->row.referral_id);
  return {};
}

// A person speaks of two referrals of theirs, the hub of any.
Result<void> Waiting::ConsiderSameChild(Scenes& scenes,
                                        const Incoming& incoming,
                                        Plan& plan) const {
  plan.other = scenes.ById(incoming.other_referral);
  if (plan.other == plan.scene) {
    return Error{Code::kInvalidArgument,
                 "SAME_REFERRAL",
                 "a referral is of the same child as itself",
                 {{"same_child.other_referral_id", "is the referral itself"}}};
  }
  if (!IsThere(plan.other, incoming) || !plan.other->service) {
    return Error{Code::kNotFound,
                 "REFERRAL_NOT_FOUND",
                 "no such other referral",
                 {{"same_child.other_referral_id", "is not there"}}};
  }
  const auto said = plan.scene->history.SaidOfOthers();
  const auto found = said.find(incoming.other_referral);
  const bool same = incoming.event.kind == EventKind::kSameChild;
  if (found == said.end() || found->second != same) return {};
  for (const Event& one : plan.scene->history.all()) {
    if (one.kind == plan.event.kind && one.code == plan.event.code)
      plan.receipt.set_event(one.number);
  }
  plan.receipt.set_already_recorded(true);
  return {};
}

// Another referral of the same child that this one goes on with.
Result<Scene*> Waiting::SameSpell(Scenes& scenes, const Incoming& incoming,
                                  pb::EventReceipt& receipt) const {
  Scene* same = nullptr;
  std::set<std::string> also;
  for (Scene* other : scenes.OfChild(incoming.described)) {
    // Other providers' lists are the hub's to see.
    if (other->row.provider != incoming.provider || !other->service) continue;
    TRY_VOID(scenes.Complete(*other));
    const std::vector<Wait>& waits = other->Fold().waits;
    const bool waits_now = OpenWait(waits) != nullptr;
    if (other->row.service != incoming.service->id) {
      if (waits_now) also.insert(other->row.service);
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
    const bool asks = other->history.LastTransfer().IsOpen();
    if (waits_now || asks || waited_then || left_lately) same = other;
  }
  for (const std::string& service : also)
    Warn(receipt, "ALSO_WAITING", "the child waits for " + service + " too");
  if (same) Warn(receipt, "SAME_SPELL", "goes on as " + same->row.referral_id);
  return same;
}

// A transfer keeps its start and leaves no child on two lists. From another
// provider's it waits for an answer, which tells nothing of that referral.
Result<void> Waiting::ConsiderTransfer(Scenes& scenes, const Incoming& incoming,
                                       Plan& plan) const {
  if (incoming.transferred_from.empty()) return {};
  Scene* other = scenes.ById(incoming.transferred_from);
  if (!other || other->row.provider != incoming.provider) {
    plan.event.code = kAskedFor;
    if (IsReferralId(incoming.transferred_from))
      plan.asked_from = incoming.transferred_from;
    Warn(plan.receipt, kAskedFor,
         "the wait begins when the transfer is given, or refused",
         kTransferredFrom);
    return {};
  }
  if (other == plan.scene) return {};
  if (!IsConsistent(incoming.described, scenes.Described(*other))) {
    return Error{Code::kNotFound, "REFERRAL_NOT_FOUND",
                 "the child has no such referral to be transferred from"};
  }
  if (!other->service) return FindService(parts_.catalogue, "").error();
  if (other->Fold().waits.empty()) return {};
  return Leave(*other, plan);
}

// The list that is left for another one, and the start that is kept.
Result<void> Waiting::Leave(Scene& other, Plan& plan) const {
  const std::vector<Wait>& waits = other.Fold().waits;
  if (waits.empty() ||
      (waits.back().left && waits.back().outcome != Outcome::kTransferred)) {
    return Error{Code::kFailedPrecondition, "NOT_WAITING",
                 "the child waits no more under that referral, and was not "
                 "transferred"};
  }
  Event& event = plan.event;
  const Date start = waits.back().start;
  event.from = std::min(event.from.value_or(start), start);
  if (!OpenWait(waits) || event.date < waits.back().joined) return {};
  plan.left = &other;
  plan.leaving.kind = EventKind::kRemoved;
  plan.leaving.outcome = Outcome::kTransferred;
  plan.leaving.code = "OTHER_SERVICE";
  plan.leaving.happened = event.happened;
  plan.leaving.date = event.date;
  return {};
}

Result<void> Waiting::ConsiderReferral(ledger::Unit& unit, Scenes& scenes,
                                       const Incoming& incoming,
                                       Plan& plan) const {
  plan.scene =
      scenes.ByReference(incoming.service->id, incoming.about.reference());
  if (plan.scene) {
    TRY(const bool is_there, ConsiderKnown(unit, scenes, incoming, plan));
    if (is_there) return {};
  } else {
    TRY(plan.scene, SameSpell(scenes, incoming, plan.receipt));
  }
  if (plan.scene) {
    plan.receipt.set_referral_id(plan.scene->row.referral_id);
    unit.Touched(plan.scene->row.referral_id);
  }
  return ConsiderTransfer(scenes, incoming, plan);
}

// A reference that is known. True: the referral is recorded already, perhaps
// with other details; then the plan is to amend them, or nothing.
Result<bool> Waiting::ConsiderKnown(ledger::Unit& unit, Scenes& scenes,
                                    const Incoming& incoming,
                                    Plan& plan) const {
  Scene& known = *plan.scene;
  plan.receipt.set_referral_id(known.row.referral_id);
  unit.Touched(known.row.referral_id);
  const Event* by_id = UnderId(known.history, incoming.event.event_id);
  const Event* there =
      by_id ? by_id : ReferredOn(known.history, incoming.event.date);
  if (by_id) {
    TRY(const Paths differ, DiffersFrom(unit, known, *there, incoming));
    if (differ.empty()) {
      plan.receipt.set_event(there->number);
      plan.receipt.set_already_recorded(true);
      return true;
    }
  }
  if (!MayBe(scenes.Described(known), incoming.described)) {
    return Differing(
        Code::kFailedPrecondition, "ALREADY_REGISTERED",
        "this reference is another child's; register this one under a "
        "reference of its own",
        {"referral.child"});
  }
  if (there) {
    TRY_VOID(ConsiderAmending(unit, incoming, *there, by_id != nullptr, plan));
    return true;
  }
  TRY_VOID(GoOn(scenes, incoming, plan));
  if (OpenWait(plan.scene->Fold().waits) ||
      plan.scene->history.LastTransfer().IsOpen()) {
    return Differing(Code::kFailedPrecondition, "ALREADY_REGISTERED",
                     "this reference waits since another day; CorrectEvent "
                     "takes the wrong one back",
                     {WhenField(incoming.about)});
  }
  return false;
}

// The same referral with other details: those are taken over. What is no detail
// makes it another one.
Result<void> Waiting::ConsiderAmending(ledger::Unit& unit,
                                       const Incoming& incoming,
                                       const Event& there, bool by_id,
                                       Plan& plan) const {
  Scene& known = *plan.scene;
  TRY(Paths differ, DiffersFrom(unit, known, there, incoming));
  std::erase_if(differ, IsDetail);
  // Found by its day: what is not stated differs from nothing.
  const pb::Referral& again = incoming.said.referral();
  std::erase_if(differ, [&](const std::string& path) {
    return !by_id &&
           (path == WhenField(incoming.about) ||
            (path == kOriginalStart && again.original_start_date().empty()) ||
            (path == kTransferredFrom && again.transferred_from().empty()));
  });
  if (!differ.empty()) {
    return Differing(Code::kFailedPrecondition,
                     by_id ? "EVENT_ID_REUSED" : "ALREADY_REGISTERED",
                     "the referral was recorded with another start; "
                     "CorrectEvent takes the wrong one back",
                     differ);
  }
  pb::Referral details = known.details;
  const Paths changed = Merge(incoming.details, details);
  plan.receipt.set_event(there.number);
  plan.receipt.set_already_recorded(changed.empty());
  plan.event.kind = EventKind::kAmended;
  plan.event.code = absl::StrJoin(changed, " ");
  plan.event.from.reset();
  return {};
}

}  // namespace seawall::waiting
