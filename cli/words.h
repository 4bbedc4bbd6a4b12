// Words: protobuf values as people read and type them, and back.
//
// PRIORITY_RED is "red"; an instant is civil time in Europe/London. Pure
// functions.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>
#include <google/protobuf/repeated_ptr_field.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>
#include <string_view>

#include "libs/base/civil.h"
#include "libs/base/clock.h"
#include "libs/base/error.h"

namespace seawall::cli {

// Lower case, without the enum's prefix; empty for …_UNSPECIFIED.
std::string Word(const google::protobuf::EnumValueDescriptor& value);
template <class Enum>
std::string Word(Enum value) {
  const auto* named =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  return named != nullptr ? Word(*named) : std::to_string(value);
}

// All words of an enum, "red, amber, green".
std::string WordList(const google::protobuf::EnumDescriptor& type);

// The value a word means, whole: "joins open episode", "Joins-Open-Episode", or
// as the contract spells it. Nothing for any other.
std::optional<int> WholeWord(const google::protobuf::EnumDescriptor& type,
                             std::string_view word);

// The same, or a beginning that fits one value only ("awaiting"), for a person
// who types it. An empty word is 0. USAGE names the flag and lists the words.
Result<int> WordValue(const google::protobuf::EnumDescriptor& type,
                      const std::string& flag, std::string_view word);
template <class Enum>
Result<Enum> ParseWord(const std::string& flag, std::string_view word) {
  TRY(const int value,
      WordValue(*google::protobuf::GetEnumDescriptor<Enum>(), flag, word));
  return static_cast<Enum>(value);
}

// "EHC_PLAN, LOOKED_AFTER".
std::string Joined(
    const google::protobuf::RepeatedPtrField<std::string>& words);

Instant ToInstant(const google::protobuf::Timestamp& time);
google::protobuf::Timestamp ToTimestamp(Instant instant);

// How far London's clocks are ahead of UTC at that instant.
std::chrono::microseconds LondonOffset(Instant instant);

// "2018-03-29 10:30"; empty for an instant that was never set.
std::string LondonTime(Instant instant);
std::string LondonTime(const google::protobuf::Timestamp& time);
// A moment by which something is due: midnight is said as "end of 2018-04-03".
std::string DueTime(const google::protobuf::Timestamp& time);

// A flag's time: RFC 3339, or a civil day, which means its end. USAGE.
Result<Instant> ParseTime(const std::string& flag, const std::string& text);

// "child_name" -> "child name".
std::string Spaced(std::string_view name);

}  // namespace seawall::cli
