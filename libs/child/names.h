// Names of children brought to one form, so that equal means the same in every
// script. Pure; any thread; never throws, any bytes are accepted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seawall::child {

// A name for comparing, not for showing: lower case Latin letters and digits.
// Other scripts are transliterated, accents, spaces and punctuation dropped:
// "Test-O’Néill" is "testoneill", "ИВАН" and "Иван" are "ivan". Letters that
// ICU cannot transliterate stay as they are; bytes that are no UTF-8 are
// dropped. Source of the rules: Unicode's NFKC_Casefold, CLDR's Any-Latin and
// Latin-ASCII, as the ICU that is installed has them.
std::string Fold(std::string_view name);

// How a name sounds in English: a letter and up to four digits, made of the
// folded name. Names that sound alike mostly share it (Smith, Smyth; Phillips,
// Filips; Catherine, Kathryn); it finds candidates and proves nothing. Empty
// for a name without Latin letters.
//
// 1. At the start: kn, gn and pn are n, wr is r, ps is s, x is s, wh is w.
//    Anywhere: ph is f, gh is silent but at the start, ck is k, sch is s, tch
//    is ch, c is s before e, i and y and k elsewhere (but in ch), q is k, z is
//    s, dg before e, i and y is j.
// 2. The first letter is kept; a, e, i, o, u and y at the start are all "A".
// 3. Later letters: b p 1, f v 2, g k 3, c j s x 4, d t 5, l 6, m n 7, r 8. The
//    same digit next to itself counts once, also across h and w; a vowel
//    between makes two. Vowels, h, w and y themselves are dropped.
std::string Sound(std::string_view folded);

// Written where a name is not known: Unknown, Not known, N/K; also nothing.
bool IsUnknown(std::string_view name);

// The same of a forename, and what a child is called before it has one: Baby,
// Baby Boy, Twin 1, Infant. A surname may well be Child or Newborn.
bool IsStandIn(std::string_view name);

// The words of a composed name, each folded: Smith-Jones is "smith" and
// "jones", "Amira Khan" is "amira" and "khan". Nothing for a name of one word,
// and no words of one or two letters (de, al). Invented people are called
// Test-…, which belongs to each of their words.
std::vector<std::string> PartsOf(std::string_view name);

// The rules by which the functions above make what is stored, with the
// version of ICU: what was stored by others must be made anew.
std::string Rules();

}  // namespace seawall::child
