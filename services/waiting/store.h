// The records of the waiting lists: all SQL of this service.
//
// Functions that take a soci::session run on a reader, or inside a unit of work
// on the writer's connection. Whatever shows sealed details asks for a Grant;
// a unit of work opens them to compare, and shows nothing of them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/child/child.h"
#include "libs/ledger/ledger.h"
#include "libs/rpc/call.h"
#include "libs/seal/seal.h"
#include "libs/store/database.h"
#include "seawall/waiting/v1/stored.pb.h"
#include "services/waiting/wait.h"

namespace seawall::waiting {

namespace pb = v1;

// Made from schema/*.sql.
std::vector<store::Migration> Migrations();

struct ReferralRow {
  std::string referral_id;
  std::string provider;
  std::string service;
  std::string reference;  // Store::SealReference()
  std::string flags;      // separated by blanks
  std::string sealed;
};

struct EventRow {
  Event event;
  std::string recorded_by;  // ledger::Unit::By()
  std::string sealed;
};

// Events of one referral, by number, void ones too; and what was said of those
// that were asked for by their event ids.
struct Recorded {
  std::vector<Event> events;
  std::map<int, pb::Event> said;
};

// A change of the lists: a wait that is so from a journal position on (by 1),
// or is so no longer (-1).
struct MovementRow {
  std::int64_t position = 0;
  std::string service;
  Wait wait;
  int by = 1;
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

// Two referrals that may be of the same child.
struct Candidate {
  std::string referral_id;
  std::string other_id;
  std::string agrees, differs;  // separated by blanks
  // `provider` of a pair that is noted: of both, empty where they are of two.
  std::string service = {}, provider = {};
  std::string other_service = {}, other_provider = {};
};

// A transfer from another provider, as a referral asks for it.
struct TransferRow {
  std::string referral_id;
  std::string from_id;  // empty where what was named is no id of ours
  std::string asked_date;
  std::string answer;  // GIVEN, REFUSED; empty while it is open
};

// A referral whose child waits, with everything that happened to it.
struct WaitingRow {
  ReferralRow referral;
  std::string place;
  History history;
};

class Store {
 public:
  explicit Store(const seal::Sealer& sealer) : sealer_(sealer) {}

  ChildKeys KeysOf(const child::Description& described) const;

  // ---- reading; REFERRAL_NOT_FOUND (kNotFound) ----
  Result<ReferralRow> Referral(soci::session& sql, const std::string& area,
                               const std::string& id) const;
  Result<ReferralRow> ByReference(soci::session& sql, const std::string& area,
                                  const std::string& provider,
                                  const std::string& service,
                                  const std::string& reference) const;
  // By number, void ones too.
  Result<std::vector<Event>> Events(soci::session& sql, const std::string& area,
                                    const std::string& referral) const;
  // At most `size` of those that its provider is shown, with what was said: the
  // newest below `before` (0 = the newest of all), by number.
  Result<std::vector<EventRow>> Newest(soci::session& sql,
                                       const std::string& area,
                                       const std::string& referral, int before,
                                       int size) const;
  // The newest that its own provider is not shown, by number.
  Result<std::vector<EventRow>> Hidden(soci::session& sql,
                                       const std::string& area,
                                       const std::string& referral) const;
  // Services at which the referrals among these wait, by referral id.
  Result<std::map<std::string, std::string>> WaitingAt(
      soci::session& sql, const std::string& area,
      const std::vector<std::string>& ids) const;
  // Of many at once; those that are not there are left out.
  Result<std::vector<ReferralRow>> Referrals(
      soci::session& sql, const std::string& area,
      const std::vector<std::string>& ids) const;
  // Referral ids by reference.
  Result<std::map<std::string, std::string>> ByReferences(
      soci::session& sql, const std::string& area, const std::string& provider,
      const std::string& service,
      const std::vector<std::string>& references) const;
  // Referral ids by child key, under each the newest `most` of every provider:
  // who has many crowds nobody's out.
  Result<std::multimap<std::string, std::string>> OfChildren(
      soci::session& sql, const std::string& area,
      const std::vector<std::string>& child_keys,
      const std::vector<std::string>& providers, int most) const;
  // By referral id: deaths, and what persons said of other referrals, alone.
  Result<std::map<std::string, std::vector<Event>>> OfChildEvents(
      soci::session& sql, const std::string& area,
      const std::vector<std::string>& ids) const;
  // By referral id.
  Result<std::map<std::string, Recorded>> EventsOf(
      soci::session& sql, const std::string& area,
      const std::vector<std::string>& ids,
      const std::vector<std::string>& event_ids) const;

  // How many events these referrals have together. Reads none of them.
  Result<std::int64_t> CountEvents(soci::session& sql, const std::string& area,
                                   const std::vector<std::string>& ids) const;

  // Of the referrals that ask, or of those that are asked for.
  Result<std::vector<TransferRow>> Transfers(
      soci::session& sql, const std::string& area,
      const std::vector<std::string>& asking,
      const std::vector<std::string>& from) const;

  Result<pb::Referral> Open(const rpc::Grant& grant, const std::string& area,
                            const ReferralRow& row) const;
  Result<pb::Event> Open(const rpc::Grant& grant, const std::string& area,
                         const std::string& referral,
                         const EventRow& row) const;
  // What the sender calls it; agency/person/role, or agency/system.
  Result<std::string> Reference(const rpc::Grant& grant,
                                const ReferralRow& row) const;
  Result<std::string> RecordedBy(const rpc::Grant& grant,
                                 const EventRow& row) const;

  // ---- inside a unit ----
  // What its events say of the child, its routes and flags all together.
  Result<pb::Referral> Details(const std::string& area,
                               const ReferralRow& row) const;
  // What was said of an event.
  Result<pb::Event> Said(soci::session& sql, const std::string& area,
                         const std::string& referral, int number) const;
  // What each event states of them that is not void, in their order.
  Result<std::vector<pb::Referral>> Statements(
      soci::session& sql, const std::string& area,
      const std::string& referral) const;
  void Insert(ledger::Unit& unit, const ReferralRow& row, std::int64_t position,
              const std::vector<std::string>& child_keys) const;
  // Flags and what is sealed become those of `row`, which is found by these
  // keys from now on.
  Result<void> Amend(soci::session& sql, const std::string& area,
                     const ReferralRow& row,
                     const std::vector<std::string>& child_keys) const;
  // Of all areas, `size` after an area and an id, in their order.
  Result<std::vector<std::pair<std::string, ReferralRow>>> ReferralsAfter(
      soci::session& sql, const std::string& area, const std::string& id,
      std::size_t size) const;
  // A pair is noted once; its two ids in any order.
  Result<void> AddCandidate(soci::session& sql, const std::string& area,
                            const Candidate& candidate) const;
  // All of a referral, or one pair.
  Result<void> RemoveCandidates(soci::session& sql, const std::string& area,
                                const std::string& referral,
                                const std::string& other = "") const;
  void AddReference(ledger::Unit& unit, const ReferralRow& row,
                    const std::string& reference) const;
  void AddEvent(ledger::Unit& unit, const std::string& referral,
                const Event& event, const std::string& recorded_by,
                const std::string& sealed) const;
  Result<void> Void(soci::session& sql, const std::string& area,
                    const std::string& referral, int number,
                    std::int64_t position) const;
  void AddMovement(ledger::Unit& unit, const ReferralRow& row, const Wait& wait,
                   std::int64_t position, int number, int by) const;
  // In place of the one before.
  Result<void> PutTransfer(soci::session& sql, const std::string& area,
                           const TransferRow& row) const;
  Result<void> RemoveTransfer(soci::session& sql, const std::string& area,
                              const std::string& referral) const;
  // The open wait of a referral and its place on the worklist.
  void AddWaiting(ledger::Unit& unit, const ReferralRow& row, const Wait& wait,
                  const std::string& place) const;
  Result<void> RemoveWaiting(soci::session& sql, const std::string& area,
                             const ReferralRow& row) const;

  // Ids of the sender's, as they are stored: equal for equal ids.
  std::string SealReference(const std::string& reference) const;
  std::string SealEventId(const std::string& id) const;
  std::string SealReferral(const std::string& area, const std::string& id,
                           const pb::Referral& details) const;
  std::string SealEvent(const std::string& area, const std::string& referral,
                        int number, const pb::Event& said) const;

 private:
  Result<pb::Event> OpenEvent(const std::string& area,
                              const std::string& referral, int number,
                              const std::string& sealed) const;

  const seal::Sealer& sealer_;
};

// ---- for counting ----

// Changes recorded in (after, to], in the order of their positions.
Result<void> ScanMovements(store::Reader& reader, const std::string& area,
                           std::int64_t after, std::int64_t to,
                           const std::function<void(const MovementRow&)>& each);
// Children who wait at a service now, with all their events.
Result<std::vector<WaitingRow>> ScanWaiting(store::Reader& reader,
                                            const std::string& area,
                                            const std::string& service);
// At most `size` of one provider's, in the worklist's order, after a place.
Result<std::vector<WaitingRow>> NextWaiting(
    store::Reader& reader, const std::string& area, const std::string& service,
    const std::string& provider, const std::string& after, std::size_t size);
// At most `size` after a pair of ids; between one provider's alone unless
// empty.
Result<std::vector<Candidate>> NextCandidates(
    store::Reader& reader, const std::string& area, const std::string& provider,
    const std::pair<std::string, std::string>& after, std::size_t size);
// At most `size` open ones after the referral that asks.
Result<std::vector<TransferRow>> NextTransfers(store::Reader& reader,
                                               const std::string& area,
                                               const std::string& after,
                                               std::size_t size);
// Every referral to a service with its events as known at a position.
Result<void> ScanEvents(store::Reader& reader, const std::string& area,
                        const std::string& service, std::int64_t position,
                        const std::function<void(const History&)>& each);
}  // namespace seawall::waiting
