#include "libs/counters/buckets.h"

#include <algorithm>
#include <charconv>

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

bool IsFirstOfReportingYear(Date date) {
  return LastOfReportingYear(date - days(1)) < date;
}

std::string MonthOf(Date date) {
  return std::string(MonthBucket(FormatDate(date)));
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

std::string_view MonthBucket(std::string_view day) {
  return day.substr(0, kMonthLength);
}

std::string YearBucket(std::string_view day) {
  std::string bucket(MonthBucket(day));
  int year = 0;
  if (bucket.size() != kMonthLength ||
      std::from_chars(bucket.data(), bucket.data() + 4, year).ec !=
          std::errc()) {
    return bucket;
  }
  if (day.substr(5, 2) < "04") --year;
  const auto put = [&](std::size_t end, int number, int digits) {
    for (; digits > 0; --digits, number /= 10) {
      bucket[--end] = static_cast<char>('0' + number % 10);
    }
  };
  put(4, year, 4);
  bucket[4] = '/';
  put(kMonthLength, year + 1, 2);
  return bucket;
}

std::vector<std::string> Buckets(Date start, Date end) {
  std::vector<std::string> buckets;
  for (Date day = start; day <= end; day += days(1)) {
    const Date year = LastOfReportingYear(day), month = LastOfMonth(day);
    if (IsFirstOfReportingYear(day) && year <= end) {
      buckets.push_back(YearBucket(FormatDate(day)));
      day = year;
    } else if (IsFirstOfMonth(day) && month <= end) {
      buckets.push_back(MonthOf(day));
      day = month;
    } else {
      buckets.push_back(FormatDate(day));
    }
  }
  return buckets;
}

std::vector<Period> Months(Date start, Date end) {
  return Split(start, end, LastOfMonth, MonthOf);
}

std::vector<Period> Quarters(Date start, Date end) {
  return Split(start, end, LastOfQuarter, ReportingQuarter);
}

}  // namespace seawall::counters
