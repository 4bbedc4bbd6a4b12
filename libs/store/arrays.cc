#include "libs/store/arrays.h"

#include <arpa/inet.h>

#include <cstring>

namespace seawall::store {
namespace {

constexpr std::uint32_t kText = 25;
constexpr std::uint32_t kBigint = 20;
constexpr std::uint32_t kNull = 0xffffffff;

void Append32(std::string& bytes, std::uint32_t number) {
  const std::uint32_t ordered = htonl(number);
  bytes.append(reinterpret_cast<const char*>(&ordered), sizeof ordered);
}

void AppendHead(std::string& bytes, std::uint32_t type, std::size_t elements) {
  Append32(bytes, 1);  // dimensions
  Append32(bytes, 1);  // may hold NULL
  Append32(bytes, type);
  Append32(bytes, static_cast<std::uint32_t>(elements));
  Append32(bytes, 1);  // first index
}

void AppendCell(std::string& bytes, const Rows& rows, const Rows::Cell& cell) {
  if (cell.text()) {
    Append32(bytes, static_cast<std::uint32_t>(cell.size));
    bytes += rows.text(cell);
  } else if (cell.size == Rows::Cell::kNumber) {
    const auto bits = static_cast<std::uint64_t>(cell.number);
    Append32(bytes, sizeof bits);
    Append32(bytes, static_cast<std::uint32_t>(bits >> 32));
    Append32(bytes, static_cast<std::uint32_t>(bits));
  } else {
    Append32(bytes, kNull);
  }
}

}  // namespace

std::string EncodeColumn(const Rows& rows, std::size_t column) {
  const std::vector<Column>& columns = rows.table().columns;
  const bool text = columns[column].type == Type::kText;
  std::string bytes;
  AppendHead(bytes, text ? kText : kBigint, rows.size());
  for (std::size_t at = column; at < rows.cells().size();
       at += columns.size()) {
    AppendCell(bytes, rows, rows.cells()[at]);
  }
  return bytes;
}

}  // namespace seawall::store
