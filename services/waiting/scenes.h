// Scenes: the referrals that one unit of work is about, each with what happened
// to it: as the store has them when the unit begins, and as the unit's own
// events leave them, which the store does not show yet.
//
// Everything is looked up at the beginning, all of one kind in one query; what
// is asked for later is answered from memory. For one unit, on its thread.
#pragma once

#include <map>
#include <memory>

#include "services/waiting/incoming.h"

namespace seawall::waiting {

// A referral and what happened to it.
struct Scene {
  ReferralRow row;
  const Service* service = nullptr;
  std::vector<Event> events;
  // Its row on the worklist when this unit first wrote to it: the clock that it
  // waited for, empty if it did not wait; and its place.
  bool written = false;
  std::string clock;
  std::string place;

  int next_number() const {
    return events.empty() ? 1 : events.back().number + 1;
  }
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

  Scene& Add(ReferralRow row, const Service& service);
  // The provider's name for it, or another one.
  void Refer(const std::string& reference, const Scene& scene);

  std::map<std::string, std::unique_ptr<Scene>>& all() { return scenes_; }

 private:
  using Reference = std::pair<std::string, std::string>;  // with its service

  Result<void> Find(const Store& store, soci::session& sql,
                    const std::string& area,
                    const std::vector<const Incoming*>& events);
  Result<void> Read(const Store& store, const Catalogue& catalogue,
                    soci::session& sql, const std::string& area);

  // By id; null until it was read.
  std::map<std::string, std::unique_ptr<Scene>> scenes_;
  std::map<Reference, std::string> references_;
  std::multimap<std::string, std::string> children_;
};

}  // namespace seawall::waiting
