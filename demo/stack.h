// Stack: the running parts that ./seawall started, as its run folder says:
// where the service listens, how to speak to it as whom, how to kill it hard
// and start it again with the same command.
//
// For one thread at a time.
#pragma once

#include <string>

#include "libs/base/error.h"
#include "libs/rpc/client.h"

namespace seawall::demo {

class Stack {
 public:
  // `run`: folder with stack.env, referrals.pid, start-referrals. `pki`: folder
  // with the certificates. STACK_MISSING if nothing was started there.
  static Result<Stack> Find(const std::string& run, const std::string& pki);

  // Settings of a connection with the certificate of that name.
  rpc::ClientSettings As(const std::string& certificate,
                         const std::string& person = "") const;

  // The same for the waiting lists, a service of their own.
  rpc::ClientSettings AsOnWaiting(const std::string& certificate,
                                  const std::string& person = "") const;

  const std::string& metrics_url() const { return metrics_url_; }
  // What /metrics says now. METRICS_UNREACHABLE.
  Result<std::string> Metrics() const;

  // SIGKILL to the service, and to nothing else: the process of the pid file
  // must be the service of this folder. Returns its id when it is gone.
  // NOT_OURS, NOT_KILLED.
  Result<int> KillService() const;
  // Runs the command that started it; returns its id when it answers.
  // NOT_STARTED.
  Result<int> StartService() const;

 private:
  Stack() = default;

  std::string run_;
  std::string pki_;
  std::string address_;
  std::string waiting_address_;
  std::string metrics_url_;
};

// The value of a sample such as `name{label="value"}` in an exposition; 0 if it
// is not there.
double SampleOf(const std::string& exposition, const std::string& sample);

}  // namespace seawall::demo
