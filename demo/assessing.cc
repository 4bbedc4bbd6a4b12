#include "demo/assessing.h"

#include <array>

namespace seawall::demo {
namespace {

using std::chrono::days;

// From the referral, in working days. Source: Working Together to Safeguard
// Children.
constexpr int kLimit = 45;
constexpr int kLongest = 75;
// Carried-over cases that may still be assessed when the year begins.
constexpr days kRecent{60};

class Assessing {
 public:
  Assessing(const PathwayTargets& targets, Random& random, Days& days,
            std::vector<Case>& cases)
      : targets_(targets), random_(random), days_(days), cases_(cases) {}

  Result<void> Run();

 private:
  using Cases = std::vector<Case*>;

  Result<void> LeaveUnassessed(Cases& of_year) const;
  Result<Cases> Latest(const Cases& from, int count);
  Result<Cases> ChooseAuthorised(const Cases& of_year);
  Result<void> EndWithoutAction(Cases authorised) const;
  Result<void> Authorise(Cases authorised);
  void AuthoriseBefore(Case& one);
  Date AuthorisedOn(const Case& one, bool late);
  void Write(Case& one);

  const PathwayTargets& targets_;
  Random& random_;
  Days& days_;
  std::vector<Case>& cases_;
};

days LengthOf(const Case& one) { return one.until() - one.referred(); }

void ByLength(std::vector<Case*>& cases) {
  std::stable_sort(
      cases.begin(), cases.end(),
      [](const auto* a, const auto* b) { return LengthOf(*a) < LengthOf(*b); });
}

Result<void> Assessing::Run() {
  Cases of_year;
  for (Case& one : cases_) {
    if (one.pathway.of_year) of_year.push_back(&one);
  }
  TRY_VOID(LeaveUnassessed(of_year));
  TRY(const Cases authorised, ChooseAuthorised(of_year));
  TRY_VOID(EndWithoutAction(authorised));
  TRY_VOID(Authorise(authorised));
  for (Case& one : cases_) Write(one);
  return {};
}

// Those that close first; the rest stays in the list.
Result<void> Assessing::LeaveUnassessed(Cases& of_year) const {
  const int unassessed = static_cast<int>(of_year.size()) - targets_.assessed;
  Cases closed;
  for (Case* one : of_year) {
    if (!one->open()) closed.push_back(one);
  }
  if (unassessed < 0 || unassessed > static_cast<int>(closed.size())) {
    return PathwaysImpossible("referrals without an assessment");
  }
  ByLength(closed);
  closed.resize(unassessed);
  for (const Case* one : closed) std::erase(of_year, one);
  return {};
}

// More or less those that were referred last.
Result<std::vector<Case*>> Assessing::Latest(const Cases& from, int count) {
  std::vector<std::pair<Date, Case*>> order;
  for (Case* one : from) {
    order.emplace_back(one->referred() + days(random_.Below(30)), one);
  }
  if (count < 0 || count > static_cast<int>(order.size())) {
    return PathwaysImpossible("assessments open at the turn of a year");
  }
  std::stable_sort(
      order.begin(), order.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  Cases latest;
  for (int i = 0; i < count; ++i) latest.push_back(order[i].second);
  return latest;
}

// Of the year all but those left open, and as many carried over as are missing.
// Every assessment starts here.
Result<std::vector<Case*>> Assessing::ChooseAuthorised(const Cases& of_year) {
  const auto start = [&](Case& one, Date limit) {
    one.assessment_start = days_.After(
        one.referred(), random_.Below(1 + days_.Within(one.referred(), limit,
                                                       /*most=*/3)));
  };
  Cases open;
  Cases authorised;
  for (Case* one : of_year) {
    start(*one, one->until());
    if (one->open()) open.push_back(one);
  }
  TRY(const Cases left_open, Latest(open, targets_.assessments_left_open));
  authorised = of_year;
  for (const Case* one : left_open) std::erase(authorised, one);
  Cases recent;
  for (Case& one : cases_) {
    if (!IsCarried(one.pathway)) continue;
    start(one, YearStart() - days(1));
    if (one.referred() >= YearStart() - kRecent) recent.push_back(&one);
  }
  TRY(const Cases carried,
      Latest(recent,
             targets_.assessments - static_cast<int>(authorised.size())));
  for (Case& one : cases_) {
    const bool later = std::count(carried.begin(), carried.end(), &one) != 0;
    if (IsCarried(one.pathway) && !later) AuthoriseBefore(one);
  }
  authorised.insert(authorised.end(), carried.begin(), carried.end());
  return authorised;
}

void Assessing::AuthoriseBefore(Case& one) {
  const Date limit = YearStart() - days(1);
  const int most = days_.Within(one.referred(), limit, kLongest);
  const int n = std::min(most, random_.Between(15, 60));
  one.authorised =
      std::max(*one.assessment_start, days_.After(one.referred(), n));
}

// Those that close soonest.
Result<void> Assessing::EndWithoutAction(Cases authorised) const {
  std::erase_if(authorised, [](const Case* one) { return one->open(); });
  if (static_cast<int>(authorised.size()) < targets_.no_further_action) {
    return PathwaysImpossible("assessments without further action");
  }
  ByLength(authorised);
  authorised.resize(targets_.no_further_action);
  for (Case* one : authorised) one->no_further_action = true;
  return {};
}

// Any that lasts long enough may be late; which, is drawn.
Result<void> Assessing::Authorise(Cases authorised) {
  Cases may_be_late;
  for (Case* one : authorised) {
    if (days_.After(one->referred(), kLimit + 1) <= one->until()) {
      may_be_late.push_back(one);
    }
  }
  const int late = targets_.assessments - targets_.assessments_in_time;
  if (static_cast<int>(may_be_late.size()) < late) {
    return PathwaysImpossible("assessments that take too long");
  }
  random_.Shuffle(may_be_late);
  may_be_late.resize(late);
  for (Case* one : authorised) {
    const bool is_late =
        std::count(may_be_late.begin(), may_be_late.end(), one) != 0;
    one->authorised = AuthorisedOn(*one, is_late);
  }
  return {};
}

// Without further action the case closes soon after; others take their time.
Date Assessing::AuthorisedOn(const Case& one, bool late) {
  const Date referred = one.referred();
  const int most =
      days_.Within(referred, one.until(), late ? kLongest : kLimit);
  int least = late ? kLimit + 1 : std::min(10, most);
  if (one.no_further_action) least = std::max(least, most - 3);
  const Date day = days_.After(referred, random_.Between(least, most));
  // Never before it starts, nor, of those carried over, before the year does.
  const Date earliest =
      std::max(*one.assessment_start, days_.WorkingDayFrom(one.from()));
  return std::min(std::max(day, earliest), one.until());
}

void Assessing::Write(Case& one) {
  if (!one.assessment_start) return;
  one.Add(*one.assessment_start, Act::kStartAssessment);
  const Date limit = one.authorised.value_or(one.until());
  const Date seen = days_.After(*one.assessment_start, random_.Below(7));
  if (seen <= limit && random_.Percent(97)) one.Add(seen, Act::kSeeChild);
  if (one.authorised) one.Add(*one.authorised, Act::kAuthorise);
}

}  // namespace

Result<void> Assess(const PathwayTargets& targets, Random& random, Days& days,
                    std::vector<Case>& cases) {
  return Assessing(targets, random, days, cases).Run();
}

}  // namespace seawall::demo
