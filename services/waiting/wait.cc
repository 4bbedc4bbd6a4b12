#include "services/waiting/wait.h"

#include <algorithm>

namespace seawall::waiting {
namespace {

using std::chrono::days;

// A span of civil days, the last one not included.
struct Span {
  Date from, to;
};

class Folding {
 public:
  explicit Folding(const History& history)
      : history_(history),
        born_(BirthThatHolds(history).value_or(Date::min())) {}

  void Take(const Event& event) {
    switch (event.kind) {
      case EventKind::kReferred:
        return event.AsksTransfer() ? Ask(event) : Refer(event);
      case EventKind::kTransferGiven:
        return Give(event);
      case EventKind::kRejected:
        return Close(event.date, Outcome::kRejected);
      case EventKind::kRemoved:
        return Close(event.date, event.outcome);
      case EventKind::kAttendance:
        if (event.attendance == Attendance::kAttended) Attend(event);
        return;
      default:
        return;
    }
  }

  std::vector<Wait> waits() && { return std::move(waits_); }

 private:
  Wait* Open() {
    return waits_.empty() || waits_.back().left ? nullptr : &waits_.back();
  }

  void Ask(const Event& event) {
    const Event* answer = history_.TransferOf(event).answer;
    if (answer && answer->kind == EventKind::kTransferRefused)
      return Refer(event);
    const Date start = event.from.value_or(event.date);
    asked_ = std::min(asked_.value_or(start), start);
  }

  void Give(Event given) {
    const Date start = given.from.value_or(given.date);
    given.from = std::min(asked_.value_or(start), start);
    asked_.reset();
    Refer(given);
    if (!seen_) return;
    Event seen = *std::exchange(seen_, {});
    seen.date = given.date;
    Attend(seen);
  }

  void Refer(const Event& event) {
    Date start = std::max(event.from.value_or(event.date), born_);
    if (Wait* open = Open()) {
      // Referred again while waiting: the same spell, with the longer wait.
      if (open->clock == kFirstContact) {
        open->start = std::min(open->start, start);
      }
      return;
    }
    if (!waits_.empty() &&
        event.date - *waits_.back().left <= days(kSpellDays) &&
        waits_.back().outcome != Outcome::kSeen) {
      start = std::min(start, waits_.back().start);
    }
    waits_.push_back(
        {kFirstContact, std::max(event.date, born_), start, std::nullopt});
  }

  void Close(Date date, Outcome outcome) {
    Wait* wait = Open();
    if (!wait) return;
    wait->left = std::max(date, wait->joined);
    wait->outcome = outcome;
  }

  void Attend(const Event& event) {
    if (asked_ && !Open()) {
      seen_ = event;
      return;
    }
    if (waits_.empty()) return;  // nobody was referred
    // It opens what is open already: that wait goes on, as long as it was.
    const Wait* open = Open();
    if (open && open->clock == event.code) return;
    Close(event.date, Outcome::kSeen);
    if (!event.code.empty()) {
      const Date day = std::max(event.date, born_);
      waits_.push_back({event.code, day, day, std::nullopt});
    }
  }

  const History& history_;
  const Date born_;
  std::vector<Wait> waits_;
  // While a transfer is asked for: since when, and whether the child was seen.
  std::optional<Date> asked_;
  std::optional<Event> seen_;
};

// Unavailability as spans of days. One without an end says nothing of how long.
std::vector<Span> UnavailableSpans(const History& history) {
  std::vector<Span> spans;
  for (const Event* event : history.in_order()) {
    if (event->kind != EventKind::kUnavailable || !event->until) continue;
    spans.push_back(
        {event->from.value_or(event->date), *event->until + days(1)});
  }
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.from < b.from; });
  return spans;
}

// Days of the spans that lie in [from, to), each once.
int DaysInside(const std::vector<Span>& spans, Date from, Date to) {
  int inside = 0;
  Date counted = from;
  for (const Span& span : spans) {
    const Date first = std::max(span.from, counted);
    const Date last = std::min(span.to, to);
    if (first >= last) continue;
    inside += DaysBetween(first, last);
    counted = last;
  }
  return inside;
}

}  // namespace

std::optional<Date> BirthThatHolds(const History& history) {
  const Event* stated = history.Stated();
  return stated ? stated->until : std::nullopt;
}

std::vector<Wait> WaitsOf(const History& history) {
  if (!history.GoesOnAs().empty()) return {};
  std::vector<const Event*> ordered = history.in_order();
  const auto referred = std::find_if(
      ordered.begin(), ordered.end(),
      [](const Event* one) { return one->kind == EventKind::kReferred; });
  if (referred != ordered.end()) {
    // Nothing of its own day came before it: a civil day alone is its noon.
    const auto same_day = std::find_if(
        ordered.begin(), referred,
        [&](const Event* one) { return one->date == (*referred)->date; });
    std::rotate(same_day, referred, std::next(referred));
  }
  Folding folding(history);
  for (const Event* event : ordered) folding.Take(*event);
  return std::move(folding).waits();
}

const Wait* OpenWait(const std::vector<Wait>& waits) {
  return waits.empty() || waits.back().left ? nullptr : &waits.back();
}

Adjusted AdjustScotlandCamhs(const Wait& wait, const History& history,
                             Date day) {
  const Date end =
      std::max(wait.start, wait.left && *wait.left < day ? *wait.left : day);
  const std::vector<Span> spans = UnavailableSpans(history);
  Adjusted adjusted{wait.start};
  for (const Event* event : history.in_order()) {
    if (!event->MayReset() || event->date < wait.start || event->date > end) {
      continue;
    }
    const int interval = DaysBetween(adjusted.start, event->date) -
                         DaysInside(spans, adjusted.start, event->date);
    if (interval >= kGuaranteeDays) break;
    adjusted.start = event->date;
    ++adjusted.resets;
  }
  adjusted.guarantee = adjusted.start + days(kGuaranteeDays);
  std::vector<Span> pauses;
  for (const Span& span : spans) {
    if (span.from <= adjusted.guarantee) pauses.push_back(span);
  }
  adjusted.unavailable_days = DaysInside(pauses, adjusted.start, end);
  adjusted.days = DaysBetween(adjusted.start, end) - adjusted.unavailable_days;
  return adjusted;
}

Missed MissedOf(const History& history) {
  Missed missed;
  for (const Event* event : history.in_order()) {
    if (event->kind != EventKind::kAttendance) continue;
    missed.was_not_brought += event->attendance == Attendance::kWasNotBrought;
    missed.could_not_attend += event->attendance == Attendance::kCouldNotAttend;
    missed.cancelled_by_service +=
        event->attendance == Attendance::kCancelledByService;
  }
  return missed;
}

}  // namespace seawall::waiting
