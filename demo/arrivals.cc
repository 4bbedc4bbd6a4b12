#include "demo/arrivals.h"

#include <algorithm>

#include "demo/days.h"

namespace seawall::demo {
namespace {

using std::chrono::days;

constexpr int kPolice = 0;
constexpr int kSchool = 1;
constexpr int kHospital = 2;
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

std::string Padded(int number) {
  std::string digits = std::to_string(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

}  // namespace

Date Arrivals::PickDay(int month) {
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

int Arrivals::PickAgency(Date day) {
  if (!calendar_.IsWorkingDay(day)) return random_.Weighted(kOnOtherDays);
  return random_.Weighted(IsSchoolHoliday(day) ? kInHolidays : kOnSchoolDays);
}

Instant Arrivals::PickTime(Date day, int agency) {
  const int second = random_.Below(60);
  const bool round_the_clock = agency == kPolice || agency == kHospital;
  if (round_the_clock && random_.Percent(55)) {
    return At(day, random_.Below(24 * 60 - 1), second);
  }
  // Most write before noon or before they go home.
  const int minute = random_.Percent(45) ? random_.Between(8 * 60 + 30, 12 * 60)
                                         : random_.Between(13 * 60, 17 * 60);
  return At(day, minute, second);
}

bool Arrivals::Fits(int child, int agency, Date day) const {
  const Child& one = people_.children()[child];
  if (!one.born) return false;  // the unborn are told of once
  const Date eighteen = AddMonths(*one.born, 18 * 12);
  if (eighteen <= day) return false;
  const Date fifth = AddMonths(*one.born, 5 * 12);
  if (agency == kSchool) return fifth <= day;
  return agency != kHealthVisitor || fifth > day;
}

// Somebody known already, as often as not; months come in order, so whoever is
// known was born before.
int Arrivals::PickFamily(Date day, int agency) {
  const int known = static_cast<int>(people_.families().size());
  for (int tries = 0; known > 20 && tries < 6 && random_.Percent(57); ++tries) {
    const int family = random_.Below(known);
    const auto& children = people_.families()[family].children;
    // A month's days come in no order.
    const bool born =
        std::all_of(children.begin(), children.end(), [&](int child) {
          const auto& date = people_.children()[child].born;
          return date && *date <= day;
        });
    if (born && Fits(children.front(), agency, day)) return family;
  }
  if (agency == kSchool) return people_.AddFamily(day, 5, 16);
  if (agency != kHealthVisitor) {
    return agency == kHospital && random_.Percent(5)
               ? people_.AddUnborn(day)
               : people_.AddFamily(day, 0, 17);
  }
  return people_.AddFamily(day, 0, 4);
}

PlannedForm Arrivals::NewForm(int agency, Instant received, bool to_hub) {
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

PlannedContact Arrivals::NewContact(int child, int agency) {
  PlannedContact contact;
  contact.child = child;
  const int roll = random_.Below(100);
  if (roll < kNumberMissing[agency] ||
      people_.children()[child].nhs_number.empty()) {
    contact.number = Number::kMissing;
  } else if (roll < kNumberMissing[agency] + kNumberWrong[agency]) {
    contact.number = Number::kWrong;
  }
  return contact;
}

void Arrivals::AddForm(Date day, bool to_hub, int most,
                       std::vector<PlannedForm>& forms) {
  const int agency = to_hub ? kPolice : PickAgency(day);
  const int family = PickFamily(day, agency);
  PlannedForm form = NewForm(agency, PickTime(day, agency), to_hub);
  for (const int child : people_.families()[family].children) {
    const bool one_more = form.contacts.empty() ||
                          (Fits(child, agency, day) && random_.Percent(42));
    if (!one_more || static_cast<int>(form.contacts.size()) == most) continue;
    form.contacts.push_back(NewContact(child, agency));
  }
  forms.push_back(std::move(form));
}

std::vector<PlannedForm> Arrivals::Year(const Targets& targets) {
  std::vector<PlannedForm> forms;
  for (int month = 0; month < 12; ++month) {
    const int hub = targets.contacts[month] * targets.hub_percent / 100;
    for (const auto& [to_hub, wanted] :
         {std::pair(false, targets.contacts[month]), std::pair(true, hub)}) {
      for (int left = wanted; left > 0;) {
        AddForm(PickDay(month), to_hub, left, forms);
        left -= static_cast<int>(forms.back().contacts.size());
      }
    }
  }
  return forms;
}

PlannedForm Arrivals::Earlier(int child, Date day) {
  int agency = 0;
  do {
    agency = random_.Weighted(kOnSchoolDays);
  } while (!Fits(child, agency, day));
  PlannedForm form =
      NewForm(agency, At(day, random_.Between(9 * 60, 15 * 60), 0),
              /*to_hub=*/false);
  form.contacts.push_back({.child = child});
  return form;
}

void Number(std::vector<PlannedForm>& forms, const std::string& name) {
  std::stable_sort(forms.begin(), forms.end(),
                   [](const PlannedForm& a, const PlannedForm& b) {
                     return a.received < b.received;
                   });
  for (std::size_t i = 0; i < forms.size(); ++i) {
    forms[i].request_id = name + "-" + Padded(static_cast<int>(i));
  }
}

Batch MakeBatch(const BatchOrder& order) {
  Batch batch{.people = People(order.seed, order.first_number), .forms = {}};
  Random random(order.seed);
  for (int i = 0; i < order.forms; ++i) {
    const int agency = random.Weighted(kOnSchoolDays);
    PlannedForm form;
    form.request_id = order.name + "-" + Padded(i);
    form.agency = kAgencies[agency];
    form.source = kSources[agency].codes.front();
    if (agency == kPolice) form.grading = "medium";
    form.level = random.Between(1, 4);
    form.seed = random.Next();
    const bool pupils = agency == kSchool;
    const int family =
        batch.people.AddFamily(order.day, pupils ? 5 : 0, pupils ? 16 : 4);
    form.contacts.push_back(
        {.child = batch.people.families()[family].children.front()});
    batch.forms.push_back(std::move(form));
  }
  return batch;
}

}  // namespace seawall::demo
