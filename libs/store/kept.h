// Kept: rows of one area that the units of a batch read, and changed since, so
// that what one of them read or changed is there for the next without a
// statement. Filled and used by Records alone, emptied by who runs the batch.
//
// What is kept is whole: of a value in a column either all rows that have it,
// or nothing. A change by key is made here as it is staged; one by a condition
// forgets the table. So a row here is as a query would find it, and what is not
// here is asked of the store: slower, never wrong.
//
// A unit can be rehearsed: run without effect, so that what it asks for can be
// brought for all units of the batch together. It ends (Rehearsed is thrown)
// where it would change something, and where it asks for what is not kept,
// which is then wanted.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/store/row.h"

namespace seawall::store {

class Records;
struct From;

// No std::exception, which units may catch.
struct Rehearsed {};

// The kept rows of one table, of whatever struct.
class ShelfBase {
 public:
  virtual ~ShelfBase() = default;
  virtual void Clear() = 0;
  // A unit ended: what it made itself is as all else now.
  virtual void EndUnit() = 0;
  virtual std::size_t size() const = 0;
  // Brings what is wanted, a statement a column.
  virtual Result<void> Bring(const Records& records) = 0;
};

template <class Row>
class Shelf : public ShelfBase {
 public:
  // Given the area and values, what follows the select: a statement of a
  // store's own, which calls the table `k`. It outlives the unit. Empty: `where
  // column in …`.
  using Find = std::function<From(const std::string& area,
                                  const std::vector<Value>& values)>;

  Shelf(const TableOf<Row>& table, const std::set<Value>& fresh)
      : table_(table), fresh_(fresh) {}

  std::size_t FieldNamed(const char* column) const {
    std::size_t field = 0;
    while (std::string_view(table_.fields[field].column.name) != column) {
      field++;
    }
    return field;
  }
  bool IsKey(std::size_t field) const { return table_.keys == 1 && field == 0; }

  // All rows that have that value, in no order. Null: not known.
  const std::vector<const Row*>* With(std::size_t field, const Value& value) {
    const auto answer = answers_.find({field, value});
    if (answer != answers_.end()) return &answer->second;
    if (is_cleared_ || !fresh_.contains(value) ||
        unknown_.contains({field, value})) {
      return nullptr;
    }
    std::vector<Row> own;
    for (const std::string& key : own_) {
      const auto row = rows_.find(key);
      if (row != rows_.end() &&
          table_.fields[field].value(row->second) == value)
        own.push_back(row->second);
    }
    Keep(field, {value}, std::move(own));
    return &answers_.at({field, value});
  }
  // These are all rows that have one of the values.
  void Keep(std::size_t field, const std::vector<Value>& values,
            std::vector<Row> rows) {
    if (std::find(asked_.begin(), asked_.end(), field) == asked_.end()) {
      asked_.push_back(field);
    }
    for (const Value& value : values) answers_[{field, value}];
    for (Row& row : rows) {
      std::string key = KeyOf(row);
      const auto at = rows_.try_emplace(std::move(key), std::move(row)).first;
      Answer(field, at->second)->push_back(&at->second);
    }
  }

  void Insert(const Row& row) {
    const bool known =
        !fresh_.empty() ||
        std::any_of(asked_.begin(), asked_.end(), [&](std::size_t field) {
          return Answer(field, row) != nullptr;
        });
    if (!known) return;
    const auto [at, is_new] = rows_.try_emplace(KeyOf(row), row);
    if (is_new) Show(at->second);
    if (!fresh_.empty()) own_.insert(at->first);
  }
  template <auto... Members>
  void Update(const Row& row) {
    const auto at = rows_.find(KeyOf(row));
    if (at != rows_.end()) {
      Hide(at->second);
      ((at->second.*Members = row.*Members), ...);
      Show(at->second);
      if (!fresh_.empty()) own_.insert(at->first);
      return;
    }
    // It may come in where it was not.
    (Forget(FieldNamed(internal::Named<Members>()), row), ...);
  }
  void Delete(const Row& row) {
    const auto at = rows_.find(KeyOf(row));
    if (at == rows_.end()) return;
    Hide(at->second);
    rows_.erase(at);
  }

  void Clear() override {
    answers_.clear();
    rows_.clear();
    asked_.clear();
    wanted_.clear();
    EndUnit();
    is_cleared_ = true;
  }
  void EndUnit() override {
    own_.clear();
    unknown_.clear();
    is_cleared_ = false;
  }
  std::size_t size() const override { return rows_.size(); }

  void Want(std::size_t field, const std::vector<Value>& values, Find find) {
    Wanted& wanted = wanted_[field];
    wanted.values.insert(values.begin(), values.end());
    wanted.find = std::move(find);
  }
  Result<void> Bring(const Records& records) override;
  // Asks the store for all rows that have one of the values, and keeps them.
  Result<void> Fetch(const Records& records, std::size_t field,
                     const std::vector<Value>& values, const Find& find);

 private:
  using At = std::pair<std::size_t, Value>;
  using Answers = std::map<At, std::vector<const Row*>>;
  struct Wanted {
    std::set<Value> values;
    Find find;
  };

  std::string KeyOf(const Row& row) const {
    std::string key;
    for (std::size_t i = 0; i < table_.keys; i++) {
      const Value value = table_.fields[i].value(row);
      const auto* number = std::get_if<long long>(&value);
      key += number ? std::to_string(*number) : std::get<std::string>(value);
      key += '\n';
    }
    return key;
  }
  std::vector<const Row*>* Answer(std::size_t field, const Row& row) {
    const auto answer = answers_.find({field, table_.fields[field].value(row)});
    return answer == answers_.end() ? nullptr : &answer->second;
  }
  void Forget(std::size_t field, const Row& row) {
    const Value value = table_.fields[field].value(row);
    answers_.erase({field, value});
    if (fresh_.contains(value)) unknown_.insert({field, value});
  }
  // In the answers to which it belongs.
  void Show(const Row& row) {
    for (const std::size_t field : asked_) {
      if (auto* answer = Answer(field, row)) answer->push_back(&row);
    }
  }
  void Hide(const Row& row) {
    for (const std::size_t field : asked_) {
      if (auto* answer = Answer(field, row)) std::erase(*answer, &row);
    }
  }

  const TableOf<Row>& table_;
  // Values that nothing in the store has, and where a row that is not here may
  // have got one since.
  const std::set<Value>& fresh_;
  std::set<At> unknown_;
  std::set<std::string> own_;  // rows that the unit made or changed, by key
  bool is_cleared_ = false;    // … and what it did before is not known
  std::unordered_map<std::string, Row> rows_;  // by key
  Answers answers_;
  std::vector<std::size_t> asked_;  // fields that there are answers of
  std::map<std::size_t, Wanted> wanted_;
};

class Kept {
 public:
  template <class Row>
  Shelf<Row>& Of(const TableOf<Row>& table) {
    std::unique_ptr<ShelfBase>& shelf = shelves_[&table.table];
    if (!shelf) shelf = std::make_unique<Shelf<Row>>(table, fresh_);
    return static_cast<Shelf<Row>&>(*shelf);
  }
  // Null: nothing of that table is kept.
  template <class Row>
  Shelf<Row>* Find(const TableOf<Row>& table) {
    if (!fresh_.empty()) return &Of(table);
    const auto shelf = shelves_.find(&table.table);
    return shelf == shelves_.end() ? nullptr
                                   : static_cast<Shelf<Row>*>(&*shelf->second);
  }
  // Nothing in the store has that value, such as an id that was just made: so
  // what has it is what this unit makes.
  void Fresh(const std::string& value) {
    if (!is_rehearsal) fresh_.insert(value);
  }
  void BeginUnit() {
    if (size() > kMost) Clear();
    fresh_.clear();
    for (auto& [table, shelf] : shelves_) shelf->EndUnit();
  }
  // Its rows are changed by a condition; in a rehearsal they are not.
  void Forget(const Table& table) {
    if (is_rehearsal) return;
    fresh_.clear();
    const auto shelf = shelves_.find(&table);
    if (shelf != shelves_.end()) shelf->second->Clear();
  }
  void Clear() {
    fresh_.clear();
    for (auto& [table, shelf] : shelves_) shelf->Clear();
  }
  std::size_t size() const {
    std::size_t rows = 0;
    for (const auto& [table, shelf] : shelves_) rows += shelf->size();
    return rows;
  }
  Result<void> Bring(const Records& records) {
    for (auto& [table, shelf] : shelves_) TRY_VOID(shelf->Bring(records));
    return {};
  }

  // A unit is only rehearsed; what it asks for is wanted.
  bool is_rehearsal = false;
  bool has_wanted = false;
  // Something was asked of the store in place that a rehearsal would have
  // found.
  bool has_missed = false;

 private:
  // Rows; a batch that reads more forgets, and reads again.
  static constexpr std::size_t kMost = 20'000;

  std::set<Value> fresh_;
  std::map<const Table*, std::unique_ptr<ShelfBase>> shelves_;
};

}  // namespace seawall::store
