#include "demo/waiting_board.h"

#include <google/protobuf/util/time_util.h>

#include "cli/errors.h"
#include "cli/event_push.h"
#include "cli/methods.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/text.h"
#include "demo/figures.h"
#include "demo/waiting_events.h"

namespace seawall::demo {
namespace {

namespace pb = waiting::v1;
using cli::Count;
using cli::Table;

constexpr int kIndent = 2;
constexpr char kArea[] = "blackpool";

std::string Arrow(const std::string& trend) {
  if (trend == "up") return " ↑";
  if (trend == "down") return " ↓";
  return trend == "same" ? " =" : "";
}

std::string Arrow(pb::Trend trend) {
  switch (trend) {
    case pb::TREND_UP:
      return " ↑";
    case pb::TREND_DOWN:
      return " ↓";
    case pb::TREND_SAME:
      return " =";
    default:
      return "";
  }
}

// The six columns of a row, as a board reads them.
using Cells = std::vector<std::string>;

Cells Published(const BoardRow& row) {
  Cells cells = {std::to_string(row.average_weeks) + Arrow(row.average_trend),
                 std::to_string(row.longest_weeks) + Arrow(row.longest_trend)};
  for (std::size_t i = 0; i < row.over.size(); ++i) {
    cells.push_back(std::to_string(row.over[i]) + Arrow(row.over_trend[i]));
  }
  cells.push_back(std::to_string(row.waiting) + " (" + row.change + ")");
  return cells;
}

Cells Computed(const pb::ServiceRow& row) {
  const auto shown = [](const pb::DashboardFigure& figure) {
    return figure.value() + Arrow(figure.trend());
  };
  Cells cells = {shown(row.average_weeks()), shown(row.longest_weeks())};
  for (const pb::DashboardFigure& over : row.over()) {
    cells.push_back(shown(over));
  }
  cells.push_back(row.waiting().value() + " (" + row.waiting().change() + ")");
  return cells;
}

class Board {
 public:
  Board(const WaitingParts& parts, std::vector<BoardRow> published,
        WaitingPush push)
      : parts_(parts),
        published_(std::move(published)),
        push_(std::move(push)),
        out_(parts.screen.out) {}

  Result<bool> Show() {
    TRY_VOID(Fill());
    TRY(board_, rpc::Client::Connect(parts_.stack.AsOnWaiting("board")));
    const Instant looked = SystemClock().Now();
    TRY_VOID(Push("hospital-import-referrer", kArea, {push_.late}, ""));
    TRY(const pb::GetDashboardResponse then, Ask(looked));
    TRY(const pb::GetDashboardResponse now, Ask({}));
    ShowRows(then);
    ShowTotals(then);
    ShowLate(then, now);
    out_ << '\n';
    return checks_.all_met();
  }

 private:
  Result<void> Fill() {
    out_
        << "The waiting lists of December 2023. The dashboard is published; "
           "the children, and what\nNovember's numbers were, are invented.\n\n";
    TRY_VOID(Push("hospital-import-referrer", kArea, push_.events,
                  "events of waiting children"));
    return Push("lancashire-hospital-import-referrer", "lancashire",
                push_.elsewhere, "");
  }

  Result<void> Push(const std::string& certificate, const std::string& area,
                    const std::vector<pb::Event>& events,
                    const std::string& label) {
    rpc::ClientSettings settings = parts_.stack.AsOnWaiting(certificate);
    settings.wait_for_ready = false;
    TRY(const auto remote, cli::ConnectRemote(settings));
    cli::Progress progress(parts_.screen.err,
                           label.empty() ? 0 : parts_.screen.err_width, label,
                           std::ssize(events));
    std::size_t at = 0;
    std::optional<Error> refused;
    cli::EventPlan plan;
    plan.area = area;
    plan.next = [&]() -> std::optional<cli::EventItem> {
      if (at == events.size() || refused) return std::nullopt;
      return cli::EventItem{.event = events[at++]};
    };
    plan.answered = [&](const cli::EventItem& item, const auto& answer) {
      progress.Add();
      if (answer || refused) return;
      refused = answer.error();
      refused->message =
          item.event.about().event_id() + ": " + refused->message;
    };
    plan.first_patience = plan.patience;
    TRY_VOID(cli::PushEvents(*remote, plan));
    if (refused) return *refused;
    if (label.empty()) return {};
    progress.Clear();
    out_ << "  " << Count(std::ssize(events)) << " events pushed, "
         << Count(static_cast<std::int64_t>(
                static_cast<double>(events.size()) /
                std::max(progress.elapsed().count(), 0.001)))
         << "/s\n\n";
    return {};
  }

  Result<pb::GetDashboardResponse> Ask(std::optional<Instant> known) {
    pb::GetDashboardRequest request;
    request.set_area(kArea);
    request.set_census_date(FormatDate(WaitingCensus()));
    if (known) {
      *request.mutable_as_known_time() =
          google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
              ToMicros(*known));
    }
    pb::GetDashboardResponse response;
    TRY_VOID(board_->Call(cli::kGetDashboard, request, response));
    return response;
  }

  static const pb::ServiceRow* Find(const pb::GetDashboardResponse& response,
                                    const std::string& service) {
    for (const pb::ServiceRow& row : response.rows()) {
      if (row.service() == service) return &row;
    }
    return nullptr;
  }

  void ShowRows(const pb::GetDashboardResponse& response) {
    Table table({{"waiting on 31 December 2023"},
                 {""},
                 {"average weeks", true},
                 {"longest", true},
                 {"over 18", true},
                 {"over 52", true},
                 {"over 78", true},
                 {"waiting", true}});
    for (const BoardRow& row : published_) {
      const Cells expected = Published(row);
      Cells line = {row.name, "published"};
      line.insert(line.end(), expected.begin(), expected.end());
      table.Add(line);
      const pb::ServiceRow* found = Find(response, row.service);
      const Cells computed = found ? Computed(*found) : Cells();
      line = {"", "computed"};
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const std::string cell = i < computed.size() ? computed[i] : "–";
        line.push_back(checks_.Mark(cell, cell == expected[i]));
      }
      table.Add(line);
    }
    table.Print(out_, 0, kIndent);
    out_ << "  Change since 30 November on the values shown; = unchanged; no "
            "arrow: none in both months.\n\n";
  }

  void ShowTotals(const pb::GetDashboardResponse& response) {
    std::int64_t waiting = 0, residual = 0;
    for (const pb::ServiceRow& row : response.rows()) {
      waiting += row.balance().closing();
      residual += std::abs(row.balance().residual());
    }
    std::int64_t published = 0;
    for (const BoardRow& row : published_) published += row.waiting;
    out_ << "  " << checks_.Mark(Count(waiting), waiting == published)
         << " referrals of " << Count(push_.children)
         << " children wait; opening + received − left − closing = "
         << checks_.Mark(Count(residual), residual == 0) << " in each list.\n"
         << "  Beside them, and changing nothing: referrals rejected and "
            "withdrawn, seen on the census\n  date, received after it, of "
            "another area, sent twice; children who were not brought.\n";
  }

  void ShowLate(const pb::GetDashboardResponse& then,
                const pb::GetDashboardResponse& now) {
    const std::string& service = push_.late.about().service();
    const std::int64_t before = Find(then, service)->balance().closing();
    const std::int64_t after = Find(now, service)->balance().closing();
    out_ << "  A contact of 30 December was recorded only after the board had "
            "looked: as known now,\n  "
         << checks_.Mark(Count(after), after == before - 1)
         << " wait for the first of these; as known then, " << Count(before)
         << ".\n";
  }

  const WaitingParts& parts_;
  const std::vector<BoardRow> published_;
  const WaitingPush push_;
  std::ostream& out_;
  std::unique_ptr<rpc::Client> board_;
  Checks checks_;
};

}  // namespace

Result<bool> ShowWaiting(const WaitingParts& parts) {
  TRY(const auto published,
      ReadBoard(parts.data + "/facts/waiting_dashboard_2023-12.csv"));
  TRY(const auto waits, PlanWaits(published, parts.seed));
  return Board(parts, published, MakeWaitingPush(waits, parts.seed)).Show();
}

}  // namespace seawall::demo
