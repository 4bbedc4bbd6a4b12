// A child's time line for people: by day what happened, who recorded it and
// why. What was voided is shown, marked as void.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>
#include <seawall/referrals/v1/journey.pb.h>

#include <ostream>

#include "cli/session.h"

namespace seawall::cli {

using Entries =
    google::protobuf::RepeatedPtrField<referrals::v1::ChronologyEntry>;

// All pages of a child's chronology, the oldest entry first.
Result<referrals::v1::GetChronologyResponse> AskChronology(
    Session& session, const std::string& subject);

void PrintTimeLine(const Entries& entries, std::ostream& out);

}  // namespace seawall::cli
