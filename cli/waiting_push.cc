#include "cli/waiting_push.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/text.h"

namespace seawall::cli {
namespace {

class PushReport {
 public:
  PushReport(const Console& console, bool json)
      : console_(console), json_(json) {}

  void Add(const EventItem& item, const EventAnswer& answer) {
    ++events_;
    refused_ += !answer;
    if (json_) return AddJson(item, answer);
    if (!answer) {
      console_.out << Plain(item.where) << ": " << ErrorText(answer.error())
                   << '\n';
      return;
    }
    for (const auto& warning : answer->warnings()) {
      console_.out << Plain(item.where) << ": " << warning.reason() << ": "
                   << Plain(warning.description()) << '\n';
    }
  }

  void Summarise() const {
    if (json_) return;
    console_.out << Counted(events_, "event") << ": "
                 << Count(events_ - refused_) << " in the records, "
                 << Count(refused_)
                 << " refused. The same file again changes nothing.\n";
  }

  std::int64_t refused() const { return refused_; }

 private:
  void AddJson(const EventItem& item, const EventAnswer& answer) const {
    console_.out << "{\"where\":" << nlohmann::json(item.where).dump()
                 << (answer ? ",\"receipt\":" + ToJson(*answer)
                            : ",\"error\":" + ErrorJson(answer.error()))
                 << "}\n";
  }

  const Console& console_;
  const bool json_;
  std::int64_t events_ = 0, refused_ = 0;
};

// Lines of a file but its header; nothing for what cannot be read twice.
std::optional<std::int64_t> CountLines(const std::string& path,
                                       WaitingFormat format) {
  if (path == "-") return std::nullopt;
  std::ifstream file(path);
  std::int64_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return std::max<std::int64_t>(
      0, lines - (format == WaitingFormat::kCsv ? 1 : 0));
}

}  // namespace

Result<int> PushWaiting(Session& session, const WaitingPushFlags& flags,
                        WaitingFormat format) {
  const Settings& settings = session.settings();
  if (settings.area.empty())
    return Usage("--area is missing; give it or set SEAWALL_AREA");
  std::ifstream opened(flags.file);
  if (flags.file != "-" && !opened)
    return Usage("cannot read " + Plain(flags.file));
  const Console& console = session.console();
  std::istream& in = flags.file == "-" ? console.in : opened;
  WaitingFile file(in, flags.file, format, settings.request_id);
  PushReport report(console, session.json());
  Progress progress(console.err, console.err_width, "push",
                    CountLines(flags.file, format));
  EventPlan plan;
  plan.area = settings.area;
  plan.next = [&] { return file.Next(); };
  plan.more = [&] { return file.More(); };
  plan.answered = [&](const EventItem& item, const EventAnswer& answer) {
    progress.Clear();
    report.Add(item, answer);
    progress.Add();
  };
  plan.patience = std::chrono::seconds(flags.patience_seconds);
  // One stream: what happened to a child stays in its order.
  TRY(Remote * lane, session.Lane(0));
  const Result<void> pushed = PushEvents(*lane, plan);
  progress.Clear();
  report.Summarise();
  if (!pushed) {
    console.err << ErrorText(session.Explain(pushed.error()))
                << "\nNot everything was answered. Repeat the command: what "
                   "is there stays there once.\n";
    return ExitCode(pushed.error());
  }
  return report.refused() > 0 ? kRefused : kDone;
}

}  // namespace seawall::cli
