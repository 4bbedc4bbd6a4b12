// A private PostgreSQL 15 with durable settings, in a temporary folder, on a
// free port of 127.0.0.1. Runs as the user postgres when we are root.
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
class Postgres {
 public:
  // `settings` beside those that tests need: `max_connections=300`.
  static Result<std::unique_ptr<Postgres>> Start(
      std::vector<std::string> settings = {});
  // One for all tests of this process, started by the first that asks. Ends the
  // process if it cannot be started.
  static Postgres& Shared();

  ~Postgres();

  // Makes an empty database, and says how to reach it:
  // `postgres:host=… port=… dbname=… user=…`.
  Result<std::string> NewDatabase();
  // Runs a statement with psql; the rows as text.
  Result<std::string> Run(const std::string& statement,
                          const std::string& database = "postgres");

  // SIGKILL to the postmaster; returns when all its children are gone.
  void Kill();
  // Starts it again on the same folder and port, killing it first if it runs.
  Result<void> Restart();

  int port() const { return port_; }
  std::string log() const { return folder_.File("log"); }
  pid_t pid() const { return process_ ? process_->pid() : -1; }

 private:
  explicit Postgres(std::vector<std::string> settings)
      : settings_(std::move(settings)) {}
  Result<void> Initialise();
  Result<void> StartServer();
  std::string program(const std::string& name) const;
  Command As(std::vector<std::string> words) const;

  const std::vector<std::string> settings_;
  TemporaryFolder folder_;
  int port_ = 0;
  int databases_ = 0;
  std::optional<Process> process_;
};

}  // namespace seawall::support
