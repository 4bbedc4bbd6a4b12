// Text for people: what is safe to print, how wide it is, what was meant.
//
// Pure functions. Text that agencies sent may hold anything; whatever goes to
// a terminal passes Plain first, so that no control sequence reaches it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seawall::cli {

// Control characters, direction marks and bytes that are no UTF-8 become
// U+FFFD; a newline or tab becomes a space.
std::string Plain(std::string_view text);

// Columns that a terminal needs for `text`: code points, combining marks none,
// wide East Asian characters and emoji two.
int DisplayWidth(std::string_view text);

// `text` cut to `width` columns, its end marked with "…".
std::string Fit(std::string_view text, int width);

// "9,798".
std::string Count(std::int64_t number);

// "1 child", "3 children"; `many` defaults to `one` + "s".
std::string Counted(std::int64_t number, const std::string& one,
                    const std::string& many = "");

// The candidate that a mistyped word most likely meant; empty if none is near.
std::string Nearest(std::string_view word,
                    const std::vector<std::string>& candidates);

}  // namespace seawall::cli
