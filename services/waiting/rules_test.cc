#include "services/waiting/rules.h"

#include <gtest/gtest.h>

namespace seawall::waiting::rules {
namespace {

Date Day(const char* text) { return ParseDate(text).value(); }

class Rules : public testing::Test {
 protected:
  Rules() { Add(EventKind::kReferred, "2023-05-01"); }

  Event Make(EventKind kind, const char* day) {
    Event event;
    event.kind = kind;
    event.date = Day(day);
    event.happened = StartOfDay(event.date) + std::chrono::hours(12);
    event.number = static_cast<int>(events_.size()) + 1;
    return event;
  }
  Event& Add(EventKind kind, const char* day) {
    events_.push_back(Make(kind, day));
    return events_.back();
  }
  Event Appointment(const char* day, Attendance attendance) {
    Event event = Make(EventKind::kAttendance, day);
    event.attendance = attendance;
    return event;
  }
  Event Removal(const char* day, Outcome outcome, const char* reason) {
    Event event = Make(EventKind::kRemoved, day);
    event.outcome = outcome;
    event.code = reason;
    return event;
  }
  // The reason why not; empty = it may be recorded.
  std::string Why(const Event& event, const RiskReview& review = {}) {
    const auto may =
        MayRecord(event, events_, *catalogue_.Find("slt"), catalogue_, review);
    return may ? "" : may.error().reason;
  }

  Catalogue catalogue_ = Catalogue::Load("data/waiting_services.json").value();
  std::vector<Event> events_;
};

TEST_F(Rules, NothingHappensTheDayBeforeTheReferral) {
  EXPECT_EQ(Why(Make(EventKind::kAccepted, "2023-04-30")), "BEFORE_REFERRAL");
  EXPECT_EQ(Why(Make(EventKind::kAccepted, "2023-05-01")), "");
}

TEST_F(Rules, AReferralTakenBackIsNone) {
  events_[0].is_void = true;
  EXPECT_EQ(Why(Make(EventKind::kAccepted, "2023-05-02")), "BEFORE_REFERRAL");
}

TEST_F(Rules, AnAppointmentSaysWhatBecameOfIt) {
  EXPECT_EQ(Why(Appointment("2023-06-01", Attendance::kUnspecified)),
            "ATTENDANCE_REQUIRED");
  EXPECT_EQ(Why(Appointment("2023-06-01", static_cast<Attendance>(9))),
            "ATTENDANCE_REQUIRED");
  EXPECT_EQ(Why(Appointment("2023-06-01", Attendance::kWasNotBrought)), "");
}

TEST_F(Rules, OnlyAnAttendedAppointmentOpensAWaitThatTheServiceHas) {
  Event event = Appointment("2023-06-01", Attendance::kAttended);
  event.code = "assessment";
  EXPECT_EQ(Why(event), "");
  event.code = "panel";
  EXPECT_EQ(Why(event), "CLOCK_UNKNOWN") << "of another service";
  event.code = kFirstContact;
  EXPECT_EQ(Why(event), "CLOCK_UNKNOWN") << "a contact opens no first one";
  event.code = "assessment";
  event.attendance = Attendance::kWasNotBrought;
  EXPECT_EQ(Why(event), "CLOCK_UNKNOWN");
}

TEST_F(Rules, UnavailabilityEndsNoEarlierThanItBegins) {
  Event event = Make(EventKind::kUnavailable, "2023-06-01");
  event.from = Day("2023-06-10");
  event.until = Day("2023-06-09");
  EXPECT_EQ(Why(event), "DATE_IMPOSSIBLE");
  event.until = Day("2023-06-10");
  EXPECT_EQ(Why(event), "");
  event.until.reset();
  EXPECT_EQ(Why(event), "") << "open-ended";
}

TEST_F(Rules, RiskIsOneToFiveTwice) {
  Event event = Make(EventKind::kPrioritised, "2023-06-01");
  for (const auto& [likelihood, impact] :
       {std::pair{0, 1}, {1, 0}, {6, 1}, {1, 6}}) {
    event.likelihood = likelihood;
    event.impact = impact;
    EXPECT_EQ(Why(event), "RISK_UNKNOWN") << likelihood << impact;
  }
  event.likelihood = 1;
  event.impact = 5;
  EXPECT_EQ(Why(event), "");
}

TEST_F(Rules, CodesAreThoseOfTheData) {
  for (const auto& [kind, known] :
       {std::pair{EventKind::kBlocked, "SCHOOL_INFORMATION"},
        {EventKind::kFamilyContacted, "UPDATE"},
        {EventKind::kRiskCalled, "NO_CHANGE"}}) {
    Event event = Make(kind, "2023-06-01");
    event.code = known;
    EXPECT_EQ(Why(event), "") << known;
    event.code = "SOMETHING";
    EXPECT_EQ(Why(event), "CODE_UNKNOWN") << known;
  }
}

TEST_F(Rules, NobodyLeavesWithoutATypedOutcome) {
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kNone, "")), "OUTCOME_REQUIRED");
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kSeen, "")), "OUTCOME_REQUIRED");
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kWithdrawn, "")),
            "CODE_UNKNOWN");
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kWithdrawn, "MOVED_AWAY")), "");
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kDied, "")), "");
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kDied, "Test-Robin Test")),
            "CODE_UNKNOWN")
      << "no free text lies open";
}

TEST_F(Rules, AnUpperAgeRemovesNobody) {
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kDischarged, "AGE")),
            "AGE_REMOVES_NOBODY");
}

TEST_F(Rules, WhoWasNotBroughtLeavesOnlyAfterReviewAndBothNotices) {
  events_.push_back(Appointment("2023-05-20", Attendance::kWasNotBrought));
  const Event removal =
      Removal("2023-06-01", Outcome::kDischarged, "WAS_NOT_BROUGHT");
  EXPECT_EQ(Why(removal), "RISK_REVIEW_REQUIRED");
  EXPECT_EQ(Why(removal, {"", true, true, true}), "RISK_REVIEW_REQUIRED");
  EXPECT_EQ(Why(removal, {"c-1", false, true, true}), "RISK_REVIEW_REQUIRED");
  EXPECT_EQ(Why(removal, {"c-1", true, false, true}), "RISK_REVIEW_REQUIRED");
  EXPECT_EQ(Why(removal, {"c-1", true, true, false}), "RISK_REVIEW_REQUIRED");
  EXPECT_EQ(Why(removal, {"c-1", true, true, true}), "");
}

TEST_F(Rules, NoOtherOutcomeIsAWayAroundTheReview) {
  events_.push_back(Appointment("2023-05-20", Attendance::kWasNotBrought));
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kWithdrawn, "MOVED_AWAY")),
            "RISK_REVIEW_REQUIRED");
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kTransferred, "")),
            "RISK_REVIEW_REQUIRED");
  EXPECT_EQ(Why(Make(EventKind::kRejected, "2023-06-01")),
            "RISK_REVIEW_REQUIRED");
  EXPECT_EQ(Why(Removal("2023-06-01", Outcome::kDied, "")), "");
}

TEST_F(Rules, NobodyLeavesTwice) {
  events_.push_back(Removal("2023-06-01", Outcome::kWithdrawn, "MOVED_AWAY"));
  EXPECT_EQ(Why(Removal("2023-06-02", Outcome::kWithdrawn, "MOVED_AWAY")),
            "NOT_WAITING");
  EXPECT_EQ(Why(Make(EventKind::kRejected, "2023-06-02")), "NOT_WAITING");
}

TEST_F(Rules, ACorrectionTakesBackAnEventThatIsThereOnce) {
  Add(EventKind::kAccepted, "2023-05-02");
  Event correction = Make(EventKind::kCorrected, "2023-06-01");
  correction.corrects = 9;
  EXPECT_EQ(Why(correction), "EVENT_NOT_FOUND");
  correction.corrects = 2;
  EXPECT_EQ(Why(correction), "");
  events_[1].is_void = true;
  EXPECT_EQ(Why(correction), "EVENT_VOID");
}

TEST_F(Rules, AReferralIsTakenBackLast) {
  Add(EventKind::kAccepted, "2023-05-02");
  Event correction = Make(EventKind::kCorrected, "2023-06-01");
  correction.corrects = 1;
  EXPECT_EQ(Why(correction), "EVENT_NEEDED");
  events_[1].is_void = true;
  EXPECT_EQ(Why(correction), "");
}

TEST_F(Rules, AReferralOfASpellIsTakenBackWhereAnotherOneCarriesTheRest) {
  Add(EventKind::kReferred, "2023-04-01");
  Add(EventKind::kAccepted, "2023-05-02");
  Event correction = Make(EventKind::kCorrected, "2023-06-01");
  correction.corrects = 2;
  EXPECT_EQ(Why(correction), "");
  correction.corrects = 1;
  EXPECT_EQ(Why(correction), "");
  Add(EventKind::kAccepted, "2023-04-30");
  EXPECT_EQ(Why(correction), "");
  correction.corrects = 2;
  EXPECT_EQ(Why(correction), "EVENT_NEEDED");
}

}  // namespace
}  // namespace seawall::waiting::rules
