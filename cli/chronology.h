// A child's time line for people: by day what happened, who recorded it and
// why. What was voided is shown, marked as void.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>
#include <seawall/referrals/v1/journey.pb.h>

#include <ostream>

namespace seawall::cli {

using Entries =
    google::protobuf::RepeatedPtrField<referrals::v1::ChronologyEntry>;

void PrintTimeLine(const Entries& entries, std::ostream& out);

}  // namespace seawall::cli
