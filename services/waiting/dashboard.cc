#include "services/waiting/dashboard.h"

#include <algorithm>

#include "libs/base/rounding.h"

namespace seawall::waiting {
namespace {

using std::chrono::days;

std::int64_t CountOf(const Histogram& histogram, Date census) {
  std::int64_t count = 0;
  for (const auto& [start, waiting] : histogram) {
    if (start <= census) count += waiting;
  }
  return count;
}

// Days waited by rank from the shortest, 0 first.
int DaysAtRank(const Histogram& histogram, Date census, std::int64_t rank) {
  for (auto at = histogram.rbegin(); at != histogram.rend(); ++at) {
    if (at->first > census) continue;
    if (rank < at->second) return DaysBetween(at->first, census);
    rank -= at->second;
  }
  return 0;
}

}  // namespace

std::string Stock::AverageWeeks() const {
  return Ratio(total_days, waiting * 7, 1, 0);
}

std::optional<int> Stock::LongestWeeks() const {
  if (!longest_days) return std::nullopt;
  return *longest_days / 7;
}

Stock StockOf(const Histogram& histogram, Date census,
              const std::vector<int>& threshold_weeks) {
  Stock stock;
  stock.over.resize(threshold_weeks.size());
  for (const auto& [start, waiting] : histogram) {
    if (start > census || waiting == 0) continue;
    const int waited = DaysBetween(start, census);
    stock.waiting += waiting;
    stock.total_days += waiting * waited;
    stock.longest_days = std::max(stock.longest_days.value_or(0), waited);
    for (std::size_t i = 0; i < threshold_weeks.size(); ++i) {
      if (waited > 7 * threshold_weeks[i]) stock.over[i] += waiting;
    }
  }
  return stock;
}

std::string ExactPercentile(const Histogram& histogram, Date census,
                            Share share) {
  const std::int64_t n = CountOf(histogram, census);
  if (n == 0) return "";
  if (share.of * 2 == share.in) {
    return Ratio(DaysAtRank(histogram, census, (n - 1) / 2) +
                     DaysAtRank(histogram, census, n / 2),
                 2, 1, 1);
  }
  const std::int64_t rank = (n * share.of + share.in - 1) / share.in;
  return Ratio(
      DaysAtRank(histogram, census, std::max<std::int64_t>(rank, 1) - 1), 1, 1,
      1);
}

int WeekBin(int days) { return days == 0 ? 0 : (days - 1) / 7; }

std::string BinnedPercentile(const Histogram& histogram, Date census,
                             Share share) {
  std::map<int, std::int64_t> bins;
  std::int64_t n = 0;
  for (const auto& [start, waiting] : histogram) {
    if (start > census) continue;
    bins[std::min(WeekBin(DaysBetween(start, census)), kTopWeek)] += waiting;
    n += waiting;
  }
  std::int64_t before = 0;
  for (const auto& [week, count] : bins) {
    // cumulative >= q n, without a division
    if ((before + count) * share.in < n * share.of || count == 0) {
      before += count;
      continue;
    }
    if (week == kTopWeek) return ">" + std::to_string(kTopWeek);
    const std::int64_t needed = n * share.of - before * share.in;
    return Ratio(week * count * share.in + needed, count * share.in, 1, 1);
  }
  return "";
}

std::vector<Band> BandsOf(const Histogram& histogram, Date census,
                          const BandScheme& scheme) {
  std::vector<Band> bands;
  for (std::size_t i = 0; i < scheme.least_days.size(); ++i) {
    Band band{scheme.least_days[i]};
    if (i + 1 < scheme.least_days.size()) {
      band.most = scheme.least_days[i + 1] - 1;
    }
    bands.push_back(band);
  }
  for (const auto& [start, waiting] : histogram) {
    if (start > census) continue;
    const auto above =
        std::upper_bound(scheme.least_days.begin(), scheme.least_days.end(),
                         DaysBetween(start, census));
    bands[static_cast<std::size_t>(above - scheme.least_days.begin()) - 1]
        .waiting += waiting;
  }
  return bands;
}

Trend TrendOf(std::optional<std::int64_t> now,
              std::optional<std::int64_t> before) {
  if (!now || !before) return Trend::kNone;
  if (*now > *before) return Trend::kUp;
  if (*now < *before) return Trend::kDown;
  return *now == 0 ? Trend::kNone : Trend::kSame;
}

std::int64_t Balance::residual() const {
  std::int64_t gone = 0;
  for (const auto& [outcome, count] : left) gone += count;
  return opening + received - gone - closing;
}

void AddTo(Balance& balance, const Movement& movement, Date from, Date to) {
  const auto inside = [&](Date day) { return from < day && day <= to; };
  const Wait wait{"", movement.joined, movement.start, movement.left,
                  movement.outcome};
  balance.opening += wait.WaitingOn(from);
  balance.closing += wait.WaitingOn(to);
  balance.received += inside(movement.joined);
  if (movement.left && inside(*movement.left)) {
    ++balance.left[movement.outcome];
  }
}

}  // namespace seawall::waiting
