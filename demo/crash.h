// Crash: kills the service hard in the middle of a push, starts it again, sends
// everything again, and shows that nothing was lost or counted twice.
//
// The contacts are of today, so the year shown before stays as it was.
#pragma once

#include "demo/pushing.h"
#include "demo/stack.h"

namespace seawall::demo {

struct CrashParts {
  const Stack& stack;
  int forms = 0;
  std::uint64_t seed = 0;
  // Contacts of the year before.
  std::int64_t year_contacts = 0;
  const Screen& screen;
};

// Whether everything acknowledged is there, everything is there once, and the
// counters are level.
Result<bool> ShowCrash(const CrashParts& parts);

}  // namespace seawall::demo
