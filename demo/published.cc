#include "demo/published.h"

#include <charconv>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace seawall::demo {
namespace {

constexpr std::size_t kYear = 3;  // column 2017-18
constexpr std::size_t kRate = 4;

using Rows = std::map<std::string, std::vector<std::string>>;

Error Unreadable(const std::string& path, const std::string& what) {
  return Error{Code::kInvalidArgument, "FACTS_UNREADABLE", path + ": " + what};
}

Rows ReadRows(std::istream& file) {
  Rows rows;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("#")) continue;
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) {
      cells.push_back(std::move(cell));
    }
    if (!cells.empty()) rows[cells.front()] = std::move(cells);
  }
  return rows;
}

// The printed figures of a file, with what could not be found.
class Facts {
 public:
  explicit Facts(Rows rows) : rows_(std::move(rows)) {}

  std::string Text(const char* measure, std::size_t column = kYear) {
    const auto row = rows_.find(measure);
    if (row != rows_.end() && row->second.size() > column &&
        !row->second[column].empty()) {
      return row->second[column];
    }
    missing_ = measure;
    return "";
  }
  int Number(const char* measure) {
    const std::string text = Text(measure);
    int number = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) missing_ = measure;
    return number;
  }
  const std::string& missing() const { return missing_; }

 private:
  Rows rows_;
  std::string missing_;
};

}  // namespace

int DecimalPlaces(const std::string& printed) {
  const std::size_t point = printed.find('.');
  return point == std::string::npos
             ? 0
             : static_cast<int>(printed.size() - point - 1);
}

Result<Published> ReadPublished(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Unreadable(path, "cannot be read");
  Facts facts(ReadRows(file));
  Published published{
      .contacts = facts.Number("contacts"),
      .referrals = facts.Number("referrals"),
      .conversion = facts.Text("referral_conversion_percent"),
      .quarter_4_conversion =
          facts.Text("referral_conversion_quarter_4_percent"),
      .rate = facts.Text("referrals", kRate),
      .repeats = facts.Text("repeat_referrals_within_12_months_percent"),
      .children = facts.Number("child_population_under_18")};
  if (!facts.missing().empty()) {
    return Unreadable(path, "no figure of 2017-18 for " + facts.missing());
  }
  return published;
}

}  // namespace seawall::demo
