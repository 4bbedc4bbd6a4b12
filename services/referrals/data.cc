// Loading the data that the rules go by.
#include "libs/base/json_file.h"
#include "services/referrals/handler.h"

namespace seawall::referrals {
namespace {

Error Bad(const char* reason, const std::string& path, const char* what) {
  return Error{Code::kFailedPrecondition, reason, path + ": " + what};
}

// Criteria that form.cc can tell to be met.
const std::set<std::string> kKnownCriteria = {"voice",     "consent",
                                              "concern",   "analysis",
                                              "history",   "protective_factors",
                                              "household", "requested_help",
                                              "need",      "identifiers"};

}  // namespace

Result<rules::Rubric> LoadRubric(const std::string& path) {
  constexpr char kReason[] = "RUBRIC_UNREADABLE";
  TRY(const nlohmann::json json, ReadJsonFile(path, kReason));
  rules::Rubric rubric;
  try {
    rubric.version = json.at("version").get<int>();
    for (const auto& item : json.at("criteria")) {
      rubric.criteria.push_back({item.at("id").get<std::string>(),
                                 item.at("points").get<int>(),
                                 item.at("label").get<std::string>()});
    }
    for (const auto& item : json.at("bands")) {
      rubric.bands.emplace_back(Named<Band>(item.at("band").get<std::string>()),
                                item.at("least_percent").get<int>());
    }
  } catch (const nlohmann::json::exception&) {
    return Bad(kReason, path, "version, criteria or bands are not as expected");
  }
  for (const rules::Criterion& criterion : rubric.criteria) {
    if (!kKnownCriteria.count(criterion.id) || criterion.points < 1) {
      return Bad(kReason, path, "a criterion is unknown or has no points");
    }
  }
  if (rubric.bands.empty() || rubric.bands.back().second != 0) {
    return Bad(kReason, path, "the last band must begin at 0 percent");
  }
  return rubric;
}

Result<rules::PoliceRouting> LoadRouting(const std::string& path) {
  constexpr char kReason[] = "ROUTING_UNREADABLE";
  TRY(const nlohmann::json json, ReadJsonFile(path, kReason));
  rules::PoliceRouting routing;
  try {
    routing.version = json.at("version").get<int>();
    for (const auto& item : json.at("gradings")) {
      const Route route = Named<Route>(item.at("route").get<std::string>());
      if (route == Route::kUnspecified) {
        return Bad(kReason, path, "a route is unknown");
      }
      routing.routes[item.at("grading").get<std::string>()] = route;
    }
    const auto& triage = json.at("triage_decision");
    routing.incidents_in_12_months =
        triage.at("incidents_in_12_months").get<int>();
    routing.child_under_years = triage.at("child_under_years").get<int>();
  } catch (const nlohmann::json::exception&) {
    return Bad(kReason, path, "gradings or triage_decision not as expected");
  }
  return routing;
}

}  // namespace seawall::referrals
