// The lists of any day, as known at any time, on both stores.
#include "services/waiting/lists.h"

#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

class ListsTest : public ServiceTest {};
INSTANTIATE_TEST_SUITE_P(Engines, ListsTest, support::BothEngines(),
                         support::EngineName);

constexpr char kCensus[] = "2023-12-31";

std::string ReasonOf(const Result<pb::EventReceipt>& receipt) {
  return receipt ? "" : receipt.error().reason;
}

TEST_P(ListsTest, ReferralWaitsUntilItsFirstContact) {
  Register("a", "2023-08-01");
  EXPECT_EQ(WaitingAt(kCensus), "1");
  EXPECT_EQ(WaitingAt("2023-07-31"), "0");
  ASSERT_TRUE(Attend("a", "2023-12-31", pb::ATTENDANCE_ATTENDED));
  EXPECT_EQ(WaitingAt(kCensus), "0") << "seen on the census date";
  EXPECT_EQ(WaitingAt("2023-12-30"), "1");
  EXPECT_EQ(Row(kCensus).seen().value(), "1");
}

TEST_P(ListsTest, AServiceOfWhichNothingWasPushedIsUnknownAndNotZero) {
  Register("a", "2023-08-01");
  const pb::ServiceRow row = Row(kCensus, "ot");
  EXPECT_FALSE(row.has_list());
  EXPECT_EQ(row.waiting().value(), "");
  EXPECT_EQ(row.average_weeks().value(), "");
  EXPECT_EQ(row.over(0).value(), "");
}

TEST_P(ListsTest, AClockOfWhichNothingWasPushedIsUnknownToo) {
  Register("a", "2023-08-01");
  Register("b", "2023-08-01", "ot");
  ASSERT_TRUE(
      Attend("b", "2023-09-01", pb::ATTENDANCE_ATTENDED, "treatment", "ot"));
  pb::GetDashboardRequest request;
  request.set_census_date(kCensus);
  request.set_clock("treatment");
  const auto board =
      Ask<pb::GetDashboardResponse>("GetDashboard", request).value();
  EXPECT_EQ(board.rows(0).service(), kSlt);
  EXPECT_FALSE(board.rows(0).has_list());
  EXPECT_EQ(board.rows(2).service(), "ot");
  EXPECT_EQ(board.rows(2).waiting().value(), "1");
}

TEST_P(ListsTest, NothingButAContactStopsAWait) {
  Register("a", "2023-08-01");
  auto letter = About("a", "2023-08-10");
  letter.mutable_contact()->set_kind("UPDATE");
  ASSERT_TRUE(Push(letter));
  ASSERT_TRUE(Attend("a", "2023-09-01", pb::ATTENDANCE_WAS_NOT_BROUGHT));
  ASSERT_TRUE(Attend("a", "2023-09-02", pb::ATTENDANCE_COULD_NOT_ATTEND));
  ASSERT_TRUE(Attend("a", "2023-09-03", pb::ATTENDANCE_CANCELLED_BY_SERVICE));
  EXPECT_EQ(WaitingAt(kCensus), "1");
  EXPECT_EQ(Row(kCensus).longest_weeks().value(), "21");
}

TEST_P(ListsTest, AMonthEndIsAsItWasKnownThenOrAsItIsKnownNow) {
  Register("a", "2023-08-01");
  const Instant then = clock_.Now();
  Tick(std::chrono::hours(24 * 9));
  // Happened before the census, recorded after it.
  ASSERT_TRUE(Attend("a", "2023-12-20", pb::ATTENDANCE_ATTENDED));
  EXPECT_EQ(Row(kCensus, kSlt, then).waiting().value(), "1");
  EXPECT_EQ(Row(kCensus, kSlt, then).balance().residual(), 0);
  EXPECT_EQ(WaitingAt(kCensus), "0");
}

TEST_P(ListsTest, TheSameMessageTwiceIsOneReferral) {
  const std::string id = Register("a", "2023-08-01");
  EXPECT_EQ(Register("a", "2023-08-01"), id);
  EXPECT_EQ(WaitingAt(kCensus), "1");
}

TEST_P(ListsTest, AnotherDayUnderTheSameReferenceIsRefused) {
  Register("a", "2023-08-01");
  EXPECT_EQ(ReasonOf(Push(Referral("a", "2023-08-02"))), "ALREADY_REGISTERED");
}

TEST_P(ListsTest, AReferenceOfAnotherChildIsRefusedAndHidesNobody) {
  Register("a", "2023-08-01");
  auto other = Referral("a", "2023-08-01", kSlt, "Wren");
  other.mutable_referral()->mutable_child()->set_given_name("Test-Dino");
  other.mutable_referral()->mutable_child()->set_date_of_birth("2017-02-03");
  EXPECT_EQ(ReasonOf(Push(other)), "ALREADY_REGISTERED");
  ASSERT_TRUE(Remove("a", "2023-09-01"));
  other.mutable_about()->set_happened_date("2023-10-01");
  EXPECT_EQ(ReasonOf(Push(other)), "ALREADY_REGISTERED");
  EXPECT_TRUE(Push(Referral("a", "2023-10-01")));
}

TEST_P(ListsTest, AnotherReferenceOfTheSameChildIsTheSameSpell) {
  const std::string id = Register("a", "2023-08-01", kSlt, "Robin");
  const auto again = Push(Referral("b", "2023-09-01", kSlt, "Robin")).value();
  EXPECT_EQ(again.referral_id(), id);
  EXPECT_EQ(again.warnings(0).reason(), "SAME_SPELL");
  EXPECT_EQ(WaitingAt(kCensus), "1");
  EXPECT_EQ(Row(kCensus).longest_weeks().value(), "21");
}

TEST_P(ListsTest, ReferredBeforeByAnotherReferenceStartsTheClockThere) {
  Register("a", "2023-09-01", kSlt, "Robin");
  Register("b", "2023-08-01", kSlt, "Robin");
  EXPECT_EQ(WaitingAt(kCensus), "1");
  EXPECT_EQ(Row(kCensus).longest_weeks().value(), "21");
}

TEST_P(ListsTest, TheSameChildAtTwoProvidersIsTwoReferralsAndIsToldToNeither) {
  Register("a", "2023-08-01", kSlt, "Robin");
  const auto other = Push(Referral("x", "2023-09-01", kSlt, "Robin"),
                          Provider("health-visitor"))
                         .value();
  EXPECT_EQ(other.warnings_size(), 0);
  EXPECT_EQ(WaitingAt(kCensus), "2");
}

TEST_P(ListsTest, ReferredAgainFiveDaysAfterLeavingGoesOn) {
  Register("a", "2023-08-01", kSlt, "Robin");
  ASSERT_TRUE(Remove("a", "2023-09-01"));
  Register("b", "2023-09-06", kSlt, "Robin");
  EXPECT_EQ(Row(kCensus).longest_weeks().value(), "21");
  EXPECT_EQ(WaitingAt("2023-09-05"), "0");
}

TEST_P(ListsTest, ReferredAgainSixDaysAfterLeavingIsANewWait) {
  Register("a", "2023-08-01", kSlt, "Robin");
  ASSERT_TRUE(Remove("a", "2023-09-01"));
  Register("b", "2023-09-07", kSlt, "Robin");
  EXPECT_EQ(Row(kCensus).longest_weeks().value(), "16");
}

TEST_P(ListsTest, TwinsWithoutNhsNumbersAreTwoChildren) {
  Register("a", "2023-08-01", kSlt, "Twin");
  auto twin = Referral("b", "2023-08-01", kSlt, "Twin");
  twin.mutable_referral()->mutable_child()->set_given_name("Test-Wren");
  twin.mutable_referral()->mutable_child()->clear_nhs_number();
  ASSERT_TRUE(Push(twin));
  EXPECT_EQ(WaitingAt(kCensus), "2");
}

TEST_P(ListsTest, AReferralRecordedLateIsOfTheSpellItCameIn) {
  const std::string id = Register("a", "2023-01-01", kSlt, "Robin");
  ASSERT_TRUE(Remove("a", "2023-03-01"));
  EXPECT_EQ(Register("b", "2023-02-01", kSlt, "Robin"), id);
  EXPECT_EQ(WaitingAt(kCensus), "0");
  EXPECT_NE(Register("c", "2023-04-01", kSlt, "Robin"), id);
}

TEST_P(ListsTest, AContactOnTheMorningOfTheReferralIsNotLost) {
  Register("a", "2023-08-01");
  auto seen = About("a", "");
  Set(seen.mutable_about()->mutable_happened_time(),
      ParseInstant("2023-08-01T09:00:00Z").value());
  seen.mutable_appointment()->set_attendance(pb::ATTENDANCE_ATTENDED);
  ASSERT_TRUE(Push(seen));
  EXPECT_EQ(WaitingAt(kCensus), "0");
}

TEST_P(ListsTest, ATransferFromItselfMovesNobody) {
  const std::string id = Register("a", "2023-01-01", kSlt, "Robin");
  auto moved = Referral("b", "2023-08-01", kSlt, "Robin");
  moved.mutable_referral()->set_transferred_from(id);
  ASSERT_TRUE(Push(moved));
  EXPECT_EQ(WaitingAt(kCensus), "1");
  EXPECT_EQ(Row(kCensus).longest_weeks().value(), "52");
}

TEST_P(ListsTest, WhoWasSeenThereIsNotTransferredFromThere) {
  const std::string id = Register("a", "2020-01-01", kSlt, "Robin");
  ASSERT_TRUE(Attend("a", "2020-02-01", pb::ATTENDANCE_ATTENDED));
  auto moved = Referral("b", "2023-08-01", "cdc", "Robin");
  moved.mutable_referral()->set_transferred_from(id);
  EXPECT_EQ(ReasonOf(Push(moved)), "NOT_WAITING");
}

TEST_P(ListsTest, ALaterReferralOfASpellBringsItsRoutesAndFlags) {
  auto first = Referral("a", "2023-08-01", kSlt, "Robin");
  first.mutable_referral()->add_flags("EHC_PLAN");
  ASSERT_TRUE(Push(first));
  auto later = Referral("b", "2023-09-01", kSlt, "Robin");
  later.mutable_referral()->add_flags("CHILD_PROTECTION_PLAN");
  ASSERT_TRUE(Push(later));
  {
    store::Reader reader = database_->Read().value();
    const auto row = store_.ByReference(*store::RecordsOf(reader, kArea),
                                        "hospital", kSlt, "a");
    EXPECT_EQ(row->flags,
              (std::vector<std::string>{"CHILD_PROTECTION_PLAN", "EHC_PLAN"}));
  }
  auto last = Referral("c", "2023-10-01", kSlt, "Robin");
  last.mutable_referral()->mutable_routes()->set_never("Test: the father");
  ASSERT_TRUE(Push(last));
  ASSERT_TRUE(Push(Referral("d", "2023-11-01", kSlt, "Robin")));
  store::Reader reader = database_->Read().value();
  const auto records = store::RecordsOf(reader, kArea);
  const auto row = store_.ByReference(*records, "hospital", kSlt, "a").value();
  const auto details = store_.Details(*records, row).value();
  EXPECT_EQ(details.routes().never(), "Test: the father");
  EXPECT_EQ(details.flags_size(), 2);
}

TEST_P(ListsTest, RepeatedCancellationIsAConcernOfItsOwn) {
  Register("a", "2023-08-01");
  for (const char* day : {"2023-09-01", "2023-09-08"}) {
    ASSERT_TRUE(Attend("a", day, pb::ATTENDANCE_COULD_NOT_ATTEND));
  }
  const auto third =
      Attend("a", "2023-09-15", pb::ATTENDANCE_COULD_NOT_ATTEND).value();
  ASSERT_EQ(third.warnings_size(), 1);
  EXPECT_EQ(third.warnings(0).reason(), "REPEATED_CANCELLATION");
  ASSERT_TRUE(Attend("a", "2023-10-01", pb::ATTENDANCE_WAS_NOT_BROUGHT));
  const auto second =
      Attend("a", "2023-10-08", pb::ATTENDANCE_WAS_NOT_BROUGHT).value();
  ASSERT_EQ(second.warnings_size(), 1);
  EXPECT_EQ(second.warnings(0).reason(), "MISSED_APPOINTMENTS");
}

TEST_P(ListsTest, TheSameEventIdLaterOnTheDayIsTheSameEvent) {
  Register("a", "2023-08-01");
  auto missed = About("a", "2024-01-10");
  missed.mutable_about()->set_event_id("e-1");
  missed.mutable_appointment()->set_attendance(pb::ATTENDANCE_WAS_NOT_BROUGHT);
  ASSERT_TRUE(Push(missed));
  Tick(std::chrono::hours(5));
  const auto again = Push(missed);
  ASSERT_TRUE(again) << again.error().reason;
  EXPECT_TRUE(again->already_recorded());
}

TEST_P(ListsTest, AnAreaIsItsCommissionersAlone) {
  Register("a", "2023-08-01");
  area_ = "lancashire";
  Register("b", "2023-08-01");
  Register("c", "2023-08-01");
  EXPECT_EQ(WaitingAt(kCensus), "2");
  area_ = kArea;
  EXPECT_EQ(WaitingAt(kCensus), "1");
}

TEST_P(ListsTest, AReferralAfterTheCensusDoesNotWaitYet) {
  Register("a", "2024-01-01");
  EXPECT_EQ(WaitingAt(kCensus), "0");
}

TEST_P(ListsTest, TransferKeepsItsStartAndLeavesTheOtherList) {
  const std::string id = Register("a", "2023-01-01", kSlt, "Robin");
  auto moved = Referral("b", "2023-08-01", "cdc", "Robin");
  moved.mutable_referral()->set_transferred_from(id);
  ASSERT_TRUE(Push(moved));
  EXPECT_EQ(WaitingAt(kCensus), "0");
  EXPECT_EQ(WaitingAt(kCensus, "cdc"), "1");
  EXPECT_EQ(Row(kCensus, "cdc").longest_weeks().value(), "52");
  EXPECT_EQ(Row("2023-08-31").balance().transferred(), 1);
}

TEST_P(ListsTest, ATransferOfAnotherChildIsRefused) {
  const std::string id = Register("a", "2023-01-01", kSlt, "Robin");
  auto moved = Referral("b", "2023-08-01", "cdc", "Wren");
  moved.mutable_referral()->set_transferred_from(id);
  EXPECT_EQ(ReasonOf(Push(moved)), "REFERRAL_NOT_FOUND");
}

TEST_P(ListsTest, FirstContactOpensTheNextNamedWait) {
  Register("a", "2023-08-01");
  ASSERT_TRUE(Attend("a", "2023-10-01", pb::ATTENDANCE_ATTENDED, "assessment"));
  EXPECT_EQ(WaitingAt(kCensus), "0");
  pb::GetDashboardRequest request;
  request.set_census_date(kCensus);
  request.set_clock("assessment");
  const auto board =
      Ask<pb::GetDashboardResponse>("GetDashboard", request).value();
  EXPECT_EQ(board.rows(0).waiting().value(), "1");
  EXPECT_EQ(board.rows(0).longest_weeks().value(), "13");
}

TEST_P(ListsTest, APromiseGoesByItsOwnNamedClockAlone) {
  Register("a", "2021-08-01", "cdc");
  ASSERT_TRUE(
      Attend("a", "2022-09-01", pb::ATTENDANCE_ATTENDED, "treatment", "cdc"));
  const pb::ServiceRow first = Row(kCensus, "cdc");
  ASSERT_EQ(first.promises_size(), 1);
  EXPECT_EQ(first.promises(0).over_threshold(), 0);
  pb::GetDashboardRequest request;
  request.set_census_date(kCensus);
  request.add_services("cdc");
  request.set_clock("treatment");
  const auto board =
      Ask<pb::GetDashboardResponse>("GetDashboard", request).value();
  ASSERT_EQ(board.rows(0).promises_size(), 2);
  const pb::PromiseState& national = board.rows(0).promises(0);
  EXPECT_EQ(national.promise(), "national-65");
  EXPECT_EQ(national.over_threshold(), 1) << "486 days to treatment";
  EXPECT_EQ(national.standing(), pb::PROMISE_STANDING_OPEN);
}

TEST_P(ListsTest, ACorrectionPutsTheChildBackAndThePastStays) {
  Register("a", "2023-08-01");
  const auto seen = Attend("a", "2023-10-01", pb::ATTENDANCE_ATTENDED).value();
  const Instant then = clock_.Now();
  Tick(std::chrono::hours(24));
  auto wrong = About("a", "2024-01-11");
  wrong.mutable_correction()->set_event(seen.event());
  wrong.mutable_correction()->set_rationale("Test: another child");
  ASSERT_TRUE(Push(wrong));
  EXPECT_EQ(WaitingAt(kCensus), "1");
  EXPECT_EQ(Row(kCensus, kSlt, then).waiting().value(), "0");
  EXPECT_EQ(ReasonOf(Push(wrong)), "EVENT_VOID");
}

TEST_P(ListsTest, EventsBeforeTheirReferralAreRefused) {
  EXPECT_EQ(ReasonOf(Attend("a", "2023-08-02", pb::ATTENDANCE_ATTENDED)),
            "REFERRAL_NOT_FOUND");
  Register("a", "2023-08-01");
  EXPECT_EQ(ReasonOf(Attend("a", "2023-07-31", pb::ATTENDANCE_ATTENDED)),
            "BEFORE_REFERRAL");
  EXPECT_TRUE(Attend("a", "2023-08-01", pb::ATTENDANCE_ATTENDED));
}

TEST_P(ListsTest, NobodyLeavesTwiceSoThatNoQueueIsNegative) {
  Register("a", "2023-08-01");
  ASSERT_TRUE(Remove("a", "2023-09-01"));
  EXPECT_EQ(ReasonOf(Remove("a", "2023-09-02")), "NOT_WAITING");
  EXPECT_EQ(WaitingAt(kCensus), "0");
}

TEST_P(ListsTest, RemovalBeforeTheReferralIsRefused) {
  Register("a", "2023-08-01");
  EXPECT_EQ(ReasonOf(Remove("a", "2023-07-01")), "BEFORE_REFERRAL");
}

TEST_P(ListsTest, AChildNotBroughtIsRemovedOnlyAfterReviewAndNotice) {
  Register("a", "2023-08-01");
  ASSERT_TRUE(Attend("a", "2023-09-01", pb::ATTENDANCE_WAS_NOT_BROUGHT));
  EXPECT_EQ(ReasonOf(Remove("a", "2023-09-02", pb::OUTCOME_DISCHARGED,
                            "WAS_NOT_BROUGHT")),
            "RISK_REVIEW_REQUIRED");
  auto rejection = About("a", "2023-09-02");
  rejection.mutable_rejection();
  EXPECT_EQ(ReasonOf(Push(rejection)), "RISK_REVIEW_REQUIRED");
  auto removal = About("a", "2023-09-02");
  pb::Removal& said = *removal.mutable_removal();
  said.set_outcome(pb::OUTCOME_DISCHARGED);
  said.set_reason("WAS_NOT_BROUGHT");
  said.set_clinician("c-1");
  said.set_risk_review("Test review");
  said.set_gp_told(true);
  EXPECT_EQ(ReasonOf(Push(removal)), "RISK_REVIEW_REQUIRED");
  said.set_referrer_told(true);
  EXPECT_TRUE(Push(removal));
}

TEST_P(ListsTest, AgeRemovesNobody) {
  Register("a", "2023-08-01");
  EXPECT_EQ(ReasonOf(Remove("a", "2023-09-02", pb::OUTCOME_DISCHARGED, "AGE")),
            "AGE_REMOVES_NOBODY");
}

TEST_P(ListsTest, RowsFitTheSchema) {
  const auto checked = store::CheckSchema(database_->writer(), Tables());
  EXPECT_TRUE(checked) << checked.error().message;
}

TEST_P(ListsTest, MissedAppointmentsAreRaisedAsAConcernOnce) {
  Register("a", "2023-08-01");
  ASSERT_TRUE(Attend("a", "2023-09-01", pb::ATTENDANCE_WAS_NOT_BROUGHT));
  const auto second =
      Attend("a", "2023-09-08", pb::ATTENDANCE_WAS_NOT_BROUGHT).value();
  ASSERT_EQ(second.warnings_size(), 1);
  EXPECT_EQ(second.warnings(0).reason(), "MISSED_APPOINTMENTS");
  ASSERT_TRUE(Attend("a", "2023-09-15", pb::ATTENDANCE_WAS_NOT_BROUGHT));
  store::Reader reader = database_->Read().value();
  int concerns = 0;
  const auto journal = ledger::ReadJournal(reader, kArea, 0, 100).value();
  for (const ledger::Recorded& event : journal) {
    concerns += event.kind == "seawall.waiting.v1.ConcernRaised";
  }
  EXPECT_EQ(concerns, 1);
}

TEST_P(ListsTest, TheSameEventIdIsTheSameEvent) {
  Register("a", "2023-08-01");
  auto missed = About("a", "2023-09-01");
  missed.mutable_about()->set_event_id("e-1");
  missed.mutable_appointment()->set_attendance(pb::ATTENDANCE_WAS_NOT_BROUGHT);
  const auto first = Push(missed).value();
  const auto second = Push(missed).value();
  EXPECT_TRUE(second.already_recorded());
  EXPECT_EQ(second.event(), first.event());
  missed.mutable_appointment()->set_attendance(pb::ATTENDANCE_ATTENDED);
  EXPECT_EQ(ReasonOf(Push(missed)), "EVENT_ID_REUSED");
}

TEST_P(ListsTest, NoOtherProviderChangesAReferral) {
  const std::string id = Register("a", "2023-08-01");
  auto seen = About("", "2023-09-01");
  seen.mutable_about()->set_referral_id(id);
  seen.mutable_appointment()->set_attendance(pb::ATTENDANCE_ATTENDED);
  EXPECT_EQ(ReasonOf(Push(seen, Provider("health-visitor"))),
            "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Push(Referral("b", "2023-08-01"), Provider("police"))),
            "NOT_THE_PROVIDER");
}

TEST_P(ListsTest, WhatARequestCannotMeanIsRefused) {
  EXPECT_EQ(ReasonOf(Push(Referral("a", "2023-02-30"))), "DATE_IMPOSSIBLE");
  EXPECT_EQ(ReasonOf(Push(Referral("a", "1989-12-31"))), "DATE_IMPOSSIBLE");
  auto endless = Referral("a", "");
  endless.mutable_about()->mutable_happened_time()->set_seconds(
      std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(ReasonOf(Push(endless)), "DATE_IMPOSSIBLE");
  EXPECT_EQ(ReasonOf(Push(Referral("a", "2024-01-11"))), "TIME_AHEAD");
  EXPECT_EQ(ReasonOf(Push(Referral("a", "2023-01-11", "dentist"))),
            "SERVICE_UNKNOWN");
  EXPECT_EQ(ReasonOf(Push(Referral("", "2023-01-11"))), "CHILD_REQUIRED");
  auto flagged = Referral("a", "2023-01-11");
  flagged.mutable_referral()->add_flags("TALL");
  EXPECT_EQ(ReasonOf(Push(flagged)), "CODE_UNKNOWN");
  EXPECT_EQ(ReasonOf(Push(About("a", "2023-01-11"))), "EVENT_REQUIRED");
  auto expedite = About("a", "2023-01-11");
  expedite.mutable_expedition()->set_goes_first(true);
  EXPECT_EQ(ReasonOf(Push(expedite)), "RATIONALE_REQUIRED");
}

TEST_P(ListsTest, APersonCallsAndAPersonExpeditesHoweverItIsPushed) {
  Register("a", "2023-01-02", "camhs");
  auto called = About("a", "2023-06-01", "camhs");
  called.mutable_call()->set_answer("NO_CHANGE");
  auto expedite = About("a", "2023-06-01", "camhs");
  expedite.mutable_expedition()->set_rationale("Test");
  rpc::Caller system = Provider();
  system.person.clear();
  for (const auto& event : {called, expedite}) {
    EXPECT_EQ(ReasonOf(Push(event, system)), "PERSON_REQUIRED");
    EXPECT_TRUE(Push(event));
  }
}

TEST_P(ListsTest, TheNamedMethodsDoTheSame) {
  pb::RegisterReferralRequest referral;
  *referral.mutable_about() = About("a", "2023-08-01").about();
  *referral.mutable_referral() = Referral("a", "2023-08-01").referral();
  ASSERT_TRUE(
      Write<pb::RegisterReferralResponse>("RegisterReferral", referral));
  pb::RecordAttendanceRequest seen;
  *seen.mutable_about() = About("a", "2023-09-01").about();
  seen.mutable_appointment()->set_attendance(pb::ATTENDANCE_ATTENDED);
  const auto done =
      Write<pb::RecordAttendanceResponse>("RecordAttendance", seen).value();
  EXPECT_EQ(done.receipt().waits(0).outcome(), pb::OUTCOME_SEEN);
}

TEST_P(ListsTest, CensusAheadOrUnreadableIsRefused) {
  EXPECT_EQ(Dashboard("2024-01-11").error().reason, "TIME_AHEAD");
  EXPECT_EQ(Dashboard("December").error().reason, "BAD_PERIOD");
  pb::GetDashboardRequest request;
  request.set_clock("lunch");
  EXPECT_EQ(
      Ask<pb::GetDashboardResponse>("GetDashboard", request).error().reason,
      "CLOCK_UNKNOWN");
}

TEST_P(ListsTest, AdjustedWaitsStandBesideTheHeadline) {
  Register("a", "2023-01-01", "camhs");
  ASSERT_TRUE(
      Attend("a", "2023-03-12", pb::ATTENDANCE_WAS_NOT_BROUGHT, "", "camhs"));
  ASSERT_TRUE(
      Attend("a", "2023-06-04", pb::ATTENDANCE_COULD_NOT_ATTEND, "", "camhs"));
  const pb::ServiceRow row = Row("2023-10-01", "camhs");
  EXPECT_EQ(row.longest_weeks().value(), "39");
  EXPECT_EQ(row.adjusted().mode(), kScotlandCamhs);
  EXPECT_EQ(row.adjusted().longest_weeks(), "17");
  EXPECT_EQ(row.adjusted().children_adjusted(), 1);
}

TEST_P(ListsTest, FiguresAreTheSameOnBothSidesAndHideSmallNumbers) {
  for (int i = 0; i < 9; ++i) {
    Register("s-" + std::to_string(i), "2023-01-01");
    Register("o-" + std::to_string(i), "2023-12-01", "ot");
  }
  Register("c-1", "2023-01-01", "camhs");
  Register("c-2", "2023-01-01", "camhs");
  while (projector_->Step(area_).value()) {
  }
  const Date census = ParseDate("2024-01-31").value();
  const counters::FiguresQuery query{area_,
                                     {"waiting", "waiting_over_18_weeks"},
                                     ParseDate("2024-01-01").value(),
                                     census,
                                     "service",
                                     census};
  const auto figures = [&](bool from_counters, bool suppress) {
    store::Reader reader = database_->Read(true).value();
    const ledger::Head head = ledger::ReadHead(reader, area_).value();
    std::int64_t behind = 0;
    const auto source =
        from_counters
            ? counters::FromCounters(*projector_, area_, behind)
            : counters::FromRecords(definitions_, reader, area_, head.position);
    const auto computed =
        suppress
            ? counters::ComputePublished(definitions_, counters::Populations(),
                                         query, {{census, source}})
            : counters::ComputeFigures(definitions_, counters::Populations(),
                                       query, source);
    std::map<std::string, std::string> shown;
    for (const counters::Figure& one : computed.value()) {
      shown[one.measure + " " + one.group_value] = one.value + one.symbol;
    }
    return shown;
  };
  auto shown = figures(true, false);
  EXPECT_EQ(shown, figures(false, false));
  EXPECT_EQ(shown["waiting "], "20");
  EXPECT_EQ(shown["waiting slt"], "9");
  EXPECT_EQ(shown["waiting_over_18_weeks "], "11");
  EXPECT_EQ(shown["waiting_over_18_weeks ot"], "0");
  shown = figures(true, true);
  EXPECT_EQ(shown, figures(false, true));
  EXPECT_EQ(shown["waiting camhs"], "c");
  EXPECT_EQ(shown["waiting continence"], "0") << "zero hides nobody";
}

TEST_P(ListsTest, CountersAndRecordsAgree) {
  Register("a", "2023-08-01");
  Register("b", "2023-09-01");
  ASSERT_TRUE(Attend("a", "2023-09-05", pb::ATTENDANCE_ATTENDED, "treatment"));
  const auto left = Remove("b", "2023-10-01").value();
  auto wrong = About("b", "2024-01-10");
  wrong.mutable_correction()->set_event(left.event());
  wrong.mutable_correction()->set_rationale("Test");
  ASSERT_TRUE(Push(wrong));
  const auto drift = Drift();
  EXPECT_TRUE(drift.differences.empty());
}

}  // namespace
}  // namespace seawall::waiting
