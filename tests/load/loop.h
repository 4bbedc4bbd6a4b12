// Loops: so many operations under way all the time (closed), or so many begun
// each second (open), and how long each took.
//
// An operation that fails is counted and not timed. In an open loop the time
// runs from when an operation should have begun, so that a stall is charged to
// every operation it held up.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace seawall::load {

// Of one run.
struct Measured {
  double rate = 0;  // operations done a second
  double p50_ms = 0;
  double p99_ms = 0;
  std::int64_t done = 0;
  std::int64_t failed = 0;
};

struct Span {
  std::chrono::milliseconds warm_up{300};
  std::chrono::milliseconds time{2000};
};

using Finished = std::function<void(bool ok)>;
// Begins an operation; `finished` is called once, later, on any thread.
using Begin = std::function<void(int lane, Finished finished)>;
// Does an operation to its end.
using Do = std::function<bool(int lane)>;

// Keeps `lanes` operations under way.
Measured ClosedLoop(int lanes, Span span, const Begin& begin);
// The same with a thread a lane.
Measured ClosedLoop(int lanes, Span span, const Do& operation);
// Begins `rate` operations a second, whatever became of those before; lane
// numbers go round below `lanes`.
Measured OpenLoop(double rate, int lanes, Span span, const Begin& begin);

// The value below which that share of the sorted values lies.
double Percentile(std::vector<float>& values, double share);

}  // namespace seawall::load
