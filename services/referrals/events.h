// What the front door counts: from its events as they are committed, and the
// same numbers from its records. measures.h makes figures of them.
#pragma once

#include "libs/counters/definitions.h"
#include "seawall/referrals/v1/events.pb.h"
#include "services/referrals/clocks.h"
#include "services/referrals/store.h"
#include "services/referrals/tally.h"

namespace seawall::referrals {

// What is counted where a code, an agency or a group is not a known one.
inline constexpr char kUnknown[] = "unknown";

// The dimensions of a contact, for its events.
pb::Dimensions DimensionsOf(const ContactRow& row);

// What an event adds.
void CountEvent(const ledger::Recorded& recorded, counters::Increments& to);

// The same numbers from the records of a slice.
Result<counters::Increments> CountRecords(store::Reader& reader,
                                          const counters::Slice& slice,
                                          const ClockRules& clocks,
                                          const Calendar& calendar);

}  // namespace seawall::referrals
