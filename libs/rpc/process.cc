#include "libs/rpc/process.h"

#include <absl/synchronization/mutex.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

namespace seawall::rpc {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void PrepareProcess() {
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
  }
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // The limit says nothing to a program that the kernel pipes dumps to.
  prctl(PR_SET_DUMPABLE, 0);
  std::signal(SIGPIPE, SIG_IGN);
}

void TuneLocks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

void BlockStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

bool StopAsked(std::chrono::milliseconds within) {
  const sigset_t signals = StopSignals();
  const timespec wait{within.count() / 1000, within.count() % 1000 * 1'000'000};
  siginfo_t signal;
  return sigtimedwait(&signals, &signal, &wait) > 0;
}

int WaitForStop() {
  const sigset_t signals = StopSignals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

Descriptors CountDescriptors() {
  Descriptors result;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    (void)entry;
    result.open++;
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    result.limit = static_cast<int>(limit.rlim_cur);
  return result;
}

}  // namespace seawall::rpc
