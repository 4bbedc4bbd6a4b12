#include "cli/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "cli/words.h"

namespace seawall::cli {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kNoDay[] = "is no day such as 2018-03-29 or 29/03/2018";
constexpr char kNoTime[] =
    "is no time such as 2018-03-29T09:30:00Z or 29/03/2018 09:30";

tl::unexpected<std::string> No(std::string why) {
  return tl::unexpected<std::string>(std::move(why));
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return lower;
}

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

// -1 for anything but one to four digits.
int Small(std::string_view digits) {
  if (!IsDigits(digits) || digits.size() > 4) return -1;
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

// Jan, January and Sept. 0 for any other word.
unsigned MonthNamed(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  const std::string name = Lower(word);
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    const bool whole = name == kMonths[i];
    const bool brief = name == kMonths[i].substr(0, 3) || name == "sept";
    if (whole || (brief && kMonths[i].starts_with(name))) return i + 1;
  }
  return 0;
}

// A text before the first `at` and what is behind it; all and nothing where it
// does not hold one.
std::pair<std::string_view, std::string_view> Split(std::string_view text,
                                                    std::size_t at) {
  if (at >= text.size()) return {text, ""};
  return {text.substr(0, at), text.substr(at + 1)};
}

// The three parts of a day that one sign divides.
std::optional<std::array<std::string_view, 3>> Parts(std::string_view day) {
  const auto first = day.find_first_of("/.- ");
  if (first == std::string_view::npos) return std::nullopt;
  const auto [one, rest] = Split(day, first);
  const auto [two, three] = Split(rest, rest.find(day[first]));
  if (three.empty()) return std::nullopt;
  return std::array{one, two, three};
}

ReadAs<Date> Day(int year, int month, int day) {
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1000 || month < 1 || day < 1 || !date.ok())
    return No("is a day that does not exist; days are read day first");
  return Date(date);
}

// YYYYMMDD.
ReadAs<Date> DayOfDigits(std::string_view digits) {
  if (digits.size() == 8 &&
      (digits.starts_with("19") || digits.starts_with("20")))
    return Day(Small(digits.substr(0, 4)), Small(digits.substr(4, 2)),
               Small(digits.substr(6)));
  return No(
      "is a bare number, as spreadsheets keep days; format the column "
      "as a date");
}

ReadAs<Date> DayAlone(std::string_view text) {
  if (const auto iso = ParseDate(text)) return *iso;
  if (IsDigits(text.substr(0, text.find('.'))) &&
      text.find_first_of("/- ") == std::string_view::npos &&
      std::count(text.begin(), text.end(), '.') < 2)
    return DayOfDigits(text);
  const auto parts = Parts(text);
  if (!parts) return No(kNoDay);
  const auto& [one, two, three] = *parts;
  const unsigned named = MonthNamed(two);
  const int month = named > 0 ? static_cast<int>(named) : Small(two);
  if (Small(one) < 0 || month < 0 || Small(three) < 0) return No(kNoDay);
  if (one.size() == 4 && three.size() <= 2)
    return Day(Small(one), month, Small(three));
  if (one.size() <= 2 && three.size() == 2)
    return No("has a year of two digits; write four");
  if (one.size() > 2 || three.size() != 4) return No(kNoDay);
  return Day(Small(three), month, Small(one));
}

// Where the time of day begins behind a day: "…T09:30", "… 09:30". The end of
// the text where there is none.
std::size_t TimeBegins(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return text.size();
  const auto divider = text.find_last_of("Tt ", colon);
  return divider == std::string_view::npos ? text.size() : divider;
}

// Without seconds or with, and with AM or PM: since midnight.
std::optional<microseconds> TimeOfDay(std::string_view text) {
  const std::string lower = Lower(text);
  std::string_view rest = lower;
  const bool am = rest.ends_with("am"), pm = rest.ends_with("pm");
  if (am || pm) rest.remove_suffix(2);
  if (!rest.empty() && rest.back() == ' ') rest.remove_suffix(1);
  const auto [hour_text, behind] = Split(rest, rest.find(':'));
  const auto [minute_text, second_text] = Split(behind, behind.find(':'));
  const auto [whole, fraction] = Split(second_text, second_text.find('.'));
  int hour = Small(hour_text);
  const int minute = Small(minute_text);
  const int second = second_text.empty() ? 0 : Small(whole);
  if (hour_text.size() > 2 || minute_text.size() != 2 || hour < 0 ||
      hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
    return std::nullopt;
  if (second_text.size() != whole.size() && !IsDigits(fraction))
    return std::nullopt;
  if ((am || pm) && (hour < 1 || hour > 12)) return std::nullopt;
  if (am || pm) hour = hour % 12 + (pm ? 12 : 0);
  std::string micros(fraction.substr(0, 6));
  micros.resize(6, '0');
  int part = 0;
  std::from_chars(micros.data(), micros.data() + micros.size(), part);
  return hours(hour) + minutes(minute) + seconds(second) + microseconds(part);
}

// With a zone: RFC 3339, and a space where it has a T.
std::optional<Instant> WithZone(std::string_view text, std::size_t time) {
  if (time >= text.size()) return std::nullopt;
  std::string rfc(text);
  rfc[time] = 'T';
  return ParseInstant(rfc);
}

}  // namespace

std::optional<bool> ReadYesNo(std::string_view text) {
  const std::string word = Lower(text);
  if (word == "yes" || word == "y" || word == "true" || word == "1")
    return true;
  if (word == "no" || word == "n" || word == "false" || word == "0")
    return false;
  return std::nullopt;
}

std::optional<std::int64_t> ReadWholeNumber(std::string_view text) {
  const auto [whole, fraction] = Split(text, text.find('.'));
  if (whole.size() < text.size() &&
      (fraction.empty() ||
       fraction.find_first_not_of('0') != std::string_view::npos))
    return std::nullopt;
  std::int64_t number = 0;
  const char* end = whole.data() + whole.size();
  const auto read = std::from_chars(whole.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

ReadAs<Date> ReadDay(std::string_view text) {
  const std::size_t time = TimeBegins(text);
  if (const auto instant = WithZone(text, time)) return CivilDate(*instant);
  if (time < text.size() && !TimeOfDay(text.substr(time + 1)))
    return No("is a day with something behind it that is no time of day");
  return DayAlone(text.substr(0, time));
}

ReadAs<Instant> ReadTime(std::string_view text) {
  const std::size_t at = TimeBegins(text);
  if (const auto instant = WithZone(text, at)) return *instant;
  const auto day = DayAlone(text.substr(0, at));
  if (!day) return No(at < text.size() ? day.error() : kNoTime);
  if (at == text.size()) return No("is a day without a time of day");
  const auto time = TimeOfDay(text.substr(at + 1));
  if (!time) return No(kNoTime);
  const Instant local = Instant(*day) + *time;
  std::vector<Instant> fitting;
  for (const hours ahead : {hours(0), hours(1)})
    if (LondonOffset(local - ahead) == ahead) fitting.push_back(local - ahead);
  if (fitting.empty())
    return No("is in the hour that the clocks leave out in spring");
  if (fitting.size() > 1)
    return No(
        "is in the hour that the clocks make twice in autumn; write it "
        "with its zone, such as Z");
  return fitting.front();
}

}  // namespace seawall::cli
