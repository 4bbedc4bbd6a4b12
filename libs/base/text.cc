#include "libs/base/text.h"

#include <unicode/utf8.h>

#include <array>
#include <cstdint>

namespace seawall {
namespace {

using namespace std::string_view_literals;

constexpr std::array kSpaces = {
    " "sv,      "\t"sv,     "\n"sv,     "\v"sv,     "\f"sv,     "\r"sv,
    "\u0085"sv, "\u00a0"sv, "\u1680"sv, "\u2000"sv, "\u2001"sv, "\u2002"sv,
    "\u2003"sv, "\u2004"sv, "\u2005"sv, "\u2006"sv, "\u2007"sv, "\u2008"sv,
    "\u2009"sv, "\u200a"sv, "\u200b"sv, "\u200c"sv, "\u200d"sv, "\u200e"sv,
    "\u200f"sv, "\u2028"sv, "\u2029"sv, "\u202f"sv, "\u205f"sv, "\u2060"sv,
    "\u3000"sv, "\ufeff"sv};

// Neither begins a space nor ends one.
bool IsInk(char c) { return c > ' ' && c < '\x7f'; }

}  // namespace

std::string_view Trimmed(std::string_view text) {
  for (bool more = true; more;) {
    // Nearly every text, so nothing else is looked for.
    if (!text.empty() && IsInk(text.front()) && IsInk(text.back())) break;
    more = false;
    for (const std::string_view space : kSpaces) {
      if (text.starts_with(space)) {
        text.remove_prefix(space.size());
        more = true;
      }
      if (text.ends_with(space)) {
        text.remove_suffix(space.size());
        more = true;
      }
    }
  }
  return text;
}

bool IsUtf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const int length = static_cast<int>(text.size());
  for (int at = 0; at < length;) {
    UChar32 c = 0;
    U8_NEXT(bytes, at, length, c);
    if (c < 0) return false;
  }
  return true;
}

}  // namespace seawall
