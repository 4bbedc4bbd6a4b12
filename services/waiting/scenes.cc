#include "services/waiting/scenes.h"

#include <algorithm>
#include <set>

namespace seawall::waiting {
namespace {

std::vector<std::string> ListOf(const std::set<std::string>& values) {
  return {values.begin(), values.end()};
}

}  // namespace

const Folded& Scene::Fold() {
  if (!folded) {
    folded = {WaitsOf(history), DutyDays(*service, history), MissedOf(history)};
  }
  return *folded;
}

Result<Scenes> Scenes::Load(const Store& store, const Catalogue& catalogue,
                            soci::session& sql, const std::string& area,
                            const std::vector<const Incoming*>& events) {
  Scenes scenes;
  TRY_VOID(scenes.Find(store, sql, area, events));
  TRY_VOID(scenes.Read(store, catalogue, sql, area, events));
  TRY_VOID(scenes.FindOthers(store, sql, area, events));
  TRY_VOID(scenes.Read(store, catalogue, sql, area, events));
  return scenes;
}

Result<void> Scenes::Find(const Store& store, soci::session& sql,
                          const std::string& area,
                          const std::vector<const Incoming*>& events) {
  std::map<std::string, std::set<std::string>> references;  // by service
  std::set<std::string> child_keys;
  for (const Incoming* event : events) {
    const pb::About& about = event->about;
    const bool is_referral = event->event.kind == EventKind::kReferred;
    if (is_referral || about.referral_id().empty()) {
      references[about.service()].insert(about.reference());
    } else {
      scenes_[about.referral_id()];
    }
    if (!event->transferred_from.empty()) scenes_[event->transferred_from];
    child_keys.insert(event->child_keys.begin(), event->child_keys.end());
  }
  for (const auto& [service, named] : references) {
    TRY(const auto found,
        store.ByReferences(sql, area, events.front()->provider, service,
                           ListOf(named)));
    for (const auto& [reference, id] : found) {
      references_[{service, reference}] = id;
      scenes_[id];
    }
  }
  TRY(children_, store.OfChildren(sql, area, ListOf(child_keys)));
  for (const auto& [key, id] : children_) scenes_[id];
  return {};
}

Result<void> Scenes::FindOthers(const Store& store, soci::session& sql,
                                const std::string& area,
                                const std::vector<const Incoming*>& events) {
  std::set<std::string> child_keys;
  for (const Incoming* event : events) {
    const pb::About& about = event->about;
    const bool is_all = event->event.StatesDetails() ||
                        event->event.IsDeath() ||
                        event->event.kind == EventKind::kCorrected;
    const Scene* scene = about.referral_id().empty()
                             ? ByReference(about.service(), about.reference())
                             : ById(about.referral_id());
    if (is_all && scene) child_keys.insert(scene->row.child_key);
  }
  child_keys.erase("");
  for (const auto& [key, id] : children_) child_keys.erase(key);
  TRY(const auto found, store.OfChildren(sql, area, ListOf(child_keys)));
  for (const auto& [key, id] : found) {
    children_.emplace(key, id);
    scenes_[id];
  }
  return {};
}

Result<void> Scenes::Read(const Store& store, const Catalogue& catalogue,
                          soci::session& sql, const std::string& area,
                          const std::vector<const Incoming*>& events) {
  std::vector<std::string> ids, event_ids;
  for (const auto& [id, scene] : scenes_) {
    if (!scene) ids.push_back(id);
  }
  for (const Incoming* event : events) {
    if (!event->event.event_id.empty())
      event_ids.push_back(event->event.event_id);
  }
  TRY(auto rows, store.Referrals(sql, area, ids));
  TRY(auto recorded, store.EventsOf(sql, area, ids, event_ids));
  for (ReferralRow& row : rows) {
    auto& scene = scenes_[row.referral_id];
    Recorded& of = recorded[row.referral_id];
    scene = std::make_unique<Scene>();
    scene->service = catalogue.Find(row.service);
    scene->history = History(std::move(of.events));
    scene->said = std::move(of.said);
    scene->row = std::move(row);
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

std::vector<Scene*> Scenes::OfChild(
    const std::vector<std::string>& child_keys) {
  std::vector<Scene*> scenes;
  for (const std::string& key : child_keys) {
    const auto [from, to] = children_.equal_range(key);
    for (auto at = from; at != to; ++at) {
      if (Scene* scene = ById(at->second)) scenes.push_back(scene);
    }
  }
  return scenes;
}

std::vector<Scene*> Scenes::OfChild(const Scene& scene) {
  if (scene.row.child_key.empty()) return {ById(scene.row.referral_id)};
  return OfChild(std::vector<std::string>{scene.row.child_key});
}

Scene& Scenes::Add(ReferralRow row, const Service& service) {
  auto& scene = scenes_[row.referral_id];
  scene = std::make_unique<Scene>();
  scene->service = &service;
  scene->row = std::move(row);
  Refer(scene->row.reference, *scene);
  if (!scene->row.child_key.empty())
    children_.emplace(scene->row.child_key, scene->row.referral_id);
  return *scene;
}

void Scenes::Rekey(Scene& scene, const std::string& child_key) {
  std::erase_if(children_, [&](const auto& one) {
    return one.second == scene.row.referral_id;
  });
  scene.row.child_key = child_key;
  if (!child_key.empty()) children_.emplace(child_key, scene.row.referral_id);
}

void Scenes::Refer(const std::string& reference, const Scene& scene) {
  references_[{scene.row.service, reference}] = scene.row.referral_id;
}

}  // namespace seawall::waiting
