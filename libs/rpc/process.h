// What a server asks of its process: descriptors, signals, no core dumps.
#pragma once

#include <chrono>

namespace seawall::rpc {

// Raises the limit of open descriptors as far as it goes; turns core dumps off,
// since they would hold what is sealed elsewhere; ignores SIGPIPE.
void PrepareProcess();

// Debian's abseil is built with a search for deadlocks in every lock that gRPC
// takes, under one lock for the whole process. Turned off: about 3% of a call.
void TuneLocks();

// SIGTERM and SIGINT are for WaitForStop alone. Before the first thread.
void BlockStopSignals();
int WaitForStop();
// Whether one of them comes within that time.
bool StopAsked(std::chrono::milliseconds within);

struct Descriptors {
  int open = 0;
  int limit = 0;
};
Descriptors CountDescriptors();

}  // namespace seawall::rpc
