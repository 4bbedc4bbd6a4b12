// Steady: an agency that calls at an even pace beside what others do.
#pragma once

#include "tests/system/stack.h"

namespace seawall::support {

// The product's own bound is 250 ms; a machine that does much besides takes
// longer. Without shares a push waits for seconds.
inline constexpr std::chrono::milliseconds kSteadyMost{1000};

struct Pace {
  int refused = 0;
  std::string refusal;                // the last one
  std::chrono::milliseconds most{0};  // that 99 of 100 took
};

// Pushes `calls` contacts as the school, 50 a second; after three refusals no
// more.
Pace PushSteadily(const Stack& stack, int calls = 100);

}  // namespace seawall::support
