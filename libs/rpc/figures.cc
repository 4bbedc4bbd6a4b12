#include "libs/rpc/figures.h"

#include <google/protobuf/util/time_util.h>

#include "libs/rpc/identity.h"

namespace seawall::rpc {
namespace {

using google::protobuf::util::TimeUtil;
namespace pb = common::v1;

// Counters that are further behind are not shown unasked: more than a
// thousandth of the journal, or a hundred events where it is short.
constexpr std::int64_t kBehindLeast = 100;
constexpr std::int64_t kBehindShare = 1000;

constexpr int kCensusBackMonths = 12 * 20;
constexpr int kCensusAheadMonths = 12 * 10;

Error Invalid(const char* reason, const char* field, const char* why) {
  return Error{Code::kInvalidArgument, reason, why, {{field, why}}};
}

Result<Date> Day(const std::string& text, const char* field) {
  const auto date = ParseDate(text);
  if (!date) return Invalid("BAD_PERIOD", field, "must be a day as 2018-03-31");
  return *date;
}

Result<counters::FiguresQuery> ParseQuery(const std::string& area,
                                          const pb::GetFiguresRequest& request,
                                          Date today) {
  counters::FiguresQuery query;
  query.area = area;
  query.measures = {request.measures().begin(), request.measures().end()};
  TRY(query.start, Day(request.start_date(), "start_date"));
  TRY(query.end, Day(request.end_date(), "end_date"));
  query.census = today;
  if (!request.census_date().empty()) {
    TRY(query.census, Day(request.census_date(), "census_date"));
    // What stands and what is due is looked for around it, and not for ever.
    if (query.census < AddMonths(today, -kCensusBackMonths) ||
        query.census > AddMonths(today, kCensusAheadMonths)) {
      return Invalid(
          "BAD_PERIOD", "census_date",
          "must lie within 20 years before and 10 years after today");
    }
  }
  query.group_by = request.group_by();
  query.suppress = request.suppress();
  return query;
}

void ToProto(const counters::Figure& from, const std::string& area,
             Instant as_known, pb::FigureSource source, pb::Figure& to) {
  to.set_measure(from.measure);
  to.set_definition_version(from.version);
  to.set_area(area);
  to.set_start_date(FormatDate(from.start));
  to.set_end_date(FormatDate(from.end));
  *to.mutable_as_known_time() =
      TimeUtil::MicrosecondsToTimestamp(ToMicros(as_known));
  to.set_unit(from.unit);
  if (from.numerator) to.set_numerator(*from.numerator);
  if (from.denominator) to.set_denominator(*from.denominator);
  to.set_value(from.value);
  to.set_decimal_places(from.decimal_places);
  to.set_source(source);
  to.set_symbol(from.symbol);
  to.set_group(from.group);
  to.set_group_value(from.group_value);
}

pb::GetFiguresResponse ToResponse(const std::vector<counters::Figure>& figures,
                                  const std::string& area, Instant as_known,
                                  pb::FigureSource source) {
  pb::GetFiguresResponse response;
  for (const counters::Figure& figure : figures)
    ToProto(figure, area, as_known, source, *response.add_figures());
  return response;
}

}  // namespace

Result<std::int64_t> PositionAt(store::Reader& reader, const std::string& area,
                                std::int64_t head, Instant instant) {
  std::int64_t low = 0;      // recorded by then
  std::int64_t high = head;  // the last one that may be
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    TRY(const auto events, ledger::ReadJournal(reader, area, middle - 1, 1));
    const bool by_then = !events.empty() && events[0].recorded <= instant;
    if (by_then) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

const google::protobuf::ServiceDescriptor& FiguresService::descriptor() const {
  return *pb::GetFiguresRequest::descriptor()->file()->FindServiceByName(
      "FiguresService");
}

void FiguresService::Bind(Methods& methods) {
  const std::string service = descriptor().full_name() + "/";
  // Slow: counting records takes as long as it takes, and must not stand before
  // those who look at a child.
  methods.Ask(service + "GetFigures", this, &FiguresService::GetFigures,
              /*slow=*/true);
  methods.Ask(service + "ListMeasures", this, &FiguresService::ListMeasures);
}

Result<pb::GetFiguresResponse> FiguresService::GetFigures(
    const Call& call, const pb::GetFiguresRequest& request) {
  const Instant now = parts_.clock.Now();
  TRY(const auto query, ParseQuery(call.area, request, CivilDate(now)));
  std::optional<Instant> as_known;
  if (request.has_as_known_time()) {
    as_known =
        FromMicros(TimeUtil::TimestampToMicroseconds(request.as_known_time()));
    if (*as_known > now)
      return Invalid("TIME_AHEAD", "as_known_time", "lies in the future");
  }
  const bool insist = request.source() == pb::FIGURE_SOURCE_COUNTERS;
  if (insist && as_known) {
    return Invalid("SOURCE_NOT_POSSIBLE", "source",
                   "counters know only the present");
  }
  std::int64_t behind = 0;
  if (!as_known && request.source() != pb::FIGURE_SOURCE_RECORDS) {
    TRY(auto counted, Counted(query, insist));
    if (counted && !counted->figures().empty()) return *std::move(counted);
    if (counted) behind = counted->counters_behind_events();
  }
  TRY(auto response, Recorded(query, as_known, call.deadline));
  response.set_counters_behind_events(behind);
  return response;
}

Result<std::optional<pb::GetFiguresResponse>> FiguresService::Counted(
    const counters::FiguresQuery& query, bool insist) {
  using Nothing = std::optional<pb::GetFiguresResponse>;
  if (!parts_.projector) {
    if (!insist) return Nothing();
    return Error{Code::kUnavailable, "COUNTERS_UNAVAILABLE",
                 "this service keeps no counters"};
  }
  std::int64_t behind = 0;
  auto figures = counters::ComputeFigures(
      parts_.definitions, parts_.populations, query,
      counters::FromCounters(*parts_.projector, query.area, behind));
  if (!figures) {
    const bool away = figures.error().code == Code::kUnavailable;
    if (away && !insist) return Nothing();
    return std::move(figures).error();
  }
  const std::int64_t journal = parts_.projector->level(query.area).journal;
  if (!insist && behind > std::max(kBehindLeast, journal / kBehindShare)) {
    pb::GetFiguresResponse none;
    none.set_counters_behind_events(behind);
    return Nothing(std::move(none));
  }
  auto response = ToResponse(*figures, query.area, parts_.clock.Now(),
                             pb::FIGURE_SOURCE_COUNTERS);
  response.set_counters_behind_events(behind);
  return Nothing(std::move(response));
}

Result<pb::GetFiguresResponse> FiguresService::Recorded(
    const counters::FiguresQuery& query, std::optional<Instant> as_known,
    std::chrono::steady_clock::time_point deadline) {
  if (!parts_.definitions.records) {
    TRY(const auto none,
        counters::ComputeFigures(parts_.definitions, parts_.populations, query,
                                 [](const counters::Asked& asked)
                                     -> Result<std::vector<std::int64_t>> {
                                   return std::vector<std::int64_t>(
                                       asked.names.size());
                                 }));
    return ToResponse(none, query.area, parts_.clock.Now(),
                      pb::FIGURE_SOURCE_RECORDS);
  }
  // A year of a large area takes longer than a second to count.
  TRY(store::Reader reader, parts_.database.Read(/*unbounded=*/true));
  TRY(const ledger::Head head, ledger::ReadHead(reader, query.area));
  std::int64_t position = head.position;
  if (as_known) {
    TRY(position, PositionAt(reader, query.area, head.position, *as_known));
  }
  const auto records =
      counters::FromRecords(parts_.definitions, reader, query.area, position);
  TRY(const auto figures, counters::ComputeFigures(
                              parts_.definitions, parts_.populations, query,
                              [&](const counters::Asked& asked)
                                  -> Result<std::vector<std::int64_t>> {
                                // Nobody waits for what is asked too late.
                                if (std::chrono::steady_clock::now() > deadline)
                                  return DeadlineTooShort();
                                return records(asked);
                              }));
  return ToResponse(figures, query.area, as_known.value_or(parts_.clock.Now()),
                    pb::FIGURE_SOURCE_RECORDS);
}

Result<pb::ListMeasuresResponse> FiguresService::ListMeasures(
    const Call&, const pb::ListMeasuresRequest&) {
  pb::ListMeasuresResponse response;
  for (const counters::Measure& measure : parts_.definitions.measures) {
    auto* to = response.add_measures();
    to->set_measure(measure.id);
    to->set_definition_version(measure.version);
    to->set_unit(measure.unit);
    to->set_definition(measure.definition);
    to->set_source(measure.source);
    to->set_decimal_places(measure.decimal_places);
    for (const std::string& group : measure.groups) to->add_groups(group);
  }
  return response;
}

}  // namespace seawall::rpc
