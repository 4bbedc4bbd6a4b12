// What is asked of the rows of capacity and forecasts (rows.h), with its SQL.
//
// The error is the store's; FORECAST_NOT_FOUND (kNotFound).
#pragma once

#include <string>
#include <vector>

#include "libs/store/records.h"
#include "seawall/waiting/v1/capacity.pb.h"
#include "services/waiting/capacity.h"
#include "services/waiting/rows.h"

namespace seawall::waiting {

namespace pb = v1;

// Joined and left days of a service's waits for one clock, with how many.
Result<std::vector<FlowRow>> ScanFlow(const store::Records& records,
                                      const std::string& service,
                                      const std::string& clock);

void AddCapacityEvent(store::Records& records, const pb::CapacityEvent& event,
                      std::int64_t position);
Result<std::vector<pb::CapacityEvent>> CapacityEventsOf(
    const store::Records& records, const std::string& service);

// A forecast that an agency asks for, without its id and position. Ids of
// senders are not stored open.
ForecastRow Asking(const std::string& agency, pb::RequestForecastRequest asked);
// What was asked, and what came of it: without its id until it is made.
pb::RequestForecastRequest AskedOf(const ForecastRow& row);
pb::GetForecastResponse MadeOf(const ForecastRow& row);
// Nothing where it was made meanwhile.
Result<void> FinishForecast(store::Records& records,
                            const pb::GetForecastResponse& made);
// Asked for and not made yet: by agency, of each the first first.
Result<std::vector<ForecastRow>> PendingForecasts(
    const store::Records& records);
Result<std::int64_t> CountPending(const store::Records& records,
                                  const std::string& agency);
// By its id, or the service's latest.
Result<ForecastRow> FindForecast(const store::Records& records,
                                 const std::string& forecast_id,
                                 const std::string& service);

}  // namespace seawall::waiting
