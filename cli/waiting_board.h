// The dashboard of the waiting lists, as its board reads it.
#pragma once

#include <seawall/waiting/v1/waiting.pb.h>

#include <ostream>

namespace seawall::cli {

// A row a service: average, longest, over each threshold, waiting; each with
// its arrow or change since the month before; definitions as footnotes.
void PrintBoard(const waiting::v1::GetDashboardResponse& board,
                std::ostream& out, int width);

// The same as CSV, a line a figure, each with its definition, population and n;
// then percentiles, bands and the balance, whose `detail` says which.
void PrintBoardCsv(const waiting::v1::GetDashboardResponse& board,
                   std::ostream& out);

}  // namespace seawall::cli
