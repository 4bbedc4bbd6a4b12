#include "libs/store/database.h"

#include "libs/store/engines.h"

namespace seawall::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kPostgres = "postgres:";

}  // namespace

void Rows::Append(Rows&& other) {
  const auto moved = static_cast<std::int64_t>(texts_.size());
  texts_ += other.texts_;
  for (Cell cell : other.cells_) {
    if (cell.text()) cell.number += moved;
    cells_.push_back(cell);
  }
  other.Clear();
}

Rows Rows::SplitFrom(std::size_t row) {
  Rows split(*table_);
  const std::size_t from = row * table_->columns.size();
  for (std::size_t i = from; i < cells_.size(); i++) {
    if (cells_[i].text()) {
      split.Put(text(cells_[i]));
    } else {
      split.cells_.push_back(cells_[i]);
    }
  }
  cells_.resize(from);
  return split;
}

bool Rows::BeginAlike(std::size_t row, const Rows& other, std::size_t other_row,
                      std::size_t width) const {
  const Cell* mine = &cells_[row * table_->columns.size()];
  const Cell* theirs = &other.cells_[other_row * other.table_->columns.size()];
  for (std::size_t i = 0; i < width; i++) {
    const bool same =
        mine[i].text()
            ? theirs[i].text() && text(mine[i]) == other.text(theirs[i])
            : mine[i].size == theirs[i].size &&
                  mine[i].number == theirs[i].number;
    if (!same) return false;
  }
  return true;
}

void Rows::Erase(std::size_t row) {
  const auto width = static_cast<std::ptrdiff_t>(table_->columns.size());
  const auto begin = cells_.begin() + static_cast<std::ptrdiff_t>(row) * width;
  cells_.erase(begin, begin + width);
}

Result<void> CheckShape(const Rows& rows) {
  const std::vector<Column>& columns = rows.table().columns;
  bool fits = rows.cells().size() % columns.size() == 0;
  std::size_t column = 0;
  for (const Rows::Cell& cell : rows.cells()) {
    const bool text = columns[column].type == Type::kText;
    fits = fits && (cell.size == Rows::Cell::kNull || cell.text() == text);
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
