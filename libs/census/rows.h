// A return as JSON rows: {"CINdetails": [{"LAchildID": "…", …}, …], …}.
//
// Any of the census's tables, any of their columns; values are null, text,
// numbers, booleans, or a list of codes. Pure; any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "libs/census/tables.h"

namespace seawall::census {

struct RowsReturn {
  std::vector<Row> headers;
  // In the order in which their ids first appear; rows without an id are one
  // child. Rows keep their place in the table they came from.
  std::vector<ChildRecord> children;
  // Tables and columns that the census does not have; they were left out.
  std::vector<std::string> unknown;
};

// CENSUS_UNREADABLE where the value is no object of lists of objects.
Result<RowsReturn> ReadRows(const nlohmann::json& json);

}  // namespace seawall::census
