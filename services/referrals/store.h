// The records of the front door: all SQL of this service.
//
// Functions that take a soci::session run on a reader, or inside a unit of work
// on the writer's connection. Whatever shows sealed details asks for a Grant.
#pragma once

#include <functional>
#include <map>
#include <mutex>
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

namespace seawall::referrals {

// Made from schema/*.sql.
std::vector<store::Migration> Migrations();

// A row of contacts.
struct ContactRow {
  std::string contact_id;
  long long version = 1;
  State state = State::kAwaitingScreening;
  Route route = Route::kFrontDoor;
  Priority priority = Priority::kGreen;
  Channel channel = Channel::kSystem;
  std::string agency;
  std::string agency_group;
  std::string recorded_by;
  std::string source;
  std::string need;
  long long level = 0;
  Consent consent = Consent::kUnspecified;
  long long under_one = 0;
  long long police = 0;
  std::string age_band;
  Band quality_band = Band::kUnspecified;
  long long quality_score = 0;
  long long quality_maximum = 0;
  long long rubric_version = 0;
  std::string failed_criteria;  // separated by blanks
  long long received_time = 0;
  std::string received_date;
  long long recorded_time = 0;
  long long position = 0;
  long long due_time = 0;
  std::string due_date;
  std::string confirmation_due_date;
  long long confirmed_time = 0;
  long long acknowledged_time = 0;
  long long added_time = 0;
  long long confirmed_position = 0;
  Decision decision = Decision::kUnspecified;
  long long decided_time = 0;
  long long first_decided_position = 0;
  std::string episode_id;
  // What it says of the child (child_store.h): contacts with one identity say
  // the same.
  long long identity = 0;
  std::string description;  // sealed
  std::string key_hashes;
  long long key_run = 0;
};

struct DecisionRow {
  long long number = 0;
  Decision decision = Decision::kUnspecified;
  std::string decided_by;  // ledger::Unit::By()
  long long decided_time = 0;
  std::string decided_date;
  long long in_time = 0;
  long long recorded_time = 0;
  long long position = 0;
  std::string episode_id;
  std::string sealed;
};

struct NoteRow {
  long long number = 0;
  std::string kind;
  long long noted_time = 0;
  std::string sealed;
};

struct EpisodeRow {
  std::string episode_id;
  std::string contact_id;
  std::string state;  // OPEN, CLOSED, WITHDRAWN
  std::string referral_date;
  std::string closed_date;
  std::string closure_reason;
  long long re_referral = 0;
  long long version = 1;
};

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

class Store {
 public:
  explicit Store(const seal::Sealer& sealer) : sealer_(sealer) {}

  // ---- intake: stages rows only ----
  std::string SealDetails(const std::string& area, const std::string& id,
                          const pb::SealedContact& details) const;
  // The row's own position and recorded time are not looked at: they are known
  // only in the unit.
  void Insert(ledger::Unit& unit, const ContactRow& row, std::int64_t position,
              const std::string& sealed) const;

  // ---- reading ----
  // CONTACT_NOT_FOUND (kNotFound).
  Result<ContactRow> Contact(soci::session& sql, const std::string& area,
                             const std::string& id) const;
  struct ListQuery {
    std::string where;  // condition over contacts
    std::vector<std::variant<long long, std::string>> binds;
    long long after_due = 0;
    std::string after_id;
    int limit = 50;
  };
  Result<std::vector<ContactRow>> List(soci::session& sql,
                                       const std::string& area,
                                       const ListQuery& query) const;
  Result<std::vector<DecisionRow>> Decisions(soci::session& sql,
                                             const std::string& area,
                                             const std::string& id) const;
  // Of many contacts, by contact; those not decided are left out.
  Result<std::map<std::string, std::vector<DecisionRow>>> DecisionsOf(
      soci::session& sql, const std::string& area,
      const std::vector<std::string>& ids) const;
  Result<std::vector<NoteRow>> Notes(soci::session& sql,
                                     const std::string& area,
                                     const std::string& id) const;
  // Of many at once, in no order; those that are not there are left out.
  Result<std::vector<ContactRow>> Contacts(
      soci::session& sql, const std::string& area,
      const std::vector<std::string>& ids) const;
  // (area, id) of all areas, in order, after that one.
  Result<std::vector<std::pair<std::string, std::string>>> ContactsAfter(
      soci::session& sql, const std::string& area, const std::string& id,
      int size) const;
  // Another contact that is part of the episode.
  Result<bool> IsJoined(soci::session& sql, const std::string& area,
                        const std::string& episode,
                        const std::string& except) const;
  // Episodes that those contacts opened, but the withdrawn ones; by date.
  Result<std::vector<EpisodeRow>> Episodes(
      soci::session& sql, const std::string& area,
      const std::vector<std::string>& contacts) const;
  // … and those they joined.
  Result<std::vector<EpisodeRow>> EpisodesOf(
      soci::session& sql, const std::string& area,
      const std::vector<ContactRow>& contacts) const;
  // Contacts received in the period, or whose referral's episode was open in
  // it, by id; withdrawn ones are not.
  Result<std::vector<std::string>> ContactsOfPeriod(
      soci::session& sql, const std::string& area, const std::string& start,
      const std::string& end, const std::string& after, int limit) const;
  // EPISODE_NOT_FOUND (kNotFound).
  Result<EpisodeRow> Episode(soci::session& sql, const std::string& area,
                             const std::string& id) const;

  // Opens the form for what it says of the child, for rules and for what an
  // import brings; never shown.
  Result<pb::Child> ChildOf(soci::session& sql, const std::string& area,
                            const std::string& id) const;
  // As it was sealed; for rules and corrections, never shown.
  Result<pb::SealedContact> Details(soci::session& sql, const std::string& area,
                                    const std::string& id) const;
  Result<pb::SealedNote> Open(const std::string& area, const std::string& id,
                              const NoteRow& row) const;
  Result<Births> BirthsOf(soci::session& sql, const std::string& area,
                          const std::string& id) const;
  Result<pb::SealedContact> Details(const rpc::Grant& grant, soci::session& sql,
                                    const std::string& area,
                                    const std::string& id) const;
  // Of a page of contacts, by id, in one look.
  Result<std::map<std::string, pb::SealedContact>> Details(
      const rpc::Grant& grant, store::Reader& reader, const std::string& area,
      const std::vector<ContactRow>& rows) const;
  Result<pb::SealedDecision> Open(const rpc::Grant& grant,
                                  const std::string& area,
                                  const std::string& id,
                                  const DecisionRow& row) const;
  Result<pb::SealedNote> Open(const rpc::Grant& grant, const std::string& area,
                              const std::string& id, const NoteRow& row) const;

  // ---- changing, inside a unit ----
  // Saves the row with the next version.
  Result<void> Save(soci::session& sql, const std::string& area,
                    ContactRow& row) const;
  Result<void> Reseal(soci::session& sql, const std::string& area,
                      const std::string& id,
                      const pb::SealedContact& details) const;
  // Staged.
  void Add(ledger::Unit& unit, const std::string& id, const DecisionRow& row,
           const pb::SealedDecision& sealed) const;
  // The note's number.
  Result<int> Add(soci::session& sql, const std::string& area,
                  const std::string& id, const std::string& kind, Instant noted,
                  std::int64_t position, const pb::SealedNote& sealed) const;
  Result<void> Add(soci::session& sql, const std::string& area,
                   const EpisodeRow& row) const;
  Result<void> Save(soci::session& sql, const std::string& area,
                    const EpisodeRow& row) const;
  Result<void> AddFact(soci::session& sql, const std::string& area,
                       const EpisodeRow& row, std::int64_t position,
                       const std::string& kind, const std::string& date) const;
  // No longer counted from that position on …
  Result<void> Withdraw(soci::session& sql, const std::string& area,
                        const std::string& id, std::int64_t position,
                        State before) const;
  // … and counted again. Gives the state before.
  Result<State> Reinstate(soci::session& sql, const std::string& area,
                          const std::string& id, std::int64_t position) const;

 private:
  Result<pb::SealedContact> OpenDetails(const std::string& area,
                                        const std::string& id,
                                        const std::string& sealed) const;

  const seal::Sealer& sealer_;
};

// ---- for counting, from records alone; see events.h ----
// Contacts that were withdrawn at the position are not among them.

// " and not …": the contact that these two columns name was not withdrawn at
// the position, which is bound twice.
std::string NotWithdrawn(const std::string& area,
                         const std::string& contact_id);

Result<void> ScanContacts(store::Reader& reader, const counters::Slice& slice,
                          const std::function<void(const ContactRow&)>& each);
// The decision that counted at the position, one a contact.
Result<void> ScanDecisions(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(Decision, const std::string& date, bool in_time,
                             const ContactRow&)>& each);
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
    const std::function<void(const ContactRow&,
                             const std::string& decided_date)>& each);

}  // namespace seawall::referrals
