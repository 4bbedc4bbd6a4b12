#include "libs/base/json_file.h"

#include <fstream>

namespace seawall {

Result<nlohmann::json> ReadJsonFile(const std::string& path,
                                    const std::string& reason) {
  std::ifstream file(path);
  if (!file) {
    return Error{Code::kFailedPrecondition, reason,
                 path + " cannot be opened; check the path and its rights"};
  }
  auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return Error{Code::kFailedPrecondition, reason,
                 path + " is not JSON; restore it from the release"};
  }
  return json;
}

}  // namespace seawall
