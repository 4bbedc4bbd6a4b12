// Commands: how each command is declared: name, help with examples, flags, and
// what it does once they are parsed.
#pragma once

#include <functional>
#include <string>

#include "cli/session.h"
#include "libs/base/error.h"

namespace CLI {
class App;
}

namespace seawall::cli {

// Returns the exit code; an error is printed, and gives the code, in one place.
using Action = std::function<Result<int>(Session&)>;

// Where parsing leaves what it found.
struct Commands {
  CLI::App& program;
  Action& chosen;
};

struct CommandHelp {
  std::string name;
  std::string about;
  // Shown at the end of --help, one a line.
  std::string examples;
};

// A command below `parent`, with its flags still to be added. `action` null: a
// group, which needs one of its own commands.
CLI::App& AddCommand(const Commands& commands, CLI::App& parent,
                     const CommandHelp& help, Action action);

void AddSubmit(const Commands& commands);
void AddContacts(const Commands& commands);
void AddEpisodes(const Commands& commands);
void AddFigures(const Commands& commands);
void AddAccess(const Commands& commands);
void AddCensus(const Commands& commands);
void AddTriage(const Commands& commands);
void AddEscalation(const Commands& commands);
void AddJourney(const Commands& commands);
void AddAnnexA(const Commands& commands);
void AddWaiting(const Commands& commands);
// Below the group of AddCensus.
void AddCensusImport(const Commands& commands, CLI::App& group);
void AddCensusExport(const Commands& commands, CLI::App& group);
void AddCounters(const Commands& commands);
void AddWhoAmI(const Commands& commands);
void AddHealth(const Commands& commands);

}  // namespace seawall::cli
