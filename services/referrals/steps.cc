#include "services/referrals/steps.h"

#include <algorithm>

#include "services/referrals/events.h"
#include "services/referrals/rules.h"

namespace seawall::referrals {
namespace {

constexpr char kOpen[] = "OPEN";

Arrival ArrivalOf(const ContactRow& contact) {
  return {contact.priority, FromMicros(contact.received_time)};
}

Subject SubjectOf(const ContactRow& contact,
                  const std::optional<EpisodeRow>& episode) {
  if (!episode) return {contact.contact_id};
  return {episode->episode_id, ParseDate(episode->referral_date),
          contact.source, contact.need};
}

std::vector<Step> StepsOf(std::vector<StepRow> rows) {
  std::vector<Step> steps;
  for (StepRow& row : rows) steps.push_back(std::move(row));
  return steps;
}

// Agencies that may see a clock: of a triage those asked, of an escalation the
// one that raised it. All others are the hub's alone: that a conference is due
// tells of an enquiry.
std::string AgenciesOf(const Journey& journey, const ClockState& clock) {
  std::set<std::string> agencies;
  if (journey.triage &&
      (clock.clock.starts_with("triage_") || clock.clock == "clearing")) {
    agencies = {journey.triage->asked.begin(), journey.triage->asked.end()};
  }
  for (const Escalation& one : journey.escalations) {
    if (one.id == clock.thing) agencies.insert(one.agency);
  }
  std::string text = " ";
  for (const std::string& agency : agencies) text += agency + " ";
  return text;
}

// Later steps that rest on the thing that this one began.
bool IsNeeded(const std::vector<Step>& steps, const Step& step) {
  return !step.thing_id.empty() &&
         std::any_of(steps.begin(), steps.end(), [&](const Step& later) {
           return later.number > step.number && !later.is_void &&
                  (later.thing_id == step.thing_id ||
                   later.about == step.thing_id);
         });
}

std::vector<Journey> JourneysOf(const std::vector<Scene>& child,
                                const Journey* changed = nullptr) {
  std::vector<Journey> journeys;
  for (const Scene& scene : child) {
    const bool is_it = changed != nullptr && changed->subject_id == scene.id();
    journeys.push_back(is_it ? *changed : scene.journey);
  }
  return journeys;
}

Error Refuse(const char* reason, const char* message, int number) {
  return Error{Code::kFailedPrecondition,
               reason,
               message,
               {{"step", "number " + std::to_string(number)}}};
}

}  // namespace

void Steps::Foresee(const Records& records, const std::string& id) const {
  rows_.Foresee(records, id);
}

Result<Scene> Steps::Load(const Records& records, const std::string& id) const {
  if (id.starts_with("E-")) {
    TRY(const EpisodeRow episode, store_.Episode(records, id));
    return Load(records, episode);
  }
  TRY(const ContactRow contact, store_.Contact(records, id));
  return Load(records, contact);
}

Result<Scene> Steps::Load(const Records& records,
                          const ContactRow& contact) const {
  TRY(std::vector<StepRow> rows, rows_.Of(records, contact.contact_id));
  return SceneOf(contact, std::nullopt, std::move(rows));
}

Result<Scene> Steps::Load(const Records& records,
                          const EpisodeRow& episode) const {
  TRY(ContactRow contact, store_.Contact(records, episode.contact_id));
  return Load(records, episode, std::move(contact));
}

Result<Scene> Steps::Load(const Records& records, const EpisodeRow& episode,
                          ContactRow contact) const {
  TRY(std::vector<StepRow> rows, rows_.Of(records, episode.episode_id));
  return SceneOf(contact, episode, std::move(rows));
}

Scene Steps::SceneOf(const ContactRow& contact,
                     const std::optional<EpisodeRow>& episode,
                     std::vector<StepRow> rows) {
  Journey journey = Fold(SubjectOf(contact, episode), StepsOf(std::move(rows)));
  return Scene{contact, episode, std::move(journey)};
}

Result<std::vector<Scene>> Steps::Child(const Records& records,
                                        const ContactRow& contact) const {
  TRY(const std::vector<Member> contacts,
      children_.SameChild(records, contact));
  return Child(records, contacts);
}

Result<std::vector<Scene>> Steps::Child(
    const Records& records, const std::vector<Member>& contacts) const {
  TRY(const std::vector<EpisodeRow> episodes,
      store_.Episodes(records, IdsOf(contacts)));
  for (const EpisodeRow& episode : episodes) {
    store_.Foresee(records, episode.contact_id);
    rows_.Foresee(records, episode.episode_id);
  }
  std::vector<Scene> child;
  for (const EpisodeRow& episode : episodes) {
    TRY(Scene scene, Load(records, episode));
    child.push_back(std::move(scene));
  }
  return child;
}

std::vector<ClockState> Steps::ClocksOf(const Scene& scene) const {
  return referrals::ClocksOf(scene.journey, ArrivalOf(scene.contact), clocks_,
                             calendar_);
}

Result<Ground> Steps::GroundOf(const Records& records,
                               const ContactRow& contact, Date today) const {
  Ground ground{codes_, calendar_, today};
  TRY(const Births births, store_.BirthsOf(records, contact.contact_id));
  ground.birth_date = births.birth_date;
  ground.expected_birth_date = births.expected_birth_date;
  ground.death_date = births.death_date;
  return ground;
}

Result<Taken> Steps::Take(ledger::Unit& unit, Scene& scene, Step step,
                          const pb::Said& said, const std::vector<Scene>& child,
                          const Ground* ground) const {
  step.subject_id = scene.id();
  step.number = static_cast<int>(scene.journey.steps.size()) + 1;
  std::vector<Step> steps = scene.journey.steps;
  steps.push_back(step);
  Journey after =
      Fold(SubjectOf(scene.contact, scene.episode), std::move(steps));
  std::vector<Broken> broken;
  if (ground != nullptr) {
    const auto before = JourneysOf(child), with = JourneysOf(child, &after);
    broken = NewlyBroken(before, with, *ground, step.date);
    if (!broken.empty() && MayRefuse(step.kind)) return Refusal(broken);
    const std::vector<Broken> asked =
        NewlyAsked(before, with, *ground, step.date);
    broken.insert(broken.end(), asked.begin(), asked.end());
  }
  TRY(Taken taken,
      Settle(unit, scene, std::move(after), std::move(step), said));
  taken.findings = std::move(broken);
  return taken;
}

Result<void> Steps::Try(const Scene& scene, const std::vector<Scene>& child,
                        const Ground& ground, Step step) const {
  Journey journey = scene.journey;
  TRY_VOID(Complete(journey, ground, step));
  step.number = static_cast<int>(journey.steps.size()) + 1;
  const StepKind kind = step.kind;
  const Date on = step.date;
  journey.steps.push_back(std::move(step));
  const Journey after =
      Fold(SubjectOf(scene.contact, scene.episode), std::move(journey.steps));
  const std::vector<Broken> broken =
      NewlyBroken(JourneysOf(child), JourneysOf(child, &after), ground, on);
  if (!broken.empty() && MayRefuse(kind)) return Refusal(broken);
  return {};
}

Result<Taken> Steps::Close(ledger::Unit& unit, Scene& scene, Step step,
                           const pb::Said& said,
                           const std::vector<Scene>& child,
                           const Ground* ground) const {
  EpisodeRow& episode = *scene.episode;
  episode.state = "CLOSED";
  episode.closed_date = FormatDate(step.date);
  episode.closure_reason = step.outcome;
  pb::EpisodeClosed event;
  event.set_episode_id(episode.episode_id);
  event.set_closed_date(episode.closed_date);
  event.set_reason(episode.closure_reason);
  event.set_referral_date(episode.referral_date);
  const Instant happened = step.happened;
  // The rules first: what they refuse leaves nothing behind.
  TRY(Taken taken, Take(unit, scene, std::move(step), said, child, ground));
  const auto position = unit.Record(event, happened);
  store_.AddFact(unit.Records(), episode,
                 {.position = position,
                  .kind = "CLOSED",
                  .fact_date = episode.closed_date});
  return taken;
}

Result<Taken> Steps::Void(ledger::Unit& unit, Scene& scene, int number,
                          Step step, const pb::Said& said,
                          const std::vector<Scene>& child,
                          const Ground& ground) const {
  std::vector<Step> steps = scene.journey.steps;
  if (number < 1 || number > static_cast<int>(steps.size())) {
    return Refuse("STEP_NOT_FOUND", "there is no step of that number", number);
  }
  Step& voided = steps[static_cast<std::size_t>(number - 1)];
  if (voided.is_void || voided.kind == StepKind::kStepVoided ||
      voided.kind == StepKind::kReturned) {
    return Refuse("STEP_VOID",
                  "that step is void, or nothing one can take back", number);
  }
  if (IsNeeded(steps, voided)) {
    return Refuse("STEP_NEEDED",
                  "later steps rest on it; take those back first", number);
  }
  voided.is_void = true;
  const Date on = voided.date;
  const bool reopens = voided.kind == StepKind::kEpisodeClosed;
  step.subject_id = scene.id();
  step.number = static_cast<int>(steps.size()) + 1;
  step.thing_id.clear();
  step.about = std::to_string(number);
  steps.push_back(step);
  Journey after =
      Fold(SubjectOf(scene.contact, scene.episode), std::move(steps));
  const std::vector<Broken> broken =
      NewlyBroken(JourneysOf(child), JourneysOf(child, &after), ground, on);
  if (!broken.empty()) return Refusal(broken);
  const std::int64_t position = unit.next_position();
  if (reopens && scene.episode) {
    EpisodeRow& episode = *scene.episode;
    pb::EpisodeReopened event;
    event.set_episode_id(episode.episode_id);
    event.set_closed_date(episode.closed_date);
    event.set_referral_date(episode.referral_date);
    const auto at = unit.Record(event, step.happened);
    episode.state = kOpen;
    episode.closed_date.clear();
    episode.closure_reason.clear();
    TRY_VOID(store_.Save(unit.Records(), episode));
    store_.AddFact(unit.Records(), episode,
                   {.position = at,
                    .kind = "REOPENED",
                    .fact_date = FormatDate(step.date)});
  }
  TRY(Taken taken,
      Settle(unit, scene, std::move(after), std::move(step), said));
  TRY_VOID(rows_.Void(unit.Records(),
                      {.subject_id = scene.id(), .number = number}, position));
  return taken;
}

Result<Taken> Steps::Settle(ledger::Unit& unit, Scene& scene, Journey after,
                            Step step, const pb::Said& said) const {
  if (!scene.episode && IsWithdrawn(scene.contact.state)) {
    return rules::ContactWithdrawn();
  }
  const std::vector<ClockState> clocks_before = ClocksOf(scene);
  const Tally before = TallyOf(scene.journey, clocks_before);
  scene.journey = std::move(after);
  const std::vector<ClockState> clocks = ClocksOf(scene);

  pb::StepTaken event;
  event.set_subject_id(scene.id());
  event.set_step(step.number);
  event.set_kind(std::string(Name(step.kind)));
  event.set_thing_id(step.thing_id);
  event.set_happened_date(FormatDate(step.date));
  event.set_agency(step.agency);
  event.set_team(step.team);
  event.set_outcome(step.outcome);
  *event.mutable_dimensions() = DimensionsOf(scene.contact);
  AddMarks(Difference(TallyOf(scene.journey, clocks), before),
           *event.mutable_marks());
  const std::int64_t position = unit.Record(event, step.happened);
  unit.Touched(scene.id());
  rows_.Add(unit, step, position, said);
  TRY_VOID(Bump(unit.Records(), scene));

  Taken taken{std::move(step)};
  for (const ClockState& clock : clocks) {
    if (std::find(clocks_before.begin(), clocks_before.end(), clock) ==
        clocks_before.end()) {
      taken.changed.push_back(clock);
    }
  }
  if (clocks != clocks_before) {
    TRY_VOID(SetClocks(unit, scene, clocks));
  }
  return taken;
}

Result<void> Steps::SetClocks(ledger::Unit& unit, const Scene& scene,
                              const std::vector<ClockState>& clocks) const {
  return rows_.SetClocks(unit.Records(), scene.id(), clocks,
                         [&](const ClockState& clock) {
                           return AgenciesOf(scene.journey, clock);
                         });
}

Result<void> Steps::Bump(Records& records, Scene& scene) const {
  if (!scene.episode) return store_.Save(records, scene.contact);
  scene.episode->version++;
  return store_.Save(records, *scene.episode);
}

Result<Tally> Steps::Opened(ledger::Unit& unit, const ContactRow& contact,
                            const EpisodeRow& episode) const {
  const Scene scene{contact, episode, Fold(SubjectOf(contact, episode), {})};
  const std::vector<ClockState> clocks = ClocksOf(scene);
  TRY_VOID(rows_.SetClocks(unit.Records(), episode.episode_id, clocks));
  return TallyOf(scene.journey, clocks);
}

Result<Tally> Steps::Withdrawn(ledger::Unit& unit,
                               const EpisodeRow& episode) const {
  TRY(const Scene scene, Load(unit.Records(), episode));
  for (const Step& step : scene.journey.steps) {
    const bool is_ending = step.kind == StepKind::kEpisodeClosed ||
                           step.kind == StepKind::kReturned ||
                           step.kind == StepKind::kStepVoided;
    if (!step.is_void && !is_ending) {
      return Refuse("EPISODE_HAS_STEPS",
                    "the referral has led to something already; take its "
                    "steps back first",
                    step.number);
    }
  }
  TRY_VOID(rows_.SetClocks(unit.Records(), episode.episode_id, {}));
  return Difference({}, TallyOf(scene.journey, ClocksOf(scene)));
}

Result<Tally> Steps::ContactWithdrawn(ledger::Unit& unit,
                                      const ContactRow& contact) const {
  TRY(const Scene scene, Load(unit.Records(), contact));
  TRY_VOID(rows_.SetClocks(unit.Records(), scene.id(), {}));
  return Difference({}, TallyOf(scene.journey, ClocksOf(scene)));
}

Result<Tally> Steps::ContactReinstated(ledger::Unit& unit,
                                       const ContactRow& contact) const {
  TRY(const Scene scene, Load(unit.Records(), contact));
  const std::vector<ClockState> clocks = ClocksOf(scene);
  TRY_VOID(SetClocks(unit, scene, clocks));
  return TallyOf(scene.journey, clocks);
}

Result<void> Steps::MarkReturns(ledger::Unit& unit,
                                const ContactRow& contact) const {
  TRY(std::vector<Scene> child, Child(unit.Records(), contact));
  for (std::size_t i = 0; i < child.size(); i++) {
    Scene& scene = child[i];
    if (!scene.journey.closing) continue;
    const Closing closing = *scene.journey.closing;
    const Date until = YearsOn(closing.date, 1);
    std::string returned;
    for (const Scene& later : child) {
      const Date referred = *later.journey.referral_date;
      if (later.id() != scene.id() && referred >= closing.date &&
          referred < until && returned.empty()) {
        returned = later.id();
      }
    }
    if (closing.returned != returned.empty()) continue;
    Step step;
    step.happened = unit.clock();
    step.date = CivilDate(step.happened);
    step.agency = unit.actor().agency;
    step.recorded_by = unit.By();
    if (!returned.empty()) {
      step.kind = StepKind::kReturned;
      step.about = returned;
      TRY_VOID(Take(unit, scene, std::move(step), {}, {}, nullptr));
      continue;
    }
    // The referral was taken back: so is the mark.
    std::vector<Step> steps = scene.journey.steps;
    const auto mark =
        std::find_if(steps.rbegin(), steps.rend(), [](const Step& one) {
          return one.kind == StepKind::kReturned && !one.is_void;
        });
    const std::int64_t position = unit.next_position();
    const int number = mark->number;
    mark->is_void = true;
    step.subject_id = scene.id();
    step.kind = StepKind::kStepVoided;
    step.number = static_cast<int>(steps.size()) + 1;
    step.about = std::to_string(number);
    steps.push_back(step);
    Journey after =
        Fold(SubjectOf(scene.contact, scene.episode), std::move(steps));
    TRY_VOID(Settle(unit, scene, std::move(after), std::move(step), {}));
    TRY_VOID(rows_.Void(unit.Records(),
                        {.subject_id = scene.id(), .number = number},
                        position));
  }
  return {};
}

}  // namespace seawall::referrals
