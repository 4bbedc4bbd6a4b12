#include "libs/rpc/errors.h"

#include <google/rpc/error_details.pb.h>

namespace seawall::rpc {
namespace {

namespace details = google::rpc;

const char* NameOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
      return "STATUS_CANCELLED";
    case grpc::StatusCode::INVALID_ARGUMENT:
      return "STATUS_INVALID_ARGUMENT";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "STATUS_DEADLINE_EXCEEDED";
    case grpc::StatusCode::NOT_FOUND:
      return "STATUS_NOT_FOUND";
    case grpc::StatusCode::PERMISSION_DENIED:
      return "STATUS_PERMISSION_DENIED";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "STATUS_RESOURCE_EXHAUSTED";
    case grpc::StatusCode::FAILED_PRECONDITION:
      return "STATUS_FAILED_PRECONDITION";
    case grpc::StatusCode::ABORTED:
      return "STATUS_ABORTED";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "STATUS_UNIMPLEMENTED";
    case grpc::StatusCode::UNAVAILABLE:
      return "STATUS_UNAVAILABLE";
    case grpc::StatusCode::UNAUTHENTICATED:
      return "STATUS_UNAUTHENTICATED";
    default:
      return "STATUS_INTERNAL";
  }
}

// Codes that Error does not know become the nearest one that it does.
Code CodeOf(int code) {
  switch (static_cast<grpc::StatusCode>(code)) {
    case grpc::StatusCode::CANCELLED:
      return Code::kAborted;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::UNAUTHENTICATED:
      return static_cast<Code>(code);
    default:
      return Code::kInternal;
  }
}

void AddRetry(std::chrono::milliseconds after, google::rpc::Status& status) {
  details::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(after.count() / 1000);
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int>(after.count() % 1000) * 1'000'000);
  status.add_details()->PackFrom(retry);
}

void AddFields(const std::vector<FieldError>& fields,
               google::rpc::Status& status) {
  details::BadRequest bad;
  for (const FieldError& field : fields) {
    auto* violation = bad.add_field_violations();
    violation->set_field(field.path);
    violation->set_description(field.description);
  }
  status.add_details()->PackFrom(bad);
}

}  // namespace

google::rpc::Status ToProto(const Error& error) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(error.code));
  status.set_message(error.message);
  details::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain(kErrorDomain);
  status.add_details()->PackFrom(info);
  if (!error.fields.empty()) AddFields(error.fields, status);
  if (error.retry_after.count() > 0) AddRetry(error.retry_after, status);
  return status;
}

grpc::Status ToStatus(const Error& error) {
  return grpc::Status(static_cast<grpc::StatusCode>(error.code), error.message,
                      ToProto(error).SerializeAsString());
}

Error FromProto(const google::rpc::Status& status) {
  Error error{CodeOf(status.code()), "", status.message()};
  for (const auto& any : status.details()) {
    if (details::ErrorInfo info; any.UnpackTo(&info)) {
      error.reason = info.reason();
    } else if (details::BadRequest bad; any.UnpackTo(&bad)) {
      for (const auto& field : bad.field_violations())
        error.fields.push_back({field.field(), field.description()});
    } else if (details::RetryInfo retry; any.UnpackTo(&retry)) {
      error.retry_after =
          std::chrono::milliseconds(retry.retry_delay().seconds() * 1000 +
                                    retry.retry_delay().nanos() / 1'000'000);
    }
  }
  if (error.reason.empty())
    error.reason = NameOf(static_cast<grpc::StatusCode>(status.code()));
  return error;
}

Error FromStatus(const grpc::Status& status) {
  google::rpc::Status proto;
  if (!status.error_details().empty() &&
      proto.ParseFromString(status.error_details())) {
    return FromProto(proto);
  }
  proto.Clear();
  proto.set_code(status.error_code());
  proto.set_message(status.error_message());
  return FromProto(proto);
}

}  // namespace seawall::rpc
