// Rules about the episode that a referral opens: how it starts, closes and
// stands beside other episodes of the child.
#include <algorithm>

#include "libs/census/subjects.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Kind;
using enum Severity;
using enum Table;

constexpr std::chrono::days kLongestPregnancy{280};

bool IsClosed(const Row& episode) {
  return episode.On(kCINclosureDate).has_value();
}

// Open, and acted on: what a child has one of at most.
bool IsOpen(const Row& episode) {
  return !IsClosed(episode) && episode.IsFalse(kReferralNFA);
}

bool ClosedAfterAssessment(const Row& episode) {
  const std::string& reason = episode.Text(kReasonForClosure);
  return reason == "RC8" || reason == "RC9";
}

void ReferralDate(const ChildRecord& child, const Basis& basis,
                  Findings& findings) {
  Each(child, {kCINdetails, {kCINreferralDate}}, findings,
       [&](const Row& episode) {
         const auto referral = episode.On(kCINreferralDate);
         return !referral || *referral > basis.period.reference_date;
       });
}

bool LongBefore(std::optional<Date> referral, std::optional<Date> birth) {
  return referral && birth && *referral < *birth - kLongestPregnancy;
}

void ReferralNearBirth(const ChildRecord& child, const Basis&,
                       Findings& findings) {
  Pairs(child, {kCINdetails, {kCINreferralDate}},
        {kChildIdentifiers, {kPersonBirthDate, kExpectedPersonBirthDate}},
        findings, [](const Row& episode, const Row& row) {
          const auto referral = episode.On(kCINreferralDate);
          return LongBefore(referral, row.On(kPersonBirthDate)) ||
                 LongBefore(referral, row.On(kExpectedPersonBirthDate));
        });
}

void SourceValid(const ChildRecord& child, const Basis& basis,
                 Findings& findings) {
  using namespace std::chrono_literals;
  constexpr Date kAskedFrom = Date(2013y / std::chrono::April / 1);
  Each(child, {kCINdetails, {kCINreferralDate, kReferralSource}}, findings,
       [&](const Row& episode) {
         const auto referral = episode.On(kCINreferralDate);
         return referral && *referral >= kAskedFrom &&
                !ValidCode(basis, "source", episode.Text(kReferralSource));
       });
}

void NeedPresent(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kCINdetails, {kReferralNFA, kPrimaryNeedCode}}, findings,
       [](const Row& episode) {
         return episode.IsFalse(kReferralNFA) && !episode.Has(kPrimaryNeedCode);
       });
}

void NeedValid(const ChildRecord& child, const Basis& basis,
               Findings& findings) {
  Each(child, {kCINdetails, {kPrimaryNeedCode}}, findings,
       [&](const Row& episode) {
         return episode.Has(kPrimaryNeedCode) &&
                !ValidCode(basis, "need", episode.Text(kPrimaryNeedCode));
       });
}

void NfaValid(const ChildRecord& child, const Basis&, Findings& findings) {
  Each(child, {kCINdetails, {kReferralNFA}}, findings, [](const Row& episode) {
    return !episode.IsTrue(kReferralNFA) && !episode.IsFalse(kReferralNFA);
  });
}

Date WorkingDayBefore(Date day, const Calendar& calendar) {
  do day -= std::chrono::days(1);
  while (!calendar.IsWorkingDay(day));
  return day;
}

// The last working day before the year is let through: what was decided on the
// next day counts in the new year.
void OldReferralWasActedOn(const ChildRecord& child, const Basis& basis,
                           Findings& findings) {
  const Date limit = WorkingDayBefore(basis.period.start, basis.calendar);
  Each(child, {kCINdetails, {kCINreferralDate}}, findings,
       [&](const Row& episode) {
         return Before(episode.On(kCINreferralDate), limit) &&
                !episode.IsFalse(kReferralNFA);
       });
}

// An episode and those of its rows that break a rule with it, as one finding.
class WithEpisode {
 public:
  WithEpisode(const ChildRecord& child, const Row& episode)
      : child_(child), episode_(episode) {}

  void Take(const Side& side, const OneRow& broken) {
    for (const Row& row : child_.rows(side.table))
      if (SameEpisode(episode_, row) && broken(row))
        rows_.push_back({row, side.columns});
  }
  // A finding if any row was taken, or `broken` holds without one.
  void AddTo(Findings& findings, std::vector<Column> columns,
             bool broken = false) {
    if (rows_.empty() && !broken) return;
    rows_.insert(rows_.begin(), {episode_, std::move(columns)});
    findings.Add(rows_);
  }

 private:
  const ChildRecord& child_;
  const Row& episode_;
  std::vector<Findings::At> rows_;
};

bool Always(const Row&) { return true; }

void NfaWithoutActivity(const ChildRecord& child, const Basis&,
                        Findings& findings) {
  for (const Row& episode : child.rows(kCINdetails)) {
    if (!episode.IsTrue(kReferralNFA)) continue;
    WithEpisode group(child, episode);
    group.Take({kAssessments, {kLAchildID}}, [](const Row& row) {
      return row.On(kAssessmentActualStartDate) ||
             row.On(kAssessmentAuthorisationDate);
    });
    group.Take({kSection47, {kLAchildID}}, [](const Row& row) {
      return row.On(kS47ActualStartDate) || row.On(kDateOfInitialCPC);
    });
    group.AddTo(findings, {kDateOfInitialCPC},
                episode.On(kDateOfInitialCPC).has_value());
  }
}

void NfaWithout(Table table, const ChildRecord& child, Findings& findings) {
  for (const Row& episode : child.rows(kCINdetails)) {
    if (!episode.IsTrue(kReferralNFA)) continue;
    WithEpisode group(child, episode);
    group.Take({table, {kLAchildID}}, Always);
    group.AddTo(findings, {kReferralNFA});
  }
}

void NfaWithoutProtectionPlan(const ChildRecord& child, const Basis&,
                              Findings& findings) {
  NfaWithout(kChildProtectionPlans, child, findings);
}

void NfaWithoutNeedPlan(const ChildRecord& child, const Basis&,
                        Findings& findings) {
  NfaWithout(kCINplanDates, child, findings);
}

void OneOpenEpisode(const ChildRecord& child, const Basis&,
                    Findings& findings) {
  MoreThanOne(child, {kCINdetails, {kCINclosureDate}}, kLAchildID, findings,
              IsOpen);
}

// Of episodes referred on the same day the first in the table is the latest.
const Row* LatestReferral(const ChildRecord& child) {
  const Row* latest = nullptr;
  for (const Row& episode : child.rows(kCINdetails))
    if (episode.On(kCINreferralDate) &&
        (latest == nullptr ||
         Before(latest->On(kCINreferralDate), episode.On(kCINreferralDate))))
      latest = &episode;
  return latest;
}

void OpenEpisodeIsLatest(const ChildRecord& child, const Basis&,
                         Findings& findings) {
  const Row* latest = LatestReferral(child);
  for (const Row& episode : child.rows(kCINdetails))
    if (IsOpen(episode) && episode.On(kCINreferralDate) && &episode != latest)
      findings.Add(
          {{episode, {kCINreferralDate}}, {*latest, {kCINreferralDate}}});
}

// An episode may start on the day on which another ends.
void EpisodesDoNotOverlap(const ChildRecord& child, const Basis& basis,
                          Findings& findings) {
  Pairs(child, {kCINdetails, {kCINreferralDate}},
        {kCINdetails, {kCINreferralDate, kCINclosureDate}}, findings,
        [&](const Row& later, const Row& earlier) {
          const auto referral = later.On(kCINreferralDate);
          const auto start = earlier.On(kCINreferralDate);
          if (!referral || !start || *referral < *start) return false;
          const auto end = earlier.On(kCINclosureDate);
          if (end) return *referral < *end;
          return earlier.IsFalse(kReferralNFA) &&
                 *referral < basis.period.reference_date;
        });
}

void ClosureHasReason(const ChildRecord& child, const Basis&,
                      Findings& findings) {
  Each(child, {kCINdetails, {kCINclosureDate, kReasonForClosure}}, findings,
       [](const Row& episode) {
         return IsClosed(episode) && !episode.Has(kReasonForClosure);
       });
}

void ReasonHasClosure(const ChildRecord& child, const Basis&,
                      Findings& findings) {
  Each(child, {kCINdetails, {kReasonForClosure, kCINclosureDate}}, findings,
       [](const Row& episode) {
         return episode.Has(kReasonForClosure) && !IsClosed(episode);
       });
}

void ClosureAfterReferral(const ChildRecord& child, const Basis&,
                          Findings& findings) {
  Each(child, {kCINdetails, {kCINreferralDate, kCINclosureDate}}, findings,
       [](const Row& episode) {
         return Before(episode.On(kCINclosureDate),
                       episode.On(kCINreferralDate));
       });
}

void ClosureInYear(const ChildRecord& child, const Basis& basis,
                   Findings& findings) {
  Each(child, {kCINdetails, {kCINclosureDate}}, findings,
       [&](const Row& episode) {
         return Outside(episode.On(kCINclosureDate), basis.period);
       });
}

void ReasonValid(const ChildRecord& child, const Basis& basis,
                 Findings& findings) {
  Each(child, {kCINdetails, {kReasonForClosure}}, findings,
       [&](const Row& episode) {
         return episode.Has(kReasonForClosure) &&
                !ValidCode(basis, "closure_reason",
                           episode.Text(kReasonForClosure));
       });
}

void NothingAfterClosure(const ChildRecord& child, const Basis&,
                         Findings& findings) {
  for (const Row& episode : child.rows(kCINdetails)) {
    const auto closure = episode.On(kCINclosureDate);
    WithEpisode group(child, episode);
    for (const Side& side : {
             Side{kAssessments,
                  {kAssessmentActualStartDate, kAssessmentAuthorisationDate}},
             Side{kSection47, {kS47ActualStartDate, kDateOfInitialCPC}},
             Side{kChildProtectionPlans, {kCPPendDate}},
             Side{kCINplanDates, {kCINPlanStartDate, kCINPlanEndDate}},
         })
      group.Take(side, [&](const Row& row) {
        return std::any_of(
            side.columns.begin(), side.columns.end(),
            [&](Column column) { return Before(closure, row.On(column)); });
      });
    group.AddTo(findings, {kCINclosureDate, kDateOfInitialCPC},
                Before(closure, episode.On(kDateOfInitialCPC)));
  }
}

void ClosedIsAssessed(const ChildRecord& child, const Basis&,
                      Findings& findings) {
  Pairs(child, {kCINdetails, {kCINclosureDate}},
        {kAssessments, {kAssessmentAuthorisationDate}}, findings,
        [](const Row& episode, const Row& assessment) {
          return SameEpisode(episode, assessment) && IsClosed(episode) &&
                 !assessment.On(kAssessmentAuthorisationDate);
        });
}

// A conference was held, or was not required: one of them, not both.
void ClosedIsEnquired(const ChildRecord& child, const Basis&,
                      Findings& findings) {
  Pairs(child, {kCINdetails, {kCINclosureDate}},
        {kSection47, {kDateOfInitialCPC, kICPCnotRequired}}, findings,
        [](const Row& episode, const Row& enquiry) {
          return SameEpisode(episode, enquiry) && IsClosed(episode) &&
                 enquiry.On(kDateOfInitialCPC).has_value() ==
                     enquiry.IsTrue(kICPCnotRequired);
        });
}

void DiedHasDeathDate(const ChildRecord& child, const Basis&,
                      Findings& findings) {
  Pairs(child, {kChildIdentifiers, {kPersonDeathDate}},
        {kCINdetails, {kReasonForClosure}}, findings,
        [](const Row& row, const Row& episode) {
          return episode.Text(kReasonForClosure) == "RC2" &&
                 !row.On(kPersonDeathDate);
        });
}

void ReferralBeforeDeath(const ChildRecord& child, const Basis&,
                         Findings& findings) {
  Pairs(child, {kCINdetails, {kCINreferralDate}},
        {kChildIdentifiers, {kPersonDeathDate}}, findings,
        [](const Row& episode, const Row& row) {
          return Before(row.On(kPersonDeathDate), episode.On(kCINreferralDate));
        });
}

void NoServiceAfterAssessment(const ChildRecord& child, const Basis&,
                              Findings& findings) {
  for (const Row& episode : child.rows(kCINdetails)) {
    if (!ClosedAfterAssessment(episode)) continue;
    WithEpisode group(child, episode);
    for (const Table table : {kSection47, kChildProtectionPlans, kCINplanDates})
      group.Take({table, {kLAchildID}}, Always);
    group.AddTo(findings, {kDateOfInitialCPC},
                episode.On(kDateOfInitialCPC).has_value());
  }
}

void ClosedAfterWhichAssessment(const ChildRecord& child, const Basis&,
                                Findings& findings) {
  Each(child, {kCINdetails, {kReasonForClosure}}, findings,
       [&](const Row& episode) {
         const auto& assessments = child.rows(kAssessments);
         return ClosedAfterAssessment(episode) &&
                std::none_of(assessments.begin(), assessments.end(),
                             [&](const Row& assessment) {
                               return SameEpisode(episode, assessment);
                             });
       });
}

constexpr Rule kRules[] = {
    {"2990", kError, kInvariant,
     "An episode closed after assessment (RC8, RC9) has an enquiry, a "
     "conference or a plan.",
     NoServiceAfterAssessment},
    {"4000", kError, kInvariant,
     "A referral with no further action has a CIN plan.", NfaWithoutNeedPlan},
    {"8555Q", kQuery, kFinding, "The child was referred after it had died.",
     ReferralBeforeDeath},
    {"8565", kError, kInvariant,
     "Something happened in the episode after it was closed.",
     NothingAfterClosure},
    {"8568", kError, kFinding,
     "The no further action flag must be 0, 1, true or false.", NfaValid},
    {"8569Q", kQuery, kFinding,
     "A referral from before the census year must have been acted on.",
     OldReferralWasActedOn},
    {"8585Q", kQuery, kFinding,
     "The episode closed because the child died, but there is no date of "
     "death.",
     DiedHasDeathDate},
    {"8600", kError, kFinding,
     "The referral date is missing or after the end of the census year.",
     ReferralDate},
    {"8606", kError, kInvariant,
     "The referral is more than 280 days before the (expected) birth.",
     ReferralNearBirth},
    {"8610", kError, kFinding,
     "A referral that was acted on needs a primary need.", NeedPresent},
    {"8620", kError, kFinding, "The episode must close within the census year.",
     ClosureInYear},
    {"8630", kError, kInvariant, "The episode closes before it was referred.",
     ClosureAfterReferral},
    {"8640", kError, kFinding, "The reason for closure is no code of the set.",
     ReasonValid},
    {"8650", kError, kFinding, "The primary need is no code of the set.",
     NeedValid},
    {"8805", kError, kInvariant, "A closed episode needs a reason for closure.",
     ClosureHasReason},
    {"8810", kError, kInvariant, "A reason for closure needs a closure date.",
     ReasonHasClosure},
    {"8815", kError, kInvariant,
     "The child has more than one open episode that was acted on.",
     OneOpenEpisode},
    {"8816", kError, kInvariant,
     "The open episode is not the one that was referred last.",
     OpenEpisodeIsLatest},
    {"8820", kError, kInvariant,
     "An episode starts while another one is going on.", EpisodesDoNotOverlap},
    {"8825Q", kQuery, kFinding,
     "The episode closed after assessment (RC8, RC9), but has none.",
     ClosedAfterWhichAssessment},
    {"8831", kError, kInvariant,
     "A referral with no further action has an assessment, an enquiry or a "
     "conference.",
     NfaWithoutActivity},
    {"8832", kError, kInvariant,
     "A referral with no further action has a child protection plan.",
     NfaWithoutProtectionPlan},
    {"8866", kError, kFinding,
     "The source of the referral is missing or no code of the set.",
     SourceValid},
    {"8867", kError, kInvariant,
     "The episode is closed with an assessment still open.", ClosedIsAssessed},
    {"8868", kError, kInvariant,
     "The episode is closed with an enquiry that needs a conference date, or "
     "the flag that none was required, and not both.",
     ClosedIsEnquired},
};

}  // namespace

std::span<const Rule> ReferralRules() { return kRules; }

}  // namespace seawall::census
