// People and agencies as flags name them.
#pragma once

#include <seawall/referrals/v1/journey.pb.h>

#include <string>
#include <utility>

#include "libs/base/error.h"

namespace seawall::cli {

// "police/p-12/sergeant"; the role, or person and role, may be missing. USAGE.
Result<referrals::v1::Participant> ParseParticipant(const std::string& flag,
                                                    const std::string& text);

// "name=text", parted at the first "=". USAGE where there is none or no name.
Result<std::pair<std::string, std::string>> ParsePair(const std::string& flag,
                                                      const std::string& text);

}  // namespace seawall::cli
