// Rule: what the Gate knows of one method before any call comes: who may call
// it, what it does, how its request is read. Made once, at start, from the
// method's descriptor and its binding; a method that is not complete makes the
// server refuse to start.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <seawall/common/v1/options.pb.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "libs/rpc/keys.h"
#include "libs/rpc/methods.h"

namespace seawall::rpc {

enum class Effect { kWrite = 1, kReadPerson = 2, kRead = 3 };

struct Rule {
  // `seawall.referrals.v1.ReferralsService/GetContact`
  std::string name;
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::vector<Role> roles;
  Effect effect = Effect::kRead;
  bool person_required = false;
  bool logged = false;  // an access entry, though no person is shown
  Methods::Method binding;
  // Of the request, or of the unary request inside a bulk item.
  const google::protobuf::FieldDescriptor* area = nullptr;
  const google::protobuf::FieldDescriptor* request_id = nullptr;  // writes
  const google::protobuf::FieldDescriptor* purpose = nullptr;  // person reads
  Keys keys;
  // Bulk: the item's field that holds the unary request, and that method.
  const google::protobuf::FieldDescriptor* item = nullptr;
  const Rule* unary = nullptr;

  // Its place among all rules.
  std::size_t index = 0;

  bool Allows(Role role) const;
};

// By name. Addresses stay.
using Rules = std::map<std::string, std::unique_ptr<Rule>>;

// Reasons (kFailedPrecondition): METHOD_WITHOUT_ROLES, METHOD_WITHOUT_EFFECT,
// METHOD_NOT_BOUND, METHOD_BOUND_TWICE, METHOD_UNKNOWN, METHOD_MISMATCH. The
// message names the method.
Result<Rules> MakeRules(
    const std::vector<const google::protobuf::ServiceDescriptor*>& services,
    const Methods& methods);

}  // namespace seawall::rpc
