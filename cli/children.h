// EachChild: the children of a period, page by page, for what is made from
// them.
#pragma once

#include <seawall/referrals/v1/journey.pb.h>

#include <functional>

#include "cli/session.h"
#include "libs/base/civil.h"

namespace seawall::cli {

// Asks the server for everybody with a contact received or an episode open from
// `start` to `end`, and shows each in turn. Holds one page at a time. An error
// of the server or of `take` ends it.
Result<void> EachChild(
    Session& session, Date start, Date end,
    const std::function<Result<void>(referrals::v1::ChildRecord)>& take);

}  // namespace seawall::cli
