// Flags that say how the child's voice was heard, for whatever records it.
#pragma once

#include <seawall/referrals/v1/referrals.pb.h>

#include <string>

#include "cli/session.h"

namespace CLI {
class App;
}

namespace seawall::cli {

struct VoiceFlags {
  std::string kind;
  std::string text;
  std::string reason;

  bool given() const {
    return !kind.empty() || !text.empty() || !reason.empty();
  }
};

// --voice, --voice-text, --voice-reason.
void AddVoiceFlags(CLI::App& app, VoiceFlags& flags);
// USAGE for a word that is none, and for a text without a kind.
Result<referrals::v1::Voice> ToVoice(const Session& session,
                                     const VoiceFlags& flags);

}  // namespace seawall::cli
