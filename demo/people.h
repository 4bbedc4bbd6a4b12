// Invented families. Every name begins with "Test-"; NHS numbers are of the
// range 900 to 999, which names nobody.
//
// Pure: the same random numbers make the same people. Used by the demo's plan.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "demo/random.h"
#include "libs/base/civil.h"

namespace seawall::demo {

struct Child {
  int family = 0;
  std::string given_name;
  std::string family_name;
  // One of the two.
  std::optional<Date> born;
  std::optional<Date> expected;
  std::string sex;
  std::string ethnicity;
  std::string nhs_number;  // empty for the unborn
  std::string upn;         // empty below school age
};

struct Adult {
  std::string given_name;
  std::string family_name;
  Date born;
  std::string relationship;
};

struct Family {
  std::string surname;
  std::string address_line;
  std::string postcode;
  std::vector<int> children;  // places in People::children()
  std::vector<Adult> adults;
};

// Ten digits, right check digit, different for each `number` from 0 on.
std::string TestNhsNumber(int number);
// The same with its check digit wrong.
std::string WrongNhsNumber(const std::string& nhs_number);
// Thirteen characters with their check letter.
std::string TestUpn(int number);

class People {
 public:
  // Two sets of people share no number if their first numbers lie far apart.
  explicit People(std::uint64_t seed, int first_number = 0)
      : random_(seed), first_number_(first_number) {}

  // A family first heard of on that day. Its first child is of that age in
  // years (both included); a family with an unborn child has that one alone.
  int AddFamily(Date day, int youngest, int oldest);
  int AddUnborn(Date day);

  const std::vector<Family>& families() const { return families_; }
  const std::vector<Child>& children() const { return children_; }

 private:
  int NewFamily();
  Child NewChild(int family);
  void Add(Child child);
  void AddAdults(int family, Date eldest_born);
  int NextNumber() const {
    return first_number_ + static_cast<int>(children_.size());
  }

  Random random_;
  int first_number_;
  std::vector<Family> families_;
  std::vector<Child> children_;
};

}  // namespace seawall::demo
