#include "libs/base/turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace seawall {
namespace {

using testing::ElementsAre;

class TurnsTest : public testing::Test {
 protected:
  std::vector<std::string> All() {
    std::vector<std::string> all;
    while (auto one = turns_.Pop()) all.push_back(one->what);
    return all;
  }
  Turns<std::string> turns_;
};

TEST_F(TurnsTest, OneLineIsServedInItsOrder) {
  for (const char* what : {"a1", "a2", "a3"}) turns_.Push("a", what);
  EXPECT_THAT(All(), ElementsAre("a1", "a2", "a3"));
}

TEST_F(TurnsTest, LinesAreServedInTurnHoweverLongOneIs) {
  for (const char* what : {"a1", "a2", "a3", "a4"}) turns_.Push("a", what);
  turns_.Push("b", "b1");
  turns_.Push("c", "c1");
  turns_.Push("b", "b2");
  EXPECT_THAT(All(), ElementsAre("a1", "b1", "c1", "a2", "b2", "a3", "a4"));
}

TEST_F(TurnsTest, WhatIsGivenBackIsTheFirstOfItsLine) {
  turns_.Push("a", "a2");
  turns_.GiveBack("a", "a1");
  turns_.GiveBack("b", "b1");
  EXPECT_EQ(turns_.size(), 3u);
  EXPECT_THAT(All(), ElementsAre("a1", "b1", "a2"));
}

TEST_F(TurnsTest, ALineThatMayNotIsPassedOverAndKeepsItsTurn) {
  turns_.Push("a", "a1");
  turns_.Push("b", "b1");
  const auto not_a = [](const std::string& who) { return who != "a"; };
  const auto turn = turns_.Pop(not_a);
  EXPECT_EQ(turn->who, "b");
  EXPECT_EQ(turn->what, "b1");
  EXPECT_FALSE(turns_.Pop(not_a));
  EXPECT_EQ(turns_.size("a"), 1u);
  EXPECT_THAT(All(), ElementsAre("a1"));
}

TEST_F(TurnsTest, WhatCannotBeCopiedIsMoved) {
  Turns<std::unique_ptr<int>> turns;
  turns.Push("a", std::make_unique<int>(7));
  EXPECT_EQ(*turns.Pop()->what, 7);
  EXPECT_TRUE(turns.empty());
}

}  // namespace
}  // namespace seawall
