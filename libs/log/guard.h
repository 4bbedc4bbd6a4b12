// Guard: a step of a thread's loop that cannot end the process by throwing.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "libs/log/log.h"

namespace seawall::log {

// Runs the step. False where it threw: the log names the step, not what was
// thrown, whose text may quote data.
template <class Step>
bool Guard(std::string_view name, Step&& step) {
  try {
    step();
    return true;
  } catch (const std::exception&) {
    Fail("a step in the background threw", {{"step", std::string(name)}});
    return false;
  }
}

}  // namespace seawall::log
