// What is counted of one subject: a pure function of its journey and clocks,
// used alike by the event of a step (which carries the difference it made) and
// by the figures from records (which add up whole tallies). docs/measures.md
// defines every family.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/counters/definitions.h"
#include "seawall/referrals/v1/events.pb.h"
#include "services/referrals/clocks.h"
#include "services/referrals/journey.h"

namespace seawall::referrals {

namespace pb = ::seawall::referrals::v1;

// Something counted on the day it happened or, if it stands until then, by the
// day it is due.
struct MarkKey {
  std::string family;
  Date date;
  bool is_due = false;
  // Group and value, beyond the dimensions of the contact; an `agency` here
  // takes the place of the contact's.
  std::vector<std::pair<std::string, std::string>> groups = {};
  auto operator<=>(const MarkKey&) const = default;
};

using Tally = std::map<MarkKey, std::int64_t>;

Tally TallyOf(const Journey& journey, const std::vector<ClockState>& clocks);

// What is in `after` and not in `before`, and (negative) the reverse.
Tally Difference(const Tally& after, const Tally& before);

using Marks = google::protobuf::RepeatedPtrField<pb::Mark>;
void AddMarks(const Tally& tally, Marks& to);
// What marks add to the counters, for a contact of these dimensions.
void CountMarks(const Marks& marks, const pb::Dimensions& dimensions,
                counters::Increments& to);
void CountTally(const Tally& tally, const pb::Dimensions& dimensions,
                counters::Increments& to);

}  // namespace seawall::referrals
