// seawall journey: the statutory pathway of an episode, the child's time line,
// and what is due.
#include <seawall/referrals/v1/journey.pb.h>

#include <CLI/CLI.hpp>

#include "cli/chronology.h"
#include "cli/command.h"
#include "cli/errors.h"
#include "cli/fields.h"
#include "cli/json.h"
#include "cli/methods.h"
#include "cli/participants.h"
#include "cli/receipt.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/voice.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using namespace referrals::v1;  // NOLINT: every name below is of the contract

// ---- actions ----------------------------------------------------------------

// The number of a rule has a column of its own.
std::string WordsOf(const referrals::v1::Action& action) {
  const std::string number = action.rule() + ": ";
  const std::string& words = action.description();
  return words.starts_with(number) ? words.substr(number.size()) : words;
}

Result<int> Actions(Session& session, const std::string& episode) {
  GetAvailableActionsRequest request;
  request.set_episode_id(episode);
  TRY(const GetAvailableActionsResponse response,
      session.Ask<GetAvailableActionsResponse>(kGetAvailableActions, request));
  if (session.json()) {
    session.Print(response);
    return kDone;
  }
  Table table({{"action"}, {"allowed"}, {"rule"}, {"why not", false, true}});
  for (const referrals::v1::Action& action : response.actions())
    table.Add({action.action(), action.allowed() ? "yes" : "no",
               action.rule().empty() ? action.reason() : action.rule(),
               WordsOf(action)});
  table.Print(session.out(), session.console().out_width);
  session.out() << '\n';
  PrintClocks(session, response.clocks());
  session.out() << "Version " << response.version() << ".\n";
  return kDone;
}

// ---- record -----------------------------------------------------------------

const google::protobuf::OneofDescriptor& Steps() {
  return *RecordStepRequest::descriptor()->FindOneofByName("step");
}

struct RecordFlags {
  std::string episode;
  std::string action;
  std::string file;
  std::vector<std::string> set;
  FieldFlags fields;
  VoiceFlags voice;
};

Result<const google::protobuf::FieldDescriptor*> ActionNamed(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  std::vector<std::string> names;
  for (int i = 0; i < Steps().field_count(); ++i) {
    if (Steps().field(i)->name() == name) return Steps().field(i);
    names.push_back(Steps().field(i)->name());
  }
  const std::string nearest = Nearest(name, names);
  if (name == "close_episode")
    return Usage("an episode is closed with `seawall episodes close`");
  return Usage("there is no action \"" + name + "\"" +
               (nearest.empty() ? "" : "; " + nearest + " is meant?") +
               "; `seawall journey record --help` lists them");
}

// What an action's own fields are told: --set name=value, in order.
Result<void> Say(const Session& session, const RecordFlags& flags,
                 RecordStepRequest& request) {
  if (!flags.action.empty()) {
    TRY(const auto* action, ActionNamed(flags.action));
    const int given = request.step_case();
    if (given != 0 && given != action->number())
      return Usage("--file records another action than the one named");
    auto& step = *request.GetReflection()->MutableMessage(&request, action);
    for (const std::string& one : flags.set) {
      TRY(const auto pair, ParsePair("--set", one));
      TRY_VOID(SetField(step, pair.first, session.Text(pair.second),
                        "--set " + pair.first));
    }
  } else if (flags.file.empty()) {
    return Usage("name an action, such as start_assessment, or give --file");
  } else if (!flags.set.empty()) {
    return Usage("--set needs the action beside --file");
  }
  return {};
}

Result<int> Record(Session& session, const RecordFlags& flags) {
  RecordStepRequest request;
  if (!flags.file.empty()) {
    TRY(const auto json, ReadJson(flags.file));
    TRY_VOID(FromJson(json, request));
  }
  if (!flags.episode.empty()) request.set_episode_id(flags.episode);
  TRY_VOID(Say(session, flags, request));
  TRY_VOID(flags.fields.Apply(session, request));
  if (flags.voice.given()) {
    TRY(*request.mutable_voice(), ToVoice(session, flags.voice));
  }
  return ShowReceipt(session, session.Ask<RecordStepResponse>(
                                  kRecordStep, std::move(request)));
}

// Every action with the fields it takes.
std::string ActionHelp() {
  std::string help = "Actions, and what --set may say of each:\n";
  for (int i = 0; i < Steps().field_count(); ++i) {
    const auto& step = *Steps().field(i);
    const std::string fields = FieldList(*step.message_type());
    help += "  " + step.name() + (fields.empty() ? "" : "  ") + fields + "\n";
  }
  return help;
}

// ---- chronology and due -----------------------------------------------------

Result<int> Chronology(Session& session, const std::string& subject) {
  TRY(const GetChronologyResponse response, AskChronology(session, subject));
  if (session.json()) {
    for (const ChronologyEntry& entry : response.entries())
      session.Print(entry);
    return kDone;
  }
  PrintTimeLine(response.entries(), session.out());
  session.out() << '\n';
  PrintClocks(session, response.clocks());
  return kDone;
}

struct DueFlags {
  std::string clock;
  bool overdue = false;
  int limit = 50;
  bool all = false;
};

Result<int> Due(Session& session, const DueFlags& flags) {
  ListDueRequest request;
  request.set_clock(flags.clock);
  request.set_overdue_only(flags.overdue);
  request.set_page_size(flags.all ? 500 : flags.limit);
  std::string more;
  Clocks shown;
  std::int64_t count = 0;
  do {
    TRY(const ListDueResponse page,
        session.Ask<ListDueResponse>(kListDue, request));
    count += page.clocks_size();
    if (session.json())
      for (const auto& clock : page.clocks()) session.Print(clock);
    else
      shown.MergeFrom(page.clocks());
    more = page.next_page_token();
    request.set_page_token(more);
  } while (flags.all && !more.empty());
  if (session.json()) return kDone;
  PrintClocks(session, shown);
  session.out() << Counted(count, "clock")
                << (flags.clock.empty() ? "" : " named " + Plain(flags.clock))
                << (more.empty() ? "" : "; there are more: add --all") << ".\n";
  return kDone;
}

// ---- flags ------------------------------------------------------------------

void AddActions(const Commands& commands, CLI::App& group) {
  const auto id = std::make_shared<std::string>();
  AddCommand(commands, group,
             {"actions",
              "What may be done next with an episode today, and the rule that "
              "stands against the rest",
              "  seawall --as hub journey actions E-01J…"},
             [id](Session& session) { return Actions(session, *id); })
      .add_option("episode", *id, "Its id")
      ->required();
}

void AddRecord(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<RecordFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"record", "Record one step of the statutory pathway",
       "  seawall --as hub journey record E-01J… start_assessment\n"
       "  seawall --as hub journey record E-01J… authorise_assessment --set "
       "factors=3B --set factors=4B --set outcome=NO_FURTHER_ACTION "
       "--rationale \"…\"\n"
       "  seawall --as hub journey record E-01J… hold_strategy_discussion "
       "--set begins_section_47=yes --set present=police --set "
       "absences.agency=school --set absences.reason=\"half term\"\n"
       "  seawall --as hub journey record E-01J… end_protection_plan --set "
       "step_down.agency_views.agency=police --set "
       "step_down.agency_views.view=\"…\" --set "
       "step_down.evidence_of_sustained_change=\"…\" --set "
       "step_down.contingency=\"…\" --voice own-words --voice-text \"…\"\n"
       "  seawall --as hub journey record --file step.json\n"
       "\n" +
           ActionHelp() +
           "… means: may be said again. A field inside a list begins a new "
           "entry when it is said\nagain. Ids may be left out where one is "
           "open."},
      [flags](Session& session) { return Record(session, *flags); });
  app.add_option("episode", flags->episode, "Its id")->type_name("ID");
  app.add_option("action", flags->action, "What happened, from the list below");
  flags->fields.Add(app, "--date", "Day it happened; default: today",
                    "happened_date");
  flags->fields.Add(app, "--team", "Code of the team that did it");
  flags->fields.Add(app, "--rationale", "Why; - reads it from standard input");
  AddVoiceFlags(app, flags->voice);
  MayRepeat(app.add_option("--set", flags->set, "field=value of the action"));
  app.add_option("--file", flags->file, "The whole RecordStepRequest as JSON");
  flags->fields.Add(app, "--if-version", "Only if this is still its version",
                    "version");
}

void AddChronology(const Commands& commands, CLI::App& group) {
  const auto id = std::make_shared<std::string>();
  AddCommand(commands, group,
             {"chronology",
              "Everything known of a child in order: what, who, why. What was "
              "voided is marked VOID",
              "  seawall --as hub journey chronology C-01J…\n"
              "  seawall --as hub journey chronology E-01J… --json"},
             [id](Session& session) { return Chronology(session, *id); })
      .add_option("subject", *id, "A contact or an episode of the child")
      ->required();
}

void AddDue(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<DueFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"due",
       "Clocks that run, the most overdue first. An agency sees the triages "
       "it was asked in and the escalations it raised",
       "  seawall --as hub journey due --overdue\n"
       "  seawall --as hub journey due --clock conference --all"},
      [flags](Session& session) { return Due(session, *flags); });
  app.add_option("--clock", flags->clock,
                 "Only this clock, such as assessment or conference");
  app.add_flag("--overdue", flags->overdue, "Only those past their time");
  app.add_option("--limit", flags->limit, "At most so many")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  app.add_flag("--all", flags->all, "Every page");
}

}  // namespace

void AddJourney(const Commands& commands) {
  CLI::App& group = AddCommand(
      commands, commands.program,
      {"journey", "The statutory pathway, the time line, what is due",
       "  seawall --as hub journey actions E-01J…\n"
       "  seawall --as hub journey record E-01J… start_assessment\n"
       "  seawall --as hub journey chronology E-01J…\n"
       "  seawall --as hub journey due --overdue"},
      nullptr);
  AddActions(commands, group);
  AddRecord(commands, group);
  AddChronology(commands, group);
  AddDue(commands, group);
}

}  // namespace seawall::cli
