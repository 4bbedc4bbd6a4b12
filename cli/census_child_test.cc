#include "cli/census_child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seawall::cli {
namespace {

using namespace census;  // NOLINT: its tables and columns
using referrals::v1::CensusChild;
using testing::ElementsAre;
using testing::IsEmpty;
using enum census::Table;
using enum census::Column;

CensusChild WholeChild() {
  CensusChild child;
  child.set_la_child_id("TEST0001");
  child.set_upn("A123");
  child.set_former_upn("B123");
  child.set_date_of_birth("2015-05-01");
  child.set_sex("F");
  child.set_ethnicity("WBRI");
  child.add_disabilities("AUT");
  auto& episode = *child.add_episodes();
  episode.set_referral_date("2023-11-01");
  episode.set_source("6");
  episode.set_primary_need("N1");
  for (const char* factor : {"3B", "4B"}) {
    if (episode.assessments_size() == 0)
      episode.add_assessments()->set_start_date("2023-11-02");
    episode.mutable_assessments(0)->add_factors(factor);
  }
  auto& enquiry = *episode.add_enquiries();
  enquiry.set_start_date("2023-11-03");
  enquiry.set_conference_target_date("2023-11-24");
  enquiry.set_conference_date("2023-11-20");
  auto& plan = *episode.add_protection_plans();
  plan.set_start_date("2023-11-20");
  plan.set_initial_category("NEG");
  plan.set_latest_category("EMO");
  plan.set_previous_plans(1);
  plan.add_review_dates("2024-02-12");
  auto& span = *episode.add_child_in_need_plans();
  span.set_start_date("2023-11-05");
  span.set_end_date("2023-11-20");
  auto& second = *child.add_episodes();
  second.set_referral_date("2022-01-01");
  second.set_no_further_action(true);
  return child;
}

TEST(CensusChild, ComesBackFromRowsAsItWent) {
  const Carried carried = ToCensusChild(ToRecord(WholeChild()));
  EXPECT_EQ(carried.child.DebugString(), WholeChild().DebugString());
  EXPECT_THAT(carried.not_kept, IsEmpty());
}

TEST(CensusChild, WithoutEthnicitySaysThatItIsNotKnown) {
  const ChildRecord record = ToRecord(CensusChild());
  EXPECT_FALSE(record.rows(kChildIdentifiers)[0].Has(kSex));
  EXPECT_EQ(record.rows(kChildCharacteristics)[0].Text(kEthnicity), "NOBT");
}

TEST(CensusChild, TellsWhatHasNoPlaceByItsPathAndNeverByItsValue) {
  ChildRecord record = ToRecord(WholeChild());
  Row& before_court = record.Add(kPreProceedings);
  before_court.Set(kCINdetailsID,
                   record.rows(kCINdetails)[0].Text(kCINdetailsID));
  before_court.Set(kPPStartDate, "2024-01-01");
  EXPECT_THAT(ToCensusChild(record).not_kept,
              ElementsAre("CINdetails[1]/PreProceedings[1]/PPStartDate"));
}

TEST(CensusChild, LeavesOverWhatIsNeitherYesNorNoNorANumber) {
  ChildRecord record;
  Row& episode = record.Add(kCINdetails);
  episode.Set(kCINdetailsID, "1");
  episode.Set(kReferralNFA, "perhaps");
  Row& plan = record.Add(kChildProtectionPlans);
  plan.Set(kCINdetailsID, "1");
  plan.Set(kCPPID, "1");
  plan.Set(kNumberOfPreviousCPP, "many");
  EXPECT_THAT(ToCensusChild(record).not_kept,
              testing::UnorderedElementsAre(
                  "CINdetails[1]/ReferralNFA",
                  "CINdetails[1]/ChildProtectionPlans[1]/NumberOfPreviousCPP"));
}

TEST(CensusChild, OfAnOlderYearHasItsSexFromGender) {
  ChildRecord record;
  record.Add(kChildIdentifiers).Set(kGenderCurrent, "2");
  const Carried carried = ToCensusChild(record);
  EXPECT_EQ(carried.child.sex(), "2");
  EXPECT_THAT(carried.not_kept, IsEmpty());
}

TEST(CensusChild, WithTwoSetsOfIdentifiersKeepsTheFirst) {
  ChildRecord record;
  record.Add(kChildIdentifiers).Set(kLAchildID, "TEST0001");
  record.Add(kChildIdentifiers).Set(kLAchildID, "TEST0002");
  const Carried carried = ToCensusChild(record);
  EXPECT_EQ(carried.child.la_child_id(), "TEST0001");
  EXPECT_THAT(carried.not_kept, ElementsAre("ChildIdentifiers/LAchildID"));
}

}  // namespace
}  // namespace seawall::cli
