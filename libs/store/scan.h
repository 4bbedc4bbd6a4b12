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

// Throws what SOCI throws: call it inside store::Try. `batch` rows are fetched
// at a time; say kFew where few are expected, for room is made for all of them.
inline constexpr std::size_t kFew = 8;
template <class... Columns, class Each>
void Scan(soci::session& sql, const std::string& query,
          const std::vector<Bind>& binds, Each&& each,
          std::size_t batch = 1000) {
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
    for (std::size_t i = 0; i < rows; i++) {
      std::apply([&](auto&... column) { each(column[i]...); }, columns);
    }
    std::apply([&](auto&... column) { (column.resize(batch), ...); }, columns);
  }
}

}  // namespace seawall::store
