#include "libs/seal/seal.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace seawall::seal {
namespace {

const std::string kSecret(32, 'k');
const std::string kPlain = "Test-Child, born 2012-02-29";
const std::string kPlace = Place("contacts", "test-area", "C-1");

class KeyFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "seal-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text,
                    mode_t mode = 0600) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  std::string Key(char digit) {
    return Write(std::string(1, digit), std::string(64, digit) + "\n");
  }

  std::filesystem::path folder_;
};

std::string ReasonOf(const Result<std::string>& opened) {
  return opened ? "" : opened.error().reason;
}

TEST(Sealed, OpensInItsPlace) {
  const Sealer sealer = Sealer::FromSecret(kSecret);
  for (const std::string& plain :
       {kPlain, std::string(), std::string("a\0b", 3),
        std::string(100000, 'x')}) {
    EXPECT_EQ(sealer.Open(sealer.Seal(plain, kPlace), kPlace).value(), plain);
  }
}

TEST(Sealed, ShowsNothingAndIsNeverTwiceTheSame) {
  const Sealer sealer = Sealer::FromSecret(kSecret);
  const std::string sealed = sealer.Seal(kPlain, kPlace);
  EXPECT_EQ(sealed.find("Test-Child"), std::string::npos);
  EXPECT_NE(sealed, sealer.Seal(kPlain, kPlace));
}

TEST(Sealed, DoesNotOpenInAnotherPlace) {
  const Sealer sealer = Sealer::FromSecret(kSecret);
  const std::string sealed = sealer.Seal(kPlain, kPlace);
  for (const std::string& place :
       {Place("contacts", "test-area", "C-2"),
        Place("contacts", "other-area", "C-1"),
        Place("answers", "test-area", "C-1"), std::string()}) {
    EXPECT_EQ(ReasonOf(sealer.Open(sealed, place)), "SEAL_BROKEN");
  }
}

TEST(Sealed, DoesNotOpenWithAnyByteChanged) {
  const Sealer sealer = Sealer::FromSecret(kSecret);
  const std::string sealed = sealer.Seal(kPlain, kPlace);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    for (const char other : {'A', 'B', 'z', ' ', '=', '.'}) {
      std::string changed = sealed;
      if (changed[at] == other) continue;
      changed[at] = other;
      // The key's id comes first.
      EXPECT_EQ(ReasonOf(sealer.Open(changed, kPlace)),
                at < sealed.find('.') && other != '.' ? "SEAL_KEY_MISSING"
                                                      : "SEAL_BROKEN")
          << at << other;
    }
  }
}

TEST(Sealed, DoesNotOpenCutOrGarbled) {
  const Sealer sealer = Sealer::FromSecret(kSecret);
  const std::string sealed = sealer.Seal(kPlain, kPlace);
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(sealer.Open(sealed.substr(0, size), kPlace)) << size;
  }
  EXPECT_FALSE(sealer.Open(sealed + "AAAA", kPlace));
  EXPECT_FALSE(sealer.Open(sealed + "\n", kPlace));
}

TEST(Sealed, DoesNotOpenWithAnotherKeyAndTheErrorShowsNothing) {
  const Sealer sealer = Sealer::FromSecret(kSecret);
  const std::string sealed = sealer.Seal(kPlain, kPlace);
  const auto opened =
      Sealer::FromSecret(std::string(32, 'z')).Open(sealed, kPlace);
  EXPECT_EQ(ReasonOf(opened), "SEAL_KEY_MISSING");
  EXPECT_EQ(opened.error().message.find(sealed.substr(0, 8)),
            std::string::npos);
}

TEST(Sealed, IsBase64AfterTheKeysId) {
  const std::string sealed = Sealer::FromSecret(kSecret).Seal(kPlain, kPlace);
  EXPECT_EQ(sealed.find('.'), 8);
  EXPECT_EQ(sealed.find_first_not_of("0123456789abcdef.", 0) > 8, true);
  EXPECT_EQ((sealed.size() - 9) % 4, 0);
}

TEST(Hash, IsTheSameForTheSameValueAlone) {
  const Sealer sealer = Sealer::FromSecret(kSecret);
  const std::string hash = sealer.Hash("nhs_number", "9434765919");
  EXPECT_EQ(hash, sealer.Hash("nhs_number", "9434765919"));
  EXPECT_NE(hash, sealer.Hash("nhs_number", "9434765870"));
  EXPECT_EQ(hash.size(), 8 + 1 + 32);
}

TEST(Hash, KeepsKindsApart) {
  const Sealer sealer = Sealer::FromSecret(kSecret);
  EXPECT_NE(sealer.Hash("nhs_number", "9434765919"),
            sealer.Hash("upn", "9434765919"));
  EXPECT_NE(sealer.Hash("ab", "c"), sealer.Hash("a", "bc"));
}

TEST(Hash, DependsOnTheKey) {
  EXPECT_NE(Sealer::FromSecret(kSecret).Hash("upn", "X"),
            Sealer::FromSecret(std::string(32, 'z')).Hash("upn", "X"));
}

// Values written down once: a change of the derivation would make every stored
// look-up miss.
TEST(Hash, IsTheSameInEveryRelease) {
  EXPECT_EQ(Sealer::FromSecret(kSecret).Hash("upn", "A123456789012"),
            "bf3a6c51.87ee201e22ba777158814c07e8a9c292");
}

TEST(SealedId, IsEqualForEqualIdsAloneAndOpens) {
  const Sealer sealer = Sealer::FromSecret(std::string(32, 'k'));
  const std::string one = sealer.SealId("reference", "Test-943 476 5919");
  EXPECT_EQ(one, sealer.SealId("reference", "Test-943 476 5919"));
  EXPECT_NE(one, sealer.SealId("reference", "Test-943 476 5910"));
  EXPECT_NE(one, sealer.SealId("event_id", "Test-943 476 5919"));
  EXPECT_EQ(one.find("943"), std::string::npos);
  EXPECT_EQ(sealer.OpenId("reference", one).value(), "Test-943 476 5919");
  EXPECT_EQ(sealer.OpenId("event_id", one).error().reason, "SEAL_BROKEN");
  EXPECT_EQ(sealer.SealId("reference", ""), "");
  EXPECT_EQ(sealer.OpenId("reference", "").value(), "");
}

TEST(SealedId, WhatOnlyLooksSealedIsSealedToo) {
  const Sealer sealer = Sealer::FromSecret(std::string(32, 'k'));
  const std::string twice =
      sealer.SealId("reference", sealer.SealId("reference", "a"));
  EXPECT_EQ(sealer.OpenId("reference", twice).value(),
            sealer.SealId("reference", "a"));
}

TEST_F(KeyFiles, AnIdIsFoundAndRenewedAfterAChangeOfKeys) {
  const std::string old_file = Write("old.key", std::string(64, '1'));
  const std::string new_file = Write("new.key", std::string(64, '2'));
  const Sealer before = Sealer::Load({old_file}).value();
  const Sealer after = Sealer::Load({new_file, old_file}).value();
  const std::string stored = before.SealId("reference", "a");
  const auto sought = after.SealIds("reference", "a");
  ASSERT_EQ(sought.size(), 2u);
  EXPECT_EQ(sought[0], after.SealId("reference", "a"));
  EXPECT_EQ(sought[1], stored);
  EXPECT_EQ(after.RenewId("reference", stored).value(), sought[0]);
  EXPECT_EQ(after.RenewId("reference", sought[0]).value(), sought[0]);
}

TEST_F(KeyFiles, NewestSealsAndOldOnesStillOpen) {
  const std::string old_file = Key('1');
  const std::string new_file = Key('2');
  const Sealer old_sealer = Sealer::Load({old_file}).value();
  const Sealer both = Sealer::Load({new_file, old_file}).value();
  const Sealer fresh = Sealer::Load({new_file}).value();

  EXPECT_EQ(both.Open(old_sealer.Seal(kPlain, kPlace), kPlace).value(), kPlain);
  EXPECT_EQ(fresh.Open(both.Seal(kPlain, kPlace), kPlace).value(), kPlain);
  EXPECT_FALSE(fresh.Open(old_sealer.Seal(kPlain, kPlace), kPlace));
  EXPECT_EQ(both.Hashes("upn", "X"),
            (std::vector<std::string>{fresh.Hash("upn", "X"),
                                      old_sealer.Hash("upn", "X")}));
  EXPECT_EQ(both.Hash("upn", "X"), fresh.Hash("upn", "X"));
}

TEST_F(KeyFiles, FileAndItsBytesGiveTheSameKeys) {
  const Sealer loaded = Sealer::Load({Key('5')}).value();
  EXPECT_EQ(loaded.Hash("upn", "X"),
            Sealer::FromSecret(std::string(32, '\x55')).Hash("upn", "X"));
}

TEST_F(KeyFiles, OnesThatOthersCanUseAreRefused) {
  for (const mode_t mode : {0640, 0604, 0620, 0601, 0666}) {
    const std::string file = Write("key", std::string(64, 'a'), mode);
    const auto loaded = Sealer::Load({file});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().reason, "KEY_EXPOSED");
    EXPECT_NE(loaded.error().message.find(file), std::string::npos);
  }
}

TEST_F(KeyFiles, WrongOnesAreRefusedWithoutShowingThem) {
  const std::vector<std::string> texts = {
      "",
      std::string(63, 'a'),
      std::string(65, 'a'),
      std::string(128, 'a'),
      std::string(32, 'a') + " " + std::string(31, 'a'),
      std::string(64, 'g')};
  for (const std::string& text : texts) {
    const auto loaded = Sealer::Load({Write("key", text)});
    ASSERT_FALSE(loaded) << text;
    EXPECT_EQ(loaded.error().reason, "KEY_UNREADABLE");
    EXPECT_EQ(loaded.error().message.find("aaaa"), std::string::npos);
  }
}

TEST_F(KeyFiles, MissingOnesAreRefused) {
  for (const std::vector<std::string>& files :
       {std::vector<std::string>{},
        std::vector<std::string>{(folder_ / "none").string()},
        std::vector<std::string>{folder_.string()}}) {
    EXPECT_EQ(Sealer::Load(files).error().reason, "KEY_UNREADABLE");
  }
}

TEST_F(KeyFiles, SealerCanBeMoved) {
  Sealer first = Sealer::FromSecret(kSecret);
  const std::string sealed = first.Seal(kPlain, kPlace);
  const Sealer second = std::move(first);
  EXPECT_EQ(second.Open(sealed, kPlace).value(), kPlain);
}

}  // namespace
}  // namespace seawall::seal
