// Step forms: what a planned step looks like on the wire, and the closing of an
// episode. All words are invented and name nobody.
//
// Pure; the same step always has the same request id.
#pragma once

#include <seawall/referrals/v1/journey.pb.h>

#include <string>

#include "demo/pathway_plan.h"

namespace seawall::demo {

// `form` is the pathway's.
referrals::v1::RecordStepRequest StepRequest(const PlannedForm& form,
                                             const Pathway& pathway,
                                             std::size_t step,
                                             const std::string& episode_id);

// It has ended.
referrals::v1::CloseEpisodeRequest CloseRequest(const PlannedForm& form,
                                                const Pathway& pathway,
                                                const std::string& episode_id);

}  // namespace seawall::demo
