// Hiding small numbers in what is published. Pure; for one thread at a time.
//
// What is published of one count is a set of tables: its total and its ways of
// being split, for months, quarters and a reporting year, each again as known
// at later times. They are hidden together, so that no sum or difference over
// any of them gives a number of 1 to 5 that is hidden, also to a reader who
// knows that what is hidden is at least 1.
//
//  - A month hides its numbers of 1 to 5. Where a total is shown beside a
//    split, at least two cells are hidden or none, and one of them is 2 or
//    more: the next smallest that is not 0 is hidden with them, and where there
//    is none, the total. A month with a hidden total shows of its splits the
//    zeros alone.
//  - A quarter shows a number if all its months show it; a year, if all its
//    quarters do. Else it hides it, unless the number is 6 or more, two or more
//    of the parts hide it, and every month that hides it keeps cells that are
//    hidden at all levels: with these its hidden numbers could be others.
//  - What was hidden as known once stays hidden as known later, so that a late
//    record of one child does not bring out another.
//
// Source: counts of 1 to 5 and the second hidden cell are inferred from tables
// of the Department for Education (of 719 rows with hidden cells none has
// exactly one), as its written policy was not at hand.
//
// What it cannot do: sums of different counts (those who left are those who
// were seen, withdrew, …), and splits that lie inside each other (agencies and
// their groups).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace seawall::counters {

class Suppression {
 public:
  // A month's numbers: the total first, then the cells of each split in turn.
  using Row = std::vector<std::int64_t>;

  // Of 1, 3 or 12 months; `splits`: how many cells each has.
  Suppression(std::size_t months, const std::vector<std::size_t>& splits);

  // Takes what was known at a time, of the first `rows.size()` months; times
  // come in their order, and no month is taken away.
  void Publish(std::vector<Row> rows);

  // As known at the last time. Nodes are the months, then the quarters of a
  // year, then the whole; a single month is the whole.
  std::size_t nodes() const { return nodes_.size(); }
  bool hidden(std::size_t node, std::size_t cell) const {
    return nodes_[node].hidden[cell];
  }
  std::int64_t number(std::size_t node, std::size_t cell) const {
    return nodes_[node].numbers[cell];
  }

 private:
  struct Node {
    std::size_t first, last;            // months: first up to before last
    std::vector<std::size_t> children;  // none for a month
    Row numbers;
    std::vector<bool> hidden;
    std::vector<bool> told;  // shown as known at an earlier time
    bool published = false;
    // A reader knows it from no time.
    bool secret(std::size_t cell) const { return hidden[cell] && !told[cell]; }
  };
  struct Split {
    std::size_t first, last;  // cells: first up to before last
  };
  // Of the hidden cells of a split.
  struct Cells {
    int count = 0;
    std::int64_t largest = 0;
  };

  void AddNode(std::size_t first, std::size_t last,
               std::vector<std::size_t> children);
  void HideMonth(Node& month) const;
  bool HideNextSmallest(Node& month, const Split& split) const;
  void HidePeriod(Node& node);
  bool MayShow(const Node& node, std::size_t cell) const;
  bool IsSafe(const Node& node, std::size_t cell) const;
  bool IsRowSafe(std::size_t month, const Split& split) const;
  bool IsTotalSafe(const Node& node) const;
  bool HiddenInParts(const Node& node, std::size_t cell) const;
  std::vector<std::size_t> SecretMonths(const Node& node,
                                        std::size_t cell) const;
  static Cells Hidden(const Node& month, const Split& split);
  Cells SecretAtAllLevels(std::size_t month, const Split& split) const;

  std::size_t cells_ = 1;
  std::vector<Split> splits_;
  std::vector<Node> nodes_;
  std::size_t months_;
};

}  // namespace seawall::counters
