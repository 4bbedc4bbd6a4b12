// The reasons that the libs may refuse a call for: stable, closed, each with
// the code it comes with and what it means. A service adds its own through
// Domain::reasons. tests/golden/reasons.txt is made from this list.
#pragma once

#include <string_view>
#include <vector>

namespace seawall::rpc {

struct Reason {
  std::string_view name;
  std::string_view meaning;
};

// Sorted by name.
const std::vector<Reason>& Reasons();

// What a reason outside of all lists is counted as.
inline constexpr std::string_view kOtherReason = "OTHER";

}  // namespace seawall::rpc
