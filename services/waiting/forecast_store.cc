#include "services/waiting/forecast_store.h"

#include <google/protobuf/util/json_util.h>

#include "libs/store/scan.h"

namespace seawall::waiting {
namespace {

using store::Bind;
using store::Scan;
using store::Try;
using store::Type;

const store::Table kCapacityEvents = {
    "capacity_events",
    {{"area", Type::kText},
     {"position", Type::kInteger},
     {"service", Type::kText},
     {"provider", Type::kText},
     {"kind", Type::kText},
     {"from_date", Type::kText},
     {"until_date", Type::kText},
     {"appointments_per_week", Type::kInteger}}};

const store::Table kForecasts = {"forecasts",
                                 {{"area", Type::kText},
                                  {"forecast_id", Type::kText},
                                  {"service", Type::kText},
                                  {"agency", Type::kText},
                                  {"position", Type::kInteger},
                                  {"asked", Type::kText},
                                  {"made", Type::kText}}};

std::string ToText(const google::protobuf::Message& message) {
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(message, &text);
  return text;
}

void FromText(const std::string& text, google::protobuf::Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // a newer release wrote it
  (void)google::protobuf::util::JsonStringToMessage(text, &message, options);
}

Result<std::vector<ForecastRow>> Forecasts(store::Reader& reader,
                                           const std::string& where,
                                           const std::vector<Bind>& binds) {
  std::vector<ForecastRow> rows;
  TRY_VOID(Try([&] {
    Scan<std::string, std::string, std::string, std::string>(
        reader.sql(),
        "select forecast_id, agency, asked, made from forecasts where area = "
        ":area "
        "and " +
            where,
        binds,
        [&](const std::string& id, const std::string& agency,
            const std::string& asked, const std::string& made) {
          ForecastRow& row = rows.emplace_back();
          row.forecast_id = id;
          row.agency = agency;
          FromText(asked, row.asked);
          if (!made.empty()) FromText(made, row.made);
        },
        store::kFew);
  }));
  return rows;
}

}  // namespace

Result<std::vector<FlowRow>> ScanFlow(store::Reader& reader,
                                      const std::string& area,
                                      const std::string& service,
                                      const std::string& clock) {
  std::vector<FlowRow> rows;
  TRY_VOID(Try([&] {
    Scan<std::string, std::string, std::string, long long>(
        reader.sql(),
        "select joined_date, left_date, start_date, cast(sum(changed_by) as "
        "bigint) from movements where area = :area and service = :service and "
        "clock = :clock group by joined_date, left_date, start_date",
        {area, service, clock},
        [&](const std::string& joined, const std::string& left,
            const std::string& start, long long count) {
          const auto day = ParseDate(joined);
          if (!day || count <= 0) return;
          rows.push_back({*day, ParseDate(left), count, ParseDate(start)});
        });
  }));
  return rows;
}

void AddCapacityEvent(ledger::Unit& unit, const pb::CapacityEvent& event,
                      std::int64_t position) {
  unit.Insert(kCapacityEvents, unit.area(), position, event.service(),
              event.provider(), event.kind(), event.from_date(),
              event.until_date(), std::int64_t{event.appointments_per_week()});
}

Result<std::vector<pb::CapacityEvent>> CapacityEventsOf(
    store::Reader& reader, const std::string& area,
    const std::string& service) {
  std::vector<pb::CapacityEvent> events;
  TRY_VOID(Try([&] {
    Scan<std::string, std::string, std::string, std::string, long long>(
        reader.sql(),
        "select provider, kind, from_date, until_date, appointments_per_week "
        "from capacity_events where area = :area and service = :service order "
        "by from_date, position",
        {area, service},
        [&](const std::string& provider, const std::string& kind,
            const std::string& from, const std::string& until,
            long long per_week) {
          pb::CapacityEvent& event = events.emplace_back();
          event.set_service(service);
          event.set_provider(provider);
          event.set_kind(kind);
          event.set_from_date(from);
          event.set_until_date(until);
          event.set_appointments_per_week(static_cast<int>(per_week));
        },
        store::kFew);
  }));
  return events;
}

void AddForecast(ledger::Unit& unit, const ForecastRow& row,
                 std::int64_t position) {
  // Ids of senders are not stored open.
  pb::RequestForecastRequest asked = row.asked;
  asked.clear_request_id();
  unit.Insert(kForecasts, unit.area(), row.forecast_id, asked.service(),
              row.agency, position, ToText(asked), std::string());
}

Result<void> FinishForecast(soci::session& sql, const std::string& area,
                            const pb::GetForecastResponse& made) {
  const std::string text = ToText(made);
  return Try([&] {
    sql << "update forecasts set made = :made where area = :area and "
           "forecast_id = :id and made = ''",
        soci::use(text), soci::use(area), soci::use(made.forecast_id());
  });
}

Result<std::vector<ForecastRow>> PendingForecasts(store::Reader& reader,
                                                  const std::string& area) {
  return Forecasts(reader, "made = '' order by agency, position", {area});
}

Result<int> CountPending(soci::session& sql, const std::string& area,
                         const std::string& agency) {
  int count = 0;
  TRY_VOID(Try([&] {
    sql << "select count(*) from forecasts where area = :area and agency = "
           ":agency and made = ''",
        soci::use(area), soci::use(agency), soci::into(count);
  }));
  return count;
}

Result<ForecastRow> FindForecast(store::Reader& reader, const std::string& area,
                                 const std::string& forecast_id,
                                 const std::string& service) {
  TRY(auto rows,
      forecast_id.empty()
          ? Forecasts(reader,
                      "service = :service order by position desc limit 1",
                      {area, service})
          : Forecasts(reader, "forecast_id = :id", {area, forecast_id}));
  if (!rows.empty()) return std::move(rows.front());
  return Error{Code::kNotFound, "FORECAST_NOT_FOUND",
               "no forecast was asked for; RequestForecast makes one"};
}

}  // namespace seawall::waiting
