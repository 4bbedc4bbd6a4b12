#include "libs/base/text.h"

#include <gtest/gtest.h>

namespace seawall {
namespace {

TEST(Trimmed, TakesSpacesOfEveryKindFromBothEnds) {
  EXPECT_EQ(Trimmed("\ufeff \u00a0\thigh \u200b\r\n\u3000"), "high");
  EXPECT_EQ(Trimmed("two words"), "two words");
  EXPECT_EQ(Trimmed("é"), "é");
  EXPECT_EQ(Trimmed(" \xc2"), "\xc2");  // half a character is no space
}

TEST(Blank, IsWhatHoldsSpacesAlone) {
  EXPECT_TRUE(Blank(""));
  EXPECT_TRUE(Blank(" \u00a0\n"));
  EXPECT_FALSE(Blank(" x "));
}

}  // namespace
}  // namespace seawall
