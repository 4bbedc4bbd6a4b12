#include "services/waiting/wait.h"

#include <gtest/gtest.h>

namespace seawall::waiting {
namespace {

using std::chrono::days;

Date Day(const char* text) { return ParseDate(text).value(); }

Event On(EventKind kind, Date date, int number = 1) {
  Event event;
  event.kind = kind;
  event.date = date;
  event.happened = StartOfDay(date) + std::chrono::hours(10);
  event.number = number;
  return event;
}
Event Referred(const char* date, int number = 1) {
  return On(EventKind::kReferred, Day(date), number);
}
Event Appointment(Date date, Attendance attendance, int number = 2) {
  Event event = On(EventKind::kAttendance, date, number);
  event.attendance = attendance;
  return event;
}
Event Removed(const char* date, Outcome outcome, int number = 3) {
  Event event = On(EventKind::kRemoved, Day(date), number);
  event.outcome = outcome;
  return event;
}
Event Unavailable(Date from, std::optional<Date> until, int number = 5) {
  Event event = On(EventKind::kUnavailable, from, number);
  event.from = from;
  event.until = until;
  return event;
}

TEST(Waits, ReferralWaitsForItsFirstContact) {
  const auto waits = WaitsOf({Referred("2023-05-01")});
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(waits[0].clock, kFirstContact);
  EXPECT_EQ(waits[0].start, Day("2023-05-01"));
  EXPECT_TRUE(waits[0].WaitingOn(Day("2023-05-01")));
  EXPECT_FALSE(waits[0].WaitingOn(Day("2023-04-30")));
}

TEST(Waits, OnlyAnAttendedAppointmentStopsTheClock) {
  std::vector<Event> events = {Referred("2023-05-01")};
  int number = 2;
  for (const EventKind kind :
       {EventKind::kAccepted, EventKind::kOffered, EventKind::kFamilyContacted,
        EventKind::kRiskCalled, EventKind::kExpedited, EventKind::kPrioritised,
        EventKind::kBlocked, EventKind::kUnavailable, EventKind::kCorrected}) {
    events.push_back(On(kind, Day("2023-06-01"), number++));
  }
  for (const Attendance missed :
       {Attendance::kCouldNotAttend, Attendance::kCancelledByService,
        Attendance::kWasNotBrought}) {
    events.push_back(Appointment(Day("2023-06-02"), missed, number++));
  }
  ASSERT_NE(OpenWait(WaitsOf(events)), nullptr);
  events.push_back(
      Appointment(Day("2023-06-03"), Attendance::kAttended, number));
  const auto waits = WaitsOf(events);
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(waits[0].outcome, Outcome::kSeen);
  EXPECT_TRUE(waits[0].WaitingOn(Day("2023-06-02")));
  EXPECT_FALSE(waits[0].WaitingOn(Day("2023-06-03")))
      << "who is seen on the census date does not wait";
}

TEST(Waits, FirstContactOpensTheNextNamedWait) {
  Event seen = Appointment(Day("2023-06-03"), Attendance::kAttended);
  seen.code = "assessment";
  const auto waits = WaitsOf({Referred("2023-05-01"), seen});
  ASSERT_EQ(waits.size(), 2u);
  EXPECT_EQ(waits[1].clock, "assessment");
  EXPECT_EQ(waits[1].start, Day("2023-06-03"));
  EXPECT_FALSE(waits[1].left);
}

TEST(Waits, ASecondAppointmentThatOpensTheSameWaitLetsItGoOn) {
  Event seen = Appointment(Day("2023-06-03"), Attendance::kAttended);
  seen.code = "treatment";
  Event again = Appointment(Day("2023-07-03"), Attendance::kAttended, 3);
  again.code = "treatment";
  auto waits = WaitsOf({Referred("2023-05-01"), seen, again});
  ASSERT_EQ(waits.size(), 2u);
  EXPECT_EQ(waits[1].start, Day("2023-06-03"));
  EXPECT_FALSE(waits[1].left);
  again.code.clear();
  waits = WaitsOf({Referred("2023-05-01"), seen, again});
  EXPECT_EQ(waits[1].left, Day("2023-07-03"));
}

TEST(Waits, TransferKeepsTheOriginalStart) {
  Event referred = Referred("2023-09-01");
  referred.from = Day("2022-01-10");
  const auto waits = WaitsOf({referred});
  EXPECT_EQ(waits[0].start, Day("2022-01-10"));
  EXPECT_EQ(waits[0].joined, Day("2023-09-01"));
  EXPECT_FALSE(waits[0].WaitingOn(Day("2023-08-31")))
      << "it was on another list until then";
}

TEST(Waits, ReferredAgainWithinFiveDaysOfClosingIsOneSpell) {
  const auto waits = WaitsOf({Referred("2023-05-01"),
                              Removed("2023-06-01", Outcome::kDischarged, 2),
                              Referred("2023-06-06", 3)});
  ASSERT_EQ(waits.size(), 2u);
  EXPECT_EQ(waits[1].start, Day("2023-05-01"));
  EXPECT_EQ(waits[1].joined, Day("2023-06-06"));
}

TEST(Waits, ReferredAgainSixDaysAfterClosingIsANewWait) {
  const auto waits = WaitsOf({Referred("2023-05-01"),
                              Removed("2023-06-01", Outcome::kDischarged, 2),
                              Referred("2023-06-07", 3)});
  EXPECT_EQ(waits.at(1).start, Day("2023-06-07"));
}

TEST(Waits, ReferredTwiceWhileWaitingIsOneWait) {
  const auto waits =
      WaitsOf({Referred("2023-05-01"), Referred("2023-05-20", 2)});
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(waits[0].start, Day("2023-05-01"));
}

TEST(Waits, WhatAsksForATransferWaitsWhenItIsAnswered) {
  Event asked = On(EventKind::kReferred, Day("2023-08-01"));
  asked.code = kAskedFor;
  asked.number = 1;
  EXPECT_TRUE(WaitsOf({asked}).empty());
  Event given = On(EventKind::kTransferGiven, Day("2023-09-01"));
  given.from = Day("2023-01-01");
  given.number = 2;
  const auto waits = WaitsOf({asked, given});
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(FormatDate(waits[0].joined), "2023-09-01");
  EXPECT_EQ(FormatDate(waits[0].start), "2023-01-01");
  Event refused = given;
  refused.kind = EventKind::kTransferRefused;
  refused.from.reset();
  ASSERT_EQ(WaitsOf({asked, refused}).size(), 1u);
  EXPECT_EQ(FormatDate(WaitsOf({asked, refused})[0].joined), "2023-08-01");
  // Asked anew after it was refused.
  Event anew = asked;
  anew.number = 3;
  EXPECT_EQ(WaitsOf({asked, refused, anew}).size(), 1u);
}

TEST(Waits, ATransferIntoASpellBringsItsEarlierStart) {
  Event moved = Referred("2023-05-20", 2);
  moved.from = Day("2022-02-01");
  const auto waits = WaitsOf({Referred("2023-05-01"), moved});
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(waits[0].start, Day("2022-02-01"));
  EXPECT_EQ(waits[0].joined, Day("2023-05-01"));
}

TEST(Waits, EachOutcomeTakesAChildOffTheListOnce) {
  for (const Outcome outcome : {Outcome::kWithdrawn, Outcome::kDischarged,
                                Outcome::kTransferred, Outcome::kDied}) {
    const auto waits =
        WaitsOf({Referred("2023-05-01"), Removed("2023-06-01", outcome, 2),
                 Removed("2023-06-02", Outcome::kDied, 3)});
    ASSERT_EQ(waits.size(), 1u);
    EXPECT_EQ(waits[0].outcome, outcome);
    EXPECT_EQ(waits[0].left, Day("2023-06-01"));
  }
}

TEST(Waits, NobodyWaitsBeforeBirth) {
  Event referred = Referred("2016-09-01");
  referred.from = Day("2004-02-01");
  referred.until = Day("2022-02-03");
  const auto waits =
      WaitsOf({referred, Removed("2016-10-01", Outcome::kDischarged, 2)});
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(waits[0].joined, Day("2022-02-03"));
  EXPECT_EQ(waits[0].start, Day("2022-02-03"));
  EXPECT_EQ(waits[0].left, Day("2022-02-03")) << "a list that adds up";
  EXPECT_FALSE(waits[0].WaitingOn(Day("2016-09-15")));
}

TEST(Waits, TheLastStatementThatStandsSaysWhenTheChildWasBorn) {
  Event referred = Referred("2023-05-01");
  referred.from = Day("2019-01-01");
  referred.until = Day("2021-01-01");
  Event amended = On(EventKind::kAmended, Day("2023-05-01"), 2);
  EXPECT_EQ(WaitsOf({referred})[0].start, Day("2021-01-01"));
  EXPECT_EQ(WaitsOf({referred, amended})[0].start, Day("2019-01-01"));
  amended.is_void = true;
  EXPECT_EQ(WaitsOf({referred, amended})[0].start, Day("2021-01-01"));
}

TEST(Histories, AnEventAddedIsWhereItWouldHaveBeen) {
  const std::vector<Event> events = {
      Referred("2023-05-01", 1),
      Appointment(Day("2023-06-03"), Attendance(), 2),
      Appointment(Day("2023-05-20"), Attendance::kWasNotBrought, 3),
      Appointment(Day("2023-05-20"), Attendance::kAttended, 4)};
  History history;
  for (const Event& event : events) history.Add(event);
  const auto numbers = [](const History& of) {
    std::vector<int> all;
    for (const Event* one : of.in_order()) all.push_back(one->number);
    return all;
  };
  EXPECT_EQ(numbers(history), (std::vector<int>{1, 3, 4, 2}));
  EXPECT_EQ(numbers(history), numbers(events));
  Event correction = On(EventKind::kCorrected, Day("2023-07-01"), 5);
  correction.corrects = 3;
  history.Add(correction);
  EXPECT_EQ(numbers(history), (std::vector<int>{1, 4, 2, 5}));
  EXPECT_TRUE(history.Find(3)->is_void);
  EXPECT_EQ(history.Find(6), nullptr);
  EXPECT_EQ(history.next_number(), 6);
}

TEST(Waits, EventsThatArriveInAnyOrderGiveTheSame) {
  const std::vector<Event> events = {
      Appointment(Day("2023-06-03"), Attendance::kAttended, 1),
      Appointment(Day("2023-05-20"), Attendance::kWasNotBrought, 2),
      Referred("2023-05-01", 3)};
  EXPECT_EQ(WaitsOf(events), WaitsOf({events[2], events[1], events[0]}));
  EXPECT_EQ(WaitsOf(events)[0].left, Day("2023-06-03"));
}

TEST(Waits, VoidEventsAreNotLookedAt) {
  Event seen = Appointment(Day("2023-06-03"), Attendance::kAttended);
  seen.is_void = true;
  EXPECT_NE(OpenWait(WaitsOf({Referred("2023-05-01"), seen})), nullptr);
}

TEST(Waits, AContactOnTheReferralsOwnDayIsNeverBeforeIt) {
  // The referral's day alone is its noon; the contact was at ten.
  Event referred = Referred("2023-05-01");
  referred.happened += std::chrono::hours(2);
  const auto waits = WaitsOf(
      {referred, Appointment(Day("2023-05-01"), Attendance::kAttended)});
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(waits[0].outcome, Outcome::kSeen);
}

TEST(Waits, ContactWithoutAReferralOpensNothing) {
  Event seen = Appointment(Day("2023-06-03"), Attendance::kAttended);
  seen.code = "assessment";
  EXPECT_TRUE(WaitsOf({seen}).empty());
  EXPECT_TRUE(WaitsOf({}).empty());
}

TEST(Waits, ClockChangeNightsAndLeapYearsAreWholeCivilDays) {
  EXPECT_EQ(DaysBetween(Day("2023-03-25"), Day("2023-03-26")), 1);
  EXPECT_EQ(DaysBetween(Day("2023-03-26"), Day("2023-03-27")), 1);
  EXPECT_EQ(DaysBetween(Day("2023-10-28"), Day("2023-10-29")), 1);
  EXPECT_EQ(DaysBetween(Day("2023-10-29"), Day("2023-10-30")), 1);
  EXPECT_EQ(DaysBetween(Day("2024-02-28"), Day("2024-03-01")), 2);
  EXPECT_EQ(DaysBetween(Day("2023-02-28"), Day("2023-03-01")), 1);
  EXPECT_EQ(DaysBetween(Day("2024-02-29"), Day("2025-02-28")), 365);
  // Half past midnight of a summer night is the day before in UTC.
  EXPECT_EQ(CivilDate(ParseInstant("2023-06-30T23:30:00Z").value()),
            Day("2023-07-01"));
  EXPECT_EQ(CivilDate(ParseInstant("2023-10-29T00:30:00Z").value()),
            Day("2023-10-29"));
}

// ---- adjusted waits ----

const Wait kWait{kFirstContact, Day("2023-01-01"), Day("2023-01-01"),
                 std::nullopt, Outcome::kNone};
Date At(int day) { return kWait.start + days(day); }

TEST(ScotlandCamhs, AChildWaiting273DaysCanShow119) {
  const auto adjusted = AdjustScotlandCamhs(
      kWait,
      {Appointment(At(70), Attendance::kWasNotBrought),
       Appointment(At(154), Attendance::kCouldNotAttend, 3)},
      At(273));
  EXPECT_EQ(adjusted.days, 119);
  EXPECT_EQ(adjusted.resets, 2);
  EXPECT_EQ(adjusted.start, At(154));
}

TEST(ScotlandCamhs, ResetAt125DaysAndNotAt126) {
  const auto at = [](int day) {
    return AdjustScotlandCamhs(
        kWait, {Appointment(At(day), Attendance::kWasNotBrought)}, At(200));
  };
  EXPECT_EQ(at(125).days, 75);
  EXPECT_EQ(at(126).days, 200);
}

TEST(ScotlandCamhs, TheFirstLongIntervalEndsAllResetting) {
  const auto adjusted =
      AdjustScotlandCamhs(kWait,
                          {Appointment(At(130), Attendance::kWasNotBrought),
                           Appointment(At(140), Attendance::kWasNotBrought, 3)},
                          At(200));
  EXPECT_EQ(adjusted.days, 200);
}

TEST(ScotlandCamhs, CancelledByTheServiceNeverResets) {
  const auto adjusted = AdjustScotlandCamhs(
      kWait, {Appointment(At(30), Attendance::kCancelledByService)}, At(100));
  EXPECT_EQ(adjusted.days, 100);
}

TEST(ScotlandCamhs, UnavailableDaysCountFirstAndLast) {
  const auto adjusted =
      AdjustScotlandCamhs(kWait, {Unavailable(At(10), At(16))}, At(100));
  EXPECT_EQ(adjusted.unavailable_days, 7);
  EXPECT_EQ(adjusted.days, 93);
}

TEST(ScotlandCamhs, OverlappingUnavailabilityCountsOnce) {
  const auto adjusted = AdjustScotlandCamhs(
      kWait, {Unavailable(At(10), At(19)), Unavailable(At(15), At(24), 6)},
      At(100));
  EXPECT_EQ(adjusted.unavailable_days, 15);
}

TEST(ScotlandCamhs, UnavailabilityWithoutAnEndIsIgnored) {
  EXPECT_EQ(
      AdjustScotlandCamhs(kWait, {Unavailable(At(10), std::nullopt)}, At(100))
          .days,
      100);
  // Nor does it keep a clock from ending its resets.
  const auto adjusted =
      AdjustScotlandCamhs(kWait,
                          {Unavailable(At(10), std::nullopt),
                           Appointment(At(130), Attendance::kWasNotBrought)},
                          At(200));
  EXPECT_EQ(adjusted.resets, 0);
  EXPECT_EQ(adjusted.days, 200);
}

TEST(ScotlandCamhs, UnavailabilityAcrossAResetPausesTheNewClockFromItOn) {
  // 1 to 14, missed on the 6th: the 9 days from the 6th on.
  const auto adjusted =
      AdjustScotlandCamhs(kWait,
                          {Unavailable(At(1), At(14)),
                           Appointment(At(6), Attendance::kWasNotBrought, 6)},
                          At(100));
  EXPECT_EQ(adjusted.start, At(6));
  EXPECT_EQ(adjusted.unavailable_days, 9);
  EXPECT_EQ(adjusted.days, 85);
}

TEST(ScotlandCamhs, UnavailabilityBeforeTheLastResetPausesNothing) {
  const auto adjusted =
      AdjustScotlandCamhs(kWait,
                          {Unavailable(At(1), At(5)),
                           Appointment(At(6), Attendance::kWasNotBrought, 6)},
                          At(100));
  EXPECT_EQ(adjusted.unavailable_days, 0);
  EXPECT_EQ(adjusted.days, 94);
}

TEST(ScotlandCamhs, UnavailabilityIsClippedToTheWait) {
  Wait seen = kWait;
  seen.left = At(50);
  const auto adjusted =
      AdjustScotlandCamhs(seen, {Unavailable(At(40), At(400))}, At(300));
  EXPECT_EQ(adjusted.days, 40);
  EXPECT_EQ(
      AdjustScotlandCamhs(seen, {Unavailable(At(60), At(90))}, At(300)).days,
      50);
}

TEST(ScotlandCamhs, UnavailabilityAfterTheGuaranteePausesNothing) {
  EXPECT_EQ(
      AdjustScotlandCamhs(kWait, {Unavailable(At(126), At(130))}, At(200)).days,
      195);
  EXPECT_EQ(
      AdjustScotlandCamhs(kWait, {Unavailable(At(127), At(131))}, At(200)).days,
      200);
}

TEST(ScotlandCamhs, UnavailabilityInsideAnIntervalShortensIt) {
  const std::vector<Event> events = {
      Unavailable(At(10), At(19)),
      Appointment(At(135), Attendance::kWasNotBrought)};
  EXPECT_EQ(AdjustScotlandCamhs(kWait, events, At(200)).days, 65);
}

TEST(ScotlandCamhs, WhatHappensAfterTheDayAskedIsNotYet) {
  const std::vector<Event> events = {
      Appointment(At(60), Attendance::kWasNotBrought)};
  EXPECT_EQ(AdjustScotlandCamhs(kWait, events, At(59)).days, 59);
  EXPECT_EQ(AdjustScotlandCamhs(kWait, events, At(60)).days, 0);
}

TEST(Missed, APatternIsTwiceNotBroughtOrThreeTimesCancelled) {
  std::vector<Event> events = {Appointment(At(10), Attendance::kWasNotBrought)};
  EXPECT_FALSE(MissedOf(events).IsPattern());
  events.push_back(Appointment(At(20), Attendance::kWasNotBrought, 3));
  EXPECT_TRUE(MissedOf(events).IsPattern());
  events = {Appointment(At(1), Attendance::kCouldNotAttend),
            Appointment(At(2), Attendance::kCouldNotAttend, 3)};
  EXPECT_FALSE(MissedOf(events).IsCancelledOften());
  events.push_back(Appointment(At(3), Attendance::kCouldNotAttend, 4));
  EXPECT_TRUE(MissedOf(events).IsCancelledOften());
  EXPECT_FALSE(MissedOf(events).IsPattern()) << "a flag of its own";
}

}  // namespace
}  // namespace seawall::waiting
