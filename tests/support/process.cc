#include "tests/support/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <sstream>
#include <utility>

#include "tests/support/eventually.h"
#include "tests/support/tempdir.h"

extern char** environ;

namespace seawall::support {
namespace {

constexpr int kCannotStart = 127;

// Everything that needs memory is made before fork: another thread may hold the
// allocator's lock.
struct Prepared {
  std::vector<std::string> environment;
  std::vector<char*> words;
  std::vector<char*> variables;
  std::string output;
  std::string folder;
  uid_t user = 0;
  gid_t group = 0;
  bool change_user = false;
};

Error CannotStart(const std::string& what, const std::string& why) {
  return {Code::kInternal, "COMMAND_FAILED", what + ": " + why};
}

void AddEnvironment(const Command& command, Prepared& prepared) {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!command.environment.contains(text.substr(0, text.find('=')))) {
      prepared.environment.push_back(text);
    }
  }
  for (const auto& [name, value] : command.environment) {
    prepared.environment.push_back(name + '=' + value);
  }
  for (std::string& text : prepared.environment) {
    prepared.variables.push_back(text.data());
  }
  prepared.variables.push_back(nullptr);
}

Result<void> AddUser(const std::string& name, Prepared& prepared) {
  if (name.empty()) return {};
  const passwd* entry = ::getpwnam(name.c_str());
  if (entry == nullptr) return CannotStart(name, "there is no such user");
  prepared.user = entry->pw_uid;
  prepared.group = entry->pw_gid;
  prepared.change_user = true;
  return {};
}

bool BecomeUser(const Prepared& prepared) {
  return !prepared.change_user ||
         (::setgroups(1, &prepared.group) == 0 &&
          ::setgid(prepared.group) == 0 && ::setuid(prepared.user) == 0);
}

bool RedirectTo(const char* path) {
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  return in >= 0 && out >= 0 && ::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 &&
         ::dup2(out, 2) >= 0;
}

[[noreturn]] void BecomeCommand(const Prepared& prepared, pid_t parent) {
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (!RedirectTo(prepared.output.c_str()) || !BecomeUser(prepared)) {
    ::_exit(kCannotStart);
  }
  if (!prepared.folder.empty() && ::chdir(prepared.folder.c_str()) != 0) {
    ::_exit(kCannotStart);
  }
  // After the change of user, which would clear it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kCannotStart);
  ::execvpe(prepared.words[0], prepared.words.data(),
            prepared.variables.data());
  ::_exit(kCannotStart);
}

Ending ToEnding(int status) {
  if (WIFSIGNALED(status)) return {.code = -1, .signal = WTERMSIG(status)};
  return {.code = WEXITSTATUS(status), .signal = 0};
}

}  // namespace

Result<Process> Process::Start(const Command& command) {
  Prepared prepared;
  for (const std::string& word : command.words) {
    prepared.words.push_back(const_cast<char*>(word.c_str()));
  }
  prepared.words.push_back(nullptr);
  prepared.output = command.output.empty() ? "/dev/null" : command.output;
  prepared.folder = command.folder;
  AddEnvironment(command, prepared);
  TRY_VOID(AddUser(command.user, prepared));
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return CannotStart(command.words[0], std::strerror(errno));
  if (pid == 0) BecomeCommand(prepared, parent);
  ::setpgid(pid, pid);  // both sides, so that it is done when either goes on
  return Process(pid);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), ending_(other.ending_) {}

Process::~Process() {
  if (pid_ > 0) Kill();
}

bool Process::Running() { return !Wait(std::chrono::milliseconds(0)); }

// An id that was waited for may belong to another process by now.
void Process::Signal(int signal) const {
  if (!ending_) ::kill(pid_, signal);
}

void Process::Freeze() const { Signal(SIGSTOP); }
void Process::Thaw() const { Signal(SIGCONT); }

void Process::Kill() {
  if (ending_) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  static_cast<void>(Wait(std::chrono::seconds(30)));
}

Ending Process::Terminate(std::chrono::milliseconds bound) {
  Signal(SIGTERM);
  if (!Wait(bound)) Kill();
  return ending_.value_or(Ending{});
}

std::optional<Ending> Process::Wait(std::chrono::milliseconds bound) {
  Eventually(
      [this] {
        int status = 0;
        if (!ending_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
          ending_ = ToEnding(status);
        }
        return ending_.has_value();
      },
      bound);
  return ending_;
}

Result<std::string> RunToEnd(Command command) {
  const TemporaryFolder folder;
  if (command.output.empty()) command.output = folder.File("output");
  TRY(Process process, Process::Start(command));
  const std::optional<Ending> ending = process.Wait(std::chrono::minutes(1));
  const std::string output = ReadFile(command.output);
  if (ending && ending->code == 0) return output;
  return CannotStart(command.words[0], output);
}

std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string stat = ReadFile(entry.path() / "stat");
    // `pid (name) state parent …`; the name may hold spaces and brackets.
    const std::size_t after_name = stat.rfind(')');
    if (after_name == std::string::npos) continue;
    std::istringstream fields(stat.substr(after_name + 1));
    char state = 0;
    pid_t its_parent = 0;
    fields >> state >> its_parent;
    if (its_parent == parent && state != 'Z') {
      children.push_back(std::stoi(name));
    }
  }
  return children;
}

bool Alive(pid_t pid) {
  const std::string stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t after_name = stat.rfind(')');
  return after_name != std::string::npos &&
         stat.substr(after_name + 2, 1) != "Z";
}

}  // namespace seawall::support
