// Waiting in tests: for a condition, with a bound, never for a length of time.
#pragma once

#include <chrono>
#include <thread>

namespace seawall::support {

// For store::DatabaseSettings, in tests that are of something else than its
// bounds.
constexpr int kStorePatience = 20;

// Asks `condition` until it holds; false when the bound has passed first. The
// bound is for a machine that does much else besides.
template <class Condition>
bool Eventually(Condition&& condition,
                std::chrono::milliseconds bound = std::chrono::seconds(60)) {
  const auto deadline = std::chrono::steady_clock::now() + bound;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace seawall::support
