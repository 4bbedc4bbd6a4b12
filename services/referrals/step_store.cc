#include "services/referrals/step_store.h"

#include "libs/store/scan.h"

namespace seawall::referrals {
namespace {

using store::By;
using store::Is;
using store::OneOf;
using store::Where;

std::string PlaceOf(const Records& records, const Step& step) {
  return seal::Place("steps", records.area(),
                     step.subject_id + "/" + std::to_string(step.number));
}

// What follows from the columns, as known at a journal position.
void Complete(StepRow& row, long long position) {
  row.date = CivilDate(row.happened);
  row.is_void = row.void_position != 0 && row.void_position <= position;
}
constexpr long long kNow = std::numeric_limits<long long>::max();

}  // namespace

Result<std::vector<StepRow>> StepStore::Of(const Records& records,
                                           const std::string& subject) const {
  TRY(auto rows, OfMany(records, {subject}));
  return std::move(rows[subject]);
}

Result<std::map<std::string, std::vector<StepRow>>> StepStore::OfMany(
    const Records& records, const std::vector<std::string>& subjects) const {
  std::map<std::string, std::vector<StepRow>> rows;
  TRY_VOID(records.Scan(kSteps, OneOf<&Step::subject_id>(subjects),
                        By<&Step::subject_id, &Step::number>(),
                        [&](StepRow& row) {
                          Complete(row, kNow);
                          auto& of = rows[row.subject_id];
                          of.push_back(std::move(row));
                        }));
  return rows;
}

Result<pb::Said> StepStore::Open(const rpc::Grant&, const Records& records,
                                 const StepRow& row) const {
  pb::SealedStep sealed;
  if (row.sealed.empty()) return sealed.said();  // erased is a valid state
  TRY(const std::string plain, sealer_.Open(row.sealed, PlaceOf(records, row)));
  sealed.ParseFromString(plain);
  return sealed.said();
}

Result<std::vector<ClockRow>> StepStore::Due(const Records& records,
                                             const DueQuery& query) const {
  const ClockRow& after = query.after;
  Where<ClockRow> where =
      store::After<&ClockRow::due_time, &ClockRow::subject_id, &ClockRow::clock,
                   &ClockRow::thing_id, &ClockRow::started_time>(
          after.subject_id.empty() ? std::numeric_limits<long long>::min()
                                   : after.due_time,
          after.subject_id, after.clock, after.thing_id, after.started_time);
  if (!query.clock.empty()) {
    where = where && Is<&ClockRow::clock>(query.clock);
  }
  if (!query.agency.empty()) {
    where = where &&
            Where<ClockRow>{"agencies like ?", {"% " + query.agency + " %"}};
  }
  if (query.due_by != 0) {
    where = where && store::AtMost<&ClockRow::due_time>(query.due_by);
  }
  return records.All(
      kClocks, where,
      By<&ClockRow::due_time, &ClockRow::subject_id, &ClockRow::clock,
         &ClockRow::thing_id, &ClockRow::started_time>(query.limit));
}

void StepStore::Add(ledger::Unit& unit, const Step& step, std::int64_t position,
                    const pb::Said& said) const {
  pb::SealedStep sealed;
  *sealed.mutable_said() = said;
  StepRow row{step};
  row.recorded_time = ToMicros(unit.now());
  row.position = position;
  row.sealed =
      sealer_.Seal(sealed.SerializeAsString(), PlaceOf(unit.Records(), step));
  unit.Records().Insert(kSteps, row);
}

Result<void> StepStore::Void(Records& records, const Step& step,
                             std::int64_t position) const {
  StepRow row{step};
  row.void_position = position;
  return records.Update<&StepRow::void_position>(kSteps, row);
}

void StepStore::Foresee(const Records& records,
                        const std::string& subject) const {
  records.Foresee(kSteps, Is<&Step::subject_id>(subject));
  records.Foresee(kClocks, Is<&ClockRow::subject_id>(subject));
}

Result<void> StepStore::SetClocks(Records& records, const std::string& subject,
                                  const std::vector<ClockState>& clocks,
                                  const SeenBy& agencies) const {
  std::vector<ClockRow> wanted;
  for (const ClockState& clock : clocks) {
    if (clock.stopped) continue;
    wanted.push_back({ToMicros(clock.due), subject, clock.clock, clock.thing,
                      ToMicros(clock.started), agencies(clock)});
  }
  TRY(const std::vector<ClockRow> running,
      records.All(kClocks, Is<&ClockRow::subject_id>(subject)));
  for (const ClockRow& row : running) {
    if (std::erase(wanted, row) > 0) continue;
    TRY_VOID(records.Delete(kClocks, row));
  }
  for (const ClockRow& row : wanted) records.Insert(kClocks, row);
  return {};
}

Result<std::map<std::string, OverdueClocks>> ReadOverdue(const Records& records,
                                                         Instant by) {
  struct Overdue {
    std::string clock;
    long long count = 0;
    Instant first;
  };
  std::map<std::string, OverdueClocks> overdue;
  TRY_VOID(records.Read(
      {"from clocks where area = ? and due_time <= ? group by clock",
       {records.area(), ToMicros(by)}},
      [&](const Overdue& one) {
        overdue[one.clock] = {one.count, one.first};
      },
      store::Picked<Overdue>()
          .With<&Overdue::clock>("clock")
          .With<&Overdue::count>("count(*)")
          .With<&Overdue::first>("min(due_time)")));
  return overdue;
}

namespace {

// Those that steps are counted by; of an episode's steps there are none.
store::Picked<ContactRow> CountedWithSteps() {
  return store::Picked<ContactRow>()
      .With<&ContactRow::agency>("coalesce(c.agency, '')")
      .With<&ContactRow::agency_group>("coalesce(c.agency_group, '')")
      .With<&ContactRow::need>("coalesce(c.need, '')")
      .With<&ContactRow::age_band>("coalesce(c.age_band, '')")
      .With<&ContactRow::priority>("coalesce(c.priority, '')")
      .With<&ContactRow::received_time>("coalesce(c.received_time, 0)");
}

}  // namespace

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
  TRY_VOID(
      store::RecordsOf(reader, slice.area)
          ->Read(
              {"from steps s left join contacts c on c.area = s.area and "
               "c.contact_id = s.subject_id where s.area = ? and s.position "
               "<= ?" +
                   NotWithdrawn("s.area", "s.subject_id") +
                   " order by s.subject_id, s.number",
               {slice.area, position, position, position},
               store::kAll},
              [&](StepRow& row, const ContactRow& of) {
                if (row.subject_id != contact.contact_id) {
                  give();
                  contact = of;
                  contact.contact_id = row.subject_id;
                }
                Complete(row, position);
                steps.push_back(std::move(row));
              },
              kSteps.As("s").Without<&StepRow::sealed>(), CountedWithSteps()));
  give();
  return {};
}

}  // namespace seawall::referrals
