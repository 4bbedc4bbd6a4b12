#include "cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/command.h"
#include "cli/errors.h"
#include "cli/text.h"

namespace seawall::cli {
namespace {

constexpr char kAbout[] =
    "Seawall: the front door of a children's safeguarding partnership, from "
    "the command line.";

constexpr char kFooter[] =
    R"(Exit codes:
  0  done; every item was stored
  1  refused by the server, or not everything was as it should be
  2  the command, a file or a setting is wrong; nothing was sent
  3  the server cannot be reached or did not answer; repeating is harmless

A text flag given as "-" is read from standard input, so that details of a
child need not stand on a command line.

Examples:
  seawall --as police submit examples/contact.json
  seawall --as hub --person p-1041/social-worker contacts list --worklist overdue
  seawall --as hub --person p-1041/social-worker journey due --overdue
  seawall --as frontdoor-import-hub census import return.xml
  seawall --as board figures --from 2017-04-01 --to 2018-03-31 --by quarter
)";

void AddConnectionFlags(CLI::App& app, Settings& settings) {
  const char* group = "Connection";
  app.add_option("--address", settings.address, "The server's host:port")
      ->envname("SEAWALL_ADDRESS")
      ->capture_default_str()
      ->group(group);
  app.add_option("--certificate", settings.certificate,
                 "Your system's certificate (PEM file)")
      ->envname("SEAWALL_CERTIFICATE")
      ->group(group);
  app.add_option("--key", settings.key, "Its private key (PEM file)")
      ->envname("SEAWALL_KEY")
      ->group(group);
  app.add_option("--ca", settings.ca, "The partnership's CA (PEM file)")
      ->envname("SEAWALL_CA")
      ->group(group);
  app.add_option("--as", settings.as,
                 "Take certificate and key NAME.crt, NAME.key from --pki")
      ->type_name("NAME")
      ->group(group);
  app.add_option("--pki", settings.pki, "Folder of the certificates for --as")
      ->envname("SEAWALL_PKI")
      ->group(group);
  app.add_option("--server-name", settings.server_name,
                 "Name in the server's certificate, if not the host")
      ->envname("SEAWALL_SERVER_NAME")
      ->group(group);
  app.add_option("--timeout", settings.timeout_seconds,
                 "Seconds to wait for an answer")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str()
      ->group(group);
}

void AddCallerFlags(CLI::App& app, Settings& settings) {
  const char* group = "Who asks, and why";
  app.add_option("--person", settings.person,
                 "Who is acting: id/role such as p-1041/social-worker")
      ->envname("SEAWALL_PERSON")
      ->group(group);
  app.add_option("--area", settings.area, "The partnership, such as blackpool")
      ->envname("SEAWALL_AREA")
      ->group(group);
  app.add_option("--purpose", settings.purpose,
                 "Why a child's record is looked at")
      ->capture_default_str()
      ->group(group);
  app.add_option("--lawful-basis", settings.lawful_basis, "On what basis")
      ->capture_default_str()
      ->group(group);
  app.add_option("--request-id", settings.request_id,
                 "Id of this change, so that a repeat is harmless; default: "
                 "a new one")
      ->group(group);
  app.add_flag("--json", settings.json,
               "One JSON object a line instead of tables")
      ->group("Output");
}

// The command that was being parsed when it went wrong.
CLI::App& Deepest(CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : Deepest(*commands.back());
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command :
       app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> FlagNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent())
    for (const CLI::Option* option : at->get_options())
      for (const std::string& name : option->get_lnames())
        names.push_back("--" + name);
  return names;
}

std::string FullName(const CLI::App& app) {
  return app.get_parent() == nullptr
             ? app.get_name()
             : FullName(*app.get_parent()) + " " + app.get_name();
}

std::string Suggestion(const std::string& word,
                       const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(word, candidates);
  return nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?";
}

// Nothing for words that have a place.
std::string UnknownWord(CLI::App& program, const CLI::App& command) {
  for (const std::string& word : program.remaining(true)) {
    if (word.starts_with("--"))
      return "unknown flag " + word +
             Suggestion(word.substr(0, word.find('=')), FlagNames(command));
    const auto names = CommandNames(command);
    if (!word.starts_with("-") && !names.empty())
      return "unknown command \"" + word + "\"" + Suggestion(word, names);
  }
  return "";
}

int RefuseArguments(const Console& console, CLI::App& program,
                    const CLI::ParseError& error) {
  CLI::App& command = Deepest(program);
  std::string what = UnknownWord(program, command);
  if (what.empty()) what = error.what();
  console.err << FullName(command) << ": " << Plain(what) << '\n'
              << "See " << FullName(command) << " --help\n";
  return kUsage;
}

int Finish(const Console& console, const Result<int>& result) {
  if (result) return *result;
  console.err << ErrorText(result.error()) << '\n';
  return ExitCode(result.error());
}

void Declare(CLI::App& app, Settings& settings, Action& chosen) {
  app.name("seawall");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  AddConnectionFlags(app, settings);
  AddCallerFlags(app, settings);
  const Commands commands{app, chosen};
  AddSubmit(commands);
  AddContacts(commands);
  AddEpisodes(commands);
  AddTriage(commands);
  AddEscalation(commands);
  AddJourney(commands);
  AddFigures(commands);
  AddAccess(commands);
  AddCensus(commands);
  AddAnnexA(commands);
  AddWaiting(commands);
  AddCounters(commands);
  AddWhoAmI(commands);
  AddHealth(commands);
}

}  // namespace

CLI::App& AddCommand(const Commands& commands, CLI::App& parent,
                     const CommandHelp& help, Action action) {
  CLI::App& app = *parent.add_subcommand(help.name, help.about);
  app.footer("Examples:\n" + help.examples +
             "\nFlags for connection, person and area: seawall --help\n");
  app.fallthrough();
  if (!action) {
    app.require_subcommand(1);
    return app;
  }
  // A command's callback runs before that of the command above it.
  app.final_callback([&chosen = commands.chosen, action = std::move(action)] {
    if (!chosen) chosen = action;
  });
  return app;
}

int Run(const World& world, std::vector<std::string> arguments) {
  Settings settings;
  Action chosen;
  CLI::App app(kAbout);
  Declare(app, settings, chosen);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    world.console.out << app.help();
    return kDone;
  } catch (const CLI::ParseError& error) {
    return RefuseArguments(world.console, app, error);
  }
  Session session(world, std::move(settings));
  return Finish(world.console, chosen(session));
}

}  // namespace seawall::cli
