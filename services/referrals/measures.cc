#include "services/referrals/measures.h"

#include "services/referrals/events.h"

namespace seawall::referrals {
namespace {

using counters::Kind;
using counters::Measure;

std::vector<std::string> WithUnknown(std::vector<std::string> values) {
  values.push_back(kUnknown);
  return values;
}

constexpr char kOurs[] = "Seawall";
constexpr char kLait[] =
    "Department for Education, children in need census and local authority "
    "interactive tool";

Measure Flow(std::string id, std::string definition,
             std::vector<std::string> groups) {
  Measure measure;
  measure.id = id;
  measure.numerator = std::move(id);
  measure.definition = std::move(definition);
  measure.source = kOurs;
  measure.groups = std::move(groups);
  return measure;
}

Measure Share(std::string id, std::string numerator, std::string denominator,
              std::string definition, std::vector<std::string> groups) {
  Measure measure = Flow(std::move(id), std::move(definition), groups);
  measure.unit = "percent";
  measure.decimal_places = 1;
  measure.numerator = std::move(numerator);
  measure.denominator = std::move(denominator);
  return measure;
}

Measure Stock(std::string id, Kind kind, std::string family,
              std::string definition, std::vector<std::string> groups) {
  Measure measure = Flow(std::move(id), std::move(definition), groups);
  measure.kind = kind;
  measure.numerator = std::move(family);
  return measure;
}

// What is counted of the journey can be split by these.
std::vector<std::string> JourneyGroups(std::vector<std::string> more = {}) {
  std::vector<std::string> groups = {"agency", "agency_group", "need",
                                     "age_band"};
  groups.insert(groups.end(), more.begin(), more.end());
  return groups;
}

Measure Rate(std::string id, std::string family, std::string definition) {
  Measure measure = Share(std::move(id), std::move(family), "population",
                          std::move(definition), {});
  measure.unit = "per_10000";
  measure.decimal_places = 0;
  measure.source = kLait;
  return measure;
}

// How many stand on the census date: all that began less all that ended.
Measure Standing(std::string id, std::string began, std::string ended,
                 std::string definition, std::vector<std::string> groups) {
  Measure measure = Flow(std::move(id), std::move(definition), groups);
  measure.kind = Kind::kStanding;
  measure.numerator = std::move(began);
  measure.less = std::move(ended);
  return measure;
}

std::vector<Measure> JourneyMeasures(const ClockRules& clocks) {
  const auto groups = JourneyGroups();
  const auto plan_groups = JourneyGroups({"category"});
  const auto closure_groups = JourneyGroups({"closure_reason", "team"});
  const auto voice_groups = JourneyGroups({"stage"});
  const std::vector<std::string> agency = {"agency", "need", "age_band"};
  std::vector<Measure> measures = {
      Flow("triages", "Triages opened.", groups),
      Flow("triage_decisions", "Triages decided.",
           JourneyGroups({"triage_level"})),
      Share("triage_below_threshold", "triage_decisions_below_threshold",
            "triage_decisions",
            "Triage decisions that end below the threshold for children's "
            "social care, as a share of all triage decisions.",
            groups),
      Flow("contributions", "What agencies contributed to triages, by agency.",
           agency),
      Share("dissent", "dissents", "contributions",
            "Contributions that dissent, as a share of all contributions.",
            agency),
      Flow("escalations", "Escalations raised, by the agency that raised them.",
           agency),
      Flow("escalations_resolved", "Escalations resolved.",
           {"agency", "escalation_outcome"}),
      Share("escalations_upheld", "escalations_upheld", "escalations_resolved",
            "Escalations upheld, as a share of those resolved.", {"agency"}),
      Share("referrals_assessed", "referrals_assessed", "referrals",
            "Referrals of the period with an assessment started, whenever, as "
            "a share of all referrals of the period.",
            groups),
      Flow("assessments_started", "Assessments started.", groups),
      Flow("assessments", "Assessments authorised.", groups),
      Rate("assessment_rate", "assessments",
           "Assessments authorised per 10,000 children under 18."),
      Share("assessments_no_further_action", "assessments_no_further_action",
            "assessments",
            "Assessments that ended with no further action, as a share of "
            "those authorised.",
            groups),
      Share("assessments_child_seen", "assessments_child_seen", "assessments",
            "Assessments authorised for which the child was seen.", groups),
      Flow("assessment_factors",
           "Factors found by assessments authorised; an assessment has many.",
           {"factor"}),
      Flow("section_47_started", "Section 47 enquiries started.", groups),
      Flow("section_47_enquiries", "Section 47 enquiries completed.", groups),
      Rate("section_47_rate", "section_47_enquiries",
           "Section 47 enquiries completed per 10,000 children under 18."),
      Share("section_47_to_conference", "section_47_to_conference",
            "section_47_enquiries",
            "Enquiries completed that called an initial conference, as a share "
            "of those completed.",
            groups),
      Flow("conferences",
           "Initial child protection conferences held; those for children who "
           "moved in under a plan are counted apart.",
           groups),
      Rate("conference_rate", "conferences",
           "Initial conferences held per 10,000 children under 18."),
      Flow("transfer_in_conferences",
           "Conferences for children who moved in under another authority's "
           "plan.",
           groups),
      Share("conferences_to_plan", "conferences_to_plan", "conferences",
            "Conferences that ended with a child protection plan.", groups),
      Flow("protection_plans_started", "Child protection plans started.",
           plan_groups),
      Share("repeat_protection_plans", "repeat_protection_plans",
            "protection_plans_started",
            "Plans that are the child's second or a later one, as a share of "
            "those started.",
            plan_groups),
      Flow("protection_plans_ended", "Child protection plans ended.",
           plan_groups),
      Share("protection_plans_over_two_years",
            "protection_plans_over_two_years", "protection_plans_ended",
            "Plans that had lasted two years or more (over 729 days, the last "
            "one included), as a share of those ended.",
            plan_groups),
      Standing("protection_plans", "protection_plans_started",
               "protection_plans_ended",
               "Child protection plans open on the census date, by initial "
               "category.",
               plan_groups),
      Flow("child_in_need_plans_started", "Child in need plans started.",
           groups),
      Standing("child_in_need_plans", "child_in_need_plans_started",
               "child_in_need_plans_ended",
               "Child in need plans open on the census date.", groups),
      Flow("early_help_started", "Early help episodes started.", groups),
      Standing("early_help", "early_help_started", "early_help_ended",
               "Early help episodes open on the census date.", groups),
      Standing("children_in_need", "referrals", "closures",
               "Episodes open on the census date.", groups),
      Flow("closures", "Episodes closed.", closure_groups),
      Share("closures_returned", "closures_returned", "closures",
            "Closures after which the child was referred again within 12 "
            "months, as a share of the closures of the period.",
            closure_groups),
      Share("closures_without_evidence", "closures_without_evidence",
            "closures",
            "Closures that say nothing of the agencies' views, sustained "
            "change and contingency; imported ones alone may.",
            closure_groups),
      Share("voice_recorded", "voice_recorded", "voice_expected",
            "Decisions of the journey that tell how the child's voice was "
            "heard, or why not, as a share of all of them.",
            voice_groups),
      Share("missing_rationale", "journey_decisions_without_rationale",
            "journey_decisions",
            "Decisions of the journey without a recorded reason.", groups),
  };
  Measure days =
      Share("escalation_days", "escalation_days", "escalations_resolved",
            "Days from raising to resolving an escalation, mean of "
            "those resolved.",
            {"agency", "escalation_outcome"});
  days.unit = "days";
  measures.push_back(std::move(days));
  for (const std::string& clock : clocks.JourneyNames()) {
    measures.push_back(Share("in_time_" + clock, "in_time_" + clock,
                             "stopped_" + clock,
                             "Clocks `" + clock +
                                 "` stopped in time, as a share of those "
                                 "stopped in the period.",
                             groups));
    measures.back().source = clocks.Find(clock)->source;
    measures.push_back(Stock("open_" + clock, Kind::kStock, "open_" + clock,
                             "Clocks `" + clock + "` that run.", groups));
    measures.push_back(Stock("overdue_" + clock, Kind::kOverdue,
                             "open_" + clock,
                             "Clocks `" + clock +
                                 "` that run and were due before the census "
                                 "date.",
                             groups));
  }
  return measures;
}

std::vector<Measure> Measures(const rules::Rubric& rubric) {
  const std::vector<std::string> referral_groups = {
      "source", "agency", "agency_group", "need", "age_band"};
  std::vector<std::string> contact_groups = referral_groups;
  for (const char* group : {"level", "channel", "priority", "quality_band"}) {
    contact_groups.push_back(group);
  }
  std::vector<Measure> measures = {
      Flow("contacts",
           "Contacts received by the front door in the period, one per child; "
           "those routed to the early help hub are not in it.",
           contact_groups),
      Flow("hub_contacts",
           "Contacts routed to the early help hub, counted apart.",
           contact_groups),
      Flow("referrals",
           "Contacts accepted as referrals, by the day of the referral.",
           referral_groups),
      Share("referral_conversion", "front_door_referrals", "contacts",
            "Referrals of the period that came by the front door, as a share "
            "of its contacts of the period.",
            referral_groups),
      Share("referral_rate", "referrals", "population",
            "Referrals of the period per 10,000 children under 18.", {}),
      Flow("re_referrals",
           "Referrals within 12 months of an earlier referral of the same "
           "child; of the same day does not count.",
           referral_groups),
      Share("re_referral_share", "re_referrals", "referrals",
            "Re-referrals as a share of all referrals of the period.",
            referral_groups),
      Flow("decisions",
           "Decisions on contacts, by the day they were made; a correction "
           "replaces what it corrects.",
           {"decision", "agency"}),
      Share("decided_in_time", "decisions_in_time", "decisions",
            "Decisions made by the end of the next working day after receipt, "
            "as a share of all decisions.",
            {}),
      Flow("episodes_closed", "Episodes closed in the period.", {}),
      Stock("open_contacts", Kind::kStock, "open_contacts",
            "Contacts not yet decided.", {"state", "priority"}),
      Stock("overdue_contacts", Kind::kOverdue, "open_contacts",
            "Contacts not yet decided whose decision was due before the census "
            "date.",
            {"state", "priority"}),
      Stock("open_hub_contacts", Kind::kStock, "open_hub_contacts",
            "Contacts at the early help hub not yet decided.",
            {"state", "priority"}),
      Stock("overdue_hub_contacts", Kind::kOverdue, "open_hub_contacts",
            "Contacts at the early help hub not yet decided whose decision was "
            "due before the census date.",
            {"state", "priority"}),
      Stock("open_episodes", Kind::kStock, "open_episodes",
            "Referrals whose episode is open.", {}),
      Stock("unconfirmed_contacts", Kind::kOverdue, "unconfirmed_contacts",
            "Telephone contacts whose written confirmation was due before the "
            "census date and has not come.",
            {}),
      Stock("unacknowledged_outcomes", Kind::kStock, "unacknowledged_outcomes",
            "Decided contacts whose outcome the referrer has not acknowledged.",
            {"agency"}),
      Share("quality_score", "quality_score", "quality_maximum",
            "Points for the quality of information at the door, as a share of "
            "the points possible.",
            {"agency"}),
  };
  for (const rules::Criterion& criterion : rubric.criteria) {
    measures.push_back(Share("quality_failed_" + criterion.id,
                             "quality_failed_" + criterion.id, "quality_scored",
                             "All contacts, the hub's too, that do not say: " +
                                 criterion.label + ".",
                             {"agency"}));
  }
  for (Measure& measure : measures) {
    if (measure.id == "referral_rate") {
      measure.unit = "per_10000";
      measure.decimal_places = 0;
      measure.source = kLait;
    } else if (measure.id == "re_referral_share") {
      measure.decimal_places = 1;
      measure.source = kLait;
    }
  }
  return measures;
}

}  // namespace

counters::Definitions MakeDefinitions(
    const rules::Rubric& rubric, const CodeSets& codes,
    const std::vector<std::string>& agencies,
    const std::vector<std::string>& agency_groups, const ClockRules& clocks,
    const Calendar& calendar) {
  counters::Definitions definitions;
  definitions.version = 4;
  definitions.groups = {
      {"source", WithUnknown(codes.Codes("source"))},
      {"need", WithUnknown(codes.Codes("need"))},
      {"agency", WithUnknown(agencies)},
      {"agency_group", WithUnknown(agency_groups)},
      {"age_band",
       {"UNBORN", "UNDER_1", "1_TO_4", "5_TO_9", "10_TO_15", "16_AND_OVER",
        kUnknown}},
      {"level", {"0", "1", "2", "3", "4"}},
      {"channel", {"SYSTEM", "FORM", "PHONE"}},
      {"priority", {"RED", "AMBER", "GREEN"}},
      {"quality_band", {"GOOD", "FAIR", "POOR"}},
      {"state", {"AWAITING_SCREENING", "RETURNED"}},
      {"decision",
       {"NO_FURTHER_ACTION", "INFORMATION_AND_ADVICE", "EARLY_HELP", "REFERRAL",
        "JOINS_OPEN_EPISODE"}},
  };
  definitions.groups.insert(
      definitions.groups.end(),
      {{"factor", WithUnknown(codes.Codes("factor"))},
       {"category", WithUnknown(codes.Codes("abuse_category"))},
       {"closure_reason", WithUnknown(codes.Codes("closure_reason"))},
       {"team", WithUnknown(codes.Codes("team"))},
       {"stage",
        {"TRIAGE", "ASSESSMENT", "SECTION_47", "CONFERENCE", "REVIEW",
         "STEP_DOWN", "CLOSURE"}},
       {"triage_level", {"1", "2", "3", "4"}},
       {"escalation_outcome", {"UPHELD", "NOT_UPHELD"}}});
  definitions.measures = Measures(rubric);
  std::vector<Measure> journey = JourneyMeasures(clocks);
  definitions.measures.insert(definitions.measures.end(), journey.begin(),
                              journey.end());
  definitions.count = CountEvent;
  definitions.records = [&clocks, &calendar](store::Reader& reader,
                                             const counters::Slice& slice) {
    return CountRecords(reader, slice, clocks, calendar);
  };
  return definitions;
}

}  // namespace seawall::referrals
