// seawall-echo: a bare gRPC server, the floor under every rpc. Mutual TLS as
// the service's; parses the request and answers a receipt of the usual size.
//   seawall-echo HOST:PORT CERTIFICATE KEY CA
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/server_callback.h>
#include <seawall/referrals/v1/referrals.pb.h>
#include <unistd.h>

#include <cstdio>

#include "libs/rpc/tls.h"

namespace {

namespace pb = ::seawall::referrals::v1;
using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

class Echo : public grpc::Service {
 public:
  Echo() {
    AddMethod(new RpcServiceMethod(
        "/seawall.referrals.v1.ReferralsService/SubmitContact",
        RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodRawCallback(
        0, new grpc::internal::CallbackUnaryHandler<pb::SubmitContactRequest,
                                                    pb::SubmitContactResponse>(
               [](grpc::CallbackServerContext* context,
                  const pb::SubmitContactRequest* request,
                  pb::SubmitContactResponse* response) {
                 Fill(*request, *response);
                 auto* reactor = context->DefaultReactor();
                 reactor->Finish(grpc::Status::OK);
                 return reactor;
               }));
  }

 private:
  static void Fill(const pb::SubmitContactRequest& request,
                   pb::SubmitContactResponse& response) {
    pb::ContactReceipt& receipt = *response.add_receipts();
    receipt.set_contact_id("C-0123456789ABCDEFGHJKMNPQRS");
    receipt.set_child(request.form().children_size());
    receipt.mutable_received_time()->set_seconds(1'700'000'000);
    receipt.mutable_decision_due_time()->set_seconds(1'700'086'400);
    receipt.set_priority(pb::PRIORITY_AMBER);
    receipt.set_route(pb::ROUTE_FRONT_DOOR);
    receipt.mutable_quality()->set_rubric_version(1);
    receipt.mutable_quality()->set_score(10);
    receipt.mutable_quality()->set_maximum(12);
    receipt.mutable_quality()->add_failed_criteria("history");
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "seawall-echo HOST:PORT CERTIFICATE KEY CA\n");
    return 2;
  }
  seawall::rpc::RequireTls13();
  Echo echo;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(
      argv[1], seawall::rpc::ServerTls({argv[2], argv[3], argv[4]}, 60), &port);
  builder.RegisterService(&echo);
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) return 1;
  server->Wait();
}
