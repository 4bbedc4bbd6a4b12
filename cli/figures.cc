// seawall figures: what boards and managers count.
#include <seawall/common/v1/figures.pb.h>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/errors.h"
#include "cli/figure_table.h"
#include "cli/methods.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using namespace common::v1;  // NOLINT: every name below is of the contract

struct FigureFlags {
  std::vector<std::string> measures;
  std::string from;
  std::string to;
  std::string by;
  std::string as_known;
  std::string census_date;
  bool records = false;
  bool counters = false;
  bool suppress = false;
};

// The financial year the day lies in, which is also the year of the returns.
Date YearStart(Date day) {
  const std::chrono::year_month_day civil(day);
  const bool before_april = civil.month() < std::chrono::April;
  return Date((civil.year() - std::chrono::years(before_april ? 1 : 0)) /
              std::chrono::April / 1);
}

// Tables show `re referrals`; `re-referrals` and `re_referrals` are it, too.
std::string Id(std::string typed) {
  for (char& c : typed)
    if (c == ' ' || c == '-') c = '_';
  return typed;
}

Result<GetFiguresRequest> ToRequest(const FigureFlags& flags, Date today) {
  if (flags.records && flags.counters)
    return Usage("--records and --counters exclude each other");
  const auto to =
      flags.to.empty() ? MonthEndBefore(today) : ParseDate(flags.to);
  if (!to) return Usage("--to is not a day such as 2018-03-31");
  const Date start = flags.suppress ? MonthEndBefore(*to) + std::chrono::days(1)
                                    : YearStart(*to);
  const auto from = flags.from.empty() ? start : ParseDate(flags.from);
  if (!from) return Usage("--from is not a day such as 2017-04-01");
  GetFiguresRequest request;
  for (const std::string& measure : flags.measures)
    request.add_measures(Id(measure));
  request.set_start_date(FormatDate(*from));
  request.set_end_date(FormatDate(*to));
  request.set_group_by(Id(flags.by));
  request.set_census_date(flags.census_date);
  request.set_suppress(flags.suppress);
  if (flags.records) request.set_source(FIGURE_SOURCE_RECORDS);
  if (flags.counters) request.set_source(FIGURE_SOURCE_COUNTERS);
  if (!flags.as_known.empty()) {
    TRY(const Instant known, ParseTime("--as-known", flags.as_known));
    *request.mutable_as_known_time() = ToTimestamp(known);
  }
  return request;
}

Result<int> Figures(Session& session, const FigureFlags& flags) {
  TRY(const GetFiguresRequest request,
      ToRequest(flags, CivilDate(session.clock().Now())));
  TRY(const GetFiguresResponse response,
      session.Ask<GetFiguresResponse>(kGetFigures, request));
  if (session.json()) {
    for (const Figure& figure : response.figures()) session.Print(figure);
    return kDone;
  }
  FigureTable(response).Print(session.out(), session.console().out_width);
  session.out() << "\n"
                << request.start_date() << " to " << request.end_date()
                << ". c = suppressed, z = not applicable, x = not available.\n";
  if (response.counters_behind_events() > 0)
    session.out() << "The counters are "
                  << Counted(response.counters_behind_events(), "event")
                  << " behind.\n";
  return kDone;
}

Result<int> Measures(Session& session) {
  TRY(const ListMeasuresResponse response,
      session.Ask<ListMeasuresResponse>(kListMeasures, ListMeasuresRequest()));
  Table table({{"measure"},
               {"unit"},
               {"by", false, true},
               {"definition", false, true}});
  for (const Measure& measure : response.measures()) {
    if (session.json()) session.Print(measure);
    std::string groups;
    for (const std::string& group : measure.groups())
      groups += (groups.empty() ? "" : ", ") + group;
    table.Add({measure.measure(), Spaced(measure.unit()), groups,
               measure.definition()});
  }
  if (!session.json()) table.Print(session.out(), session.console().out_width);
  return kDone;
}

}  // namespace

void AddFigures(const Commands& commands) {
  const auto flags = std::make_shared<FigureFlags>();
  CLI::App& app = AddCommand(
      commands, commands.program,
      {"figures", "Figures of a period, each with the counts behind it",
       "  seawall --as board figures --from 2017-04-01 --to 2018-03-31\n"
       "  seawall --as board figures --measure contacts --by quarter\n"
       "  seawall --as board figures --suppress --by source "
       "--from 2017-04-01 --to 2018-03-31\n"
       "  seawall --as board figures list"},
      [flags](Session& session) { return Figures(session, *flags); });
  app.add_option("--measure", flags->measures, "Measure ids; default: all");
  app.add_option("--from", flags->from,
                 "First day; default: 1 April of the year of the last day, "
                 "with --suppress the first of its month");
  app.add_option("--to", flags->to,
                 "Last day; default: the end of last month. Days within a "
                 "month are for hub, ops and services");
  app.add_option("--by", flags->by,
                 "month, quarter, source, agency_group, agency, need, level, "
                 "channel, priority, decision, quality_band");
  app.add_option("--as-known", flags->as_known,
                 "As the records stood at that time or at the end of that day");
  app.add_option("--census-date", flags->census_date,
                 "Day on which open items are judged overdue; default: today, "
                 "for a board and with --suppress the end of last month");
  app.add_flag("--records", flags->records, "From the records alone");
  app.add_flag("--counters", flags->counters, "From the counters alone");
  app.add_flag("--suppress", flags->suppress,
               "Hide small numbers, as for anything published: of one month, "
               "quarter or year from April, as known at the end of a month");
  AddCommand(commands, app,
             {"list", "The measures and what they mean",
              "  seawall --as board figures list"},
             Measures);
}

}  // namespace seawall::cli
