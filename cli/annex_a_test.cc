#include "cli/annex_a.h"

#include <gtest/gtest.h>

#include <map>

namespace seawall::cli {
namespace {

using referrals::v1::CensusEpisode;
using referrals::v1::ChildRecord;

// The columns of a row by their names.
using Row = std::map<std::string, std::string>;

Date Day(const char* text) { return *ParseDate(text); }

// A child of seven with one episode, referred by the police on the day given.
ChildRecord ChildOf(const std::string& referred) {
  ChildRecord record;
  record.mutable_child()->set_la_child_id("Test1");
  record.mutable_child()->set_sex("F");
  record.mutable_child()->set_ethnicity("WBRI");
  record.mutable_child()->set_date_of_birth("2010-04-01");
  CensusEpisode& episode = *record.mutable_child()->add_episodes();
  episode.set_referral_date(referred);
  episode.set_source("6");
  episode.set_primary_need("N1");
  record.add_teams("EAST");
  return record;
}

CensusEpisode& Episode(ChildRecord& record, int i = 0) {
  return *record.mutable_child()->mutable_episodes(i);
}

void AddReferral(ChildRecord& record, const std::string& date) {
  CensusEpisode& episode = *record.mutable_child()->add_episodes();
  episode.set_referral_date(date);
  episode.set_closure_date(date);
  episode.set_no_further_action(true);
}

// Of the six months to 31 March 2018, whose first day is 30 September 2017.
std::vector<Row> List(int number, const ChildRecord& record) {
  const auto index = static_cast<std::size_t>(number - 1);
  const auto rows = AnnexARowsOf(record, SixMonthsTo(Day("2018-03-31")));
  const auto& columns = AnnexALists()[index].columns;
  std::vector<Row> named;
  for (const auto& cells : rows[index]) {
    EXPECT_EQ(cells.size(), columns.size());
    Row& row = named.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) row[columns[i]] = cells[i];
  }
  return named;
}

TEST(AnnexA, HasSevenListsThatBeginWithTheChild) {
  for (const AnnexAList& list : AnnexALists()) {
    EXPECT_EQ(list.columns[0], "Child Unique ID") << list.file;
    EXPECT_EQ(list.columns[4], "Age of Child (Years)") << list.file;
  }
}

TEST(AnnexA, KnowsAYearMoreThanItShows) {
  const AnnexAPeriod period = SixMonthsTo(Day("2018-03-31"));
  EXPECT_EQ(period.start, Day("2017-09-30"));
  EXPECT_EQ(KnownFrom(period), Day("2016-09-30"));
}

TEST(AnnexA, AgeIsThatOfTheLastDay) {
  ChildRecord record = ChildOf("2018-01-10");
  EXPECT_EQ(List(3, record)[0]["Age of Child (Years)"], "7");
  record.mutable_child()->set_date_of_birth("2010-03-31");
  EXPECT_EQ(List(3, record)[0]["Age of Child (Years)"], "8");
  record.mutable_child()->set_date_of_birth("");
  EXPECT_EQ(List(3, record)[0]["Age of Child (Years)"], "");
}

TEST(AnnexA, ContactsAreThoseOfThePeriodWithTheGroupOfTheirSource) {
  ChildRecord record;
  for (const auto& [date, source] : {std::pair("2017-09-29", "6"),
                                     {"2017-09-30", "1A"},
                                     {"2018-03-31", "3F"},
                                     {"2018-04-01", "6"},
                                     {"2018-01-01", ""}}) {
    auto& contact = *record.add_contacts();
    contact.set_received_date(date);
    contact.set_source(source);
  }
  const auto rows = List(1, record);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].at("Date of Contact"), "2017-09-30");
  EXPECT_EQ(rows[0].at("Contact Source"), "a) Individual");
  EXPECT_EQ(rows[1].at("Contact Source"), "d) Health services");
  EXPECT_EQ(rows[2].at("Contact Source"), "k) Unknown");
}

TEST(AnnexA, EarlyHelpIsWhatWasOpenInThePeriod) {
  ChildRecord record;
  for (const auto& [start, end] : {std::pair("2017-01-01", "2017-09-29"),
                                   {"2017-01-01", "2017-09-30"},
                                   {"2018-03-31", "2018-04-10"},
                                   {"2018-04-01", ""}}) {
    auto& span = *record.add_early_help();
    span.set_start_date(start);
    span.set_end_date(end);
  }
  const auto rows = List(2, record);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("Assessment Completion Date"), "2017-09-30");
  // What ended after the last day was open on it.
  EXPECT_EQ(rows[1].at("Assessment Completion Date"), "");
}

TEST(AnnexA, EarlierReferralsCountBackTwelveMonthsFromTheReferral) {
  ChildRecord record = ChildOf("2018-01-10");
  AddReferral(record, "2017-01-10");  // twelve months before: too long ago
  AddReferral(record, "2017-01-11");
  AddReferral(record, "2018-01-09");
  AddReferral(record, "2018-01-10");  // the same day
  AddReferral(record, "2018-02-01");  // later
  const auto rows = List(3, record);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].at("Number of Referrals in Last 12 Months"), "2");
  EXPECT_EQ(rows[0].at("Referral Source"), "g) Police");
  EXPECT_EQ(rows[0].at("Referral NFA?"), "No");
  EXPECT_EQ(rows[0].at("Allocated Team"), "EAST");
  EXPECT_EQ(rows[1].at("Referral NFA?"), "Yes");
}

TEST(AnnexA, AnAssessmentStandsAsItDidOnTheLastDay) {
  ChildRecord record = ChildOf("2017-08-01");
  record.mutable_child()->add_disabilities("AUT");
  auto& done = *Episode(record).add_assessments();
  done.set_start_date("2017-08-02");
  done.set_authorisation_date("2017-10-01");
  done.set_child_seen_date("2017-08-05");
  done.set_outcome("CHILD_IN_NEED_PLAN");
  auto& open = *Episode(record).add_assessments();
  open.set_start_date("2018-03-01");
  open.set_authorisation_date("2018-04-02");
  open.set_child_seen_date("2018-04-01");
  open.set_outcome("NO_FURTHER_ACTION");
  Episode(record).add_assessments()->set_start_date("2018-04-01");
  const auto rows = List(4, record);
  ASSERT_EQ(rows.size(), 2u);
  const char* needs =
      "Was the Child Assessed as Requiring LA Children's Social Care Support?";
  EXPECT_EQ(rows[0].at("Does the Child Have a Disability"), "Yes");
  EXPECT_EQ(rows[0].at("Child Seen During Continuous Assessment"), "Yes");
  EXPECT_EQ(rows[0].at(needs), "Yes");
  EXPECT_EQ(rows[1].at("Child Seen During Continuous Assessment"), "No");
  EXPECT_EQ(rows[1].at("Continuous Assessment Date of Authorisation"), "");
  EXPECT_EQ(rows[1].at(needs), "");
}

TEST(AnnexA, AnAssessmentThatFoundNothingSaysNo) {
  ChildRecord record = ChildOf("2018-01-10");
  auto& done = *Episode(record).add_assessments();
  done.set_start_date("2018-01-11");
  done.set_authorisation_date("2018-02-01");
  done.set_outcome("NO_FURTHER_ACTION");
  const auto rows = List(4, record);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("Was the Child Assessed as Requiring LA Children's "
                       "Social Care Support?"),
            "No");
  EXPECT_EQ(rows[0].at("Does the Child Have a Disability"), "");
}

TEST(AnnexA, AnEnquiryHasItsConferenceAndThoseBeforeIt) {
  ChildRecord record = ChildOf("2017-06-01");
  auto& before = *Episode(record).add_enquiries();
  before.set_start_date("2017-06-05");
  before.set_conference_not_required(true);
  auto& enquiry = *Episode(record).add_enquiries();
  enquiry.set_start_date("2018-01-10");
  enquiry.set_conference_date("2018-01-25");
  Episode(record).add_protection_plans()->set_start_date("2018-01-25");
  auto& last = *Episode(record).add_enquiries();
  last.set_start_date("2018-03-20");
  last.set_conference_date("2018-04-05");
  record.mutable_child()->add_disabilities("AUT");
  const auto rows = List(5, record);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("Does the Child Have a Disability"), "Yes");
  const char* held = "Date of Initial Child Protection Conference";
  const char* plan =
      "Did the Initial Child Protection Conference Result in a Child "
      "Protection Plan";
  EXPECT_EQ(rows[0].at(held), "2018-01-25");
  EXPECT_EQ(rows[0].at(plan), "Yes");
  EXPECT_EQ(rows[0].at("Number of Section 47 Enquiries in the Last 12 Months"),
            "1");
  EXPECT_EQ(rows[0].at("Number of ICPCs in the Last 12 Months"), "0");
  // Its conference was yet to come on the last day.
  EXPECT_EQ(rows[1].at(held), "");
  EXPECT_EQ(rows[1].at(plan), "");
  EXPECT_EQ(rows[1].at("Number of Section 47 Enquiries in the Last 12 Months"),
            "2");
  EXPECT_EQ(rows[1].at("Number of ICPCs in the Last 12 Months"), "1");
}

std::string Status(const ChildRecord& record) {
  const auto rows = List(6, record);
  return rows.size() == 1 ? rows[0].at("Case Status")
                          : std::to_string(rows.size()) + " rows";
}

TEST(AnnexA, TheStatusOfAChildInNeedIsTheMostThatIsOpen) {
  ChildRecord record = ChildOf("2018-01-10");
  EXPECT_EQ(Status(record), "");
  Episode(record).add_assessments()->set_start_date("2018-01-11");
  EXPECT_EQ(Status(record), "d) Open assessment");
  Episode(record).add_child_in_need_plans()->set_start_date("2018-02-01");
  EXPECT_EQ(Status(record), "c) Child in need plan");
  Episode(record).add_protection_plans()->set_start_date("2018-03-01");
  EXPECT_EQ(Status(record), "b) Child protection plan");
  Episode(record).mutable_protection_plans(0)->set_end_date("2018-03-10");
  EXPECT_EQ(Status(record), "c) Child in need plan");
  Episode(record).set_closure_date("2018-03-31");
  EXPECT_EQ(Status(record), "e) Closed");
}

TEST(AnnexA, WhoWasNotInNeedInThePeriodIsNotListed) {
  ChildRecord record = ChildOf("2017-01-10");
  Episode(record).set_closure_date("2017-09-29");
  EXPECT_EQ(Status(record), "0 rows");
  Episode(record).set_closure_date("2017-09-30");
  EXPECT_EQ(Status(record), "e) Closed");
  Episode(record).set_no_further_action(true);
  EXPECT_EQ(Status(record), "0 rows");
  EXPECT_EQ(Status(ChildOf("2018-04-01")), "0 rows");
}

TEST(AnnexA, AClosureToComeIsNotKnownOnTheLastDay) {
  ChildRecord record = ChildOf("2018-01-10");
  Episode(record).set_closure_date("2018-04-01");
  Episode(record).set_closure_reason("RC7");
  auto& seen = *Episode(record).add_assessments();
  seen.set_start_date("2018-01-11");
  seen.set_child_seen_date("2018-01-12");
  const auto rows = List(6, record);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("CIN Closure Date"), "");
  EXPECT_EQ(rows[0].at("Reason for Closure"), "");
  EXPECT_EQ(rows[0].at("Date Child Was Last Seen"), "2018-01-12");
}

TEST(AnnexA, APlanHasItsLatestReviewAndVisit) {
  ChildRecord record = ChildOf("2017-01-10");
  auto& plan = *Episode(record).add_protection_plans();
  plan.set_start_date("2017-02-01");
  plan.set_initial_category("NEG");
  plan.set_latest_category("EMO");
  plan.set_previous_plans(1);
  for (const char* date : {"2017-10-01", "2017-05-01", "2018-04-01"})
    plan.add_review_dates(date);
  plan.set_last_visit_date("2018-03-20");
  plan.set_seen_alone(true);
  auto rows = List(7, record);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["Initial Category of Abuse"], "NEG");
  EXPECT_EQ(rows[0]["Latest Category of Abuse"], "EMO");
  EXPECT_EQ(rows[0]["Date of Latest Review Conference"], "2017-10-01");
  EXPECT_EQ(rows[0]["Was the Child Seen Alone?"], "Yes");
  EXPECT_EQ(rows[0]["Number of Previous Child Protection Plans"], "1");
  plan.set_last_visit_date("");
  EXPECT_EQ(List(7, record)[0]["Was the Child Seen Alone?"], "");
}

TEST(AnnexA, AnswersWithoutTeamsAreTakenAsTheyAre) {
  ChildRecord record = ChildOf("2018-01-10");
  record.clear_teams();
  EXPECT_EQ(List(3, record)[0]["Allocated Team"], "");
}

}  // namespace
}  // namespace seawall::cli
