// ServiceTest: the referrals service over a real ledger and store, and what its
// tests say to it.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "services/referrals/front_door.h"
#include "tests/support/hosted_test.h"

namespace seawall::referrals {

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

class ServiceTest : public support::HostedTest {
 protected:
  ServiceTest() : HostedTest("2018-04-10T10:00:00Z") {}

  void SetUp() override {
    settings_.allow_test_numbers = true;
    Open("referrals", Migrations());
    agencies_ = rpc::Register::Load("data/agencies.json").value();
    rubric_ = LoadRubric("data/quality_rubric.json").value();
    const Parts parts{
        clock_,    calendar_,
        codes_,    *agencies_,
        sealer_,   ids_,
        rubric_,   LoadRouting("data/police_routing.json").value(),
        settings_, store_,
        children_, steps_};
    service_ = std::make_unique<Referrals>(parts);
    service_->Bind(methods_);
    journeys_ = std::make_unique<Journeys>(parts, *service_);
    journeys_->Bind(methods_);
    CountBy(MakeDefinitions(rubric_, codes_, {"police", "hospital"},
                            {"police", "health"}, clocks_, calendar_));
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

  Settings settings_;
  Calendar calendar_ = Calendar::Load("data/bank_holidays.json").value();
  CodeSets codes_ = CodeSets::Load("data/code_sets.json").value();
  ClockRules clocks_ = ClockRules::Load("data/clocks.json").value();
  Store store_{sealer_};
  // For a suite to change.
  static inline Runs::Sizes run_sizes = {};
  Children children_{sealer_, run_sizes};
  Steps steps_{store_, children_, sealer_, codes_, calendar_, clocks_};
  rules::Rubric rubric_;
  std::unique_ptr<rpc::Register> agencies_;
  std::unique_ptr<Referrals> service_;
  std::unique_ptr<Journeys> journeys_;
};

}  // namespace seawall::referrals
