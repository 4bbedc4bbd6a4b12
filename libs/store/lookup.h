// Many keyed rows in one statement: what a batch needs to know before it
// begins, or a page shows. Goes by the table's primary key.
#pragma once

#include <string>
#include <vector>

#include "libs/store/database.h"

namespace seawall::store {

struct KeyedLookup {
  std::string table;
  std::vector<std::string> key_columns;
  std::vector<std::string> columns;
  // Text values, one of each key column.
  std::vector<std::vector<std::string>> keys = {};
};

// The rows found, in no order: key columns first, then columns, all as text.
Result<std::vector<std::vector<std::string>>> Lookup(Session& session,
                                                     const KeyedLookup& lookup);
Result<std::vector<std::vector<std::string>>> Lookup(Reader& reader,
                                                     const KeyedLookup& lookup);

// A condition that a column is one of many texts, and the value to bind to its
// one placeholder: however many they are, the statement is the same.
struct Among {
  std::string condition;
  std::string bind;
};
Among AmongTexts(soci::session& sql, const std::string& column,
                 const std::vector<std::string>& texts);

// Many texts as one value: a PostgreSQL array or, for SQLite's json_each, JSON.
std::string ListOf(soci::session& sql, const std::vector<std::string>& texts);

// A PostgreSQL array literal: {"a","b\"c"}.
std::string ArrayLiteral(const std::vector<const std::string*>& values);

}  // namespace seawall::store
