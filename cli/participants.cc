#include "cli/participants.h"

#include "cli/errors.h"

namespace seawall::cli {

using referrals::v1::Participant;

Result<Participant> ParseParticipant(const std::string& flag,
                                     const std::string& text) {
  const auto first = text.find('/');
  const auto second =
      first == std::string::npos ? first : text.find('/', first + 1);
  Participant participant;
  participant.set_agency(text.substr(0, first));
  if (first != std::string::npos)
    participant.set_person(text.substr(first + 1, second - first - 1));
  if (second != std::string::npos)
    participant.set_role(text.substr(second + 1));
  if (participant.agency().empty())
    return Usage(flag + " is agency/person/role such as police/p-12/sergeant");
  return participant;
}

Result<std::pair<std::string, std::string>> ParsePair(const std::string& flag,
                                                      const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return Usage(flag + " is name=value, not \"" + text + "\"");
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

}  // namespace seawall::cli
