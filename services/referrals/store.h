// The records of the front door: what is asked of its rows (rows.h), and what
// lies sealed in them.
//
// Functions that take const Records read; the others change, inside a unit of
// work. Whatever shows sealed details asks for a Grant.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/counters/definitions.h"
#include "libs/ledger/ledger.h"
#include "libs/rpc/call.h"
#include "libs/seal/seal.h"
#include "libs/store/database.h"
#include "seawall/referrals/v1/stored.pb.h"
#include "services/referrals/contact.h"
#include "services/referrals/form.h"
#include "services/referrals/rows.h"

namespace seawall::referrals {

// Made from schema/*.sql.
std::vector<store::Migration> Migrations();

// When a child was, or is expected to be, born.
struct Births {
  std::optional<Date> birth_date, expected_birth_date, death_date;
};

// A key of a contact: enough of its hash to find others by.
struct KeyHash {
  std::string kind;    // nhs_number, upn, la_child_id, name, address
  std::string holder;  // child, household, address
  std::int64_t hash = 0;
};

// A page of a worklist, by due time.
struct WorklistQuery {
  pb::Worklist worklist = pb::WORKLIST_UNSPECIFIED;
  std::string agency;  // empty = all
  Priority priority = Priority::kUnspecified;
  Route route = Route::kUnspecified;
  Instant now;
  // Where the page before ended.
  long long after_due = std::numeric_limits<long long>::min();
  std::string after_id;
  int limit = 50;
};

// Contacts received in the period, or whose referral's episode was open in it;
// by id, after one.
struct PeriodQuery {
  std::string start, end;
  std::string after;
  int limit = 50;
};

class Store {
 public:
  explicit Store(const seal::Sealer& sealer) : sealer_(sealer) {}

  // ---- intake: stages rows only ----
  std::string SealDetails(const std::string& area, const std::string& id,
                          const pb::SealedContact& details) const;
  void Insert(Records& records, const ContactRow& row,
              const std::string& sealed) const;

  // ---- reading ----
  // CONTACT_NOT_FOUND (kNotFound).
  Result<ContactRow> Contact(const Records& records,
                             const std::string& id) const;
  // Withdrawn ones are on the worklist of withdrawn ones alone.
  Result<std::vector<ContactRow>> List(const Records& records,
                                       const WorklistQuery& query) const;
  // By number.
  Result<std::vector<DecisionRow>> Decisions(const Records& records,
                                             const std::string& id) const;
  // Of many contacts, by contact; those not decided are left out.
  Result<std::map<std::string, std::vector<DecisionRow>>> DecisionsOf(
      const Records& records, const std::vector<std::string>& ids) const;
  // By number.
  Result<std::vector<NoteRow>> Notes(const Records& records,
                                     const std::string& id) const;
  // Of many at once, in no order; those that are not there are left out.
  Result<std::vector<ContactRow>> Contacts(
      const Records& records, const std::vector<std::string>& ids) const;
  // `size` after one, by id.
  Result<std::vector<ContactRow>> ContactsAfter(const Records& records,
                                                const std::string& id,
                                                int size) const;
  // Another contact that is part of the episode.
  Result<bool> IsJoined(const Records& records, const std::string& episode,
                        const std::string& except) const;
  // Episodes that those contacts opened, but the withdrawn ones; by date.
  Result<std::vector<EpisodeRow>> Episodes(
      const Records& records, const std::vector<std::string>& contacts) const;
  // … and those they joined.
  Result<std::vector<EpisodeRow>> EpisodesOf(
      const Records& records, const std::vector<ContactRow>& contacts) const;
  // Withdrawn ones are left out.
  Result<std::vector<std::string>> ContactsOfPeriod(
      const Records& records, const PeriodQuery& query) const;
  // EPISODE_NOT_FOUND (kNotFound).
  Result<EpisodeRow> Episode(const Records& records,
                             const std::string& id) const;

  // Opens the form for what it says of the child, for rules and for what an
  // import brings; never shown.
  Result<pb::Child> ChildOf(const Records& records,
                            const std::string& id) const;
  // As it was sealed; for rules and corrections, never shown.
  Result<pb::SealedContact> Details(const Records& records,
                                    const std::string& id) const;
  Result<pb::SealedNote> Open(const Records& records, const NoteRow& row) const;
  Result<Births> BirthsOf(const Records& records, const std::string& id) const;
  Result<pb::SealedContact> Details(const rpc::Grant& grant,
                                    const Records& records,
                                    const std::string& id) const;
  // Of a page of contacts, by id, in one look.
  Result<std::map<std::string, pb::SealedContact>> Details(
      const rpc::Grant& grant, const Records& records,
      const std::vector<ContactRow>& rows) const;
  Result<pb::SealedDecision> Open(const rpc::Grant& grant,
                                  const Records& records,
                                  const DecisionRow& row) const;
  Result<pb::SealedNote> Open(const rpc::Grant& grant, const Records& records,
                              const NoteRow& row) const;

  // ---- inside a unit ----
  // It is going to ask for the contact …
  void Foresee(const Records& records, const std::string& contact) const;
  // … for what it says of the child …
  void ForeseeDetails(const Records& records, const std::string& contact) const;
  // … and for the decisions about it.
  void ForeseeDecisions(const Records& records,
                        const std::string& contact) const;
  // Saves what a contact comes to, with the next version.
  Result<void> Save(Records& records, ContactRow& row) const;
  Result<void> Reseal(Records& records, const std::string& id,
                      const pb::SealedContact& details) const;
  // `row` without what is sealed.
  void Add(Records& records, DecisionRow row,
           const pb::SealedDecision& sealed) const;
  // `row` without its number and what is sealed. The note's number.
  Result<int> Add(Records& records, NoteRow row,
                  const pb::SealedNote& sealed) const;
  void Add(Records& records, const EpisodeRow& row) const;
  Result<void> Save(Records& records, const EpisodeRow& row) const;
  // What became of the episode: `fact` says where, what and on which day.
  void AddFact(Records& records, const EpisodeRow& row,
               EpisodeFactRow fact) const;
  // No longer counted from that position on …
  void Withdraw(Records& records, const ContactRow& row,
                std::int64_t position) const;
  // … and counted again. Gives the state before.
  Result<State> Reinstate(Records& records, const std::string& id,
                          std::int64_t position) const;

 private:
  Result<pb::SealedContact> OpenDetails(const Records& records,
                                        const DetailsRow& row) const;

  const seal::Sealer& sealer_;
};

// ---- for counting, from records alone; see events.h ----
// Contacts that were withdrawn at the position are not among them.

// " and not …": the contact that these two columns name was not withdrawn at
// the position, which is given twice.
std::string NotWithdrawn(const std::string& area,
                         const std::string& contact_id);

Result<void> ScanContacts(store::Reader& reader, const counters::Slice& slice,
                          const std::function<void(const ContactRow&)>& each);
// The decision that counted at the position, one a contact.
Result<void> ScanDecisions(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const DecisionRow&, const ContactRow&)>& each);
// Episodes as they stood at the position; date of referral, date of closure.
Result<void> ScanEpisodes(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const EpisodeRow&, const ContactRow&)>& each);
// Contacts open at the position, with the state they were in.
Result<void> ScanOpen(store::Reader& reader, const counters::Slice& slice,
                      const std::function<void(const ContactRow&)>& each);
// Telephone contacts not confirmed at the position.
Result<void> ScanUnconfirmed(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const ContactRow&)>& each);
// Decided contacts whose outcome was not acknowledged at the position.
Result<void> ScanUnacknowledged(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const DecisionRow&, const ContactRow&)>& each);

}  // namespace seawall::referrals
