// seawall-referrals: the front door.
#include "services/referrals/front_door.h"

int main(int argc, char** argv) {
  using namespace seawall;
  referrals::Settings settings;
  config::Options options("seawall-referrals",
                          "The front door: contacts pushed by agencies.");
  referrals::Declare(options, settings);
  if (const auto parsed = options.Parse(argc, argv); !parsed) {
    return config::Refuse(parsed.error());
  }
  if (settings.server.check) return rpc::Check(settings.server);
  auto server = rpc::Server::Create("referrals", settings.server);
  if (!server) return config::Refuse(server.error());
  auto front_door = referrals::FrontDoor::Make(**server, settings);
  if (!front_door) return config::Refuse(front_door.error());
  return (*server)->Run((*front_door)->domain());
}
