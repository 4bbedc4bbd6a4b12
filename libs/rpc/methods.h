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
//   Ask:   on a worker thread, without a snapshot: what needs none, or takes
//   longer than one may last (`slow`: then on a
//          thread of its own kind, so that it delays nobody else).
//   Follow: a server stream that goes on from a position, page by page.
//   Bulk:  a bidirectional stream of a Write method's requests; by convention
//   field 1 of the item is the unary request, and
//          the reply has `request_id = 1`, `response = 2`, `error = 3`
//          (google.rpc.Status).
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "libs/ledger/ledger.h"
#include "libs/rpc/call.h"

namespace seawall::rpc {

// One message of a server stream, and where the next one goes on.
struct Page {
  std::string bytes;
  std::int64_t to = 0;
  // The subject of its access entry, such as `journal:4-9`. Empty for figures
  // that show nobody: those leave none.
  std::string shows = {};
};

template <class Response>
using Work = std::function<Result<Response>(ledger::Unit&)>;

class Methods {
 public:
  using Message = google::protobuf::Message;
  struct Method {
    const Message* request = nullptr;  // prototype
    std::function<Result<ledger::Work>(const Call&, const Message&)> prepare;
    std::function<Result<std::string>(Reading&, const Message&)> read;
    std::function<Result<std::string>(const Call&, const Message&)> ask;
    bool slow = false;
    // The page after `position` (absent: where the request says); nothing = all
    // was told, ask again after the next commit. What the page names as shown
    // is in the access log before it leaves.
    std::function<Result<std::optional<Page>>(
        Reading&, const Message&, std::optional<std::int64_t> position)>
        follow;
    // Name of the Write method whose requests the stream carries.
    std::string bulk_of;
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

  // `function`: Result<Response>(const Call&, const Request&).
  template <class Request, class Response, class Object>
  void Ask(std::string name, Object* object,
           Result<Response> (Object::*function)(const Call&, const Request&),
           bool slow = false) {
    Method method;
    method.request = &Request::default_instance();
    method.slow = slow;
    method.ask = [object, function](
                     const Call& call,
                     const Message& request) -> Result<std::string> {
      TRY(const Response response,
          (object->*function)(call, static_cast<const Request&>(request)));
      return response.SerializeAsString();
    };
    Add(std::move(name), std::move(method));
  }

  // `function`: see Method::follow.
  template <class Request, class Object>
  void Follow(std::string name, Object* object,
              Result<std::optional<Page>> (Object::*function)(
                  Reading&, const Request&, std::optional<std::int64_t>)) {
    Method method;
    method.request = &Request::default_instance();
    method.follow = [object, function](Reading& reading, const Message& request,
                                       std::optional<std::int64_t> position) {
      return (object->*function)(reading, static_cast<const Request&>(request),
                                 position);
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
