#include "cli/waiting_board.h"

#include <functional>

#include "cli/csv.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using namespace waiting::v1;  // NOLINT: every name below is of the contract

const char* Arrow(Trend trend) {
  switch (trend) {
    case TREND_UP:
      return " ↑";
    case TREND_DOWN:
      return " ↓";
    case TREND_SAME:
      return " =";
    default:
      return "";
  }
}

std::string Shown(const DashboardFigure& figure) {
  if (figure.value().empty()) return "unknown";
  return figure.value() + Arrow(figure.trend());
}

std::string ShownWaiting(const DashboardFigure& figure) {
  if (figure.value().empty()) return "unknown";
  return figure.value() +
         (figure.change().empty() ? "" : " (" + figure.change() + ")");
}

Table Headings(const GetDashboardResponse& board) {
  std::vector<Column> columns = {{"service", false, true},
                                 {"average weeks", true},
                                 {"longest weeks", true}};
  if (board.rows_size() > 0) {
    for (const DashboardFigure& over : board.rows(0).over()) {
      columns.push_back(
          {"over " + std::to_string(over.threshold_weeks()), true});
    }
  }
  columns.push_back({"waiting", true});
  columns.push_back({"median days", true});
  columns.push_back({"seen in month", true});
  return Table(std::move(columns));
}

void PrintPromises(const GetDashboardResponse& board, std::ostream& out) {
  for (const ServiceRow& row : board.rows()) {
    for (const PromiseState& promise : row.promises()) {
      out << "  " << row.name() << ": “" << promise.said() << "” — "
          << Word(promise.standing()) << ", " << promise.over_threshold()
          << " over " << promise.threshold_weeks() << " weeks\n";
    }
  }
}

void PrintBalance(const GetDashboardResponse& board, std::ostream& out) {
  std::int64_t residual = 0;
  for (const ServiceRow& row : board.rows()) {
    residual += std::abs(row.balance().residual());
  }
  out << (residual == 0 ? "The lists add up: opening + received − left − "
                          "closing = 0.\n"
                        : "THE LISTS DO NOT ADD UP by " +
                              std::to_string(residual) + ".\n");
}

}  // namespace

void PrintBoard(const GetDashboardResponse& board, std::ostream& out,
                int width) {
  Table table = Headings(board);
  for (const ServiceRow& row : board.rows()) {
    std::vector<std::string> cells = {row.name(), Shown(row.average_weeks()),
                                      Shown(row.longest_weeks())};
    for (const DashboardFigure& over : row.over()) cells.push_back(Shown(over));
    cells.push_back(ShownWaiting(row.waiting()));
    cells.push_back(row.percentiles_size() > 0 ? row.percentiles(0).exact_days()
                                               : "");
    cells.push_back(row.seen().value());
    table.Add(std::move(cells));
  }
  out << "Waiting lists of " << board.area() << " on " << board.census_date()
      << ", since " << board.before_date() << ", as known "
      << LondonTime(board.as_known_time()) << "\n\n";
  table.Print(out, width);
  out << '\n';
  PrintPromises(board, out);
  PrintBalance(board, out);
  for (const Definition& definition : board.definitions()) {
    out << "  " << Spaced(definition.id()) << " (version "
        << definition.version() << "): " << definition.text()
        << " Rounding: " << definition.rounding() << ".\n";
  }
}

void PrintBoardCsv(const GetDashboardResponse& board, std::ostream& out) {
  out << CsvLine({"area", "census_date", "as_known_time", "service", "clock",
                  "definition", "definition_version", "threshold_weeks",
                  "population", "n", "value", "value_before", "trend",
                  "change"});
  const auto line = [&](const ServiceRow& row, const DashboardFigure& figure) {
    const int weeks = figure.threshold_weeks();
    std::string csv =
        CsvLine({board.area(), board.census_date(),
                 FormatInstant(ToInstant(board.as_known_time())), row.service(),
                 row.clock(), figure.definition(),
                 std::to_string(figure.definition_version()),
                 weeks ? std::to_string(weeks) : "", Word(figure.population()),
                 std::to_string(figure.n()), figure.value(),
                 figure.value_before(), Word(figure.trend()), ""});
    // A signed change is a number of ours, not a spreadsheet's formula.
    csv.insert(csv.size() - 2, figure.change());
    out << csv;
  };
  for (const ServiceRow& row : board.rows()) {
    line(row, row.average_weeks());
    line(row, row.longest_weeks());
    for (const DashboardFigure& over : row.over()) line(row, over);
    line(row, row.waiting());
    if (!row.has_list()) continue;
    line(row, row.seen());
    line(row, row.seen_average_weeks());
  }
}

}  // namespace seawall::cli
