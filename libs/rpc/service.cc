#include "libs/rpc/service.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/method_handler.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/slice.h>

#include "libs/rpc/bulk.h"
#include "libs/rpc/errors.h"

namespace seawall::rpc {
namespace {

using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

class UnaryExchange : public Exchange {
 public:
  UnaryExchange(Gate& gate, const Rule& rule, Call call,
                grpc::CallbackServerContext* context,
                const grpc::ByteBuffer& request, grpc::ByteBuffer* response)
      : Exchange(gate, rule, std::move(call), request),
        started_(std::chrono::steady_clock::now()),
        context_(context),
        response_(response),
        reactor_(context->DefaultReactor()) {}

  grpc::ServerUnaryReactor* reactor() { return reactor_; }
  bool Gone() const override { return context_->IsCancelled(); }

 protected:
  // Nothing of the call may be touched after Finish.
  void Reply(Result<std::string> answer) override {
    gate_.parts().observer.Ended(rule(), started_,
                                 answer ? nullptr : &answer.error());
    if (!answer) return reactor_->Finish(ToStatus(answer.error()));
    grpc::Slice slice(*answer);
    grpc::ByteBuffer bytes(&slice, 1);
    response_->Swap(&bytes);
    reactor_->Finish(grpc::Status::OK);
  }

 private:
  const std::chrono::steady_clock::time_point started_;
  grpc::CallbackServerContext* context_;
  grpc::ByteBuffer* response_;
  grpc::ServerUnaryReactor* reactor_;
};

grpc::ServerUnaryReactor* Begin(Gate& gate, const Rule& rule,
                                grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer& request,
                                grpc::ByteBuffer* response) {
  gate.parts().observer.Started(rule);
  Call call;
  const auto admitted = gate.Admit(rule, *context, call);
  auto exchange = std::make_shared<UnaryExchange>(gate, rule, std::move(call),
                                                  context, request, response);
  grpc::ServerUnaryReactor* reactor = exchange->reactor();
  if (admitted) {
    gate.Send(std::move(exchange));
  } else {
    gate.Refuse(exchange, admitted.error());
  }
  return reactor;
}

}  // namespace

GatedService::GatedService(
    const google::protobuf::ServiceDescriptor& descriptor, const Rules& rules,
    Gate& gate, Streams& streams, FollowStream::Bounds bounds) {
  const int count = descriptor.method_count();
  paths_.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; i++) {
    const auto& method = *descriptor.method(i);
    const std::string name = descriptor.full_name() + "/" + method.name();
    const Rule& rule = *rules.at(name);
    paths_.push_back("/" + name);
    if (method.client_streaming()) {
      AddBulk(i, rule, gate, streams, bounds.patience);
    } else if (method.server_streaming()) {
      AddFollow(i, rule, gate, streams, bounds);
    } else {
      AddUnary(i, rule, gate);
    }
  }
}

void GatedService::AddUnary(int index, const Rule& rule, Gate& gate) {
  AddMethod(new RpcServiceMethod(paths_.back().c_str(), RpcMethod::NORMAL_RPC,
                                 nullptr));
  MarkMethodRawCallback(
      index, new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer,
                                                      grpc::ByteBuffer>(
                 [&rule, &gate](grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer* request,
                                grpc::ByteBuffer* response) {
                   return Begin(gate, rule, context, *request, response);
                 }));
}

void GatedService::AddBulk(int index, const Rule& rule, Gate& gate,
                           Streams& streams,
                           std::chrono::milliseconds patience) {
  AddMethod(new RpcServiceMethod(paths_.back().c_str(),
                                 RpcMethod::BIDI_STREAMING, nullptr));
  MarkMethodRawCallback(
      index, new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer,
                                                     grpc::ByteBuffer>(
                 [&rule, &gate, &streams,
                  patience](grpc::CallbackServerContext* context) {
                   return BulkStream::Open(gate, streams, rule, context,
                                           patience);
                 }));
}

void GatedService::AddFollow(int index, const Rule& rule, Gate& gate,
                             Streams& streams, FollowStream::Bounds bounds) {
  AddMethod(new RpcServiceMethod(paths_.back().c_str(),
                                 RpcMethod::SERVER_STREAMING, nullptr));
  MarkMethodRawCallback(
      index,
      new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer,
                                                         grpc::ByteBuffer>(
          [&rule, &gate, &streams, bounds](grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request) {
            return FollowStream::Open(gate, streams, rule, context, *request,
                                      bounds);
          }));
}

}  // namespace seawall::rpc
