// The register of agencies: data/agencies.json, watched; who may call, with
// which systems, in which roles, for which areas, suspended or not.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/error.h"
#include "libs/rpc/call.h"

namespace seawall::rpc {

// A system of an agency. It may call in these roles and in no other.
struct System {
  std::string id;
  std::vector<Role> roles;
  bool suspended = false;
  // It may state times of the past: loading of history.
  bool may_backdate = false;
};

struct Agency {
  std::string id;
  std::string name;
  // police, health, school, education, council, housing, probation, voluntary,
  // public, board, service
  std::string kind;
  // Group it is counted under (closed set): police, health, education,
  // local_authority, housing, justice, other.
  std::string group;
  std::vector<std::string> areas;
  bool suspended = false;
  // None: nobody calls for this agency.
  std::vector<System> systems;
  // Serial numbers, in upper-case hex without leading zeros.
  std::vector<std::string> suspended_certificates;
  // Of a service of ours: the public keys, 64 hex digits each, that it signs or
  // signed the heads of its access log with.
  std::vector<std::string> signing_keys;
};

// Thread-safe. A changed file takes effect within a second; one that cannot be
// read, knows a key that we do not, or lets nobody call is reported, again each
// minute until it is mended, and the old one kept.
class Register {
 public:
  // AGENCIES_UNREADABLE (kInvalidArgument).
  static Result<std::unique_ptr<Register>> Load(const std::string& path);
  ~Register();

  // The caller behind a peer's name (rpc/identity.h). UNKNOWN_CALLER
  // (kUnauthenticated) for a name of another form or trust domain; all others
  // kPermissionDenied: UNKNOWN_AGENCY, AGENCY_SUSPENDED, UNKNOWN_SYSTEM (a
  // system or role that the agency does not have), SYSTEM_SUSPENDED,
  // CERTIFICATE_SUSPENDED.
  Result<Caller> Identify(const std::string& name,
                          const std::string& trust_domain) const;
  // The caller behind a name that Identify refuses although the register holds
  // its agency, so that the refusal can be put down to it; with an empty agency
  // for every other name.
  Caller Suspended(const std::string& name,
                   const std::string& trust_domain) const;
  // Whether the file on disk is not the register in force.
  bool stale() const;
  // Null if unknown.
  std::shared_ptr<const Agency> Find(const std::string& id) const;
  // Whether any agency belongs to that area.
  bool HasArea(const std::string& area) const;
  std::vector<Agency> agencies() const;
  // Reads the file again if it changed; called by the watcher, and by tests.
  Result<void> Refresh();

 private:
  struct State;
  explicit Register(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace seawall::rpc
