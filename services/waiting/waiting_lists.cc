#include "services/waiting/waiting_lists.h"

#include "libs/child/names.h"

namespace seawall::waiting {
namespace {

// What the handlers refuse with; each is a label of seawall_refusals_total.
std::vector<std::string> Refusals() {
  return {"AGE_REMOVES_NOBODY", "ALREADY_REGISTERED",   "ATTENDANCE_REQUIRED",
          "BAD_FORECAST",       "FORECAST_NOT_FOUND",   "BAD_PERIOD",
          "BEFORE_REFERRAL",    "CHILD_REQUIRED",       "CLOCK_UNKNOWN",
          "CODE_UNKNOWN",       "DATE_IMPOSSIBLE",      "EVENT_ID_REUSED",
          "EVENT_NEEDED",       "EVENT_NOT_FOUND",      "EVENT_REQUIRED",
          "EVENT_VOID",         "FORECAST_TOO_LARGE",   "NOT_THE_PROVIDER",
          "NOT_WAITING",        "OUTCOME_REQUIRED",     "RATIONALE_REQUIRED",
          "REFERRAL_NOT_FOUND", "RISK_REVIEW_REQUIRED", "RISK_UNKNOWN",
          "SAME_REFERRAL",      "SERVICE_UNKNOWN",      "TOO_MANY_EVENTS",
          "REFERRAL_FULL",      "TOO_MUCH_HISTORY",     "YOUNG_PERSON_ALONE"};
}

}  // namespace

void Declare(config::Options& options, Settings& settings) {
  rpc::Declare(options, settings.server);
  options.Add("allow-test-numbers", settings.allow_test_numbers,
              "Accept NHS numbers 900 to 999, which name nobody; for demos");
}

Result<std::unique_ptr<WaitingLists>> WaitingLists::Make(
    rpc::Server& server, const Settings& settings) {
  TRY(Catalogue catalogue,
      Catalogue::Load(settings.server.data + "/waiting_services.json"));
  return std::unique_ptr<WaitingLists>(
      new WaitingLists(server, settings, std::move(catalogue)));
}

WaitingLists::WaitingLists(rpc::Server& server, const Settings& settings,
                           Catalogue catalogue)
    : catalogue_(std::move(catalogue)),
      ids_(server.clock()),
      definitions_(MakeDefinitions(catalogue_)),
      store_(server.sealer()),
      forecaster_(
          {server.clock(), catalogue_, server.database(), server.ledger()}),
      waiting_({server.clock(), catalogue_, server.database(), ids_, settings,
                store_, server.metrics(), &forecaster_}),
      gauges_(catalogue_, definitions_, server.metrics(), server.clock()) {}

rpc::Domain WaitingLists::domain() {
  rpc::Domain domain;
  domain.migrations = Migrations();
  domain.tables = Tables();
  domain.derived = {{"child_keys", child::Rules(), [this](auto& writer) {
                       return waiting_.MakeKeysAnew(writer);
                     }}};
  domain.services = {&waiting_};
  domain.definitions = &definitions_;
  domain.publish = [this](const std::string& area,
                          counters::Projector& projector) {
    gauges_.Publish(area, projector);
    forecaster_.Wake(area);
  };
  domain.reasons = Refusals();
  return domain;
}

}  // namespace seawall::waiting
