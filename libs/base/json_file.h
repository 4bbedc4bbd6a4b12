// Reading a data file: JSON in, or an Error that names the file and what is
// wrong with it. Never throws; callable from any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "libs/base/error.h"

namespace seawall {

// kFailedPrecondition with the given reason when the file cannot be read or is
// not JSON.
Result<nlohmann::json> ReadJsonFile(const std::string& path,
                                    const std::string& reason);

}  // namespace seawall
