// A child of the census in its two forms: rows under the census's own names,
// as files hold them, and CensusChild, as the service takes and gives it.
//
// Pure functions; never fail. What has no place in the other form is told by
// its path in the census, never by its value: it may identify a child.
#pragma once

#include <seawall/referrals/v1/journey.pb.h>

#include <string>
#include <vector>

#include "libs/census/tables.h"

namespace seawall::cli {

struct Carried {
  referrals::v1::CensusChild child;
  // Paths such as `CINdetails[2]/PreProceedings/PPStartDate`, counted from 1.
  std::vector<std::string> not_kept;
};

Carried ToCensusChild(const census::ChildRecord& record);

// An ethnicity that is not recorded is NOBT, "not yet obtained"; what a sex
// that is not recorded is called depends on the year and is the writer's to
// say.
census::ChildRecord ToRecord(const referrals::v1::CensusChild& child);

}  // namespace seawall::cli
