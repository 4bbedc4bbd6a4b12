// Rules about what leads to care proceedings, in the census from 2026-27.
#include "libs/census/subjects.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Kind;
using enum Severity;
using enum Table;

constexpr int kFrom = 2027;

void InYear(Column day, const ChildRecord& child, const Basis& basis,
            Findings& findings) {
  Each(child, {kPreProceedings, {day}}, findings,
       [&](const Row& row) { return Outside(row.On(day), basis.period); });
}

// Asked where both days are there.
void InYearAndAfter(Column day, Column earlier, const ChildRecord& child,
                    const Basis& basis, Findings& findings) {
  Each(child, {kPreProceedings, {day}}, findings, [&](const Row& row) {
    return row.On(day) && row.On(earlier) &&
           (Outside(row.On(day), basis.period) ||
            Before(row.On(day), row.On(earlier)));
  });
}

void StartInYear(const ChildRecord& child, const Basis& basis,
                 Findings& findings) {
  InYear(kPPStartDate, child, basis, findings);
}

void LetterAfterStart(const ChildRecord& child, const Basis& basis,
                      Findings& findings) {
  InYearAndAfter(kLBPSentDate, kPPStartDate, child, basis, findings);
}

void OfferNeedsLetter(const ChildRecord& child, const Basis&,
                      Findings& findings) {
  Each(child, {kPreProceedings, {kLBPSentDate}}, findings, [](const Row& row) {
    return row.Has(kFGDMMeetingOffer) && !row.Has(kLBPSentDate);
  });
}

void MeetingInYear(const ChildRecord& child, const Basis& basis,
                   Findings& findings) {
  InYear(kInitialPPMeetingDate, child, basis, findings);
}

void DecisionAfterStart(const ChildRecord& child, const Basis& basis,
                        Findings& findings) {
  InYearAndAfter(kStepDecisionDate, kPPStartDate, child, basis, findings);
}

void OutcomeValid(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kPreProceedings, {kPPOutcome}}, findings, [](const Row& row) {
    const std::string& outcome = row.Text(kPPOutcome);
    return outcome != "A" && outcome != "B" && outcome != "C";
  });
}

void ApplicationAfterDecision(const ChildRecord& child, const Basis& basis,
                              Findings& findings) {
  InYearAndAfter(kCourtAppDate, kStepDecisionDate, child, basis, findings);
}

void ProceedingsLetterAfterApplication(const ChildRecord& child,
                                       const Basis& basis, Findings& findings) {
  InYearAndAfter(kLetterInitCPDate, kCourtAppDate, child, basis, findings);
}

void MeetingHasReviews(const ChildRecord& child, const Basis&,
                       Findings& findings) {
  Each(child, {kPreProceedings, {kReviewMeetingsCount}}, findings,
       [](const Row& row) {
         return row.Has(kInitialPPMeetingDate) &&
                !row.Has(kReviewMeetingsCount);
       });
}

constexpr Rule kRules[] = {
    {"9005", kError, kFinding,
     "Pre-proceedings must start within the census year.", StartInYear, nullptr,
     kFrom},
    {"9006", kError, kFinding,
     "The letter before proceedings must be sent within the census year and "
     "after pre-proceedings start.",
     LetterAfterStart, nullptr, kFrom},
    {"9007", kError, kFinding,
     "A family meeting was offered, but no letter before proceedings was "
     "sent.",
     OfferNeedsLetter, nullptr, kFrom},
    {"9008", kError, kFinding,
     "The first pre-proceedings meeting must be within the census year.",
     MeetingInYear, nullptr, kFrom},
    {"9009", kError, kFinding,
     "The decision to step up or down must be within the census year and "
     "after pre-proceedings start.",
     DecisionAfterStart, nullptr, kFrom},
    {"9011", kError, kFinding,
     "The outcome of pre-proceedings must be A, B or C.", OutcomeValid, nullptr,
     kFrom},
    {"9012", kError, kFinding,
     "The application to court must be within the census year and after the "
     "decision.",
     ApplicationAfterDecision, nullptr, kFrom},
    {"9013", kError, kFinding,
     "The letter that opens proceedings must be within the census year and "
     "after the application to court.",
     ProceedingsLetterAfterApplication, nullptr, kFrom},
    {"9015Q", kQuery, kFinding,
     "A first pre-proceedings meeting was held, but the number of review "
     "meetings is missing.",
     MeetingHasReviews, nullptr, kFrom},
};

}  // namespace

std::span<const Rule> ProceedingsRules() { return kRules; }

}  // namespace seawall::census
