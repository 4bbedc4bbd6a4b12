// The records of the waiting lists: what is asked of its rows (rows.h), and
// what is sealed in them.
//
// Functions that take const Records read; the others change, inside a unit of
// work. Whatever shows sealed details asks for a Grant; a unit of work opens
// them to compare, and shows nothing of them. A referral that is not there is
// REFERRAL_NOT_FOUND (kNotFound); every other error is the store's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/child/child.h"
#include "libs/rpc/call.h"
#include "libs/seal/seal.h"
#include "libs/store/records.h"
#include "seawall/waiting/v1/stored.pb.h"
#include "services/waiting/rows.h"

namespace seawall::waiting {

namespace pb = v1;

// Made from schema/*.sql.
std::vector<store::Migration> Migrations();
// Every table of rows.h.
std::vector<const store::Table*> Tables();

// Events of one referral, by number, void ones too; and what was said of those
// that were asked for by their event ids.
struct Recorded {
  std::vector<Event> events;
  std::map<int, pb::Event> said;
};

// What a child's referrals are found by: keyed hashes.
struct ChildKeys {
  // As they lie in the records: by the newest key of ours.
  std::vector<std::string> stored;
  // To look for, by every key of ours. A number that is equal tells more than
  // names: those of children who have a number are looked for by such as have
  // none, so that most need not be compared.
  std::vector<std::string> numbers, names;
};

// Two referrals that may be of the same child, and where they are.
struct Candidate {
  CandidateRow pair;
  ReferralRow one, other;  // service and provider alone
};

// A referral whose child waits, with everything that happened to it.
struct WaitingReferral {
  ReferralRow referral;
  std::string place;
  History history;
};

// A referral of any area.
struct PlacedReferral {
  std::string area;
  ReferralRow referral;
};

class Store {
 public:
  using Records = store::Records;

  explicit Store(const seal::Sealer& sealer) : sealer_(sealer) {}

  ChildKeys KeysOf(const child::Description& described) const;

  // ---- reading ----
  Result<ReferralRow> Referral(const Records& records,
                               const std::string& id) const;
  Result<ReferralRow> ByReference(const Records& records,
                                  const std::string& provider,
                                  const std::string& service,
                                  const std::string& reference) const;
  // By number, void ones too.
  Result<std::vector<Event>> Events(const Records& records,
                                    const std::string& referral) const;
  // At most `size` of those that its provider is shown, with what was said: the
  // newest below `before` (0 = the newest of all), by number.
  Result<std::vector<EventRow>> Newest(const Records& records,
                                       const std::string& referral, int before,
                                       int size) const;
  // The newest that its own provider is not shown, by number.
  Result<std::vector<EventRow>> Hidden(const Records& records,
                                       const std::string& referral) const;
  // Services at which the referrals among these wait, by referral id.
  Result<std::map<std::string, std::string>> WaitingAt(
      const Records& records, const std::vector<std::string>& ids) const;
  // Of many at once; those that are not there are left out.
  Result<std::vector<ReferralRow>> Referrals(
      const Records& records, const std::vector<std::string>& ids) const;
  // Referral ids by reference.
  Result<std::map<std::string, std::string>> ByReferences(
      const Records& records, const std::string& provider,
      const std::string& service,
      const std::vector<std::string>& references) const;
  // Referral ids by child key, under each the newest `most` of every provider:
  // who has many crowds nobody's out.
  Result<std::multimap<std::string, std::string>> OfChildren(
      const Records& records, const std::vector<std::string>& child_keys,
      const std::vector<std::string>& providers, int most) const;
  // By referral id: deaths, and what persons said of other referrals, alone.
  Result<std::map<std::string, std::vector<Event>>> OfChildEvents(
      const Records& records, const std::vector<std::string>& ids) const;
  // By referral id.
  Result<std::map<std::string, Recorded>> EventsOf(
      const Records& records, const std::vector<std::string>& ids,
      const std::vector<std::string>& event_ids) const;
  // How many events these referrals have together. Reads none of them.
  Result<std::int64_t> CountEvents(const Records& records,
                                   const std::vector<std::string>& ids) const;
  // Of the referrals that ask, or of those that are asked for.
  Result<std::vector<TransferRow>> Transfers(
      const Records& records, const std::vector<std::string>& asking,
      const std::vector<std::string>& from) const;

  Result<pb::Referral> Open(const rpc::Grant& grant, const Records& records,
                            const ReferralRow& row) const;
  Result<pb::Event> Open(const rpc::Grant& grant, const Records& records,
                         const EventRow& row) const;
  // What the sender calls it; agency/person/role, or agency/system.
  Result<std::string> Reference(const rpc::Grant& grant,
                                const ReferralRow& row) const;
  Result<std::string> RecordedBy(const rpc::Grant& grant,
                                 const EventRow& row) const;

  // ---- inside a unit ----
  // What its events say of the child, its routes and flags all together.
  Result<pb::Referral> Details(const Records& records,
                               const ReferralRow& row) const;
  // What was said of an event.
  Result<pb::Event> Said(const Records& records, const std::string& referral,
                         int number) const;
  // What each event states of them that is not void, in their order.
  Result<std::vector<pb::Referral>> Statements(
      const Records& records, const std::string& referral) const;
  void Insert(Records& records, const ReferralRow& row,
              const std::vector<std::string>& child_keys) const;
  // Flags and what is sealed become those of `row`, which is found by these
  // keys from now on.
  Result<void> Amend(Records& records, const ReferralRow& row,
                     const std::vector<std::string>& child_keys) const;
  void AddReference(Records& records, const ReferralRow& row,
                    const std::string& reference) const;
  // Of one referral beside others, the two ids of each in any order. A pair is
  // noted once.
  Result<void> AddCandidates(Records& records, const std::string& referral,
                             std::vector<CandidateRow> pairs) const;
  // All of a referral, or one pair.
  Result<void> RemoveCandidates(Records& records, const std::string& referral,
                                const std::string& other = "") const;
  Result<void> Void(Records& records, const std::string& referral, int number,
                    std::int64_t position) const;
  // In place of the one before.
  Result<void> PutTransfer(Records& records, const TransferRow& row) const;
  Result<void> RemoveTransfer(Records& records,
                              const std::string& referral) const;

  // Ids of the sender's, as they are stored: equal for equal ids.
  std::string SealReference(const std::string& reference) const;
  std::string SealEventId(const std::string& id) const;
  std::string SealReferral(const std::string& area, const std::string& id,
                           const pb::Referral& details) const;
  std::string SealEvent(const Records& records, const EventRow& row,
                        const pb::Event& said) const;

 private:
  Result<pb::Event> OpenEvent(const Records& records,
                              const EventRow& row) const;

  const seal::Sealer& sealer_;
};

// Of all areas, `size` after an area and an id, in their order.
Result<std::vector<PlacedReferral>> ReferralsAfter(store::Session& writer,
                                                   const std::string& area,
                                                   const std::string& id,
                                                   std::size_t size);

// ---- for counting ----

// Changes recorded in (after, to], in the order of their positions; without
// their numbers and referrals.
Result<void> ScanMovements(const store::Records& records, std::int64_t after,
                           std::int64_t to,
                           const std::function<void(const MovementRow&)>& each);
// Children who wait at a service now, with all their events.
Result<std::vector<WaitingReferral>> ScanWaiting(const store::Records& records,
                                                 const std::string& service);
// At most `size` of one provider's, in the worklist's order, after a place.
Result<std::vector<WaitingReferral>> NextWaiting(const store::Records& records,
                                                 const std::string& service,
                                                 const std::string& provider,
                                                 const std::string& after,
                                                 std::size_t size);
// At most `size` after a pair of ids; between one provider's alone unless
// empty.
Result<std::vector<Candidate>> NextCandidates(
    const store::Records& records, const std::string& provider,
    const std::pair<std::string, std::string>& after, std::size_t size);
// At most `size` open ones after the referral that asks.
Result<std::vector<TransferRow>> NextTransfers(const store::Records& records,
                                               const std::string& after,
                                               int size);
// Every referral to a service with its events as known at a position.
Result<void> ScanEvents(const store::Records& records,
                        const std::string& service, std::int64_t position,
                        const std::function<void(const History&)>& each);
}  // namespace seawall::waiting
