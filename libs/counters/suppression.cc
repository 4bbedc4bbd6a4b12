#include "libs/counters/suppression.h"

#include <algorithm>
#include <numeric>

namespace seawall::counters {

namespace {

constexpr std::int64_t kSmallest = 1;
constexpr std::int64_t kLargest = 5;
// A hidden number of at least this may be one less, to a reader who knows that
// what is hidden is no zero.
constexpr std::int64_t kSlack = 2;

constexpr std::size_t kTotal = 0;
constexpr std::size_t kQuarter = 3;

bool IsSmall(std::int64_t number) {
  return number >= kSmallest && number <= kLargest;
}

}  // namespace

Suppression::Suppression(std::size_t months,
                         const std::vector<std::size_t>& splits)
    : months_(months) {
  for (const std::size_t cells : splits) {
    splits_.push_back({cells_, cells_ + cells});
    cells_ += cells;
  }
  for (std::size_t month = 0; month < months; ++month)
    AddNode(month, month + 1, {});
  if (months == 1) return;
  std::vector<std::size_t> quarters;
  for (std::size_t first = 0; first < months; first += kQuarter) {
    quarters.push_back(nodes_.size());
    AddNode(first, first + kQuarter, {first, first + 1, first + 2});
  }
  if (quarters.size() > 1) AddNode(0, months, quarters);
}

void Suppression::AddNode(std::size_t first, std::size_t last,
                          std::vector<std::size_t> children) {
  nodes_.push_back({first, last, std::move(children), Row(cells_),
                    std::vector<bool>(cells_), std::vector<bool>(cells_)});
}

void Suppression::Publish(std::vector<Row> rows) {
  for (Node& node : nodes_) {
    for (std::size_t cell = 0; cell < cells_; ++cell)
      if (node.published && !node.hidden[cell]) node.told[cell] = true;
    // A quarter is decided as if nobody asked for the year.
    node.published = false;
  }
  for (std::size_t month = 0; month < rows.size(); ++month) {
    nodes_[month].numbers = std::move(rows[month]);
    nodes_[month].published = true;
    HideMonth(nodes_[month]);
  }
  for (Node& node : nodes_) {
    if (!node.children.empty() && node.last <= rows.size()) HidePeriod(node);
  }
}

// ---- a month ----

Suppression::Cells Suppression::Hidden(const Node& month, const Split& split) {
  Cells hidden;
  for (std::size_t cell = split.first; cell < split.last; ++cell) {
    if (!month.hidden[cell]) continue;
    hidden.count++;
    hidden.largest = std::max(hidden.largest, month.numbers[cell]);
  }
  return hidden;
}

bool Suppression::HideNextSmallest(Node& month, const Split& split) const {
  std::size_t next = kTotal;
  for (std::size_t cell = split.first; cell < split.last; ++cell) {
    if (month.hidden[cell] || month.numbers[cell] == 0) continue;
    if (next == kTotal || month.numbers[cell] < month.numbers[next])
      next = cell;
  }
  month.hidden[next] = true;
  return next != kTotal;
}

void Suppression::HideMonth(Node& month) const {
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    if (IsSmall(month.numbers[cell])) month.hidden[cell] = true;
  }
  for (const Split& split : splits_) {
    while (!month.hidden[kTotal]) {
      const Cells hidden = Hidden(month, split);
      const bool enough = hidden.count >= 2 && hidden.largest >= kSlack;
      if (hidden.count == 0 || enough || !HideNextSmallest(month, split)) break;
    }
  }
  if (!month.hidden[kTotal]) return;
  for (std::size_t cell = 1; cell < cells_; ++cell) {
    if (month.numbers[cell] != 0) month.hidden[cell] = true;
  }
}

// ---- a quarter, a year ----

bool Suppression::HiddenInParts(const Node& node, std::size_t cell) const {
  return std::any_of(
      node.children.begin(), node.children.end(),
      [&](std::size_t child) { return nodes_[child].hidden[cell]; });
}

// The months that a reader cannot look up, in quarters that he cannot.
std::vector<std::size_t> Suppression::SecretMonths(const Node& node,
                                                   std::size_t cell) const {
  std::vector<std::size_t> months;
  for (const std::size_t child : node.children) {
    if (!nodes_[child].secret(cell)) continue;
    for (std::size_t m = nodes_[child].first; m < nodes_[child].last; ++m)
      if (nodes_[m].secret(cell)) months.push_back(m);
  }
  return months;
}

void Suppression::HidePeriod(Node& node) {
  std::vector<std::size_t> open;
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    node.numbers[cell] = 0;
    for (std::size_t month = node.first; month < node.last; ++month)
      node.numbers[cell] += nodes_[month].numbers[cell];
    if (!node.hidden[cell] && MayShow(node, cell)) open.push_back(cell);
    if (HiddenInParts(node, cell)) node.hidden[cell] = true;
  }
  // The total first, then what says most.
  std::stable_sort(open.begin(), open.end(), [&](auto one, auto other) {
    if ((one == kTotal) != (other == kTotal)) return one == kTotal;
    return node.numbers[one] > node.numbers[other];
  });
  // From here on it is looked at as if it were out.
  node.published = true;
  for (const std::size_t cell : open) {
    node.hidden[cell] = false;
    if (!IsSafe(node, cell)) node.hidden[cell] = true;
  }
}

// Whether there is anything to weigh: the number is hidden in parts, and the
// parts could be others.
bool Suppression::MayShow(const Node& node, std::size_t cell) const {
  const auto parts = std::count_if(
      node.children.begin(), node.children.end(),
      [&](std::size_t child) { return nodes_[child].secret(cell); });
  if (parts < 2 || node.numbers[cell] <= kLargest) return false;
  const auto months = SecretMonths(node, cell);
  return std::any_of(months.begin(), months.end(), [&](std::size_t month) {
    return nodes_[month].numbers[cell] >= kSlack;
  });
}

bool Suppression::IsSafe(const Node& node, std::size_t cell) const {
  for (const Node& other : nodes_)
    if (other.published && !IsTotalSafe(other)) return false;
  for (const Split& split : splits_) {
    if (cell < split.first || cell >= split.last) continue;
    for (std::size_t month = node.first; month < node.last; ++month)
      if (nodes_[month].hidden[cell] && !IsRowSafe(month, split)) return false;
  }
  return true;
}

Suppression::Cells Suppression::SecretAtAllLevels(std::size_t month,
                                                  const Split& split) const {
  Cells hidden;
  for (std::size_t cell = split.first; cell < split.last; ++cell) {
    const bool everywhere =
        std::all_of(nodes_.begin(), nodes_.end(), [&](const Node& node) {
          const bool about = node.first <= month && month < node.last;
          return !about || !node.published || node.secret(cell);
        });
    if (!everywhere) continue;
    hidden.count++;
    hidden.largest = std::max(hidden.largest, nodes_[month].numbers[cell]);
  }
  return hidden;
}

// A number that a period shows, and its month hides, can be one more or less
// there if another of the month takes it up that no period shows.
bool Suppression::IsRowSafe(std::size_t month, const Split& split) const {
  const Cells hidden = SecretAtAllLevels(month, split);
  const int least = nodes_[month].hidden[kTotal] ? 1 : 2;
  return hidden.count >= least && hidden.largest >= kSlack;
}

// The same for a total: one month's can be one less, and so can a cell of each
// of its splits.
bool Suppression::IsTotalSafe(const Node& node) const {
  if (node.hidden[kTotal] || !HiddenInParts(node, kTotal)) return true;
  const auto months = SecretMonths(node, kTotal);
  return std::any_of(months.begin(), months.end(), [&](std::size_t month) {
    return nodes_[month].numbers[kTotal] >= kSlack &&
           std::all_of(splits_.begin(), splits_.end(), [&](const Split& split) {
             return SecretAtAllLevels(month, split).largest >= kSlack;
           });
  });
}

}  // namespace seawall::counters
