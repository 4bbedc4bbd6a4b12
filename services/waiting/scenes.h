// Scenes: the referrals that one unit of work is about, each with what happened
// to it: as the store has them when the unit begins, and as the unit's own
// events leave them, which the store does not show yet.
//
// Everything is looked up at the beginning, all of one kind in one query; what
// is asked for later is answered from memory. For one unit, on its thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "services/waiting/incoming.h"

namespace seawall::waiting {

// What the events of a referral add up to.
struct Folded {
  std::vector<Wait> waits;
  std::set<DutyDay> duties;
  Missed missed;
};

// A referral and what happened to it.
struct Scene {
  ReferralRow row;
  const Service* service = nullptr;
  History history;
  // What was said of events: of those whose ids came again, and of this unit's.
  std::map<int, pb::Event> said = {};
  // Opened when it is first asked for.
  std::optional<pb::Referral> details = {};
  // Of the history as it is; nothing = to be folded.
  std::optional<Folded> folded = {};
  // Its row on the worklist when this unit first wrote to it: the clock that it
  // waited for, empty if it did not wait; and its place.
  bool written = false;
  std::string clock;
  std::string place;

  const Folded& Fold();
};

class Scenes {
 public:
  // Whatever these events ask for. The error is the store's: it is the unit's,
  // and no event's own.
  static Result<Scenes> Load(const Store& store, const Catalogue& catalogue,
                             soci::session& sql, const std::string& area,
                             const std::vector<const Incoming*>& events);

  // Null if there is none. They stay where they are.
  Scene* ById(const std::string& id);
  // Of the provider that these events come from.
  Scene* ByReference(const std::string& service, const std::string& reference);
  // In the order in which they were registered, those of the first key first.
  std::vector<Scene*> OfChild(const std::vector<std::string>& child_keys);
  // The child's referrals, this one too.
  std::vector<Scene*> OfChild(const Scene& scene);

  Scene& Add(ReferralRow row, const Service& service);
  // Its child is found by another key from now on.
  void Rekey(Scene& scene, const std::string& child_key);
  // The provider's name for it, or another one.
  void Refer(const std::string& reference, const Scene& scene);

  std::map<std::string, std::unique_ptr<Scene>>& all() { return scenes_; }

 private:
  using Reference = std::pair<std::string, std::string>;  // with its service

  Result<void> Find(const Store& store, soci::session& sql,
                    const std::string& area,
                    const std::vector<const Incoming*>& events);
  // The children's other referrals, where an event may be of all of them.
  Result<void> FindOthers(const Store& store, soci::session& sql,
                          const std::string& area,
                          const std::vector<const Incoming*>& events);
  // Those that were found and not read yet.
  Result<void> Read(const Store& store, const Catalogue& catalogue,
                    soci::session& sql, const std::string& area,
                    const std::vector<const Incoming*>& events);

  // By id; null until it was read.
  std::map<std::string, std::unique_ptr<Scene>> scenes_;
  std::map<Reference, std::string> references_;
  std::multimap<std::string, std::string> children_;
};

}  // namespace seawall::waiting
