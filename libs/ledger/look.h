// Look: the connection of a unit of work, for queries alone. They see what
// earlier units did; rows that this one staged they may not. For units that
// look something up and then write rows: cheaper than Unit::Direct(), since
// SQLite then needs no savepoint.
#pragma once

#include "libs/ledger/ledger.h"

namespace seawall::ledger {

// The error is the store's. Valid only while the unit runs.
Result<store::Session*> Look(Unit& unit);

}  // namespace seawall::ledger
