#include "libs/child/names.h"

#include <gtest/gtest.h>

#include <thread>

namespace seawall::child {
namespace {

TEST(Fold, DropsCaseSpacesAndPunctuation) {
  EXPECT_EQ(Fold("Test-O'Neill"), "testoneill");
  EXPECT_EQ(Fold("Test\u2013O\u2019Neill"), "testoneill");
  EXPECT_EQ(Fold("  TEST  van der\u00A0Berg, Jr. "), "testvanderbergjr");
  EXPECT_EQ(Fold("Test-12"), "test12");
  EXPECT_EQ(Fold(""), "");
  EXPECT_EQ(Fold(" -'. "), "");
}

TEST(Fold, DropsAccentsOfLatinLetters) {
  EXPECT_EQ(Fold("Zoë"), "zoe");
  EXPECT_EQ(Fold("SIÂN"), "sian");
  EXPECT_EQ(Fold("Núñez"), "nunez");
  EXPECT_EQ(Fold("Łukasz Żółć"), "lukaszzolc");
  EXPECT_EQ(Fold("Strauß"), "strauss");
  EXPECT_EQ(Fold("Ærøskøbing"), "aeroskobing");
  EXPECT_EQ(Fold("Çelik İbrahim ışık"), "celikibrahimisik");
  EXPECT_EQ(Fold("Ștefan Țepeș"), "stefantepes");
  EXPECT_EQ(Fold("Nguyễn"), "nguyen");
  EXPECT_EQ(Fold("Ọlá"), "ola");
  EXPECT_EQ(Fold("Ɓala Ɗan Ƙofa"), "baladankofa");
}

TEST(Fold, ANameIsTheSameInCapitalsInEveryScript) {
  const std::pair<const char*, const char*> kPairs[] = {
      {"Тест-Анна", "ТЕСТ-АННА"},
      {"Тест-Йосиф Їжак", "ТЕСТ-ЙОСИФ ЇЖАК"},
      {"Τεστ-Ελένη", "ΤΕΣΤ-ΕΛΈΝΗ"},
      {"Αλέξανδρος", "ΑΛΈΞΑΝΔΡΟΣ"},
      {"Թեստ-Արամ", "ԹԵՍՏ-ԱՐԱՄ"},
      {"Strauß", "STRAUSS"},
      {"ﬁona", "FIONA"},
      {"Ｔｅｓｔ", "Test"}};
  for (const auto& [one, other] : kPairs) {
    EXPECT_FALSE(Fold(one).empty());
    EXPECT_EQ(Fold(one), Fold(other)) << one << " " << other;
  }
}

TEST(Fold, ComposedAndDecomposedLettersAreTheSame) {
  EXPECT_EQ(Fold("Zoe\u0308"), Fold("Zo\u00EB"));
  EXPECT_EQ(Fold("N\u0303"), Fold("\u00D1"));
  EXPECT_EQ(Fold("\u0438\u0306"), Fold("\u0439"));  // й
  EXPECT_EQ(Fold("\u0456\u0308"), Fold("\u0457"));  // ї
  EXPECT_EQ(Fold("각"), Fold("\u1100\u1161\u11A8"));
}

TEST(Fold, OtherScriptsAreWrittenInLatinLetters) {
  EXPECT_EQ(Fold("Иван"), "ivan");
  EXPECT_EQ(Fold("Ελένη"), "elene");
  for (const char* name :
       {"محمد", "李 小龍", "たろう", "שרה", "ਸਿੰਘ", "செல்வி"}) {
    const std::string folded = Fold(name);
    EXPECT_FALSE(folded.empty()) << name;
    for (const char c : folded) {
      EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
          << name << " " << folded;
    }
  }
  EXPECT_NE(Fold("李"), Fold("王"));
}

TEST(Fold, MarksWithoutWidthAreNothing) {
  EXPECT_EQ(Fold("Te\u200Bst\u200E\uFEFF\u00AD"), "test");
}

TEST(Fold, DropsBytesThatAreNoUtf8) {
  EXPECT_EQ(Fold("Te\xFFst"), "test");
  EXPECT_EQ(Fold("Te\xC3st"), "test");
  EXPECT_EQ(Fold("Test\xE2\x80"), "test");
  EXPECT_EQ(Fold(std::string("Te\0st", 5)), "test");
}

TEST(Fold, IsItsOwnNormalForm) {
  for (const char* name :
       {"Test-O’Néill", "Łukasz", "محمد", "Strauß", "Иван", "李小龍", "Þór"}) {
    const std::string once = Fold(name);
    EXPECT_EQ(Fold(once), once) << name;
  }
}

TEST(Fold, IsTheSameOnEveryThread) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; n++) wrong += Fold("Иван Ελένη") != "ivanelene";
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

std::string SoundOf(const char* name) { return Sound(Fold(name)); }

TEST(Sound, NamesThatSoundAlikeShareACode) {
  const std::pair<const char*, const char*> kAlike[] = {
      {"Smith", "Smyth"},       {"Phillips", "Filips"},
      {"Catherine", "Kathryn"}, {"Knight", "Night"},
      {"Wright", "Right"},      {"Clark", "Klarke"},
      {"Dixon", "Dixson"},      {"Hughes", "Hews"},
      {"Dickson", "Dikson"},    {"Schmidt", "Shmid"},
      {"O’Neill", "ONeal"},     {"Test-Łukasz", "Test Lukas"},
      {"Xavier", "Savier"},     {"Edgeley", "Ejeley"},
      {"Evans", "Ivans"},       {"McKenzie", "MacKensie"},
      {"Whelan", "Welan"},      {"Psmith", "Smith"},
      {"Иванова", "Ivanova"}};
  for (const auto& [one, other] : kAlike) {
    EXPECT_EQ(SoundOf(one), SoundOf(other)) << one << " " << other;
  }
}

TEST(Sound, NamesThatSoundDifferentDiffer) {
  const std::pair<const char*, const char*> kDifferent[] = {
      {"Smith", "Smart"},   {"Jones", "James-Brown"}, {"Brown", "Green"},
      {"Patel", "Pavel"},   {"Ahmed", "Akram"},       {"Khan", "Chan"},
      {"Taylor", "Tanner"}, {"Wilson", "Watson"}};
  for (const auto& [one, other] : kDifferent) {
    EXPECT_NE(SoundOf(one), SoundOf(other)) << one << " " << other;
  }
}

TEST(Sound, IsALetterAndUpToFourDigits) {
  EXPECT_EQ(SoundOf("Smith"), "S75");
  EXPECT_EQ(SoundOf("Featherstonehaugh").size(), 5u);
  EXPECT_EQ(SoundOf("Lee"), "L");
  EXPECT_EQ(SoundOf("Eve"), "A2");
  EXPECT_EQ(SoundOf("Ghosh"), "G4");
}

TEST(Sound, IsEmptyWithoutLetters) {
  EXPECT_EQ(SoundOf(""), "");
  EXPECT_EQ(SoundOf("12 -'"), "");
  EXPECT_EQ(SoundOf("\xFF\xFE"), "");
}

TEST(IsStandIn, KnowsWhatIsWrittenBeforeAChildIsNamed) {
  for (const char* name : {"",
                           " - ",
                           "Baby",
                           "BABY BOY",
                           "Baby girl Khan",
                           "Baby of Amina",
                           "Twin 1",
                           "Twin II",
                           "TWIN2",
                           "BabyB",
                           "Infant",
                           "Unknown",
                           "unknown male",
                           "Newborn",
                           "Not Known",
                           "N/K",
                           "Test-Baby",
                           "Test-Twin 1",
                           "Male",
                           "Triplet C",
                           "Unborn",
                           "Not yet named"}) {
    EXPECT_TRUE(IsStandIn(name)) << name;
  }
}

TEST(IsStandIn, LeavesNamesAlone) {
  for (const char* name :
       {"Test-Sam", "Son", "Na", "Bobby", "Infanta", "Winona", "Boyd", "J",
        "Nota", "Twinkle", "Unity", "Girlie", "Babette", "Test", "Иван"}) {
    EXPECT_FALSE(IsStandIn(name)) << name;
  }
}

TEST(IsUnknown, IsSaidOfSurnamesToo) {
  for (const char* name : {"", "Unknown", "not known", "N/K", "Test-Unknown"}) {
    EXPECT_TRUE(IsUnknown(name)) << name;
  }
  for (const char* name : {"Newborn", "Child", "Baby", "Boy", "Nkemelu"}) {
    EXPECT_FALSE(IsUnknown(name)) << name;
  }
}

TEST(Rules, NameTheVersionOfIcu) {
  EXPECT_NE(Rules().find("/icu"), std::string::npos);
}

TEST(NamesTest, PointsAndLettersThatArabicLeavesOpenAreTheSame) {
  EXPECT_EQ(Fold("فاطمة"), Fold("فاطمه"));
  EXPECT_EQ(Fold("مُحَمَّد"), Fold("محمد"));
  EXPECT_EQ(Fold("أحمد"), Fold("احمد"));
  EXPECT_EQ(Fold("דָּוִד"), Fold("דוד"));
}

}  // namespace
}  // namespace seawall::child
