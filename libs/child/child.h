// Who is the same child: one answer, for every service.
//
// Evidence, not a key: numbers, names and birth date, and what contradicts.
// Keys find records that may be of one child; Compare says of two of them what
// they are. Only a person's word goes further; the services keep that.
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/civil.h"

namespace seawall::child {

// What one record says of a child, brought to one form. Whoever fills it leaves
// out what does not check out: a number with a wrong check digit, a birth date
// that cannot be.
struct Description {
  std::string nhs_number;
  std::string upn;
  std::string former_upn;
  std::string la_child_id;  // the council's own id
  // Folded (names.h); a stand-in such as "Baby" is kept apart from a name, for
  // it proves nothing.
  std::string given_name;
  std::string given_stand_in;
  std::string family_name;
  // Of a composed surname (Smith-Jones), or of the child's one name where all
  // of it is written in one field: the words (names.h), a space between.
  std::string name_parts;
  std::optional<Date> birth_date;

  auto operator<=>(const Description&) const = default;
};

// Sets the names from how they were written.
void SetNames(std::string_view given_name, std::string_view family_name,
              Description& to);

// What a record is found by. Equal keys are a reason to compare, never proof.
struct Key {
  // nhs_number, upn, la_child_id, name. A former UPN stands under upn. A name
  // is the sound of either name, or of a part of a composed one (its spelling
  // where it has no sound), with the birth date, so that a child with one name
  // is found whichever field it stands in.
  std::string kind;
  std::string value;
};
std::vector<Key> KeysOf(const Description& child);
// Whether a key of that kind belongs to one child alone.
bool IsNumber(std::string_view kind);

enum class Verdict {
  kNone,
  // A person may say whether it is the same child.
  kCandidate,
  kSame,
};

struct Likeness {
  Verdict verdict = Verdict::kNone;
  // What is equal: nhs_number, upn, la_child_id, surname_birth_date (in
  // spelling), phonetic_birth_date (in sound alone), part_of_name_birth_date
  // (Smith-Jones and Jones).
  std::vector<std::string> agrees;
  // What tells them apart, as fields of a child: date_of_birth, given_name.
  std::vector<std::string> differs;
};

// Whether a number of one child alone is among what agrees.
bool AgreesOnNumber(const Likeness& likeness);

// 1. An equal number is the same child, unless the birth date or the forename
//    contradicts; then it is a candidate. Forenames contradict when neither
//    begins the other (Sam, Samuel), also with the two names written the other
//    way round. A missing forename or a stand-in contradicts nothing, but two
//    stand-ins of one kind do: Twin 1 is not Twin 2.
// 2. Without an equal number, an equal birth date and a surname that is equal
//    or sounds alike make a candidate; so do names in each other's field, and a
//    child's one name that is either name of the other. 1 January, which is
//    written where a birth date is not known, makes one only with names of
//    equal spelling. So does a word of a composed name that is the other's
//    name, or one of its words, where nothing contradicts. Two with NHS numbers
//    of their own and other forenames are no candidates: twins.
// 3. Everything else is nothing.
Likeness Compare(const Description& one, const Description& other);

// What tells two apart whatever else is equal; empty where nothing does.
std::vector<std::string> Differences(const Description& one,
                                     const Description& other);

// Catherine and Kathryn: a candidate may be one child for all that its
// forenames contradict each other.
bool ForenamesSoundAlike(const Description& one, const Description& other);

// One text of all that is described, to be sealed; and back. What cannot be
// read back is a description of nobody.
std::string Write(const Description& child);
Description Read(std::string_view text);

}  // namespace seawall::child
