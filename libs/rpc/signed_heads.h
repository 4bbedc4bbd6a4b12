// SignedHeads: heads of the access log, signed, so that others can show later
// that the log was cut or made anew. A chain alone cannot: who can change the
// records can compute every link again.
//
// At intervals and at the stop each area's head is signed, written to the log
// as one line, and kept for followers and, in a file, for the next start.
// Before that the log is compared with the head that was signed last: where it
// does not go on from there, nothing is signed, the log says so, and
// seawall_access_log_intact is 0. Only a backup that was put back begins anew.
#pragma once

#include <seawall/common/v1/operations.pb.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "libs/base/clock.h"
#include "libs/ledger/ledger.h"
#include "libs/metrics/metrics.h"
#include "libs/rpc/register.h"
#include "libs/seal/sign.h"
#include "libs/store/database.h"

namespace seawall::rpc {

// Thread-safe.
class SignedHeads {
 public:
  struct Parts {
    std::string service;  // its agency in the register, too
    const seal::Signer& signer;
    const Register& agencies;
    const Clock& clock;
    store::Database& database;
    metrics::Registry& metrics;
    std::string file;  // of the newest heads, JSON lines
  };
  explicit SignedHeads(Parts parts);

  // At a start. SIGNING_KEY_UNKNOWN (kFailedPrecondition): the register does
  // not list our public key, so nobody could check what we sign.
  Result<void> CheckKey() const;
  // A backup was put back: what was signed of the log before is forgotten.
  void BeginAnew();
  // Signs the head of every area whose log has grown.
  void SignAll();
  // The newest that was signed; empty if none was.
  std::optional<common::v1::SignedHead> Newest(const std::string& area) const;
  // Signs a head that was just verified.
  common::v1::SignedHead Sign(const std::string& area,
                              const ledger::Remembered& head) const;
  // Why nothing can be said of a head: it is of another service or area, or not
  // signed by a key that the register lists for this service. Empty = it is one
  // that this service signed.
  std::string WhyNot(const std::string& area,
                     const common::v1::SignedHead& head) const;

 private:
  Result<void> SignOne(const std::string& area);
  void ReadFile();
  void WriteFile() const;

  const Parts parts_;
  metrics::Gauge intact_;
  mutable std::mutex mutex_;
  std::map<std::string, common::v1::SignedHead> newest_;  // guarded by mutex_
};

}  // namespace seawall::rpc
