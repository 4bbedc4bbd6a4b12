// Rules about section 47 enquiries and the initial conferences they lead to.
#include <algorithm>

#include "libs/census/subjects.h"

namespace seawall::census {
namespace {

using enum Column;
using enum Kind;
using enum Severity;
using enum Table;

// From the enquiry to the conference, in working days; the start is day 0.
constexpr int kConferenceDays = 15;

bool HadConference(const Row& enquiry) {
  return enquiry.On(kDateOfInitialCPC).has_value();
}

bool InOneEpisodeBefore(const Row& enquiry, Column day, const Row& episode) {
  return SameEpisode(enquiry, episode) &&
         Before(enquiry.On(day), episode.On(kCINreferralDate));
}

void EnquiryAfterReferral(const ChildRecord& child, const Basis&,
                          Findings& findings) {
  Pairs(child, {kSection47, {kS47ActualStartDate}},
        {kCINdetails, {kCINreferralDate}}, findings,
        [](const Row& enquiry, const Row& episode) {
          return InOneEpisodeBefore(enquiry, kS47ActualStartDate, episode);
        });
}

void ConferenceAfterReferral(const ChildRecord& child, const Basis&,
                             Findings& findings) {
  Pairs(child, {kSection47, {kDateOfInitialCPC}},
        {kCINdetails, {kCINreferralDate}}, findings,
        [](const Row& enquiry, const Row& episode) {
          return InOneEpisodeBefore(enquiry, kDateOfInitialCPC, episode);
        });
}

void ConferenceAfterEnquiry(const ChildRecord& child, const Basis&,
                            Findings& findings) {
  Each(child, {kSection47, {kS47ActualStartDate, kDateOfInitialCPC}}, findings,
       [](const Row& enquiry) {
         const auto start = enquiry.On(kS47ActualStartDate);
         const auto conference = enquiry.On(kDateOfInitialCPC);
         return conference && (!start || *start > *conference);
       });
}

// The conference of a plan moved in has no enquiry here and stands at the
// episode; any other stands at its enquiry.
void ConferenceIsThereOnce(const ChildRecord& child, const Basis&,
                           Findings& findings) {
  Pairs(child, {kSection47, {kDateOfInitialCPC}},
        {kCINdetails, {kDateOfInitialCPC}}, findings,
        [](const Row& enquiry, const Row& episode) {
          return HadConference(enquiry) &&
                 enquiry.On(kDateOfInitialCPC) == episode.On(kDateOfInitialCPC);
        });
}

void OpenWithinClock(const ChildRecord& child, const Basis& basis,
                     Findings& findings) {
  Each(child,
       {kSection47, {kDateOfInitialCPC, kS47ActualStartDate, kICPCnotRequired}},
       findings, [&](const Row& enquiry) {
         const auto start = enquiry.On(kS47ActualStartDate);
         return start && !HadConference(enquiry) &&
                enquiry.IsFalse(kICPCnotRequired) &&
                basis.calendar.AddWorkingDays(*start, kConferenceDays) <
                    basis.period.reference_date;
       });
}

void ConferenceInYear(const ChildRecord& child, const Basis& basis,
                      Findings& findings) {
  Each(child, {kSection47, {kDateOfInitialCPC}}, findings,
       [&](const Row& enquiry) {
         return Outside(enquiry.On(kDateOfInitialCPC), basis.period);
       });
}

void OpenStartedInYear(const ChildRecord& child, const Basis& basis,
                       Findings& findings) {
  Each(child,
       {kSection47, {kS47ActualStartDate, kDateOfInitialCPC, kICPCnotRequired}},
       findings, [&](const Row& enquiry) {
         return !HadConference(enquiry) && enquiry.IsFalse(kICPCnotRequired) &&
                Outside(enquiry.On(kS47ActualStartDate), basis.period);
       });
}

bool IsOpen(const Row& enquiry) {
  return !HadConference(enquiry) && !enquiry.IsTrue(kICPCnotRequired);
}

void OneOpenEnquiry(const ChildRecord& child, const Basis&,
                    Findings& findings) {
  MoreThanOne(child, {kSection47, {kDateOfInitialCPC}}, kCINdetailsID, findings,
              IsOpen);
}

void EnquiriesDoNotOverlap(const ChildRecord& child, const Basis& basis,
                           Findings& findings) {
  Pairs(child, {kSection47, {kS47ActualStartDate}},
        {kSection47, {kS47ActualStartDate, kDateOfInitialCPC}}, findings,
        [&](const Row& later, const Row& earlier) {
          const auto start = later.On(kS47ActualStartDate);
          const auto earlier_start = earlier.On(kS47ActualStartDate);
          const auto earlier_end = earlier.On(kDateOfInitialCPC);
          // The same days are the same enquiry, told twice.
          const bool same = start == earlier_start &&
                            later.On(kDateOfInitialCPC) == earlier_end;
          return SameEpisode(later, earlier) && !same &&
                 (earlier_end || IsOpen(earlier)) &&
                 DuringOrOnLastDay(start, earlier_start, earlier_end,
                                   basis.period);
        });
}

void TargetOnWorkday(const ChildRecord& child, const Basis&,
                     Findings& findings) {
  Each(child, {kSection47, {kInitialCPCtarget}}, findings,
       [](const Row& enquiry) {
         return IsWeekend(enquiry.On(kInitialCPCtarget));
       });
}

void ConferenceOnWorkday(const ChildRecord& child, const Basis&,
                         Findings& findings) {
  Each(child, {kSection47, {kDateOfInitialCPC}}, findings,
       [](const Row& enquiry) {
         return IsWeekend(enquiry.On(kDateOfInitialCPC));
       });
}

void EnquiryHasAssessment(const ChildRecord& child, const Basis&,
                          Findings& findings) {
  Each(child, {kSection47, {kLAchildID}}, findings, [&](const Row& enquiry) {
    const auto& assessments = child.rows(kAssessments);
    return std::none_of(assessments.begin(), assessments.end(),
                        [&](const Row& assessment) {
                          return SameEpisode(enquiry, assessment);
                        });
  });
}

constexpr Rule kRules[] = {
    {"1104", kError, kInvariant,
     "The initial conference is before the referral.", ConferenceAfterReferral},
    {"2884", kError, kInvariant,
     "The initial conference is recorded at the enquiry and at the episode.",
     ConferenceIsThereOnce},
    {"2889", kError, kInvariant, "The enquiry starts before the referral.",
     EnquiryAfterReferral},
    {"2991Q", kQuery, kFinding, "The episode has an enquiry but no assessment.",
     EnquiryHasAssessment},
    {"8615", kError, kInvariant,
     "The enquiry has no start, or one after its initial conference.",
     ConferenceAfterEnquiry},
    {"8675Q", kQuery, kFinding,
     "The open enquiry started more than 15 working days before the end of "
     "the census year.",
     OpenWithinClock},
    {"8715", kError, kFinding,
     "The initial conference must be within the census year.",
     ConferenceInYear},
    {"8740", kError, kFinding,
     "An open enquiry must start within the census year.", OpenStartedInYear},
    {"8839", kError, kInvariant, "The episode has more than one open enquiry.",
     OneOpenEnquiry},
    {"8870Q", kQuery, kFinding,
     "The target date of the initial conference is at a weekend.",
     TargetOnWorkday},
    {"8875", kError, kFinding, "The initial conference is at a weekend.",
     ConferenceOnWorkday},
    {"8890", kError, kInvariant,
     "An enquiry starts while another one of the episode is going on.",
     EnquiriesDoNotOverlap},
};

}  // namespace

std::span<const Rule> Section47Rules() { return kRules; }

}  // namespace seawall::census
