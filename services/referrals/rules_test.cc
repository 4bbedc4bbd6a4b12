#include "services/referrals/rules.h"

#include <gtest/gtest.h>

namespace seawall::referrals::rules {
namespace {

Date Day(const char* text) { return ParseDate(text).value(); }

const Rubric kRubric = {
    1,
    {{"voice", 3, ""}, {"consent", 2, ""}, {"analysis", 5, ""}},
    {{Band::kGood, 75}, {Band::kFair, 45}, {Band::kPoor, 0}}};

PoliceRouting Routing() {
  PoliceRouting routing;
  routing.routes = {{"high", Route::kFrontDoor},
                    {"medium", Route::kMultiAgencyTriage},
                    {"standard", Route::kEarlyHelpHub}};
  return routing;
}

// ---- priority ----

TEST(Priority, DangerCustodyAndLevelFourAreRed) {
  Facts danger, custody, level;
  danger.immediate_danger = true;
  custody.custody = true;
  level.level = 4;
  for (const Facts& facts : {danger, custody, level}) {
    EXPECT_EQ(PriorityOf(facts), Priority::kRed);
  }
}

TEST(Priority, LevelThreeAndHighPoliceGradingAreAmber) {
  Facts level, graded;
  level.level = 3;
  graded.grading = "high";
  EXPECT_EQ(PriorityOf(level), Priority::kAmber);
  EXPECT_EQ(PriorityOf(graded), Priority::kAmber);
  EXPECT_EQ(PriorityOf({}), Priority::kGreen);
}

TEST(Priority, RefusedConsentAndPoorInformationNeverLowerIt) {
  for (const Consent consent :
       {Consent::kUnspecified, Consent::kObtained, Consent::kRefused,
        Consent::kDispensedWith, Consent::kNotSought}) {
    for (int level = 0; level <= 4; level++) {
      Facts full, poor;
      full.level = poor.level = level;
      full.met = {"voice", "consent", "analysis"};
      poor.consent = consent;
      EXPECT_EQ(PriorityOf(full), PriorityOf(poor));
    }
  }
}

// ---- age ----

TEST(Age, BornOn29FebruaryIsOlderOn1March) {
  Facts leap;
  leap.birth_date = Day("2024-02-29");
  for (const auto& [years, before, after] :
       {std::tuple(1, "UNDER_1", "1_TO_4"),
        {5, "1_TO_4", "5_TO_9"},
        {10, "5_TO_9", "10_TO_15"},
        {17, "16_AND_OVER", "16_AND_OVER"}}) {
    const std::string year = std::to_string(2024 + years);
    EXPECT_TRUE(IsUnder(leap, years, Day((year + "-02-28").c_str())));
    EXPECT_FALSE(IsUnder(leap, years, Day((year + "-03-01").c_str())));
    EXPECT_EQ(AgeBand(leap, Day((year + "-02-28").c_str())), before);
    EXPECT_EQ(AgeBand(leap, Day((year + "-03-01").c_str())), after);
  }
}

// ---- route ----

TEST(Route, PoliceReportsGoByTheirGrading) {
  Facts facts;
  facts.from_police = true;
  facts.grading = "high";
  EXPECT_EQ(RouteOf(facts, Routing()), Route::kFrontDoor);
  facts.grading = "medium";
  EXPECT_EQ(RouteOf(facts, Routing()), Route::kMultiAgencyTriage);
  facts.grading = "standard";
  EXPECT_EQ(RouteOf(facts, Routing()), Route::kEarlyHelpHub);
}

TEST(Route, AnUnknownGradingAndEveryOtherSourceGoToTheFrontDoor) {
  Facts facts;
  facts.from_police = true;
  facts.grading = "whatever";
  EXPECT_EQ(RouteOf(facts, Routing()), Route::kFrontDoor);
  facts.from_police = false;
  facts.grading = "standard";
  EXPECT_EQ(RouteOf(facts, Routing()), Route::kFrontDoor);
}

TEST(Route, AChildInDangerGoesToTheFrontDoorWhateverTheGrading) {
  Facts facts;
  facts.from_police = true;
  facts.grading = "standard";
  facts.immediate_danger = true;
  EXPECT_EQ(RouteOf(facts, Routing()), Route::kFrontDoor);
}

// ---- quality ----

TEST(Quality, PointsAndFailedCriteriaComeFromTheRubric) {
  Facts facts;
  facts.met = {"voice", "analysis"};
  const Score score = ScoreOf(facts, kRubric);
  EXPECT_EQ(score.score, 8);
  EXPECT_EQ(score.maximum, 10);
  EXPECT_EQ(score.band, Band::kGood);
  EXPECT_EQ(score.failed, std::vector<std::string>{"consent"});
}

TEST(Quality, BandsBeginExactlyAtTheirShare) {
  const Rubric rubric = {1,
                         {{"a", 75, ""}, {"b", 25, ""}, {"c", 0, ""}},
                         {{Band::kGood, 75}, {Band::kPoor, 0}}};
  Facts at, below;
  at.met = {"a"};
  below.met = {"b"};
  EXPECT_EQ(ScoreOf(at, rubric).band, Band::kGood);
  EXPECT_EQ(ScoreOf(below, rubric).band, Band::kPoor);
}

TEST(Triage, AChildIsUnderOneUntilTheFirstBirthday) {
  Facts facts;
  facts.birth_date = Day("2017-06-12");
  EXPECT_TRUE(IsUnder(facts, 1, Day("2018-06-11")));
  EXPECT_FALSE(IsUnder(facts, 1, Day("2018-06-12")));
}

TEST(Triage, AnUnbornChildIsUnderOneAndAnUnknownAgeIsNot) {
  Facts unborn;
  unborn.expected_birth_date = Day("2018-09-01");
  EXPECT_TRUE(IsUnder(unborn, 1, Day("2018-06-12")));
  EXPECT_FALSE(IsUnder({}, 1, Day("2018-06-12")));
}

TEST(Triage, TheThirdPoliceIncidentNeedsANamedDecision) {
  EXPECT_FALSE(TriageDecisionRequired(Routing(), true, false, 2));
  EXPECT_TRUE(TriageDecisionRequired(Routing(), true, false, 3));
  EXPECT_TRUE(TriageDecisionRequired(Routing(), true, true, 1));
  EXPECT_FALSE(TriageDecisionRequired(Routing(), false, true, 5));
}

// ---- deciding ----

Case Open() {
  Case known;
  known.state = State::kAwaitingScreening;
  known.consent = Consent::kObtained;
  known.level = 2;
  return known;
}

Proposal Decide(Decision decision) {
  Proposal proposal;
  proposal.decision = decision;
  proposal.has_rationale = true;
  return proposal;
}

std::string ReasonOf(const Result<void>& result) {
  return result ? "" : result.error().reason;
}

TEST(Decision, EveryDecisionNeedsARationale) {
  Proposal proposal = Decide(Decision::kReferral);
  proposal.has_rationale = false;
  EXPECT_EQ(ReasonOf(CheckDecision(Open(), proposal)), "RATIONALE_REQUIRED");
  EXPECT_EQ(ReasonOf(CheckDecision(Open(), Decide(Decision::kUnspecified))),
            "DECISION_UNKNOWN");
}

// A client of a later version may know decisions that we do not.
TEST(Decision, ANumberThatIsNoDecisionIsRefused) {
  EXPECT_EQ(ReasonOf(CheckDecision(Open(), Decide(static_cast<Decision>(99)))),
            "DECISION_UNKNOWN");
}

TEST(Decision, ADecidedContactIsOnlyCorrected) {
  Case known = Open();
  known.state = State::kDecided;
  Proposal proposal = Decide(Decision::kEarlyHelp);
  EXPECT_EQ(ReasonOf(CheckDecision(known, proposal)), "ALREADY_DECIDED");
  proposal.corrects = true;
  EXPECT_EQ(ReasonOf(CheckDecision(known, proposal)), "");
  EXPECT_EQ(ReasonOf(CheckDecision(Open(), proposal)), "NOT_DECIDED");
}

TEST(Decision, ASecondReferralJoinsTheOpenEpisode) {
  Case known = Open();
  known.open_episode = true;
  EXPECT_EQ(ReasonOf(CheckDecision(known, Decide(Decision::kReferral))),
            "EPISODE_OPEN");
  EXPECT_EQ(ReasonOf(CheckDecision(known, Decide(Decision::kJoinsOpenEpisode))),
            "");
  EXPECT_EQ(
      ReasonOf(CheckDecision(Open(), Decide(Decision::kJoinsOpenEpisode))),
      "NO_OPEN_EPISODE");
}

TEST(Decision, RefusedConsentBelowLevelFourForcesAThresholdDecision) {
  for (const Decision decision :
       {Decision::kNoFurtherAction, Decision::kInformationAndAdvice,
        Decision::kEarlyHelp}) {
    Case known = Open();
    known.consent = Consent::kRefused;
    Proposal proposal = Decide(decision);
    EXPECT_EQ(ReasonOf(CheckDecision(known, proposal)),
              "THRESHOLD_DECISION_REQUIRED");
    proposal.has_threshold_decision = true;
    EXPECT_EQ(ReasonOf(CheckDecision(known, proposal)), "");
    known.level = 4;
    EXPECT_EQ(ReasonOf(CheckDecision(known, Decide(decision))), "");
  }
}

TEST(Decision, RefusedConsentNeverStopsAReferral) {
  Case known = Open();
  known.consent = Consent::kRefused;
  EXPECT_EQ(ReasonOf(CheckDecision(known, Decide(Decision::kReferral))), "");
}

TEST(Decision, ANamedTriageDecisionIsAskedForWhereItIsNeeded) {
  Case known = Open();
  known.triage_decision_required = true;
  Proposal proposal = Decide(Decision::kEarlyHelp);
  EXPECT_EQ(ReasonOf(CheckDecision(known, proposal)),
            "TRIAGE_DECISION_REQUIRED");
  proposal.has_triage_decision = true;
  EXPECT_EQ(ReasonOf(CheckDecision(known, proposal)), "");
}

// ---- re-referral ----

TEST(ReReferral, WithinTwelveMonthsOfAnEarlierReferral) {
  EXPECT_TRUE(IsReReferral(Day("2018-03-01"), {Day("2017-03-02")}));
  EXPECT_TRUE(IsReReferral(Day("2018-03-01"), {Day("2018-02-28")}));
}

TEST(ReReferral, ExactlyTwelveMonthsIsNoLongerWithin) {
  EXPECT_FALSE(IsReReferral(Day("2018-03-01"), {Day("2017-03-01")}));
}

TEST(ReReferral, ADuplicateOfTheSameDayDoesNotCount) {
  EXPECT_FALSE(IsReReferral(Day("2018-03-01"), {Day("2018-03-01")}));
}

TEST(ReReferral, ALaterReferralDoesNotCount) {
  EXPECT_FALSE(IsReReferral(Day("2018-03-01"), {Day("2018-03-02")}));
}

TEST(ReReferral, TheTwentyNinthOfFebruaryLooksBackToTheTwentyEighth) {
  EXPECT_FALSE(IsReReferral(Day("2020-02-29"), {Day("2019-02-28")}));
  EXPECT_TRUE(IsReReferral(Day("2020-02-29"), {Day("2019-03-01")}));
}

}  // namespace
}  // namespace seawall::referrals::rules
