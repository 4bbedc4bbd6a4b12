// Numbers that name a child in a message: NHS number, UPN, postcode, brought to
// one form so that equal means the same.
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

// A number or code as it was meant: without what people and their programs put
// around and into it. Spaces and dashes of every kind, marks without width,
// Excel's leading apostrophe and a ".0" behind digits alone go; digits of
// every script become 0 to 9, letters capitals. "'943 476–5919" is
// "9434765919".
std::string BareCode(std::string_view text);

enum class TestNumbers { kRefuse, kAllow };

// Ten digits; check digit modulus 11. All three go by BareCode.
// 900 to 999 never names a person and is for tests only.
// NHS_NUMBER_INVALID, NHS_NUMBER_TEST_RANGE; NHS_NUMBER_OTHER_NATION for well
// formed numbers of Scotland, Northern Ireland and Ireland.
Identifier ParseNhsNumber(std::string_view text,
                          TestNumbers test_numbers = TestNumbers::kRefuse);

// Unique pupil number: check letter modulus 23, a council's number in 2 to 4,
// eight digits, and a digit or (temporary UPN) a letter at the end. Source: CIN
// census rules 1510, 1530, 1540, 1550. UPN_INVALID.
Identifier ParseUpn(std::string_view text);
bool IsTemporaryUpn(std::string_view normalised);

// "fy1 1ad" is "FY1 1AD". The form is checked, not that it exists.
// POSTCODE_INVALID.
Identifier ParsePostcode(std::string_view text);

}  // namespace seawall
