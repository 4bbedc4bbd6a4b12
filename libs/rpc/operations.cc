#include "libs/rpc/operations.h"

#include <google/protobuf/util/time_util.h>

#include <charconv>

namespace seawall::rpc {
namespace {

using google::protobuf::util::TimeUtil;
namespace pb = common::v1;

constexpr int kPageDefault = 50;
constexpr int kPageMost = 500;
constexpr int kMostHeads = 500;
// Left for the answer to travel.
constexpr std::chrono::milliseconds kSpare{200};

Error BadPage(const char* field, const char* why) {
  return Error{Code::kInvalidArgument, "BAD_PAGE", why, {{field, why}}};
}

Result<int> PageSize(int asked) {
  if (asked < 0) return BadPage("page_size", "must not be negative");
  return asked == 0 ? kPageDefault : std::min(asked, kPageMost);
}

// The token is the number of the entry below which the page begins.
Result<std::int64_t> Below(const std::string& token) {
  if (token.empty()) return std::int64_t{0};
  std::int64_t entry = 0;
  const char* end = token.data() + token.size();
  const auto parsed = std::from_chars(token.data(), end, entry);
  if (parsed.ec != std::errc() || parsed.ptr != end || entry < 1)
    return BadPage("page_token", "must come from an earlier page");
  return entry;
}

void ToProto(const ledger::AccessRow& row, pb::AccessEntry& entry) {
  const ledger::Access& access = row.access;
  entry.set_entry(row.entry);
  *entry.mutable_time() = TimeUtil::MicrosecondsToTimestamp(ToMicros(row.time));
  entry.set_agency(access.actor.agency);
  entry.set_system(access.actor.system);
  entry.set_role(access.actor.role);
  entry.set_person(access.actor.person);
  entry.set_action(access.action);
  for (const std::string& subject : access.subjects)
    entry.add_subject_ids(subject);
  entry.set_purpose(access.purpose);
  entry.set_lawful_basis(access.lawful_basis);
  entry.set_outcome(access.outcome);
}

}  // namespace

const google::protobuf::ServiceDescriptor& OperationsService::descriptor()
    const {
  return *pb::WhoAmIRequest::descriptor()->file()->FindServiceByName(
      "OperationsService");
}

void OperationsService::Bind(Methods& methods) {
  const std::string service = descriptor().full_name() + "/";
  methods.Ask(service + "WhoAmI", this, &OperationsService::WhoAmI);
  methods.Ask(service + "VerifyCounters", this,
              &OperationsService::VerifyCounters, /*slow=*/true);
  methods.Ask(service + "RebuildCounters", this,
              &OperationsService::RebuildCounters, /*slow=*/true);
  methods.Ask(service + "VerifyAccessLog", this,
              &OperationsService::VerifyAccessLog, /*slow=*/true);
  methods.Read(service + "ListAccess", this, &OperationsService::ListAccess);
}

Result<pb::WhoAmIResponse> OperationsService::WhoAmI(const Call& call,
                                                     const pb::WhoAmIRequest&) {
  const Caller& caller = call.caller;
  pb::WhoAmIResponse response;
  response.set_agency(caller.agency);
  response.set_agency_name(caller.agency_name);
  response.set_system(caller.system);
  response.set_role(static_cast<pb::Role>(caller.role));
  response.set_person(caller.person);
  for (const std::string& area : caller.areas) response.add_areas(area);
  response.set_may_backdate(caller.may_backdate);
  response.set_service(parts_.service);
  *response.mutable_server_time() =
      TimeUtil::MicrosecondsToTimestamp(ToMicros(parts_.clock.Now()));
  return response;
}

Result<counters::Projector*> OperationsService::Projector() const {
  if (parts_.projector) return parts_.projector;
  return Error{Code::kUnavailable, "COUNTERS_UNAVAILABLE",
               "this service keeps no counters"};
}

Result<pb::VerifyCountersResponse> OperationsService::VerifyCounters(
    const Call& call, const pb::VerifyCountersRequest&) {
  TRY(counters::Projector * projector, Projector());
  const auto patience =
      std::max(std::chrono::duration_cast<std::chrono::milliseconds>(
                   call.deadline - std::chrono::steady_clock::now()) -
                   kSpare,
               std::chrono::milliseconds(1));
  TRY(const counters::Drift drift, projector->Verify(call.area, patience));
  pb::VerifyCountersResponse response;
  response.set_position(drift.position);
  response.set_drift(drift.drift);
  response.set_counters_compared(drift.compared);
  for (const auto& difference : drift.differences) {
    auto* to = response.add_differences();
    to->set_counter(difference.counter);
    to->set_counted(difference.counted);
    to->set_recorded(difference.recorded);
  }
  return response;
}

Result<pb::RebuildCountersResponse> OperationsService::RebuildCounters(
    const Call& call, const pb::RebuildCountersRequest&) {
  TRY(counters::Projector * projector, Projector());
  const auto started = std::chrono::steady_clock::now();
  TRY(const std::int64_t events, projector->Rebuild(call.area));
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - started;
  pb::RebuildCountersResponse response;
  response.set_events(events);
  response.set_seconds(took.count());
  return response;
}

Result<pb::VerifyAccessLogResponse> OperationsService::VerifyAccessLog(
    const Call& call, const pb::VerifyAccessLogRequest& request) {
  if (request.heads_size() > kMostHeads) {
    return Error{Code::kInvalidArgument,
                 "TOO_MANY_HEADS",
                 "ask in several requests",
                 {{"heads", "at most " + std::to_string(kMostHeads)}}};
  }
  pb::VerifyAccessLogResponse response;
  const auto find = [&](int head, const std::string& finding) {
    pb::HeadFinding& to = *response.add_head_findings();
    to.set_head(head);
    to.set_finding(finding);
  };
  std::vector<ledger::Remembered> remembered;
  std::vector<int> numbers;
  for (int i = 0; i < request.heads_size(); ++i) {
    const pb::SignedHead& head = request.heads(i);
    if (const auto why = parts_.heads.WhyNot(call.area, head); !why.empty()) {
      find(i, why);
      continue;
    }
    remembered.push_back({head.entries(), head.hash()});
    numbers.push_back(i);
  }
  if (const auto newest = parts_.heads.Newest(call.area))
    remembered.push_back({newest->entries(), newest->hash()});
  TRY(const ledger::Verdict verdict,
      ledger::VerifyAccess(parts_.database, parts_.sealer, call.area,
                           remembered));
  for (const std::size_t misfit : verdict.misfits) {
    if (misfit < numbers.size())
      find(numbers[misfit], "the log does not go on from it");
  }
  response.set_entries(verdict.entries);
  response.set_intact(verdict.first_broken == 0);
  response.set_first_broken_entry(verdict.first_broken);
  response.set_finding(verdict.finding);
  response.set_head(verdict.head.hash);
  if (response.intact() && parts_.heads.CheckKey()) {
    *response.mutable_signed_head() =
        parts_.heads.Sign(call.area, verdict.head);
  }
  return response;
}

Result<pb::ListAccessResponse> OperationsService::ListAccess(
    Reading& reading, const pb::ListAccessRequest& request) {
  TRY(const int size, PageSize(request.page_size()));
  TRY(const std::int64_t below, Below(request.page_token()));
  TRY(const auto rows, ledger::ReadAccess(reading.reader(), parts_.sealer,
                                          {reading.call().area, below, size,
                                           request.subject_id()}));
  // What names nothing here may be anything, a child's number too.
  if (!request.subject_id().empty() && !rows.empty())
    reading.Shows(request.subject_id());
  pb::ListAccessResponse response;
  for (const ledger::AccessRow& row : rows)
    ToProto(row, *response.add_entries());
  const bool more = static_cast<int>(rows.size()) == size;
  if (more && rows.back().entry > 1)
    response.set_next_page_token(std::to_string(rows.back().entry));
  return response;
}

}  // namespace seawall::rpc
