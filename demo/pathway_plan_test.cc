#include "demo/pathway_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "demo/days.h"
#include "libs/base/rounding.h"

namespace seawall::demo {
namespace {

const Calendar& England() {
  static const Calendar calendar = *Calendar::Load("data/bank_holidays.json");
  return calendar;
}

// Made once: it is the same each time.
const Plan& Year() {
  static const Plan plan = *MakePlan(PublishedYear(), 2018, England());
  return plan;
}

const std::vector<Pathway>& Pathways() {
  static const auto pathways =
      *MakePathways(Year(), PublishedPathways(), 2018, England());
  return pathways;
}

ExpectedPathways Counted() { return CountPathways(Pathways(), England()); }

std::vector<Date> DaysOf(const Pathway& pathway, Act act) {
  std::vector<Date> days;
  for (const PlannedStep& step : pathway.steps) {
    if (step.act == act) days.push_back(step.date);
  }
  return days;
}

bool Has(const Pathway& pathway, Act act) {
  return !DaysOf(pathway, act).empty();
}

TEST(Pathways, AssessEightyThreePercentOfTheReferralsOfTheYear) {
  const ExpectedPathways counted = Counted();
  EXPECT_EQ(counted.assessed, 2263);
  EXPECT_EQ(Ratio(counted.assessed, 2726, 100, 0), "83");
}

TEST(Pathways, AuthoriseThePublishedSharesWithoutActionAndInTime) {
  const ExpectedPathways counted = Counted();
  EXPECT_EQ(counted.assessments, 2263);
  EXPECT_EQ(Ratio(counted.no_further_action, counted.assessments, 100, 1),
            "35.5");
  EXPECT_EQ(Ratio(counted.assessments_in_time, counted.assessments, 100, 1),
            "77.9");
}

TEST(Pathways, CompleteThePublishedEnquiriesAndHoldTheirConferences) {
  const ExpectedPathways counted = Counted();
  EXPECT_EQ(counted.enquiries, 1463);
  EXPECT_EQ(Ratio(counted.enquiries, 28605, 10000, 0), "511");
  EXPECT_EQ(counted.to_conference, 493);
  EXPECT_EQ(Ratio(counted.to_conference, counted.enquiries, 100, 1), "33.7");
  EXPECT_EQ(counted.conferences, 500);
  EXPECT_EQ(Ratio(counted.conferences_in_time, counted.conferences, 100, 1),
            "93.6");
}

TEST(Pathways, StartThePlansThatStandAtTheEnd) {
  const ExpectedPathways counted = Counted();
  EXPECT_EQ(counted.plans_started, 402);
  EXPECT_EQ(counted.conferences_to_plan, 402);
  EXPECT_EQ(Ratio(counted.repeat_plans, counted.plans_started, 100, 1), "22.4");
  EXPECT_EQ(counted.plans_open, 278);
  EXPECT_EQ(280 + counted.plans_started - counted.plans_ended, 278);
  EXPECT_GT(counted.need_plans_open, 200);
}

TEST(Pathways, HaveThePublishedChildrenInNeedOnBothDays) {
  const ExpectedPathways counted = Counted();
  EXPECT_EQ(counted.children_in_need_before, 2119);
  EXPECT_EQ(counted.children_in_need, 1834);
  EXPECT_EQ(2119 + 2726 - counted.closures, 1834);
}

TEST(Pathways, AreThereForEveryReferralOnce) {
  std::set<std::pair<bool, std::pair<std::size_t, std::size_t>>> places;
  for (const Pathway& pathway : Pathways()) {
    const PlannedContact& contact =
        FormOf(Year(), pathway).contacts[pathway.contact];
    EXPECT_EQ(contact.outcome, Outcome::kReferral);
    EXPECT_EQ(pathway.closed, contact.closed);
    places.insert({pathway.of_year, {pathway.form, pathway.contact}});
  }
  EXPECT_EQ(places.size(), Pathways().size());
  EXPECT_GT(Pathways().size(), 2726u + 2119u);
}

TEST(Pathways, LieBetweenReferralAndClosureInTheOrderOfTheirDays) {
  for (const Pathway& pathway : Pathways()) {
    Date last = pathway.referred;
    for (const PlannedStep& step : pathway.steps) {
      ASSERT_GE(step.date, last) << FormOf(Year(), pathway).request_id;
      last = step.date;
    }
    ASSERT_LE(last, pathway.closed.value_or(YearEnd()))
        << FormOf(Year(), pathway).request_id;
  }
}

TEST(Pathways, AuthoriseEveryAssessmentOfAClosedEpisode) {
  int left_open = 0;
  for (const Pathway& pathway : Pathways()) {
    const std::size_t started = DaysOf(pathway, Act::kStartAssessment).size();
    const std::size_t authorised = DaysOf(pathway, Act::kAuthorise).size();
    EXPECT_LE(started, 1u);
    if (pathway.closed) {
      EXPECT_EQ(started, authorised);
    } else {
      left_open += started != authorised;
    }
    for (const PlannedStep& step : pathway.steps) {
      EXPECT_EQ(step.act == Act::kAuthorise && step.code.empty(), false);
    }
  }
  EXPECT_EQ(left_open, PublishedPathways().assessments_left_open);
}

TEST(Pathways, HoldOneEnquiryAfterAnother) {
  int several = 0;
  int left_open = 0;
  for (const Pathway& pathway : Pathways()) {
    bool enquiring = false;
    bool conference_due = false;
    int enquiries = 0;
    for (const PlannedStep& step : pathway.steps) {
      if (step.act == Act::kDiscuss) {
        ASSERT_FALSE(enquiring || conference_due);
        enquiring = true;
        ++enquiries;
      } else if (step.act == Act::kCompleteEnquiry) {
        ASSERT_TRUE(enquiring);
        enquiring = false;
        conference_due = step.code == "CONFERENCE";
      } else if (step.act == Act::kConfer) {
        ASSERT_TRUE(conference_due);
        EXPECT_TRUE(England().IsWorkingDay(step.date));
        conference_due = false;
      }
    }
    EXPECT_FALSE(pathway.closed && (enquiring || conference_due));
    several += enquiries > 1;
    left_open += enquiring;
  }
  EXPECT_GT(several, 50);
  EXPECT_EQ(left_open, PublishedPathways().enquiries_left_open);
}

TEST(Pathways, StartPlansAtTheirConferenceAndEndThemAtAReview) {
  for (const Pathway& pathway : Pathways()) {
    const auto starts = DaysOf(pathway, Act::kStartProtection);
    if (starts.empty()) continue;
    ASSERT_EQ(starts.size(), 1u);
    EXPECT_EQ(starts, DaysOf(pathway, Act::kConfer));
    const auto reviews = DaysOf(pathway, Act::kReview);
    for (const Date review : reviews) EXPECT_GT(review, starts.front());
    const auto ends = DaysOf(pathway, Act::kEndProtection);
    if (ends.empty()) {
      EXPECT_FALSE(pathway.closed);
      continue;
    }
    EXPECT_EQ(ends.front(), reviews.back());
  }
}

TEST(Pathways, HoldFirstReviewsWithinThreeMonthsAndLaterOnesWithinSix) {
  int reviews = 0;
  int late = 0;
  for (const Pathway& pathway : Pathways()) {
    if (!Has(pathway, Act::kStartProtection)) continue;
    Date before = DaysOf(pathway, Act::kStartProtection).front();
    int months = 3;
    for (const Date review : DaysOf(pathway, Act::kReview)) {
      ++reviews;
      late += review > AddMonths(before, months);
      before = review;
      months = 6;
    }
    const bool stands = !Has(pathway, Act::kEndProtection);
    if (stands) {
      EXPECT_GT(AddMonths(before, months), YearEnd() - std::chrono::days(25));
    }
  }
  EXPECT_GT(reviews, 600);
  EXPECT_GT(late, reviews * 3 / 100);
  EXPECT_LT(late, reviews * 10 / 100);
}

TEST(Pathways, NeverHaveAChildInNeedPlanBesideAProtectionPlan) {
  for (const Pathway& pathway : Pathways()) {
    bool protection = false;
    bool need = false;
    bool early_help = false;
    for (const PlannedStep& step : pathway.steps) {
      protection |= step.act == Act::kStartProtection;
      need |= step.act == Act::kStartNeedPlan;
      early_help |= step.act == Act::kStartEarlyHelp;
      ASSERT_FALSE(protection && need) << FormOf(Year(), pathway).request_id;
      if (step.act == Act::kEndProtection) protection = false;
      if (step.act == Act::kEndNeedPlan) need = false;
      if (step.act == Act::kEndEarlyHelp) early_help = false;
    }
    EXPECT_FALSE(pathway.closed && (protection || need || early_help));
  }
}

TEST(Pathways, CloseAfterAssessmentOnlyWhereNothingElseFollowed) {
  int closed_after_assessment = 0;
  for (const Pathway& pathway : Pathways()) {
    EXPECT_EQ(pathway.closed.has_value(), !pathway.closure_reason.empty());
    if (pathway.closure_reason != "RC8") continue;
    ++closed_after_assessment;
    EXPECT_TRUE(Has(pathway, Act::kAuthorise));
    EXPECT_FALSE(Has(pathway, Act::kDiscuss));
    EXPECT_FALSE(Has(pathway, Act::kStartNeedPlan));
    const auto wait =
        *pathway.closed - DaysOf(pathway, Act::kAuthorise).front();
    EXPECT_LE(wait, std::chrono::days(75));
  }
  EXPECT_EQ(closed_after_assessment, PublishedPathways().no_further_action);
}

TEST(Pathways, AreTheSameForTheSameSeedAndOthersForAnother) {
  const Plan plan = *MakePlan(TenthOfIt(), 7, England());
  const auto texts = [&](std::uint64_t seed) {
    std::string all;
    const auto pathways =
        *MakePathways(plan, TenthOfPathways(), seed, England());
    for (const Pathway& pathway : pathways) {
      for (const PlannedStep& step : pathway.steps) {
        all += FormatDate(step.date) + step.code + "\n";
      }
    }
    return all;
  };
  EXPECT_EQ(texts(7), texts(7));
  EXPECT_NE(texts(7), texts(8));
}

TEST(Pathways, MeetATenthWithAnySeed) {
  const PathwayTargets targets = TenthOfPathways();
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto plan = MakePlan(TenthOfIt(), seed, England());
    ASSERT_TRUE(plan.has_value()) << seed;
    const auto pathways = MakePathways(*plan, targets, seed, England());
    ASSERT_TRUE(pathways.has_value())
        << seed << ": " << pathways.error().message;
    const ExpectedPathways counted = CountPathways(*pathways, England());
    EXPECT_EQ(counted.assessed, targets.assessed) << seed;
    EXPECT_EQ(counted.assessments_in_time, targets.assessments_in_time) << seed;
    EXPECT_EQ(counted.enquiries, targets.enquiries) << seed;
    EXPECT_EQ(counted.plans_open, targets.plans_open) << seed;
  }
}

TEST(Pathways, SayWhatCannotBeMet) {
  const Plan plan = *MakePlan(TenthOfIt(), 7, England());
  PathwayTargets targets = TenthOfPathways();
  targets.plans_before = 1000;
  const auto pathways = MakePathways(plan, targets, 7, England());
  ASSERT_FALSE(pathways.has_value());
  EXPECT_EQ(pathways.error().reason, "PLAN_IMPOSSIBLE");
  EXPECT_NE(pathways.error().message.find("before the year"),
            std::string::npos);
}

}  // namespace
}  // namespace seawall::demo
