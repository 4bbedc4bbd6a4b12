// OperationsService: what ops and auditors ask of every service.
#pragma once

#include <seawall/common/v1/operations.pb.h>

#include "libs/base/clock.h"
#include "libs/counters/projector.h"
#include "libs/rpc/methods.h"
#include "libs/rpc/signed_heads.h"
#include "libs/store/database.h"

namespace seawall::rpc {

class OperationsService : public Service {
 public:
  struct Parts {
    std::string service;
    const Clock& clock;
    store::Database& database;
    const seal::Sealer& sealer;
    const SignedHeads& heads;
    // Null for a service that counts nothing: COUNTERS_UNAVAILABLE.
    counters::Projector* projector = nullptr;
  };
  explicit OperationsService(Parts parts) : parts_(std::move(parts)) {}

  const google::protobuf::ServiceDescriptor& descriptor() const override;
  void Bind(Methods& methods) override;

  Result<common::v1::WhoAmIResponse> WhoAmI(
      const Call& call, const common::v1::WhoAmIRequest& request);
  Result<common::v1::VerifyCountersResponse> VerifyCounters(
      const Call& call, const common::v1::VerifyCountersRequest& request);
  Result<common::v1::RebuildCountersResponse> RebuildCounters(
      const Call& call, const common::v1::RebuildCountersRequest& request);
  Result<common::v1::VerifyAccessLogResponse> VerifyAccessLog(
      const Call& call, const common::v1::VerifyAccessLogRequest& request);
  Result<common::v1::ListAccessResponse> ListAccess(
      Reading& reading, const common::v1::ListAccessRequest& request);

 private:
  Result<counters::Projector*> Projector() const;
  Parts parts_;
};

}  // namespace seawall::rpc
