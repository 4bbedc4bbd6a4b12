#include "libs/child/names.h"

#include <absl/strings/str_join.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uvernum.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace seawall::child {
namespace {

// Raised whenever Fold, Sound or PartsOf answer otherwise than before.
constexpr int kRules = 3;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 128;
  });
}

std::string FoldAscii(std::string_view text) {
  std::string folded;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) folded += c;
  }
  return folded;
}

// Bytes that are no UTF-8 come as U+FFFD, which is no letter.
icu::UnicodeString Casefold(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* folder =
      icu::Normalizer2::getNFKCCasefoldInstance(error);
  const auto whole = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  return U_SUCCESS(error) ? folder->normalize(whole, error) : whole;
}

// Making one takes a millisecond; each thread has its own, for ICU does not
// promise that one may be shared.
const icu::Transliterator* ToLatin() {
  static thread_local const std::unique_ptr<icu::Transliterator> latin = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII",
                                            UTRANS_FORWARD, error));
  }();
  return latin.get();
}

// Points that Arabic and Hebrew may leave out, and letters that Arabic writes
// one for the other.
icu::UnicodeString WithoutPoints(const icu::UnicodeString& text) {
  icu::UnicodeString bare;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    const bool point = (c >= 0x0610 && c <= 0x061A) ||
                       (c >= 0x064B && c <= 0x065F) || c == 0x0670 ||
                       c == 0x0640 || (c >= 0x0591 && c <= 0x05C7);
    if (point) continue;
    const bool alef = c == 0x0622 || c == 0x0623 || c == 0x0625 || c == 0x0671;
    bare.append(alef          ? static_cast<UChar32>(0x0627)
                : c == 0x0629 ? static_cast<UChar32>(0x0647)
                : c == 0x0649 ? static_cast<UChar32>(0x064A)
                              : c);
  }
  return bare;
}

bool IsVowel(char c) {
  return std::string_view("aeiouy").find(c) != std::string_view::npos;
}

bool IsFront(char c) { return c == 'e' || c == 'i' || c == 'y'; }

// One spelling at the current place, and what it sounds like.
struct Spelling {
  std::string_view spelling;
  std::string_view sound;
};

constexpr std::array<Spelling, 7> kAtStart = {{{"kn", "n"},
                                               {"gn", "n"},
                                               {"pn", "n"},
                                               {"wr", "r"},
                                               {"ps", "s"},
                                               {"x", "s"},
                                               {"wh", "w"}}};
constexpr std::array<Spelling, 7> kAnywhere = {{{"ph", "f"},
                                                {"sch", "s"},
                                                {"tch", "c"},
                                                {"ch", "c"},
                                                {"ck", "k"},
                                                {"q", "k"},
                                                {"z", "s"}}};

template <std::size_t n>
const Spelling* Match(const std::array<Spelling, n>& spellings,
                      std::string_view rest) {
  for (const auto& one : spellings) {
    if (rest.starts_with(one.spelling)) return &one;
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
  if (const Spelling* start = Match(kAtStart, rest)) {
    sounds = start->sound;
    rest.remove_prefix(start->spelling.size());
  }
  while (!rest.empty()) {
    if (const Spelling* one = Match(kAnywhere, rest)) {
      sounds += one->sound;
      rest.remove_prefix(one->spelling.size());
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

// Folded, in order.
std::vector<std::string> Words(std::string_view name) {
  std::vector<std::string> words;
  if (IsAscii(name)) {
    std::string word;
    for (const char c : name) {
      if (const std::string letter = FoldAscii({&c, 1}); !letter.empty()) {
        word += letter;
      } else if (!word.empty()) {
        words.push_back(std::exchange(word, {}));
      }
    }
    if (!word.empty()) words.push_back(std::move(word));
    return words;
  }
  const auto whole = icu::UnicodeString::fromUTF8(
      icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())));
  icu::UnicodeString word;
  const auto end = [&] {
    std::string text;
    word.toUTF8String(text);
    std::string folded = Fold(text);
    if (!folded.empty()) words.push_back(std::move(folded));
    word.remove();
  };
  for (std::int32_t i = 0; i < whole.length(); i = whole.moveIndex32(i, 1)) {
    const UChar32 c = whole.char32At(i);
    if (u_isalnum(c)) {
      word.append(c);
    } else {
      end();
    }
  }
  end();
  return words;
}

// People in invented data are called Test: the word says nothing there.
std::vector<std::string> TrueWords(std::string_view name) {
  std::vector<std::string> words = Words(name);
  if (words.size() > 1 && words[0] == "test") words.erase(words.begin());
  return words;
}

}  // namespace

std::string Fold(std::string_view name) {
  if (IsAscii(name)) return FoldAscii(name);
  icu::UnicodeString text = WithoutPoints(Casefold(name));
  if (const icu::Transliterator* latin = ToLatin()) latin->transliterate(text);
  text = text.toLower(icu::Locale::getRoot());
  std::string folded;
  icu::UnicodeString kept;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    const std::int32_t digit = u_charDigitValue(c);
    if (digit >= 0) {
      kept.append(static_cast<UChar32>('0' + digit));
    } else if (u_isalpha(c) && u_charType(c) != U_MODIFIER_LETTER) {
      kept.append(c);
    }
  }
  kept.toUTF8String(folded);
  return folded;
}

std::string Sound(std::string_view folded) {
  std::string letters(folded);
  std::erase_if(letters, [](char c) { return c < 'a' || c > 'z'; });
  const std::string sounds = Respell(letters);
  if (sounds.empty()) return "";
  const char first = sounds[0];
  std::string code(1, IsVowel(first) ? 'A' : static_cast<char>(first - 32));
  char last = SoundClass(first);
  for (const char c : std::string_view(sounds).substr(1)) {
    if (c == 'h' || c == 'w') continue;
    const char sound = SoundClass(c);
    if (sound != '0' && sound != last) code += sound;
    if (code.size() == 5) break;
    last = sound;
  }
  return code;
}

bool IsUnknown(std::string_view name) {
  static const std::set<std::string> whole = {
      "nk",          "tbc",      "fnu",      "lnu",         "noname",
      "nonamegiven", "notknown", "notgiven", "notyetnamed", "nameless"};
  const std::vector<std::string> words = TrueWords(name);
  return words.empty() || words[0] == "unknown" || words[0] == "unk" ||
         whole.count(absl::StrJoin(words, "")) != 0;
}

bool IsStandIn(std::string_view name) {
  // Alone or before more: "Baby Boy", "Twin 2".
  static const std::set<std::string> first = {
      "baby",  "infant", "neonate", "newborn", "unborn",
      "fetus", "foetus", "twin",    "triplet", "unnamed"};
  static const std::set<std::string> whole = {
      "boy", "girl", "male", "female", "child", "babyboy", "babygirl"};
  if (IsUnknown(name)) return true;
  const std::vector<std::string> words = TrueWords(name);
  std::string all = absl::StrJoin(words, "");
  // "B/O Ann": the baby of.
  if (words.size() > 2 && words[0] == "b" && words[1] == "o") return true;
  if (first.count(words[0]) || whole.count(all)) return true;
  // "Twin2", "BabyB".
  const bool is_numbered =
      IsDigit(all.back()) || (all.back() >= 'a' && all.back() <= 'd');
  all.pop_back();
  return is_numbered && (all == "baby" || all == "twin" || all == "triplet");
}

std::vector<std::string> PartsOf(std::string_view name) {
  constexpr std::size_t kLeast = 3;
  std::vector<std::string> words = Words(name);
  const bool invented = !words.empty() && words[0] == "test";
  std::erase(words, invented ? "test" : "");
  if (words.size() < 2) return {};
  std::erase_if(words, [](const auto& word) { return word.size() < kLeast; });
  for (std::string& word : words)
    if (invented) word.insert(0, "test");
  return words;
}

std::string Rules() { return std::to_string(kRules) + "/icu" + U_ICU_VERSION; }

}  // namespace seawall::child
