#include "cli/text.h"

#include <algorithm>
#include <numeric>

namespace seawall::cli {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Decodes the code point at `at` and moves past it; kReplacement for a byte
// that starts no valid sequence.
char32_t Next(std::string_view text, std::size_t& at) {
  const unsigned char lead = text[at++];
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 && lead < 0xF5   ? 3
                   : lead >= 0xE0 && lead < 0xF0 ? 2
                   : lead >= 0xC2 && lead < 0xE0 ? 1
                                                 : 0;
  if (more == 0 || at + more > text.size()) return kReplacement;
  char32_t code = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    const unsigned char byte = text[at + i];
    if ((byte & 0xC0) != 0x80) return kReplacement;
    code = (code << 6) | (byte & 0x3F);
  }
  at += more;
  return code;
}

void Append(std::string& out, char32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  const unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(lead[more] | (code >> (6 * more)));
  for (int i = more - 1; i >= 0; --i)
    out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F));
}

bool In(char32_t code, char32_t first, char32_t last) {
  return code >= first && code <= last;
}

// Control characters, and marks that turn the direction of what follows.
bool Unsafe(char32_t code) {
  return code < 0x20 || In(code, 0x7F, 0x9F) || In(code, 0x200B, 0x200F) ||
         In(code, 0x2028, 0x202E) || In(code, 0x2066, 0x2069) || code == 0xFEFF;
}

int Width(char32_t code) {
  if (In(code, 0x300, 0x36F) || In(code, 0x1AB0, 0x1AFF) ||
      In(code, 0x20D0, 0x20FF) || In(code, 0xFE00, 0xFE0F))
    return 0;
  if (In(code, 0x1100, 0x115F) || In(code, 0x2E80, 0xA4CF) ||
      In(code, 0xAC00, 0xD7A3) || In(code, 0xF900, 0xFAFF) ||
      In(code, 0xFE30, 0xFE6F) || In(code, 0xFF00, 0xFF60) ||
      In(code, 0x1F300, 0x1FAFF) || In(code, 0x20000, 0x3FFFD))
    return 2;
  return 1;
}

// Levenshtein's distance, with one row kept.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

}  // namespace

std::string Plain(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = Next(text, at);
    const bool space = code == '\n' || code == '\t' || code == '\r';
    Append(out, space ? U' ' : Unsafe(code) ? kReplacement : code);
  }
  return out;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) width += Width(Next(text, at));
  return width;
}

std::string Fit(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  int used = 0;
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size(); end = at) {
    used += Width(Next(text, at));
    if (used > width - 1) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string Count(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;)
    digits.insert(at -= 3, ",");
  return digits;
}

std::string Counted(std::int64_t number, const std::string& one,
                    const std::string& many) {
  return Count(number) + " " +
         (number == 1    ? one
          : many.empty() ? one + "s"
                         : many);
}

std::string Nearest(std::string_view word,
                    const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = Distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace seawall::cli
