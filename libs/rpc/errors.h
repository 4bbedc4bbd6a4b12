// Errors on the wire: the one place that turns an Error into a grpc::Status
// with google.rpc details, and back.
//
// Details: exactly one ErrorInfo (reason, domain "seawall"), a BadRequest if
// fields are named, a RetryInfo if there is something to say about trying
// again.
#pragma once

#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include "libs/base/error.h"

namespace seawall::rpc {

inline constexpr char kErrorDomain[] = "seawall";

google::rpc::Status ToProto(const Error& error);
grpc::Status ToStatus(const Error& error);

// What a server of ours answered, or what the transport says. A status without
// our details gets a reason by its code, such as STATUS_UNAVAILABLE.
Error FromProto(const google::rpc::Status& status);
Error FromStatus(const grpc::Status& status);

}  // namespace seawall::rpc
