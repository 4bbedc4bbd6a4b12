#include "libs/rpc/call.h"

namespace seawall::rpc {

const char* NameOf(Role role) {
  switch (role) {
    case Role::kReferrer:
      return "referrer";
    case Role::kHub:
      return "hub";
    case Role::kOps:
      return "ops";
    case Role::kBoard:
      return "board";
    case Role::kAuditor:
      return "auditor";
    case Role::kService:
      return "service";
    case Role::kUnspecified:
      break;
  }
  return "";
}

ledger::Actor Caller::actor() const {
  return ledger::Actor{agency, system, NameOf(role), person};
}

}  // namespace seawall::rpc
