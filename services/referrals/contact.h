// The words of the front door as plain values, for rules that know nothing of
// the wire or the store. The numbers of the enums are those of referrals.proto;
// their names are what SQL, counters and metrics say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/civil.h"

namespace seawall::referrals {

enum class Channel { kUnspecified, kSystem, kForm, kPhone };
enum class Priority { kUnspecified, kRed, kAmber, kGreen };
enum class Route {
  kUnspecified,
  kFrontDoor,
  kMultiAgencyTriage,
  kEarlyHelpHub
};
enum class State {
  kUnspecified,
  kAwaitingScreening,
  kReturned,
  kDecided,
  kWithdrawn,
  kRecordedInError
};
enum class Decision {
  kUnspecified,
  kNoFurtherAction,
  kInformationAndAdvice,
  kEarlyHelp,
  kReferral,
  kJoinsOpenEpisode
};
enum class Consent {
  kUnspecified,
  kObtained,
  kRefused,
  kDispensedWith,
  kNotSought
};
enum class Band { kUnspecified, kGood, kFair, kPoor };

// Waits for a decision.
constexpr bool IsOpen(State state) {
  return state == State::kAwaitingScreening || state == State::kReturned;
}
// By its referrer or by the hub: kept and shown where it is asked for, but
// neither counted, matched nor due.
constexpr bool IsWithdrawn(State state) {
  return state == State::kWithdrawn || state == State::kRecordedInError;
}

std::string_view Name(Channel value);
std::string_view Name(Priority value);
std::string_view Name(Route value);
std::string_view Name(State value);
std::string_view Name(Decision value);
std::string_view Name(Consent value);
std::string_view Name(Band value);

// The value of a name; the first (unspecified) for none of them.
template <class Enum>
Enum Named(std::string_view name);
// As a row reads it.
template <class Enum>
void FromName(std::string_view name, Enum& value) {
  value = Named<Enum>(name);
}

// What rules need to know of a contact.
struct Facts {
  // Codes as their sets spell them, known or not.
  std::string source;
  std::string need;
  // As the referrer sees it, 1 to 4; 0 = not given or not a level.
  int level = 0;
  // A level was given that is none; the highest is assumed.
  bool level_unknown = false;
  Channel channel = Channel::kUnspecified;
  Consent consent = Consent::kUnspecified;
  bool immediate_danger = false;
  bool custody = false;
  // Police grading in small letters; empty = none.
  std::string grading;
  // It tells of a police incident, whoever sent it.
  bool police_report = false;
  // The police sent it: then its grading decides where it goes.
  bool from_police = false;
  // Verified; absent if missing or wrong.
  std::optional<Date> birth_date;
  std::optional<Date> expected_birth_date;
  // Criteria of the rubric that are met.
  std::vector<std::string> met;
};

}  // namespace seawall::referrals
