#include "cli/waiting_push.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/methods.h"
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
    if (!answer) {
      ++refused_;
    } else if (answer->already_recorded()) {
      ++there_;
    } else {
      ++(item.event.has_correction() ? taken_back_ : recorded_);
    }
    if (json_) return AddJson(item, answer);
    if (!answer) {
      console_.out << Plain(item.where) << ": " << ErrorText(answer.error())
                   << '\n';
      return;
    }
    for (const Note& note : item.notes)
      AddWarning(item, note.reason, note.path + " " + note.description);
    for (const auto& warning : answer->warnings()) {
      const std::string path =
          warning.field().empty() ? "" : warning.field() + " ";
      AddWarning(item, warning.reason(), path + warning.description());
    }
  }

  void Summarise(const FileTally& tally) const {
    if (json_) return SummariseJson(tally);
    console_.out << Counted(tally.rows, "row") << ": "
                 << Count(events_ - refused_) << " in the records ("
                 << Count(recorded_) << " new, " << Count(there_)
                 << " there already, " << Count(taken_back_)
                 << " taking another back), " << Count(refused_) << " refused, "
                 << Count(tally.blank)
                 << " blank. The same file again leaves the records as they "
                    "are.\n";
  }

  std::int64_t refused() const { return refused_; }
  // Every row is there as something.
  bool AccountsFor(const FileTally& tally) const {
    return tally.items == events_ && tally.rows == events_ + tally.blank;
  }

 private:
  void AddWarning(const EventItem& item, const std::string& reason,
                  const std::string& description) const {
    console_.out << Plain(item.where) << ": " << reason << ": "
                 << Plain(description) << '\n';
  }

  void AddJson(const EventItem& item, const EventAnswer& answer) const {
    console_.out << "{\"where\":" << nlohmann::json(item.where).dump()
                 << (answer ? ",\"receipt\":" + ToJson(*answer)
                            : ",\"error\":" + ErrorJson(answer.error()))
                 << (item.notes.empty() ? ""
                                        : ",\"notes\":" + NotesJson(item.notes))
                 << "}\n";
  }

  void SummariseJson(const FileTally& tally) const {
    const nlohmann::ordered_json summary = {
        {"rows", tally.rows},        {"recorded", recorded_},
        {"taken_back", taken_back_}, {"already_recorded", there_},
        {"refused", refused_},       {"blank", tally.blank}};
    console_.out << nlohmann::ordered_json{{"summary", summary}}.dump() << '\n';
  }

  const Console& console_;
  const bool json_;
  std::int64_t events_ = 0;
  std::int64_t recorded_ = 0, taken_back_ = 0, there_ = 0, refused_ = 0;
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
  WaitingFile file(in, flags.file == "-" ? "standard input" : flags.file,
                   format, settings.request_id);
  TRY_VOID(file.Open());
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
  report.Summarise(file.tally());
  if (!pushed) {
    console.err << ErrorText(session.Explain(pushed.error(), kStreamEvents))
                << "\nNot everything was answered.";
    if (IsTransient(pushed.error()))
      console.err << " Repeat the command: what is there stays there once.";
    console.err << '\n';
    return ExitCode(pushed.error());
  }
  if (!report.AccountsFor(file.tally())) {
    console.err << "Not every row of the file became an event or a refusal: "
                   "compare it with the records.\n";
    return kRefused;
  }
  return report.refused() > 0 ? kRefused : kDone;
}

}  // namespace seawall::cli
