// Progress: one line that is drawn again and again on a terminal while many
// things are done: bar, count, rate, time left.
//
// Thread-safe. Draws nothing where the stream is no terminal, so that logs stay
// readable. Never fails.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>

namespace seawall::cli {

struct ProgressLine {
  std::string label;
  std::int64_t done = 0;
  std::optional<std::int64_t> total = {};  // absent: not known
  std::chrono::duration<double> elapsed{0};
  int width = 80;
};

// Per second; 0 before anything can be said.
double Rate(const ProgressLine& line);
// Absent while total or rate are not known.
std::optional<std::chrono::seconds> TimeLeft(const ProgressLine& line);
// "push  ███████─────  52%  5,095/9,798  1,204/s  0:04 left", no longer than
// `width`.
std::string Render(const ProgressLine& line);

class Progress {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  // `width`: columns of the terminal; 0 = it is none, draw nothing.
  Progress(std::ostream& out, int width, std::string label,
           std::optional<std::int64_t> total,
           Now now = std::chrono::steady_clock::now);
  ~Progress() { Finish(); }

  void Add(std::int64_t count = 1);
  // Removes the line, so that something else can be printed.
  void Clear();
  // Draws the line a last time and ends it.
  void Finish();
  std::int64_t done() const;
  std::chrono::duration<double> elapsed() const;

 private:
  void Draw();

  std::ostream& out_;
  Now now_;
  std::chrono::steady_clock::time_point started_;
  mutable std::mutex mutex_;
  ProgressLine line_;                            // guarded by mutex_
  std::chrono::steady_clock::time_point drawn_;  // guarded by mutex_
  bool shown_ = false;                           // guarded by mutex_
};

}  // namespace seawall::cli
