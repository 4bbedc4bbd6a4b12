// What joins a contact later: questions and answers, the written confirmation,
// the referrer's acknowledgement. None of it is a new contact.
#include "services/referrals/events.h"
#include "services/referrals/handler.h"

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
Result<ContactRow> Referrals::Own(soci::session& sql, const Call& call,
                                  const std::string& id) const {
  TRY(ContactRow row, store_.Contact(sql, call.area, id));
  if (row.agency != call.caller.agency &&
      row.recorded_by != call.caller.agency) {
    return Error{Code::kNotFound, "CONTACT_NOT_FOUND",
                 "there is no such contact in this area"};
  }
  return row;
}

Result<rpc::Work<pb::ReturnContactResponse>> Referrals::ReturnContact(
    const Call&, const pb::ReturnContactRequest& request) {
  if (request.question().empty()) {
    return Missing("QUESTION_REQUIRED", "say what you need to know",
                   "question");
  }
  return rpc::Work<pb::ReturnContactResponse>(
      [this, request](ledger::Unit& unit) -> Result<pb::ReturnContactResponse> {
        TRY(store::Session * session, unit.Direct());
        soci::session& sql = session->sql();
        TRY(ContactRow row,
            store_.Contact(sql, unit.area(), request.contact_id()));
        unit.Touched(row.contact_id);
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
        const auto position = unit.Record(event, unit.now());
        row.state = State::kReturned;
        pb::SealedNote note;
        note.set_text(request.question());
        *note.mutable_missing_fields() = request.missing_fields();
        TRY_VOID(store_.Add(sql, unit.area(), row.contact_id, "RETURN",
                            unit.now(), position, note));
        TRY_VOID(store_.Save(sql, unit.area(), row));
        pb::ReturnContactResponse response;
        response.set_contact_id(row.contact_id);
        response.set_version(row.version);
        return response;
      });
}

Result<rpc::Work<pb::AnswerReturnResponse>> Referrals::AnswerReturn(
    const Call& call, const pb::AnswerReturnRequest& request) {
  if (request.answer().empty()) {
    return Missing("ANSWER_REQUIRED", "the answer is empty", "answer");
  }
  return rpc::Work<pb::AnswerReturnResponse>(
      [this, call,
       request](ledger::Unit& unit) -> Result<pb::AnswerReturnResponse> {
        TRY(store::Session * session, unit.Direct());
        soci::session& sql = session->sql();
        TRY(ContactRow row, Own(sql, call, request.contact_id()));
        unit.Touched(row.contact_id);
        if (row.state != State::kReturned) {
          return WrongState("NOT_RETURNED",
                            "no question is open on this contact");
        }
        pb::ReturnAnswered event;
        event.set_contact_id(row.contact_id);
        *event.mutable_dimensions() = DimensionsOf(row);
        const auto position = unit.Record(event, unit.now());
        row.state = State::kAwaitingScreening;
        pb::SealedNote note;
        note.set_text(request.answer());
        TRY_VOID(store_.Add(sql, unit.area(), row.contact_id, "ANSWER",
                            unit.now(), position, note));
        TRY_VOID(store_.Save(sql, unit.area(), row));
        pb::AnswerReturnResponse response;
        response.set_contact_id(row.contact_id);
        response.set_version(row.version);
        return response;
      });
}

Result<rpc::Work<pb::ConfirmContactResponse>> Referrals::ConfirmContact(
    const Call& call, const pb::ConfirmContactRequest& request) {
  if (request.text().empty()) {
    return Missing("CONFIRMATION_REQUIRED", "the confirmation is empty",
                   "text");
  }
  return rpc::Work<pb::ConfirmContactResponse>(
      [this, call,
       request](ledger::Unit& unit) -> Result<pb::ConfirmContactResponse> {
        TRY(store::Session * session, unit.Direct());
        soci::session& sql = session->sql();
        TRY(ContactRow row, Own(sql, call, request.contact_id()));
        unit.Touched(row.contact_id);
        if (row.confirmed_time != 0) {
          return WrongState("ALREADY_CONFIRMED",
                            "the contact is already confirmed in writing");
        }
        const std::string today = FormatDate(CivilDate(unit.now()));
        const bool was_due = !row.confirmation_due_date.empty();
        const bool in_time = !was_due || today <= row.confirmation_due_date;
        pb::ContactConfirmed event;
        event.set_contact_id(row.contact_id);
        event.set_confirmation_due_date(row.confirmation_due_date);
        event.set_in_time(in_time);
        const auto position = unit.Record(event, unit.now());
        row.confirmed_time = ToMicros(unit.now());
        row.confirmed_position = position;
        pb::SealedNote note;
        note.set_text(request.text());
        TRY_VOID(store_.Add(sql, unit.area(), row.contact_id, "CONFIRMATION",
                            unit.now(), position, note));
        TRY_VOID(store_.Save(sql, unit.area(), row));
        pb::ConfirmContactResponse response;
        response.set_contact_id(row.contact_id);
        response.set_version(row.version);
        response.set_in_time(in_time);
        return response;
      });
}

Result<rpc::Work<pb::AcknowledgeOutcomeResponse>> Referrals::AcknowledgeOutcome(
    const Call& call, const pb::AcknowledgeOutcomeRequest& request) {
  return rpc::Work<pb::AcknowledgeOutcomeResponse>(
      [this, call,
       request](ledger::Unit& unit) -> Result<pb::AcknowledgeOutcomeResponse> {
        TRY(store::Session * session, unit.Direct());
        soci::session& sql = session->sql();
        TRY(ContactRow row, Own(sql, call, request.contact_id()));
        unit.Touched(row.contact_id);
        if (row.state != State::kDecided) {
          return WrongState("NOT_DECIDED", "there is no outcome yet");
        }
        pb::AcknowledgeOutcomeResponse response;
        response.set_contact_id(row.contact_id);
        if (row.acknowledged_time == 0) {
          TRY(const std::vector<DecisionRow> decisions,
              store_.Decisions(sql, unit.area(), row.contact_id));
          pb::OutcomeAcknowledged event;
          event.set_contact_id(row.contact_id);
          event.set_agency(row.agency);
          event.set_decided_date(decisions.back().decided_date);
          const auto position = unit.Record(event, unit.now());
          row.acknowledged_time = ToMicros(unit.now());
          TRY_VOID(store_.Add(sql, unit.area(), row.contact_id,
                              "ACKNOWLEDGEMENT", unit.now(), position, {}));
          TRY_VOID(store_.Save(sql, unit.area(), row));
        }
        Set(response.mutable_acknowledged_time(), row.acknowledged_time);
        return response;
      });
}

}  // namespace seawall::referrals
