// What names a child in a message: NHS number, UPN, postcode and names, brought
// to one form so that equal means the same.
//
// Pure; any thread; never throws, any bytes are accepted. A wrong identifier is
// never refused by this part: the caller keeps it as given, warns with the
// reason, and does not match on it.
#pragma once

#include <string>
#include <string_view>

namespace seawall {

struct Identifier {
  // The one form to store and match on; empty unless ok.
  std::string normalised;
  bool ok = false;
  // Empty when ok, else the stable reason.
  std::string reason;
};

enum class TestNumbers { kRefuse, kAllow };

// Ten digits, bare or as 3-3-4 with spaces or hyphens; check digit modulus 11.
// 900 to 999 never names a person and is for tests only.
// NHS_NUMBER_INVALID, NHS_NUMBER_TEST_RANGE; NHS_NUMBER_OTHER_NATION for well
// formed numbers of Scotland, Northern Ireland and Ireland.
Identifier ParseNhsNumber(std::string_view text,
                          TestNumbers test_numbers = TestNumbers::kRefuse);

// Unique pupil number: check letter modulus 23, a council's number in 2 to 4,
// eight digits, and a digit or (temporary UPN) a letter at the end. Lower case
// and outer spaces are put right. Source: CIN census rules 1510, 1530, 1540,
// 1550. UPN_INVALID.
Identifier ParseUpn(std::string_view text);
bool IsTemporaryUpn(std::string_view normalised);

// "fy1 1ad" is "FY1 1AD". The form is checked, not that it exists.
// POSTCODE_INVALID.
Identifier ParsePostcode(std::string_view text);

// A name for comparing, not for showing: lower case, accents of Latin letters
// dropped, spaces and punctuation dropped. "Test-O’Néill" is "testoneill".
// Other scripts stay as they are; bytes that are no UTF-8 are dropped.
std::string NormaliseName(std::string_view name);

// How a surname sounds in English: a letter and up to four digits, made of the
// normalised name. Names that sound alike mostly share it (Smith, Smyth;
// Phillips, Filips; Catherine, Kathryn); it finds candidates and proves
// nothing. Empty for a name without Latin letters.
//
// 1. At the start: kn, gn and pn are n, wr is r, ps is s, x is s, wh is w.
//    Anywhere: ph is f, gh is silent but at the start, ck is k, sch is s, tch
//    is ch, c is s before e, i and y and k elsewhere (but in ch), q is k, z is
//    s, dg before e, i and y is j.
// 2. The first letter is kept; a, e, i, o, u and y at the start are all "A".
// 3. Later letters: b p 1, f v 2, g k 3, c j s x 4, d t 5, l 6, m n 7, r 8. The
//    same digit next to itself counts once, also across h and w; a vowel
//    between makes two. Vowels, h, w and y themselves are dropped.
std::string PhoneticSurname(std::string_view name);

}  // namespace seawall
