#include "libs/seal/sign.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/tempdir.h"

namespace seawall::seal {
namespace {

// Test 2 of RFC 8032, section 7.1.
constexpr char kSeed[] =
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
constexpr char kPublic[] =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr char kSignature[] =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

class SignTest : public testing::Test {
 protected:
  std::string Key(const std::string& text, mode_t mode = 0600) {
    std::string file = folder_.Write("signing.key", text);
    ::chmod(file.c_str(), mode);
    return file;
  }
  support::TemporaryFolder folder_;
};

TEST_F(SignTest, SignsAsTheStandardSays) {
  const Signer signer = Signer::Load(Key(kSeed)).value();
  EXPECT_EQ(signer.public_key(), kPublic);
  EXPECT_EQ(signer.Sign("\x72"), kSignature);
  EXPECT_TRUE(Verifies(kPublic, "\x72", kSignature));
}

TEST_F(SignTest, NothingElseVerifies) {
  EXPECT_FALSE(Verifies(kPublic, "\x73", kSignature));
  std::string other = kSignature;
  other[0] = '8';
  EXPECT_FALSE(Verifies(kPublic, "\x72", other));
  EXPECT_FALSE(Verifies(kSeed, "\x72", kSignature));
  EXPECT_FALSE(Verifies(kPublic, "\x72", ""));
  EXPECT_FALSE(Verifies("", "\x72", kSignature));
  EXPECT_FALSE(Verifies(kPublic, "\x72", std::string(128, 'x')));
  EXPECT_FALSE(Verifies(kPublic, "\x72", std::string(kSignature) + "00"));
}

TEST_F(SignTest, AKeyThatOthersCanReadIsRefused) {
  EXPECT_EQ(Signer::Load(Key(kSeed, 0644)).error().reason, "KEY_EXPOSED");
  EXPECT_EQ(Signer::Load(Key("short")).error().reason, "KEY_UNREADABLE");
}

}  // namespace
}  // namespace seawall::seal
