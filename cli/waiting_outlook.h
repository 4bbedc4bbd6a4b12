// seawall waiting capacity, forecast, what-if: what a list needs and where it
// goes.
#pragma once

#include "cli/command.h"

namespace seawall::cli {

// Below the group of AddWaiting.
void AddWaitingOutlook(const Commands& commands, CLI::App& group);

}  // namespace seawall::cli
