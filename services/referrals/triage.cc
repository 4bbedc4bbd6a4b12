// Triage by several agencies, and professional disagreement.
#include "services/referrals/events.h"
#include "services/referrals/journey_handler.h"

namespace seawall::referrals {
namespace {

Error Missing(const char* reason, const char* message, const char* field) {
  return Error{Code::kInvalidArgument, reason, message, {{field, "missing"}}};
}

Error WrongState(const char* reason, const char* message) {
  return Error{Code::kFailedPrecondition, reason, message};
}

Result<void> CheckTriage(const Scene& scene) {
  if (scene.journey.triage) return {};
  return WrongState("NO_TRIAGE", "no triage was opened for this contact");
}

bool Holds(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// "agency/person" of "agency/person/role": who changes roles stays who it is.
std::string_view PersonOf(std::string_view recorded_by) {
  const auto agency = recorded_by.find('/');
  if (agency == std::string_view::npos) return recorded_by;
  return recorded_by.substr(0, recorded_by.find('/', agency + 1));
}

// The hub may write down what another agency said; an agency speaks for itself.
const std::string& Speaker(const rpc::Call& call, const std::string& named) {
  const bool other = !named.empty() && call.caller.role == rpc::Role::kHub;
  return other ? named : call.caller.agency;
}

}  // namespace

Error NoContact() {
  return Error{Code::kNotFound, "CONTACT_NOT_FOUND",
               "there is no such contact in this area"};
}

bool WasAsked(const Scene& scene, const std::string& agency) {
  return scene.journey.triage && Holds(scene.journey.triage->asked, agency);
}

Step StepNow(const ledger::Unit& unit, StepKind kind) {
  Step step;
  step.kind = kind;
  step.happened = unit.clock();
  step.date = CivilDate(step.happened);
  step.agency = unit.actor().agency;
  step.recorded_by = unit.By();
  return step;
}

Result<Scene> Journeys::ContactOf(const Records& records, const Call& call,
                                  const std::string& id, Seen seen) const {
  TRY(const ContactRow contact, store_.Contact(records, id));
  TRY(Scene scene, steps_.Load(records, contact));
  const bool hub = call.caller.role == rpc::Role::kHub;
  if (!hub && seen == Seen::kByAsked && !WasAsked(scene, call.caller.agency)) {
    return NoContact();
  }
  return scene;
}

template <class Response, class Alter>
rpc::Work<Response> Journeys::AboutContact(const Call& call,
                                           const std::string& id, Seen seen,
                                           Alter alter) const {
  return [this, call, id, seen,
          alter = std::move(alter)](ledger::Unit& unit) -> Result<Response> {
    Records& records = unit.Records();
    TRY(Scene scene, ContactOf(records, call, id, seen));
    Step step = StepNow(unit, StepKind::kUnspecified);
    pb::Said said;
    TRY_VOID(alter(scene, step, said));
    TRY(const Taken taken,
        steps_.Take(unit, scene, std::move(step), said, {}, nullptr));
    Response response;
    Show(scene, taken, *response.mutable_receipt());
    return response;
  };
}

Journeys::Writing<pb::OpenTriageResponse> Journeys::OpenTriage(
    const Call& call, const pb::OpenTriageRequest& request) {
  if (request.agencies().empty()) {
    return Missing("AGENCIES_REQUIRED", "name the agencies that are asked",
                   "agencies");
  }
  for (int i = 0; i < request.agencies_size(); i++) {
    if (parts_.agencies.Find(request.agencies(i))) continue;
    return Error{Code::kInvalidArgument,
                 "CODE_UNKNOWN",
                 "an agency is not in the register",
                 {{"agencies[" + std::to_string(i) + "]", "unknown"}}};
  }
  return AboutContact<pb::OpenTriageResponse>(
      call, request.contact_id(), Seen::kByHub,
      [request](Scene& scene, Step& step, pb::Said& said) -> Result<void> {
        TRY_VOID(CheckVersion(scene.contact, request.version()));
        if (scene.contact.state == State::kDecided) {
          return WrongState("ALREADY_DECIDED", "the contact is decided");
        }
        if (scene.journey.triage) {
          return WrongState("TRIAGE_OPEN", "a triage of this contact is open");
        }
        step.kind = StepKind::kTriageOpened;
        step.codes = {request.agencies().begin(), request.agencies().end()};
        *said.mutable_open_triage() = request;
        return {};
      });
}

Journeys::Writing<pb::ContributeResponse> Journeys::Contribute(
    const Call& call, const pb::ContributeRequest& request) {
  if (request.information().empty()) {
    return Missing("INFORMATION_REQUIRED",
                   "say what the agency knows; say so if it knows nothing",
                   "information");
  }
  if (request.level_of_need() < 0 || request.level_of_need() > 4) {
    return Error{Code::kInvalidArgument,
                 "LEVEL_REQUIRED",
                 "a level of need is 1 to 4; 0 says nothing",
                 {{"level_of_need", "not 0 to 4"}}};
  }
  return AboutContact<pb::ContributeResponse>(
      call, request.contact_id(), Seen::kByAsked,
      [call, request](Scene& scene, Step& step,
                      pb::Said& said) -> Result<void> {
        TRY_VOID(CheckTriage(scene));
        step.kind = StepKind::kContributed;
        step.agency = Speaker(call, request.agency());
        if (!WasAsked(scene, step.agency)) return NoContact();
        step.level = request.level_of_need();
        if (!request.dissent().empty()) step.flags.insert("DISSENT");
        *said.mutable_contribute() = request;
        return {};
      });
}

Journeys::Writing<pb::DecideTriageResponse> Journeys::DecideTriage(
    const Call& call, const pb::DecideTriageRequest& request) {
  if (request.level_of_need() < 1 || request.level_of_need() > 4) {
    return Missing("LEVEL_REQUIRED", "decide a level of need, 1 to 4",
                   "level_of_need");
  }
  if (request.considered().empty() || request.history().empty()) {
    return Missing("CONSIDERED_REQUIRED",
                   "say what was considered, the child's history included",
                   request.considered().empty() ? "considered" : "history");
  }
  pb::DecideContactRequest decision;
  decision.set_area(request.area());
  decision.set_contact_id(request.contact_id());
  decision.set_version(request.version());
  decision.set_decision(request.decision());
  decision.set_rationale(request.rationale());
  decision.set_episode_id(request.episode_id());
  decision.set_threshold_decision(request.threshold_decision());
  // This is the named triage decision.
  decision.set_triage_decision(request.rationale());
  if (request.has_decided_time()) {
    *decision.mutable_decided_time() = request.decided_time();
  }
  return rpc::Work<pb::DecideTriageResponse>(
      [this, call, request, decision = std::move(decision)](
          ledger::Unit& unit) -> Result<pb::DecideTriageResponse> {
        Records& records = unit.Records();
        TRY(Scene scene,
            ContactOf(records, call, request.contact_id(), Seen::kByHub));
        TRY_VOID(CheckTriage(scene));
        TRY(const pb::DecideContactResponse decided,
            referrals_.Decide(unit, call, decision, DecidedBy::kTriage));
        TRY(scene.contact,
            store_.Contact(unit.Records(), request.contact_id()));
        Step step = StepNow(unit, StepKind::kTriageDecided);
        step.happened = FromMicros(scene.contact.decided_time);
        step.date = CivilDate(step.happened);
        step.level = request.level_of_need();
        step.outcome = Name(static_cast<Decision>(request.decision()));
        step.voice = Heard(request.voice());
        if (!request.rationale().empty()) step.flags.insert("RATIONALE");
        pb::Said said;
        *said.mutable_decide_triage() = request;
        TRY(const Taken taken,
            steps_.Take(unit, scene, std::move(step), said, {}, nullptr));
        pb::DecideTriageResponse response;
        Show(scene, taken, *response.mutable_receipt());
        response.mutable_receipt()->set_episode_id(decided.episode_id());
        return response;
      });
}

Journeys::Writing<pb::SignOffResponse> Journeys::SignOff(
    const Call& call, const pb::SignOffRequest& request) {
  return AboutContact<pb::SignOffResponse>(
      call, request.contact_id(), Seen::kByHub,
      [this, request](Scene& scene, Step& step,
                      pb::Said& said) -> Result<void> {
        TRY_VOID(CheckTriage(scene));
        const Triage& triage = *scene.journey.triage;
        if (!triage.decided()) {
          return WrongState("NOT_DECIDED", "triage has decided nothing yet");
        }
        if (triage.signed_off) {
          return WrongState("ALREADY_SIGNED_OFF", "it is signed off");
        }
        TRY(const std::string decider,
            ledger::OpenBy(parts_.sealer, triage.decided_by));
        TRY(const std::string signer,
            ledger::OpenBy(parts_.sealer, step.recorded_by));
        if (parts_.settings.sign_off_by_another &&
            PersonOf(decider) == PersonOf(signer)) {
          return Error{Code::kFailedPrecondition,
                       "SAME_PERSON",
                       "who decided cannot sign it off; a manager does",
                       {{"seawall-person", "decided it"}}};
        }
        step.kind = StepKind::kSignedOff;
        *said.mutable_sign_off() = request;
        return {};
      });
}

Journeys::Writing<pb::AgreeDecisionResponse> Journeys::AgreeDecision(
    const Call& call, const pb::AgreeDecisionRequest& request) {
  return AboutContact<pb::AgreeDecisionResponse>(
      call, request.contact_id(), Seen::kByAsked,
      [call, request](Scene& scene, Step& step,
                      pb::Said& said) -> Result<void> {
        TRY_VOID(CheckTriage(scene));
        step.agency = Speaker(call, request.agency());
        if (!WasAsked(scene, step.agency)) return NoContact();
        const Triage& triage = *scene.journey.triage;
        if (!triage.decided()) {
          return WrongState("NOT_DECIDED", "triage has decided nothing yet");
        }
        if (!Holds(triage.awaiting, step.agency)) {
          return WrongState("ALREADY_AGREED",
                            "no agreement of this agency is awaited: it has "
                            "agreed, or the decision needs none, for only one "
                            "below the threshold does");
        }
        step.kind = StepKind::kDecisionAgreed;
        *said.mutable_agree_decision() = request;
        return {};
      });
}

// Any agency that has to do with the child, against any decision. To others
// nothing is there, whether it is or not.
Result<Scene> Journeys::DisputedBy(const Records& records, const Call& call,
                                   const std::string& subject) const {
  const Result<Scene> scene = steps_.Load(records, subject);
  if (call.caller.role == rpc::Role::kHub) return scene;
  if (!scene) {
    if (scene.error().code == Code::kNotFound) return NoContact();
    return scene;
  }
  const std::string& agency = call.caller.agency;
  if (scene->contact.agency == agency || WasAsked(*scene, agency) ||
      Holds(Involved(*scene, parts_.agencies, ""), agency)) {
    return scene;
  }
  // Those asked in triage may dispute what the referral led to.
  TRY(const Scene contact, steps_.Load(records, scene->contact));
  if (!WasAsked(contact, agency)) return NoContact();
  return scene;
}

Journeys::Writing<pb::RaiseEscalationResponse> Journeys::RaiseEscalation(
    const Call& call, const pb::RaiseEscalationRequest& request) {
  if (request.rationale().empty()) {
    return Missing("RATIONALE_REQUIRED", "say what you disagree with, and why",
                   "rationale");
  }
  return rpc::Work<pb::RaiseEscalationResponse>(
      [this, call,
       request](ledger::Unit& unit) -> Result<pb::RaiseEscalationResponse> {
        Records& records = unit.Records();
        TRY(Scene scene, DisputedBy(records, call, request.subject_id()));
        const auto steps = static_cast<int>(scene.journey.steps.size());
        if (request.step() < 0 || request.step() > steps) {
          return Error{Code::kFailedPrecondition,
                       "STEP_NOT_FOUND",
                       "there is no step of that number",
                       {{"step", "not a step of this"}}};
        }
        Step step = StepNow(unit, StepKind::kEscalationRaised);
        step.thing_id = parts_.ids.New("X");
        step.about = std::to_string(request.step());
        step.level = 1;
        step.flags.insert("RATIONALE");
        pb::Said said;
        *said.mutable_raise_escalation() = request;
        TRY(const Taken taken,
            steps_.Take(unit, scene, std::move(step), said, {}, nullptr));
        pb::RaiseEscalationResponse response;
        Show(scene, taken, *response.mutable_receipt());
        return response;
      });
}

Journeys::Writing<pb::AnswerEscalationResponse> Journeys::AnswerEscalation(
    const Call&, const pb::AnswerEscalationRequest& request) {
  const std::string name = pb::EscalationOutcome_Name(request.outcome());
  constexpr std::string_view kPrefix = "ESCALATION_OUTCOME_";
  if (request.outcome() == pb::ESCALATION_OUTCOME_UNSPECIFIED || name.empty()) {
    return Missing("OUTCOME_REQUIRED",
                   "say whether it is upheld, not upheld or unresolved",
                   "outcome");
  }
  if (request.rationale().empty()) {
    return Missing("RATIONALE_REQUIRED", "an answer gives its reason",
                   "rationale");
  }
  return rpc::Work<pb::AnswerEscalationResponse>(
      [this, request, outcome = name.substr(kPrefix.size())](
          ledger::Unit& unit) -> Result<pb::AnswerEscalationResponse> {
        TRY(Scene scene, steps_.Load(unit.Records(), request.subject_id()));
        const Escalation* escalation =
            FindEscalation(scene.journey, request.escalation_id());
        if (escalation == nullptr) {
          return Error{Code::kNotFound, "ESCALATION_NOT_FOUND",
                       "there is no such escalation about this"};
        }
        if (escalation->resolved) {
          return WrongState("ESCALATION_RESOLVED", "it is resolved");
        }
        if (outcome == "UNRESOLVED" &&
            escalation->stage >= steps_.clocks().LastStage()) {
          return WrongState("LAST_STAGE",
                            "this is the last stage: uphold it or not");
        }
        Step step = StepNow(unit, StepKind::kEscalationAnswered);
        step.thing_id = escalation->id;
        step.outcome = outcome;
        step.level = escalation->stage;
        step.flags.insert("RATIONALE");
        pb::Said said;
        *said.mutable_answer_escalation() = request;
        TRY(const Taken taken,
            steps_.Take(unit, scene, std::move(step), said, {}, nullptr));
        pb::AnswerEscalationResponse response;
        Show(scene, taken, *response.mutable_receipt());
        return response;
      });
}

}  // namespace seawall::referrals
