#include "demo/referring.h"

#include <algorithm>
#include <cmath>

#include "demo/days.h"

namespace seawall::demo {
namespace {

using std::chrono::days;
using std::chrono::minutes;

Error Impossible(const char* what) {
  return Error{Code::kInternal, "PLAN_IMPOSSIBLE",
               std::string("the invented year cannot be made: ") + what};
}

// Where a contact stands in the plan.
struct Place {
  std::size_t form = 0;
  std::size_t contact = 0;
};

// The latest referral of a child.
struct Story {
  bool numbered = false;
  std::optional<Date> closed;
};

class Referring {
 public:
  Referring(const Targets& targets, const Calendar& calendar, Random& random,
            Arrivals& arrivals, Plan& plan)
      : targets_(targets),
        calendar_(calendar),
        random_(random),
        arrivals_(arrivals),
        plan_(plan) {}

  Result<void> Run() {
    Decide();
    TRY_VOID(Refer());
    return AddHistory();
  }

 private:
  void Decide();
  Instant DecisionTime(const PlannedForm& form);
  void LeaveOverdue();
  Result<void> Refer();
  Result<void> ReferMonth(int month, const std::vector<Place>& decided);
  bool TryRefer(const Place& place);
  std::optional<Date> Closing(Date referred);
  Result<void> AddHistory();
  bool AddEarlierReferral(int child, Date first, Date last);

  PlannedForm& form(const Place& place) { return plan_.year[place.form]; }
  PlannedContact& at(const Place& place) {
    return form(place).contacts[place.contact];
  }

  const Targets& targets_;
  const Calendar& calendar_;
  Random& random_;
  Arrivals& arrivals_;
  Plan& plan_;
  std::map<int, Story> stories_;  // by child
  // First referral of the year of each child that has a number.
  std::map<int, Place> first_referrals_;
  int repeats_ = 0;
};

// Mostly by the end of the next working day; a few late. The duty team decides
// on the most urgent on any day.
Instant Referring::DecisionTime(const PlannedForm& form) {
  const Date day = CivilDate(form.received);
  if (form.level == 4 && random_.Percent(80)) {
    return form.received + minutes(random_.Between(20, 180));
  }
  const auto on = [&](Date date) {
    return At(date, random_.Between(9 * 60, 17 * 60 + 20), random_.Below(60));
  };
  if (random_.Percent(7)) {
    return on(calendar_.AddWorkingDays(day, random_.Between(2, 6)));
  }
  const bool office_hours =
      calendar_.IsWorkingDay(day) && MinuteOf(form.received) < 16 * 60;
  if (office_hours && random_.Percent(56)) {
    const int from = std::max(9 * 60, MinuteOf(form.received) + 20);
    return At(day, random_.Between(from, 17 * 60 + 30), random_.Below(60));
  }
  return on(calendar_.AddWorkingDays(day, 1));
}

// When each would be decided; what lies beyond the year stays open.
void Referring::Decide() {
  for (PlannedForm& form : plan_.year) {
    for (PlannedContact& contact : form.contacts) {
      contact.decided = DecisionTime(form);
      if (!InYear(CivilDate(*contact.decided))) contact.decided.reset();
    }
  }
  LeaveOverdue();
}

void Referring::LeaveOverdue() {
  std::vector<PlannedContact*> candidates;
  int left = targets_.overdue;
  for (PlannedForm& form : plan_.year) {
    if (form.to_hub() || !DueWithinYear(form, calendar_)) continue;
    for (PlannedContact& contact : form.contacts) {
      if (!contact.decided) --left;  // late already
      if (contact.decided && form.level < 4 &&
          CivilDate(form.received) > YearEnd() - days(20)) {
        candidates.push_back(&contact);
      }
    }
  }
  for (; left > 0 && !candidates.empty(); --left) {
    const int place = random_.Below(static_cast<int>(candidates.size()));
    candidates[place]->decided.reset();
    candidates.erase(candidates.begin() + place);
  }
}

Result<void> Referring::Refer() {
  std::array<std::vector<Place>, 12> decided;
  for (std::size_t i = 0; i < plan_.year.size(); ++i) {
    if (plan_.year[i].to_hub()) continue;
    for (std::size_t j = 0; j < plan_.year[i].contacts.size(); ++j) {
      const PlannedContact& contact = plan_.year[i].contacts[j];
      if (contact.decided) {
        decided[MonthOf(CivilDate(*contact.decided))].push_back({i, j});
      }
    }
  }
  for (int month = 0; month < 12; ++month) {
    TRY_VOID(ReferMonth(month, decided[month]));
  }
  return {};
}

// The higher the level, the likelier a referral: weighted sampling without
// replacement by the key u^(1/w). Source: Efraimidis and Spirakis, Weighted
// random sampling with a reservoir, 2006.
Result<void> Referring::ReferMonth(int month,
                                   const std::vector<Place>& decided) {
  constexpr std::array<double, 5> kLevelWeights = {0.5, 0.25, 0.8, 3, 14};
  std::vector<std::pair<double, Place>> order;
  for (const Place& place : decided) {
    order.emplace_back(
        -std::pow(random_.Share(), 1 / kLevelWeights[form(place).level]),
        place);
  }
  std::stable_sort(
      order.begin(), order.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  int left = targets_.referrals[month];
  for (const auto& [key, place] : order) {
    if (left == 0) break;
    if (TryRefer(place)) --left;
  }
  if (left > 0)
    return Impossible("too few contacts of a month can be referred");
  return {};
}

// Months come in order. A child whose last episode is not closed by then, or
// that could not be told to be the same, is not referred again.
bool Referring::TryRefer(const Place& place) {
  PlannedContact& contact = at(place);
  const Date day = CivilDate(*contact.decided);
  const bool numbered = contact.number == Number::kRight;
  const auto [story, is_first] = stories_.try_emplace(contact.child);
  if (!is_first) {
    Story& earlier = story->second;
    if (!numbered || !earlier.numbered || !earlier.closed ||
        *earlier.closed >= day || repeats_ == targets_.repeats_within_year) {
      return false;
    }
    ++repeats_;
    contact.re_referral = true;
  } else if (numbered) {
    first_referrals_[contact.child] = place;
  }
  contact.outcome = Outcome::kReferral;
  contact.closed = Closing(day);
  story->second = {numbered, contact.closed};
  return true;
}

// Invented: some end at once, a third after an assessment, others take longer.
std::optional<Date> Referring::Closing(Date referred) {
  constexpr std::array kShares = {18, 34, 48};
  constexpr std::array<std::pair<int, int>, 3> kLengths = {
      {{3, 20}, {21, 75}, {76, 420}}};
  const auto& [least, most] = kLengths[random_.Weighted(kShares)];
  const int length = random_.Between(least, most);
  Date closed = referred + days(length);
  while (!calendar_.IsWorkingDay(closed)) closed += days(1);
  if (closed > YearEnd()) return std::nullopt;
  return closed;
}

// Children referred in the year whose earlier referral lies in 2016-17: as many
// as repeats are missing, and some where it lies too far back to count.
Result<void> Referring::AddHistory() {
  const Date oldest = AddMonths(YearStart(), -12) + days(3);
  const Date newest = YearStart() - days(14);
  std::vector<Place> order;
  for (const auto& [child, place] : first_referrals_) order.push_back(place);
  random_.Shuffle(order);
  int within = targets_.re_referrals - repeats_;
  int beyond = targets_.long_ago;
  for (const Place& place : order) {
    PlannedContact& contact = at(place);
    const Date edge = AddMonths(CivilDate(*contact.decided), -12);
    if (within > 0) {
      if (AddEarlierReferral(contact.child, std::max(oldest, edge + days(1)),
                             newest)) {
        contact.re_referral = true;
        --within;
      }
    } else if (beyond > 0 && AddEarlierReferral(contact.child, oldest,
                                                std::min(edge, newest))) {
      --beyond;
    }
  }
  if (within != 0) return Impossible("too few repeats");
  return {};
}

bool Referring::AddEarlierReferral(int child, Date first, Date last) {
  const int span = static_cast<int>((last - first).count());
  if (span < 10) return false;
  Date day = first + days(random_.Below(span - 6));
  while (!calendar_.IsWorkingDay(day)) day += days(1);
  if (day > last || *plan_.people.children()[child].born > day) return false;
  PlannedForm form = arrivals_.Earlier(child, day);
  PlannedContact& contact = form.contacts.front();
  contact.outcome = Outcome::kReferral;
  contact.decided = form.received + minutes(random_.Between(20, 150));
  const int length =
      std::min(random_.Between(10, 120),
               static_cast<int>((YearStart() - days(1) - day).count()));
  contact.closed = day + days(length);
  plan_.history.push_back(std::move(form));
  return true;
}

}  // namespace

Result<void> ReferContacts(const Targets& targets, const Calendar& calendar,
                           Random& random, Arrivals& arrivals, Plan& plan) {
  return Referring(targets, calendar, random, arrivals, plan).Run();
}

}  // namespace seawall::demo
