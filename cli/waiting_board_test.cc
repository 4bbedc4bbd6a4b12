#include "cli/waiting_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace seawall::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

waiting::v1::GetDashboardResponse Board() {
  waiting::v1::GetDashboardResponse board;
  board.set_area("blackpool");
  board.set_census_date("2023-12-31");
  waiting::v1::ServiceRow& row = *board.add_rows();
  row.set_service("slt");
  row.set_clock("first_contact");
  row.set_has_list(true);
  row.mutable_waiting()->set_definition("waiting");
  row.mutable_waiting()->set_value("120");
  row.mutable_waiting()->set_change("-2");
  row.mutable_waiting()->set_n(120);
  auto& median = *row.add_percentiles();
  median.set_percentile("median");
  median.set_exact_days("84");
  median.set_binned_weeks("11.9");
  auto& bands = *row.add_bands();
  bands.set_scheme("chs-sitrep");
  bands.set_scheme_version(1);
  bands.add_bands()->set_most_days(7);
  bands.mutable_bands(0)->set_waiting(5);
  bands.add_bands()->set_least_days(8);
  row.mutable_balance()->set_opening(122);
  return board;
}

std::string Csv(const waiting::v1::GetDashboardResponse& board) {
  std::ostringstream out;
  PrintBoardCsv(board, out);
  return out.str();
}

TEST(BoardCsv, HasPercentilesBandsAndTheBalance) {
  const std::string csv = Csv(Board());
  EXPECT_THAT(csv, HasSubstr("percentile_days,,,waiting,120,84,,,,median\r\n"));
  EXPECT_THAT(csv,
              HasSubstr("percentile_weeks,,,waiting,120,11.9,,,,median\r\n"));
  EXPECT_THAT(csv, HasSubstr("chs-sitrep,1,,waiting,120,5,,,,0 to 7\r\n"));
  EXPECT_THAT(csv, HasSubstr("chs-sitrep,1,,waiting,120,0,,,,8 to \r\n"));
  EXPECT_THAT(csv, HasSubstr("balance,,,waiting,120,122,,,,opening\r\n"));
  EXPECT_THAT(csv, HasSubstr("balance,,,waiting,120,0,,,,residual\r\n"));
}

TEST(BoardCsv, EveryLineHasAsManyFieldsAndAChangeStaysANumber) {
  const std::string csv = Csv(Board());
  EXPECT_THAT(csv, HasSubstr(",120,120,,,-2,\r\n"));
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), 14) << line;
  }
}

TEST(BoardCsv, AListOnPaperHasNoMoreThanUnknownFigures) {
  auto board = Board();
  board.mutable_rows(0)->set_has_list(false);
  EXPECT_THAT(Csv(board), Not(HasSubstr("balance")));
}

}  // namespace
}  // namespace seawall::cli
