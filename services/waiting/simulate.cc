#include "services/waiting/simulate.h"

#include <algorithm>
#include <cmath>

namespace seawall::waiting {
namespace {

// The same numbers on every machine. SplitMix64: Steele, Lea and Flood, Fast
// splittable pseudorandom number generators, 2014.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  double Share() { return static_cast<double>(Next() >> 11) / (1ull << 53); }
  std::size_t Below(std::size_t bound) { return Next() % bound; }

 private:
  std::uint64_t state_;
};

// Poisson numbers of one mean, by multiplying shares (Knuth); a large mean is
// the sum of smaller ones.
class Poisson {
 public:
  explicit Poisson(double mean)
      : parts_(static_cast<int>(mean / kLargest) + 1),
        limit_(std::exp(-std::max(mean, 0.0) / parts_)) {}
  int Draw(Random& random) const {
    int sum = 0;
    for (int part = 0; part < parts_; ++part) {
      for (double left = random.Share(); left > limit_; ++sum) {
        left *= random.Share();
      }
    }
    return sum;
  }

 private:
  static constexpr double kLargest = 30;
  const int parts_;
  const double limit_;
};

// Those of one priority: days on which they were referred, the first first.
struct Line {
  std::vector<int> starts;
  std::size_t waiting = 0;  // of them, those who wait when a run begins
  std::size_t head = 0;
  std::size_t size() const { return starts.size() - head; }
};

class Run {
 public:
  Run(std::vector<Line> lines, const std::vector<int>& orders)
      : lines_(std::move(lines)), orders_(orders) {}

  // Whoever waits now, waits again: however long the queue is, no run copies
  // it.
  void Begin() {
    for (Line& line : lines_) {
      line.starts.resize(line.waiting);
      line.head = 0;
    }
  }

  // A referral is as urgent as one of those who wait now, drawn by chance.
  void Arrive(Random& random, int day) {
    const int order =
        orders_.empty() ? 0 : orders_[random.Below(orders_.size())];
    lines_[static_cast<std::size_t>(order)].starts.push_back(day);
  }
  void See(int count) {
    for (Line& line : lines_) {
      const auto seen =
          std::min<std::size_t>(static_cast<std::size_t>(count), line.size());
      line.head += seen;
      count -= static_cast<int>(seen);
      if (count == 0) return;
    }
  }
  int Waiting() const {
    std::size_t waiting = 0;
    for (const Line& line : lines_) waiting += line.size();
    return static_cast<int>(waiting);
  }
  int LongestDays(int day) const {
    int longest = 0;
    for (const Line& line : lines_) {
      if (line.size() > 0)
        longest = std::max(longest, day - line.starts[line.head]);
    }
    return longest;
  }
  int Over(int weeks, int day) const {
    int over = 0;
    for (const Line& line : lines_) {
      const auto first = line.starts.begin() + static_cast<long>(line.head);
      over += static_cast<int>(
          std::lower_bound(first, line.starts.end(), day - 7 * weeks) - first);
    }
    return over;
  }

 private:
  std::vector<Line> lines_;
  const std::vector<int>& orders_;
};

std::vector<Line> LinesOf(const std::vector<Waiter>& queue) {
  int last = 0;
  for (const Waiter& waiter : queue) last = std::max(last, waiter.order);
  std::vector<Line> lines(static_cast<std::size_t>(last) + 1);
  for (const Waiter& waiter : queue) {
    lines[static_cast<std::size_t>(std::max(waiter.order, 0))].starts.push_back(
        -waiter.days);
  }
  for (Line& line : lines) {
    std::sort(line.starts.begin(), line.starts.end());
    line.waiting = line.starts.size();
  }
  return lines;
}

// Nearest rank, as with every percentile here.
int RankOf(const std::vector<int>& sorted, int percent) {
  const std::size_t rank =
      (sorted.size() * static_cast<std::size_t>(percent) + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

Range RangeOf(std::vector<int>& all) {
  std::sort(all.begin(), all.end());
  return {RankOf(all, 5), RankOf(all, 50), RankOf(all, 95)};
}

using Weekly = std::vector<std::vector<int>>;

Weekly MakeWeekly(const Scenario& scenario) {
  Weekly weekly(static_cast<std::size_t>(scenario.weeks));
  for (auto& runs : weekly) {
    runs.reserve(static_cast<std::size_t>(scenario.runs));
  }
  return weekly;
}

double KeptAWeek(const Scenario& scenario) {
  return scenario.appointments.value * (1 - scenario.missed_share);
}

}  // namespace

double DrawsOfRun(const Scenario& scenario) {
  constexpr double kLeastAWeek = 500;
  return scenario.weeks *
         std::max(kLeastAWeek, scenario.demand.value + KeptAWeek(scenario));
}

int RunsWithin(const Scenario& scenario, double draws) {
  return static_cast<int>(std::clamp<double>(draws / DrawsOfRun(scenario), 1,
                                             std::max(scenario.runs, 1)));
}

Simulated Simulate(const Scenario& scenario,
                   const std::function<bool(int runs)>& progress) {
  constexpr int kTellEvery = 250;
  std::vector<int> orders;
  for (const Waiter& waiter : scenario.queue) {
    orders.push_back(std::max(waiter.order, 0));
  }
  const Poisson arriving(scenario.demand.value);
  const Poisson kept(KeptAWeek(scenario));
  Weekly waiting = MakeWeekly(scenario), longest = MakeWeekly(scenario);
  Simulated result;
  result.over.assign(scenario.threshold_weeks.size(), MakeWeekly(scenario));
  Random random(scenario.seed);
  Run run(LinesOf(scenario.queue), orders);
  for (int i = 0; i < scenario.runs; ++i) {
    if (progress && i % kTellEvery == 0 && !progress(i)) return {};
    run.Begin();
    for (std::size_t week = 0; week < waiting.size(); ++week) {
      const int day = 7 * (static_cast<int>(week) + 1);
      // Within the week, one at a time on a day of it.
      const int came = arriving.Draw(random);
      for (int one = 0; one < came; ++one) {
        run.Arrive(random, day - 6 + 6 * one / came);
      }
      run.See(kept.Draw(random));
      waiting[week].push_back(run.Waiting());
      longest[week].push_back(run.LongestDays(day));
      for (std::size_t t = 0; t < result.over.size(); ++t) {
        result.over[t][week].push_back(
            run.Over(scenario.threshold_weeks[t], day));
      }
    }
  }
  for (std::size_t week = 0; week < waiting.size() && scenario.runs > 0;
       ++week) {
    WeekAhead ahead{RangeOf(waiting[week]), RangeOf(longest[week]), {}};
    for (auto& over : result.over) ahead.over.push_back(RangeOf(over[week]));
    result.weeks.push_back(std::move(ahead));
  }
  return result;
}

int Simulated::ChancePercent(std::size_t threshold, std::size_t week,
                             int at_most) const {
  const std::vector<int>& runs = over[threshold][week];
  const auto met = std::upper_bound(runs.begin(), runs.end(), at_most);
  return static_cast<int>((100 * (met - runs.begin())) /
                          static_cast<std::ptrdiff_t>(runs.size()));
}

}  // namespace seawall::waiting
