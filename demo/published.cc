#include "demo/published.h"

#include <charconv>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace seawall::demo {
namespace {

constexpr std::size_t kYearBefore = 2;  // column 2016-17
constexpr std::size_t kYear = 3;
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
  int Number(const char* measure, std::size_t column = kYear) {
    const std::string text = Text(measure, column);
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
      .children = facts.Number("child_population_under_18"),
      .assessed = facts.Text("referrals_converted_to_assessment_percent"),
      .no_further_action = facts.Text("assessments_no_further_action_percent"),
      .assessments_in_time =
          facts.Text("assessments_within_45_working_days_percent"),
      .enquiries = facts.Number("section_47_enquiries"),
      .enquiry_rate = facts.Text("section_47_enquiries", kRate),
      .to_conference = facts.Text("section_47_to_icpc_percent"),
      .conferences_in_time = facts.Text("icpc_within_15_working_days_percent"),
      .repeat_plans = facts.Text("second_or_subsequent_plan_percent"),
      .plans = facts.Number("child_protection_plans_31_march"),
      .plan_rate = facts.Text("child_protection_plans_31_march", kRate),
      .in_need = facts.Number("children_in_need_31_march"),
      .in_need_rate = facts.Text("children_in_need_31_march", kRate),
      .in_need_before = facts.Number("children_in_need_31_march", kYearBefore)};
  if (!facts.missing().empty()) {
    return Unreadable(path, "no figure for " + facts.missing());
  }
  return published;
}

}  // namespace seawall::demo
