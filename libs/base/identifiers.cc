#include "libs/base/identifiers.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace seawall {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

Identifier Good(std::string normalised) {
  return {.normalised = std::move(normalised), .ok = true};
}

Identifier Bad(std::string reason) { return {.reason = std::move(reason)}; }

// Nothing of a number: spaces, dashes, controls and marks without width.
bool IsBetween(UChar32 c) {
  switch (u_charType(c)) {
    case U_SPACE_SEPARATOR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_DASH_PUNCTUATION:
    case U_FORMAT_CHAR:
    case U_CONTROL_CHAR:
    case U_NON_SPACING_MARK:
      return true;
    default:
      return c == 0x2212;  // the minus sign, which is a mark of mathematics
  }
}

bool IsApostrophe(UChar32 c) {
  return c == '\'' || c == 0x2018 || c == 0x2019 || c == '`' || c == 0xB4;
}

bool NhsCheckDigitHolds(const std::string& digits) {
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += (digits[i] - '0') * (10 - i);
  const int check = (11 - sum % 11) % 11;
  // 10 is no digit, so such a number is never issued and never equal.
  return check == digits[9] - '0';
}

// 4444444444 passes the check, but is what people type when they must type
// something.
bool IsOneDigitRepeated(const std::string& digits) {
  return digits.find_first_not_of(digits[0]) == std::string::npos;
}

// The letters a UPN may have, at their value. I, O and S look like digits.
constexpr std::string_view kUpnLetters = "ABCDEFGHJKLMNPQRTUVWXYZ";

int UpnValue(char c) {
  if (IsDigit(c)) return c - '0';
  const auto value = kUpnLetters.find(c);
  return value == std::string_view::npos ? -1 : static_cast<int>(value);
}

bool UpnFormHolds(const std::string& upn) {
  return upn.size() == 13 && IsUpper(upn[0]) &&
         std::all_of(upn.begin() + 1, upn.end() - 1, IsDigit) &&
         UpnValue(upn[12]) >= 0;
}

char UpnCheckLetter(const std::string& upn) {
  int sum = 0;
  for (int i = 1; i < 13; ++i) sum += UpnValue(upn[i]) * (i + 1);
  return kUpnLetters[sum % 23];
}

// "A" for a letter, "9" for a digit, so that forms can be compared.
std::string Shape(std::string_view text) {
  std::string shape;
  for (const char c : text) shape += IsDigit(c) ? '9' : IsUpper(c) ? 'A' : '?';
  return shape;
}

bool IsOutwardCode(std::string_view outward) {
  static constexpr std::array<std::string_view, 6> kShapes = {
      "A9", "A99", "AA9", "AA99", "A9A", "AA9A"};
  const std::string shape = Shape(outward);
  return outward == "GIR" ||
         std::find(kShapes.begin(), kShapes.end(), shape) != kShapes.end();
}

bool IsInwardCode(std::string_view inward) {
  return Shape(inward) == "9AA" &&
         inward.find_first_of("CIKMOV") == std::string_view::npos;
}

}  // namespace

std::string BareCode(std::string_view text) {
  std::string code;
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    UChar32 c = 0;
    const std::int32_t start = i;
    U8_NEXT(text.data(), i, size, c);
    const bool readable = c >= 0;
    if (readable && (IsBetween(c) || (code.empty() && IsApostrophe(c)))) {
      continue;
    }
    const std::int32_t digit = readable ? u_charDigitValue(c) : -1;
    if (digit >= 0) {
      code += static_cast<char>('0' + digit);
    } else if (c >= 'a' && c <= 'z') {
      code += static_cast<char>(c - 'a' + 'A');
    } else {
      code += text.substr(static_cast<std::size_t>(start),
                          static_cast<std::size_t>(i - start));
    }
  }
  const std::string_view whole = std::string_view(code).substr(
      0, code.ends_with(".0") ? code.size() - 2 : code.size());
  if (!whole.empty() && std::all_of(whole.begin(), whole.end(), IsDigit)) {
    code.resize(whole.size());
  }
  return code;
}

Identifier ParseNhsNumber(std::string_view text, TestNumbers test_numbers) {
  const std::string digits = BareCode(text);
  if (digits.size() != 10 ||
      !std::all_of(digits.begin(), digits.end(), IsDigit) ||
      !NhsCheckDigitHolds(digits) || IsOneDigitRepeated(digits)) {
    return Bad("NHS_NUMBER_INVALID");
  }
  const int range = std::stoi(digits.substr(0, 3));
  const bool england =
      (range >= 400 && range <= 499) || (range >= 600 && range <= 799);
  if (england) return Good(digits);
  if (range >= 900) {
    return test_numbers == TestNumbers::kAllow ? Good(digits)
                                               : Bad("NHS_NUMBER_TEST_RANGE");
  }
  const bool other_nation = (range >= 10 && range <= 311) ||
                            (range >= 320 && range <= 399) ||
                            (range >= 800 && range <= 859);
  return Bad(other_nation ? "NHS_NUMBER_OTHER_NATION" : "NHS_NUMBER_INVALID");
}

Identifier ParseUpn(std::string_view text) {
  std::string upn = BareCode(text);
  if (!UpnFormHolds(upn) || upn[0] != UpnCheckLetter(upn)) {
    return Bad("UPN_INVALID");
  }
  return Good(std::move(upn));
}

bool IsTemporaryUpn(std::string_view normalised) {
  return normalised.size() == 13 && IsUpper(normalised[12]);
}

Identifier ParsePostcode(std::string_view text) {
  const std::string postcode = BareCode(text);
  if (postcode.size() < 5 || postcode.size() > 7) {
    return Bad("POSTCODE_INVALID");
  }
  const std::string inward = postcode.substr(postcode.size() - 3);
  const std::string outward = postcode.substr(0, postcode.size() - 3);
  if (!IsOutwardCode(outward) || !IsInwardCode(inward)) {
    return Bad("POSTCODE_INVALID");
  }
  return Good(outward + " " + inward);
}

}  // namespace seawall
