#include "services/waiting/handler.h"

#include <google/protobuf/util/time_util.h>

namespace seawall::waiting {
namespace {

using google::protobuf::util::TimeUtil;

// The named request's event, its field 4, as the field of the same type in
// Event.
void SetEvent(const google::protobuf::Message& request, pb::Event& to) {
  const auto* from = request.GetDescriptor()->FindFieldByNumber(4);
  const auto* events = to.GetDescriptor()->oneof_decl(0);
  for (int i = 0; i < events->field_count(); ++i) {
    if (events->field(i)->message_type() != from->message_type()) continue;
    to.GetReflection()
        ->MutableMessage(&to, events->field(i))
        ->CopyFrom(request.GetReflection()->GetMessage(request, from));
  }
}

}  // namespace

void Set(google::protobuf::Timestamp* to, Instant instant) {
  *to = TimeUtil::MicrosecondsToTimestamp(ToMicros(instant));
}

Instant ToInstant(const google::protobuf::Timestamp& time) {
  return FromMicros(TimeUtil::TimestampToMicroseconds(time));
}

void Show(const Wait& wait, pb::Wait& to) {
  to.set_clock(wait.clock);
  to.set_joined_date(FormatDate(wait.joined));
  to.set_start_date(FormatDate(wait.start));
  if (wait.left) to.set_left_date(FormatDate(*wait.left));
  to.set_outcome(static_cast<pb::Outcome>(wait.outcome));
}

void Show(const DutyState& duty, Instant now, pb::Duty& to) {
  to.set_duty(duty.duty);
  Set(to.mutable_due_time(), duty.due);
  to.set_overdue(duty.IsOverdue(now));
}

Result<const Service*> FindService(const Catalogue& catalogue,
                                   const std::string& id) {
  const Service* service = catalogue.Find(id);
  if (service) return service;
  std::string known;
  for (const Service& one : catalogue.services())
    known += (known.empty() ? "" : ", ") + one.id;
  return Error{
      Code::kInvalidArgument,
      "SERVICE_UNKNOWN",
      "no such service; those of data/waiting_services.json are " + known,
      {{"service", "unknown"}}};
}

template <class Request, class Response>
Result<rpc::Work<Response>> Waiting::Named(const Call& call,
                                           const Request& request) {
  pb::Event event;
  *event.mutable_about() = request.about();
  SetEvent(request, event);
  TRY(auto work, OneEvent(call, event));
  return rpc::Work<Response>(
      [work = std::move(work)](ledger::Unit& unit) -> Result<Response> {
        Response response;
        TRY(*response.mutable_receipt(), work(unit));
        return response;
      });
}

const google::protobuf::ServiceDescriptor& Waiting::descriptor() const {
  return *pb::Event::descriptor()->file()->service(0);
}

void Waiting::Bind(rpc::Methods& methods) {
  const std::string service = descriptor().full_name() + "/";
#define SEAWALL_EVENT(Name)            \
  methods.Write(service + #Name, this, \
                &Waiting::Named<pb::Name##Request, pb::Name##Response>)
  SEAWALL_EVENT(RegisterReferral);
  SEAWALL_EVENT(AcceptReferral);
  SEAWALL_EVENT(RejectReferral);
  SEAWALL_EVENT(OfferAppointment);
  SEAWALL_EVENT(RecordAttendance);
  SEAWALL_EVENT(RecordUnavailability);
  SEAWALL_EVENT(SetPriority);
  SEAWALL_EVENT(SetBlocked);
  SEAWALL_EVENT(RecordFamilyContact);
  SEAWALL_EVENT(RecordRiskCall);
  SEAWALL_EVENT(Expedite);
  SEAWALL_EVENT(Remove);
  SEAWALL_EVENT(CorrectEvent);
  SEAWALL_EVENT(ConfirmSameChild);
  SEAWALL_EVENT(AnswerTransfer);
#undef SEAWALL_EVENT
  methods.Write(service + "PushEvents", this, &Waiting::PushEvents);
  methods.Bulk<pb::StreamEventsRequest>(service + "StreamEvents",
                                        service + "PushEvents");
  methods.Ask(service + "GetDashboard", this, &Waiting::GetDashboard,
              /*slow=*/true);
  methods.Follow(service + "WatchDashboard", this, &Waiting::WatchDashboard);
  methods.Ask(service + "GetCapacity", this, &Waiting::GetCapacity,
              /*slow=*/true);
  methods.Write(service + "RecordCapacityEvent", this,
                &Waiting::RecordCapacityEvent);
  methods.Write(service + "RequestForecast", this, &Waiting::RequestForecast);
  methods.Ask(service + "GetForecast", this, &Waiting::GetForecast,
              /*slow=*/true);
  methods.Ask(service + "GetWhatIf", this, &Waiting::GetWhatIf, /*slow=*/true);
  methods.Read(service + "ListWaiting", this, &Waiting::ListWaiting);
  methods.Read(service + "GetReferral", this, &Waiting::GetReferral);
  methods.Read(service + "ListSameChildCandidates", this,
               &Waiting::ListSameChildCandidates);
  methods.Read(service + "ListTransfers", this, &Waiting::ListTransfers);
  methods.Read(service + "GetMyWait", this, &Waiting::GetMyWait);
}

}  // namespace seawall::waiting
