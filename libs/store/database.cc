#include "libs/store/database.h"

#include <iterator>

#include "libs/store/engines.h"

namespace seawall::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kPostgres = "postgres:";

}  // namespace

void Rows::Append(Rows&& other) {
  values_.insert(values_.end(), std::make_move_iterator(other.values_.begin()),
                 std::make_move_iterator(other.values_.end()));
  other.values_.clear();
}

Rows Rows::SplitFrom(std::size_t row) {
  Rows split(*table_);
  const auto from = values_.begin() + row * table_->columns.size();
  split.values_.assign(std::make_move_iterator(from),
                       std::make_move_iterator(values_.end()));
  values_.erase(from, values_.end());
  return split;
}

Result<void> CheckShape(const Rows& rows) {
  const std::vector<Column>& columns = rows.table().columns;
  bool fits = rows.values().size() % columns.size() == 0;
  std::size_t column = 0;
  for (const Value& value : rows.values()) {
    const bool text = columns[column].type == Type::kText;
    fits = fits && !(text ? std::holds_alternative<std::int64_t>(value)
                          : std::holds_alternative<std::string>(value));
    if (++column == columns.size()) column = 0;
  }
  if (fits) return {};
  return Error{Code::kInternal, "STORE_MISUSED",
               std::string("rows for ") + rows.table().name +
                   " do not fit its columns; report this"};
}

Result<std::unique_ptr<Database>> Database::Open(
    const DatabaseSettings& settings) {
  const std::string& address = settings.address;
  if (address.starts_with(kSqlite)) {
    return OpenSqlite(address.substr(kSqlite.size()), settings);
  }
  if (address.starts_with(kPostgres)) {
    return OpenPostgres(address.substr(kPostgres.size()), settings);
  }
  return Error{Code::kInvalidArgument, "STORE_ADDRESS",
               "the store's address begins neither with sqlite: nor with "
               "postgres:"};
}

}  // namespace seawall::store
