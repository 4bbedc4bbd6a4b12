// Figures as a table: value, and the counts behind it. For the command line and
// the demo.
#pragma once

#include <seawall/common/v1/figures.pb.h>

#include <string>

#include "cli/table.h"

namespace seawall::cli {

// "9,798", "27.8%", "953.0 per 10,000", or the symbol that stands for it.
std::string FigureValue(const common::v1::Figure& figure);
// "2,726 of 9,798"; empty for plain counts.
std::string FigureCounts(const common::v1::Figure& figure);

Table FigureTable(const common::v1::GetFiguresResponse& response);

}  // namespace seawall::cli
