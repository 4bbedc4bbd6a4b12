#include "services/referrals/child_store.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <unordered_map>

#include "libs/store/lookup.h"
#include "libs/store/scan.h"
#include "services/referrals/runs.h"

namespace seawall::referrals {
namespace {

using store::Scan;
using store::Try;
using store::Type;

const store::Table kKeys = {"contact_keys",
                            {{"area", Type::kText},
                             {"run", Type::kInteger},
                             {"key_hash", Type::kInteger},
                             {"contact_id", Type::kText},
                             {"identity", Type::kInteger},
                             {"number", Type::kInteger},
                             {"received_time", Type::kInteger},
                             {"police", Type::kInteger},
                             {"said", Type::kInteger}}};

// Contacts that a name, a household or an address may bring up beside those
// that a number brought up; a number brings up all it has, for it decides.
constexpr int kMostPerKey = 1000;
// A child is followed over so many numbers: whoever pushes many for one child
// makes no look dear.
constexpr std::size_t kMostNumbers = 64;
// … and judged by so many descriptions, the oldest.
constexpr std::size_t kMostCompared = 64;
// Asked for in one statement: the keys of a large household, and of several
// sealing keys, are hundreds, and SQLite joins no more than 500 selects.
constexpr std::size_t kMostHashes = 64;

// Rows that are fetched at once: most children have few contacts, some many.
constexpr std::size_t kAtOnce = 64;

std::int64_t Number(const std::string& hash) {
  std::uint64_t number = 0;
  const char* digits = hash.data() + hash.find('.') + 1;
  std::from_chars(digits, std::min(digits + 16, hash.data() + hash.size()),
                  number, 16);
  return static_cast<std::int64_t>(number);
}

// Questions to many keys in one statement, to each key by itself. A key leaves
// out contacts whose first number is one of the numbers before it, for those
// brought them up: a child's own contacts, however many, are read once and
// crowd nobody out.
class KeyQuery {
 public:
  KeyQuery(soci::session& sql, const std::string& area, const Runs& runs,
           const std::vector<KeyHash>& keys, std::size_t answered = 0)
      : postgres_(sql.get_backend_name() == "postgresql"),
        sql_(sql),
        area_(area),
        keys_(keys),
        answered_(answered),
        runs_(absl::StrJoin(runs.All(), ",")) {
    runs_ = postgres_ ? "{" + runs_ + "}" : "[" + runs_ + "]";
  }

  // To one key.
  struct Question {
    std::string select = "select";
    std::string columns;
    std::string where = {};  // each placeholder ends in the key's number
    std::vector<store::Bind> binds = {};
    std::string end = {};
  };
  // `ask` gives the question to a key; `each` gets the key's place among all
  // and the columns. Throws what SOCI throws.
  template <class... Columns, class Ask, class Each>
  void Run(Ask&& ask, Each&& each, std::size_t expected) {
    std::set<long long> numbers;
    const auto pass = [&](const KeyHash& key) {
      if (child::IsNumber(key.kind)) numbers.insert(key.hash);
    };
    for (std::size_t i = 0; i < answered_; i++) pass(keys_[i]);
    for (std::size_t from = answered_; from < keys_.size();
         from += kMostHashes) {
      const std::size_t to = std::min(from + kMostHashes, keys_.size());
      std::vector<std::string> selects;
      std::vector<store::Bind> binds;
      for (std::size_t i = from; i < to; i++) {
        selects.push_back(Select(i - from, keys_[i].hash, numbers,
                                 ask(keys_[i], i - from), binds));
        pass(keys_[i]);
      }
      Scan<long long, Columns...>(
          sql_, absl::StrJoin(selects, " union all "), binds,
          [&](long long place, auto&... columns) {
            each(from + static_cast<std::size_t>(place), columns...);
          },
          expected);
    }
  }

 private:
  // From each run of the area by itself: left to choose, PostgreSQL might read
  // all keys of the area, and SQLite reads all keys into a filter where several
  // selects share what finds the runs. Of the numbers to leave out, the gaps
  // between them are asked, so that the index passes over them.
  std::string Select(std::size_t place, long long hash,
                     const std::set<long long>& numbers,
                     const Question& question,
                     std::vector<store::Bind>& binds) const {
    const std::string n = std::to_string(place);
    std::vector<std::string> gaps;
    binds.emplace_back(runs_);
    const auto gap = [&](long long first, long long last) {
      const std::string at = n + "_" + std::to_string(gaps.size());
      gaps.push_back("(cast(:first" + at + " as bigint), cast(:last" + at +
                     " as bigint))");
      binds.insert(binds.end(), {first, last});
    };
    constexpr long long kLeast = std::numeric_limits<long long>::min();
    constexpr long long kMost = std::numeric_limits<long long>::max();
    long long first = kLeast;
    for (const long long number : numbers) {
      if (first < number) gap(first, number - 1);
      if (number == kMost) break;
      first = number + 1;
    }
    if (!numbers.count(kMost)) gap(first, kMost);
    binds.insert(binds.end(), {area_, hash});
    binds.insert(binds.end(), question.binds.begin(), question.binds.end());
    const std::string keys = "contact_keys k where k.area = :area" + n +
                             " and k.run = r.run and k.key_hash = :hash" + n +
                             " and k.number between g.column1 and g.column2" +
                             question.where;
    const std::string runs =
        postgres_ ? "unnest(cast(:runs" + n + " as bigint[])) r(run)"
                  : "(select value as run from json_each(:runs" + n + ")) r";
    return "select * from (" + question.select + " cast(" + n +
           " as bigint) as place, " + question.columns + " from " + runs +
           " cross join (values " + absl::StrJoin(gaps, ", ") +
           ") g cross join " +
           (postgres_ ? "lateral (select " + question.columns + " from " +
                            keys + " offset 0) k"
                      : keys) +
           question.end + ") of" + n;
  }

  const bool postgres_;
  soci::session& sql_;
  const std::string& area_;
  const std::vector<KeyHash>& keys_;
  const std::size_t answered_;
  std::string runs_;  // as JSON, or as PostgreSQL's array
};

// The first `answered` keys were asked before.
std::vector<KeyRow> Under(soci::session& sql, const std::string& area,
                          const Runs& runs, const std::vector<KeyHash>& keys,
                          std::size_t answered = 0) {
  std::vector<KeyRow> rows;
  KeyQuery(sql, area, runs, keys, answered)
      .Run<std::string, long long, long long, long long>(
          [](const KeyHash& key, std::size_t) {
            KeyQuery::Question question{
                .columns = "contact_id, identity, received_time, said"};
            if (!child::IsNumber(key.kind)) {
              question.end =
                  " order by received_time desc, contact_id desc limit " +
                  std::to_string(kMostPerKey);
            }
            return question;
          },
          [&](std::size_t key, std::string& id, long long identity,
              long long received, long long said) {
            rows.push_back({key, std::move(id), identity, received, said != 0});
          },
          kAtOnce);
  return rows;
}

std::vector<KeyHash> ParseKeys(const std::string& text) {
  std::vector<KeyHash> keys;
  for (absl::string_view part : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::vector<absl::string_view> words = absl::StrSplit(part, ':');
    if (words.size() != 3) continue;
    keys.push_back({std::string(words[0]), std::string(words[1])});
    std::from_chars(words[2].data(), words[2].data() + words[2].size(),
                    keys.back().hash);
  }
  return keys;
}

std::string DescriptionPlace(const std::string& area, const std::string& id) {
  return seal::Place("contacts", area, id);
}

template <class Keys>
std::vector<KeyHash> NumbersOf(const Keys& keys) {
  std::vector<KeyHash> numbers;
  for (const KeyHash& key : keys) {
    if (child::IsNumber(key.kind)) numbers.push_back(key);
  }
  return numbers;
}

// 0 where the child has none.
long long NumberOf(const std::vector<KeyHash>& keys) {
  const std::vector<KeyHash> numbers = NumbersOf(keys);
  return numbers.empty() ? 0 : numbers.front().hash;
}

bool IsNewer(const KeyRow& one, const KeyRow& other) {
  return std::tie(one.received_time, one.contact_id) >
         std::tie(other.received_time, other.contact_id);
}

// Whom a withdrawn contact is about, nobody says.
std::vector<Member> Alone(const ContactRow& self) {
  return {{self.contact_id, self.received_time}};
}

}  // namespace

std::vector<std::string> IdsOf(const std::vector<Member>& contacts) {
  std::vector<std::string> ids;
  for (const Member& one : contacts) ids.push_back(one.contact_id);
  return ids;
}

bool ComesBefore(const Related& one, const Related& other) {
  if (one.match != other.match) return one.match < other.match;
  return std::tie(one.received_time, one.contact_id) >
         std::tie(other.received_time, other.contact_id);
}

// ---- intake ----

std::vector<KeyHash> Children::KeysOf(const Identity& identity) const {
  std::vector<KeyHash> keys;
  // Those who live together share a surname, and twins all of it: a key is
  // there once, the child's own first.
  std::set<std::int64_t> seen;
  const auto add = [&](const std::string& kind, const char* holder,
                       const std::string& value) {
    for (const std::string& hash : sealer_.Hashes(kind, value)) {
      const std::int64_t number = Number(hash);
      if (seen.insert(number).second) keys.push_back({kind, holder, number});
    }
  };
  for (const child::Key& key : child::KeysOf(identity.child)) {
    add(key.kind, "child", key.value);
  }
  for (const std::string& name : identity.household) {
    add("name", "household", name);
  }
  if (!identity.address.empty()) add("address", "address", identity.address);
  return keys;
}

void Children::Describe(const std::string& area, const Identity& identity,
                        const std::vector<KeyHash>& keys,
                        ContactRow& row) const {
  const std::string text = child::Write(identity.child);
  row.identity = Number(sealer_.Hash("child", text));
  row.description = sealer_.Seal(text, DescriptionPlace(area, row.contact_id));
  row.key_hashes =
      absl::StrJoin(keys, " ", [](std::string* out, const KeyHash& key) {
        *out += key.kind + ":" + key.holder + ":" + std::to_string(key.hash);
      });
}

// Base runs come first among an area's.
Runs Children::ReadRuns(soci::session& sql, const std::string& area) const {
  Runs runs{.sizes = sizes_};
  Scan<long long, long long, long long>(
      sql,
      "select level, merged, moved_hash from contact_key_levels where area = "
      ":area union all select cast(-1 as bigint), coalesce(max(run), -1), "
      "cast(0 as bigint) from contact_keys where area = :of and run < :above",
      {area, area, static_cast<long long>(Runs::kLevelSize)},
      [&](long long level, long long merged, long long moved) {
        if (level < 0)
          runs.newest = merged;
        else
          runs.SetLevel(static_cast<int>(level), {merged, moved});
      },
      store::kFew);
  return runs;
}

Result<bool> Children::MergeRuns(soci::session& sql,
                                 const std::string& area) const {
  return Try([&] {
    const Runs runs = ReadRuns(sql, area);
    long long position = 0;
    sql << "select position from heads where area = :area",
        soci::into(position), soci::use(area);
    const auto slice = runs.Next((position + 1) / sizes_.positions);
    if (!slice) return false;
    const long long into = slice->into, from_hash = slice->from_hash,
                    to_hash = slice->to_hash;
    for (const long long run : slice->from) {
      sql << "update contact_keys set run = :into where area = :area and run "
             "= :run and key_hash >= :from and key_hash <= :to",
          soci::use(into), soci::use(area), soci::use(run),
          soci::use(from_hash), soci::use(to_hash);
    }
    const long long level = slice->level, merged = slice->merged,
                    moved = slice->moved;
    sql << "insert into contact_key_levels (area, level, merged, moved_hash) "
           "values (:area, :level, :merged, :moved) on conflict (area, level) "
           "do update set merged = excluded.merged, moved_hash = "
           "excluded.moved_hash",
        soci::use(area), soci::use(level), soci::use(merged), soci::use(moved);
    return true;
  });
}

Result<void> Children::Insert(ledger::Unit& unit, ContactRow& row,
                              const std::vector<KeyHash>& keys) const {
  row.key_run = unit.next_position() / sizes_.positions;
  const long long number = NumberOf(keys);
  for (const KeyHash& key : keys) {
    unit.Insert(kKeys, unit.area(), row.key_run, key.hash, row.contact_id,
                key.holder == "child" ? row.identity : 0, number,
                row.received_time, row.police, 0);
  }
  return {};
}

Result<void> Children::Redescribe(soci::session& sql, const std::string& area,
                                  const Identity& identity,
                                  ContactRow& row) const {
  Identity said = identity;
  TRY(const child::Description before,
      Open(area, row.contact_id, row.description));
  // The council's id is matched on only where the council gave it.
  if (said.child.la_child_id.empty()) {
    said.child.la_child_id = before.la_child_id;
  }
  const std::vector<KeyHash> keys = KeysOf(said);
  TRY_VOID(Remove(sql, area, row));
  Describe(area, said, keys, row);
  if (!IsWithdrawn(row.state)) TRY_VOID(Add(sql, area, row));
  return Try([&] {
    sql << "update contacts set identity = :identity, description = "
           ":description, key_hashes = :keys, under_one = :under_one where "
           "area = :area and contact_id = :id",
        soci::use(row.identity), soci::use(row.description),
        soci::use(row.key_hashes), soci::use(row.under_one), soci::use(area),
        soci::use(row.contact_id);
  });
}

Result<void> Children::Remove(soci::session& sql, const std::string& area,
                              const ContactRow& row) const {
  return ChangeKeys(sql, area, row, "delete from contact_keys");
}

Result<void> Children::ChangeKeys(soci::session& sql, const std::string& area,
                                  const ContactRow& row,
                                  const char* change) const {
  const std::vector<KeyHash> keys = ParseKeys(row.key_hashes);
  const long long number = NumberOf(keys);
  return Try([&] {
    const Runs runs = ReadRuns(sql, area);
    for (const KeyHash& key : keys) {
      const long long hash = key.hash, run = runs.Of(row.key_run, key.hash);
      sql << std::string(change) +
                 " where area = :area and run = :run and key_hash = :hash and "
                 "number = :number and contact_id = :id",
          soci::use(area), soci::use(run), soci::use(hash), soci::use(number),
          soci::use(row.contact_id);
    }
  });
}

Result<void> Children::Add(soci::session& sql, const std::string& area,
                           const ContactRow& row) const {
  return Try([&] {
    const std::vector<KeyHash> keys = ParseKeys(row.key_hashes);
    const long long number = NumberOf(keys);
    long long said = 0;
    sql << "select count(*) from same_child where area = :area and contact_id "
           "= :id",
        soci::use(area), soci::use(row.contact_id), soci::into(said);
    said = std::min(said, 1LL);
    const Runs runs = ReadRuns(sql, area);
    for (const KeyHash& key : keys) {
      const long long hash = key.hash, run = runs.Of(row.key_run, key.hash);
      const long long identity = key.holder == "child" ? row.identity : 0;
      sql << "insert into contact_keys (area, run, key_hash, contact_id, "
             "identity, number, received_time, police, said) values (:area, "
             ":run, :hash, :id, :identity, :number, :received, :police, :said)",
          soci::use(area), soci::use(run), soci::use(hash),
          soci::use(row.contact_id), soci::use(identity), soci::use(number),
          soci::use(row.received_time), soci::use(row.police), soci::use(said);
    }
  });
}

// ---- reading ----

Result<child::Description> Children::Open(const std::string& area,
                                          const std::string& id,
                                          const std::string& sealed) const {
  if (sealed.empty()) return child::Description();  // erased is a valid state
  TRY(const std::string text, sealer_.Open(sealed, DescriptionPlace(area, id)));
  return child::Read(text);
}

Result<void> Children::Describe(
    soci::session& sql, const std::string& area,
    const std::map<long long, std::string>& contacts, Known& into) const {
  std::vector<std::string> ids;
  for (const auto& [identity, id] : contacts) {
    if (!into.count(identity)) ids.push_back(id);
  }
  TRY(const std::vector<Described> described, Look(sql, area, ids));
  for (const Described& one : described) into[one.identity] = one.description;
  return {};
}

Result<std::vector<Children::Described>> Children::Look(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& ids) const {
  std::vector<Described> described;
  std::vector<std::string> sealed;
  if (ids.empty()) return described;
  TRY_VOID(Try([&] {
    const store::Among among = store::AmongTexts(sql, "contact_id", ids);
    Scan<std::string, long long, long long, std::string, std::string>(
        sql,
        "select contact_id, identity, received_time, description, key_hashes "
        "from contacts where area = :area and " +
            among.condition,
        {area, among.bind},
        [&](std::string& id, long long identity, long long received,
            std::string& description, std::string& keys) {
          described.push_back(
              {std::move(id), identity, received, {}, std::move(keys)});
          sealed.push_back(std::move(description));
        },
        ids.size() > store::kFew ? store::kMany : store::kFew);
  }));
  for (std::size_t i = 0; i < described.size(); i++) {
    TRY(described[i].description,
        Open(area, described[i].contact_id, sealed[i]));
  }
  return described;
}

Result<Children::Sayings> Children::Said(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& ids) const {
  Sayings said;
  if (ids.empty()) return said;
  TRY_VOID(Try([&] {
    const store::Among among = store::AmongTexts(sql, "contact_id", ids);
    Scan<std::string, std::string, long long>(
        sql,
        "select contact_id, other_contact_id, same from same_child s where "
        "area = :area and " +
            among.condition +
            " and not exists (select 1 from withdrawals w where w.area = "
            "s.area "
            "and w.contact_id in (s.contact_id, s.other_contact_id) and "
            "w.reinstated_position = 0) order by position",
        {area, among.bind},
        [&](const std::string& id, const std::string& other, long long same) {
          said[id][other] = same != 0;
        },
        store::kFew);
  }));
  return said;
}

// Grows from one contact to all of its child, a round for each new set of
// numbers.
class Children::Search {
 public:
  Search(const Children& children, soci::session& sql, const std::string& area,
         Known& known)
      : children_(children), sql_(sql), area_(area), known_(known) {}

  // From what the contact's own keys brought up.
  Result<std::vector<Member>> From(const ContactRow& self,
                                   const std::vector<KeyHash>& keys,
                                   const std::vector<KeyRow>& rows) {
    TRY(known_[self.identity],
        children_.Open(area_, self.contact_id, self.description));
    verdicts_[self.identity] = true;
    groups_.push_back({known_[self.identity]});
    followed_.insert(self.identity);
    TRY_VOID(
        Admit({{0, self.contact_id, self.identity, self.received_time, true}}));
    numbers_ = NumbersOf(keys);
    answered_ = numbers_.size();
    for (const KeyRow& row : rows) {
      if (child::IsNumber(keys[row.key].kind)) rows_.push_back(row);
    }
    while (true) {
      while (!rows_.empty()) TRY_VOID(Admit(std::exchange(rows_, {})));
      if (answered_ >= numbers_.size()) break;
      TRY(rows_, Try([&] {
            return Under(sql_, area_, children_.ReadRuns(sql_, area_), numbers_,
                         std::exchange(answered_, numbers_.size()));
          }));
    }
    std::sort(members_.begin() + 1, members_.end(),
              [](const Member& one, const Member& other) {
                return std::tie(one.received_time, one.contact_id) >
                       std::tie(other.received_time, other.contact_id);
              });
    return std::move(members_);
  }

 private:
  void Ask(const std::vector<KeyHash>& keys) {
    for (const KeyHash& key : NumbersOf(keys)) {
      if (numbers_.size() >= kMostNumbers) return;
      const bool asked =
          std::any_of(numbers_.begin(), numbers_.end(),
                      [&](const KeyHash& one) { return one.hash == key.hash; });
      if (!asked) numbers_.push_back(key);
    }
  }

  // The oldest first, so that whichever contact is asked about, the same ones
  // come in.
  Result<void> Admit(std::vector<KeyRow> rows) {
    std::erase_if(rows, [&](const KeyRow& row) {
      return admitted_.count(row.contact_id) != 0;
    });
    std::sort(rows.begin(), rows.end(), [](const auto& one, const auto& other) {
      return IsNewer(other, one);
    });
    TRY_VOID(Learn(rows));
    std::map<long long, std::string> came_in;
    for (const KeyRow& row : rows) {
      if (apart_.count(row.contact_id) || !IsOfChild(row.identity)) continue;
      if (!admitted_.insert(row.contact_id).second) continue;
      members_.push_back({row.contact_id, row.received_time});
      came_in.emplace(row.identity, row.contact_id);
      TRY_VOID(Obey(row.contact_id));
    }
    return AskFurther(came_in);
  }

  // What was said of those contacts, and what they say.
  Result<void> Learn(const std::vector<KeyRow>& rows) {
    std::vector<std::string> ids;
    std::map<long long, std::string> unknown;
    for (const KeyRow& row : rows) {
      if (row.said) ids.push_back(row.contact_id);
      if (!known_.count(row.identity)) {
        unknown.emplace(row.identity, row.contact_id);
      }
    }
    TRY(const Sayings said, children_.Said(sql_, area_, ids));
    said_.insert(said.begin(), said.end());
    return children_.Describe(sql_, area_, unknown, known_);
  }

  // No number makes one child of two that contradict each other, be it over a
  // third: a description must fit all of one group. Groups differ only by a
  // person's word.
  bool IsOfChild(long long identity) {
    const auto [at, is_new] = verdicts_.emplace(identity, false);
    if (!is_new) return at->second;
    const child::Description& one = known_[identity];
    for (auto& group : groups_) {
      const bool fits =
          std::all_of(group.begin(), group.end(), [&](const auto& other) {
            return child::Differences(one, other).empty();
          });
      if (!fits) continue;
      if (group.size() < kMostCompared) group.push_back(one);
      return at->second = true;
    }
    return false;
  }

  // A person's word goes further than numbers: it takes in, and keeps out.
  Result<void> Obey(const std::string& id) {
    const auto said = said_.find(id);
    if (said == said_.end()) return {};
    std::vector<std::string> same;
    for (const auto& [other, is_same] : said->second) {
      if (!is_same) {
        apart_.insert(other);
      } else if (!admitted_.count(other)) {
        same.push_back(other);
      }
    }
    return Follow(same);
  }

  Result<void> Follow(const std::vector<std::string>& ids) {
    TRY(const std::vector<Described> described,
        children_.Look(sql_, area_, ids));
    for (const Described& one : described) {
      known_[one.identity] = one.description;
      if (!IsOfChild(one.identity)) {
        verdicts_[one.identity] = true;
        groups_.push_back({one.description});
      }
      rows_.push_back(
          {0, one.contact_id, one.identity, one.received_time, true});
    }
    return {};
  }

  // The numbers of what came in, from one contact of each identity.
  Result<void> AskFurther(const std::map<long long, std::string>& admitted) {
    std::vector<std::string> ids;
    for (const auto& [identity, id] : admitted) {
      if (followed_.insert(identity).second) ids.push_back(id);
    }
    if (numbers_.size() >= kMostNumbers) return {};
    TRY(const std::vector<Described> described,
        children_.Look(sql_, area_, ids));
    for (const Described& one : described) Ask(ParseKeys(one.key_hashes));
    return {};
  }

  const Children& children_;
  soci::session& sql_;
  const std::string& area_;
  std::vector<Member> members_;
  std::vector<KeyRow> rows_;  // to be admitted
  // Those that the child is followed over; the first ones were asked.
  std::vector<KeyHash> numbers_;
  std::size_t answered_ = 0;
  std::set<std::string> admitted_, apart_;
  Sayings said_;
  Known& known_;
  std::map<long long, bool> verdicts_;
  std::set<long long> followed_;
  std::vector<std::vector<child::Description>> groups_;
};

Result<std::vector<Member>> Children::SameChild(soci::session& sql,
                                                const std::string& area,
                                                const ContactRow& self) const {
  if (IsWithdrawn(self.state)) return Alone(self);
  Known known;
  const std::vector<KeyHash> numbers = NumbersOf(ParseKeys(self.key_hashes));
  TRY(const std::vector<KeyRow> rows,
      Try([&] { return Under(sql, area, ReadRuns(sql, area), numbers); }));
  return Search(*this, sql, area, known).From(self, numbers, rows);
}

Result<Around> Children::LookAround(soci::session& sql, const std::string& area,
                                    const ContactRow& self) const {
  if (IsWithdrawn(self.state)) return Around{Alone(self), {}};
  Known known;
  Around around;
  const std::vector<KeyHash> keys = ParseKeys(self.key_hashes);
  TRY(const std::vector<KeyRow> rows,
      Try([&] { return Under(sql, area, ReadRuns(sql, area), keys); }));
  TRY(around.child, Search(*this, sql, area, known).From(self, keys, rows));
  TRY(around.look_back, LookBack(sql, area, self, keys, rows, known));
  return around;
}

struct Children::Found {
  long long received_time = 0;
  long long identity = 0;
  std::set<std::string> near;  // household, address
};

// What keys say: same child, candidate or near, by what each contact's
// description says beside that of the child.
Result<std::vector<Related>> Children::Relate(
    soci::session& sql, const std::string& area, const std::string& self,
    const child::Description& described, const std::vector<KeyHash>& keys,
    const std::vector<KeyRow>& rows, Known& known) const {
  std::unordered_map<std::string, Found> found;
  std::map<long long, std::string> one_of_each;
  for (const KeyRow& row : rows) {
    Found& one = found[row.contact_id];
    one.received_time = row.received_time;
    const KeyHash& key = keys[row.key];
    if (key.holder == "child" && row.identity != 0) {
      one.identity = row.identity;
      one_of_each.emplace(row.identity, row.contact_id);
    } else {
      one.near.insert(key.kind == "address" ? "address" : "household");
    }
  }
  found.erase(self);
  TRY_VOID(Describe(sql, area, one_of_each, known));
  std::map<long long, child::Likeness> likenesses;
  for (const auto& [identity, id] : one_of_each) {
    likenesses[identity] = child::Compare(described, known[identity]);
  }
  std::vector<Related> related;
  for (auto& [id, one] : found) {
    const child::Likeness& likeness = likenesses[one.identity];
    pb::Match match = pb::MATCH_HOUSEHOLD;
    if (likeness.verdict == child::Verdict::kSame) match = pb::MATCH_SAME_CHILD;
    if (likeness.verdict == child::Verdict::kCandidate) {
      match = pb::MATCH_CANDIDATE;
    }
    if (match == pb::MATCH_HOUSEHOLD && one.near.empty()) continue;
    Related& to = related.emplace_back(
        Related{id, one.received_time, match, std::move(one.near)});
    if (match == pb::MATCH_HOUSEHOLD) continue;
    to.matched_on.insert(likeness.agrees.begin(), likeness.agrees.end());
    if (match == pb::MATCH_CANDIDATE) to.differs_on = likeness.differs;
  }
  return related;
}

// What a person said decides over what keys say: those told apart are other
// people, but may well live together.
Result<std::vector<Related>> Children::LookBack(
    soci::session& sql, const std::string& area, const ContactRow& self,
    const std::vector<KeyHash>& keys, const std::vector<KeyRow>& rows,
    Known& known) const {
  TRY(std::vector<Related> related,
      Relate(sql, area, self.contact_id, known[self.identity], keys, rows,
             known));
  TRY(Sayings said, Said(sql, area, {self.contact_id}));
  for (const auto& [id, same] : said[self.contact_id]) {
    auto at = std::find_if(
        related.begin(), related.end(),
        [&, id = id](const Related& one) { return one.contact_id == id; });
    if (at == related.end()) {
      if (!same) continue;
      at = related.insert(related.end(), Related{id});
      TRY_VOID(Try([&] {
        sql << "select received_time from contacts where area = :area and "
               "contact_id = :id",
            soci::into(at->received_time), soci::use(area),
            soci::use(at->contact_id);
      }));
    }
    at->match = same ? pb::MATCH_SAME_CHILD : pb::MATCH_HOUSEHOLD;
    at->matched_on.insert("person");
    at->differs_on.clear();
  }
  std::sort(related.begin(), related.end(), ComesBefore);
  return related;
}

Result<std::vector<Related>> Children::FindBy(soci::session& sql,
                                              const std::string& area,
                                              const Identity& identity) const {
  Known known;
  const std::vector<KeyHash> keys =
      KeysOf({identity.child, {}, identity.address});
  TRY(const std::vector<KeyRow> rows,
      Try([&] { return Under(sql, area, ReadRuns(sql, area), keys); }));
  TRY(std::vector<Related> related,
      Relate(sql, area, "", identity.child, keys, rows, known));
  std::sort(related.begin(), related.end(), ComesBefore);
  return related;
}

Result<std::set<long long>> Children::PoliceIncidents(
    soci::session& sql, const std::string& area, const ContactRow& self,
    long long from, long long to, int enough) const {
  const std::vector<KeyHash> keys = ParseKeys(self.key_hashes);
  return Try([&] {
    std::set<long long> times;
    KeyQuery(sql, area, ReadRuns(sql, area), keys)
        .Run<long long>(
            [&](const KeyHash&, std::size_t place) {
              const std::string n = std::to_string(place);
              // Distinct, not grouped: SQLite ends as soon as there are enough.
              return KeyQuery::Question{
                  .select = "select distinct",
                  .columns = "received_time",
                  .where = " and k.police = 1 and k.received_time > :from" + n +
                           " and k.received_time <= :to" + n +
                           " and k.contact_id <> :self" + n,
                  .binds = {from, to, self.contact_id},
                  .end = " limit " + std::to_string(enough)};
            },
            [&](std::size_t, long long time) { times.insert(time); },
            store::kFew);
    return times;
  });
}

Result<void> Children::Say(soci::session& sql, const std::string& area,
                           const std::string& one, const std::string& other,
                           std::int64_t position, bool same) const {
  const long long at = position, says = same;
  TRY_VOID(Try([&] {
    for (const auto& [from, to] : {std::pair(one, other), {other, one}}) {
      sql << "insert into same_child (area, contact_id, other_contact_id, "
             "position, same) values (:area, :one, :other, :position, :same)",
          soci::use(area), soci::use(from), soci::use(to), soci::use(at),
          soci::use(says);
    }
  }));
  for (const std::string* id : {&one, &other}) {
    ContactRow row;
    row.contact_id = *id;
    TRY_VOID(Try([&] {
      sql << "select key_hashes, key_run from contacts where area = :area and "
             "contact_id = :id",
          soci::into(row.key_hashes), soci::into(row.key_run), soci::use(area),
          soci::use(*id);
    }));
    TRY_VOID(ChangeKeys(sql, area, row, "update contact_keys set said = 1"));
  }
  return {};
}

}  // namespace seawall::referrals
