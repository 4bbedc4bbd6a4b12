// ServiceTest: the referrals service over a real ledger and store, without
// grpc: handlers are called through the methods they bind, batches are run by
// hand.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "libs/counters/memory.h"
#include "libs/counters/projector.h"
#include "services/referrals/front_door.h"
#include "tests/support/tempdir.h"

namespace seawall::referrals {

inline constexpr char kService[] = "seawall.referrals.v1.ReferralsService/";
inline constexpr char kJourneys[] = "seawall.referrals.v1.JourneyService/";
inline constexpr char kArea[] = "blackpool";

// Ten digits of the test range 999 with a right check digit.
inline std::string TestNhsNumber(int n) {
  for (;; n += 500'000) {
    std::string digits = "999" + std::to_string(1'000'000 + n).substr(1);
    int sum = 0;
    for (int i = 0; i < 9; i++) sum += (digits[i] - '0') * (10 - i);
    const int check = (11 - sum % 11) % 11;
    if (check != 10) return digits + std::to_string(check);
  }
}

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() {
    settings_.allow_test_numbers = true;
    database_ =
        store::Database::Open({"sqlite:" + folder_.File("referrals.db")})
            .value();
    auto migrations = ledger::Ledger::Migrations();
    for (auto& migration : Migrations()) migrations.push_back(migration);
    EXPECT_TRUE(database_->Migrate(migrations));
    agencies_ = rpc::Register::Load("data/agencies.json").value();
    rubric_ = LoadRubric("data/quality_rubric.json").value();
    definitions_ = MakeDefinitions(rubric_, codes_, {"police", "hospital"},
                                   {"police", "health"}, clocks_, calendar_);
    const Parts parts{
        clock_,    calendar_,
        codes_,    *agencies_,
        sealer_,   ids_,
        rubric_,   LoadRouting("data/police_routing.json").value(),
        settings_, store_,
        steps_};
    service_ = std::make_unique<Referrals>(parts);
    service_->Bind(methods_);
    journeys_ = std::make_unique<Journeys>(parts, *service_);
    journeys_->Bind(methods_);
    ledger_ = std::make_unique<ledger::Ledger>(
        ledger::Parts{*database_, sealer_, clock_, metrics_, "referrals"},
        ledger::LedgerSettings{});
    projector_ =
        std::make_unique<counters::Projector>(counters::Projector::Parts{
            *database_, counters_, definitions_, metrics_, "referrals"});
  }

  rpc::Caller Police() const {
    rpc::Caller caller;
    caller.agency = "police";
    caller.agency_group = "police";
    caller.system = "import";
    caller.role = rpc::Role::kReferrer;
    caller.may_backdate = true;
    return caller;
  }
  rpc::Caller Hub() const {
    rpc::Caller caller = Police();
    caller.agency = "frontdoor";
    caller.role = rpc::Role::kHub;
    caller.person = "p-1/social-worker";
    return caller;
  }

  // Runs a write method as the Gate and the ledger would.
  template <class Response, class Request>
  Result<Response> Write(const rpc::Caller& caller, const std::string& method,
                         Request request) {
    request.set_area(kArea);
    if (request.request_id().empty()) {
      request.set_request_id("r-" + std::to_string(++requests_));
    }
    rpc::Call call;
    call.caller = caller;
    call.area = kArea;
    call.method = kService + method;
    if (!methods_.all().count(call.method)) call.method = kJourneys + method;
    TRY(ledger::Work work,
        methods_.all().at(call.method).prepare(call, request));
    Result<std::string> bytes = std::string();
    ledger::Write write;
    write.area = kArea;
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
      // Our own rows never collide.
      EXPECT_NE(bytes.error().reason, "STORE_REFUSED")
          << method << ": " << bytes.error().message << "\n"
          << request.ShortDebugString();
      return bytes.error();
    }
    Response response;
    response.ParseFromString(*bytes);
    return response;
  }

  pb::SubmitContactRequest Form(int child, const char* born = "2010-05-01") {
    pb::SubmitContactRequest request;
    pb::ContactForm& form = *request.mutable_form();
    form.set_source("6");
    form.set_channel(pb::CHANNEL_SYSTEM);
    pb::Child& one = *form.add_children();
    one.set_given_name("Test-Robin");
    one.set_family_name("Test-Harbour");
    one.set_date_of_birth(born);
    one.set_nhs_number(TestNhsNumber(child));
    form.mutable_concern()->set_text("Test concern");
    form.mutable_concern()->set_primary_need("N1");
    form.mutable_concern()->set_level_of_need(2);
    return request;
  }

  Result<pb::SubmitContactResponse> Submit(
      const pb::SubmitContactRequest& request) {
    return Write<pb::SubmitContactResponse>(Police(), "SubmitContact", request);
  }
  std::string SubmitOne(int child) {
    return Submit(Form(child)).value().receipts(0).contact_id();
  }

  Result<pb::DecideContactResponse> Decide(const std::string& id,
                                           pb::Decision decision,
                                           bool corrects = false,
                                           const char* day = nullptr) {
    pb::DecideContactRequest request;
    request.set_contact_id(id);
    request.set_decision(decision);
    request.set_rationale("Test rationale");
    request.set_triage_decision("Test triage decision");
    request.set_corrects(corrects);
    if (day) {
      Set(request.mutable_decided_time(),
          StartOfDay(*ParseDate(day)) + std::chrono::hours(12));
    }
    return Write<pb::DecideContactResponse>(Hub(), "DecideContact", request);
  }

  void Receive(pb::SubmitContactRequest& request, const char* day) {
    Set(request.mutable_form()->mutable_received_time(),
        StartOfDay(*ParseDate(day)) + std::chrono::hours(9));
  }

  static pb::StepDown StepDown() {
    pb::StepDown step_down;
    for (const char* agency : {"police", "hospital", "school"}) {
      pb::AgencyView& view = *step_down.add_agency_views();
      view.set_agency(agency);
      view.set_view("Test view");
      view.set_agrees(true);
    }
    step_down.set_evidence_of_sustained_change("Test evidence");
    step_down.set_contingency("Test contingency");
    return step_down;
  }

  Result<pb::CloseEpisodeResponse> Close(const std::string& episode,
                                         const char* day) {
    pb::CloseEpisodeRequest request;
    request.set_episode_id(episode);
    request.set_reason("RC7");
    request.set_closed_date(day);
    request.set_team("SAFEGUARDING");
    request.set_rationale("Test rationale");
    request.mutable_voice()->set_kind(pb::VOICE_KIND_OWN_WORDS);
    *request.mutable_step_down() = StepDown();
    return Write<pb::CloseEpisodeResponse>(Hub(), "CloseEpisode", request);
  }

  // A referral of that child, received and decided on `day`; closed the day
  // after if asked.
  pb::DecideContactResponse Refer(int child, const char* day,
                                  const char* closed = nullptr) {
    pb::SubmitContactRequest request = Form(child);
    Receive(request, day);
    const auto contact = Submit(request).value().receipts(0).contact_id();
    const auto decided =
        Decide(contact, pb::DECISION_REFERRAL, false, day).value();
    if (closed) {
      EXPECT_TRUE(Close(decided.episode_id(), closed));
    }
    return decided;
  }

  long long Count(const std::string& table) {
    store::Reader reader = database_->Read().value();
    long long count = -1;
    reader.sql() << "select count(*) from " + table, soci::into(count);
    return count;
  }
  std::int64_t Counter(const std::string& name) {
    Project();
    return projector_->Read(kArea, {name}).value().values[0];
  }
  void Project() {
    while (projector_->Step(kArea).value()) {
    }
  }
  counters::Drift Drift() {
    Project();
    return projector_->Verify(kArea, std::chrono::seconds(5)).value();
  }

  // Counting the journal up to a position gives what the records say of it.
  void CheckAsKnownThen() {
    store::Reader reader = database_->Read(true).value();
    const auto journal = ledger::ReadJournal(reader, kArea, 0, 100'000).value();
    counters::Increments counted;
    for (const ledger::Recorded& event : journal) {
      definitions_.count(event, counted);
      if (event.position % 97 != 0) continue;
      const auto recorded =
          definitions_.records(reader, {kArea, event.position}).value();
      for (const auto& [name, value] : counted) {
        const auto found = recorded.find(name);
        ASSERT_EQ(found == recorded.end() ? 0 : found->second, value)
            << name << " at " << event.position;
      }
    }
  }

  support::TemporaryFolder folder_;
  Settings settings_;
  FakeClock clock_{ParseInstant("2018-04-10T10:00:00Z").value()};
  Calendar calendar_ = Calendar::Load("data/bank_holidays.json").value();
  CodeSets codes_ = CodeSets::Load("data/code_sets.json").value();
  seal::Sealer sealer_ = seal::Sealer::FromSecret(std::string(32, 'k'));
  RandomIds ids_{clock_};
  ClockRules clocks_ = ClockRules::Load("data/clocks.json").value();
  Store store_{sealer_, 100};
  Steps steps_{store_, sealer_, codes_, calendar_, clocks_};
  metrics::Registry metrics_;
  rules::Rubric rubric_;
  counters::Definitions definitions_;
  counters::MemoryCounters counters_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<rpc::Register> agencies_;
  std::unique_ptr<Referrals> service_;
  std::unique_ptr<Journeys> journeys_;
  rpc::Methods methods_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<counters::Projector> projector_;
  int requests_ = 0;
};

}  // namespace seawall::referrals
