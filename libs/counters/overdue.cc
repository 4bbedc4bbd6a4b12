#include "libs/counters/overdue.h"

#include "libs/counters/buckets.h"

namespace seawall::counters {

namespace {

using std::chrono::days;

// The first window holds everything in a front door that works: decisions are
// due within days. The last one reaches back 21 years.
constexpr int kDaysBack = 31;
constexpr int kDaysAhead = 40;
constexpr int kDoublings = 8;

using Numbers = std::vector<std::optional<std::int64_t>>;

// One call: the total, then for each suffix the days, then the next suffix.
class Window {
 public:
  Window(std::vector<Date> due_days, Date first, Date last)
      : days_(std::move(due_days)), first_(first), last_(last) {}

  static Window Around(Date census, int doublings) {
    const Date first = census - days(kDaysBack << doublings);
    const Date last = census + days(kDaysAhead << doublings);
    std::vector<Date> due_days;
    for (Date day = first; day <= last; day += days(1)) due_days.push_back(day);
    return Window(std::move(due_days), first, last);
  }

  Result<void> Read(const std::string& family,
                    const std::vector<std::string>& suffixes,
                    const ValueSource& source) {
    Asked asked{
        {CounterName(family, "total", suffixes.front())}, first_, last_};
    for (const std::string& suffix : suffixes) {
      for (const Date day : days_) {
        asked.names.push_back(CounterName(family, DueBucket(day), suffix));
      }
    }
    TRY(values_, source(asked));
    return {};
  }

  bool Complete() const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < days_.size(); ++i) sum += Value(0, i);
    return sum == values_.front();
  }

  Numbers Overdue(std::size_t suffixes, Date census) const {
    Numbers result;
    for (std::size_t suffix = 0; suffix < suffixes; ++suffix) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < days_.size(); ++i) {
        if (days_[i] < census) sum += Value(suffix, i);
      }
      result.push_back(sum);
    }
    return result;
  }

  // The days on which anything is due.
  Window Occupied() const {
    std::vector<Date> occupied;
    for (std::size_t i = 0; i < days_.size(); ++i) {
      if (Value(0, i) != 0) occupied.push_back(days_[i]);
    }
    return Window(std::move(occupied), first_, last_);
  }

 private:
  std::int64_t Value(std::size_t suffix, std::size_t day) const {
    return values_[1 + suffix * days_.size() + day];
  }

  std::vector<Date> days_;
  Date first_;
  Date last_;
  std::vector<std::int64_t> values_;
};

}  // namespace

Result<Numbers> CountOverdue(const std::string& family,
                             const std::vector<std::string>& suffixes,
                             Date census, const ValueSource& source) {
  Window nearest = Window::Around(census, 0);
  TRY_VOID(nearest.Read(family, suffixes, source));
  if (nearest.Complete()) return nearest.Overdue(suffixes.size(), census);
  // Far back only the sum of all suffixes is searched, and then the days found
  // are read for each: thousands of days times dozens of suffixes are many.
  for (int doublings = 1; doublings <= kDoublings; ++doublings) {
    Window wide = Window::Around(census, doublings);
    TRY_VOID(wide.Read(family, {suffixes.front()}, source));
    if (!wide.Complete()) continue;
    Window exact = wide.Occupied();
    TRY_VOID(exact.Read(family, suffixes, source));
    if (exact.Complete()) return exact.Overdue(suffixes.size(), census);
  }
  return Numbers(suffixes.size());
}

}  // namespace seawall::counters
