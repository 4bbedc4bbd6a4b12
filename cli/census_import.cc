// seawall census import: the children of census files into the records.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <mutex>

#include "cli/census_child.h"
#include "cli/census_file.h"
#include "cli/command.h"
#include "cli/errors.h"
#include "cli/import_report.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "libs/seal/hash.h"

namespace seawall::cli {
namespace {

struct ImportFlags {
  std::vector<std::string> files;
  int jobs = 1;
  int patience_seconds = 30;
};

// The same child with the same content, in a return of the same year, has the
// same id in every run, but for runs that are given an id of their own.
std::string RequestId(const std::string& run, const std::string& reference_date,
                      const referrals::v1::CensusChild& child) {
  return "I-" + seal::HexHash(run + '\0' + reference_date + '\0' +
                              child.SerializeAsString());
}

// Less what is around the child.
constexpr std::size_t kLargestChild = kLargestMessage - 64;

// What was left behind of children that are on their way, by request id.
class OnTheWay {
 public:
  void Put(const std::string& id, LeftBehind left, std::int64_t bytes) {
    const std::lock_guard lock(mutex_);
    children_.emplace(id, Child{std::move(left), bytes});
  }
  struct Child {
    LeftBehind left;
    std::int64_t bytes;
  };
  Child Take(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = children_.find(id);
    Child child = std::move(found->second);
    children_.erase(found);
    return child;
  }

 private:
  std::mutex mutex_;
  std::multimap<std::string, Child> children_;  // guarded by mutex_
};

ChildItem ToItem(const Session& session, FileChild from, OnTheWay& on_the_way) {
  Carried carried = ToCensusChild(from.record);
  ChildItem item{.where = std::move(from.where)};
  item.request.set_area(session.settings().area);
  item.request.set_request_id(RequestId(session.settings().request_id,
                                        from.reference_date, carried.child));
  item.request.set_reference_date(from.reference_date);
  *item.request.mutable_child() = std::move(carried.child);
  if (from.is_other_child) {
    item.unreadable =
        Error{Code::kInvalidArgument,
              "8510",
              "the file told of another child with this LAchildID before, born "
              "on another day or of another sex; give each its own",
              {{"child.la_child_id", "is another child's"}}};
  }
  on_the_way.Put(item.request.request_id(),
                 {std::move(carried.not_kept), std::move(from.unknown)},
                 from.bytes);
  if (item.request.ByteSizeLong() > kLargestChild) {
    item.unreadable = Error{Code::kInvalidArgument, "CHILD_TOO_LARGE",
                            "more than a server takes in one message"};
  }
  return item;
}

Result<void> PushAll(Session& session, const ImportFlags& flags,
                     CensusFiles& files, ImportReport& report) {
  std::vector<Remote*> lanes;
  for (int job = 0; job < flags.jobs; ++job) {
    TRY(Remote * lane, session.Lane(job));
    lanes.push_back(lane);
  }
  const Console& console = session.console();
  Progress progress(console.err, console.err_width, "import", files.size());
  OnTheWay on_the_way;
  PlanOf<Children> plan;
  plan.next = [&]() -> std::optional<ChildItem> {
    auto child = files.Next();
    if (!child) return std::nullopt;
    return ToItem(session, *std::move(child), on_the_way);
  };
  plan.answered = [&](const ChildItem& item, const ChildAnswer& answer) {
    const auto child = on_the_way.Take(item.request.request_id());
    progress.Clear();
    report.Add(item, child.left, answer);
    progress.Add(std::max<std::int64_t>(0, child.bytes - progress.done()));
  };
  plan.interrupted = [&](const Error& error, std::size_t unanswered) {
    progress.Clear();
    console.err << "interrupted (" << Plain(error.message) << "); sending "
                << Counted(unanswered, "child", "children")
                << " again when the server is back\n";
  };
  plan.patience = std::chrono::seconds(flags.patience_seconds);
  return Push(lanes, plan);
}

Result<int> Import(Session& session, const ImportFlags& flags) {
  if (session.settings().area.empty())
    return Usage("--area is missing; give it or set SEAWALL_AREA");
  CensusFiles files(flags.files);
  TRY_VOID(files.Check());
  ImportReport report(session.console(), session.json());
  const Result<void> pushed = PushAll(session, flags, files, report);
  for (const std::string& element : files.Outside())
    session.console().err << Plain(element) << " is unknown, not kept\n";
  report.Summarise();
  if (!pushed) {
    session.console().err << ErrorText(session.Explain(pushed.error()))
                          << "\nNot everything was answered. Repeat the "
                             "command: what is there stays there once.\n";
    return ExitCode(pushed.error());
  }
  TRY_VOID(files.Ended());
  return report.refused() > 0 ? kRefused : kDone;
}

}  // namespace

void AddCensusImport(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<ImportFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"import",
       "Take the children of census files into the records: what is new is "
       "recorded, what is there stays, what breaks a rule is left out and "
       "reported. Exit code 0 also then; 1: children refused as a whole; 2: "
       "not readable",
       "  seawall --as frontdoor-import-hub census import return.xml\n"
       "  seawall --as frontdoor-import-hub census import 2023.xml 2024.xml "
       "--json > report.jsonl\n"
       "\n"
       "Only a hub's system that the register lets state times of the past "
       "imports. Give\nfiles oldest first. The same content is sent under the "
       "same request id, so a repeat\nis answered as the first time and "
       "changes nothing. To have a file judged anew,\nbecause records changed "
       "since, name the run: --request-id second-try. Elements that\nthe "
       "records have no place for are listed as not kept."},
      [flags](Session& session) { return Import(session, *flags); });
  app.add_option("FILE", flags->files, "Census XML")->required();
  app.add_option("--jobs", flags->jobs, "Streams at the same time")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  app.add_option("--patience", flags->patience_seconds,
                 "Seconds to try again after the server went away")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
}

}  // namespace seawall::cli
