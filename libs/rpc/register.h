// The register of agencies: data/agencies.json, watched; who may call, for
// which areas, suspended or not.
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
  // Systems allowed to state times of the past.
  std::vector<std::string> may_backdate;
};

// Thread-safe. A changed file takes effect within a second; one that does not
// parse is reported, again each minute until it does, and the old one kept.
class Register {
 public:
  // AGENCIES_UNREADABLE (kInvalidArgument).
  static Result<std::unique_ptr<Register>> Load(const std::string& path);
  ~Register();

  // The caller behind a certificate's URI name. UNKNOWN_CALLER
  // (kUnauthenticated) for a name of another form or trust domain,
  // UNKNOWN_AGENCY (kPermissionDenied), AGENCY_SUSPENDED (kPermissionDenied).
  Result<Caller> Identify(const std::string& uri,
                          const std::string& trust_domain) const;
  // The caller behind the name of a suspended agency, so that its refusal can
  // be put down to it; with an empty agency for every other name.
  Caller Suspended(const std::string& uri,
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
