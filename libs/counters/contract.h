// What every implementation of Counters must do. A test includes this and calls
//   INSTANTIATE_TEST_SUITE_P(Memory, CountersContract, …)
// with a function that makes the counters; they need not be empty.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>

#include "libs/counters/counters.h"

namespace seawall::counters {

using MakeCounters = std::function<std::shared_ptr<Counters>()>;

class CountersContract : public testing::TestWithParam<MakeCounters> {
 protected:
  CountersContract() : counters_(GetParam()()) {
    // The same store may serve all tests; a journal of its own keeps them
    // apart.
    key_.journal_id =
        testing::UnitTest::GetInstance()->current_test_info()->name();
    EXPECT_TRUE(counters_->Delete(key_));
  }

  std::int64_t Apply(std::int64_t from, std::int64_t to,
                     const Increments& page) {
    const auto fence = counters_->Apply(key_, from, to, page);
    EXPECT_TRUE(fence) << fence.error().message;
    return fence ? fence->position : -1;
  }

  std::int64_t Value(const std::string& name) {
    const auto read = counters_->Get(key_, {name});
    EXPECT_TRUE(read) << read.error().message;
    return read ? read->values[0] : -1;
  }

  // Brings the counters to `last` from wherever they are, as a projector does:
  // position n adds n to `sum` and 1 to `n mod 7`.
  void Project(std::int64_t last) {
    std::int64_t fence = counters_->Fence(key_)->position;
    while (fence < last) {
      const std::int64_t to = std::min(fence + 3, last);
      Increments page;
      for (std::int64_t at = fence + 1; at <= to; ++at) {
        page["sum"] += at;
        page["mod" + std::to_string(at % 7)] += 1;
      }
      const auto reached = counters_->Apply(key_, fence, to, page);
      ASSERT_TRUE(reached) << reached.error().message;
      fence = reached->position;
    }
  }

  void ExpectProjected(std::int64_t last) {
    const auto all = counters_->GetAll(key_);
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(all->fence, last);
    EXPECT_EQ(all->values.at("sum"), last * (last + 1) / 2);
    std::int64_t events = 0;
    for (int i = 0; i < 7; ++i) {
      events += all->values.at("mod" + std::to_string(i));
    }
    EXPECT_EQ(events, last);
  }

  std::shared_ptr<Counters> counters_;
  Key key_{"test", "testshire", 1, ""};
};

TEST_P(CountersContract, AbsentHashHasFenceZeroAndNoValues) {
  EXPECT_EQ(*counters_->Fence(key_), 0);
  const auto all = counters_->GetAll(key_);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->fence, 0);
  EXPECT_TRUE(all->values.empty());
  const auto read = counters_->Get(key_, {"a", "b"});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->fence, 0);
  EXPECT_EQ(read->values, (std::vector<std::int64_t>{0, 0}));
}

TEST_P(CountersContract, PageIsAppliedAtItsFence) {
  EXPECT_EQ(Apply(0, 5, {{"a", 2}, {"b", -1}}), 5);
  EXPECT_EQ(Apply(5, 6, {{"a", 3}}), 6);
  const auto read = counters_->Get(key_, {"b", "absent", "a"});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->fence, 6);
  EXPECT_EQ(read->values, (std::vector<std::int64_t>{-1, 0, 5}));
}

TEST_P(CountersContract, PageFromAnotherFenceChangesNothing) {
  EXPECT_EQ(Apply(0, 5, {{"a", 2}}), 5);
  EXPECT_EQ(Apply(0, 5, {{"a", 2}}), 5) << "the same page again";
  EXPECT_EQ(Apply(4, 9, {{"a", 7}}), 5) << "an overlapping page";
  EXPECT_EQ(Apply(6, 9, {{"a", 7}}), 5) << "a page with a gap before it";
  EXPECT_EQ(Value("a"), 2);
}

TEST_P(CountersContract, EmptyPageMovesTheFence) {
  EXPECT_EQ(Apply(0, 40, {}), 40);
  EXPECT_EQ(*counters_->Fence(key_), 40);
  EXPECT_TRUE(counters_->GetAll(key_)->values.empty());
}

TEST_P(CountersContract, FenceIsNoValue) {
  Apply(0, 3, {{"a", 1}});
  const auto all = counters_->GetAll(key_);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->values, (std::map<std::string, std::int64_t>{{"a", 1}}));
}

TEST_P(CountersContract, LargestPageIsAppliedAndALargerOneRefused) {
  Increments page;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kMostNames; ++i) {
    names.push_back("contacts|2017-06-12|source=" + std::to_string(i));
    page[names.back()] = static_cast<std::int64_t>(i);
  }
  EXPECT_EQ(Apply(0, 1, page), 1);
  const auto read = counters_->Get(key_, names);
  ASSERT_TRUE(read);
  for (std::size_t i = 0; i < kMostNames; ++i) {
    ASSERT_EQ(read->values[i], static_cast<std::int64_t>(i));
  }
  page["one too many"] = 1;
  const auto refused = counters_->Apply(key_, 1, 2, page);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "COUNTERS_PAGE_TOO_LARGE");
  EXPECT_EQ(*counters_->Fence(key_), 1);
}

TEST_P(CountersContract, ValuesAreExactUpToTwoToThe53) {
  constexpr std::int64_t kLargest = std::int64_t{1} << 53;
  Apply(0, 1, {{"up", kLargest - 1}, {"down", 1 - kLargest}});
  EXPECT_EQ(Value("up"), kLargest - 1);
  Apply(1, 2, {{"up", 1}, {"down", -1}});
  EXPECT_EQ(Value("up"), kLargest);
  EXPECT_EQ(Value("down"), -kLargest);
  Apply(2, kLargest, {{"up", -kLargest}, {"down", kLargest}});
  EXPECT_EQ(Value("up"), 0);
  EXPECT_EQ(Value("down"), 0);
  EXPECT_EQ(*counters_->Fence(key_), kLargest);
}

TEST_P(CountersContract, NamesMayHoldAnyBytes) {
  const std::string odd = std::string("a b\r\n\0$3 ", 9) + "\xc3\xa9";
  Apply(0, 1, {{odd, 4}});
  EXPECT_EQ(Value(odd), 4);
}

TEST_P(CountersContract, HashesOfOtherKeysAreApart) {
  Key other = key_;
  other.definitions_version = 2;
  ASSERT_TRUE(counters_->Delete(other));
  Apply(0, 5, {{"a", 2}});
  EXPECT_EQ(*counters_->Fence(other), 0);
  ASSERT_TRUE(counters_->Apply(other, 0, 1, {{"a", 9}}));
  ASSERT_TRUE(counters_->Delete(key_));
  EXPECT_EQ(*counters_->Fence(key_), 0);
  EXPECT_EQ(counters_->Get(other, {"a"})->values[0], 9);
}

TEST_P(CountersContract, DeletedHashIsCountedAnew) {
  Project(50);
  ASSERT_TRUE(counters_->Delete(key_));
  ASSERT_TRUE(counters_->Delete(key_)) << "deleting nothing is no error";
  Project(80);
  ExpectProjected(80);
}

TEST_P(CountersContract, OlderCopyIsCaughtUpFromItsOwnFence) {
  Project(90);
  const auto newest = counters_->GetAll(key_);
  ASSERT_TRUE(counters_->Delete(key_));
  Project(20);  // as a copy taken then
  Project(90);
  EXPECT_EQ(counters_->GetAll(key_)->values, newest->values);
  ExpectProjected(90);
}

TEST_P(CountersContract, CompetingProjectorsCountEachEventOnce) {
  constexpr std::int64_t kLast = 900;
  std::vector<std::thread> projectors;
  for (int i = 0; i < 3; ++i) {
    projectors.emplace_back([this] { Project(kLast); });
  }
  for (std::thread& projector : projectors) projector.join();
  ExpectProjected(kLast);
}

TEST_P(CountersContract, FenceAndValuesAreReadAtOneMoment) {
  constexpr std::int64_t kLast = 900;
  std::thread projector([this] { Project(kLast); });
  std::int64_t fence = 0;
  while (fence < kLast) {
    const auto read = counters_->Get(key_, {"sum"});
    ASSERT_TRUE(read);
    fence = read->fence.position;
    ASSERT_EQ(read->values[0], fence * (fence + 1) / 2);
  }
  projector.join();
}

}  // namespace seawall::counters
