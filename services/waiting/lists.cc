#include "services/waiting/lists.h"

#include <algorithm>

#include "libs/ledger/ledger.h"
#include "services/waiting/store.h"

namespace seawall::waiting {
namespace {

using std::chrono::days;

constexpr std::size_t kKept = 8;
// Journal positions read at once: what was read is kept when a reader's time
// ends, and the next question goes on from there.
constexpr std::int64_t kReadTogether = 50'000;
// No wait lasts until then.
const Date kNever{days(1'000'000)};

// The place of a name in a short list that grows.
std::size_t PlaceOf(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) {
    return static_cast<std::size_t>(found - names.begin());
  }
  names.push_back(name);
  return names.size() - 1;
}

}  // namespace

void Lists::Days::Add(Date day, std::int64_t by) {
  if (counts_.empty()) first_ = day;
  if (day < first_) {
    counts_.insert(counts_.begin(),
                   static_cast<std::size_t>((first_ - day).count()), 0);
    first_ = day;
  }
  const auto place = static_cast<std::size_t>((day - first_).count());
  if (place >= counts_.size()) counts_.resize(place + 1);
  counts_[place] += by;
}

Histogram Lists::Days::ToHistogram() const {
  Histogram histogram;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    histogram.emplace_hint(histogram.end(), first_ + days(i), counts_[i]);
  }
  return histogram;
}

Result<void> Lists::CatchUp(store::Reader& reader, const std::string& name,
                            Area& area) {
  TRY(const ledger::Head head, ledger::ReadHead(reader, name));
  const auto records = store::RecordsOf(reader, name);
  while (area.position < head.position) {
    const std::int64_t to =
        std::min(head.position, area.position + kReadTogether);
    TRY_VOID(ReadRows(*records, to, area));
  }
  return {};
}

Result<void> Lists::ReadRows(const store::Records& records, std::int64_t to,
                             Area& area) {
  const std::size_t known = area.rows.size();
  const auto read =
      ScanMovements(records, area.position, to, [&](const MovementRow& row) {
        area.rows.push_back(
            {row.position, row.joined, row.start, row.left.value_or(kNever),
             static_cast<std::uint16_t>(PlaceOf(area.services, row.service)),
             static_cast<std::uint8_t>(PlaceOf(area.clocks, row.clock)),
             static_cast<std::int8_t>(row.changed_by), row.outcome});
      });
  if (!read) {
    area.rows.resize(known);
    return read.error();
  }
  area.position = to;
  for (Kept& kept : area.kept) {
    for (std::size_t i = known; i < area.rows.size(); ++i) {
      Add(area.rows[i], area, kept);
    }
  }
  return {};
}

void Lists::Add(const Row& row, const Area& area, Kept& kept) {
  const Question& question = kept.question;
  if (area.clocks[row.clock] != question.clock) return;
  if (row.service >= kept.services.size()) {
    kept.services.resize(row.service + 1u);
  }
  Sketch& sketch = kept.services[row.service];
  sketch.known = true;
  const auto waits_on = [&](Date day) {
    return row.joined <= day && row.left > day;
  };
  const auto inside = [&](Date day) {
    return question.before < day && day <= question.census;
  };
  if (waits_on(question.census)) {
    sketch.waiting.Add(row.start, row.by);
    sketch.balance.closing += row.by;
  }
  if (waits_on(question.before)) {
    sketch.waiting_before.Add(row.start, row.by);
    sketch.balance.opening += row.by;
  }
  if (inside(row.joined)) sketch.balance.received += row.by;
  if (!inside(row.left)) return;
  sketch.balance.left[row.outcome] += row.by;
  if (row.outcome == Outcome::kSeen) {
    sketch.seen.Add(question.census - (row.left - row.start), row.by);
  }
}

std::map<std::string, Picture> Lists::ToPictures(const Area& area,
                                                 const Kept& kept) {
  std::map<std::string, Picture> pictures;
  for (std::size_t i = 0; i < kept.services.size(); ++i) {
    const Sketch& sketch = kept.services[i];
    if (!sketch.known) continue;
    pictures[area.services[i]] = {sketch.waiting.ToHistogram(),
                                  sketch.waiting_before.ToHistogram(),
                                  sketch.seen.ToHistogram(), sketch.balance};
  }
  return pictures;
}

Result<std::map<std::string, Picture>> Lists::Ask(store::Reader& reader,
                                                  const Question& question,
                                                  std::int64_t& position) {
  const std::lock_guard lock(mutex_);
  Area& area = areas_[question.area];
  TRY_VOID(CatchUp(reader, question.area, area));
  if (question.position && *question.position < area.position) {
    position = *question.position;
    Kept once{question};
    for (const Row& row : area.rows) {
      if (row.position > position) break;
      Add(row, area, once);
    }
    return ToPictures(area, once);
  }
  position = area.position;
  auto found =
      std::find_if(area.kept.begin(), area.kept.end(), [&](const Kept& one) {
        return one.question.census == question.census &&
               one.question.before == question.before &&
               one.question.clock == question.clock;
      });
  if (found == area.kept.end()) {
    if (area.kept.size() >= kKept) {
      area.kept.erase(std::min_element(
          area.kept.begin(), area.kept.end(),
          [](const Kept& a, const Kept& b) { return a.asked < b.asked; }));
    }
    area.kept.push_back({question});
    found = std::prev(area.kept.end());
    for (const Row& row : area.rows) Add(row, area, *found);
  }
  found->asked = ++asked_;
  return ToPictures(area, *found);
}

}  // namespace seawall::waiting
