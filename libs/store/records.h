// Records: the rows of one area, as a read or a unit of work sees them.
//
// A read gets them from its Reading, and they do not change while it lasts. A
// unit of work gets them from its Unit: a query sees what the unit and earlier
// ones did, and what a unit that failed did is gone. For one thread.
//
// What a unit asked for by a column's values is kept for the units after it
// (kept.h).
//
// Every function gives the store's error (database.h) where there is one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <tuple>

#include "libs/store/kept.h"
#include "libs/store/row.h"
#include "libs/store/scan.h"

namespace seawall::store {

// What follows the columns of a select, `?` for each value: a join, which the
// typed functions cannot say. It says the area itself. `in ?` takes a list, and
// so does `each ? as name(column)`, which is a table of its values. Last may
// come `nested [columns from a table where …] name`: rows that are looked up
// one by one for each row before.
struct From {
  std::string text;
  std::vector<Value> values = {};
  // How many rows are expected; see scan.h.
  std::size_t expected = kFew;
  // All the tables that it reads; empty: any. In a unit of work, what was
  // changed in them goes to the store first.
  std::vector<const Table*> tables = {};
};

// Which rows a query may find: of these tables (empty: any), and of those,
// where a column is given, only rows that have one of these values in it.
struct Asked {
  std::vector<const Table*> tables;
  const char* column = nullptr;
  const std::vector<Value>* among = nullptr;
};

class Records {
 public:
  virtual ~Records() = default;
  const std::string& area() const { return area_; }
  // That the next event of the area's journal gets. Absent outside of a unit.
  virtual std::optional<std::int64_t> next_position() const {
    return std::nullopt;
  }

  // ---- reading ----

  // By its key, which is one column: STORE_MISUSED where it is more.
  template <class Row>
  Result<std::optional<Row>> Get(const TableOf<Row>& table,
                                 const std::string& key) const {
    if (table.keys != 1) return Misused("the key is more than one column");
    const char* const column = table.fields.front().column.name;
    Where<Row> where{std::string(column) + " = ?", {key}};
    where.column = column;
    where.among = {key};
    where.holds = [](const Row&) { return true; };
    return First(table, where);
  }
  // The first in that order.
  template <class Of, std::derived_from<Of> Row>
  Result<std::optional<Row>> First(const TableOf<Row>& table,
                                   const Where<Of>& where,
                                   Order<Of> order = {}) const {
    std::optional<Row> found;
    order.limit = 1;
    TRY_VOID(
        Scan(table, where, order, [&](Row& row) { found = std::move(row); }));
    return found;
  }
  template <class Of, std::derived_from<Of> Row>
  Result<std::vector<Row>> All(const TableOf<Row>& table,
                               const Where<Of>& where,
                               const Order<Of>& order = {}) const {
    std::vector<Row> rows;
    TRY_VOID(Scan(table, where, order,
                  [&](Row& row) { rows.push_back(std::move(row)); }));
    return rows;
  }
  // Calls each(row) for one after the other; it may take the row away.
  template <class Of, std::derived_from<Of> Row, class Each>
  Result<void> Scan(const TableOf<Row>& table, const Where<Of>& where,
                    const Order<Of>& order, Each&& each) const {
    Kept* const kept = this->kept();
    if (kept != nullptr && IsKept(*kept, table, where, order)) {
      return ScanKept(*kept, table, where, order, each);
    }
    return Ask(table, table.whole, where, order, each);
  }
  // … of some columns alone; in a unit of work of all, unless those left out
  // are long.
  template <class Of, std::derived_from<Of> Row, class Each>
  Result<void> Scan(const Picked<Row>& picked, const TableOf<Row>& table,
                    const Where<Of>& where, const Order<Of>& order,
                    Each&& each) const {
    Kept* const kept = this->kept();
    if (kept != nullptr && !picked.without &&
        IsKept(*kept, table, where, order)) {
      return ScanKept(*kept, table, where, order, each);
    }
    return Ask(table, picked, where, order, each);
  }
  // All rows that have one of these values in the column, found by a statement
  // of the store's own. In no order.
  template <auto Member, class Row, class Each>
  Result<void> Look(const TableOf<Row>& table, const std::vector<Value>& values,
                    const typename Shelf<Row>::Find& find, Each&& each) const {
    Kept* const kept = this->kept();
    if (kept == nullptr) return Read(find(area_, values), each, table.As("k"));
    Shelf<Row>& shelf = kept->Of(table);
    const std::size_t field = shelf.FieldNamed(internal::Named<Member>());
    TRY_VOID(Keep(*kept, shelf, field, values, find));
    for (Row& row : CopyOf<Row>(shelf, field, values, {})) each(row);
    return {};
  }
  // Says of an id that it was just made, so that no row of the store has it:
  // rows that do are found without asking.
  void Fresh(const std::string& id) {
    if (Kept* const kept = this->kept()) kept->Fresh(id);
  }
  // A unit is going to ask for this, so a rehearsal brings it; otherwise
  // nothing happens.
  template <class Of, std::derived_from<Of> Row>
  void Foresee(const TableOf<Row>& table, const Where<Of>& where) const {
    Kept* const kept = this->kept();
    if (kept == nullptr || !kept->is_rehearsal) return;
    if (!table.Has(where.column)) return;
    Shelf<Row>& shelf = kept->Of(table);
    const std::size_t field = shelf.FieldNamed(where.column);
    Want(*kept, shelf, field, Missing(shelf, field, where.among), {});
  }
  template <class Of, std::derived_from<Of> Row>
  Result<std::int64_t> Count(const TableOf<Row>& table,
                             const Where<Of>& where) const {
    struct Total {
      long long count = 0;
    } total;
    TRY_VOID(Fetch(
        {{&table.table}, where.column, &where.among}, FromOf(table, where),
        [&](const Total& one) { total = one; },
        Picked<Total>().template With<&Total::count>("count(*)")));
    return total.count;
  }
  // Calls each(row…) with a row of each that is picked.
  template <class Each, class... Rows>
  Result<void> Read(const From& from, Each&& each,
                    const Picked<Rows>&... picked) const {
    return Fetch({from.tables}, from, each, picked...);
  }

  // ---- changing; in a unit of work ----

  // These go to the store with the others of the batch, or before a query of
  // what they change.

  // Where the key is there already the whole unit fails, later: STORE_REFUSED.
  template <class Row>
  void Insert(const TableOf<Row>& table, const Row& row) {
    table.Put(area_, row, Staged(table.table));
    if (auto* const shelf = ShelfOf(table)) shelf->Insert(row);
  }
  // Sets these columns of the row with that key; where there is none, nothing
  // happens.
  template <auto... Members, class Row>
  Result<void> Update(const TableOf<Row>& table, const Row& row) {
    static_assert(sizeof...(Members) > 0, "say which columns are set");
    static const Table change = table.template Change<Members...>();
    if (change.changes != &table.table) return Misused(kTwoTables);
    Rows& rows = Staged(change);
    PutKey(table, row, rows);
    (rows.Add(ToCell(row.*Members)), ...);
    TRY_VOID(Settle(change));
    if (auto* const shelf = ShelfOf(table)) {
      shelf->template Update<Members...>(row);
    }
    return {};
  }
  // Deletes the row with that key.
  template <class Row>
  Result<void> Delete(const TableOf<Row>& table, const Row& row) {
    static const Table change = table.template Change<>();
    if (change.changes != &table.table) return Misused(kTwoTables);
    PutKey(table, row, Staged(change));
    TRY_VOID(Settle(change));
    if (auto* const shelf = ShelfOf(table)) shelf->Delete(row);
    return {};
  }

  // These go at once, and all that was staged before them.

  // Sets these columns of all rows for which the condition is so. Where all are
  // of the key, rows are inserted anew in its order and the old ones deleted:
  // SQLite takes less than half the time of an update.
  template <auto... Members, class Of, std::derived_from<Of> Row>
  Result<void> UpdateAll(const TableOf<Row>& table, const Row& row,
                         const Where<Of>& where) {
    static_assert(sizeof...(Members) > 0, "say which columns are set");
    if (Kept* const kept = this->kept()) kept->Forget(table.table);
    return SetAll(table.table, table.keys,
                  {{ColumnName<Members>(), ToValue(row.*Members)}...},
                  where.text, where.values);
  }
  template <class Of, std::derived_from<Of> Row>
  Result<void> DeleteAll(const TableOf<Row>& table, const Where<Of>& where) {
    if (Kept* const kept = this->kept()) kept->Forget(table.table);
    return ChangeAll("delete from " + std::string(table.table.name), {},
                     where.text, where.values);
  }

 protected:
  explicit Records(std::string area) : area_(std::move(area)) {}

  // The connection, for a query …
  virtual Result<soci::session*> ForQuery(const Asked& asked) const = 0;
  // … and for a change that goes at once.
  virtual Result<soci::session*> ForChange() = 0;
  virtual Rows& Staged(const Table& table) = 0;
  // A row of that change was staged last.
  virtual Result<void> Settle(const Table& change) = 0;
  // Where rows are kept. Null: nowhere.
  virtual Kept* kept() const { return nullptr; }

 private:
  template <class>
  friend class Shelf;
  using Take = std::function<void(std::vector<Fetched>& row)>;
  struct Columns {
    std::string names;
    std::vector<Type> types;
  };
  template <class Row>
  void PutKey(const TableOf<Row>& table, const Row& row, Rows& rows) const {
    rows.Add(area_);
    for (std::size_t i = 0; i < table.keys; i++) table.fields[i].put(row, rows);
  }
  // The columns that are set, by name.
  using Set = std::map<std::string, Value>;
  Result<void> SetAll(const Table& table, std::size_t keys, const Set& set,
                      const std::string& where,
                      const std::vector<Value>& values);
  // `set` are the values of the change, `values` of the condition.
  Result<void> ChangeAll(const std::string& change, std::vector<Value> set,
                         const std::string& where,
                         const std::vector<Value>& values,
                         const std::string& then = "");
  static constexpr char kTwoTables[] = "one struct is the row of two tables";
  template <class Row>
  static void Append(const Picked<Row>& picked, Columns& to) {
    for (std::size_t i = 0; i < picked.fields.size(); i++) {
      to.names += (to.names.empty() ? "" : ", ") + picked.expressions[i];
      to.types.push_back(picked.fields[i].column.type);
    }
  }
  template <class Row>
  static void Fill(const Picked<Row>& picked, std::vector<Fetched>& values,
                   std::size_t& at, Row& row) {
    for (const Field<Row>& field : picked.fields) {
      field.take(row, values[at++]);
    }
  }
  // In brackets: whatever a condition says, it is of this area.
  static std::string OfArea(const std::string& where) {
    return " where area = ?" + (where.empty() ? where : " and (" + where + ")");
  }
  template <class Of, class Row>
  From FromOf(const TableOf<Row>& table, const Where<Of>& where) const {
    From from{"from " + std::string(table.table.name) + OfArea(where.text),
              {area_}};
    from.values.insert(from.values.end(), where.values.begin(),
                       where.values.end());
    return from;
  }
  static Error Misused(const std::string& how) {
    return {Code::kInternal, "STORE_MISUSED", how};
  }
  template <class Of, class Row, class Each>
  Result<void> Ask(const TableOf<Row>& table, const Picked<Row>& picked,
                   const Where<Of>& where, const Order<Of>& order,
                   Each&& each) const {
    From from = FromOf(table, where);
    if (!order.text.empty()) from.text += " order by " + order.text;
    if (order.limit > 0) from.text += " limit " + std::to_string(order.limit);
    return Fetch({{&table.table}, where.column, &where.among}, from, each,
                 picked);
  }

  // ---- what is kept ----

  // Of what may have many rows, no few are kept.
  template <class Of, class Row>
  static bool IsKept(Kept& kept, const TableOf<Row>& table,
                     const Where<Of>& where, const Order<Of>& order) {
    if (!table.Has(where.column) || !where.holds) return false;
    if (!order.text.empty() && order.before == nullptr) return false;
    if (order.limit == 0) return true;
    Shelf<Row>& shelf = kept.Of(table);
    const std::size_t field = shelf.FieldNamed(where.column);
    return shelf.IsKey(field) || Missing(shelf, field, where.among).empty();
  }
  template <class Row>
  static std::vector<Value> Missing(Shelf<Row>& shelf, std::size_t field,
                                    const std::vector<Value>& values) {
    std::vector<Value> missing;
    for (const Value& value : values) {
      if (shelf.With(field, value) == nullptr) missing.push_back(value);
    }
    // Asked for twice, a row would be kept twice.
    std::sort(missing.begin(), missing.end());
    missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
    return missing;
  }
  template <class Row>
  static void Want(Kept& kept, Shelf<Row>& shelf, std::size_t field,
                   const std::vector<Value>& values,
                   const typename Shelf<Row>::Find& find) {
    if (values.empty()) return;
    shelf.Want(field, values, find);
    kept.has_wanted = true;
  }
  // Sees that all rows with these values are on the shelf.
  template <class Row>
  Result<void> Keep(Kept& kept, Shelf<Row>& shelf, std::size_t field,
                    const std::vector<Value>& values,
                    const typename Shelf<Row>::Find& find) const {
    const std::vector<Value> missing = Missing(shelf, field, values);
    if (missing.empty()) return {};
    if (kept.is_rehearsal) {
      Want(kept, shelf, field, missing, find);
      throw Rehearsed();
    }
    kept.has_missed = true;
    return shelf.Fetch(*this, field, missing, find);
  }
  // Copies, for whoever gets them may change what is kept.
  template <class Row>
  static std::vector<Row> CopyOf(Shelf<Row>& shelf, std::size_t field,
                                 std::vector<Value> values,
                                 const std::function<bool(const Row&)>& holds) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    std::vector<Row> rows;
    for (const Value& value : values) {
      for (const Row* row : *shelf.With(field, value)) {
        if (!holds || holds(*row)) rows.push_back(*row);
      }
    }
    return rows;
  }
  template <class Of, class Row, class Each>
  Result<void> ScanKept(Kept& kept, const TableOf<Row>& table,
                        const Where<Of>& where, const Order<Of>& order,
                        Each&& each) const {
    Shelf<Row>& shelf = kept.Of(table);
    const std::size_t field = shelf.FieldNamed(where.column);
    TRY_VOID(Keep(kept, shelf, field, where.among, {}));
    std::vector<Row> rows = CopyOf<Row>(shelf, field, where.among, where.holds);
    if (order.before != nullptr) {
      std::stable_sort(rows.begin(), rows.end(), order.before);
    }
    if (order.limit > 0 && rows.size() > std::size_t(order.limit)) {
      rows.erase(rows.begin() + order.limit, rows.end());
    }
    for (Row& row : rows) each(row);
    return {};
  }
  template <class Row>
  Shelf<Row>* ShelfOf(const TableOf<Row>& table) {
    Kept* const kept = this->kept();
    return kept == nullptr ? nullptr : kept->Find(table);
  }

  template <class Each, class... Rows>
  Result<void> Fetch(const Asked& asked, const From& from, Each&& each,
                     const Picked<Rows>&... picked) const {
    Columns columns;
    (Append(picked, columns), ...);
    std::tuple<Rows...> rows;
    return Select(asked, columns, from, [&](std::vector<Fetched>& values) {
      std::size_t at = 0;
      std::apply(
          [&](Rows&... row) {
            (Fill(picked, values, at, row), ...);
            each(row...);
          },
          rows);
    });
  }
  Result<void> Select(const Asked& asked, const Columns& columns,
                      const From& from, const Take& take) const;
  Result<void> Change(const std::string& text,
                      const std::vector<Value>& values);

  const std::string area_;
};

// Of a reader; cannot change.
std::unique_ptr<const Records> RecordsOf(Reader& reader, std::string area);

// Of a connection in a transaction of its own, outside of units: upkeep, and
// what makes rows anew. What is inserted goes with the next query or change,
// or with Flush.
class SessionRecords : public Records {
 public:
  SessionRecords(Session& session, std::string area)
      : Records(std::move(area)), session_(session) {}
  Result<void> Flush();

 protected:
  Result<soci::session*> ForQuery(const Asked& asked) const override;
  Result<soci::session*> ForChange() override;
  Rows& Staged(const Table& table) override;
  Result<void> Settle(const Table& change) override;

 private:
  Session& session_;
  mutable std::vector<Rows> staged_;
};

template <class Row>
Result<void> Shelf<Row>::Bring(const Records& records) {
  for (const auto& [field, wanted] : std::exchange(wanted_, {})) {
    TRY_VOID(Fetch(records, field, {wanted.values.begin(), wanted.values.end()},
                   wanted.find));
  }
  return {};
}

template <class Row>
Result<void> Shelf<Row>::Fetch(const Records& records, std::size_t field,
                               const std::vector<Value>& values,
                               const Find& find) {
  const char* const column = table_.fields[field].column.name;
  From from = find ? find(records.area(), values)
                   : From{"from " + std::string(table_.table.name) +
                              " k where k.area = ? and k." + column + " in ?",
                          {records.area(), ListOf(values)}};
  std::vector<Row> rows;
  TRY_VOID(records.Fetch(
      {{&table_.table}, column, &values}, from,
      [&](Row& row) { rows.push_back(std::move(row)); }, table_.As("k")));
  Keep(field, values, std::move(rows));
  return {};
}

// Compares tables with what the store has, after its migrations. STORE_SCHEMA
// (kFailedPrecondition): a column is missing or has another type, or there is
// one more that must have a value and has no default. Other columns are of a
// newer release.
Result<void> CheckSchema(Session& writer,
                         const std::vector<const Table*>& tables);

}  // namespace seawall::store
