// What one census year asks of a child's records: episodes open at some time
// of it, as they stood on its last day.
//
// Pure functions; any thread.
#pragma once

#include <seawall/referrals/v1/journey.pb.h>

#include "libs/base/civil.h"

namespace seawall::cli {

// 1 April of the year before to 31 March of `year`.
struct CensusYear {
  explicit CensusYear(int year);
  Date start;
  Date end;
};

// Leaves out what lies after the year or had ended before it, and takes back
// endings that came after: what was closed in April was open on 31 March. Of
// reviews all up to the last day are kept. A child without an episode left was
// not in need in that year.
void Narrow(const CensusYear& year, referrals::v1::CensusChild& child);

}  // namespace seawall::cli
