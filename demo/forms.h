// Forms: what a planned contact looks like on the wire, and the request that
// decides it. All words are invented and name nobody.
//
// Pure. How much an agency tells differs from agency to agency; the shares are
// invented, so that the table of quality has something to show.
#pragma once

#include <seawall/referrals/v1/referrals.pb.h>

#include <string>

#include "demo/plan.h"

namespace seawall::demo {

inline constexpr char kArea[] = "blackpool";

// A form of the past states when it was received; otherwise the server says.
enum class Received { kAsPlanned, kWhenPushed };

referrals::v1::SubmitContactRequest SubmitRequest(const People& people,
                                                  const PlannedForm& form,
                                                  Received received);

// Of the contact at that place of the form; it has a decision.
referrals::v1::DecideContactRequest DecideRequest(
    const PlannedForm& form, std::size_t contact,
    const std::string& contact_id);

// What stepping down rests on, with the views of these agencies.
referrals::v1::StepDown StepDownWith(const std::vector<std::string>& agencies);

}  // namespace seawall::demo
