// seawall annex-a export: the inspectors' lists as files.
#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/annex_a.h"
#include "cli/children.h"
#include "cli/command.h"
#include "cli/csv.h"
#include "cli/errors.h"
#include "cli/output_file.h"
#include "cli/table.h"
#include "cli/text.h"

namespace seawall::cli {
namespace {

struct AnnexAFlags {
  std::string folder;
  std::string from;
  std::string to;
};

Result<Date> DayOf(const std::string& flag, const std::string& text) {
  const auto day = ParseDate(text);
  if (!day) return Usage(flag + " is a day such as 2018-03-31");
  return *day;
}

Result<AnnexAPeriod> PeriodOf(const Session& session,
                              const AnnexAFlags& flags) {
  AnnexAPeriod period = SixMonthsTo(CivilDate(session.clock().Now()));
  if (!flags.to.empty()) {
    TRY(const Date end, DayOf("--to", flags.to));
    period = SixMonthsTo(end);
  }
  if (!flags.from.empty()) {
    TRY(period.start, DayOf("--from", flags.from));
  }
  if (period.start > period.end)
    return Usage("--from is after the last day, " + FormatDate(period.end));
  return period;
}

// The seven files: none before everything is known.
class Files {
 public:
  Result<void> Open(const std::string& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    for (const AnnexAList& list : AnnexALists()) {
      files_.push_back(std::make_unique<OutputFile>(folder + "/" + list.file));
      TRY_VOID(files_.back()->Open());
      files_.back()->stream() << CsvLine(list.columns);
    }
    return {};
  }
  void Add(const AnnexARows& rows) {
    for (std::size_t i = 0; i < kAnnexALists; ++i)
      for (const auto& row : rows[i]) {
        files_[i]->stream() << CsvLine(row);
        ++counts_[i];
      }
  }
  Result<void> Keep() {
    for (const auto& file : files_) TRY_VOID(file->Keep());
    return {};
  }
  void Print(Session& session) const {
    Table table({{"list"}, {"rows", true}});
    for (std::size_t i = 0; i < kAnnexALists; ++i) {
      const char* name = AnnexALists()[i].file;
      if (session.json())
        session.out() << "{\"file\":\"" << name << "\",\"rows\":" << counts_[i]
                      << "}\n";
      table.Add({name, Count(counts_[i])});
    }
    if (!session.json())
      table.Print(session.out(), session.console().out_width);
  }

 private:
  std::vector<std::unique_ptr<OutputFile>> files_;
  std::array<std::int64_t, kAnnexALists> counts_ = {};
};

Result<int> Export(Session& session, const AnnexAFlags& flags) {
  TRY(const AnnexAPeriod period, PeriodOf(session, flags));
  Files files;
  TRY_VOID(files.Open(flags.folder));
  TRY_VOID(
      EachChild(session, KnownFrom(period), period.end,
                [&](const referrals::v1::ChildRecord& record) -> Result<void> {
                  files.Add(AnnexARowsOf(record, period));
                  return {};
                }));
  TRY_VOID(files.Keep());
  files.Print(session);
  return kDone;
}

}  // namespace

void AddAnnexA(const Commands& commands) {
  CLI::App& group = AddCommand(
      commands, commands.program,
      {"annex-a", "The inspectors' child-level lists",
       "  seawall --as hub annex-a export --out lists --purpose inspection"},
      nullptr);
  const auto flags = std::make_shared<AnnexAFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"export",
       "Lists 1 to 7 as CSV: contacts, early help, referrals, assessments, "
       "section 47, children in need, child protection",
       "  seawall --as hub annex-a export --out lists --purpose inspection\n"
       "  seawall --as hub annex-a export --out lists --from 2017-10-01 --to "
       "2018-03-31\n"
       "\n"
       "Contacts, referrals and enquiries are those of the period; of early "
       "help, assessments,\nchildren in need and plans those open at some time "
       "of it, as they stood on its last day.\nCounts of earlier referrals, "
       "enquiries and conferences go back twelve months from the\nevent "
       "itself, which does not count. What the records do not hold (worker, "
       "police\nprotection, looked after) is left empty. Text that a "
       "spreadsheet would take for a formula\ngets an apostrophe before it."},
      [flags](Session& session) { return Export(session, *flags); });
  app.add_option("--out", flags->folder, "Folder to write the files to")
      ->required()
      ->type_name("DIR");
  app.add_option("--from", flags->from,
                 "First day, YYYY-MM-DD; default: six months before the last");
  app.add_option("--to", flags->to, "Last day, YYYY-MM-DD; default: today");
}

}  // namespace seawall::cli
