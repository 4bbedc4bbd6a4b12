// What the waiting lists count: from their events as they are committed, and
// the same numbers from their records. docs/measures.md defines every measure.
//
// Waits are kept by the day their clock started, as a stock: how many wait over
// N weeks on a day is the sum of the days before, so no counter goes stale as
// children cross a threshold without an event. Names: `waiting`, `joined`,
// `left`, `seen`, `rejected`… for first contacts, `waiting_assessment`… for the
// named next waits, each in total and by `service`. Duties to families are kept
// by the day they are due, by `service` and by `duty`.
#pragma once

#include <set>

#include "libs/counters/definitions.h"
#include "seawall/waiting/v1/events.pb.h"
#include "services/waiting/duties.h"
#include "services/waiting/store.h"

namespace seawall::waiting {

counters::Definitions MakeDefinitions(const Catalogue& catalogue);

void ToProto(const Wait& wait, pb::WaitSpan& span);

// What one wait adds to the counters.
void CountWait(const std::string& service, const pb::WaitSpan& wait,
               std::int64_t by, counters::Increments& to);

// What is due to a family, by the day it is due: duty and day.
using DutyDay = std::pair<std::string, std::string>;
std::set<DutyDay> DutyDays(const Service& service, const History& history);

// The family of a clock's stock: `waiting`, `waiting_assessment`.
std::string FamilyOf(const std::string& family, const std::string& clock);

}  // namespace seawall::waiting
