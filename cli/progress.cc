#include "cli/progress.h"

#include <algorithm>
#include <cmath>

#include "cli/text.h"

namespace seawall::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr int kLongestBar = 40;
constexpr int kShortestBar = 5;

std::string Bar(double share, int width) {
  const int full = static_cast<int>(share * width);
  std::string bar;
  for (int i = 0; i < width; ++i) bar += i < full ? "█" : "─";
  return bar;
}

std::string Minutes(std::chrono::seconds time) {
  const auto seconds = time.count() % 60;
  return std::to_string(time.count() / 60) + (seconds < 10 ? ":0" : ":") +
         std::to_string(seconds);
}

}  // namespace

double Rate(const ProgressLine& line) {
  return line.elapsed.count() > 0 ? line.done / line.elapsed.count() : 0;
}

std::optional<std::chrono::seconds> TimeLeft(const ProgressLine& line) {
  const double rate = Rate(line);
  if (!line.total || rate <= 0) return std::nullopt;
  const std::int64_t left = std::max<std::int64_t>(0, *line.total - line.done);
  return std::chrono::seconds(std::llround(std::ceil(left / rate)));
}

std::string Render(const ProgressLine& line) {
  std::string figures = Count(line.done);
  if (line.total) figures += "/" + Count(*line.total);
  figures += "  " + Count(std::llround(Rate(line))) + "/s";
  if (const auto left = TimeLeft(line))
    figures += "  " + Minutes(*left) + " left";
  if (!line.total) return Fit(line.label + "  " + figures, line.width);

  const double share =
      *line.total > 0
          ? std::clamp(static_cast<double>(line.done) / *line.total, 0.0, 1.0)
          : 1;
  figures = std::to_string(static_cast<int>(share * 100)) + "%  " + figures;
  const int room = line.width - DisplayWidth(line.label) -
                   DisplayWidth(figures) - 5;  // gaps, and a free last column
  const std::string bar =
      room < kShortestBar ? "" : Bar(share, std::min(room, kLongestBar)) + "  ";
  return Fit(line.label + "  " + bar + figures, line.width);
}

Progress::Progress(std::ostream& out, int width, std::string label,
                   std::optional<std::int64_t> total, Now now)
    : out_(out), now_(std::move(now)), started_(now_()) {
  line_ = {.label = std::move(label), .total = total, .width = width};
}

void Progress::Finish() {
  const std::lock_guard lock(mutex_);
  if (!shown_) return;
  Draw();
  out_ << '\n' << std::flush;
  shown_ = false;
}

void Progress::Add(std::int64_t count) {
  const std::lock_guard lock(mutex_);
  line_.done += count;
  if (line_.width > 0 && now_() - drawn_ >= kRedraw) Draw();
}

void Progress::Clear() {
  const std::lock_guard lock(mutex_);
  if (shown_) out_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

std::int64_t Progress::done() const {
  const std::lock_guard lock(mutex_);
  return line_.done;
}

std::chrono::duration<double> Progress::elapsed() const {
  return now_() - started_;
}

void Progress::Draw() {
  drawn_ = now_();
  line_.elapsed = drawn_ - started_;
  out_ << '\r' << Render(line_) << "\x1b[K" << std::flush;
  shown_ = true;
}

}  // namespace seawall::cli
