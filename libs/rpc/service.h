// GatedService: a gRPC service made at run time from its descriptor, with every
// method led through the Gate.
//
// It registers raw methods under the proto's names, as generated code would, so
// that reflection and health know the service; the bytes are parsed by the
// Gate, which can say what is wrong with them.
#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/service_type.h>

#include "libs/rpc/follow.h"
#include "libs/rpc/gate.h"
#include "libs/rpc/policy.h"
#include "libs/rpc/streams.h"

namespace seawall::rpc {

class GatedService : public grpc::Service {
 public:
  // All references must outlive the grpc server.
  GatedService(const google::protobuf::ServiceDescriptor& descriptor,
               const Rules& rules, Gate& gate, Streams& streams,
               FollowStream::Bounds bounds);

 private:
  void AddUnary(int index, const Rule& rule, Gate& gate);
  void AddBulk(int index, const Rule& rule, Gate& gate, Streams& streams,
               std::chrono::milliseconds patience);
  void AddFollow(int index, const Rule& rule, Gate& gate, Streams& streams,
                 FollowStream::Bounds bounds);

  std::vector<std::string> paths_;  // grpc keeps pointers into them
};

}  // namespace seawall::rpc
