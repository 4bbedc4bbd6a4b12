#include "services/referrals/front_door.h"

#include "libs/child/names.h"
#include "services/referrals/events.h"

namespace seawall::referrals {
namespace {

counters::Definitions DefinitionsOf(const rpc::Register& agencies,
                                    const CodeSets& codes,
                                    const rules::Rubric& rubric,
                                    const ClockRules& clocks,
                                    const Calendar& calendar) {
  std::vector<std::string> ids;
  std::set<std::string> groups;
  for (const rpc::Agency& agency : agencies.agencies()) {
    ids.push_back(agency.id);
    groups.insert(agency.group);
  }
  groups.erase(kUnknown);
  return MakeDefinitions(rubric, codes, ids, {groups.begin(), groups.end()},
                         clocks, calendar);
}

// What the handlers refuse with; each is a label of seawall_refusals_total.
std::vector<std::string> Refusals() {
  return {"AGENCIES_REQUIRED",
          "ALREADY_AGREED",
          "ALREADY_CONFIRMED",
          "ALREADY_DECIDED",
          "ALREADY_RETURNED",
          "ALREADY_SIGNED_OFF",
          "ANSWER_REQUIRED",
          "BAD_PERIOD",
          "BEFORE_RECEIVED",
          "CHILD_ID_REQUIRED",
          "CODE_UNKNOWN",
          "CONFIRMATION_REQUIRED",
          "CONSIDERED_REQUIRED",
          "CONTACT_NOT_FOUND",
          "CONTACT_WITHDRAWN",
          "CORRECTION_NOT_FOUND",
          "DATE_IMPOSSIBLE",
          "DECISION_UNKNOWN",
          "EPISODE_HAS_STEPS",
          "EPISODE_JOINED",
          "EPISODE_NOT_FOUND",
          "EPISODE_OPEN",
          "ESCALATION_NOT_FOUND",
          "ESCALATION_RESOLVED",
          "FIELD_UNKNOWN",
          "GUARD_INCOMPLETE",
          "IMPORT_NOT_ALLOWED",
          "INFORMATION_REQUIRED",
          "LAST_STAGE",
          "LEVEL_REQUIRED",
          "NOTHING_CORRECTED",
          "NOTHING_TO_ACT_ON",
          "NOTHING_TO_FIND_BY",
          "NOT_BY_TELEPHONE",
          "NOT_DECIDED",
          "NOT_OPEN",
          "NOT_RETURNED",
          "NOT_WITHDRAWN",
          "NO_OPEN_EPISODE",
          "NO_TRIAGE",
          "OUTCOME_REQUIRED",
          "QUESTION_REQUIRED",
          "RATIONALE_REQUIRED",
          "REASON_REQUIRED",
          "RULE_BROKEN",
          "SAME_CONTACT",
          "SAME_PERSON",
          "STEP_NEEDED",
          "STEP_NOT_FOUND",
          "STEP_REQUIRED",
          "STEP_VOID",
          "TEXT_REQUIRED",
          "THRESHOLD_DECISION_REQUIRED",
          "TOO_MANY_CHILDREN",
          "TRIAGE_DECISION_REQUIRED",
          "TRIAGE_OPEN",
          "URGENT",
          "VERSION_CHANGED",
          "WRITES_AS_OTHER"};
}

}  // namespace

void Declare(config::Options& options, Settings& settings) {
  rpc::Declare(options, settings.server);
  options.Add("children-limit", settings.children_limit, 1, 100,
              "Children on one form");
  options.Add("sign-off-by-another", settings.sign_off_by_another,
              "A triage decision is signed off by another person than who "
              "made it");
  options.Add("allow-test-numbers", settings.allow_test_numbers,
              "Accept NHS numbers 900 to 999, which name nobody; for demos");
}

Result<std::unique_ptr<FrontDoor>> FrontDoor::Make(rpc::Server& server,
                                                   const Settings& settings) {
  const std::string& data = settings.server.data;
  TRY(CodeSets codes, CodeSets::Load(data + "/code_sets.json"));
  TRY(rules::Rubric rubric, LoadRubric(data + "/quality_rubric.json"));
  TRY(rules::PoliceRouting routing, LoadRouting(data + "/police_routing.json"));
  TRY(ClockRules clocks, ClockRules::Load(data + "/clocks.json"));
  return std::unique_ptr<FrontDoor>(
      new FrontDoor(server, settings, std::move(codes), std::move(rubric),
                    std::move(routing), std::move(clocks)));
}

FrontDoor::FrontDoor(rpc::Server& server, const Settings& settings,
                     CodeSets codes, rules::Rubric rubric,
                     rules::PoliceRouting routing, ClockRules clocks)
    : codes_(std::move(codes)),
      clocks_(std::move(clocks)),
      ids_(server.clock()),
      definitions_(DefinitionsOf(server.agencies(), codes_, rubric, clocks_,
                                 server.calendar())),
      store_(server.sealer()),
      children_(server.sealer()),
      steps_(store_, children_, server.sealer(), codes_, server.calendar(),
             clocks_),
      parts_{server.clock(),
             server.calendar(),
             codes_,
             server.agencies(),
             server.sealer(),
             ids_,
             std::move(rubric),
             std::move(routing),
             settings,
             store_,
             children_,
             steps_},
      referrals_(parts_),
      journeys_(parts_, referrals_),
      gauges_(definitions_, clocks_, server.database(), server.metrics(),
              server.clock()) {}

rpc::Domain FrontDoor::domain() {
  rpc::Domain domain;
  domain.migrations = Migrations();
  domain.tables = Tables();
  domain.derived = {{"child_keys", child::Rules(), [this](auto& writer) {
                       return referrals_.MakeKeysAnew(writer);
                     }}};
  domain.services = {&referrals_, &journeys_};
  domain.upkeep = [this](Records& records, std::int64_t position) {
    return children_.MergeRuns(records, position);
  };
  domain.definitions = &definitions_;
  domain.publish = [this](const std::string& area,
                          counters::Projector& projector) {
    gauges_.Publish(area, projector);
  };
  domain.reasons = Refusals();
  return domain;
}

}  // namespace seawall::referrals
