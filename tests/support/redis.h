// A private redis-server (append-only file every second, no eviction), in a
// temporary folder, on a free port of 127.0.0.1.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "tests/support/process.h"
#include "tests/support/tempdir.h"

namespace seawall::support {

// For one thread at a time.
class Redis {
 public:
  static Result<std::unique_ptr<Redis>> Start();

  // SIGKILL, as in a crash.
  void Kill();
  // Repairs the append-only file (or leaves that to Redis's own start), then
  // starts on the same folder and port; kills it first if it runs.
  Result<void> Restart(bool repair = true);
  // Stops answering without closing connections, and goes on.
  void Freeze() const;
  void Thaw() const;

  // Runs a command with redis-cli; its reply as text.
  Result<std::string> Run(const std::vector<std::string>& command) const;
  Result<void> Flush() const;

  int port() const { return port_; }
  std::string folder() const { return folder_.path(); }
  // The newest part of the append-only file: what a crash tears.
  std::string append_only_file() const;

 private:
  Redis() = default;
  Result<void> StartServer();
  Result<void> Repair() const;

  TemporaryFolder folder_;
  int port_ = 0;
  std::optional<Process> process_;
};

}  // namespace seawall::support
