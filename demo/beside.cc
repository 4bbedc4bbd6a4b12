#include "demo/beside.h"

#include "cli/text.h"
#include "demo/published.h"
#include "libs/base/rounding.h"

namespace seawall::demo {
namespace {

using cli::Count;

constexpr int kIndent = 2;

bool IsPlanned(const common::v1::Figure& figure, const Planned& planned) {
  return figure.numerator() == planned.numerator &&
         figure.denominator() == planned.denominator;
}

}  // namespace

std::string Percent(const std::string& value) {
  return value.empty() ? "–" : value + "%";
}

std::string Share(std::int64_t numerator, std::int64_t denominator,
                  int decimal_places) {
  return Percent(Ratio(numerator, denominator, 100, decimal_places));
}

BesideTable::BesideTable(const std::string& title, bool published,
                         Checks& checks)
    : published_(published),
      checks_(checks),
      table_({{title},
              {"published", true},
              {"from counters", true},
              {"from records", true},
              {"behind it"}}) {}

void BesideTable::Add(const std::string& name, const std::string& printed,
                      const Computed& computed, const std::string& behind) {
  const auto mark = [&](const std::string& value) {
    return published_ ? checks_.Mark(value, value == printed) : value;
  };
  table_.Add({name, published_ ? printed : "", mark(computed.counters),
              mark(computed.records), behind});
}

void BesideTable::AddInvented(const std::string& name, const Computed& computed,
                              bool met, const std::string& behind) {
  table_.Add({name, "invented", checks_.Mark(computed.counters, met),
              checks_.Mark(computed.records, met), behind});
}

void BesideTable::AddShare(const std::string& name, const std::string& printed,
                           const BothSides& sides, const std::string& measure,
                           const std::optional<Planned>& planned) {
  const int places = printed.empty() ? 1 : DecimalPlaces(printed);
  const Computed computed = OnBothSides(sides, [&](const Figures& side) {
    const common::v1::Figure& figure = side.at(measure);
    return Share(figure.numerator(), figure.denominator(), places);
  });
  const common::v1::Figure& figure = sides.counters.at(measure);
  std::string behind =
      Count(figure.numerator()) + " of " + Count(figure.denominator());
  const bool met = !planned || (IsPlanned(figure, *planned) &&
                                IsPlanned(sides.records.at(measure), *planned));
  if (planned) behind = checks_.Mark(behind, met);
  if (printed.empty()) return AddInvented(name, computed, met, behind);
  Add(name, Percent(printed), computed, behind);
}

void BesideTable::AddCount(const std::string& name, std::int64_t printed,
                           const BothSides& sides, const std::string& measure,
                           std::int64_t planned) {
  const Computed computed = OnBothSides(
      sides, [&](const Figures& side) { return Count(side.count(measure)); });
  const bool met = sides.counters.count(measure) == planned &&
                   sides.records.count(measure) == planned;
  if (printed == 0 || !published_) return AddInvented(name, computed, met);
  checks_.Mark("", met);
  Add(name, Count(printed), computed);
}

void BesideTable::AddRate(const std::string& name, const std::string& printed,
                          const BothSides& sides, const std::string& measure,
                          std::int64_t children) {
  Add(name, printed,
      OnBothSides(sides,
                  [&](const Figures& side) {
                    return Ratio(side.count(measure), children, 10'000,
                                 DecimalPlaces(printed));
                  }),
      Count(sides.counters.count(measure)) + " of " + Count(children) +
          " children");
}

void BesideTable::Print(std::ostream& out) const {
  table_.Print(out, 0, kIndent);
  out << '\n';
}

}  // namespace seawall::demo
