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
  return query;
}

Error NotWhole(const char* field, const char* why) {
  return Invalid("PERIOD_NOT_WHOLE", field, why);
}

bool MayCountByDay(Role role) {
  return role == Role::kHub || role == Role::kOps || role == Role::kService;
}

// The last day of a month that is over at that instant.
Date LastMonthEnd(Instant instant) {
  return MonthEndBefore(CivilDate(instant));
}

// A month ends as the next begins: both instants are meant by its end.
constexpr std::chrono::seconds kEndOfMonth{1};

Result<Date> MonthKnown(Instant instant) {
  const Date day = CivilDate(instant - kEndOfMonth);
  const auto left = EndOfDay(day) - instant;
  if (counters::IsMonthEnd(day) && left >= left.zero() && left <= kEndOfMonth)
    return day;
  return NotWhole("as_known_time", "must be the end of a month");
}

// Of what is not suppressed, for him who may not count by day: asked each day,
// the rest of a month would give its days.
Result<void> CheckMonths(const counters::FiguresQuery& query,
                         std::optional<Instant> as_known, Instant now) {
  if (!counters::IsOfMonths(query.start, query.end))
    return NotWhole("end_date", "the period must be made of whole months");
  if (query.end > LastMonthEnd(now))
    return NotWhole("end_date", "the last month is not over");
  if (!counters::IsMonthEnd(query.census))
    return NotWhole("census_date", "must be the last day of a month");
  if (as_known) TRY_VOID(MonthKnown(*as_known));
  return {};
}

Instant LastInstant(Date day) {
  return EndOfDay(day) - std::chrono::microseconds(1);
}

// The values of the last position that was read.
struct LastRead {
  std::int64_t position = -1;
  std::vector<std::int64_t> values;
};

// A month in which nothing was recorded is not read again. The question is the
// same for all months; `last` must outlive the source.
counters::ValueSource Once(counters::ValueSource source, std::int64_t position,
                           LastRead& last) {
  return
      [source = std::move(source), position, &last](
          const counters::Asked& asked) -> Result<std::vector<std::int64_t>> {
        if (last.position != position) {
          TRY(last.values, source(asked));
          last.position = position;
        }
        return last.values;
      };
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
  const bool by_day = MayCountByDay(call.caller.role) && !request.suppress();
  TRY(const auto query,
      ParseQuery(call.area, request,
                 by_day ? CivilDate(now) : LastMonthEnd(now)));
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
  if (request.suppress()) {
    if (insist) {
      return Invalid("SOURCE_NOT_POSSIBLE", "source",
                     "suppressed figures are as known at the end of a month: "
                     "they come from records");
    }
    return Published(query, as_known, call.deadline);
  }
  if (!by_day) TRY_VOID(CheckMonths(query, as_known, now));
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
    const bool away = figures.error().code == Code::kUnavailable ||
                      figures.error().reason == "COUNTERS_GARBLED";
    if (away && !insist) return Nothing();
    return std::move(figures).error();
  }
  const std::int64_t journal = parts_.projector->level(query.area).journal;
  const bool trusted = parts_.projector->Trusts(query.area);
  if (!insist &&
      (!trusted || behind > std::max(kBehindLeast, journal / kBehindShare))) {
    pb::GetFiguresResponse none;
    none.set_counters_behind_events(behind);
    return Nothing(std::move(none));
  }
  auto response = ToResponse(*figures, query.area, parts_.clock.Now(),
                             pb::FIGURE_SOURCE_COUNTERS);
  response.set_counters_behind_events(behind);
  return Nothing(std::move(response));
}

// The records as known at a position, until the time is over.
counters::ValueSource FiguresService::RecordsAt(
    store::Reader& reader, const std::string& area, std::int64_t position,
    std::chrono::steady_clock::time_point deadline) const {
  if (!parts_.definitions.records) {
    return
        [](const counters::Asked& asked) -> Result<std::vector<std::int64_t>> {
          return std::vector<std::int64_t>(asked.names.size());
        };
  }
  return
      [records =
           counters::FromRecords(parts_.definitions, reader, area, position),
       deadline](
          const counters::Asked& asked) -> Result<std::vector<std::int64_t>> {
        // Nobody waits for what is asked too late.
        if (std::chrono::steady_clock::now() > deadline)
          return DeadlineTooShort();
        return records(asked);
      };
}

Result<pb::GetFiguresResponse> FiguresService::Recorded(
    const counters::FiguresQuery& query, std::optional<Instant> as_known,
    std::chrono::steady_clock::time_point deadline) {
  // A year of a large area takes longer than a second to count.
  TRY(store::Reader reader, parts_.database.Read(/*unbounded=*/true));
  TRY(const ledger::Head head, ledger::ReadHead(reader, query.area));
  std::int64_t position = head.position;
  if (as_known) {
    TRY(position, PositionAt(reader, query.area, head.position, *as_known));
  }
  TRY(const auto figures,
      counters::ComputeFigures(
          parts_.definitions, parts_.populations, query,
          RecordsAt(reader, query.area, position, deadline)));
  return ToResponse(figures, query.area, as_known.value_or(parts_.clock.Now()),
                    pb::FIGURE_SOURCE_RECORDS);
}

Result<pb::GetFiguresResponse> FiguresService::Published(
    const counters::FiguresQuery& query, std::optional<Instant> as_known,
    std::chrono::steady_clock::time_point deadline) {
  Date known = LastMonthEnd(parts_.clock.Now());
  if (as_known) {
    TRY(known, MonthKnown(*as_known));
  }
  TRY(const auto days, counters::ReleasesOf(query, known));
  TRY(store::Reader reader, parts_.database.Read(/*unbounded=*/true));
  TRY(const ledger::Head head, ledger::ReadHead(reader, query.area));
  std::vector<counters::Release> releases;
  LastRead last;
  for (const Date day : days) {
    TRY(const auto position,
        PositionAt(reader, query.area, head.position, LastInstant(day)));
    releases.push_back(
        {day, Once(RecordsAt(reader, query.area, position, deadline), position,
                   last)});
  }
  TRY(const auto figures,
      counters::ComputePublished(parts_.definitions, parts_.populations, query,
                                 releases));
  return ToResponse(figures, query.area, LastInstant(known),
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
