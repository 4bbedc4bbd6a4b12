// The front door over a real ledger and store, without grpc: handlers are
// called through the methods they bind, batches are run by hand.
#include "services/referrals/test_service.h"

namespace seawall::referrals {
namespace {

class FrontDoorTest : public ServiceTest {};

// ---- intake ----

TEST_P(FrontDoorTest, AFormAboutAFamilyMakesOneContactAChild) {
  pb::SubmitContactRequest request = Form(1);
  for (const char* name : {"Test-Ash", "Test-Bay"}) {
    pb::Child& sibling = *request.mutable_form()->add_children();
    sibling.set_given_name(name);
    sibling.set_family_name("Test-Harbour");
  }
  const auto response = Submit(request).value();
  EXPECT_EQ(response.receipts_size(), 3);
  EXPECT_EQ(response.receipts(2).child(), 2);
  EXPECT_EQ(Count("contacts"), 3);
  EXPECT_EQ(Counter("contacts|2018-04|"), 3);
}

TEST_P(FrontDoorTest, TheDecisionIsDueAtTheEndOfTheNextWorkingDay) {
  pb::SubmitContactRequest request = Form(1);
  Receive(request, "2018-03-29");
  const auto receipt = Submit(request).value().receipts(0);
  EXPECT_EQ(ToInstant(receipt.decision_due_time()),
            EndOfDay(*ParseDate("2018-04-03")));
}

TEST_P(FrontDoorTest, OnlyASystemThatMayBackdateStatesThePast) {
  pb::SubmitContactRequest request = Form(1);
  Receive(request, "2018-03-29");
  rpc::Caller live = Police();
  live.may_backdate = false;
  const auto response =
      Write<pb::SubmitContactResponse>(live, "SubmitContact", request).value();
  EXPECT_EQ(ToInstant(response.receipts(0).received_time()), clock_.Now());
  EXPECT_EQ(response.warnings(0).reason(), "BACKDATING_NOT_ALLOWED");
  EXPECT_EQ(response.warnings(0).field(), "form.received_time");
}

TEST_P(FrontDoorTest, AnAgencyCannotPushForAnother) {
  pb::SubmitContactRequest request = Form(1);
  request.mutable_form()->mutable_referrer()->set_agency("hospital");
  const auto response = Submit(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, "WRITES_AS_OTHER");
  EXPECT_EQ(Count("contacts"), 0);
}

TEST_P(FrontDoorTest, ATelephoneContactIsTheCallersAndIsConfirmedOnce) {
  pb::SubmitContactRequest request = Form(1);
  request.mutable_form()->set_channel(pb::CHANNEL_PHONE);
  request.mutable_form()->mutable_referrer()->set_agency("hospital");
  Set(request.mutable_form()->mutable_raised_time(),
      clock_.Now() - std::chrono::hours(2));
  const auto receipt =
      Write<pb::SubmitContactResponse>(Hub(), "SubmitContact", request)
          .value()
          .receipts(0);
  EXPECT_EQ(ToInstant(receipt.received_time()),
            clock_.Now() - std::chrono::hours(2))
      << "the clock starts at the call";
  EXPECT_EQ(Counter("unconfirmed_contacts|total|"), 1);
  EXPECT_EQ(Counter("contacts|2018-04|agency=hospital"), 1);

  rpc::Caller hospital = Police();
  hospital.agency = "hospital";
  pb::ConfirmContactRequest confirm;
  confirm.set_contact_id(receipt.contact_id());
  confirm.set_text("Test confirmation");
  EXPECT_TRUE(
      Write<pb::ConfirmContactResponse>(hospital, "ConfirmContact", confirm)
          .value()
          .in_time());
  EXPECT_EQ(
      Write<pb::ConfirmContactResponse>(hospital, "ConfirmContact", confirm)
          .error()
          .reason,
      "ALREADY_CONFIRMED");
  EXPECT_EQ(Count("contacts"), 1);
  EXPECT_EQ(Counter("unconfirmed_contacts|total|"), 0);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(FrontDoorTest, AnotherAgencysContactIsNotThere) {
  const std::string id = SubmitOne(1);
  rpc::Caller hospital = Police();
  hospital.agency = "hospital";
  pb::ConfirmContactRequest confirm;
  confirm.set_contact_id(id);
  confirm.set_text("x");
  EXPECT_EQ(
      Write<pb::ConfirmContactResponse>(Police(), "ConfirmContact", confirm)
          .error()
          .reason,
      "NOT_BY_TELEPHONE");
  EXPECT_EQ(
      Write<pb::ConfirmContactResponse>(hospital, "ConfirmContact", confirm)
          .error()
          .reason,
      "CONTACT_NOT_FOUND");
}

TEST_P(FrontDoorTest, NoDetailOfAChildLiesInClear) {
  Submit(Form(1)).value();
  ledger_.reset();
  database_->Checkpoint();
  database_.reset();
  const std::string file = support::ReadFile(folder_.File("referrals.db"));
  for (const std::string& canary :
       {std::string("Test-Robin"), std::string("testrobin"),
        std::string("Test-Harbour"), std::string("2010-05-01"),
        TestNhsNumber(1), std::string("Test concern")}) {
    EXPECT_EQ(file.find(canary), std::string::npos) << canary;
  }
}

TEST_P(FrontDoorTest, APoliceReportIsOneByItsSenderWhateverTheSourceCode) {
  const char* sources[] = {"", "06", "police"};
  const char* days[] = {"2017-05-10", "2017-09-11", "2018-03-12"};
  std::string last;
  for (int i = 0; i < 3; i++) {
    pb::SubmitContactRequest request = Form(1);
    request.mutable_form()->set_source(sources[i]);
    request.mutable_form()->mutable_police()->set_risk_grading(" Medium");
    Receive(request, days[i]);
    const auto receipt = Submit(request).value().receipts(0);
    EXPECT_EQ(receipt.route(), pb::ROUTE_MULTI_AGENCY_TRIAGE) << sources[i];
    last = receipt.contact_id();
  }
  pb::DecideContactRequest decide;
  decide.set_contact_id(last);
  decide.set_decision(pb::DECISION_EARLY_HELP);
  decide.set_rationale("Test rationale");
  EXPECT_EQ(Write<pb::DecideContactResponse>(Hub(), "DecideContact", decide)
                .error()
                .reason,
            "TRIAGE_DECISION_REQUIRED");
}

// Its incidents count, and its grading lowers nothing.
TEST_P(FrontDoorTest, AnotherAgencysFormWithAPoliceSectionTellsOfAnIncident) {
  rpc::Caller school = Police();
  school.agency = "school";
  const char* days[] = {"2017-05-10", "2017-09-11", "2018-03-12"};
  std::string last;
  for (const char* day : days) {
    pb::SubmitContactRequest request = Form(1);
    request.mutable_form()->set_source("2A");
    request.mutable_form()->mutable_police()->set_risk_grading("standard");
    Receive(request, day);
    const auto receipt =
        Write<pb::SubmitContactResponse>(school, "SubmitContact", request)
            .value()
            .receipts(0);
    EXPECT_EQ(receipt.route(), pb::ROUTE_FRONT_DOOR);
    last = receipt.contact_id();
  }
  pb::DecideContactRequest decide;
  decide.set_contact_id(last);
  decide.set_decision(pb::DECISION_EARLY_HELP);
  decide.set_rationale("Test rationale");
  EXPECT_EQ(Write<pb::DecideContactResponse>(Hub(), "DecideContact", decide)
                .error()
                .reason,
            "TRIAGE_DECISION_REQUIRED");
}

// ---- questions ----

TEST_P(FrontDoorTest, AReturnedContactStaysOpenAndItsAnswerJoinsIt) {
  const std::string id = SubmitOne(1);
  pb::ReturnContactRequest question;
  question.set_contact_id(id);
  question.set_question("Test question");
  ASSERT_TRUE(
      Write<pb::ReturnContactResponse>(Hub(), "ReturnContact", question));
  EXPECT_EQ(Counter("open_hub_contacts|total|") +
                Counter("open_contacts|total|state=RETURNED"),
            1);
  pb::AnswerReturnRequest answer;
  answer.set_contact_id(id);
  answer.set_answer("Test answer");
  ASSERT_TRUE(
      Write<pb::AnswerReturnResponse>(Police(), "AnswerReturn", answer));
  EXPECT_EQ(Counter("open_contacts|total|state=RETURNED"), 0);
  EXPECT_EQ(Counter("contacts|2018-04|"), 1);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(FrontDoorTest, AnUrgentContactCannotBeReturned) {
  pb::SubmitContactRequest request = Form(1);
  request.mutable_form()->set_immediate_danger(pb::ANSWER_YES);
  pb::ReturnContactRequest question;
  question.set_contact_id(Submit(request).value().receipts(0).contact_id());
  question.set_question("Test question");
  EXPECT_EQ(Write<pb::ReturnContactResponse>(Hub(), "ReturnContact", question)
                .error()
                .reason,
            "URGENT");
}

// ---- deciding ----

TEST_P(FrontDoorTest, AVersionThatIsNoLongerIsRefused) {
  const std::string id = SubmitOne(1);
  pb::DecideContactRequest request;
  request.set_contact_id(id);
  request.set_version(7);
  request.set_decision(pb::DECISION_EARLY_HELP);
  request.set_rationale("Test rationale");
  EXPECT_EQ(Write<pb::DecideContactResponse>(Hub(), "DecideContact", request)
                .error()
                .reason,
            "VERSION_CHANGED");
}

TEST_P(FrontDoorTest, ADecisionAtTheLastInstantOfTheDueDayIsInTime) {
  pb::SubmitContactRequest request = Form(1);
  Receive(request, "2018-04-05");
  const auto receipt = Submit(request).value().receipts(0);
  pb::DecideContactRequest decide;
  decide.set_contact_id(receipt.contact_id());
  decide.set_decision(pb::DECISION_EARLY_HELP);
  decide.set_rationale("Test rationale");
  Set(decide.mutable_decided_time(),
      EndOfDay(*ParseDate("2018-04-06")) - std::chrono::microseconds(1));
  EXPECT_TRUE(Write<pb::DecideContactResponse>(Hub(), "DecideContact", decide)
                  .value()
                  .decided_in_time());
}

TEST_P(FrontDoorTest, ADecisionAtTheInstantAfterTheDueDayIsLate) {
  pb::SubmitContactRequest request = Form(1);
  Receive(request, "2018-04-05");
  const auto receipt = Submit(request).value().receipts(0);
  pb::DecideContactRequest decide;
  decide.set_contact_id(receipt.contact_id());
  decide.set_decision(pb::DECISION_EARLY_HELP);
  decide.set_rationale("Test rationale");
  Set(decide.mutable_decided_time(), EndOfDay(*ParseDate("2018-04-06")));
  EXPECT_FALSE(Write<pb::DecideContactResponse>(Hub(), "DecideContact", decide)
                   .value()
                   .decided_in_time());
}

TEST_P(FrontDoorTest, ASecondReferralOfAChildJoinsTheOpenEpisode) {
  const auto first = Refer(1, "2018-03-05");
  const std::string id = SubmitOne(1);
  EXPECT_EQ(Decide(id, pb::DECISION_REFERRAL).error().reason, "EPISODE_OPEN");
  EXPECT_EQ(Decide(id, pb::DECISION_JOINS_OPEN_EPISODE).value().episode_id(),
            first.episode_id());
  EXPECT_EQ(Counter("referrals|2018-03|"), 1);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(FrontDoorTest, AReferralWithinTwelveMonthsIsAReReferral) {
  EXPECT_FALSE(Refer(1, "2017-06-01", "2017-08-01").re_referral());
  EXPECT_TRUE(Refer(1, "2018-03-05").re_referral());
  EXPECT_EQ(Counter("re_referrals|2018-03|"), 1);
}

TEST_P(FrontDoorTest, ALateEarlierReferralMarksTheLaterOne) {
  const auto later = Refer(1, "2018-03-05", "2018-03-06");
  EXPECT_FALSE(later.re_referral());
  const auto earlier = Refer(1, "2017-06-01", "2017-06-02");
  ASSERT_EQ(earlier.changed_episode_ids_size(), 1);
  EXPECT_EQ(earlier.changed_episode_ids(0), later.episode_id());
  EXPECT_EQ(Counter("re_referrals|2018-03|"), 1);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(FrontDoorTest, ACorrectionTakesTheReferralBackAndTheMarkItMade) {
  Refer(1, "2018-03-05", "2018-03-06");
  const auto earlier = Refer(1, "2017-06-01", "2017-06-02");
  EXPECT_EQ(Counter("re_referrals|2018-03|"), 1);
  ASSERT_TRUE(
      Decide(earlier.contact_id(), pb::DECISION_NO_FURTHER_ACTION, true));
  EXPECT_EQ(Counter("re_referrals|2018-03|"), 0);
  EXPECT_EQ(Counter("referrals|2017-06|"), 0);
  EXPECT_EQ(Counter("decisions|2017-06|decision=NO_FURTHER_ACTION"), 1);
  EXPECT_EQ(Counter("decisions|2017-06|"), 1);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(FrontDoorTest, TwinsAreToldApartByTheirForenames) {
  pb::SubmitContactRequest one = Form(1), other = Form(1);
  one.mutable_form()->mutable_children(0)->clear_nhs_number();
  other.mutable_form()->mutable_children(0)->clear_nhs_number();
  other.mutable_form()->mutable_children(0)->set_given_name("Test-Ash");
  Receive(one, "2018-01-08");
  Receive(other, "2018-02-05");
  const auto first = Submit(one).value().receipts(0).contact_id();
  const auto second = Submit(other).value().receipts(0).contact_id();
  const auto referral =
      Decide(first, pb::DECISION_REFERRAL, false, "2018-01-08").value();
  ASSERT_TRUE(Close(referral.episode_id(), "2018-01-09"));
  EXPECT_FALSE(Decide(second, pb::DECISION_REFERRAL, false, "2018-02-05")
                   .value()
                   .re_referral());
}

TEST_P(FrontDoorTest, TheSameNumberWithAnotherForenameIsOnlyACandidate) {
  pb::SubmitContactRequest other = Form(1);
  other.mutable_form()->mutable_children(0)->set_given_name("Test-Ash");
  Receive(other, "2018-02-05");
  Refer(1, "2018-01-08", "2018-01-09");
  const auto second = Submit(other).value().receipts(0).contact_id();
  EXPECT_FALSE(Decide(second, pb::DECISION_REFERRAL, false, "2018-02-05")
                   .value()
                   .re_referral());
}

TEST_P(FrontDoorTest, APersonsWordDecidesWhoIsTheSameChild) {
  pb::SubmitContactRequest other = Form(2);
  Receive(other, "2018-02-05");
  const auto first = Refer(1, "2018-01-08", "2018-01-09");
  const auto second = Submit(other).value().receipts(0).contact_id();
  Decide(second, pb::DECISION_REFERRAL, false, "2018-02-05").value();
  EXPECT_EQ(Counter("re_referrals|2018-02|"), 0);
  pb::ConfirmSameChildRequest same;
  same.set_contact_id(first.contact_id());
  same.set_other_contact_id(second);
  same.set_same(true);
  EXPECT_EQ(Write<pb::ConfirmSameChildResponse>(Hub(), "ConfirmSameChild", same)
                .value()
                .changed_episode_ids_size(),
            1);
  EXPECT_EQ(Counter("re_referrals|2018-02|"), 1);
  same.set_same(false);
  Write<pb::ConfirmSameChildResponse>(Hub(), "ConfirmSameChild", same).value();
  EXPECT_EQ(Counter("re_referrals|2018-02|"), 0);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(FrontDoorTest, TheThirdPoliceIncidentInAYearNeedsATriageDecision) {
  const char* days[] = {"2017-05-10", "2017-09-11", "2018-03-12"};
  std::string last;
  for (const char* day : days) {
    pb::SubmitContactRequest request = Form(1);
    Receive(request, day);
    last = Submit(request).value().receipts(0).contact_id();
  }
  pb::DecideContactRequest decide;
  decide.set_contact_id(last);
  decide.set_decision(pb::DECISION_EARLY_HELP);
  decide.set_rationale("Test rationale");
  EXPECT_EQ(Write<pb::DecideContactResponse>(Hub(), "DecideContact", decide)
                .error()
                .reason,
            "TRIAGE_DECISION_REQUIRED");
}

TEST_P(FrontDoorTest, AnAcknowledgedOutcomeIsCountedOnce) {
  const std::string id = SubmitOne(1);
  pb::AcknowledgeOutcomeRequest acknowledge;
  acknowledge.set_contact_id(id);
  const auto send = [&] {
    return Write<pb::AcknowledgeOutcomeResponse>(Police(), "AcknowledgeOutcome",
                                                 acknowledge);
  };
  EXPECT_EQ(send().error().reason, "NOT_DECIDED");
  Decide(id, pb::DECISION_EARLY_HELP).value();
  EXPECT_EQ(Counter("unacknowledged_outcomes|total|"), 1);
  ASSERT_TRUE(send());
  ASSERT_TRUE(send());
  EXPECT_EQ(Counter("unacknowledged_outcomes|total|"), 0);
  Decide(id, pb::DECISION_INFORMATION_AND_ADVICE, true).value();
  EXPECT_EQ(Counter("unacknowledged_outcomes|total|"), 1)
      << "a corrected outcome is a new one to acknowledge";
  EXPECT_EQ(Drift().drift, 0);
}

// ---- what a review found ----

TEST_P(FrontDoorTest, NamingAnyEpisodeDoesNotOpenASecondOne) {
  Refer(1, "2018-03-05");
  pb::DecideContactRequest decide;
  decide.set_contact_id(SubmitOne(1));
  decide.set_decision(pb::DECISION_REFERRAL);
  decide.set_rationale("Test rationale");
  decide.set_episode_id("E-another");
  EXPECT_EQ(Write<pb::DecideContactResponse>(Hub(), "DecideContact", decide)
                .error()
                .reason,
            "EPISODE_OPEN");
}

TEST_P(FrontDoorTest, AReferralThatOthersJoinedIsNotTakenBackUnderThem) {
  const auto referral = Refer(1, "2018-03-05");
  const std::string joined = SubmitOne(1);
  Decide(joined, pb::DECISION_JOINS_OPEN_EPISODE).value();
  EXPECT_EQ(Decide(referral.contact_id(), pb::DECISION_EARLY_HELP, true)
                .error()
                .reason,
            "EPISODE_JOINED");
  Decide(joined, pb::DECISION_EARLY_HELP, true).value();
  EXPECT_TRUE(Decide(referral.contact_id(), pb::DECISION_EARLY_HELP, true));
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(FrontDoorTest, ThreeReportsOfOneHomeNeedATriageDecisionWithoutNumbers) {
  const char* days[] = {"2017-05-10", "2017-09-11", "2018-03-12"};
  const char* names[] = {"Test-Ash", "Test-Bay", "Test-Cove"};
  std::string last;
  for (int i = 0; i < 3; i++) {
    pb::SubmitContactRequest request = Form(1);
    pb::Child& child = *request.mutable_form()->mutable_children(0);
    child.clear_nhs_number();
    child.set_given_name(names[i]);
    child.mutable_address()->set_postcode("FY1 1AD");
    child.mutable_address()->add_lines("1 Test Street");
    Receive(request, days[i]);
    last = Submit(request).value().receipts(0).contact_id();
  }
  pb::DecideContactRequest decide;
  decide.set_contact_id(last);
  decide.set_decision(pb::DECISION_EARLY_HELP);
  decide.set_rationale("Test rationale");
  EXPECT_EQ(Write<pb::DecideContactResponse>(Hub(), "DecideContact", decide)
                .error()
                .reason,
            "TRIAGE_DECISION_REQUIRED");
}

// A and C share a number with B, but a person said that A is not C.
TEST_P(FrontDoorTest, ThoseToldApartAreNotJoinedThroughAThird) {
  const auto a = Refer(1, "2018-01-08", "2018-01-09");
  pb::SubmitContactRequest late = Form(1);
  Receive(late, "2018-02-05");
  const auto c = Submit(late).value().receipts(0).contact_id();
  SubmitOne(1);
  pb::ConfirmSameChildRequest apart;
  apart.set_contact_id(a.contact_id());
  apart.set_other_contact_id(c);
  Write<pb::ConfirmSameChildResponse>(Hub(), "ConfirmSameChild", apart).value();
  EXPECT_FALSE(Decide(c, pb::DECISION_REFERRAL, false, "2018-02-05")
                   .value()
                   .re_referral());
}

TEST_P(FrontDoorTest, AnAnswerAfterTheDecisionIsKept) {
  const std::string id = SubmitOne(1);
  pb::AnswerReturnRequest answer;
  answer.set_contact_id(id);
  answer.set_answer("Test answer");
  EXPECT_EQ(Write<pb::AnswerReturnResponse>(Police(), "AnswerReturn", answer)
                .error()
                .reason,
            "NOT_RETURNED");
  pb::ReturnContactRequest question;
  question.set_contact_id(id);
  question.set_question("Test question");
  Write<pb::ReturnContactResponse>(Hub(), "ReturnContact", question).value();
  Decide(id, pb::DECISION_EARLY_HELP).value();
  EXPECT_TRUE(
      Write<pb::AnswerReturnResponse>(Police(), "AnswerReturn", answer));
  EXPECT_EQ(Count("contact_notes"), 2);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(FrontDoorTest, AFormOfTenThousandWrongFactorsIsKeptWithAFewWarnings) {
  pb::SubmitContactRequest request = Form(1);
  for (int i = 0; i < 10'000; i++) {
    request.mutable_form()->mutable_concern()->add_factors("ZZ");
  }
  const auto response = Submit(request).value();
  EXPECT_LE(response.warnings_size(), 101);
  EXPECT_EQ(response.warnings(response.warnings_size() - 1).reason(),
            "WARNINGS_CUT");
  EXPECT_EQ(Count("contacts"), 1);
}

TEST_P(FrontDoorTest, AnythingThatTellsOfAWorryIsEnough) {
  std::vector<pb::SubmitContactRequest> forms(5);
  forms[0].mutable_form()->mutable_police()->set_custody(pb::ANSWER_YES);
  forms[1].mutable_form()->mutable_concern()->set_level_of_need(4);
  forms[2].mutable_form()->mutable_concern()->set_history("Test history");
  forms[3].mutable_form()->add_children()->mutable_voice()->set_text("Test");
  forms[4].mutable_form()->add_household()->set_family_name("Test-Harbour");
  for (const auto& form : forms) EXPECT_TRUE(Submit(form));
  EXPECT_EQ(Submit({}).error().reason, "NOTHING_TO_ACT_ON");
}

TEST_P(FrontDoorTest, APlaceholderBirthDateTellsNobodyApart) {
  pb::SubmitContactRequest placeholder = Form(1, "1900-01-01");
  Receive(placeholder, "2018-02-05");
  Refer(1, "2018-01-08", "2018-01-09");
  const auto second = Submit(placeholder).value().receipts(0).contact_id();
  EXPECT_TRUE(Decide(second, pb::DECISION_REFERRAL, false, "2018-02-05")
                  .value()
                  .re_referral());
}

// ---- figures ----

// Whatever happens in whatever order, what is counted from events is what the
// records say; now, and as it was known at any position before.
TEST_P(FrontDoorTest, CountersEqualRecordsAfterAnySequenceOfWork) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % n); };
  std::vector<std::string> contacts, episodes;
  const char* gradings[] = {"", "high", "medium", "standard"};
  for (int step = 0; step < 400; step++) {
    clock_.Advance(std::chrono::hours(7));
    switch (contacts.empty() ? 0 : pick(10)) {
      case 0:
      case 1: {
        pb::SubmitContactRequest request = Form(pick(12));
        request.mutable_form()->mutable_police()->set_risk_grading(
            gradings[pick(4)]);
        request.mutable_form()->set_channel(
            static_cast<pb::Channel>(1 + pick(3)));
        request.mutable_form()->mutable_concern()->set_level_of_need(pick(5));
        Set(request.mutable_form()->mutable_received_time(),
            clock_.Now() - std::chrono::hours(24 * pick(500)));
        contacts.push_back(Submit(request).value().receipts(0).contact_id());
        break;
      }
      case 2:
      case 3: {
        const auto decided =
            Decide(contacts[pick(contacts.size())],
                   static_cast<pb::Decision>(1 + pick(5)), pick(2) == 0);
        if (decided && !decided->episode_id().empty()) {
          episodes.push_back(decided->episode_id());
        }
        break;
      }
      case 4:
        if (!episodes.empty()) {
          (void)Close(episodes[pick(episodes.size())], "");
        }
        break;
      case 5: {
        pb::ReturnContactRequest question;
        question.set_contact_id(contacts[pick(contacts.size())]);
        question.set_question("Test question");
        (void)Write<pb::ReturnContactResponse>(Hub(), "ReturnContact",
                                               question);
        break;
      }
      case 6: {
        pb::AnswerReturnRequest answer;
        answer.set_contact_id(contacts[pick(contacts.size())]);
        answer.set_answer("Test answer");
        (void)Write<pb::AnswerReturnResponse>(Police(), "AnswerReturn", answer);
        pb::AcknowledgeOutcomeRequest acknowledge;
        acknowledge.set_contact_id(contacts[pick(contacts.size())]);
        (void)Write<pb::AcknowledgeOutcomeResponse>(
            Police(), "AcknowledgeOutcome", acknowledge);
        break;
      }
      case 7: {
        pb::ConfirmSameChildRequest same;
        same.set_contact_id(contacts[pick(contacts.size())]);
        same.set_other_contact_id(contacts[pick(contacts.size())]);
        same.set_same(pick(3) > 0);
        (void)Write<pb::ConfirmSameChildResponse>(Hub(), "ConfirmSameChild",
                                                  same);
        break;
      }
      case 8: {
        pb::WithdrawContactRequest withdraw;
        withdraw.set_contact_id(contacts[pick(contacts.size())]);
        withdraw.set_reason("Test reason");
        (void)Write<pb::WithdrawContactResponse>(Police(), "WithdrawContact",
                                                 withdraw);
        pb::MarkRecordedInErrorRequest mark;
        mark.set_contact_id(contacts[pick(contacts.size())]);
        mark.set_reason("Test reason");
        (void)Write<pb::MarkRecordedInErrorResponse>(
            Hub(), "MarkRecordedInError", mark);
        break;
      }
      case 9: {
        pb::ReinstateContactRequest reinstate;
        reinstate.set_contact_id(contacts[pick(contacts.size())]);
        reinstate.set_reason("Test reason");
        (void)Write<pb::ReinstateContactResponse>(Hub(), "ReinstateContact",
                                                  reinstate);
        break;
      }
    }
    if (step % 40 == 39) {
      const counters::Drift drift = Drift();
      EXPECT_EQ(drift.drift, 0) << drift.differences[0].counter << " counted "
                                << drift.differences[0].counted << " recorded "
                                << drift.differences[0].recorded;
      ASSERT_EQ(drift.drift, 0);
    }
  }
  CheckAsKnownThen();
}

INSTANTIATE_TEST_SUITE_P(Engines, FrontDoorTest, support::BothEngines(),
                         support::EngineName);

}  // namespace
}  // namespace seawall::referrals
