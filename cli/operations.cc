// What ops and auditors ask: access log, counters, who am I, health.
#include <seawall/common/v1/operations.pb.h>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/describe.h"
#include "cli/errors.h"
#include "cli/methods.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using namespace common::v1;  // NOLINT: every name below is of the contract

Result<int> VerifyAccess(Session& session) {
  TRY(const VerifyAccessLogResponse response,
      session.Ask<VerifyAccessLogResponse>(kVerifyAccessLog,
                                           VerifyAccessLogRequest()));
  if (session.json())
    session.Print(response);
  else if (response.intact())
    session.out() << "Intact: "
                  << Counted(response.entries(), "entry", "entries")
                  << ". Head " << response.head() << "\n";
  else
    session.out() << "BROKEN at entry " << Count(response.first_broken_entry())
                  << " of " << Count(response.entries()) << ": "
                  << Plain(response.finding()) << "\n";
  return response.intact() ? kDone : kRefused;
}

struct AccessFlags {
  std::string subject;
  int limit = 50;
};

void AddRow(const AccessEntry& entry, Table& table) {
  std::string subjects;
  for (const std::string& id : entry.subject_ids())
    subjects += (subjects.empty() ? "" : ", ") + id;
  const std::string& action = entry.action();
  table.Add({Count(entry.entry()), LondonTime(entry.time()), entry.agency(),
             entry.system(), entry.role(), entry.person(),
             action.substr(action.rfind('/') + 1), entry.outcome(),
             entry.purpose(), subjects});
}

Result<int> ShowAccess(Session& session, const AccessFlags& flags) {
  ListAccessRequest request;
  request.set_subject_id(flags.subject);
  Table table({{"entry", true},
               {"time"},
               {"agency"},
               {"system"},
               {"role"},
               {"person"},
               {"action"},
               {"outcome"},
               {"purpose"},
               {"about", false, true}});
  int left = flags.limit;
  do {
    request.set_page_size(std::min(left, 500));
    TRY(const ListAccessResponse page,
        session.Ask<ListAccessResponse>(kListAccess, request));
    for (const AccessEntry& entry : page.entries()) {
      if (session.json()) session.Print(entry);
      AddRow(entry, table);
    }
    left -= page.entries_size();
    request.set_page_token(page.next_page_token());
  } while (left > 0 && !request.page_token().empty());
  if (!session.json()) table.Print(session.out(), session.console().out_width);
  return kDone;
}

Result<int> Verify(Session& session) {
  TRY(const VerifyCountersResponse response,
      session.Ask<VerifyCountersResponse>(kVerifyCounters,
                                          VerifyCountersRequest()));
  if (session.json()) {
    session.Print(response);
    return response.drift() == 0 ? kDone : kRefused;
  }
  session.out() << "Drift " << Count(response.drift()) << " over "
                << Counted(response.counters_compared(), "counter")
                << " at position " << Count(response.position()) << ".\n";
  Table table({{"counter"}, {"counted", true}, {"recorded", true}});
  for (const CounterDifference& difference : response.differences())
    table.Add({difference.counter(), Count(difference.counted()),
               Count(difference.recorded())});
  table.Print(session.out(), session.console().out_width);
  return response.drift() == 0 ? kDone : kRefused;
}

Result<int> Rebuild(Session& session) {
  TRY(const RebuildCountersResponse response,
      session.Ask<RebuildCountersResponse>(kRebuildCounters,
                                           RebuildCountersRequest()));
  if (session.json()) {
    session.Print(response);
    return kDone;
  }
  session.out() << "Counters rebuilt from "
                << Counted(response.events(), "event") << " in "
                << response.seconds() << " s.\n";
  return kDone;
}

Result<int> WhoAmI(Session& session) {
  TRY(const WhoAmIResponse response,
      session.Ask<WhoAmIResponse>(kWhoAmI, WhoAmIRequest()));
  if (session.json())
    session.Print(response);
  else
    Describe(response, session.out());
  return kDone;
}

Result<int> Health(Session& session) {
  TRY(Remote * remote, session.Lane(0));
  if (const auto healthy = remote->Healthy(); !healthy)
    return session.Explain(healthy.error());
  session.out() << (session.json() ? "{\"status\":\"SERVING\"}" : "serving")
                << "\n";
  return kDone;
}

}  // namespace

void AddAccess(const Commands& commands) {
  CLI::App& group =
      AddCommand(commands, commands.program,
                 {"access", "The log of who read or changed what",
                  "  seawall --as auditor access verify\n"
                  "  seawall --as auditor access show --subject C-01J…"},
                 nullptr);
  AddCommand(commands, group,
             {"verify", "Recompute the chain; exit code 1 if it is broken",
              "  seawall --as auditor access verify"},
             VerifyAccess);
  const auto flags = std::make_shared<AccessFlags>();
  CLI::App& show = AddCommand(
      commands, group,
      {"show", "Entries, newest first",
       "  seawall --as auditor --person p-7/auditor access show --limit 20"},
      [flags](Session& session) { return ShowAccess(session, *flags); });
  show.add_option("--subject", flags->subject, "Only about this record")
      ->type_name("ID");
  show.add_option("--limit", flags->limit, "At most so many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
}

void AddCounters(const Commands& commands) {
  CLI::App& group = AddCommand(commands, commands.program,
                               {"counters", "The counters beside the records",
                                "  seawall --as ops counters verify"},
                               nullptr);
  AddCommand(commands, group,
             {"verify", "Compare with the records; exit code 1 if they differ",
              "  seawall --as ops counters verify"},
             Verify);
  AddCommand(commands, group,
             {"rebuild", "Delete the counters and replay the journal",
              "  seawall --as ops counters rebuild --timeout 600"},
             Rebuild);
}

void AddWhoAmI(const Commands& commands) {
  AddCommand(commands, commands.program,
             {"whoami", "Who the server takes you to be",
              "  seawall --as police whoami"},
             WhoAmI);
}

void AddHealth(const Commands& commands) {
  AddCommand(
      commands, commands.program,
      {"health", "Whether the server answers", "  seawall --as ops health"},
      Health);
}

}  // namespace seawall::cli
