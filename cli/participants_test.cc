#include "cli/participants.h"

#include <gtest/gtest.h>

namespace seawall::cli {
namespace {

TEST(ParseParticipant, TakesAgencyPersonAndRole) {
  const auto all = ParseParticipant("--took-part", "police/p-12/sergeant");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->agency(), "police");
  EXPECT_EQ(all->person(), "p-12");
  EXPECT_EQ(all->role(), "sergeant");
  const auto agency = ParseParticipant("--took-part", "police");
  ASSERT_TRUE(agency);
  EXPECT_EQ(agency->agency(), "police");
  EXPECT_EQ(agency->person(), "");
  const auto person = ParseParticipant("--took-part", "police/p-12");
  ASSERT_TRUE(person);
  EXPECT_EQ(person->person(), "p-12");
  EXPECT_EQ(person->role(), "");
}

TEST(ParseParticipant, NeedsAnAgency) {
  for (const char* text : {"", "/p-12/sergeant"}) {
    const auto refused = ParseParticipant("--took-part", text);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "USAGE");
  }
}

TEST(ParsePair, IsPartedAtTheFirstEqualsSign) {
  const auto pair = ParsePair("--view", "police=a=b");
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->first, "police");
  EXPECT_EQ(pair->second, "a=b");
  EXPECT_TRUE(ParsePair("--view", "police="));
  EXPECT_FALSE(ParsePair("--view", "police"));
  EXPECT_FALSE(ParsePair("--view", "=text"));
}

}  // namespace
}  // namespace seawall::cli
