// A line of comma-separated values, RFC 4180.
#pragma once

#include <string>
#include <vector>

namespace seawall::cli {

// With its CR LF. A field with a comma, a quote or a line break is quoted. Text
// that a spreadsheet would take for a formula gets an apostrophe before it.
std::string CsvLine(const std::vector<std::string>& fields);

}  // namespace seawall::cli
