#include "services/referrals/store.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <map>
#include <set>

#include "libs/store/lookup.h"
#include "libs/store/scan.h"

namespace seawall::referrals {
namespace {

using store::Scan;
using store::Try;
using store::Type;

const store::Table kContacts = {"contacts",
                                {{"area", Type::kText},
                                 {"contact_id", Type::kText},
                                 {"version", Type::kInteger},
                                 {"state", Type::kText},
                                 {"route", Type::kText},
                                 {"priority", Type::kText},
                                 {"channel", Type::kText},
                                 {"agency", Type::kText},
                                 {"agency_group", Type::kText},
                                 {"recorded_by", Type::kText},
                                 {"source", Type::kText},
                                 {"need", Type::kText},
                                 {"level", Type::kInteger},
                                 {"consent", Type::kText},
                                 {"under_one", Type::kInteger},
                                 {"police", Type::kInteger},
                                 {"age_band", Type::kText},
                                 {"quality_band", Type::kText},
                                 {"quality_score", Type::kInteger},
                                 {"quality_maximum", Type::kInteger},
                                 {"rubric_version", Type::kInteger},
                                 {"failed_criteria", Type::kText},
                                 {"received_time", Type::kInteger},
                                 {"received_date", Type::kText},
                                 {"recorded_time", Type::kInteger},
                                 {"position", Type::kInteger},
                                 {"due_time", Type::kInteger},
                                 {"due_date", Type::kText},
                                 {"confirmation_due_date", Type::kText},
                                 {"confirmed_time", Type::kInteger},
                                 {"acknowledged_time", Type::kInteger},
                                 {"added_time", Type::kInteger},
                                 {"confirmed_position", Type::kInteger},
                                 {"decision", Type::kText},
                                 {"decided_time", Type::kInteger},
                                 {"first_decided_position", Type::kInteger},
                                 {"episode_id", Type::kText},
                                 {"identity", Type::kInteger},
                                 {"description", Type::kText},
                                 {"key_hashes", Type::kText},
                                 {"key_run", Type::kInteger}}};

const store::Table kDetails = {"contact_details",
                               {{"area", Type::kText},
                                {"contact_id", Type::kText},
                                {"sealed", Type::kText}}};

const store::Table kDecisions = {"decisions",
                                 {{"area", Type::kText},
                                  {"contact_id", Type::kText},
                                  {"number", Type::kInteger},
                                  {"decision", Type::kText},
                                  {"decided_by", Type::kText},
                                  {"decided_time", Type::kInteger},
                                  {"decided_date", Type::kText},
                                  {"in_time", Type::kInteger},
                                  {"recorded_time", Type::kInteger},
                                  {"position", Type::kInteger},
                                  {"episode_id", Type::kText},
                                  {"sealed", Type::kText}}};

// Every column of a contact but its area, in the order of Fetched.
std::string ContactColumns(const std::string& prefix) {
  std::string text;
  for (std::size_t i = 1; i < kContacts.columns.size(); i++) {
    text += (i > 1 ? ", " : "") + prefix + kContacts.columns[i].name;
  }
  return text;
}

// A contact as it is fetched: each column goes to its member.
struct Fetched {
  ContactRow row;
  std::string state, route, priority, channel, consent, quality_band, decision;

  // In the order of ContactColumns.
  void Into(soci::statement& statement) {
    const auto into = [&](auto&... to) {
      (statement.exchange(soci::into(to)), ...);
    };
    into(row.contact_id, row.version, state, route, priority, channel,
         row.agency, row.agency_group, row.recorded_by, row.source, row.need,
         row.level, consent, row.under_one, row.police, row.age_band,
         quality_band, row.quality_score, row.quality_maximum,
         row.rubric_version, row.failed_criteria, row.received_time,
         row.received_date, row.recorded_time, row.position, row.due_time,
         row.due_date, row.confirmation_due_date, row.confirmed_time,
         row.acknowledged_time, row.added_time, row.confirmed_position,
         decision, row.decided_time, row.first_decided_position, row.episode_id,
         row.identity, row.description, row.key_hashes, row.key_run);
  }
  ContactRow Row() const {
    ContactRow contact = row;
    contact.state = Named<State>(state);
    contact.route = Named<Route>(route);
    contact.priority = Named<Priority>(priority);
    contact.channel = Named<Channel>(channel);
    contact.consent = Named<Consent>(consent);
    contact.quality_band = Named<Band>(quality_band);
    contact.decision = Named<Decision>(decision);
    return contact;
  }
};

Error NotFound(const char* reason, const char* what) {
  return Error{Code::kNotFound, reason,
               std::string("there is no such ") + what + " in this area"};
}

std::vector<ContactRow> SelectContacts(soci::session& sql,
                                       const std::string& where,
                                       const std::vector<store::Bind>& binds) {
  soci::statement statement(sql);
  Fetched fetched;
  fetched.Into(statement);
  for (const store::Bind& bind : binds) {
    std::visit([&](const auto& v) { statement.exchange(soci::use(v)); }, bind);
  }
  statement.alloc();
  statement.prepare(
      "select " + ContactColumns("c.") + " from contacts c " + where,
      soci::details::st_one_time_query);
  statement.define_and_bind();
  std::vector<ContactRow> rows;
  if (!statement.execute(true)) return rows;
  do {
    rows.push_back(fetched.Row());
  } while (statement.fetch());
  return rows;
}

// Adds those of which `column` is one of `values`.
Result<void> ScanEpisodesOf(soci::session& sql, const std::string& area,
                            const std::string& column,
                            const std::vector<std::string>& values,
                            std::vector<EpisodeRow>& rows) {
  const store::Among among = store::AmongTexts(sql, column, values);
  return Try([&] {
    Scan<std::string, std::string, std::string, std::string, std::string,
         std::string, long long, long long>(
        sql,
        "select episode_id, contact_id, state, referral_date, closed_date, "
        "closure_reason, re_referral, version from episodes where area = :area "
        "and " +
            among.condition,
        {area, among.bind},
        [&](std::string& id, std::string& contact, std::string& state,
            std::string& date, std::string& closed, std::string& reason,
            long long again, long long version) {
          rows.push_back(
              {id, contact, state, date, closed, reason, again, version});
        },
        store::kFew);
  });
}

}  // namespace

// ---- intake ----

std::string Store::SealDetails(const std::string& area, const std::string& id,
                               const pb::SealedContact& details) const {
  return sealer_.Seal(details.SerializeAsString(),
                      seal::Place("contact_details", area, id));
}

void Store::Insert(ledger::Unit& unit, const ContactRow& row,
                   std::int64_t position, const std::string& sealed) const {
  unit.Insert(kContacts, unit.area(), row.contact_id, row.version,
              Name(row.state), Name(row.route), Name(row.priority),
              Name(row.channel), row.agency, row.agency_group, row.recorded_by,
              row.source, row.need, row.level, Name(row.consent), row.under_one,
              row.police, row.age_band, Name(row.quality_band),
              row.quality_score, row.quality_maximum, row.rubric_version,
              row.failed_criteria, row.received_time, row.received_date,
              ToMicros(unit.now()), position, row.due_time, row.due_date,
              row.confirmation_due_date, row.confirmed_time,
              row.acknowledged_time, row.added_time, row.confirmed_position,
              Name(row.decision), row.decided_time, row.first_decided_position,
              row.episode_id, row.identity, row.description, row.key_hashes,
              row.key_run);
  unit.Insert(kDetails, unit.area(), row.contact_id, sealed);
}

// ---- reading ----

Result<ContactRow> Store::Contact(soci::session& sql, const std::string& area,
                                  const std::string& id) const {
  TRY(std::vector<ContactRow> rows, Try([&] {
        return SelectContacts(
            sql, "where c.area = :area and c.contact_id = :id", {area, id});
      }));
  if (rows.empty()) return NotFound("CONTACT_NOT_FOUND", "contact");
  return std::move(rows.front());
}

Result<std::vector<ContactRow>> Store::Contacts(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& ids) const {
  if (ids.empty()) return std::vector<ContactRow>();
  const store::Among among = store::AmongTexts(sql, "c.contact_id", ids);
  return Try([&] {
    return SelectContacts(sql, "where c.area = :area and " + among.condition,
                          {area, among.bind});
  });
}

Result<std::vector<std::pair<std::string, std::string>>> Store::ContactsAfter(
    soci::session& sql, const std::string& area, const std::string& id,
    int size) const {
  return Try([&] {
    std::vector<std::pair<std::string, std::string>> contacts;
    Scan<std::string, std::string>(
        sql,
        "select area, contact_id from contacts where (area, contact_id) > "
        "(:area, :id) order by area, contact_id limit " +
            std::to_string(size),
        {area, id}, [&](const std::string& in, const std::string& contact) {
          contacts.emplace_back(in, contact);
        });
    return contacts;
  });
}

Result<bool> Store::IsJoined(soci::session& sql, const std::string& area,
                             const std::string& episode,
                             const std::string& except) const {
  return Try([&] {
    std::string id;
    sql << "select contact_id from contacts where area = :area and episode_id "
           "= :episode and episode_id <> '' and contact_id <> :id and state "
           "not in ('WITHDRAWN', 'RECORDED_IN_ERROR') limit 1",
        soci::into(id), soci::use(area), soci::use(episode), soci::use(except);
    return sql.got_data();
  });
}

Result<std::vector<ContactRow>> Store::List(soci::session& sql,
                                            const std::string& area,
                                            const ListQuery& query) const {
  std::vector<store::Bind> binds = {area};
  binds.insert(binds.end(), query.binds.begin(), query.binds.end());
  binds.push_back(query.after_due);
  binds.push_back(query.after_id);
  return Try([&] {
    return SelectContacts(
        sql,
        "where c.area = :area and " + query.where +
            " and (c.due_time, c.contact_id) > (:due, :after) order by "
            "c.due_time, c.contact_id limit " +
            std::to_string(query.limit),
        binds);
  });
}

Result<std::vector<DecisionRow>> Store::Decisions(soci::session& sql,
                                                  const std::string& area,
                                                  const std::string& id) const {
  TRY(auto rows, DecisionsOf(sql, area, {id}));
  return std::move(rows[id]);
}

Result<std::map<std::string, std::vector<DecisionRow>>> Store::DecisionsOf(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& ids) const {
  std::map<std::string, std::vector<DecisionRow>> rows;
  TRY_VOID(Try([&] {
    const store::Among among = store::AmongTexts(sql, "contact_id", ids);
    Scan<std::string, long long, std::string, std::string, long long,
         std::string, long long, long long, long long, std::string,
         std::string>(
        sql,
        "select contact_id, number, decision, decided_by, decided_time, "
        "decided_date, in_time, recorded_time, position, episode_id, sealed "
        "from decisions where area = :area and " +
            among.condition + " order by contact_id, number",
        {area, among.bind},
        [&](const std::string& contact, long long number, std::string& decision,
            std::string& by, long long time, std::string& date,
            long long in_time, long long recorded, long long position,
            std::string& episode, std::string& sealed) {
          rows[contact].push_back({number, Named<Decision>(decision), by, time,
                                   date, in_time, recorded, position, episode,
                                   sealed});
        },
        store::kFew);
  }));
  return rows;
}

Result<std::vector<NoteRow>> Store::Notes(soci::session& sql,
                                          const std::string& area,
                                          const std::string& id) const {
  return Try([&] {
    std::vector<NoteRow> rows;
    Scan<long long, std::string, long long, std::string>(
        sql,
        "select number, kind, noted_time, sealed from contact_notes where "
        "area = :area and contact_id = :id order by number",
        {area, id},
        [&](long long number, std::string& kind, long long time,
            std::string& sealed) {
          rows.push_back({number, kind, time, sealed});
        },
        store::kFew);
    return rows;
  });
}

Result<std::vector<EpisodeRow>> Store::Episodes(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& contacts) const {
  std::vector<EpisodeRow> rows;
  if (contacts.empty()) return rows;
  TRY_VOID(ScanEpisodesOf(sql, area, "contact_id", contacts, rows));
  std::erase_if(rows, [](const auto& row) { return row.state == "WITHDRAWN"; });
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.referral_date, a.episode_id) <
           std::tie(b.referral_date, b.episode_id);
  });
  return rows;
}

Result<std::vector<EpisodeRow>> Store::EpisodesOf(
    soci::session& sql, const std::string& area,
    const std::vector<ContactRow>& contacts) const {
  std::vector<std::string> ids, joined;
  for (const ContactRow& contact : contacts) {
    ids.push_back(contact.contact_id);
    if (!contact.episode_id.empty()) joined.push_back(contact.episode_id);
  }
  TRY(std::vector<EpisodeRow> episodes, Episodes(sql, area, ids));
  for (const EpisodeRow& episode : episodes) {
    std::erase(joined, episode.episode_id);
  }
  if (joined.empty()) return episodes;
  TRY_VOID(ScanEpisodesOf(sql, area, "episode_id", joined, episodes));
  return episodes;
}

Result<std::vector<std::string>> Store::ContactsOfPeriod(
    soci::session& sql, const std::string& area, const std::string& start,
    const std::string& end, const std::string& after, int limit) const {
  return Try([&] {
    std::vector<std::string> ids;
    Scan<std::string>(
        sql,
        "select c.contact_id from contacts c where c.area = :area and "
        "c.contact_id > :after and c.state not in ('WITHDRAWN', "
        "'RECORDED_IN_ERROR') and ((c.received_date >= :start and "
        "c.received_date <= :end) or exists (select 1 from episodes e where "
        "e.area = c.area and e.contact_id = c.contact_id and e.state <> "
        "'WITHDRAWN' and e.referral_date <= :last and (e.closed_date = '' or "
        "e.closed_date >= :first))) order by c.contact_id limit " +
            std::to_string(limit),
        {area, after, start, end, end, start},
        [&](const std::string& id) { ids.push_back(id); },
        static_cast<std::size_t>(limit) + 1);
    return ids;
  });
}

Result<EpisodeRow> Store::Episode(soci::session& sql, const std::string& area,
                                  const std::string& id) const {
  TRY(const std::optional<EpisodeRow> found,
      Try([&]() -> std::optional<EpisodeRow> {
        EpisodeRow row;
        row.episode_id = id;
        sql << "select contact_id, state, referral_date, closed_date, "
               "closure_reason, re_referral, version from episodes where area "
               "= :area and episode_id = :id",
            soci::into(row.contact_id), soci::into(row.state),
            soci::into(row.referral_date), soci::into(row.closed_date),
            soci::into(row.closure_reason), soci::into(row.re_referral),
            soci::into(row.version), soci::use(area), soci::use(id);
        if (!sql.got_data()) return std::nullopt;
        return row;
      }));
  if (!found) return NotFound("EPISODE_NOT_FOUND", "episode");
  return *found;
}

Result<pb::SealedContact> Store::Details(const rpc::Grant&, soci::session& sql,
                                         const std::string& area,
                                         const std::string& id) const {
  return Details(sql, area, id);
}

Result<std::map<std::string, pb::SealedContact>> Store::Details(
    const rpc::Grant&, store::Reader& reader, const std::string& area,
    const std::vector<ContactRow>& rows) const {
  store::KeyedLookup lookup{
      "contact_details", {"area", "contact_id"}, {"sealed"}};
  for (const ContactRow& row : rows) {
    lookup.keys.push_back({area, row.contact_id});
  }
  TRY(const auto found, store::Lookup(reader, lookup));
  std::map<std::string, pb::SealedContact> details;
  for (const std::vector<std::string>& row : found) {
    TRY(details[row[1]], OpenDetails(area, row[1], row[2]));
  }
  return details;
}

Result<pb::Child> Store::ChildOf(soci::session& sql, const std::string& area,
                                 const std::string& id) const {
  TRY(const pb::SealedContact details, Details(sql, area, id));
  if (details.form().children_size() == 0) return pb::Child();
  return details.form().children(0);
}

Result<Births> Store::BirthsOf(soci::session& sql, const std::string& area,
                               const std::string& id) const {
  TRY(const pb::Child child, ChildOf(sql, area, id));
  Births births;
  births.birth_date = ParseDate(child.date_of_birth());
  births.expected_birth_date = ParseDate(child.expected_date_of_birth());
  births.death_date = ParseDate(child.date_of_death());
  return births;
}

Result<pb::SealedContact> Store::Details(soci::session& sql,
                                         const std::string& area,
                                         const std::string& id) const {
  std::string sealed;
  TRY_VOID(Try([&] {
    sql << "select sealed from contact_details where area = :area and "
           "contact_id = :id",
        soci::into(sealed), soci::use(area), soci::use(id);
  }));
  return OpenDetails(area, id, sealed);
}

Result<pb::SealedContact> Store::OpenDetails(const std::string& area,
                                             const std::string& id,
                                             const std::string& sealed) const {
  pb::SealedContact details;
  if (sealed.empty()) return details;  // erased is a valid state
  TRY(const std::string plain,
      sealer_.Open(sealed, seal::Place("contact_details", area, id)));
  details.ParseFromString(plain);
  return details;
}

namespace {

std::string DecisionPlace(const std::string& area, const std::string& id,
                          long long number) {
  return seal::Place("decisions", area, id + "/" + std::to_string(number));
}

std::string NotePlace(const std::string& area, const std::string& id,
                      long long number) {
  return seal::Place("contact_notes", area, id + "/" + std::to_string(number));
}

}  // namespace

Result<pb::SealedDecision> Store::Open(const rpc::Grant&,
                                       const std::string& area,
                                       const std::string& id,
                                       const DecisionRow& row) const {
  pb::SealedDecision decision;
  if (row.sealed.empty()) return decision;
  TRY(const std::string plain,
      sealer_.Open(row.sealed, DecisionPlace(area, id, row.number)));
  decision.ParseFromString(plain);
  return decision;
}

Result<pb::SealedNote> Store::Open(const rpc::Grant&, const std::string& area,
                                   const std::string& id,
                                   const NoteRow& row) const {
  return Open(area, id, row);
}

Result<pb::SealedNote> Store::Open(const std::string& area,
                                   const std::string& id,
                                   const NoteRow& row) const {
  pb::SealedNote note;
  if (row.sealed.empty()) return note;
  TRY(const std::string plain,
      sealer_.Open(row.sealed, NotePlace(area, id, row.number)));
  note.ParseFromString(plain);
  return note;
}

// ---- changing ----

Result<void> Store::Save(soci::session& sql, const std::string& area,
                         ContactRow& row) const {
  row.version++;
  const std::string state(Name(row.state)), decision(Name(row.decision));
  return Try([&] {
    sql << "update contacts set version = :version, state = :state, "
           "confirmed_time = :confirmed, acknowledged_time = :acknowledged, "
           "added_time = :added, "
           "confirmed_position = :confirmed_position, decision = :decision, "
           "decided_time = :decided, first_decided_position = :first, "
           "episode_id = :episode where area = :area and contact_id = :id",
        soci::use(row.version), soci::use(state), soci::use(row.confirmed_time),
        soci::use(row.acknowledged_time), soci::use(row.added_time),
        soci::use(row.confirmed_position), soci::use(decision),
        soci::use(row.decided_time), soci::use(row.first_decided_position),
        soci::use(row.episode_id), soci::use(area), soci::use(row.contact_id);
  });
}

void Store::Add(ledger::Unit& unit, const std::string& id,
                const DecisionRow& row,
                const pb::SealedDecision& sealed) const {
  unit.Insert(kDecisions, unit.area(), id, row.number, Name(row.decision),
              row.decided_by, row.decided_time, row.decided_date, row.in_time,
              row.recorded_time, row.position, row.episode_id,
              sealer_.Seal(sealed.SerializeAsString(),
                           DecisionPlace(unit.area(), id, row.number)));
}

Result<void> Store::Reseal(soci::session& sql, const std::string& area,
                           const std::string& id,
                           const pb::SealedContact& details) const {
  const std::string sealed = SealDetails(area, id, details);
  return Try([&] {
    sql << "update contact_details set sealed = :sealed where area = :area and "
           "contact_id = :id",
        soci::use(sealed), soci::use(area), soci::use(id);
  });
}

Result<int> Store::Add(soci::session& sql, const std::string& area,
                       const std::string& id, const std::string& kind,
                       Instant noted, std::int64_t position,
                       const pb::SealedNote& sealed) const {
  return Try([&] {
    long long number = 0;
    sql << "select count(*) from contact_notes where area = :area and "
           "contact_id = :id",
        soci::into(number), soci::use(area), soci::use(id);
    number++;
    const std::string text =
        sealer_.Seal(sealed.SerializeAsString(), NotePlace(area, id, number));
    const long long time = ToMicros(noted), at = position;
    sql << "insert into contact_notes (area, contact_id, number, kind, "
           "noted_time, position, sealed) values (:area, :id, :number, :kind, "
           ":time, :position, :sealed)",
        soci::use(area), soci::use(id), soci::use(number), soci::use(kind),
        soci::use(time), soci::use(at), soci::use(text);
    return static_cast<int>(number);
  });
}

Result<void> Store::Add(soci::session& sql, const std::string& area,
                        const EpisodeRow& row) const {
  return Try([&] {
    sql << "insert into episodes (area, episode_id, contact_id, state, "
           "referral_date, closed_date, closure_reason, re_referral) values "
           "(:area, :episode, :contact, :state, :date, :closed, :reason, "
           ":again)",
        soci::use(area), soci::use(row.episode_id), soci::use(row.contact_id),
        soci::use(row.state), soci::use(row.referral_date),
        soci::use(row.closed_date), soci::use(row.closure_reason),
        soci::use(row.re_referral);
  });
}

Result<void> Store::Save(soci::session& sql, const std::string& area,
                         const EpisodeRow& row) const {
  return Try([&] {
    sql << "update episodes set state = :state, closed_date = :closed, "
           "closure_reason = :reason, re_referral = :again, version = :version "
           "where area = :area and episode_id = :id",
        soci::use(row.state), soci::use(row.closed_date),
        soci::use(row.closure_reason), soci::use(row.re_referral),
        soci::use(row.version), soci::use(area), soci::use(row.episode_id);
  });
}

Result<void> Store::AddFact(soci::session& sql, const std::string& area,
                            const EpisodeRow& row, std::int64_t position,
                            const std::string& kind,
                            const std::string& date) const {
  const long long at = position;
  return Try([&] {
    sql << "insert into episode_facts (area, episode_id, position, kind, "
           "fact_date, re_referral) values (:area, :id, :position, :kind, "
           ":date, :again)",
        soci::use(area), soci::use(row.episode_id), soci::use(at),
        soci::use(kind), soci::use(date), soci::use(row.re_referral);
  });
}

Result<void> Store::Withdraw(soci::session& sql, const std::string& area,
                             const std::string& id, std::int64_t position,
                             State before) const {
  const long long at = position;
  const std::string state(Name(before));
  return Try([&] {
    sql << "insert into withdrawals (area, contact_id, position, state_before, "
           "reinstated_position) values (:area, :id, :position, :state, 0)",
        soci::use(area), soci::use(id), soci::use(at), soci::use(state);
  });
}

Result<State> Store::Reinstate(soci::session& sql, const std::string& area,
                               const std::string& id,
                               std::int64_t position) const {
  const long long at = position;
  return Try([&] {
    std::string state;
    sql << "select state_before from withdrawals where area = :area and "
           "contact_id = :id and reinstated_position = 0",
        soci::into(state), soci::use(area), soci::use(id);
    sql << "update withdrawals set reinstated_position = :position where area "
           "= :area and contact_id = :id and reinstated_position = 0",
        soci::use(at), soci::use(area), soci::use(id);
    return Named<State>(state);
  });
}

// ---- counting ----

namespace {

// The columns of a contact that are counted, in the order of the scans below.
constexpr char kCounted[] =
    "c.agency, c.agency_group, c.source, c.need, c.level, c.channel, "
    "c.priority, c.quality_band, c.quality_score, c.quality_maximum, "
    "c.failed_criteria, c.route, c.received_date, c.due_date, "
    "c.confirmation_due_date, c.age_band";

template <class... More, class Each>
void ScanCounted(store::Reader& reader, const std::string& more,
                 const std::string& from, const std::vector<store::Bind>& binds,
                 Each&& each) {
  ContactRow row;
  Scan<std::string, std::string, std::string, std::string, long long,
       std::string, std::string, std::string, long long, long long, std::string,
       std::string, std::string, std::string, std::string, std::string,
       More...>(
      reader.sql(), "select " + std::string(kCounted) + more + " " + from,
      binds,
      [&](std::string& agency, std::string& group, std::string& source,
          std::string& need, long long level, std::string& channel,
          std::string& priority, std::string& band, long long score,
          long long maximum, std::string& failed, std::string& route,
          std::string& received, std::string& due, std::string& confirm,
          std::string& age, More&... rest) {
        row.agency.swap(agency);
        row.agency_group.swap(group);
        row.source.swap(source);
        row.need.swap(need);
        row.level = level;
        row.channel = Named<Channel>(channel);
        row.priority = Named<Priority>(priority);
        row.quality_band = Named<Band>(band);
        row.quality_score = score;
        row.quality_maximum = maximum;
        row.failed_criteria.swap(failed);
        row.route = Named<Route>(route);
        row.received_date.swap(received);
        row.due_date.swap(due);
        row.confirmation_due_date.swap(confirm);
        row.age_band.swap(age);
        each(row, rest...);
      },
      store::kAll);
}

// " and c.received_date between …" for the slice's days.
void AddDays(const counters::Slice& slice, const std::string& column,
             std::string& where, std::vector<store::Bind>& binds) {
  if (slice.start) {
    where += " and " + column + " >= :start";
    binds.emplace_back(FormatDate(*slice.start));
  }
  if (slice.end) {
    where += " and " + column + " <= :end";
    binds.emplace_back(FormatDate(*slice.end));
  }
}

}  // namespace

std::string NotWithdrawn(const std::string& area,
                         const std::string& contact_id) {
  return " and not exists (select 1 from withdrawals w where w.area = " + area +
         " and w.contact_id = " + contact_id +
         " and w.position <= :withdrawn and (w.reinstated_position = 0 or "
         "w.reinstated_position > :reinstated))";
}

Result<void> ScanContacts(store::Reader& reader, const counters::Slice& slice,
                          const std::function<void(const ContactRow&)>& each) {
  const long long position = slice.position;
  std::string where = "where c.area = :area and c.position <= :position" +
                      NotWithdrawn("c.area", "c.contact_id");
  std::vector<store::Bind> binds = {slice.area, position, position, position};
  AddDays(slice, "c.received_date", where, binds);
  return Try([&] {
    ScanCounted(reader, "", "from contacts c " + where, binds, each);
  });
}

Result<void> ScanDecisions(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(Decision, const std::string&, bool,
                             const ContactRow&)>& each) {
  const long long position = slice.position;
  // `+ 0`: SQLite would look for the newer decision among all of the area by
  // position, for every decision, instead of among those of the contact.
  std::string where =
      "where d.area = :area and d.position <= :position and not exists (select "
      "1 from decisions n where n.area = d.area and n.contact_id = "
      "d.contact_id and n.number > d.number and n.position + 0 <= :newer)" +
      NotWithdrawn("c.area", "c.contact_id");
  std::vector<store::Bind> binds = {slice.area, position, position, position,
                                    position};
  AddDays(slice, "d.decided_date", where, binds);
  return Try([&] {
    ScanCounted<std::string, std::string, long long>(
        reader, ", d.decision, d.decided_date, d.in_time",
        "from decisions d join contacts c on c.area = d.area and c.contact_id "
        "= d.contact_id " +
            where,
        binds,
        [&](const ContactRow& row, const std::string& decision,
            const std::string& date, long long in_time) {
          each(Named<Decision>(decision), date, in_time != 0, row);
        });
  });
}

// Facts come by episode and position; the last ones before the position tell
// how the episode stood.
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
  return Try([&] {
    ScanCounted<std::string, std::string, std::string, std::string, long long>(
        reader,
        ", f.episode_id, f.kind, f.fact_date, e.closure_reason, f.re_referral",
        "from episode_facts f join episodes e on e.area = f.area and "
        "e.episode_id = f.episode_id join contacts c on c.area = e.area and "
        "c.contact_id = e.contact_id where f.area = :area and f.position <= "
        ":position order by f.episode_id, f.position",
        {slice.area, (long long)slice.position},
        [&](const ContactRow& row, const std::string& id,
            const std::string& kind, const std::string& date,
            const std::string& reason, long long again) {
          if (id != episode.episode_id) {
            give();
            episode = EpisodeRow{id};
            contact = row;
          }
          episode.re_referral = again;
          if (kind == "OPENED") {
            episode.state = "OPEN";
            episode.referral_date = date;
          } else if (kind == "CLOSED") {
            episode.state = "CLOSED";
            episode.closed_date = date;
            episode.closure_reason = reason;
          } else if (kind == "REOPENED") {
            episode.state = "OPEN";
            episode.closed_date.clear();
          } else if (kind == "WITHDRAWN") {
            episode.state = "WITHDRAWN";
          }
        });
    give();
  });
}

Result<void> ScanOpen(store::Reader& reader, const counters::Slice& slice,
                      const std::function<void(const ContactRow&)>& each) {
  const long long position = slice.position;
  std::set<std::string> returned;
  return Try([&] {
    // At most one RETURN or ANSWER is the newest before the position.
    Scan<std::string, std::string>(
        reader.sql(),
        "select n.contact_id, n.kind from contact_notes n where n.area = :area "
        "and n.position <= :position and n.kind in ('RETURN', 'ANSWER') order "
        "by n.contact_id, n.position",
        {slice.area, position},
        [&](const std::string& id, const std::string& kind) {
          if (kind == "RETURN") {
            returned.insert(id);
          } else {
            returned.erase(id);
          }
        },
        store::kAll);
    ScanCounted<std::string>(
        reader, ", c.contact_id",
        "from contacts c where c.area = :area and c.position <= :position and "
        "(c.first_decided_position = 0 or c.first_decided_position > :open)" +
            NotWithdrawn("c.area", "c.contact_id"),
        {slice.area, position, position, position, position},
        [&](ContactRow& row, const std::string& id) {
          row.state =
              returned.count(id) ? State::kReturned : State::kAwaitingScreening;
          each(row);
        });
  });
}

Result<void> ScanUnconfirmed(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const ContactRow&)>& each) {
  const long long position = slice.position;
  return Try([&] {
    ScanCounted(reader, "",
                "from contacts c where c.area = :area and c.position <= "
                ":position and c.confirmation_due_date <> '' and "
                "(c.confirmed_position = 0 or c.confirmed_position > :open)" +
                    NotWithdrawn("c.area", "c.contact_id"),
                {slice.area, position, position, position, position}, each);
  });
}

Result<void> ScanUnacknowledged(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const ContactRow&, const std::string&)>& each) {
  ContactRow row;
  const long long position = slice.position;
  // `+ 0`: see ScanDecisions.
  return Try([&] {
    Scan<std::string, std::string, std::string>(
        reader.sql(),
        "select c.agency, c.agency_group, d.decided_date from decisions d join "
        "contacts c on "
        "c.area = d.area and c.contact_id = d.contact_id where d.area = :area "
        "and d.position <= :position and not exists (select 1 from decisions n "
        "where n.area = d.area and n.contact_id = d.contact_id and n.number > "
        "d.number and n.position + 0 <= :newer) and not exists (select 1 from "
        "contact_notes k where k.area = d.area and k.contact_id = "
        "d.contact_id and k.kind = 'ACKNOWLEDGEMENT' and k.position > "
        "d.position and k.position <= :known)" +
            NotWithdrawn("c.area", "c.contact_id"),
        {slice.area, position, position, position, position, position},
        [&](std::string& agency, std::string& group, const std::string& date) {
          row.agency.swap(agency);
          row.agency_group.swap(group);
          each(row, date);
        },
        store::kAll);
  });
}

}  // namespace seawall::referrals
