#include "cli/voice.h"

#include <CLI/CLI.hpp>

#include "cli/errors.h"
#include "cli/words.h"

namespace seawall::cli {

using referrals::v1::Voice;
using referrals::v1::VoiceKind;

void AddVoiceFlags(CLI::App& app, VoiceFlags& flags) {
  app.add_option("--voice", flags.kind,
                 "How the child was heard: " +
                     WordList(*referrals::v1::VoiceKind_descriptor()));
  app.add_option("--voice-text", flags.text,
                 "What the child said; - reads it from standard input");
  app.add_option("--voice-reason", flags.reason,
                 "Which adult spoke, or why it was not obtained");
}

Result<Voice> ToVoice(const Session& session, const VoiceFlags& flags) {
  if (flags.given() && flags.kind.empty())
    return Usage("say how the child was heard: --voice " +
                 WordList(*referrals::v1::VoiceKind_descriptor()));
  Voice voice;
  TRY(const VoiceKind kind, ParseWord<VoiceKind>("--voice", flags.kind));
  voice.set_kind(kind);
  voice.set_text(session.Text(flags.text));
  voice.set_reason(flags.reason);
  return voice;
}

}  // namespace seawall::cli
