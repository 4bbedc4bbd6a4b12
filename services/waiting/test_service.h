// ServiceTest: the waiting service over a real ledger and store, and what its
// tests say to it.
#pragma once

#include "libs/rpc/errors.h"
#include "services/waiting/waiting_lists.h"
#include "tests/support/hosted_test.h"

namespace seawall::waiting {

inline constexpr char kArea[] = "blackpool";
inline constexpr char kSlt[] = "slt";

class ServiceTest : public support::HostedTest {
 protected:
  ServiceTest() : HostedTest("2024-01-10T10:00:00Z") {}

  void SetUp() override {
    settings_.allow_test_numbers = true;
    Open("waiting", Migrations());
    forecaster_ = std::make_unique<Forecaster>(
        Forecaster::Parts{clock_, catalogue_, *database_, *ledger_});
    service_ = std::make_unique<Waiting>(Parts{clock_, catalogue_, *database_,
                                               ids_, settings_, store_,
                                               metrics_, forecaster_.get()});
    service_->Bind(methods_);
    CountBy(MakeDefinitions(catalogue_));
  }

  static rpc::Caller Provider(const std::string& agency = "hospital") {
    rpc::Caller caller;
    caller.agency = agency;
    caller.system = "push";
    caller.role = rpc::Role::kReferrer;
    caller.person = "p-1/nurse";
    return caller;
  }

  static rpc::Caller Hub() {
    rpc::Caller hub = Provider("frontdoor");
    hub.role = rpc::Role::kHub;
    return hub;
  }

  template <class Response, class Request>
  Result<Response> Write(const std::string& method, const Request& request,
                         const rpc::Caller& caller = Provider()) {
    return HostedTest::Write<Response>(caller, method, request);
  }
  template <class Response, class Request>
  Result<Response> Ask(const std::string& method, const Request& request) {
    return HostedTest::Ask<Response>(Provider("board"), method, request);
  }

  // ---- events of one child, named by its reference ----

  static pb::Event About(const std::string& reference, const std::string& day,
                         const std::string& service = kSlt) {
    pb::Event event;
    event.mutable_about()->set_service(service);
    event.mutable_about()->set_reference(reference);
    event.mutable_about()->set_happened_date(day);
    return event;
  }

  Result<pb::EventReceipt> Push(const pb::Event& event,
                                const rpc::Caller& caller = Provider()) {
    TRY(const auto response, PushAll({event}, "", caller));
    if (response.answers(0).has_error()) {
      return rpc::FromProto(response.answers(0).error());
    }
    return response.answers(0).receipt();
  }
  Result<pb::PushEventsResponse> PushAll(
      const std::vector<pb::Event>& events, const std::string& request_id = "",
      const rpc::Caller& caller = Provider()) {
    pb::PushEventsRequest request;
    request.set_request_id(request_id);
    for (const pb::Event& event : events) *request.add_events() = event;
    return Write<pb::PushEventsResponse>("PushEvents", request, caller);
  }
  // Of each event its reason, or OK.
  static std::vector<std::string> Said(const pb::PushEventsResponse& response) {
    std::vector<std::string> said;
    for (const pb::EventAnswer& answer : response.answers()) {
      said.push_back(answer.has_error() ? rpc::FromProto(answer.error()).reason
                                        : "OK");
    }
    return said;
  }

  // A valid number of the test range, the same for the same name.
  static std::string NumberFor(const std::string& name) {
    for (std::size_t hash = std::hash<std::string>{}(name);; ++hash) {
      std::string digits = "999" + std::to_string(100'000 + hash % 900'000);
      int sum = 0;
      for (std::size_t i = 0; i < digits.size(); ++i)
        sum += (digits[i] - '0') * static_cast<int>(10 - i);
      const int check = 11 - sum % 11;
      if (check == 10) continue;
      return digits + std::to_string(check % 11);
    }
  }

  // The child is one of its surname and number unless `child` says otherwise.
  static pb::Event Referral(const std::string& reference,
                            const std::string& day,
                            const std::string& service = kSlt,
                            const std::string& child = "") {
    auto request = About(reference, day, service);
    pb::Child& one = *request.mutable_referral()->mutable_child();
    one.set_given_name("Test-Robin");
    one.set_family_name("Test-" + (child.empty() ? reference : child));
    one.set_nhs_number(NumberFor(one.family_name()));
    one.set_date_of_birth("2015-05-01");
    return request;
  }
  std::string Register(const std::string& reference, const std::string& day,
                       const std::string& service = kSlt,
                       const std::string& child = "") {
    const auto receipt = Push(Referral(reference, day, service, child));
    EXPECT_TRUE(receipt) << receipt.error().reason;
    return receipt ? receipt->referral_id() : "";
  }
  Result<pb::EventReceipt> Attend(const std::string& reference,
                                  const std::string& day,
                                  pb::Attendance attendance,
                                  const std::string& opens = "",
                                  const std::string& service = kSlt) {
    auto request = About(reference, day, service);
    request.mutable_appointment()->set_attendance(attendance);
    request.mutable_appointment()->set_opens(opens);
    return Push(request);
  }
  Result<pb::EventReceipt> Remove(
      const std::string& reference, const std::string& day,
      pb::Outcome outcome = pb::OUTCOME_WITHDRAWN,
      const std::string& reason = "FAMILY_DECLINED") {
    auto request = About(reference, day);
    request.mutable_removal()->set_outcome(outcome);
    request.mutable_removal()->set_reason(reason);
    return Push(request);
  }

  Result<pb::EventReceipt> Say(const std::string& one, const std::string& other,
                               bool same, const rpc::Caller& caller = Hub()) {
    pb::ConfirmSameChildRequest request;
    request.mutable_about()->set_referral_id(one);
    request.mutable_same_child()->set_other_referral_id(other);
    request.mutable_same_child()->set_same(same);
    request.mutable_same_child()->set_rationale("Test: the mother was asked");
    TRY(const auto response, Write<pb::ConfirmSameChildResponse>(
                                 "ConfirmSameChild", request, caller));
    return response.receipt();
  }
  pb::GetReferralResponse Get(const std::string& id,
                              const rpc::Caller& caller = Hub()) {
    pb::GetReferralRequest request;
    request.mutable_about()->set_referral_id(id);
    return Read<pb::GetReferralResponse>(caller, "GetReferral", request)
        .value();
  }

  // ---- what the board reads ----

  Result<pb::GetDashboardResponse> Dashboard(
      const std::string& census, std::optional<Instant> known = {}) {
    pb::GetDashboardRequest request;
    request.set_census_date(census);
    if (known) Set(request.mutable_as_known_time(), *known);
    return Ask<pb::GetDashboardResponse>("GetDashboard", request);
  }
  pb::ServiceRow Row(const std::string& census,
                     const std::string& service = kSlt,
                     std::optional<Instant> known = {}) {
    const auto response = Dashboard(census, known);
    EXPECT_TRUE(response) << response.error().reason;
    for (const auto& row : response->rows()) {
      EXPECT_EQ(row.balance().residual(), 0) << row.service();
      if (row.service() == service) return row;
    }
    return {};
  }
  std::string WaitingAt(const std::string& census,
                        const std::string& service = kSlt) {
    return Row(census, service).waiting().value();
  }

  void Tick(std::chrono::seconds by) { clock_.Set(clock_.Now() + by); }

  Settings settings_;
  Catalogue catalogue_ = Catalogue::Load("data/waiting_services.json").value();
  Store store_{sealer_};
  std::unique_ptr<Forecaster> forecaster_;
  std::unique_ptr<Waiting> service_;
};

}  // namespace seawall::waiting
