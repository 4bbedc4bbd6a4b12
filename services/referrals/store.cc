#include "services/referrals/store.h"

#include <algorithm>
#include <map>
#include <set>

#include "libs/store/scan.h"

namespace seawall::referrals {
namespace {

using store::By;
using store::Is;
using store::OneOf;
using store::Where;

Error NotFound(const char* reason, const char* what) {
  return Error{Code::kNotFound, reason,
               std::string("there is no such ") + what + " in this area"};
}

const Where<ContactRow> kNotWithdrawnNow{
    "state not in ('WITHDRAWN', 'RECORDED_IN_ERROR')"};

// The row, or that there is none.
template <class Row>
Result<Row> Found(Result<std::optional<Row>> row, const char* reason,
                  const char* what) {
  if (!row) return row.error();
  if (!*row) return NotFound(reason, what);
  return **std::move(row);
}

std::string Numbered(const std::string& id, long long number) {
  return id + "/" + std::to_string(number);
}
std::string PlaceOf(const Records& records, const DecisionRow& row) {
  return seal::Place("decisions", records.area(),
                     Numbered(row.contact_id, row.number));
}
std::string PlaceOf(const Records& records, const NoteRow& row) {
  return seal::Place("contact_notes", records.area(),
                     Numbered(row.contact_id, row.number));
}

// Erased is a valid state.
template <class Message>
Result<Message> Opened(const seal::Sealer& sealer, const std::string& sealed,
                       const std::string& place) {
  Message message;
  if (sealed.empty()) return message;
  TRY(const std::string plain, sealer.Open(sealed, place));
  message.ParseFromString(plain);
  return message;
}

}  // namespace

std::vector<const store::Table*> Tables() {
  return {&kContacts.table,     &kContactDetails.table, &kDecisions.table,
          &kNotes.table,        &kWithdrawals.table,    &kEpisodes.table,
          &kEpisodeFacts.table, &kContactKeys.table,    &kKeyLevels.table,
          &kSameChild.table,    &kSteps.table,          &kClocks.table};
}

// ---- intake ----

std::string Store::SealDetails(const std::string& area, const std::string& id,
                               const pb::SealedContact& details) const {
  return sealer_.Seal(details.SerializeAsString(),
                      seal::Place("contact_details", area, id));
}

void Store::Insert(Records& records, const ContactRow& row,
                   const std::string& sealed) const {
  records.Insert(kContacts, row);
  records.Insert(kContactDetails,
                 {.contact_id = row.contact_id, .sealed = sealed});
}

// ---- reading ----

Result<ContactRow> Store::Contact(const Records& records,
                                  const std::string& id) const {
  return Found(records.Get(kContacts, id), "CONTACT_NOT_FOUND", "contact");
}

Result<std::vector<ContactRow>> Store::Contacts(
    const Records& records, const std::vector<std::string>& ids) const {
  if (ids.empty()) return std::vector<ContactRow>();
  return records.All(kContacts, OneOf<&ContactRow::contact_id>(ids));
}

Result<std::vector<ContactRow>> Store::ContactsAfter(const Records& records,
                                                     const std::string& id,
                                                     int size) const {
  return records.All(kContacts, store::After<&ContactRow::contact_id>(id),
                     By<&ContactRow::contact_id>(size));
}

Result<bool> Store::IsJoined(const Records& records, const std::string& episode,
                             const std::string& except) const {
  if (episode.empty()) return false;
  TRY(const auto joined,
      records.First(kContacts,
                    Is<&ContactRow::episode_id>(episode) &&
                        Where<ContactRow>{"episode_id <> ''"} &&
                        store::IsNot<&ContactRow::contact_id>(except) &&
                        kNotWithdrawnNow));
  return joined.has_value();
}

namespace {

// Each begins with the condition of an index, word for word.
Where<ContactRow> OnWorklist(const WorklistQuery& query) {
  const Where<ContactRow> open{"state in ('AWAITING_SCREENING', 'RETURNED')"};
  switch (query.worklist) {
    case pb::WORKLIST_AWAITING_SCREENING:
      return open && Is<&ContactRow::state>(State::kAwaitingScreening);
    case pb::WORKLIST_OVERDUE:
      return open && store::AtMost<&ContactRow::due_time>(ToMicros(query.now));
    case pb::WORKLIST_RETURNED:
      return open && Is<&ContactRow::state>(State::kReturned);
    case pb::WORKLIST_UNCONFIRMED:
      return Where<ContactRow>{
                 "confirmation_due_date <> '' and confirmed_time = 0"} &&
             store::Below<&ContactRow::confirmation_due_date>(
                 FormatDate(CivilDate(query.now))) &&
             kNotWithdrawnNow;
    case pb::WORKLIST_UNACKNOWLEDGED:
      return {
          "state = 'DECIDED' and acknowledged_time = 0 and agency_group not in "
          "('public', 'unknown')"};
    case pb::WORKLIST_NEWS:
      return {"state = 'DECIDED' and added_time > decided_time"};
    case pb::WORKLIST_WITHDRAWN:
      return {"state in ('WITHDRAWN', 'RECORDED_IN_ERROR')"};
    default:
      return open;
  }
}

}  // namespace

Result<std::vector<ContactRow>> Store::List(const Records& records,
                                            const WorklistQuery& query) const {
  Where<ContactRow> where = OnWorklist(query);
  if (!query.agency.empty()) {
    where = where && Is<&ContactRow::agency>(query.agency);
  }
  if (query.priority != Priority::kUnspecified) {
    where = where && Is<&ContactRow::priority>(query.priority);
  }
  if (query.route != Route::kUnspecified) {
    where = where && Is<&ContactRow::route>(query.route);
  }
  return records.All(
      kContacts,
      where && store::After<&ContactRow::due_time, &ContactRow::contact_id>(
                   query.after_due, query.after_id),
      By<&ContactRow::due_time, &ContactRow::contact_id>(query.limit));
}

Result<std::vector<DecisionRow>> Store::Decisions(const Records& records,
                                                  const std::string& id) const {
  return records.All(kDecisions, Is<&DecisionRow::contact_id>(id),
                     By<&DecisionRow::number>());
}

Result<std::map<std::string, std::vector<DecisionRow>>> Store::DecisionsOf(
    const Records& records, const std::vector<std::string>& ids) const {
  std::map<std::string, std::vector<DecisionRow>> rows;
  TRY_VOID(records.Scan(kDecisions, OneOf<&DecisionRow::contact_id>(ids),
                        By<&DecisionRow::contact_id, &DecisionRow::number>(),
                        [&](DecisionRow& row) {
                          auto& of = rows[row.contact_id];
                          of.push_back(std::move(row));
                        }));
  return rows;
}

Result<std::vector<NoteRow>> Store::Notes(const Records& records,
                                          const std::string& id) const {
  return records.All(kNotes, Is<&NoteRow::contact_id>(id),
                     By<&NoteRow::number>());
}

Result<std::vector<EpisodeRow>> Store::Episodes(
    const Records& records, const std::vector<std::string>& contacts) const {
  if (contacts.empty()) return std::vector<EpisodeRow>();
  TRY(auto rows,
      records.All(kEpisodes, OneOf<&EpisodeRow::contact_id>(contacts)));
  std::erase_if(rows, [](const auto& row) { return row.state == "WITHDRAWN"; });
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.referral_date, a.episode_id) <
           std::tie(b.referral_date, b.episode_id);
  });
  return rows;
}

Result<std::vector<EpisodeRow>> Store::EpisodesOf(
    const Records& records, const std::vector<ContactRow>& contacts) const {
  std::vector<std::string> ids, joined;
  for (const ContactRow& contact : contacts) {
    ids.push_back(contact.contact_id);
    if (!contact.episode_id.empty()) joined.push_back(contact.episode_id);
  }
  TRY(std::vector<EpisodeRow> episodes, Episodes(records, ids));
  for (const EpisodeRow& episode : episodes) {
    std::erase(joined, episode.episode_id);
  }
  if (joined.empty()) return episodes;
  TRY_VOID(records.Scan(
      kEpisodes, OneOf<&EpisodeRow::episode_id>(joined), {},
      [&](EpisodeRow& row) { episodes.push_back(std::move(row)); }));
  return episodes;
}

Result<std::vector<std::string>> Store::ContactsOfPeriod(
    const Records& records, const PeriodQuery& query) const {
  std::vector<std::string> ids;
  TRY_VOID(records.Read(
      {"from contacts c where c.area = ? and c.contact_id > ? and c.state not "
       "in ('WITHDRAWN', 'RECORDED_IN_ERROR') and ((c.received_date >= ? and "
       "c.received_date <= ?) or exists (select 1 from episodes e where e.area "
       "= c.area and e.contact_id = c.contact_id and e.state <> 'WITHDRAWN' "
       "and e.referral_date <= ? and (e.closed_date = '' or e.closed_date >= "
       "?))) order by c.contact_id limit " +
           std::to_string(query.limit),
       {records.area(), query.after, query.start, query.end, query.end,
        query.start},
       store::kMany},
      [&](ContactRow& row) { ids.push_back(std::move(row.contact_id)); },
      store::Only<&ContactRow::contact_id>("c")));
  return ids;
}

Result<EpisodeRow> Store::Episode(const Records& records,
                                  const std::string& id) const {
  return Found(records.Get(kEpisodes, id), "EPISODE_NOT_FOUND", "episode");
}

// ---- what lies sealed ----

Result<pb::SealedContact> Store::Details(const rpc::Grant&,
                                         const Records& records,
                                         const std::string& id) const {
  return Details(records, id);
}

Result<std::map<std::string, pb::SealedContact>> Store::Details(
    const rpc::Grant&, const Records& records,
    const std::vector<ContactRow>& rows) const {
  std::map<std::string, pb::SealedContact> details;
  if (rows.empty()) return details;
  std::vector<std::string> ids;
  for (const ContactRow& row : rows) ids.push_back(row.contact_id);
  TRY(const auto found,
      records.All(kContactDetails, OneOf<&DetailsRow::contact_id>(ids)));
  for (const DetailsRow& row : found) {
    TRY(details[row.contact_id], OpenDetails(records, row));
  }
  return details;
}

Result<pb::Child> Store::ChildOf(const Records& records,
                                 const std::string& id) const {
  TRY(const pb::SealedContact details, Details(records, id));
  if (details.form().children_size() == 0) return pb::Child();
  return details.form().children(0);
}

Result<Births> Store::BirthsOf(const Records& records,
                               const std::string& id) const {
  TRY(const pb::Child child, ChildOf(records, id));
  Births births;
  births.birth_date = ParseDate(child.date_of_birth());
  births.expected_birth_date = ParseDate(child.expected_date_of_birth());
  births.death_date = ParseDate(child.date_of_death());
  return births;
}

Result<pb::SealedContact> Store::Details(const Records& records,
                                         const std::string& id) const {
  TRY(const auto row, records.Get(kContactDetails, id));
  return row ? OpenDetails(records, *row) : pb::SealedContact();
}

Result<pb::SealedContact> Store::OpenDetails(const Records& records,
                                             const DetailsRow& row) const {
  return Opened<pb::SealedContact>(
      sealer_, row.sealed,
      seal::Place("contact_details", records.area(), row.contact_id));
}

Result<pb::SealedDecision> Store::Open(const rpc::Grant&,
                                       const Records& records,
                                       const DecisionRow& row) const {
  return Opened<pb::SealedDecision>(sealer_, row.sealed, PlaceOf(records, row));
}

Result<pb::SealedNote> Store::Open(const rpc::Grant&, const Records& records,
                                   const NoteRow& row) const {
  return Open(records, row);
}

Result<pb::SealedNote> Store::Open(const Records& records,
                                   const NoteRow& row) const {
  return Opened<pb::SealedNote>(sealer_, row.sealed, PlaceOf(records, row));
}

// ---- inside a unit ----

void Store::Foresee(const Records& records, const std::string& contact) const {
  records.Foresee(kContacts, Is<&ContactRow::contact_id>(contact));
}

void Store::ForeseeDetails(const Records& records,
                           const std::string& contact) const {
  records.Foresee(kContactDetails, Is<&DetailsRow::contact_id>(contact));
}

void Store::ForeseeDecisions(const Records& records,
                             const std::string& contact) const {
  records.Foresee(kDecisions, Is<&DecisionRow::contact_id>(contact));
}

Result<void> Store::Save(Records& records, ContactRow& row) const {
  row.version++;
  return records
      .Update<&ContactRow::version, &ContactRow::state,
              &ContactRow::confirmed_time, &ContactRow::acknowledged_time,
              &ContactRow::added_time, &ContactRow::confirmed_position,
              &ContactRow::decision, &ContactRow::decided_time,
              &ContactRow::first_decided_position, &ContactRow::episode_id>(
          kContacts, row);
}

Result<void> Store::Reseal(Records& records, const std::string& id,
                           const pb::SealedContact& details) const {
  return records.Update<&DetailsRow::sealed>(
      kContactDetails, {id, SealDetails(records.area(), id, details)});
}

void Store::Add(Records& records, DecisionRow row,
                const pb::SealedDecision& sealed) const {
  row.sealed = sealer_.Seal(sealed.SerializeAsString(), PlaceOf(records, row));
  records.Insert(kDecisions, row);
}

Result<int> Store::Add(Records& records, NoteRow row,
                       const pb::SealedNote& sealed) const {
  TRY(const std::int64_t before,
      records.Count(kNotes, Is<&NoteRow::contact_id>(row.contact_id)));
  row.number = before + 1;
  row.sealed = sealer_.Seal(sealed.SerializeAsString(), PlaceOf(records, row));
  records.Insert(kNotes, row);
  return static_cast<int>(row.number);
}

void Store::Add(Records& records, const EpisodeRow& row) const {
  records.Insert(kEpisodes, row);
}

Result<void> Store::Save(Records& records, const EpisodeRow& row) const {
  return records.Update<&EpisodeRow::state, &EpisodeRow::closed_date,
                        &EpisodeRow::closure_reason, &EpisodeRow::re_referral,
                        &EpisodeRow::version>(kEpisodes, row);
}

void Store::AddFact(Records& records, const EpisodeRow& row,
                    EpisodeFactRow fact) const {
  fact.episode_id = row.episode_id;
  fact.re_referral = row.re_referral;
  records.Insert(kEpisodeFacts, fact);
}

void Store::Withdraw(Records& records, const ContactRow& row,
                     std::int64_t position) const {
  records.Insert(kWithdrawals, {.contact_id = row.contact_id,
                                .position = position,
                                .state_before = row.state});
}

Result<State> Store::Reinstate(Records& records, const std::string& id,
                               std::int64_t position) const {
  TRY(auto withdrawal,
      records.First(kWithdrawals,
                    Is<&WithdrawalRow::contact_id>(id) &&
                        Is<&WithdrawalRow::reinstated_position>(0)));
  if (!withdrawal) return State::kUnspecified;
  withdrawal->reinstated_position = position;
  TRY_VOID(records.Update<&WithdrawalRow::reinstated_position>(kWithdrawals,
                                                               *withdrawal));
  return withdrawal->state_before;
}

// ---- counting ----

namespace {

using store::Picked;

// The columns of a contact that are counted.
Picked<ContactRow> Counted() {
  return store::Only<&ContactRow::agency, &ContactRow::agency_group,
                     &ContactRow::source, &ContactRow::need, &ContactRow::level,
                     &ContactRow::channel, &ContactRow::priority,
                     &ContactRow::quality_band, &ContactRow::quality_score,
                     &ContactRow::quality_maximum, &ContactRow::failed_criteria,
                     &ContactRow::route, &ContactRow::received_date,
                     &ContactRow::due_date, &ContactRow::confirmation_due_date,
                     &ContactRow::age_band>("c");
}

// What is counted is all of the area, but what was withdrawn at the position.
// `?` is its area, then as many positions as are asked for.
store::From Countable(const counters::Slice& slice, std::string text,
                      int positions) {
  store::From from{std::move(text), {slice.area}, store::kAll};
  const long long position = slice.position;
  from.values.insert(from.values.end(), positions, position);
  from.text += NotWithdrawn("c.area", "c.contact_id");
  from.values.insert(from.values.end(), 2, position);
  return from;
}

// " and c.received_date between …" for the slice's days.
void AddDays(const counters::Slice& slice, const std::string& column,
             store::From& from) {
  if (slice.start) {
    from.text += " and " + column + " >= ?";
    from.values.emplace_back(FormatDate(*slice.start));
  }
  if (slice.end) {
    from.text += " and " + column + " <= ?";
    from.values.emplace_back(FormatDate(*slice.end));
  }
}

// The decision that counted at the position. `+ 0`: SQLite would look for the
// newer decision among all of the area by position, for every decision, instead
// of among those of the contact.
constexpr char kDecided[] =
    "from decisions d join contacts c on c.area = d.area and c.contact_id = "
    "d.contact_id where d.area = ? and d.position <= ? and not exists (select "
    "1 from decisions n where n.area = d.area and n.contact_id = d.contact_id "
    "and n.number > d.number and n.position + 0 <= ?)";

}  // namespace

std::string NotWithdrawn(const std::string& area,
                         const std::string& contact_id) {
  return " and not exists (select 1 from withdrawals w where w.area = " + area +
         " and w.contact_id = " + contact_id +
         " and w.position <= ? and (w.reinstated_position = 0 or "
         "w.reinstated_position > ?))";
}

Result<void> ScanContacts(store::Reader& reader, const counters::Slice& slice,
                          const std::function<void(const ContactRow&)>& each) {
  store::From from = Countable(
      slice, "from contacts c where c.area = ? and c.position <= ?", 1);
  AddDays(slice, "c.received_date", from);
  return store::RecordsOf(reader, slice.area)->Read(from, each, Counted());
}

Result<void> ScanDecisions(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const DecisionRow&, const ContactRow&)>& each) {
  store::From from = Countable(slice, kDecided, 2);
  AddDays(slice, "d.decided_date", from);
  return store::RecordsOf(reader, slice.area)
      ->Read(from, each,
             store::Only<&DecisionRow::decision, &DecisionRow::decided_date,
                         &DecisionRow::in_time>("d"),
             Counted());
}

// Facts come by episode and position; the last ones before the position tell
// how the episode stood.
namespace {

void Apply(const EpisodeFactRow& fact, const std::string& closure_reason,
           EpisodeRow& episode) {
  episode.re_referral = fact.re_referral;
  if (fact.kind == "OPENED") {
    episode.state = "OPEN";
    episode.referral_date = fact.fact_date;
  } else if (fact.kind == "CLOSED") {
    episode.state = "CLOSED";
    episode.closed_date = fact.fact_date;
    episode.closure_reason = closure_reason;
  } else if (fact.kind == "REOPENED") {
    episode.state = "OPEN";
    episode.closed_date.clear();
  } else if (fact.kind == "WITHDRAWN") {
    episode.state = "WITHDRAWN";
  }
}

}  // namespace

Result<void> ScanEpisodes(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const EpisodeRow&, const ContactRow&)>& each) {
  EpisodeRow episode;
  ContactRow contact;
  const auto give = [&] {
    if (!episode.episode_id.empty() && episode.state != "WITHDRAWN") {
      each(episode, contact);
    }
  };
  TRY_VOID(
      store::RecordsOf(reader, slice.area)
          ->Read(
              {"from episode_facts f join episodes e on e.area = f.area and "
               "e.episode_id = f.episode_id join contacts c on c.area = e.area "
               "and c.contact_id = e.contact_id where f.area = ? and "
               "f.position <= ? order by f.episode_id, f.position",
               {slice.area, (long long)slice.position},
               store::kAll},
              [&](const EpisodeFactRow& fact, const EpisodeRow& now,
                  const ContactRow& of) {
                if (fact.episode_id != episode.episode_id) {
                  give();
                  episode = EpisodeRow{.episode_id = fact.episode_id};
                  contact = of;
                }
                Apply(fact, now.closure_reason, episode);
              },
              store::Only<&EpisodeFactRow::episode_id, &EpisodeFactRow::kind,
                          &EpisodeFactRow::fact_date,
                          &EpisodeFactRow::re_referral>("f"),
              store::Only<&EpisodeRow::closure_reason>("e"), Counted()));
  give();
  return {};
}

Result<void> ScanOpen(store::Reader& reader, const counters::Slice& slice,
                      const std::function<void(const ContactRow&)>& each) {
  const auto records = store::RecordsOf(reader, slice.area);
  std::set<std::string> returned;
  // At most one RETURN or ANSWER is the newest before the position.
  TRY_VOID(records->Read(
      {"from contact_notes n where n.area = ? and n.position <= ? and n.kind "
       "in ('RETURN', 'ANSWER') order by n.contact_id, n.position",
       {slice.area, (long long)slice.position},
       store::kAll},
      [&](const NoteRow& note) {
        if (note.kind == "RETURN") {
          returned.insert(note.contact_id);
        } else {
          returned.erase(note.contact_id);
        }
      },
      store::Only<&NoteRow::contact_id, &NoteRow::kind>("n")));
  return records->Read(
      Countable(slice,
                "from contacts c where c.area = ? and c.position <= ? and "
                "(c.first_decided_position = 0 or c.first_decided_position > "
                "?)",
                2),
      [&](ContactRow& row) {
        row.state = returned.count(row.contact_id) ? State::kReturned
                                                   : State::kAwaitingScreening;
        each(row);
      },
      Counted().With<&ContactRow::contact_id>("c.contact_id"));
}

Result<void> ScanUnconfirmed(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const ContactRow&)>& each) {
  return store::RecordsOf(reader, slice.area)
      ->Read(Countable(slice,
                       "from contacts c where c.area = ? and c.position <= ? "
                       "and c.confirmation_due_date <> '' and "
                       "(c.confirmed_position = 0 or c.confirmed_position > ?)",
                       2),
             each, Counted());
}

Result<void> ScanUnacknowledged(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const DecisionRow&, const ContactRow&)>& each) {
  return store::RecordsOf(reader, slice.area)
      ->Read(Countable(slice,
                       std::string(kDecided) +
                           " and not exists (select 1 from contact_notes k "
                           "where k.area = d.area and k.contact_id = "
                           "d.contact_id and k.kind = 'ACKNOWLEDGEMENT' and "
                           "k.position > d.position and k.position <= ?)",
                       3),
             each, store::Only<&DecisionRow::decided_date>("d"),
             store::Only<&ContactRow::agency, &ContactRow::agency_group>("c"));
}

}  // namespace seawall::referrals
