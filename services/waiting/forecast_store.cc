#include "services/waiting/forecast_store.h"

#include <google/protobuf/util/json_util.h>

#include "libs/store/scan.h"

namespace seawall::waiting {
namespace {

using store::Is;

std::string ToText(const google::protobuf::Message& message) {
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(message, &text);
  return text;
}

template <class Message>
Message FromText(const std::string& text) {
  Message message;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // a newer release wrote it
  (void)google::protobuf::util::JsonStringToMessage(text, &message, options);
  return message;
}

// Word for word as the index has it.
store::Where<ForecastRow> IsPending() { return {"made = ''"}; }

}  // namespace

Result<std::vector<FlowRow>> ScanFlow(const store::Records& records,
                                      const std::string& service,
                                      const std::string& clock) {
  std::vector<FlowRow> rows;
  TRY_VOID(records.Read(
      {"from movements m where m.area = ? and m.service = ? and m.clock = ? "
       "group by m.joined_date, m.left_date, m.start_date",
       {records.area(), service, clock},
       store::kMany},
      [&](const FlowRow& row) {
        if (row.count > 0) rows.push_back(row);
      },
      store::Only<&FlowRow::joined, &FlowRow::left, &FlowRow::start>("m")
          .With<&FlowRow::count>("cast(sum(m.changed_by) as bigint)")));
  return rows;
}

void AddCapacityEvent(store::Records& records, const pb::CapacityEvent& event,
                      std::int64_t position) {
  records.Insert(
      kCapacityEvents,
      {position, event.service(), event.provider(), event.kind(),
       event.from_date(), event.until_date(), event.appointments_per_week()});
}

Result<std::vector<pb::CapacityEvent>> CapacityEventsOf(
    const store::Records& records, const std::string& service) {
  std::vector<pb::CapacityEvent> events;
  TRY_VOID(records.Scan(
      kCapacityEvents, Is<&CapacityEventRow::service>(service),
      store::By<&CapacityEventRow::from_date, &CapacityEventRow::position>(),
      [&](const CapacityEventRow& row) {
        pb::CapacityEvent& event = events.emplace_back();
        event.set_service(row.service);
        event.set_provider(row.provider);
        event.set_kind(row.kind);
        event.set_from_date(row.from_date);
        event.set_until_date(row.until_date);
        event.set_appointments_per_week(row.appointments_per_week);
      }));
  return events;
}

ForecastRow Asking(const std::string& agency,
                   pb::RequestForecastRequest asked) {
  asked.clear_request_id();
  ForecastRow row;
  row.service = asked.service();
  row.agency = agency;
  row.asked = ToText(asked);
  return row;
}

pb::RequestForecastRequest AskedOf(const ForecastRow& row) {
  return FromText<pb::RequestForecastRequest>(row.asked);
}

pb::GetForecastResponse MadeOf(const ForecastRow& row) {
  if (row.made.empty()) return {};
  return FromText<pb::GetForecastResponse>(row.made);
}

Result<void> FinishForecast(store::Records& records,
                            const pb::GetForecastResponse& made) {
  TRY(auto row, records.Get(kForecasts, made.forecast_id()));
  if (!row || !row->made.empty()) return {};
  row->made = ToText(made);
  return records.Update<&ForecastRow::made>(kForecasts, *row);
}

Result<std::vector<ForecastRow>> PendingForecasts(
    const store::Records& records) {
  return records.All(kForecasts, IsPending(),
                     store::By<&ForecastRow::agency, &ForecastRow::position>());
}

Result<std::int64_t> CountPending(const store::Records& records,
                                  const std::string& agency) {
  return records.Count(kForecasts,
                       Is<&ForecastRow::agency>(agency) && IsPending());
}

Result<ForecastRow> FindForecast(const store::Records& records,
                                 const std::string& forecast_id,
                                 const std::string& service) {
  TRY(auto found,
      forecast_id.empty()
          ? records.First(kForecasts, Is<&ForecastRow::service>(service),
                          store::Newest<&ForecastRow::position>())
          : records.Get(kForecasts, forecast_id));
  if (found) return *std::move(found);
  return Error{Code::kNotFound, "FORECAST_NOT_FOUND",
               "no forecast was asked for; RequestForecast makes one"};
}

}  // namespace seawall::waiting
