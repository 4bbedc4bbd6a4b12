// What an episode of a children in need census tells, as steps: pure reading,
// for the import.
//
// Days are compared as days, whatever time is behind them. What has no place in
// the records is told by a warning, what is none at all by a refusal; both name
// the field of the message.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/codes.h"
#include "libs/census/rules.h"
#include "seawall/referrals/v1/journey.pb.h"
#include "services/referrals/journey.h"

namespace seawall::referrals {

namespace pb = ::seawall::referrals::v1;

struct Incoming {
  Step step;
  std::string field;
};

// What stands or falls together: an assessment, an enquiry with its conference,
// a plan with its reviews, a conference of a child who moved in, the closure.
// The first step begins it, unless that is in the records already.
struct Thing {
  std::vector<Incoming> steps;
  Date since;  // the day on which it began
};

// An episode of the file: what is new of it.
struct FileEpisode {
  std::string path;  // "episodes[0]"
  Date referred;
  std::string source, need;
  std::vector<Thing> things;  // by the day on which they began
  std::optional<Incoming> closure;
};

// What a census return is judged by: the codes, today, and its year where it
// is known.
struct CensusBasis {
  const CodeSets& codes;
  Date today;
  std::optional<census::Period> period = {};
};

// The episode with everything it tells, as it would be in empty records.
FileEpisode ReadEpisode(const pb::CensusEpisode& from, const std::string& path,
                        Date referred, const CensusBasis& basis,
                        pb::ImportChildResponse& report);

// Leaves in `episode` what the journey does not have. Counts what it has, and
// tells where the file says otherwise: what is there stays. Two things of one
// day are two. Steps of things that are there get the thing's id, others that
// of `next_id`.
void LeaveWhatIsThere(
    const Journey& journey,
    const std::function<std::string(StepKind begins)>& next_id,
    FileEpisode& episode, pb::ImportChildResponse& report);

// How well the episode of a file fits one of the records of the same day:
// source, need, closure.
int Likeness(const FileEpisode& episode, const Journey& journey);

// The steps in the order in which they happened. On one day an end comes before
// a beginning, but of what began on that day; the closure is last.
std::vector<Incoming> StepsInOrder(const FileEpisode& episode);

// The last day that the child's episodes name; none without any.
std::optional<Date> LastDay(const pb::CensusChild& child);

// ---- telling ----

void Refuse(const std::string& field, const Error& error,
            pb::ImportChildResponse& report);
void Warn(const std::string& field, const char* reason, const char* words,
          pb::ImportChildResponse& report);

}  // namespace seawall::referrals
