#include "demo/protecting.h"

#include <array>
#include <functional>

namespace seawall::demo {
namespace {

using std::chrono::days;

// From the strategy discussion, in working days. Source: Working Together to
// Safeguard Children.
constexpr int kConferenceLimit = 15;
constexpr int kCoreGroupLimit = 10;

class Protecting {
 public:
  Protecting(const PathwayTargets& targets, Random& random, Days& days,
             std::vector<Case>& cases)
      : targets_(targets),
        random_(random),
        days_(days),
        late_(targets.conferences - targets.conferences_in_time,
              targets.conferences - targets.conferences_from_before),
        repeat_(targets.repeat_plans, targets.plans_started) {
    for (Case& one : cases) {
      if (!one.assessment_start || one.no_further_action) continue;
      one.enquiries_until = one.until();
      pool_.push_back(&one);
    }
  }

  Result<void> Run();

 private:
  // How an enquiry and its conference lie in time.
  struct Course {
    Date discussed;
    Date completed;
    Date conferred;
  };
  // Plans a thing into a case that may not have room for it.
  using Try = std::function<bool(Case&)>;

  Result<void> PlanProtection();
  Result<void> PlanEnquiries();
  Result<void> Into(const char* what, int count, const Try& fits);
  Result<void> HoldConferences(const char* what, int count,
                               const std::function<bool(Case&, bool late)>&);

  bool PlanBefore(Case& one, bool ends);
  bool PlanFromBefore(Case& one);
  bool PlanOfTheYear(Case& one, bool late, bool ends);
  bool NoPlan(Case& one, bool late);
  bool ConferenceToCome(Case& one);
  bool LeftOpen(Case& one);
  bool WithoutConference(Case& one);

  std::optional<Course> Lay(Date first, Date last, int to_conference);
  int ToConference(bool late) {
    return late ? random_.Between(kConferenceLimit + 1, 22)
                : random_.Between(8, kConferenceLimit);
  }
  std::vector<Date> Reviews(Date start, Date until);
  enum class Repeats { kCounted, kAnyhow };
  bool AddPlan(Case& one, const Course& course, Repeats repeats, bool ends);
  void AddDiscussion(Case& one, Date discussed, Date limit);
  void AddConference(Case& one, const Course& course, const char* outcome);

  const PathwayTargets& targets_;
  Random& random_;
  Days& days_;
  std::vector<Case*> pool_;
  Quota late_;
  Quota repeat_;
};

Result<void> Protecting::Run() {
  random_.Shuffle(pool_);
  TRY_VOID(PlanProtection());
  return PlanEnquiries();
}

// The most demanding first.
Result<void> Protecting::PlanProtection() {
  const int open_before = targets_.plans_open - targets_.plans_open_of_the_year;
  const int from_before = targets_.conferences_from_before;
  TRY_VOID(Into("plans from before the year that end in it",
                targets_.plans_before - open_before,
                [&](Case& one) { return PlanBefore(one, /*ends=*/true); }));
  TRY_VOID(Into("plans from before the year", open_before,
                [&](Case& one) { return PlanBefore(one, /*ends=*/false); }));
  TRY_VOID(Into("conferences of enquiries from before the year", from_before,
                [&](Case& one) { return PlanFromBefore(one); }));
  TRY_VOID(
      HoldConferences("plans that start and end in the year",
                      targets_.plans_started - targets_.plans_open_of_the_year,
                      [&](Case& one, bool late) {
                        return PlanOfTheYear(one, late, /*ends=*/true);
                      }));
  return HoldConferences("plans that start in the year",
                         targets_.plans_open_of_the_year - from_before,
                         [&](Case& one, bool late) {
                           return PlanOfTheYear(one, late, /*ends=*/false);
                         });
}

Result<void> Protecting::PlanEnquiries() {
  TRY_VOID(
      HoldConferences("conferences without a plan",
                      targets_.conferences - targets_.plans_started,
                      [&](Case& one, bool late) { return NoPlan(one, late); }));
  TRY_VOID(Into("conferences to come", targets_.conferences_to_come,
                [&](Case& one) { return ConferenceToCome(one); }));
  TRY_VOID(Into("enquiries left open", targets_.enquiries_left_open,
                [&](Case& one) { return LeftOpen(one); }));
  const int to_conference = targets_.conferences -
                            targets_.conferences_from_before +
                            targets_.conferences_to_come;
  return Into("enquiries", targets_.enquiries - to_conference,
              [&](Case& one) { return WithoutConference(one); });
}

Result<void> Protecting::Into(const char* what, int count, const Try& fits) {
  const int rounds = 8;
  const auto pool = static_cast<int>(pool_.size());
  const int first = pool == 0 ? 0 : random_.Below(pool);
  for (int i = 0; count > 0 && i < rounds * pool; ++i) {
    if (fits(*pool_[(first + i) % pool])) --count;
  }
  if (count != 0) return PathwaysImpossible(what);
  return {};
}

// As many as are to be late are.
Result<void> Protecting::HoldConferences(
    const char* what, int count,
    const std::function<bool(Case&, bool late)>& fits) {
  for (int i = 0; i < count; ++i) {
    const bool late = late_.Next(random_);
    TRY_VOID(Into(what, 1, [&](Case& one) { return fits(one, late); }));
  }
  return {};
}

// A course whose discussion is held between the two days.
std::optional<Protecting::Course> Protecting::Lay(Date first, Date last,
                                                  int to_conference) {
  const auto discussed = days_.Pick(first, last);
  if (!discussed) return std::nullopt;
  const int completed = random_.Between(2, std::min(to_conference, 9));
  return Course{*discussed, days_.After(*discussed, completed),
                days_.After(*discussed, to_conference)};
}

// ---- plans ----

bool Protecting::PlanBefore(Case& one, bool ends) {
  if (!IsCarried(one.pathway) || one.to_conference || one.open() == ends) {
    return false;
  }
  const auto course =
      Lay(std::max(one.referred(), YearStart() - days(780)),
          YearStart() - days(40), ToConference(random_.Percent(8)));
  return course && AddPlan(one, *course, Repeats::kAnyhow, ends);
}

// Completed before the year, held in it.
bool Protecting::PlanFromBefore(Case& one) {
  if (!IsCarried(one.pathway) || one.to_conference || !one.open()) return false;
  const auto discussed = days_.Pick(
      std::max(one.referred(), YearStart() - days(12)), YearStart() - days(4));
  if (!discussed) return false;
  return AddPlan(
      one,
      {*discussed, days_.After(*discussed, 1),
       days_.After(*discussed, random_.Between(11, kConferenceLimit))},
      Repeats::kCounted, /*ends=*/false);
}

bool Protecting::PlanOfTheYear(Case& one, bool late, bool ends) {
  if (one.to_conference) return false;
  // A plan that stays needs an episode that stays; one that ends does not.
  if (!ends && !one.open()) return false;
  const auto course = Lay(one.from(), one.until(), ToConference(late));
  if (!course || course->conferred > one.until()) return false;
  return AddPlan(one, *course, Repeats::kCounted, ends);
}

// First within three months of the start, then at most six months apart; a few
// are late. Source: Working Together to Safeguard Children.
std::vector<Date> Protecting::Reviews(Date start, Date until) {
  std::vector<Date> reviews;
  Date due = AddMonths(start, 3);
  while (true) {
    const bool late = random_.Percent(6);
    const Date day =
        late ? days_.WorkingDayFrom(due + days(random_.Between(1, 20)))
             : days_.WorkingDayTo(due - days(random_.Below(20)));
    if (day > until) return reviews;
    reviews.push_back(day);
    due = AddMonths(day, 6);
  }
}

// A plan ends at one of its reviews. False, and nothing added, if it cannot.
bool Protecting::AddPlan(Case& one, const Course& course, Repeats repeats,
                         bool ends) {
  constexpr std::array kCategories = {"NEG", "EMO", "PHY", "SAB", "MUL"};
  constexpr std::array kWeights = {38, 33, 8, 5, 16};
  std::vector<Date> reviews = Reviews(course.conferred, one.until());
  if (ends) {
    std::size_t last = 0;
    while (last < reviews.size() &&
           (reviews[last] < YearStart() || random_.Percent(30))) {
      ++last;
    }
    if (last >= reviews.size()) return false;
    reviews.resize(last + 1);
    one.protection_end = reviews.back();
  }
  AddConference(one, course, "PROTECTION_PLAN");
  one.protection_start = course.conferred;
  one.Add(course.conferred, Act::kStartProtection,
          kCategories[random_.Weighted(kWeights)]);
  const bool repeat = repeats == Repeats::kCounted ? repeat_.Next(random_)
                                                   : random_.Percent(20);
  if (repeat) one.pathway.steps.back().previous_plans = random_.Between(1, 2);
  const Date limit = one.protection_end.value_or(one.until());
  const int to_group = random_.Percent(94)
                           ? random_.Between(4, kCoreGroupLimit)
                           : random_.Between(kCoreGroupLimit + 1, 14);
  const Date core_group = days_.After(course.conferred, to_group);
  const Date visit = days_.After(core_group, random_.Between(1, 5));
  if (core_group <= limit) one.Add(core_group, Act::kCoreGroup);
  if (visit <= limit) one.Add(visit, Act::kVisit);
  for (const Date review : reviews) one.Add(review, Act::kReview);
  if (one.protection_end) one.Add(*one.protection_end, Act::kEndProtection);
  return true;
}

// ---- enquiries and conferences ----

void Protecting::AddDiscussion(Case& one, Date discussed, Date limit) {
  one.enquired = true;
  one.enquiries_until = discussed - days(1);
  one.Add(discussed, Act::kDiscuss);
  const Date minutes = days_.After(discussed, random_.Percent(91) ? 1 : 2);
  if (minutes <= limit) one.Add(minutes, Act::kSendMinutes);
}

void Protecting::AddConference(Case& one, const Course& course,
                               const char* outcome) {
  one.to_conference = true;
  AddDiscussion(one, course.discussed, course.completed);
  one.Add(course.completed, Act::kCompleteEnquiry, "CONFERENCE");
  one.Add(course.conferred, Act::kConfer, outcome);
}

bool Protecting::NoPlan(Case& one, bool late) {
  if (one.to_conference) return false;
  const auto course = Lay(one.from(), one.until(), ToConference(late));
  if (!course || course->conferred > one.until()) return false;
  const bool helped = random_.Percent(75);
  AddConference(one, *course,
                helped ? "CHILD_IN_NEED_PLAN" : "NO_FURTHER_ACTION");
  if (helped) one.needs_plan = course->conferred;
  return true;
}

bool Protecting::ConferenceToCome(Case& one) {
  if (one.to_conference || !one.open()) return false;
  const auto course =
      Lay(std::max(one.from(), YearEnd() - days(18)), YearEnd() - days(8), 4);
  if (!course || course->completed > YearEnd()) return false;
  one.to_conference = true;
  AddDiscussion(one, course->discussed, course->completed);
  one.Add(course->completed, Act::kCompleteEnquiry, "CONFERENCE");
  return true;
}

bool Protecting::LeftOpen(Case& one) {
  if (one.to_conference || !one.open()) return false;
  const auto discussed =
      days_.Pick(std::max(one.from(), YearEnd() - days(12)), YearEnd());
  if (!discussed) return false;
  one.to_conference = true;
  AddDiscussion(one, *discussed, YearEnd());
  return true;
}

// One enquiry after another: each lies before those already there.
bool Protecting::WithoutConference(Case& one) {
  if (!random_.Percent(25)) return false;
  const Date last = std::min(one.enquiries_until, one.until());
  const auto course = Lay(one.from(), last, /*to_conference=*/9);
  if (!course || course->completed > last) return false;
  constexpr std::array kOutcomes = {"NO_FURTHER_ACTION", "CONTINUE_ASSESSMENT",
                                    "CHILD_IN_NEED_PLAN", "OTHER"};
  constexpr std::array kWeights = {34, 38, 24, 4};
  AddDiscussion(one, course->discussed, course->completed);
  one.Add(course->completed, Act::kCompleteEnquiry,
          kOutcomes[random_.Weighted(kWeights)]);
  return true;
}

}  // namespace

Result<void> Protect(const PathwayTargets& targets, Random& random, Days& days,
                     std::vector<Case>& cases) {
  return Protecting(targets, random, days, cases).Run();
}

}  // namespace seawall::demo
