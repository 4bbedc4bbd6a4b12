// Binding the methods of JourneyService.
#include "services/referrals/journey_handler.h"

namespace seawall::referrals {

Journeys::Journeys(Parts parts, const Referrals& referrals)
    : parts_(std::move(parts)),
      referrals_(referrals),
      store_(parts_.store),
      steps_(parts_.steps) {}

const google::protobuf::ServiceDescriptor& Journeys::descriptor() const {
  return *pb::RecordStepRequest::descriptor()->file()->service(0);
}

void Journeys::Bind(rpc::Methods& methods) {
  const std::string service = descriptor().full_name() + "/";
  methods.Write(service + "OpenTriage", this, &Journeys::OpenTriage);
  methods.Write(service + "Contribute", this, &Journeys::Contribute);
  methods.Write(service + "DecideTriage", this, &Journeys::DecideTriage);
  methods.Write(service + "SignOff", this, &Journeys::SignOff);
  methods.Write(service + "AgreeDecision", this, &Journeys::AgreeDecision);
  methods.Write(service + "RaiseEscalation", this, &Journeys::RaiseEscalation);
  methods.Write(service + "AnswerEscalation", this,
                &Journeys::AnswerEscalation);
  methods.Write(service + "RecordStep", this, &Journeys::RecordStep);
  methods.Write(service + "ImportChild", this, &Journeys::ImportChild);
  methods.Bulk<pb::ImportChildrenRequest>(service + "ImportChildren",
                                          service + "ImportChild");
  methods.Read(service + "GetTriage", this, &Journeys::GetTriage);
  methods.Read(service + "GetAvailableActions", this,
               &Journeys::GetAvailableActions);
  methods.Read(service + "GetChronology", this, &Journeys::GetChronology);
  methods.Read(service + "ListDue", this, &Journeys::ListDue);
  methods.Read(service + "ListChildren", this, &Journeys::ListChildren);
}

}  // namespace seawall::referrals
