#include "demo/year.h"

#include <sstream>

#include "cli/methods.h"
#include "cli/table.h"
#include "cli/text.h"
#include "demo/forms.h"
#include "libs/base/rounding.h"

namespace seawall::demo {
namespace {

namespace pb = common::v1;
using cli::Count;
using cli::Table;

constexpr int kIndent = 2;
constexpr char kInvented[] = "invented";

std::string Percent(const std::string& value) {
  return value.empty() ? "–" : value + "%";
}

std::string Share(std::int64_t numerator, std::int64_t denominator,
                  int decimal_places = 1) {
  return Percent(Ratio(numerator, denominator, 100, decimal_places));
}

class YearReport {
 public:
  YearReport(const YearParts& parts, rpc::Client& board)
      : parts_(parts), board_(board), out_(parts.out) {}

  Result<bool> Show() {
    TRY_VOID(ShowLevel());
    TRY_VOID(ShowTotals());
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

  // One line: as printed, and computed from both sides.
  void AddPublished(Table& table, const std::string& name,
                    const std::string& published,
                    const std::vector<std::string>& computed,
                    const std::string& counts) {
    std::vector<std::string> cells = {name, parts_.published ? published : ""};
    for (const std::string& value : computed) {
      cells.push_back(parts_.published ? checks_.Mark(value, value == published)
                                       : value);
    }
    cells.push_back(counts);
    table.Add(std::move(cells));
  }

  template <class Compute>
  static std::vector<std::string> OnBothSides(const BothSides& sides,
                                              Compute&& compute) {
    return {compute(sides.counters), compute(sides.records)};
  }

  Result<void> ShowTotals() {
    TRY(const BothSides year,
        Ask({"contacts", "hub_contacts", "referrals", "re_referrals",
             "referral_conversion", "referral_rate", "re_referral_share"}));
    TRY(const BothSides months,
        AskBoth(board_, {.measures = {"referral_conversion"},
                         .start = AddMonths(YearStart(), 9),
                         .end = YearEnd(),
                         .group_by = "month"}));
    Table table({{"2017-18"},
                 {"published", true},
                 {"from counters", true},
                 {"from records", true},
                 {"behind it"}});
    AddTotals(table, year, months);
    table.Print(out_, 0, kIndent);
    out_ << '\n';
    return {};
  }

  void AddTotals(Table& table, const BothSides& year, const BothSides& months) {
    const Published published = parts_.published.value_or(Published{});
    for (const auto& [measure, printed] :
         {std::pair("contacts", published.contacts),
          std::pair("referrals", published.referrals)}) {
      AddPublished(table, measure, Count(printed),
                   OnBothSides(year,
                               [&](const Figures& side) {
                                 return Count(side.count(measure));
                               }),
                   "");
    }
    AddRatio(table, year, "became a referral", "referral_conversion",
             published.conversion);
    AddMean(table, months, published.quarter_4_conversion);
    AddRate(table, year, published);
    AddRatio(table, year, "repeat within 12 months", "re_referral_share",
             published.repeats);
    const Expected& expected = parts_.expected;
    table.Add({"to the early help hub, counted apart", kInvented,
               Both(year, "hub_contacts", expected.hub_contacts), "", ""});
    // The plan's own totals, so that a smaller year is checked too.
    for (const auto& [measure, planned] :
         {std::pair("contacts", expected.contacts),
          std::pair("referrals", expected.referrals),
          std::pair("re_referrals", expected.re_referrals)}) {
      Both(year, measure, planned);
    }
  }

  static std::string Behind(const Figures& side, const std::string& measure) {
    const pb::Figure& figure = side.at(measure);
    return Count(figure.numerator()) + " of " + Count(figure.denominator());
  }

  void AddRatio(Table& table, const BothSides& year, const std::string& name,
                const std::string& measure, const std::string& printed) {
    AddPublished(table, name, Percent(printed),
                 OnBothSides(year,
                             [&](const Figures& side) {
                               const pb::Figure& figure = side.at(measure);
                               return Share(figure.numerator(),
                                            figure.denominator(),
                                            DecimalPlaces(printed));
                             }),
                 Behind(year.counters, measure));
  }

  void AddMean(Table& table, const BothSides& months,
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
    AddPublished(table, "… mean of January, February, March", Percent(printed),
                 OnBothSides(months,
                             [&](const Figures& side) {
                               return Percent(MeanOfShares(
                                   shares(side), DecimalPlaces(printed)));
                             }),
                 behind);
  }

  void AddRate(Table& table, const BothSides& year,
               const Published& published) {
    const std::int64_t children =
        year.counters.at("referral_rate").denominator();
    const std::string behind = Count(children) + " children";
    AddPublished(
        table, "referrals per 10,000 children", published.rate,
        OnBothSides(year,
                    [&](const Figures& side) {
                      const pb::Figure& figure = side.at("referral_rate");
                      return Ratio(figure.numerator(), figure.denominator(),
                                   10'000, DecimalPlaces(published.rate));
                    }),
        parts_.published ? checks_.Mark(behind, children == published.children)
                         : behind);
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
    TRY(const Figures yesterday,
        AskFigures(board_,
                   {.measures = {"contacts"},
                    .start = YearStart(),
                    .end = YearEnd(),
                    .as_known = SystemClock().Now() - std::chrono::days(1)},
                   pb::FIGURE_SOURCE_RECORDS));
    const std::int64_t known = yesterday.count("contacts");
    out_ << "All of it happened in 2017-18 and was recorded today: as known "
            "yesterday, the year had "
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
