// seawall-waiting: the waiting lists.
#include "services/waiting/waiting_lists.h"

int main(int argc, char** argv) {
  using namespace seawall;
  waiting::Settings settings;
  config::Options options(
      "seawall-waiting", "The waiting lists: who waits, since when, for what.");
  waiting::Declare(options, settings);
  if (const auto parsed = options.Parse(argc, argv); !parsed) {
    return config::Refuse(parsed.error());
  }
  if (settings.server.check) return rpc::Check(settings.server);
  auto server = rpc::Server::Create("waiting", settings.server);
  if (!server) return config::Refuse(server.error());
  auto lists = waiting::WaitingLists::Make(**server, settings);
  if (!lists) return config::Refuse(lists.error());
  return (*server)->Run((*lists)->domain());
}
