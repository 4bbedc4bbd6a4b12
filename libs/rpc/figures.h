// FiguresService: the service's measures, from its counters while these are
// near the journal, from its records otherwise or when asked as known then.
//
// Counts by day are for hub, ops and services. Everybody else asks for whole
// months that are over, on the last day of a month, as known now or at the end
// of a month (PERIOD_NOT_WHOLE). Suppressed figures are of one month, quarter
// or reporting year, as known at the end of a month, for everybody.
#pragma once

#include <seawall/common/v1/figures.pb.h>

#include "libs/base/clock.h"
#include "libs/counters/definitions.h"
#include "libs/counters/measures.h"
#include "libs/counters/populations.h"
#include "libs/counters/projector.h"
#include "libs/rpc/methods.h"
#include "libs/store/database.h"

namespace seawall::rpc {

class FiguresService : public Service {
 public:
  struct Parts {
    const Clock& clock;
    store::Database& database;
    const counters::Definitions& definitions;
    const counters::Populations& populations;
    // Null for a service that counts nothing.
    counters::Projector* projector = nullptr;
  };
  explicit FiguresService(Parts parts) : parts_(parts) {}

  const google::protobuf::ServiceDescriptor& descriptor() const override;
  void Bind(Methods& methods) override;

  // Reasons: UNKNOWN_MEASURE, BAD_PERIOD, PERIOD_NOT_WHOLE, UNKNOWN_GROUP,
  // TIME_AHEAD, SOURCE_NOT_POSSIBLE (counters asked for as known then),
  // COUNTERS_UNAVAILABLE (counters asked for and away), DEADLINE_TOO_SHORT (the
  // time was over before all records were counted).
  Result<common::v1::GetFiguresResponse> GetFigures(
      const Call& call, const common::v1::GetFiguresRequest& request);
  Result<common::v1::ListMeasuresResponse> ListMeasures(
      const Call& call, const common::v1::ListMeasuresRequest& request);

 private:
  // Nothing if the counters are away or too far behind to be shown.
  Result<std::optional<common::v1::GetFiguresResponse>> Counted(
      const counters::FiguresQuery& query, bool insist);
  Result<common::v1::GetFiguresResponse> Recorded(
      const counters::FiguresQuery& query, std::optional<Instant> as_known,
      std::chrono::steady_clock::time_point deadline);
  Result<common::v1::GetFiguresResponse> Published(
      const counters::FiguresQuery& query, std::optional<Instant> as_known,
      std::chrono::steady_clock::time_point deadline);
  counters::ValueSource RecordsAt(
      store::Reader& reader, const std::string& area, std::int64_t position,
      std::chrono::steady_clock::time_point deadline) const;
  Parts parts_;
};

// The last position that was recorded at or before `instant`; 0 if none.
// Recorded times never go back within an area.
Result<std::int64_t> PositionAt(store::Reader& reader, const std::string& area,
                                std::int64_t head, Instant instant);

}  // namespace seawall::rpc
