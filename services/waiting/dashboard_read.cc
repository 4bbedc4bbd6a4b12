// The board's dashboard: lists in, figures with their meaning out.
#include <absl/strings/numbers.h>

#include "libs/rpc/figures.h"
#include "services/waiting/handler.h"

namespace seawall::waiting {
namespace {

struct Meaning {
  const char* id;
  const char* text;
  const char* rounding;
};

constexpr int kMeaningVersion = 1;
constexpr char kAverage[] = "waiting_average_weeks";
constexpr char kLongest[] = "waiting_longest_weeks";
constexpr char kOver[] = "waiting_over_threshold";
constexpr char kWaiting[] = "waiting";
constexpr char kSeen[] = "first_contacts";
constexpr char kSeenAverage[] = "seen_average_weeks";

// docs/measures.md says the same at length.
constexpr Meaning kMeanings[] = {
    {kWaiting,
     "Referrals on the list at the end of the census date: received, and "
     "neither seen nor removed. An attended appointment alone is a contact.",
     "none"},
    {kAverage,
     "Mean of the days waited by those on the list (census date less clock "
     "start, whole civil days), in weeks.",
     "mean of days / 7, half up to whole weeks"},
    {kLongest, "The longest wait of those on the list.",
     "completed weeks: days / 7, rounded down"},
    {kOver,
     "Those on the list for more than N weeks: more than 7N days. 127 days "
     "are over 18 weeks, 126 are not.",
     "none"},
    {kSeen, "Waits that ended with a contact in the month of the census date.",
     "none"},
    {kSeenAverage, "Mean of the days that those had waited, in weeks.",
     "mean of days / 7, half up to whole weeks"},
};

constexpr struct {
  const char* name;
  Share share;
} kPercentiles[] = {{"median", {1, 2}}, {"92", {92, 100}}};

std::optional<std::int64_t> NumberOf(const std::string& shown) {
  std::int64_t number = 0;
  if (!absl::SimpleAtoi(shown, &number)) return std::nullopt;
  return number;
}

std::string ChangeOf(std::int64_t by) {
  return (by > 0 ? "+" : "") + std::to_string(by);
}

pb::Trend Show(Trend trend) { return static_cast<pb::Trend>(trend); }

// One figure beside the month before; empty texts are unknown.
void Show(const char* id, const std::string& now, const std::string& before,
          std::int64_t n, pb::Population population, pb::DashboardFigure& to) {
  to.set_definition(id);
  to.set_definition_version(kMeaningVersion);
  to.set_value(now);
  to.set_value_before(before);
  to.set_n(n);
  to.set_population(population);
  const auto value = NumberOf(now), value_before = NumberOf(before);
  to.set_trend(Show(TrendOf(value, value_before)));
  if (value && value_before) to.set_change(ChangeOf(*value - *value_before));
}

std::string Text(std::optional<int> number) {
  return number ? std::to_string(*number) : "";
}

// Two ends of months of one list.
struct Pair {
  Stock now, before;
};

// No list: every figure is unknown, and none is 0.
void ShowStock(const Service& service, const std::optional<Pair>& pair,
               pb::ServiceRow& row) {
  const Stock none;
  const Stock& now = pair ? pair->now : none;
  const Stock& before = pair ? pair->before : none;
  const auto count = [&](std::int64_t number) {
    return pair ? std::to_string(number) : "";
  };
  const auto show = [&](const char* id, const std::string& value,
                        const std::string& value_before,
                        pb::DashboardFigure& to) {
    Show(id, value, value_before, now.waiting, pb::POPULATION_WAITING, to);
  };
  show(kAverage, now.AverageWeeks(), before.AverageWeeks(),
       *row.mutable_average_weeks());
  show(kLongest, Text(now.LongestWeeks()), Text(before.LongestWeeks()),
       *row.mutable_longest_weeks());
  show(kWaiting, count(now.waiting), count(before.waiting),
       *row.mutable_waiting());
  for (std::size_t i = 0; i < service.threshold_weeks.size(); ++i) {
    pb::DashboardFigure& over = *row.add_over();
    over.set_threshold_weeks(service.threshold_weeks[i]);
    show(kOver, pair ? count(now.over[i]) : "",
         pair ? count(before.over[i]) : "", over);
  }
}

void ShowSeen(const Histogram& seen, Date census, pb::ServiceRow& row) {
  const Stock stock = StockOf(seen, census, {});
  const auto show = [&](const char* id, const std::string& value,
                        pb::DashboardFigure& to) {
    Show(id, value, "", stock.waiting, pb::POPULATION_SEEN, to);
  };
  show(kSeen, std::to_string(stock.waiting), *row.mutable_seen());
  show(kSeenAverage, stock.AverageWeeks(), *row.mutable_seen_average_weeks());
}

void ShowSpread(const Catalogue& catalogue, const Service& service,
                const Histogram& waiting, Date census, pb::ServiceRow& row) {
  for (const auto& [name, share] : kPercentiles) {
    pb::Percentile& percentile = *row.add_percentiles();
    percentile.set_percentile(name);
    percentile.set_exact_days(ExactPercentile(waiting, census, share));
    percentile.set_binned_weeks(BinnedPercentile(waiting, census, share));
  }
  for (const std::string& id : service.band_schemes) {
    const BandScheme& scheme = *catalogue.Scheme(id);
    pb::BandTable& table = *row.add_bands();
    table.set_scheme(id);
    table.set_scheme_version(scheme.version);
    for (const Band& band : BandsOf(waiting, census, scheme)) {
      pb::Band& to = *table.add_bands();
      to.set_least_days(band.least);
      if (band.most) to.set_most_days(*band.most);
      to.set_waiting(band.waiting);
    }
  }
}

void Show(const Balance& balance, pb::BalanceRow& to) {
  const auto left = [&](Outcome outcome) {
    const auto found = balance.left.find(outcome);
    return found == balance.left.end() ? 0 : found->second;
  };
  to.set_opening(balance.opening);
  to.set_received(balance.received);
  to.set_seen(left(Outcome::kSeen));
  to.set_rejected(left(Outcome::kRejected));
  to.set_withdrawn(left(Outcome::kWithdrawn));
  to.set_discharged(left(Outcome::kDischarged));
  to.set_transferred(left(Outcome::kTransferred));
  to.set_died(left(Outcome::kDied));
  to.set_closing(balance.closing);
  to.set_residual(balance.residual());
}

pb::PromiseStanding StandingOf(const Promise& promise, std::int64_t over,
                               Date census) {
  if (over <= promise.at_most) return pb::PROMISE_STANDING_MET;
  return promise.by && *promise.by <= census ? pb::PROMISE_STANDING_MISSED
                                             : pb::PROMISE_STANDING_OPEN;
}

void Show(const Promise& promise, std::int64_t over, Date census,
          pb::PromiseState& to) {
  to.set_promise(promise.id);
  to.set_clock(promise.clock);
  to.set_threshold_weeks(promise.threshold_weeks);
  to.set_at_most(promise.at_most);
  if (promise.by) to.set_by_date(FormatDate(*promise.by));
  to.set_owner(promise.owner);
  to.set_said(promise.said);
  to.set_standing(StandingOf(promise, over, census));
  to.set_over_threshold(over);
}

// Weeks with one decimal place are not what a board reads; whole ones are.
void Show(const Stock& stock, const Service& service, pb::AdjustedWaits& to) {
  to.set_average_weeks(stock.AverageWeeks());
  to.set_longest_weeks(Text(stock.LongestWeeks()));
  for (std::size_t i = 0; i < service.threshold_weeks.size(); ++i) {
    pb::DashboardFigure& over = *to.add_over();
    Show(kOver, std::to_string(stock.over[i]), "", stock.waiting,
         pb::POPULATION_WAITING, over);
    over.set_threshold_weeks(service.threshold_weeks[i]);
  }
}

Error BadPeriod(const char* reason, const char* field, const char* message) {
  return Error{Code::kInvalidArgument, reason, message, {{field, message}}};
}

Result<std::vector<const Service*>> Wanted(
    const Catalogue& catalogue, const pb::GetDashboardRequest& request) {
  std::vector<const Service*> wanted;
  for (const std::string& id : request.services()) {
    TRY(const Service* service, FindService(catalogue, id));
    wanted.push_back(service);
  }
  if (!wanted.empty()) return wanted;
  for (const Service& service : catalogue.services()) {
    wanted.push_back(&service);
  }
  return wanted;
}

void ShowMeanings(pb::GetDashboardResponse& response) {
  for (const Meaning& meaning : kMeanings) {
    pb::Definition& to = *response.add_definitions();
    to.set_id(meaning.id);
    to.set_version(kMeaningVersion);
    to.set_text(meaning.text);
    to.set_rounding(meaning.rounding);
  }
}

}  // namespace

Result<Date> CensusOf(const std::string& text, Date today) {
  if (text.empty()) return today;
  const auto census = ParseDate(text);
  if (!census) {
    return BadPeriod("BAD_PERIOD", "census_date",
                     "must be a day such as 2023-12-31");
  }
  if (*census > today) {
    return BadPeriod("TIME_AHEAD", "census_date", "lies in the future");
  }
  return *census;
}

// Lists by clock, each asked for once.
struct Waiting::Board {
  store::Reader& reader;
  const std::string& area;
  Date census = {}, before = {};
  std::optional<std::int64_t> position = {};
  std::map<std::string, std::map<std::string, Picture>> clocks = {};
  std::int64_t made_from = 0;

  const Picture* Find(const std::string& clock,
                      const std::string& service) const {
    const auto& pictures = clocks.at(clock);
    const auto found = pictures.find(service);
    return found == pictures.end() ? nullptr : &found->second;
  }
};

Result<void> Waiting::AddClock(const std::string& clock, Board& board) {
  if (board.clocks.count(clock)) return {};
  TRY(board.clocks[clock], lists_.Ask(board.reader,
                                      {board.area, clock, board.census,
                                       board.before, board.position},
                                      board.made_from));
  // Every clock as known at one moment.
  board.position = board.made_from;
  return {};
}

Result<void> Waiting::ShowRow(const Service& service, Board& board,
                              pb::ServiceRow& row) {
  row.set_service(service.id);
  row.set_name(service.name);
  TRY_VOID(AddClock(row.clock(), board));
  const Picture* picture = board.Find(row.clock(), service.id);
  // A list of which nothing was ever pushed is as unknown as one on paper.
  row.set_has_list(service.has_list && picture);
  if (!row.has_list()) {
    ShowStock(service, std::nullopt, row);
    return {};
  }
  const Date census = board.census;
  ShowStock(service,
            Pair{StockOf(picture->waiting, census, service.threshold_weeks),
                 StockOf(picture->waiting_before, board.before,
                         service.threshold_weeks)},
            row);
  ShowSpread(parts_.catalogue, service, picture->waiting, census, row);
  ShowSeen(picture->seen, census, row);
  Show(picture->balance, *row.mutable_balance());
  for (const Promise& promise : service.promises) {
    // A threshold applies to its own named clock alone.
    if (promise.clock != row.clock()) continue;
    Show(promise,
         StockOf(picture->waiting, census, {promise.threshold_weeks}).over[0],
         census, *row.add_promises());
  }
  return {};
}

Result<void> Waiting::AddAdjusted(const Service& service, const Board& board,
                                  pb::ServiceRow& row) const {
  const Date census = board.census;
  Histogram adjusted;
  std::int64_t shorter = 0;
  const auto add = [&](const History& history) {
    for (const Wait& wait : WaitsOf(history)) {
      if (wait.clock != row.clock() || !wait.WaitingOn(census)) continue;
      const Adjusted one = AdjustScotlandCamhs(wait, history, census);
      ++adjusted[census - std::chrono::days(one.days)];
      shorter += one.days != DaysBetween(wait.start, census);
    }
  };
  const auto records = store::RecordsOf(board.reader, board.area);
  TRY_VOID(ScanEvents(*records, service.id, board.made_from, add));
  pb::AdjustedWaits& to = *row.mutable_adjusted();
  to.set_mode(service.adjusted_mode);
  to.set_children_adjusted(shorter);
  Show(StockOf(adjusted, census, service.threshold_weeks), service, to);
  return {};
}

Result<pb::GetDashboardResponse> Waiting::GetDashboard(
    const Call& call, const pb::GetDashboardRequest& request) {
  // The first question after a start reads every list.
  TRY(store::Reader reader, parts_.database.Read(/*unbounded=*/true));
  return Dashboard(reader, call.area, request);
}

Result<std::optional<rpc::Page>> Waiting::WatchDashboard(
    Reading& reading, const pb::WatchDashboardRequest& request,
    std::optional<std::int64_t> position) {
  const std::int64_t after = position.value_or(request.after_position());
  const std::string& area = reading.call().area;
  TRY(const ledger::Head head, ledger::ReadHead(reading.reader(), area));
  // Told once, also of an area in which nothing has happened yet.
  const bool news = head.position > after || (!position && after == 0);
  if (!news) return std::optional<rpc::Page>();
  pb::GetDashboardRequest asked;
  *asked.mutable_services() = request.services();
  asked.set_headline_only(true);
  pb::WatchDashboardResponse response;
  // The first question after a start reads every list.
  TRY(store::Reader reader, parts_.database.Read(/*unbounded=*/true));
  TRY(*response.mutable_dashboard(), Dashboard(reader, area, asked));
  response.set_position(std::max(response.dashboard().position(), after));
  return std::optional<rpc::Page>(
      rpc::Page{response.SerializeAsString(), response.position()});
}

Result<pb::GetDashboardResponse> Waiting::Dashboard(
    store::Reader& reader, const std::string& area,
    const pb::GetDashboardRequest& request) {
  const Instant now = parts_.clock.Now();
  Board board{reader, area};
  TRY(board.census, CensusOf(request.census_date(), CivilDate(now)));
  board.before = MonthEndBefore(board.census);
  TRY(const auto services, Wanted(parts_.catalogue, request));
  pb::GetDashboardResponse response;
  response.set_area(area);
  response.set_census_date(FormatDate(board.census));
  response.set_before_date(FormatDate(board.before));
  response.set_catalogue_version(parts_.catalogue.version());
  Instant known = now;
  if (request.has_as_known_time()) {
    known = ToInstant(request.as_known_time());
    if (known > now) {
      return BadPeriod("TIME_AHEAD", "as_known_time", "lies in the future");
    }
    TRY(const ledger::Head head, ledger::ReadHead(reader, area));
    TRY(board.position, rpc::PositionAt(reader, area, head.position, known));
  }
  Set(response.mutable_as_known_time(), known);
  for (const Service* service : services) {
    const std::string& clock =
        request.clock().empty() ? service->clock : request.clock();
    if (!service->HasClock(clock)) continue;
    pb::ServiceRow& row = *response.add_rows();
    row.set_clock(clock);
    TRY_VOID(ShowRow(*service, board, row));
    if (request.headline_only() || service->adjusted_mode.empty() ||
        !row.has_list()) {
      continue;
    }
    TRY_VOID(AddAdjusted(*service, board, row));
  }
  if (response.rows().empty()) {
    return BadPeriod("CLOCK_UNKNOWN", "clock", "no service asked for has it");
  }
  response.set_position(board.made_from);
  ShowMeanings(response);
  return response;
}

}  // namespace seawall::waiting
