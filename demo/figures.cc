#include "demo/figures.h"

#include "cli/methods.h"
#include "cli/words.h"
#include "demo/forms.h"
#include "libs/base/rounding.h"

namespace seawall::demo {

namespace pb = common::v1;

Figures::Figures(const pb::GetFiguresResponse& response) {
  for (const pb::Figure& figure : response.figures()) {
    figures_[{figure.measure(), figure.group_value()}] = figure;
    if (!figure.group_value().empty()) {
      values_[figure.measure()].push_back(figure.group_value());
    }
  }
}

const pb::Figure& Figures::at(const std::string& measure,
                              const std::string& group_value) const {
  const auto found = figures_.find({measure, group_value});
  return found != figures_.end() ? found->second
                                 : pb::Figure::default_instance();
}

std::vector<std::string> Figures::values(const std::string& measure) const {
  const auto found = values_.find(measure);
  return found != values_.end() ? found->second : std::vector<std::string>();
}

Result<Figures> AskFigures(rpc::Client& board, const Question& question,
                           pb::FigureSource source) {
  pb::GetFiguresRequest request;
  request.set_area(kArea);
  for (const std::string& measure : question.measures) {
    request.add_measures(measure);
  }
  request.set_start_date(FormatDate(question.start));
  request.set_end_date(FormatDate(question.end));
  request.set_group_by(question.group_by);
  request.set_census_date(FormatDate(question.census.value_or(YearEnd())));
  request.set_source(source);
  if (question.as_known) {
    *request.mutable_as_known_time() = cli::ToTimestamp(*question.as_known);
  }
  pb::GetFiguresResponse response;
  TRY_VOID(board.Call(cli::kGetFigures, request, response));
  if (source == pb::FIGURE_SOURCE_COUNTERS &&
      response.counters_behind_events() != 0) {
    return Error{Code::kUnavailable, "COUNTERS_BEHIND",
                 "the counters are not level with the journal"};
  }
  return Figures(response);
}

Result<BothSides> AskBoth(rpc::Client& board, const Question& question) {
  TRY(Figures counters,
      AskFigures(board, question, pb::FIGURE_SOURCE_COUNTERS));
  TRY(Figures records, AskFigures(board, question, pb::FIGURE_SOURCE_RECORDS));
  return BothSides{std::move(counters), std::move(records)};
}

std::string MeanOfShares(
    const std::vector<std::pair<std::int64_t, std::int64_t>>& shares,
    int decimal_places) {
  std::int64_t sum = 0;
  std::int64_t common = 1;
  for (const auto& [numerator, denominator] : shares) {
    sum = sum * denominator + numerator * common;
    common *= denominator;
  }
  return Ratio(sum, common * static_cast<std::int64_t>(shares.size()), 100,
               decimal_places);
}

}  // namespace seawall::demo
