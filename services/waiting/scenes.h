// Scenes: the referrals that one unit of work is about, each with what happened
// to it: as the store has them when the unit begins, and as the unit's own
// events leave them, for which the store is not asked.
//
// Everything is looked up at the beginning, all of one kind in one query; what
// is asked for later is answered from memory. Of the children's other referrals
// only that is read which concerns more than one referral, and the same queries
// are made whether there are any: neither an answer nor its time tells a
// provider whether others know a child. For one unit, on its thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "services/waiting/incoming.h"

namespace seawall::waiting {

// Events of a sender's referrals that one request of several events may reach:
// so long others wait while they are read and folded.
inline constexpr std::int64_t kMostHistory = 20'000;

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
  // All of it was read; else deaths, and what persons said of other referrals,
  // alone (Scenes::Complete).
  bool is_whole = false;
  History history;
  // Of a referral that is not whole: its child waits under it.
  bool waits = false;
  // What was said of events: of those whose ids came again, and of this unit's.
  std::map<int, pb::Event> said = {};
  // What its events say of the child.
  pb::Referral details = {};
  // Of the history as it is; nothing = to be folded.
  std::optional<Folded> folded = {};
  // What identifies the child; nothing = to be worked out.
  std::optional<child::Description> described = {};
  // From which it asks for a transfer; empty where that is not known.
  std::string asked_from;
  // Its row on the worklist when this unit first wrote to it: the clock that it
  // waited for, empty if it did not wait; and its place.
  bool written = false;
  std::string clock;
  std::string place;
  // And its transfer then.
  Transfer transfer;

  const Folded& Fold();
};

// Another referral that may be of the same child, and why.
struct Alike {
  std::string referral_id;
  std::string provider;
  child::Likeness likeness;
};

// Both wait for the same, at one service and provider. `one` is whole.
bool WaitTwice(Scene& one, Scene& other);
// Both wait for one service, at two providers. `one` alone is whole.
bool AlsoWait(Scene& one, const Scene& other);

class Scenes {
 public:
  Scenes(const Parts& parts, const store::Records& records)
      : parts_(parts), records_(records) {}

  // Whatever these events ask for. The error is the unit's, and no event's own:
  // the store's, or TOO_MUCH_HISTORY where several events are of referrals that
  // have more than kMostHistory together; one event alone is always taken.
  Result<void> Load(const std::vector<const Incoming*>& events);

  // Reads the whole history of one that is not whole.
  Result<void> Complete(Scene& scene);

  // Null if there is none. They stay where they are.
  Scene* ById(const std::string& id);
  // Of the provider that these events come from.
  Scene* ByReference(const std::string& service, const std::string& reference);
  // The one under which the wait of a referral goes on: itself, mostly.
  Scene* GoingOn(Scene* scene);

  // The referral that another one asks for, where the sender may answer.
  Scene* AskedOf(const Scene& asking);
  // Referrals with an open transfer from one of the sender's.
  std::vector<Scene*> AskingFor(const Scene& from);
  // Nothing that is known of two referrals tells their children apart.
  bool MayBeOneChild(Scene& one, Scene& other);

  const child::Description& Described(Scene& scene) const;
  // Who is certainly the child described, in the order of registration.
  std::vector<Scene*> OfChild(const child::Description& described);
  // Every referral of its child, itself too: what a person said comes before
  // what numbers say. True both ways.
  std::set<Scene*> OfChild(Scene& scene);
  // Those of which no person has said whether they are of its child, or that
  // wait for its service at another provider: the newest of its own provider's,
  // and of others'.
  std::vector<Alike> NearTo(Scene& scene);

  Scene& Add(ReferralRow row, const Service& service, pb::Referral details);
  // Its details have changed: what its child is found by now.
  ChildKeys Rekey(Scene& scene);
  // The provider's name for it, or another one.
  void Refer(const std::string& reference, const Scene& scene);

  std::map<std::string, std::unique_ptr<Scene>>& all() { return scenes_; }

 private:
  using Reference = std::pair<std::string, std::string>;  // with its service
  // A referral that shares a name alone: what it says of the child is enough.
  struct Namesake {
    std::string provider;
    child::Description described;
  };

  using Ids = std::set<std::string>;

  // Those that the events name.
  Result<void> Find(const std::vector<const Incoming*>& events);
  // The rows among these that were not read yet, and with `others` also those
  // that are not the sender's to see.
  Result<std::vector<Scene*>> Read(const Ids& ids, bool others);
  // Transfers that are answered, with both referrals.
  Result<void> FindTransfers(const std::vector<const Incoming*>& events);
  Result<void> ReadHistories(const std::vector<Scene*>& scenes,
                             const std::vector<std::string>& event_ids);
  // Of these, and of those that persons said to be the same, what concerns more
  // than one referral.
  Result<void> ReadKin(const Ids& ids);
  bool IsTheirs(const std::string& provider) const {
    return is_hub_ || provider == provider_;
  }
  // The children's other referrals, where an event is of all of them: those
  // found by numbers, followed from one to the next, and their namesakes.
  Result<void> FindOthers(const std::vector<const Incoming*>& events);
  Result<void> CompleteOwn(const std::vector<const Incoming*>& events);
  Result<void> FindNamesakes(const std::vector<std::string>& keys);
  // Followed over what people said to be the same.
  std::set<Scene*> SaidToBe(Scene& scene);

  // Of others' referrals nothing is counted: it would tell of them.
  Result<void> CheckHistory(const std::vector<Scene*>& scenes);

  const Parts& parts_;
  const store::Records& records_;
  std::int64_t history_ = 0;  // counted until now
  bool is_one_ = false;       // event
  // Who the events are from.
  std::string provider_;
  bool is_hub_ = false;
  // By id.
  std::map<std::string, std::unique_ptr<Scene>> scenes_;
  std::map<Reference, std::string> references_;
  std::multimap<std::string, std::string> children_;  // by key
  std::multimap<std::string, Scene*> asking_;         // by what they ask for
  std::map<std::string, Namesake> namesakes_;
};

}  // namespace seawall::waiting
