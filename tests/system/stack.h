// Stack: a service as a process of its own, with its real store, its real Redis
// and mutual TLS, for one test.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "libs/rpc/client.h"
#include "libs/store/database.h"
#include "tests/support/certificates.h"
#include "tests/support/postgres.h"
#include "tests/support/process.h"
#include "tests/support/redis.h"
#include "tests/support/tempdir.h"

namespace seawall::support {

// The callers of data/agencies.json that tests are.
inline constexpr char kPolice[] = "police/push/referrer";
inline constexpr char kSchool[] = "school/push/referrer";
inline constexpr char kHub[] = "frontdoor/desk/hub";
inline constexpr char kOps[] = "ops/console/ops";
inline constexpr char kBoard[] = "board/portal/board";
inline constexpr char kAuditor[] = "auditor/portal/auditor";
inline constexpr char kArea[] = "blackpool";

struct StackSettings {
  // Which: `seawall-<service>` of the build.
  std::string service = "referrals";
  store::Engine engine = store::Engine::kSqlite;
  bool redis = true;
  // Beside those that every service needs: `--queue-limit=16`.
  std::vector<std::string> flags = {};
  // PostgreSQL of the test's own; null = the one of this process.
  Postgres* postgres = nullptr;
  // Another service on the same records and the same Redis: the stack whose
  // they are. Its settings of stores are not looked at.
  class Stack* beside = nullptr;
  // Where the SQLite file lies; empty = a folder of its own.
  std::string records_folder = {};
  // Put before the service's command: `sh -c 'ulimit …; exec "$@"' sh`.
  std::vector<std::string> wrapper = {};
};

// For one thread at a time, but for clients.
class Stack {
 public:
  // Returns when the service serves.
  static Result<std::unique_ptr<Stack>> Start(StackSettings settings = {});

  // SIGKILL.
  void KillService();
  // Starts it again with `flags` beside those of the settings, killing it first
  // if it runs. Returns when it serves.
  Result<void> RestartService(const std::vector<std::string>& flags = {});
  // The same without waiting.
  Result<void> LaunchService(const std::vector<std::string>& flags = {});
  // Waits until it serves or is gone.
  Result<void> AwaitService();
  Process& service() { return *service_; }

  // How to call as `agency/system/role` or `service/name`, with a certificate
  // of the stack's own authority. Connections are shared with nobody.
  rpc::ClientSettings SettingsOf(const std::string& caller,
                                 const std::string& person = {}) const;
  std::unique_ptr<rpc::Client> As(const std::string& caller,
                                  const std::string& person = {}) const;

  // Runs a query on the records, past the service; rows of columns as text.
  // Ends the process if it cannot be run.
  std::vector<std::vector<std::string>> Rows(const std::string& query) const;
  // The one number that a query gives.
  std::int64_t Number(const std::string& query) const;

  // All that GET /metrics answers; empty if nobody does.
  std::string Metrics() const;
  // A series such as `seawall_counters_lag_events{service="referrals"}`; absent
  // = nothing.
  std::optional<double> Metric(const std::string& series) const;
  // What the service wrote to stdout and stderr since the start.
  std::string Log() const { return ReadFile(log_file()); }
  // The end of it, for messages of tests.
  std::string LogTail() const;
  std::string log_file() const { return folder_.File("service.log"); }

  Redis& redis() { return *redis_; }
  std::string address() const;
  std::string database() const { return database_; }
  // Of the SQLite file; "-wal" beside it.
  std::string database_file() const { return database_.substr(7); }
  std::string folder() const { return folder_.path(); }
  std::string seal_key_file() const { return seal_key_file_; }
  // From the next start on: files, by commas, the first of which seals.
  void SealWith(std::string files) { seal_key_file_ = std::move(files); }
  std::string signing_key_file() const { return signing_key_file_; }
  std::string agencies_file() const { return agencies_file_; }

 private:
  explicit Stack(StackSettings settings) : settings_(std::move(settings)) {}
  Result<void> Prepare();
  Result<void> PrepareKeys();
  Result<void> PrepareStores();
  std::vector<std::string> Words(const std::vector<std::string>& flags) const;

  StackSettings settings_;
  TemporaryFolder folder_;
  std::unique_ptr<Redis> own_redis_;
  Redis* redis_ = nullptr;
  std::string seal_key_file_;
  std::string signing_key_file_;
  std::string agencies_file_;
  std::string database_;
  int port_ = 0;
  int metrics_port_ = 0;
  std::optional<Process> service_;
};

// The authority whose certificates every stack of this process takes.
Authority& StackAuthority();
// A certificate for `agency/system/role` or `service/name`, made once.
const Certificate& CertificateOf(const std::string& caller);

// Whether SEAWALL_LONG asks for runs as long as before a release.
bool LongRun();

}  // namespace seawall::support
