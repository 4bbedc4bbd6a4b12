// Who calls, what they may see, and for what: what the Gate knows before a
// handler runs.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/ledger/ledger.h"
#include "libs/store/database.h"

namespace seawall::support {
class HostedTest;  // reads as the Gate would
}

namespace seawall::rpc {

// Values of seawall.common.v1.Role.
enum class Role {
  kUnspecified = 0,
  kReferrer = 1,
  kHub = 2,
  kOps = 3,
  kBoard = 4,
  kAuditor = 5,
  kService = 6
};

// As the certificate spells it: `hub`.
const char* NameOf(Role role);

// From the client's certificate, checked against the register of agencies.
struct Caller {
  std::string agency;
  std::string agency_name;
  std::string agency_group;
  std::string system;
  Role role = Role::kUnspecified;
  // From the metadata `seawall-person`: "p-1041/social-worker"; empty where a
  // system acts by itself.
  std::string person;
  std::vector<std::string> areas;
  // The register lets this system state times of the past: loading of history.
  bool may_backdate = false;

  ledger::Actor actor() const;
};

struct Call {
  Caller caller;
  std::string area;
  std::string method;  // `seawall.referrals.v1.ReferralsService/GetContact`
  std::string request_id;
  std::string trace_id;
  std::chrono::steady_clock::time_point deadline;
};

// Leave to look at a child's record, with its purpose. Only the Gate makes one,
// after purpose and lawful basis were checked; whatever opens sealed details
// asks for it, so that forgetting the check does not compile.
class Grant {
 public:
  const std::string& purpose() const { return purpose_; }
  const std::string& lawful_basis() const { return lawful_basis_; }

  Grant(Grant&&) = default;
  Grant(const Grant&) = delete;

 private:
  friend class Gate;
  friend class support::HostedTest;
  Grant(std::string purpose, std::string lawful_basis)
      : purpose_(std::move(purpose)), lawful_basis_(std::move(lawful_basis)) {}
  std::string purpose_;
  std::string lawful_basis_;
};

// A read in progress: one snapshot of the records. The answer leaves only after
// the access entry naming what was Shown is on disk.
class Reading {
 public:
  Reading(const Call& call, store::Reader& reader, const Grant* grant)
      : call_(call),
        reader_(reader),
        grant_(grant),
        records_(store::RecordsOf(reader, call.area)) {}
  const Call& call() const { return call_; }
  store::Reader& reader() { return reader_; }
  // Of the call's area.
  const store::Records& Records() const { return *records_; }
  // For EFFECT_READ_PERSON methods alone.
  const Grant& grant() const { return *grant_; }
  // Names a record that the answer shows.
  void Shows(std::string id) { shown_.push_back(std::move(id)); }
  const std::vector<std::string>& shown() const { return shown_; }

 private:
  const Call& call_;
  store::Reader& reader_;
  const Grant* grant_;
  const std::unique_ptr<const store::Records> records_;
  std::vector<std::string> shown_;
};

}  // namespace seawall::rpc
