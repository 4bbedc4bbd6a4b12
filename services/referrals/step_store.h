// Steps and the clocks that run: what is asked of their rows (rows.h).
//
// As Store: functions that take const Records read, the others change, inside a
// unit of work. Whatever shows what was said asks for a Grant.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "services/referrals/clocks.h"
#include "services/referrals/store.h"

namespace seawall::referrals {

// A page of the clocks that run, the most overdue first.
struct DueQuery {
  std::string clock;   // empty = all
  std::string agency;  // empty = all
  // Only what was due at or before; 0 = all.
  long long due_by = 0;
  // Where the page before ended.
  ClockRow after;
  int limit = 50;
};

class StepStore {
 public:
  explicit StepStore(const seal::Sealer& sealer) : sealer_(sealer) {}

  // All steps of a subject, void ones too, by number.
  Result<std::vector<StepRow>> Of(const Records& records,
                                  const std::string& subject) const;
  // Of many subjects, by subject; those without steps are left out.
  Result<std::map<std::string, std::vector<StepRow>>> OfMany(
      const Records& records, const std::vector<std::string>& subjects) const;
  Result<pb::Said> Open(const rpc::Grant& grant, const Records& records,
                        const StepRow& row) const;
  Result<std::vector<ClockRow>> Due(const Records& records,
                                    const DueQuery& query) const;

  // ---- inside a unit ----
  // It is going to ask for the steps of the subject, and for its clocks.
  void Foresee(const Records& records, const std::string& subject) const;
  void Add(ledger::Unit& unit, const Step& step, std::int64_t position,
           const pb::Said& said) const;
  Result<void> Void(Records& records, const Step& step,
                    std::int64_t position) const;
  // Makes the running clocks of a subject those given. `agencies` says which
  // may see one, each between blanks.
  using SeenBy = std::function<std::string(const ClockState&)>;
  Result<void> SetClocks(
      Records& records, const std::string& subject,
      const std::vector<ClockState>& clocks,
      const SeenBy& agencies = [](const auto&) { return " "; }) const;

 private:
  const seal::Sealer& sealer_;
};

// How many clocks were due by then, and when the first of them was.
struct OverdueClocks {
  std::int64_t count = 0;
  Instant first;
};
// By name.
Result<std::map<std::string, OverdueClocks>> ReadOverdue(
    const store::Records& records, Instant by);

// For counting: subjects with their steps as known at the position, and the
// contact where the subject is one (else its id alone).
Result<void> ScanSteps(
    store::Reader& reader, const counters::Slice& slice,
    const std::function<void(const ContactRow&, std::vector<Step>)>& each);

}  // namespace seawall::referrals
