// What takes a contact out: its referrer withdraws it, the hub calls it
// recorded in error; and what takes it in again. It is kept, and neither
// counted nor matched meanwhile.
#include "libs/base/text.h"
#include "services/referrals/deciding.h"
#include "services/referrals/events.h"

namespace seawall::referrals {
namespace {

Error ReasonRequired() {
  return Error{Code::kInvalidArgument,
               "REASON_REQUIRED",
               "say in words why",
               {{"reason", "empty"}}};
}

Error Refused(const char* reason, const char* message) {
  return Error{
      Code::kFailedPrecondition, reason, message, {{"contact_id", message}}};
}

// A decision looks at the contact and its child in the same way.
template <class Request>
pb::DecideContactRequest Looking(const Request& request) {
  pb::DecideContactRequest looking;
  looking.set_contact_id(request.contact_id());
  if constexpr (requires { request.version(); }) {
    looking.set_version(request.version());
  }
  return looking;
}

void SetStanding(const ContactRow& contact, State state,
                 const std::vector<DecisionRow>& decisions,
                 pb::Standing& standing) {
  standing.set_state(static_cast<pb::State>(state));
  standing.set_decision(static_cast<pb::Decision>(contact.decision));
  if (!decisions.empty()) {
    standing.set_decided_date(decisions.back().decided_date);
    standing.set_in_time(decisions.back().in_time != 0);
    standing.set_acknowledged(contact.acknowledged_time != 0);
  }
  if (contact.confirmed_time == 0) {
    standing.set_confirmation_due_date(contact.confirmation_due_date);
  }
}

pb::SealedNote NoteOf(const ledger::Unit& unit, const std::string& reason) {
  pb::SealedNote note;
  note.set_text(reason);
  note.set_noted_by(unit.By());
  return note;
}

template <class Response>
Response ResponseOf(const ContactRow& contact,
                    const pb::DecideContactResponse& decided) {
  Response response;
  response.set_contact_id(contact.contact_id);
  response.set_version(contact.version);
  response.set_state(static_cast<pb::State>(contact.state));
  if constexpr (requires { response.changed_episode_ids(); }) {
    *response.mutable_changed_episode_ids() = decided.changed_episode_ids();
  }
  return response;
}

}  // namespace

Result<rpc::Work<pb::WithdrawContactResponse>> Referrals::WithdrawContact(
    const Call& call, const pb::WithdrawContactRequest& request) {
  if (Blank(request.reason())) return ReasonRequired();
  return rpc::Work<pb::WithdrawContactResponse>(
      [this, call,
       request](ledger::Unit& unit) -> Result<pb::WithdrawContactResponse> {
        Records& records = unit.Records();
        TRY(const ContactRow own, Own(records, call, request.contact_id()));
        if (own.state == State::kDecided) {
          return Refused("ALREADY_DECIDED",
                         "the contact is decided; add to it instead, and the "
                         "hub may call it recorded in error");
        }
        const pb::DecideContactRequest looking = Looking(request);
        Deciding deciding{call, looking};
        TRY_VOID(Gather(unit, deciding));
        TRY_VOID(Withdraw(unit, deciding, State::kWithdrawn, request.reason()));
        return ResponseOf<pb::WithdrawContactResponse>(deciding.contact,
                                                       deciding.response);
      });
}

Result<rpc::Work<pb::MarkRecordedInErrorResponse>>
Referrals::MarkRecordedInError(const Call& call,
                               const pb::MarkRecordedInErrorRequest& request) {
  if (Blank(request.reason())) return ReasonRequired();
  return rpc::Work<pb::MarkRecordedInErrorResponse>(
      [this, call,
       request](ledger::Unit& unit) -> Result<pb::MarkRecordedInErrorResponse> {
        const pb::DecideContactRequest looking = Looking(request);
        Deciding deciding{call, looking};
        TRY_VOID(Gather(unit, deciding));
        TRY_VOID(Withdraw(unit, deciding, State::kRecordedInError,
                          request.reason()));
        return ResponseOf<pb::MarkRecordedInErrorResponse>(deciding.contact,
                                                           deciding.response);
      });
}

Result<rpc::Work<pb::ReinstateContactResponse>> Referrals::ReinstateContact(
    const Call& call, const pb::ReinstateContactRequest& request) {
  if (Blank(request.reason())) return ReasonRequired();
  return rpc::Work<pb::ReinstateContactResponse>(
      [this, call,
       request](ledger::Unit& unit) -> Result<pb::ReinstateContactResponse> {
        const pb::DecideContactRequest looking = Looking(request);
        Deciding deciding{call, looking};
        TRY_VOID(Gather(unit, deciding));
        TRY_VOID(Reinstate(unit, deciding, request.reason()));
        return ResponseOf<pb::ReinstateContactResponse>(deciding.contact,
                                                        deciding.response);
      });
}

// A referral goes with its contact as long as nothing rests on it.
Result<void> Referrals::WithdrawReferral(ledger::Unit& unit,
                                         Deciding& deciding) const {
  TRY_VOID(CheckNobodyJoined(unit.Records(), deciding.contact));
  TRY(const EpisodeRow episode,
      store_.Episode(unit.Records(), deciding.contact.episode_id));
  if (episode.state != "OPEN") {
    return Refused("EPISODE_HAS_STEPS",
                   "the referral's episode is closed; take its closing and "
                   "its other steps back first");
  }
  return WithdrawEpisode(unit, deciding);
}

Result<void> Referrals::Withdraw(ledger::Unit& unit, Deciding& deciding,
                                 State state, const std::string& reason) const {
  ContactRow& contact = deciding.contact;
  Records& records = unit.Records();
  if (IsWithdrawn(contact.state)) return rules::ContactWithdrawn();
  if (!deciding.earlier.empty()) deciding.decision = deciding.earlier.back();
  if (contact.decision == Decision::kReferral) {
    TRY_VOID(WithdrawReferral(unit, deciding));
  }
  pb::ContactWithdrawn event;
  event.set_contact_id(contact.contact_id);
  *event.mutable_dimensions() = DimensionsOf(contact);
  event.set_state(static_cast<pb::State>(state));
  SetStanding(contact, contact.state, deciding.earlier,
              *event.mutable_standing());
  TRY(const Tally tally, parts_.steps.ContactWithdrawn(unit, contact));
  AddMarks(tally, *event.mutable_marks());
  const auto position = unit.Record(event, unit.clock());
  store_.Withdraw(records, contact, position);
  contact.state = state;
  TRY_VOID(parts_.children.Remove(records, contact));
  TRY_VOID(store_.Save(records, contact));
  TRY_VOID(store_.Add(records,
                      {.contact_id = contact.contact_id,
                       .kind = std::string(Name(state)),
                       .noted_time = ToMicros(unit.clock()),
                       .position = position},
                      NoteOf(unit, reason)));
  return RemarkAll(unit, deciding);
}

Result<void> Referrals::Reinstate(ledger::Unit& unit, Deciding& deciding,
                                  const std::string& reason) const {
  ContactRow& contact = deciding.contact;
  Records& records = unit.Records();
  if (!IsWithdrawn(contact.state)) {
    return Refused("NOT_WITHDRAWN",
                   "the contact is neither withdrawn nor recorded in error");
  }
  const std::int64_t position = unit.next_position();
  TRY(contact.state, store_.Reinstate(records, contact.contact_id, position));
  pb::ContactReinstated event;
  event.set_contact_id(contact.contact_id);
  *event.mutable_dimensions() = DimensionsOf(contact);
  SetStanding(contact, contact.state, deciding.earlier,
              *event.mutable_standing());
  TRY(const Tally tally, parts_.steps.ContactReinstated(unit, contact));
  AddMarks(tally, *event.mutable_marks());
  unit.Record(event, unit.clock());
  TRY_VOID(store_.Save(records, contact));
  TRY_VOID(store_.Add(records,
                      {.contact_id = contact.contact_id,
                       .kind = "REINSTATED",
                       .noted_time = ToMicros(unit.clock()),
                       .position = position},
                      NoteOf(unit, reason)));
  // Now that it is matched again.
  TRY_VOID(parts_.children.Add(records, contact));
  TRY(deciding.child, parts_.children.SameChild(records, contact));
  TRY(deciding.episodes, store_.Episodes(records, IdsOf(deciding.child)));
  if (contact.decision == Decision::kJoinsOpenEpisode) {
    TRY_VOID(CheckJoined(records, contact.episode_id));
  }
  if (contact.decision == Decision::kReferral) {
    deciding.decision = deciding.earlier.back();
    deciding.reinstates = true;
    TRY_VOID(ReopenReferral(unit, deciding));
  }
  return RemarkAll(unit, deciding);
}

// A contact that joined what is no more would be on nobody's list.
Result<void> Referrals::CheckJoined(const Records& records,
                                    const std::string& episode_id) const {
  const auto episode = store_.Episode(records, episode_id);
  if (episode && episode->state != "WITHDRAWN") return {};
  return Refused("EPISODE_NOT_FOUND",
                 "the referral that it joined is recorded in error; reinstate "
                 "that first, or push the contact again");
}

Result<void> Referrals::ReopenReferral(ledger::Unit& unit,
                                       Deciding& deciding) const {
  for (const EpisodeRow& other : deciding.episodes) {
    if (other.state != "OPEN") continue;
    return Refused("EPISODE_OPEN",
                   "the child has another open episode by now; push a contact "
                   "that joins it, or close that one first");
  }
  return OpenEpisode(unit, deciding);
}

Result<void> Referrals::RemarkAll(ledger::Unit& unit,
                                  Deciding& deciding) const {
  const std::string& self = deciding.contact.contact_id;
  std::set<std::string> but;
  if (IsWithdrawn(deciding.contact.state)) but.insert(self);
  std::vector<std::string> changed;
  TRY_VOID(RemarkEach(unit, deciding.episodes, std::move(but), changed));
  for (const std::string& id : changed) {
    deciding.response.add_changed_episode_ids(id);
  }
  return {};
}

}  // namespace seawall::referrals
