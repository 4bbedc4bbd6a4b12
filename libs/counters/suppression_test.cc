#include "libs/counters/suppression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <optional>
#include <random>
#include <string>

namespace seawall::counters {
namespace {

using Row = Suppression::Row;

// The total, added up here, and one split.
Row Of(std::vector<std::int64_t> cells) {
  Row row{std::accumulate(cells.begin(), cells.end(), std::int64_t{0})};
  row.insert(row.end(), cells.begin(), cells.end());
  return row;
}

// Shows hidden numbers as `c`; the total stands first.
std::string Shown(const Suppression& suppression, std::size_t node,
                  std::size_t cells) {
  std::string text;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    text += (cell == 0 ? "" : " ") +
            (suppression.hidden(node, cell)
                 ? std::string("c")
                 : std::to_string(suppression.number(node, cell)));
  }
  return text;
}

std::string Published(std::vector<std::int64_t> cells) {
  Suppression month(1, {cells.size()});
  month.Publish({Of(cells)});
  return Shown(month, 0, cells.size() + 1);
}

TEST(Month, OneToFiveAreHiddenAndZeroAndSixAreShown) {
  EXPECT_EQ(Published({0, 1, 5, 6}), "12 0 c c 6");
}

TEST(Month, TotalAloneFollowsTheSameRule) {
  EXPECT_EQ(Published({}), "0");
  for (const auto& [number, shown] : {std::pair(0, "0"), std::pair(1, "c"),
                                      std::pair(5, "c"), std::pair(6, "6")}) {
    Suppression month(1, {});
    month.Publish({{number}});
    EXPECT_EQ(Shown(month, 0, 1), shown);
  }
}

TEST(Month, SingleHiddenCellTakesTheNextSmallestWithIt) {
  EXPECT_EQ(Published({20, 3, 0, 9, 11}), "43 20 c 0 c 11");
}

TEST(Month, TwoHiddenCellsNeedNoThird) {
  EXPECT_EQ(Published({20, 3, 4, 9}), "36 20 c c 9");
}

// Two that are hidden and add up to 2 are 1 and 1.
TEST(Month, OnesAloneTakeTheNextSmallestWithThem) {
  EXPECT_EQ(Published({20, 1, 1, 9}), "31 20 c c c");
  EXPECT_EQ(Published({1, 1, 1, 1, 1, 1}), "c c c c c c c");
}

TEST(Month, NothingSmallHidesNothing) {
  EXPECT_EQ(Published({20, 0, 6}), "26 20 0 6");
}

TEST(Month, OnlyCellThatIsNotZeroHidesTheTotalToo) {
  EXPECT_EQ(Published({0, 4, 0}), "c 0 c 0");
}

// Each split would give the total of the other.
TEST(Month, AHiddenTotalShowsItselfInNoSplit) {
  Suppression month(1, {6, 2});
  month.Publish({{6, 1, 1, 1, 1, 1, 1, 6, 0}});
  EXPECT_EQ(Shown(month, 0, 9), "c c c c c c c c 0");
}

std::string Quarter(std::vector<std::int64_t> totals) {
  Suppression quarter(3, {});
  quarter.Publish({{totals[0]}, {totals[1]}, {totals[2]}});
  std::string text;
  for (std::size_t node = 0; node < 4; ++node)
    text += (node == 0 ? "" : " ") + Shown(quarter, node, 1);
  return text;
}

TEST(Quarter, HidesWhatItsMonthsWouldReveal) {
  EXPECT_EQ(Quarter({10, 3, 12}), "10 c 12 c");
  EXPECT_EQ(Quarter({10, 30, 12}), "10 30 12 52");
  EXPECT_EQ(Quarter({0, 0, 0}), "0 0 0 0");
  EXPECT_EQ(Quarter({2, 1, 0}), "c c 0 c");
}

TEST(Quarter, ShowsASumThatTwoHiddenMonthsShare) {
  EXPECT_EQ(Quarter({4, 3, 12}), "c c 12 19");
  EXPECT_EQ(Quarter({2, 3, 4}), "c c c 9");
  // Both are known to be 1 by him who knows that neither is 0.
  EXPECT_EQ(Quarter({1, 1, 12}), "c c 12 c");
}

TEST(Year, HidesWhatItsQuartersWouldReveal) {
  Suppression year(12, {});
  std::vector<Row> rows(12, Row{20});
  rows[4] = {3};
  year.Publish(rows);
  EXPECT_EQ(Shown(year, 13, 1), "c");
  EXPECT_EQ(Shown(year, 12, 1), "60");
  EXPECT_EQ(Shown(year, 16, 1), "c");
  rows[8] = {2};
  Suppression other(12, {});
  other.Publish(rows);
  EXPECT_EQ(Shown(other, 14, 1), "c");
  EXPECT_EQ(Shown(other, 16, 1), "205");
}

TEST(Times, WhatWasHiddenStaysHidden) {
  Suppression month(1, {4});
  month.Publish({Of({3, 8, 9, 20})});
  EXPECT_EQ(Shown(month, 0, 5), "40 c c 9 20");
  // The second would now be the third cell, and 3 = 41 - 10 - 8 - 20 for him
  // who kept the first table.
  month.Publish({Of({3, 11, 9, 20})});
  EXPECT_EQ(Shown(month, 0, 5), "43 c c 9 20");
}

TEST(Times, AMonthIsHiddenAlikeWhicheverPeriodIsAsked) {
  const std::vector<Row> rows{Of({3, 8, 9, 20}), Of({30, 8, 9, 20}),
                              Of({2, 1, 9, 20})};
  Suppression quarter(3, {4});
  for (std::size_t known = 1; known <= 3; ++known)
    quarter.Publish({rows.begin(), rows.begin() + known});
  for (std::size_t month = 0; month < 3; ++month) {
    Suppression alone(1, {4});
    alone.Publish({rows[month]});
    EXPECT_EQ(Shown(alone, 0, 5), Shown(quarter, month, 5)) << month;
  }
}

// ---- the attacker, who has every table ----

constexpr std::int64_t kLargestSmall = 5;

struct Shape {
  std::size_t months;
  std::vector<std::size_t> splits;
  std::size_t cells() const {
    return std::accumulate(splits.begin(), splits.end(), std::size_t{1});
  }
};

struct Span {
  std::size_t first, last;
};

std::vector<Span> SpansOf(const Shape& shape) {
  std::vector<Span> spans;
  for (std::size_t m = 0; m < shape.months; ++m) spans.push_back({m, m + 1});
  for (std::size_t m = 0; m < shape.months && shape.months > 1; m += 3)
    spans.push_back({m, m + 3});
  if (shape.months > 3) spans.push_back({0, shape.months});
  return spans;
}

// By sums and differences: Gaussian elimination over a prime field. The unknown
// are the cells of all months.
class Sums {
 public:
  Sums(const Shape& shape, const Suppression& tables) : shape_(shape) {
    const auto spans = SpansOf(shape);
    for (std::size_t month = 0; month < shape.months; ++month) {
      std::size_t cell = 1;
      for (const std::size_t size : shape.splits) {
        Line line(shape.months * shape.cells());
        line[At(month, 0)] = kPrime - 1;
        for (std::size_t i = 0; i < size; ++i) line[At(month, cell++)] = 1;
        Learn(std::move(line));
      }
    }
    for (std::size_t node = 0; node < spans.size(); ++node)
      for (std::size_t cell = 0; cell < shape.cells(); ++cell)
        if (!tables.hidden(node, cell)) Learn(SumOf(spans[node], cell));
  }

  bool Knows(const Span& span, std::size_t cell) const {
    Line line = SumOf(span, cell);
    return Reduce(line) == line.size();
  }

 private:
  using Line = std::vector<std::int64_t>;
  static constexpr std::int64_t kPrime = 1'000'000'007;

  std::size_t At(std::size_t month, std::size_t cell) const {
    return month * shape_.cells() + cell;
  }
  Line SumOf(const Span& span, std::size_t cell) const {
    Line line(shape_.months * shape_.cells());
    for (std::size_t m = span.first; m < span.last; ++m) line[At(m, cell)] = 1;
    return line;
  }
  static std::int64_t Inverse(std::int64_t of) {
    std::int64_t result = 1;
    for (std::int64_t power = kPrime - 2; power > 0; power /= 2) {
      if (power % 2 == 1) result = result * of % kPrime;
      of = of * of % kPrime;
    }
    return result;
  }
  // Takes away what is known; the first place that is left.
  std::size_t Reduce(Line& line) const {
    for (const auto& [pivot, known] : known_) {
      const std::int64_t times = line[pivot];
      if (times == 0) continue;
      for (std::size_t i = pivot; i < line.size(); ++i)
        line[i] = (line[i] + (kPrime - times) * known[i]) % kPrime;
    }
    return static_cast<std::size_t>(
        std::find_if(line.begin(), line.end(),
                     [](std::int64_t one) { return one != 0; }) -
        line.begin());
  }
  void Learn(Line line) {
    const std::size_t pivot = Reduce(line);
    if (pivot == line.size()) return;
    const std::int64_t inverse = Inverse(line[pivot]);
    for (std::int64_t& one : line) one = one * inverse % kPrime;
    known_.emplace(pivot, std::move(line));
  }

  const Shape& shape_;
  std::map<std::size_t, Line> known_;  // by first place
};

// By intervals: a number is safe where other numbers fit every table too, and
// what is hidden is no zero in them. Looks for such numbers that differ by 1 in
// at most two months.
class Others {
 public:
  Others(const Shape& shape, const Suppression& tables)
      : shape_(shape), tables_(tables), spans_(SpansOf(shape)) {}

  bool Exist(std::size_t node, std::size_t cell) const {
    const Span& span = spans_[node];
    for (std::size_t one = span.first; one < span.last; ++one)
      for (std::size_t other = 0; other < shape_.months; ++other)
        for (int by : {-1, 0, 1})
          for (int back : {-1, 0, 1})
            if (Fits({one, other, by, back}, span, cell)) return true;
    return false;
  }

 private:
  // Changes of the totals of two months, or of one.
  struct Change {
    std::size_t one, other;
    int by, back;
  };

  bool Fits(const Change& change, const Span& span, std::size_t target) const {
    if (change.one == change.other && change.back != 0) return false;
    if (!Allowed(change, 0, change.by, change.back)) return false;
    const bool both = Within(span, change.other) && change.one != change.other;
    if (target == 0 && change.by + (both ? change.back : 0) == 0) return false;
    std::size_t first = 1;
    for (const std::size_t size : shape_.splits) {
      const bool aimed = target >= first && target < first + size;
      if (!SplitFits(change, {first, first + size},
                     aimed ? std::optional(target) : std::nullopt, both))
        return false;
      first += size;
    }
    return true;
  }

  // Whether a split's cells can follow: at most two of each month change.
  bool SplitFits(const Change& change, const Span& cells,
                 std::optional<std::size_t> target, bool both) const {
    const auto ones = Moves(cells, change.by);
    const auto others = change.one == change.other
                            ? std::vector<std::map<std::size_t, int>>{{}}
                            : Moves(cells, change.back);
    for (const auto& one : ones)
      for (const auto& other : others) {
        const auto of = [](const auto& move, std::size_t cell) {
          const auto found = move.find(cell);
          return found == move.end() ? 0 : found->second;
        };
        bool fits = true;
        for (std::size_t cell = cells.first; cell < cells.last; ++cell)
          fits = fits && Allowed(change, cell, of(one, cell), of(other, cell));
        if (target && of(one, *target) + (both ? of(other, *target) : 0) == 0)
          fits = false;
        if (fits) return true;
      }
    return false;
  }

  static std::vector<std::map<std::size_t, int>> Moves(const Span& cells,
                                                       int sum) {
    std::vector<std::map<std::size_t, int>> moves;
    if (sum == 0) moves.push_back({});
    for (std::size_t up = cells.first; up < cells.last; ++up) {
      if (sum != 0) moves.push_back({{up, sum}});
      for (std::size_t down = cells.first; sum == 0 && down < cells.last;
           ++down)
        if (up != down) moves.push_back({{up, 1}, {down, -1}});
    }
    return moves;
  }

  bool Allowed(const Change& change, std::size_t cell, int one,
               int other) const {
    for (std::size_t node = 0; node < spans_.size(); ++node) {
      int sum = 0;
      if (Within(spans_[node], change.one)) sum += one;
      if (Within(spans_[node], change.other)) sum += other;
      if (sum == 0) continue;
      if (!tables_.hidden(node, cell)) return false;
      if (tables_.number(node, cell) + sum < 1) return false;
    }
    return true;
  }

  static bool Within(const Span& span, std::size_t month) {
    return span.first <= month && month < span.last;
  }

  const Shape& shape_;
  const Suppression& tables_;
  const std::vector<Span> spans_;
};

// Months of invented numbers: much is nothing, some is small, some is not.
class Invented {
 public:
  Invented(const Shape& shape, unsigned seed) : shape_(shape), random_(seed) {}

  Row Month() {
    constexpr int kSizes[] = {0, 1, 4, 12, 40, 200};
    Row row(shape_.cells());
    for (int i = Up(kSizes[Up(5)]); i > 0; --i) Add(row);
    return row;
  }
  // One more, of one cell of each split.
  void Add(Row& row) {
    row[0]++;
    std::size_t first = 1;
    for (const std::size_t size : shape_.splits) {
      // Some cells are rarer than others.
      row[first + std::min(Up(size - 1), Up(size - 1))]++;
      first += size;
    }
  }
  std::size_t Up(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(random_);
  }

 private:
  const Shape& shape_;
  std::mt19937 random_;
};

void ExpectNothingDerived(const Shape& shape, const Suppression& tables,
                          unsigned seed) {
  const Sums sums(shape, tables);
  const Others others(shape, tables);
  const auto spans = SpansOf(shape);
  ASSERT_EQ(spans.size(), tables.nodes());
  for (std::size_t node = 0; node < spans.size(); ++node)
    for (std::size_t cell = 0; cell < shape.cells(); ++cell) {
      const std::int64_t number = tables.number(node, cell);
      if (number < 1 || number > kLargestSmall) continue;
      ASSERT_TRUE(tables.hidden(node, cell))
          << "seed " << seed << " node " << node << " cell " << cell;
      ASSERT_FALSE(sums.Knows(spans[node], cell))
          << "seed " << seed << " node " << node << " cell " << cell;
      ASSERT_TRUE(others.Exist(node, cell))
          << "seed " << seed << " node " << node << " cell " << cell << ": "
          << number;
    }
}

class Attack : public testing::TestWithParam<Shape> {};

TEST_P(Attack, DerivesNoSmallNumberFromAllTablesOfAPeriod) {
  const Shape& shape = GetParam();
  const unsigned seeds = shape.months == 12 ? 100 : 1000;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    Invented invented(shape, seed);
    Suppression tables(shape.months, shape.splits);
    std::vector<Row> rows;
    for (std::size_t m = 0; m < shape.months; ++m) {
      rows.push_back(invented.Month());
      tables.Publish(rows);
    }
    ExpectNothingDerived(shape, tables, seed);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Attack,
                         testing::Values(Shape{1, {}}, Shape{1, {3}},
                                         Shape{1, {4, 3}}, Shape{3, {}},
                                         Shape{3, {3}}, Shape{3, {5, 3}},
                                         Shape{12, {}}, Shape{12, {4}},
                                         Shape{12, {6, 3}}));

}  // namespace
}  // namespace seawall::counters
