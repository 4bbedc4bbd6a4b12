// A program that the client calls for help, such as xmllint.
#pragma once

#include <string>
#include <vector>

#include "libs/base/error.h"

namespace seawall::cli {

struct ToolResult {
  int exit_code = 0;
  std::string output;  // stdout and stderr, as they came
};

// Runs it to its end, found in PATH, without a shell. USAGE where it cannot be
// started.
Result<ToolResult> RunTool(const std::vector<std::string>& words);

}  // namespace seawall::cli
