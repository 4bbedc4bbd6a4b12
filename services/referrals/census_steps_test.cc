#include "services/referrals/census_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seawall::referrals {
namespace {

using testing::ElementsAre;

Date Day(const char* text) { return ParseDate(text).value(); }

class CensusSteps : public testing::Test {
 protected:
  FileEpisode Read(const pb::CensusEpisode& from) {
    return ReadEpisode(from, "episodes[0]", Day("2024-04-02"),
                       {codes_, Day("2025-06-01")}, report_);
  }
  // Kinds and days in the order in which they happened.
  std::vector<std::string> Order(const pb::CensusEpisode& from) {
    std::vector<std::string> order;
    for (const Incoming& one : StepsInOrder(Read(from))) {
      order.push_back(FormatDate(one.step.date).substr(5) + " " +
                      std::string(Name(one.step.kind)));
    }
    return order;
  }

  CodeSets codes_ = CodeSets::Load("data/code_sets.json").value();
  pb::ImportChildResponse report_;
};

TEST_F(CensusSteps, OnOneDayAnEndComesBeforeABeginning) {
  pb::CensusEpisode episode;
  pb::CensusSpan& second = *episode.add_child_in_need_plans();
  second.set_start_date("2024-09-20");
  second.set_end_date("2024-09-20");
  pb::CensusPlan& plan = *episode.add_protection_plans();
  plan.set_start_date("2024-05-19");
  plan.set_end_date("20/09/2024");
  plan.set_initial_category("NEG");
  plan.add_review_dates("2024-09-20T00:00:00");
  pb::CensusSpan& first = *episode.add_child_in_need_plans();
  first.set_start_date("2024-04-03");
  first.set_end_date("2024-05-19");
  episode.set_closure_date("2024-09-20");
  episode.set_closure_reason("RC7");
  EXPECT_THAT(
      Order(episode),
      ElementsAre(
          "04-03 CHILD_IN_NEED_PLAN_STARTED", "05-19 CHILD_IN_NEED_PLAN_ENDED",
          "05-19 PROTECTION_PLAN_STARTED", "09-20 PROTECTION_PLAN_REVIEWED",
          "09-20 PROTECTION_PLAN_ENDED", "09-20 CHILD_IN_NEED_PLAN_STARTED",
          "09-20 CHILD_IN_NEED_PLAN_ENDED", "09-20 EPISODE_CLOSED"));
  EXPECT_EQ(report_.refused_size() + report_.warnings_size(), 0);
}

TEST_F(CensusSteps, AnEnquiryOfOneDayLeadsToItsPlan) {
  pb::CensusEpisode episode;
  pb::CensusPlan& plan = *episode.add_protection_plans();
  plan.set_start_date("2024-05-19");
  plan.set_initial_category("NEG");
  pb::CensusSection47& enquiry = *episode.add_enquiries();
  enquiry.set_start_date("2024-05-19");
  enquiry.set_conference_date("2024-05-19");
  EXPECT_THAT(Order(episode),
              ElementsAre("05-19 STRATEGY_DISCUSSION_HELD",
                          "05-19 SECTION_47_COMPLETED", "05-19 CONFERENCE_HELD",
                          "05-19 PROTECTION_PLAN_STARTED"));
}

TEST_F(CensusSteps, WhatDidNotBeginIsToldAndLeavesTheRest) {
  pb::CensusEpisode episode;
  episode.add_assessments()->set_authorisation_date("2024-05-19");
  episode.add_enquiries()->set_conference_not_required(true);
  episode.add_assessments()->set_start_date("2024-06-31");
  episode.mutable_assessments(1)->set_authorisation_date("2024-07-01");
  episode.add_child_in_need_plans()->set_start_date("2025-06-02");
  EXPECT_TRUE(StepsInOrder(Read(episode)).empty());
  std::vector<std::string> told;
  for (const auto& one : report_.warnings()) told.push_back(one.field());
  for (const auto& one : report_.refused())
    told.push_back(one.field() + " " + one.rule());
  EXPECT_THAT(
      told, ElementsAre(
                "episodes[0].assessments[0]", "episodes[0].enquiries[0]",
                "episodes[0].assessments[1].start_date DATE_IMPOSSIBLE",
                "episodes[0].assessments[1].authorisation_date START_LEFT_OUT",
                "episodes[0].child_in_need_plans[0].start_date TIME_AHEAD"));
}

}  // namespace
}  // namespace seawall::referrals
