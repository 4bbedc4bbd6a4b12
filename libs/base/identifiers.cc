#include "libs/base/identifiers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "libs/base/latin.h"

namespace seawall {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

Identifier Good(std::string normalised) {
  return {.normalised = std::move(normalised), .ok = true};
}

Identifier Bad(std::string reason) { return {.reason = std::move(reason)}; }

// The digits of "9434765919", "943 476 5919" or "943-476-5919"; empty for any
// other form.
std::string NhsDigits(std::string_view text) {
  text = Trim(text);
  std::string digits(text);
  if (text.size() == 12) {
    const char separator = text[3];
    if ((separator != ' ' && separator != '-') || text[7] != separator) {
      return "";
    }
    digits.erase(7, 1).erase(3, 1);
  }
  const bool good =
      digits.size() == 10 && std::all_of(digits.begin(), digits.end(), IsDigit);
  return good ? digits : "";
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

bool IsVowel(char c) {
  return std::string_view("aeiouy").find(c) != std::string_view::npos;
}

bool IsFront(char c) { return c == 'e' || c == 'i' || c == 'y'; }

// One spelling at the current place, and what it sounds like.
struct Sound {
  std::string_view spelling;
  std::string_view sound;
};

constexpr std::array<Sound, 7> kAtStart = {{{"kn", "n"},
                                            {"gn", "n"},
                                            {"pn", "n"},
                                            {"wr", "r"},
                                            {"ps", "s"},
                                            {"x", "s"},
                                            {"wh", "w"}}};
constexpr std::array<Sound, 7> kAnywhere = {{{"ph", "f"},
                                             {"sch", "s"},
                                             {"tch", "c"},
                                             {"ch", "c"},
                                             {"ck", "k"},
                                             {"q", "k"},
                                             {"z", "s"}}};

template <std::size_t n>
const Sound* Match(const std::array<Sound, n>& sounds, std::string_view rest) {
  for (const auto& sound : sounds) {
    if (rest.starts_with(sound.spelling)) return &sound;
  }
  return nullptr;
}

// The sound of the letters that depend on the next one; takes what it used.
std::string TakeByContext(std::string_view& rest, bool at_start) {
  const char next = rest.size() > 1 ? rest[1] : '\0';
  if (rest.starts_with("gh") && !at_start) {
    rest.remove_prefix(2);
    return "";
  }
  if (rest.starts_with("dg") && rest.size() > 2 && IsFront(rest[2])) {
    rest.remove_prefix(2);
    return "j";
  }
  const char letter = rest.front();
  rest.remove_prefix(1);
  if (letter == 'c') return IsFront(next) ? "s" : "k";
  return std::string(1, letter);
}

std::string Respell(std::string_view rest) {
  std::string sounds;
  if (const Sound* start = Match(kAtStart, rest)) {
    sounds = start->sound;
    rest.remove_prefix(start->spelling.size());
  }
  while (!rest.empty()) {
    if (const Sound* sound = Match(kAnywhere, rest)) {
      sounds += sound->sound;
      rest.remove_prefix(sound->spelling.size());
    } else {
      sounds += TakeByContext(rest, sounds.empty());
    }
  }
  return sounds;
}

char SoundClass(char c) {
  //                                        abcdefghijklmnopqrstuvwxyz
  static constexpr std::string_view kOf = "01450230043677013845020404";
  return kOf[static_cast<std::size_t>(c - 'a')];
}

}  // namespace

Identifier ParseNhsNumber(std::string_view text, TestNumbers test_numbers) {
  const std::string digits = NhsDigits(text);
  if (digits.empty() || !NhsCheckDigitHolds(digits) ||
      IsOneDigitRepeated(digits)) {
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
  std::string upn = Upper(Trim(text));
  if (!UpnFormHolds(upn) || upn[0] != UpnCheckLetter(upn)) {
    return Bad("UPN_INVALID");
  }
  return Good(std::move(upn));
}

bool IsTemporaryUpn(std::string_view normalised) {
  return normalised.size() == 13 && IsUpper(normalised[12]);
}

Identifier ParsePostcode(std::string_view text) {
  std::string postcode = Upper(Trim(text));
  std::erase(postcode, ' ');
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

std::string NormaliseName(std::string_view name) {
  std::string normalised;
  while (!name.empty()) normalised += latin::Fold(latin::TakeCharacter(name));
  return normalised;
}

std::string PhoneticSurname(std::string_view name) {
  std::string letters = NormaliseName(name);
  std::erase_if(letters, [](char c) { return c < 'a' || c > 'z'; });
  const std::string sounds = Respell(letters);
  if (sounds.empty()) return "";
  std::string code(1, IsVowel(sounds[0]) ? 'A' : Upper(sounds.substr(0, 1))[0]);
  char last = SoundClass(sounds[0]);
  for (const char c : std::string_view(sounds).substr(1)) {
    if (c == 'h' || c == 'w') continue;
    const char sound = SoundClass(c);
    if (sound != '0' && sound != last) code += sound;
    if (code.size() == 5) break;
    last = sound;
  }
  return code;
}

}  // namespace seawall
