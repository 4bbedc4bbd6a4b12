// The statutory pathway: recording its steps, closing an episode, and what may
// be done next.
#include "services/referrals/events.h"
#include "services/referrals/journey_handler.h"

namespace seawall::referrals {
namespace {

using Request = pb::RecordStepRequest;

// What a request says beside the step itself.
struct Asked {
  Step step;
  StepDownSaid step_down;
  int voids = 0;
};

template <class Repeated>
std::vector<std::string> List(const Repeated& values) {
  return {values.begin(), values.end()};
}

void SayVoice(const pb::Voice& voice, Asked& asked) {
  asked.step.voice = Heard(voice);
  asked.step_down.voice_reason = !voice.reason().empty();
}

void SayStepDown(const pb::StepDown& said, Asked& asked) {
  asked.step_down.evidence = !said.evidence_of_sustained_change().empty();
  asked.step_down.contingency = !said.contingency().empty();
  for (const pb::AgencyView& view : said.agency_views()) {
    if (!view.view().empty()) asked.step.codes.push_back(view.agency());
  }
}

void SayAssessment(const Request& request, Step& step) {
  switch (request.step_case()) {
    case Request::kStartAssessment:
      step.kind = StepKind::kAssessmentStarted;
      break;
    case Request::kSeeChild:
      step.kind = StepKind::kChildSeen;
      step.thing_id = request.see_child().assessment_id();
      break;
    case Request::kReviewAssessment:
      step.kind = StepKind::kAssessmentReviewed;
      step.thing_id = request.review_assessment().assessment_id();
      break;
    default: {
      const pb::AuthoriseAssessment& said = request.authorise_assessment();
      step.kind = StepKind::kAssessmentAuthorised;
      step.thing_id = said.assessment_id();
      step.codes = List(said.factors());
      step.outcome = said.outcome();
    }
  }
}

void SayEnquiry(const Request& request, Step& step) {
  switch (request.step_case()) {
    case Request::kHoldStrategyDiscussion:
      step.kind = StepKind::kStrategyDiscussionHeld;
      if (request.hold_strategy_discussion().begins_section_47()) {
        step.flags.insert("SECTION_47");
      }
      step.codes = List(request.hold_strategy_discussion().present());
      break;
    case Request::kSendMinutes:
      step.kind = StepKind::kMinutesSent;
      step.thing_id = request.send_minutes().section_47_id();
      step.codes = List(request.send_minutes().agencies());
      break;
    case Request::kReceiveMinutes:
      step.kind = StepKind::kMinutesReceived;
      step.thing_id = request.receive_minutes().section_47_id();
      step.codes = {request.receive_minutes().agency()};
      break;
    case Request::kCompleteSection47:
      step.kind = StepKind::kSection47Completed;
      step.thing_id = request.complete_section_47().section_47_id();
      step.outcome = request.complete_section_47().outcome();
      break;
    default: {
      const pb::HoldConference& said = request.hold_conference();
      step.kind = StepKind::kConferenceHeld;
      step.about = said.section_47_id();
      step.outcome = said.outcome();
      step.codes = List(said.present());
      if (said.transfer_in()) step.flags.insert("TRANSFER_IN");
    }
  }
}

void SayPlan(const Request& request, Asked& asked) {
  Step& step = asked.step;
  switch (request.step_case()) {
    case Request::kStartProtectionPlan:
      step.kind = StepKind::kProtectionPlanStarted;
      step.outcome = request.start_protection_plan().category();
      step.level = request.start_protection_plan().previous_plans();
      break;
    case Request::kHoldCoreGroup:
      step.kind = StepKind::kCoreGroupHeld;
      step.thing_id = request.hold_core_group().plan_id();
      break;
    case Request::kReviewProtectionPlan:
      step.kind = StepKind::kProtectionPlanReviewed;
      step.thing_id = request.review_protection_plan().plan_id();
      step.outcome = request.review_protection_plan().category();
      step.codes = List(request.review_protection_plan().present());
      break;
    case Request::kVisitChild:
      step.kind = StepKind::kChildVisited;
      step.thing_id = request.visit_child().plan_id();
      if (request.visit_child().seen()) step.flags.insert("SEEN");
      if (request.visit_child().seen_alone()) step.flags.insert("ALONE");
      break;
    default:
      step.kind = StepKind::kProtectionPlanEnded;
      step.thing_id = request.end_protection_plan().plan_id();
      SayStepDown(request.end_protection_plan().step_down(), asked);
  }
}

void SaySupport(const Request& request, Asked& asked) {
  Step& step = asked.step;
  switch (request.step_case()) {
    case Request::kStartChildInNeedPlan:
      step.kind = StepKind::kChildInNeedPlanStarted;
      break;
    case Request::kEndChildInNeedPlan:
      step.kind = StepKind::kChildInNeedPlanEnded;
      step.thing_id = request.end_child_in_need_plan().plan_id();
      SayStepDown(request.end_child_in_need_plan().step_down(), asked);
      break;
    case Request::kStartEarlyHelp:
      step.kind = StepKind::kEarlyHelpStarted;
      break;
    case Request::kEndEarlyHelp:
      step.kind = StepKind::kEarlyHelpEnded;
      step.thing_id = request.end_early_help().early_help_id();
      SayStepDown(request.end_early_help().step_down(), asked);
      break;
    default:
      step.kind = StepKind::kStepVoided;
      asked.voids = request.void_step().step();
  }
}

Result<Asked> Understand(const Request& request) {
  Asked asked;
  asked.step.team = request.team();
  if (!request.rationale().empty()) asked.step.flags.insert("RATIONALE");
  SayVoice(request.voice(), asked);
  const int field = request.step_case();
  if (field == Request::STEP_NOT_SET) {
    return Error{Code::kInvalidArgument,
                 "STEP_REQUIRED",
                 "say which step was taken; GetAvailableActions lists them",
                 {{"step", "missing"}}};
  }
  if (field <= Request::kAuthoriseAssessment) {
    SayAssessment(request, asked.step);
  } else if (field <= Request::kHoldConference) {
    SayEnquiry(request, asked.step);
  } else if (field <= Request::kEndProtectionPlan) {
    SayPlan(request, asked);
  } else {
    SaySupport(request, asked);
  }
  return asked;
}

// Steps that end something as census rules say, tried when somebody asks what
// may be done.
Request Trial(const google::protobuf::FieldDescriptor& field) {
  Request request;
  request.GetReflection()->MutableMessage(&request, &field);
  if (request.has_authorise_assessment()) {
    request.mutable_authorise_assessment()->set_outcome("OTHER");
    request.mutable_authorise_assessment()->add_factors("20");
  } else if (request.has_complete_section_47()) {
    request.mutable_complete_section_47()->set_outcome("OTHER");
  } else if (request.has_hold_conference()) {
    request.mutable_hold_conference()->set_outcome("PROTECTION_PLAN");
  } else if (request.has_start_protection_plan()) {
    request.mutable_start_protection_plan()->set_category("NEG");
  }
  return request;
}

}  // namespace

const char* Begins(StepKind kind) {
  switch (kind) {
    case StepKind::kAssessmentStarted:
      return "A";
    case StepKind::kStrategyDiscussionHeld:
      return "S";
    case StepKind::kConferenceHeld:
      return "M";
    case StepKind::kProtectionPlanStarted:
      return "P";
    case StepKind::kChildInNeedPlanStarted:
      return "N";
    case StepKind::kEarlyHelpStarted:
      return "H";
    default:
      return nullptr;
  }
}

VoiceHeard Heard(const pb::Voice& voice) {
  return VoiceHeardNamed(Name(static_cast<VoiceHeard>(voice.kind())));
}

Result<Instant> HappenedOn(const std::string& text, const char* field,
                           Instant now) {
  if (text.empty()) return now;
  const std::optional<Date> day = ParseDate(text);
  if (!day) {
    return Error{Code::kInvalidArgument,
                 "DATE_IMPOSSIBLE",
                 "give a day as YYYY-MM-DD",
                 {{field, "not a day"}}};
  }
  return *day == CivilDate(now) ? now : StartOfDay(*day);
}

namespace {

// Of an agency of the register; a kind stands for itself.
std::string KindOf(const rpc::Register& agencies, const std::string& name) {
  const auto agency = agencies.Find(name);
  return agency ? agency->kind : name;
}

}  // namespace

std::vector<std::string> Involved(const Scene& scene,
                                  const rpc::Register& agencies,
                                  const std::string& recording) {
  std::set<std::string> involved;
  const std::string own = KindOf(agencies, recording);
  const auto add = [&](const std::string& name) {
    const std::string kind = KindOf(agencies, name);
    if (kind != "public" && name != recording && name != own) {
      involved.insert(name);
    }
  };
  add(scene.contact.agency);
  for (const Step& step : scene.journey.steps) {
    if (step.is_void) continue;
    if (step.kind == StepKind::kStrategyDiscussionHeld ||
        step.kind == StepKind::kConferenceHeld ||
        step.kind == StepKind::kProtectionPlanReviewed) {
      for (const std::string& present : step.codes) add(present);
    }
  }
  return {involved.begin(), involved.end()};
}

namespace {

// Children's social care, police and health make the quorum; the school and the
// referrer are invited, and their absence is reasoned.
std::vector<Broken> LookAtDiscussion(const pb::HoldStrategyDiscussion& said,
                                     const Scene& scene,
                                     const rpc::Register& agencies) {
  std::set<std::string> kinds, named;
  for (const std::string& present : said.present()) {
    kinds.insert(KindOf(agencies, present));
    named.insert({present, KindOf(agencies, present)});
  }
  for (const pb::Absence& absence : said.absences()) {
    if (absence.reason().empty()) continue;
    named.insert({absence.agency(), KindOf(agencies, absence.agency())});
  }
  std::vector<Broken> findings;
  for (const char* kind : {"council", "police", "health"}) {
    if (kinds.count(kind) != 0) continue;
    findings.push_back({"quorum", std::string("without ") + kind +
                                      " a strategy discussion is not quorate"});
  }
  if (named.count("school") == 0) {
    findings.push_back(
        {"invited", "the school is neither present nor its absence reasoned"});
  }
  if (named.count(scene.contact.agency) == 0 &&
      agencies.Find(scene.contact.agency)) {
    findings.push_back({"invited",
                        "the referrer is neither present nor its absence "
                        "reasoned"});
  }
  return findings;
}

// Whether the codes of a step name agencies, or their kinds.
bool NamesAgencies(StepKind kind) {
  switch (kind) {
    case StepKind::kStrategyDiscussionHeld:
    case StepKind::kMinutesSent:
    case StepKind::kMinutesReceived:
    case StepKind::kConferenceHeld:
    case StepKind::kProtectionPlanReviewed:
    case StepKind::kProtectionPlanEnded:
    case StepKind::kChildInNeedPlanEnded:
    case StepKind::kEarlyHelpEnded:
    case StepKind::kEpisodeClosed:
      return true;
    default:
      return false;
  }
}

// Codes lie in the open, so whoever the register does not know stays in what
// was said, which is sealed. Nothing is refused for it.
std::vector<Broken> KeepKnownAgencies(const rpc::Register& agencies,
                                      Step& step) {
  if (!NamesAgencies(step.kind)) return {};
  const std::vector<rpc::Agency> all = agencies.agencies();
  const auto unknown = [&](const std::string& name) {
    return std::none_of(all.begin(), all.end(), [&](const rpc::Agency& one) {
      return one.id == name || one.kind == name;
    });
  };
  if (std::erase_if(step.codes, unknown) == 0) return {};
  return {{"register",
           "somebody named is no agency of the register, nor a "
           "kind of one, and is not counted"}};
}

Result<void> CheckEpisodeVersion(const Scene& scene, long long version) {
  if (version == 0 || version == scene.episode->version) return {};
  return Error{
      Code::kAborted,
      "VERSION_CHANGED",
      "somebody changed the episode since you read it; read it again",
      {{"version", "is " + std::to_string(scene.episode->version) + " now"}}};
}

Scene* SceneOf(std::vector<Scene>& child, const std::string& id) {
  for (Scene& scene : child) {
    if (scene.id() == id) return &scene;
  }
  return nullptr;
}

Error NoEpisode() {
  return Error{Code::kNotFound, "EPISODE_NOT_FOUND",
               "there is no such episode in this area"};
}

// Whose views a step holds: agencies, and the kinds that they are of.
std::set<std::string> Spoken(const rpc::Register& agencies, const Step& step) {
  std::set<std::string> spoken;
  for (const std::string& name : step.codes) {
    spoken.insert({name, KindOf(agencies, name)});
  }
  return spoken;
}

// An episode and what a step of it is judged by.
struct Opened {
  ContactRow contact;
  std::vector<Scene> child;
  Scene scene;
  Ground ground;
};

// EPISODE_NOT_FOUND.
Result<Opened> Open(const Parts& parts, const Records& records,
                    const std::string& id, Instant now) {
  parts.steps.Foresee(records, id);
  TRY(const EpisodeRow episode, parts.store.Episode(records, id));
  parts.store.Foresee(records, episode.contact_id);
  parts.store.ForeseeDetails(records, episode.contact_id);
  TRY(ContactRow contact, parts.store.Contact(records, episode.contact_id));
  TRY(std::vector<Scene> child, parts.steps.Child(records, contact));
  const Scene* found = SceneOf(child, id);
  if (found == nullptr) return NoEpisode();
  Scene scene = *found;
  TRY(Ground ground, parts.steps.GroundOf(records, contact, CivilDate(now)));
  return Opened{std::move(contact), std::move(child), std::move(scene),
                std::move(ground)};
}

// A step as asked for, by whom and when.
Result<Step> StepOf(const ledger::Unit& unit, const Asked& asked,
                    const std::string& day, const char* field) {
  Step step = asked.step;
  const Step now = StepNow(unit, step.kind);
  step.agency = now.agency;
  step.recorded_by = now.recorded_by;
  TRY(step.happened, HappenedOn(day, field, unit.clock()));
  step.date = CivilDate(step.happened);
  return step;
}

// The step-down guard, where the step needs it.
Result<void> Guard(const rpc::Register& agencies, const Scene& scene,
                   const Asked& asked, Step& step) {
  if (!NeedsStepDown(step)) return {};
  TRY_VOID(CheckStepDown(Involved(scene, agencies, step.agency),
                         Spoken(agencies, step), step, asked.step_down));
  step.flags.insert("EVIDENCED");
  return {};
}

}  // namespace

Journeys::Writing<pb::RecordStepResponse> Journeys::RecordStep(
    const Call&, const pb::RecordStepRequest& request) {
  TRY(Asked asked, Understand(request));
  return rpc::Work<pb::RecordStepResponse>(
      [this, request, asked = std::move(asked)](
          ledger::Unit& unit) -> Result<pb::RecordStepResponse> {
        TRY(Opened opened,
            Open(parts_, unit.Records(), request.episode_id(), unit.clock()));
        Scene& scene = opened.scene;
        TRY_VOID(CheckEpisodeVersion(scene, request.version()));
        TRY(Step step,
            StepOf(unit, asked, request.happened_date(), "happened_date"));
        pb::Said said;
        *said.mutable_record_step() = request;
        pb::RecordStepResponse response;
        if (asked.voids != 0 || step.kind == StepKind::kStepVoided) {
          TRY_VOID(CheckDayAndTeam(opened.ground, step));
          TRY(const Taken taken,
              steps_.Void(unit, scene, asked.voids, std::move(step), said,
                          opened.child, opened.ground));
          TRY_VOID(steps_.MarkReturns(unit, opened.contact));
          Show(scene, taken, *response.mutable_receipt());
          return response;
        }
        TRY_VOID(Complete(scene.journey, opened.ground, step));
        std::vector<Broken> seen = KeepKnownAgencies(parts_.agencies, step);
        TRY_VOID(Guard(parts_.agencies, scene, asked, step));
        if (const char* prefix = Begins(step.kind)) {
          step.thing_id = parts_.ids.New(prefix);
        }
        if (step.kind == StepKind::kStrategyDiscussionHeld) {
          const auto missing = LookAtDiscussion(
              request.hold_strategy_discussion(), scene, parts_.agencies);
          seen.insert(seen.end(), missing.begin(), missing.end());
        }
        TRY(Taken taken, steps_.Take(unit, scene, std::move(step), said,
                                     opened.child, &opened.ground));
        taken.findings.insert(taken.findings.end(), seen.begin(), seen.end());
        Show(scene, taken, *response.mutable_receipt());
        return response;
      });
}

Result<rpc::Work<pb::CloseEpisodeResponse>> Referrals::CloseEpisode(
    const Call&, const pb::CloseEpisodeRequest& request) {
  Asked asked;
  asked.step.kind = StepKind::kEpisodeClosed;
  asked.step.team = request.team();
  asked.step.outcome = request.reason();
  if (!request.rationale().empty()) asked.step.flags.insert("RATIONALE");
  if (request.no_further_action()) asked.step.flags.insert("NFA");
  SayVoice(request.voice(), asked);
  SayStepDown(request.step_down(), asked);
  return rpc::Work<pb::CloseEpisodeResponse>(
      [this, request, asked = std::move(asked)](
          ledger::Unit& unit) -> Result<pb::CloseEpisodeResponse> {
        TRY(Opened opened,
            Open(parts_, unit.Records(), request.episode_id(), unit.clock()));
        Scene& scene = opened.scene;
        TRY_VOID(CheckEpisodeVersion(scene, request.version()));
        TRY(Step step,
            StepOf(unit, asked, request.closed_date(), "closed_date"));
        TRY_VOID(Complete(scene.journey, opened.ground, step));
        KeepKnownAgencies(parts_.agencies, step);
        TRY_VOID(Guard(parts_.agencies, scene, asked, step));
        step.flags.insert("EVIDENCED");
        pb::Said said;
        *said.mutable_close_episode() = request;
        TRY_VOID(parts_.steps.Close(unit, scene, std::move(step), said,
                                    opened.child, &opened.ground));
        // A referral recorded late may have come back already.
        TRY_VOID(parts_.steps.MarkReturns(unit, opened.contact));
        pb::CloseEpisodeResponse response;
        response.set_episode_id(scene.id());
        response.set_closed_date(scene.episode->closed_date);
        response.set_version(scene.episode->version);
        return response;
      });
}

Result<pb::GetAvailableActionsResponse> Journeys::GetAvailableActions(
    Reading& reading, const pb::GetAvailableActionsRequest& request) {
  const Records& records = reading.Records();
  const Instant now = parts_.clock.Now();
  TRY(const Opened opened, Open(parts_, records, request.episode_id(), now));
  const Scene& scene = opened.scene;
  reading.Shows(scene.id());
  pb::GetAvailableActionsResponse response;
  response.set_episode_id(scene.id());
  response.set_version(scene.episode->version);
  const auto add = [&](const std::string& name, Step step) {
    pb::Action& action = *response.add_actions();
    action.set_action(name);
    step.happened = now;
    step.date = CivilDate(now);
    const Result<void> allowed =
        steps_.Try(scene, opened.child, opened.ground, step);
    action.set_allowed(allowed.has_value());
    if (allowed) return;
    const Error& error = allowed.error();
    action.set_reason(error.reason);
    action.set_description(error.message);
    if (!error.fields.empty() && error.fields.front().path == "rule") {
      action.set_rule(error.fields.front().description);
    }
  };
  const auto* oneof = Request::descriptor()->FindOneofByName("step");
  for (int i = 0; i < oneof->field_count(); i++) {
    const auto* field = oneof->field(i);
    if (field->number() == Request::kVoidStepFieldNumber) continue;
    TRY(Asked asked, Understand(Trial(*field)));
    if (Begins(asked.step.kind)) asked.step.thing_id = "new";
    add(field->name(), std::move(asked.step));
  }
  Step closing;
  closing.kind = StepKind::kEpisodeClosed;
  closing.outcome = "RC7";
  add("close_episode", std::move(closing));
  for (const ClockState& clock : steps_.ClocksOf(scene)) {
    if (!clock.stopped) {
      ShowClock(scene.id(), clock, now, *response.add_clocks());
    }
  }
  return response;
}

}  // namespace seawall::referrals
