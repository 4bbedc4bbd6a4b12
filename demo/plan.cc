#include "demo/plan.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "demo/random.h"

namespace seawall::demo {

const std::array<const char*, 7> kAgencies = {
    "police",  "school",   "hospital", "health-visitor", "council-early-help",
    "housing", "probation"};

namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::minutes;

constexpr int kPolice = 0;
constexpr int kSchool = 1;
constexpr int kHealthVisitor = 3;

// Invented: who pushes on a working day, in the school holidays, and on other
// days. In the order of kAgencies.
constexpr std::array<int, 7> kOnSchoolDays = {30, 23, 15, 11, 9, 6, 6};
constexpr std::array<int, 7> kInHolidays = {39, 2, 21, 14, 11, 7, 6};
constexpr std::array<int, 7> kOnOtherDays = {70, 0, 27, 0, 3, 0, 0};

// Monday first; and bank holidays as Sundays.
constexpr std::array<int, 7> kDayWeights = {112, 104, 100, 101, 96, 34, 27};

struct SourceWeights {
  std::vector<std::string> codes;
  std::vector<int> weights;
};

// Council early help has no source code of its own before 2023.
const std::array<SourceWeights, 7> kSources = {
    {{{"6"}, {1}},
     {{"2A", "2B"}, {92, 8}},
     {{"3E", "3F", "3D"}, {72, 14, 14}},
     {{"3B", "3C"}, {86, 14}},
     {{"5B", "5A"}, {63, 37}},
     {{"4"}, {1}},
     {{"7"}, {1}}}};

// How often in percent a child's number is missing or wrong, by agency.
constexpr std::array<int, 7> kNumberMissing = {17, 7, 3, 2, 9, 24, 28};
constexpr std::array<int, 7> kNumberWrong = {3, 2, 1, 1, 2, 4, 3};

// Consent by agency: obtained, refused, dispensed with, not sought, unsaid.
constexpr std::array<std::array<int, 5>, 7> kConsents = {{{34, 6, 25, 22, 13},
                                                          {66, 7, 10, 10, 7},
                                                          {58, 5, 18, 12, 7},
                                                          {78, 8, 5, 6, 3},
                                                          {82, 9, 3, 4, 2},
                                                          {46, 9, 8, 20, 17},
                                                          {40, 8, 17, 19, 16}}};

int MonthOf(Date date) {
  const std::chrono::year_month_day day(date);
  return (static_cast<int>(static_cast<unsigned>(day.month())) + 8) % 12;
}

bool InYear(Date date) { return date >= YearStart() && date <= YearEnd(); }

bool IsWeekend(Date date) {
  return std::chrono::weekday(date).iso_encoding() > 5;
}

// Roughly; invented.
bool IsSchoolHoliday(Date date) {
  const std::chrono::year_month_day day(date);
  const unsigned month = static_cast<unsigned>(day.month());
  const unsigned of_month = static_cast<unsigned>(day.day());
  return month == 8 || (month == 7 && of_month > 21) ||
         (month == 12 && of_month > 21) || (month == 1 && of_month < 4) ||
         (month == 4 && of_month > 2 && of_month < 18) ||
         (month == 10 && of_month > 22 && of_month < 29);
}

Instant At(Date date, int minute_of_day, int second) {
  return StartOfDay(date) + minutes(minute_of_day) +
         std::chrono::seconds(second);
}

int MinuteOf(Instant instant) {
  return static_cast<int>(
      std::chrono::floor<minutes>(instant - StartOfDay(CivilDate(instant)))
          .count());
}

std::string Padded(int number) {
  std::string digits = std::to_string(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

Error Impossible(const char* what) {
  return Error{Code::kInternal, "PLAN_IMPOSSIBLE",
               std::string("the invented year cannot be made: ") + what};
}

// Where a contact stands in the plan.
struct Place {
  std::size_t form = 0;
  std::size_t contact = 0;
};

// What the referrals of one child so far look like.
struct Story {
  bool numbered = false;
  // Of the latest referral.
  Date referred;
  std::optional<Date> closed;
};

class Planner {
 public:
  Planner(const Targets& targets, std::uint64_t seed, const Calendar& calendar)
      : targets_(targets),
        seed_(seed),
        calendar_(calendar),
        random_(seed),
        plan_{.people = People(seed ^ 0xfa3117u)} {}

  Result<Plan> Make() {
    for (int month = 0; month < 12; ++month) AddMonth(month);
    Sort(plan_.year, "y");
    Decide();
    TRY_VOID(Refer());
    TRY_VOID(AddHistory());
    Sort(plan_.history, "h");
    SettleOthers();
    return std::move(plan_);
  }

 private:
  // ---- contacts ----
  void AddMonth(int month);
  void AddForm(Date day, bool to_hub, int most);
  Date PickDay(int month);
  int PickAgency(Date day);
  Instant PickTime(Date day, int agency);
  int PickFamily(Date day, int agency);
  bool Fits(int child, int agency, Date day) const;
  PlannedForm NewForm(int agency, Instant received, bool to_hub);
  PlannedContact NewContact(int child, int agency);
  void Sort(std::vector<PlannedForm>& forms, const char* name) const;

  // ---- what becomes of them ----
  void Decide();
  Instant DecisionTime(const PlannedForm& form);
  void LeaveOverdue();
  Result<void> Refer();
  Result<void> ReferMonth(int month, const std::vector<Place>& decided);
  bool TryRefer(const Place& place);
  std::optional<Date> Closing(Date referred);
  Result<void> AddHistory();
  bool AddEarlierReferral(int child, Date first, Date last);
  void SettleOthers();
  Outcome OtherOutcome(const PlannedForm& form, bool open_episode);
  void SettleNeeds();
  void FindIncidents();
  bool NeedsTriage(const PlannedForm& form,
                   const PlannedContact& contact) const;

  PlannedForm& form(const Place& place) { return plan_.year[place.form]; }
  PlannedContact& at(const Place& place) {
    return plan_.year[place.form].contacts[place.contact];
  }

  const Targets targets_;
  const std::uint64_t seed_;
  const Calendar& calendar_;
  Random random_;
  Plan plan_;
  std::map<int, Story> stories_;  // by child
  // First referral of the year of each child that has a number.
  std::map<int, Place> first_referrals_;
  int repeats_ = 0;
  // Police reports of each child that has a number.
  std::map<int, std::vector<Instant>> incidents_;
};

// ---- contacts ----

Date Planner::PickDay(int month) {
  const Date first = AddMonths(YearStart(), month);
  const Date end = AddMonths(YearStart(), month + 1);
  std::vector<int> weights;
  for (Date day = first; day < end; day += days(1)) {
    const bool off = !calendar_.IsWorkingDay(day) && !IsWeekend(day);
    const unsigned weekday = std::chrono::weekday(day).iso_encoding() - 1;
    weights.push_back(off ? kDayWeights[6] : kDayWeights[weekday]);
  }
  return first + days(random_.Weighted(weights));
}

int Planner::PickAgency(Date day) {
  if (!calendar_.IsWorkingDay(day)) return random_.Weighted(kOnOtherDays);
  return random_.Weighted(IsSchoolHoliday(day) ? kInHolidays : kOnSchoolDays);
}

Instant Planner::PickTime(Date day, int agency) {
  const int second = random_.Below(60);
  const bool round_the_clock = agency == kPolice || agency == 2;
  if (round_the_clock && random_.Percent(55)) {
    return At(day, random_.Below(24 * 60 - 1), second);
  }
  // Most write before noon or before they go home.
  const int minute = random_.Percent(45) ? random_.Between(8 * 60 + 30, 12 * 60)
                                         : random_.Between(13 * 60, 17 * 60);
  return At(day, minute, second);
}

bool Planner::Fits(int child, int agency, Date day) const {
  const Child& one = plan_.people.children()[child];
  if (!one.born) return false;  // the unborn are told of once
  const Date eighteen = AddMonths(*one.born, 18 * 12);
  if (eighteen <= day) return false;
  const Date fifth = AddMonths(*one.born, 5 * 12);
  if (agency == kSchool) return fifth <= day;
  return agency != kHealthVisitor || fifth > day;
}

// Somebody known already, as often as not; months come in order, so whoever is
// known was born before.
int Planner::PickFamily(Date day, int agency) {
  const int known = static_cast<int>(plan_.people.families().size());
  for (int tries = 0; known > 20 && tries < 6 && random_.Percent(57); ++tries) {
    const int family = random_.Below(known);
    const auto& children = plan_.people.families()[family].children;
    // A month's days come in no order.
    const bool born =
        std::all_of(children.begin(), children.end(), [&](int child) {
          const auto& date = plan_.people.children()[child].born;
          return date && *date <= day;
        });
    if (born && Fits(children.front(), agency, day)) return family;
  }
  if (agency == kSchool) return plan_.people.AddFamily(day, 5, 16);
  if (agency != kHealthVisitor) {
    return agency == 2 && random_.Percent(5)
               ? plan_.people.AddUnborn(day)
               : plan_.people.AddFamily(day, 0, 17);
  }
  return plan_.people.AddFamily(day, 0, 4);
}

PlannedForm Planner::NewForm(int agency, Instant received, bool to_hub) {
  PlannedForm form;
  form.agency = kAgencies[agency];
  form.source =
      kSources[agency].codes[random_.Weighted(kSources[agency].weights)];
  form.received = received;
  if (agency == kPolice) {
    form.grading = to_hub                ? "standard"
                   : random_.Percent(38) ? "high"
                                         : "medium";
  }
  constexpr std::array kLevels = {7, 10, 36, 33, 14};
  constexpr std::array kHubLevels = {12, 40, 48, 0, 0};
  form.level = random_.Weighted(to_hub ? kHubLevels : kLevels);
  form.consent = static_cast<Consent>(random_.Weighted(kConsents[agency]));
  form.seed = random_.Next();
  return form;
}

PlannedContact Planner::NewContact(int child, int agency) {
  PlannedContact contact;
  contact.child = child;
  const int roll = random_.Below(100);
  if (roll < kNumberMissing[agency] ||
      plan_.people.children()[child].nhs_number.empty()) {
    contact.number = Number::kMissing;
  } else if (roll < kNumberMissing[agency] + kNumberWrong[agency]) {
    contact.number = Number::kWrong;
  }
  return contact;
}

void Planner::AddForm(Date day, bool to_hub, int most) {
  const int agency = to_hub ? kPolice : PickAgency(day);
  const int family = PickFamily(day, agency);
  PlannedForm form = NewForm(agency, PickTime(day, agency), to_hub);
  for (const int child : plan_.people.families()[family].children) {
    const bool one_more = form.contacts.empty() ||
                          (Fits(child, agency, day) && random_.Percent(42));
    if (!one_more || static_cast<int>(form.contacts.size()) == most) continue;
    form.contacts.push_back(NewContact(child, agency));
  }
  plan_.year.push_back(std::move(form));
}

void Planner::AddMonth(int month) {
  const int hub = targets_.contacts[month] * targets_.hub_percent / 100;
  for (const auto& [to_hub, wanted] :
       {std::pair(false, targets_.contacts[month]), std::pair(true, hub)}) {
    for (int left = wanted; left > 0;) {
      AddForm(PickDay(month), to_hub, left);
      left -= static_cast<int>(plan_.year.back().contacts.size());
    }
  }
}

void Planner::Sort(std::vector<PlannedForm>& forms, const char* name) const {
  std::stable_sort(forms.begin(), forms.end(),
                   [](const PlannedForm& a, const PlannedForm& b) {
                     return a.received < b.received;
                   });
  for (std::size_t i = 0; i < forms.size(); ++i) {
    forms[i].request_id = "demo-" + std::to_string(seed_) + "-" + name + "-" +
                          Padded(static_cast<int>(i));
  }
}

// ---- what becomes of them ----

// Mostly by the end of the next working day; a few late. The duty team decides
// on the most urgent on any day.
Instant Planner::DecisionTime(const PlannedForm& form) {
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
void Planner::Decide() {
  for (PlannedForm& form : plan_.year) {
    for (PlannedContact& contact : form.contacts) {
      contact.decided = DecisionTime(form);
      if (!InYear(CivilDate(*contact.decided))) contact.decided.reset();
    }
  }
  LeaveOverdue();
}

bool IsOverdue(const PlannedForm& form, const Calendar& calendar) {
  return calendar.AddWorkingDays(CivilDate(form.received), 1) < YearEnd();
}

void Planner::LeaveOverdue() {
  std::vector<PlannedContact*> candidates;
  int left = targets_.overdue;
  for (PlannedForm& form : plan_.year) {
    if (form.to_hub() || !IsOverdue(form, calendar_)) continue;
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

Result<void> Planner::Refer() {
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
Result<void> Planner::ReferMonth(int month, const std::vector<Place>& decided) {
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
bool Planner::TryRefer(const Place& place) {
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
  story->second = {numbered, day, contact.closed};
  return true;
}

// Invented: a third ends after an assessment, others take longer.
std::optional<Date> Planner::Closing(Date referred) {
  const int length =
      random_.Percent(35) ? random_.Between(12, 63) : random_.Between(64, 420);
  Date closed = referred + days(length);
  while (!calendar_.IsWorkingDay(closed)) closed += days(1);
  if (closed > YearEnd()) return std::nullopt;
  return closed;
}

// Children referred in the year whose earlier referral lies in 2016-17: as many
// as repeats are missing, and some where it lies too far back to count.
Result<void> Planner::AddHistory() {
  const Date oldest = AddMonths(YearStart(), -12) + days(3);
  const Date newest = YearStart() - days(14);
  std::vector<Place> order;
  for (const auto& [child, place] : first_referrals_) order.push_back(place);
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random_.Below(static_cast<int>(i))]);
  }
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

bool Planner::AddEarlierReferral(int child, Date first, Date last) {
  const int span = static_cast<int>((last - first).count());
  if (span < 10) return false;
  Date day = first + days(random_.Below(span - 6));
  while (!calendar_.IsWorkingDay(day)) day += days(1);
  if (day > last || *plan_.people.children()[child].born > day) return false;
  int agency = 0;
  do {
    agency = random_.Weighted(kOnSchoolDays);
  } while (!Fits(child, agency, day));
  PlannedForm form =
      NewForm(agency, At(day, random_.Between(9 * 60, 15 * 60), 0),
              /*to_hub=*/false);
  PlannedContact contact;
  contact.child = child;
  contact.outcome = Outcome::kReferral;
  contact.decided = form.received + minutes(random_.Between(20, 150));
  const int length =
      std::min(random_.Between(10, 120),
               static_cast<int>((YearStart() - days(1) - day).count()));
  contact.closed = day + days(length);
  form.contacts.push_back(contact);
  plan_.history.push_back(std::move(form));
  return true;
}

// Whatever is no referral. A child with an open episode: news that joins it.
void Planner::SettleOthers() {
  std::map<int, std::vector<std::pair<Instant, std::optional<Date>>>> episodes;
  for (const PlannedForm& form : plan_.year) {
    for (const PlannedContact& contact : form.contacts) {
      if (contact.outcome == Outcome::kReferral &&
          contact.number == Number::kRight) {
        episodes[contact.child].emplace_back(*contact.decided, contact.closed);
      }
    }
  }
  for (PlannedForm& form : plan_.year) {
    for (PlannedContact& contact : form.contacts) {
      if (!contact.decided || contact.outcome == Outcome::kReferral) continue;
      bool open = false;
      if (contact.number == Number::kRight) {
        for (const auto& [opened, closed] : episodes[contact.child]) {
          open |= opened < *contact.decided &&
                  (!closed || CivilDate(*contact.decided) <= *closed);
        }
      }
      contact.outcome = OtherOutcome(form, open);
    }
  }
  SettleNeeds();
}

Outcome Planner::OtherOutcome(const PlannedForm& form, bool open_episode) {
  if (open_episode && !form.to_hub() && random_.Percent(85)) {
    return Outcome::kJoinsOpenEpisode;
  }
  constexpr std::array kFrontDoor = {44, 34, 22};
  constexpr std::array kHub = {21, 32, 47};
  constexpr std::array kOutcomes = {Outcome::kNoFurtherAction,
                                    Outcome::kInformationAndAdvice,
                                    Outcome::kEarlyHelp};
  return kOutcomes[random_.Weighted(form.to_hub() ? kHub : kFrontDoor)];
}

// A child under one, or the third police report in 12 months that can be told
// to be of the same child.
bool Planner::NeedsTriage(const PlannedForm& form,
                          const PlannedContact& contact) const {
  if (form.source != "6") return false;
  const Date day = CivilDate(form.received);
  const Child& child = plan_.people.children()[contact.child];
  if (!child.born || AddMonths(*child.born, 12) > day) return true;
  if (contact.number != Number::kRight) return false;
  const Date since = AddMonths(day, -12);
  const auto& all = incidents_.at(contact.child);
  return std::count_if(all.begin(), all.end(), [&](Instant received) {
           return received <= form.received && CivilDate(received) > since;
         }) >= 3;
}

void Planner::FindIncidents() {
  for (const auto* forms : {&plan_.history, &plan_.year}) {
    for (const PlannedForm& form : *forms) {
      if (form.source != "6") continue;
      for (const PlannedContact& contact : form.contacts) {
        if (contact.number == Number::kRight) {
          incidents_[contact.child].push_back(form.received);
        }
      }
    }
  }
}

void Planner::SettleNeeds() {
  FindIncidents();
  for (auto* forms : {&plan_.history, &plan_.year}) {
    for (PlannedForm& form : *forms) {
      for (PlannedContact& contact : form.contacts) {
        if (!contact.decided) continue;
        contact.needs_triage_decision = NeedsTriage(form, contact);
        contact.needs_threshold_decision =
            form.consent == Consent::kRefused && form.level < 4 &&
            contact.outcome != Outcome::kReferral &&
            contact.outcome != Outcome::kJoinsOpenEpisode;
      }
    }
  }
}

Targets Tenth(Targets targets) {
  for (auto* months : {&targets.contacts, &targets.referrals}) {
    for (int& month : *months) month = (month + 5) / 10;
  }
  targets.re_referrals /= 10;
  targets.repeats_within_year /= 10;
  targets.long_ago /= 10;
  targets.overdue /= 10;
  return targets;
}

}  // namespace

// Totals and the conversion of January to March are published; their months
// are invented so that they fit.
Targets PublishedYear() {
  return {
      .contacts = {812, 921, 884, 893, 702, 861, 918, 878, 711, 760, 716, 742},
      .referrals = {176, 211, 209, 221, 168, 214, 243, 242, 199, 280, 271, 292},
      .re_referrals = 654,
      .repeats_within_year = 235,
      .long_ago = 40,
      .hub_percent = 14,
      .overdue = 27};
}

Targets TenthOfIt() { return Tenth(PublishedYear()); }

int Sum(const std::array<int, 12>& months) {
  return std::accumulate(months.begin(), months.end(), 0);
}

Date YearStart() { return std::chrono::year(2017) / std::chrono::April / 1; }
Date YearEnd() { return std::chrono::year(2018) / std::chrono::March / 31; }

Result<Plan> MakePlan(const Targets& targets, std::uint64_t seed,
                      const Calendar& calendar) {
  return Planner(targets, seed, calendar).Make();
}

Batch MakeBatch(int forms, std::uint64_t seed, Date day,
                const std::string& name) {
  Batch batch{.people = People(seed, /*first_number=*/60'000), .forms = {}};
  Random random(seed);
  for (int i = 0; i < forms; ++i) {
    const int agency = random.Weighted(kOnSchoolDays);
    PlannedForm form;
    form.request_id = name + "-" + Padded(i);
    form.agency = kAgencies[agency];
    form.source = kSources[agency].codes.front();
    if (agency == kPolice) form.grading = "medium";
    form.level = random.Between(1, 4);
    form.seed = random.Next();
    const bool pupils = agency == kSchool;
    const int family =
        batch.people.AddFamily(day, pupils ? 5 : 0, pupils ? 16 : 4);
    form.contacts.push_back(
        {.child = batch.people.families()[family].children.front()});
    batch.forms.push_back(std::move(form));
  }
  return batch;
}

Expected CountPlan(const Plan& plan, const Calendar& calendar) {
  Expected expected;
  for (const PlannedForm& form : plan.year) {
    const Date day = CivilDate(form.received);
    for (const PlannedContact& contact : form.contacts) {
      if (form.to_hub()) {
        ++expected.hub_contacts;
        continue;
      }
      ++expected.contacts;
      ++expected.contacts_by_month[MonthOf(day)];
      ++expected.contacts_by_source[form.source];
      if (!contact.decided) {
        ++expected.open;
        expected.overdue += IsOverdue(form, calendar);
        continue;
      }
      ++expected.decisions;
      const Date decided = CivilDate(*contact.decided);
      expected.decided_in_time += decided <= calendar.AddWorkingDays(day, 1);
      if (contact.outcome != Outcome::kReferral) continue;
      ++expected.referrals;
      expected.open_episodes += !contact.closed.has_value();
      ++expected.referrals_by_month[MonthOf(decided)];
      ++expected.referrals_by_source[form.source];
      expected.re_referrals += contact.re_referral;
    }
  }
  return expected;
}

}  // namespace seawall::demo
