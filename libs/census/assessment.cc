// Rules about assessments and the factors found in them.
#include <algorithm>
#include <set>

#include "libs/census/subjects.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Kind;
using enum Severity;
using enum Table;

// The clock of an assessment, in working days; its start is day 0.
constexpr int kAssessmentDays = 45;
constexpr char kNoneFound[] = "21";

bool IsCompleted(const Row& assessment) {
  return assessment.On(kAssessmentAuthorisationDate).has_value();
}

// Tables that hold a row for each factor name an assessment by several rows:
// alike in everything but the factor.
bool SameAssessment(const Row& one, const Row& other) {
  return SameEpisode(one, other) && Same(one, other, kAssessmentID) &&
         Same(one, other, kAssessmentActualStartDate) &&
         Same(one, other, kAssessmentAuthorisationDate);
}

// "1A,2B" is two codes.
std::vector<std::string> Codes(const std::string& text) {
  std::vector<std::string> codes;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    if (comma > from) codes.push_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  return codes;
}

// The factors of an assessment: from the list of factors where it has the
// assessment, else from the rows themselves.
std::vector<std::string> Factors(const ChildRecord& child,
                                 const Row& assessment) {
  std::vector<std::string> factors;
  for (const Row& row : child.rows(kAssessmentFactorsList))
    if (SameEpisode(row, assessment) && Same(row, assessment, kAssessmentID) &&
        row.Has(kAssessmentFactor))
      factors.push_back(row.Text(kAssessmentFactor));
  if (!factors.empty()) return factors;
  for (const Row& row : child.rows(kAssessments))
    if (SameAssessment(row, assessment))
      for (auto& code : Codes(row.Text(kAssessmentFactors)))
        factors.push_back(std::move(code));
  return factors;
}

bool Contains(const std::vector<std::string>& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

void StartAfterReferral(const ChildRecord& child, const Basis&,
                        Findings& findings) {
  Pairs(child, {kAssessments, {kAssessmentActualStartDate}},
        {kCINdetails, {kCINreferralDate}}, findings,
        [](const Row& assessment, const Row& episode) {
          return SameEpisode(assessment, episode) &&
                 Before(assessment.On(kAssessmentActualStartDate),
                        episode.On(kCINreferralDate));
        });
}

void CompletedAfterStart(const ChildRecord& child, const Basis&,
                         Findings& findings) {
  Each(child,
       {kAssessments,
        {kAssessmentActualStartDate, kAssessmentAuthorisationDate}},
       findings, [](const Row& assessment) {
         return Before(assessment.On(kAssessmentAuthorisationDate),
                       assessment.On(kAssessmentActualStartDate));
       });
}

void OpenWithinClock(const ChildRecord& child, const Basis& basis,
                     Findings& findings) {
  Each(child,
       {kAssessments,
        {kAssessmentAuthorisationDate, kAssessmentActualStartDate}},
       findings, [&](const Row& assessment) {
         const auto start = assessment.On(kAssessmentActualStartDate);
         return start && !IsCompleted(assessment) &&
                basis.calendar.AddWorkingDays(*start, kAssessmentDays) <
                    basis.period.reference_date;
       });
}

void CompletedInYear(const ChildRecord& child, const Basis& basis,
                     Findings& findings) {
  Each(child, {kAssessments, {kAssessmentAuthorisationDate}}, findings,
       [&](const Row& assessment) {
         return Outside(assessment.On(kAssessmentAuthorisationDate),
                        basis.period);
       });
}

// Rows that belong to no episode are nobody's open assessment.
void OpenStartedInYear(const ChildRecord& child, const Basis& basis,
                       Findings& findings) {
  Each(child,
       {kAssessments,
        {kAssessmentAuthorisationDate, kAssessmentActualStartDate}},
       findings, [&](const Row& assessment) {
         return assessment.Has(kCINdetailsID) && !IsCompleted(assessment) &&
                !basis.period.Holds(assessment.On(kAssessmentActualStartDate));
       });
}

void AssessmentsDoNotOverlap(const ChildRecord& child, const Basis& basis,
                             Findings& findings) {
  Pairs(child, {kAssessments, {kAssessmentActualStartDate}},
        {kAssessments,
         {kAssessmentActualStartDate, kAssessmentAuthorisationDate}},
        findings, [&](const Row& later, const Row& earlier) {
          const auto start = later.On(kAssessmentActualStartDate);
          const auto end = later.On(kAssessmentAuthorisationDate);
          const auto earlier_start = earlier.On(kAssessmentActualStartDate);
          const auto earlier_end = earlier.On(kAssessmentAuthorisationDate);
          // The same days are the same assessment, told twice.
          const bool same = start == earlier_start && end == earlier_end;
          return SameEpisode(later, earlier) && !same &&
                 DuringOrOnLastDay(start, earlier_start, earlier_end,
                                   basis.period);
        });
}

void OneOpenAssessment(const ChildRecord& child, const Basis&,
                       Findings& findings) {
  MoreThanOne(child, {kAssessments, {kAssessmentAuthorisationDate}},
              kCINdetailsID, findings,
              [](const Row& assessment) { return !IsCompleted(assessment); });
}

// Retired codes are codes here: whether they may still be used is asked by
// rules of their own.
void CompletedHasFactors(const ChildRecord& child, const Basis& basis,
                         Findings& findings) {
  Each(
      child, {kAssessments, {kAssessmentAuthorisationDate, kAssessmentFactors}},
      findings, [&](const Row& assessment) {
        const auto completed = assessment.On(kAssessmentAuthorisationDate);
        if (!completed || *completed < basis.period.start) return false;
        const auto factors = Factors(child, assessment);
        return factors.empty() ||
               std::any_of(factors.begin(), factors.end(),
                           [&](const std::string& code) {
                             return basis.codes.Find("factor", code) == nullptr;
                           });
      });
}

void OpenHasNoFactors(const ChildRecord& child, const Basis&,
                      Findings& findings) {
  Each(child,
       {kAssessments, {kAssessmentAuthorisationDate, kAssessmentFactors}},
       findings, [&](const Row& assessment) {
         if (assessment.Has(kAssessmentAuthorisationDate)) return false;
         return assessment.Has(kAssessmentFactors) ||
                (assessment.Has(kAssessmentID) &&
                 !Factors(child, assessment).empty());
       });
}

void NoneFoundStandsAlone(const ChildRecord& child, const Basis&,
                          Findings& findings) {
  Each(child, {kAssessments, {kAssessmentFactors}}, findings,
       [&](const Row& assessment) {
         const auto own = Codes(assessment.Text(kAssessmentFactors));
         const bool other = std::any_of(
             own.begin(), own.end(),
             [](const std::string& code) { return code != kNoneFound; });
         return other && Contains(Factors(child, assessment), kNoneFound);
       });
}

void FactorIsThereOnce(const ChildRecord& child, const Basis&,
                       Findings& findings) {
  Each(child, {kAssessments, {kAssessmentFactors}}, findings,
       [&](const Row& assessment) {
         const auto factors = Factors(child, assessment);
         const std::set<std::string> distinct(factors.begin(), factors.end());
         return distinct.size() < factors.size();
       });
}

bool IsOnlyAssessment(const ChildRecord& child, const Row& assessment) {
  const auto& rows = child.rows(kAssessments);
  return std::none_of(rows.begin(), rows.end(), [&](const Row& row) {
    return SameEpisode(row, assessment) && !SameAssessment(row, assessment);
  });
}

void NothingFoundIsClosed(const ChildRecord& child, const Basis&,
                          Findings& findings) {
  Pairs(child, {kAssessments, {kAssessmentFactors}},
        {kCINdetails, {kReasonForClosure}}, findings,
        [&](const Row& assessment, const Row& episode) {
          const std::string& reason = episode.Text(kReasonForClosure);
          return SameEpisode(assessment, episode) && reason != "RC8" &&
                 reason != "RC9" && IsOnlyAssessment(child, assessment) &&
                 Contains(Factors(child, assessment), kNoneFound);
        });
}

// Both cases count: "18a" is meant to be 18A.
void Retired(char first, const ChildRecord& child, Findings& findings) {
  const std::string upper = {'1', first, 'A'};
  const std::string lower = {'1', first, 'a'};
  Each(child, {kAssessments, {kAssessmentFactors}}, findings,
       [&](const Row& assessment) {
         const auto own = Codes(assessment.Text(kAssessmentFactors));
         return Contains(own, upper) || Contains(own, lower);
       });
}

void NotFactor18A(const ChildRecord& child, const Basis&, Findings& findings) {
  Retired('8', child, findings);
}

void NotFactor19A(const ChildRecord& child, const Basis&, Findings& findings) {
  Retired('9', child, findings);
}

constexpr Rule kRules[] = {
    {"1103", kError, kInvariant, "The assessment starts before the referral.",
     StartAfterReferral},
    {"8608", kError, kInvariant, "The assessment ends before it starts.",
     CompletedAfterStart},
    {"8614", kError, kInvariant,
     "Factors belong to completed assessments only.", OpenHasNoFactors},
    {"8670Q", kQuery, kFinding,
     "The open assessment started more than 45 working days before the end of "
     "the census year.",
     OpenWithinClock},
    {"8696", kError, kFinding,
     "The assessment must end within the census year.", CompletedInYear},
    {"8736", kError, kFinding,
     "An open assessment must start within the census year.",
     OpenStartedInYear},
    {"8863Q", kQuery, kFinding,
     "An assessment starts while another one of the episode is going on.",
     AssessmentsDoNotOverlap},
    {"8869", kError, kInvariant,
     "Factor 21, none found, stands beside another factor.",
     NoneFoundStandsAlone},
    {"8873Q", kQuery, kFinding,
     "The only assessment found no factors (21), so the reason for closure "
     "should be RC8 or RC9.",
     NothingFoundIsClosed},
    {"8896", kError, kInvariant,
     "The episode has more than one open assessment.", OneOpenAssessment},
    {"8897Q", kQuery, kFinding,
     "The completed assessment has no factor, or one that is no code of the "
     "set.",
     CompletedHasFactors},
    {"8898", kError, kInvariant, "The assessment has the same factor twice.",
     FactorIsThereOnce},
    {"8945Q", kQuery, kFinding, "Factor 18A is no longer used; use 18B or 18C.",
     NotFactor18A, nullptr, 2025},
    {"8950Q", kQuery, kFinding, "Factor 19A is no longer used; use 19B or 19C.",
     NotFactor19A, nullptr, 2025},
};

}  // namespace

std::span<const Rule> AssessmentRules() { return kRules; }

}  // namespace seawall::census
