#include "demo/pathway_year.h"

#include "cli/text.h"
#include "demo/beside.h"

namespace seawall::demo {
namespace {

using cli::Count;

constexpr char kRate[] = "… per 10,000 children";

class PathwayReport {
 public:
  explicit PathwayReport(const PathwayYearParts& parts)
      : parts_(parts),
        plan_(parts.expected),
        published_(parts.published.value_or(Published{})) {}

  Result<bool> Show() {
    TRY_VOID(ShowPublished());
    TRY_VOID(ShowOthers());
    return checks_.all_met();
  }

 private:
  Result<BothSides> Ask(std::vector<std::string> measures,
                        std::optional<Date> census = std::nullopt) {
    return AskBoth(parts_.board, {.measures = std::move(measures),
                                  .start = YearStart(),
                                  .end = YearEnd(),
                                  .census = census});
  }

  Result<void> ShowPublished() {
    TRY(const BothSides year,
        Ask({"referrals_assessed", "assessments",
             "assessments_no_further_action", "in_time_assessment",
             "assessments_child_seen", "section_47_enquiries",
             "section_47_rate", "section_47_to_conference", "conferences",
             "in_time_conference", "conferences_to_plan",
             "protection_plans_started", "repeat_protection_plans",
             "protection_plans", "children_in_need"}));
    TRY(const BothSides before,
        Ask({"children_in_need"}, YearStart() - std::chrono::days(1)));
    BesideTable table("the pathway in 2017-18", parts_.published.has_value(),
                      checks_);
    AddAssessments(table, year);
    AddEnquiries(table, year);
    AddPlans(table, year);
    AddInNeed(table, year, before);
    table.Print(parts_.out);
    return {};
  }

  void AddAssessments(BesideTable& table, const BothSides& year) {
    table.AddShare("referrals with an assessment started", published_.assessed,
                   year, "referrals_assessed",
                   Planned{plan_.assessed, parts_.referrals});
    table.AddCount("assessments authorised", 0, year, "assessments",
                   plan_.assessments);
    table.AddShare("… without further action", published_.no_further_action,
                   year, "assessments_no_further_action",
                   Planned{plan_.no_further_action, plan_.assessments});
    table.AddShare("… within 45 working days", published_.assessments_in_time,
                   year, "in_time_assessment",
                   Planned{plan_.assessments_in_time, plan_.assessments});
    table.AddShare("… with the child seen", "", year, "assessments_child_seen",
                   Planned{plan_.children_seen, plan_.assessments});
  }

  void AddEnquiries(BesideTable& table, const BothSides& year) {
    table.AddCount("section 47 enquiries completed", published_.enquiries, year,
                   "section_47_enquiries", plan_.enquiries);
    AddRate(table, published_.enquiry_rate, year, "section_47_enquiries");
    table.AddShare("… that call a conference", published_.to_conference, year,
                   "section_47_to_conference",
                   Planned{plan_.to_conference, plan_.enquiries});
    table.AddCount("initial conferences held", 0, year, "conferences",
                   plan_.conferences);
    table.AddShare("… within 15 working days", published_.conferences_in_time,
                   year, "in_time_conference",
                   Planned{plan_.conferences_in_time, plan_.conferences});
    table.AddShare("… that end with a protection plan", "", year,
                   "conferences_to_plan",
                   Planned{plan_.conferences_to_plan, plan_.conferences});
  }

  void AddPlans(BesideTable& table, const BothSides& year) {
    table.AddCount("protection plans started", 0, year,
                   "protection_plans_started", plan_.plans_started);
    table.AddShare("… the child's second or a later one",
                   published_.repeat_plans, year, "repeat_protection_plans",
                   Planned{plan_.repeat_plans, plan_.plans_started});
    table.AddCount("protection plans, 31 March 2018", published_.plans, year,
                   "protection_plans", plan_.plans_open);
    AddRate(table, published_.plan_rate, year, "protection_plans");
  }

  void AddInNeed(BesideTable& table, const BothSides& year,
                 const BothSides& before) {
    table.AddCount("children in need, 31 March 2017", published_.in_need_before,
                   before, "children_in_need", plan_.children_in_need_before);
    table.AddCount("children in need, 31 March 2018", published_.in_need, year,
                   "children_in_need", plan_.children_in_need);
    AddRate(table, published_.in_need_rate, year, "children_in_need");
  }

  // By the population that the service divides by.
  void AddRate(BesideTable& table, const std::string& printed,
               const BothSides& year, const std::string& measure) {
    table.AddRate(kRate, printed, year, measure,
                  year.counters.at("section_47_rate").denominator());
  }

  // ---- what is invented, and not counted by the plan ----

  Result<void> ShowOthers() {
    const std::vector<std::pair<std::string, std::string>> shown = {
        {"in_time_minutes", "minutes sent within 1 working day"},
        {"in_time_core_group", "first core groups within 10 working days"},
        {"in_time_first_review", "first reviews within 3 months"},
        {"in_time_next_review", "later reviews within 6 months"},
        {"protection_plans_over_two_years", "plans ended after two years"},
        {"closures_returned", "closures, referred again within 12 months"},
        {"voice_recorded", "decisions that tell of the child's voice"},
        {"missing_rationale", "decisions without a reason"},
        {"child_in_need_plans", "child in need plans, 31 March 2018"},
        {"early_help", "early help, 31 March 2018"},
        {"overdue_assessment", "assessments overdue, 31 March 2018"},
        {"overdue_core_group", "core groups overdue, 31 March 2018"},
        {"overdue_first_review", "first reviews overdue, 31 March 2018"},
        {"overdue_next_review", "later reviews overdue, 31 March 2018"}};
    std::vector<std::string> measures;
    for (const auto& [measure, name] : shown) measures.push_back(measure);
    TRY(const BothSides year, Ask(measures));
    cli::Table table(
        {{"along it (invented)"}, {"computed", true}, {"behind it"}});
    bool same = true;
    for (const auto& [measure, name] : shown) {
      const common::v1::Figure& figure = year.counters.at(measure);
      const common::v1::Figure& record = year.records.at(measure);
      same &= figure.numerator() == record.numerator() &&
              figure.denominator() == record.denominator();
      const bool is_share = figure.denominator() > 0;
      table.Add({name,
                 is_share ? Share(figure.numerator(), figure.denominator())
                          : Count(figure.numerator()),
                 is_share ? Count(figure.numerator()) + " of " +
                                Count(figure.denominator())
                          : ""});
    }
    same &= year.counters.count("child_in_need_plans") == plan_.need_plans_open;
    same &=
        year.counters.at("closures_returned").denominator() == plan_.closures;
    table.Print(parts_.out, 0, /*indent=*/2);
    parts_.out << "  "
               << checks_.Mark("counters and records say the same", same)
               << "\n\n";
    return {};
  }

  const PathwayYearParts& parts_;
  const ExpectedPathways& plan_;
  const Published published_;
  Checks checks_;
};

}  // namespace

Result<bool> ShowPathways(const PathwayYearParts& parts) {
  return PathwayReport(parts).Show();
}

}  // namespace seawall::demo
