// Text as people and spreadsheets leave it: with spaces around it.
#pragma once

#include <string_view>

namespace seawall {

// Without the spaces at both ends: ASCII's, those of Unicode, and marks without
// width such as a byte order mark.
std::string_view Trimmed(std::string_view text);

// Says nothing: empty, or spaces alone.
inline bool Blank(std::string_view text) { return Trimmed(text).empty(); }

bool IsUtf8(std::string_view text);

}  // namespace seawall
