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

  // What it asks of the source, and what it makes of the answer.
  std::vector<std::string> Names(
      const std::string& family,
      const std::vector<std::string>& suffixes) const {
    std::vector<std::string> names = {
        CounterName(family, "total", suffixes.front())};
    for (const std::string& suffix : suffixes) {
      for (const Date day : days_) {
        names.push_back(CounterName(family, DueBucket(day), suffix));
      }
    }
    return names;
  }
  void Take(std::vector<std::int64_t> values) { values_ = std::move(values); }

  Result<void> Read(const std::string& family,
                    const std::vector<std::string>& suffixes,
                    const ValueSource& source) {
    TRY(values_, source(Asked{Names(family, suffixes), first_, last_}));
    return {};
  }

  Date first() const { return first_; }
  Date last() const { return last_; }

  bool Complete() const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < days_.size(); ++i) sum += Value(0, i);
    return sum == values_.front();
  }

  Numbers Sum(std::size_t suffixes, Date census) const {
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

// Far back only the sum of all suffixes is searched, and then the days found
// are read for each: thousands of days times dozens of suffixes are many.
Result<Numbers> SearchFar(const Overdue& one, const ValueSource& source) {
  for (int doublings = 1; doublings <= kDoublings; ++doublings) {
    Window wide = Window::Around(one.census, doublings);
    TRY_VOID(wide.Read(one.family, {one.suffixes.front()}, source));
    if (!wide.Complete()) continue;
    Window exact = wide.Occupied();
    TRY_VOID(exact.Read(one.family, one.suffixes, source));
    if (exact.Complete()) return exact.Sum(one.suffixes.size(), one.census);
  }
  return Numbers(one.suffixes.size());
}

}  // namespace

Result<std::vector<Numbers>> CountOverdue(const std::vector<Overdue>& all,
                                          const ValueSource& source) {
  std::vector<Window> windows;
  std::vector<std::size_t> ends;
  Asked asked;
  for (const Overdue& one : all) {
    windows.push_back(Window::Around(one.census, 0));
    const Window& window = windows.back();
    asked.first =
        ends.empty() ? window.first() : std::min(asked.first, window.first());
    asked.last =
        ends.empty() ? window.last() : std::max(asked.last, window.last());
    for (std::string& name : window.Names(one.family, one.suffixes)) {
      asked.names.push_back(std::move(name));
    }
    ends.push_back(asked.names.size());
  }
  TRY(const std::vector<std::int64_t> values, source(std::move(asked)));
  std::vector<Numbers> numbers;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    windows[i].Take({values.begin() + static_cast<std::ptrdiff_t>(begin),
                     values.begin() + static_cast<std::ptrdiff_t>(ends[i])});
    begin = ends[i];
    if (windows[i].Complete()) {
      numbers.push_back(windows[i].Sum(all[i].suffixes.size(), all[i].census));
    } else {
      TRY(Numbers far, SearchFar(all[i], source));
      numbers.push_back(std::move(far));
    }
  }
  return numbers;
}

}  // namespace seawall::counters
