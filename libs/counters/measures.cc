#include "libs/counters/measures.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "libs/base/rounding.h"
#include "libs/counters/buckets.h"
#include "libs/counters/suppression.h"

namespace seawall::counters {

namespace {

constexpr char kPopulation[] = "population";
constexpr char kUnknownValue[] = "unknown";
// Beyond this a period is a mistake, and would ask for too many counters.
constexpr std::chrono::days kLongestPeriod{366 * 50};

using Numbers = std::vector<std::optional<std::int64_t>>;

// One place of the answer: the total, a part of the period, or a group value.
struct Cell {
  std::string group;
  std::string value;
  Date start;
  Date end;
  std::string suffix;  // `source=6`
};

// What is counted for every cell: a family, restricted to one group value or
// not.
struct Column {
  Kind kind;
  std::string family;
  std::string restriction;
  std::string less = {};
  int older_than_days = 0;
  auto operator<=>(const Column&) const = default;
};

bool IsPeriod(const std::string& group) {
  return group == "month" || group == "quarter";
}

// ---- what is asked ----

Result<void> CheckPeriod(const FiguresQuery& query) {
  if (query.start <= query.end && query.end - query.start <= kLongestPeriod) {
    return {};
  }
  return Error{Code::kInvalidArgument,
               "BAD_PERIOD",
               "the period must end on or after its first day and be no longer "
               "than 50 years",
               {{"end_date", "before start_date, or too far from it"}}};
}

Error UnknownGroup(const std::string& message) {
  return Error{Code::kInvalidArgument,
               "UNKNOWN_GROUP",
               message,
               {{"group_by", "not a group of what is asked for"}}};
}

const Group* FindGroup(const Definitions& definitions,
                       const std::string& name) {
  for (const Group& group : definitions.groups) {
    if (group.name == name) return &group;
  }
  return nullptr;
}

// A stock is what is open now: it has no months. What is already restricted to
// one group value is not counted by another group as well.
bool CanGroup(const Measure& measure, const std::string& group) {
  if (group.empty()) return true;
  if (IsPeriod(group)) return measure.kind == Kind::kFlow;
  return measure.numerator_group.empty() && measure.denominator_group.empty() &&
         std::find(measure.groups.begin(), measure.groups.end(), group) !=
             measure.groups.end();
}

// "month, quarter, need": what a measure, or any, can be grouped by.
std::string GroupsThatFit(const Definitions& definitions,
                          const Measure* of = nullptr) {
  std::vector<std::string> names = {"month", "quarter"};
  for (const Group& group : definitions.groups) names.push_back(group.name);
  std::string fit;
  for (const std::string& name : names) {
    const bool any = std::any_of(
        definitions.measures.begin(), definitions.measures.end(),
        [&](const Measure& one) {
          return (of == nullptr || of == &one) && CanGroup(one, name);
        });
    if (any) fit += (fit.empty() ? "" : ", ") + name;
  }
  return fit.empty() ? "nothing" : fit;
}

Result<std::vector<const Measure*>> AllMeasures(const Definitions& definitions,
                                                const FiguresQuery& query) {
  std::vector<const Measure*> chosen;
  for (const Measure& measure : definitions.measures) {
    if (CanGroup(measure, query.group_by)) chosen.push_back(&measure);
  }
  if (chosen.empty()) {
    return UnknownGroup("no measure can be grouped by that, but by " +
                        GroupsThatFit(definitions));
  }
  return chosen;
}

Result<std::vector<const Measure*>> ChooseMeasures(
    const Definitions& definitions, const FiguresQuery& query) {
  if (query.measures.empty()) return AllMeasures(definitions, query);
  std::vector<const Measure*> chosen;
  for (std::size_t i = 0; i < query.measures.size(); ++i) {
    const auto found = std::find_if(
        definitions.measures.begin(), definitions.measures.end(),
        [&](const Measure& one) { return one.id == query.measures[i]; });
    if (found == definitions.measures.end()) {
      return Error{Code::kInvalidArgument,
                   "UNKNOWN_MEASURE",
                   "a measure is unknown; see ListMeasures",
                   {{"measures[" + std::to_string(i) + "]", "unknown"}}};
    }
    if (!CanGroup(*found, query.group_by)) {
      return UnknownGroup("measure '" + found->id +
                          "' cannot be grouped by that, but by " +
                          GroupsThatFit(definitions, &*found));
    }
    chosen.push_back(&*found);
  }
  return chosen;
}

// The total first.
Result<std::vector<Cell>> MakeCells(const Definitions& definitions,
                                    const FiguresQuery& query) {
  std::vector<Cell> cells{{"", "", query.start, query.end, ""}};
  const std::string& group = query.group_by;
  if (group.empty()) return cells;
  if (IsPeriod(group)) {
    const auto periods = group == "month" ? Months(query.start, query.end)
                                          : Quarters(query.start, query.end);
    for (const Period& part : periods) {
      cells.push_back({group, part.label, part.start, part.end, ""});
    }
    return cells;
  }
  const Group* found = FindGroup(definitions, group);
  if (found == nullptr) return UnknownGroup("that is no group");
  std::vector<std::string> values = found->values;
  if (values.empty() || values.back() != kUnknownValue) {
    values.push_back(kUnknownValue);
  }
  for (const std::string& value : values) {
    cells.push_back(
        {group, value, query.start, query.end, group + "=" + value});
  }
  return cells;
}

Column NumeratorOf(const Measure& measure) {
  return {measure.kind, measure.numerator, measure.numerator_group,
          measure.less, measure.older_than_days};
}

// A share of what is overdue is one of what is open.
std::optional<Column> DenominatorOf(const Measure& measure) {
  if (measure.denominator.empty() || measure.denominator == kPopulation) {
    return std::nullopt;
  }
  const Kind kind = measure.kind == Kind::kFlow ? Kind::kFlow : Kind::kStock;
  return Column{kind, measure.denominator, measure.denominator_group};
}

std::set<Column> ColumnsOf(const std::vector<const Measure*>& measures) {
  std::set<Column> columns;
  for (const Measure* measure : measures) {
    columns.insert(NumeratorOf(*measure));
    if (auto denominator = DenominatorOf(*measure)) {
      columns.insert(*std::move(denominator));
    }
  }
  return columns;
}

// ---- reading the columns ----

std::string SuffixOf(const Column& column, const Cell& cell) {
  return column.restriction.empty() ? cell.suffix : column.restriction;
}

// No child's journey began so long before the census, and nothing is due so
// long after it: the census lies at most 20 years back (libs/rpc/figures.cc).
constexpr int kFarMonths = 12 * 25;

// Sums of counters, collected first and read in one call.
class Sums {
 public:
  explicit Sums(const FiguresQuery& query)
      : census_(query.census), first_(query.start), last_(query.end) {}

  void Add(const Column& column, const Cell& cell) {
    Sum& sum = sums_[column].emplace_back();
    const std::string suffix = SuffixOf(column, cell);
    if (column.kind == Kind::kFlow) {
      AddPeriod(sum, column.family, cell.start, cell.end, suffix, 1);
    } else if (column.kind == Kind::kStanding) {
      const Date first = LastOfReportingYear(AddMonths(census_, -kFarMonths)) +
                         std::chrono::days(1);
      AddPeriod(sum, column.family, first, census_, suffix, 1);
      AddPeriod(sum, column.less, first, census_, suffix, -1);
    } else {
      AddTerm(sum, CounterName(column.family, "total", suffix), 1);
      if (column.kind == Kind::kOverdue) AddNotDue(sum, column, suffix);
    }
  }

  Result<std::map<Column, Numbers>> Read(const ValueSource& source) const {
    std::map<Column, Numbers> result;
    if (names_.empty()) return result;
    TRY(const std::vector<std::int64_t> values,
        source(Asked{names_, first_, last_}));
    for (const auto& [column, cells] : sums_) {
      for (const Sum& sum : cells) {
        std::int64_t number = 0;
        for (const Term& term : sum) number += term.sign * values[term.at];
        result[column].push_back(number);
      }
    }
    return result;
  }

 private:
  struct Term {
    std::size_t at;
    int sign;
  };
  using Sum = std::vector<Term>;

  void AddNotDue(Sum& sum, const Column& column, const std::string& suffix) {
    const Date from = census_ - std::chrono::days(column.older_than_days);
    AddPeriod(sum, column.family, from,
              LastOfReportingYear(AddMonths(from, kFarMonths)), suffix, -1,
              "due=");
  }

  void AddPeriod(Sum& sum, const std::string& family, Date start, Date end,
                 const std::string& suffix, int sign,
                 const std::string& prefix = "") {
    first_ = std::min(first_, start);
    last_ = std::max(last_, end);
    const auto [buckets, is_new] = buckets_.try_emplace({start, end});
    if (is_new) buckets->second = Buckets(start, end);
    for (const std::string& bucket : buckets->second) {
      AddTerm(sum, CounterName(family, prefix + bucket, suffix), sign);
    }
  }

  void AddTerm(Sum& sum, std::string name, int sign) {
    const auto [at, is_new] = index_.try_emplace(name, names_.size());
    if (is_new) names_.push_back(std::move(name));
    sum.push_back({at->second, sign});
  }

  const Date census_;
  Date first_, last_;
  std::map<std::pair<Date, Date>, std::vector<std::string>> buckets_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> index_;
  std::map<Column, std::vector<Sum>> sums_;
};

// One call, however many columns: it is a round trip to the counters, or a
// reading of all records, and everything is as of one moment.
Result<std::map<Column, Numbers>> ReadColumns(const std::set<Column>& columns,
                                              const std::vector<Cell>& cells,
                                              const FiguresQuery& query,
                                              const ValueSource& source) {
  Sums sums(query);
  for (const Column& column : columns) {
    for (const Cell& cell : cells) sums.Add(column, cell);
  }
  return sums.Read(source);
}

// ---- figures ----

std::int64_t TimesOf(const std::string& unit) {
  if (unit == "percent") return 100;
  if (unit == "per_10000") return 10000;
  return 1;
}

// The children of the reporting year the cell lies in; none if it lies in two.
std::optional<std::int64_t> ChildrenOf(const Populations& populations,
                                       const std::string& area,
                                       const Cell& cell) {
  const std::string year = ReportingYear(cell.start);
  if (year != ReportingYear(cell.end)) return std::nullopt;
  const auto population = populations.Find(area, year);
  if (!population) return std::nullopt;
  return population->children;
}

class Table {
 public:
  using Hidden = std::map<Column, std::vector<bool>>;
  // `hidden`: by column and not by measure, as the same number is hidden or
  // shown whichever measure it is a part of.
  Table(const Populations& populations, const FiguresQuery& query,
        const std::vector<Cell>& cells, std::map<Column, Numbers> columns,
        Hidden hidden = {})
      : populations_(populations),
        query_(query),
        cells_(cells),
        columns_(std::move(columns)),
        hidden_(std::move(hidden)) {}

  Figure FigureOf(const Measure& measure, std::size_t cell) const {
    Figure figure = Empty(measure, cells_[cell]);
    const Number numerator = Look(NumeratorOf(measure), cell);
    const Number denominator = Denominator(measure, cell);
    const bool is_count = measure.denominator.empty();
    if (!numerator.hidden) figure.numerator = numerator.value;
    if (!is_count && !denominator.hidden)
      figure.denominator = denominator.value;
    if (numerator.hidden || denominator.hidden) {
      figure.symbol = "c";
    } else if (!numerator.value || !denominator.value) {
      figure.symbol = "x";
    } else if (*denominator.value == 0) {
      figure.symbol = "z";
    } else {
      figure.value =
          Ratio(*numerator.value, *denominator.value,
                is_count ? 1 : TimesOf(measure.unit), measure.decimal_places);
    }
    return figure;
  }

 private:
  struct Number {
    std::optional<std::int64_t> value;
    bool hidden = false;
  };

  Figure Empty(const Measure& measure, const Cell& cell) const {
    return {.measure = measure.id,
            .version = measure.version,
            .unit = measure.unit,
            .decimal_places = measure.decimal_places,
            .group = cell.group,
            .group_value = cell.value,
            .start = cell.start,
            .end = cell.end};
  }

  Number Look(const Column& column, std::size_t cell) const {
    const auto hidden = hidden_.find(column);
    return {columns_.at(column)[cell],
            hidden != hidden_.end() && hidden->second[cell]};
  }

  Number Denominator(const Measure& measure, std::size_t cell) const {
    if (measure.denominator.empty()) return {1};
    if (measure.denominator == kPopulation) {
      return {ChildrenOf(populations_, query_.area, cells_[cell])};
    }
    return Look(*DenominatorOf(measure), cell);
  }

  const Populations& populations_;
  const FiguresQuery& query_;
  const std::vector<Cell>& cells_;
  const std::map<Column, Numbers> columns_;
  const Hidden hidden_;
};

std::vector<Figure> FiguresOf(const std::vector<const Measure*>& measures,
                              const std::vector<Cell>& cells,
                              const Table& table) {
  std::vector<Figure> figures;
  for (const Measure* measure : measures) {
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
      figures.push_back(table.FigureOf(*measure, cell));
    }
  }
  return figures;
}

// ---- what is published ----

// A column without its restriction: what is counted, and split.
Column SeriesOf(Column column) {
  column.restriction.clear();
  return column;
}

void AddGroup(const Definitions& definitions, const std::string& group,
              const std::string& suffix,
              std::map<std::string, std::vector<std::string>>& splits) {
  const auto [split, is_new] = splits.try_emplace(group);
  const auto add = [&, &suffixes = split->second](const std::string& one) {
    if (std::find(suffixes.begin(), suffixes.end(), one) == suffixes.end())
      suffixes.push_back(one);
  };
  if (is_new) {
    const Group* found = FindGroup(definitions, group);
    for (const std::string& value :
         found ? found->values : std::vector<std::string>())
      add(group + "=" + value);
    add(group + "=" + kUnknownValue);
  }
  if (!suffix.empty()) add(suffix);
}

// All ways in which the series can be asked: hidden together, or one would give
// away what another hides.
std::map<std::string, std::vector<std::string>> SplitsOf(
    const Definitions& definitions, const Column& series) {
  std::map<std::string, std::vector<std::string>> splits;
  for (const Measure& measure : definitions.measures) {
    std::vector<Column> columns{NumeratorOf(measure)};
    if (auto denominator = DenominatorOf(measure))
      columns.push_back(*std::move(denominator));
    for (const Column& column : columns) {
      if (SeriesOf(column) != series) continue;
      const std::string& suffix = column.restriction;
      if (!suffix.empty())
        AddGroup(definitions, suffix.substr(0, suffix.find('=')), suffix,
                 splits);
      for (const std::string& group : measure.groups)
        if (CanGroup(measure, group)) AddGroup(definitions, group, "", splits);
    }
  }
  return splits;
}

// One series, in all months of a period or, where time has no part in it, once.
class PublishedSeries {
 public:
  PublishedSeries(const Definitions& definitions, Column series,
                  const FiguresQuery& query)
      : series_(std::move(series)), query_(query) {
    std::vector<std::size_t> sizes;
    std::size_t next = 1;
    for (const auto& [group, suffixes] : SplitsOf(definitions, series_)) {
      for (const std::string& suffix : suffixes) cells_[suffix] = next++;
      // What is in none of them; never shown.
      sizes.push_back(suffixes.size() + 1);
      rests_.push_back({next - suffixes.size(), next});
      next++;
    }
    width_ = next;
    months_ = series_.kind == Kind::kFlow
                  ? Months(query.start, query.end)
                  : std::vector<Period>{{"", query.start, query.end}};
    tables_.emplace(months_.size(), sizes);
  }

  void Ask(Sums& sums) const {
    for (const Period& month : months_) {
      sums.Add(series_, Cell{"", "", month.start, month.end, ""});
      for (const auto& [suffix, cell] : cells_)
        sums.Add(series_, Cell{"", "", month.start, month.end, suffix});
    }
  }

  // `numbers` in the order of Ask.
  void Publish(const Numbers& numbers, Date known, bool last) {
    std::vector<Suppression::Row> rows;
    auto number = numbers.begin();
    for (const Period& month : months_) {
      Suppression::Row row(width_);
      row[0] = **number++;
      for (const auto& [suffix, cell] : cells_) row[cell] = **number++;
      for (const auto& [first, rest] : rests_)
        row[rest] = std::max<std::int64_t>(
            0, row[0] - std::accumulate(row.begin() + first, row.begin() + rest,
                                        std::int64_t{0}));
      if (IsOut(month, known, last)) rows.push_back(std::move(row));
    }
    tables_->Publish(std::move(rows));
  }

  std::pair<std::int64_t, bool> Look(const Cell& cell,
                                     const std::string& suffix) const {
    const std::size_t node = NodeOf(cell);
    const std::size_t at = suffix.empty() ? 0 : cells_.at(suffix);
    return {tables_->number(node, at), tables_->hidden(node, at)};
  }

 private:
  // What is open as known at one time, and what at another, are two things.
  bool IsOut(const Period& month, Date known, bool last) const {
    if (series_.kind == Kind::kFlow) return month.end <= known;
    return last || (series_.kind != Kind::kStock && query_.census <= known);
  }

  std::size_t NodeOf(const Cell& cell) const {
    if (cell.start == query_.start && cell.end == query_.end)
      return tables_->nodes() - 1;
    std::size_t month = 0;
    while (months_[month].start != cell.start) month++;
    if (months_[month].end == cell.end) return month;
    return months_.size() + month / 3;
  }

  const Column series_;
  const FiguresQuery& query_;
  std::map<std::string, std::size_t> cells_;  // by suffix
  // Of each split: its first cell, and the place of the rest behind its last.
  std::vector<std::pair<std::size_t, std::size_t>> rests_;
  std::size_t width_ = 1;
  std::vector<Period> months_;
  std::optional<Suppression> tables_;
};

using AllSeries = std::map<Column, PublishedSeries>;

Result<void> Publish(const FiguresQuery& query,
                     const std::vector<Release>& releases, AllSeries& all) {
  Sums sums(query);
  for (const auto& [column, series] : all) series.Ask(sums);
  for (const Release& release : releases) {
    TRY(const auto numbers, sums.Read(release.source));
    for (auto& [column, series] : all)
      series.Publish(numbers.at(column), release.known,
                     &release == &releases.back());
  }
  return {};
}

Error NotWhole(const char* field, const char* why) {
  return Error{Code::kInvalidArgument, "PERIOD_NOT_WHOLE", why, {{field, why}}};
}

bool IsPublishedPeriod(Date start, Date end) {
  if (!IsOfMonths(start, end)) return false;
  const std::size_t months = Months(start, end).size();
  return months == 1 || (months == 3 && Quarters(start, end).size() == 1) ||
         (months == 12 && LastOfReportingYear(start) == end);
}

}  // namespace

bool IsMonthEnd(Date day) {
  return MonthEndBefore(day + std::chrono::days(1)) == day;
}

bool IsOfMonths(Date start, Date end) {
  return IsMonthEnd(start - std::chrono::days(1)) && IsMonthEnd(end);
}

Result<std::vector<Date>> ReleasesOf(const FiguresQuery& query, Date known) {
  if (!IsMonthEnd(known))
    return NotWhole("as_known_time", "must be the end of a month");
  if (!IsMonthEnd(query.census))
    return NotWhole("census_date", "must be the last day of a month");
  TRY_VOID(CheckPeriod(query));
  if (!IsPublishedPeriod(query.start, query.end))
    return NotWhole("end_date",
                    "with start_date must make one whole month, quarter or "
                    "reporting year");
  if (query.end > known)
    return NotWhole("end_date", "the period was not over by then");
  std::vector<Date> releases;
  const Date first = AddMonths(query.start, 1) - std::chrono::days(1);
  for (Date day = std::min({first, query.census, known}); day <= known;
       day = AddMonths(day + std::chrono::days(1), 1) - std::chrono::days(1))
    releases.push_back(day);
  return releases;
}

Result<std::vector<Figure>> ComputePublished(
    const Definitions& definitions, const Populations& populations,
    const FiguresQuery& query, const std::vector<Release>& releases) {
  TRY(const auto cells, MakeCells(definitions, query));
  TRY(const auto measures, ChooseMeasures(definitions, query));
  AllSeries all;
  const auto asked = ColumnsOf(measures);
  for (const Column& column : asked)
    all.try_emplace(SeriesOf(column), definitions, SeriesOf(column), query);
  TRY_VOID(Publish(query, releases, all));
  std::map<Column, Numbers> columns;
  Table::Hidden hidden;
  for (const Column& column : asked) {
    const PublishedSeries& series = all.at(SeriesOf(column));
    for (const Cell& cell : cells) {
      const auto [number, is_hidden] =
          series.Look(cell, SuffixOf(column, cell));
      columns[column].push_back(number);
      hidden[column].push_back(is_hidden);
    }
  }
  return FiguresOf(
      measures, cells,
      Table(populations, query, cells, std::move(columns), std::move(hidden)));
}

Result<std::vector<Figure>> ComputeFigures(const Definitions& definitions,
                                           const Populations& populations,
                                           const FiguresQuery& query,
                                           const ValueSource& source) {
  TRY_VOID(CheckPeriod(query));
  TRY(const auto cells, MakeCells(definitions, query));
  TRY(const auto measures, ChooseMeasures(definitions, query));
  TRY(auto columns, ReadColumns(ColumnsOf(measures), cells, query, source));
  return FiguresOf(measures, cells,
                   Table(populations, query, cells, std::move(columns)));
}

ValueSource FromCounters(Projector& projector, const std::string& area,
                         std::int64_t& behind) {
  return [&projector, area,
          &behind](const Asked& asked) -> Result<std::vector<std::int64_t>> {
    TRY(Projector::View view, projector.Read(area, asked.names));
    behind = std::max(behind, view.behind);
    return std::move(view.values);
  };
}

ValueSource FromRecords(const Definitions& definitions, store::Reader& reader,
                        const std::string& area, std::int64_t position) {
  return [&definitions, &reader, area,
          position](const Asked& asked) -> Result<std::vector<std::int64_t>> {
    TRY(const Increments recorded,
        definitions.records(reader,
                            Slice{area, position, asked.first, asked.last}));
    std::vector<std::int64_t> values;
    values.reserve(asked.names.size());
    for (const std::string& name : asked.names) {
      const auto found = recorded.find(name);
      values.push_back(found == recorded.end() ? 0 : found->second);
    }
    return values;
  };
}

}  // namespace seawall::counters
