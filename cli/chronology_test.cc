#include "cli/chronology.h"

#include <gtest/gtest.h>

#include <sstream>

namespace seawall::cli {
namespace {

using referrals::v1::ChronologyEntry;

std::string TimeLine(const ChronologyEntry& entry) {
  Entries entries;
  *entries.Add() = entry;
  std::ostringstream out;
  PrintTimeLine(entries, out);
  return out.str();
}

ChronologyEntry Authorised() {
  ChronologyEntry entry;
  entry.set_subject_id("E-1");
  entry.set_step(4);
  entry.set_what("assessment_authorised");
  entry.set_happened_date("2018-02-01");
  entry.set_recorded_by("council/p-1/social-worker");
  entry.set_team("EAST");
  entry.set_thing_id("A-1");
  entry.set_outcome("CHILD_IN_NEED");
  entry.add_codes("3B");
  entry.set_voice(referrals::v1::VOICE_KIND_OWN_WORDS);
  auto& said = *entry.mutable_said()->mutable_record_step();
  said.set_rationale("Test rationale");
  said.mutable_voice()->set_text("Test words");
  return entry;
}

TEST(TimeLine, SaysWhatWhenWhoAndWhy) {
  EXPECT_EQ(TimeLine(Authorised()),
            "2018-02-01  assessment authorised: CHILD_IN_NEED, 3B; voice: own "
            "words\n"
            "            by council/p-1/social-worker, team EAST [E-1 step 4, "
            "A-1]\n"
            "            text: Test words\n"
            "            rationale: Test rationale\n");
}

TEST(TimeLine, MarksWhatWasVoided) {
  ChronologyEntry entry = Authorised();
  entry.set_is_void(true);
  EXPECT_NE(TimeLine(entry).find("2018-02-01  VOID: assessment authorised"),
            std::string::npos);
}

TEST(TimeLine, OfAContactShowsTheConcernAndNotTheChild) {
  ChronologyEntry entry;
  entry.set_subject_id("C-1");
  entry.set_what("contact_received");
  entry.set_happened_date("2018-01-31");
  entry.set_agency("police");
  auto& form = *entry.mutable_said()->mutable_contact();
  form.set_source("6");
  form.mutable_concern()->set_text("Test concern");
  form.add_children()->set_family_name("Test-Child");
  EXPECT_EQ(TimeLine(entry),
            "2018-01-31  contact received\n"
            "            by police [C-1]\n"
            "            source: 6\n"
            "            text: Test concern\n");
}

TEST(TimeLine, SaysTheLevelOfNeedThatAnAgencySees) {
  ChronologyEntry entry;
  auto& said = *entry.mutable_said()->mutable_contribute();
  said.set_information("Test known");
  EXPECT_EQ(TimeLine(entry).find("level"), std::string::npos);
  said.set_level_of_need(3);
  EXPECT_NE(TimeLine(entry).find("level of need: 3"), std::string::npos);
}

TEST(TimeLine, LetsNoControlSequenceThrough) {
  ChronologyEntry entry = Authorised();
  entry.mutable_said()->mutable_record_step()->set_rationale("Test\x1b[2J");
  EXPECT_EQ(TimeLine(entry).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace seawall::cli
