// seawall-writer: the write path without gRPC. The front door's own preparing
// (check, score, seal) on two threads and the ledger's writer, in one process
// and on the store that the service's flags name. Prints one line of JSON.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "libs/rpc/pool.h"
#include "libs/rpc/request_hash.h"
#include "services/referrals/front_door.h"
#include "tests/load/forms.h"
#include "tests/load/loop.h"

namespace {

using namespace seawall;

constexpr char kMethod[] =
    "seawall.referrals.v1.ReferralsService/SubmitContact";

class PrepareJob : public rpc::Job {
 public:
  explicit PrepareJob(std::function<void()> work) : work_(std::move(work)) {}
  void Run() override { work_(); }

 private:
  std::function<void()> work_;
};

class Writer {
 public:
  Writer(rpc::Server& server, rpc::Domain& domain, int lanes)
      : server_(server), forms_(static_cast<std::size_t>(lanes)) {
    domain.services[0]->Bind(methods_);
    call_.area = "blackpool";
    call_.method = kMethod;
    call_.caller.agency = "police";
    call_.caller.system = "push";
    call_.caller.role = rpc::Role::kReferrer;
    call_.deadline = std::chrono::steady_clock::time_point::max();
  }

  void Begin(int lane, load::Finished finished) {
    pool_.Post(call_.caller.agency,
               std::make_shared<PrepareJob>(
                   [this, lane, finished = std::move(finished)] {
                     Prepare(lane, finished);
                   }));
  }

 private:
  void Prepare(int lane, const load::Finished& finished) {
    const auto& request =
        forms_[static_cast<std::size_t>(lane)].About(++next_, "writer");
    auto work = methods_.all().at(kMethod).prepare(call_, request);
    if (!work) return finished(false);
    ledger::Write write;
    write.area = call_.area;
    write.access.actor = call_.caller.actor();
    write.access.action = kMethod;
    write.request_id = request.request_id();
    write.request_hash = rpc::RequestHash(server_.sealer(), kMethod, request);
    write.work = *std::move(work);
    write.done = [finished](Result<std::string> answer, bool) {
      finished(answer.has_value());
    };
    server_.ledger().Submit(std::move(write));
  }

  rpc::Server& server_;
  rpc::Methods methods_;
  rpc::Call call_;
  std::vector<load::Form> forms_;
  std::atomic<std::int64_t> next_{0};
  rpc::Pool pool_{2, 1 << 16};
};

void Print(const load::Measured& measured) {
  const nlohmann::json line = {{"rate", measured.rate},
                               {"p50_ms", measured.p50_ms},
                               {"p99_ms", measured.p99_ms},
                               {"done", measured.done},
                               {"failed", measured.failed}};
  std::printf("%s\n", line.dump().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  referrals::Settings settings;
  int in_flight = 256;
  std::chrono::milliseconds time{2000};
  config::Options options("seawall-writer", "The write path without gRPC.");
  referrals::Declare(options, settings);
  options.Add("in-flight", in_flight, 1, 4096, "Units under way");
  options.Add("time", time, "How long to measure");
  if (const auto parsed = options.Parse(argc, argv); !parsed)
    return config::Refuse(parsed.error());
  auto server = rpc::Server::Create("referrals", settings.server);
  if (!server) return config::Refuse(server.error());
  auto front_door = referrals::FrontDoor::Make(**server, settings);
  if (!front_door) return config::Refuse(front_door.error());
  rpc::Domain domain = (*front_door)->domain();
  auto migrations = ledger::Ledger::Migrations();
  migrations.insert(migrations.end(), domain.migrations.begin(),
                    domain.migrations.end());
  if (const auto done = (*server)->database().Migrate(migrations); !done)
    return config::Refuse(done.error());
  (*server)->ledger().Start();
  {
    Writer writer(**server, domain, in_flight);
    Print(load::ClosedLoop(in_flight, {std::chrono::milliseconds(300), time},
                           load::Begin([&](int lane, load::Finished finished) {
                             writer.Begin(lane, std::move(finished));
                           })));
  }
  (*server)->ledger().Stop();
  return 0;
}
