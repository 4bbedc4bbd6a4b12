#include "tests/support/redis.h"

#include "tests/support/eventually.h"
#include "tests/support/ports.h"

namespace seawall::support {

Result<std::unique_ptr<Redis>> Redis::Start() {
  auto redis = std::unique_ptr<Redis>(new Redis());
  redis->port_ = FreePort();
  TRY_VOID(redis->StartServer());
  return redis;
}

Result<void> Redis::StartServer() {
  TRY(auto process,
      Process::Start({.words = {"redis-server", "--bind", "127.0.0.1", "--port",
                                std::to_string(port_), "--dir", folder_.path(),
                                "--appendonly", "yes", "--appendfsync",
                                "everysec", "--maxmemory-policy", "noeviction",
                                "--save", "", "--daemonize", "no"},
                      .output = folder_.File("log")}));
  process_.emplace(std::move(process));
  const bool answers = Eventually(
      [this] {
        return !process_->Running() || Run({"PING"}).value_or("") == "PONG\n";
      },
      std::chrono::seconds(20));
  if (answers && process_->Running()) return {};
  return Error{Code::kInternal, "COMMAND_FAILED",
               "redis-server: " + ReadFile(folder_.File("log"))};
}

void Redis::Kill() {
  if (process_) process_->Kill();
  process_.reset();
}

Result<void> Redis::Restart(bool repair) {
  Kill();
  if (repair) TRY_VOID(Repair());
  return StartServer();
}

Result<void> Redis::Repair() const {
  const std::string manifest =
      folder_.File("appendonlydir/appendonly.aof.manifest");
  if (!std::filesystem::exists(manifest)) return {};
  TRY_VOID(
      RunToEnd({.words = {"sh", "-c", "echo y | redis-check-aof --fix \"$0\"",
                          manifest}}));
  return {};
}

void Redis::Freeze() const { process_->Freeze(); }
void Redis::Thaw() const { process_->Thaw(); }

Result<std::string> Redis::Run(const std::vector<std::string>& command) const {
  std::vector<std::string> words = {"redis-cli", "-e", "-p",
                                    std::to_string(port_)};
  words.insert(words.end(), command.begin(), command.end());
  return RunToEnd({.words = words});
}

Result<void> Redis::Flush() const {
  TRY_VOID(Run({"FLUSHALL"}));
  return {};
}

std::string Redis::append_only_file() const {
  std::string newest;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder_.File("appendonlydir"))) {
    const std::string path = entry.path().string();
    if (path.ends_with(".incr.aof") && path > newest) newest = path;
  }
  return newest;
}

}  // namespace seawall::support
