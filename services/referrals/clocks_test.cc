#include "services/referrals/clocks.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/tempdir.h"

namespace seawall::referrals {
namespace {

Date Day(const char* text) { return ParseDate(text).value(); }
Instant At(const char* text) { return ParseInstant(text).value(); }

class ClocksTest : public testing::Test {
 protected:
  std::string DueDay(const char* clock, const char* start) const {
    return FormatDate(
        DueDate(Due(*rules_.Find(clock), StartOfDay(Day(start)), calendar_)));
  }

  static Step Made(StepKind kind, const char* thing, const char* day) {
    Step step;
    step.kind = kind;
    step.thing_id = thing;
    step.date = Day(day);
    step.happened = StartOfDay(step.date);
    return step;
  }

  std::vector<ClockState> Of(const Subject& subject,
                             std::vector<Step> steps) const {
    int number = 0;
    for (Step& step : steps) step.number = ++number;
    return ClocksOf(Fold(subject, std::move(steps)), arrival_, rules_,
                    calendar_);
  }
  static const ClockState* Find(const std::vector<ClockState>& clocks,
                                std::string_view name) {
    for (const ClockState& one : clocks) {
      if (one.clock == name) return &one;
    }
    return nullptr;
  }

  ClockRules rules_ = ClockRules::Load("data/clocks.json").value();
  Calendar calendar_ = Calendar::Load("data/bank_holidays.json").value();
  Arrival arrival_{Priority::kGreen, At("2018-03-29T11:00:00Z")};
  Subject episode_{"E-1", Day("2018-03-01")};
};

// ---- lengths, on both sides of bank holidays ----

TEST_F(ClocksTest, TheDayOfReceiptIsDayNought) {
  EXPECT_EQ(DueDay("decision", "2017-06-12"), "2017-06-13");
  EXPECT_EQ(DueDay("decision", "2017-06-16"), "2017-06-19");
  EXPECT_EQ(DueDay("decision", "2017-06-17"), "2017-06-19");
}

TEST_F(ClocksTest, MaundyThursdayIsDueTheTuesdayAfterEaster) {
  EXPECT_EQ(DueDay("decision", "2018-03-29"), "2018-04-03");
  EXPECT_EQ(DueDay("confirmation", "2018-03-29"), "2018-04-04");
}

TEST_F(ClocksTest, AConferenceIsDueFifteenWorkingDaysAfterTheDiscussion) {
  EXPECT_EQ(DueDay("conference", "2018-03-01"), "2018-03-22");
  EXPECT_EQ(DueDay("conference", "2018-03-08"), "2018-03-29");
  // Good Friday and Easter Monday.
  EXPECT_EQ(DueDay("conference", "2018-03-09"), "2018-04-03");
}

TEST_F(ClocksTest, AnAssessmentHasFortyFiveWorkingDays) {
  EXPECT_EQ(DueDay("assessment", "2018-01-02"), "2018-03-06");
  EXPECT_EQ(DueDay("assessment", "2018-03-01"), "2018-05-08");
}

TEST_F(ClocksTest, ReviewsAreDueAfterMonthsAndAtTheEndOfShortOnes) {
  EXPECT_EQ(DueDay("first_review", "2017-11-30"), "2018-02-28");
  EXPECT_EQ(DueDay("first_review", "2019-11-30"), "2020-02-29");
  EXPECT_EQ(DueDay("next_review", "2018-03-31"), "2018-09-30");
}

TEST_F(ClocksTest, ARedTriageHasFourHoursAlsoOverTheChangeOfTheClocks) {
  const ClockRule& red = *rules_.Find("triage_red");
  EXPECT_EQ(Due(red, At("2018-03-25T00:30:00Z"), calendar_),
            At("2018-03-25T04:30:00Z"));
}

TEST_F(ClocksTest, WorkingHoursStopForNightsAndHolidays) {
  const ClockRule rule{"test", "REFERRAL", {},
                       {},     10,         ClockUnit::kWorkingHours};
  // Thursday 15:00 in London: two hours, then the Tuesday after Easter.
  EXPECT_EQ(Due(rule, At("2018-03-29T14:00:00Z"), calendar_),
            At("2018-04-03T16:00:00Z"));
  EXPECT_EQ(Due({"test", "REFERRAL", {}, {}, 1, ClockUnit::kWorkingHours},
                At("2018-03-29T03:00:00Z"), calendar_),
            At("2018-03-29T09:00:00Z"));
}

// ---- what starts and stops them ----

TEST_F(ClocksTest, TheFirstAssessmentRunsFromTheReferralALaterOneFromItsStart) {
  using K = StepKind;
  const auto clocks =
      Of(episode_, {Made(K::kAssessmentStarted, "A1", "2018-03-05"),
                    Made(K::kAssessmentAuthorised, "A1", "2018-04-20"),
                    Made(K::kAssessmentStarted, "A2", "2018-05-01")});
  ASSERT_EQ(clocks.size(), 2u);
  EXPECT_EQ(FormatDate(CivilDate(clocks[0].started)), "2018-03-01");
  EXPECT_TRUE(clocks[0].in_time());
  EXPECT_EQ(clocks[1].thing, "A2");
  EXPECT_EQ(FormatDate(CivilDate(clocks[1].started)), "2018-05-01");
  EXPECT_FALSE(clocks[1].stopped);
}

TEST_F(ClocksTest, TheLastDayIsInTimeAndTheNextIsNot) {
  using K = StepKind;
  const auto held = [&](const char* day) {
    Step discussion = Made(K::kStrategyDiscussionHeld, "S1", "2018-03-01");
    discussion.flags.insert("SECTION_47");
    Step conference = Made(K::kConferenceHeld, "M1", day);
    conference.about = "S1";
    const auto clocks = Of(episode_, {discussion, conference});
    return Find(clocks, "conference")->in_time();
  };
  EXPECT_TRUE(held("2018-03-22"));
  EXPECT_FALSE(held("2018-03-23"));
}

TEST_F(ClocksTest, AnEnquiryThatNeedsNoConferenceStopsWaitingForOne) {
  using K = StepKind;
  Step discussion = Made(K::kStrategyDiscussionHeld, "S1", "2018-03-01");
  discussion.flags.insert("SECTION_47");
  Step completed = Made(K::kSection47Completed, "S1", "2018-03-10");
  completed.outcome = "NO_FURTHER_ACTION";
  EXPECT_EQ(Find(Of(episode_, {discussion, completed}), "conference"), nullptr);
  completed.outcome = "CONFERENCE";
  const auto clocks = Of(episode_, {discussion, completed});
  ASSERT_NE(Find(clocks, "conference"), nullptr);
  EXPECT_FALSE(Find(clocks, "conference")->stopped);
}

TEST_F(ClocksTest, EveryReviewStartsTheNext) {
  using K = StepKind;
  std::vector<Step> steps = {
      Made(K::kProtectionPlanStarted, "P1", "2018-01-10"),
      Made(K::kProtectionPlanReviewed, "P1", "2018-04-10"),
      Made(K::kProtectionPlanReviewed, "P1", "2018-10-11")};
  const auto clocks = Of(episode_, steps);
  EXPECT_TRUE(Find(clocks, "first_review")->in_time());
  std::vector<ClockState> next;
  for (const ClockState& one : clocks) {
    if (one.clock == "next_review") next.push_back(one);
  }
  ASSERT_EQ(next.size(), 2u);
  EXPECT_TRUE(next[0].stopped && !next[0].in_time());
  EXPECT_FALSE(next[1].stopped);
  steps.push_back(Made(K::kProtectionPlanEnded, "P1", "2018-11-01"));
  EXPECT_EQ(Of(episode_, steps).size(), clocks.size() - 2);
}

TEST_F(ClocksTest, AVoidedStepStopsNothing) {
  using K = StepKind;
  Step started = Made(K::kAssessmentStarted, "A1", "2018-03-05");
  Step authorised = Made(K::kAssessmentAuthorised, "A1", "2018-04-20");
  authorised.is_void = true;
  EXPECT_FALSE(Of(episode_, {started, authorised})[0].stopped);
}

TEST_F(ClocksTest, ClosingEndsEveryClockWithoutCountingIt) {
  const auto closed = Made(StepKind::kEpisodeClosed, "", "2018-03-05");
  EXPECT_TRUE(Of(episode_, {closed}).empty());
}

TEST_F(ClocksTest, AGreenTriageIsDueWhenTheDecisionIs) {
  Step opened = Made(StepKind::kTriageOpened, "", "2018-04-03");
  opened.codes = {"police"};
  const auto clocks = Of({"C-1"}, {opened});
  ASSERT_EQ(clocks.size(), 1u);
  EXPECT_EQ(clocks[0].clock, "triage_green");
  EXPECT_EQ(FormatDate(clocks[0].due_date()), "2018-04-03");
}

TEST_F(ClocksTest, TheListIsClearedWhenTheLastAgencyAgreedOrEscalated) {
  using K = StepKind;
  Step opened = Made(K::kTriageOpened, "", "2018-04-03");
  opened.codes = {"police", "hospital"};
  Step decided = Made(K::kTriageDecided, "", "2018-04-03");
  decided.outcome = "EARLY_HELP";
  Step agreed = Made(K::kDecisionAgreed, "", "2018-04-04");
  agreed.agency = "police";
  Step escalated = Made(K::kEscalationRaised, "X1", "2018-04-05");
  escalated.agency = "hospital";
  const auto waiting = Of({"C-1"}, {opened, decided, agreed});
  EXPECT_FALSE(Find(waiting, "clearing")->stopped);
  const auto cleared = Of({"C-1"}, {opened, decided, agreed, escalated});
  EXPECT_TRUE(Find(cleared, "clearing")->in_time());
  EXPECT_FALSE(Find(cleared, "escalation_stage_1")->stopped);
  EXPECT_EQ(FormatDate(Find(cleared, "escalation_stage_1")->due_date()),
            "2018-04-06");
}

// ---- the data ----

TEST(ClockRulesTest, ARuleAboutAMomentThatNothingMakesIsRefused) {
  support::TemporaryFolder folder;
  const auto load = [&](const char* text) {
    std::ofstream(folder.File("clocks.json")) << text;
    return ClockRules::Load(folder.File("clocks.json"));
  };
  EXPECT_EQ(load(R"({"clocks": [{"clock": "x", "starts": "NOTHING",
      "stops": ["REFERRAL"], "length": 1, "unit": "hours", "source": ""}]})")
                .error()
                .reason,
            "CLOCKS_UNREADABLE");
  EXPECT_FALSE(load(R"({"clocks": [{"clock": "x", "starts": "REFERRAL",
      "stops": [], "length": 1, "unit": "fortnights", "source": ""}]})"));
  EXPECT_FALSE(load(R"({"clocks": []})"));
}

}  // namespace
}  // namespace seawall::referrals
