#include "cli/csv.h"

namespace seawall::cli {
namespace {

std::string Field(const std::string& text) {
  constexpr const char* kFormula = "=+-@\t\r";
  const bool formula =
      !text.empty() &&
      std::string_view(kFormula).find(text.front()) != std::string_view::npos;
  const std::string shown = formula ? "'" + text : text;
  if (shown.find_first_of(",\"\r\n") == std::string::npos) return shown;
  std::string quoted = "\"";
  for (const char c : shown) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i)
    line += (i > 0 ? "," : "") + Field(fields[i]);
  return line + "\r\n";
}

}  // namespace seawall::cli
