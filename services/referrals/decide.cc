// Deciding: what becomes of a contact, episodes, and re-referrals.
#include <algorithm>
#include <set>

#include "services/referrals/deciding.h"
#include "services/referrals/events.h"
#include "services/referrals/journey_handler.h"

namespace seawall::referrals {
namespace {

constexpr std::chrono::minutes kClockSkew{5};

// When it happened: now, or as stated by a system that may backdate.
Result<Instant> HappenedTime(const rpc::Call& call, bool given, Instant stated,
                             Instant now, const char* field) {
  if (!given || !call.caller.may_backdate) return now;
  if (stated > now + kClockSkew) {
    return Error{Code::kInvalidArgument,
                 "TIME_AHEAD",
                 "the time stated is more than five minutes ahead",
                 {{field, "ahead"}}};
  }
  return std::min(stated, now);
}

Date DateOf(const std::string& text) {
  return ParseDate(text).value_or(Date{});
}

}  // namespace

// Looks at the child, those it lives with and the address: police reports
// rarely carry a number. Contacts of one form are one incident.
Result<bool> Referrals::TriageDecisionRequired(const Records& records,
                                               const ContactRow& row) const {
  if (!row.police) return false;
  const Date from = AddMonths(DateOf(row.received_date), -12);
  TRY(std::set<long long> incidents,
      parts_.children.PoliceIncidents(
          records, row,
          {.from = ToMicros(StartOfDay(from + std::chrono::days(1))) - 1,
           .to = row.received_time,
           .enough = parts_.routing.incidents_in_12_months}));
  incidents.insert(row.received_time);
  return rules::TriageDecisionRequired(parts_.routing, true, row.under_one != 0,
                                       static_cast<int>(incidents.size()));
}

// A referral that contacts have joined is not taken back under them.
Result<void> Referrals::CheckNobodyJoined(const Records& records,
                                          const ContactRow& contact) const {
  TRY(const bool joined,
      store_.IsJoined(records, contact.episode_id, contact.contact_id));
  if (!joined) return {};
  return Error{Code::kFailedPrecondition,
               "EPISODE_JOINED",
               "other contacts joined this referral's episode; correct "
               "their decisions first",
               {{"contact_id", "others joined its episode"}}};
}

Result<rpc::Work<pb::DecideContactResponse>> Referrals::DecideContact(
    const Call& call, const pb::DecideContactRequest& request) {
  return rpc::Work<pb::DecideContactResponse>(
      [this, call, request](ledger::Unit& unit) {
        return Decide(unit, call, request, DecidedBy::kHub);
      });
}

Result<bool> Referrals::OpenTriage(const Records& records, Deciding& deciding,
                                   DecidedBy by) const {
  if (by != DecidedBy::kHub) return false;
  TRY(const Scene scene, parts_.steps.Load(records, deciding.contact));
  deciding.in_triage = scene.journey.triage.has_value();
  return deciding.in_triage && !scene.journey.triage->decided();
}

// What the hub decides about a contact in triage decides the triage, also where
// it corrects it: the triage's clock stops, and the new decision is signed off
// and agreed like any other.
Result<void> Referrals::TellTriage(ledger::Unit& unit,
                                   Deciding& deciding) const {
  if (!deciding.in_triage) return {};
  TRY(Scene scene, parts_.steps.Load(unit.Records(), deciding.contact));
  Step step = StepNow(unit, StepKind::kTriageDecided);
  step.happened = deciding.happened;
  step.date = CivilDate(step.happened);
  step.level = scene.journey.triage->level;
  step.outcome = Name(deciding.decision.decision);
  step.flags.insert("RATIONALE");
  pb::Said said;
  said.mutable_decision()->set_rationale(deciding.request.rationale());
  TRY_VOID(parts_.steps.Take(unit, scene, std::move(step), said, {}, nullptr));
  deciding.contact = scene.contact;
  return {};
}

Result<void> Referrals::Gather(ledger::Unit& unit, Deciding& deciding) const {
  const auto& request = deciding.request;
  Records& records = unit.Records();
  store_.ForeseeDecisions(records, request.contact_id());
  parts_.steps.Foresee(records, request.contact_id());
  TRY(deciding.contact, store_.Contact(records, request.contact_id()));
  unit.Touched(deciding.contact.contact_id);
  TRY_VOID(CheckVersion(deciding.contact, request.version()));
  TRY(deciding.child, parts_.children.SameChild(records, deciding.contact));
  TRY(deciding.episodes, store_.Episodes(records, IdsOf(deciding.child)));
  TRY(deciding.earlier, store_.Decisions(records, deciding.contact.contact_id));
  TRY(deciding.happened, HappenedTime(deciding.call, request.has_decided_time(),
                                      ToInstant(request.decided_time()),
                                      unit.clock(), "decided_time"));
  if (ToMicros(deciding.happened) < deciding.contact.received_time) {
    return Error{Code::kInvalidArgument,
                 "BEFORE_RECEIVED",
                 "a contact cannot be decided before it was received",
                 {{"decided_time", "before received_time"}}};
  }
  return {};
}

Result<pb::DecideContactResponse> Referrals::Decide(
    ledger::Unit& unit, const Call& call,
    const pb::DecideContactRequest& request, DecidedBy by) const {
  Records& records = unit.Records();
  Deciding deciding{call, request};
  TRY_VOID(Gather(unit, deciding));
  ContactRow& contact = deciding.contact;

  const auto open = std::find_if(
      deciding.episodes.begin(), deciding.episodes.end(),
      [&](const EpisodeRow& episode) {
        const bool meant =
            request.decision() != pb::DECISION_JOINS_OPEN_EPISODE ||
            request.episode_id().empty() ||
            request.episode_id() == episode.episode_id;
        return meant && episode.state == "OPEN" &&
               episode.contact_id != contact.contact_id;
      });
  rules::Case known;
  known.state = contact.state;
  known.decided = contact.decision;
  known.level = static_cast<int>(contact.level);
  known.consent = contact.consent;
  TRY(known.triage_decision_required,
      TriageDecisionRequired(unit.Records(), contact));
  known.open_episode = open != deciding.episodes.end();
  const rules::Proposal proposal{
      static_cast<Decision>(request.decision()), !request.rationale().empty(),
      !request.threshold_decision().empty(), !request.triage_decision().empty(),
      request.corrects()};
  TRY(known.open_triage, OpenTriage(unit.Records(), deciding, by));
  if (by != DecidedBy::kImport) {
    TRY_VOID(rules::CheckDecision(known, proposal));
  }

  if (contact.decision == Decision::kReferral &&
      proposal.decision != Decision::kReferral) {
    TRY_VOID(CheckNobodyJoined(unit.Records(), contact));
  }
  const bool opens = proposal.decision == Decision::kReferral &&
                     contact.decision != Decision::kReferral;
  const std::string episode_id =
      opens                                              ? parts_.ids.New("E")
      : proposal.decision == Decision::kJoinsOpenEpisode ? open->episode_id
      : proposal.decision == Decision::kReferral         ? contact.episode_id
                                                         : "";

  if (opens) records.Fresh(episode_id);

  const State state_before = contact.state;
  const Decision before = contact.decision;
  const bool acknowledged = contact.acknowledged_time != 0;
  DecisionRow& decision = deciding.decision;
  decision.number = static_cast<long long>(deciding.earlier.size()) + 1;
  decision.decision = proposal.decision;
  decision.decided_by = unit.By();
  decision.decided_time = ToMicros(deciding.happened);
  decision.decided_date = FormatDate(CivilDate(deciding.happened));
  // A correction says what was right, not when: the first one met the clock
  // or did not.
  if (!deciding.earlier.empty()) {
    decision.in_time = deciding.earlier.front().in_time;
    decision.decided_date = deciding.earlier.front().decided_date;
  } else {
    decision.in_time = decision.decided_time < contact.due_time;
  }
  decision.recorded_time = ToMicros(unit.now());

  pb::ContactDecided event;
  event.set_contact_id(contact.contact_id);
  *event.mutable_dimensions() = DimensionsOf(contact);
  event.set_state_before(static_cast<pb::State>(state_before));
  event.set_decision_before(static_cast<pb::Decision>(before));
  event.set_decision(request.decision());
  event.set_decided_date(decision.decided_date);
  event.set_decided_date_before(
      deciding.earlier.empty() ? "" : deciding.earlier.back().decided_date);
  event.set_in_time(decision.in_time != 0);
  event.set_in_time_before(!deciding.earlier.empty() &&
                           deciding.earlier.back().in_time != 0);
  event.set_acknowledged_before(acknowledged);
  event.set_episode_id(episode_id);
  decision.position = unit.Record(event, deciding.happened);

  contact.state = State::kDecided;
  contact.decision = proposal.decision;
  contact.decided_time = decision.decided_time;
  contact.acknowledged_time = 0;
  if (contact.first_decided_position == 0) {
    contact.first_decided_position = decision.position;
  }
  if (before == Decision::kReferral && proposal.decision != before) {
    TRY_VOID(WithdrawEpisode(unit, deciding));
  }
  contact.episode_id = episode_id;
  if (opens) TRY_VOID(OpenEpisode(unit, deciding));
  decision.episode_id = contact.episode_id;

  pb::SealedDecision sealed;
  sealed.set_rationale(request.rationale());
  sealed.set_threshold_decision(request.threshold_decision());
  sealed.set_triage_decision(request.triage_decision());
  decision.contact_id = contact.contact_id;
  store_.Add(records, decision, sealed);
  TRY_VOID(store_.Save(unit.Records(), contact));
  if (by == DecidedBy::kHub) TRY_VOID(TellTriage(unit, deciding));

  pb::DecideContactResponse& response = deciding.response;
  response.set_contact_id(contact.contact_id);
  response.set_version(contact.version);
  response.set_decision(request.decision());
  response.set_episode_id(contact.episode_id);
  response.set_decided_in_time(decision.in_time != 0);
  return response;
}

// A referral is dated by the day it was accepted; a correction keeps the day
// of the first decision, so that no clock moves.
Result<void> Referrals::OpenEpisode(ledger::Unit& unit,
                                    Deciding& deciding) const {
  ContactRow& contact = deciding.contact;
  EpisodeRow episode;
  episode.episode_id = contact.episode_id;
  episode.contact_id = contact.contact_id;
  episode.state = "OPEN";
  episode.referral_date = deciding.decision.decided_date;
  std::vector<Date> others;
  for (const EpisodeRow& other : deciding.episodes) {
    if (other.contact_id != contact.contact_id) {
      others.push_back(DateOf(other.referral_date));
    }
  }
  episode.re_referral =
      rules::IsReReferral(DateOf(episode.referral_date), others);

  pb::EpisodeOpened event;
  event.set_episode_id(episode.episode_id);
  event.set_contact_id(contact.contact_id);
  event.set_referral_date(episode.referral_date);
  event.set_re_referral(episode.re_referral != 0);
  *event.mutable_dimensions() = DimensionsOf(contact);
  TRY(const Tally tally, parts_.steps.Opened(unit, contact, episode));
  AddMarks(tally, *event.mutable_marks());
  const auto position = unit.Record(event, deciding.happened);
  unit.Touched(episode.episode_id);
  if (deciding.reinstates) {
    TRY(const EpisodeRow withdrawn,
        store_.Episode(unit.Records(), episode.episode_id));
    episode.version = withdrawn.version + 1;
    TRY_VOID(store_.Save(unit.Records(), episode));
  } else {
    store_.Add(unit.Records(), episode);
  }
  store_.AddFact(unit.Records(), episode,
                 {.position = position,
                  .kind = "OPENED",
                  .fact_date = episode.referral_date});
  deciding.response.set_re_referral(episode.re_referral != 0);
  // A first episode is nobody's return.
  if (others.empty()) return {};
  TRY_VOID(parts_.steps.MarkReturns(unit, contact));
  TRY(const std::vector<std::string> changed,
      Remark(unit, deciding.child, episode.episode_id));
  for (const std::string& id : changed) {
    deciding.response.add_changed_episode_ids(id);
  }
  return {};
}

Result<void> Referrals::WithdrawEpisode(ledger::Unit& unit,
                                        Deciding& deciding) const {
  ContactRow& contact = deciding.contact;
  const auto found =
      std::find_if(deciding.episodes.begin(), deciding.episodes.end(),
                   [&](const EpisodeRow& one) {
                     return one.contact_id == contact.contact_id;
                   });
  if (found == deciding.episodes.end()) return {};
  EpisodeRow episode = *found;
  pb::EpisodeWithdrawn event;
  event.set_episode_id(episode.episode_id);
  event.set_contact_id(contact.contact_id);
  event.set_referral_date(episode.referral_date);
  event.set_re_referral(episode.re_referral != 0);
  event.set_was_open(episode.state == "OPEN");
  event.set_closed_date(episode.closed_date);
  *event.mutable_dimensions() = DimensionsOf(contact);
  TRY(const Tally tally, parts_.steps.Withdrawn(unit, episode));
  AddMarks(tally, *event.mutable_marks());
  const auto position = unit.Record(event, deciding.happened);
  episode.state = "WITHDRAWN";
  TRY_VOID(store_.Save(unit.Records(), episode));
  store_.AddFact(unit.Records(), episode,
                 {.position = position,
                  .kind = "WITHDRAWN",
                  .fact_date = deciding.decision.decided_date});
  TRY_VOID(parts_.steps.MarkReturns(unit, contact));
  TRY(const std::vector<std::string> changed, Remark(unit, deciding.child, ""));
  for (const std::string& id : changed) {
    deciding.response.add_changed_episode_ids(id);
  }
  return {};
}

Result<std::vector<std::string>> Referrals::Remark(
    ledger::Unit& unit, const std::vector<Member>& child,
    const std::string& except) const {
  TRY(std::vector<EpisodeRow> episodes,
      store_.Episodes(unit.Records(), IdsOf(child)));
  std::vector<std::string> changed;
  for (EpisodeRow& episode : episodes) {
    if (episode.episode_id == except) continue;
    std::vector<Date> others;
    for (const EpisodeRow& other : episodes) {
      if (other.episode_id != episode.episode_id) {
        others.push_back(DateOf(other.referral_date));
      }
    }
    const bool marked =
        rules::IsReReferral(DateOf(episode.referral_date), others);
    if (marked == (episode.re_referral != 0)) continue;
    episode.re_referral = marked;
    TRY(const ContactRow contact,
        store_.Contact(unit.Records(), episode.contact_id));
    pb::ReReferralChanged event;
    event.set_episode_id(episode.episode_id);
    event.set_referral_date(episode.referral_date);
    event.set_re_referral(marked);
    *event.mutable_dimensions() = DimensionsOf(contact);
    const auto position = unit.Record(event, unit.clock());
    TRY_VOID(store_.Save(unit.Records(), episode));
    store_.AddFact(unit.Records(), episode,
                   {.position = position,
                    .kind = "MARKED",
                    .fact_date = episode.referral_date});
    unit.Touched(episode.episode_id);
    changed.push_back(episode.episode_id);
  }
  return changed;
}

Result<void> Referrals::RemarkChildOf(ledger::Unit& unit,
                                      const ContactRow& contact,
                                      std::vector<std::string>& changed) const {
  TRY(const std::vector<Member> child,
      parts_.children.SameChild(unit.Records(), contact));
  TRY(const std::vector<std::string> marked, Remark(unit, child, ""));
  changed.insert(changed.end(), marked.begin(), marked.end());
  return parts_.steps.MarkReturns(unit, contact);
}

Result<void> Referrals::RemarkEach(ledger::Unit& unit,
                                   const std::vector<EpisodeRow>& episodes,
                                   std::set<std::string> but,
                                   std::vector<std::string>& changed) const {
  for (const EpisodeRow& episode : episodes) {
    if (but.count(episode.contact_id)) continue;
    TRY(const ContactRow one,
        store_.Contact(unit.Records(), episode.contact_id));
    TRY(const std::vector<Member> child,
        parts_.children.SameChild(unit.Records(), one));
    for (const Member& same : child) but.insert(same.contact_id);
    TRY_VOID(RemarkChildOf(unit, one, changed));
  }
  return {};
}

Result<rpc::Work<pb::ConfirmSameChildResponse>> Referrals::ConfirmSameChild(
    const Call&, const pb::ConfirmSameChildRequest& request) {
  if (request.contact_id() == request.other_contact_id()) {
    return Error{Code::kInvalidArgument,
                 "SAME_CONTACT",
                 "name two contacts",
                 {{"other_contact_id", "is contact_id"}}};
  }
  return rpc::Work<pb::ConfirmSameChildResponse>(
      [this,
       request](ledger::Unit& unit) -> Result<pb::ConfirmSameChildResponse> {
        Records& records = unit.Records();
        TRY(const ContactRow one,
            store_.Contact(records, request.contact_id()));
        TRY(const ContactRow other,
            store_.Contact(records, request.other_contact_id()));
        unit.Touched(one.contact_id);
        unit.Touched(other.contact_id);
        pb::SameChildConfirmed event;
        event.set_contact_id(one.contact_id);
        event.set_other_contact_id(other.contact_id);
        event.set_same(request.same());
        const auto position = unit.Record(event, unit.clock());
        TRY_VOID(parts_.children.Say(records, one.contact_id, other.contact_id,
                                     position, request.same()));
        pb::ConfirmSameChildResponse response;
        // Told apart, each side is looked at by itself.
        std::vector<std::string> changed;
        for (const ContactRow* side : {&one, &other}) {
          TRY_VOID(RemarkChildOf(unit, *side, changed));
        }
        for (const std::string& id : changed) {
          response.add_changed_episode_ids(id);
        }
        return response;
      });
}

}  // namespace seawall::referrals
