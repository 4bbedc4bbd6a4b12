// Columns of rows in PostgreSQL's binary array format: what `unnest` takes.
// Binary, so that no value needs escaping and no server time goes into parsing.
// Source: array_recv in PostgreSQL's arrayfuncs.c.
#pragma once

#include <string>

#include "libs/store/database.h"

namespace seawall::store {

// Types of array parameters, from PostgreSQL's pg_type.
constexpr unsigned kTextArray = 1009;
constexpr unsigned kBigintArray = 1016;

// The values of one column, row after row. The rows must fit their columns.
std::string EncodeColumn(const Rows& rows, std::size_t column);

}  // namespace seawall::store
