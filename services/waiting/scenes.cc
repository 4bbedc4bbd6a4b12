#include "services/waiting/scenes.h"

#include <algorithm>

namespace seawall::waiting {
namespace {

// Of those who share a number as many are looked at, of those who share a name,
// each provider's newest.
constexpr int kMostOfNumber = 1000;
constexpr int kMostNamesakes = 20;
// Noted beside one referral: of its own provider's, and of others'.
constexpr int kMostNear = 40;

std::vector<std::string> ListOf(const std::set<std::string>& values) {
  return {values.begin(), values.end()};
}

// With another forename a brother or sister born that day, unless the two sound
// alike or a number is equal.
bool IsNear(const child::Description& one, const child::Description& other,
            const child::Likeness& likeness) {
  if (likeness.verdict != child::Verdict::kCandidate) return false;
  return likeness.differs.empty() || child::AgreesOnNumber(likeness) ||
         child::ForenamesSoundAlike(one, other);
}

}  // namespace

bool WaitTwice(Scene& one, Scene& other) {
  if (one.row.service != other.row.service ||
      one.row.provider != other.row.provider || !one.service) {
    return false;
  }
  if (!other.is_whole) return other.waits;
  const Wait* first = OpenWait(one.Fold().waits);
  const Wait* second = OpenWait(other.Fold().waits);
  return first && second && first->clock == second->clock;
}

// Both wait for the same service, at two providers.
bool AlsoWait(Scene& one, const Scene& other) {
  return one.row.service == other.row.service &&
         one.row.provider != other.row.provider && other.waits &&
         OpenWait(one.Fold().waits);
}

const Folded& Scene::Fold() {
  if (!folded) {
    folded = {WaitsOf(history), DutyDays(*service, history), MissedOf(history)};
  }
  return *folded;
}

Result<void> Scenes::Load(const std::vector<const Incoming*>& events) {
  provider_ = events.front()->provider;
  is_hub_ = events.front()->is_hub;
  is_one_ = events.size() == 1;
  TRY_VOID(Find(events));
  TRY_VOID(FindTransfers(events));
  return FindOthers(events);
}

Result<void> Scenes::Find(const std::vector<const Incoming*>& events) {
  std::map<std::string, Ids> references;  // by service
  Ids ids;
  std::vector<std::string> event_ids;
  for (const Incoming* event : events) {
    const pb::About& about = event->about;
    const bool is_referral = event->event.kind == EventKind::kReferred;
    if (is_referral || about.referral_id().empty()) {
      references[about.service()].insert(about.reference());
    } else {
      ids.insert(about.referral_id());
    }
    for (const auto* other : {&event->transferred_from, &event->other_referral})
      if (IsReferralId(*other)) ids.insert(*other);
    if (!event->event.event_id.empty())
      event_ids.push_back(event->event.event_id);
  }
  for (const auto& [service, named] : references) {
    TRY(const auto found,
        parts_.store.ByReferences(records_, provider_, service, ListOf(named)));
    for (const auto& [reference, id] : found) {
      references_[{service, reference}] = id;
      ids.insert(id);
    }
  }
  // With those that they go on as.
  while (!ids.empty()) {
    TRY(const auto scenes, Read(ids, /*others=*/false));
    TRY_VOID(ReadHistories(scenes, event_ids));
    ids.clear();
    for (const Scene* scene : scenes) {
      const std::string on = scene->history.GoesOnAs();
      if (!on.empty()) ids.insert(on);
    }
  }
  return {};
}

Result<void> Scenes::FindTransfers(const std::vector<const Incoming*>& events) {
  Ids asking, leaving;
  for (const Incoming* event : events) {
    const pb::About& about = event->about;
    if (event->event.AnswersTransfer()) asking.insert(about.referral_id());
    if (event->event.outcome != Outcome::kTransferred) continue;
    Scene* from = about.referral_id().empty()
                      ? ByReference(about.service(), about.reference())
                      : ById(about.referral_id());
    if (from) leaving.insert(from->row.referral_id);
  }
  if (asking.empty() && leaving.empty()) return {};
  TRY(const auto rows,
      parts_.store.Transfers(records_, ListOf(asking), ListOf(leaving)));
  Ids from, ids;
  for (const TransferRow& row : rows) from.insert(row.from_id);
  TRY(auto read, Read(from, /*others=*/false));
  for (const TransferRow& row : rows) {
    if (is_hub_ || ById(row.from_id)) ids.insert(row.referral_id);
  }
  TRY(const auto scenes, Read(ids, /*others=*/true));
  read.insert(read.end(), scenes.begin(), scenes.end());
  TRY_VOID(ReadHistories(read, {}));
  for (const TransferRow& row : rows) {
    Scene* scene = ById(row.referral_id);
    if (!scene) continue;
    scene->asked_from = row.from_id;
    if (row.answer.empty()) asking_.emplace(row.from_id, scene);
  }
  return {};
}

Scene* Scenes::AskedOf(const Scene& asking) {
  Scene* from = ById(asking.asked_from);
  return from && IsTheirs(from->row.provider) ? from : nullptr;
}

std::vector<Scene*> Scenes::AskingFor(const Scene& from) {
  std::vector<Scene*> asking;
  const auto [first, last] = asking_.equal_range(from.row.referral_id);
  for (auto at = first; at != last; ++at) {
    if (at->second->history.LastTransfer().IsOpen())
      asking.push_back(at->second);
  }
  return asking;
}

bool Scenes::MayBeOneChild(Scene& one, Scene& other) {
  const auto said = one.history.SaidOfOthers();
  const auto word = said.find(other.row.referral_id);
  if (word != said.end()) return word->second;
  const auto likeness = child::Compare(Described(one), Described(other));
  return likeness.verdict != child::Verdict::kNone && likeness.differs.empty();
}

Result<std::vector<Scene*>> Scenes::Read(const Ids& ids, bool others) {
  std::vector<std::string> missing;
  for (const std::string& id : ids)
    if (!ById(id)) missing.push_back(id);
  TRY(auto rows, parts_.store.Referrals(records_, missing));
  std::vector<Scene*> scenes;
  for (ReferralRow& row : rows) {
    if (!others && !IsTheirs(row.provider)) continue;
    auto scene = std::make_unique<Scene>();
    scene->service = parts_.catalogue.Find(row.service);
    TRY(scene->details, parts_.store.Details(records_, row));
    scene->row = std::move(row);
    scenes.push_back(scene.get());
    scenes_[scene->row.referral_id] = std::move(scene);
  }
  return scenes;
}

Result<void> Scenes::ReadHistories(const std::vector<Scene*>& scenes,
                                   const std::vector<std::string>& event_ids) {
  TRY_VOID(CheckHistory(scenes));
  std::vector<std::string> ids;
  for (const Scene* scene : scenes) ids.push_back(scene->row.referral_id);
  TRY(auto recorded, parts_.store.EventsOf(records_, ids, event_ids));
  for (Scene* scene : scenes) {
    Recorded& of = recorded[scene->row.referral_id];
    scene->history = History(std::move(of.events));
    scene->said = std::move(of.said);
    scene->is_whole = true;
  }
  return {};
}

Result<void> Scenes::CheckHistory(const std::vector<Scene*>& scenes) {
  if (is_one_) return {};
  std::vector<std::string> own;
  for (const Scene* scene : scenes)
    if (IsTheirs(scene->row.provider)) own.push_back(scene->row.referral_id);
  TRY(const std::int64_t more, parts_.store.CountEvents(records_, own));
  history_ += more;
  if (history_ <= kMostHistory) return {};
  const std::string most = std::to_string(kMostHistory);
  return Error{Code::kInvalidArgument,
               "TOO_MUCH_HISTORY",
               "the referrals of these events have more than " + most +
                   " events together; send fewer at a time, or those of one "
                   "referral together",
               {{"events", "at most " + most + " events in their referrals"}}};
}

Result<void> Scenes::Complete(Scene& scene) {
  return scene.is_whole ? Result<void>() : ReadHistories({&scene}, {});
}

Result<void> Scenes::ReadKin(const Ids& ids) {
  Ids more = ids;
  do {
    TRY(const auto scenes, Read(more, /*others=*/true));
    // Nobody's, so that there is always one to ask for.
    std::vector<std::string> read = {""};
    for (const Scene* scene : scenes) read.push_back(scene->row.referral_id);
    TRY(auto events, parts_.store.OfChildEvents(records_, read));
    TRY(const auto waiting, parts_.store.WaitingAt(records_, read));
    more.clear();
    for (Scene* scene : scenes) {
      const std::string& id = scene->row.referral_id;
      scene->history = History(std::move(events[id]));
      scene->waits = waiting.count(id) > 0;
      for (const auto& [other, same] : scene->history.SaidOfOthers())
        if (same && !ById(other)) more.insert(other);
    }
  } while (!more.empty());
  return {};
}

Result<void> Scenes::FindOthers(const std::vector<const Incoming*>& events) {
  const bool is_any = std::any_of(
      events.begin(), events.end(),
      [](const Incoming* event) { return event->event.IsOfTheChild(); });
  if (!is_any) return {};
  Ids numbers, names, looked_for, said;
  std::set<Scene*> kin;
  const auto follow = [&](Scene* scene) {
    if (!scene) return;
    for (Scene* one : SaidToBe(*scene)) {
      if (!kin.insert(one).second) continue;
      const ChildKeys keys = parts_.store.KeysOf(Described(*one));
      numbers.insert(keys.numbers.begin(), keys.numbers.end());
      names.insert(keys.names.begin(), keys.names.end());
    }
  };
  for (const auto& [id, scene] : scenes_) {
    for (const auto& [other, same] : scene->history.SaidOfOthers())
      if (same) said.insert(other);
  }
  TRY_VOID(ReadKin(said));
  for (const Incoming* event : events) {
    if (!event->event.IsOfTheChild()) continue;
    const pb::About& about = event->about;
    const ChildKeys keys = parts_.store.KeysOf(event->described);
    numbers.insert(keys.numbers.begin(), keys.numbers.end());
    names.insert(keys.names.begin(), keys.names.end());
    follow(about.referral_id().empty()
               ? ByReference(about.service(), about.reference())
               : ById(about.referral_id()));
    follow(ById(event->other_referral));
  }
  const Ids their_names = names;
  const std::vector<std::string> providers = parts_.catalogue.Providers();
  while (!numbers.empty()) {
    TRY(const auto found, parts_.store.OfChildren(records_, ListOf(numbers),
                                                  providers, kMostOfNumber));
    looked_for.merge(numbers);
    numbers.clear();
    Ids ids;
    for (const auto& [key, id] : found) {
      children_.emplace(key, id);
      ids.insert(id);
    }
    TRY_VOID(ReadKin(ids));
    for (const std::string& id : ids) follow(ById(id));
    for (const std::string& key : looked_for) numbers.erase(key);
  }
  TRY_VOID(FindNamesakes(ListOf(their_names)));
  return CompleteOwn(events);
}

// Where a spell may go on.
Result<void> Scenes::CompleteOwn(const std::vector<const Incoming*>& events) {
  std::set<Scene*> own;
  for (const Incoming* event : events) {
    if (event->event.kind != EventKind::kReferred) continue;
    for (Scene* one : OfChild(event->described))
      if (IsTheirs(one->row.provider) && !one->is_whole) own.insert(one);
  }
  return ReadHistories({own.begin(), own.end()}, {});
}

Result<void> Scenes::FindNamesakes(const std::vector<std::string>& keys) {
  TRY(const auto found,
      parts_.store.OfChildren(records_, keys, parts_.catalogue.Providers(),
                              kMostNamesakes));
  Ids ids = {""};
  for (const auto& [key, id] : found) {
    children_.emplace(key, id);
    if (!scenes_.count(id)) ids.insert(id);
  }
  TRY(const auto rows, parts_.store.Referrals(records_, ListOf(ids)));
  for (const ReferralRow& row : rows) {
    TRY(const pb::Referral details, parts_.store.Details(records_, row));
    namesakes_[row.referral_id] = {row.provider,
                                   Describe(parts_, details.child())};
  }
  return {};
}

Scene* Scenes::ById(const std::string& id) {
  const auto found = scenes_.find(id);
  return found == scenes_.end() ? nullptr : found->second.get();
}

Scene* Scenes::ByReference(const std::string& service,
                           const std::string& reference) {
  const auto found = references_.find({service, reference});
  return found == references_.end() ? nullptr : ById(found->second);
}

Scene* Scenes::GoingOn(Scene* scene) {
  while (scene) {
    Scene* next = ById(scene->history.GoesOnAs());
    if (!next) break;
    scene = next;
  }
  return scene;
}

std::vector<Scene*> Scenes::OfChild(const child::Description& described) {
  std::set<std::string> ids;
  for (const std::string& key : parts_.store.KeysOf(described).numbers) {
    const auto [from, to] = children_.equal_range(key);
    for (auto at = from; at != to; ++at) ids.insert(at->second);
  }
  std::vector<Scene*> scenes;
  for (const std::string& id : ids) {
    Scene* scene = ById(id);
    if (!scene) continue;
    const auto likeness = child::Compare(described, Described(*scene));
    if (likeness.verdict == child::Verdict::kSame) scenes.push_back(scene);
  }
  return scenes;
}

std::set<Scene*> Scenes::SaidToBe(Scene& scene) {
  std::set<Scene*> same = {&scene};
  std::vector<Scene*> next = {&scene};
  while (!next.empty()) {
    Scene* one = next.back();
    next.pop_back();
    for (const auto& [id, is_same] : one->history.SaidOfOthers()) {
      Scene* other = is_same ? ById(id) : nullptr;
      if (other && same.insert(other).second) next.push_back(other);
    }
  }
  return same;
}

std::set<Scene*> Scenes::OfChild(Scene& scene) {
  const std::set<Scene*> said = SaidToBe(scene);
  std::set<Scene*> all = said;
  for (Scene* one : said) {
    for (Scene* other : OfChild(Described(*one))) {
      const std::set<Scene*> with = SaidToBe(*other);
      all.insert(with.begin(), with.end());
    }
  }
  for (Scene* one : said) {
    for (const auto& [id, is_same] : one->history.SaidOfOthers())
      if (!is_same) all.erase(ById(id));
  }
  return all;
}

std::vector<Alike> Scenes::NearTo(Scene& scene) {
  std::set<std::string> ids;
  const ChildKeys keys = parts_.store.KeysOf(Described(scene));
  for (const auto* some : {&keys.numbers, &keys.names}) {
    for (const std::string& key : *some) {
      const auto [from, to] = children_.equal_range(key);
      for (auto at = from; at != to; ++at) ids.insert(at->second);
    }
  }
  ids.erase(scene.row.referral_id);
  for (const auto& [id, same] : scene.history.SaidOfOthers()) ids.erase(id);
  std::vector<Alike> near;
  std::map<bool, int> noted;  // of its own provider's, and of others'
  for (auto at = ids.rbegin(); at != ids.rend(); ++at) {
    Scene* other = ById(*at);
    const auto namesake = namesakes_.find(*at);
    if (!other && namesake == namesakes_.end()) continue;
    const child::Description& described =
        other ? Described(*other) : namesake->second.described;
    child::Likeness likeness = child::Compare(Described(scene), described);
    const bool is_one = likeness.verdict == child::Verdict::kSame && other &&
                        (WaitTwice(scene, *other) || AlsoWait(scene, *other));
    if (!is_one && !IsNear(Described(scene), described, likeness)) continue;
    const std::string& provider =
        other ? other->row.provider : namesake->second.provider;
    if (++noted[provider == scene.row.provider] > kMostNear) continue;
    near.push_back({*at, provider, std::move(likeness)});
  }
  return near;
}

const child::Description& Scenes::Described(Scene& scene) const {
  if (!scene.described)
    scene.described = Describe(parts_, scene.details.child());
  return *scene.described;
}

Scene& Scenes::Add(ReferralRow row, const Service& service,
                   pb::Referral details) {
  auto& scene = scenes_[row.referral_id];
  scene = std::make_unique<Scene>();
  scene->service = &service;
  scene->is_whole = true;
  scene->row = std::move(row);
  scene->details = std::move(details);
  return *scene;
}

ChildKeys Scenes::Rekey(Scene& scene) {
  const std::string& id = scene.row.referral_id;
  std::erase_if(children_, [&](const auto& one) { return one.second == id; });
  scene.described.reset();
  ChildKeys keys = parts_.store.KeysOf(Described(scene));
  for (const std::string& key : keys.stored) children_.emplace(key, id);
  return keys;
}

void Scenes::Refer(const std::string& reference, const Scene& scene) {
  references_[{scene.row.service, reference}] = scene.row.referral_id;
}

}  // namespace seawall::waiting
