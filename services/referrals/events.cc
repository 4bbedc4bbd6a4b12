#include "services/referrals/events.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include "services/referrals/step_store.h"

namespace seawall::referrals {
namespace {

using counters::AddFlow;
using counters::AddStock;
using counters::Increments;

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

void AddReceived(const ContactRow& row, std::int64_t by, Increments& to) {
  const char* family = Contacts(row);
  const std::string& day = row.received_date;
  AddFlow(to, family, day, by);
  AddFlow(to, family, day, "source", row.source, by);
  AddFlow(to, family, day, "agency", row.agency, by);
  AddFlow(to, family, day, "agency_group", row.agency_group, by);
  AddFlow(to, family, day, "need", row.need, by);
  AddFlow(to, family, day, "level", std::to_string(row.level), by);
  AddFlow(to, family, day, "channel", Name(row.channel), by);
  AddFlow(to, family, day, "age_band", row.age_band, by);
  AddFlow(to, family, day, "priority", Name(row.priority), by);
  AddFlow(to, family, day, "quality_band", Name(row.quality_band), by);
  AddFlow(to, "quality_scored", day, by);
  AddFlow(to, "quality_scored", day, "agency", row.agency, by);
  AddFlow(to, "quality_score", day, by * row.quality_score);
  AddFlow(to, "quality_score", day, "agency", row.agency,
          by * row.quality_score);
  AddFlow(to, "quality_maximum", day, by * row.quality_maximum);
  AddFlow(to, "quality_maximum", day, "agency", row.agency,
          by * row.quality_maximum);
  std::string failed;
  for (absl::string_view criterion :
       absl::StrSplit(row.failed_criteria, ' ', absl::SkipEmpty())) {
    failed = "quality_failed_";
    failed.append(criterion.data(), criterion.size());
    AddFlow(to, failed, day, by);
    AddFlow(to, failed, day, "agency", row.agency, by);
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
  AddReceived(row, 1, to);
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

// Everything that is counted of a contact but its steps.
void AddStanding(const pb::Dimensions& dimensions, const pb::Standing& standing,
                 std::int64_t by, Increments& to) {
  const ContactRow row = FromDimensions(dimensions);
  AddReceived(row, by, to);
  const auto decision = static_cast<Decision>(standing.decision());
  if (decision == Decision::kUnspecified) {
    AddOpen(row, static_cast<State>(standing.state()), by, to);
  } else {
    AddDecision(row, decision, standing.decided_date(), standing.in_time(), by,
                to);
    if (!standing.acknowledged()) {
      AddUnacknowledged(row, standing.decided_date(), by, to);
    }
  }
  const std::string& due = standing.confirmation_due_date();
  if (!due.empty()) AddStock(to, "unconfirmed_contacts", due, "", "", by);
}

void Count(const pb::ContactWithdrawn& event, Increments& to) {
  AddStanding(event.dimensions(), event.standing(), -1, to);
  CountMarks(event.marks(), event.dimensions(), to);
}

void Count(const pb::ContactReinstated& event, Increments& to) {
  AddStanding(event.dimensions(), event.standing(), 1, to);
  CountMarks(event.marks(), event.dimensions(), to);
}

template <class Event>
bool CountAs(const ledger::Recorded& recorded, Increments& to) {
  static const std::string& kind = Event::descriptor()->full_name();
  if (recorded.kind != kind) return false;
  Event event;
  if (event.ParseFromString(recorded.body)) Count(event, to);
  return true;
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

void CountEvent(const ledger::Recorded& recorded, Increments& to) {
  CountAs<pb::ContactReceived>(recorded, to) ||
      CountAs<pb::ContactDecided>(recorded, to) ||
      CountAs<pb::EpisodeOpened>(recorded, to) ||
      CountAs<pb::EpisodeClosed>(recorded, to) ||
      CountAs<pb::OutcomeAcknowledged>(recorded, to) ||
      CountAs<pb::ContactConfirmed>(recorded, to) ||
      CountAs<pb::ContactReturned>(recorded, to) ||
      CountAs<pb::ReturnAnswered>(recorded, to) ||
      CountAs<pb::ContactWithdrawn>(recorded, to) ||
      CountAs<pb::ContactReinstated>(recorded, to) ||
      CountAs<pb::ReReferralChanged>(recorded, to) ||
      CountAs<pb::EpisodeWithdrawn>(recorded, to) ||
      CountAs<pb::EpisodeReopened>(recorded, to) ||
      CountAs<pb::StepTaken>(recorded, to);
}

Result<counters::Increments> CountRecords(store::Reader& reader,
                                          const counters::Slice& slice,
                                          const ClockRules& clocks,
                                          const Calendar& calendar) {
  Increments to;
  std::map<std::string, Opened> episodes;
  TRY_VOID(ScanContacts(
      reader, slice, [&](const ContactRow& row) { AddReceived(row, 1, to); }));
  TRY_VOID(ScanDecisions(reader, slice,
                         [&](const DecisionRow& one, const ContactRow& row) {
                           AddDecision(row, one.decision, one.decided_date,
                                       one.in_time != 0, 1, to);
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
      reader, slice, [&](const DecisionRow& one, const ContactRow& row) {
        AddUnacknowledged(row, one.decided_date, 1, to);
      }));
  TRY_VOID(
      CountJourneys(reader, slice, std::move(episodes), clocks, calendar, to));
  return to;
}

}  // namespace seawall::referrals
