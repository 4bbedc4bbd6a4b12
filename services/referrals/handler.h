// The front door: the methods of ReferralsService.
//
// Every write is prepared (checked, scored, sealed) and returns the unit of
// work that the ledger runs; every read runs in one snapshot. handler.cc binds
// and prepares forms, decide.cc decides, follow_up.cc holds what joins a
// contact later, withdraw.cc what takes it out, read.cc reads.
#pragma once

#include "libs/base/civil.h"
#include "libs/base/codes.h"
#include "libs/base/ids.h"
#include "libs/rpc/methods.h"
#include "libs/rpc/register.h"
#include "services/referrals/child_store.h"
#include "services/referrals/rules.h"
#include "services/referrals/settings.h"
#include "services/referrals/steps.h"
#include "services/referrals/store.h"

namespace seawall::referrals {

// What the handlers are given.
struct Parts {
  const Clock& clock;
  const Calendar& calendar;
  const CodeSets& codes;
  const rpc::Register& agencies;
  const seal::Sealer& sealer;
  IdSource& ids;
  rules::Rubric rubric;
  rules::PoliceRouting routing;
  Settings settings;
  const Store& store;
  const Children& children;
  const Steps& steps;
};

// Who decides a contact: the hub by itself, a triage of several agencies, or a
// census, which tells what was decided long ago and is not judged again.
enum class DecidedBy { kHub, kTriage, kImport };

// What a correction of a child came to.
struct Mended {
  int number = 0;  // of the note that keeps it
  std::vector<std::string> fields;
  std::vector<pb::Warning> warnings;
  std::vector<std::string> changed_episodes;
};

class Referrals : public rpc::Service {
 public:
  explicit Referrals(Parts parts);

  const google::protobuf::ServiceDescriptor& descriptor() const override;
  void Bind(rpc::Methods& methods) override;

  // ---- for JourneyService ----
  // As DecideContact, inside a unit.
  Result<pb::DecideContactResponse> Decide(
      ledger::Unit& unit, const rpc::Call& call,
      const pb::DecideContactRequest& request, DecidedBy by) const;
  // Takes the first child of a form in as a contact, inside a unit.
  Result<ContactRow> Admit(ledger::Unit& unit, const rpc::Call& call,
                           const pb::ContactForm& form, Instant received) const;
  // What identifies that child, its council's own id included.
  Understood Understand(pb::Child child, Instant received) const;
  // Makes what contacts are found by anew, of what is sealed.
  Result<void> MakeKeysAnew(store::Session& writer) const;
  // Makes the contact say `after` of its child, and keeps what it said before
  // under `correction`, inside a unit. Nothing happens where it says so
  // already.
  Result<Mended> Mend(ledger::Unit& unit, ContactRow& row,
                      const pb::Child& after,
                      pb::ChildCorrection correction) const;

 private:
  using Call = rpc::Call;
  using Reading = rpc::Reading;

  Result<rpc::Work<pb::SubmitContactResponse>> SubmitContact(
      const Call& call, const pb::SubmitContactRequest& request);
  Result<rpc::Work<pb::DecideContactResponse>> DecideContact(
      const Call& call, const pb::DecideContactRequest& request);
  Result<rpc::Work<pb::CloseEpisodeResponse>> CloseEpisode(
      const Call& call, const pb::CloseEpisodeRequest& request);
  Result<rpc::Work<pb::ConfirmSameChildResponse>> ConfirmSameChild(
      const Call& call, const pb::ConfirmSameChildRequest& request);
  Result<rpc::Work<pb::CorrectChildResponse>> CorrectChild(
      const Call& call, const pb::CorrectChildRequest& request);
  Result<rpc::Work<pb::ReturnContactResponse>> ReturnContact(
      const Call& call, const pb::ReturnContactRequest& request);
  Result<rpc::Work<pb::AnswerReturnResponse>> AnswerReturn(
      const Call& call, const pb::AnswerReturnRequest& request);
  Result<rpc::Work<pb::ConfirmContactResponse>> ConfirmContact(
      const Call& call, const pb::ConfirmContactRequest& request);
  Result<rpc::Work<pb::AcknowledgeOutcomeResponse>> AcknowledgeOutcome(
      const Call& call, const pb::AcknowledgeOutcomeRequest& request);
  Result<rpc::Work<pb::AddToContactResponse>> AddToContact(
      const Call& call, const pb::AddToContactRequest& request);
  Result<rpc::Work<pb::WithdrawContactResponse>> WithdrawContact(
      const Call& call, const pb::WithdrawContactRequest& request);
  Result<rpc::Work<pb::MarkRecordedInErrorResponse>> MarkRecordedInError(
      const Call& call, const pb::MarkRecordedInErrorRequest& request);
  Result<rpc::Work<pb::ReinstateContactResponse>> ReinstateContact(
      const Call& call, const pb::ReinstateContactRequest& request);
  Result<pb::GetContactResponse> GetContact(
      Reading& reading, const pb::GetContactRequest& request);
  Result<pb::FindContactsResponse> FindContacts(
      Reading& reading, const pb::FindContactsRequest& request);
  Result<pb::ListContactsResponse> ListContacts(
      Reading& reading, const pb::ListContactsRequest& request);
  Result<pb::GetMyContactResponse> GetMyContact(
      Reading& reading, const pb::GetMyContactRequest& request);

  // ---- submitting ----
  Understood Understand(pb::ContactForm form, Instant received) const;
  // A contact as it is stored, with those around the child.
  Understood Understand(const pb::SealedContact& details,
                        Instant received) const;
  // Of a slice of contacts after that one; the last of them, or nothing if
  // there are no more.
  Result<std::string> MakeKeysAnew(store::SessionRecords& records,
                                   const std::string& after) const;
  struct Prepared;
  Result<std::shared_ptr<const rpc::Agency>> Attributed(
      const Call& call, const pb::ContactForm& form,
      std::vector<pb::Warning>& warnings) const;
  Prepared Prepare(const Call& call, Understood understood, Instant received,
                   const rpc::Agency& agency) const;

  // ---- deciding ----
  struct Deciding;
  Result<void> CheckNobodyJoined(const Records& records,
                                 const ContactRow& contact) const;
  Result<void> Gather(ledger::Unit& unit, Deciding& deciding) const;
  // Whether agencies were asked and triage has not decided: then the hub alone
  // ends nothing below the threshold.
  Result<bool> OpenTriage(const Records& records, Deciding& deciding,
                          DecidedBy by) const;
  Result<void> TellTriage(ledger::Unit& unit, Deciding& deciding) const;
  Result<void> OpenEpisode(ledger::Unit& unit, Deciding& deciding) const;
  Result<void> WithdrawEpisode(ledger::Unit& unit, Deciding& deciding) const;
  // Marks every referral of the child anew as re-referral or not, and records
  // each that changed. Returns the episodes changed, but `except`.
  Result<std::vector<std::string>> Remark(ledger::Unit& unit,
                                          const std::vector<Member>& child,
                                          const std::string& except) const;
  // The same for the child of a contact, and at each of its closures whether it
  // came back.
  Result<void> RemarkChildOf(ledger::Unit& unit, const ContactRow& contact,
                             std::vector<std::string>& changed) const;
  // The same for each child that those episodes are of by now, but the contacts
  // named: those a contact linked may be two children without it.
  Result<void> RemarkEach(ledger::Unit& unit,
                          const std::vector<EpisodeRow>& episodes,
                          std::set<std::string> but,
                          std::vector<std::string>& changed) const;
  Result<pb::Child> Corrected(const Records& records, const Call& call,
                              const ContactRow& row, const pb::Child& child,
                              const pb::CorrectChildRequest& request) const;
  Result<ContactRow> Own(const Records& records, const Call& call,
                         const std::string& id) const;

  // ---- following up ----
  struct Change;
  template <class Response, class Alter>
  rpc::Work<Response> Changing(const Call& call, const std::string& id,
                               Alter alter) const;
  Result<void> Note(Change& change, const char* kind, std::int64_t position,
                    const pb::SealedNote& note) const;

  // ---- withdrawing ----
  // The contact becomes `state`, and what was counted of it is no longer.
  Result<void> Withdraw(ledger::Unit& unit, Deciding& deciding, State state,
                        const std::string& reason) const;
  Result<void> WithdrawReferral(ledger::Unit& unit, Deciding& deciding) const;
  Result<void> Reinstate(ledger::Unit& unit, Deciding& deciding,
                         const std::string& reason) const;
  Result<void> CheckJoined(const Records& records,
                           const std::string& episode_id) const;
  Result<void> ReopenReferral(ledger::Unit& unit, Deciding& deciding) const;
  // Marks the child's referrals and returns anew.
  Result<void> RemarkAll(ledger::Unit& unit, Deciding& deciding) const;

  // ---- reading ----
  Result<void> Show(Reading& reading, const ContactRow& row,
                    pb::Contact& contact) const;
  Result<void> ShowNotes(Reading& reading, const ContactRow& row,
                         pb::Contact& contact) const;
  Result<void> ShowRelated(
      Reading& reading, const std::vector<Related>& related,
      google::protobuf::RepeatedPtrField<pb::EarlierContact>& to) const;
  Result<bool> TriageDecisionRequired(const Records& records,
                                      const ContactRow& row) const;

  const Parts parts_;
  const Store& store_;
};

// Instants on the wire.
void Set(google::protobuf::Timestamp* to, Instant instant);
void Set(google::protobuf::Timestamp* to, long long micros);
Instant ToInstant(const google::protobuf::Timestamp& time);

// VERSION_CHANGED (kAborted) if somebody changed the contact since it was read.
Result<void> CheckVersion(const ContactRow& row, long long version);

// data/quality_rubric.json, data/police_routing.json: RUBRIC_UNREADABLE,
// ROUTING_UNREADABLE.
Result<rules::Rubric> LoadRubric(const std::string& path);
Result<rules::PoliceRouting> LoadRouting(const std::string& path);

}  // namespace seawall::referrals
