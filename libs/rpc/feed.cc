#include "libs/rpc/feed.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

namespace seawall::rpc {
namespace {

using common::v1::FollowRequest;
using google::protobuf::util::TimeUtil;

// Events a page: some hundred bytes each, far below what a client receives.
constexpr int kPageSize = 500;

common::v1::FollowResponse ToPage(const ledger::Head& head, std::int64_t after,
                                  std::vector<ledger::Recorded> events) {
  common::v1::FollowResponse page;
  page.set_journal_id(head.journal_id);
  page.set_from_position(after);
  page.set_to_position(events.back().position);
  page.set_to_hash(events.back().hash);
  for (ledger::Recorded& event : events) {
    auto* to = page.add_events();
    to->set_position(event.position);
    to->set_event_id(head.journal_id + "-" + std::to_string(event.position));
    to->set_kind(std::move(event.kind));
    to->set_body(std::move(event.body));
    *to->mutable_happened_time() =
        TimeUtil::MicrosecondsToTimestamp(ToMicros(event.happened));
    *to->mutable_recorded_time() =
        TimeUtil::MicrosecondsToTimestamp(ToMicros(event.recorded));
  }
  return page;
}

Error JournalChanged(const char* field) {
  return Error{Code::kFailedPrecondition,
               "JOURNAL_CHANGED",
               "the journal is another one: stop and reconcile by event id",
               {{field, "not of the journal of this area"}}};
}

// `hash`: of the event that the follower has last, where it gives one.
Result<void> Check(store::Reader& reader, const std::string& area,
                   const ledger::Head& head, const FollowRequest& request,
                   std::int64_t after, const std::string& hash) {
  if (!request.journal_id().empty() &&
      request.journal_id() != head.journal_id) {
    return JournalChanged("journal_id");
  }
  if (!hash.empty() && after > head.position) {
    return JournalChanged("after_position");
  }
  if (after < 0 || after > head.position) {
    return Error{Code::kInvalidArgument,
                 "BAD_POSITION",
                 "the position lies outside the journal",
                 {{"after_position", "0 to the journal's last position"}}};
  }
  if (hash.empty() || after == 0) return {};
  TRY(const std::string there, ledger::JournalHash(reader, area, after));
  if (there != hash) return JournalChanged("after_hash");
  return {};
}

}  // namespace

const google::protobuf::ServiceDescriptor& FeedService::descriptor() const {
  return *FollowRequest::descriptor()->file()->FindServiceByName("FeedService");
}

void FeedService::Bind(Methods& methods) {
  methods.Follow("seawall.common.v1.FeedService/Follow", this,
                 &FeedService::Follow);
}

Result<std::optional<Page>> FeedService::Follow(
    Reading& reading, const FollowRequest& request,
    std::optional<std::int64_t> position) {
  const std::string& area = reading.call().area;
  const std::int64_t after = position.value_or(request.after_position());
  TRY(const ledger::Head head, ledger::ReadHead(reading.reader(), area));
  const bool begins = after == request.after_position();
  TRY_VOID(Check(reading.reader(), area, head, request, after,
                 begins ? request.after_hash() : std::string()));
  TRY(auto events,
      ledger::ReadJournal(reading.reader(), area, after, kPageSize));
  if (events.empty()) return std::optional<Page>();
  auto page = ToPage(head, after, std::move(events));
  if (auto newest = heads_.Newest(area)) {
    *page.mutable_access_head() = *std::move(newest);
  }
  return std::optional<Page>(
      Page{page.SerializeAsString(), page.to_position(),
           absl::StrCat("journal:", after, "-", page.to_position())});
}

}  // namespace seawall::rpc
