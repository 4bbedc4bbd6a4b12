#include "tests/fault/steady.h"

#include <algorithm>

#include "tests/system/forms.h"

namespace seawall::support {

Pace PushSteadily(const Stack& stack, int calls) {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  constexpr milliseconds kEvery{20};
  static std::atomic<int> last{0};
  const auto school = stack.As(kSchool);
  Pace pace;
  std::vector<milliseconds> took;
  auto due = steady_clock::now();
  // Of a server that answers nobody no more is learnt by asking on.
  constexpr int kEnough = 3;
  for (int i = 0; i < calls && pace.refused < kEnough; i++) {
    // The pace is part of the question, not a wait for something.
    std::this_thread::sleep_until(due += kEvery);
    const int number = ++last;
    const auto begun = steady_clock::now();
    const std::string said = Said(Submit(
        *school, TestRequest(number, "steady-" + std::to_string(number))));
    took.push_back(
        std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun));
    if (said == "OK") continue;
    pace.refused++;
    pace.refusal = said;
  }
  std::sort(took.begin(), took.end());
  pace.most = took[took.size() - 1 - took.size() / 100];
  return pace;
}

}  // namespace seawall::support
