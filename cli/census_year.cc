#include "cli/census_year.h"

#include <algorithm>

namespace seawall::cli {
namespace {

using referrals::v1::CensusAssessment;
using referrals::v1::CensusEpisode;
using referrals::v1::CensusPlan;
using referrals::v1::CensusSection47;
using referrals::v1::CensusSpan;

// Days are ISO 8601, as the service gives them: their order as text is theirs
// in time. Empty = not yet.
struct Days {
  explicit Days(const CensusYear& year)
      : start(FormatDate(year.start)), end(FormatDate(year.end)) {}

  bool After(const std::string& day) const { return day > end; }
  bool Before(const std::string& day) const {
    return !day.empty() && day < start;
  }
  // True if the day was taken away since it came after the year.
  bool Forget(std::string* day) const {
    const bool after = After(*day);
    if (after) day->clear();
    return after;
  }

  std::string start;
  std::string end;
};

template <class Message, class Gone>
void EraseIf(google::protobuf::RepeatedPtrField<Message>& all, Gone gone) {
  all.erase(std::remove_if(all.begin(), all.end(), gone), all.end());
}

// Each answers whether it is none of the year's.

bool Gone(const Days& days, CensusAssessment& one) {
  if (days.Forget(one.mutable_authorisation_date())) {
    one.clear_factors();
    one.clear_outcome();
  }
  days.Forget(one.mutable_review_date());
  days.Forget(one.mutable_child_seen_date());
  return days.After(one.start_date()) || days.Before(one.authorisation_date());
}

bool Gone(const Days& days, CensusSection47& one) {
  days.Forget(one.mutable_conference_date());
  if (days.Forget(one.mutable_completed_date()))
    one.clear_conference_not_required();
  const std::string& over = !one.conference_date().empty()
                                ? one.conference_date()
                                : one.completed_date();
  return days.After(one.start_date()) || days.Before(over);
}

bool Gone(const Days& days, CensusPlan& one) {
  days.Forget(one.mutable_end_date());
  auto& reviews = *one.mutable_review_dates();
  reviews.erase(
      std::remove_if(reviews.begin(), reviews.end(),
                     [&](const std::string& day) { return days.After(day); }),
      reviews.end());
  return days.After(one.start_date()) || days.Before(one.end_date());
}

bool Gone(const Days& days, CensusSpan& one) {
  days.Forget(one.mutable_end_date());
  return days.After(one.start_date()) || days.Before(one.end_date());
}

bool Gone(const Days& days, CensusEpisode& one) {
  if (days.Forget(one.mutable_closure_date())) one.clear_closure_reason();
  // A referral is over when no further action was decided.
  if (days.Forget(one.mutable_no_further_action_date()))
    one.clear_no_further_action();
  const std::string& over = !one.closure_date().empty()
                                ? one.closure_date()
                                : one.no_further_action_date();
  if (days.After(one.referral_date()) || days.Before(over)) return true;
  days.Forget(one.mutable_conference_date());
  const auto gone = [&](auto& part) { return Gone(days, part); };
  EraseIf(*one.mutable_assessments(), gone);
  EraseIf(*one.mutable_enquiries(), gone);
  EraseIf(*one.mutable_protection_plans(), gone);
  EraseIf(*one.mutable_child_in_need_plans(), gone);
  return false;
}

}  // namespace

CensusYear::CensusYear(int year)
    : start(std::chrono::year(year - 1) / 4 / 1),
      end(std::chrono::year(year) / 3 / 31) {}

void Narrow(const CensusYear& year, referrals::v1::CensusChild& child) {
  const Days days(year);
  EraseIf(*child.mutable_episodes(),
          [&](CensusEpisode& one) { return Gone(days, one); });
}

}  // namespace seawall::cli
