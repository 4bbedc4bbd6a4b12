// Details: what a referral says of the child, how the family may be spoken to,
// and flags; and what is different in what is said again. Pure.
//
// Every referral and amendment states some of them. What holds is all that was
// stated and not taken back, in the order in which it was recorded.
#pragma once

#include <string>
#include <vector>

#include "seawall/waiting/v1/waiting.pb.h"

namespace seawall::waiting {

namespace pb = v1;

// Takes over what is stated and answers with the paths of what that changed,
// such as `referral.child.date_of_birth`. What is not stated stays. The later
// word wins, but what protects is only ever added to: routes that must never be
// used, a young person who decides alone, flags.
std::vector<std::string> Merge(const pb::Referral& stated,
                               pb::Referral& details);

// Paths of the fields in which two messages differ; flags in any order.
std::vector<std::string> Differences(const google::protobuf::Message& one,
                                     const google::protobuf::Message& other,
                                     const std::string& path = "");

// Whether a path is one that Merge takes over.
bool IsDetail(const std::string& path);

// What was said beside the codes: a note, a reason, a risk review.
std::string TextOf(const pb::Event& said);

}  // namespace seawall::waiting
