#include "cli/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <seawall/referrals/v1/journey.pb.h>
#include <seawall/waiting/v1/waiting.pb.h>

#include "cli/errors.h"

namespace seawall::cli {
namespace {

using referrals::v1::AuthoriseAssessment;
using referrals::v1::DecideTriageRequest;
using referrals::v1::EndProtectionPlan;
using referrals::v1::HoldConference;
using referrals::v1::HoldStrategyDiscussion;
using referrals::v1::StartAssessment;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Refused(google::protobuf::Message& message, const char* path,
                    const char* value) {
  const auto set = SetField(message, path, value, "--set");
  if (set) return "OK";
  return set.error().reason + " " + set.error().message;
}

TEST(SetField, SetsEachKindOfField) {
  HoldConference conference;
  EXPECT_EQ(Refused(conference, "outcome", "PROTECTION_PLAN"), "OK");
  EXPECT_EQ(Refused(conference, "transfer_in", "yes"), "OK");
  EXPECT_EQ(conference.outcome(), "PROTECTION_PLAN");
  EXPECT_TRUE(conference.transfer_in());
  DecideTriageRequest decide;
  EXPECT_EQ(Refused(decide, "level_of_need", "4"), "OK");
  EXPECT_EQ(Refused(decide, "version", "4294967296"), "OK");
  EXPECT_EQ(Refused(decide, "decision", "referral"), "OK");
  EXPECT_EQ(Refused(decide, "voice.kind", "own-words"), "OK");
  EXPECT_EQ(decide.level_of_need(), 4);
  EXPECT_EQ(decide.version(), 4294967296);
  EXPECT_EQ(decide.decision(), referrals::v1::DECISION_REFERRAL);
  EXPECT_EQ(decide.voice().kind(), referrals::v1::VOICE_KIND_OWN_WORDS);
}

TEST(SetField, AddsToAListEachTime) {
  AuthoriseAssessment assessment;
  EXPECT_EQ(Refused(assessment, "factors", "3B"), "OK");
  EXPECT_EQ(Refused(assessment, "factors", "4B"), "OK");
  EXPECT_THAT(assessment.factors(), ElementsAre("3B", "4B"));
}

TEST(SetField, BeginsANewEntryWhereTheLastHasThatField) {
  HoldStrategyDiscussion held;
  for (const auto& [path, value] : {std::pair("absences.agency", "school"),
                                    {"absences.reason", "half term"},
                                    {"absences.agency", "health"},
                                    {"absences.reason", "ill"}})
    EXPECT_EQ(Refused(held, path, value), "OK");
  ASSERT_EQ(held.absences_size(), 2);
  EXPECT_EQ(held.absences(0).reason(), "half term");
  EXPECT_EQ(held.absences(1).agency(), "health");
  EXPECT_EQ(held.absences(1).reason(), "ill");
}

TEST(SetField, FindsListsInsideOfFields) {
  EndProtectionPlan ended;
  EXPECT_EQ(Refused(ended, "step_down.agency_views.agency", "police"), "OK");
  EXPECT_EQ(Refused(ended, "step_down.agency_views.agrees", "no"), "OK");
  EXPECT_EQ(Refused(ended, "step_down.agency_views.agency", "school"), "OK");
  EXPECT_EQ(ended.step_down().agency_views_size(), 2);
}

TEST(SetField, RefusesAnUnknownNameWithTheNearestAndAll) {
  AuthoriseAssessment assessment;
  EXPECT_THAT(Refused(assessment, "outcom", "x"),
              AllOf(HasSubstr("USAGE"), HasSubstr("outcome is meant?"),
                    HasSubstr("assessment_id, factors…, outcome")));
  StartAssessment nothing;
  EXPECT_THAT(Refused(nothing, "x", "y"), HasSubstr("there are none"));
}

TEST(SetField, RefusesAValueThatDoesNotFit) {
  DecideTriageRequest decide;
  EXPECT_THAT(Refused(decide, "level_of_need", "four"),
              HasSubstr("whole number"));
  EXPECT_THAT(Refused(decide, "level_of_need", "4x"),
              HasSubstr("whole number"));
  EXPECT_THAT(Refused(decide, "level_of_need", "4294967296"),
              HasSubstr("whole number"));
  EXPECT_THAT(Refused(decide, "decision", "perhaps"), HasSubstr("one of"));
  EXPECT_THAT(Refused(decide, "voice", "x"),
              HasSubstr("fields of its own: kind, text, reason"));
  EXPECT_THAT(Refused(decide, "rationale.x", "y"),
              HasSubstr("no fields of its own"));
  HoldConference conference;
  EXPECT_THAT(Refused(conference, "transfer_in", "maybe"),
              HasSubstr("yes or no"));
}

TEST(SetField, ReadsDaysAndTimesAsPeopleWriteThem) {
  waiting::v1::About about;
  EXPECT_EQ(Refused(about, "happened_date", "03/02/2019"), "OK");
  EXPECT_EQ(about.happened_date(), "2019-02-03");
  EXPECT_EQ(Refused(about, "happened_time", "01/07/2018 10:00"), "OK");
  EXPECT_EQ(about.happened_time().seconds(), 1530435600);
  waiting::v1::About other;
  EXPECT_THAT(Refused(other, "happened_time", "soon"), HasSubstr("no time"));
  EXPECT_EQ(Refused(other, "happened_date", "soon"), "OK") << "kept as given";
  EXPECT_EQ(other.happened_date(), "soon");
}

TEST(PutField, TakesABeginningOnlyWhereAPersonTypes) {
  DecideTriageRequest decide;
  EXPECT_TRUE(PutField(decide, "decision", "ref", Words::kWhole));
  EXPECT_FALSE(PutField(decide, "decision", "ref", Words::kBeginnings));
  EXPECT_EQ(decide.decision(), referrals::v1::DECISION_REFERRAL);
}

TEST(SetField, RefusesToOverwrite) {
  HoldConference conference;
  EXPECT_EQ(Refused(conference, "outcome", "CHILD_IN_NEED"), "OK");
  EXPECT_THAT(Refused(conference, "outcome", "PROTECTION_PLAN"),
              HasSubstr("set twice"));
  EXPECT_EQ(conference.outcome(), "CHILD_IN_NEED");
}

TEST(FieldList, NamesListsAndWhatIsInside) {
  EXPECT_EQ(FieldList(*EndProtectionPlan::descriptor()),
            "plan_id, step_down.{agency_views.{agency, view, agrees}…, "
            "evidence_of_sustained_change, contingency}");
  EXPECT_EQ(FieldList(*StartAssessment::descriptor()), "");
}

}  // namespace
}  // namespace seawall::cli
