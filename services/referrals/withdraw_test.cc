// Contacts that are withdrawn, called recorded in error, reinstated and added
// to, over a real ledger and store.
#include <gmock/gmock.h>

#include "services/referrals/test_service.h"

namespace seawall::referrals {
namespace {

class WithdrawTest : public ServiceTest {
 protected:
  rpc::Caller Hospital() const {
    rpc::Caller caller = Police();
    caller.agency = "hospital";
    caller.person = "p-5/nurse";
    return caller;
  }

  Result<pb::WithdrawContactResponse> Withdraw(
      const std::string& id, const char* reason = "Test wrong child") {
    pb::WithdrawContactRequest request;
    request.set_contact_id(id);
    request.set_reason(reason);
    return Write<pb::WithdrawContactResponse>(Police(), "WithdrawContact",
                                              request);
  }
  Result<pb::MarkRecordedInErrorResponse> MarkInError(const std::string& id) {
    pb::MarkRecordedInErrorRequest request;
    request.set_contact_id(id);
    request.set_reason("Test pushed twice");
    return Write<pb::MarkRecordedInErrorResponse>(Hub(), "MarkRecordedInError",
                                                  request);
  }
  Result<pb::ReinstateContactResponse> Reinstate(const std::string& id) {
    pb::ReinstateContactRequest request;
    request.set_contact_id(id);
    request.set_reason("Test it was the right child");
    return Write<pb::ReinstateContactResponse>(Hub(), "ReinstateContact",
                                               request);
  }
  Result<pb::OpenTriageResponse> OpenTriage(const std::string& id) {
    pb::OpenTriageRequest request;
    request.set_contact_id(id);
    request.add_agencies("hospital");
    request.set_question("Test question");
    return Write<pb::OpenTriageResponse>(Hub(), "OpenTriage", request);
  }
  Result<pb::ReturnContactResponse> Question(const std::string& id) {
    pb::ReturnContactRequest request;
    request.set_contact_id(id);
    request.set_question("Test question");
    return Write<pb::ReturnContactResponse>(Hub(), "ReturnContact", request);
  }
  std::string SubmitOn(int child, const char* day) {
    pb::SubmitContactRequest request = Form(child);
    Receive(request, day);
    return Submit(request).value().receipts(0).contact_id();
  }
  void SayWhetherSame(const std::string& one, const std::string& other,
                      bool same) {
    pb::ConfirmSameChildRequest request;
    request.set_contact_id(one);
    request.set_other_contact_id(other);
    request.set_same(same);
    ASSERT_TRUE(Write<pb::ConfirmSameChildResponse>(Hub(), "ConfirmSameChild",
                                                    request));
  }

  // Everything that the counters and the records, which agree, say.
  std::map<std::string, std::int64_t> Counted() {
    const counters::Drift drift = Drift();
    EXPECT_EQ(drift.drift, 0) << drift.differences[0].counter;
    store::Reader reader = database_->Read().value();
    const auto position = ledger::ReadHead(reader, kArea).value().position;
    auto counted = definitions_.records(reader, {kArea, position}).value();
    std::erase_if(counted, [](const auto& one) { return one.second == 0; });
    return {counted.begin(), counted.end()};
  }
  ContactRow ReadContact(const std::string& id) {
    store::Reader reader = database_->Read().value();
    return store_.Contact(*store::RecordsOf(reader, kArea), id).value();
  }
  std::vector<std::string> LookBack(const std::string& id) {
    store::Reader reader = database_->Read().value();
    const Around around =
        children_.LookAround(*store::RecordsOf(reader, kArea), ReadContact(id))
            .value();
    std::vector<std::string> found;
    for (const Related& one : around.look_back) found.push_back(one.contact_id);
    return found;
  }
  std::vector<std::string> OfPeriod() {
    store::Reader reader = database_->Read().value();
    return store_
        .ContactsOfPeriod(*store::RecordsOf(reader, kArea),
                          {"2018-01-01", "2018-12-31", "", 100})
        .value();
  }
};

// ---- counting ----

TEST_P(WithdrawTest, WhatIsWithdrawnIsCountedNowhereAndComesBackAsItWas) {
  SubmitOne(1);
  const std::map<std::string, std::function<std::string()>> lives = {
      {"screened", [&] { return SubmitOne(2); }},
      {"hub",
       [&] {
         pb::SubmitContactRequest request = Form(2);
         request.mutable_form()->mutable_police()->set_risk_grading("standard");
         return Submit(request).value().receipts(0).contact_id();
       }},
      {"returned",
       [&] {
         const std::string id = SubmitOne(2);
         EXPECT_TRUE(Question(id));
         return id;
       }},
      {"telephone",
       [&] {
         pb::SubmitContactRequest request = Form(2);
         request.mutable_form()->set_channel(pb::CHANNEL_PHONE);
         return Submit(request).value().receipts(0).contact_id();
       }},
      {"triage", [&] {
         const std::string id = SubmitOne(2);
         EXPECT_TRUE(OpenTriage(id));
         pb::ContributeRequest contribute;
         contribute.set_contact_id(id);
         contribute.set_information("Test information");
         contribute.set_level_of_need(3);
         EXPECT_TRUE(Write<pb::ContributeResponse>(Hospital(), "Contribute",
                                                   contribute));
         return id;
       }}};
  for (const auto& [name, lead] : lives) {
    SCOPED_TRACE(name);
    const auto before = Counted();
    const std::string id = lead();
    const auto with = Counted();
    const ContactRow row = ReadContact(id);
    EXPECT_EQ(Withdraw(id).value().state(), pb::STATE_WITHDRAWN);
    EXPECT_EQ(Counted(), before);
    EXPECT_EQ(Reinstate(id).value().state(), static_cast<pb::State>(row.state));
    EXPECT_EQ(Counted(), with);
    EXPECT_EQ(MarkInError(id).value().state(), pb::STATE_RECORDED_IN_ERROR);
    EXPECT_EQ(Counted(), before);
  }
  CheckAsKnownThen();
}

TEST_P(WithdrawTest, ADecidedContactInErrorIsCountedNowhereAndComesBack) {
  SubmitOne(1);
  for (int decision = 1; decision <= 4; decision++) {
    for (const bool acknowledged : {false, true}) {
      SCOPED_TRACE(decision);
      const auto before = Counted();
      const std::string id = SubmitOn(2, "2018-03-05");
      const auto decided =
          Decide(id, static_cast<pb::Decision>(decision), false, "2018-03-07")
              .value();
      if (acknowledged) {
        pb::AcknowledgeOutcomeRequest acknowledge;
        acknowledge.set_contact_id(id);
        ASSERT_TRUE(Write<pb::AcknowledgeOutcomeResponse>(
            Police(), "AcknowledgeOutcome", acknowledge));
      }
      const auto with = Counted();
      EXPECT_EQ(Withdraw(id).error().reason, "ALREADY_DECIDED");
      ASSERT_TRUE(MarkInError(id));
      EXPECT_EQ(Counted(), before);
      EXPECT_EQ(Reinstate(id).value().state(), pb::STATE_DECIDED);
      EXPECT_EQ(Counted(), with);
      EXPECT_EQ(ReadContact(id).episode_id, decided.episode_id());
      ASSERT_TRUE(MarkInError(id));
      EXPECT_EQ(Counted(), before);
    }
  }
  CheckAsKnownThen();
}

// ---- what is refused ----

TEST_P(WithdrawTest, OnlyItsReferrerWithdrawsAContactAndSaysWhy) {
  const std::string id = SubmitOne(1);
  EXPECT_EQ(Withdraw(id, "").error().reason, "REASON_REQUIRED");
  pb::WithdrawContactRequest request;
  request.set_contact_id(id);
  request.set_reason("Test reason");
  EXPECT_EQ(
      Write<pb::WithdrawContactResponse>(Hospital(), "WithdrawContact", request)
          .error()
          .reason,
      "CONTACT_NOT_FOUND");
  EXPECT_EQ(Reinstate(id).error().reason, "NOT_WITHDRAWN");
  EXPECT_EQ(ReadContact(id).state, State::kAwaitingScreening);
}

TEST_P(WithdrawTest, NothingIsDoneWithAContactThatIsWithdrawn) {
  const std::string id = SubmitOne(1);
  ASSERT_TRUE(OpenTriage(id));
  ASSERT_TRUE(Question(id));
  ASSERT_TRUE(Withdraw(id));
  const auto counted = Counted();
  std::vector<std::string> reasons;
  const auto keep = [&](const auto& result) {
    reasons.push_back(result ? "OK" : result.error().reason);
  };
  const auto send = [&](auto response, const rpc::Caller& caller,
                        const char* method, auto request) {
    request.set_contact_id(id);
    keep(Write<decltype(response)>(caller, method, request));
  };
  keep(Withdraw(id));
  keep(MarkInError(id));
  keep(Decide(id, pb::DECISION_EARLY_HELP));
  keep(Decide(id, pb::DECISION_EARLY_HELP, true));
  keep(Question(id));
  pb::AnswerReturnRequest answer;
  answer.set_answer("Test answer");
  send(pb::AnswerReturnResponse(), Police(), "AnswerReturn", answer);
  pb::ConfirmContactRequest confirm;
  confirm.set_text("Test text");
  send(pb::ConfirmContactResponse(), Police(), "ConfirmContact", confirm);
  pb::AddToContactRequest add;
  add.set_text("Test text");
  send(pb::AddToContactResponse(), Police(), "AddToContact", add);
  send(pb::AcknowledgeOutcomeResponse(), Police(), "AcknowledgeOutcome",
       pb::AcknowledgeOutcomeRequest());
  pb::ContributeRequest contribute;
  contribute.set_information("Test information");
  contribute.set_level_of_need(3);
  send(pb::ContributeResponse(), Hospital(), "Contribute", contribute);
  pb::DecideTriageRequest triage;
  triage.set_level_of_need(2);
  triage.set_decision(pb::DECISION_EARLY_HELP);
  triage.set_rationale("Test rationale");
  triage.set_considered("Test considered");
  triage.set_history("Test history");
  triage.mutable_voice()->set_kind(pb::VOICE_KIND_THROUGH_ADULT);
  send(pb::DecideTriageResponse(), Hub(), "DecideTriage", triage);
  pb::RaiseEscalationRequest escalate;
  escalate.set_subject_id(id);
  escalate.set_rationale("Test rationale");
  keep(Write<pb::RaiseEscalationResponse>(Hospital(), "RaiseEscalation",
                                          escalate));
  EXPECT_THAT(reasons, testing::Each("CONTACT_WITHDRAWN"));
  EXPECT_EQ(Counted(), counted);
}

TEST_P(WithdrawTest, WhatRestsOnAReferralIsTakenBackFirst) {
  const auto referral = Refer(1, "2018-03-05");
  const std::string joined = SubmitOne(1);
  ASSERT_TRUE(Decide(joined, pb::DECISION_JOINS_OPEN_EPISODE));
  EXPECT_EQ(MarkInError(referral.contact_id()).error().reason,
            "EPISODE_JOINED");
  ASSERT_TRUE(MarkInError(joined));
  pb::RecordStepRequest step;
  step.set_episode_id(referral.episode_id());
  step.set_happened_date("2018-03-06");
  step.set_rationale("Test rationale");
  step.mutable_start_assessment();
  ASSERT_TRUE(Write<pb::RecordStepResponse>(Hub(), "RecordStep", step));
  EXPECT_EQ(MarkInError(referral.contact_id()).error().reason,
            "EPISODE_HAS_STEPS");
  step.mutable_void_step()->set_step(1);
  step.clear_happened_date();
  ASSERT_TRUE(Write<pb::RecordStepResponse>(Hub(), "RecordStep", step));
  EXPECT_TRUE(MarkInError(referral.contact_id()));
  // A closing is a step, too.
  const auto closed = Refer(2, "2018-03-05", "2018-03-06");
  EXPECT_EQ(MarkInError(closed.contact_id()).error().reason,
            "EPISODE_HAS_STEPS");
  Counted();
}

TEST_P(WithdrawTest, WhatJoinedAReferralIsNotReinstatedBeforeIt) {
  const std::string referral = SubmitOne(1), joined = SubmitOne(1);
  ASSERT_TRUE(Decide(referral, pb::DECISION_REFERRAL));
  ASSERT_TRUE(Decide(joined, pb::DECISION_JOINS_OPEN_EPISODE));
  ASSERT_TRUE(MarkInError(joined));
  ASSERT_TRUE(MarkInError(referral));
  EXPECT_EQ(Reinstate(joined).error().reason, "EPISODE_NOT_FOUND")
      << "it would be on nobody's list";
  ASSERT_TRUE(Reinstate(referral));
  EXPECT_TRUE(Reinstate(joined));
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(WithdrawTest, AReferralIsNotReinstatedBesideAnOpenEpisode) {
  const auto first = Refer(1, "2018-03-05");
  ASSERT_TRUE(MarkInError(first.contact_id()));
  const auto second = Refer(1, "2018-03-12");
  EXPECT_EQ(Reinstate(first.contact_id()).error().reason, "EPISODE_OPEN");
  EXPECT_EQ(ReadContact(first.contact_id()).state, State::kRecordedInError);
  ASSERT_TRUE(Close(second.episode_id(), "2018-03-13"));
  EXPECT_TRUE(Reinstate(first.contact_id()));
  EXPECT_EQ(Counter("re_referrals|2018-03|"), 1) << "the later one, again";
  Counted();
}

// ---- matching ----

TEST_P(WithdrawTest, AWithdrawnContactIsNobodysContact) {
  const std::string wrong = SubmitOn(1, "2018-01-08");
  const std::string other = SubmitOn(1, "2018-02-05");
  EXPECT_THAT(LookBack(other), testing::ElementsAre(wrong));
  EXPECT_EQ(OfPeriod().size(), 2u);
  ASSERT_TRUE(Withdraw(wrong));
  EXPECT_THAT(LookBack(other), testing::IsEmpty());
  EXPECT_THAT(LookBack(wrong), testing::IsEmpty());
  EXPECT_THAT(OfPeriod(), testing::ElementsAre(other));
  // Nor by what a person said of it.
  SayWhetherSame(wrong, other, true);
  EXPECT_THAT(LookBack(other), testing::IsEmpty());
  ASSERT_TRUE(Reinstate(wrong));
  EXPECT_THAT(LookBack(other), testing::ElementsAre(wrong));
  EXPECT_EQ(OfPeriod().size(), 2u);
}

TEST_P(WithdrawTest, AWithdrawnReportIsNoIncident) {
  const std::string first = SubmitOn(1, "2017-05-10");
  SubmitOn(1, "2017-09-11");
  const std::string last = SubmitOn(1, "2018-03-12");
  ASSERT_TRUE(Withdraw(first));
  pb::DecideContactRequest decide;
  decide.set_contact_id(last);
  decide.set_decision(pb::DECISION_EARLY_HELP);
  decide.set_rationale("Test rationale");
  EXPECT_TRUE(Write<pb::DecideContactResponse>(Hub(), "DecideContact", decide));
}

TEST_P(WithdrawTest, AReferralInErrorMakesNoReReferralAndNoReturn) {
  const auto wrong = Refer(1, "2018-01-08");
  const auto later = [&] {
    pb::SubmitContactRequest request = Form(2);
    Receive(request, "2018-02-05");
    const auto id = Submit(request).value().receipts(0).contact_id();
    return Decide(id, pb::DECISION_REFERRAL, false, "2018-02-05").value();
  }();
  SayWhetherSame(wrong.contact_id(), later.contact_id(), true);
  EXPECT_EQ(Counter("re_referrals|2018-02|"), 1);
  const auto marked = MarkInError(wrong.contact_id()).value();
  EXPECT_THAT(marked.changed_episode_ids(),
              testing::ElementsAre(later.episode_id()));
  EXPECT_EQ(Counter("re_referrals|2018-02|"), 0);
  Counted();
}

// A and C are one child only through the contact between them.
TEST_P(WithdrawTest, WithoutTheContactBetweenThemTwoAreTwoChildren) {
  const auto a = Refer(1, "2018-01-08", "2018-01-09");
  pb::SubmitContactRequest request = Form(2);
  Receive(request, "2018-02-05");
  const auto c = Submit(request).value().receipts(0).contact_id();
  ASSERT_TRUE(Decide(c, pb::DECISION_REFERRAL, false, "2018-02-05"));
  const std::string between = SubmitOne(3);
  SayWhetherSame(a.contact_id(), between, true);
  SayWhetherSame(between, c, true);
  EXPECT_EQ(Counter("re_referrals|2018-02|"), 1);
  ASSERT_TRUE(Withdraw(between));
  EXPECT_EQ(Counter("re_referrals|2018-02|"), 0);
  ASSERT_TRUE(Reinstate(between));
  EXPECT_EQ(Counter("re_referrals|2018-02|"), 1);
  Counted();
}

// ---- clocks and retries ----

TEST_P(WithdrawTest, NoClockRunsForAWithdrawnContact) {
  const std::string id = SubmitOne(1);
  ASSERT_TRUE(OpenTriage(id));
  const long long running = Count("clocks");
  EXPECT_GT(running, 0);
  ASSERT_TRUE(Withdraw(id));
  EXPECT_EQ(Count("clocks"), 0);
  ASSERT_TRUE(Reinstate(id));
  EXPECT_EQ(Count("clocks"), running);
}

TEST_P(WithdrawTest, TheRequestOfAWithdrawnContactIsAnsweredAsBefore) {
  pb::SubmitContactRequest request = Form(1);
  request.set_request_id("r-first");
  const auto first = Submit(request).value();
  ASSERT_TRUE(Withdraw(first.receipts(0).contact_id()));
  EXPECT_EQ(Submit(request).value().SerializeAsString(),
            first.SerializeAsString());
  EXPECT_EQ(Count("contacts"), 1);
}

TEST_P(WithdrawTest, WhatIsAddedIsKeptAndIsNews) {
  const std::string id = SubmitOne(1);
  pb::AddToContactRequest request;
  request.set_contact_id(id);
  EXPECT_EQ(Write<pb::AddToContactResponse>(Police(), "AddToContact", request)
                .error()
                .reason,
            "TEXT_REQUIRED");
  request.set_text("Test addition");
  EXPECT_EQ(Write<pb::AddToContactResponse>(Hospital(), "AddToContact", request)
                .error()
                .reason,
            "CONTACT_NOT_FOUND");
  clock_.Advance(std::chrono::hours(1));
  ASSERT_TRUE(
      Write<pb::AddToContactResponse>(Police(), "AddToContact", request));
  EXPECT_EQ(ReadContact(id).added_time, ToMicros(clock_.Now()));
  ASSERT_TRUE(Decide(id, pb::DECISION_EARLY_HELP));
  request.clear_request_id();
  ASSERT_TRUE(
      Write<pb::AddToContactResponse>(Police(), "AddToContact", request));
  EXPECT_EQ(Count("contact_notes"), 2);
}

INSTANTIATE_TEST_SUITE_P(Engines, WithdrawTest, support::BothEngines(),
                         support::EngineName);

}  // namespace
}  // namespace seawall::referrals
