// Reading what the ledger wrote.
#include <absl/strings/escaping.h>
#include <absl/strings/str_split.h>
#include <sodium.h>

#include "libs/ledger/batch.h"

namespace seawall::ledger {
namespace {

void AddField(std::string& into, std::string_view field) {
  const std::uint32_t size = static_cast<std::uint32_t>(field.size());
  for (int shift = 0; shift < 32; shift += 8) {
    into.push_back(static_cast<char>(size >> shift));
  }
  into.append(field);
}

std::string Hash(const std::string& text) {
  unsigned char hash[32];
  crypto_generichash(hash, sizeof hash,
                     reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), nullptr, 0);
  return Hex(hash, sizeof hash);
}

std::vector<std::string> Words(const std::string& text) {
  return absl::StrSplit(text, ' ', absl::SkipEmpty());
}

constexpr int kVerifyPage = 5000;

// SOCI 4.0 takes a vector of one for a single value, and then gives no row.
constexpr int kSpareRow = 1;

// The columns of the access log as they are read, many rows at a time.
struct AccessPage {
  explicit AccessPage(std::size_t size)
      : entry(size),
        time(size),
        agency(size),
        system(size),
        role(size),
        person(size),
        action(size),
        subjects(size),
        purpose(size),
        lawful_basis(size),
        outcome(size),
        hash(size) {}

  // SEAL_BROKEN, SEAL_KEY_MISSING.
  Result<std::string> Person(std::size_t i, const seal::Sealer& sealer) const {
    return sealer.OpenId(kPersonId, person[i]);
  }
  AccessRow Row(std::size_t i, std::string who) const {
    AccessRow row;
    row.entry = entry[i];
    row.time = FromMicros(time[i]);
    row.access = {{agency[i], system[i], role[i], std::move(who)},
                  action[i],
                  Words(subjects[i]),
                  purpose[i],
                  lawful_basis[i],
                  outcome[i]};
    row.hash = hash[i];
    return row;
  }

  std::vector<long long> entry, time;
  std::vector<std::string> agency, system, role, person, action, subjects,
      purpose, lawful_basis, outcome, hash;
};

const std::string kAccessColumns =
    "select l.entry, l.recorded_time, l.agency, l.system, l.role, l.person, "
    "l.action, l.subjects, l.purpose, l.lawful_basis, l.outcome, l.hash "
    "from access_log l ";

template <class Statement>
auto Into(Statement&& statement, AccessPage& page) {
  return (std::forward<Statement>(statement), soci::into(page.entry),
          soci::into(page.time), soci::into(page.agency),
          soci::into(page.system), soci::into(page.role),
          soci::into(page.person), soci::into(page.action),
          soci::into(page.subjects), soci::into(page.purpose),
          soci::into(page.lawful_basis), soci::into(page.outcome),
          soci::into(page.hash));
}

// The rows by which entries (after, to] are found, by entry.
std::map<std::int64_t, std::set<std::string>> ReadSubjects(
    store::Reader& reader, const std::string& area, long long after,
    long long to) {
  std::map<std::int64_t, std::set<std::string>> subjects;
  soci::rowset<soci::row> rows =
      (reader.sql().prepare
           << "select entry, subject from access_subjects where area = :area "
              "and entry > :after and entry <= :to",
       soci::use(area), soci::use(after), soci::use(to));
  for (const soci::row& row : rows) {
    subjects[row.get<long long>(0)].insert(row.get<std::string>(1));
  }
  return subjects;
}

// A page of entries and the rows of their subjects, of one snapshot.
struct VerifiedPage {
  AccessPage entries{kVerifyPage};
  std::map<std::int64_t, std::set<std::string>> subjects;
};

Result<VerifiedPage> ReadPage(store::Database& database,
                              const std::string& area, long long after,
                              long long last) {
  TRY(store::Reader reader, database.Read(/*unbounded=*/true));
  return store::Try([&] {
    VerifiedPage page;
    Into(reader.sql() << kAccessColumns +
                             "where l.area = :area and l.entry > :after and "
                             "l.entry <= :last order by l.entry limit " +
                             std::to_string(kVerifyPage),
         page.entries),
        soci::use(area), soci::use(after), soci::use(last);
    if (page.entries.entry.empty()) return page;
    page.subjects =
        ReadSubjects(reader, area, after, page.entries.entry.back());
    return page;
  });
}

}  // namespace

std::string Hex(const unsigned char* bytes, std::size_t size) {
  std::string text(size * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, size);
  text.pop_back();
  return text;
}

std::string ChainLink(const std::string& previous, const std::string& area,
                      std::int64_t entry, Instant time, const Access& access) {
  std::string text;
  text.reserve(512);
  AddField(text, previous);
  AddField(text, area);
  AddField(text, std::to_string(entry));
  AddField(text, std::to_string(ToMicros(time)));
  for (const std::string* field :
       {&access.actor.agency, &access.actor.system, &access.actor.role,
        &access.actor.person, &access.action, &access.purpose,
        &access.lawful_basis, &access.outcome}) {
    AddField(text, *field);
  }
  for (const std::string& subject : access.subjects) AddField(text, subject);
  return Hash(text);
}

std::string JournalLink(const std::string& previous, const std::string& area,
                        std::int64_t position, Instant recorded,
                        const Event& event) {
  std::string text;
  text.reserve(512);
  AddField(text, previous);
  AddField(text, area);
  AddField(text, std::to_string(position));
  AddField(text, std::to_string(ToMicros(recorded)));
  AddField(text, std::to_string(ToMicros(event.happened)));
  AddField(text, event.kind);
  AddField(text, event.body);
  return Hash(text);
}

std::string NoHash() { return std::string(64, '0'); }

std::string NewJournalId() {
  unsigned char bytes[12];
  randombytes_buf(bytes, sizeof bytes);
  return Hex(bytes, sizeof bytes);
}

Result<Head> ReadHead(store::Reader& reader, const std::string& area) {
  return store::Try([&] {
    Head head;
    long long position = 0, entries = 0, recorded = 0;
    reader.sql() << "select journal_id, position, journal_hash, "
                    "access_entries, recorded_time, access_hash from heads "
                    "where area = :area",
        soci::into(head.journal_id), soci::into(position),
        soci::into(head.journal_hash), soci::into(entries),
        soci::into(recorded), soci::into(head.access_hash), soci::use(area);
    head.position = position;
    head.access_entries = entries;
    head.recorded = FromMicros(recorded);
    return head;
  });
}

Result<void> CheckClockAtStart(store::Database& database, const Clock& clock,
                               std::chrono::hours most) {
  constexpr std::chrono::minutes kMostBesideStore{5};
  const auto ahead = [](const std::string& of, std::chrono::seconds by) {
    return Error{Code::kFailedPrecondition, "CLOCK_AHEAD",
                 "the clock is " + std::to_string(by.count() / 60) +
                     " minutes ahead of " + of +
                     "; set it right, or start once with --accept-clock=true "
                     "if it is right"};
  };
  const auto seconds = [](auto by) {
    return std::chrono::duration_cast<std::chrono::seconds>(by);
  };
  const Instant now = clock.Now();
  TRY(const std::optional<Instant> store, database.Time());
  if (store && now - *store > kMostBesideStore) {
    return ahead("the database server's", seconds(now - *store));
  }
  TRY(store::Reader reader, database.Read());
  long long newest = 0;
  TRY_VOID(store::Try([&] {
    reader.sql() << "select coalesce(max(recorded_time), 0) from heads",
        soci::into(newest);
  }));
  if (newest == 0 || now - FromMicros(newest) <= most) return {};
  return ahead("the newest record", seconds(now - FromMicros(newest)));
}

Result<void> CheckSealKeys(store::Session& writer, const seal::Sealer& sealer,
                           bool forget) {
  const std::vector<std::string> given = sealer.key_ids();
  TRY_VOID(writer.Begin());
  const auto missing = store::Try([&] {
    std::string missing;
    if (forget) writer.sql() << "delete from seal_keys";
    soci::rowset<std::string> rows = writer.sql().prepare
                                     << "select key_id from seal_keys";
    for (const std::string& id : rows) {
      if (std::find(given.begin(), given.end(), id) == given.end())
        missing = id;
    }
    for (const std::string& id : given) {
      if (!missing.empty()) break;
      writer.sql() << "insert into seal_keys (key_id) values (:id) on conflict "
                      "do nothing",
          soci::use(id);
    }
    return missing;
  });
  if (!missing || !missing->empty()) writer.Rollback();
  if (!missing) return missing.error();
  if (missing->empty()) return writer.Commit();
  return Error{Code::kFailedPrecondition, "SEAL_KEY_MISSING",
               "records were sealed with the key " + *missing +
                   ", which is not given; give its file too, after the new one "
                   "(or, if it is lost for good, start once with "
                   "--forget-seal-keys=true: what it sealed is then never "
                   "opened or found again)"};
}

namespace {

Result<std::vector<std::string>> Areas(soci::session& sql) {
  return store::Try([&] {
    std::vector<std::string> areas;
    soci::rowset<std::string> rows = sql.prepare
                                     << "select area from heads order by area";
    for (const std::string& area : rows) areas.push_back(area);
    return areas;
  });
}

}  // namespace

Result<std::vector<std::string>> ReadAreas(store::Reader& reader) {
  return Areas(reader.sql());
}

Result<std::vector<std::string>> ReadAreas(store::Session& session) {
  return Areas(session.sql());
}

Result<std::vector<Recorded>> ReadJournal(store::Reader& reader,
                                          const std::string& area,
                                          std::int64_t after, int limit) {
  return store::Try([&] {
    const long long from = after;
    const int room = limit + kSpareRow;
    std::vector<long long> positions(room), happened(room), recorded(room);
    std::vector<std::string> kinds(room), bodies(room), hashes(room);
    reader.sql() << "select position, kind, body, happened_time, "
                    "recorded_time, hash from journal where area = :area and "
                    "position > :after order by position limit " +
                        std::to_string(limit),
        soci::into(positions), soci::into(kinds), soci::into(bodies),
        soci::into(happened), soci::into(recorded), soci::into(hashes),
        soci::use(area), soci::use(from);
    std::vector<Recorded> events(positions.size());
    for (std::size_t i = 0; i < events.size(); i++) {
      events[i].position = positions[i];
      events[i].kind = std::move(kinds[i]);
      absl::Base64Unescape(bodies[i], &events[i].body);
      events[i].happened = FromMicros(happened[i]);
      events[i].recorded = FromMicros(recorded[i]);
      events[i].hash = std::move(hashes[i]);
    }
    return events;
  });
}

Result<std::string> JournalHash(store::Reader& reader, const std::string& area,
                                std::int64_t position) {
  if (position == 0) return NoHash();
  return store::Try([&] {
    std::string hash;
    const long long at = position;
    reader.sql() << "select hash from journal where area = :area and "
                    "position = :position",
        soci::into(hash), soci::use(area), soci::use(at);
    return hash;
  });
}

Result<int> RenewJournals(store::Session& writer) {
  TRY_VOID(writer.Begin());
  const auto renewed = store::Try([&] {
    std::vector<std::string> areas;
    soci::rowset<std::string> rows = writer.sql().prepare
                                     << "select area from heads";
    for (const std::string& area : rows) areas.push_back(area);
    for (const std::string& area : areas) {
      const std::string id = NewJournalId();
      writer.sql() << "update heads set journal_id = :id where area = :area",
          soci::use(id), soci::use(area);
    }
    return static_cast<int>(areas.size());
  });
  if (!renewed) writer.Rollback();
  TRY_VOID(renewed);
  TRY_VOID(writer.Commit());
  return renewed;
}

Result<std::vector<AccessRow>> ReadAccess(store::Reader& reader,
                                          const seal::Sealer& sealer,
                                          const AccessQuery& query) {
  TRY(const AccessPage page, store::Try([&] {
        const long long below = query.before > 0
                                    ? query.before
                                    : std::numeric_limits<long long>::max();
        AccessPage page(query.limit + kSpareRow);
        const std::string end =
            " order by l.entry desc limit " + std::to_string(query.limit);
        if (query.subject.empty()) {
          Into(reader.sql() << kAccessColumns +
                                   "where l.area = :area and l.entry < :below" +
                                   end,
               page),
              soci::use(query.area), soci::use(below);
          return page;
        }
        Into(reader.sql() << kAccessColumns +
                                 "join access_subjects s on s.area = l.area "
                                 "and s.entry = l.entry where l.area = :area "
                                 "and l.entry < :below and s.subject = "
                                 ":subject" +
                                 end,
             page),
            soci::use(query.area), soci::use(below), soci::use(query.subject);
        return page;
      }));
  std::vector<AccessRow> rows;
  for (std::size_t i = 0; i < page.entry.size(); i++) {
    // One that is garbled must not hide the others.
    auto person = page.Person(i, sealer);
    if (!person) person = "(" + person.error().reason + ")";
    rows.push_back(page.Row(i, *std::move(person)));
  }
  return rows;
}

Result<std::string> AccessHash(store::Reader& reader, const std::string& area,
                               std::int64_t entry) {
  return store::Try([&] {
    std::string hash;
    const long long at = entry;
    reader.sql() << "select hash from access_log where area = :area and "
                    "entry = :entry",
        soci::into(hash), soci::use(area), soci::use(at);
    return hash;
  });
}

namespace {

// The chain as it is gone along, entry by entry.
class Walk {
 public:
  Walk(const std::string& area, const std::vector<Remembered>& remembered)
      : area_(area) {
    for (std::size_t i = 0; i < remembered.size(); i++)
      remembered_.emplace(remembered[i].entry,
                          std::pair(i, remembered[i].hash));
  }

  // What is wrong with the next entry; empty = nothing.
  std::string Next(const AccessRow& row,
                   const std::set<std::string>& found_by) {
    if (row.entry != entries_ + 1) return "the entry is missing";
    previous_ = ChainLink(previous_, area_, row.entry, row.time, row.access);
    if (previous_ != row.hash) return "the entry was changed";
    const std::set<std::string> named(row.access.subjects.begin(),
                                      row.access.subjects.end());
    if (found_by != named)
      return "the entry cannot be found by its subjects, or by others";
    for (auto [at, end] = remembered_.equal_range(row.entry); at != end; ++at) {
      if (at->second.second == row.hash) continue;
      misfits_.push_back(at->second.first);
      if (made_anew_ == 0) made_anew_ = row.entry;
    }
    entries_++;
    return {};
  }

  // At the head: the entry that is wrong, and why; empty = nothing.
  std::pair<std::int64_t, std::string> End(const Head& head) {
    if (previous_ != head.access_hash)
      return {std::max<std::int64_t>(entries_, 1),
              "the head does not match the chain"};
    for (auto at = remembered_.upper_bound(entries_); at != remembered_.end();
         ++at) {
      misfits_.push_back(at->second.first);
    }
    if (made_anew_ > 0)
      return {made_anew_,
              "the log was made anew: a head that is remembered was another"};
    if (misfits_.empty()) return {};
    return {entries_ + 1,
            "the log was cut: a head that is remembered is of entry " +
                std::to_string(remembered_.rbegin()->first)};
  }

  std::int64_t entries() const { return entries_; }
  std::vector<std::size_t>& misfits() { return misfits_; }

 private:
  const std::string& area_;
  // By entry: number and hash.
  std::multimap<std::int64_t, std::pair<std::size_t, std::string>> remembered_;
  std::vector<std::size_t> misfits_;
  std::int64_t made_anew_ = 0;
  std::string previous_ = NoHash();
  std::int64_t entries_ = 0;
};

}  // namespace

// A page a snapshot: what is appended meanwhile is verified too, up to the head
// read first.
Result<Verdict> VerifyAccess(store::Database& database,
                             const seal::Sealer& sealer,
                             const std::string& area,
                             const std::vector<Remembered>& remembered) {
  Head head;
  {
    TRY(store::Reader reader, database.Read());
    TRY(head, ReadHead(reader, area));
  }
  Walk walk(area, remembered);
  const auto verdict = [&](std::int64_t entry, std::string finding) {
    return Verdict{head.access_entries,
                   finding.empty() ? 0 : entry,
                   std::move(finding),
                   {head.access_entries, head.access_hash}};
  };
  while (walk.entries() < head.access_entries) {
    const std::int64_t next = walk.entries() + 1;
    TRY(VerifiedPage page,
        ReadPage(database, area, walk.entries(), head.access_entries));
    if (page.entries.entry.empty())
      return verdict(next, "the entry is missing");
    for (std::size_t i = 0; i < page.entries.entry.size(); i++) {
      const std::int64_t entry = walk.entries() + 1;
      auto person = page.entries.Person(i, sealer);
      // Keys are checked at a start, so an unknown one was given up, or made
      // up.
      if (!person && person.error().reason == "SEAL_KEY_MISSING") {
        return verdict(
            entry, "the entry was changed, or its sealing key was given up");
      }
      if (!person) return verdict(entry, "the entry was changed");
      const AccessRow row = page.entries.Row(i, *std::move(person));
      if (std::string finding = walk.Next(row, page.subjects[row.entry]);
          !finding.empty()) {
        return verdict(entry, std::move(finding));
      }
    }
  }
  auto [entry, finding] = walk.End(head);
  Verdict last = verdict(entry, std::move(finding));
  last.misfits = std::move(walk.misfits());
  return last;
}

}  // namespace seawall::ledger
