#include "libs/base/latin.h"

#include <array>

namespace seawall::latin {
namespace {

// Latin-1 letters and Latin Extended-A, U+00C0 to U+017F.
// clang-format off
constexpr std::array<std::string_view, 0x180 - 0xC0> kLetters = {
    "a", "a", "a", "a", "a", "a", "ae", "c",  // U+00C0
    "e", "e", "e", "e", "i", "i", "i", "i",  // U+00C8
    "d", "n", "o", "o", "o", "o", "o", "",  // U+00D0
    "o", "u", "u", "u", "u", "y", "th", "ss",  // U+00D8
    "a", "a", "a", "a", "a", "a", "ae", "c",  // U+00E0
    "e", "e", "e", "e", "i", "i", "i", "i",  // U+00E8
    "d", "n", "o", "o", "o", "o", "o", "",  // U+00F0
    "o", "u", "u", "u", "u", "y", "th", "y",  // U+00F8
    "a", "a", "a", "a", "a", "a", "c", "c",  // U+0100
    "c", "c", "c", "c", "c", "c", "d", "d",  // U+0108
    "d", "d", "e", "e", "e", "e", "e", "e",  // U+0110
    "e", "e", "e", "e", "g", "g", "g", "g",  // U+0118
    "g", "g", "g", "g", "h", "h", "h", "h",  // U+0120
    "i", "i", "i", "i", "i", "i", "i", "i",  // U+0128
    "i", "i", "ij", "ij", "j", "j", "k", "k",  // U+0130
    "k", "l", "l", "l", "l", "l", "l", "l",  // U+0138
    "l", "l", "l", "n", "n", "n", "n", "n",  // U+0140
    "n", "n", "n", "n", "o", "o", "o", "o",  // U+0148
    "o", "o", "oe", "oe", "r", "r", "r", "r",  // U+0150
    "r", "r", "s", "s", "s", "s", "s", "s",  // U+0158
    "s", "s", "t", "t", "t", "t", "t", "t",  // U+0160
    "u", "u", "u", "u", "u", "u", "u", "u",  // U+0168
    "u", "u", "u", "u", "w", "w", "y", "y",  // U+0170
    "y", "z", "z", "z", "z", "z", "z", "s",  // U+0178
};
// clang-format on

// Latin letters beyond it that names in Britain have: Romanian, Vietnamese,
// Yoruba and Igbo. First and last code point, letter.
struct Range {
  char32_t first;
  char32_t last;
  std::string_view letters;
};
constexpr std::array<Range, 21> kRanges = {{
    {0x1A0, 0x1A1, "o"},   {0x1AF, 0x1B0, "u"},   {0x1CD, 0x1CE, "a"},
    {0x1CF, 0x1D0, "i"},   {0x1D1, 0x1D2, "o"},   {0x1D3, 0x1DC, "u"},
    {0x1E6, 0x1E7, "g"},   {0x1F8, 0x1F9, "n"},   {0x218, 0x219, "s"},
    {0x21A, 0x21B, "t"},   {0x1E0C, 0x1E0D, "d"}, {0x1E24, 0x1E25, "h"},
    {0x1E62, 0x1E63, "s"}, {0x1E6C, 0x1E6D, "t"}, {0x1E9E, 0x1E9E, "ss"},
    {0x1EA0, 0x1EB7, "a"}, {0x1EB8, 0x1EC7, "e"}, {0x1EC8, 0x1ECB, "i"},
    {0x1ECC, 0x1EE3, "o"}, {0x1EE4, 0x1EF1, "u"}, {0x1EF2, 0x1EF9, "y"},
}};

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// How many bytes the lead byte announces; 0 for a byte that cannot lead.
std::size_t Length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// Longer than needed, a surrogate, or past the last code point.
bool IsForbidden(char32_t c, std::size_t length) {
  return (length == 3 && c < 0x800) || (length == 4 && c < 0x10000) ||
         (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF;
}

bool IsDropped(char32_t c) {
  return c < 0xC0 || (c >= 0x2B0 && c < 0x370) ||  // modifiers and accents
         (c >= 0x1AB0 && c < 0x1B00) || (c >= 0x1DC0 && c < 0x1E00) ||
         (c >= 0x2000 && c < 0x2070) ||  // spaces, dashes, quotation marks
         (c >= 0x20D0 && c < 0x2100) || (c >= 0x3000 && c < 0x3004) ||
         (c >= 0xFE00 && c < 0xFE30) || c == 0xFEFF || c == 0xFFFD;
}

std::string Encode(char32_t c) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  const auto tail = [&](int shift) { return byte(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x800) return {byte(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), tail(6), tail(0)};
  return {byte(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

std::string FoldAscii(char c) {
  if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return kept ? std::string(1, c) : "";
}

}  // namespace

char32_t TakeCharacter(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = Length(lead);
  char32_t c = length == 1 ? lead : lead & (0x7F >> length);
  std::size_t taken = 1;
  while (taken < length && taken < text.size() && IsContinuation(text[taken])) {
    c = c << 6 | (static_cast<unsigned char>(text[taken]) & 0x3F);
    ++taken;
  }
  if (length == 0 || taken < length || IsForbidden(c, length)) {
    text.remove_prefix(1);
    return 0;
  }
  text.remove_prefix(length);
  return c;
}

std::string Fold(char32_t c) {
  if (c < 0x80) return FoldAscii(static_cast<char>(c));
  if (IsDropped(c)) return "";
  if (c < 0x180) return std::string(kLetters[c - 0xC0]);
  for (const auto& range : kRanges) {
    if (c >= range.first && c <= range.last) return std::string(range.letters);
  }
  return Encode(c);
}

}  // namespace seawall::latin
