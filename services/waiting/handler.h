// The methods of WaitingService.
//
// Every write is of events, each of one referral. They are prepared
// (translated, checked as far as they can be alone) and return the unit of work
// that reads what is there, asks the rules, and writes the events, what they
// did to the lists, and the journal, together. handler.cc binds, incoming.cc
// translates, write.cc records, dashboard_read.cc and read.cc answer.
#pragma once

#include "libs/base/ids.h"
#include "libs/metrics/metrics.h"
#include "libs/rpc/methods.h"
#include "services/waiting/duties.h"
#include "services/waiting/events.h"
#include "services/waiting/forecaster.h"
#include "services/waiting/lists.h"
#include "services/waiting/rules.h"
#include "services/waiting/settings.h"
#include "services/waiting/store.h"

namespace seawall::waiting {

// What the handlers are given.
struct Parts {
  const Clock& clock;
  const Catalogue& catalogue;
  store::Database& database;
  IdSource& ids;
  Settings settings;
  const Store& store;
  metrics::Registry& metrics;
  // Null: what is asked for is kept, and made by another process.
  Forecaster* forecaster = nullptr;
};

struct Incoming;
struct Scene;
class Scenes;

// In one request; what is written for them is one unit of work.
inline constexpr int kMostEvents = 100;
// Of one referral.
inline constexpr std::size_t kMostOfReferral = 10'000;

class Waiting : public rpc::Service {
 public:
  explicit Waiting(Parts parts) : parts_(parts), store_(parts.store) {}

  const google::protobuf::ServiceDescriptor& descriptor() const override;
  void Bind(rpc::Methods& methods) override;
  // What every child is found by, as the rules of libs/child have it now.
  Result<void> MakeKeysAnew(store::Session& writer) const;

 private:
  using Call = rpc::Call;
  using Reading = rpc::Reading;
  using Service = waiting::Service;  // not the base

  // ---- writing ----
  Result<rpc::Work<pb::PushEventsResponse>> PushEvents(
      const Call& call, const pb::PushEventsRequest& request);
  // A named method: its one event, whose refusal is the request's.
  template <class Request, class Response>
  Result<rpc::Work<Response>> Named(const Call& call, const Request& request);
  Result<rpc::Work<pb::EventReceipt>> OneEvent(const Call& call,
                                               const pb::Event& event);

  Result<pb::PushEventsResponse> RecordAll(
      ledger::Unit& unit, const std::vector<Result<Incoming>>& events) const;
  // What an event asks for, or why it is refused. Writes nothing.
  struct Plan;
  Result<Plan> Consider(ledger::Unit& unit, Scenes& scenes,
                        const Incoming& incoming) const;
  Result<void> ConsiderOther(ledger::Unit& unit, Scenes& scenes,
                             const Incoming& incoming, Plan& plan) const;
  Result<void> ConsiderReferral(ledger::Unit& unit, Scenes& scenes,
                                const Incoming& incoming, Plan& plan) const;
  Result<void> CheckRoom(const Plan& plan) const;
  Result<bool> IsRecorded(ledger::Unit& unit, const Incoming& incoming,
                          Plan& plan) const;
  Result<void> GoOn(Scenes& scenes, const Incoming& incoming, Plan& plan) const;
  Result<void> ConsiderSameChild(Scenes& scenes, const Incoming& incoming,
                                 Plan& plan) const;
  Result<bool> ConsiderKnown(ledger::Unit& unit, Scenes& scenes,
                             const Incoming& incoming, Plan& plan) const;
  Result<void> ConsiderAmending(ledger::Unit& unit, const Incoming& incoming,
                                const Event& there, bool by_id,
                                Plan& plan) const;
  Result<void> ConsiderAnswer(Scenes& scenes, const Incoming& incoming,
                              Plan& plan) const;
  Result<void> Leave(Scene& other, Plan& plan) const;
  Result<void> ConsiderTransfer(Scenes& scenes, const Incoming& incoming,
                                Plan& plan) const;
  Result<Scene*> SameSpell(Scenes& scenes, const Incoming& incoming,
                           pb::EventReceipt& receipt) const;
  // What was said of an event, and the fields that differ when it comes again.
  Result<pb::Event> Said(ledger::Unit& unit, Scene& scene, int number) const;
  Result<std::vector<std::string>> DiffersFrom(ledger::Unit& unit, Scene& scene,
                                               const Event& there,
                                               const Incoming& incoming) const;
  // Errors are the store's alone.
  Result<void> Record(ledger::Unit& unit, Scenes& scenes,
                      const Incoming& incoming, Plan& plan) const;
  Result<void> RecordNew(ledger::Unit& unit, Scenes& scenes,
                         const Incoming& incoming, Plan& plan) const;
  Result<void> Register(ledger::Unit& unit, Scenes& scenes,
                        const Incoming& incoming, Plan& plan) const;
  Result<void> TakeOver(ledger::Unit& unit, Scenes& scenes,
                        const Incoming& incoming, Event& event,
                        Plan& plan) const;
  Result<void> Restate(ledger::Unit& unit, Scenes& scenes, Scene& scene,
                       pb::EventReceipt& receipt) const;
  // The referral's row becomes what its details say.
  Result<void> Amend(ledger::Unit& unit, Scenes& scenes, Scene& scene) const;
  // Those that may be of the same child are noted, and told to who has both.
  Result<void> NoteNear(ledger::Unit& unit, Scenes& scenes, Scene& scene,
                        pb::EventReceipt& receipt) const;
  // What a person said of two referrals is written to both.
  Result<void> Join(ledger::Unit& unit, const Incoming& incoming,
                    Plan& plan) const;
  Result<void> Part(ledger::Unit& unit, Scene& one, const Scene& other) const;
  Result<void> TellDeath(ledger::Unit& unit, Scenes& scenes,
                         const std::set<Scene*>& of) const;
  // A transfer is given: its list is joined where the other one is left.
  Result<void> Give(ledger::Unit& unit, const Incoming& incoming,
                    Plan& plan) const;
  // What its provider asks for and what was answered, beside its events.
  Result<void> SettleTransfer(ledger::Unit& unit, const Scene& scene) const;
  void WarnOfDeath(Scenes& scenes, const Incoming& incoming, Plan& plan) const;
  // Writes the event and what it did. What nobody said is recorded by nobody.
  Result<void> Write(ledger::Unit& unit, Scene& scene, Event event,
                     const pb::Event& said, pb::EventReceipt& receipt) const;
  Result<void> Settle(ledger::Unit& unit, Scenes& scenes) const;

  // ---- reading ----
  // The referral that a question is about. REFERRAL_NOT_FOUND.
  Result<ReferralRow> Find(const Reading& reading,
                           const pb::About& about) const;
  Result<pb::GetDashboardResponse> GetDashboard(
      const Call& call, const pb::GetDashboardRequest& request);
  struct Board;
  Result<void> AddClock(const std::string& clock, Board& board);
  Result<void> ShowRow(const Service& service, Board& board,
                       pb::ServiceRow& row);
  Result<void> AddAdjusted(const Service& service, const Board& board,
                           pb::ServiceRow& row) const;
  // Its parts, on a reader and from a request that is checked.
  Result<pb::GetDashboardResponse> Dashboard(
      store::Reader& reader, const std::string& area,
      const pb::GetDashboardRequest& request);
  Result<std::optional<rpc::Page>> WatchDashboard(
      Reading& reading, const pb::WatchDashboardRequest& request,
      std::optional<std::int64_t> position);

  // ---- capacity_handler.cc ----
  Result<pb::GetCapacityResponse> GetCapacity(
      const Call& call, const pb::GetCapacityRequest& request);
  Result<rpc::Work<pb::RecordCapacityEventResponse>> RecordCapacityEvent(
      const Call& call, const pb::RecordCapacityEventRequest& request);
  Result<rpc::Work<pb::RequestForecastResponse>> RequestForecast(
      const Call& call, const pb::RequestForecastRequest& request);
  Result<pb::GetForecastResponse> GetForecast(
      const Call& call, const pb::GetForecastRequest& request);
  Result<void> BackTest(store::Reader& reader, const std::string& area,
                        pb::GetForecastResponse& forecast);
  Result<pb::GetWhatIfResponse> GetWhatIf(const Call& call,
                                          const pb::GetWhatIfRequest& request);

  Result<std::optional<Date>> BirthDate(Reading& reading,
                                        const Service& service,
                                        const ReferralRow& row) const;
  // False: the filters leave the child out.
  Result<bool> ShowOnWorklist(Reading& reading, const Service& service,
                              const pb::ListWaitingRequest& request,
                              const WaitingReferral& row,
                              pb::WaitingChild& child) const;
  Result<pb::ListWaitingResponse> ListWaiting(
      Reading& reading, const pb::ListWaitingRequest& request);
  // A page of what happened: the newest below a number; on the hub's first page
  // also what other providers are not shown.
  Result<void> ShowEvents(Reading& reading, const ReferralRow& row, int before,
                          int page_size, pb::GetReferralResponse& to) const;
  Result<pb::GetReferralResponse> GetReferral(
      Reading& reading, const pb::GetReferralRequest& request);
  Result<std::set<std::string>> AlsoWaitsFor(Reading& reading,
                                             const ReferralRow& row,
                                             const pb::Referral& details,
                                             const History& history) const;
  Result<pb::ListSameChildCandidatesResponse> ListSameChildCandidates(
      Reading& reading, const pb::ListSameChildCandidatesRequest& request);
  Result<pb::ListTransfersResponse> ListTransfers(
      Reading& reading, const pb::ListTransfersRequest& request);
  // False: it is not the caller's to see.
  Result<bool> ShowTransfer(Reading& reading, const TransferRow& row,
                            const std::map<std::string, ReferralRow>& referrals,
                            pb::OpenTransfer& to) const;
  Result<pb::GetMyWaitResponse> GetMyWait(Reading& reading,
                                          const pb::GetMyWaitRequest& request);

  const Parts parts_;
  const Store& store_;
  Lists lists_;
};

// Instants on the wire.
void Set(google::protobuf::Timestamp* to, Instant instant);
Instant ToInstant(const google::protobuf::Timestamp& time);
void Show(const Wait& wait, pb::Wait& to);
void Show(const DutyState& duty, Instant now, pb::Duty& to);
// A census day of a request, at most today. BAD_PERIOD, TIME_AHEAD.
Result<Date> CensusOf(const std::string& text, Date today);
// SERVICE_UNKNOWN.
Result<const Service*> FindService(const Catalogue& catalogue,
                                   const std::string& id);

}  // namespace seawall::waiting
