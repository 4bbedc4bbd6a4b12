// ServiceTest: the waiting service over a real ledger and store, SQLite and
// PostgreSQL, without grpc: handlers are called through the methods they bind,
// batches are run by hand.
#pragma once

#include <gtest/gtest.h>

#include "libs/counters/memory.h"
#include "libs/counters/projector.h"
#include "libs/rpc/errors.h"
#include "services/waiting/waiting_lists.h"
#include "tests/support/postgres.h"
#include "tests/support/tempdir.h"

namespace seawall::waiting {

inline constexpr char kArea[] = "blackpool";
inline constexpr char kSlt[] = "slt";

class ServiceTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    settings_.allow_test_numbers = true;
    std::string address = "sqlite:" + folder_.File("waiting.db");
    if (GetParam() == store::Engine::kPostgres) {
      address = support::Postgres::Shared().NewDatabase().value();
    }
    database_ = store::Database::Open({address}).value();
    auto migrations = ledger::Ledger::Migrations();
    for (auto& migration : Migrations()) migrations.push_back(migration);
    ASSERT_TRUE(database_->Migrate(migrations));
    definitions_ = MakeDefinitions(catalogue_);
    ledger_ = std::make_unique<ledger::Ledger>(
        ledger::Parts{*database_, sealer_, clock_, metrics_, "waiting"},
        ledger::LedgerSettings{});
    forecaster_ = std::make_unique<Forecaster>(
        Forecaster::Parts{clock_, catalogue_, *database_, *ledger_});
    service_ = std::make_unique<Waiting>(Parts{clock_, catalogue_, *database_,
                                               ids_, settings_, store_,
                                               forecaster_.get(), &metrics_});
    service_->Bind(methods_);
    projector_ =
        std::make_unique<counters::Projector>(counters::Projector::Parts{
            *database_, counters_, definitions_, metrics_, "waiting"});
  }

  static rpc::Caller Provider(const std::string& agency = "hospital") {
    rpc::Caller caller;
    caller.agency = agency;
    caller.system = "push";
    caller.role = rpc::Role::kReferrer;
    caller.person = "p-1/nurse";
    return caller;
  }

  rpc::Call CallOf(const std::string& method, const rpc::Caller& caller) {
    rpc::Call call;
    call.caller = caller;
    call.area = area_;
    call.method = "seawall.waiting.v1.WaitingService/" + method;
    return call;
  }

  // Runs a write method as the Gate and the ledger would.
  template <class Response, class Request>
  Result<Response> Write(const std::string& method, Request request,
                         const rpc::Caller& caller = Provider()) {
    request.set_area(area_);
    if (request.request_id().empty()) {
      request.set_request_id("r-" + std::to_string(++requests_));
    }
    const rpc::Call call = CallOf(method, caller);
    TRY(ledger::Work work,
        methods_.all().at(call.method).prepare(call, request));
    Result<std::string> bytes = std::string();
    ledger::Write write;
    write.area = area_;
    write.access = {caller.actor(), call.method};
    write.request_id = request.request_id();
    write.request_hash = "h";
    write.work = std::move(work);
    write.done = [&](Result<std::string> answer, bool) {
      bytes = std::move(answer);
    };
    ledger_->Submit(std::move(write));
    while (ledger_->RunBatch() > 0) {
    }
    if (!bytes) {
      if (!store_may_refuse_) {
        EXPECT_NE(bytes.error().reason, "STORE_REFUSED") << method;
      }
      EXPECT_NE(bytes.error().reason, "STORE_MISUSED")
          << method << bytes.error().message;
      return bytes.error();
    }
    Response response;
    response.ParseFromString(*bytes);
    return response;
  }

  template <class Response, class Request>
  Result<Response> Ask(const std::string& method, Request request) {
    request.set_area(area_);
    const rpc::Call call = CallOf(method, Provider("board"));
    TRY(const std::string bytes,
        methods_.all().at(call.method).ask(call, request));
    Response response;
    response.ParseFromString(bytes);
    return response;
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

  // The child is one of its surname unless `child` says otherwise.
  static pb::Event Referral(const std::string& reference,
                            const std::string& day,
                            const std::string& service = kSlt,
                            const std::string& child = "") {
    auto request = About(reference, day, service);
    pb::Child& one = *request.mutable_referral()->mutable_child();
    one.set_given_name("Test-Robin");
    one.set_family_name("Test-" + (child.empty() ? reference : child));
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

  counters::Drift Drift() {
    while (projector_->Step(area_).value()) {
    }
    return projector_->Verify(area_, std::chrono::seconds(30)).value();
  }

  support::TemporaryFolder folder_;
  Settings settings_;
  std::string area_ = kArea;
  FakeClock clock_{ParseInstant("2024-01-10T10:00:00Z").value()};
  Catalogue catalogue_ = Catalogue::Load("data/waiting_services.json").value();
  seal::Sealer sealer_ = seal::Sealer::FromSecret(std::string(32, 'k'));
  RandomIds ids_{clock_};
  Store store_{sealer_};
  metrics::Registry metrics_;
  counters::Definitions definitions_;
  counters::MemoryCounters counters_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<Forecaster> forecaster_;
  std::unique_ptr<Waiting> service_;
  rpc::Methods methods_;
  std::unique_ptr<counters::Projector> projector_;
  int requests_ = 0;
  bool store_may_refuse_ = false;
};

inline std::string EngineName(
    const testing::TestParamInfo<store::Engine>& info) {
  return info.param == store::Engine::kSqlite ? "Sqlite" : "Postgres";
}

}  // namespace seawall::waiting
