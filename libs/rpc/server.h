// Server: everything that is the same for every service, built from settings:
// TLS, register of agencies, Gate, database, ledger, counters and projector,
// metrics, health, reflection, feed, figures, operations, stopping.
//
// A service adds a Domain. Ready = the store answered within a second (Redis is
// no part of it). Stopping on SIGTERM: not ready -> wait for the balancer ->
// refuse new calls -> finish those under way by the deadline -> drain the
// ledger -> checkpoint -> exit 0.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/civil.h"
#include "libs/base/clock.h"
#include "libs/base/codes.h"
#include "libs/base/error.h"
#include "libs/config/config.h"
#include "libs/counters/definitions.h"
#include "libs/counters/projector.h"
#include "libs/ledger/ledger.h"
#include "libs/log/log.h"
#include "libs/metrics/metrics.h"
#include "libs/rpc/methods.h"
#include "libs/rpc/register.h"
#include "libs/seal/seal.h"
#include "libs/store/database.h"
#include "libs/store/derived.h"

namespace seawall::rpc {

struct ServerSettings {
  std::string listen = "127.0.0.1:7401";
  std::string metrics_listen = "127.0.0.1:9401";  // empty = no port
  std::string certificate;
  std::string key;
  std::string ca;
  std::string trust_domain = "seawall.local";
  std::string data = "data";  // bank holidays, code sets, rubric…
  std::string agencies;       // the register's file
  std::string database;       // see store::DatabaseSettings::address
  std::string redis;  // "127.0.0.1:6379", "tls:host:port", "unix:/path"; empty
                      // = counters in memory
  std::string redis_password_file;
  std::string redis_user;
  std::vector<std::string> seal_keys;  // files; the first seals
  // For one start: keys that are not given any more sealed rows; give those up.
  bool forget_seal_keys = false;
  // File of the key that signs the heads of the access log; the register lists
  // its public key.
  std::string signing_key;
  // Where the newest heads are kept; empty = beside the key, with `.heads`.
  std::string signed_heads;
  std::chrono::milliseconds sign_every{10 * 60'000};
  std::chrono::milliseconds stop_deadline{10'000};
  std::chrono::milliseconds balancer_wait{0};
  // At a start the clock may be so far ahead of the newest record, unless an
  // operator says that it is right.
  std::chrono::milliseconds clock_ahead = std::chrono::hours(24 * 60);
  bool accept_clock = false;
  // A backup was put back: give each journal a new id. For one start.
  bool restored = false;
  // How long a database that does not answer yet is waited for at a start.
  std::chrono::milliseconds database_wait{300'000};
  int workers = 2;  // threads that prepare writes; reads have their own
  std::size_t queue_limit = 1024;  // of one agency
  std::size_t batch_limit = 256;
  // Ask the server that runs with these settings for its health, and exit.
  bool check = false;
  // For tests of crashes: see ledger::LedgerSettings.
  std::string crash_at;
  int crash_after = 1;
  // For tests: what takes minutes in service.
  std::chrono::milliseconds patience{30'000};  // for a reply to be taken
  std::chrono::milliseconds stream_age{25 * 60'000};
  int certificate_refresh_seconds = 5;
  std::chrono::milliseconds probe_every{10'000};
};

// Declares the flags of ServerSettings with their help.
void Declare(config::Options& options, ServerSettings& settings);

// For `--check`: 0 if the server on this machine says over a new connection
// that it serves, 1 if not. Opens nothing else.
int Check(const ServerSettings& settings);

// What a service adds to the server.
struct Domain {
  std::vector<store::Migration> migrations;  // versions from 100
  // The service's tables as its rows say: a start compares them with the store.
  std::vector<const store::Table*> tables;
  // Rows that are made anew where the store was made by other rules.
  std::vector<store::Derivation> derived;
  std::vector<Service*> services;
  // See ledger::Ledger::OnIdle.
  ledger::Ledger::Upkeep upkeep = nullptr;
  const counters::Definitions* definitions = nullptr;
  // Sets the service's gauges; called about once a second an area.
  std::function<void(const std::string& area, counters::Projector&)> publish;
  // The reasons that its handlers refuse with, beside those of rpc/reasons.h.
  std::vector<std::string> reasons;
};

class Server {
 public:
  // Opens everything. The error names the setting that is wrong.
  static Result<std::unique_ptr<Server>> Create(std::string name,
                                                ServerSettings settings);
  ~Server();

  const Clock& clock() const;
  const Calendar& calendar() const;
  const CodeSets& codes() const;
  const seal::Sealer& sealer() const;
  const Register& agencies() const;
  metrics::Registry& metrics();
  store::Database& database();
  ledger::Ledger& ledger();
  const ServerSettings& settings() const;

  // Migrates, serves until SIGTERM or SIGINT, stops in order. Returns the exit
  // code. Signals are blocked by Create.
  int Run(Domain domain);

  // For tests in one process: Start without signals; port() is the listening
  // port. Beside the errors of what is opened: METHOD_… where a method is not
  // complete (rpc/policy.h), LISTEN_FAILED (kUnavailable).
  Result<void> Start(Domain domain);
  void Stop();
  int port() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace seawall::rpc
