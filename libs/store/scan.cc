#include "libs/store/scan.h"

namespace seawall::store::internal {
namespace {

// Scans inside one another; so a query has the same name every time, and few
// statements are kept prepared.
thread_local int depth = 0;

}  // namespace

Cursor::Cursor(soci::session& sql, const std::string& query,
               const std::vector<Bind>& binds)
    : sql_(sql), name_("seawall_scan_" + std::to_string(depth)) {
  soci::statement statement(sql);
  for (const Bind& bind : binds) {
    std::visit([&](const auto& value) { statement.exchange(soci::use(value)); },
               bind);
  }
  statement.alloc();
  statement.prepare("declare " + name_ + " no scroll cursor for " + query,
                    soci::details::st_one_time_query);
  statement.define_and_bind();
  statement.execute(true);
  depth++;
}

Cursor::~Cursor() { depth--; }

void Cursor::Close() { sql_ << "close " + name_; }

std::string Cursor::Next(std::size_t rows) const {
  return "fetch forward " + std::to_string(rows) + " from " + name_;
}

}  // namespace seawall::store::internal
