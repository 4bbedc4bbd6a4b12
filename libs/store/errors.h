// What the engines' own codes mean to a caller. For libs/store alone.
//
// Only codes go into messages: the engines' texts, and what SOCI adds to them,
// may hold the values that were being stored.
#pragma once

#include <string_view>

#include "libs/base/error.h"

namespace seawall::store {

// Of a SQLite result code, primary or extended.
Error FromSqlite(int code);

// Of an SQLSTATE; empty or blank when the connection broke without one. Only a
// broken connection, and a server that starts or ends, is a lost store.
Error FromSqlState(std::string_view state);

Error Unavailable(std::string_view detail);

}  // namespace seawall::store
