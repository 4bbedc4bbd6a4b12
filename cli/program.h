// The program: flags, commands, and the exit code they end with.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"

namespace seawall::cli {

// `arguments` without the program's name. Never throws; what is wrong is said
// on the console's error stream.
int Run(const World& world, std::vector<std::string> arguments);

}  // namespace seawall::cli
