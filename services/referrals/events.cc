#include "services/referrals/events.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include "services/referrals/step_store.h"

namespace seawall::referrals {
namespace {

using counters::AddFlow;
using counters::AddStock;
using counters::Increments;
using counters::Kind;
using counters::Measure;

// Contacts that go to the early help hub are counted apart.
bool ToHub(const ContactRow& row) { return row.route == Route::kEarlyHelpHub; }

const char* Contacts(const ContactRow& row) {
  return ToHub(row) ? "hub_contacts" : "contacts";
}

const char* OpenContacts(const ContactRow& row) {
  return ToHub(row) ? "open_hub_contacts" : "open_contacts";
}

ContactRow FromDimensions(const pb::Dimensions& dimensions) {
  ContactRow row;
  row.received_date = dimensions.received_date();
  row.agency = dimensions.agency();
  row.agency_group = dimensions.agency_group();
  row.source = dimensions.source();
  row.need = dimensions.need();
  row.level = dimensions.level();
  row.channel = static_cast<Channel>(dimensions.channel());
  row.priority = static_cast<Priority>(dimensions.priority());
  row.quality_band = static_cast<Band>(dimensions.quality_band());
  row.quality_score = dimensions.quality_score();
  row.quality_maximum = dimensions.quality_maximum();
  row.failed_criteria = absl::StrJoin(dimensions.failed_criteria(), " ");
  row.route = static_cast<Route>(dimensions.route());
  row.due_date = dimensions.due_date();
  row.age_band = dimensions.age_band();
  return row;
}

// ---- what one thing adds; used by events and by records ----

void AddReceived(const ContactRow& row, Increments& to) {
  const char* family = Contacts(row);
  const std::string& day = row.received_date;
  AddFlow(to, family, day, 1);
  AddFlow(to, family, day, "source", row.source, 1);
  AddFlow(to, family, day, "agency", row.agency, 1);
  AddFlow(to, family, day, "agency_group", row.agency_group, 1);
  AddFlow(to, family, day, "need", row.need, 1);
  AddFlow(to, family, day, "level", std::to_string(row.level), 1);
  AddFlow(to, family, day, "channel", Name(row.channel), 1);
  AddFlow(to, family, day, "age_band", row.age_band, 1);
  AddFlow(to, family, day, "priority", Name(row.priority), 1);
  AddFlow(to, family, day, "quality_band", Name(row.quality_band), 1);
  AddFlow(to, "quality_scored", day, 1);
  AddFlow(to, "quality_scored", day, "agency", row.agency, 1);
  AddFlow(to, "quality_score", day, row.quality_score);
  AddFlow(to, "quality_score", day, "agency", row.agency, row.quality_score);
  AddFlow(to, "quality_maximum", day, row.quality_maximum);
  AddFlow(to, "quality_maximum", day, "agency", row.agency,
          row.quality_maximum);
  std::string failed;
  for (absl::string_view criterion :
       absl::StrSplit(row.failed_criteria, ' ', absl::SkipEmpty())) {
    failed = "quality_failed_";
    failed.append(criterion.data(), criterion.size());
    AddFlow(to, failed, day, 1);
    AddFlow(to, failed, day, "agency", row.agency, 1);
  }
}

void AddOpen(const ContactRow& row, State state, std::int64_t by,
             Increments& to) {
  const char* family = OpenContacts(row);
  AddStock(to, family, row.due_date, "", "", by);
  AddStock(to, family, row.due_date, "state", Name(state), by);
  AddStock(to, family, row.due_date, "priority", Name(row.priority), by);
}

void MoveState(const ContactRow& row, State from, State into, Increments& to) {
  const char* family = OpenContacts(row);
  AddStock(to, family, row.due_date, "state", Name(from), -1);
  AddStock(to, family, row.due_date, "state", Name(into), 1);
}

void AddDecision(const ContactRow& row, Decision decision,
                 const std::string& date, bool in_time, std::int64_t by,
                 Increments& to) {
  if (ToHub(row)) {
    AddFlow(to, "hub_decisions", date, by);
    return;
  }
  AddFlow(to, "decisions", date, by);
  AddFlow(to, "decisions", date, "decision", Name(decision), by);
  AddFlow(to, "decisions", date, "agency", row.agency, by);
  if (in_time) AddFlow(to, "decisions_in_time", date, by);
}

// Those who hold no certificate can neither confirm nor acknowledge.
bool HoldsCertificate(const ContactRow& row) {
  return row.agency_group != "public" && row.agency_group != kUnknown;
}

void AddUnacknowledged(const ContactRow& row, const std::string& date,
                       std::int64_t by, Increments& to) {
  if (!HoldsCertificate(row)) return;
  const std::string& agency = row.agency;
  AddStock(to, "unacknowledged_outcomes", date, "", "", by);
  AddStock(to, "unacknowledged_outcomes", date, "agency", agency, by);
}

void AddReReferral(const ContactRow& row, const std::string& date,
                   std::int64_t by, Increments& to) {
  AddFlow(to, "re_referrals", date, by);
  AddFlow(to, "re_referrals", date, "source", row.source, by);
  AddFlow(to, "re_referrals", date, "agency", row.agency, by);
  AddFlow(to, "re_referrals", date, "agency_group", row.agency_group, by);
  AddFlow(to, "re_referrals", date, "need", row.need, by);
  AddFlow(to, "re_referrals", date, "age_band", row.age_band, by);
}

void AddReferral(const ContactRow& row, const std::string& date,
                 bool re_referral, std::int64_t by, Increments& to) {
  AddFlow(to, "referrals", date, by);
  AddFlow(to, "referrals", date, "source", row.source, by);
  AddFlow(to, "referrals", date, "agency", row.agency, by);
  AddFlow(to, "referrals", date, "agency_group", row.agency_group, by);
  AddFlow(to, "referrals", date, "need", row.need, by);
  AddFlow(to, "referrals", date, "age_band", row.age_band, by);
  if (!ToHub(row)) {
    AddFlow(to, "front_door_referrals", date, by);
    AddFlow(to, "front_door_referrals", date, "source", row.source, by);
    AddFlow(to, "front_door_referrals", date, "agency", row.agency, by);
    AddFlow(to, "front_door_referrals", date, "agency_group", row.agency_group,
            by);
    AddFlow(to, "front_door_referrals", date, "need", row.need, by);
    AddFlow(to, "front_door_referrals", date, "age_band", row.age_band, by);
  }
  if (re_referral) AddReReferral(row, date, by, to);
}

void AddOpenEpisode(const std::string& referral_date, std::int64_t by,
                    Increments& to) {
  AddStock(to, "open_episodes", referral_date, "", "", by);
}

// ---- events ----

void Count(const pb::ContactReceived& event, Increments& to) {
  const ContactRow row = FromDimensions(event.dimensions());
  AddReceived(row, to);
  AddOpen(row, State::kAwaitingScreening, 1, to);
  if (!event.confirmation_due_date().empty()) {
    AddStock(to, "unconfirmed_contacts", event.confirmation_due_date(), "", "",
             1);
  }
}

void Count(const pb::ContactDecided& event, Increments& to) {
  const ContactRow row = FromDimensions(event.dimensions());
  const auto before = static_cast<Decision>(event.decision_before());
  if (before == Decision::kUnspecified) {
    AddOpen(row, static_cast<State>(event.state_before()), -1, to);
  } else {
    AddDecision(row, before, event.decided_date_before(),
                event.in_time_before(), -1, to);
    if (!event.acknowledged_before()) {
      AddUnacknowledged(row, event.decided_date_before(), -1, to);
    }
  }
  AddDecision(row, static_cast<Decision>(event.decision()),
              event.decided_date(), event.in_time(), 1, to);
  AddUnacknowledged(row, event.decided_date(), 1, to);
}

void Count(const pb::EpisodeOpened& event, Increments& to) {
  AddReferral(FromDimensions(event.dimensions()), event.referral_date(),
              event.re_referral(), 1, to);
  AddOpenEpisode(event.referral_date(), 1, to);
  CountMarks(event.marks(), event.dimensions(), to);
}

void Count(const pb::EpisodeWithdrawn& event, Increments& to) {
  AddReferral(FromDimensions(event.dimensions()), event.referral_date(),
              event.re_referral(), -1, to);
  if (event.was_open()) {
    AddOpenEpisode(event.referral_date(), -1, to);
  } else {
    AddFlow(to, "episodes_closed", event.closed_date(), -1);
  }
  CountMarks(event.marks(), event.dimensions(), to);
}

void Count(const pb::ReReferralChanged& event, Increments& to) {
  AddReReferral(FromDimensions(event.dimensions()), event.referral_date(),
                event.re_referral() ? 1 : -1, to);
}

void Count(const pb::EpisodeClosed& event, Increments& to) {
  AddOpenEpisode(event.referral_date(), -1, to);
  AddFlow(to, "episodes_closed", event.closed_date(), 1);
}

void Count(const pb::EpisodeReopened& event, Increments& to) {
  AddOpenEpisode(event.referral_date(), 1, to);
  AddFlow(to, "episodes_closed", event.closed_date(), -1);
}

void Count(const pb::StepTaken& event, Increments& to) {
  CountMarks(event.marks(), event.dimensions(), to);
}

void Count(const pb::ContactReturned& event, Increments& to) {
  MoveState(FromDimensions(event.dimensions()), State::kAwaitingScreening,
            State::kReturned, to);
}

void Count(const pb::ReturnAnswered& event, Increments& to) {
  if (event.late()) return;
  MoveState(FromDimensions(event.dimensions()), State::kReturned,
            State::kAwaitingScreening, to);
}

void Count(const pb::ContactConfirmed& event, Increments& to) {
  AddStock(to, "unconfirmed_contacts", event.confirmation_due_date(), "", "",
           -1);
}

void Count(const pb::OutcomeAcknowledged& event, Increments& to) {
  ContactRow row;
  row.agency = event.agency();
  AddUnacknowledged(row, event.decided_date(), -1, to);
}

template <class Event>
bool CountAs(const ledger::Recorded& recorded, Increments& to) {
  static const std::string& kind = Event::descriptor()->full_name();
  if (recorded.kind != kind) return false;
  Event event;
  if (event.ParseFromString(recorded.body)) Count(event, to);
  return true;
}

void CountEvent(const ledger::Recorded& recorded, Increments& to) {
  CountAs<pb::ContactReceived>(recorded, to) ||
      CountAs<pb::ContactDecided>(recorded, to) ||
      CountAs<pb::EpisodeOpened>(recorded, to) ||
      CountAs<pb::EpisodeClosed>(recorded, to) ||
      CountAs<pb::OutcomeAcknowledged>(recorded, to) ||
      CountAs<pb::ContactConfirmed>(recorded, to) ||
      CountAs<pb::ContactReturned>(recorded, to) ||
      CountAs<pb::ReturnAnswered>(recorded, to) ||
      CountAs<pb::ReReferralChanged>(recorded, to) ||
      CountAs<pb::EpisodeWithdrawn>(recorded, to) ||
      CountAs<pb::EpisodeReopened>(recorded, to) ||
      CountAs<pb::StepTaken>(recorded, to);
}

// ---- records ----

bool InSlice(const counters::Slice& slice, const std::string& date) {
  return (!slice.start || date >= FormatDate(*slice.start)) &&
         (!slice.end || date <= FormatDate(*slice.end));
}

// An episode as it stood, and the contact that opened it.
struct Opened {
  EpisodeRow episode;
  ContactRow contact;
};

void CountJourney(const Subject& subject, const ContactRow& contact,
                  std::vector<Step> steps, const ClockRules& clocks,
                  const Calendar& calendar, Increments& to) {
  const Journey journey = Fold(subject, std::move(steps));
  const Arrival arrival{contact.priority, FromMicros(contact.received_time)};
  CountTally(TallyOf(journey, ClocksOf(journey, arrival, clocks, calendar)),
             DimensionsOf(contact), to);
}

Result<void> CountJourneys(store::Reader& reader, const counters::Slice& slice,
                           std::map<std::string, Opened> episodes,
                           const ClockRules& clocks, const Calendar& calendar,
                           Increments& to) {
  const auto count = [&](const Opened& opened, std::vector<Step> steps) {
    const EpisodeRow& episode = opened.episode;
    CountJourney({episode.episode_id, ParseDate(episode.referral_date),
                  opened.contact.source, opened.contact.need},
                 opened.contact, std::move(steps), clocks, calendar, to);
  };
  TRY_VOID(ScanSteps(reader, slice,
                     [&](const ContactRow& contact, std::vector<Step> steps) {
                       const auto found = episodes.find(contact.contact_id);
                       if (found != episodes.end()) {
                         count(found->second, std::move(steps));
                         episodes.erase(found);
                       } else if (!contact.agency.empty()) {
                         CountJourney({contact.contact_id}, contact,
                                      std::move(steps), clocks, calendar, to);
                       }
                     }));
  for (const auto& [id, opened] : episodes) count(opened, {});
  return {};
}

Result<Increments> CountRecords(store::Reader& reader,
                                const counters::Slice& slice,
                                const ClockRules& clocks,
                                const Calendar& calendar) {
  Increments to;
  std::map<std::string, Opened> episodes;
  TRY_VOID(ScanContacts(reader, slice,
                        [&](const ContactRow& row) { AddReceived(row, to); }));
  TRY_VOID(ScanDecisions(reader, slice,
                         [&](Decision decision, const std::string& date,
                             bool in_time, const ContactRow& row) {
                           AddDecision(row, decision, date, in_time, 1, to);
                         }));
  TRY_VOID(ScanEpisodes(
      reader, slice, [&](const EpisodeRow& episode, const ContactRow& row) {
        episodes[episode.episode_id] = {episode, row};
        if (InSlice(slice, episode.referral_date)) {
          AddReferral(row, episode.referral_date, episode.re_referral != 0, 1,
                      to);
        }
        if (episode.state == "OPEN") {
          AddOpenEpisode(episode.referral_date, 1, to);
        } else if (InSlice(slice, episode.closed_date)) {
          AddFlow(to, "episodes_closed", episode.closed_date, 1);
        }
      }));
  TRY_VOID(ScanOpen(reader, slice, [&](const ContactRow& row) {
    AddOpen(row, row.state, 1, to);
  }));
  TRY_VOID(ScanUnconfirmed(reader, slice, [&](const ContactRow& row) {
    AddStock(to, "unconfirmed_contacts", row.confirmation_due_date, "", "", 1);
  }));
  TRY_VOID(ScanUnacknowledged(
      reader, slice, [&](const ContactRow& row, const std::string& date) {
        AddUnacknowledged(row, date, 1, to);
      }));
  TRY_VOID(
      CountJourneys(reader, slice, std::move(episodes), clocks, calendar, to));
  return to;
}

// ---- definitions ----

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
      Standing("children_in_need", "referrals", "episodes_closed",
               "Episodes open on the census date.", {}),
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
  for (const std::string& clock : clocks.Names()) {
    // Those of contacts have measures of their own.
    if (clock == "decision" || clock == "confirmation") continue;
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

pb::Dimensions DimensionsOf(const ContactRow& row) {
  pb::Dimensions dimensions;
  dimensions.set_received_date(row.received_date);
  dimensions.set_agency(row.agency);
  dimensions.set_agency_group(row.agency_group);
  dimensions.set_source(row.source);
  dimensions.set_need(row.need);
  dimensions.set_level(static_cast<int>(row.level));
  dimensions.set_channel(static_cast<pb::Channel>(row.channel));
  dimensions.set_priority(static_cast<pb::Priority>(row.priority));
  dimensions.set_quality_band(static_cast<pb::QualityBand>(row.quality_band));
  for (absl::string_view criterion :
       absl::StrSplit(row.failed_criteria, ' ', absl::SkipEmpty())) {
    dimensions.add_failed_criteria(criterion.data(), criterion.size());
  }
  dimensions.set_route(static_cast<pb::Route>(row.route));
  dimensions.set_due_date(row.due_date);
  dimensions.set_quality_score(static_cast<int>(row.quality_score));
  dimensions.set_quality_maximum(static_cast<int>(row.quality_maximum));
  dimensions.set_age_band(row.age_band);
  return dimensions;
}

counters::Definitions MakeDefinitions(
    const rules::Rubric& rubric, const CodeSets& codes,
    const std::vector<std::string>& agencies,
    const std::vector<std::string>& agency_groups, const ClockRules& clocks,
    const Calendar& calendar) {
  counters::Definitions definitions;
  definitions.version = 2;
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
