#include "cli/words.h"

#include <algorithm>
#include <cctype>

#include "cli/errors.h"

namespace seawall::cli {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::Timestamp;

constexpr std::string_view kUnspecified = "_UNSPECIFIED";

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return lower;
}

// Every name of an enum begins like its zero value, …_UNSPECIFIED.
std::string_view Prefix(const EnumDescriptor& type) {
  const std::string_view zero = type.value(0)->name();
  if (!zero.ends_with(kUnspecified)) return "";
  return zero.substr(0, zero.size() - kUnspecified.size() + 1);
}

bool IsUnspecified(const EnumValueDescriptor& value) {
  return std::string_view(value.name()).ends_with(kUnspecified);
}

std::string Typed(std::string_view word) {
  std::string typed = Lower(word);
  std::replace(typed.begin(), typed.end(), '_', ' ');
  std::replace(typed.begin(), typed.end(), '-', ' ');
  return typed;
}

std::string TwoDigits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string Word(const EnumValueDescriptor& value) {
  if (IsUnspecified(value)) return "";
  std::string_view name = value.name();
  const std::string_view prefix = Prefix(*value.type());
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return Spaced(Lower(name));
}

std::string WordList(const EnumDescriptor& type) {
  std::string list;
  for (int i = 0; i < type.value_count(); ++i) {
    if (IsUnspecified(*type.value(i))) continue;
    list += (list.empty() ? "" : ", ") + Word(*type.value(i));
  }
  return list;
}

std::optional<int> WholeWord(const EnumDescriptor& type,
                             std::string_view word) {
  const std::string typed = Typed(word);
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    if (IsUnspecified(value)) continue;
    if (typed == Word(value) || typed == Typed(value.name()))
      return value.number();
  }
  return std::nullopt;
}

Result<int> WordValue(const EnumDescriptor& type, const std::string& flag,
                      std::string_view word) {
  if (word.empty()) return 0;
  if (const auto whole = WholeWord(type, word)) return *whole;
  std::vector<int> beginnings;
  for (int i = 0; i < type.value_count(); ++i)
    if (Word(*type.value(i)).starts_with(Typed(word)))
      beginnings.push_back(type.value(i)->number());
  if (beginnings.size() == 1) return beginnings.front();
  return Usage(flag + " does not know \"" + std::string(word) +
               "\"; it is one of: " + WordList(type));
}

std::string Joined(
    const google::protobuf::RepeatedPtrField<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

Instant ToInstant(const Timestamp& time) {
  return Instant(std::chrono::seconds(time.seconds()) +
                 std::chrono::microseconds(time.nanos() / 1000));
}

Timestamp ToTimestamp(Instant instant) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
  Timestamp time;
  time.set_seconds(seconds.time_since_epoch().count());
  time.set_nanos((instant - seconds).count() * 1000);
  return time;
}

// Summer time is one hour, and changes within a day only at 01:00 UTC.
std::chrono::microseconds LondonOffset(Instant instant) {
  const Date day = CivilDate(instant);
  const auto before = day - StartOfDay(day);
  const auto after = day + std::chrono::days(1) - EndOfDay(day);
  return instant < Instant(day) + std::chrono::hours(1) ? before : after;
}

std::string LondonTime(Instant instant) {
  const Instant local = instant + LondonOffset(instant);
  const Date day = std::chrono::floor<std::chrono::days>(local);
  const auto minutes =
      std::chrono::floor<std::chrono::minutes>(local - day).count();
  return FormatDate(day) + " " + TwoDigits(minutes / 60) + ":" +
         TwoDigits(minutes % 60);
}

std::string LondonTime(const Timestamp& time) {
  return time.seconds() == 0 ? "" : LondonTime(ToInstant(time));
}

std::string DueTime(const Timestamp& time) {
  if (time.seconds() == 0) return "";
  const Instant instant = ToInstant(time);
  const Date day = CivilDate(instant);
  if (instant == StartOfDay(day))
    return "end of " + FormatDate(day - std::chrono::days(1));
  return LondonTime(instant);
}

Result<Instant> ParseTime(const std::string& flag, const std::string& text) {
  if (const auto date = ParseDate(text)) return EndOfDay(*date);
  if (const auto instant = ParseInstant(text)) return *instant;
  return Usage(flag +
               " is neither a day such as 2018-03-31 nor a time such as "
               "2018-03-31T17:00:00Z");
}

std::string Spaced(std::string_view name) {
  std::string spaced(name);
  std::replace(spaced.begin(), spaced.end(), '_', ' ');
  return spaced;
}

}  // namespace seawall::cli
