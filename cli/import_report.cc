#include "cli/import_report.h"

#include <nlohmann/json.hpp>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"

namespace seawall::cli {
namespace {

using nlohmann::json;
using referrals::v1::ImportChildResponse;

constexpr char kCorrected[] = "CHILD_CORRECTED";
constexpr char kNoPlace[] = "the records have no place for it";
constexpr char kUnknown[] = "the census does not have it there, or twice";

// `CINdetails[2]/ReferralNFA` and `CINdetails[7]/ReferralNFA` are one element.
std::string WithoutIndex(const std::string& path) {
  std::string plain;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) plain += c;
    if (c == ']') inside = false;
  }
  return plain;
}

std::string NameOf(const ChildItem& item) {
  const std::string& id = item.request.child().la_child_id();
  return (id.empty() ? "a child without LAchildID" : id) + " (" + item.where +
         ")";
}

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void ImportReport::Add(const ChildItem& item, const LeftBehind& left,
                       const ChildAnswer& answer) {
  ++children_;
  Count(left);
  if (answer)
    AddResponse(item, *answer);
  else
    AddRefused(item, answer.error());
  if (json_) AddJson(item, left, answer);
}

void ImportReport::AddJson(const ChildItem& item, const LeftBehind& left,
                           const ChildAnswer& answer) const {
  console_.out << "{\"where\":" << Dump(item.where) << ",\"la_child_id\":"
               << Dump(item.request.child().la_child_id())
               << ",\"request_id\":" << Dump(item.request.request_id())
               << (answer ? ",\"response\":" + ToJson(*answer)
                          : ",\"error\":" + ErrorJson(answer.error()))
               << ",\"not_kept\":" << Dump(left.not_kept)
               << ",\"unknown\":" << Dump(left.unknown) << "}\n";
}

void ImportReport::AddResponse(const ChildItem& item,
                               const ImportChildResponse& response) {
  taken_ += response.taken();
  there_ += response.already_there();
  left_out_ += response.refused_size();
  Table table({{"where"}, {"rule"}, {"why", false, true}});
  for (const auto& refusal : response.refused()) {
    ++rules_[{refusal.rule(), refusal.description()}];
    table.Add({refusal.field(), refusal.rule(), refusal.description()});
  }
  for (const auto& warning : response.warnings()) {
    auto& counted = warning.reason() == kCorrected ? corrected_ : elements_;
    ++counted[{WithoutIndex(warning.field()), warning.description()}];
  }
  if (json_ || table.empty()) return;
  console_.out << Plain(NameOf(item)) << ": " << cli::Count(response.taken())
               << " taken, " << cli::Count(response.already_there())
               << " there already, " << cli::Count(response.refused_size())
               << " left out\n";
  table.Print(console_.out, console_.out_width, 2);
}

void ImportReport::AddRefused(const ChildItem& item, const Error& error) {
  ++refused_;
  if (reasons_[error.reason]++ == 0)
    console_.err << Plain(NameOf(item)) << ": " << ErrorText(error) << '\n';
}

void ImportReport::Count(const LeftBehind& left) {
  for (const std::string& path : left.not_kept)
    ++elements_[{WithoutIndex(path), kNoPlace}];
  for (const std::string& path : left.unknown) ++elements_[{path, kUnknown}];
}

void ImportReport::Summarise() const {
  if (json_) return;
  Table rules({{"left out by"}, {"times", true}, {"why", false, true}});
  for (const auto& [rule, times] : rules_)
    rules.Add({rule.first, cli::Count(times), rule.second});
  Table elements({{"not kept"}, {"times", true}, {"why", false, true}});
  for (const auto& [element, times] : elements_)
    elements.Add({element.first, cli::Count(times), element.second});
  Table corrected({{"corrected"}, {"times", true}, {"why", false, true}});
  for (const auto& [element, times] : corrected_)
    corrected.Add({element.first, cli::Count(times), element.second});
  for (const Table* table : {&rules, &elements, &corrected}) {
    if (table->empty()) continue;
    console_.out << '\n';
    table->Print(console_.out, console_.out_width);
  }
  for (const auto& [reason, times] : reasons_)
    console_.err << Counted(times, "child", "children")
                 << " refused: " << Plain(reason) << '\n';
  if (!rules.empty() || !elements.empty() || !corrected.empty())
    console_.out << '\n';
  console_.out << Counted(children_, "child", "children") << ": "
               << Counted(taken_, "step") << " taken, " << cli::Count(there_)
               << " there already, " << cli::Count(left_out_)
               << " left out. The same file again is answered the same and "
                  "changes nothing.\n";
}

}  // namespace seawall::cli
