// Below `seawall waiting`: one referral with all that happened to it, who is
// the same child, and transfers between providers.
#pragma once

#include "cli/command.h"

namespace seawall::cli {

void AddWaitingChild(const Commands& commands, CLI::App& group);

}  // namespace seawall::cli
