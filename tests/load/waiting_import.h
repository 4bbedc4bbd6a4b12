// Import: `seawall waiting import` as people run it: the command line as a
// process of its own, over mutual TLS, to a service of its own. Beside it the
// same rows, copied by plain SQL of the same store.
//
// Used by seawall-waiting-bench. Ends the process when something that it needs
// fails, or when the rows are not all there afterwards.
#pragma once

#include <cstdint>
#include <string>

#include "libs/store/database.h"

namespace seawall::load {

// Rows of a file each second.
struct ImportRates {
  double first = 0;
  // The same file again, which changes nothing.
  double again = 0;
  // Every row of every table that the import wrote, in one transaction.
  double plain_sql = 0;
};

// A referral a child; `mixed`: then its priority, a letter and, of every
// second, the appointment that ends its wait.
ImportRates MeasureImport(store::Engine engine, std::int64_t children,
                          bool mixed);

}  // namespace seawall::load
