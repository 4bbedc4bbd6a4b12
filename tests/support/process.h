// Process: a program that a test starts, watches and ends, by its own id.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/error.h"

namespace seawall::support {

struct Command {
  // A path, or a name to be found in PATH, and its arguments.
  std::vector<std::string> words;
  // Added to this process's environment.
  std::map<std::string, std::string> environment = {};
  // Where stdout and stderr go, appended; empty = nowhere.
  std::string output = {};
  // Run as this user; needs root. Empty = as we are.
  std::string user = {};
  std::string folder = {};
};

// How a process ended.
struct Ending {
  int code = -1;   // exit code, or -1
  int signal = 0;  // what killed it, or 0
};

// For one thread at a time. The process has a group of its own and is killed
// when the object goes, or when the thread that started it ends.
class Process {
 public:
  static Result<Process> Start(const Command& command);

  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  ~Process();

  pid_t pid() const { return pid_; }
  bool Running();

  void Signal(int signal) const;
  // SIGKILL to it and its group; returns when it is gone.
  void Kill();
  // SIGTERM; SIGKILL if it is still there after `bound`.
  Ending Terminate(std::chrono::milliseconds bound = std::chrono::seconds(15));
  // Nothing if it still runs after `bound`.
  std::optional<Ending> Wait(std::chrono::milliseconds bound);

  // Stops it without ending it, and lets it go on.
  void Freeze() const;
  void Thaw() const;

 private:
  explicit Process(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  std::optional<Ending> ending_;
};

// Runs a command to its end, at most a minute; its output, or
// COMMAND_FAILED with it.
Result<std::string> RunToEnd(Command command);

// The live children of a process, from /proc.
std::vector<pid_t> ChildrenOf(pid_t parent);
bool Alive(pid_t pid);

}  // namespace seawall::support
