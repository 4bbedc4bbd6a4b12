// A contact that a request changes: what every such method of ReferralsService
// has in common. For handlers alone.
#pragma once

#include "services/referrals/handler.h"

namespace seawall::referrals {

// A contact on its way to its next version, inside a unit.
struct Referrals::Change {
  ledger::Unit& unit;
  ContactRow row;
  bool changed = true;
};

// The hub changes any contact, an agency its own; CONTACT_WITHDRAWN.
template <class Response, class Alter>
rpc::Work<Response> Referrals::Changing(const Call& call, const std::string& id,
                                        Alter alter) const {
  return [this, call, id,
          alter = std::move(alter)](ledger::Unit& unit) -> Result<Response> {
    Records& records = unit.Records();
    const bool hub = call.caller.role == rpc::Role::kHub;
    TRY(ContactRow row,
        hub ? store_.Contact(records, id) : Own(records, call, id));
    if (IsWithdrawn(row.state)) return rules::ContactWithdrawn();
    unit.Touched(row.contact_id);
    Change change{unit, std::move(row)};
    Response response;
    response.set_contact_id(change.row.contact_id);
    TRY_VOID(alter(change, response));
    if (change.changed) {
      TRY_VOID(store_.Save(records, change.row));
    }
    if constexpr (requires { response.set_version(1); }) {
      response.set_version(change.row.version);
    }
    return response;
  };
}

}  // namespace seawall::referrals
