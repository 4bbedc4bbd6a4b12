// Methods: a service's handlers, bound by name to the methods of its proto.
//
// A service is a plain class that knows nothing of grpc: it binds each method
// of its proto to a member function. The server refuses to start if one is
// missing, bound twice, or has no roles in the proto.
//
//   Write: prepare on a worker thread (check, seal: slow and harmless when
//   stale), return the unit of work that the ledger
//          runs inside its batch. May run twice.
//   Read:  on a worker thread, in one snapshot.
//   Bulk:  a bidirectional stream of a Write method's requests; by convention
//   field 1 of the item is the unary request, and
//          the reply has `request_id = 1`, `response = 2`, `error = 3`
//          (google.rpc.Status).
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "libs/base/error.h"
#include "libs/ledger/ledger.h"
#include "libs/rpc/call.h"

namespace seawall::rpc {

template <class Response>
using Work = std::function<Result<Response>(ledger::Unit&)>;

class Methods {
 public:
  using Message = google::protobuf::Message;
  struct Method {
    const Message* request = nullptr;  // prototype
    std::function<Result<ledger::Work>(const Call&, const Message&)> prepare;
    std::function<Result<std::string>(Reading&, const Message&)> read;
    // Asked once for a server stream's next page (serialized) after `position`;
    // empty = nothing yet. See rpc/feed.h.
    std::string
        bulk_of;  // name of the Write method whose requests the stream carries
  };

  // `function`: Result<Work<Response>>(const Call&, const Request&).
  template <class Request, class Response, class Object>
  void Write(std::string name, Object* object,
             Result<Work<Response>> (Object::*function)(const Call&,
                                                        const Request&)) {
    Method method;
    method.request = &Request::default_instance();
    method.prepare = [object, function](
                         const Call& call,
                         const Message& request) -> Result<ledger::Work> {
      TRY(Work<Response> work,
          (object->*function)(call, static_cast<const Request&>(request)));
      return ledger::Work(
          [work = std::move(work)](ledger::Unit& unit) -> Result<std::string> {
            TRY(const Response response, work(unit));
            return response.SerializeAsString();
          });
    };
    Add(std::move(name), std::move(method));
  }

  // `function`: Result<Response>(Reading&, const Request&).
  template <class Request, class Response, class Object>
  void Read(std::string name, Object* object,
            Result<Response> (Object::*function)(Reading&, const Request&)) {
    Method method;
    method.request = &Request::default_instance();
    method.read = [object, function](
                      Reading& reading,
                      const Message& request) -> Result<std::string> {
      TRY(const Response response,
          (object->*function)(reading, static_cast<const Request&>(request)));
      return response.SerializeAsString();
    };
    Add(std::move(name), std::move(method));
  }

  template <class Item>
  void Bulk(std::string name, std::string unary) {
    Method method;
    method.request = &Item::default_instance();
    method.bulk_of = std::move(unary);
    Add(std::move(name), std::move(method));
  }

  const std::map<std::string, Method>& all() const { return methods_; }
  // Names that were bound twice; the server refuses them.
  const std::vector<std::string>& doubles() const { return doubles_; }

 private:
  void Add(std::string name, Method method) {
    if (!methods_.emplace(name, std::move(method)).second)
      doubles_.push_back(std::move(name));
  }
  std::map<std::string, Method> methods_;
  std::vector<std::string> doubles_;
};

// One gRPC service of a server.
class Service {
 public:
  virtual ~Service() = default;
  virtual const google::protobuf::ServiceDescriptor& descriptor() const = 0;
  virtual void Bind(Methods& methods) = 0;
};

}  // namespace seawall::rpc
