// The inspectors' child-level lists 1 to 7 (Ofsted, inspecting local authority
// children's services, Annex A) from a child's records.
//
// Pure functions. Lists 1, 3 and 5 are what happened in the period; 2, 4, 6 and
// 7 are what was open at some time of it, as it stood on the last day. What the
// records do not hold (the worker, whether a child is looked after) is an empty
// field. Earlier referrals, enquiries and conferences count back twelve months
// from the event itself, which does not count.
#pragma once

#include <seawall/referrals/v1/journey.pb.h>

#include <array>
#include <string>
#include <vector>

#include "libs/base/civil.h"

namespace seawall::cli {

inline constexpr std::size_t kAnnexALists = 7;

struct AnnexAList {
  const char* file;  // "list-1-contacts.csv"
  std::vector<std::string> columns;
};
const std::array<AnnexAList, kAnnexALists>& AnnexALists();

struct AnnexAPeriod {
  Date start;
  Date end;
};
// The six months up to a day, as the inspectors ask for them.
AnnexAPeriod SixMonthsTo(Date day);
// The first day that must be known for its lists: twelve months before it.
Date KnownFrom(const AnnexAPeriod& period);

using AnnexARows =
    std::array<std::vector<std::vector<std::string>>, kAnnexALists>;
// The child's rows of each list.
AnnexARows AnnexARowsOf(const referrals::v1::ChildRecord& record,
                        const AnnexAPeriod& period);

}  // namespace seawall::cli
