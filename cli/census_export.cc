// seawall census export: the records of one census year as census XML.
#include <CLI/CLI.hpp>
#include <sstream>

#include "cli/census_child.h"
#include "cli/census_year.h"
#include "cli/children.h"
#include "cli/command.h"
#include "cli/errors.h"
#include "cli/output_file.h"
#include "cli/run_tool.h"
#include "cli/text.h"
#include "libs/census/writer.h"

namespace seawall::cli {
namespace {

struct ExportFlags {
  int year = 0;
  std::string authority;
  std::string out;
  std::string schema;
};

census::Row Header(const ExportFlags& flags, const Clock& clock) {
  using enum census::Column;
  census::Row header(census::Table::kHeader, 0);
  header.Set(kCollection, "CIN");
  header.Set(kYear, std::to_string(flags.year));
  header.Set(kReferenceDate, CensusYear(flags.year).end);
  header.Set(kSourceLevel, "L");
  header.Set(kLEA, flags.authority);
  header.Set(kSoftwareCode, "Seawall");
  header.Set(kRelease, "1");
  header.Set(kSerialNo, "001");
  header.Set(kDateTime, FormatInstant(clock.Now()).substr(0, 19) + "Z");
  return header;
}

// How many children were written.
Result<std::int64_t> Write(Session& session, const ExportFlags& flags,
                           std::ostream& out) {
  const CensusYear year(flags.year);
  census::XmlWriter writer(out, flags.year, Header(flags, session.clock()));
  std::int64_t children = 0;
  TRY_VOID(EachChild(session, year.start, year.end,
                     [&](referrals::v1::ChildRecord record) -> Result<void> {
                       Narrow(year, *record.mutable_child());
                       if (record.child().episodes().empty()) return {};
                       writer.Child(ToRecord(record.child()));
                       ++children;
                       return {};
                     }));
  writer.Finish();
  return children;
}

Result<int> Validate(Session& session, const ExportFlags& flags) {
  const auto run =
      RunTool({"xmllint", "--noout", "--schema", flags.schema, flags.out});
  if (!run)
    return Usage(run.error().message + "; it is in Debian's libxml2-utils");
  std::istringstream lines(run->output);
  for (std::string line; std::getline(lines, line);)
    session.console().err << Plain(line) << '\n';
  return run->exit_code == 0 ? kDone : kRefused;
}

Result<int> Export(Session& session, const ExportFlags& flags) {
  if (!flags.schema.empty() && flags.out.empty())
    return Usage("--xsd validates a file: add --out FILE.xml");
  OutputFile file(flags.out);
  if (!flags.out.empty()) TRY_VOID(file.Open());
  TRY(const std::int64_t children,
      Write(session, flags, flags.out.empty() ? session.out() : file.stream()));
  if (!flags.out.empty()) TRY_VOID(file.Keep());
  session.console().err << Counted(children, "child", "children")
                        << " written.\n";
  return flags.schema.empty() ? kDone : Validate(session, flags);
}

}  // namespace

void AddCensusExport(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<ExportFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"export",
       "The records of a census year as census XML. Exit code 1: the schema "
       "does not accept it",
       "  seawall --as hub census export --year 2024 --lea 890 > return.xml\n"
       "  seawall --as hub census export --year 2024 --lea 890 --out "
       "return.xml --xsd cin.xsd\n"
       "  seawall census check return.xml --year 2023-24\n"
       "\n"
       "A year is named by its reference date: 2024 is 1 April 2023 to 31 "
       "March 2024. What\nhad ended before is left out, and what ended after "
       "is written as open. Sex is\nGenderCurrent before 2025."},
      [flags](Session& session) { return Export(session, *flags); });
  app.add_option("--year", flags->year, "Year of the reference date")
      ->required()
      ->check(CLI::Range(2009, 2099));
  app.add_option("--lea", flags->authority,
                 "The local authority's three digits, such as 890")
      ->envname("SEAWALL_LEA")
      ->required()
      ->check([](const std::string& code) {
        const bool digits =
            code.size() == 3 &&
            code.find_first_not_of("0123456789") == std::string::npos;
        return digits ? "" : "--lea: three digits, such as 890";
      });
  app.add_option("--out", flags->out, "Write this file; default: to stdout")
      ->type_name("FILE");
  app.add_option("--xsd", flags->schema,
                 "Validate the file against this schema, with xmllint")
      ->type_name("FILE");
}

}  // namespace seawall::cli
