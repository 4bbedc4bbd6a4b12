// The child's journey over a real ledger and store: triage, escalation, the
// statutory pathway, the chronology, the census import.
#include <gmock/gmock.h>

#include "services/referrals/test_service.h"

namespace seawall::referrals {
namespace {

class JourneyTest : public ServiceTest {
 protected:
  rpc::Caller Person(const char* agency, const char* person,
                     rpc::Role role) const {
    rpc::Caller caller = Police();
    caller.agency = agency;
    caller.role = role;
    caller.person = person;
    return caller;
  }
  rpc::Caller Manager() const {
    return Person("frontdoor", "p-9/manager", rpc::Role::kHub);
  }
  rpc::Caller Hospital() const {
    return Person("hospital", "p-5/nurse", rpc::Role::kReferrer);
  }

  // ---- the pathway ----
  using Fill = std::function<void(pb::RecordStepRequest&)>;
  Result<pb::StepReceipt> Record(const std::string& episode, const char* day,
                                 const Fill& fill) {
    pb::RecordStepRequest request;
    request.set_episode_id(episode);
    request.set_happened_date(day);
    request.set_rationale("Test rationale");
    request.mutable_voice()->set_kind(pb::VOICE_KIND_OWN_WORDS);
    fill(request);
    TRY(const auto response,
        Write<pb::RecordStepResponse>(Hub(), "RecordStep", request));
    return response.receipt();
  }
  Result<pb::StepReceipt> Assess(const std::string& episode, const char* day) {
    return Record(episode, day, [](auto& r) { r.mutable_start_assessment(); });
  }
  Result<pb::StepReceipt> Authorise(const std::string& episode, const char* day,
                                    std::vector<const char*> factors = {"3A"}) {
    return Record(episode, day, [&](auto& r) {
      r.mutable_authorise_assessment()->set_outcome("SECTION_47");
      for (const char* factor : factors) {
        r.mutable_authorise_assessment()->add_factors(factor);
      }
    });
  }
  Result<pb::StepReceipt> Discuss(const std::string& episode, const char* day) {
    return Record(episode, day, [](auto& r) {
      auto& said = *r.mutable_hold_strategy_discussion();
      said.set_begins_section_47(true);
      for (const char* present : {"council", "police", "hospital", "school"}) {
        said.add_present(present);
      }
    });
  }
  Result<pb::StepReceipt> Complete(const std::string& episode, const char* day,
                                   const char* outcome) {
    return Record(episode, day, [&](auto& r) {
      r.mutable_complete_section_47()->set_outcome(outcome);
    });
  }
  Result<pb::StepReceipt> Confer(const std::string& episode, const char* day) {
    return Record(episode, day, [](auto& r) {
      r.mutable_hold_conference()->set_outcome("PROTECTION_PLAN");
    });
  }
  Result<pb::StepReceipt> Plan(const std::string& episode, const char* day) {
    return Record(episode, day, [](auto& r) {
      r.mutable_start_protection_plan()->set_category("NEG");
    });
  }
  Result<pb::StepReceipt> Review(const std::string& episode, const char* day) {
    return Record(episode, day, [](auto& r) {
      r.mutable_review_protection_plan()->set_category("EMO");
    });
  }
  Result<pb::StepReceipt> EndPlan(const std::string& episode, const char* day) {
    return Record(episode, day, [&](auto& r) {
      *r.mutable_end_protection_plan()->mutable_step_down() = StepDown();
    });
  }
  Result<pb::StepReceipt> VoidStep(const std::string& episode, int step) {
    return Record(episode, "",
                  [&](auto& r) { r.mutable_void_step()->set_step(step); });
  }
  static std::string RuleOf(const Result<pb::StepReceipt>& result) {
    if (result) return "";
    if (result.error().reason != "RULE_BROKEN") return result.error().reason;
    return result.error().fields.at(0).description;
  }

  // A referral of 1 September 2017 on its way to a protection plan.
  std::string Protected(int child) {
    const std::string episode = Refer(child, "2017-09-01").episode_id();
    EXPECT_EQ(RuleOf(Assess(episode, "2017-09-04")), "");
    EXPECT_EQ(RuleOf(Discuss(episode, "2017-09-05")), "");
    EXPECT_EQ(RuleOf(Complete(episode, "2017-09-11", "CONFERENCE")), "");
    EXPECT_EQ(RuleOf(Authorise(episode, "2017-10-02")), "");
    EXPECT_EQ(RuleOf(Confer(episode, "2017-09-22")), "");
    EXPECT_EQ(RuleOf(Plan(episode, "2017-09-22")), "");
    return episode;
  }

  // ---- triage ----
  std::string Triaged(int child, pb::Answer danger = pb::ANSWER_UNSPECIFIED) {
    pb::SubmitContactRequest form = Form(child);
    form.mutable_form()->set_immediate_danger(danger);
    const std::string contact = Submit(form).value().receipts(0).contact_id();
    pb::OpenTriageRequest open;
    open.set_contact_id(contact);
    open.add_agencies("hospital");
    open.add_agencies("school");
    open.set_question("Test question");
    EXPECT_TRUE(Write<pb::OpenTriageResponse>(Hub(), "OpenTriage", open));
    return contact;
  }
  Result<pb::DecideTriageResponse> DecideTriage(const std::string& contact,
                                                pb::Decision decision) {
    pb::DecideTriageRequest request;
    request.set_contact_id(contact);
    request.set_level_of_need(2);
    request.set_decision(decision);
    request.set_rationale("Test rationale");
    request.set_considered("Test considered");
    request.set_history("Test history");
    request.mutable_voice()->set_kind(pb::VOICE_KIND_THROUGH_ADULT);
    return Write<pb::DecideTriageResponse>(Hub(), "DecideTriage", request);
  }
  Result<pb::ContributeResponse> Contribute(const rpc::Caller& caller,
                                            const std::string& contact,
                                            const char* dissent = "") {
    pb::ContributeRequest request;
    request.set_contact_id(contact);
    request.set_information("Test information");
    request.set_level_of_need(3);
    request.set_dissent(dissent);
    return Write<pb::ContributeResponse>(caller, "Contribute", request);
  }
  Result<pb::SignOffResponse> SignOff(const rpc::Caller& caller,
                                      const std::string& contact) {
    pb::SignOffRequest request;
    request.set_contact_id(contact);
    return Write<pb::SignOffResponse>(caller, "SignOff", request);
  }
  Result<pb::AgreeDecisionResponse> Agree(const rpc::Caller& caller,
                                          const std::string& contact) {
    pb::AgreeDecisionRequest request;
    request.set_contact_id(contact);
    return Write<pb::AgreeDecisionResponse>(caller, "AgreeDecision", request);
  }
  Result<pb::StepReceipt> Escalate(const rpc::Caller& caller,
                                   const std::string& subject) {
    pb::RaiseEscalationRequest request;
    request.set_subject_id(subject);
    request.set_rationale("Test disagreement");
    TRY(const auto response,
        Write<pb::RaiseEscalationResponse>(caller, "RaiseEscalation", request));
    return response.receipt();
  }
  Result<pb::StepReceipt> Answer(const std::string& subject,
                                 pb::EscalationOutcome outcome) {
    pb::AnswerEscalationRequest request;
    request.set_subject_id(subject);
    request.set_outcome(outcome);
    request.set_rationale("Test answer");
    TRY(const auto response, Write<pb::AnswerEscalationResponse>(
                                 Manager(), "AnswerEscalation", request));
    return response.receipt();
  }

  ContactRow ReadContact(const std::string& contact) {
    store::Reader reader = database_->Read().value();
    return store_.Contact(*store::RecordsOf(reader, kArea), contact).value();
  }
  // "clock subject" of everything due that the agency may see; empty = the hub.
  std::multiset<std::string> DueFor(const std::string& agency) {
    store::Reader reader = database_->Read().value();
    DueQuery query;
    query.agency = agency;
    std::multiset<std::string> due;
    const auto rows =
        steps_.rows().Due(*store::RecordsOf(reader, kArea), query).value();
    for (const ClockRow& row : rows)
      due.insert(row.clock + " " + row.subject_id);
    return due;
  }

  std::int64_t Year(const std::string& family, const char* suffix = "") {
    std::int64_t sum = 0;
    for (const char* month :
         {"2017-04", "2017-05", "2017-06", "2017-07", "2017-08", "2017-09",
          "2017-10", "2017-11", "2017-12", "2018-01", "2018-02", "2018-03",
          "2018-04"}) {
      sum += Counter(family + "|" + month + "|" + suffix);
    }
    return sum;
  }
  void ExpectNoDrift() {
    const counters::Drift drift = Drift();
    EXPECT_EQ(drift.drift, 0);
    EXPECT_GT(drift.compared, 0);
  }
};

// ---- triage ----

TEST_P(JourneyTest, TriageDecidesTheContactAndItsClockRunsOn) {
  const std::string contact = Triaged(1);
  ASSERT_TRUE(Contribute(Hospital(), contact, "Test dissent"));
  const auto decided = DecideTriage(contact, pb::DECISION_REFERRAL).value();
  EXPECT_FALSE(decided.receipt().episode_id().empty());
  EXPECT_EQ(Year("triages"), 1);
  EXPECT_EQ(Year("dissents", "agency=hospital"), 1);
  EXPECT_EQ(Year("voice_recorded", "stage=TRIAGE"), 1);
  EXPECT_EQ(Year("referrals"), 1);
  ExpectNoDrift();
}

TEST_P(JourneyTest, ARedTriageIsPastDueWhenItsFourHoursEnd) {
  Gauges gauges(definitions_, clocks_, *database_, metrics_, clock_);
  const auto publish = [&] {
    Project();
    gauges.Publish(kArea, *projector_);
    return metrics_.Text();
  };
  const std::string red =
      "seawall_referrals_overdue_clocks{clock=\"triage_red\"} ";
  Triaged(1, pb::ANSWER_YES);
  clock_.Advance(std::chrono::hours(4) - std::chrono::seconds(1));
  EXPECT_NE(publish().find(red + "0"), std::string::npos);
  clock_.Advance(std::chrono::seconds(61));
  Triaged(2, pb::ANSWER_YES);  // an event: gauges are set at once
  const std::string text = publish();
  EXPECT_NE(text.find(red + "1"), std::string::npos) << text;
  EXPECT_NE(text.find("seawall_referrals_overdue_clock_oldest_seconds{clock="
                      "\"triage_red\"} 60"),
            std::string::npos)
      << text;
}

TEST_P(JourneyTest, AnAgencyThatWasNotAskedFindsNoContact) {
  const std::string contact = Triaged(1);
  const rpc::Caller charity =
      Person("charity", "p-7/worker", rpc::Role::kReferrer);
  EXPECT_EQ(Contribute(charity, contact).error().reason, "CONTACT_NOT_FOUND");
  EXPECT_EQ(Agree(charity, contact).error().reason, "CONTACT_NOT_FOUND");
  EXPECT_EQ(Escalate(charity, contact).error().reason, "CONTACT_NOT_FOUND");
  // Nor does it learn that there is one which nobody was asked about.
  const std::string untriaged =
      Submit(Form(2)).value().receipts(0).contact_id();
  EXPECT_EQ(Contribute(charity, untriaged).error().reason, "CONTACT_NOT_FOUND");
  EXPECT_EQ(Agree(charity, untriaged).error().reason, "CONTACT_NOT_FOUND");
}

TEST_P(JourneyTest, WhileTriageIsOpenTheHubAloneEndsNothingBelowTheThreshold) {
  const std::string contact = Triaged(1);
  EXPECT_EQ(Decide(contact, pb::DECISION_NO_FURTHER_ACTION).error().reason,
            "TRIAGE_OPEN");
  // Nothing holds up protection.
  EXPECT_TRUE(Decide(contact, pb::DECISION_REFERRAL));
}

TEST_P(JourneyTest, WhoDecidedDoesNotSignOff) {
  const std::string contact = Triaged(1);
  EXPECT_EQ(SignOff(Manager(), contact).error().reason, "NOT_DECIDED");
  ASSERT_TRUE(DecideTriage(contact, pb::DECISION_EARLY_HELP));
  EXPECT_EQ(SignOff(Hub(), contact).error().reason, "SAME_PERSON");
  // Nor in another role.
  const rpc::Caller promoted =
      Person("frontdoor", "p-1/manager", rpc::Role::kHub);
  EXPECT_EQ(SignOff(promoted, contact).error().reason, "SAME_PERSON");
  EXPECT_TRUE(SignOff(Manager(), contact));
  EXPECT_EQ(SignOff(Manager(), contact).error().reason, "ALREADY_SIGNED_OFF");
}

TEST_P(JourneyTest, ADecisionBelowTheThresholdStaysOnAListUntilAllHaveSpoken) {
  const std::string contact = Triaged(1);
  ASSERT_TRUE(DecideTriage(contact, pb::DECISION_NO_FURTHER_ACTION));
  EXPECT_EQ(Counter("open_clearing|total|"), 1);
  ASSERT_TRUE(Agree(Hospital(), contact));
  EXPECT_EQ(Agree(Hospital(), contact).error().reason, "ALREADY_AGREED");
  EXPECT_EQ(Counter("open_clearing|total|"), 1);
  const rpc::Caller school =
      Person("school", "p-3/teacher", rpc::Role::kReferrer);
  ASSERT_TRUE(Escalate(school, contact));
  EXPECT_EQ(Counter("open_clearing|total|"), 0);
  EXPECT_EQ(Year("in_time_clearing"), 1);
  ExpectNoDrift();
}

TEST_P(JourneyTest, WhatTheHubCorrectsIsSignedOffAndAgreedAnew) {
  const std::string contact = Triaged(1);
  ASSERT_TRUE(DecideTriage(contact, pb::DECISION_REFERRAL));
  ASSERT_TRUE(SignOff(Manager(), contact));
  ASSERT_TRUE(Decide(contact, pb::DECISION_NO_FURTHER_ACTION, true));
  EXPECT_EQ(Counter("open_clearing|total|"), 1);
  EXPECT_EQ(Counter("open_sign_off|total|"), 1);
  EXPECT_TRUE(Agree(Hospital(), contact));
  EXPECT_TRUE(SignOff(Manager(), contact));
  ExpectNoDrift();
  CheckAsKnownThen();
}

TEST_P(JourneyTest, AReferralPastItsTriageStopsTheTriagesClock) {
  const std::string contact = Triaged(1);
  const long long version = ReadContact(contact).version;
  const auto decided = Decide(contact, pb::DECISION_REFERRAL).value();
  EXPECT_EQ(decided.version(), ReadContact(contact).version);
  EXPECT_GT(decided.version(), version);
  EXPECT_EQ(Counter("open_triage_green|total|"), 0);
  EXPECT_EQ(Year("stopped_triage_green"), 1);
  ExpectNoDrift();
}

TEST_P(JourneyTest, AVoiceOfAnUnknownKindSaysNothing) {
  const std::string episode = Refer(1, "2017-09-01").episode_id();
  ASSERT_TRUE(Assess(episode, "2017-09-04"));
  ASSERT_TRUE(Record(episode, "2017-10-02", [](auto& r) {
    r.mutable_authorise_assessment()->set_outcome("OTHER");
    r.mutable_voice()->set_kind(static_cast<pb::VoiceKind>(99));
  }));
  EXPECT_EQ(Year("voice_expected", "stage=ASSESSMENT"), 1);
  EXPECT_EQ(Year("voice_recorded", "stage=ASSESSMENT"), 0);
  ExpectNoDrift();
}

// ---- escalation ----

TEST_P(JourneyTest, AnEscalationGoesFromStageToStageAndNoFurther) {
  const std::string contact = Triaged(1);
  const pb::StepReceipt raised = Escalate(Hospital(), contact).value();
  EXPECT_EQ(raised.clocks(0).clock(), "escalation_stage_1");
  for (int stage = 2; stage <= 4; stage++) {
    const auto answered =
        Answer(contact, pb::ESCALATION_OUTCOME_UNRESOLVED).value();
    EXPECT_EQ(answered.thing_id(), raised.thing_id());
    EXPECT_EQ(
        Counter("open_escalation_stage_" + std::to_string(stage) + "|total|"),
        1);
  }
  EXPECT_EQ(Answer(contact, pb::ESCALATION_OUTCOME_UNRESOLVED).error().reason,
            "LAST_STAGE");
  ASSERT_TRUE(Answer(contact, pb::ESCALATION_OUTCOME_UPHELD));
  EXPECT_EQ(Answer(contact, pb::ESCALATION_OUTCOME_UPHELD).error().reason,
            "ESCALATION_NOT_FOUND");
  EXPECT_EQ(Year("escalations_upheld", "agency=hospital"), 1);
  ExpectNoDrift();
}

TEST_P(JourneyTest, WhoWasAskedInTriageMayDisputeWhatTheReferralLedTo) {
  const std::string contact = Triaged(1);
  const std::string episode = DecideTriage(contact, pb::DECISION_REFERRAL)
                                  .value()
                                  .receipt()
                                  .episode_id();
  EXPECT_TRUE(Escalate(Hospital(), episode));
  // To others it is not there, like one that is not.
  const rpc::Caller charity =
      Person("charity", "p-7/worker", rpc::Role::kReferrer);
  for (const std::string& subject : {episode, std::string("E-none")}) {
    EXPECT_EQ(Escalate(charity, subject).error().reason, "CONTACT_NOT_FOUND");
  }
  pb::RaiseEscalationRequest request;
  request.set_subject_id(episode);
  request.set_rationale("Test disagreement");
  for (const int step : {-1, 2}) {
    request.set_step(step);
    EXPECT_EQ(Write<pb::RaiseEscalationResponse>(Hospital(), "RaiseEscalation",
                                                 request)
                  .error()
                  .reason,
              "STEP_NOT_FOUND");
  }
  request.set_step(1);
  EXPECT_TRUE(Write<pb::RaiseEscalationResponse>(Hospital(), "RaiseEscalation",
                                                 request));
}

TEST_P(JourneyTest, AnAgencySeesTheClocksOfItsOwnConcernsAlone) {
  const std::string contact = Triaged(1);
  const std::string episode = DecideTriage(contact, pb::DECISION_REFERRAL)
                                  .value()
                                  .receipt()
                                  .episode_id();
  ASSERT_TRUE(Discuss(episode, ""));
  ASSERT_TRUE(Escalate(Hospital(), episode));
  ASSERT_TRUE(
      Escalate(Person("school", "p-3/teacher", rpc::Role::kReferrer), contact));
  const std::string other = Triaged(2);
  EXPECT_EQ(DueFor("hospital"),
            (std::multiset<std::string>{"escalation_stage_1 " + episode,
                                        "triage_green " + other}));
  EXPECT_EQ(DueFor("school"),
            (std::multiset<std::string>{"escalation_stage_1 " + contact,
                                        "triage_green " + other}));
  EXPECT_GT(DueFor("").size(), 6u);
}

// ---- the pathway ----

TEST_P(JourneyTest, FromReferralToClosure) {
  const std::string episode = Protected(1);
  ASSERT_TRUE(Record(episode, "2017-10-06",
                     [](auto& r) { r.mutable_hold_core_group(); }));
  EXPECT_EQ(RuleOf(Review(episode, "2017-12-20")), "");
  EXPECT_EQ(RuleOf(EndPlan(episode, "2018-03-01")), "");
  ASSERT_TRUE(Close(episode, "2018-03-05"));
  for (const char* family :
       {"referrals_assessed", "assessments", "in_time_assessment",
        "section_47_enquiries", "section_47_to_conference", "conferences",
        "in_time_conference", "protection_plans_started", "in_time_core_group",
        "in_time_first_review", "protection_plans_ended", "closures"}) {
    EXPECT_EQ(Year(family), 1) << family;
  }
  EXPECT_EQ(Year("voice_recorded", "stage=CLOSURE"), 1);
  EXPECT_EQ(Counter("open_next_review|total|"), 0);
  ExpectNoDrift();
  CheckAsKnownThen();
}

TEST_P(JourneyTest, AChildMovesInUnderAPlanBesideAnEnquiryWithoutConference) {
  const std::string e = Refer(1, "2017-09-01").episode_id();
  ASSERT_TRUE(Discuss(e, "2017-09-04"));
  ASSERT_TRUE(Complete(e, "2017-09-11", "OTHER"));
  EXPECT_EQ(RuleOf(Plan(e, "2017-09-20")), "2885");
  ASSERT_TRUE(Record(e, "2017-09-20", [](auto& r) {
    r.mutable_hold_conference()->set_outcome("PROTECTION_PLAN");
    r.mutable_hold_conference()->set_transfer_in(true);
  }));
  EXPECT_EQ(RuleOf(Plan(e, "2017-09-20")), "");
}

// Each rule once broken, and once just kept.
TEST_P(JourneyTest, TheRulesOfTheCensusHoldAtTheMomentOfWriting) {
  const std::string e = Refer(1, "2017-09-01").episode_id();
  EXPECT_EQ(RuleOf(Assess(e, "2017-08-31")), "1103");
  EXPECT_EQ(RuleOf(Assess(e, "2017-09-01")), "");
  EXPECT_EQ(RuleOf(Assess(e, "2017-09-05")), "8896");
  EXPECT_EQ(RuleOf(Authorise(e, "2017-09-20", {"21", "3A"})), "8869");
  EXPECT_EQ(RuleOf(Authorise(e, "2017-09-20", {"3A", "3A"})), "8898");
  EXPECT_EQ(RuleOf(Authorise(e, "2017-08-01")), "order");
  EXPECT_EQ(RuleOf(Authorise(e, "2017-09-20", {"21"})), "");
  EXPECT_EQ(RuleOf(Discuss(e, "2017-08-31")), "2889");
  // A conference before its enquiry, then on its very day.
  ASSERT_TRUE(Discuss(e, "2017-09-21"));
  EXPECT_EQ(RuleOf(Confer(e, "2017-09-20")), "8615");
  EXPECT_EQ(RuleOf(Confer(e, "2017-09-22")), "");
  // A plan starts on the day of a conference.
  EXPECT_EQ(RuleOf(Plan(e, "2017-09-25")), "2885");
  EXPECT_EQ(RuleOf(Plan(e, "2017-09-22")), "");
  EXPECT_EQ(RuleOf(Plan(e, "2017-09-22")), "8935");
  EXPECT_EQ(
      RuleOf(Record(e, "2017-10-01",
                    [](auto& r) { r.mutable_start_child_in_need_plan(); })),
      "4001");
  EXPECT_EQ(RuleOf(Review(e, "2017-09-22")), "8841");
  EXPECT_EQ(RuleOf(Review(e, "2017-09-25")), "");
  EXPECT_EQ(RuleOf(EndPlan(e, "2017-09-22")), "8840");
  EXPECT_EQ(RuleOf(EndPlan(e, "2018-01-10")), "");
  EXPECT_EQ(
      RuleOf(Record(e, "2018-01-10",
                    [](auto& r) { r.mutable_start_child_in_need_plan(); })),
      "");
  EXPECT_EQ(Close(e, "2018-02-01").error().fields[0].description, "open_plan");
  ASSERT_TRUE(Record(e, "2018-02-01", [&](auto& r) {
    *r.mutable_end_child_in_need_plan()->mutable_step_down() = StepDown();
  }));
  EXPECT_EQ(Close(e, "2018-01-31").error().fields[0].description, "8565");
  ASSERT_TRUE(Close(e, "2018-02-01"));
  EXPECT_EQ(RuleOf(Assess(e, "2018-02-02")), "8565");
  ExpectNoDrift();
}

TEST_P(JourneyTest, AnEpisodeWithAnOpenAssessmentOrEnquiryIsNotClosed) {
  const std::string one = Refer(1, "2017-09-01").episode_id();
  ASSERT_TRUE(Assess(one, "2017-09-01"));
  EXPECT_EQ(Close(one, "2017-10-01").error().fields[0].description, "8867");
  const std::string other = Refer(2, "2017-09-01").episode_id();
  ASSERT_TRUE(Discuss(other, "2017-09-01"));
  EXPECT_EQ(Close(other, "2017-10-01").error().fields[0].description, "8868");
}

TEST_P(JourneyTest, AFindingOfAYearThatIsNotOverIsJudgedAsOfToday) {
  const auto findings = [&](int child, const char* referred) {
    const std::string episode = Refer(child, referred).episode_id();
    std::set<std::string> rules;
    const pb::StepReceipt receipt = Assess(episode, referred).value();
    for (const auto& finding : receipt.findings()) {
      rules.insert(finding.rule());
    }
    return rules;
  };
  // It is 10 April 2018: of a new year, and of one that ended in March.
  EXPECT_FALSE(findings(1, "2018-04-03").count("8670Q"));
  EXPECT_FALSE(findings(2, "2018-03-19").count("8670Q"));
  EXPECT_TRUE(findings(3, "2017-09-01").count("8670Q"));
}

TEST_P(JourneyTest, NothingStopsAStrategyDiscussion) {
  const std::string episode = Refer(1, "2017-09-01").episode_id();
  ASSERT_TRUE(Discuss(episode, "2017-09-05"));
  // A second enquiry inside an open one, without a quorum: told, not refused.
  const auto second =
      Record(episode, "2017-09-06", [](auto& r) {
        r.mutable_hold_strategy_discussion()->set_begins_section_47(true);
      }).value();
  std::set<std::string> rules;
  for (const auto& finding : second.findings()) rules.insert(finding.rule());
  EXPECT_TRUE(rules.count("8839")) << second.ShortDebugString();
  EXPECT_TRUE(rules.count("quorum"));
  EXPECT_TRUE(rules.count("invited"));
  EXPECT_EQ(Year("section_47_started"), 2);
}

TEST_P(JourneyTest, NothingIsRecordedAheadOfItsDayOrWithoutWhatItFollows) {
  const std::string episode = Refer(1, "2018-04-01").episode_id();
  EXPECT_EQ(Assess(episode, "2018-04-11").error().reason, "TIME_AHEAD");
  EXPECT_EQ(Assess(episode, "2018-02-30").error().reason, "DATE_IMPOSSIBLE");
  EXPECT_EQ(Authorise(episode, "2018-04-10").error().reason, "NOT_OPEN");
  EXPECT_EQ(Confer(episode, "2018-04-10").error().reason, "NOT_OPEN");
  EXPECT_EQ(Record(episode, "2018-04-10", [](auto&) {}).error().reason,
            "STEP_REQUIRED");
  EXPECT_EQ(Assess("E-none", "2018-04-10").error().reason, "EPISODE_NOT_FOUND");
}

TEST_P(JourneyTest, OfTwoPeopleAtOnceOneWins) {
  const std::string episode = Refer(1, "2017-09-01").episode_id();
  const auto at_version = [&](long long version) {
    return Record(episode, "2017-09-04", [&](auto& r) {
      r.set_version(version);
      r.mutable_hold_strategy_discussion();
    });
  };
  ASSERT_TRUE(at_version(1));
  EXPECT_EQ(at_version(1).error().reason, "VERSION_CHANGED");
  EXPECT_TRUE(at_version(2));
}

TEST_P(JourneyTest, StepsAreTakenBackInTheOrderTheyRestOnEachOther) {
  const std::string episode = Refer(1, "2017-09-01").episode_id();
  ASSERT_TRUE(Assess(episode, "2017-09-04"));     // 1
  ASSERT_TRUE(Authorise(episode, "2017-10-02"));  // 2
  EXPECT_EQ(VoidStep(episode, 1).error().reason, "STEP_NEEDED");
  ASSERT_TRUE(VoidStep(episode, 2));
  EXPECT_EQ(VoidStep(episode, 2).error().reason, "STEP_VOID");
  EXPECT_EQ(VoidStep(episode, 9).error().reason, "STEP_NOT_FOUND");
  EXPECT_EQ(Year("assessments"), 0);
  EXPECT_EQ(Counter("open_assessment|total|"), 1);
  ASSERT_TRUE(Authorise(episode, "2017-10-03"));
  EXPECT_EQ(Year("assessments"), 1);
  ExpectNoDrift();
  CheckAsKnownThen();
}

TEST_P(JourneyTest, TakingBackIsOfADayAndATeamToo) {
  const std::string episode = Refer(1, "2017-09-01").episode_id();
  ASSERT_TRUE(Assess(episode, "2017-09-04"));
  const auto back = [&](const char* day, const char* team) {
    return Record(episode, day, [&](auto& r) {
      r.set_team(team);
      r.mutable_void_step()->set_step(1);
    });
  };
  EXPECT_EQ(back("2018-04-11", "").error().reason, "TIME_AHEAD");
  EXPECT_EQ(back("2018-04-10", "Test-Robin").error().reason, "CODE_UNKNOWN");
  EXPECT_TRUE(back("2018-04-10", "SAFEGUARDING"));
}

TEST_P(JourneyTest, WhoIsInNoRegisterStaysSealed) {
  const std::string episode = Refer(1, "2017-09-01").episode_id();
  const auto held =
      Record(episode, "2017-09-04", [](auto& r) {
        auto& said = *r.mutable_hold_strategy_discussion();
        for (const char* present : {"police", "health", "Test-Robin's mother"})
          said.add_present(present);
      }).value();
  std::set<std::string> rules;
  for (const auto& finding : held.findings()) rules.insert(finding.rule());
  EXPECT_TRUE(rules.count("register")) << held.ShortDebugString();
  store::Reader reader = database_->Read().value();
  const auto rows =
      steps_.rows().Of(*store::RecordsOf(reader, kArea), episode).value();
  EXPECT_THAT(rows.at(0).codes, testing::ElementsAre("police", "health"));
}

TEST_P(JourneyTest, APlanEndsAfterItsReviews) {
  const std::string episode = Protected(1);
  EXPECT_EQ(RuleOf(Review(episode, "2017-12-20")), "");
  EXPECT_EQ(RuleOf(EndPlan(episode, "2017-12-19")), "order");
  EXPECT_EQ(RuleOf(EndPlan(episode, "2017-12-20")), "");
}

TEST_P(JourneyTest, AClosingTakenBackOpensTheEpisodeAgain) {
  const std::string episode = Refer(1, "2017-09-01", "2017-10-01").episode_id();
  EXPECT_EQ(Year("closures", "team=SAFEGUARDING"), 1);
  ASSERT_TRUE(VoidStep(episode, 1));
  EXPECT_EQ(Year("closures"), 0);
  EXPECT_EQ(Counter("open_episodes|total|"), 1);
  EXPECT_TRUE(Assess(episode, "2017-10-02"));
  ExpectNoDrift();
  CheckAsKnownThen();
}

// ---- stepping down ----

TEST_P(JourneyTest, ClosingRestsOnViewsEvidenceContingencyAndVoice) {
  const std::string episode = Protected(1);
  pb::CloseEpisodeRequest request;
  request.set_episode_id(episode);
  request.set_reason("RC7");
  EXPECT_EQ(Write<pb::CloseEpisodeResponse>(Hub(), "CloseEpisode", request)
                .error()
                .reason,
            "RULE_BROKEN");  // a plan is open
  ASSERT_TRUE(EndPlan(episode, "2018-03-01"));
  const auto missing = [&] {
    std::set<std::string> paths;
    const auto closed =
        Write<pb::CloseEpisodeResponse>(Hub(), "CloseEpisode", request);
    if (closed) return paths;
    EXPECT_EQ(closed.error().reason, "GUARD_INCOMPLETE");
    for (const auto& field : closed.error().fields) paths.insert(field.path);
    return paths;
  };
  EXPECT_EQ(missing(),
            (std::set<std::string>{"step_down.agency_views",
                                   "step_down.evidence_of_sustained_change",
                                   "step_down.contingency", "voice"}));
  *request.mutable_step_down() = StepDown();
  request.mutable_voice()->set_kind(pb::VOICE_KIND_NOT_OBTAINED);
  EXPECT_EQ(missing(), std::set<std::string>{"voice.reason"});
  request.mutable_voice()->set_reason("Test reason");
  request.mutable_step_down()->mutable_agency_views()->RemoveLast();
  EXPECT_EQ(missing(), std::set<std::string>{"step_down.agency_views"});
  *request.mutable_step_down() = StepDown();
  EXPECT_TRUE(missing().empty());
}

TEST_P(JourneyTest, WhoTookPartAsAKindIsAskedAsOne) {
  const std::string episode = Refer(1, "2017-09-01").episode_id();
  ASSERT_TRUE(Record(episode, "2017-09-04", [](auto& r) {
    auto& said = *r.mutable_hold_strategy_discussion();
    for (const char* kind : {"council", "police", "health"}) {
      said.add_present(kind);
    }
  }));
  pb::CloseEpisodeRequest request;
  request.set_episode_id(episode);
  request.set_reason("RC7");
  request.set_rationale("Test rationale");
  request.mutable_voice()->set_kind(pb::VOICE_KIND_OWN_WORDS);
  *request.mutable_step_down() = StepDown();
  request.mutable_step_down()->mutable_agency_views()->DeleteSubrange(1, 2);
  const auto refused =
      Write<pb::CloseEpisodeResponse>(Hub(), "CloseEpisode", request);
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().fields.size(), 1u);
  EXPECT_EQ(refused.error().fields[0].description,
            "the view of health is missing");
  // A hospital speaks for health; the police spoke for themselves.
  *request.mutable_step_down() = StepDown();
  EXPECT_TRUE(Write<pb::CloseEpisodeResponse>(Hub(), "CloseEpisode", request));
}

TEST_P(JourneyTest, AReturnIsTiedToTheClosureItFollows) {
  Refer(1, "2016-11-01", "2017-05-01");
  // Within 12 months of the closure, but not of the referral.
  const auto again = Refer(1, "2018-04-02");
  EXPECT_FALSE(again.re_referral());
  EXPECT_EQ(Year("closures_returned", "team=SAFEGUARDING"), 1);
  EXPECT_EQ(Year("re_referrals"), 0);
  // A year to the day is outside.
  Refer(2, "2016-11-01", "2017-04-02");
  Refer(2, "2018-04-02");
  EXPECT_EQ(Year("closures_returned"), 1);
  // A year from 29 February is over on 1 March.
  Refer(3, "2015-11-01", "2016-02-29");
  Refer(3, "2017-02-28");
  EXPECT_EQ(Count("steps where kind = 'RETURNED'"), 2);
  ExpectNoDrift();
  CheckAsKnownThen();
}

TEST_P(JourneyTest, AReturnIsSeenWhenAPersonSaysThatTwoAreOneChild) {
  pb::SubmitContactRequest form = Form(1);
  Receive(form, "2017-05-01");
  const auto first = Submit(form).value().receipts(0).contact_id();
  ASSERT_TRUE(Close(Decide(first, pb::DECISION_REFERRAL, false, "2017-05-01")
                        .value()
                        .episode_id(),
                    "2017-06-01"));
  form = Form(2, "2011-06-02");
  Receive(form, "2018-04-02");
  const auto second = Submit(form).value().receipts(0).contact_id();
  ASSERT_TRUE(Decide(second, pb::DECISION_REFERRAL, false, "2018-04-02"));
  EXPECT_EQ(Year("closures_returned"), 0);
  pb::ConfirmSameChildRequest same;
  same.set_contact_id(first);
  same.set_other_contact_id(second);
  for (const bool is_same : {true, false}) {
    same.set_same(is_same);
    ASSERT_TRUE(
        Write<pb::ConfirmSameChildResponse>(Hub(), "ConfirmSameChild", same));
    EXPECT_EQ(Year("closures_returned"), is_same);
    ExpectNoDrift();
  }
  CheckAsKnownThen();
}

TEST_P(JourneyTest, AReferralTakenBackTakesTheReturnWithIt) {
  Refer(1, "2017-05-01", "2017-06-01");
  pb::SubmitContactRequest form = Form(1);
  Receive(form, "2018-04-02");
  const auto contact = Submit(form).value().receipts(0).contact_id();
  ASSERT_TRUE(Decide(contact, pb::DECISION_REFERRAL, false, "2018-04-02"));
  EXPECT_EQ(Year("closures_returned"), 1);
  ASSERT_TRUE(Decide(contact, pb::DECISION_INFORMATION_AND_ADVICE, true));
  EXPECT_EQ(Year("closures_returned"), 0);
  ExpectNoDrift();
  CheckAsKnownThen();
}

// ---- anything at all ----

// Any order of steps, refused or taken: counters and records stay one, now and
// as known at every position.
TEST_P(JourneyTest, CountersEqualRecordsAfterAnySequenceOfSteps) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto pick = [&](std::size_t n) { return random() % n; };
  const auto day = [&] {
    return FormatDate(CivilDate(clock_.Now()) -
                      std::chrono::days(pick(4) == 0 ? pick(60) : 0));
  };
  std::vector<std::string> contacts, episodes;
  for (int child = 0; child < 6; child++) {
    contacts.push_back(Triaged(child));
    episodes.push_back(Refer(20 + child, "2018-03-01").episode_id());
  }
  const auto* oneof =
      pb::RecordStepRequest::descriptor()->FindOneofByName("step");
  int taken = 0;
  // Now and then chance closes all episodes early: then a few steps more.
  for (int step = 0; step < 500 || (taken <= 20 && step < 1000); step++) {
    clock_.Advance(std::chrono::hours(30));
    const std::string& episode = episodes[pick(episodes.size())];
    const std::string& contact = contacts[pick(contacts.size())];
    switch (pick(12)) {
      case 0:
        (void)Contribute(Hospital(), contact, pick(2) ? "Test dissent" : "");
        break;
      case 1:
        (void)DecideTriage(contact, static_cast<pb::Decision>(1 + pick(4)));
        break;
      case 2:
        (void)Agree(Hospital(), contact);
        (void)SignOff(Manager(), contact);
        break;
      case 3:
        (void)Escalate(Hospital(), contact);
        (void)Answer(contact, static_cast<pb::EscalationOutcome>(1 + pick(3)));
        break;
      case 4:
        if (pick(3) == 0) (void)Close(episode, "");
        break;
      case 5:
        if (pick(2) == 0) {
          const auto again = Form(20 + static_cast<int>(pick(6)));
          const auto id = Submit(again).value().receipts(0).contact_id();
          const auto decided = Decide(id, pb::DECISION_REFERRAL);
          if (decided) episodes.push_back(decided->episode_id());
        }
        break;
      default: {
        const auto* field = oneof->field(static_cast<int>(
            pick(static_cast<std::size_t>(oneof->field_count()))));
        taken +=
            Record(episode, day().c_str(), [&](auto& r) {
              r.GetReflection()->MutableMessage(&r, field);
              if (r.has_authorise_assessment()) {
                r.mutable_authorise_assessment()->set_outcome("OTHER");
                r.mutable_authorise_assessment()->add_factors("3A");
              } else if (r.has_hold_strategy_discussion()) {
                r.mutable_hold_strategy_discussion()->set_begins_section_47(
                    pick(2) == 0);
              } else if (r.has_complete_section_47()) {
                r.mutable_complete_section_47()->set_outcome(
                    pick(2) ? "CONFERENCE" : "OTHER");
              } else if (r.has_hold_conference()) {
                r.mutable_hold_conference()->set_outcome("OTHER");
              } else if (r.has_start_protection_plan()) {
                r.mutable_start_protection_plan()->set_category("PHY");
              } else if (r.has_end_protection_plan()) {
                *r.mutable_end_protection_plan()->mutable_step_down() =
                    StepDown();
              } else if (r.has_end_child_in_need_plan()) {
                *r.mutable_end_child_in_need_plan()->mutable_step_down() =
                    StepDown();
              } else if (r.has_end_early_help()) {
                *r.mutable_end_early_help()->mutable_step_down() = StepDown();
              } else if (r.has_void_step()) {
                r.mutable_void_step()->set_step(1 + int(pick(12)));
              }
            }).has_value();
      }
    }
    if (step % 50 == 49) {
      const counters::Drift drift = Drift();
      ASSERT_EQ(drift.drift, 0) << drift.differences[0].counter << " counted "
                                << drift.differences[0].counted << " recorded "
                                << drift.differences[0].recorded;
    }
  }
  EXPECT_GT(taken, 20);
  CheckAsKnownThen();
}

// ---- the census ----

class ImportTest : public JourneyTest {
 protected:
  static pb::CensusChild Child() {
    pb::CensusChild child;
    child.set_la_child_id("TEST0001");
    child.set_date_of_birth("2010-05-01");
    child.set_sex("1");
    child.set_ethnicity("WBRI");
    pb::CensusEpisode& episode = *child.add_episodes();
    episode.set_referral_date("2017-04-03");
    episode.set_source("2A");
    episode.set_primary_need("N1");
    pb::CensusAssessment& assessment = *episode.add_assessments();
    assessment.set_start_date("2017-04-04");
    assessment.set_authorisation_date("2017-05-02");
    assessment.add_factors("3A");
    pb::CensusSection47& enquiry = *episode.add_enquiries();
    enquiry.set_start_date("2017-04-05");
    enquiry.set_conference_date("2017-04-20");
    pb::CensusPlan& plan = *episode.add_protection_plans();
    plan.set_start_date("2017-04-20");
    plan.set_initial_category("NEG");
    plan.set_latest_category("EMO");
    plan.add_review_dates("2017-07-03");
    plan.set_end_date("2017-12-01");
    episode.set_closure_date("2017-12-08");
    episode.set_closure_reason("RC7");
    return child;
  }
  Result<pb::ImportChildResponse> Take(const pb::CensusChild& child) {
    pb::ImportChildRequest request;
    *request.mutable_child() = child;
    request.set_reference_date("2018-03-31");
    return Write<pb::ImportChildResponse>(Hub(), "ImportChild", request);
  }
  // A child as an export would have it.
  pb::ChildRecord Listed(const char* id = "TEST0001") {
    pb::ListChildrenRequest request;
    request.set_start_date("2016-01-01");
    request.set_end_date("2018-04-10");
    const auto children =
        Read<pb::ListChildrenResponse>(Hub(), "ListChildren", request).value();
    pb::ChildRecord found;
    for (const pb::ChildRecord& one : children.children()) {
      if (one.child().la_child_id() == id) found = one;
    }
    return found;
  }
};

// "field REASON" of every warning.
std::set<std::string> WarningsOf(const pb::ImportChildResponse& report) {
  std::set<std::string> warnings;
  for (const auto& one : report.warnings())
    warnings.insert(one.field() + " " + one.reason());
  return warnings;
}

TEST_P(ImportTest, TwiceTheSameChangesNothing) {
  const auto first = Take(Child()).value();
  EXPECT_EQ(first.refused_size(), 0) << first.ShortDebugString();
  EXPECT_EQ(first.taken(), 10);
  const long long steps = Count("steps");
  const auto second = Take(Child()).value();
  EXPECT_EQ(second.taken(), 0) << second.ShortDebugString();
  EXPECT_EQ(second.already_there(), 10);
  EXPECT_EQ(Count("steps"), steps);
  EXPECT_EQ(Count("contacts"), 1);
  EXPECT_EQ(Year("in_time_conference"), 1);
  ExpectNoDrift();
  CheckAsKnownThen();
}

TEST_P(ImportTest, TheNextYearsFileAddsWhatIsNew) {
  pb::CensusChild before = Child();
  before.mutable_episodes(0)->clear_closure_date();
  before.mutable_episodes(0)->clear_closure_reason();
  before.mutable_episodes(0)->mutable_protection_plans(0)->clear_end_date();
  EXPECT_EQ(Take(before).value().taken(), 8);
  const auto after = Take(Child()).value();
  EXPECT_EQ(after.taken(), 2);
  EXPECT_EQ(after.already_there(), 8);
  ExpectNoDrift();
}

TEST_P(ImportTest, AChildWhoseBirthIsCorrectedStaysOneChild) {
  ASSERT_TRUE(Take(Child()));
  pb::CensusChild child = Child();
  child.set_date_of_birth("2010-05-02");
  const auto again = Take(child).value();
  EXPECT_EQ(again.taken(), 0);
  EXPECT_THAT(WarningsOf(again), testing::UnorderedElementsAre(
                                     "child.date_of_birth KEPT_AS_IT_WAS"));
  // What is new of it is judged beside what was there.
  pb::CensusEpisode& inside = *child.add_episodes();
  inside = child.episodes(0);
  inside.set_referral_date("2017-06-01");
  pb::CensusEpisode& next = *child.add_episodes();
  next.set_referral_date("2018-03-01");
  next.set_source("1A");
  next.set_primary_need("N1");
  const auto more = Take(child).value();
  EXPECT_EQ(more.taken(), 1);
  ASSERT_EQ(more.refused_size(), 1) << more.ShortDebugString();
  EXPECT_EQ(more.refused(0).rule(), "8820");
  EXPECT_EQ(Take(child).value().taken(), 0);
  EXPECT_EQ(Year("re_referrals"), 1);
  EXPECT_EQ(Year("closures_returned"), 1);
  ExpectNoDrift();
}

TEST_P(ImportTest, NothingIsPlannedForAChildThatDied) {
  pb::CensusChild child = Child();
  child.set_date_of_death("2017-12-01");
  EXPECT_EQ(Take(child).value().refused_size(), 0);
  child.set_la_child_id("TEST0002");
  child.set_date_of_death("2017-11-30");
  const auto report = Take(child).value();
  ASSERT_GT(report.refused_size(), 0);
  EXPECT_EQ(report.refused(0).field(),
            "episodes[0].protection_plans[0].end_date");
  EXPECT_EQ(report.refused(0).rule(), "8920");
  EXPECT_EQ(Year("protection_plans_ended"), 1);
}

// Our own codes of outcomes are younger than the oldest episodes.
TEST_P(ImportTest, AConferenceOfLongAgoIsTaken) {
  pb::CensusChild child = Child();
  child.set_date_of_birth("2000-05-01");
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  episode.set_referral_date("2008-04-03");
  episode.clear_assessments();
  episode.clear_protection_plans();
  episode.clear_closure_date();
  episode.clear_closure_reason();
  episode.mutable_enquiries(0)->set_start_date("2008-04-07");
  episode.mutable_enquiries(0)->set_conference_date("2008-04-21");
  const auto report = Take(child).value();
  EXPECT_EQ(report.refused_size(), 0) << report.ShortDebugString();
  EXPECT_EQ(report.taken(), 4);
}

TEST_P(ImportTest, TheReviewThatEndsAPlanIsTaken) {
  pb::CensusChild child = Child();
  child.mutable_episodes(0)->mutable_protection_plans(0)->add_review_dates(
      "2017-12-01");
  const auto report = Take(child).value();
  EXPECT_EQ(report.refused_size(), 0) << report.ShortDebugString();
  EXPECT_EQ(report.taken(), 11);
}

TEST_P(ImportTest, WhatBreaksARuleIsLeftOutAndNamedAndTheRestIsTaken) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  episode.mutable_assessments(0)->set_start_date("2017-04-01");
  episode.mutable_enquiries(0)->set_conference_date("2017-02-30");
  const auto report = Take(child).value();
  std::map<std::string, std::string> refused;
  for (const auto& one : report.refused()) refused[one.field()] = one.rule();
  EXPECT_EQ(refused["episodes[0].assessments[0].start_date"], "1103");
  EXPECT_EQ(refused["episodes[0].assessments[0].authorisation_date"],
            "START_LEFT_OUT");
  EXPECT_EQ(refused["episodes[0].enquiries[0].conference_date"],
            "DATE_IMPOSSIBLE");
  EXPECT_EQ(refused["episodes[0].protection_plans[0].start_date"], "2885");
  EXPECT_EQ(Year("referrals"), 1);
  EXPECT_EQ(Year("section_47_started"), 1);
  ExpectNoDrift();
}

TEST_P(ImportTest, WhatTheRecordsHaveNoPlaceForIsSaid) {
  EXPECT_THAT(WarningsOf(Take(Child()).value()), testing::IsEmpty());
  pb::CensusChild child = Child();
  child.set_la_child_id("TEST0002");
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  episode.set_source("2Z");
  episode.clear_closure_date();
  episode.mutable_assessments(0)->clear_authorisation_date();
  episode.mutable_enquiries(0)->set_conference_target_date("2017-05-01");
  episode.mutable_protection_plans(0)->clear_review_dates();
  EXPECT_THAT(WarningsOf(Take(child).value()),
              testing::UnorderedElementsAre(
                  "episodes[0].source CODE_UNKNOWN",
                  "episodes[0].closure_reason NOT_KEPT",
                  "episodes[0].assessments[0].factors NOT_KEPT"));
  const pb::CensusEpisode kept = Listed("TEST0002").child().episodes(0);
  EXPECT_EQ(kept.enquiries(0).conference_target_date(), "2017-05-01");
  EXPECT_EQ(kept.protection_plans(0).latest_category(), "EMO");
}

TEST_P(ImportTest, WhatAFileSaysFirstOfAKnownChildIsRecordedAndTold) {
  ASSERT_TRUE(Take(Child()));
  pb::CensusChild child = Child();
  child.set_date_of_death("2018-01-01");
  child.set_ethnicity("MWBC");
  child.set_upn("J890892880193");
  child.add_disabilities("LD");
  EXPECT_THAT(
      WarningsOf(Take(child).value()),
      testing::UnorderedElementsAre("child.date_of_death CHILD_CORRECTED",
                                    "child.upn CHILD_CORRECTED",
                                    "child.disabilities CHILD_CORRECTED",
                                    "child.ethnicity KEPT_AS_IT_WAS"));
  const pb::CensusChild shown = Listed().child();
  EXPECT_EQ(shown.date_of_death(), "2018-01-01");
  EXPECT_EQ(shown.upn(), "J890892880193");
  EXPECT_EQ(shown.ethnicity(), "WBRI");
  EXPECT_THAT(shown.disabilities(), testing::ElementsAre("LD"));
  EXPECT_THAT(WarningsOf(Take(child).value()),
              testing::ElementsAre("child.ethnicity KEPT_AS_IT_WAS"));
}

TEST_P(ImportTest, ABirthIsRecorded) {
  pb::CensusChild child = Child();
  child.clear_date_of_birth();
  child.set_expected_date_of_birth("2017-07-01");
  child.set_sex("0");
  child.set_ethnicity("NOBT");
  child.set_upn_unknown("UN1");
  ASSERT_TRUE(Take(child));
  child.clear_expected_date_of_birth();
  child.set_date_of_birth("2017-07-05T00:00:00");
  child.set_sex("2");
  child.set_ethnicity("WBRI");
  child.set_upn("j890892880193 ");
  child.clear_upn_unknown();
  EXPECT_THAT(
      WarningsOf(Take(child).value()),
      testing::UnorderedElementsAre(
          "child.date_of_birth CHILD_CORRECTED",
          "child.expected_date_of_birth CHILD_CORRECTED",
          "child.sex CHILD_CORRECTED", "child.ethnicity CHILD_CORRECTED",
          "child.upn CHILD_CORRECTED", "child.upn_unknown CHILD_CORRECTED"));
  const pb::CensusChild shown = Listed().child();
  EXPECT_EQ(shown.date_of_birth(), "2017-07-05");
  EXPECT_EQ(shown.expected_date_of_birth(), "");
  EXPECT_EQ(shown.sex(), "F");
  EXPECT_EQ(shown.ethnicity(), "WBRI");
  EXPECT_EQ(shown.upn(), "J890892880193");
  EXPECT_EQ(shown.upn_unknown(), "");
  EXPECT_EQ(Count("contacts"), 1);
  EXPECT_TRUE(WarningsOf(Take(child).value()).empty());
  // The child is found by its number now.
  child.set_la_child_id("TEST0009");
  EXPECT_EQ(Take(child).value().taken(), 0);
  ExpectNoDrift();
}

TEST_P(ImportTest, DaysAreDaysWhateverTimeIsBehindThem) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  episode.set_referral_date("2017-04-03T09:30:00");
  episode.mutable_enquiries(0)->set_conference_date("20/04/2017");
  pb::CensusPlan& plan = *episode.mutable_protection_plans(0);
  plan.add_review_dates("2017-12-01T00:00:00");
  const auto report = Take(child).value();
  EXPECT_EQ(report.refused_size(), 0) << report.ShortDebugString();
  const pb::ChildRecord listed = Listed();
  EXPECT_EQ(listed.child().episodes(0).protection_plans(0).review_dates_size(),
            2);
  // The same return without times says nothing new.
  child.mutable_episodes(0)->set_referral_date("2017-04-03");
  EXPECT_EQ(Take(child).value().taken(), 0);
}

TEST_P(ImportTest, AnEndComesBeforeABeginningOfItsDay) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  pb::CensusSpan& span = *episode.add_child_in_need_plans();
  span.set_start_date("2017-12-01");
  span.set_end_date("2017-12-08");
  pb::CensusEpisode& next = *child.add_episodes();
  next.set_referral_date("2017-12-08");
  next.set_source("1A");
  next.set_primary_need("N1");
  const auto report = Take(child).value();
  EXPECT_EQ(report.refused_size(), 0) << report.ShortDebugString();
  EXPECT_EQ(report.taken(), 13);
  ExpectNoDrift();
}

TEST_P(ImportTest, AReferralWithNoFurtherActionBarsNoneAfterIt) {
  pb::CensusChild child = Child();
  child.clear_episodes();
  for (const char* day : {"2017-05-02", "2017-05-02", "2017-09-04"}) {
    pb::CensusEpisode& episode = *child.add_episodes();
    episode.set_referral_date(day);
    episode.set_source("6");
    episode.set_primary_need("N1");
    episode.set_no_further_action(episode.referral_date() < "2017-09");
  }
  const auto report = Take(child).value();
  EXPECT_EQ(report.refused_size(), 0) << report.ShortDebugString();
  const pb::ChildRecord listed = Listed();
  ASSERT_EQ(listed.child().episodes_size(), 3);
  EXPECT_TRUE(listed.child().episodes(0).no_further_action());
  EXPECT_TRUE(listed.child().episodes(1).no_further_action());
  EXPECT_EQ(listed.child().episodes(0).closure_date(), "");
  EXPECT_FALSE(listed.child().episodes(2).no_further_action());
  EXPECT_EQ(Take(child).value().taken(), 0);
  EXPECT_EQ(Count("episodes"), 3);
  ExpectNoDrift();
}

TEST_P(ImportTest, WhatAClosureBreaksCostsNoLaterEpisode) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& first = *child.mutable_episodes(0);
  first.clear_protection_plans();
  first.set_closure_reason("RC8");
  pb::CensusEpisode& next = *child.add_episodes();
  next.set_referral_date("2018-03-01");
  next.set_source("1A");
  next.set_primary_need("N1");
  next.add_assessments()->set_start_date("2018-03-02");
  const auto report = Take(child).value();
  ASSERT_GT(report.refused_size(), 0);
  EXPECT_EQ(report.refused(0).field(), "episodes[0].enquiries[0].start_date");
  EXPECT_EQ(report.refused(0).rule(), "2990");
  ASSERT_EQ(Listed().child().episodes_size(), 2);
  EXPECT_EQ(Listed().child().episodes(1).assessments_size(), 1);
}

// The episode is there, open, since last year's file.
TEST_P(ImportTest, AClosureThatIsLeftOutBarsNoLaterEpisode) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& first = *child.mutable_episodes(0);
  first.clear_closure_date();
  first.clear_closure_reason();
  ASSERT_TRUE(Take(child));
  first.set_closure_date("2017-12-08");
  first.set_closure_reason("RC8");
  pb::CensusEpisode& next = *child.add_episodes();
  next.set_referral_date("2018-03-01");
  next.set_source("1A");
  next.set_primary_need("N1");
  const auto report = Take(child).value();
  ASSERT_EQ(report.refused_size(), 1) << report.ShortDebugString();
  EXPECT_EQ(report.refused(0).field(), "episodes[0].closure_date");
  EXPECT_EQ(report.refused(0).rule(), "2990");
  EXPECT_EQ(report.taken(), 1);
}

TEST_P(ImportTest, OfTwoThatAreOpenTheOneReferredLastIsTaken) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& first = *child.mutable_episodes(0);
  first.clear_closure_date();
  first.clear_closure_reason();
  pb::CensusEpisode& next = *child.add_episodes();
  next.set_referral_date("2018-03-01");
  next.set_source("1A");
  next.set_primary_need("N1");
  const auto report = Take(child).value();
  ASSERT_EQ(report.refused_size(), 1) << report.ShortDebugString();
  EXPECT_EQ(report.refused(0).field(), "episodes[0]");
  ASSERT_EQ(Listed().child().episodes_size(), 1);
  EXPECT_EQ(Listed().child().episodes(0).referral_date(), "2018-03-01");
}

TEST_P(ImportTest, APlanThatMovedInNeedsNoEnquiryOfItsOwn) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  episode.set_conference_date("2017-04-20");
  episode.mutable_enquiries(0)->clear_conference_date();
  episode.mutable_enquiries(0)->set_conference_not_required(true);
  const auto report = Take(child).value();
  EXPECT_EQ(report.refused_size(), 0) << report.ShortDebugString();
  EXPECT_EQ(Listed().child().episodes(0).protection_plans_size(), 1);
}

TEST_P(ImportTest, APlanOfAnEarlierYearHasItsConferenceInThatYearsReturn) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  episode.set_referral_date("2016-01-04");
  episode.clear_enquiries();
  episode.mutable_protection_plans(0)->set_start_date("2016-02-01");
  const auto report = Take(child).value();
  EXPECT_EQ(report.refused_size(), 0) << report.ShortDebugString();
}

TEST_P(ImportTest, AQueryRefusesNothing) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  // A plan of one day, two assessments that overlap, a factor that is no code,
  // a review after the plan.
  pb::CensusSpan& span = *episode.add_child_in_need_plans();
  span.set_start_date("2017-12-05");
  span.set_end_date("2017-12-05");
  *episode.add_assessments() = episode.assessments(0);
  episode.mutable_assessments(1)->set_authorisation_date("2017-06-01");
  episode.mutable_assessments(1)->add_factors("99Z");
  episode.mutable_protection_plans(0)->add_review_dates("2017-12-03");
  const auto report = Take(child).value();
  EXPECT_EQ(report.refused_size(), 0) << report.ShortDebugString();
  EXPECT_THAT(
      WarningsOf(report),
      testing::ElementsAre("episodes[0].assessments[1].factors NOT_KEPT"));
  const pb::ChildRecord listed = Listed();
  const pb::CensusEpisode& kept = listed.child().episodes(0);
  EXPECT_EQ(kept.assessments_size(), 2);
  EXPECT_EQ(kept.child_in_need_plans(0).end_date(), "2017-12-05");
  EXPECT_EQ(kept.protection_plans(0).review_dates_size(), 2);
  EXPECT_EQ(Take(child).value().taken(), 0);
}

TEST_P(ImportTest, ASourceThatWasNoCodeOnItsDayIsShownAsItCame) {
  pb::CensusChild child = Child();
  child.mutable_episodes(0)->set_source("5D");
  EXPECT_THAT(WarningsOf(Take(child).value()),
              testing::ElementsAre("episodes[0].source CODE_UNKNOWN"));
  EXPECT_EQ(Listed().child().episodes(0).source(), "5D");
}

TEST_P(ImportTest, TheLastEpisodeIsTakenWithoutAClosureThatBreaksARule) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  episode.clear_assessments();
  episode.clear_enquiries();
  episode.clear_protection_plans();
  episode.clear_child_in_need_plans();
  episode.set_closure_date("2018-03-01");
  episode.clear_closure_reason();
  const auto report = Take(child).value();
  ASSERT_EQ(report.refused_size(), 1) << report.ShortDebugString();
  EXPECT_EQ(report.refused(0).field(), "episodes[0].closure_date");
  EXPECT_EQ(Year("referrals"), 1);
  EXPECT_EQ(Year("closures"), 0);
}

TEST_P(ImportTest, WhatIsThereStaysAndSaysSoWhereTheFileSaysOtherwise) {
  ASSERT_TRUE(Take(Child()));
  pb::CensusChild child = Child();
  pb::CensusEpisode& episode = *child.mutable_episodes(0);
  episode.set_source("6");
  episode.mutable_assessments(0)->set_factors(0, "4A");
  episode.mutable_protection_plans(0)->set_initial_category("PHY");
  episode.set_closure_reason("RC3");
  const auto report = Take(child).value();
  EXPECT_EQ(report.taken(), 0);
  EXPECT_THAT(
      WarningsOf(report),
      testing::UnorderedElementsAre(
          "episodes[0].source KEPT_AS_IT_WAS",
          "episodes[0].assessments[0].authorisation_date KEPT_AS_IT_WAS",
          "episodes[0].protection_plans[0].start_date KEPT_AS_IT_WAS",
          "episodes[0].closure_date KEPT_AS_IT_WAS"));
}

TEST_P(ImportTest, AnEpisodeInsideAnotherIsRefusedWhole) {
  pb::CensusChild child = Child();
  pb::CensusEpisode& inside = *child.add_episodes();
  inside.set_referral_date("2017-06-01");
  inside.set_source("6");
  inside.set_primary_need("N1");
  inside.set_closure_date("2017-07-01");
  inside.set_closure_reason("RC7");
  const auto report = Take(child).value();
  ASSERT_EQ(report.refused_size(), 1) << report.ShortDebugString();
  EXPECT_EQ(report.refused(0).field(), "episodes[1]");
  EXPECT_EQ(report.refused(0).rule(), "8820");
  EXPECT_EQ(Year("referrals"), 1);
}

TEST_P(ImportTest, OnlySystemsThatMayBackdateImport) {
  rpc::Caller caller = Hub();
  caller.may_backdate = false;
  pb::ImportChildRequest request;
  *request.mutable_child() = Child();
  EXPECT_EQ(Write<pb::ImportChildResponse>(caller, "ImportChild", request)
                .error()
                .reason,
            "IMPORT_NOT_ALLOWED");
}

INSTANTIATE_TEST_SUITE_P(Engines, JourneyTest, support::BothEngines(),
                         support::EngineName);

INSTANTIATE_TEST_SUITE_P(Engines, ImportTest, support::BothEngines(),
                         support::EngineName);

}  // namespace
}  // namespace seawall::referrals
