#include "cli/census_year.h"

#include <gtest/gtest.h>

namespace seawall::cli {
namespace {

using referrals::v1::CensusChild;
using referrals::v1::CensusEpisode;

// The year from 1 April 2023 to 31 March 2024.
CensusChild Narrowed(CensusChild child) {
  Narrow(CensusYear(2024), child);
  return child;
}

CensusChild ChildOf(const std::string& referred,
                    const std::string& closed = "") {
  CensusChild child;
  CensusEpisode& episode = *child.add_episodes();
  episode.set_referral_date(referred);
  episode.set_closure_date(closed);
  if (!closed.empty()) episode.set_closure_reason("RC7");
  return child;
}

TEST(CensusYear, IsNamedByItsLastDay) {
  const CensusYear year(2024);
  EXPECT_EQ(FormatDate(year.start), "2023-04-01");
  EXPECT_EQ(FormatDate(year.end), "2024-03-31");
}

TEST(Narrow, KeepsEpisodesThatWereOpenAtSomeTimeOfTheYear) {
  EXPECT_EQ(Narrowed(ChildOf("2024-03-31")).episodes_size(), 1);
  EXPECT_EQ(Narrowed(ChildOf("2024-04-01")).episodes_size(), 0);
  EXPECT_EQ(Narrowed(ChildOf("2022-01-01", "2023-04-01")).episodes_size(), 1);
  EXPECT_EQ(Narrowed(ChildOf("2022-01-01", "2023-03-31")).episodes_size(), 0);
}

TEST(Narrow, TakesBackAClosureThatCameAfter) {
  const auto at_the_end = Narrowed(ChildOf("2023-05-01", "2024-03-31"));
  EXPECT_EQ(at_the_end.episodes(0).closure_reason(), "RC7");
  const auto after = Narrowed(ChildOf("2023-05-01", "2024-04-01"));
  EXPECT_EQ(after.episodes(0).closure_date(), "");
  EXPECT_EQ(after.episodes(0).closure_reason(), "");
}

TEST(Narrow, CountsAReferralWithoutFurtherActionUntilThatIsDecided) {
  CensusChild child = ChildOf("2023-03-31");
  auto& episode = *child.mutable_episodes(0);
  episode.set_no_further_action(true);
  episode.set_no_further_action_date("2023-03-31");
  EXPECT_EQ(Narrowed(child).episodes_size(), 0);
  episode.set_no_further_action_date("2023-04-01");
  EXPECT_EQ(Narrowed(child).episodes_size(), 1);
  EXPECT_TRUE(Narrowed(child).episodes(0).no_further_action());
  // On the last day of the year it was not decided yet.
  episode.set_no_further_action_date("2024-04-01");
  EXPECT_FALSE(Narrowed(child).episodes(0).no_further_action());
}

TEST(Narrow, KeepsTheConferenceUnderWhichAChildMovedInYearsAgo) {
  CensusChild child = ChildOf("2022-01-10");
  child.mutable_episodes(0)->set_conference_date("2022-02-01");
  EXPECT_EQ(Narrowed(child).episodes(0).conference_date(), "2022-02-01");
  child.mutable_episodes(0)->set_conference_date("2024-04-01");
  EXPECT_EQ(Narrowed(child).episodes(0).conference_date(), "");
}

TEST(Narrow, ForgetsWhatAnAssessmentFoundAfterTheYear) {
  CensusChild child = ChildOf("2024-03-01");
  auto& open = *child.mutable_episodes(0)->add_assessments();
  open.set_start_date("2024-03-02");
  open.set_authorisation_date("2024-04-01");
  open.add_factors("3B");
  auto& over = *child.mutable_episodes(0)->add_assessments();
  over.set_start_date("2023-03-01");
  over.set_authorisation_date("2023-03-31");
  child.mutable_episodes(0)->add_assessments()->set_start_date("2024-04-01");
  const CensusChild narrowed = Narrowed(child);
  ASSERT_EQ(narrowed.episodes(0).assessments_size(), 1);
  const auto& kept = narrowed.episodes(0).assessments(0);
  EXPECT_EQ(kept.start_date(), "2024-03-02");
  EXPECT_EQ(kept.authorisation_date(), "");
  EXPECT_EQ(kept.factors_size(), 0);
}

TEST(Narrow, KeepsReviewsUpToTheLastDay) {
  CensusChild child = ChildOf("2022-03-01");
  auto& plan = *child.mutable_episodes(0)->add_protection_plans();
  plan.set_start_date("2022-04-01");
  plan.set_end_date("2024-05-01");
  for (const char* date : {"2022-07-01", "2024-03-31", "2024-04-01"})
    plan.add_review_dates(date);
  const CensusChild narrowed = Narrowed(child);
  const auto& kept = narrowed.episodes(0).protection_plans(0);
  EXPECT_EQ(kept.review_dates_size(), 2);
  EXPECT_EQ(kept.end_date(), "");
}

TEST(Narrow, KeepsAnEnquiryUntilItsConference) {
  CensusChild child = ChildOf("2023-03-01");
  auto& held = *child.mutable_episodes(0)->add_enquiries();
  held.set_start_date("2023-03-20");
  held.set_conference_date("2023-04-05");
  auto& over = *child.mutable_episodes(0)->add_enquiries();
  over.set_start_date("2023-03-21");
  over.set_conference_not_required(true);
  over.set_completed_date("2023-03-31");
  auto& to_come = *child.mutable_episodes(0)->add_enquiries();
  to_come.set_start_date("2024-03-28");
  to_come.set_conference_date("2024-04-10");
  const CensusChild narrowed = Narrowed(child);
  ASSERT_EQ(narrowed.episodes(0).enquiries_size(), 2);
  EXPECT_EQ(narrowed.episodes(0).enquiries(0).conference_date(), "2023-04-05");
  EXPECT_EQ(narrowed.episodes(0).enquiries(1).conference_date(), "");
}

}  // namespace
}  // namespace seawall::cli
