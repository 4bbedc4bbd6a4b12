// What joins a contact later: questions and answers, additions, the written
// confirmation, the referrer's acknowledgement. None of it is a new contact.
#include "libs/base/text.h"
#include "services/referrals/change.h"
#include "services/referrals/events.h"

namespace seawall::referrals {
namespace {

Error Missing(const char* reason, const char* message, const char* field) {
  return Error{Code::kInvalidArgument, reason, message, {{field, "missing"}}};
}

Error WrongState(const char* reason, const char* message) {
  return Error{Code::kFailedPrecondition, reason, message};
}

}  // namespace

// Another agency's contact is not there, so that ids cannot be probed.
Result<ContactRow> Referrals::Own(const Records& records, const Call& call,
                                  const std::string& id) const {
  TRY(ContactRow row, store_.Contact(records, id));
  if (row.agency != call.caller.agency) {
    return Error{Code::kNotFound, "CONTACT_NOT_FOUND",
                 "there is no such contact in this area"};
  }
  return row;
}

Result<void> Referrals::Note(Change& change, const char* kind,
                             std::int64_t position,
                             const pb::SealedNote& note) const {
  TRY_VOID(store_.Add(change.unit.Records(),
                      {.contact_id = change.row.contact_id,
                       .kind = kind,
                       .noted_time = ToMicros(change.unit.clock()),
                       .position = position},
                      note));
  return {};
}

Result<rpc::Work<pb::ReturnContactResponse>> Referrals::ReturnContact(
    const Call& call, const pb::ReturnContactRequest& request) {
  if (Blank(request.question())) {
    return Missing("QUESTION_REQUIRED", "say what you need to know",
                   "question");
  }
  return Changing<pb::ReturnContactResponse>(
      call, request.contact_id(),
      [this, request](Change& change,
                      pb::ReturnContactResponse&) -> Result<void> {
        ContactRow& row = change.row;
        TRY_VOID(CheckVersion(row, request.version()));
        if (row.state == State::kDecided) {
          return WrongState("ALREADY_DECIDED", "the contact is decided");
        }
        if (row.state == State::kReturned) {
          return WrongState("ALREADY_RETURNED",
                            "a question is already with the referrer");
        }
        if (row.priority == Priority::kRed) {
          return WrongState("URGENT",
                            "an urgent contact is not returned; decide on what "
                            "is known and telephone the referrer");
        }
        pb::ContactReturned event;
        event.set_contact_id(row.contact_id);
        *event.mutable_dimensions() = DimensionsOf(row);
        const auto position = change.unit.Record(event, change.unit.clock());
        row.state = State::kReturned;
        pb::SealedNote note;
        note.set_text(request.question());
        *note.mutable_missing_fields() = request.missing_fields();
        return Note(change, "RETURN", position, note);
      });
}

Result<rpc::Work<pb::AnswerReturnResponse>> Referrals::AnswerReturn(
    const Call& call, const pb::AnswerReturnRequest& request) {
  if (Blank(request.answer())) {
    return Missing("ANSWER_REQUIRED", "the answer is empty", "answer");
  }
  return Changing<pb::AnswerReturnResponse>(
      call, request.contact_id(),
      [this, request](Change& change,
                      pb::AnswerReturnResponse&) -> Result<void> {
        ContactRow& row = change.row;
        // New information is kept however late it comes.
        const bool late = row.state != State::kReturned;
        if (late) {
          TRY(const std::vector<NoteRow> notes,
              store_.Notes(change.unit.Records(), row.contact_id));
          if (std::none_of(notes.begin(), notes.end(), [](const auto& note) {
                return note.kind == "RETURN";
              })) {
            return WrongState("NOT_RETURNED",
                              "no question was asked about this contact");
          }
        }
        pb::ReturnAnswered event;
        event.set_late(late);
        event.set_contact_id(row.contact_id);
        *event.mutable_dimensions() = DimensionsOf(row);
        const auto position = change.unit.Record(event, change.unit.clock());
        if (!late) row.state = State::kAwaitingScreening;
        pb::SealedNote note;
        note.set_text(request.answer());
        return Note(change, "ANSWER", position, note);
      });
}

Result<rpc::Work<pb::AddToContactResponse>> Referrals::AddToContact(
    const Call& call, const pb::AddToContactRequest& request) {
  if (Blank(request.text())) {
    return Missing("TEXT_REQUIRED", "say what is to be added", "text");
  }
  return Changing<pb::AddToContactResponse>(
      call, request.contact_id(),
      [this, request](Change& change,
                      pb::AddToContactResponse&) -> Result<void> {
        ContactRow& row = change.row;
        pb::ContactAddedTo event;
        event.set_contact_id(row.contact_id);
        event.set_agency(row.agency);
        event.set_state(static_cast<pb::State>(row.state));
        const auto position = change.unit.Record(event, change.unit.clock());
        row.added_time = ToMicros(change.unit.clock());
        pb::SealedNote note;
        note.set_text(request.text());
        return Note(change, "ADDITION", position, note);
      });
}

Result<rpc::Work<pb::ConfirmContactResponse>> Referrals::ConfirmContact(
    const Call& call, const pb::ConfirmContactRequest& request) {
  if (Blank(request.text())) {
    return Missing("CONFIRMATION_REQUIRED", "the confirmation is empty",
                   "text");
  }
  return Changing<pb::ConfirmContactResponse>(
      call, request.contact_id(),
      [this, request](Change& change,
                      pb::ConfirmContactResponse& response) -> Result<void> {
        ContactRow& row = change.row;
        if (row.confirmed_time != 0) {
          return WrongState("ALREADY_CONFIRMED",
                            "the contact is already confirmed in writing");
        }
        if (row.confirmation_due_date.empty()) {
          return WrongState("NOT_BY_TELEPHONE",
                            "only a contact made by telephone is confirmed");
        }
        const Instant now = change.unit.clock();
        response.set_in_time(FormatDate(CivilDate(now)) <=
                             row.confirmation_due_date);
        pb::ContactConfirmed event;
        event.set_contact_id(row.contact_id);
        event.set_confirmation_due_date(row.confirmation_due_date);
        event.set_in_time(response.in_time());
        const auto position = change.unit.Record(event, now);
        row.confirmed_time = ToMicros(now);
        row.confirmed_position = position;
        pb::SealedNote note;
        note.set_text(request.text());
        return Note(change, "CONFIRMATION", position, note);
      });
}

Result<rpc::Work<pb::AcknowledgeOutcomeResponse>> Referrals::AcknowledgeOutcome(
    const Call& call, const pb::AcknowledgeOutcomeRequest& request) {
  return Changing<pb::AcknowledgeOutcomeResponse>(
      call, request.contact_id(),
      [this](Change& change,
             pb::AcknowledgeOutcomeResponse& response) -> Result<void> {
        ContactRow& row = change.row;
        if (row.state != State::kDecided) {
          return WrongState("NOT_DECIDED", "there is no outcome yet");
        }
        change.changed = row.acknowledged_time == 0;
        if (change.changed) {
          const Instant now = change.unit.clock();
          TRY(const std::vector<DecisionRow> decisions,
              store_.Decisions(change.unit.Records(), row.contact_id));
          pb::OutcomeAcknowledged event;
          event.set_contact_id(row.contact_id);
          event.set_agency(row.agency);
          event.set_decided_date(decisions.back().decided_date);
          const auto position = change.unit.Record(event, now);
          row.acknowledged_time = ToMicros(now);
          TRY_VOID(Note(change, "ACKNOWLEDGEMENT", position, {}));
        }
        Set(response.mutable_acknowledged_time(), row.acknowledged_time);
        return {};
      });
}

}  // namespace seawall::referrals
