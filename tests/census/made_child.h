// MadeChild: children of census returns as people have them, invented at
// random: several episodes, assessments, enquiries with and without conference,
// plans with reviews, plans that moved in, referrals with no further action,
// unborn children, days that coincide, days with a time behind them.
//
// Most of what comes out breaks no rule; the caller checks and takes what is
// clean. One thread.
#pragma once

#include <random>
#include <set>
#include <string>

#include "libs/census/rules.h"

namespace seawall::support {

class MadeChild {
 public:
  MadeChild(const census::Basis& basis, std::mt19937& random)
      : basis_(basis), random_(random) {}

  // `number` is the child's own in its return.
  census::ChildRecord Make(int number);
  // What the last one has: "transfer in", "two referrals of one day", …
  const std::set<std::string>& traits() const { return traits_; }

 private:
  using Row = census::Row;

  bool Chance(int percent) { return Pick(100) < percent; }
  int Pick(int n) { return static_cast<int>(random_() % unsigned(n)); }
  Date Between(Date from, Date to);
  Date Workday(Date day) const;
  std::string Code(const char* set);
  std::string Written(Date day);
  void Set(Row& row, census::Column column, Date day) {
    row.Set(column, Written(day));
  }
  void Has(const char* trait) { traits_.insert(trait); }
  Row& Add(census::Table table);

  void Identifiers(int number);
  std::string Upn(int number);
  void Characteristics();
  void Episodes();
  Row& Referral(Date day, bool nfa);
  void Nfa(Date day);
  void Acted(Date referred, std::optional<Date> closed);
  void Close(Row& episode, Date day, const std::string& reason);
  void Assessments(Date from, Date until, bool closed, bool nothing_follows);
  void Factors(Row& assessment, const std::string& id, bool none);
  void Enquiries(Date from, Date until, bool closed);
  Date ProtectionPlan(Date start, Date until, bool closed);
  void NeedPlan(Date start, Date until, bool closed);

  const census::Basis& basis_;
  std::mt19937& random_;
  census::ChildRecord record_;
  std::set<std::string> traits_;
  int episode_ = 0;
  int assessment_ = 0;
  int plan_ = 0;
  bool unborn_ = false;
  bool all_nfa_ = true;
  Date earliest_;  // of a referral
};

}  // namespace seawall::support
