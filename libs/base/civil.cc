#include "libs/base/civil.h"

#include <cstdio>

#include "libs/base/json_file.h"

namespace seawall {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::year;
using std::chrono::year_month_day;

Instant LastSundayAtOne(year y, std::chrono::month m) {
  return Date(y / m / std::chrono::Sunday[std::chrono::last]) + hours(1);
}

// The Summer Time Order 2002 and, from 1996, the directives before it.
bool IsSummerTime(Instant instant) {
  const year y = year_month_day(std::chrono::floor<days>(instant)).year();
  return instant >= LastSundayAtOne(y, std::chrono::March) &&
         instant < LastSundayAtOne(y, std::chrono::October);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `count` digits from the front, or nothing.
std::optional<int> TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (!IsDigit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool Take(std::string_view& text, char upper) {
  if (text.empty()) return false;
  const char c = text.front();
  const bool same =
      c == upper || (upper == 'T' && c == 't') || (upper == 'Z' && c == 'z');
  if (same) text.remove_prefix(1);
  return same;
}

// "HH:MM" of a time of day or of an offset.
std::optional<minutes> TakeHoursAndMinutes(std::string_view& text) {
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !Take(text, ':')) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  return hours(*hour) + minutes(*minute);
}

// ".5" is half a second; no dot is none. Nothing for a dot without digits.
std::optional<microseconds> TakeFraction(std::string_view& text) {
  if (!Take(text, '.')) return microseconds(0);
  if (text.empty() || !IsDigit(text.front())) return std::nullopt;
  int micros = 0;
  for (int unit = 100'000; !text.empty() && IsDigit(text.front()); unit /= 10) {
    micros += unit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return microseconds(micros);
}

// "Z", "+01:00" or "-05:30": how far local time is ahead of UTC.
std::optional<minutes> TakeOffset(std::string_view& text) {
  if (Take(text, 'Z')) return minutes(0);
  const int sign = Take(text, '+') ? 1 : Take(text, '-') ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const auto offset = TakeHoursAndMinutes(text);
  if (!offset) return std::nullopt;
  return sign * *offset;
}

Error Unreadable(const std::string& path, const std::string& what) {
  return Error{Code::kFailedPrecondition, "CALENDAR_UNREADABLE",
               path + ": " + what};
}

}  // namespace

std::optional<Date> ParseDate(std::string_view text) {
  const auto y = TakeDigits(text, 4);
  if (!y || !Take(text, '-')) return std::nullopt;
  const auto m = TakeDigits(text, 2);
  if (!m || !Take(text, '-')) return std::nullopt;
  const auto d = TakeDigits(text, 2);
  if (!d || !text.empty()) return std::nullopt;
  const year_month_day date{year(*y), std::chrono::month(*m),
                            std::chrono::day(*d)};
  if (!date.ok()) return std::nullopt;
  return Date(date);
}

std::string FormatDate(Date date) {
  const year_month_day parts(date);
  std::string text = "0000-00-00";
  const auto put = [&](std::size_t end, unsigned number) {
    for (; number > 0; number /= 10) {
      text[--end] = static_cast<char>('0' + number % 10);
    }
  };
  put(4, static_cast<unsigned>(static_cast<int>(parts.year())) % 10'000);
  put(7, static_cast<unsigned>(parts.month()));
  put(10, static_cast<unsigned>(parts.day()));
  return text;
}

std::string FormatInstant(Instant instant) {
  const Date day = std::chrono::floor<days>(instant);
  const std::chrono::hh_mm_ss time(instant - day);
  char text[32];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%06dZ",
                static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return FormatDate(day) + text;
}

std::optional<Instant> ParseInstant(std::string_view text) {
  const auto date = ParseDate(text.substr(0, 10));
  if (!date) return std::nullopt;
  text.remove_prefix(10);
  if (!Take(text, 'T')) return std::nullopt;
  const auto time = TakeHoursAndMinutes(text);
  if (!time || !Take(text, ':')) return std::nullopt;
  const auto second = TakeDigits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  const auto fraction = TakeFraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *date + *time + seconds(*second) + *fraction - *offset;
}

Date CivilDate(Instant instant) {
  const hours ahead(IsSummerTime(instant) ? 1 : 0);
  return std::chrono::floor<days>(instant + ahead);
}

Instant StartOfDay(Date date) {
  // Midnight itself is never skipped or repeated: the changes are at 01:00 UTC.
  const Instant summer_midnight = date - hours(1);
  return IsSummerTime(summer_midnight) ? summer_midnight : Instant(date);
}

Instant EndOfDay(Date date) { return StartOfDay(date + days(1)); }

Date AddMonths(Date date, int months) {
  const year_month_day parts =
      year_month_day(date) + std::chrono::months(months);
  if (parts.ok()) return Date(parts);
  return Date(parts.year() / parts.month() / std::chrono::last);
}

Date MonthEndBefore(Date date) {
  const year_month_day civil(date);
  return Date(civil.year() / civil.month() / 1) - std::chrono::days(1);
}

Date YearsOn(Date date, int years) {
  const year_month_day parts = year_month_day(date) + std::chrono::years(years);
  // A day that is none rolls over into the next month.
  return std::chrono::sys_days(parts);
}

int AgeOn(Date birth, Date on) {
  const int years = static_cast<int>(year_month_day(on).year()) -
                    static_cast<int>(year_month_day(birth).year());
  return YearsOn(birth, years) > on ? years - 1 : years;
}

Result<Calendar> Calendar::Load(const std::string& path) {
  TRY(const auto json, ReadJsonFile(path, "CALENDAR_UNREADABLE"));
  if (!json.is_object() || !json.contains("dates") ||
      !json["dates"].is_array() || json["dates"].empty()) {
    return Unreadable(path, "\"dates\" must be a list with at least one date");
  }
  std::set<Date> holidays;
  for (const auto& entry : json["dates"]) {
    const auto date = entry.is_string()
                          ? ParseDate(entry.get_ref<const std::string&>())
                          : std::nullopt;
    if (!date) return Unreadable(path, entry.dump() + " is not a date");
    if (!holidays.insert(*date).second) {
      return Unreadable(path, entry.dump() + " is there twice");
    }
  }
  return Calendar(std::move(holidays));
}

bool Calendar::IsWorkingDay(Date date) const {
  const std::chrono::weekday day(date);
  return day != std::chrono::Saturday && day != std::chrono::Sunday &&
         !holidays_.contains(date);
}

Date Calendar::AddWorkingDays(Date start, int n) const {
  Date date = start;
  while (n > 0) {
    date += days(1);
    if (IsWorkingDay(date)) --n;
  }
  return date;
}

int Calendar::first_year() const {
  if (holidays_.empty()) return 0;
  return static_cast<int>(year_month_day(*holidays_.begin()).year());
}

int Calendar::last_year() const {
  if (holidays_.empty()) return 0;
  return static_cast<int>(year_month_day(*holidays_.rbegin()).year());
}

}  // namespace seawall
