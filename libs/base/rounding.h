// Exact rounding of figures: whole numbers in, a decimal string out, no
// floating point between. Ties go away from zero (27.25 to one place is 27.3).
// Any thread; never fails, never overflows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace seawall {

// numerator / denominator × times: Ratio(2726, 9798, 100, 1) is "27.8".
// Empty when the denominator is 0: such a figure is not applicable, not 0.
std::string Ratio(std::int64_t numerator, std::int64_t denominator,
                  std::int64_t times, int decimal_places);

// Sum over count: Mean({1, 2}, 0) is "2". Empty without values.
std::string Mean(const std::vector<std::int64_t>& values, int decimal_places);

}  // namespace seawall
