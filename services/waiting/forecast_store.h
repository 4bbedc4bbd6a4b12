// Records of capacity and forecasts: their SQL.
//
// The error is the store's; FORECAST_NOT_FOUND (kNotFound).
#pragma once

#include <string>
#include <vector>

#include "libs/ledger/ledger.h"
#include "libs/store/database.h"
#include "seawall/waiting/v1/capacity.pb.h"
#include "services/waiting/capacity.h"

namespace seawall::waiting {

namespace pb = v1;

struct ForecastRow {
  std::string forecast_id;
  std::string agency;  // that asked for it
  pb::RequestForecastRequest asked;
  // Without its id until it is made.
  pb::GetForecastResponse made;
};

// Joined and left days of a service's waits for one clock, with how many.
Result<std::vector<FlowRow>> ScanFlow(store::Reader& reader,
                                      const std::string& area,
                                      const std::string& service,
                                      const std::string& clock);

void AddCapacityEvent(ledger::Unit& unit, const pb::CapacityEvent& event,
                      std::int64_t position);
Result<std::vector<pb::CapacityEvent>> CapacityEventsOf(
    store::Reader& reader, const std::string& area, const std::string& service);

void AddForecast(ledger::Unit& unit, const ForecastRow& row,
                 std::int64_t position);
// Nothing where it was made meanwhile.
Result<void> FinishForecast(soci::session& sql, const std::string& area,
                            const pb::GetForecastResponse& made);
// Asked for and not made yet: by agency, of each the first first.
Result<std::vector<ForecastRow>> PendingForecasts(store::Reader& reader,
                                                  const std::string& area);
Result<int> CountPending(soci::session& sql, const std::string& area,
                         const std::string& agency);
// By its id, or the service's latest.
Result<ForecastRow> FindForecast(store::Reader& reader, const std::string& area,
                                 const std::string& forecast_id,
                                 const std::string& service);

}  // namespace seawall::waiting
