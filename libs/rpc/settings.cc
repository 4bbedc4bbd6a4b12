// The flags of every server.
#include "libs/rpc/server.h"

namespace seawall::rpc {
namespace {

void DeclareFiles(config::Options& options, ServerSettings& settings) {
  options.Add("certificate", settings.certificate,
              "The server's certificate (PEM); read again when it changes");
  options.Add("key", settings.key, "The key of the certificate (PEM)");
  options.Add("ca", settings.ca, "The CA that signs the clients (PEM)");
  options.Add("trust-domain", settings.trust_domain,
              "The domain in the URI names of certificates");
  options.Add("data", settings.data,
              "Folder of bank holidays, code sets and other dated data");
  options.Add("agencies", settings.agencies,
              "The register of agencies (JSON); read again when it changes");
  options.Add("seal-keys", settings.seal_keys,
              "Files of sealing keys; the first seals, all of them open");
  options.Add("signing-key", settings.signing_key,
              "File of the key that signs the heads of the access log; the "
              "register lists its public key");
  options.Add("forget-seal-keys", settings.forget_seal_keys,
              "For one start after a sealing key was lost: what it sealed is "
              "given up");
  options.Add("signed-heads", settings.signed_heads,
              "File of the heads that were signed last, so that a restart does "
              "not forget them; empty: beside the signing key");
  options.Add("sign-every", settings.sign_every,
              "How often the heads of the access log are signed");
  for (const char* name :
       {"certificate", "key", "ca", "agencies", "seal-keys", "signing-key"}) {
    options.Require(name);
  }
}

void DeclareStores(config::Options& options, ServerSettings& settings) {
  options.Add("database", settings.database,
              "Records: sqlite:/path/to/file.db, or postgres:host=… dbname=…");
  options.Require("database");
  options.Add("database-wait", settings.database_wait,
              "How long a database that starts or recovers is waited for");
  options.Add("clock-ahead", settings.clock_ahead,
              "How far the clock may be ahead of the newest record at a start");
  options.Add("accept-clock", settings.accept_clock,
              "Start although the clock is further ahead: it is right");
  options.Add("restored", settings.restored,
              "For one start after a backup was put back: each journal gets a "
              "new id, so that nobody goes on with the old one");
  options.Add("redis", settings.redis,
              "Counters: host:port, tls:host:port or unix:/path; empty keeps "
              "them in memory");
  options.Add("redis-user", settings.redis_user, "The user at Redis");
  options.Add("redis-password-file", settings.redis_password_file,
              "The file whose first line is the password at Redis");
}

void DeclareLimits(config::Options& options, ServerSettings& settings) {
  options.Add("workers", settings.workers, 1, 64,
              "Threads that parse, check and prepare writes");
  options.Add("queue-limit", settings.queue_limit, 16, 1'000'000,
              "Requests of one agency under way before QUEUE_FULL");
  options.Add("batch-limit", settings.batch_limit, 1, 10'000,
              "Units that one commit may carry");
  options.Add("stop-deadline", settings.stop_deadline,
              "How long calls under way may take once stopping began");
  options.Add("balancer-wait", settings.balancer_wait,
              "How long to stay open after saying not to be ready any more");
}

}  // namespace

void Declare(config::Options& options, ServerSettings& settings) {
  options.Add("listen", settings.listen, "Where gRPC is served: host:port");
  options.Add("metrics-listen", settings.metrics_listen,
              "Where /metrics is served: host:port");
  DeclareFiles(options, settings);
  DeclareStores(options, settings);
  DeclareLimits(options, settings);
  options.Add("check", settings.check,
              "Ask the running server for its health and exit: 0 = serving");
  options.Add("crash-at", settings.crash_at,
              "For tests: kill the process at before-begin, before-commit or "
              "after-commit");
  options.Add("crash-after", settings.crash_after, 1, 1'000'000'000,
              "For tests: at the how many-th passing of --crash-at");
  options.Add("probe-every", settings.probe_every,
              "For tests: how often the server asks itself for its health");
}

}  // namespace seawall::rpc
