// seawall-demo: what ./seawall demo runs against the stack it started.
#include <iomanip>
#include <iostream>

#include "cli/errors.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "demo/crash.h"
#include "demo/hub_work.h"
#include "demo/pushing.h"
#include "demo/waiting_board.h"
#include "demo/year.h"
#include "libs/config/config.h"

namespace seawall::demo {
namespace {

using cli::Count;

constexpr char kHubPerson[] = "p-demo/practitioner";

struct Settings {
  std::string run;
  std::string pki;
  std::string data = "data";
  int seed = 2018;
  bool quick = false;
};

Result<Settings> ReadSettings(int argc, char** argv) {
  Settings settings;
  config::Options options(
      "seawall-demo",
      "Pushes a year of invented contacts through the API, prints the year as "
      "the board saw it, and kills the service in the middle of another push.");
  options.Add("run", settings.run, "run folder of a stack that is up");
  options.Add("pki", settings.pki, "folder with the development certificates");
  options.Add("data", settings.data, "the project's data folder");
  options.Add("seed", settings.seed, 0, 1'000'000, "another invented year");
  options.Add("quick", settings.quick,
              "a tenth of the year, without the published figures");
  options.Require("run");
  options.Require("pki");
  TRY_VOID(options.Parse(argc, argv));
  return settings;
}

// One line about what was done, and how fast.
void Say(const Screen& screen, const std::string& what, std::int64_t count,
         double seconds, const std::string& more = "") {
  screen.out << "  " << std::left << std::setw(34) << what << std::right
             << std::setw(7) << Count(count) << std::fixed
             << std::setprecision(1) << "  in " << seconds << " s, "
             << Count(static_cast<std::int64_t>(count / seconds)) << "/s"
             << (more.empty() ? "" : "; " + more) << '\n'
             << std::flush;
}

int WarningsOf(const Pushed& pushed) {
  int warnings = 0;
  for (const auto& answer : pushed.answers) warnings += answer.warnings_size();
  return warnings;
}

class Demo {
 public:
  Demo(Stack stack, const Settings& settings, const Screen& screen)
      : stack_(std::move(stack)), settings_(settings), screen_(screen) {}

  Result<bool> Run() {
    TRY_VOID(Read());
    TRY_VOID(Fill());
    TRY(const bool year, ShowYear({.stack = stack_,
                                   .codes = codes_,
                                   .published = published_,
                                   .expected = expected_,
                                   .expected_pathways = expected_pathways_,
                                   .out = screen_.out}));
    TRY_VOID(ShowMetrics());
    screen_.out << "Now the service is killed in the middle of a push.\n";
    TRY(const bool crash, ShowCrash({.stack = stack_,
                                     .forms = settings_.quick ? 1'000 : 6'000,
                                     .seed = seed(),
                                     .year_contacts = expected_.contacts,
                                     .screen = screen_}));
    TRY(const bool board, ShowWaiting({.stack = stack_,
                                       .data = settings_.data,
                                       .seed = seed(),
                                       .screen = screen_}));
    screen_.out << (year && crash && board
                        ? "Every figure was met; nothing was lost or "
                          "counted twice.\n"
                        : "Not everything is as it should be: see ✗ "
                          "above.\n");
    return year && crash && board;
  }

 private:
  std::uint64_t seed() const {
    return static_cast<std::uint64_t>(settings_.seed);
  }

  Result<void> Read() {
    TRY(const Calendar calendar,
        Calendar::Load(settings_.data + "/bank_holidays.json"));
    TRY(codes_, CodeSets::Load(settings_.data + "/code_sets.json"));
    if (!settings_.quick) {
      TRY(published_,
          ReadPublished(settings_.data + "/facts/front_door_annual.csv"));
    }
    TRY(plan_, MakePlan(settings_.quick ? TenthOfIt() : PublishedYear(), seed(),
                        calendar));
    expected_ = CountPlan(*plan_, calendar);
    TRY(pathways_,
        MakePathways(*plan_,
                     settings_.quick ? TenthOfPathways() : PublishedPathways(),
                     seed(), calendar));
    expected_pathways_ = CountPathways(pathways_, calendar);
    screen_.out
        << "The front door of Blackpool in 2017-18. Totals are published "
           "(Blackpool Safeguarding\nChildren Board, annual report 2017-18); "
           "people, words, months, agencies and sources\nare invented.\n\n"
           "Pushed by seven agencies under their own certificates:\n";
    return {};
  }

  Result<void> Fill() {
    TRY(Agencies agencies, Agencies::Connect(stack_, "import"));
    TRY(const auto hub,
        rpc::Client::Connect(stack_.As("frontdoor-import-hub", kHubPerson)));
    TRY(const Pushed history,
        Push(agencies, plan_->history, "referrals before 2017-18"));
    TRY(const Pushed year, Push(agencies, plan_->year, "contacts of 2017-18"));
    TRY_VOID(Work(*hub, history, year));
    screen_.out << '\n';
    return {};
  }

  Result<Pushed> Push(Agencies& agencies, const std::vector<PlannedForm>& forms,
                      const std::string& label) {
    TRY(Pushed pushed,
        PushForms(agencies,
                  {.label = label, .people = plan_->people, .forms = forms},
                  screen_));
    Say(screen_, label, pushed.contacts, pushed.seconds,
        cli::Counted(WarningsOf(pushed), "detail") +
            " kept with a warning, none refused");
    return pushed;
  }

  Result<void> Work(rpc::Client& hub, const Pushed& history,
                    const Pushed& year) {
    TRY(const HubDone done, DoHubWork(hub,
                                      {.plan = *plan_,
                                       .pathways = pathways_,
                                       .history = history,
                                       .year = year},
                                      screen_));
    Say(screen_, "decisions, steps and closures",
        done.decisions + done.steps + done.closures, done.seconds,
        Count(done.decisions) + " decisions, " + Count(done.steps) +
            " steps, " + Count(done.closures) + " closures");
    if (done.surprises == 0) return {};
    return Error{Code::kInternal, "UNEXPECTED",
                 Count(done.surprises) +
                     " referrals were marked otherwise than planned"};
  }

  Result<void> ShowMetrics() {
    TRY(const std::string metrics, stack_.Metrics());
    screen_.out << "Metrics for Prometheus: " << stack_.metrics_url() << '\n';
    for (const char* sample :
         {R"(seawall_ledger_units_total{outcome="committed"})",
          R"(seawall_counters_lag_events{service="referrals"})",
          R"(seawall_counters_drift_events{service="referrals"})"}) {
      screen_.out << "  " << sample << ' '
                  << static_cast<std::int64_t>(SampleOf(metrics, sample))
                  << '\n';
    }
    screen_.out << '\n';
    return {};
  }

  const Stack stack_;
  const Settings& settings_;
  const Screen& screen_;
  CodeSets codes_;
  std::optional<Published> published_;
  std::optional<Plan> plan_;
  std::vector<Pathway> pathways_;
  Expected expected_;
  ExpectedPathways expected_pathways_;
};

int Main(int argc, char** argv) {
  const auto settings = ReadSettings(argc, argv);
  if (!settings) return config::Refuse(settings.error());
  const Screen screen{std::cout, std::cerr, cli::TerminalWidth(2)};
  auto stack = Stack::Find(settings->run, settings->pki);
  Result<bool> done = stack ? Demo(*std::move(stack), *settings, screen).Run()
                            : Result<bool>(stack.error());
  if (!done) {
    screen.out << std::flush;
    screen.err << "seawall-demo: " << cli::ErrorText(done.error()) << '\n';
    return cli::ExitCode(done.error());
  }
  return *done ? cli::kDone : cli::kRefused;
}

}  // namespace
}  // namespace seawall::demo

int main(int argc, char** argv) { return seawall::demo::Main(argc, argv); }
