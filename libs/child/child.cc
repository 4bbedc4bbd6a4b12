#include "libs/child/child.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <array>
#include <set>

#include "libs/child/names.h"

namespace seawall::child {
namespace {

constexpr char kGivenName[] = "given_name";

bool EitherBegins(const std::string& one, const std::string& other) {
  return one.starts_with(other) || other.starts_with(one);
}

bool HasOneName(const Description& child) {
  return child.given_name.empty() != child.family_name.empty();
}

// What a stand-in states beside its kind: which of several, and a sex; 0 where
// it does not. "twinii" and "twin2" are the second, "babygirl" is a girl.
struct Stated {
  int ordinal = 0;
  char sex = 0;
};

Stated StatedBy(std::string_view stand_in) {
  static constexpr std::array<std::string_view, 4> kSex = {"female", "male",
                                                           "girl", "boy"};
  static constexpr std::array<std::array<std::string_view, 5>, 4> kOrdinals = {
      {{"1", "a", "i", "one", "first"},
       {"2", "b", "ii", "two", "second"},
       {"3", "c", "iii", "three", "third"},
       {"4", "d", "iv", "four", "fourth"}}};
  Stated stated;
  std::string_view rest = stand_in;
  for (const std::string_view kind : {"baby", "infant", "triplet", "twin"}) {
    if (rest.starts_with(kind)) rest.remove_prefix(kind.size());
  }
  for (const std::string_view sex : kSex) {
    if (stated.sex != 0) break;
    if (rest.starts_with(sex))
      rest.remove_prefix(sex.size());
    else if (rest.ends_with(sex))
      rest.remove_suffix(sex.size());
    else
      continue;
    stated.sex = sex == "female" || sex == "girl" ? 'f' : 'm';
  }
  for (std::size_t i = 0; i < kOrdinals.size(); i++) {
    const bool whole = std::find(kOrdinals[i].begin(), kOrdinals[i].end(),
                                 rest) != kOrdinals[i].end();
    if (whole || rest.ends_with(kOrdinals[i][0])) {
      stated.ordinal = static_cast<int>(i) + 1;
    }
  }
  return stated;
}

// Two that state different things: "twin1" and "twin2", "babyboy" and "girl".
// "baby" and "twin1" may be one child; "babyann" and "babyrose" are two.
bool StandInsContradict(const std::string& one, const std::string& other) {
  if (one.empty() || other.empty()) return false;
  const Stated a = StatedBy(one), b = StatedBy(other);
  if (a.sex != 0 && b.sex != 0 && a.sex != b.sex) return true;
  if (a.ordinal != 0 && b.ordinal != 0) return a.ordinal != b.ordinal;
  if (a.ordinal != 0 || b.ordinal != 0 || a.sex != 0 || b.sex != 0) {
    return false;
  }
  constexpr std::size_t kKind = 4;  // letters that tell the kinds apart
  return !EitherBegins(one, other) &&
         one.substr(0, kKind) == other.substr(0, kKind);
}

// Without the e that stands for an umlaut: Juergen as Jürgen, which folds to
// jurgen.
std::string Plain(std::string name) {
  for (const char vowel : {'a', 'o', 'u'}) {
    const std::string pair{vowel, 'e'};
    for (std::size_t at = 0; (at = name.find(pair, at)) != name.npos; at++) {
      name.erase(at + 1, 1);
    }
  }
  return name;
}

// All of its name in one field, the forename among it.
bool HasWord(const Description& child, const std::string& name) {
  const std::vector<std::string> words = absl::StrSplit(child.name_parts, ' ');
  return HasOneName(child) &&
         std::find(words.begin(), words.end(), name) != words.end();
}

bool ForenamesContradict(const Description& one, const Description& other) {
  if (StandInsContradict(one.given_stand_in, other.given_stand_in)) return true;
  if (one.given_name.empty() || other.given_name.empty()) return false;
  if (EitherBegins(one.given_name, other.given_name)) return false;
  if (EitherBegins(Plain(one.given_name), Plain(other.given_name))) {
    return false;
  }
  if (HasWord(one, other.given_name) || HasWord(other, one.given_name)) {
    return false;
  }
  // In the other's field, as people write whose names have no such order.
  const bool one_in_other = one.given_name == other.family_name;
  const bool other_in_one = other.given_name == one.family_name;
  return !(one_in_other && other_in_one) &&
         !(one_in_other && HasOneName(one)) &&
         !(other_in_one && HasOneName(other));
}

bool Alike(const std::string& one, const std::string& other) {
  if (one.empty() || other.empty()) return false;
  if (one == other) return true;
  const std::string sound = Sound(one);
  return !sound.empty() && sound == Sound(other);
}

// How names agree that have no number beside them.
enum class Names { kDiffer, kSound, kSpelling };

Names CompareNames(const Description& one, const Description& other) {
  const auto &g1 = one.given_name, &g2 = other.given_name;
  const auto &f1 = one.family_name, &f2 = other.family_name;
  if (!f1.empty() && f1 == f2) return Names::kSpelling;
  if (Alike(f1, f2)) return Names::kSound;
  const bool one_name = HasOneName(one) || HasOneName(other);
  if (one_name) {
    for (const std::string* a : {&g1, &f1}) {
      for (const std::string* b : {&g2, &f2}) {
        if (!a->empty() && *a == *b) return Names::kSpelling;
      }
    }
    const bool alike = Alike(g1, g2) || Alike(g1, f2) || Alike(f1, g2);
    return alike ? Names::kSound : Names::kDiffer;
  }
  if (!f1.empty() && f1 == g2 && g1 == f2) return Names::kSpelling;
  return Alike(f1, g2) && Alike(g1, f2) ? Names::kSound : Names::kDiffer;
}

// The names a child may be known by, word by word.
std::set<std::string> WordsOf(const Description& child, bool any_field) {
  std::set<std::string> words =
      absl::StrSplit(child.name_parts, ' ', absl::SkipEmpty());
  words.insert(child.family_name);
  if (any_field) words.insert(child.given_name);
  words.erase("");
  return words;
}

// A word of a composed name is the other's name, or a word of it.
bool ShareWord(const Description& one, const Description& other) {
  if (one.name_parts.empty() && other.name_parts.empty()) return false;
  const bool any_field = HasOneName(one) || HasOneName(other);
  const std::set<std::string> words = WordsOf(one, any_field);
  const std::set<std::string> others = WordsOf(other, any_field);
  return std::any_of(words.begin(), words.end(),
                     [&](const auto& word) { return others.count(word) > 0; });
}

// Equal wherever both have one.
bool SpeltAlike(const Description& one, const Description& other) {
  const std::array<std::string, 2> a = {one.given_name, one.family_name};
  const std::array<std::string, 2> b = {other.given_name, other.family_name};
  if (HasOneName(one) || HasOneName(other)) {
    return CompareNames(one, other) == Names::kSpelling;
  }
  return a == b || (a[0] == b[1] && a[1] == b[0]);
}

// Written where only the year is known, or nothing.
bool IsFirstOfJanuary(Date date) {
  const std::chrono::year_month_day day(date);
  return day.month() == std::chrono::January && unsigned(day.day()) == 1;
}

// What makes a candidate of two without an equal number; null for nothing.
const char* AgreeByName(const Description& one, const Description& other,
                        bool contradict) {
  if (!one.birth_date || one.birth_date != other.birth_date) return nullptr;
  const bool two_numbers = !one.nhs_number.empty() &&
                           !other.nhs_number.empty() &&
                           one.nhs_number != other.nhs_number;
  if (contradict && two_numbers) return nullptr;
  const Names names = CompareNames(one, other);
  if (names != Names::kDiffer) {
    if (IsFirstOfJanuary(*one.birth_date) && !SpeltAlike(one, other)) {
      return nullptr;
    }
    return names == Names::kSpelling ? "surname_birth_date"
                                     : "phonetic_birth_date";
  }
  return !contradict && ShareWord(one, other) ? "part_of_name_birth_date"
                                              : nullptr;
}

bool ShareUpn(const Description& one, const Description& other) {
  for (const std::string* a : {&one.upn, &one.former_upn}) {
    for (const std::string* b : {&other.upn, &other.former_upn}) {
      if (!a->empty() && *a == *b) return true;
    }
  }
  return false;
}

// The order of Write and Read.
std::array<std::string Description::*, 8> Texts() {
  return {&Description::nhs_number,  &Description::upn,
          &Description::former_upn,  &Description::la_child_id,
          &Description::given_name,  &Description::given_stand_in,
          &Description::family_name, &Description::name_parts};
}

}  // namespace

void SetNames(std::string_view given_name, std::string_view family_name,
              Description& to) {
  const bool is_stand_in = IsStandIn(given_name);
  (is_stand_in ? to.given_stand_in : to.given_name) = Fold(given_name);
  (is_stand_in ? to.given_name : to.given_stand_in).clear();
  to.family_name = IsUnknown(family_name) ? "" : Fold(family_name);
  to.name_parts.clear();
  if (to.family_name.empty() && is_stand_in) return;
  to.name_parts = absl::StrJoin(
      PartsOf(to.family_name.empty() ? given_name : family_name), " ");
}

bool IsNumber(std::string_view kind) {
  return kind == "nhs_number" || kind == "upn" || kind == "la_child_id";
}

std::vector<Key> KeysOf(const Description& child) {
  std::vector<Key> keys;
  const auto add = [&](const char* kind, const std::string& value) {
    if (value.empty()) return;
    const bool there = std::any_of(keys.begin(), keys.end(), [&](const Key& k) {
      return k.kind == kind && k.value == value;
    });
    if (!there) keys.push_back({kind, value});
  };
  add("nhs_number", child.nhs_number);
  add("upn", child.upn);
  add("upn", child.former_upn);
  add("la_child_id", child.la_child_id);
  if (!child.birth_date) return keys;
  std::vector<std::string> names =
      absl::StrSplit(child.name_parts, ' ', absl::SkipEmpty());
  names.insert(names.begin(), {child.family_name, child.given_name});
  for (const std::string& name : names) {
    if (name.empty()) continue;
    const std::string sound = Sound(name);
    add("name",
        (sound.empty() ? name : sound) + "|" + FormatDate(*child.birth_date));
  }
  return keys;
}

std::vector<std::string> Differences(const Description& one,
                                     const Description& other) {
  std::vector<std::string> differs;
  if (one.birth_date && other.birth_date && one.birth_date != other.birth_date)
    differs.push_back("date_of_birth");
  if (ForenamesContradict(one, other)) differs.push_back(kGivenName);
  return differs;
}

Likeness Compare(const Description& one, const Description& other) {
  Likeness likeness;
  const auto agree = [&](bool is_equal, const char* on) {
    if (is_equal) likeness.agrees.push_back(on);
    return is_equal;
  };
  bool number =
      agree(!one.nhs_number.empty() && one.nhs_number == other.nhs_number,
            "nhs_number");
  number |= agree(ShareUpn(one, other), "upn");
  number |=
      agree(!one.la_child_id.empty() && one.la_child_id == other.la_child_id,
            "la_child_id");
  likeness.differs = Differences(one, other);
  const bool contradict =
      !likeness.differs.empty() && likeness.differs.back() == kGivenName;
  const char* named = AgreeByName(one, other, contradict);
  if (named) likeness.agrees.push_back(named);
  if (number && likeness.differs.empty()) {
    likeness.verdict = Verdict::kSame;
  } else if (number || named) {
    likeness.verdict = Verdict::kCandidate;
  }
  return likeness;
}

bool AgreesOnNumber(const Likeness& likeness) {
  return std::any_of(likeness.agrees.begin(), likeness.agrees.end(),
                     [](const std::string& one) { return IsNumber(one); });
}

bool ForenamesSoundAlike(const Description& one, const Description& other) {
  return Alike(one.given_name, other.given_name);
}

std::string Write(const Description& child) {
  std::string text = child.birth_date ? FormatDate(*child.birth_date) : "";
  for (const auto field : Texts()) text += "\n" + child.*field;
  return text;
}

Description Read(std::string_view text) {
  const auto take = [&] {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string part(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
  };
  Description child;
  child.birth_date = ParseDate(take());
  for (const auto field : Texts()) child.*field = take();
  return child;
}

}  // namespace seawall::child
