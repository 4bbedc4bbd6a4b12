// seawall waiting: the waiting lists: the board's dashboard, pushing what
// happened, who is next.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/errors.h"
#include "cli/methods.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/waiting_board.h"
#include "cli/waiting_child.h"
#include "cli/waiting_outlook.h"
#include "cli/waiting_push.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using namespace waiting::v1;  // NOLINT: every name below is of the contract

struct BoardFlags {
  std::string census;
  std::string as_known;
  std::vector<std::string> services;
  std::string clock;
  bool csv = false;
};

struct ListFlags {
  std::string service;
  bool overdue = false;
  bool slot = false;
  int limit = 50;
};

Result<int> Dashboard(Session& session, const BoardFlags& flags) {
  GetDashboardRequest request;
  request.set_census_date(flags.census);
  request.set_clock(flags.clock);
  for (const std::string& service : flags.services)
    request.add_services(service);
  if (!flags.as_known.empty()) {
    TRY(const Instant known, ParseTime("--as-known", flags.as_known));
    *request.mutable_as_known_time() = ToTimestamp(known);
  }
  TRY(const auto board,
      session.Ask<GetDashboardResponse>(kGetDashboard, request));
  if (session.json()) {
    session.Print(board);
  } else if (flags.csv) {
    PrintBoardCsv(board, session.out());
  } else {
    PrintBoard(board, session.out(), session.console().out_width);
  }
  return kDone;
}

std::string DutiesOf(const WaitingChild& child) {
  std::string text;
  for (const Duty& duty : child.duties()) {
    if (!text.empty()) text += ", ";
    text += Spaced(duty.duty()) +
            (duty.overdue() ? " OVERDUE since " : " by ") +
            DueTime(duty.due_time());
  }
  return text;
}

Result<int> List(Session& session, const ListFlags& flags) {
  ListWaitingRequest request;
  request.set_service(flags.service);
  request.set_overdue_only(flags.overdue);
  request.set_for_cancelled_slot(flags.slot);
  // A page may be short where few are asked for among many.
  ListWaitingResponse list;
  do {
    request.set_page_size(flags.limit - list.children_size());
    request.set_page_token(list.next_page_token());
    TRY(const auto page,
        session.Ask<ListWaitingResponse>(kListWaiting, request));
    list.clear_next_page_token();
    list.MergeFrom(page);
  } while (!list.next_page_token().empty() &&
           list.children_size() < flags.limit);
  Table table({{"reference"},
               {"clock"},
               {"since"},
               {"days", true},
               {"risk"},
               {"blocked by", false, true},
               {"flags", false, true},
               {"also waits for", false, true},
               {"due", false, true}});
  for (const WaitingChild& child : list.children()) {
    if (session.json()) session.Print(child);
    table.Add({child.reference(), Spaced(child.clock()), child.start_date(),
               std::to_string(child.days_waited()),
               child.expedited() ? "FIRST" : child.risk(), child.blocked_by(),
               Joined(child.flags()), Joined(child.also_waits_for()),
               DutiesOf(child)});
  }
  if (session.json()) return kDone;
  table.Print(session.out(), session.console().out_width);
  if (!list.next_page_token().empty()) session.out() << "… and more: --limit\n";
  return kDone;
}

void AddDashboard(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<BoardFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"dashboard",
       "The lists of every service on a day, beside the end of the month "
       "before, as the board reads them",
       "  seawall --as board waiting dashboard --census 2023-12-31\n"
       "  seawall --as board waiting dashboard --census 2023-12-31 --as-known "
       "2024-01-05\n"
       "  seawall --as board waiting dashboard --csv > board.csv"},
      [flags](Session& session) { return Dashboard(session, *flags); });
  app.add_option("--census", flags->census,
                 "Day at whose end the lists are counted; default: today");
  app.add_option("--as-known", flags->as_known,
                 "As the records stood at that time or at the end of that day");
  app.add_option("--service", flags->services, "Services; default: all");
  app.add_option("--clock", flags->clock,
                 "first_contact, assessment, panel, treatment; default: each "
                 "service's own");
  app.add_flag("--csv", flags->csv, "A line a figure");
}

void AddPush(const Commands& commands, CLI::App& group, const CommandHelp& help,
             WaitingFormat format) {
  const auto flags = std::make_shared<WaitingPushFlags>();
  CLI::App& app =
      AddCommand(commands, group, help, [flags, format](Session& session) {
        return PushWaiting(session, *flags, format);
      });
  app.add_option("FILE", flags->file, "The file; - is standard input")
      ->required();
  app.add_option("--patience", flags->patience_seconds,
                 "Seconds to try again after the server went away")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
}

void AddList(const Commands& commands, CLI::App& group) {
  const auto flags = std::make_shared<ListFlags>();
  CLI::App& app = AddCommand(
      commands, group,
      {"list",
       "Who waits at your service, in the order in which they should be seen, "
       "and what is due to each family",
       "  seawall --as hospital --person p-7/manager waiting list camhs "
       "--overdue\n"
       "  seawall --as hospital --person p-7/manager waiting list slt --slot"},
      [flags](Session& session) { return List(session, *flags); });
  app.add_option("SERVICE", flags->service, "Such as camhs")->required();
  app.add_flag("--overdue", flags->overdue,
               "Only those to whose family something is overdue");
  app.add_flag("--slot", flags->slot,
               "Only those who could take a cancelled slot");
  app.add_option("--limit", flags->limit, "Children shown")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
}

}  // namespace

void AddWaiting(const Commands& commands) {
  CLI::App& group = AddCommand(
      commands, commands.program,
      {"waiting", "The waiting lists of the health services",
       "  seawall --as board waiting dashboard --census 2023-12-31\n"
       "  seawall --as hospital-import-referrer waiting import events.csv"},
      nullptr);
  AddDashboard(commands, group);
  AddPush(commands, group,
          {"import",
           "Push what happened to children who wait, from CSV with a row an "
           "event",
           "  seawall --as hospital-import-referrer waiting import events.csv\n"
           "\n"
           "Columns: event (referral, acceptance, rejection, offer, "
           "appointment, unavailability,\npriority, block, contact, call, "
           "expedition, removal, correction), service, reference,\n"
           "happened_date or happened_time, event_id, corrects (the event that "
           "a correction\ntakes back); every other column is a field of the "
           "event by its path, such as\nchild.nhs_number, "
           "original_start_date, attendance, opens, outcome, reason. An\n"
           "empty cell is absent. Days are read day first. The file may be as "
           "Excel saves it.\nExample: examples/waiting.csv. The same file "
           "again changes nothing."},
          WaitingFormat::kCsv);
  AddPush(commands, group,
          {"events", "The same as JSON lines, an Event a line",
           "  seawall --as hospital-import-referrer waiting events "
           "events.jsonl\n"
           "  … | seawall --as hospital-push-referrer waiting events -"},
          WaitingFormat::kJsonLines);
  AddList(commands, group);
  AddWaitingChild(commands, group);
  AddWaitingOutlook(commands, group);
}

}  // namespace seawall::cli
