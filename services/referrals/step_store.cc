#include "services/referrals/step_store.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include "libs/store/lookup.h"
#include "libs/store/scan.h"

namespace seawall::referrals {
namespace {

using store::Scan;
using store::Try;
using store::Type;

const store::Table kSteps = {"steps",
                             {{"area", Type::kText},
                              {"subject_id", Type::kText},
                              {"number", Type::kInteger},
                              {"kind", Type::kText},
                              {"thing_id", Type::kText},
                              {"about", Type::kText},
                              {"happened_time", Type::kInteger},
                              {"happened_date", Type::kText},
                              {"recorded_time", Type::kInteger},
                              {"position", Type::kInteger},
                              {"void_position", Type::kInteger},
                              {"agency", Type::kText},
                              {"recorded_by", Type::kText},
                              {"team", Type::kText},
                              {"outcome", Type::kText},
                              {"codes", Type::kText},
                              {"level", Type::kInteger},
                              {"voice", Type::kText},
                              {"flags", Type::kText},
                              {"sealed", Type::kText}}};

const store::Table kClocks = {"clocks",
                              {{"area", Type::kText},
                               {"due_time", Type::kInteger},
                               {"subject_id", Type::kText},
                               {"clock", Type::kText},
                               {"thing_id", Type::kText},
                               {"started_time", Type::kInteger},
                               {"agencies", Type::kText}}};

// Every plain column of a step, in the order of ReadStep.
constexpr char kColumns[] =
    "s.subject_id, s.number, s.kind, s.thing_id, s.about, s.happened_time, "
    "s.agency, s.recorded_by, s.team, s.outcome, s.codes, s.level, s.voice, "
    "s.flags, s.void_position";

std::vector<std::string> Words(const std::string& text) {
  return absl::StrSplit(text, ' ', absl::SkipEmpty());
}

std::string Place(const std::string& area, const std::string& subject,
                  long long number) {
  return seal::Place("steps", area, subject + "/" + std::to_string(number));
}

// Calls each(step, void_position, more…).
template <class... More, class Each>
void ScanRows(soci::session& sql, const std::string& more,
              const std::string& from, const std::vector<store::Bind>& binds,
              Each&& each, std::size_t expected) {
  Scan<std::string, long long, std::string, std::string, std::string, long long,
       std::string, std::string, std::string, std::string, std::string,
       long long, std::string, std::string, long long, More...>(
      sql, "select " + std::string(kColumns) + more + " " + from, binds,
      [&](const std::string& subject, long long number, const std::string& kind,
          const std::string& thing, const std::string& about,
          long long happened, const std::string& agency, const std::string& by,
          const std::string& team, const std::string& outcome,
          const std::string& codes, long long level, const std::string& voice,
          const std::string& flags, long long void_position, More&... rest) {
        Step step;
        step.subject_id = subject;
        step.number = static_cast<int>(number);
        step.kind = StepKindNamed(kind);
        step.thing_id = thing;
        step.about = about;
        step.happened = FromMicros(happened);
        step.date = CivilDate(step.happened);
        step.agency = agency;
        step.recorded_by = by;
        step.team = team;
        step.outcome = outcome;
        step.codes = Words(codes);
        step.level = static_cast<int>(level);
        step.voice = VoiceHeardNamed(voice);
        for (std::string& flag : Words(flags)) step.flags.insert(flag);
        each(step, void_position, rest...);
      },
      expected);
}

}  // namespace

Result<std::vector<StepRow>> StepStore::Of(soci::session& sql,
                                           const std::string& area,
                                           const std::string& subject) const {
  TRY(auto rows, OfMany(sql, area, {subject}));
  return std::move(rows[subject]);
}

Result<std::map<std::string, std::vector<StepRow>>> StepStore::OfMany(
    soci::session& sql, const std::string& area,
    const std::vector<std::string>& subjects) const {
  std::map<std::string, std::vector<StepRow>> rows;
  TRY_VOID(Try([&] {
    const store::Among among = store::AmongTexts(sql, "s.subject_id", subjects);
    ScanRows<long long, std::string>(
        sql, ", s.recorded_time, s.sealed",
        "from steps s where s.area = :area and " + among.condition +
            " order by s.subject_id, s.number",
        {area, among.bind},
        [&](Step& step, long long void_position, long long recorded,
            std::string& sealed) {
          step.is_void = void_position != 0;
          rows[step.subject_id].push_back(
              {std::move(step), recorded, std::move(sealed)});
        },
        store::kFew);
  }));
  return rows;
}

Result<pb::Said> StepStore::Open(const rpc::Grant&, const std::string& area,
                                 const StepRow& row) const {
  pb::SealedStep sealed;
  if (row.sealed.empty()) return sealed.said();  // erased is a valid state
  TRY(const std::string plain,
      sealer_.Open(row.sealed,
                   Place(area, row.step.subject_id, row.step.number)));
  sealed.ParseFromString(plain);
  return sealed.said();
}

Result<std::vector<DueRow>> StepStore::Due(soci::session& sql,
                                           const std::string& area,
                                           const DueQuery& query) const {
  std::string where = "where area = :area";
  std::vector<store::Bind> binds = {area};
  if (!query.clock.empty()) {
    where += " and clock = :clock";
    binds.emplace_back(query.clock);
  }
  if (!query.agency.empty()) {
    where += " and agencies like :agency";
    binds.emplace_back("% " + query.agency + " %");
  }
  if (query.due_by != 0) {
    where += " and due_time <= :by";
    binds.emplace_back(query.due_by);
  }
  const DueRow& after = query.after;
  if (!after.subject_id.empty()) {
    where +=
        " and (due_time, subject_id, clock, thing_id, started_time) > "
        "(:due, :subject, :after_clock, :thing, :started)";
    binds.insert(binds.end(), {after.due_time, after.subject_id, after.clock,
                               after.thing_id, after.started_time});
  }
  std::vector<DueRow> rows;
  TRY_VOID(Try([&] {
    Scan<long long, std::string, std::string, std::string, long long>(
        sql,
        "select due_time, subject_id, clock, thing_id, started_time from "
        "clocks " +
            where +
            " order by due_time, subject_id, clock, thing_id, started_time "
            "limit " +
            std::to_string(query.limit),
        binds,
        [&](long long due, const std::string& subject, const std::string& clock,
            const std::string& thing, long long started) {
          rows.push_back({due, subject, clock, thing, started});
        },
        static_cast<std::size_t>(query.limit) + 1);
  }));
  return rows;
}

void StepStore::Add(ledger::Unit& unit, const Step& step, std::int64_t position,
                    const pb::Said& said) const {
  pb::SealedStep sealed;
  *sealed.mutable_said() = said;
  const std::string text =
      sealer_.Seal(sealed.SerializeAsString(),
                   Place(unit.area(), step.subject_id, step.number));
  unit.Insert(
      kSteps, unit.area(), step.subject_id, static_cast<long long>(step.number),
      std::string(Name(step.kind)), step.thing_id, step.about,
      ToMicros(step.happened), FormatDate(step.date), ToMicros(unit.now()),
      position, 0LL, step.agency, step.recorded_by, step.team, step.outcome,
      absl::StrJoin(step.codes, " "), static_cast<long long>(step.level),
      std::string(Name(step.voice)), absl::StrJoin(step.flags, " "), text);
}

Result<void> StepStore::Void(soci::session& sql, const std::string& area,
                             const std::string& subject, int number,
                             std::int64_t position) const {
  const long long at = position, which = number;
  return Try([&] {
    sql << "update steps set void_position = :position where area = :area and "
           "subject_id = :subject and number = :number",
        soci::use(at), soci::use(area), soci::use(subject), soci::use(which);
  });
}

Result<void> StepStore::SetClocks(ledger::Unit& unit, soci::session& sql,
                                  const std::string& subject,
                                  const std::vector<ClockState>& clocks,
                                  const SeenBy& agencies) const {
  const std::string& area = unit.area();
  TRY_VOID(unit.Direct());  // clocks that this unit set before
  TRY_VOID(Try([&] {
    sql << "delete from clocks where area = :area and subject_id = :subject",
        soci::use(area), soci::use(subject);
  }));
  for (const ClockState& clock : clocks) {
    if (clock.stopped) continue;
    unit.Insert(kClocks, area, ToMicros(clock.due), subject, clock.clock,
                clock.thing, ToMicros(clock.started), agencies(clock));
  }
  return {};
}

Result<std::map<std::string, OverdueClocks>> ReadOverdue(
    store::Reader& reader, const std::string& area, Instant by) {
  std::map<std::string, OverdueClocks> overdue;
  TRY_VOID(Try([&] {
    Scan<std::string, long long, long long>(
        reader.sql(),
        "select clock, count(*), min(due_time) from clocks where area = :area "
        "and due_time <= :by group by clock",
        {area, ToMicros(by)},
        [&](const std::string& clock, long long count, long long first) {
          overdue[clock] = {count, FromMicros(first)};
        });
  }));
  return overdue;
}

Result<void> ScanSteps(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const ContactRow&, std::vector<Step>)>& each) {
  ContactRow contact;
  std::vector<Step> steps;
  const auto give = [&] {
    if (!steps.empty()) each(contact, std::move(steps));
    steps.clear();
  };
  const long long position = slice.position;
  // Contacts have few dimensions here: those that steps are counted by.
  return Try([&] {
    ScanRows<std::string, std::string, std::string, std::string, std::string,
             long long>(
        reader.sql(),
        ", coalesce(c.agency, ''), coalesce(c.agency_group, ''), "
        "coalesce(c.need, ''), coalesce(c.age_band, ''), "
        "coalesce(c.priority, ''), coalesce(c.received_time, 0)",
        "from steps s left join contacts c on c.area = s.area and c.contact_id "
        "= s.subject_id where s.area = :area and s.position <= :position" +
            NotWithdrawn("s.area", "s.subject_id") +
            " order by s.subject_id, s.number",
        {slice.area, position, position, position},
        [&](Step& step, long long void_position, const std::string& agency,
            const std::string& group, const std::string& need,
            const std::string& age, const std::string& priority,
            long long received) {
          if (step.subject_id != contact.contact_id) {
            give();
            contact = ContactRow{step.subject_id};
            contact.agency = agency;
            contact.agency_group = group;
            contact.need = need;
            contact.age_band = age;
            contact.priority = Named<Priority>(priority);
            contact.received_time = received;
          }
          step.is_void = void_position != 0 && void_position <= slice.position;
          steps.push_back(std::move(step));
        },
        store::kAll);
    give();
  });
}

}  // namespace seawall::referrals
