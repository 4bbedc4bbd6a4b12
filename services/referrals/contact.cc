#include "services/referrals/contact.h"

#include <array>

namespace seawall::referrals {
namespace {

using Names = std::string_view;

constexpr std::array<Names, 4> kChannels = {"", "SYSTEM", "FORM", "PHONE"};
constexpr std::array<Names, 4> kPriorities = {"", "RED", "AMBER", "GREEN"};
constexpr std::array<Names, 4> kRoutes = {
    "", "FRONT_DOOR", "MULTI_AGENCY_TRIAGE", "EARLY_HELP_HUB"};
constexpr std::array<Names, 6> kStates = {"",          "AWAITING_SCREENING",
                                          "RETURNED",  "DECIDED",
                                          "WITHDRAWN", "RECORDED_IN_ERROR"};
constexpr std::array<Names, 6> kDecisions = {
    "",           "NO_FURTHER_ACTION", "INFORMATION_AND_ADVICE",
    "EARLY_HELP", "REFERRAL",          "JOINS_OPEN_EPISODE"};
constexpr std::array<Names, 5> kConsents = {"", "OBTAINED", "REFUSED",
                                            "DISPENSED_WITH", "NOT_SOUGHT"};
constexpr std::array<Names, 4> kBands = {"", "GOOD", "FAIR", "POOR"};

template <class Enum, std::size_t n>
Enum Find(const std::array<Names, n>& names, std::string_view name) {
  for (std::size_t i = 1; i < n; i++) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return Enum::kUnspecified;
}

template <class Enum, std::size_t n>
std::string_view At(const std::array<Names, n>& names, Enum value) {
  const auto i = static_cast<std::size_t>(value);
  return i < n ? names[i] : names[0];
}

}  // namespace

std::string_view Name(Channel value) { return At(kChannels, value); }
std::string_view Name(Priority value) { return At(kPriorities, value); }
std::string_view Name(Route value) { return At(kRoutes, value); }
std::string_view Name(State value) { return At(kStates, value); }
std::string_view Name(Decision value) { return At(kDecisions, value); }
std::string_view Name(Consent value) { return At(kConsents, value); }
std::string_view Name(Band value) { return At(kBands, value); }

template <>
Channel Named(std::string_view name) {
  return Find<Channel>(kChannels, name);
}
template <>
Priority Named(std::string_view name) {
  return Find<Priority>(kPriorities, name);
}
template <>
Route Named(std::string_view name) {
  return Find<Route>(kRoutes, name);
}
template <>
State Named(std::string_view name) {
  return Find<State>(kStates, name);
}
template <>
Decision Named(std::string_view name) {
  return Find<Decision>(kDecisions, name);
}
template <>
Consent Named(std::string_view name) {
  return Find<Consent>(kConsents, name);
}
template <>
Band Named(std::string_view name) {
  return Find<Band>(kBands, name);
}

}  // namespace seawall::referrals
