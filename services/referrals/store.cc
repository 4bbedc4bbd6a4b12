#include "services/referrals/store.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <charconv>
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
                                 {"confirmed_position", Type::kInteger},
                                 {"decision", Type::kText},
                                 {"decided_time", Type::kInteger},
                                 {"first_decided_position", Type::kInteger},
                                 {"episode_id", Type::kText},
                                 {"birth_key", Type::kText},
                                 {"forename_key", Type::kText},
                                 {"key_hashes", Type::kText}}};

const store::Table kDetails = {"contact_details",
                               {{"area", Type::kText},
                                {"contact_id", Type::kText},
                                {"sealed", Type::kText}}};

const store::Table kKeys = {"contact_keys",
                            {{"area", Type::kText},
                             {"run", Type::kInteger},
                             {"key_hash", Type::kInteger},
                             {"contact_id", Type::kText}}};

// Keys are hashes, so each would be written to a page of its own somewhere in a
// large tree. Those of so many contacts lie together instead: writing stays
// within a small part of the tree, and a look-up asks each part.
constexpr std::int64_t kContactsARun = 512;

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

// Contacts that one key may bring up: bounds what a look-back costs.
constexpr int kMostPerKey = 1000;
// Asked for in one statement: the keys of a large household, and of several
// sealing keys, are hundreds, and SQLite joins no more than 500 selects.
constexpr std::size_t kMostHashes = 64;

// The contacts that stand under a hash, the newest first, each with the number
// of the hash; asks each run of the area by itself. Left to choose, PostgreSQL
// might read all keys of the area.
std::string ByHash(bool postgres, std::size_t number) {
  const std::string n = std::to_string(number);
  const std::string keys = "contact_keys k where k.area = :area" + n +
                           " and k.run = r.run and k.key_hash = :hash" + n;
  return "select * from (with recursive runs(run) as (select cast(0 as bigint) "
         "union all select run + 1 from runs where run < (select max(run) from "
         "contact_keys where area = :first" +
         n + ")) select cast(" + n +
         " as bigint) as number, contact_id from runs r cross join " +
         (postgres ? "lateral (select contact_id from " + keys + " offset 0) k"
                   : keys) +
         " order by contact_id desc limit " + std::to_string(kMostPerKey) +
         ") of" + n;
}

// The same for many hashes in one statement: a look-back asks for a dozen. Each
// has runs of its own: where SQLite keeps them for all, it reads all keys into
// a filter before the second.
std::string ByHashes(soci::session& sql, std::size_t hashes) {
  const bool postgres = sql.get_backend_name() == "postgresql";
  std::vector<std::string> selects;
  for (std::size_t i = 0; i < hashes; i++) {
    selects.push_back(ByHash(postgres, i));
  }
  return absl::StrJoin(selects, " union all ");
}

// Enough of a hash to find a contact by; the contact itself holds all of it.
std::int64_t Number(const std::string& hash) {
  std::uint64_t number = 0;
  const char* digits = hash.data() + hash.find('.') + 1;
  std::from_chars(digits, std::min(digits + 16, hash.data() + hash.size()),
                  number, 16);
  return static_cast<std::int64_t>(number);
}

// Whether the key is a number that belongs to one child alone.
bool IsNumber(const KeyHash& key) {
  return key.kind == "nhs_number" || key.kind == "upn" ||
         key.kind == "la_child_id";
}

// The ids under each key, in the keys' order.
std::vector<std::vector<std::string>> ContactsUnder(
    soci::session& sql, const std::string& area,
    const std::vector<KeyHash>& keys) {
  std::vector<std::vector<std::string>> ids(keys.size());
  for (std::size_t from = 0; from < keys.size(); from += kMostHashes) {
    const std::size_t to = std::min(from + kMostHashes, keys.size());
    std::vector<store::Bind> binds;
    for (std::size_t i = from; i < to; i++) {
      binds.insert(binds.end(), {area, area, (long long)Number(keys[i].hash)});
    }
    Scan<long long, std::string>(
        sql, ByHashes(sql, to - from), binds,
        [&](long long number, std::string& id) {
          ids[from + static_cast<std::size_t>(number)].push_back(std::move(id));
        },
        store::kFew);
  }
  return ids;
}

// Every column of a contact but its area, in the order of FromRow.
std::string ContactColumns(const std::string& prefix) {
  std::string text;
  for (std::size_t i = 1; i < kContacts.columns.size(); i++) {
    text += (i > 1 ? ", " : "") + prefix + kContacts.columns[i].name;
  }
  return text;
}

template <class Enum>
Enum ReadName(const soci::row& row, std::size_t i) {
  return Named<Enum>(row.get<std::string>(i));
}

ContactRow FromRow(const soci::row& row) {
  ContactRow contact;
  std::size_t i = 0;
  const auto text = [&] { return row.get<std::string>(i++); };
  const auto number = [&] { return row.get<long long>(i++); };
  contact.contact_id = text();
  contact.version = number();
  contact.state = Named<State>(text());
  contact.route = Named<Route>(text());
  contact.priority = Named<Priority>(text());
  contact.channel = Named<Channel>(text());
  contact.agency = text();
  contact.agency_group = text();
  contact.recorded_by = text();
  contact.source = text();
  contact.need = text();
  contact.level = number();
  contact.consent = Named<Consent>(text());
  contact.under_one = number();
  contact.police = number();
  contact.age_band = text();
  contact.quality_band = Named<Band>(text());
  contact.quality_score = number();
  contact.quality_maximum = number();
  contact.rubric_version = number();
  contact.failed_criteria = text();
  contact.received_time = number();
  contact.received_date = text();
  contact.recorded_time = number();
  contact.position = number();
  contact.due_time = number();
  contact.due_date = text();
  contact.confirmation_due_date = text();
  contact.confirmed_time = number();
  contact.acknowledged_time = number();
  contact.confirmed_position = number();
  contact.decision = Named<Decision>(text());
  contact.decided_time = number();
  contact.first_decided_position = number();
  contact.episode_id = text();
  contact.birth_key = text();
  contact.forename_key = text();
  contact.key_hashes = text();
  return contact;
}

std::vector<KeyHash> ParseKeys(const std::string& text) {
  std::vector<KeyHash> keys;
  for (absl::string_view part : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(part, ':');
    if (words.size() == 4) {
      keys.push_back({words[0], words[1], words[2], words[3]});
    }
  }
  return keys;
}

std::optional<KeyHash> FindKey(const std::string& text,
                               const std::string& hash) {
  for (KeyHash& key : ParseKeys(text)) {
    if (key.hash == hash) return std::move(key);
  }
  return std::nullopt;
}

Error NotFound(const char* reason, const char* what) {
  return Error{Code::kNotFound, reason,
               std::string("there is no such ") + what + " in this area"};
}

// Contacts of one child that are followed.
constexpr std::size_t kMostOfChild = 1000;

// Enough of a hash to tell two values apart; useless for anything else. One for
// every key in use, so that a change of keys tells nobody apart.
std::string Short(const std::vector<std::string>& hashes) {
  return absl::StrJoin(hashes, ",",
                       [](std::string* out, const std::string& hash) {
                         out->append(hash, hash.size() - 8);
                       });
}

bool Share(const std::string& one, const std::string& other) {
  const std::vector<std::string> all = absl::StrSplit(other, ',');
  for (const std::string& part :
       std::vector<std::string>(absl::StrSplit(one, ','))) {
    if (std::find(all.begin(), all.end(), part) != all.end()) return true;
  }
  return false;
}

bool Conflict(const std::string& one, const std::string& other) {
  return !one.empty() && !other.empty() && !Share(one, other);
}

// Certain before likely before near, newest first.
void SortRelated(std::vector<Related>& related) {
  std::sort(related.begin(), related.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.match, -a.contact.received_time) <
           std::tuple(b.match, -b.contact.received_time);
  });
}

std::vector<ContactRow> SelectContacts(soci::session& sql,
                                       const std::string& where,
                                       const std::vector<store::Bind>& binds) {
  soci::statement statement(sql);
  soci::row row;
  statement.exchange(soci::into(row));
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
    rows.push_back(FromRow(row));
  } while (statement.fetch());
  return rows;
}

std::vector<ContactRow> SelectContact(soci::session& sql,
                                      const std::string& area,
                                      const std::string& id) {
  return SelectContacts(sql, "where c.area = :area and c.contact_id = :id",
                        {area, id});
}

}  // namespace

// ---- intake ----

std::vector<KeyHash> Store::KeysOf(const Identity& identity) const {
  std::vector<KeyHash> keys;
  const auto add = [&](const char* kind, const char* holder,
                       const std::string& value, const std::string& name_key) {
    for (std::string& hash : sealer_.Hashes(kind, value)) {
      keys.push_back({kind, holder, std::move(hash), name_key});
    }
  };
  // Most who live together share a surname.
  std::string surname, surname_key;
  const auto add_name = [&](const char* holder, const NameKey& name) {
    if (surname != name.family_name) {
      surname = name.family_name;
      surname_key = Short(sealer_.Hashes("surname", surname));
    }
    add("name", holder, name.phonetic_family_name + "|" + name.birth_date,
        surname_key);
  };
  if (!identity.nhs_number.empty()) {
    add("nhs_number", "child", identity.nhs_number, "");
  }
  if (!identity.upn.empty()) add("upn", "child", identity.upn, "");
  if (!identity.la_child_id.empty()) {
    add("la_child_id", "child", identity.la_child_id, "");
  }
  if (identity.name) add_name("child", *identity.name);
  for (const NameKey& name : identity.household) add_name("household", name);
  if (!identity.address.empty()) {
    add("address", "address", identity.address, "");
  }
  return keys;
}

void Store::SetKeys(ContactRow& row, const Understood& contact,
                    const std::vector<KeyHash>& keys) const {
  if (contact.facts.birth_date) {
    row.birth_key = Short(
        sealer_.Hashes("birth_date", FormatDate(*contact.facts.birth_date)));
  }
  const std::string forename =
      NormaliseName(contact.form.children(0).given_name());
  if (!forename.empty()) {
    row.forename_key = Short(sealer_.Hashes("forename", forename));
  }
  row.key_hashes =
      absl::StrJoin(keys, " ", [](std::string* out, const KeyHash& key) {
        *out +=
            key.kind + ":" + key.holder + ":" + key.hash + ":" + key.name_key;
      });
}

std::string Store::SealDetails(const std::string& area, const std::string& id,
                               const pb::SealedContact& details) const {
  return sealer_.Seal(details.SerializeAsString(),
                      seal::Place("contact_details", area, id));
}

Result<std::int64_t> Store::NextRun(ledger::Unit& unit) const {
  const std::lock_guard lock(mutex_);
  auto found = filled_.find(unit.area());
  if (found == filled_.end()) {
    TRY(store::Session * session, unit.Look());
    long long run = 0, contacts = 0;
    TRY_VOID(Try([&] {
      session->sql() << "select coalesce(max(run), 0) from contact_keys "
                        "where area = :area",
          soci::use(unit.area()), soci::into(run);
      session->sql() << "select count(distinct contact_id) from contact_keys "
                        "where area = :area and run = :run",
          soci::use(unit.area()), soci::use(run), soci::into(contacts);
    }));
    found = filled_
                .emplace(unit.area(),
                         run * kContactsARun +
                             std::min<std::int64_t>(contacts, kContactsARun))
                .first;
  }
  return found->second++ / kContactsARun;
}

Result<void> Store::Insert(ledger::Unit& unit, const ContactRow& row,
                           std::int64_t position,
                           const std::vector<KeyHash>& keys,
                           const std::string& sealed) const {
  TRY(const std::int64_t run, NextRun(unit));
  unit.Insert(kContacts, unit.area(), row.contact_id, row.version,
              Name(row.state), Name(row.route), Name(row.priority),
              Name(row.channel), row.agency, row.agency_group, row.recorded_by,
              row.source, row.need, row.level, Name(row.consent), row.under_one,
              row.police, row.age_band, Name(row.quality_band),
              row.quality_score, row.quality_maximum, row.rubric_version,
              row.failed_criteria, row.received_time, row.received_date,
              ToMicros(unit.now()), position, row.due_time, row.due_date,
              row.confirmation_due_date, row.confirmed_time,
              row.acknowledged_time, row.confirmed_position, Name(row.decision),
              row.decided_time, row.first_decided_position, row.episode_id,
              row.birth_key, row.forename_key, row.key_hashes);
  unit.Insert(kDetails, unit.area(), row.contact_id, sealed);
  // Twins on one form share a household key with each other, and a family may
  // name a person twice: a key stands once.
  std::set<std::int64_t> seen;
  for (const KeyHash& key : keys) {
    const std::int64_t hash = Number(key.hash);
    if (!seen.insert(hash).second) continue;
    unit.Insert(kKeys, unit.area(), run, hash, row.contact_id);
  }
  return {};
}

// ---- reading ----

Result<ContactRow> Store::Contact(soci::session& sql, const std::string& area,
                                  const std::string& id) const {
  TRY(std::vector<ContactRow> rows,
      Try([&] { return SelectContact(sql, area, id); }));
  if (rows.empty()) return NotFound("CONTACT_NOT_FOUND", "contact");
  return std::move(rows.front());
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
  return Try([&] {
    std::vector<DecisionRow> rows;
    Scan<long long, std::string, std::string, long long, std::string, long long,
         long long, long long, std::string, std::string>(
        sql,
        "select number, decision, decided_by, decided_time, decided_date, "
        "in_time, recorded_time, position, episode_id, sealed from decisions "
        "where area = :area and contact_id = :id order by number",
        {area, id},
        [&](long long number, std::string& decision, std::string& by,
            long long time, std::string& date, long long in_time,
            long long recorded, long long position, std::string& episode,
            std::string& sealed) {
          rows.push_back({number, Named<Decision>(decision), by, time, date,
                          in_time, recorded, position, episode, sealed});
        },
        store::kFew);
    return rows;
  });
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

// Contacts that share a key, classified by what the keys say.
Result<std::vector<Related>> Store::ByKeys(soci::session& sql,
                                           const std::string& area,
                                           const ContactRow& self,
                                           Keys which) const {
  struct Found {
    ContactRow contact;
    std::set<std::string> matched_on;
    bool number = false, name = false;
  };
  std::vector<KeyHash> keys = ParseKeys(self.key_hashes);
  if (which == Keys::kNumbers) {
    std::erase_if(keys, [](const KeyHash& key) { return !IsNumber(key); });
  }
  return Try([&] {
    std::map<std::string, Found> found;
    const auto ids = ContactsUnder(sql, area, keys);
    for (std::size_t i = 0; i < keys.size(); i++) {
      const KeyHash& key = keys[i];
      for (const std::string& id : ids[i]) {
        if (id == self.contact_id) continue;
        const auto [at, is_new] = found.try_emplace(id);
        Found& one = at->second;
        if (is_new) one.contact = SelectContact(sql, area, id).at(0);
        const std::optional<KeyHash> other =
            FindKey(one.contact.key_hashes, key.hash);
        // Of another hash that only begins alike.
        if (!other) continue;
        const bool child = key.holder == "child" && other->holder == "child";
        if (child && key.kind == "name") {
          one.name = true;
          one.matched_on.insert(Share(other->name_key, key.name_key)
                                    ? "surname_birth_date"
                                    : "phonetic_birth_date");
        } else if (child) {
          one.number = true;
          one.matched_on.insert(key.kind);
        } else {
          one.matched_on.insert(key.kind == "address" ? "address"
                                                      : "household");
        }
      }
    }
    std::vector<Related> related;
    for (auto at = found.rbegin(); at != found.rend(); ++at) {
      Found& one = at->second;
      if (one.matched_on.empty()) continue;
      const bool conflict =
          Conflict(one.contact.birth_key, self.birth_key) ||
          Conflict(one.contact.forename_key, self.forename_key);
      pb::Match match = pb::MATCH_HOUSEHOLD;
      if (one.number && !conflict) {
        match = pb::MATCH_SAME_CHILD;
      } else if (one.number || one.name) {
        match = pb::MATCH_CANDIDATE;
      }
      related.push_back({std::move(one.contact),
                         match,
                         {one.matched_on.begin(), one.matched_on.end()}});
    }
    return related;
  });
}

Result<Store::Sayings> Store::Said(soci::session& sql, const std::string& area,
                                   const std::string& id) const {
  return Try([&] {
    Sayings said;
    Scan<std::string, long long>(
        sql,
        "select other_contact_id, same from same_child where area = :area and "
        "contact_id = :id order by position",
        {area, id},
        [&](const std::string& other, long long same) {
          said[other] = same != 0;
        },
        store::kFew);
    return said;
  });
}

Result<std::vector<Related>> Store::LookBack(soci::session& sql,
                                             const std::string& area,
                                             const ContactRow& self) const {
  TRY(const auto said, Said(sql, area, self.contact_id));
  TRY(std::vector<Related> related, Relate(sql, area, self, Keys::kAll, said));
  if (related.size() > look_back_limit_) related.resize(look_back_limit_);
  return related;
}

// What a person said decides over what keys say: those told apart are other
// people, but may well live together.
Result<std::vector<Related>> Store::Relate(soci::session& sql,
                                           const std::string& area,
                                           const ContactRow& self, Keys which,
                                           const Sayings& said) const {
  TRY(std::vector<Related> related, ByKeys(sql, area, self, which));
  for (const auto& [id, same] : said) {
    auto at = std::find_if(
        related.begin(), related.end(),
        [&](const Related& one) { return one.contact.contact_id == id; });
    if (at == related.end()) {
      if (!same) continue;
      TRY(ContactRow row, Contact(sql, area, id));
      at = related.insert(related.end(), Related{std::move(row)});
    }
    at->match = same ? pb::MATCH_SAME_CHILD : pb::MATCH_HOUSEHOLD;
    at->matched_on.push_back("person");
  }
  SortRelated(related);
  return related;
}

Result<std::vector<Related>> Store::FindBy(soci::session& sql,
                                           const std::string& area,
                                           const Understood& child) const {
  ContactRow probe;
  Identity identity = child.identity;
  identity.household.clear();
  SetKeys(probe, child, KeysOf(identity));
  return LookBack(sql, area, probe);
}

Result<std::vector<ContactRow>> Store::SameChild(soci::session& sql,
                                                 const std::string& area,
                                                 const ContactRow& self) const {
  std::vector<ContactRow> child = {self};
  std::set<std::string> admitted = {self.contact_id}, apart;
  // What was said of each contact that was looked at.
  std::map<std::string, Sayings> known;
  const auto told_apart = [&](const std::string& id) -> Result<bool> {
    if (apart.count(id)) return true;
    TRY(known[id], Said(sql, area, id));
    for (const auto& [other, same] : known[id]) {
      if (!same && admitted.count(other)) return true;
    }
    for (const auto& [other, same] : known[id]) {
      if (!same) apart.insert(other);
    }
    return false;
  };
  TRY(const bool unused, told_apart(self.contact_id));
  (void)unused;
  for (std::size_t i = 0; i < child.size() && child.size() < kMostOfChild;
       i++) {
    const ContactRow from = child[i];
    TRY(std::vector<Related> related,
        Relate(sql, area, from, Keys::kNumbers, known[from.contact_id]));
    for (Related& one : related) {
      const std::string& id = one.contact.contact_id;
      if (one.match != pb::MATCH_SAME_CHILD || admitted.count(id)) continue;
      TRY(const bool other_child, told_apart(id));
      if (other_child) continue;
      admitted.insert(id);
      child.push_back(std::move(one.contact));
    }
  }
  return child;
}

Result<std::vector<EpisodeRow>> Store::Episodes(
    soci::session& sql, const std::string& area,
    const std::vector<ContactRow>& contacts) const {
  return Try([&] {
    std::vector<EpisodeRow> rows;
    // As many at a time as a statement likes.
    constexpr std::size_t kAtOnce = 100;
    for (std::size_t from = 0; from < contacts.size(); from += kAtOnce) {
      std::string ids;
      std::vector<store::Bind> binds = {area};
      for (std::size_t i = from; i < std::min(from + kAtOnce, contacts.size());
           i++) {
        ids += (ids.empty() ? ":id" : ", :id") + std::to_string(i - from);
        binds.emplace_back(contacts[i].contact_id);
      }
      Scan<std::string, std::string, std::string, std::string, std::string,
           std::string, long long, long long>(
          sql,
          "select episode_id, contact_id, state, referral_date, closed_date, "
          "closure_reason, re_referral, version from episodes where area = "
          ":area and contact_id in (" +
              ids + ") and state <> 'WITHDRAWN'",
          binds,
          [&](std::string& id, std::string& contact, std::string& state,
              std::string& date, std::string& closed, std::string& reason,
              long long again, long long version) {
            rows.push_back(
                {id, contact, state, date, closed, reason, again, version});
          },
          store::kFew);
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::tie(a.referral_date, a.episode_id) <
             std::tie(b.referral_date, b.episode_id);
    });
    return rows;
  });
}

Result<std::vector<EpisodeRow>> Store::EpisodesOf(
    soci::session& sql, const std::string& area,
    const std::vector<ContactRow>& contacts) const {
  TRY(std::vector<EpisodeRow> episodes, Episodes(sql, area, contacts));
  std::set<std::string> known;
  for (const EpisodeRow& episode : episodes) known.insert(episode.episode_id);
  for (const ContactRow& contact : contacts) {
    if (contact.episode_id.empty() || !known.insert(contact.episode_id).second)
      continue;
    TRY(EpisodeRow episode, Episode(sql, area, contact.episode_id));
    episodes.push_back(std::move(episode));
  }
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
        "c.contact_id > :after and ((c.received_date >= :start and "
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
  return ReadDetails(sql, area, id);
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
  TRY(const pb::SealedContact details, ReadDetails(sql, area, id));
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

Result<pb::SealedContact> Store::ReadDetails(soci::session& sql,
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
           "confirmed_position = :confirmed_position, decision = :decision, "
           "decided_time = :decided, first_decided_position = :first, "
           "episode_id = :episode where area = :area and contact_id = :id",
        soci::use(row.version), soci::use(state), soci::use(row.confirmed_time),
        soci::use(row.acknowledged_time), soci::use(row.confirmed_position),
        soci::use(decision), soci::use(row.decided_time),
        soci::use(row.first_decided_position), soci::use(row.episode_id),
        soci::use(area), soci::use(row.contact_id);
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

Result<void> Store::Add(soci::session& sql, const std::string& area,
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

Result<void> Store::AddSameChild(soci::session& sql, const std::string& area,
                                 const std::string& one,
                                 const std::string& other,
                                 std::int64_t position, bool same) const {
  const long long at = position, says = same;
  return Try([&] {
    for (const auto& [from, to] : {std::pair(one, other), {other, one}}) {
      sql << "insert into same_child (area, contact_id, other_contact_id, "
             "position, same) values (:area, :one, :other, :position, :same)",
          soci::use(area), soci::use(from), soci::use(to), soci::use(at),
          soci::use(says);
    }
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

Result<void> ScanContacts(store::Reader& reader, const counters::Slice& slice,
                          const std::function<void(const ContactRow&)>& each) {
  std::string where = "where c.area = :area and c.position <= :position";
  std::vector<store::Bind> binds = {slice.area, (long long)slice.position};
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
      "d.contact_id and n.number > d.number and n.position + 0 <= :newer)";
  std::vector<store::Bind> binds = {slice.area, position, position};
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
        "(c.first_decided_position = 0 or c.first_decided_position > :open)",
        {slice.area, position, position},
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
                "(c.confirmed_position = 0 or c.confirmed_position > :open)",
                {slice.area, position, position}, each);
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
        "d.position and k.position <= :known)",
        {slice.area, position, position, position},
        [&](std::string& agency, std::string& group, const std::string& date) {
          row.agency.swap(agency);
          row.agency_group.swap(group);
          each(row, date);
        },
        store::kAll);
  });
}

}  // namespace seawall::referrals
