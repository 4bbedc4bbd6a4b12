#include "services/waiting/events.h"

#include <absl/strings/ascii.h>

namespace seawall::waiting {
namespace {

using counters::AddFlow;
using counters::Increments;
using counters::Kind;
using counters::Measure;

constexpr char kService[] = "service";
constexpr char kDuty[] = "duty";
constexpr char kDuties[] = "duties";

constexpr Outcome kOutcomes[] = {Outcome::kSeen,        Outcome::kRejected,
                                 Outcome::kWithdrawn,   Outcome::kDischarged,
                                 Outcome::kTransferred, Outcome::kDied};

void CountFlow(const std::string& family, const std::string& day,
               const std::string& service, std::int64_t by, Increments& to) {
  AddFlow(to, family, day, by);
  AddFlow(to, family, day, kService, service, by);
}

void CountDuty(const std::string& service, const std::string& duty,
               const std::string& day, std::int64_t by, Increments& to) {
  counters::AddStock(to, kDuties, day, "", "", by);
  counters::AddStock(to, kDuties, day, kService, service, by);
  counters::AddStock(to, kDuties, day, kDuty, duty, by);
}

void CountEvent(const ledger::Recorded& recorded, Increments& to) {
  static const std::string& kind =
      pb::WaitingChanged::descriptor()->full_name();
  if (recorded.kind != kind) return;
  pb::WaitingChanged event;
  if (!event.ParseFromString(recorded.body)) return;
  for (const pb::WaitSpan& wait : event.before()) {
    CountWait(event.service(), wait, -1, to);
  }
  for (const pb::WaitSpan& wait : event.after()) {
    CountWait(event.service(), wait, 1, to);
  }
  for (const pb::DutySpan& duty : event.duties_before()) {
    CountDuty(event.service(), duty.duty(), duty.due_date(), -1, to);
  }
  for (const pb::DutySpan& duty : event.duties_after()) {
    CountDuty(event.service(), duty.duty(), duty.due_date(), 1, to);
  }
}

Result<Increments> CountRecords(const Catalogue& catalogue,
                                store::Reader& reader,
                                const counters::Slice& slice) {
  const auto records = store::RecordsOf(reader, slice.area);
  Increments increments;
  for (const Service& service : catalogue.services()) {
    TRY_VOID(ScanEvents(
        *records, service.id, slice.position, [&](const History& history) {
          for (const auto& [duty, day] : DutyDays(service, history)) {
            CountDuty(service.id, duty, day, 1, increments);
          }
        }));
  }
  TRY_VOID(
      ScanMovements(*records, 0, slice.position, [&](const MovementRow& row) {
        pb::WaitSpan wait;
        ToProto(row, wait);
        CountWait(row.service, wait, row.changed_by, increments);
      }));
  return increments;
}

Measure OneOf(const char* id, Kind kind, const char* numerator,
              std::string definition) {
  Measure measure;
  measure.id = id;
  measure.kind = kind;
  measure.numerator = numerator;
  measure.groups = {kService};
  measure.definition = std::move(definition);
  measure.source =
      "NHS England, referral to treatment rules; community health "
      "services situation report";
  return measure;
}

Measure Over(int weeks) {
  const std::string n = std::to_string(weeks);
  Measure measure =
      OneOf("", Kind::kOverdue, "waiting",
            "Children on the list for more than " + n + " weeks (" +
                std::to_string(7 * weeks + 1) +
                " days or more) at the census date, from referral "
                "to first attended contact");
  measure.id = "waiting_over_" + n + "_weeks";
  measure.older_than_days = 7 * weeks;
  return measure;
}

std::vector<Measure> MakeMeasures(const Catalogue& catalogue) {
  std::vector<Measure> measures;
  Measure waiting =
      OneOf("waiting", Kind::kStanding, "joined",
            "Referrals on the list at the end of the census date: joined and "
            "neither seen nor removed");
  waiting.less = "left";
  measures.push_back(waiting);
  for (const int weeks : catalogue.threshold_weeks()) {
    measures.push_back(Over(weeks));
  }
  for (const int weeks : catalogue.threshold_weeks()) {
    Measure share = Over(weeks);
    share.id += "_share";
    share.unit = "percent";
    share.decimal_places = 1;
    share.denominator = "waiting";
    share.definition += ", of all on the list now";
    measures.push_back(share);
  }
  Measure overdue = OneOf("overdue_duties", Kind::kOverdue, kDuties,
                          "What was due to families of children who wait "
                          "before the census date and is not done: letters, "
                          "updates, risk calls, reviews, contacts");
  overdue.groups = {kService, kDuty};
  overdue.source =
      "The partnership's own duties; NHS England, contact at 12, "
      "26 and 52 weeks";
  measures.push_back(overdue);
  measures.push_back(OneOf("joined", Kind::kFlow, "joined",
                           "Referrals that joined a list in the period"));
  measures.push_back(
      OneOf("left", Kind::kFlow, "left",
            "Referrals that left a list in the period, seen or removed"));
  measures.push_back(OneOf("first_contacts", Kind::kFlow, "seen",
                           "First attended contacts in the period"));
  for (const char* way :
       {"rejected", "withdrawn", "discharged", "transferred", "died"}) {
    measures.push_back(OneOf(way, Kind::kFlow, way,
                             std::string("Referrals that left a list in the "
                                         "period without a contact: ") +
                                 way));
  }
  return measures;
}

std::vector<std::string> DutyNames(const Catalogue& catalogue) {
  std::set<std::string> names = {"acceptance_letter", "update", "risk_call",
                                 "urgent_answer", "expedite_review"};
  for (const Service& service : catalogue.services()) {
    for (const int weeks : service.duties.contact_weeks) {
      names.insert("contact_" + std::to_string(weeks) + "_weeks");
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace

std::set<DutyDay> DutyDays(const Service& service, const History& history) {
  std::set<DutyDay> duties;
  for (const DutyState& duty : AllDuties(service, history, std::nullopt)) {
    duties.emplace(duty.duty, FormatDate(duty.due_day()));
  }
  return duties;
}

void ToProto(const Wait& wait, pb::WaitSpan& span) {
  span.set_clock(wait.clock);
  span.set_joined_date(FormatDate(wait.joined));
  span.set_start_date(FormatDate(wait.start));
  if (wait.left) span.set_left_date(FormatDate(*wait.left));
  span.set_outcome(std::string(Name(wait.outcome)));
}

std::string FamilyOf(const std::string& family, const std::string& clock) {
  return clock == kFirstContact ? family : family + "_" + clock;
}

void CountWait(const std::string& service, const pb::WaitSpan& wait,
               std::int64_t by, Increments& to) {
  const auto family = [&](const std::string& name) {
    return FamilyOf(name, wait.clock());
  };
  CountFlow(family("joined"), wait.joined_date(), service, by, to);
  if (wait.left_date().empty()) {
    const std::string waiting = family("waiting");
    counters::AddStock(to, waiting, wait.start_date(), "", "", by);
    counters::AddStock(to, waiting, wait.start_date(), kService, service, by);
    return;
  }
  CountFlow(family("left"), wait.left_date(), service, by, to);
  for (const Outcome outcome : kOutcomes) {
    if (wait.outcome() != Name(outcome)) continue;
    CountFlow(family(absl::AsciiStrToLower(wait.outcome())), wait.left_date(),
              service, by, to);
  }
}

counters::Definitions MakeDefinitions(const Catalogue& catalogue) {
  counters::Definitions definitions;
  definitions.version = 2;
  counters::Group services{kService, {}};
  for (const Service& service : catalogue.services()) {
    services.values.push_back(service.id);
  }
  definitions.groups = {services, {kDuty, DutyNames(catalogue)}};
  definitions.measures = MakeMeasures(catalogue);
  definitions.count = CountEvent;
  // The catalogue outlives the server, as its handlers do.
  definitions.records = [&catalogue](store::Reader& reader,
                                     const counters::Slice& slice) {
    return CountRecords(catalogue, reader, slice);
  };
  return definitions;
}

}  // namespace seawall::waiting
