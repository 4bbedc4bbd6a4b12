#include "demo/year.h"

#include <sstream>

#include "cli/methods.h"
#include "cli/table.h"
#include "cli/text.h"
#include "demo/beside.h"
#include "demo/forms.h"
#include "demo/pathway_year.h"
#include "libs/base/rounding.h"

namespace seawall::demo {
namespace {

namespace pb = common::v1;
using cli::Count;
using cli::Table;

constexpr int kIndent = 2;
class YearReport {
 public:
  YearReport(const YearParts& parts, rpc::Client& board)
      : parts_(parts), board_(board), out_(parts.out) {}

  Result<bool> Show() {
    TRY_VOID(ShowLevel());
    TRY_VOID(ShowTotals());
    TRY_VOID(ShowPathways());
    TRY_VOID(ShowQuarters());
    TRY_VOID(ShowSources());
    TRY_VOID(ShowCensus());
    TRY_VOID(ShowQuality());
    TRY_VOID(ShowKnown());
    return checks_.all_met();
  }

 private:
  Result<BothSides> Ask(std::vector<std::string> measures,
                        std::string group_by = "") {
    return AskBoth(board_, {.measures = std::move(measures),
                            .start = YearStart(),
                            .end = YearEnd(),
                            .group_by = std::move(group_by)});
  }

  // A count on both sides, and what the plan says.
  std::string Both(const BothSides& sides, const std::string& measure,
                   std::int64_t expected, const std::string& value = "") {
    const std::int64_t counted = sides.counters.count(measure, value);
    return checks_.Mark(
        Count(counted),
        counted == expected && sides.records.count(measure, value) == expected);
  }

  Result<void> ShowLevel() {
    TRY(const auto verified, VerifyCounters(parts_.stack));
    out_ << "Live counters against records at journal position "
         << Count(verified.position()) << ": "
         << Count(verified.counters_compared()) << " counters, drift "
         << checks_.Mark(Count(verified.drift()), verified.drift() == 0)
         << "\n"
            "✓ = counters and records both give what was published, or, where "
            "that is\ninvented, what was pushed.\n\n";
    return {};
  }

  // ---- the published figures ----

  Result<void> ShowTotals() {
    TRY(const BothSides year,
        Ask({"contacts", "hub_contacts", "referrals", "re_referrals",
             "referral_conversion", "referral_rate", "re_referral_share"}));
    TRY(const BothSides months,
        AskBoth(board_, {.measures = {"referral_conversion"},
                         .start = AddMonths(YearStart(), 9),
                         .end = YearEnd(),
                         .group_by = "month"}));
    BesideTable table("2017-18", parts_.published.has_value(), checks_);
    AddTotals(table, year, months);
    table.Print(out_);
    return {};
  }

  void AddTotals(BesideTable& table, const BothSides& year,
                 const BothSides& months) {
    const Published published = parts_.published.value_or(Published{});
    const Expected& expected = parts_.expected;
    table.AddCount("contacts", published.contacts, year, "contacts",
                   expected.contacts);
    table.AddCount("referrals", published.referrals, year, "referrals",
                   expected.referrals);
    table.AddShare("became a referral", published.conversion, year,
                   "referral_conversion",
                   Planned{expected.referrals, expected.contacts});
    AddMean(table, months, published.quarter_4_conversion);
    AddRate(table, year, published);
    table.AddShare("repeat within 12 months", published.repeats, year,
                   "re_referral_share",
                   Planned{expected.re_referrals, expected.referrals});
    table.AddCount("to the early help hub, counted apart", 0, year,
                   "hub_contacts", expected.hub_contacts);
  }

  void AddMean(BesideTable& table, const BothSides& months,
               const std::string& printed) {
    const auto shares = [](const Figures& side) {
      std::vector<std::pair<std::int64_t, std::int64_t>> all;
      for (const std::string& month : side.values("referral_conversion")) {
        const pb::Figure& figure = side.at("referral_conversion", month);
        all.emplace_back(figure.numerator(), figure.denominator());
      }
      return all;
    };
    std::string behind;
    for (const auto& [numerator, denominator] : shares(months.counters)) {
      behind += (behind.empty() ? "" : ", ") + Share(numerator, denominator);
    }
    table.Add("… mean of January, February, March", Percent(printed),
              OnBothSides(months,
                          [&](const Figures& side) {
                            return Percent(MeanOfShares(
                                shares(side), DecimalPlaces(printed)));
                          }),
              behind);
  }

  void AddRate(BesideTable& table, const BothSides& year,
               const Published& published) {
    const std::int64_t children =
        year.counters.at("referral_rate").denominator();
    table.AddRate("referrals per 10,000 children", published.rate, year,
                  "referrals", children);
    if (parts_.published) checks_.Mark("", children == published.children);
  }

  Result<void> ShowPathways() {
    TRY(const bool met,
        demo::ShowPathways({.board = board_,
                            .published = parts_.published,
                            .expected = parts_.expected_pathways,
                            .referrals = parts_.expected.referrals,
                            .out = out_}));
    checks_.Mark("", met);
    return {};
  }

  // ---- what is invented ----

  Result<void> ShowQuarters() {
    TRY(const BothSides sides,
        Ask({"contacts", "referrals", "re_referrals"}, "quarter"));
    Table table({{"by quarter (invented)"},
                 {"contacts", true},
                 {"referrals", true},
                 {"conversion", true},
                 {"repeat", true}});
    int quarter = 0;
    for (const std::string& value : sides.counters.values("contacts")) {
      int contacts = 0;
      int referrals = 0;
      for (int month = 3 * quarter; month < 3 * quarter + 3; ++month) {
        contacts += parts_.expected.contacts_by_month.at(month);
        referrals += parts_.expected.referrals_by_month.at(month);
      }
      AddSplit(table, sides, value, value, contacts, referrals);
      ++quarter;
    }
    checks_.Mark("", quarter == 4);
    table.Print(out_, 0, kIndent);
    out_ << '\n';
    return {};
  }

  void AddSplit(Table& table, const BothSides& sides, const std::string& label,
                const std::string& value, int contacts, int referrals) {
    const Figures& counted = sides.counters;
    table.Add({label, Both(sides, "contacts", contacts, value),
               Both(sides, "referrals", referrals, value),
               Share(counted.count("referrals", value),
                     counted.count("contacts", value)),
               Share(counted.count("re_referrals", value),
                     counted.count("referrals", value))});
  }

  Result<void> ShowSources() {
    TRY(const BothSides sides,
        Ask({"contacts", "referrals", "re_referrals"}, "source"));
    Table table({{"by source (invented)"},
                 {"contacts", true},
                 {"referrals", true},
                 {"conversion", true},
                 {"repeat", true}});
    const auto planned = [](const std::map<std::string, int>& counts,
                            const std::string& source) {
      const auto found = counts.find(source);
      return found != counts.end() ? found->second : 0;
    };
    for (const std::string& source : sides.counters.values("contacts")) {
      const int contacts = planned(parts_.expected.contacts_by_source, source);
      if (contacts == 0 && sides.counters.count("contacts", source) == 0) {
        continue;
      }
      const CodeEntry* code = parts_.codes.Find("source", source);
      AddSplit(table, sides,
               cli::Fit(source + " " + (code ? code->label : ""), 40), source,
               contacts, planned(parts_.expected.referrals_by_source, source));
    }
    table.Print(out_, 0, kIndent);
    out_ << '\n';
    return {};
  }

  Result<void> ShowCensus() {
    TRY(const BothSides sides,
        Ask({"open_contacts", "overdue_contacts", "open_hub_contacts",
             "open_episodes", "decisions", "decided_in_time"}));
    const Expected& expected = parts_.expected;
    const pb::Figure& in_time = sides.counters.at("decided_in_time");
    out_ << "At " << FormatDate(YearEnd()) << " (invented):\n"
         << "  waiting for a decision   "
         << Both(sides, "open_contacts", expected.open) << "; overdue "
         << Both(sides, "overdue_contacts", expected.overdue)
         << "; at the early help hub "
         << Count(sides.counters.count("open_hub_contacts")) << '\n'
         << "  decided in time          "
         << Share(in_time.numerator(), in_time.denominator()) << " ("
         << Both(sides, "decided_in_time", expected.decided_in_time) << " of "
         << Both(sides, "decisions", expected.decisions) << ")\n"
         << "  open episodes            "
         << Both(sides, "open_episodes", expected.open_episodes) << "\n\n";
    return {};
  }

  Result<void> ShowQuality() {
    const std::vector<std::pair<std::string, std::string>> failed = {
        {"quality_failed_voice", "no voice"},
        {"quality_failed_consent", "no consent"},
        {"quality_failed_analysis", "no analysis"},
        {"quality_failed_history", "no history"},
        {"quality_failed_identifiers", "no identifier"}};
    std::vector<std::string> measures = {"quality_score"};
    std::vector<cli::Column> columns = {{"quality at the door (invented)"},
                                        {"points", true}};
    for (const auto& [measure, title] : failed) {
      measures.push_back(measure);
      columns.push_back({title, true});
    }
    TRY(const BothSides sides, Ask(measures, "agency"));
    Table table(columns);
    bool same = true;
    for (const char* agency : kAgencies) {
      const auto share = [&](const std::string& measure) {
        const pb::Figure& figure = sides.counters.at(measure, agency);
        const pb::Figure& record = sides.records.at(measure, agency);
        same &= figure.numerator() == record.numerator() &&
                figure.denominator() == record.denominator() &&
                figure.denominator() > 0;
        return Percent(figure.value());
      };
      std::vector<std::string> cells = {agency, share("quality_score")};
      for (const auto& [measure, title] : failed) {
        cells.push_back(share(measure));
      }
      table.Add(std::move(cells));
    }
    table.Print(out_, 0, kIndent);
    out_ << "  " << checks_.Mark("counters and records say the same", same)
         << "\n\n";
    return {};
  }

  // Happened in 2017-18, recorded today.
  Result<void> ShowKnown() {
    const Instant month_began =
        EndOfDay(MonthEndBefore(CivilDate(SystemClock().Now())));
    TRY(const Figures before, AskFigures(board_,
                                         {.measures = {"contacts"},
                                          .start = YearStart(),
                                          .end = YearEnd(),
                                          .as_known = month_began},
                                         pb::FIGURE_SOURCE_RECORDS));
    const std::int64_t known = before.count("contacts");
    out_ << "All of it happened in 2017-18 and was recorded today: as known "
            "at the end of last month, the year had "
         << checks_.Mark(Count(known), known == 0) << " contacts.\n\n";
    return {};
  }

  const YearParts& parts_;
  rpc::Client& board_;
  std::ostream& out_;
  Checks checks_;
};

}  // namespace

Result<pb::VerifyCountersResponse> VerifyCounters(const Stack& stack) {
  TRY(const auto ops, rpc::Client::Connect(stack.As("ops-console-ops")));
  pb::VerifyCountersRequest request;
  request.set_area(kArea);
  pb::VerifyCountersResponse response;
  TRY_VOID(ops->Call(cli::kVerifyCounters, request, response));
  return response;
}

Result<bool> ShowYear(const YearParts& parts) {
  TRY(const auto board,
      rpc::Client::Connect(parts.stack.As("board-portal-board")));
  return YearReport(parts, *board).Show();
}

}  // namespace seawall::demo
