#include "services/referrals/child_store.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <unordered_map>

#include "libs/store/scan.h"
#include "services/referrals/runs.h"

namespace seawall::referrals {
namespace {

using store::Is;
using store::OneOf;

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

// There are no more: the tenth is of 10^14 positions.
const std::vector<long long> kLevels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

std::int64_t Number(const std::string& hash) {
  std::uint64_t number = 0;
  const char* digits = hash.data() + hash.find('.') + 1;
  std::from_chars(digits, std::min(digits + 16, hash.data() + hash.size()),
                  number, 16);
  return static_cast<std::int64_t>(number);
}

// What many keys brought up, asked in one statement, of each key by itself. A
// key leaves out contacts whose first number is one of the numbers before it,
// for those brought them up: a child's own contacts, however many, are read
// once and crowd nobody out.
class KeyQuery {
 public:
  KeyQuery(const Records& records, const Runs& runs,
           const std::vector<KeyHash>& keys, std::size_t answered)
      : area_(records.area()), runs_(runs), keys_(keys), at_(answered) {
    for (std::size_t i = 0; i < answered; i++) Pass(keys_[i]);
  }

  // The keys from that place on, so many as go into one statement.
  store::From Next() {
    store::From from{.expected = kAtOnce, .tables = {&kContactKeys.table}};
    std::vector<std::string> selects;
    for (; at_ < keys_.size() && selects.size() < kMostHashes; at_++) {
      selects.push_back(Select(from.values));
      Pass(keys_[at_]);
    }
    from.text = "from (" + absl::StrJoin(selects, " union all ") + ") q";
    return from;
  }
  bool done() const { return at_ == keys_.size(); }

 private:
  void Pass(const KeyHash& key) {
    if (child::IsNumber(key.kind)) numbers_.insert(key.hash);
  }

  // From each run of the area by itself: left to choose, PostgreSQL might read
  // all keys of the area, and SQLite reads all keys into a filter where several
  // selects share what finds the runs. Of the numbers to leave out, the gaps
  // between them are asked, so that the index passes over them.
  std::string Select(std::vector<store::Value>& values) const {
    const KeyHash& key = keys_[at_];
    std::vector<std::string> gaps;
    values.emplace_back(runs_.All());
    const auto gap = [&](long long first, long long last) {
      gaps.push_back("(cast(? as bigint), cast(? as bigint))");
      values.insert(values.end(), {first, last});
    };
    constexpr long long kLeast = std::numeric_limits<long long>::min();
    constexpr long long kMost = std::numeric_limits<long long>::max();
    long long first = kLeast;
    for (const long long number : numbers_) {
      if (first < number) gap(first, number - 1);
      if (number == kMost) break;
      first = number + 1;
    }
    if (!numbers_.count(kMost)) gap(first, kMost);
    values.insert(values.end(), {area_, key.hash});
    const std::string place = std::to_string(at_);
    const std::string most =
        child::IsNumber(key.kind)
            ? ""
            : " order by received_time desc, contact_id desc limit " +
                  std::to_string(kMostPerKey);
    const std::string columns = "contact_id, identity, received_time, said";
    return "select * from (select cast(" + place + " as bigint) as place, " +
           columns + " from each ? as r(run) cross join (values " +
           absl::StrJoin(gaps, ", ") + ") g cross join nested [" + columns +
           " from contact_keys k where k.area = ? and k.run = r.run and "
           "k.key_hash = ? and k.number between g.column1 and g.column2] k" +
           most + ") of" + place;
  }

  const std::string& area_;
  const Runs& runs_;
  const std::vector<KeyHash>& keys_;
  std::size_t at_;
  std::set<long long> numbers_;
};

// In a unit of work, of numbers alone: what they bring up is kept for the
// batch, each by itself.
Result<std::vector<KeyRow>> UnderNumbers(const Records& records,
                                         const Runs& runs,
                                         const std::vector<KeyHash>& keys,
                                         std::size_t answered) {
  std::map<long long, std::size_t> places;
  std::vector<store::Value> hashes;
  for (std::size_t i = 0; i < keys.size(); i++) {
    places.emplace(keys[i].hash, i);
    if (i >= answered) hashes.emplace_back(keys[i].hash);
  }
  const auto find = [all = runs.All()](
                        const std::string& area,
                        const std::vector<store::Value>& wanted) {
    std::string columns;
    for (const auto& field : kContactKeys.fields) {
      columns += (columns.empty() ? "k." : ", k.");
      columns += field.column.name;
    }
    return store::From{
        "from each ? as r(run) cross join each ? as h(hash) cross join nested "
        "[" +
            columns +
            " from contact_keys k where k.area = ? and k.run = r.run and "
            "k.key_hash = h.hash] k",
        {all, store::ListOf(wanted), area},
        kAtOnce,
        {&kContactKeys.table}};
  };
  std::vector<KeyRow> rows;
  TRY_VOID(records.Look<&ContactKeyRow::key_hash>(
      kContactKeys, hashes, find, [&](ContactKeyRow& row) {
        const std::size_t place = places.at(row.key_hash);
        const auto first = places.find(row.number);
        if (first != places.end() && first->second < place) return;
        rows.push_back({place, std::move(row.contact_id), row.identity,
                        row.received_time, row.said != 0});
      }));
  return rows;
}

// The first `answered` keys were asked before.
Result<std::vector<KeyRow>> Under(const Records& records, const Runs& runs,
                                  const std::vector<KeyHash>& keys,
                                  std::size_t answered = 0) {
  const bool numbers_alone =
      std::all_of(keys.begin(), keys.end(),
                  [](const KeyHash& key) { return child::IsNumber(key.kind); });
  if (numbers_alone && records.next_position()) {
    return UnderNumbers(records, runs, keys, answered);
  }
  struct Place {
    long long place = 0;
  };
  std::vector<KeyRow> rows;
  KeyQuery query(records, runs, keys, answered);
  while (!query.done()) {
    TRY_VOID(records.Read(
        query.Next(),
        [&](const Place& of, ContactKeyRow& row) {
          rows.push_back({static_cast<std::size_t>(of.place),
                          std::move(row.contact_id), row.identity,
                          row.received_time, row.said != 0});
        },
        store::Only<&Place::place>("q"),
        store::Only<&ContactKeyRow::contact_id, &ContactKeyRow::identity,
                    &ContactKeyRow::received_time, &ContactKeyRow::said>("q")));
  }
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
Result<Runs> Children::ReadRuns(const Records& records) const {
  Runs runs{.sizes = sizes_};
  if (const auto next = records.next_position()) {
    runs.newest = *next / sizes_.positions;
    TRY_VOID(records.Scan(kKeyLevels, OneOf<&KeyLevelRow::level>(kLevels), {},
                          [&](const KeyLevelRow& row) {
                            runs.SetLevel(static_cast<int>(row.level),
                                          {row.merged, row.moved_hash});
                          }));
    return runs;
  }
  TRY_VOID(records.Read(
      {"from (select level, merged, moved_hash from contact_key_levels where "
       "area = ? union all select cast(-1 as bigint), coalesce(max(run), -1), "
       "cast(0 as bigint) from contact_keys where area = ? and run < ?) l",
       {records.area(), records.area(),
        static_cast<long long>(Runs::kLevelSize)},
       store::kFew,
       {&kKeyLevels.table, &kContactKeys.table}},
      [&](const KeyLevelRow& row) {
        if (row.level < 0) {
          runs.newest = row.merged;
        } else {
          runs.SetLevel(static_cast<int>(row.level),
                        {row.merged, row.moved_hash});
        }
      },
      kKeyLevels.As("l")));
  return runs;
}

Result<bool> Children::MergeRuns(Records& records,
                                 std::int64_t position) const {
  TRY(const Runs runs, ReadRuns(records));
  const auto slice = runs.Next((position + 1) / sizes_.positions);
  if (!slice) return false;
  ContactKeyRow moved;
  moved.run = slice->into;
  TRY_VOID(records.UpdateAll<&ContactKeyRow::run>(
      kContactKeys, moved,
      store::OneOf<&ContactKeyRow::run>(slice->from) &&
          store::AtLeast<&ContactKeyRow::key_hash>(slice->from_hash) &&
          store::AtMost<&ContactKeyRow::key_hash>(slice->to_hash)));
  TRY_VOID(records.Delete(kKeyLevels, KeyLevelRow{.level = slice->level}));
  records.Insert(kKeyLevels, {.level = slice->level,
                              .merged = slice->merged,
                              .moved_hash = slice->moved});
  return true;
}

namespace {

// A key of the contact, but for its hash and the run that it is in.
ContactKeyRow KeyOf(const ContactRow& row, const std::vector<KeyHash>& keys) {
  ContactKeyRow key;
  key.number = NumberOf(keys);
  key.contact_id = row.contact_id;
  key.received_time = row.received_time;
  key.police = row.police;
  return key;
}

void SetHash(const KeyHash& hash, const ContactRow& row, ContactKeyRow& key) {
  key.key_hash = hash.hash;
  key.identity = hash.holder == "child" ? row.identity : 0;
}

}  // namespace

void Children::Insert(ledger::Unit& unit, ContactRow& row,
                      const std::vector<KeyHash>& keys) const {
  row.key_run = unit.next_position() / sizes_.positions;
  ContactKeyRow key = KeyOf(row, keys);
  key.run = row.key_run;
  for (const KeyHash& hash : keys) {
    SetHash(hash, row, key);
    unit.Records().Insert(kContactKeys, key);
  }
}

Result<void> Children::Redescribe(Records& records, const Identity& identity,
                                  ContactRow& row) const {
  Identity said = identity;
  TRY(const child::Description before, Open(records, row));
  // The council's id is matched on only where the council gave it.
  if (said.child.la_child_id.empty()) {
    said.child.la_child_id = before.la_child_id;
  }
  const std::vector<KeyHash> keys = KeysOf(said);
  TRY_VOID(Remove(records, row));
  Describe(records.area(), said, keys, row);
  if (!IsWithdrawn(row.state)) TRY_VOID(Add(records, row));
  return records.Update<&ContactRow::identity, &ContactRow::description,
                        &ContactRow::key_hashes, &ContactRow::under_one>(
      kContacts, row);
}

Result<void> Children::Remove(Records& records, const ContactRow& row) const {
  return ChangeKeys(records, row, [](Records& from, const ContactKeyRow& key) {
    return from.Delete(kContactKeys, key);
  });
}

Result<void> Children::ChangeKeys(Records& records, const ContactRow& row,
                                  const Change& change) const {
  const std::vector<KeyHash> keys = ParseKeys(row.key_hashes);
  TRY(const Runs runs, ReadRuns(records));
  ContactKeyRow key = KeyOf(row, keys);
  for (const KeyHash& hash : keys) {
    SetHash(hash, row, key);
    key.run = runs.Of(row.key_run, hash.hash);
    TRY_VOID(change(records, key));
  }
  return {};
}

Result<void> Children::Add(Records& records, const ContactRow& row) const {
  TRY(const std::int64_t said,
      records.Count(kSameChild, Is<&SameChildRow::contact_id>(row.contact_id)));
  return ChangeKeys(records, row,
                    [&](Records& to, ContactKeyRow key) -> Result<void> {
                      key.said = said > 0;
                      to.Insert(kContactKeys, key);
                      return {};
                    });
}

// ---- reading ----

Result<child::Description> Children::Open(const Records& records,
                                          const ContactRow& row) const {
  // Erased is a valid state.
  if (row.description.empty()) return child::Description();
  TRY(const std::string text,
      sealer_.Open(row.description,
                   DescriptionPlace(records.area(), row.contact_id)));
  return child::Read(text);
}

Result<void> Children::Describe(
    const Records& records, const std::map<long long, std::string>& contacts,
    Known& into) const {
  std::vector<std::string> ids;
  for (const auto& [identity, id] : contacts) {
    if (!into.count(identity)) ids.push_back(id);
  }
  TRY(const std::vector<Described> described, Look(records, ids));
  for (const Described& one : described) into[one.identity] = one.description;
  return {};
}

Result<std::vector<Children::Described>> Children::Look(
    const Records& records, const std::vector<std::string>& ids) const {
  std::vector<Described> described;
  if (ids.empty()) return described;
  std::vector<ContactRow> rows;
  TRY_VOID(records.Scan(
      store::Only<&ContactRow::contact_id, &ContactRow::identity,
                  &ContactRow::received_time, &ContactRow::description,
                  &ContactRow::key_hashes>("contacts"),
      kContacts, OneOf<&ContactRow::contact_id>(ids), {},
      [&](ContactRow& row) { rows.push_back(std::move(row)); }));
  for (ContactRow& row : rows) {
    TRY(child::Description says, Open(records, row));
    described.push_back({std::move(row.contact_id), row.identity,
                         row.received_time, std::move(says),
                         std::move(row.key_hashes)});
  }
  return described;
}

Result<Children::Sayings> Children::Said(
    const Records& records, const std::vector<std::string>& ids) const {
  Sayings said;
  if (ids.empty()) return said;
  TRY(const std::vector<SameChildRow> rows,
      records.All(kSameChild, OneOf<&SameChildRow::contact_id>(ids),
                  store::By<&SameChildRow::position>()));
  if (rows.empty()) return said;
  std::set<std::string> named;
  for (const SameChildRow& row : rows) {
    named.insert({row.contact_id, row.other_contact_id});
  }
  std::set<std::string> withdrawn;
  TRY_VOID(records.Scan(
      kWithdrawals,
      OneOf<&WithdrawalRow::contact_id>({named.begin(), named.end()}) &&
          Is<&WithdrawalRow::reinstated_position>(0),
      {}, [&](const WithdrawalRow& row) { withdrawn.insert(row.contact_id); }));
  for (const SameChildRow& row : rows) {
    if (withdrawn.contains(row.contact_id)) continue;
    if (withdrawn.contains(row.other_contact_id)) continue;
    said[row.contact_id][row.other_contact_id] = row.same;
  }
  return said;
}

// Grows from one contact to all of its child, a round for each new set of
// numbers.
class Children::Search {
 public:
  Search(const Children& children, const Records& records, Known& known)
      : children_(children), records_(records), known_(known) {}

  // From what the contact's own keys brought up.
  Result<std::vector<Member>> From(const ContactRow& self,
                                   const std::vector<KeyHash>& keys,
                                   const std::vector<KeyRow>& rows,
                                   const Runs& runs) {
    TRY(known_[self.identity], children_.Open(records_, self));
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
      TRY(rows_, Under(records_, runs, numbers_,
                       std::exchange(answered_, numbers_.size())));
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
    TRY(const Sayings said, children_.Said(records_, ids));
    said_.insert(said.begin(), said.end());
    return children_.Describe(records_, unknown, known_);
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
    TRY(const std::vector<Described> described, children_.Look(records_, ids));
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
    TRY(const std::vector<Described> described, children_.Look(records_, ids));
    for (const Described& one : described) Ask(ParseKeys(one.key_hashes));
    return {};
  }

  const Children& children_;
  const Records& records_;
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

Result<std::vector<Member>> Children::SameChild(const Records& records,
                                                const ContactRow& self) const {
  if (IsWithdrawn(self.state)) return Alone(self);
  Known known;
  const std::vector<KeyHash> numbers = NumbersOf(ParseKeys(self.key_hashes));
  TRY(const Runs runs, ReadRuns(records));
  TRY(const std::vector<KeyRow> rows, Under(records, runs, numbers));
  return Search(*this, records, known).From(self, numbers, rows, runs);
}

Result<Around> Children::LookAround(const Records& records,
                                    const ContactRow& self) const {
  if (IsWithdrawn(self.state)) return Around{Alone(self), {}};
  Known known;
  Around around;
  const std::vector<KeyHash> keys = ParseKeys(self.key_hashes);
  TRY(const Runs runs, ReadRuns(records));
  TRY(const std::vector<KeyRow> rows, Under(records, runs, keys));
  TRY(around.child, Search(*this, records, known).From(self, keys, rows, runs));
  TRY(around.look_back, LookBack(records, self, keys, rows, known));
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
    const Records& records, const std::string& self,
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
  TRY_VOID(Describe(records, one_of_each, known));
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
    const Records& records, const ContactRow& self,
    const std::vector<KeyHash>& keys, const std::vector<KeyRow>& rows,
    Known& known) const {
  TRY(std::vector<Related> related,
      Relate(records, self.contact_id, known[self.identity], keys, rows,
             known));
  TRY(Sayings said, Said(records, {self.contact_id}));
  for (const auto& [id, same] : said[self.contact_id]) {
    auto at = std::find_if(
        related.begin(), related.end(),
        [&, id = id](const Related& one) { return one.contact_id == id; });
    if (at == related.end()) {
      if (!same) continue;
      at = related.insert(related.end(), Related{id});
      TRY(const auto contact, records.Get(kContacts, id));
      if (contact) at->received_time = contact->received_time;
    }
    at->match = same ? pb::MATCH_SAME_CHILD : pb::MATCH_HOUSEHOLD;
    at->matched_on.insert("person");
    at->differs_on.clear();
  }
  std::sort(related.begin(), related.end(), ComesBefore);
  return related;
}

Result<std::vector<Related>> Children::FindBy(const Records& records,
                                              const Identity& identity) const {
  Known known;
  const std::vector<KeyHash> keys =
      KeysOf({identity.child, {}, identity.address});
  TRY(const Runs runs, ReadRuns(records));
  TRY(const std::vector<KeyRow> rows, Under(records, runs, keys));
  TRY(std::vector<Related> related,
      Relate(records, "", identity.child, keys, rows, known));
  std::sort(related.begin(), related.end(), ComesBefore);
  return related;
}

Result<std::set<long long>> Children::PoliceIncidents(
    const Records& records, const ContactRow& self,
    const Incidents& asked) const {
  std::vector<long long> hashes;
  for (const KeyHash& key : ParseKeys(self.key_hashes)) {
    hashes.push_back(key.hash);
  }
  TRY(const Runs runs, ReadRuns(records));
  std::set<long long> times;
  // Distinct, not grouped: SQLite ends as soon as there are enough.
  TRY_VOID(records.Read(
      {"from (select distinct k.received_time from each ? as r(run) cross join "
       "each ? as h(hash) cross join nested [k.received_time from contact_keys "
       "k where k.area = ? and k.run = r.run and k.key_hash = h.hash and "
       "k.police = 1 and k.received_time > ? and k.received_time <= ? and "
       "k.contact_id <> ?] k limit " +
           std::to_string(asked.enough) + ") q",
       {runs.All(), hashes, records.area(), asked.from, asked.to,
        self.contact_id},
       store::kFew,
       {&kContactKeys.table}},
      [&](const ContactKeyRow& row) { times.insert(row.received_time); },
      store::Only<&ContactKeyRow::received_time>("q")));
  return times;
}

Result<void> Children::Say(Records& records, const std::string& one,
                           const std::string& other, std::int64_t position,
                           bool same) const {
  for (const auto& [id, other_id] : {std::pair(one, other), {other, one}}) {
    records.Insert(kSameChild, {.contact_id = id,
                                .other_contact_id = other_id,
                                .position = position,
                                .same = same});
  }
  for (const std::string* id : {&one, &other}) {
    TRY(const auto row, records.Get(kContacts, *id));
    if (!row) continue;
    TRY_VOID(ChangeKeys(records, *row, [](Records& of, ContactKeyRow key) {
      key.said = 1;
      return of.Update<&ContactKeyRow::said>(kContactKeys, key);
    }));
  }
  return {};
}

}  // namespace seawall::referrals
