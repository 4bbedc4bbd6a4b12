// seawall submit: one form, or many over bulk streams.
#include <CLI/CLI.hpp>

#include "cli/answers.h"
#include "cli/command.h"
#include "cli/contact_file.h"
#include "cli/errors.h"
#include "cli/methods.h"
#include "cli/progress.h"
#include "cli/push.h"
#include "cli/text.h"

namespace seawall::cli {
namespace {

using referrals::v1::SubmitContactResponse;

struct SubmitFlags {
  std::vector<std::string> files;
  int jobs = 1;
  bool all = false;
  int patience_seconds = 30;
};

// Something ended a push; what had no answer may be pushed again.
void SayUnfinished(const Console& console, const Error& error) {
  console.err << ErrorText(error) << "\nNot everything was answered.";
  if (IsTransient(error))
    console.err << " Repeat the command: what is stored stays stored once.";
  console.err << '\n';
}

int ExitOf(const Answers& answers) {
  return answers.refused() > 0 ? kRefused : kDone;
}

Result<int> SubmitOne(Session& session, const SubmitFlags& flags,
                      PushItem item) {
  Answers answers(session.console(), session.json(), flags.all);
  if (!item.unreadable)
    item.unreadable = Unsendable(item.request, Contacts::kTooLarge);
  if (item.unreadable) {
    answers.Add(item, *item.unreadable);
    return kRefused;
  }
  if (!session.settings().request_id.empty())
    item.request.set_request_id(session.settings().request_id);
  auto response =
      session.Ask<SubmitContactResponse>(kSubmitContact, item.request);
  if (!response && ExitCode(response.error()) != kRefused)
    return std::move(response).error();
  answers.Add(item, response);
  answers.Summarise();
  return ExitOf(answers);
}

// Gives back what was read ahead, then the rest of the files.
class Source {
 public:
  Source(std::vector<PushItem> ahead, ContactFiles& files)
      : ahead_(std::move(ahead)), files_(files) {}
  std::optional<PushItem> Next() {
    if (at_ < ahead_.size()) return std::move(ahead_[at_++]);
    return files_.Next();
  }

 private:
  std::vector<PushItem> ahead_;
  std::size_t at_ = 0;
  ContactFiles& files_;
};

Result<int> SubmitMany(Session& session, const SubmitFlags& flags,
                       Source source, std::optional<std::int64_t> total) {
  if (!session.settings().request_id.empty())
    return Usage("--request-id is for one form; give each form its own");
  std::vector<Remote*> lanes;
  for (int job = 0; job < flags.jobs; ++job) {
    TRY(Remote * lane, session.Lane(job));
    lanes.push_back(lane);
  }
  const Console& console = session.console();
  Answers answers(console, session.json(), flags.all);
  Progress progress(console.err, console.err_width, "submit", total);
  PushPlan plan;
  plan.next = [&source] { return source.Next(); };
  plan.answered = [&](const PushItem& item, const PushAnswer& answer) {
    if (!answer) progress.Clear();
    answers.Add(item, answer);
    progress.Add();
  };
  plan.interrupted = [&](const Error& error, std::size_t unanswered) {
    progress.Clear();
    console.err << "interrupted (" << Plain(error.message) << "); sending "
                << Counted(unanswered, "form")
                << " again when the server is back\n";
  };
  plan.patience = std::chrono::seconds(flags.patience_seconds);
  const Result<void> pushed = Push(lanes, plan);
  progress.Finish();
  answers.Summarise();
  if (pushed) return ExitOf(answers);
  SayUnfinished(console, session.Explain(pushed.error(), kSubmitContacts));
  return ExitCode(pushed.error());
}

Result<int> Submit(Session& session, const SubmitFlags& flags) {
  // Found out before anything is read.
  if (session.settings().area.empty())
    return Usage("--area is missing; give it or set SEAWALL_AREA");
  ContactFiles files(flags.files, session.settings().area,
                     session.console().in);
  TRY_VOID(files.Check());
  std::vector<PushItem> ahead;
  while (ahead.size() < 2) {
    std::optional<PushItem> item = files.Next();
    if (!item) break;
    ahead.push_back(*std::move(item));
  }
  if (ahead.empty()) return Usage("there is no form in what was given");
  if (ahead.size() == 1)
    return SubmitOne(session, flags, std::move(ahead.front()));
  return SubmitMany(session, flags, Source(std::move(ahead), files),
                    files.CountForms());
}

}  // namespace

void AddSubmit(const Commands& commands) {
  const auto flags = std::make_shared<SubmitFlags>();
  CLI::App& app = AddCommand(
      commands, commands.program,
      {"submit", "Push contacts: each form is stored once, however often",
       "  seawall --as police submit examples/contact.json\n"
       "  seawall --as hospital submit week.jsonl --jobs 3\n"
       "  make-contacts | seawall --as school submit - --json"},
      [flags](Session& session) { return Submit(session, *flags); });
  app.add_option("file", flags->files,
                 "Forms as JSON, or JSON lines; - is standard input. A form "
                 "without request_id gets one made from its content")
      ->required();
  app.add_option("--jobs", flags->jobs, "Streams at the same time")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  app.add_flag("--all", flags->all,
               "List every contact, not the first ones and totals");
  app.add_option("--patience", flags->patience_seconds,
                 "Seconds to try again after the server went away")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
}

}  // namespace seawall::cli
