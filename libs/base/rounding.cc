#include "libs/base/rounding.h"

namespace seawall {
namespace {

using Wide = __int128;
using UnsignedWide = unsigned __int128;

UnsignedWide Magnitude(Wide value) {
  return value < 0 ? -static_cast<UnsignedWide>(value) : value;
}

std::string Digits(UnsignedWide value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + value % 10));
    value /= 10;
  } while (value != 0);
  return digits;
}

// One more in the last place: "099" becomes "100", "99" becomes "100".
void CarryOne(std::string& digits) {
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    if (*digit != '9') {
      ++*digit;
      return;
    }
    *digit = '0';
  }
  digits.insert(digits.begin(), '1');
}

// Long division, so that no power of ten can overflow.
std::string Divide(Wide dividend, Wide divisor, int decimal_places) {
  const UnsignedWide by = Magnitude(divisor);
  UnsignedWide rest = Magnitude(dividend);
  std::string digits = Digits(rest / by);
  rest %= by;
  for (int place = 0; place < decimal_places; ++place) {
    rest *= 10;
    digits += static_cast<char>('0' + rest / by);
    rest %= by;
  }
  if (rest * 2 >= by) CarryOne(digits);
  const bool is_zero = digits.find_first_not_of('0') == std::string::npos;
  if (decimal_places > 0) digits.insert(digits.size() - decimal_places, ".");
  const bool negative = (dividend < 0) != (divisor < 0);
  return negative && !is_zero ? "-" + digits : digits;
}

}  // namespace

std::string Ratio(std::int64_t numerator, std::int64_t denominator,
                  std::int64_t times, int decimal_places) {
  if (denominator == 0) return "";
  return Divide(static_cast<Wide>(numerator) * times, denominator,
                decimal_places);
}

std::string Mean(const std::vector<std::int64_t>& values, int decimal_places) {
  if (values.empty()) return "";
  Wide sum = 0;
  for (const auto value : values) sum += value;
  return Divide(sum, static_cast<Wide>(values.size()), decimal_places);
}

}  // namespace seawall
