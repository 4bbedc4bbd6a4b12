#include "libs/child/child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace seawall::child {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Written {
  std::string nhs, given, family, born;
  std::string upn = {}, former_upn = {}, la = {};
};

Description Of(const Written& w) {
  Description child;
  child.nhs_number = w.nhs;
  child.upn = w.upn;
  child.former_upn = w.former_upn;
  child.la_child_id = w.la;
  SetNames(w.given, w.family, child);
  child.birth_date = ParseDate(w.born);
  return child;
}

Likeness Of(const Written& one, const Written& other) {
  const Likeness likeness = Compare(Of(one), Of(other));
  const Likeness back = Compare(Of(other), Of(one));
  EXPECT_EQ(likeness.verdict, back.verdict) << "both ways round";
  EXPECT_EQ(likeness.differs, back.differs);
  return likeness;
}

constexpr char kNumber[] = "9990441944";

TEST(Compare, AnEqualNumberIsTheSameChild) {
  const auto same = Of({kNumber, "Test-Cleo", "Test-Sibb", "2019-02-03"},
                       {kNumber, "TEST-CLEO", "Test-Other", "2019-02-03"});
  EXPECT_EQ(same.verdict, Verdict::kSame);
  EXPECT_THAT(same.agrees, ElementsAre("nhs_number"));
  EXPECT_THAT(same.differs, IsEmpty());
}

TEST(Compare, AnEqualNumberWithAnotherBirthDateIsACandidate) {
  const auto other = Of({kNumber, "Test-Cleo", "Test-Sibb", "2019-02-03"},
                        {kNumber, "Test-Cleo", "Test-Sibb", "2021-06-14"});
  EXPECT_EQ(other.verdict, Verdict::kCandidate);
  EXPECT_THAT(other.differs, ElementsAre("date_of_birth"));
}

TEST(Compare, AnEqualNumberWithAnotherForenameIsACandidate) {
  const auto twin = Of({kNumber, "Test-Cleo", "Test-Sibb", "2019-02-03"},
                       {kNumber, "Test-Dino", "Test-Sibb", "2019-02-03"});
  EXPECT_EQ(twin.verdict, Verdict::kCandidate);
  EXPECT_THAT(twin.differs, ElementsAre("given_name"));
}

TEST(Compare, ForenamesThatBeginOneAnotherDoNotContradict) {
  const std::pair<const char*, const char*> kSame[] = {
      {"Test-Sam", "Test-Samuel"}, {"Test-Zoë", "TEST-ZOE"},
      {"Тест-Анна", "ТЕСТ-АННА"},  {"Test-Mary Jane", "Test-Mary"},
      {"Test-Иван", "Test-Ivan"},  {"J", "James"}};
  for (const auto& [a, b] : kSame) {
    EXPECT_EQ(Of({kNumber, a, "Test-A", "2019-02-03"},
                 {kNumber, b, "Test-A", "2019-02-03"})
                  .verdict,
              Verdict::kSame)
        << a << " " << b;
  }
}

TEST(Compare, StandInsThatStateAnotherPlaceOrSexAreTwoChildren) {
  const std::pair<const char*, const char*> kTwo[] = {
      {"Twin I", "Twin II"},      {"Twin 1", "Twin B"}, {"Boy", "Girl"},
      {"Male", "Female"},         {"Baby Boy", "Girl"}, {"Twin One", "Twin 2"},
      {"B/O Ann 1", "B/O Ann 2"}, {"Baby A", "Baby B"}};
  for (const auto& [a, b] : kTwo) {
    EXPECT_EQ(Of({kNumber, a, "Test-A", "2019-02-03"},
                 {kNumber, b, "Test-A", "2019-02-03"})
                  .verdict,
              Verdict::kCandidate)
        << a << " " << b;
  }
  const std::pair<const char*, const char*> kOne[] = {{"Twin I", "Twin 1"},
                                                      {"Twin", "Twin 2"},
                                                      {"Baby", "Baby Girl"},
                                                      {"Baby Girl", "Female"},
                                                      {"Twin 2", "Twin Two"}};
  for (const auto& [a, b] : kOne) {
    EXPECT_EQ(Of({kNumber, a, "Test-A", "2019-02-03"},
                 {kNumber, b, "Test-A", "2019-02-03"})
                  .verdict,
              Verdict::kSame)
        << a << " " << b;
  }
}

TEST(Compare, UmlautsAreWrittenOutOrNot) {
  EXPECT_EQ(Of({kNumber, "Test-Jürgen", "Test-A", "2019-02-03"},
               {kNumber, "Test-Juergen", "Test-A", "2019-02-03"})
                .verdict,
            Verdict::kSame);
}

TEST(Compare, ShortFormsAndEqualSoundsAloneMakeACandidate) {
  for (const auto& [a, b] : {std::pair{"Test-Bob", "Test-Robert"},
                             {"Test-Catherine", "Test-Kathryn"}}) {
    EXPECT_EQ(Of({kNumber, a, "Test-A", "2019-02-03"},
                 {kNumber, b, "Test-A", "2019-02-03"})
                  .verdict,
              Verdict::kCandidate)
        << a;
  }
}

TEST(Compare, NamesInEachOthersFieldDoNotContradict) {
  EXPECT_EQ(Of({kNumber, "Test-Khan", "Test-Sultana", "2012-03-01"},
               {kNumber, "Test-Sultana", "Test-Khan", "2012-03-01"})
                .verdict,
            Verdict::kSame);
  EXPECT_EQ(Of({kNumber, "Test-Sultana", "", "2012-03-01"},
               {kNumber, "Test-Amina", "Test-Sultana", "2012-03-01"})
                .verdict,
            Verdict::kSame);
  EXPECT_EQ(Of({kNumber, "", "Test-Sultana", "2012-03-01"},
               {kNumber, "Test-Sultana", "", "2012-03-01"})
                .verdict,
            Verdict::kSame);
  EXPECT_EQ(Of({kNumber, "Test-Sultana", "", "2012-03-01"},
               {kNumber, "Test-Amina", "Test-Khan", "2012-03-01"})
                .verdict,
            Verdict::kCandidate);
}

TEST(Compare, AStandInContradictsNoNameButAnotherOfItsKind) {
  const auto verdict = [](const char* a, const char* b) {
    return Of({kNumber, a, "Test-Crib", "2026-10-20"},
              {kNumber, b, "Test-Crib", "2026-10-20"})
        .verdict;
  };
  EXPECT_EQ(verdict("Baby", "Test-Sam"), Verdict::kSame);
  EXPECT_EQ(verdict("", "Test-Sam"), Verdict::kSame);
  EXPECT_EQ(verdict("Baby", "Baby Boy"), Verdict::kSame);
  EXPECT_EQ(verdict("Baby", "Twin 1"), Verdict::kSame);
  EXPECT_EQ(verdict("Twin 1", "Twin 2"), Verdict::kCandidate);
  EXPECT_EQ(verdict("Baby Boy", "Baby Girl"), Verdict::kCandidate);
}

TEST(Compare, EqualNamesAndBirthDateAreACandidateAndNeverProof) {
  const auto alike = Of({"", "Test-Eli", "Test-Trace", "2019-02-03"},
                        {"", "Test-Eli", "Test-Trace", "2019-02-03"});
  EXPECT_EQ(alike.verdict, Verdict::kCandidate);
  EXPECT_THAT(alike.agrees, ElementsAre("surname_birth_date"));
  const auto sound = Of({"", "Test-Eli", "Smith", "2019-02-03"},
                        {"", "Test-Ada", "Smyth", "2019-02-03"});
  EXPECT_EQ(sound.verdict, Verdict::kCandidate);
  EXPECT_THAT(sound.agrees, ElementsAre("phonetic_birth_date"));
}

TEST(Compare, UnnamedTwinsAreCandidatesOfEachOther) {
  EXPECT_EQ(Of({"", "", "Test-Newborn", "2026-10-20"},
               {"", "", "Test-Newborn", "2026-10-20"})
                .verdict,
            Verdict::kCandidate);
}

TEST(Compare, NobodyIsKnownByNothing) {
  EXPECT_EQ(Of({"", "", "", "2026-10-20"}, {"", "", "", "2026-10-20"}).verdict,
            Verdict::kNone);
  EXPECT_EQ(Of({"", "Baby", "", "2026-10-20"}, {"", "Baby", "", "2026-10-20"})
                .verdict,
            Verdict::kNone);
  EXPECT_EQ(Of({"", "", "", ""}, {"", "", "", ""}).verdict, Verdict::kNone);
  // Empty sounds are not equal sounds.
  EXPECT_EQ(Of({"", "12", "34", "2012-03-01"}, {"", "56", "78", "2012-03-01"})
                .verdict,
            Verdict::kNone);
}

TEST(Compare, AForenameAloneIsNoCandidate) {
  EXPECT_EQ(Of({"", "Test-Amina", "Test-Khan", "2012-03-01"},
               {"", "Test-Amina", "Brown", "2012-03-01"})
                .verdict,
            Verdict::kNone);
}

TEST(Compare, AChildWithOneNameIsACandidateWhicheverFieldItStandsIn) {
  const Written one = {"", "Test-Sultana", "", "2012-05-06"};
  for (const Written& other :
       {Written{"", "Test-Sultana", "", "2012-05-06"},
        Written{"", "", "Test-Sultana", "2012-05-06"},
        Written{"", "Test-Amina", "Test-Sultana", "2012-05-06"},
        Written{"", "Test-Sultana", "Test-Khan", "2012-05-06"}}) {
    EXPECT_EQ(Of(one, other).verdict, Verdict::kCandidate) << other.family;
  }
}

TEST(Compare, TheFirstOfJanuaryProvesLess) {
  EXPECT_EQ(Of({"", "Test-Sultana", "", "2012-01-01"},
               {"", "", "Test-Sultana", "2012-01-01"})
                .verdict,
            Verdict::kCandidate);
  EXPECT_EQ(Of({"", "Test-Eli", "Test-Trace", "2012-01-01"},
               {"", "Test-Eli", "Test-Trace", "2012-01-01"})
                .verdict,
            Verdict::kCandidate);
  EXPECT_EQ(Of({"", "Test-Eli", "Test-Trace", "2012-01-01"},
               {"", "Test-Ada", "Test-Trace", "2012-01-01"})
                .verdict,
            Verdict::kNone);
}

TEST(Compare, AWordOfAComposedNameIsACandidate) {
  const auto agrees = [](const Written& one, const Written& other) {
    const Likeness likeness = Of(one, other);
    EXPECT_NE(likeness.verdict, Verdict::kSame);
    return likeness.agrees;
  };
  const Written composed = {"", "Test-Rob", "Orme-Quill", "2012-05-06"};
  for (const char* family : {"Quill", "Quill-Orme", "Brand Quill"}) {
    EXPECT_THAT(agrees(composed, {"", "Test-Robert", family, "2012-05-06"}),
                ElementsAre("part_of_name_birth_date"))
        << family;
  }
  // All of the name in one field, in either order.
  const Written both = {"", "Test-Rob", "Test-Quill", "2012-05-06"};
  for (const char* whole : {"Test-Rob Test-Quill", "Test-Quill, Test-Rob"}) {
    EXPECT_FALSE(agrees(both, {"", whole, "", "2012-05-06"}).empty()) << whole;
    EXPECT_FALSE(agrees(both, {"", "", whole, "2012-05-06"}).empty()) << whole;
  }
  for (const Written& other :
       {Written{"", "Test-Ada", "Quill", "2012-05-06"},
        Written{"", "Test-Rob", "Quill", "2012-05-07"},
        Written{"", "Test-Rob", "Brand", "2012-05-06"}}) {
    EXPECT_THAT(agrees(composed, other), IsEmpty()) << other.family;
  }
}

TEST(Compare, TwinsWithNumbersOfTheirOwnAreTwo) {
  EXPECT_EQ(Of({kNumber, "Test-Ada", "Test-Twin", "2012-05-06"},
               {"9434765919", "Test-Eli", "Test-Twin", "2012-05-06"})
                .verdict,
            Verdict::kNone);
  // One child may have been given two numbers.
  EXPECT_EQ(Of({kNumber, "Test-Ada", "Test-Twin", "2012-05-06"},
               {"9434765919", "Test-Ada", "Test-Twin", "2012-05-06"})
                .verdict,
            Verdict::kCandidate);
}

TEST(Compare, AFormerUpnIsAUpn) {
  EXPECT_EQ(Of({"", "Test-A", "Test-B", "2012-03-01", "A950000178301"},
               {"", "Test-A", "Test-B", "2012-03-01", "H243278544154",
                "A950000178301"})
                .verdict,
            Verdict::kSame);
}

// What finds must find whatever the rule calls more than nothing.
TEST(KeysOf, TwoThatAreMoreThanNothingShareAKey) {
  std::mt19937 random(7);
  const std::vector<std::string> names = {
      "",          "Test-Ann", "Test-Anne",  "Test-Sultana",
      "Baby",      "Twin 1",   "Smith",      "Smyth",
      "Иван",      "Ivan",     "12",         "李",
      "Test-Khan", "Unknown",  "Smith-Khan", "Test-Ann Test-Khan"};
  const std::vector<std::string> days = {"", "2012-01-01", "2012-05-06"};
  const std::vector<std::string> numbers = {"", kNumber, "9434765919"};
  const auto pick = [&](const auto& from) {
    return from[random() % from.size()];
  };
  int found = 0;
  for (int i = 0; i < 20000; i++) {
    const Written a = {pick(numbers), pick(names), pick(names), pick(days)};
    const Written b = {pick(numbers), pick(names), pick(names), pick(days)};
    if (Of(a, b).verdict == Verdict::kNone) continue;
    found++;
    bool share = false;
    for (const Key& x : KeysOf(Of(a))) {
      for (const Key& y : KeysOf(Of(b))) {
        share |= x.kind == y.kind && x.value == y.value;
      }
    }
    EXPECT_TRUE(share) << a.given << "|" << a.family << " " << b.given << "|"
                       << b.family;
  }
  EXPECT_GT(found, 1000);
}

TEST(Write, IsReadBack) {
  const Description child = Of({kNumber, "Baby", "Test-Crib", "2026-10-20",
                                "A950000178301", "H243278544154", "7"});
  EXPECT_EQ(Read(Write(child)), child);
  EXPECT_EQ(Read(""), Description());
  EXPECT_EQ(Read("\xFF\n\n"), Read("x"));
}

}  // namespace
}  // namespace seawall::child
