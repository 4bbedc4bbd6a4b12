// Who is the same child among the contacts: the keys they are found by, what a
// person said, and both together.
//
// The rule is libs/child's; here it is asked over all contacts. What one look
// costs does not grow with a child's contacts but for reading one narrow row of
// each: contacts that say the same of a child share an identity, and are judged
// once. Keys are kept in runs (runs.h). As Store: functions that take const
// Records read, the others change, inside a unit of work.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "libs/child/child.h"
#include "services/referrals/runs.h"
#include "services/referrals/store.h"

namespace seawall::referrals {

// A contact of the child that was asked about.
struct Member {
  std::string contact_id;
  long long received_time = 0;
};

// An earlier contact and why it is thought to belong to the child.
struct Related {
  std::string contact_id;
  long long received_time = 0;
  pb::Match match = pb::MATCH_UNSPECIFIED;
  std::set<std::string> matched_on;
  // What tells the two apart although a number is equal.
  std::vector<std::string> differs_on;
};

std::vector<std::string> IdsOf(const std::vector<Member>& contacts);

// The order of a look-back: certain before likely before near, newest first.
bool ComesBefore(const Related& one, const Related& other);

// A contact's child, and all else that is near.
struct Around {
  std::vector<Member> child;
  // Contacts that share a key, certain before likely before near, the newest
  // first. Of those that share a name, a household or an address, and no
  // number, the newest 1,000 under each key.
  std::vector<Related> look_back;
};

// A contact that a key brought up.
struct KeyRow {
  std::size_t key = 0;  // its number among those asked for
  std::string contact_id;
  long long identity = 0;  // 0: the key is not the child's own
  long long received_time = 0;
  bool said = false;  // A person said something of it.
};

class Children {
 public:
  explicit Children(const seal::Sealer& sealer, Runs::Sizes sizes = {})
      : sealer_(sealer), sizes_(sizes) {}

  // ---- intake ----
  std::vector<KeyHash> KeysOf(const Identity& identity) const;
  // What the row says of the child: its keys, and the description that Compare
  // reads, sealed.
  void Describe(const std::string& area, const Identity& identity,
                const std::vector<KeyHash>& keys, ContactRow& row) const;
  // Stages the keys of a contact; gives the row the run that they are in.
  void Insert(ledger::Unit& unit, ContactRow& row,
              const std::vector<KeyHash>& keys) const;
  // The contact says this of its child from now on: its keys and its row are
  // made anew. A council's id stays where `identity` has none.
  Result<void> Redescribe(Records& records, const Identity& identity,
                          ContactRow& row) const;
  // The contact is found by nothing from now on; Add takes that back. What a
  // person said of a withdrawn contact is not looked at meanwhile, and its own
  // child is itself alone.
  Result<void> Remove(Records& records, const ContactRow& row) const;
  // The keys that the row says it has.
  Result<void> Add(Records& records, const ContactRow& row) const;

  // A slice of merging runs, in a transaction that holds the area's head, which
  // is at `position`. False = there was nothing to merge.
  Result<bool> MergeRuns(Records& records, std::int64_t position) const;

  // ---- reading ----
  // All contacts of the same child, `self` first, then the newest first:
  // followed from number to number over what is certain, over at most 64
  // numbers. Never two that a person told apart.
  Result<std::vector<Member>> SameChild(const Records& records,
                                        const ContactRow& self) const;
  Result<Around> LookAround(const Records& records,
                            const ContactRow& self) const;
  // A look-back by identifiers alone.
  Result<std::vector<Related>> FindBy(const Records& records,
                                      const Identity& identity) const;
  // When police reported of the child, those it lives with or its address,
  // `self` left out: each time is an incident.
  struct Incidents {
    long long from = 0, to = 0;  // after, and up to
    int enough = 0;              // so many at most
  };
  Result<std::set<long long>> PoliceIncidents(const Records& records,
                                              const ContactRow& self,
                                              const Incidents& asked) const;

  // A person said that two contacts are, or are not, about the same child.
  Result<void> Say(Records& records, const std::string& one,
                   const std::string& other, std::int64_t position,
                   bool same) const;

 private:
  struct Found;
  class Search;
  // What contacts say, by identity: opened once for all that say the same.
  using Known = std::map<long long, child::Description>;
  Result<std::vector<Related>> LookBack(const Records& records,
                                        const ContactRow& self,
                                        const std::vector<KeyHash>& keys,
                                        const std::vector<KeyRow>& rows,
                                        Known& known) const;
  // What people said: contact -> other contact -> same child or not.
  using Sayings = std::map<std::string, std::map<std::string, bool>>;
  Result<std::vector<Related>> Relate(const Records& records,
                                      const std::string& self,
                                      const child::Description& described,
                                      const std::vector<KeyHash>& keys,
                                      const std::vector<KeyRow>& rows,
                                      Known& known) const;
  Result<Sayings> Said(const Records& records,
                       const std::vector<std::string>& ids) const;
  // By identity, from one contact of each.
  Result<void> Describe(const Records& records,
                        const std::map<long long, std::string>& contacts,
                        Known& into) const;
  // A contact and what it says of the child.
  struct Described {
    std::string contact_id;
    long long identity = 0;
    long long received_time = 0;
    child::Description description;
    std::string key_hashes;
  };
  Result<std::vector<Described>> Look(
      const Records& records, const std::vector<std::string>& ids) const;
  // What the row says, of which are read its id and its description.
  Result<child::Description> Open(const Records& records,
                                  const ContactRow& row) const;
  // Changes the keys that the row says it has, wherever they are.
  using Change =
      std::function<Result<void>(Records& records, const ContactKeyRow& key)>;
  Result<void> ChangeKeys(Records& records, const ContactRow& row,
                          const Change& change) const;

  Result<Runs> ReadRuns(const Records& records) const;

  const seal::Sealer& sealer_;
  const Runs::Sizes sizes_;
};

}  // namespace seawall::referrals
