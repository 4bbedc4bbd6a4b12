// Pushing waiting files: progress, a line for every event that was not
// recorded, a summary.
#pragma once

#include "cli/session.h"
#include "cli/waiting_file.h"

namespace seawall::cli {

struct WaitingPushFlags {
  std::string file;  // "-": standard input
  int patience_seconds = 30;
};

// The exit code: kRefused where an event was refused or unreadable.
Result<int> PushWaiting(Session& session, const WaitingPushFlags& flags,
                        WaitingFormat format);

}  // namespace seawall::cli
