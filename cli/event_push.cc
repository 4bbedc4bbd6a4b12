#include "cli/event_push.h"

#include <algorithm>
#include <list>
#include <mutex>

#include "libs/base/ids.h"
#include "libs/rpc/errors.h"

namespace seawall::cli {
namespace {

using Item = ItemOf<WaitingEvents>;
using Answer = AnswerOf<WaitingEvents>;
using Group = std::vector<EventItem>;

// Of a request's events, less area, id and what is around the request.
constexpr std::size_t kBytesTogether = kLargestMessage - 16 * 1024;
// What stands around an event in a request.
constexpr std::size_t kAround = 8;
// Unreadable ones among them.
constexpr std::size_t kMostHeld = 1000;

class EventPush {
 public:
  explicit EventPush(const EventPlan& plan) : plan_(plan) {}

  Result<void> Run(Remote& lane) {
    PlanOf<WaitingEvents> plan;
    plan.next = [this] { return Next(); };
    plan.answered = [this](const Item& item, const Answer& answer) {
      Answered(item.request.request_id(), answer);
    };
    plan.patience = plan_.patience;
    plan.first_patience = plan_.first_patience;
    return Push({&lane}, plan);
  }

 private:
  // Until answered.
  struct Sent {
    std::string request_id;
    Group group;
  };

  std::optional<Item> Next() {
    Item item;
    Group group;
    std::size_t bytes = 0;
    while (item.request.events_size() < kEventsTogether) {
      if (item.request.events_size() > 0 && !held_ && !plan_.more()) break;
      std::optional<EventItem> next = TakeOne();
      if (!next) break;
      if (next->unreadable && group.empty()) {
        TellInPlace(*std::move(next));
        continue;
      }
      if (!next->unreadable) {
        bytes += next->event.ByteSizeLong() + kAround;
        if (!group.empty() && bytes > kBytesTogether) {
          held_ = std::move(next);
          break;
        }
        *item.request.add_events() = next->event;
      }
      group.push_back(*std::move(next));
      if (group.size() >= kMostHeld) break;
    }
    if (group.empty()) return std::nullopt;
    item.where = group.front().where;
    item.request.set_area(plan_.area);
    item.request.set_request_id(run_ + "-" + std::to_string(++requests_));
    const std::lock_guard lock(mutex_);
    sent_.push_back({item.request.request_id(), std::move(group)});
    return item;
  }

  // The one that did not fit before, or the next. One that fits nowhere is as
  // good as unreadable.
  std::optional<EventItem> TakeOne() {
    if (held_) return std::exchange(held_, std::nullopt);
    std::optional<EventItem> next = plan_.next();
    if (next && !next->unreadable)
      next->unreadable = Unsendable(next->event, WaitingEvents::kTooLarge);
    return next;
  }

  // Behind what is on its way, or at once.
  void TellInPlace(EventItem item) {
    {
      const std::lock_guard lock(mutex_);
      if (!sent_.empty()) {
        sent_.back().group.push_back(std::move(item));
        return;
      }
    }
    plan_.answered(item, *item.unreadable);
  }

  void Answered(const std::string& request_id, const Answer& answer) {
    Group group;
    {
      const std::lock_guard lock(mutex_);
      const auto found = std::find_if(
          sent_.begin(), sent_.end(),
          [&](const Sent& one) { return one.request_id == request_id; });
      group = std::move(found->group);
      sent_.erase(found);
    }
    Tell(group, answer);
  }

  void Tell(const Group& group, const Answer& answer) const {
    int at = 0;
    for (const EventItem& item : group) {
      if (item.unreadable) {
        plan_.answered(item, *item.unreadable);
      } else if (!answer) {
        plan_.answered(item, answer.error());
      } else {
        plan_.answered(item, AnswerOne(*answer, at++));
      }
    }
  }

  static EventAnswer AnswerOne(const waiting::v1::PushEventsResponse& response,
                               int at) {
    if (at >= response.answers_size()) {
      return Error{Code::kInternal, "MALFORMED",
                   "the server left an event unanswered"};
    }
    const auto& answer = response.answers(at);
    if (answer.has_error()) return rpc::FromProto(answer.error());
    return answer.receipt();
  }

  const EventPlan& plan_;
  // Of this push alone: a row that was refused must not stay refused when the
  // file is sent again with what it lacked.
  const std::string run_ = RandomIds(SystemClock()).New("E");
  int requests_ = 0;
  std::optional<EventItem> held_;
  std::mutex mutex_;
  std::list<Sent> sent_;  // guarded by mutex_
};

}  // namespace

Result<void> PushEvents(Remote& lane, const EventPlan& plan) {
  return EventPush(plan).Run(lane);
}

}  // namespace seawall::cli
