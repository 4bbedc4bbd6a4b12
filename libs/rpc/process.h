// What a server asks of its process: descriptors, signals, no core dumps.
#pragma once

namespace seawall::rpc {

// Raises the limit of open descriptors as far as it goes; turns core dumps off,
// since they would hold what is sealed elsewhere; ignores SIGPIPE.
void PrepareProcess();

// SIGTERM and SIGINT are for WaitForStop alone. Before the first thread.
void BlockStopSignals();
int WaitForStop();

struct Descriptors {
  int open = 0;
  int limit = 0;
};
Descriptors CountDescriptors();

}  // namespace seawall::rpc
