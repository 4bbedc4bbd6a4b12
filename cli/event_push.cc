#include "cli/event_push.h"

#include <map>
#include <mutex>

#include "libs/rpc/errors.h"
#include "libs/seal/hash.h"

namespace seawall::cli {
namespace {

using Item = ItemOf<WaitingEvents>;
using Answer = AnswerOf<WaitingEvents>;
using Group = std::vector<EventItem>;

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
    const Result<void> pushed = Push({&lane}, plan);
    // Unreadable ones behind the last that was sent.
    if (pushed) Tell(rest_, waiting::v1::PushEventsResponse());
    return pushed;
  }

 private:
  // Nothing at the end; unreadable ones are then left in `rest_`.
  std::optional<Item> Next() {
    Item item;
    Group group;
    while (item.request.events_size() < static_cast<int>(kEventsTogether)) {
      if (item.request.events_size() > 0 && !plan_.more()) break;
      std::optional<EventItem> next = plan_.next();
      if (!next) break;
      if (!next->unreadable) *item.request.add_events() = next->event;
      group.push_back(*std::move(next));
    }
    if (item.request.events().empty()) {
      rest_ = std::move(group);
      return std::nullopt;
    }
    item.where = group.front().where;
    item.request.set_area(plan_.area);
    item.request.set_request_id(
        "E-" +
        seal::HexHash(plan_.run + '\0' + item.request.SerializeAsString()));
    const std::lock_guard lock(mutex_);
    groups_.emplace(item.request.request_id(), std::move(group));
    return item;
  }

  void Answered(const std::string& request_id, const Answer& answer) {
    Group group;
    {
      const std::lock_guard lock(mutex_);
      auto found = groups_.extract(groups_.find(request_id));
      group = std::move(found.mapped());
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
  Group rest_;
  std::mutex mutex_;
  // By request id, until answered; guarded by mutex_. The same rows may stand
  // in a file twice.
  std::multimap<std::string, Group> groups_;
};

}  // namespace

Result<void> PushEvents(Remote& lane, const EventPlan& plan) {
  return EventPush(plan).Run(lane);
}

}  // namespace seawall::cli
