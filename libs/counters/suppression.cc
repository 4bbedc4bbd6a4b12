#include "libs/counters/suppression.h"

#include <algorithm>

namespace seawall::counters {

namespace {

constexpr std::int64_t kSmallest = 1;
constexpr std::int64_t kLargest = 5;

bool IsSmall(const std::optional<std::int64_t>& number) {
  return number && *number >= kSmallest && *number <= kLargest;
}

}  // namespace

std::vector<bool> Suppress(
    const std::vector<std::optional<std::int64_t>>& numbers) {
  std::vector<bool> hidden(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    hidden[i] = IsSmall(numbers[i]);
  }
  if (numbers.size() < 2) return hidden;
  if (std::count(hidden.begin() + 1, hidden.end(), true) != 1) return hidden;
  std::size_t second = 0;  // the total, if nothing else is found
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    if (hidden[i] || !numbers[i] || *numbers[i] == 0) continue;
    if (second == 0 || *numbers[i] < *numbers[second]) second = i;
  }
  hidden[second] = true;
  return hidden;
}

}  // namespace seawall::counters
