// Records: the rows of one area, as a read or a unit of work sees them.
//
// A read gets them from its Reading, and they do not change while it lasts. A
// unit of work gets them from its Unit: a query sees what the unit and earlier
// ones did, and what a unit that failed did is gone. For one thread.
//
// Every function gives the store's error (database.h) where there is one.
#pragma once

#include <functional>
#include <memory>
#include <tuple>

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

  // ---- reading ----

  // By its key, which is one column.
  template <class Row>
  Result<std::optional<Row>> Get(const TableOf<Row>& table,
                                 const std::string& key) const {
    const char* const column = table.fields.front().column.name;
    Where<Row> where{std::string(column) + " = ?", {key}};
    where.column = column;
    where.among = {key};
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
    return Scan(Picked<Row>{table.fields, Names(table.table)}, table.table,
                where, order, each);
  }
  // … of some columns alone.
  template <class Of, std::derived_from<Of> Row, class Each>
  Result<void> Scan(const Picked<Row>& picked, const Table& table,
                    const Where<Of>& where, const Order<Of>& order,
                    Each&& each) const {
    From from{"from " + std::string(table.name) + " where area = ?", {area_}};
    from.text += where.text.empty() ? "" : " and " + where.text;
    from.values.insert(from.values.end(), where.values.begin(),
                       where.values.end());
    if (!order.text.empty()) from.text += " order by " + order.text;
    if (order.limit > 0) from.text += " limit " + std::to_string(order.limit);
    return Fetch({{&table}, where.column, &where.among}, from, each, picked);
  }
  template <class Of, std::derived_from<Of> Row>
  Result<std::int64_t> Count(const TableOf<Row>& table,
                             const Where<Of>& where) const {
    struct Total {
      long long count = 0;
    } total;
    From from{"from " + std::string(table.table.name) + " where area = ? and " +
                  where.text,
              {area_}};
    from.values.insert(from.values.end(), where.values.begin(),
                       where.values.end());
    TRY_VOID(Fetch(
        {{&table.table}, where.column, &where.among}, from,
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
  }
  // Sets these columns of the row with that key.
  template <auto... Members, class Row>
  Result<void> Update(const TableOf<Row>& table, const Row& row) {
    static const Table change = table.template Change<Members...>();
    Rows& rows = Staged(change);
    PutKey(table, row, rows);
    (rows.Add(ToCell(row.*Members)), ...);
    return Settle(change);
  }
  // Deletes the row with that key.
  template <class Row>
  Result<void> Delete(const TableOf<Row>& table, const Row& row) {
    static const Table change = table.template Change<>();
    PutKey(table, row, Staged(change));
    return Settle(change);
  }

  // These go at once, and all that was staged before them.

  // Sets these columns of all rows for which the condition is so.
  template <auto... Members, class Of, std::derived_from<Of> Row>
  Result<void> UpdateAll(const TableOf<Row>& table, const Row& row,
                         const Where<Of>& where) {
    std::string names;
    ((names += (names.empty() ? "" : ", ") + ColumnName<Members>() + " = ?"),
     ...);
    return Run("update " + std::string(table.table.name) + " set " + names,
               {ToValue(row.*Members)...}, where);
  }
  template <class Of, std::derived_from<Of> Row>
  Result<void> DeleteAll(const TableOf<Row>& table, const Where<Of>& where) {
    return Run("delete from " + std::string(table.table.name), {}, where);
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

 private:
  using Take = std::function<void(std::vector<Fetched>& row)>;
  struct Columns {
    std::string names;
    std::vector<Type> types;
  };
  static std::vector<std::string> Names(const Table& table);
  template <class Row>
  void PutKey(const TableOf<Row>& table, const Row& row, Rows& rows) const {
    rows.Add(area_);
    for (std::size_t i = 0; i < table.keys; i++) table.fields[i].put(row, rows);
  }
  template <class Of>
  Result<void> Run(const std::string& change, std::vector<Value> values,
                   const Where<Of>& where) {
    values.push_back(area_);
    values.insert(values.end(), where.values.begin(), where.values.end());
    return Change(change + " where area = ? and " + where.text, values);
  }
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

// Compares tables with what the store has, after its migrations. STORE_SCHEMA
// (kFailedPrecondition): a column is missing or has another type, or there is
// one more that must have a value and has no default. Other columns are of a
// newer release.
Result<void> CheckSchema(Session& writer,
                         const std::vector<const Table*>& tables);

}  // namespace seawall::store
