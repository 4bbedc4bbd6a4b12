#include "demo/carrying.h"

#include <algorithm>
#include <set>

#include "demo/days.h"

namespace seawall::demo {
namespace {

using std::chrono::days;

class Carrying {
 public:
  Carrying(const Targets& targets, const Calendar& calendar, Random& random,
           Arrivals& arrivals, Plan& plan)
      : targets_(targets),
        calendar_(calendar),
        random_(random),
        arrivals_(arrivals),
        plan_(plan) {}

  Result<void> Run();

 private:
  std::vector<int> HeardOfInTheYear();
  int OpenOfTheYear() const;
  Date ReferralDay();
  Date ClosingDay();
  int ChildOn(Date day, std::vector<int>& known);

  const Targets& targets_;
  const Calendar& calendar_;
  Random& random_;
  Arrivals& arrivals_;
  Plan& plan_;
};

Result<void> Carrying::Run() {
  const int closing =
      targets_.carried_over + OpenOfTheYear() - targets_.children_in_need;
  if (closing < 0 || closing > targets_.carried_over) {
    return Error{Code::kInternal, "PLAN_IMPOSSIBLE",
                 "the invented year cannot be made: too many or too few of the "
                 "year's own episodes are open at its end"};
  }
  Quota closes(closing, targets_.carried_over);
  std::vector<int> known = HeardOfInTheYear();
  for (int i = 0; i < targets_.carried_over; ++i) {
    const Date day = ReferralDay();
    PlannedForm form = arrivals_.Earlier(ChildOn(day, known), day);
    PlannedContact& contact = form.contacts.front();
    contact.outcome = Outcome::kReferral;
    contact.decided =
        form.received + std::chrono::minutes(random_.Between(20, 150));
    if (closes.Next(random_)) contact.closed = ClosingDay();
    plan_.history.push_back(std::move(form));
  }
  return {};
}

// Children that the front door hears of and does not refer: for some of them
// because their case is open. What is said of them joins it.
std::vector<int> Carrying::HeardOfInTheYear() {
  std::set<int> heard;
  std::set<int> referred;
  for (const auto* forms : {&plan_.history, &plan_.year}) {
    for (const PlannedForm& form : *forms) {
      for (const PlannedContact& contact : form.contacts) {
        if (contact.outcome == Outcome::kReferral) {
          referred.insert(contact.child);
        } else if (contact.number == Number::kRight && !form.to_hub()) {
          heard.insert(contact.child);
        }
      }
    }
  }
  std::vector<int> known;
  std::set_difference(heard.begin(), heard.end(), referred.begin(),
                      referred.end(), std::back_inserter(known));
  random_.Shuffle(known);
  known.resize(std::min<std::size_t>(known.size(), targets_.carried_over / 4));
  return known;
}

int Carrying::OpenOfTheYear() const {
  int open = 0;
  for (const PlannedForm& form : plan_.year) {
    for (const PlannedContact& contact : form.contacts) {
      open += contact.outcome == Outcome::kReferral && !contact.closed;
    }
  }
  return open;
}

// Invented: a quarter are of the last two months, few older than two years.
Date Carrying::ReferralDay() {
  constexpr std::array kShares = {25, 45, 24, 6};
  constexpr std::array kAges = {1, 61, 366, 731, 1100};
  const int age = random_.Weighted(kShares);
  Date day = YearStart() - days(random_.Between(kAges[age], kAges[age + 1]));
  while (!calendar_.IsWorkingDay(day)) day -= days(1);
  return day;
}

Date Carrying::ClosingDay() {
  const int length = static_cast<int>((YearEnd() - YearStart()).count());
  Date day = YearStart() + days(random_.Between(3, length));
  while (!calendar_.IsWorkingDay(day)) day -= days(1);
  return day;
}

int Carrying::ChildOn(Date day, std::vector<int>& known) {
  if (!known.empty() && random_.Percent(30)) {
    const int child = known.back();
    known.pop_back();
    const auto& born = plan_.people.children()[child].born;
    if (born && *born <= day) return child;
  }
  const int family = plan_.people.AddFamily(day, 0, 16);
  return plan_.people.families()[family].children.front();
}

}  // namespace

Result<void> CarryOver(const Targets& targets, const Calendar& calendar,
                       Random& random, Arrivals& arrivals, Plan& plan) {
  return Carrying(targets, calendar, random, arrivals, plan).Run();
}

}  // namespace seawall::demo
