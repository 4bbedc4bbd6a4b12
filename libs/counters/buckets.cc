#include "libs/counters/buckets.h"

#include <algorithm>

#include "libs/counters/populations.h"

namespace seawall::counters {

namespace {

using std::chrono::days;
using std::chrono::year_month_day;
using std::chrono::year_month_day_last;

constexpr std::size_t kMonthLength = 7;  // "2017-06"

Date LastOfMonth(Date date) {
  const year_month_day day(date);
  return year_month_day_last(day.year(),
                             std::chrono::month_day_last(day.month()));
}

Date LastOfQuarter(Date date) {
  const year_month_day day(date);
  const unsigned month = static_cast<unsigned>(day.month());
  return LastOfMonth(AddMonths(LastOfMonth(date), (12 - month) % 3));
}

bool IsFirstOfMonth(Date date) {
  return static_cast<unsigned>(year_month_day(date).day()) == 1;
}

std::string MonthOf(Date date) {
  return FormatDate(date).substr(0, kMonthLength);
}

template <class LastOf, class Label>
std::vector<Period> Split(Date start, Date end, LastOf last_of, Label label) {
  std::vector<Period> parts;
  for (Date day = start; day <= end; day = parts.back().end + days(1)) {
    parts.push_back({label(day), day, std::min(last_of(day), end)});
  }
  return parts;
}

}  // namespace

std::string CounterName(std::string_view family, std::string_view bucket,
                        std::string_view suffix) {
  std::string name;
  name.reserve(family.size() + bucket.size() + suffix.size() + 2);
  name.append(family).append(1, '|').append(bucket).append(1, '|').append(
      suffix);
  return name;
}

std::vector<std::string> FlowBuckets(Date start, Date end) {
  std::vector<std::string> buckets;
  for (Date day = start; day <= end;) {
    const Date last = LastOfMonth(day);
    if (IsFirstOfMonth(day) && last <= end) {
      buckets.push_back(MonthOf(day));
      day = last + days(1);
    } else {
      buckets.push_back(FormatDate(day));
      day += days(1);
    }
  }
  return buckets;
}

std::string DueBucket(Date day) { return "due=" + FormatDate(day); }

std::vector<Period> Months(Date start, Date end) {
  return Split(start, end, LastOfMonth, MonthOf);
}

std::vector<Period> Quarters(Date start, Date end) {
  return Split(start, end, LastOfQuarter, ReportingQuarter);
}

}  // namespace seawall::counters
