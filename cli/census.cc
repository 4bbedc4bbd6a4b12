// seawall census: the children in need census, checked on this machine.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/errors.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/text.h"
#include "libs/base/json_file.h"
#include "libs/census/check.h"
#include "libs/census/rows.h"
#include "libs/census/xml.h"

namespace seawall::cli {
namespace {

using census::Finding;
using census::Rule;
using Json = nlohmann::ordered_json;

struct CensusFlags {
  std::string file;
  std::string rows;
  std::string rule;
  std::string year;  // empty: the return's own
  std::string data = "data";
};

// A return that does not say its year is taken for one of 2025-26.
constexpr int kUnsaidYear = 2026;

std::string YearName(int year) {
  return std::to_string(year - 1) + "-" + std::to_string(year).substr(2);
}

std::string AllYears() {
  return YearName(census::kFirstYear) + " to " + YearName(census::kLastYear);
}

// "2025-26" is named by its end, 2026; so may the flag be.
Result<int> ParseYear(const std::string& text) {
  for (int year = census::kFirstYear; year <= census::kLastYear; ++year) {
    if (text == YearName(year) || text == std::to_string(year)) return year;
  }
  return Usage("--year is one of " + AllYears());
}

std::string InForce(const Rule& rule) {
  if (rule.first_year == rule.last_year) return YearName(rule.first_year);
  return YearName(rule.first_year) + " to " + YearName(rule.last_year);
}

const char* Word(census::Severity severity) {
  return severity == census::Severity::kError ? "error" : "query";
}

int NumberOf(std::string_view text) {
  int number = 0;
  for (const char c : text.substr(0, 6))
    if (c >= '0' && c <= '9') number = number * 10 + (c - '0');
  return number;
}

// The numbers next to one that there is not.
std::string NearRules(const std::string& number, int year) {
  std::multimap<int, std::string> near;
  for (const Rule& rule : census::Rules())
    if (rule.InForce(year))
      near.emplace(std::abs(NumberOf(rule.number) - NumberOf(number)),
                   rule.number);
  std::string list;
  int left = 5;
  for (const auto& [distance, name] : near)
    if (left-- > 0) list += (list.empty() ? "" : ", ") + name;
  return list;
}

Result<const Rule*> ChosenRule(const std::string& number, int year) {
  if (const Rule* rule = census::FindRule(number, year)) return rule;
  for (int other = census::kLastYear; other >= census::kFirstYear; --other)
    if (const Rule* rule = census::FindRule(number, other))
      return Usage("rule " + number + " is not in force in " + YearName(year) +
                   ", but in " + InForce(*rule));
  return Usage("there is no rule " + number + "; near it are " +
               NearRules(number, year));
}

// What a return is checked with.
struct Setting {
  CodeSets codes;
  Calendar calendar;
};

Result<Setting> Load(const CensusFlags& flags) {
  if (!flags.year.empty()) TRY_VOID(ParseYear(flags.year));
  Setting setting;
  const auto codes = CodeSets::Load(flags.data + "/code_sets.json");
  if (!codes) return Usage("--data: " + codes.error().message);
  const auto calendar = Calendar::Load(flags.data + "/bank_holidays.json");
  if (!calendar) return Usage("--data: " + calendar.error().message);
  setting.codes = *codes;
  setting.calendar = *calendar;
  return setting;
}

// The year that a return says it is of; 0 when it says none.
int YearOf(const census::Row& header) {
  const std::string& text = header.Text(census::Column::kYear);
  return text.size() == 4 ? NumberOf(text) : 0;
}

// By the rules of --year, else of the year that the header says. Where those
// are not the header's, it is told.
Result<census::Checker> MakeChecker(const CensusFlags& flags,
                                    const Setting& setting, int said,
                                    std::ostream& err) {
  int year = std::clamp(said == 0 ? kUnsaidYear : said, census::kFirstYear,
                        census::kLastYear);
  if (!flags.year.empty()) {
    TRY(year, ParseYear(flags.year));
  }
  if (said != 0 && said != year) {
    err << "checked by the rules of " << YearName(year)
        << "; the header says that the return is of " << YearName(said) << '\n';
  }
  const Rule* only = nullptr;
  if (!flags.rule.empty()) {
    TRY(only, ChosenRule(flags.rule, year));
  }
  return census::Checker(year, setting.codes, setting.calendar, only);
}

Json RowsJson(const Finding& finding) {
  Json rows = Json::array();
  for (const census::Place& place : finding.places) {
    Json columns = Json::array();
    for (const census::Column column : place.columns)
      columns.push_back(Name(column));
    rows.push_back({{"table", Name(place.table)},
                    {"row", place.row},
                    {"columns", std::move(columns)}});
  }
  return rows;
}

void PrintJson(std::ostream& out, const Json& json) {
  out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

// "CINdetails 3 CINreferralDate, CINclosureDate; Assessments 5 …".
std::string Where(const Finding& finding) {
  std::string where;
  for (const census::Place& place : finding.places) {
    where += (where.empty() ? "" : "; ") + std::string(Name(place.table)) +
             " " + std::to_string(place.row);
    const char* before = " ";
    for (const census::Column column : place.columns) {
      where += before + std::string(Name(column));
      before = ", ";
    }
  }
  return where.empty() ? "whole return" : where;
}

std::string Padded(const std::string& text, int width) {
  const int over = width - DisplayWidth(text);
  return text + std::string(over > 0 ? over : 0, ' ') + "  ";
}

// Findings as they come, and what they add up to.
class Report {
 public:
  Report(Session& session, Progress& progress)
      : session_(session), progress_(progress) {}

  void Take(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
      ++counts_[finding.rule];
      session_.json() ? Line(finding) : Row(finding);
    }
  }
  void Child() { ++children_; }

  // The summary by rule, and the exit code.
  int Finish() {
    std::int64_t errors = 0;
    std::int64_t queries = 0;
    Table table(
        {{"rule"}, {"severity"}, {"found", true}, {"what", false, true}});
    for (const auto& [rule, count] : counts_) {
      (rule->severity == census::Severity::kError ? errors : queries) += count;
      table.Add({std::string(rule->number), Word(rule->severity), Count(count),
                 std::string(rule->words)});
    }
    if (!session_.json()) {
      if (!table.empty()) session_.out() << '\n';
      table.Print(session_.out(), session_.console().out_width);
      session_.out() << (table.empty() ? "" : "\n")
                     << Counted(children_, "child", "children") << ", "
                     << Counted(errors, "error") << ", "
                     << Counted(queries, "query", "queries") << ".\n";
    }
    return errors > 0 ? kRefused : kDone;
  }

 private:
  void Line(const Finding& finding) {
    PrintJson(session_.out(), {{"rule", finding.rule->number},
                               {"severity", Word(finding.rule->severity)},
                               {"child", finding.child},
                               {"words", finding.rule->words},
                               {"rows", RowsJson(finding)}});
  }

  void Row(const Finding& finding) {
    if (counts_.size() == 1 && counts_.begin()->second == 1)
      Cells({"rule", "severity", "child", "where", "what"});
    Cells({std::string(finding.rule->number), Word(finding.rule->severity),
           finding.child, Where(finding), std::string(finding.rule->words)});
  }

  // Columns of fixed width: nothing is kept to find out how wide they are.
  void Cells(const std::vector<std::string>& cells) {
    constexpr int kWidths[] = {5, 8, 20, 40};
    std::string line;
    for (std::size_t i = 0; i < std::size(kWidths); ++i)
      line += Padded(Plain(cells[i]), kWidths[i]);
    line += Plain(cells.back());
    const int width = session_.console().out_width;
    progress_.Clear();
    session_.out() << (width > 0 ? Fit(line, width) : line) << '\n';
  }

  Session& session_;
  Progress& progress_;
  std::map<const Rule*, std::int64_t> counts_;  // in the order of the rules
  std::int64_t children_ = 0;
};

// What the census does not have, with the first line of each.
class UnknownParts {
 public:
  void See(const std::string& path, int line) {
    auto& [first, times] = parts_[path];
    if (times++ == 0) first = line;
  }
  void Print(const std::string& file, std::ostream& err) const {
    for (const auto& [path, seen] : parts_)
      err << Plain(file) << ":" << seen.first
          << ": unknown or repeated: " << Plain(path) << " ("
          << Counted(seen.second, "time") << ")\n";
  }

 private:
  std::map<std::string, std::pair<int, std::int64_t>> parts_;
};

Result<int> CheckXml(Session& session, const CensusFlags& flags) {
  TRY(const Setting setting, Load(flags));
  std::ifstream file(flags.file, std::ios::binary);
  if (!file) return Usage(flags.file + " cannot be opened");
  std::error_code ignored;
  const auto size = std::filesystem::file_size(flags.file, ignored);
  Progress progress(session.console().err, session.console().err_width,
                    "census", static_cast<std::int64_t>(ignored ? 0 : size));
  Report report(session, progress);
  UnknownParts unknown;
  // Made when the header was read, or the first child without one.
  std::optional<Result<census::Checker>> checker;
  const auto begin = [&](int said) -> Result<census::Checker>& {
    if (!checker)
      checker.emplace(MakeChecker(flags, setting, said, session.console().err));
    return *checker;
  };
  const Result<void> read = census::ReadXml(
      file, {.header =
                 [&](const census::Row& row) {
                   if (auto& checks = begin(YearOf(row))) checks->Header(row);
                 },
             .child =
                 [&](const census::ChildRecord& child) {
                   auto& checks = begin(0);
                   if (!checks) return;
                   report.Child();
                   report.Take(checks->Child(child));
                 },
             .unknown = [&](const std::string& path,
                            int line) { unknown.See(path, line); },
             .progress =
                 [&](std::size_t bytes) {
                   progress.Add(static_cast<std::int64_t>(bytes));
                 }});
  progress.Finish();
  unknown.Print(flags.file, session.console().err);
  if (!read) return Usage(flags.file + " " + read.error().message);
  TRY(census::Checker checks, std::move(begin(0)));
  report.Take(checks.Finish());
  return report.Finish();
}

// Findings of the whole, in the order of the rules.
std::vector<Finding> CheckAll(const census::RowsReturn& rows,
                              census::Checker& checker) {
  for (const census::Row& header : rows.headers) checker.Header(header);
  std::vector<Finding> all;
  const auto take = [&](std::vector<Finding> findings) {
    std::move(findings.begin(), findings.end(), std::back_inserter(all));
  };
  for (const census::ChildRecord& child : rows.children)
    take(checker.Child(child));
  take(checker.Finish());
  std::stable_sort(all.begin(), all.end(),
                   [](const Finding& one, const Finding& other) {
                     return one.rule < other.rule;  // both in Rules()
                   });
  return all;
}

Result<int> CheckRows(Session& session, const CensusFlags& flags) {
  TRY(const Setting setting, Load(flags));
  const auto json = ReadJsonFile(flags.rows, "USAGE");
  if (!json) return Usage(json.error().message);
  const auto rows = census::ReadRows(*json);
  if (!rows) return Usage(flags.rows + ": " + rows.error().message);
  for (const std::string& name : rows->unknown)
    session.console().err << Plain(flags.rows) << ": unknown " << Plain(name)
                          << '\n';
  TRY(census::Checker checker,
      MakeChecker(flags, setting,
                  rows->headers.empty() ? 0 : YearOf(rows->headers.front()),
                  session.console().err));
  bool clean = true;
  for (const Finding& finding : CheckAll(*rows, checker)) {
    clean &= finding.rule->severity == census::Severity::kQuery;
    PrintJson(session.out(), {{"rule", finding.rule->number},
                              {"severity", Word(finding.rule->severity)},
                              {"words", finding.rule->words},
                              {"rows", RowsJson(finding)}});
  }
  return clean ? kDone : kRefused;
}

Result<int> Check(Session& session, const CensusFlags& flags) {
  if (flags.file.empty() == flags.rows.empty())
    return Usage("give a FILE.xml, or --rows FILE.json");
  return flags.rows.empty() ? CheckXml(session, flags)
                            : CheckRows(session, flags);
}

Result<int> ListRules(Session& session, const CensusFlags& flags) {
  std::optional<int> year;
  if (!flags.year.empty()) {
    TRY(year, ParseYear(flags.year));
  }
  Table table({{"rule"}, {"severity"}, {"in force"}, {"what", false, true}});
  for (const Rule& rule : census::Rules()) {
    if (year && !rule.InForce(*year)) continue;
    if (session.json())
      PrintJson(session.out(), {{"rule", rule.number},
                                {"severity", Word(rule.severity)},
                                {"first_year", YearName(rule.first_year)},
                                {"last_year", YearName(rule.last_year)},
                                {"words", rule.words}});
    table.Add({std::string(rule.number), Word(rule.severity), InForce(rule),
               std::string(rule.words)});
  }
  if (!session.json()) table.Print(session.out(), session.console().out_width);
  return kDone;
}

void AddCheck(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<CensusFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"check",
       "Check a census return against the rules of its year, which its header "
       "says. Exit code 0: "
       "clean, or queries alone; 1: errors found; 2: not readable",
       "  seawall census check return.xml\n"
       "  seawall census check return.xml --json\n"
       "  seawall census check return.xml --year 2024-25\n"
       "  seawall census check --rows tables.json --rule 8600\n"
       "\n"
       "A line is one finding: the rows that together break a rule, such as "
       "the two that\noverlap. Rows count from 0 within their table. --rows "
       "takes {\"CINdetails\": [{\"LAchildID\":\n\"Test-1\", …}], …} with any "
       "of the census's tables, and prints one JSON object a\nfinding."},
      [flags](Session& session) { return Check(session, *flags); });
  app.add_option("FILE", flags->file, "The return as census XML");
  app.add_option("--rows", flags->rows, "The return as JSON rows instead");
  app.add_option("--rule", flags->rule, "This rule alone, such as 8670Q");
  app.add_option("--year", flags->year,
                 "Whose rules: " + AllYears() +
                     "; default: those of the header's year, of 2025-26 where "
                     "it says none");
  app.add_option("--data", flags->data, "Folder of code sets and holidays")
      ->envname("SEAWALL_DATA")
      ->capture_default_str();
}

void AddRules(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<CensusFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"rules", "The rules, when they are in force, and what they ask",
       "  seawall census rules --year 2023-24"},
      [flags](Session& session) { return ListRules(session, *flags); });
  app.add_option("--year", flags->year,
                 "In force in that year; default: all there are");
}

}  // namespace

void AddCensus(const Commands& commands) {
  CLI::App& group = AddCommand(
      commands, commands.program,
      {"census", "The children in need census: check, import, export",
       "  seawall census check return.xml\n"
       "  seawall --as frontdoor-import-hub census import "
       "return.xml\n"
       "  seawall --as hub census export --year 2024 --lea 890"},
      nullptr);
  AddCheck(commands, group);
  AddRules(commands, group);
  AddCensusImport(commands, group);
  AddCensusExport(commands, group);
}

}  // namespace seawall::cli
