#include "demo/stack.h"

#include <netdb.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

namespace seawall::demo {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

Error Failed(const char* reason, const std::string& message) {
  return Error{Code::kFailedPrecondition, reason, message};
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::map<std::string, std::string> ReadSettings(const std::string& path) {
  std::map<std::string, std::string> settings;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) {
      settings[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  return settings;
}

std::string BinaryOf(int pid) {
  std::error_code gone;
  return fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", gone);
}

// A number that was given to another process since then is not ours.
bool IsServiceOf(int pid, const std::string& folder) {
  const std::string binary = fs::path(BinaryOf(pid)).filename();
  const std::string command =
      ReadFile("/proc/" + std::to_string(pid) + "/cmdline");
  return binary.starts_with("seawall-referrals") &&
         command.find(folder + "/") != std::string::npos;
}

class Socket {
 public:
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  bool Connect(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
      return false;
    }
    descriptor_ = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval bound{5, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    const bool connected =
        connect(descriptor_, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    return connected;
  }
  bool Send(const std::string& text) const {
    return send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  std::string ReceiveAll() const {
    std::string all;
    char buffer[16 * 1024];
    for (ssize_t got;
         (got = recv(descriptor_, buffer, sizeof buffer, 0)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int descriptor_ = -1;
};

}  // namespace

Result<Stack> Stack::Find(const std::string& run, const std::string& pki) {
  auto settings = ReadSettings(run + "/stack.env");
  Stack stack;
  stack.run_ = fs::absolute(run).lexically_normal();
  stack.pki_ = pki;
  stack.address_ = settings["SEAWALL_ADDRESS"];
  stack.waiting_address_ = settings["SEAWALL_WAITING_ADDRESS"];
  stack.metrics_url_ = settings["SEAWALL_METRICS"];
  if (stack.address_.empty()) {
    return Failed("STACK_MISSING",
                  "nothing was started in " + run + "; run ./seawall up");
  }
  return stack;
}

rpc::ClientSettings Stack::As(const std::string& certificate,
                              const std::string& person) const {
  rpc::ClientSettings settings{.address = address_,
                               .certificate = pki_ + "/" + certificate + ".crt",
                               .key = pki_ + "/" + certificate + ".key",
                               .ca = pki_ + "/ca.crt"};
  settings.person = person;
  settings.timeout = 30s;
  return settings;
}

rpc::ClientSettings Stack::AsOnWaiting(const std::string& certificate,
                                       const std::string& person) const {
  rpc::ClientSettings settings = As(certificate, person);
  settings.address = waiting_address_;
  return settings;
}

Result<std::string> Stack::Metrics() const {
  const Error unreachable{Code::kUnavailable, "METRICS_UNREACHABLE",
                          metrics_url_ + " does not answer"};
  const std::string_view scheme = "http://";
  if (!metrics_url_.starts_with(scheme)) return unreachable;
  const std::string rest = metrics_url_.substr(scheme.size());
  const std::string place = rest.substr(0, rest.find('/'));
  const std::size_t colon = place.rfind(':');
  if (colon == std::string::npos) return unreachable;
  Socket socket;
  if (!socket.Connect(place.substr(0, colon), place.substr(colon + 1)) ||
      !socket.Send("GET /metrics HTTP/1.0\r\nHost: " + place + "\r\n\r\n")) {
    return unreachable;
  }
  const std::string answer = socket.ReceiveAll();
  const std::size_t body = answer.find("\r\n\r\n");
  if (body == std::string::npos) return unreachable;
  return answer.substr(body + 4);
}

Result<int> Stack::KillService() const {
  const int pid = std::atoi(ReadFile(run_ + "/referrals.pid").c_str());
  if (pid <= 1 || !IsServiceOf(pid, fs::path(run_).parent_path())) {
    return Failed("NOT_OURS", "the process in " + run_ +
                                  "/referrals.pid is not this service");
  }
  if (kill(pid, SIGKILL) != 0) {
    return Failed("NOT_KILLED", std::strerror(errno));
  }
  // A process that nobody has reaped yet has no binary any more.
  for (int tries = 0; !BinaryOf(pid).empty(); ++tries) {
    if (tries == 500) return Failed("NOT_KILLED", "it is still there");
    std::this_thread::sleep_for(10ms);
  }
  return pid;
}

Result<int> Stack::StartService() const {
  std::string command = run_ + "/start-referrals";
  char* const words[] = {command.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // None of our connections lives on in the service.
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  const int failed =
      posix_spawn(&pid, words[0], &actions, &attributes, words, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Failed("NOT_STARTED", std::strerror(failed));
  TRY(const auto client, rpc::Client::Connect(As("ops-console-ops")));
  if (const auto healthy = client->Healthy(); !healthy) {
    return Failed("NOT_STARTED", healthy.error().message);
  }
  return pid;
}

double SampleOf(const std::string& exposition, const std::string& sample) {
  std::istringstream lines(exposition);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(sample + " ")) {
      return std::strtod(line.c_str() + sample.size() + 1, nullptr);
    }
  }
  return 0;
}

}  // namespace seawall::demo
