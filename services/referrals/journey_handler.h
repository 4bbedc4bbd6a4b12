// The child's journey: the methods of JourneyService.
//
// triage.cc holds triage and escalation, pathway_handler.cc the statutory
// pathway, chronology.cc what is read, import.cc the census. What a step has in
// common with every other is in steps.h.
#pragma once

#include "services/referrals/handler.h"
#include "services/referrals/steps.h"

namespace seawall::referrals {

struct FileEpisode;  // census_steps.h
struct Incoming;

class Journeys : public rpc::Service {
 public:
  // `referrals` decides the contacts that triage decides.
  Journeys(Parts parts, const Referrals& referrals);

  const google::protobuf::ServiceDescriptor& descriptor() const override;
  void Bind(rpc::Methods& methods) override;

 private:
  using Call = rpc::Call;
  using Reading = rpc::Reading;
  template <class Response>
  using Writing = Result<rpc::Work<Response>>;

  // ---- triage and escalation ----
  Writing<pb::OpenTriageResponse> OpenTriage(const Call& call,
                                             const pb::OpenTriageRequest& r);
  Writing<pb::ContributeResponse> Contribute(const Call& call,
                                             const pb::ContributeRequest& r);
  Writing<pb::DecideTriageResponse> DecideTriage(
      const Call& call, const pb::DecideTriageRequest& r);
  Writing<pb::SignOffResponse> SignOff(const Call& call,
                                       const pb::SignOffRequest& r);
  Writing<pb::AgreeDecisionResponse> AgreeDecision(
      const Call& call, const pb::AgreeDecisionRequest& r);
  Writing<pb::RaiseEscalationResponse> RaiseEscalation(
      const Call& call, const pb::RaiseEscalationRequest& r);
  Writing<pb::AnswerEscalationResponse> AnswerEscalation(
      const Call& call, const pb::AnswerEscalationRequest& r);
  Result<pb::GetTriageResponse> GetTriage(Reading& reading,
                                          const pb::GetTriageRequest& r);

  // ---- the statutory pathway ----
  Writing<pb::RecordStepResponse> RecordStep(const Call& call,
                                             const pb::RecordStepRequest& r);
  Result<pb::GetAvailableActionsResponse> GetAvailableActions(
      Reading& reading, const pb::GetAvailableActionsRequest& r);

  // ---- reading ----
  Result<pb::GetChronologyResponse> GetChronology(
      Reading& reading, const pb::GetChronologyRequest& r);
  Result<pb::ListDueResponse> ListDue(Reading& reading,
                                      const pb::ListDueRequest& r);

  // ---- the census ----
  Writing<pb::ImportChildResponse> ImportChild(const Call& call,
                                               const pb::ImportChildRequest& r);
  Result<pb::ListChildrenResponse> ListChildren(
      Reading& reading, const pb::ListChildrenRequest& r);

  // A unit about a contact: `alter` gets the contact as it stands, fills in the
  // step and says what was said. Another agency's contact is there only for
  // those asked about it.
  enum class Seen { kByHub, kByAsked };
  template <class Response, class Alter>
  rpc::Work<Response> AboutContact(const Call& call, const std::string& id,
                                   Seen seen, Alter alter) const;
  Result<Scene> ContactOf(const Records& records, const Call& call,
                          const std::string& id, Seen seen) const;
  Result<Scene> DisputedBy(const Records& records, const Call& call,
                           const std::string& subject) const;
  struct Dated;
  struct Story;
  Result<Story> Read(const Records& records, const ContactRow& contact) const;
  static std::vector<Dated> InOrder(const Story& story);
  static Result<std::vector<Dated>> PageOf(
      std::vector<Dated> all, const pb::GetChronologyRequest& request,
      pb::GetChronologyResponse& response);
  Result<void> ShowClocks(Reading& reading, const Story& story,
                          pb::GetChronologyResponse& response) const;
  Result<void> ShowEntries(Reading& reading, const Story& story,
                           const std::vector<Dated>& page,
                           pb::GetChronologyResponse& response) const;
  Result<void> ShowDecided(Reading& reading, const std::string& contact,
                           const DecisionRow& decision,
                           pb::ChronologyEntry& entry) const;
  Result<void> ShowCodes(Reading& reading, const Scene& scene,
                         pb::CensusEpisode& to) const;
  Result<void> ShowSaid(Reading& reading, const std::vector<Member>& contacts,
                        pb::CensusChild& to) const;
  void Show(const Scene& scene, const Taken& taken,
            pb::StepReceipt& receipt) const;
  Result<void> ShowTriage(Reading& reading, const Scene& scene,
                          pb::GetTriageResponse& response) const;

  struct Import;
  Result<void> FindChild(Import& import) const;
  Result<Ground> GroundOf(const Import& import) const;
  Result<void> Complement(Import& import,
                          const std::vector<Scene>& child) const;
  Result<void> Correct(Import& import, ContactRow contact) const;
  Result<void> ImportEpisodes(Import& import) const;
  Result<Scene> ImportReferral(Import& import, const FileEpisode& from) const;
  Result<void> ImportSteps(Import& import, Scene& scene,
                           std::vector<Incoming> steps) const;

  const Parts parts_;
  const Referrals& referrals_;
  const Store& store_;
  const Steps& steps_;
};

// A step of this unit, by the caller, now.
Step StepNow(const ledger::Unit& unit, StepKind kind);
// The prefix of the id of what a step begins; null where it begins nothing.
const char* Begins(StepKind kind);
// A kind that we do not know says nothing.
VoiceHeard Heard(const pb::Voice& voice);
void ShowClock(const std::string& subject, const ClockState& clock, Instant now,
               pb::Clock& to);
// Agencies whose view closing or stepping down needs: who referred, and who
// took part, but the one that records it.
std::vector<std::string> Involved(const Scene& scene,
                                  const rpc::Register& agencies,
                                  const std::string& recording);
// In triage about this contact.
bool WasAsked(const Scene& scene, const std::string& agency);
// CONTACT_NOT_FOUND, also where it is not for the caller to know of.
Error NoContact();
// Civil day of a request; empty = today. DATE_IMPOSSIBLE.
Result<Instant> HappenedOn(const std::string& text, const char* field,
                           Instant now);

// What a form says of a child, as the census says it.
void ShowChild(const pb::Child& child, pb::CensusChild& to);
// What one Child, or CensusChild, says where another does not. A birth ends the
// day on which it was expected, a UPN the reason for having none.
void FillIn(const google::protobuf::Message& from,
            google::protobuf::Message& to);
// The same of what is said later: another day on which a birth is expected, or
// another reason for no UPN, takes the place of the one before.
void Supplement(const google::protobuf::Message& from,
                google::protobuf::Message& to);
// Names of the fields that a census asks for in which the two differ.
std::vector<std::string> Differing(const pb::CensusChild& one,
                                   const pb::CensusChild& other);

}  // namespace seawall::referrals
