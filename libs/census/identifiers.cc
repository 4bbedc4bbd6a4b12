// Rules about the child: who it is, when it was born, sex, ethnicity,
// disability.
#include "libs/base/identifiers.h"

#include <algorithm>
#include <array>

#include "libs/census/subjects.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Kind;
using enum Severity;
using enum Table;

constexpr std::size_t kUpnLength = 13;
constexpr std::size_t kLongestChildId = 20;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

// A digit, or a letter that does not look like one: I, O and S do.
bool MayEndUpn(char c) {
  return IsDigit(c) || std::string_view("ABCDEFGHJKLMNPQRTUVWXYZ").find(c) !=
                           std::string_view::npos;
}

// Numbers of councils since April 1998 and of bodies counted as one, first and
// last of each run. Source: rule 1530 of the census.
struct Run {
  int first;
  int last;
};
constexpr std::array<Run, 39> kCouncils = {{
    {1, 5},
    {201, 213},
    {301, 320},
    {330, 336},
    {340, 344},
    {350, 359},
    {370, 373},
    {380, 384},
    {390, 394},
    {420, 420},
    {660, 681},
    {701, 708},
    {800, 803},
    {805, 808},
    {810, 813},
    {815, 816},
    {820, 823},
    {825, 826},
    {830, 831},
    {835, 839},
    {840, 841},
    {845, 846},
    {850, 852},
    {855, 857},
    {860, 861},
    {865, 896},
    {908, 909},
    {916, 916},
    {919, 919},
    {921, 921},
    {925, 926},
    {928, 929},
    {931, 931},
    {933, 933},
    {935, 938},
    {940, 941},
    // Used from 2023-24: Cumberland, Westmorland and Furness.
    {942, 943},
}};

bool IsCouncil(std::string_view text, int last_number) {
  if (!AllDigits(text)) return false;
  const int number = std::stoi(std::string(text));
  return number <= last_number &&
         std::any_of(kCouncils.begin(), kCouncils.end(), [&](const Run& run) {
           return number >= run.first && number <= run.last;
         });
}

// The check letter is only asked of a UPN that has its form and ends in a
// digit.
void UpnCheckLetter(const ChildRecord& child, const Basis&,
                    Findings& findings) {
  Each(child, {kChildIdentifiers, {kUPN}}, findings, [](const Row& row) {
    const std::string& upn = row.Text(kUPN);
    return upn.size() == kUpnLength && AllDigits(upn.substr(1)) &&
           (!ParseUpn(upn).ok || !(upn[0] >= 'A' && upn[0] <= 'Z'));
  });
}

void UpnCouncil(const ChildRecord& child, const Basis& basis,
                Findings& findings) {
  const int last = basis.year < 2024 ? 941 : 943;
  Each(child, {kChildIdentifiers, {kUPN}}, findings, [&](const Row& row) {
    const std::string& upn = row.Text(kUPN);
    return upn.size() == kUpnLength && !IsCouncil(upn.substr(1, 3), last);
  });
}

void UpnDigits(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kChildIdentifiers, {kUPN}}, findings, [](const Row& row) {
    const std::string& upn = row.Text(kUPN);
    return !upn.empty() && (upn.size() < 5 || !AllDigits(upn.substr(4, 8)));
  });
}

void UpnEnd(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kChildIdentifiers, {kUPN}}, findings, [](const Row& row) {
    const std::string& upn = row.Text(kUPN);
    return upn.size() == kUpnLength && !MayEndUpn(upn.back());
  });
}

void FormerUpnForm(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kChildIdentifiers, {kFormerUPN}}, findings, [](const Row& row) {
    const std::string& upn = row.Text(kFormerUPN);
    if (upn.empty()) return false;
    return upn.size() != kUpnLength || !IsLetter(upn.front()) ||
           !AllDigits(upn.substr(1, 11)) || !MayEndUpn(upn.back());
  });
}

std::size_t Characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void ChildIdLength(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kChildIdentifiers, {kLAchildID}}, findings, [](const Row& row) {
    return Characters(row.Text(kLAchildID)) > kLongestChildId;
  });
}

void ChildIdCharacters(const ChildRecord& child, const Basis&,
                       Findings& findings) {
  Each(child, {kChildIdentifiers, {kLAchildID}}, findings, [](const Row& row) {
    const std::string& id = row.Text(kLAchildID);
    return !std::all_of(id.begin(), id.end(),
                        [](char c) { return IsDigit(c) || IsLetter(c); });
  });
}

void ChildIdPresent(const ChildRecord& child, const Basis&,
                    Findings& findings) {
  Each(child, {kChildIdentifiers, {kLAchildID}}, findings,
       [](const Row& row) { return !row.Has(kLAchildID); });
}

bool IsOneOf(std::string_view code, std::string_view codes) {
  return code.size() == 1 && codes.find(code) != std::string_view::npos;
}

void GenderValid(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kChildIdentifiers, {kGenderCurrent}}, findings,
       [](const Row& row) {
         return !IsOneOf(row.Text(kGenderCurrent), "0129");
       });
}

void SexValid(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kChildIdentifiers, {kSex}}, findings,
       [](const Row& row) { return !IsOneOf(row.Text(kSex), "MFU"); });
}

bool IsUnborn(const Row& row) {
  return !row.On(kPersonBirthDate) && row.On(kExpectedPersonBirthDate);
}

void UnbornGender(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child,
       {kChildIdentifiers,
        {kGenderCurrent, kPersonBirthDate, kExpectedPersonBirthDate}},
       findings, [](const Row& row) {
         return IsUnborn(row) && row.Text(kGenderCurrent) != "0";
       });
}

void UnbornSex(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child,
       {kChildIdentifiers, {kSex, kPersonBirthDate, kExpectedPersonBirthDate}},
       findings,
       [](const Row& row) { return IsUnborn(row) && row.Text(kSex) != "U"; });
}

void EthnicityValid(const ChildRecord& child, const Basis& basis,
                    Findings& findings) {
  Each(child, {kChildCharacteristics, {kEthnicity}}, findings,
       [&](const Row& row) {
         return !ValidCode(basis, "ethnicity", row.Text(kEthnicity));
       });
}

void BornByReferenceDate(const ChildRecord& child, const Basis& basis,
                         Findings& findings) {
  Each(child, {kChildIdentifiers, {kPersonBirthDate}}, findings,
       [&](const Row& row) {
         return Before(basis.period.reference_date, row.On(kPersonBirthDate));
       });
}

void OneBirthDate(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kChildIdentifiers, {kPersonBirthDate, kExpectedPersonBirthDate}},
       findings, [](const Row& row) {
         return row.On(kPersonBirthDate).has_value() ==
                row.On(kExpectedPersonBirthDate).has_value();
       });
}

// The first and the last day of the range are outside of it, as the census's
// validators have it.
void ExpectedBirthIsNear(const ChildRecord& child, const Basis& basis,
                         Findings& findings) {
  const Date first = basis.period.reference_date - std::chrono::days(30);
  const Date last = AddMonths(basis.period.reference_date, 9);
  Each(child, {kChildIdentifiers, {kExpectedPersonBirthDate}}, findings,
       [&](const Row& row) {
         const auto expected = row.On(kExpectedPersonBirthDate);
         return expected && (*expected <= first || *expected >= last);
       });
}

// A child that died before it was due to be born has no birth to compare.
void DeathAfterBirth(const ChildRecord& child, const Basis&,
                     Findings& findings) {
  Each(child, {kChildIdentifiers, {kPersonDeathDate, kPersonBirthDate}},
       findings, [](const Row& row) {
         const auto death = row.On(kPersonDeathDate);
         if (!death || Before(death, row.On(kExpectedPersonBirthDate)))
           return false;
         const auto birth = row.On(kPersonBirthDate);
         return !birth || *birth > *death;
       });
}

void DeathInYear(const ChildRecord& child, const Basis& basis,
                 Findings& findings) {
  Each(child, {kChildIdentifiers, {kPersonDeathDate}}, findings,
       [&](const Row& row) {
         return Outside(row.On(kPersonDeathDate), basis.period);
       });
}

// Disability is asked of born children with a referral that was acted on.
void DisabilityRecorded(const ChildRecord& child, const Basis& basis,
                        Findings& findings) {
  std::vector<Findings::At> acted;
  for (const Row& episode : child.rows(kCINdetails))
    if (episode.IsFalse(kReferralNFA))
      acted.push_back({episode, {kReferralNFA}});
  std::vector<Findings::At> wrong;
  for (const Row& row : child.rows(kDisabilities))
    if (!ValidCode(basis, "disability", row.Text(kDisability)))
      wrong.push_back({row, {kDisability}});
  if (acted.empty() || (wrong.empty() && !child.rows(kDisabilities).empty()))
    return;
  for (const Row& row : child.rows(kChildIdentifiers)) {
    if (!row.On(kPersonBirthDate)) continue;
    std::vector<Findings::At> rows = {{row, {kPersonBirthDate}}};
    rows.insert(rows.end(), wrong.begin(), wrong.end());
    rows.insert(rows.end(), acted.begin(), acted.end());
    findings.Add(rows);
  }
}

std::string UpperDisability(const Row& row) {
  std::string code = row.Text(kDisability);
  for (char& c : code)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return code;
}

void NoneStandsAlone(const ChildRecord& child, const Basis&,
                     Findings& findings) {
  const auto& rows = child.rows(kDisabilities);
  const bool has_none = std::any_of(
      rows.begin(), rows.end(),
      [](const Row& row) { return UpperDisability(row) == "NONE"; });
  if (!has_none) return;
  Each(child, {kDisabilities, {kDisability}}, findings, [](const Row& row) {
    return row.Has(kDisability) && UpperDisability(row) != "NONE";
  });
}

void DisabilityIsThereOnce(const ChildRecord& child, const Basis&,
                           Findings& findings) {
  MoreThanOne(child, {kDisabilities, {kDisability}}, kDisability, findings,
              [](const Row& row) { return row.Has(kDisability); });
}

void HasEpisode(const ChildRecord& child, const Basis&, Findings& findings) {
  if (!child.rows(kCINdetails).empty()) return;
  Each(child, {kChildIdentifiers, {kLAchildID}}, findings,
       [](const Row&) { return true; });
}

bool HasReasonWithoutUpn(const Row& row) {
  const std::string& reason = row.Text(kUPNunknown);
  return reason.size() == 3 && (reason[0] | 0x20) == 'u' &&
         (reason[1] | 0x20) == 'n' && reason[2] >= '2' && reason[2] <= '7';
}

// UN1, not of school age, is no reason for these children.
void UpnOfBornBy(Date day, const ChildRecord& child, Findings& findings) {
  const auto& episodes = child.rows(kCINdetails);
  if (std::none_of(episodes.begin(), episodes.end(), [](const Row& episode) {
        return episode.IsFalse(kReferralNFA);
      }))
    return;
  Each(child, {kChildIdentifiers, {kUPN, kUPNunknown}}, findings,
       [&](const Row& row) {
         const auto birth = row.On(kPersonBirthDate);
         return birth && *birth <= day && !row.Has(kUPN) &&
                !HasReasonWithoutUpn(row);
       });
}

void UpnOfSixYearOlds(const ChildRecord& child, const Basis& basis,
                      Findings& findings) {
  UpnOfBornBy(YearsOn(basis.period.reference_date, -6), child, findings);
}

// Of school age: five before the school year in which the census year ends;
// born by 31 August of the year six years before the reference date's.
void UpnOfSchoolAge(const ChildRecord& child, const Basis& basis,
                    Findings& findings) {
  const std::chrono::year_month_day end(basis.period.reference_date);
  const Date last(
      ((end.year() - std::chrono::years(6)) / std::chrono::August / 31));
  UpnOfBornBy(last, child, findings);
}

void NoUpnForNfa(const ChildRecord& child, const Basis&, Findings& findings) {
  Pairs(
      child, {kChildIdentifiers, {kUPNunknown}}, {kCINdetails, {kReferralNFA}},
      findings, [](const Row& row, const Row& episode) {
        return row.Text(kUPNunknown) == "UN7" && !episode.IsTrue(kReferralNFA);
      });
}

void YoungerThan25(const ChildRecord& child, const Basis& basis,
                   Findings& findings) {
  constexpr int kYears = 25;
  Pairs(child, {kChildIdentifiers, {kPersonBirthDate}},
        {kCINdetails, {kCINclosureDate}}, findings,
        [&](const Row& row, const Row& episode) {
          const auto birth = row.On(kPersonBirthDate);
          if (!birth || YearsOn(*birth, kYears) >= basis.period.reference_date)
            return false;
          const auto closure = episode.On(kCINclosureDate);
          return !closure || *closure > YearsOn(*birth, kYears);
        });
}

constexpr Rule kRules[] = {
    {"1510", kError, kFinding,
     "The UPN's first letter is not the one its digits give.", UpnCheckLetter},
    {"1530", kError, kFinding,
     "Characters 2 to 4 of the UPN are not the number of a council.",
     UpnCouncil},
    {"1540", kError, kFinding, "Characters 5 to 12 of the UPN must be digits.",
     UpnDigits},
    {"1550", kError, kFinding,
     "Character 13 of the UPN must be a digit or a letter other than I, O, S.",
     UpnEnd},
    {"1560Q", kQuery, kFinding, "The former UPN does not look like a UPN.",
     FormerUpnForm},
    {"1570", kError, kFinding, "The LA child id is longer than 20 characters.",
     ChildIdLength, nullptr, 2025},
    {"1580", kError, kFinding,
     "The LA child id may hold letters and digits only.", ChildIdCharacters,
     nullptr, 2025},
    {"4180", kError, kFinding, "Gender must be 0, 1, 2 or 9.", GenderValid,
     nullptr, 2023, 2024},
    {"4180", kError, kFinding, "Sex must be M, F or U.", SexValid, nullptr,
     2025},
    {"4220", kError, kFinding, "Ethnicity is missing or no code of the set.",
     EthnicityValid},
    {"8500", kError, kFinding, "The LA child id is missing.", ChildIdPresent},
    {"8520", kError, kFinding,
     "The child is born after the end of the census year.",
     BornByReferenceDate},
    {"8525Q", kQuery, kFinding,
     "Give the date of birth or the expected one: one of them, not both.",
     OneBirthDate},
    {"8530Q", kQuery, kFinding,
     "The birth is expected too far from the end of the census year.",
     ExpectedBirthIsNear},
    {"8535Q", kQuery, kFinding, "The child died before it was born.",
     DeathAfterBirth},
    {"8540", kError, kFinding,
     "Disability is missing or no code of the set, for a referral that was "
     "acted on.",
     DisabilityRecorded},
    {"8545Q", kQuery, kFinding, "The child did not die in the census year.",
     DeathInYear},
    {"8590", kError, kFinding, "The child has no episode.", HasEpisode},
    {"8750", kError, kFinding, "The gender of an unborn child must be 0.",
     UnbornGender, nullptr, 2023, 2024},
    {"8750", kError, kFinding, "The sex of an unborn child must be U.",
     UnbornSex, nullptr, 2025},
    {"8770Q", kQuery, kFinding,
     "A child over six has neither a UPN nor a reason for having none.",
     UpnOfSixYearOlds, nullptr, 2023, 2024},
    {"8770Q", kQuery, kFinding,
     "A child of school age has neither a UPN nor a reason for having none.",
     UpnOfSchoolAge, nullptr, 2025},
    {"8772", kError, kFinding,
     "UN7 says that no referral was acted on, but one was.", NoUpnForNfa},
    {"8775Q", kQuery, kFinding, "The person is over 25.", YoungerThan25},
    {"8790", kError, kFinding,
     "A child with disability NONE has other disabilities too.",
     NoneStandsAlone},
    {"8794", kError, kFinding, "The same disability is recorded twice.",
     DisabilityIsThereOnce},
};

}  // namespace

std::span<const Rule> IdentifierRules() { return kRules; }

}  // namespace seawall::census
