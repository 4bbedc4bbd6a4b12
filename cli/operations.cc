// What ops and auditors ask: access log, counters, who am I, health.
#include <google/protobuf/util/json_util.h>
#include <seawall/common/v1/operations.pb.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

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
// Told one by one.
constexpr std::size_t kMostTold = 20;

// What is in a file of signed heads.
struct KeptHeads {
  struct Kept {
    int line = 0;
    SignedHead head;
  };
  std::vector<Kept> heads;
  // Lines that hold a head which cannot be read.
  std::vector<int> unread;
};

// Heads anywhere in a JSON value: a head, an answer, a follower's page, a list.
void Collect(const nlohmann::json& value, int line, KeptHeads& kept) {
  if (value.is_object() && value.contains("signature")) {
    google::protobuf::util::JsonParseOptions lenient;
    lenient.ignore_unknown_fields = true;
    KeptHeads::Kept one{line, {}};
    if (JsonStringToMessage(value.dump(), &one.head, lenient).ok())
      kept.heads.push_back(std::move(one));
    else
      kept.unread.push_back(line);
    return;
  }
  if (!value.is_structured()) return;
  for (const auto& inside : value) Collect(inside, line, kept);
}

// JSON lines: answers of `access verify --json`, a service's log as it is,
// pages of a follower; or one JSON value over several lines. A line that has to
// do with a head and cannot be read is told, so that nobody takes one out by
// changing a character.
Result<KeptHeads> ReadHeads(const std::string& file) {
  std::ifstream in(file);
  if (!in) return Usage(file + " cannot be read");
  std::stringstream text;
  text << in.rdbuf();
  KeptHeads kept;
  if (const auto whole = nlohmann::json::parse(text.str(), nullptr, false);
      !whole.is_discarded()) {
    Collect(whole, 1, kept);
    return kept;
  }
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    if (line.find("signature") == line.npos) continue;
    const auto from = std::min(line.find('{'), line.size());
    const auto value = nlohmann::json::parse(line.substr(from), nullptr, false);
    if (value.is_discarded())
      kept.unread.push_back(number);
    else
      Collect(value, number, kept);
  }
  return kept;
}

// Those of the service and the area that is asked.
Result<KeptHeads> HeadsOf(Session& session, const std::string& file) {
  if (file.empty()) return KeptHeads();
  TRY(KeptHeads kept, ReadHeads(file));
  TRY(const WhoAmIResponse who,
      session.Ask<WhoAmIResponse>(kWhoAmI, WhoAmIRequest()));
  VerifyAccessLogRequest asked;
  TRY_VOID(session.Fill(asked));
  std::erase_if(kept.heads, [&](const KeptHeads::Kept& one) {
    return one.head.service() != who.service() ||
           one.head.area() != asked.area();
  });
  if (!kept.heads.empty() || !kept.unread.empty()) return kept;
  return Usage(file + " holds no signed head of " + who.service() + " for " +
               asked.area() +
               "; a service signs one every ten minutes and when it stops, and "
               "access verify --json gives one");
}

void PrintHeads(const VerifyAccessLogResponse& verdict, const KeptHeads& kept,
                std::ostream& out) {
  const auto count = [](std::size_t number) {
    return static_cast<std::int64_t>(number);
  };
  const std::size_t all = kept.heads.size() + kept.unread.size();
  if (all == 0) return;
  std::vector<std::pair<int, std::string>> wrong;
  for (const int line : kept.unread)
    wrong.emplace_back(line, "its signed head cannot be read");
  for (const HeadFinding& one : verdict.head_findings()) {
    wrong.emplace_back(kept.heads[static_cast<std::size_t>(one.head())].line,
                       Plain(one.finding()));
  }
  std::sort(wrong.begin(), wrong.end());
  out << "It goes on from " << Count(count(all - wrong.size())) << " of "
      << Counted(count(all), "signed head") << ".\n";
  for (std::size_t i = 0; i < std::min(wrong.size(), kMostTold); ++i)
    out << "  line " << wrong[i].first << ": " << wrong[i].second << "\n";
  if (wrong.size() > kMostTold)
    out << "  and " << Count(count(wrong.size() - kMostTold)) << " more\n";
}

// Asks about all heads, so many a request: the worst verdict, with the findings
// of all.
Result<VerifyAccessLogResponse> AskAbout(Session& session,
                                         const KeptHeads& kept) {
  VerifyAccessLogResponse verdict;
  std::size_t at = 0;
  do {
    VerifyAccessLogRequest request;
    const std::size_t from = at;
    for (int i = 0; i < kMostHeads && at < kept.heads.size(); ++i, ++at)
      *request.add_heads() = kept.heads[at].head;
    TRY(VerifyAccessLogResponse response,
        session.Ask<VerifyAccessLogResponse>(kVerifyAccessLog, request));
    for (HeadFinding& finding : *response.mutable_head_findings())
      finding.set_head(finding.head() + static_cast<int>(from));
    auto findings = verdict.head_findings();
    findings.MergeFrom(response.head_findings());
    if (from == 0 || verdict.intact()) verdict = std::move(response);
    verdict.mutable_head_findings()->Swap(&findings);
  } while (at < kept.heads.size());
  return verdict;
}

Result<int> VerifyAccess(Session& session, const std::string& file) {
  TRY(const KeptHeads kept, HeadsOf(session, file));
  TRY(const VerifyAccessLogResponse verdict, AskAbout(session, kept));
  if (session.json()) {
    session.Print(verdict);
  } else if (verdict.intact()) {
    session.out() << "Intact: "
                  << Counted(verdict.entries(), "entry", "entries") << ". Head "
                  << verdict.head() << "\n";
  } else {
    session.out() << "BROKEN at entry " << Count(verdict.first_broken_entry())
                  << " of " << Count(verdict.entries()) << ": "
                  << Plain(verdict.finding()) << "\n";
  }
  if (!session.json()) PrintHeads(verdict, kept, session.out());
  const bool fits = verdict.head_findings().empty() && kept.unread.empty();
  return verdict.intact() && fits ? kDone : kRefused;
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
  std::int64_t shown = 0;
  do {
    request.set_page_size(std::min(left, 500));
    TRY(const ListAccessResponse page,
        session.Ask<ListAccessResponse>(kListAccess, request));
    for (const AccessEntry& entry : page.entries()) {
      if (session.json()) session.Print(entry);
      AddRow(entry, table);
    }
    left -= page.entries_size();
    shown += page.entries_size();
    request.set_page_token(page.next_page_token());
  } while (left > 0 && !request.page_token().empty());
  if (session.json()) return kDone;
  table.Print(session.out(), session.console().out_width);
  session.out() << Counted(shown, "entry", "entries")
                << (request.page_token().empty()
                        ? ".\n"
                        : "; there are more: --limit.\n");
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
