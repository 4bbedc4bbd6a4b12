// Folding of Latin letters for comparing names: one character in, its lower
// case ASCII letters out. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace seawall::latin {

// Takes the next character off the front of non-empty UTF-8 text. A byte that
// is no part of a character is taken alone and gives 0.
char32_t TakeCharacter(std::string_view& text);

// "É" is "e", "ß" is "ss", "Ł" is "l". Nothing for spaces, punctuation,
// combining accents, control characters and 0; letters of other scripts come
// back as they are, in UTF-8.
std::string Fold(char32_t character);

}  // namespace seawall::latin
