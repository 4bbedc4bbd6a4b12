#include "demo/waiting_plan.h"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <set>
#include <sstream>

namespace seawall::demo {
namespace {

using std::chrono::days;

constexpr int kColumns = 14;
// Every eighth child of a list waits for another service as well.
constexpr int kSharedOf = 8;

// Children who waited within bounds, their days to be moved inside them.
struct Group {
  int count = 0;
  int least = 0;
  int most = 0;
  std::int64_t least_sum() const { return std::int64_t{count} * least; }
  std::int64_t most_sum() const { return std::int64_t{count} * most; }
};

// Spread evenly within the bounds, then moved by single days until they add up
// to `sum`; nothing if they cannot.
std::optional<std::vector<int>> Spread(const std::vector<Group>& groups,
                                       std::int64_t sum) {
  std::int64_t least_sum = 0, most_sum = 0;
  for (const Group& group : groups) {
    if (group.count < 0 || (group.count > 0 && group.least > group.most)) {
      return std::nullopt;
    }
    least_sum += group.least_sum();
    most_sum += group.most_sum();
  }
  if (sum < least_sum || sum > most_sum) return std::nullopt;
  std::vector<int> all, least, most;
  for (const Group& group : groups) {
    for (int i = 0; i < group.count; ++i) {
      all.push_back(group.least + (group.most - group.least) * (2 * i + 1) /
                                      (2 * group.count));
      least.push_back(group.least);
      most.push_back(group.most);
    }
  }
  std::int64_t missing =
      sum - std::accumulate(all.begin(), all.end(), std::int64_t{0});
  for (bool moved = true; missing != 0 && moved;) {
    moved = false;
    for (std::size_t i = 0; i < all.size() && missing != 0; ++i) {
      const int step = missing > 0 ? 1 : -1;
      if (all[i] + step < least[i] || all[i] + step > most[i]) continue;
      all[i] += step;
      missing -= step;
      moved = true;
    }
  }
  if (missing != 0) return std::nullopt;
  return all;
}

int Before(int value, const std::string& trend) {
  if (trend == "up") return value - 1;
  if (trend == "down") return value + 1;
  return value;
}

// One way to divide a row: who came in December, and who crossed a threshold.
class Division {
 public:
  Division(const BoardRow& row, int came, int crossed_18, int crossed_52)
      : row_(row),
        came_(came),
        crossed_18_(crossed_18),
        crossed_52_(crossed_52) {}

  std::optional<RowPlan> Plan() const {
    if (!IsPossible()) return std::nullopt;
    const auto waiting = Waiting();
    if (!waiting) return std::nullopt;
    const auto left = Left(*waiting);
    if (!left) return std::nullopt;
    return RowPlan{*waiting, *left};
  }

 private:
  // Those over each threshold who left: November's less those who stayed.
  std::array<int, 3> LeftOver() const {
    const std::array<int, 3> crossed = {crossed_18_, crossed_52_, 0};
    std::array<int, 3> over{};
    for (std::size_t i = 0; i < over.size(); ++i) {
      over[i] =
          Before(row_.over[i], row_.over_trend[i]) - row_.over[i] + crossed[i];
    }
    return over;
  }
  int CountLeft() const {
    return row_.waiting_before() - (row_.waiting - came_);
  }
  // Before anybody's days are chosen.
  bool IsPossible() const {
    const auto [over_18, over_52, over_78] = LeftOver();
    return CountLeft() >= over_18 && over_18 >= over_52 && over_52 >= over_78 &&
           over_78 >= 0;
  }

  std::optional<std::vector<int>> Waiting() const {
    const int longest = 7 * row_.longest_weeks + 3;
    const auto [over_18, over_52, over_78] = row_.over;
    if (over_78 > 0) return std::nullopt;  // no row of this board has any
    std::vector<Group> groups = {
        {came_, 0, 30},          {row_.waiting - over_18 - came_, 31, 126},
        {crossed_18_, 127, 157}, {over_18 - over_52 - crossed_18_, 158, 364},
        {crossed_52_, 365, 395}, {over_52 - crossed_52_, 396, 546}};
    for (Group& group : groups) group.most = std::min(group.most, longest);
    if (!Pin(groups, longest)) return std::nullopt;
    auto all = Spread(
        groups, std::int64_t{7} * row_.average_weeks * row_.waiting - longest);
    if (all) all->push_back(longest);
    return all;
  }

  // Takes the one who waits longest out of its group.
  static bool Pin(std::vector<Group>& groups, int longest) {
    for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
      if (longest < group->least || longest > group->most) continue;
      if (group->count <= 0) return false;
      --group->count;
      return true;
    }
    return false;
  }

  std::optional<std::vector<int>> Left(const std::vector<int>& waiting) const {
    std::int64_t stayed_days = 0;
    for (const int waited : waiting) {
      stayed_days += std::max(waited - kDecemberDays, 0);
    }
    return SpreadLeft(CountLeft(), LeftOver(),
                      std::int64_t{7} *
                              Before(row_.average_weeks, row_.average_trend) *
                              row_.waiting_before() -
                          stayed_days);
  }

  std::optional<std::vector<int>> SpreadLeft(int left, std::array<int, 3> over,
                                             std::int64_t sum) const {
    const bool longer = row_.longest_trend == "down";
    const int weeks = row_.longest_weeks + (longer ? 1 : -1);
    int most = 7 * weeks + 6;
    if (over[2] > 0) most = std::max(most, 7 * kThresholdWeeks[2] + 30);
    std::vector<Group> groups = {{left - over[0], 0, 126},
                                 {over[0] - over[1], 127, 364},
                                 {over[1] - over[2], 365, 546},
                                 {over[2], 547, most}};
    for (Group& group : groups) group.most = std::min(group.most, most);
    if (!longer) return Spread(groups, sum);
    if (!Pin(groups, most)) return std::nullopt;
    auto all = Spread(groups, sum - most);
    if (all) all->push_back(most);
    return all;
  }

  const BoardRow& row_;
  const int came_, crossed_18_, crossed_52_;
};

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) {
    cells.push_back(std::move(cell));
  }
  return cells;
}

BoardRow ToRow(const std::vector<std::string>& cells) {
  BoardRow row;
  row.service = cells[0];
  row.name = cells[1];
  row.average_weeks = std::stoi(cells[2]);
  row.longest_weeks = std::stoi(cells[3]);
  row.over = {std::stoi(cells[4]), std::stoi(cells[5]), std::stoi(cells[6])};
  row.waiting = std::stoi(cells[7]);
  row.average_trend = cells[8];
  row.longest_trend = cells[9];
  row.over_trend = {cells[10], cells[11], cells[12]};
  row.change = cells[13];
  return row;
}

// Children who already wait for something, each for this service once at most.
class Children {
 public:
  explicit Children(Random& random) : random_(random) {}
  int Next(std::size_t of_earlier_services, std::set<int>& taken) {
    if (of_earlier_services > 0 && random_.Below(kSharedOf) == 0) {
      const int child = random_.Below(static_cast<int>(of_earlier_services));
      if (taken.insert(child).second) return child;
    }
    return count_++;
  }
  std::size_t count() const { return static_cast<std::size_t>(count_); }

 private:
  Random& random_;
  int count_ = 0;
};

}  // namespace

Date WaitingCensus() {
  return Date(std::chrono::year(2023) / std::chrono::December / 31);
}

int BoardRow::waiting_before() const { return waiting - std::stoi(change); }

Result<std::vector<BoardRow>> ReadBoard(const std::string& path) {
  const Error unreadable{Code::kInvalidArgument, "FACTS_UNREADABLE",
                         path + ": no rows of the dashboard"};
  std::vector<BoardRow> board;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#") || line.starts_with("service_id")) continue;
    const std::vector<std::string> cells = Cells(line);
    if (cells.size() != kColumns) return unreadable;
    try {
      board.push_back(ToRow(cells));
    } catch (const std::exception&) {
      return unreadable;
    }
  }
  if (board.empty()) return unreadable;
  return board;
}

Result<RowPlan> PlanRow(const BoardRow& row) {
  const auto [over_18, over_52, over_78] = row.over;
  for (int came = std::max(std::stoi(row.change), 0) + 1;
       came <= row.waiting - over_18; ++came) {
    for (int crossed_52 = 0; crossed_52 <= over_52; ++crossed_52) {
      for (int crossed = 0; crossed <= over_18 - over_52; ++crossed) {
        const auto plan = Division(row, came, crossed, crossed_52).Plan();
        if (plan) return *plan;
      }
    }
  }
  return Error{Code::kInternal, "NOT_POSSIBLE",
               "no list is as the dashboard says of " + row.name};
}

Result<std::vector<PlannedWait>> PlanWaits(const std::vector<BoardRow>& board,
                                           std::uint64_t seed) {
  Random random(seed);
  Children children(random);
  const Date census = WaitingCensus();
  const Date before = census - days(kDecemberDays);
  std::vector<PlannedWait> waits;
  for (const BoardRow& row : board) {
    TRY(const RowPlan plan, PlanRow(row));
    const std::size_t earlier = children.count();
    std::set<int> taken;
    int number = 0;
    const auto add = [&](Date referred, std::optional<Date> left) {
      waits.push_back({row.service,
                       row.service + "-" + std::to_string(++number),
                       children.Next(earlier, taken), referred, left});
    };
    for (const int waited : plan.waiting) {
      add(census - days(waited), std::nullopt);
    }
    for (const int waited : plan.left) {
      add(before - days(waited), before + days(random.Between(1, 31)));
    }
  }
  return waits;
}

}  // namespace seawall::demo
