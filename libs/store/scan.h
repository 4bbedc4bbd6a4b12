// Reading many rows fast: columns as vectors, a thousand rows at a time.
//
//   Scan<std::string, long long>(reader.sql(),
//       "select area, position from heads where position > :after",
//       {after}, [](const std::string& area, long long position) {…});
#pragma once

#include <deque>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "libs/store/database.h"

namespace seawall::store {

// A value bound to a query, in the order of its placeholders.
using Bind = std::variant<long long, std::string>;

// How many rows are expected: room is made for so many, and they are fetched at
// once. kFew where few are; kAll for results of any size, read through a cursor
// where libpq would otherwise hold all of them.
inline constexpr std::size_t kFew = 8;
inline constexpr std::size_t kMany = 1000;
inline constexpr std::size_t kAll = 0;

namespace internal {

// Gives what the statement gives, in batches; answers how many rows there were.
template <class... Columns, class Each>
std::size_t Fetch(soci::session& sql, const std::string& query,
                  const std::vector<Bind>& binds, Each& each,
                  std::size_t batch) {
  std::size_t total = 0;
  std::tuple<std::vector<Columns>...> columns{std::vector<Columns>(batch)...};
  soci::statement statement(sql);
  std::apply(
      [&](auto&... column) { (statement.exchange(soci::into(column)), ...); },
      columns);
  for (const Bind& bind : binds) {
    std::visit([&](const auto& value) { statement.exchange(soci::use(value)); },
               bind);
  }
  statement.alloc();
  statement.prepare(query, soci::details::st_one_time_query);
  statement.define_and_bind();
  statement.execute();
  while (statement.fetch()) {
    const std::size_t rows = std::get<0>(columns).size();
    total += rows;
    for (std::size_t i = 0; i < rows; i++) {
      std::apply([&](auto&... column) { each(column[i]...); }, columns);
    }
    std::apply([&](auto&... column) { (column.resize(batch), ...); }, columns);
  }
  return total;
}

// A cursor of this transaction. Throws what SOCI throws.
class Cursor {
 public:
  Cursor(soci::session& sql, const std::string& query,
         const std::vector<Bind>& binds);
  Cursor(const Cursor&) = delete;
  ~Cursor();
  // A scan that ends early leaves it to the end of the transaction.
  void Close();
  // The statement that fetches the next rows.
  std::string Next(std::size_t rows) const;

 private:
  soci::session& sql_;
  std::string name_;
};

}  // namespace internal

// Throws what SOCI throws: call it inside store::Try, in a transaction.
template <class... Columns, class Each>
void Scan(soci::session& sql, const std::string& query,
          const std::vector<Bind>& binds, Each&& each,
          std::size_t expected = kMany) {
  const std::size_t batch = expected == kAll ? kMany : expected;
  if (expected != kAll || sql.get_backend_name() != "postgresql") {
    internal::Fetch<Columns...>(sql, query, binds, each, batch);
    return;
  }
  internal::Cursor cursor(sql, query, binds);
  while (internal::Fetch<Columns...>(sql, cursor.Next(batch), {}, each,
                                     batch) == batch) {
  }
  cursor.Close();
}

}  // namespace seawall::store
