#include "services/waiting/duties.h"

#include <gtest/gtest.h>

namespace seawall::waiting {
namespace {

using std::chrono::days;

Date Day(const char* text) { return ParseDate(text).value(); }
Instant At(const char* text) { return ParseInstant(text).value(); }

class DutiesTest : public testing::Test {
 protected:
  DutiesTest() { Add(EventKind::kReferred, "2023-01-02"); }

  Event& Add(EventKind kind, const char* day, const char* code = "") {
    Event event;
    event.kind = kind;
    event.date = Day(day);
    event.happened = StartOfDay(event.date) + std::chrono::hours(12);
    event.number = static_cast<int>(events_.size()) + 1;
    event.code = code;
    events_.push_back(event);
    return events_.back();
  }
  // Whether that duty is owed at the day's noon; overdue or not.
  std::string State(const char* duty, const char* day,
                    const char* service = "camhs",
                    std::optional<Date> born = {}) {
    const Instant now = StartOfDay(Day(day)) + std::chrono::hours(12);
    for (const DutyState& one :
         DutiesOf(*catalogue_.Find(service), events_, now, born)) {
      if (one.duty == duty) return one.IsOverdue(now) ? "overdue" : "due";
    }
    return "";
  }

  Catalogue catalogue_ = Catalogue::Load("data/waiting_services.json").value();
  std::vector<Event> events_;
};

TEST_F(DutiesTest, AcceptanceLetterIsDueTwoWeeksAfterAcceptance) {
  EXPECT_EQ(State("acceptance_letter", "2023-06-01"), "");
  Add(EventKind::kAccepted, "2023-01-10");
  EXPECT_EQ(State("acceptance_letter", "2023-01-24"), "due");
  EXPECT_EQ(State("acceptance_letter", "2023-01-25"), "overdue");
  Add(EventKind::kFamilyContacted, "2023-01-25", "ACCEPTANCE_LETTER");
  EXPECT_EQ(State("acceptance_letter", "2023-01-25"), "");
}

TEST_F(DutiesTest, UpdateIsDueEveryFourMonths) {
  EXPECT_EQ(State("update", "2023-05-02"), "due");
  EXPECT_EQ(State("update", "2023-05-03"), "overdue");
  Add(EventKind::kFamilyContacted, "2023-05-03", "UPDATE");
  EXPECT_EQ(State("update", "2023-09-03"), "due");
  EXPECT_EQ(State("update", "2023-09-04"), "overdue");
}

TEST_F(DutiesTest, FourMonthsFromAMonthEndIsTheMonthEnd) {
  Add(EventKind::kFamilyContacted, "2023-10-31", "UPDATE");
  EXPECT_EQ(State("update", "2024-02-29"), "due");
  EXPECT_EQ(State("update", "2024-03-01"), "overdue");
}

TEST_F(DutiesTest, SayingItAgainMovesNoDayThatIsDue) {
  Add(EventKind::kAccepted, "2023-01-10");
  Add(EventKind::kFamilyContacted, "2023-01-11", "URGENT_PRESENTATION");
  Add(EventKind::kFamilyContacted, "2023-01-12", "DETERIORATION_CALL");
  const auto overdue = [&] {
    EXPECT_EQ(State("urgent_answer", "2023-01-13"), "overdue");
    EXPECT_EQ(State("expedite_review", "2023-01-15"), "overdue");
    EXPECT_EQ(State("acceptance_letter", "2023-01-25"), "overdue");
    EXPECT_EQ(State("update", "2023-05-03"), "overdue");
  };
  overdue();
  Add(EventKind::kFamilyContacted, "2023-01-13", "URGENT_PRESENTATION");
  Add(EventKind::kRiskCalled, "2023-01-15", "DETERIORATED");
  Add(EventKind::kAccepted, "2023-01-25");
  overdue();
}

TEST_F(DutiesTest, DutyLineCallsAreNoUpdate) {
  Add(EventKind::kFamilyContacted, "2023-05-01", "DUTY_LINE");
  EXPECT_EQ(State("update", "2023-05-03"), "overdue");
}

TEST_F(DutiesTest, WeeklyRiskCallsBeginPastEighteenWeeks) {
  // 126 days after the referral: 8 May.
  EXPECT_EQ(State("risk_call", "2023-05-08"), "");
  EXPECT_EQ(State("risk_call", "2023-05-09"), "due");
  EXPECT_EQ(State("risk_call", "2023-05-15"), "due");
  EXPECT_EQ(State("risk_call", "2023-05-16"), "overdue");
  Add(EventKind::kRiskCalled, "2023-05-16", "NOT_REACHED");
  EXPECT_EQ(State("risk_call", "2023-05-16"), "overdue");
  Add(EventKind::kRiskCalled, "2023-05-16", "NO_CHANGE");
  EXPECT_EQ(State("risk_call", "2023-05-23"), "due");
  EXPECT_EQ(State("risk_call", "2023-05-24"), "overdue");
}

TEST_F(DutiesTest, OnlyServicesWithRiskCallsOweThem) {
  EXPECT_EQ(State("risk_call", "2023-12-01", "slt"), "");
}

TEST_F(DutiesTest, UrgentPresentationIsAnsweredWithin24ClockHours) {
  Event& came =
      Add(EventKind::kFamilyContacted, "2023-03-25", "URGENT_PRESENTATION");
  // The night the clocks go forward: 24 hours end at 11 by the clock's face.
  came.happened = At("2023-03-25T10:00:00Z");
  const auto overdue = [&](const char* at) {
    for (const DutyState& one :
         DutiesOf(*catalogue_.Find("camhs"), events_, At(at), std::nullopt)) {
      if (one.duty == "urgent_answer") return one.IsOverdue(At(at));
    }
    return false;
  };
  EXPECT_FALSE(overdue("2023-03-26T09:59:59Z"));
  EXPECT_TRUE(overdue("2023-03-26T10:00:00Z"));
  Event& answered =
      Add(EventKind::kFamilyContacted, "2023-03-26", "URGENT_ANSWER");
  answered.happened = At("2023-03-26T09:00:00Z");
  EXPECT_EQ(State("urgent_answer", "2023-03-27"), "");
}

TEST_F(DutiesTest, DeteriorationOpensAReviewThatAnExpeditionCloses) {
  Add(EventKind::kFamilyContacted, "2023-03-01", "DETERIORATION_CALL");
  EXPECT_EQ(State("expedite_review", "2023-03-03"), "due");
  EXPECT_EQ(State("expedite_review", "2023-03-04"), "overdue");
  Add(EventKind::kExpedited, "2023-03-04", "NOT_FIRST");
  EXPECT_EQ(State("expedite_review", "2023-03-04"), "");
  Add(EventKind::kRiskCalled, "2023-03-09", "DETERIORATED");
  EXPECT_EQ(State("expedite_review", "2023-03-10"), "due");
}

TEST_F(DutiesTest, NationalFloorOfTwelveWeeksIsToldFourWeeksAhead) {
  // 84 days after the referral: 27 March.
  EXPECT_EQ(State("contact_12_weeks", "2023-02-26"), "");
  EXPECT_EQ(State("contact_12_weeks", "2023-02-27"), "due");
  EXPECT_EQ(State("contact_12_weeks", "2023-03-27"), "due");
  EXPECT_EQ(State("contact_12_weeks", "2023-03-28"), "overdue");
  Add(EventKind::kFamilyContacted, "2023-02-26", "UPDATE");
  EXPECT_EQ(State("contact_12_weeks", "2023-03-28"), "overdue");
  Add(EventKind::kFamilyContacted, "2023-02-27", "UPDATE");
  EXPECT_EQ(State("contact_12_weeks", "2023-03-28"), "");
}

TEST_F(DutiesTest, UpperAgeRaisesATransitionSixMonthsAhead) {
  const Date born = Day("2005-12-15");
  EXPECT_EQ(State("transition", "2023-06-14", "camhs", born), "");
  EXPECT_EQ(State("transition", "2023-06-15", "camhs", born), "due");
  EXPECT_EQ(State("transition", "2023-06-16", "camhs", born), "overdue");
  EXPECT_EQ(State("transition", "2023-06-16", "camhs"), "") << "age unknown";
  Add(EventKind::kFamilyContacted, "2023-06-16", "TRANSITION_PLAN");
  EXPECT_EQ(State("transition", "2023-06-16", "camhs", born), "");
}

TEST_F(DutiesTest, NothingIsOwedToAChildWhoWaitsNoMore) {
  Event& seen = Add(EventKind::kAttendance, "2023-02-01");
  seen.attendance = Attendance::kAttended;
  EXPECT_EQ(State("update", "2023-12-01"), "");
}

TEST_F(DutiesTest, ExpeditedThenRiskThenTheLongestWait) {
  const auto urgency = [&] {
    return UrgencyOf(events_, catalogue_, Day("2023-06-01"));
  };
  const Urgency plain = urgency();
  EXPECT_EQ(plain.risk, "UNKNOWN");
  Event& risk = Add(EventKind::kPrioritised, "2023-02-01");
  risk.likelihood = 5;
  risk.impact = 5;
  const Urgency red = urgency();
  EXPECT_EQ(red.risk, "RED");
  const Date early = Day("2022-01-01"), late = Day("2023-01-01");
  const std::string first = "W-1", second = "W-2";
  EXPECT_LT(PlaceOf(red, late, second), PlaceOf(plain, early, first));
  Add(EventKind::kExpedited, "2023-03-01", "FIRST");
  EXPECT_LT(PlaceOf(urgency(), late, second), PlaceOf(red, early, first));
  EXPECT_LT(PlaceOf(plain, early, second), PlaceOf(plain, late, first));
  EXPECT_LT(PlaceOf(plain, late, first), PlaceOf(plain, late, second));
}

TEST_F(DutiesTest, BlockedAndUnavailableChildrenCannotComeAtShortNotice) {
  const auto urgency = [&](const char* day) {
    return UrgencyOf(events_, catalogue_, Day(day));
  };
  Add(EventKind::kBlocked, "2023-02-01", "SCHOOL_INFORMATION");
  EXPECT_EQ(urgency("2023-02-02").blocked_by, "SCHOOL_INFORMATION");
  Add(EventKind::kBlocked, "2023-02-05", "NOTHING");
  EXPECT_EQ(urgency("2023-02-06").blocked_by, "");
  Add(EventKind::kBlocked, "2023-02-05", "PANEL_DATE").until =
      Day("2023-02-20");
  EXPECT_EQ(urgency("2023-02-20").blocked_by, "PANEL_DATE");
  EXPECT_EQ(urgency("2023-02-21").blocked_by, "") << "its day has passed";
  Event& away = Add(EventKind::kUnavailable, "2023-02-06");
  away.from = Day("2023-03-01");
  away.until = Day("2023-03-10");
  EXPECT_FALSE(urgency("2023-02-28").unavailable);
  EXPECT_TRUE(urgency("2023-03-01").unavailable);
  EXPECT_TRUE(urgency("2023-03-10").unavailable);
  EXPECT_FALSE(urgency("2023-03-11").unavailable);
}

}  // namespace
}  // namespace seawall::waiting
