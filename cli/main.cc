// seawall-cli: what `seawall <command>` runs.
#include <iostream>

#include "cli/program.h"
#include "cli/terminal.h"

int main(int argc, char** argv) {
  using namespace seawall;
  // With a buffer of its own: fast, and a push can see whether more is there.
  std::ios::sync_with_stdio(false);
  const SystemClock clock;
  RandomIds ids(clock);
  const cli::World world{
      .console = {std::cin, std::cout, std::cerr, cli::TerminalWidth(1),
                  cli::TerminalWidth(2)},
      .clock = clock,
      .ids = ids,
      .connect = cli::ConnectRemote};
  return cli::Run(world, {argv + 1, argv + argc});
}
