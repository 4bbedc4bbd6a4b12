// What ops and auditors ask: access log, counters, who am I, health.
#include <google/protobuf/util/json_util.h>
#include <seawall/common/v1/operations.pb.h>

#include <CLI/CLI.hpp>
#include <fstream>

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
using google::protobuf::util::JsonStringToMessage;

// In one request to the server.
constexpr int kMostHeads = 500;

// The heads in a file of JSON lines: answers of `access verify --json`, or a
// service's log as it is. Other lines are passed over.
Result<std::vector<SignedHead>> ReadHeads(const std::string& file) {
  std::ifstream in(file);
  if (!in) {
    return Error{Code::kInvalidArgument, "FILE_UNREADABLE",
                 file + " cannot be read"};
  }
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  std::vector<SignedHead> heads;
  for (std::string line; std::getline(in, line);) {
    SignedHead head;
    VerifyAccessLogResponse answer;
    if (JsonStringToMessage(line, &head, lenient).ok() &&
        !head.signature().empty()) {
      heads.push_back(std::move(head));
    } else if (JsonStringToMessage(line, &answer, lenient).ok() &&
               answer.has_signed_head()) {
      heads.push_back(std::move(*answer.mutable_signed_head()));
    }
  }
  if (heads.empty()) {
    return Error{Code::kInvalidArgument, "NO_HEADS",
                 file +
                     " holds no signed head; give a service's log, or what "
                     "access verify --json wrote"};
  }
  return heads;
}

// Those of the service and the area that is asked.
Result<std::vector<SignedHead>> HeadsOf(Session& session,
                                        const std::string& file) {
  if (file.empty()) return std::vector<SignedHead>();
  TRY(std::vector<SignedHead> heads, ReadHeads(file));
  TRY(const WhoAmIResponse who,
      session.Ask<WhoAmIResponse>(kWhoAmI, WhoAmIRequest()));
  VerifyAccessLogRequest asked;
  TRY_VOID(session.Fill(asked));
  std::erase_if(heads, [&](const SignedHead& head) {
    return head.service() != who.service() || head.area() != asked.area();
  });
  if (heads.empty()) {
    return Error{Code::kInvalidArgument, "NO_HEADS",
                 file + " holds no signed head of " + who.service() + " for " +
                     asked.area()};
  }
  return heads;
}

void PrintVerdict(const VerifyAccessLogResponse& response, std::size_t heads,
                  std::ostream& out) {
  if (!response.intact()) {
    out << "BROKEN at entry " << Count(response.first_broken_entry()) << " of "
        << Count(response.entries()) << ": " << Plain(response.finding())
        << "\n";
    return;
  }
  out << "Intact: " << Counted(response.entries(), "entry", "entries") << ". ";
  if (heads > 0) {
    out << "It goes on from "
        << Counted(static_cast<std::int64_t>(heads), "signed head") << ". ";
  }
  out << "Head " << response.head() << "\n";
}

Result<int> VerifyAccess(Session& session, const std::string& file) {
  TRY(const std::vector<SignedHead> heads, HeadsOf(session, file));
  VerifyAccessLogResponse response;
  std::size_t at = 0;
  do {
    VerifyAccessLogRequest request;
    for (int i = 0; i < kMostHeads && at < heads.size(); ++i, ++at)
      *request.add_heads() = heads[at];
    TRY(response,
        session.Ask<VerifyAccessLogResponse>(kVerifyAccessLog, request));
  } while (response.intact() && at < heads.size());
  if (session.json())
    session.Print(response);
  else
    PrintVerdict(response, heads.size(), session.out());
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
  const auto file = std::make_shared<std::string>();
  CLI::App& verify = AddCommand(
      commands, group,
      {"verify",
       "Recompute the chain; exit code 1 if it is broken.\n"
       "A chain that was made anew from its beginning, or cut at its end, is "
       "whole in itself: compare it with heads that the service signed "
       "earlier. Each answer holds one (--json), and the service's log has one "
       "every ten minutes; keep them where nobody who can change the records "
       "can change them.",
       "  seawall --as auditor access verify\n"
       "  seawall --as auditor --json access verify >> kept-heads.json\n"
       "  seawall --as auditor access verify --head kept-heads.json"},
      [file](Session& session) { return VerifyAccess(session, *file); });
  verify
      .add_option("--head", *file,
                  "Signed heads to compare with: JSON lines, or a service's "
                  "log")
      ->type_name("FILE");
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
