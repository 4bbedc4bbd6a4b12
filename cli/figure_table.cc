#include "cli/figure_table.h"

#include <charconv>

#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using common::v1::Figure;

// A decimal string with its thousands marked; the digits stay as published.
std::string Thousands(const std::string& decimal) {
  const std::size_t point = std::min(decimal.find('.'), decimal.size());
  std::int64_t whole = 0;
  const auto parsed =
      std::from_chars(decimal.data(), decimal.data() + point, whole);
  if (parsed.ptr != decimal.data() + point || parsed.ec != std::errc() ||
      (whole == 0 && decimal.starts_with("-")))
    return decimal;
  return Count(whole) + decimal.substr(point);
}

}  // namespace

std::string FigureValue(const Figure& figure) {
  if (!figure.symbol().empty()) return figure.symbol();
  const std::string value = Thousands(figure.value());
  if (figure.unit() == "percent") return value + "%";
  if (figure.unit() == "per_10000") return value + " per 10,000";
  if (figure.unit() == "days") return value + " days";
  return value;
}

std::string FigureCounts(const Figure& figure) {
  if (!figure.has_numerator() || !figure.has_denominator()) return "";
  return Count(figure.numerator()) + " of " + Count(figure.denominator());
}

Table FigureTable(const common::v1::GetFiguresResponse& response) {
  std::string group;
  for (const Figure& figure : response.figures())
    if (group.empty()) group = figure.group();
  Table table({{"measure", false, true},
               {Spaced(group)},
               {"value", true},
               {"counts", true},
               {"taken from"},
               {"as known"}});
  for (const Figure& figure : response.figures()) {
    const bool total = !group.empty() && figure.group().empty();
    table.Add({Spaced(figure.measure()), total ? "all" : figure.group_value(),
               FigureValue(figure), FigureCounts(figure), Word(figure.source()),
               LondonTime(figure.as_known_time())});
  }
  return table;
}

}  // namespace seawall::cli
