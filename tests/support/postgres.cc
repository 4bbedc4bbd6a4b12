#include "tests/support/postgres.h"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/support/eventually.h"
#include "tests/support/ports.h"

namespace seawall::support {
namespace {

constexpr const char* kPrograms = "/usr/lib/postgresql/15/bin/";
constexpr const char* kUser = "seawall";

Error NotStarted(const std::string& why) {
  return {Code::kInternal, "COMMAND_FAILED", "postgres: " + why};
}

}  // namespace

std::string Postgres::program(const std::string& name) const {
  return kPrograms + name;
}

// The server refuses to run as root.
Command Postgres::As(std::vector<std::string> words) const {
  return {.words = std::move(words),
          .environment = {{"PGCONNECT_TIMEOUT", "5"}, {"TZ", "UTC"}},
          .user = ::geteuid() == 0 ? "postgres" : "",
          .folder = folder_.path()};
}

Result<std::unique_ptr<Postgres>> Postgres::Start(
    std::vector<std::string> settings) {
  auto postgres = std::unique_ptr<Postgres>(new Postgres(std::move(settings)));
  TRY_VOID(postgres->Initialise());
  TRY_VOID(postgres->StartServer());
  return postgres;
}

Postgres& Postgres::Shared() {
  static const std::unique_ptr<Postgres> shared = [] {
    auto started = Start();
    if (!started) {
      std::fprintf(stderr, "%s\n", started.error().message.c_str());
      std::abort();
    }
    return *std::move(started);
  }();
  return *shared;
}

Postgres::~Postgres() { Kill(); }

Result<void> Postgres::Initialise() {
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr ||
        ::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      return NotStarted("there is no user postgres; install postgresql-15");
    }
  }
  port_ = FreePort();
  TRY_VOID(
      RunToEnd(As({program("initdb"), "-D", folder_.File("data"), "-U", kUser,
                   "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"})));
  return {};
}

// PostgreSQL is durable by default; tests may change that by `alter system`.
Result<void> Postgres::StartServer() {
  std::vector<std::string> words = {program("postgres"), "-D",
                                    folder_.File("data")};
  for (const std::string& setting :
       {std::string("listen_addresses=127.0.0.1"),
        "port=" + std::to_string(port_),
        "unix_socket_directories=" + folder_.path(),
        std::string("max_connections=60"), std::string("shared_buffers=64MB"),
        std::string("logging_collector=off"),
        std::string("log_checkpoints=off"),
        // One sync of the disk after a crash, not one of each file.
        std::string("recovery_init_sync_method=syncfs")}) {
    words.insert(words.end(), {"-c", setting});
  }
  // Of two of a name the later one holds.
  for (const std::string& setting : settings_)
    words.insert(words.end(), {"-c", setting});
  Command command = As(std::move(words));
  command.output = log();
  TRY(auto process, Process::Start(command));
  process_.emplace(std::move(process));
  const bool answers = Eventually(
      [this] { return !process_->Running() || Run("select 1").has_value(); },
      std::chrono::seconds(30));
  if (!answers || !process_->Running()) return NotStarted(ReadFile(log()));
  return {};
}

Result<std::string> Postgres::Run(const std::string& statement,
                                  const std::string& database) {
  return RunToEnd(
      As({program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
          "-h", "127.0.0.1", "-p", std::to_string(port_), "-U", kUser, "-d",
          database, "-c", statement}));
}

Result<std::string> Postgres::NewDatabase() {
  const std::string name = "test_" + std::to_string(++databases_);
  TRY_VOID(Run("create database " + name));
  return "postgres:host=127.0.0.1 port=" + std::to_string(port_) +
         " dbname=" + name + " user=" + kUser;
}

void Postgres::Kill() {
  if (!process_) return;
  const std::vector<pid_t> children = ChildrenOf(process_->pid());
  process_->Kill();
  // They see that the postmaster has gone; one that is frozen does not.
  for (const pid_t child : children) {
    const auto gone = [child] { return !Alive(child); };
    if (!Eventually(gone, std::chrono::seconds(5))) ::kill(child, SIGKILL);
    Eventually(gone);
  }
  process_.reset();
}

Result<void> Postgres::Restart() {
  Kill();
  return StartServer();
}

}  // namespace seawall::support
