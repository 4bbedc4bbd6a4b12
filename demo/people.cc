#include "demo/people.h"

#include <array>

namespace seawall::demo {
namespace {

constexpr std::array kGirls = {
    "Alder",  "Birch", "Cedar", "Daisy",   "Elm",   "Fern",   "Gorse",
    "Hazel",  "Iris",  "Ivy",   "Juniper", "Kale",  "Laurel", "Maple",
    "Nettle", "Olive", "Poppy", "Quince",  "Rowan", "Saffron"};
constexpr std::array kBoys = {"Ash",     "Basil",  "Clay",   "Drake", "Esker",
                              "Flint",   "Garnet", "Heron",  "Inlet", "Jasper",
                              "Kestrel", "Lark",   "Merlin", "Norse", "Onyx",
                              "Pike",    "Quartz", "Reed",   "Slate", "Tarn"};
constexpr std::array kSurnames = {
    "Beacon",  "Breaker", "Cove",      "Dune",      "Ebb",     "Fathom",
    "Groyne",  "Harbour", "Island",    "Jetty",     "Keel",    "Lantern",
    "Marram",  "Neap",    "Offing",    "Pier",      "Quay",    "Rigging",
    "Shingle", "Tideway", "Undertow",  "Vessel",    "Wharf",   "Yawl",
    "Anchor",  "Buoy",    "Causeway",  "Driftwood", "Estuary", "Foreshore",
    "Gannet",  "Halyard", "Ironshore", "Jib",       "Kelp",    "Limpet",
    "Mussel",  "Narrows", "Oyster",    "Promenade"};
constexpr std::array kStreets = {"Lighthouse", "Sandhill", "Cockle",  "Ferry",
                                 "Tramway",    "Winkle",   "Mariner", "Dock"};
// Common codes of the census; weights invented.
constexpr std::array kEthnicities = {"WBRI", "WOTH", "MWBC", "MOTH",
                                     "APKN", "BAFR", "NOBT"};
constexpr std::array kEthnicityWeights = {84, 6, 3, 2, 2, 2, 1};
constexpr std::string_view kUpnLetters = "ABCDEFGHJKLMNPQRTUVWXYZ";

std::string Test(const std::string& name) { return "Test-" + name; }

int AgeInYears(Date born, Date day) {
  int years = 0;
  while (AddMonths(born, 12 * (years + 1)) <= day) ++years;
  return years;
}

int NhsCheck(const std::string& nine) {
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += (nine[i] - '0') * (10 - i);
  return (11 - sum % 11) % 11;
}

}  // namespace

std::string TestNhsNumber(int number) {
  // One of ten neighbours at least has a check digit, so a block of ten makes
  // one number.
  for (int step = 0;; ++step) {
    const std::string nine = std::to_string(900'000'000 + 10 * number + step);
    const int check = NhsCheck(nine);
    if (check < 10) return nine + std::to_string(check);
  }
}

std::string WrongNhsNumber(const std::string& nhs_number) {
  std::string wrong = nhs_number;
  wrong.back() =
      wrong.back() == '9' ? '0' : static_cast<char>(wrong.back() + 1);
  return wrong;
}

std::string TestUpn(int number) {
  // 890 is Blackpool; no school has the number 9999.
  std::string digits = std::to_string(890'9999'00000 + number);
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    sum += (digits[i] - '0') * static_cast<int>(i + 2);
  }
  return kUpnLetters[sum % 23] + digits;
}

int People::NewFamily() {
  Family family;
  const int number = static_cast<int>(families_.size());
  family.address_line = std::to_string(1 + number % 97) + " Test-" +
                        random_.Of(kStreets) + " Street";
  // The letters C, I, K, M, O and V stand in no second half.
  constexpr std::string_view kInward = "ABDEFGHJLNPQRSTUWXYZ";
  family.postcode = "FY" + std::to_string(random_.Between(1, 4)) + " " +
                    std::to_string(random_.Between(1, 9)) +
                    kInward[random_.Below(20)] + kInward[random_.Below(20)];
  family.surname = Test(random_.Of(kSurnames));
  families_.push_back(std::move(family));
  return number;
}

void People::AddAdults(int family, Date eldest_born) {
  std::vector<Adult>& adults = families_[family].adults;
  const auto add = [&](const char* given, const char* relationship) {
    adults.push_back(
        {Test(given), families_[family].surname,
         eldest_born - std::chrono::days(random_.Between(18 * 365, 34 * 365)),
         relationship});
  };
  add(random_.Of(kGirls), "mother");
  if (random_.Percent(55)) add(random_.Of(kBoys), "father");
  if (random_.Percent(15)) add(random_.Of(kBoys), "partner");
}

Child People::NewChild(int family) {
  Child child;
  child.family = family;
  child.family_name = families_[family].surname;
  const bool girl = random_.Percent(49);
  child.sex = girl ? "F" : "M";
  child.given_name = Test(girl ? random_.Of(kGirls) : random_.Of(kBoys));
  child.ethnicity = kEthnicities[random_.Weighted(kEthnicityWeights)];
  child.nhs_number = TestNhsNumber(NextNumber());
  return child;
}

void People::Add(Child child) {
  families_[child.family].children.push_back(
      static_cast<int>(children_.size()));
  children_.push_back(std::move(child));
}

int People::AddFamily(Date day, int youngest, int oldest) {
  const int family = NewFamily();
  constexpr std::array kSizes = {52, 31, 17};
  const int size = 1 + random_.Weighted(kSizes);
  Date eldest = day;
  for (int i = 0; i < size; ++i) {
    Child child = NewChild(family);
    const int least = i == 0 ? youngest * 365 + 5 : 5;
    const int most = i == 0 ? oldest * 365 + 355 : 17 * 365;
    child.born = day - std::chrono::days(random_.Between(least, most));
    if (AgeInYears(*child.born, day) >= 5) {
      child.upn = TestUpn(NextNumber());
    }
    eldest = std::min(eldest, *child.born);
    Add(std::move(child));
  }
  AddAdults(family, eldest);
  return family;
}

int People::AddUnborn(Date day) {
  const int family = NewFamily();
  Child child = NewChild(family);
  child.given_name = "Test-Unborn";
  child.sex = "U";
  child.ethnicity.clear();
  child.nhs_number.clear();
  child.expected = day + std::chrono::days(random_.Between(10, 200));
  Add(std::move(child));
  AddAdults(family, day);
  return family;
}

}  // namespace seawall::demo
