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

// A service's lines of the export.
class BoardCsv {
 public:
  BoardCsv(const GetDashboardResponse& board, const ServiceRow& row,
           std::ostream& out)
      : board_(board), row_(row), out_(out) {}

  void Figure(const DashboardFigure& figure) {
    Line(figure, Word(figure.trend()), "");
  }

  void Percentiles() {
    for (const Percentile& one : row_.percentiles()) {
      Plain("percentile_days", 0, one.exact_days(), one.percentile());
      Plain("percentile_weeks", 0, one.binned_weeks(), one.percentile());
    }
  }

  // Their definition is the scheme; the detail is from which day to which.
  void Bands() {
    for (const BandTable& table : row_.bands()) {
      for (const Band& band : table.bands()) {
        const std::string most =
            band.has_most_days() ? std::to_string(band.most_days()) : "";
        Plain(table.scheme(), table.scheme_version(),
              std::to_string(band.waiting()),
              std::to_string(band.least_days()) + " to " + most);
      }
    }
  }

  void Balance() {
    const BalanceRow& balance = row_.balance();
    const google::protobuf::Descriptor& fields = *BalanceRow::descriptor();
    for (int i = 0; i < fields.field_count(); ++i) {
      Plain("balance", 0,
            std::to_string(
                balance.GetReflection()->GetInt64(balance, fields.field(i))),
            fields.field(i)->name());
    }
  }

 private:
  void Plain(const std::string& definition, int version,
             const std::string& value, const std::string& detail) {
    DashboardFigure figure;
    figure.set_definition(definition);
    figure.set_definition_version(version);
    figure.set_population(POPULATION_WAITING);
    figure.set_n(row_.waiting().n());
    figure.set_value(value);
    Line(figure, "", detail);
  }

  void Line(const DashboardFigure& figure, const std::string& trend,
            const std::string& detail) {
    const auto or_none = [](int number) {
      return number ? std::to_string(number) : "";
    };
    const std::string before =
        CsvLine({board_.area(), board_.census_date(),
                 FormatInstant(ToInstant(board_.as_known_time())),
                 row_.service(), row_.clock(), figure.definition(),
                 or_none(figure.definition_version()),
                 or_none(figure.threshold_weeks()), Word(figure.population()),
                 std::to_string(figure.n()), figure.value(),
                 figure.value_before(), trend});
    // A signed change is a number of ours, not a spreadsheet's formula.
    out_ << before.substr(0, before.size() - 2) << ',' << figure.change() << ','
         << CsvLine({detail});
  }

  const GetDashboardResponse& board_;
  const ServiceRow& row_;
  std::ostream& out_;
};

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
                  "population", "n", "value", "value_before", "trend", "change",
                  "detail"});
  for (const ServiceRow& row : board.rows()) {
    BoardCsv csv(board, row, out);
    csv.Figure(row.average_weeks());
    csv.Figure(row.longest_weeks());
    for (const DashboardFigure& over : row.over()) csv.Figure(over);
    csv.Figure(row.waiting());
    if (!row.has_list()) continue;
    csv.Figure(row.seen());
    csv.Figure(row.seen_average_weeks());
    csv.Percentiles();
    csv.Bands();
    csv.Balance();
  }
}

}  // namespace seawall::cli
