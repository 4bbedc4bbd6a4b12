#include "cli/receipt.h"

#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

namespace seawall::cli {
namespace {

using referrals::v1::Clock;

std::string State(const Clock& clock) {
  if (clock.stopped_date().empty()) return clock.overdue() ? "OVERDUE" : "runs";
  return "stopped " + clock.stopped_date() +
         (clock.in_time() ? ", in time" : ", LATE");
}

}  // namespace

void PrintClocks(Session& session, const Clocks& clocks) {
  Table table({{"clock"}, {"started"}, {"due"}, {"state"}, {"about"}, {"of"}});
  for (const Clock& clock : clocks)
    table.Add({Spaced(clock.clock()), clock.started_date(),
               DueTime(clock.due_time()), State(clock), clock.subject_id(),
               clock.thing_id() == clock.subject_id() ? "" : clock.thing_id()});
  if (!table.empty()) table.Print(session.out(), session.console().out_width);
}

void PrintReceipt(Session& session, const referrals::v1::StepReceipt& receipt) {
  std::ostream& out = session.out();
  out << "Step " << receipt.step() << " of " << Plain(receipt.subject_id())
      << " recorded; version " << receipt.version() << ".\n";
  if (!receipt.thing_id().empty())
    out << "It is about " << Plain(receipt.thing_id()) << ".\n";
  if (!receipt.episode_id().empty() &&
      receipt.episode_id() != receipt.subject_id())
    out << "Episode " << Plain(receipt.episode_id()) << ".\n";
  PrintClocks(session, receipt.clocks());
  for (const auto& finding : receipt.findings())
    out << "A census check will ask: " << Plain(finding.rule()) << " "
        << Plain(finding.description()) << '\n';
}

}  // namespace seawall::cli
